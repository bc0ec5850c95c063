"""The four states a value can be in, read from a column's declaration, and as expressions."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.variable import Column, ValueState

COUNTED = (ValueState.VALUE, ValueState.UNKNOWN, ValueState.NOT_APPLICABLE)


def said_by(column: Column) -> dict[ValueState, Sequence[int | str]]:
    """State -> the values that say it: a value says at most one of them."""
    codes = column.about.codes
    return {
        ValueState.UNKNOWN: sorted({*column.about.unknown, *(codes.unknown if codes else ())}, key=str),
        ValueState.NOT_APPLICABLE: sorted(codes.not_applicable) if codes else [],
    }


def in_state(column: Column, name: str) -> dict[ValueState, pl.Expr]:
    """State -> whether the value in column `name` is in it. What is in none of them was not asked."""
    value = pl.col(name)
    states = {state: _one_of(value, members) for state, members in said_by(column).items()}
    said = value.is_not_null() & ~states[ValueState.UNKNOWN] & ~states[ValueState.NOT_APPLICABLE]
    return {ValueState.VALUE: said, **states}


def _one_of(value: pl.Expr, members: Sequence[int | str]) -> pl.Expr:
    return value.is_in(members).fill_null(False) if members else pl.lit(False)
