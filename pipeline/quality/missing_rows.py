"""Which values are missing: the rows behind the profile's count of what nobody registered, for the worklists.

Only what somebody demands is asked for. What does not belong here: counting (`profile`), and whose list a
line is on (`worklist`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.quality.evidence import Evidence
from pipeline.quality.populations import Cores, Populations, latest, scan
from pipeline.quality.profile import early, fields, forbidden, is_due, link, profiled_tables
from schemas.variable import Column, Demand, Population, Table, facts, table_name

KEYS = ("person_key", "case_key", "programme_key")
MISSING, ROW_MISSING = "missing", "row_missing"
_VALUE = "value:"
_THERE = "there:"


def missing(evidence: Evidence) -> pl.DataFrame:
    """table, column, rule and KEYS of every demanded value that is due and is not there.

    Where the whole row is missing, one line says so (`row_missing`, an empty column) and none its fields; a
    unit whose row a rule holds back has a row, and is told by that rule. Of a unit only the key by which its
    rows find it is given. Sorted by all of it.
    """
    who = evidence.who()
    names = ["table", "column", "rule", *KEYS]
    schema = {n: pl.Int64() if n in KEYS else pl.String() for n in names}
    found = [_of_table(table, evidence, who) for table in profiled_tables() if _asked(table)]
    every = pl.concat([pl.DataFrame(schema=schema), *(frame.select(names) for frame in found)])
    return every.sort(names)


def _asked(table: type[Table]) -> tuple[Column, ...]:
    """The fields that somebody demands: what nobody asks for is no error to correct, nor is an answer."""
    demanded = (c for c in fields(table) if c.about.demand is not Demand.NOBODY)
    return tuple(c for c in demanded if not (c.about.empty_means and c.about.empty_means.where is None))


def _of_table(table: type[Table], evidence: Evidence, who: Populations) -> pl.DataFrame:
    key, as_of = str(link(table)), evidence.as_of
    units = {"person_key": who.persons, "case_key": who.cases, "programme_key": who.programmes}[key]
    rows = _expected(table, evidence.cores, units.lazy(), key, as_of)
    asked = [(c.name, _is_missing(table, c, as_of)) for c in _asked(table)]
    told = [pl.when(holds).then(pl.lit(name)) for name, holds in asked]
    whole = pl.any_horizontal(holds for _, holds in asked) & ~pl.col(_THERE)
    made = (
        rows.with_columns(
            column=pl.when(whole).then(pl.concat_list(pl.lit(""))).otherwise(pl.concat_list(told)),
            rule=pl.when(whole).then(pl.lit(ROW_MISSING)).otherwise(pl.lit(MISSING)),
        )
        .explode("column")
        .filter(pl.col("column").is_not_null())
        .select(
            pl.lit(table_name(table)).alias("table"),
            "column",
            "rule",
            *(pl.col(key) if name == key else pl.lit(None, pl.Int64).alias(name) for name in KEYS),
        )
        .collect()
    )
    refused = evidence.refused.get(table_name(table))
    if refused is None:
        return made
    held = made.join(refused.select(key).unique(), on=key, how="semi").filter(pl.col("rule") == ROW_MISSING)
    return made.join(held, on=[key, "rule"], how="anti", nulls_equal=True)


def _expected(table: type[Table], cores: Cores, units: pl.LazyFrame, key: str, as_of: date) -> pl.LazyFrame:
    """One line for each row that is expected, with the unit's facts and whether the row is there."""
    rest_on = [c.about.empty_means.where for c in _asked(table) if c.about.empty_means]
    names = dict.fromkeys([*(str(c.core_name) for c in _asked(table)), *(w for w in rest_on if w)])
    values = [pl.col(name).alias(_VALUE + name) for name in names]
    dated = str(facts(table).dated_by)
    rows = scan(cores, table_name(table)).select(key, pl.col(dated).alias("_dated"), *values)
    due = units.filter(is_due(table, as_of))
    there = pl.lit(True).alias(_THERE)
    if facts(table).expected_per is None:
        return rows.join(due, on=key).with_columns(there)
    registered = latest(rows.join(due, on=key, how="semi"), key, "_dated").with_columns(there)
    return due.join(registered, on=key, how="left").with_columns(pl.col(_THERE).fill_null(False))


def _is_missing(table: type[Table], column: Column, as_of: date) -> pl.Expr:
    """Whether the field is asked of the unit, by its population, its act and the day, and is blank for no
    reason that its declaration knows."""
    of = {facts(table).applies_to, column.about.applies_to} - {Population.EVERYONE}
    applies = pl.all_horizontal([pl.lit(True), *(pl.col("population") == who.value for who in of)])
    asked = applies & ~forbidden(column) & ~early(column, as_of)
    if empty := column.about.empty_means:
        asked &= ~pl.col(f"{_VALUE}{empty.where}").is_in(empty.among).fill_null(False)
    return asked & pl.col(_VALUE + column.name).is_null()
