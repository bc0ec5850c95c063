"""Linkage quality as it is held from night to night, before it is protected.

Counts are held at the level they are shown at: held finer and added up, they would stray. What does not
belong here: what may be shown of them (`protected_matching.py`).
"""

from __future__ import annotations

import polars as pl

from pipeline.pages.memory import Memory
from pipeline.pages.protected_matching import EARLIER, Matching
from schemas import codes

_RATES = ("expected", "linkable", "with_record")


def held_matching(exact: Matching, memory: Memory, *, first_year: int) -> Matching:
    """`exact` over bydeler and identifiers, the years before `first_year` as one, every count held.

    The answer is as exact as what it is made from: it still has to be protected.
    """
    years = pl.when(pl.col("year") >= first_year).then("year").otherwise(EARLIER).alias("year")
    compared = _summed(exact.compared.with_columns(years), ["year"])
    differences = _summed(exact.differences.with_columns(years), ["kind", "year"])
    kinds, places = differences.select("kind").unique(), _bydeler(exact)
    differences = _over(kinds.join(compared.select("year"), how="cross"), differences)
    whole = memory.hold("compared", compared, ["year"], "programmes")
    part = memory.hold("differences", differences, ["kind", "year"], "programmes")
    near = memory.hold("local compared", _over(places, exact.local_compared), ["bydel"], "programmes")
    everywhere = _over(kinds.join(places, how="cross"), exact.local)
    local = memory.hold("local differences", everywhere, ["kind", "bydel"], "programmes")
    return Matching(
        rates=_rates(exact.rates, memory),
        bias=memory.hold("bias", exact.bias, ["characteristic", "category"], "linkable", "not_linkable"),
        differences=_within(part, whole, "year"),
        compared=whole,
        local=_within(local, near, "bydel"),
        local_compared=near,
        flags=memory.hold("flags", exact.flags, ["flag"], "programmes"),
        review=memory.hold("review", exact.review, ["kind"], "conflicts"),
    )


def _bydeler(exact: Matching) -> pl.DataFrame:
    """Every bydel there is, and those of the counts, where anything is compared at all: `bydel`."""
    every = codes.BYDEL.values() if exact.compared.height else []
    known = pl.DataFrame({"bydel": every}, schema={"bydel": pl.String})
    return pl.concat(
        [known, *(rows.select("bydel") for rows in (exact.local_compared, exact.local))]
    ).unique()


def _over(grid: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """`counted` with a row for all of `grid` too, 0 where nobody was: none and few then look alike."""
    every = pl.concat([grid, counted.select(grid.columns)]).unique()
    joined = every.join(counted, on=grid.columns, how="left").sort(grid.columns)
    return joined.with_columns(pl.col(counted.drop(grid.columns).columns).fill_null(0))


def _within(part: pl.DataFrame, whole: pl.DataFrame, key: str) -> pl.DataFrame:
    """Each is held on its own; the smaller is still a part of the larger."""
    joined = part.join(whole.select(key, whole="programmes"), on=key, how="left")
    return joined.with_columns(pl.min_horizontal("programmes", "whole").alias("programmes")).drop("whole")


def _summed(programmes: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return programmes.group_by(by).agg(pl.col("programmes").sum()).sort(by)


def _rates(rates: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    by = ["register", "year"]
    summed = rates.group_by(by).agg(pl.col(_RATES).sum()).sort(by)
    grid = summed.select("register").unique().join(summed.select("year").unique(), how="cross")
    held = memory.hold("match rates", _over(grid, summed), by, *_RATES)
    # Each is held on its own; the smaller is still a part of the larger.
    return held.with_columns(pl.min_horizontal("linkable", "expected").alias("linkable")).with_columns(
        pl.min_horizontal("with_record", "linkable").alias("with_record")
    )
