"""How much is filled where years that are still filling up are left out: what a promise is judged by.

A figure here is a sum of years of one list, whose every year is published or hidden already. It is shown
only where it follows from the years and the total that are shown: so it tells of no hidden one. What does not
belong here: which years wait (`quality.ripeness`), and the list itself (`protected.py`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.disclosure.tables import HELD_THRESHOLD, Marker, bands, rounded
from pipeline.quality.flags import Period, is_latest
from pipeline.quality.results import FIELD
from pipeline.quality.ripeness import among

_WAITS, _OPEN = "waits", "is_open"


def settled_cells(
    held: pl.DataFrame, shown: pl.DataFrame, unripe: pl.DataFrame, as_of: date, *, whole: str, filled: str
) -> pl.DataFrame:
    """FIELD, period, n, n_marker, band, marker: the years that do not wait, where others of a Period do.

    `held` has FIELD, key (a year as text) and the held counts `whole` and `filled`, `shown` the protected
    cells of the same list (FIELD, key, null in the total, and n_marker), `unripe` (`ripeness.UNRIPE`) the
    years that wait. A year with too few to show counts where it is shown: with its key's.
    """
    open_years = shown.select(*FIELD, "key", (pl.col("n_marker") == Marker.SHOWN.value).alias(_OPEN))
    totals = open_years.filter(pl.col("key").is_null()).select(*FIELD, total_open=_OPEN)
    years = (
        held.join(open_years, on=[*FIELD, "key"], how="left")
        .join(totals, on=FIELD, how="left")
        .with_columns(year=pl.col("key").cast(pl.Int64))
    )
    years = years.with_columns(among(years, unripe).alias(_WAITS))
    within = {Period.ALL: pl.lit(True), Period.LATEST: is_latest(as_of)}
    sums = pl.concat(_summed(years, period, holds, whole, filled) for period, holds in within.items())
    marker = pl.when(pl.col("follows") & (pl.col(whole) >= HELD_THRESHOLD))
    marked = sums.with_columns(
        n_marker=marker.then(pl.lit(Marker.SHOWN.value)).otherwise(pl.lit(Marker.SUPPRESSED.value))
    )
    told = bands(marked.with_columns(marker="n_marker"), filled, whole, least=HELD_THRESHOLD)
    n = pl.when(pl.col("n_marker") == Marker.SHOWN.value).then(rounded(pl.col(whole)))
    return told.select(*FIELD, "period", n.alias("n"), "n_marker", "band", "marker").sort(*FIELD, "period")


def _summed(years: pl.DataFrame, period: Period, within: pl.Expr, whole: str, filled: str) -> pl.DataFrame:
    """The sums of each field of which a year waits, and whether they follow from what is shown.

    They do where every year of them is, or every other year and the total: the rest is a difference.
    """
    counts = within & ~pl.col(_WAITS)
    found = years.group_by(FIELD).agg(
        pl.col(whole, filled).filter(counts).sum(),
        follows=pl.col(_OPEN).filter(counts).all()
        | (pl.col(_OPEN).filter(~counts).all() & pl.col("total_open").all()),
        some=(within & pl.col(_WAITS)).any(),
    )
    return found.filter("some").drop("some").with_columns(period=pl.lit(period.value))
