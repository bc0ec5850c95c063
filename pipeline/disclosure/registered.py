"""What is registered of a sensitive column: its values but the blank ones, counted by value.

One rule of what is blank for whoever measures, attacks or stores: a missing value, an empty one, and what was
said to stand for them. The verifiers have their own.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pipeline.disclosure.engine.hierarchy import BLANK, spelt


def registered(column: pl.Series, blanks: Collection[str]) -> pl.Series:
    """Which rows of a column have a value."""
    return ~spelt(column).is_in([*blanks, BLANK])


def counted(column: pl.Series, blanks: Collection[str]) -> pl.DataFrame:
    """The registered values of a column as text, `value`, in their order, and how many `rows` have each."""
    told = spelt(column).filter(registered(column, blanks)).alias("value")
    return told.value_counts(name="rows").with_columns(pl.col("rows").cast(pl.Int64)).sort("value")
