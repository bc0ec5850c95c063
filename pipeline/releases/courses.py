"""What somebody who knows a few events of a person, and about when, finds in a pseudonymised release.

Measured in calendar time, as the release tells it, and of nothing but what stands in its tables. It does not
say who lives together: whoever makes it knows, and hands that in as `homes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.disclosure.coarsen import K
from pipeline.disclosure.shown import share
from pipeline.disclosure.trajectories.events import MONTH, Source, Step, gathered
from pipeline.disclosure.trajectories.uniqueness import measured
from pipeline.releases.data_files import FOLDER
from pipeline.releases.households import HOUSEHOLD, together
from pipeline.requests.request import Bilingual
from schemas.research import ExtractPerson
from schemas.variable import Identifiability, columns

# An attacker who knows more events of a person is taken to know the person.
MOST_KNOWN = 3
STEPS = (Step.MONTH, Step.QUARTER, Step.YEAR)
# For each day that a release tells, what else of the row somebody knows who knows of the event.
SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "programme": {"started_month": (), "ended_month": ("programme_status", "nir_exit")},
    "outcome": {"due_on": ("status",)},
}
# A month in which nothing was observed is no event: the columns that must say something.
OBSERVED = ("status",)
# Months are counted from here, so that quarters and years are the calendar's.
_DAY_ZERO = date(1900, 1, 1)
_HOME = "home"
_PSEUDONYM = next(
    c.name for c in columns(ExtractPerson) if c.about.identifiability is Identifiability.PSEUDONYM
)

TITLE = Bilingual(
    nb="Hva noen kjente hendelser avslører", en="What a few events that somebody knows give away"
)
ABOUT = Bilingual(
    nb="Hendelser er det uttrekket tidfester: at et program begynte eller sluttet, og hva en person drev med "
    "i en måned. Andelene er av dem som har en slik hendelse. Den som er alene om det som er kjent, er "
    "funnet.",
    en="Events are what the extract dates: that a programme began or ended, and what a person did in a "
    "month. Shares are of those who have such an event. Whoever is alone with what is known, is found.",
)
PERSONS = Bilingual(nb="Hver person teller for seg.", en="Each person counts alone.")
HOMES = Bilingual(
    nb="Ektefeller teller som én: de skjuler ikke hverandre.",
    en="Spouses count as one: they do not hide each other.",
)
HEADER = (
    Bilingual(nb="Kjent om personen", en="Known of the person"),
    Bilingual(nb="Funnet", en="Found"),
    Bilingual(nb="En av færre enn {k}", en="One of fewer than {k}"),
)
_KNOWN = {
    Step.MONTH: Bilingual(nb="{n} hendelser og måneden", en="{n} events and the month"),
    Step.QUARTER: Bilingual(nb="{n} hendelser og kvartalet", en="{n} events and the quarter"),
    Step.YEAR: Bilingual(nb="{n} hendelser og året", en="{n} events and the year"),
}
_KNOWN_ONE = {
    Step.MONTH: Bilingual(nb="1 hendelse og måneden", en="1 event and the month"),
    Step.QUARTER: Bilingual(nb="1 hendelse og kvartalet", en="1 event and the quarter"),
    Step.YEAR: Bilingual(nb="1 hendelse og året", en="1 event and the year"),
}


@dataclass(frozen=True)
class Found:
    """Persons told by at most `known` events whose time is known to the `step`.

    `unique` are alone with such events, `exposed` among fewer than `K`, of `persons` who have any event; with
    `homes` those who live together count as one. Exact: they are shown by `section` and `rows` alone.
    """

    known: int
    step: Step
    unique: int
    exposed: int
    persons: int
    homes: bool = False


def courses_of(folder: Path, homes: pl.DataFrame | None = None) -> tuple[Found, ...]:
    """Measure a published pseudonymised release, from its files; otherwise as `courses_in`."""
    paths = {name: folder / FOLDER / f"{name}.parquet" for name in SAID}
    return courses_in({name: pl.read_parquet(path) for name, path in paths.items() if path.is_file()}, homes)


def courses_in(frames: Mapping[str, pl.DataFrame], homes: pl.DataFrame | None = None) -> tuple[Found, ...]:
    """Measure the pseudonymised tables of a release by name: up to `MOST_KNOWN` events, each of `STEPS`.

    `homes` has a row for each pseudonym that lives with another: the pseudonym, and `home`. Nothing is found
    (an empty tuple) where the tables date no event of anybody.
    """
    events = _events(frames, homes)
    if events.is_empty():
        return ()
    return tuple(
        Found(step=step, homes=homes is not None, **line)
        for step in STEPS
        for line in measured(events, k=K, m=MOST_KNOWN, step=step).iter_rows(named=True)
    )


def homes_of(family: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """One home for both spouses, by what was registered last, whichever of them named the other.

    `family` as in `core`, `made` the pseudonyms of person keys: those who have none are not told.
    """
    homes = together(family).rename({HOUSEHOLD: _HOME})
    return homes.join(made, on="person_key").drop("person_key")


def rows(found: Iterable[Found], language: str) -> list[tuple[str, ...]]:
    """A line for each measure under `HEADER`, as anybody may see it: shares of rounded counts."""
    return [
        (
            getattr((_KNOWN_ONE if one.known == 1 else _KNOWN)[one.step], language).format(n=one.known),
            share(one.unique, one.persons, language),
            share(one.exposed, one.persons, language),
        )
        for one in found
    ]


def in_words(found: Iterable[Found]) -> list[str]:
    """The same line by line, as a terminal shows it."""
    head = [part.en.format(k=K).lower() for part in HEADER]
    lines = [f"  {known}: {one} {head[1]}, {few} {head[2]}" for known, one, few in rows(found, "en")]
    return [f"{TITLE.en}, of pseudonymised files together:", *lines] if lines else []


def _events(frames: Mapping[str, pl.DataFrame], homes: pl.DataFrame | None) -> pl.DataFrame:
    sources: dict[str, Source] = {}
    for name in SAID:
        if name in frames:
            sources |= _sources(name, frames[name])
    if not sources:
        return pl.DataFrame()
    everybody = pl.concat([source.rows.select(_PSEUDONYM) for source in sources.values()]).unique()
    starts = everybody.with_columns(pl.lit(_DAY_ZERO).alias(MONTH))
    if homes is not None:
        starts = starts.join(homes, on=_PSEUDONYM, how="left")
    home = None if homes is None else _HOME
    return gathered(sources, starts, person=_PSEUDONYM, start=MONTH, household=home)


def _sources(name: str, frame: pl.DataFrame) -> dict[str, Source]:
    """Each event once: two outcomes that look at one month tell of one."""
    found = {}
    for day, said in SAID[name].items():
        if day not in frame.columns:
            continue  # it was not asked for
        told = tuple(column for column in said if column in frame.columns)
        there = [column for column in told if column in OBSERVED]
        one = frame.drop_nulls([day, *there]).select(_PSEUDONYM, day, *told).unique()
        found[f"{name}.{day}"] = Source(one, _PSEUDONYM, day, told)
    return found
