"""A CSV beside the typed table that it was made from: its text brought back to the values it stands for."""

from __future__ import annotations

import io
from collections.abc import Iterable

import polars as pl


def retyped(frame: pl.DataFrame, like: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """`frame` with the columns `names` that are text, and are none in `like`, as values of `like`'s.

    A CSV tells times and numbers otherwise than text does here, and as text the same value would be another.
    A column with a value that `like` has not stays as it is.
    """
    for name in names:
        if frame[name].dtype == pl.String and like[name].dtype != pl.String:
            frame = frame.with_columns(_of_like(frame[name], like[name]))
    return frame


def _of_like(column: pl.Series, like: pl.Series) -> pl.Series:
    """The value of `like` that a CSV writes as each text of `column`."""
    values = like.drop_nulls().unique().alias("value")
    written = pl.read_csv(io.BytesIO(values.to_frame().write_csv().encode()), infer_schema=False)["value"]
    told = column.replace_strict(written, values, default=None, return_dtype=like.dtype)
    return told if told.null_count() == column.null_count() else column
