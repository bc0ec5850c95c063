"""How often each field is filled, by year, bydel and population, always with its denominator.

One pass for each table: a sum for every column and state, grouped by the dimensions. Rows are never
unpivoted before they are grouped. What does not belong here: judging (`flags.py`), rounding, suppression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeGuard

import duckdb
import numpy as np
import polars as pl

from pipeline.quality.counting import (
    CLASS,
    EMPTY,
    FILLED,
    IN_MEMORY,
    ROWS,
    UNIT,
    YEAR,
    Bounds,
    Rows,
    count_all,
    count_latest,
    reading,
)
from pipeline.quality.populations import Cores, Populations, paths, populations, scan
from pipeline.quality.states import COUNTED, said_by
from schemas import CASE_SYSTEM, codes
from schemas.variable import Column, Due, Population, Table, ValueState, columns, facts, table_name

DIMENSIONS = ("population", "year", "bydel")
GROUPS = (*DIMENSIONS, "adviser_key")
# What `fill` counts besides: the first three are of which (of not applicable, not applicable, not asked), the
# last two stand outside `n`.
MUST_NOT, NOT_DUE, INVALID = "must_not", "not_due", "invalid"
UNDUE, REFUSED = "undue", "refused"
FURTHER = (MUST_NOT, NOT_DUE, INVALID, UNDUE, REFUSED)
_AGAINST = "against_the_act"
_DUE, _UNITS = "due", "units"


@dataclass(frozen=True, kw_only=True)
class DueRule:
    """Which of the expected units are due: the others are not in the denominator yet."""

    nb: str
    en: str
    holds: Callable[[date], pl.Expr]


def holds_due(due: Due, as_of: date) -> pl.Expr:
    """Whether a unit's value is asked for by `as_of`. A part that a move split off ends without one: what is
    asked for at the end belongs to the part that continues it."""
    by = pl.col(due.after).dt.offset_by(f"{due.months}mo")
    past = (by <= as_of).fill_null(due.unknown_is_due)
    return past & ~pl.col("is_continued") if due.after == "ended_on" else past


_DUE_WORDS = {
    "started_on": (
        "bare program som startet for minst {months} måneder siden,",
        "only programmes that started at least {months} months ago",
    ),
    "ended_on": (
        "bare program som ble avsluttet for minst {months} måneder siden, og som ikke fortsatte i en annen "
        "bydel,",
        "only programmes that ended at least {months} months ago and did not continue in another bydel",
    ),
}


def _due_rule(due: Due) -> DueRule:
    nb, en = (words.format(months=due.months) for words in _DUE_WORDS[due.after])
    return DueRule(nb=nb, en=en, holds=lambda as_of: holds_due(due, as_of))


DUE: dict[str, DueRule] = {table_name(t): _due_rule(due) for t in CASE_SYSTEM if (due := facts(t).due)}


@dataclass(frozen=True)
class QualityProfile:
    """Exact counts, which never leave the process unprotected.

    `fill` has table, column, DIMENSIONS, n (how many were expected and due), one count for each ValueState,
    which add up to n, and FURTHER: `must_not` and `not_due` of those not applicable, `invalid` of those not
    asked, `undue` units that are not due at all, `refused` rows that a rule of the field holds back.
    `by_adviser` has population and adviser_key for the dimensions; only `flags.adviser_spread` reads it.
    """

    as_of: date
    fill: pl.DataFrame
    by_adviser: pl.DataFrame


def profiled_tables() -> tuple[type[Table], ...]:
    """The case system's tables whose rows belong to a person: the others cannot be kept to usable ones."""
    return tuple(table for table in CASE_SYSTEM if facts(table).extracted and link(table) is not None)


def fields(table: type[Table]) -> tuple[Column, ...]:
    """The columns that are measured: all in core that are not a key and do not date an expected row."""
    keys = facts(table).primary_key
    return tuple(c for c in columns(table) if c.core_name and not c.about.key and c.name not in keys)


