"""Where the results of a check stand, and whether what the page shows of a place lets them be told.

What does not belong here: what is told (`export`), and how a place's figures are protected (`pages`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.disclosure.tables import BASE, Marker
from pipeline.quality import thresholds
from pipeline.quality.flags import promises
from pipeline.quality.machine import CLOSES
from pipeline.quality.results import FIELD, PERMILLE
from pipeline.quality.rules import BREAK, CHECKS
from pipeline.quality.statistics import two_shares
from schemas.linked.reconciliation import NO_YEAR

# A change so unlikely is chance by no adjustment for many checks.
_CERTAIN = 1e-6
# A year shown with so many certainly had enough to be judged, however far from the true count it is told.
_CERTAINLY_JUDGED = thresholds.FEWEST_TO_JUDGE.value + 2 * BASE
_PERCENT = 100
_BETWEEN = "-"  # a band's code is its bounds: 25-50


def years_open(cells: pl.DataFrame) -> pl.DataFrame:
    """table, column, key: the years of which the page shows how many are asked, of every population."""
    shown = (pl.col("n_marker").cast(pl.String) == Marker.SHOWN.value).fill_null(False)
    years = cells.filter((pl.col("by") == "year") & pl.col("key").is_not_null())
    by_year = years.group_by("table", "column", "key").agg(is_open=shown.all())
    return by_year.filter("is_open").drop("is_open")


def seen_breaks(cells: pl.DataFrame) -> pl.DataFrame:
    """FIELD, key: the years whose band lies so far from that of the year before that anybody sees the break.

    Certain of whatever shares lie in the two bands: to tell it adds nothing to what is shown.
    """
    years = cells.filter(
        (pl.col("by") == "year") & pl.col("key").is_not_null() & pl.col("band").is_not_null()
    )
    bound = pl.col("band").str.split(_BETWEEN)
    told = years.filter(pl.col("n") >= _CERTAINLY_JUDGED).select(
        *FIELD, "key", "n", year=pl.col("key").cast(pl.Int64), **{
            name: bound.list.get(place).cast(pl.Int64) for place, name in enumerate(("low", "high"))
        }
    )  # fmt: skip
    before = told.with_columns(pl.col("year") + 1)
    pairs = told.join(before, on=[*FIELD, "year"], suffix="_before")
    falls = pl.col("low_before") - pl.col("high")
    gap = pl.max_horizontal(falls, pl.col("low") - pl.col("high_before")) * PERMILLE // _PERCENT
    wide = pairs.filter(gap >= thresholds.SHIFT_LEAST.value).with_columns(
        nearest=pl.when(falls > 0).then("high").otherwise("low"),
        nearest_before=pl.when(falls > 0).then("low_before").otherwise("high_before"),
    )
    p = [
        two_shares(share_before * n_before / _PERCENT, n_before, share * n / _PERCENT, n)
        for share_before, n_before, share, n in wide.select(
            "nearest_before", "n_before", "nearest", "n"
        ).rows()
    ]
    return wide.filter(pl.Series(p, dtype=pl.Float64) <= _CERTAIN).select(*FIELD, "key")


def not_told(results: pl.DataFrame, fields: pl.DataFrame, as_of: date) -> dict[str, int]:
    """`suppressed`: how many checks are hidden; `untold`: of how many of the page's years no check tells.

    Made of `PublishedResult` and `PublishedField` alone, so they say no more than these do.
    """
    return {"suppressed": results["status"].null_count(), "untold": _untold(results, fields, as_of)}


def _untold(results: pl.DataFrame, fields: pl.DataFrame, as_of: date) -> int:
    """How many single years on the page a check judges and tells nothing of."""
    years = fields.filter((pl.col("by") == "year") & (pl.col("place") != "all")).select(
        *FIELD, year=pl.col("place").cast(pl.Int64)
    )
    years = years.filter((pl.col("year") > NO_YEAR) & (pl.col("year") <= as_of.year))
    promised = years.join(promises().filter(pl.col("promise") > 0), on=["table", "column"], how="semi")
    compared = promised.join(promised.with_columns(pl.col("year") + 1), on=[*FIELD, "year"], how="semi")
    closes = pl.DataFrame(CLOSES, schema=["table", "column"], orient="row")
    closed = years.join(closes, on=["table", "column"], how="semi").select("table", "column", "year").unique()
    by_year = [name for name, check in CHECKS.items() if check.by_year]
    told = results.filter(pl.col("check").is_in(by_year) & pl.col("status").is_not_null())
    of_breaks = told.filter(pl.col("check") == BREAK)
    of_closes = told.filter(pl.col("check") != BREAK)
    left = compared.join(of_breaks, on=[*FIELD, "year"], how="anti")
    return left.height + closed.join(of_closes, on=["table", "column", "year"], how="anti").height
