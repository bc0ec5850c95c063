"""Columns of many values brought to few: what is compared has a bounded number of terms, whatever it holds.

A logistic model with a term for each of 3,000 incomes tells nothing and never ends. As is usual (synthpop's
`utility.tab` does it for whatever is numeric: Raab, Nowok and Dibben 2021, «Assessing, visualizing and
improving the utility of synthetic data»), numbers go into groups of as many rows, by quantiles; of what has
no order the rarest values are taken together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.registered import counted, registered

# A column has so many values at most when it is compared, and all columns together so many: the sums of a
# model grow with the square of the columns, and what solves it with the cube of the values.
MOST_VALUES, MOST_TERMS = 50, 400
# Numbers go into so many groups: the tenths that incomes are told in.
BANDS = 10
_VALUE, _ROWS, _NUMBER, _BAND, _GROUP = "value", "rows", "number", "band", "group"


def most_values(columns: int) -> int:
    """How many values each of so many columns may have."""
    return max(2, min(MOST_VALUES, MOST_TERMS // max(columns, 1)))


@dataclass(frozen=True)
class Bounded:
    """A column before and after, of few values; `grouped` says whether they are other than they were."""

    before: pl.Series
    after: pl.Series
    grouped: bool


def bounded(before: pl.Series, after: pl.Series, most: int, blanks: Collection[str] = ()) -> Bounded:
    """Both columns of text as they are where `before` has at most so many values; otherwise grouped.

    Missing and empty values, and `blanks`, are no part of a group. Groups are made of `before` alone.
    """
    counts = counted(before, blanks)
    if counts.height <= most:
        return Bounded(before, after, grouped=False)
    group = _tenths(counts, most)
    if group is None:
        group = _rarest(counts, most)
    sides = [
        column.replace_strict(group[_VALUE], group[_GROUP], default=None, return_dtype=pl.String)
        for column in (before, after)
    ]
    # A blank stays what it is.
    kept = [
        pl.select(pl.when(registered(column, blanks)).then(side).otherwise(column)).to_series()
        for column, side in zip((before, after), sides, strict=True)
    ]
    return Bounded(kept[0].alias(before.name), kept[1].alias(after.name), grouped=True)


def _tenths(counts: pl.DataFrame, most: int) -> pl.DataFrame | None:
    """value, group: where the values are numbers but for few, which stay; None where they are not."""
    number = pl.col(_VALUE).cast(pl.Float64, strict=False)
    told = counts.with_columns(pl.when(number.is_finite()).then(number + 0.0).alias(_NUMBER))
    others = told.filter(pl.col(_NUMBER).is_null()).select(_VALUE, pl.col(_VALUE).alias(_GROUP))
    bands = min(BANDS, most)
    if others.height > most - bands:
        return None
    by_number = told.drop_nulls(_NUMBER).group_by(_NUMBER).agg(pl.col(_ROWS).sum()).sort(_NUMBER)
    below, rows = pl.col(_ROWS).cum_sum() - pl.col(_ROWS), pl.col(_ROWS)
    # The band of a number's middle row; in whole numbers, so that no digit decides.
    band = (2 * below + rows) * bands // (2 * rows.sum())
    placed = told.drop_nulls(_NUMBER).join(by_number.with_columns(band.alias(_BAND)), on=_NUMBER)
    group = pl.format("{} of {}", pl.col(_BAND) + 1, pl.lit(bands)).alias(_GROUP)
    return pl.concat([placed.select(_VALUE, group), others])


def _rarest(counts: pl.DataFrame, most: int) -> pl.DataFrame:
    """value, group: the commonest stay, the rarest are one group; of equally common ones the first stay."""
    name = "other"
    while (counts[_VALUE] == name).any():
        name += " "
    order = counts.sort([_ROWS, _VALUE], descending=[True, False])
    stays = pl.int_range(pl.len()) < most - 1
    return order.select(_VALUE, pl.when(stays).then(_VALUE).otherwise(pl.lit(name)).alias(_GROUP))
