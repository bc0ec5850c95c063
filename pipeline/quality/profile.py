"""How often each field is filled, by year, bydel and population, always with its denominator.

One pass for each table: a sum for every column and state, grouped by the dimensions. Rows are never
unpivoted before they are grouped. What does not belong here: judging (`flags.py`), rounding, suppression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeGuard

import polars as pl

from pipeline.quality.populations import Cores, Populations, latest, populations, scan
from pipeline.quality.states import COUNTED, in_state
from schemas import CASE_SYSTEM, codes
from schemas.variable import Column, Due, Population, Table, ValueState, columns, facts, table_name

DIMENSIONS = ("population", "year", "bydel")
# What `fill` counts besides: the first three are of which (of not applicable, not applicable, not asked), the
# last two stand outside `n`.
MUST_NOT, NOT_DUE, INVALID = "must_not", "not_due", "invalid"
UNDUE, REFUSED = "undue", "refused"
FURTHER = (MUST_NOT, NOT_DUE, INVALID, UNDUE, REFUSED)
_PREFIX = "value:"
_DATED = "dated:"
_AGAINST = "against_the_act"


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
) -> QualityProfile:
    """Measure every field of every profiled table over the persons in `usable` (person_key).

    `refused` has, for a table's name, the quarantined rows that belong to somebody: the table's own link
    (programme_key, case_key, person_key), person_key, and `columns`, the fields that a rule refused.
    """
    who = populations(cores, usable)
    tables = [table for table in profiled_tables() if cores.get(table_name(table))]
    counted = {table: _counted(table, cores, who, as_of, refused.get(table_name(table))) for table in tables}
    advised = {table: wide.filter(pl.col("adviser_key").is_not_null()) for table, wide in counted.items()}
    return QualityProfile(
        as_of=as_of, fill=_long(counted, DIMENSIONS), by_adviser=_long(advised, ("population", "adviser_key"))
    )


def link(table: type[Table]) -> str | None:
    """The core key by which a row finds its unit: its programme's, else its case's, else its person's."""
    names = {c.core_name for c in columns(table)}
    return next((key for key in ("programme_key", "case_key", "person_key") if key in names), None)


GROUPS = (*DIMENSIONS, "adviser_key")


def _counted(
    table: type[Table], cores: Cores, who: Populations, as_of: date, refused: pl.DataFrame | None
) -> pl.DataFrame:
    """One row for each group of units: how many were expected, and a count for each field and state."""
    key = str(link(table))
    units = {"person_key": who.persons, "case_key": who.cases, "programme_key": who.programmes}[key].lazy()
    rows = scan(cores, table_name(table)).select(
        key,
        pl.col(str(facts(table).dated_by)).alias(_DATED),
        # Prefixed, so that a measured `bydel` is not taken for the bydel it is counted in.
        *(pl.col(str(c.core_name)).alias(_PREFIX + c.name) for c in fields(table)),
    )
    due, not_asked, told = is_due(table, as_of), _not_asked(table, as_of), _told(table, as_of)
    size = {"n": pl.len(), UNDUE: ~due}
    if facts(table).expected_per is None:
        every = rows.join(units.drop("year", strict=False), on=key).with_columns(
            year=pl.col(_DATED).dt.year()
        )
        # The rows are what is expected: one look at them counts it all.
        wide = _sums(every, size | {name: holds & due for name, holds in (not_asked | told).items()})
        held = _refused_rows(table, refused, who) if _some(refused) else None
    else:
        expected = units.filter(due)
        now = latest(rows.join(expected, on=key, how="semi"), key, _DATED)
        counted = _sums(units, size | {name: holds & due for name, holds in not_asked.items()})
        states = _sums(now.join(expected, on=key), told)
        wide = counted.join(states, on=GROUPS, how="left", nulls_equal=True)
        without = expected.join(now.select(key), on=key, how="anti")
        held = _refused_units(table, refused, without) if _some(refused) else None
    if held is not None:
        wide = wide.join(held, on=GROUPS, how="full", coalesce=True, nulls_equal=True)
    return (
        wide.collect()
        .with_columns(pl.col(pl.Int64).exclude("adviser_key").fill_null(0))
        .with_columns(n=pl.col("n") - pl.col(UNDUE))
    )


