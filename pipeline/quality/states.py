"""The four states a value can be in, as expressions read from a column's declaration."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.variable import Column, ValueState

COUNTED = (ValueState.VALUE, ValueState.UNKNOWN, ValueState.NOT_APPLICABLE)


def in_state(column: Column, name: str) -> dict[ValueState, pl.Expr]:
    """State -> whether the value in column `name` is in it. What is in none of them was not asked."""
    value = pl.col(name)
    codes = column.about.codes
    unknown = sorted({*column.about.unknown, *(codes.unknown if codes else ())}, key=str)
    not_applicable = sorted(codes.not_applicable) if codes else []
    states = {
        ValueState.UNKNOWN: _one_of(value, unknown),
        ValueState.NOT_APPLICABLE: _one_of(value, not_applicable),
    }
    said = value.is_not_null() & ~states[ValueState.UNKNOWN] & ~states[ValueState.NOT_APPLICABLE]
    return {ValueState.VALUE: said, **states}


def _one_of(value: pl.Expr, members: Sequence[int | str]) -> pl.Expr:
    return value.is_in(members).fill_null(False) if members else pl.lit(False)
