"""What became of every value that was expected: the profile's counts as exactly one of seven states.

What does not belong here: counting (`profile.py`), and judging.
"""

from __future__ import annotations

import polars as pl

from pipeline.quality.profile import INVALID, MUST_NOT, NOT_DUE, REFUSED, UNDUE, QualityProfile
from schemas.linked.reconciliation import NO_YEAR
from schemas.quality import ExpectedValues
from schemas.variable import ValueState, facts, polars_schema

STATES = ("registered", "unknown", "not_applicable", "must_not", "not_due", "missing", "invalid")


def expected_values(measured: QualityProfile) -> pl.DataFrame:
    """The ExpectedValues table; rows nobody is expected in are left out."""
    not_asked, not_applicable = (pl.col(s.value) for s in (ValueState.NOT_ASKED, ValueState.NOT_APPLICABLE))
    by = facts(ExpectedValues).primary_key
    return (
        measured.fill.select(
            "table",
            "column",
            "population",
            pl.col("year").fill_null(NO_YEAR).cast(pl.Int64),
            "bydel",
            registered=ValueState.VALUE.value,
            unknown=ValueState.UNKNOWN.value,
            not_applicable=not_applicable - pl.col(MUST_NOT) - pl.col(NOT_DUE),
            must_not=MUST_NOT,
            not_due=pl.col(NOT_DUE) + pl.col(UNDUE),
            missing=not_asked - pl.col(INVALID),
            invalid=pl.col(INVALID) + pl.col(REFUSED),
        )
        .with_columns(expected=pl.sum_horizontal(STATES))
        .filter(pl.col("expected") > 0)
        .select(pl.col(name).cast(dtype) for name, dtype in polars_schema(ExpectedValues).items())
        .sort(by)
    )


def asked() -> pl.Expr:
    """How many should have a value by now: the denominator of the share filled."""
    return pl.col("expected") - pl.col("not_applicable") - pl.col("must_not") - pl.col("not_due")