def profile(
    cores: Cores,
    usable: pl.DataFrame,
    as_of: date,
    refused: Mapping[str, pl.DataFrame] = MappingProxyType({}),
    bounds: Bounds = IN_MEMORY,
    tables: Sequence[type[Table]] | None = None,
) -> QualityProfile:
    """Measure every field of every profiled table, or of `tables`, over the persons in `usable` (person_key).

    `refused` has, for a table's name, the quarantined rows that belong to somebody: the table's own link
    (programme_key, case_key, person_key), person_key, and `columns`, the fields that a rule refused.
    Counting takes no more memory than `bounds` gives it, however many rows there are; the persons themselves,
    and their cases and programmes, are held beside it.
    """
    who = populations(cores, usable)
    asked = profiled_tables() if tables is None else tables
    there = [table for table in asked if cores.get(table_name(table))]
    with reading(cores, [table_name(t) for t in there], bounds) as connection:
        counted = {t: _counted(t, cores, who, as_of, refused.get(table_name(t)), connection) for t in there}
    advised = {table: wide.filter(pl.col("adviser_key").is_not_null()) for table, wide in counted.items()}
    return QualityProfile(
        as_of=as_of, fill=_long(counted, DIMENSIONS), by_adviser=_long(advised, ("population", "adviser_key"))
    )


def link(table: type[Table]) -> str | None:
    """The core key by which a row finds its unit: its programme's, else its case's, else its person's."""
    names = {c.core_name for c in columns(table)}
    return next((key for key in ("programme_key", "case_key", "person_key") if key in names), None)


def _counted(
    table: type[Table],
    cores: Cores,
    who: Populations,
    as_of: date,
    refused: pl.DataFrame | None,
    connection: duckdb.DuckDBPyConnection,
) -> pl.DataFrame:
    """One row for each group of units: how many were expected, and a count for each field and state."""
    key = str(link(table))
    units = {"person_key": who.persons, "case_key": who.cases, "programme_key": who.programmes}[key]
    rows = Rows(
        stored=paths(cores, table_name(table)),
        key=key,
        dated_by=str(facts(table).dated_by),
        columns=fields(table),
    )
    held = None
    if facts(table).expected_per is None:
        wide = _of_rows(table, rows, units, as_of, connection)
        if _some(refused):
            held = _refused_rows(table, refused, who)
    else:
        wide = _of_units(table, rows, units, as_of, connection)
        if _some(refused):
            expected = units.lazy().filter(is_due(table, as_of))
            held = _refused_units(table, refused, expected, scan(cores, table_name(table)).select(key))
    if held is not None:
        wide = wide.join(held.collect(), on=GROUPS, how="full", coalesce=True, nulls_equal=True)
    return wide.with_columns(pl.col(pl.Int64).exclude("adviser_key").fill_null(0)).with_columns(
        n=pl.col("n") - pl.col(UNDUE)
    )


