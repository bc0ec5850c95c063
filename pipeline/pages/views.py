"""What the template prints: protected figures with labels, in one language, in reading order.

What does not belong here: exact counts (`protected.py` lets none through), markup.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from pipeline.pages.bands import Band, by_code
from pipeline.pages.phrase import number
from pipeline.pages.protected import NO_YEAR, By, Protected
from pipeline.pages.text import say
from pipeline.quality.flags import Period
from pipeline.quality.grades import EMPTY_ANSWERS, always_answers
from pipeline.quality.profile import fields, profiled_tables
from pipeline.quality.ripeness import NOT_RIPE
from pipeline.quality.rules import FlagSeverity
from pipeline.quality.stewardship import STANDING, UNDECIDED, Stewardship
from pipeline.quality.thresholds import FEWEST_TO_JUDGE
from schemas import BY_NAME, CASE_SYSTEM, codes
from schemas.variable import Column, Population, column, facts, table_name

MOST_YEARS = 20
FIRST_ON_SCREEN = 8
CANNOT_BE = "\N{EN DASH}"  # in place of a figure that by its declaration is always 0
MOST_PANELS = 8
POPULATIONS = (Population.PARTICIPANTS, Population.GRANT_ONLY)


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map."""

    band: Band | None
    n: int | None
    title: str
    below: bool = False
    mark: str = ""  # what stands beside the band, or in its place: «fylles», «svar»


@dataclass
class Sparse:
    """A sparse field of one population, now and over all years; `key` is its FIELD.

    `settled` where stewards have decided about all of it, and no decision has run out.
    """

    key: tuple[str, str, str]
    field: str
    table: str
    population: str
    demand: str
    promise: str
    to_do: str
    latest: Cell
    overall: Cell
    now: bool
    settled: bool
    severity: str


@dataclass(frozen=True)
class Panel:
    """One uneven field: every bydel's band."""

    field: str
    table: str
    population: str
    promise: int
    bydeler: list[tuple[str, Cell]]


@dataclass(frozen=True)
class View:
    """Labels and protected cells of one night, ready to be looked up.

    `waiting` are the cells (FIELD, year) of years that are still filling up.
    """

    language: str
    shown: Protected
    as_of: date
    waiting: frozenset[tuple[str, ...]] = frozenset()
    _cells: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    _judged: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.shown.cells.to_dicts():
            key = (row["table"], row["column"], row["population"], row["by"], row["key"] or "")
            self._cells[key] = row
        for row in self.shown.promised.to_dicts():
            self._judged[row["table"], row["column"], row["population"], row["period"]] = row

    def say(self, key: str, **values: object) -> str:
        """A phrase in the page's language."""
        return say(key, self.language, **values)

    def named(self, table: str, name: str, population: str) -> str:
        """A field by its full name: two tables may have fields with one label."""
        who = self.population(population).lower()
        return self.say("named", field=self.field(table, name), table=self.table(table), population=who)

    def number(self, value: int | None) -> str:
        """A rounded count, or that it is hidden."""
        return self.say("hidden") if value is None else number(value, self.language)

    def table(self, name: str) -> str:
        """A table's label."""
        about = facts(BY_NAME[name])
        return about.nb if self.language == "nb" else about.en

    def field(self, table: str, name: str) -> str:
        """A field's label."""
        about = column(BY_NAME[table], name).about
        return about.nb if self.language == "nb" else about.en

    def full_field(self, table: str, name: str) -> str:
        """A field's label, with its table's where the label alone does not say what it is."""
        label = self.field(table, name)
        return f"{label} ({inside(self.table(table))})" if (table, name) in _generic() else label

    def population(self, name: str) -> str:
        """A population's label."""
        return self.say(f"pop_{name}")

    def cell(self, of: Column, population: str, by: By, key: str = "") -> Cell:
        """The cell of a field; without a `key` the total."""
        row = self._cells.get((of.table, of.name, population, by.value, key))
        if row is None:
            return Cell(band=None, n=None, title=self.say("empty_is"))
        band = by_code().get(row["band"] or "")
        if of.path in always_answers():
            words = codes.GRADE_REASON.labels(self.language)[EMPTY_ANSWERS]
            return Cell(band=None, n=row["n"], title=words, mark=self.say("mark_answer"))
        words = band.label(self.language) if band else self.say("hidden_is")
        low = band is not None and band.is_below(_promise(of))
        waits = low and by is By.YEAR and (of.table, of.name, population, key) in self.waiting
        below = low and not waits
        title = f"{words}, {self.say('of', count=self.number(row['n']))}"
        if below or waits:
            title += f" – {self.say('below' if below else 'still_filling')}"
        return Cell(band, row["n"], title, below=below, mark=self.say("mark_waits") if waits else "")

    def judged(self, of: Column, population: str, period: Period) -> Cell:
        """What a field's promise was judged by over the period; without checks, the total of its cells."""
        row = self._judged.get((of.table, of.name, population, period.value))
        if row is None:
            return self.cell(of, population, By.BYDEL if period is Period.LATEST else By.YEAR)
        if row["reason"] == NOT_RIPE:
            words = codes.CHECK_REASON.labels(self.language)[NOT_RIPE]
            return Cell(band=None, n=None, title=words, mark=self.say("mark_filling"))
        band = by_code().get(row["band"] or "")
        return Cell(band, row["n"], title=band.label(self.language) if band else self.say("hidden_is"))

    def measures(self, of: Column, population: str) -> bool:
        """Whether the field is measured of the population at all."""
        return (of.table, of.name, population, By.YEAR.value, "") in self._cells

    def denominator(self, table: str, population: str, by: By, key: str = "") -> int | None:
        """How many a field of the table is asked of at most, as it is shown; None where none is."""
        cells = (self._cells.get((table, c.name, population, by.value, key)) for c in fields(BY_NAME[table]))
        shown = [row["n"] for row in cells if row is not None and row["n"] is not None]
        return max(shown, default=None)


