"""How often each field is filled, by year, bydel and population, always with its denominator.

One pass for each table: a sum for every column and state, grouped by the dimensions. Rows are never
unpivoted before they are grouped. What does not belong here: judging (`flags.py`), rounding, suppression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.quality.populations import Cores, Populations, latest, populations, scan
from pipeline.quality.states import COUNTED, in_state
from schemas import CASE_SYSTEM
from schemas.variable import Column, Population, Table, ValueState, columns, facts, table_name

DIMENSIONS = ("population", "year", "bydel")
_PREFIX = "value:"
_DATED = "dated:"


@dataclass(frozen=True, kw_only=True)
class DueRule:
    """Which of the expected units are due: the others are not in the denominator yet."""

    name: str
    nb: str
    en: str
    holds: Callable[[date], pl.Expr]


# A final result is registered when a programme has ended; before that its absence says nothing. A part that
# a move split off ends without one: the result belongs to the part that continues it.
DUE: dict[str, DueRule] = {
    "result": DueRule(
        name="programme_ended",
        nb="bare program som er avsluttet, og som ikke fortsatte i en annen bydel,",
        en="only programmes that have ended and did not continue in another bydel",
        holds=lambda as_of: (pl.col("ended_on") <= as_of) & ~pl.col("is_continued"),
    )
}


@dataclass(frozen=True)
class QualityProfile:
    """Exact counts, which never leave the process unprotected.

    `fill` has table, column, DIMENSIONS, n (how many were expected) and one count for each ValueState.
    `by_adviser` has population and adviser_key for the dimensions; only `flags.adviser_spread` reads it.
    """

    as_of: date
    fill: pl.DataFrame
    by_adviser: pl.DataFrame


def profiled_tables() -> tuple[type[Table], ...]:
    """The case system's tables whose rows belong to a person: the others cannot be kept to usable ones."""
    return tuple(table for table in CASE_SYSTEM if facts(table).extracted and _link(table) is not None)


def fields(table: type[Table]) -> tuple[Column, ...]:
    """The columns that are measured: all in core that are not a key and do not date an expected row."""
    keys = facts(table).primary_key
    return tuple(c for c in columns(table) if c.core_name and not c.about.key and c.name not in keys)


def profile(cores: Cores, usable: pl.DataFrame, as_of: date) -> QualityProfile:
    """Measure every field of every profiled table over the persons in `usable` (person_key)."""
    who = populations(cores, usable)
    tables = [table for table in profiled_tables() if cores.get(table_name(table))]
    counted = {table: _counted(table, cores, who, as_of) for table in tables}
    advised = {table: wide.filter(pl.col("adviser_key").is_not_null()) for table, wide in counted.items()}
    return QualityProfile(
        as_of=as_of, fill=_long(counted, DIMENSIONS), by_adviser=_long(advised, ("population", "adviser_key"))
    )


def _link(table: type[Table]) -> str | None:
    """The core key by which a row finds its unit: its programme's, else its case's, else its person's."""
    names = {c.core_name for c in columns(table)}
    return next((key for key in ("programme_key", "case_key", "person_key") if key in names), None)


def _counted(table: type[Table], cores: Cores, who: Populations, as_of: date) -> pl.DataFrame:
    """One row for each group of units: how many were expected, and a count for each field and state."""
    key = str(_link(table))
    units = {"person_key": who.persons, "case_key": who.cases, "programme_key": who.programmes}[key].lazy()
    rows = scan(cores, table_name(table)).select(
        key,
        pl.col(str(facts(table).dated_by)).alias(_DATED),
        # Prefixed, so that a measured `bydel` is not taken for the bydel it is counted in.
        *(pl.col(str(c.core_name)).alias(_PREFIX + c.name) for c in fields(table)),
    )
    if facts(table).expected_per is None:
        expected = registered = rows.join(units.drop("year", strict=False), on=key).with_columns(
            year=pl.col(_DATED).dt.year()
        )
    else:
        due = DUE.get(table_name(table))
        expected = units.filter(due.holds(as_of)) if due else units
        registered = latest(rows.join(expected, on=key, how="semi"), key, _DATED).join(expected, on=key)
    groups = [*DIMENSIONS, "adviser_key"]
    sums = [
        holds.sum().cast(pl.Int64).alias(f"{state.value}:{c.name}")
        for c in fields(table)
        for state, holds in in_state(c, _PREFIX + c.name).items()
    ]
    return (
        expected.group_by(groups)
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .join(registered.group_by(groups).agg(sums), on=groups, how="left", nulls_equal=True)
        .collect()
        .with_columns(pl.col(pl.Int64).exclude("adviser_key").fill_null(0))
    )


def _long(counted: dict[type[Table], pl.DataFrame], by: tuple[str, ...]) -> pl.DataFrame:
    """One row for each field and group of `by`, with a count for each state."""
    parts = []
    for table, groups in counted.items():
        counts = groups.columns[groups.columns.index("n") :]
        wide = groups.lazy().group_by(by).agg(pl.col(counts).sum())
        parts += [_of_field(table, c, wide, by) for c in fields(table)]
    return pl.concat(parts).collect().sort("table", "column", *by)


def _of_field(table: type[Table], column: Column, wide: pl.LazyFrame, by: tuple[str, ...]) -> pl.LazyFrame:
    asked = {facts(table).applies_to, column.about.applies_to} - {Population.EVERYONE}
    states = [pl.col(f"{state.value}:{column.name}").alias(state.value) for state in COUNTED]
    not_asked = pl.col("n") - pl.sum_horizontal(state.value for state in COUNTED)
    applies = [pl.col("population") == who.value for who in asked]
    return (
        (wide.filter(applies) if applies else wide)
        .select(pl.lit(column.table).alias("table"), pl.lit(column.name).alias("column"), *by, "n", *states)
        .with_columns(not_asked.alias(ValueState.NOT_ASKED.value))
    )