def _of_rows(
    table: type[Table], rows: Rows, units: pl.DataFrame, as_of: date, connection: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """Where the rows are what is expected, each in its own year: one look at them counts it all."""
    classes, of_unit = _classes(table, units.drop(YEAR, strict=False), as_of)
    every = count_all(connection, rows, of_unit).join(classes, on=CLASS)
    return every.group_by(GROUPS).agg(*_sizes(table, ROWS), *_told(table))


def _of_units(
    table: type[Table], rows: Rows, units: pl.DataFrame, as_of: date, connection: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """Where each unit is expected to have a row: how many units there are, and what their rows tell."""
    classes, of_unit = _classes(table, units, as_of)
    due = of_unit.join(classes.filter(_DUE), on=CLASS, how="semi")
    latest = count_latest(connection, rows, due).join(classes, on=CLASS)
    sizes = classes.group_by(GROUPS).agg(_sizes(table, _UNITS))
    return sizes.join(latest.group_by(GROUPS).agg(_told(table)), on=GROUPS, how="left", nulls_equal=True)


def _classes(table: type[Table], units: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The kinds of units there are: by group, whether due, and whether each field is asked of them; numbered.

    The first frame has a line for each CLASS, with how many units it has, the second (UNIT, CLASS) each unit.
    """
    key = str(link(table))
    groups = [name for name in GROUPS if name in units.columns]
    judged = units.select(key, *groups, is_due(table, as_of).alias(_DUE), **_not_asked(table, as_of))
    kinds = judged.group_by(pl.exclude(key)).agg(pl.col(key).alias(UNIT)).with_row_index(CLASS)
    classes = kinds.with_columns(pl.col(UNIT).list.len().cast(pl.Int64).alias(_UNITS)).drop(UNIT)
    return classes, kinds.select(UNIT, CLASS).explode(UNIT)


def _some(refused: pl.DataFrame | None) -> TypeGuard[pl.DataFrame]:
    return refused is not None and refused.height > 0


def is_due(table: type[Table], as_of: date) -> pl.Expr:
    """Whether a unit of the table is due: the others are not in the denominator yet."""
    due = facts(table).due
    return holds_due(due, as_of) if due else pl.lit(True)


def forbidden(column: Column) -> pl.Expr:
    """Whether the unit is under an act that does not let the field be registered."""
    if not column.about.acts:
        return pl.lit(False)
    other = [act for act in codes.LAW.values() if act not in column.about.acts]
    return pl.col("law").is_in(other).fill_null(False)


def early(column: Column, as_of: date) -> pl.Expr:
    """Whether the field is asked for later than its row, and not yet."""
    return ~holds_due(column.about.due, as_of) if column.about.due else pl.lit(False)


def _not_asked(table: type[Table], as_of: date) -> dict[str, pl.Expr]:
    """Name of a count -> the units of whom the field is not asked, or not yet."""
    found: dict[str, pl.Expr] = {}
    for c in fields(table):
        if c.about.acts:
            found[f"{MUST_NOT}:{c.name}"] = forbidden(c)
        if c.about.due:
            found[f"{NOT_DUE}:{c.name}"] = early(c, as_of) & ~forbidden(c)
    return found


def _sizes(table: type[Table], of: str) -> list[pl.Expr]:
    """How many there are by the count `of`, how many are not due, and of how many each field is not asked."""
    count, due = pl.col(of), pl.col(_DUE)
    asides = [name for c in fields(table) for name in _asides(c)]
    return [
        count.sum().alias("n"),
        count.filter(~due).sum().alias(UNDUE),
        *(count.filter(due & pl.col(name)).sum().alias(name) for name in asides),
    ]


def _asides(column: Column) -> list[str]:
    """The names of the counts of those of whom the field is not asked."""
    asked = {MUST_NOT: column.about.acts, NOT_DUE: column.about.due}
    return [f"{name}:{column.name}" for name, applies in asked.items() if applies]


def _told(table: type[Table]) -> Iterator[pl.Expr]:
    """How many values are in each state, among those of whom the field is asked."""
    for c in fields(table):
        asked = pl.all_horizontal(pl.col(_DUE), *(~pl.col(name) for name in _asides(c)))
        filled = pl.col(f"{FILLED}:{c.name}")
        told = [(f"{state.value}:{c.name}", members) for state, members in said_by(c).items()]
        says = {name: pl.col(name) for name, members in told if members}
        value = filled - pl.sum_horizontal(pl.lit(0), *says)
        if c.about.empty_means:
            none = f"{ValueState.NOT_APPLICABLE.value}:{c.name}"
            says[none] = says.get(none, pl.lit(0)) + pl.col(f"{EMPTY}:{c.name}")
        yield value.filter(asked).sum().alias(f"{ValueState.VALUE.value}:{c.name}")
        yield from (counted.filter(asked).sum().alias(name) for name, counted in says.items())
        if c.about.acts:
            against = pl.col(_DUE) & pl.col(f"{MUST_NOT}:{c.name}")
            yield filled.filter(against).sum().alias(f"{_AGAINST}:{c.name}")


def _sums(rows: pl.LazyFrame, holds: dict[str, pl.Expr]) -> pl.LazyFrame:
    return rows.group_by(GROUPS).agg(e.sum().cast(pl.Int64).alias(name) for name, e in holds.items())


def _refused_units(
    table: type[Table], refused: pl.DataFrame, expected: pl.LazyFrame, has_row: pl.LazyFrame
) -> pl.LazyFrame:
    """For each group, the units without a row that passed whose own row a rule of the field refused."""
    key = str(link(table))
    of_unit = refused.lazy().explode("columns").group_by(key).agg(pl.col("columns").unique())
    holds = {f"{INVALID}:{c.name}": pl.col("columns").list.contains(c.name) for c in fields(table)}
    return _sums(expected.join(of_unit, on=key).join(has_row, on=key, how="anti"), holds)


def _refused_rows(table: type[Table], refused: pl.DataFrame, who: Populations) -> pl.LazyFrame:
    """For each person's group, the refused rows of a table whose rows are themselves what is expected."""
    units = who.persons.lazy().with_columns(year=pl.lit(None, pl.Int32))
    holds = {f"{REFUSED}:{c.name}": pl.col("columns").list.contains(c.name) for c in fields(table)}
    return _sums(refused.lazy().select("person_key", "columns").join(units, on="person_key"), holds)


def _long(counted: dict[type[Table], pl.DataFrame], by: tuple[str, ...]) -> pl.DataFrame:
    """One row for each field and group of `by`, with a count for each state."""
    parts = []
    for table, groups in counted.items():
        counts = groups.columns[groups.columns.index("n") :]
        parts.append(_of_fields(table, groups.group_by(by).agg(pl.col(counts).sum()), by))
    return pl.concat(parts).sort("table", "column", *by)


def _of_fields(table: type[Table], wide: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """The counts of `wide`, which stand beside each other, below each other: first all of the first field."""
    names = [c.name for c in fields(table)]
    zeros = pl.zeros(wide.height, pl.Int64, eager=True)

    def count(name: str) -> pl.Series:
        return pl.concat([wide[at] if (at := f"{name}:{of}") in wide.columns else zeros for of in names])

    kinds = (*(state.value for state in COUNTED), MUST_NOT, NOT_DUE, INVALID, REFUSED, _AGAINST)
    must_not = pl.col(MUST_NOT) - pl.col(_AGAINST)
    return (
        pl.concat([wide.select(*by, "n", UNDUE)] * len(names))
        .with_columns(
            table=pl.lit(table_name(table)),
            column=pl.Series(names, dtype=pl.String).gather(np.repeat(np.arange(len(names)), wide.height)),
            **{kind: count(kind) for kind in kinds},
        )
        .filter(_applies(table))
        .with_columns(must_not.alias(MUST_NOT), pl.col(INVALID) + pl.col(_AGAINST))
        .with_columns(pl.col(ValueState.NOT_APPLICABLE.value) + pl.col(MUST_NOT) + pl.col(NOT_DUE))
        .with_columns(
            (pl.col("n") - pl.sum_horizontal(state.value for state in COUNTED)).alias(
                ValueState.NOT_ASKED.value
            )
        )
        .select(
            "table", "column", *by, "n", *(s.value for s in COUNTED), *FURTHER, ValueState.NOT_ASKED.value
        )
    )


def _applies(table: type[Table]) -> pl.Expr:
    """Whether the row's field is asked of the row's population."""
    only = [
        (c.name, who.value)
        for c in fields(table)
        for who in {facts(table).applies_to, c.about.applies_to} - {Population.EVERYONE}
    ]
    others = [(pl.col("column") == name) & (pl.col("population") != who) for name, who in only]
    return ~pl.any_horizontal(pl.lit(False), *others)
