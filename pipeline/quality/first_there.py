"""The day a value first stood there: of the fields that come late, and of the years that are not settled.

What does not belong here: how long it took (`delays.py`), and what follows for a year (`ripeness.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.quality.evidence import Evidence
from pipeline.quality.populations import scan
from pipeline.quality.profile import link
from pipeline.quality.states import in_state
from schemas.variable import Column, Table, ValueState, facts, table_name

_FIRST = "first:"
FILLED_ON = "filled_on"  # the day the log says that a value came where none was (`delays.first_filled`)


def first_values(evidence: Evidence, table: type[Table], columns: Sequence[Column]) -> pl.DataFrame:
    """For each unit of the table, and each of `columns`, the first day a row of it had a value."""
    first = [
        _stood(table, c, evidence)
        .filter(in_state(c, str(c.core_name))[ValueState.VALUE])
        .min()
        .alias(_FIRST + c.name)
        for c in columns
    ]
    rows = scan(evidence.cores, table_name(table))
    return rows.group_by(str(link(table))).agg(first).collect()


def first_there_on(column: Column) -> pl.Expr:
    """The day a value first stood there, over `first_values` and FILLED_ON; null where none ever did."""
    there = pl.col(_FIRST + column.name)
    return pl.when(there.is_not_null()).then(pl.max_horizontal(there, FILLED_ON))


def _stood(table: type[Table], column: Column, evidence: Evidence) -> pl.Expr:
    """The first day a row's value can have stood there: its row's, and of what tells a day that day too."""
    dated, value = pl.col(str(facts(table).dated_by)), pl.col(str(column.core_name))
    if column.dtype != pl.Date:
        return dated
    return pl.max_horizontal(dated, pl.when(value <= evidence.as_of).then(value))