# «Til», «Kilde», «Gyldig», «Status»: nobody knows of what.
SHORTEST_TELLING_LABEL = 7


@cache
def _generic() -> frozenset[tuple[str, str]]:
    """The measured fields whose label is very short, or is that of another table's field too."""
    measured = [c for table in profiled_tables() for c in fields(table)]
    times = Counter(c.about.nb for c in measured)
    return frozenset(
        (c.table, c.name)
        for c in measured
        if times[c.about.nb] > 1 or len(c.about.nb) < SHORTEST_TELLING_LABEL
    )


def inside(label: str) -> str:
    """A label inside a phrase: its first letter is small, unless it begins an acronym."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def years(view: View) -> list[int]:
    """The latest years in which some table expects enough to be looked at."""
    enough = view.shown.cells.filter(
        (pl.col("by") == By.YEAR.value) & pl.col("key").is_not_null() & (pl.col("n") >= FEWEST_TO_JUDGE.value)
    )
    found = sorted({int(key) for key in enough["key"]} - {NO_YEAR})
    return [year for year in found if year <= view.as_of.year][-MOST_YEARS:]


def _promise(of: Column) -> int:
    return round(of.about.min_filled * 1000)


def promise_text(view: View, of: Column) -> str:
    return f"{of.about.min_filled:.0%}".replace("%", " %") if of.about.min_filled else "–"


def sparse_fields(view: View) -> list[Sparse]:
    """Every sparse field once for each population, worst first.

    `now` where the latest years are sparse, or could not be judged: then all years decide.
    """
    found: dict[tuple[str, str, str], Sparse] = {}
    for row in view.shown.sparse.to_dicts():
        key = (row["table"], row["column"], row["population"])
        of = column(BY_NAME[row["table"]], row["column"])
        entry = found.setdefault(key, _sparse(view, of, row))
        too_few = entry.latest.n is None or entry.latest.n < FEWEST_TO_JUDGE.value
        entry.settled = entry.settled and _is_settled(row)
        # Of a night without checks nobody knows whether the latest years could be judged.
        judged = row.get("kept_of_late", not too_few)
        entry.now = entry.now or not judged or row["period"] == Period.LATEST.value
    return list(found.values())


def _is_settled(row: dict[str, Any]) -> bool:
    """Whether a decision stands; of a night without checks nothing is decided."""
    return row.get(STANDING, Stewardship.OPEN.value) not in UNDECIDED


def _sparse(view: View, of: Column, row: dict[str, Any]) -> Sparse:
    decides = row["severity"] == FlagSeverity.DECIDE.value
    return Sparse(
        key=(of.table, of.name, row["population"]),
        field=view.full_field(of.table, of.name),
        table=view.table(of.table),
        population=view.population(row["population"]),
        demand=view.say(f"demand_{row['demand']}"),
        promise=promise_text(view, of),
        to_do=view.say(f"do_{row['demand']}") if decides else "",
        latest=view.judged(of, row["population"], Period.LATEST),
        overall=view.judged(of, row["population"], Period.ALL),
        now=False,
        settled=True,
        severity=row["severity"],
    )


def panels(view: View) -> list[Panel]:
    """The most uneven fields, each with every bydel's band over the latest years."""
    names = codes.BYDEL.labels(view.language)
    bydeler = [code for code in codes.BYDEL.values() if code not in codes.BYDEL.unknown]
    return [
        Panel(
            field=view.full_field(row["table"], row["column"]),
            table=view.table(row["table"]),
            population=view.population(row["population"]),
            promise=_promise(of),
            bydeler=[(names[code], view.cell(of, row["population"], By.BYDEL, code)) for code in bydeler],
        )
        for row in view.shown.uneven.head(MOST_PANELS).to_dicts()
        for of in [column(BY_NAME[row["table"]], row["column"])]
    ]


def not_measured(view: View) -> list[str]:
    """Labels of the case system's tables that no person can be read from."""
    measured = {table_name(table) for table in profiled_tables()}
    return [view.table(table_name(t)) for t in CASE_SYSTEM if table_name(t) not in measured]
