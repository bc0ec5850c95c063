"""The one text of each value of a dimension or an event: as it stands in a hierarchy and in what is written.

Who makes tables and courses and who verifies them read values with different libraries, which write numbers
and times in different ways. So what a text is stands here, by kind, and not in a library's habits.
"""

from __future__ import annotations

import polars as pl

from pipeline.errors import RequestRefused

# Outside these years libraries tell a day in ways of their own.
FIRST_YEAR, LAST_YEAR = 1, 9999


def as_text(values: pl.Series) -> pl.Series:
    """`values` as text, null where there is none.

    A time is `01:02:03`, a moment `2025-03-01 01:02:03`, in UTC and followed by `+00` where the column has a
    time zone; parts of a second follow where there are any. A decimal number is the shortest that is read
    back as a double: `0.5`, `2.0`, `1e+20`, `1e-07`, `nan`; there is one zero. RequestRefused for a year that
    is not from 1 to 9999.
    """
    kind = values.dtype
    if kind.is_float():
        return _numbers(values)
    if kind in (pl.Date, pl.Datetime) and not values.dt.year().is_between(FIRST_YEAR, LAST_YEAR).all():
        raise RequestRefused(
            f"A day of {values.name} is not of the years {FIRST_YEAR} to {LAST_YEAR}.",
            instead="Nothing was written.",
            do="Correct it, or give the column as text.",
        )
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            return _unpadded(values.dt.to_string("%Y-%m-%d %H:%M:%S.%9f"))
        moments = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return _unpadded(moments.dt.to_string("%Y-%m-%d %H:%M:%S.%9f")) + "+00"
    if kind == pl.Time:
        return _unpadded(values.dt.to_string("%H:%M:%S.%9f"))
    return values.cast(pl.String)


def _unpadded(moments: pl.Series) -> pl.Series:
    return moments.str.strip_chars_end("0").str.strip_chars_end(".")


def _numbers(values: pl.Series) -> pl.Series:
    """Each distinct number is told once: Python's own text of it is the shortest."""
    numbers = values.alias("number").cast(pl.Float64).to_frame()
    one_zero = pl.when(pl.col("number") == 0).then(0.0).otherwise("number")
    told = numbers.select(one_zero.alias("number")).to_series()
    distinct = told.drop_nulls().drop_nans().unique()
    shortest = told.replace_strict(
        distinct, [repr(number) for number in distinct.to_list()], default=None, return_dtype=pl.String
    )
    return (
        shortest.to_frame().select(pl.when(told.is_nan()).then(pl.lit("nan")).otherwise("number")).to_series()
    )