def _some(refused: pl.DataFrame | None) -> TypeGuard[pl.DataFrame]:
    return refused is not None and refused.height > 0


def is_due(table: type[Table], as_of: date) -> pl.Expr:
    """Whether a unit of the table is due: the others are not in the denominator yet."""
    due = facts(table).due
    return holds_due(due, as_of) if due else pl.lit(True)


def _sums(rows: pl.LazyFrame, holds: dict[str, pl.Expr]) -> pl.LazyFrame:
    whole = {"n"}  # is a count already
    return rows.group_by(GROUPS).agg(
        (e if name in whole else e.sum()).cast(pl.Int64).alias(name) for name, e in holds.items()
    )


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


def _told(table: type[Table], as_of: date) -> dict[str, pl.Expr]:
    """Name of a count -> the units whose value is in that state, among those of whom it is asked."""
    found: dict[str, pl.Expr] = {}
    for c in fields(table):
        asked = ~(forbidden(c) | early(c, as_of)) if c.about.acts or c.about.due else None
        for state, holds in in_state(c, _PREFIX + c.name).items():
            found[f"{state.value}:{c.name}"] = holds if asked is None else holds & asked
        if c.about.acts:
            found[f"{_AGAINST}:{c.name}"] = forbidden(c) & pl.col(_PREFIX + c.name).is_not_null()
    return found


def _refused_units(table: type[Table], refused: pl.DataFrame, without: pl.LazyFrame) -> pl.LazyFrame:
    """For each group, the units without a row that passed whose own row a rule of the field refused."""
    key = str(link(table))
    of_unit = refused.lazy().explode("columns").group_by(key).agg(pl.col("columns").unique())
    holds = {f"{INVALID}:{c.name}": pl.col("columns").list.contains(c.name) for c in fields(table)}
    return _sums(without.join(of_unit, on=key), holds)


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
        wide = groups.lazy().group_by(by).agg(pl.col(counts).sum())
        parts += [_of_field(table, c, wide, by) for c in fields(table)]
    return pl.concat(parts).collect().sort("table", "column", *by)


def _of_field(table: type[Table], column: Column, wide: pl.LazyFrame, by: tuple[str, ...]) -> pl.LazyFrame:
    asked = {facts(table).applies_to, column.about.applies_to} - {Population.EVERYONE}
    there = wide.collect_schema().names()

    def count(name: str) -> pl.Expr:
        return pl.col(f"{name}:{column.name}") if f"{name}:{column.name}" in there else pl.lit(0, pl.Int64)

    must_not, not_due = count(MUST_NOT) - count(_AGAINST), count(NOT_DUE)
    states = [
        count(ValueState.VALUE.value).alias(ValueState.VALUE.value),
        count(ValueState.UNKNOWN.value).alias(ValueState.UNKNOWN.value),
        (count(ValueState.NOT_APPLICABLE.value) + must_not + not_due).alias(ValueState.NOT_APPLICABLE.value),
    ]
    further = {
        MUST_NOT: must_not,
        NOT_DUE: not_due,
        INVALID: count(INVALID) + count(_AGAINST),
        UNDUE: pl.col(UNDUE),
        REFUSED: count(REFUSED),
    }
    not_asked = pl.col("n") - pl.sum_horizontal(state.value for state in COUNTED)
    applies = [pl.col("population") == who.value for who in asked]
    return (
        (wide.filter(applies) if applies else wide)
        .select(
            pl.lit(column.table).alias("table"),
            pl.lit(column.name).alias("column"),
            *by,
            "n",
            *states,
            *(e.alias(name) for name, e in further.items()),
        )
        .with_columns(not_asked.alias(ValueState.NOT_ASKED.value))
    )
