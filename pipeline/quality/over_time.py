"""Flags on how much of a field is filled over the years: a break between two of them, a falling trend.

What does not belong here: one moment's fill (`flags.py`), and when a value came (`delays.py`).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.flags import Period, promises, shares
from pipeline.quality.profile import QualityProfile
from pipeline.quality.results import FIELD, PERMILLE, counted
from pipeline.quality.ripeness import NOT_RIPE, among
from pipeline.quality.rules import BREAK
from pipeline.quality.statistics import Z_95, difference, trend, two_shares

FALLING = "falling_trend"


def _yearly(measured: QualityProfile, unripe: pl.DataFrame) -> pl.DataFrame:
    """Value and n of each field with a promise, by year, where there are enough to judge; is_ripe."""
    yearly = (
        shares(measured.fill.filter(pl.col("year") <= measured.as_of.year), *FIELD, "year")
        .filter(pl.col("n") >= thresholds.FEWEST_TO_JUDGE.value)
        .join(promises().filter(pl.col("promise") > 0), on=["table", "column"], how="semi")
        .sort(*FIELD, "year")
    )
    return yearly.with_columns(is_ripe=~among(yearly, unripe))


def breaks(measured: QualityProfile, unripe: pl.DataFrame) -> pl.DataFrame:
    """COUNTED rows: for each field and year with enough, the change from the year before.

    Of the years in `unripe` (`ripeness.UNRIPE`) each is told to be so, and none is compared.
    """
    waiting = unripe.with_columns(period=pl.lit("year"), reason=pl.lit(NOT_RIPE))
    return pl.concat([_changes(_yearly(measured, unripe)), counted(BREAK, waiting)])


def _changes(yearly: pl.DataFrame) -> pl.DataFrame:
    before = pl.col("year", "value", "n").shift(1).over(FIELD).name.suffix("_before")
    ripe = yearly.filter("is_ripe").with_columns(before)
    pairs = ripe.filter(pl.col("year") - pl.col("year_before") == 1)
    counts = [pairs[name].cast(pl.Float64).to_numpy() for name in ("value_before", "n_before", "value", "n")]
    gap, low, high = difference(*counts)
    p = [two_shares(*row) for row in zip(*counts, strict=True)]
    n, n_before = pl.col("n"), pl.col("n_before")
    change = pl.col("value") * n_before - pl.col("value_before") * n
    least = change.abs() * PERMILLE >= thresholds.SHIFT_LEAST.value * n * n_before
    found = pairs.with_columns(
        pl.Series("effect", gap),
        pl.Series("effect_low", low),
        pl.Series("effect_high", high),
        pl.Series("p", p, dtype=pl.Float64),
        period=pl.lit("year"),
        numerator="value",
        denominator="n",
    ).with_columns(over=least)
    return counted(BREAK, found)


def is_in_trend(as_of: date) -> pl.Expr:
    """Whether a row's year is among those a trend is measured over: the last whole ones."""
    return pl.col("year").is_between(as_of.year - thresholds.DECAY_YEARS.value, as_of.year - 1)


def falling(measured: QualityProfile, unripe: pl.DataFrame) -> pl.DataFrame:
    """COUNTED rows: for each field, the trend over those of the last whole years that are ripe."""
    window = thresholds.DECAY_YEARS.value
    yearly = _yearly(measured, unripe).filter(is_in_trend(measured.as_of))
    ripe = pl.col("is_ripe")
    found = yearly.group_by(FIELD, maintain_order=True).agg(
        pl.col("year", "value", "n").filter(ripe),
        waits=~ripe.all(),
        numerator=pl.col("value").filter(ripe).sum(),
        denominator=pl.col("n").filter(ripe).sum(),
    )
    lines = [_line(*lists) for lists in found.select("year", "value", "n").rows()]
    names = ("effect", "effect_low", "effect_high", "p")
    drawn = pl.DataFrame(lines, schema=dict.fromkeys(names, pl.Float64), orient="row")
    few = pl.col("years") < window // 2 + 1
    fall = -pl.col("effect") * (window - 1) * PERMILLE
    return counted(
        FALLING,
        pl.concat([found.drop("year", "value", "n"), drawn], how="horizontal")
        .with_columns(years=found["year"].list.len(), period=pl.lit(Period.LATEST.value))
        .with_columns(
            over=~few & (fall >= thresholds.DECAY_LEAST.value),
            p=pl.when(~few).then("p"),
            reason=pl.when(few & pl.col("waits"))
            .then(pl.lit(NOT_RIPE))
            .when(few)
            .then(pl.lit("too_few_years")),
        ),
    )


def _line(years: list[int], value: list[int], n: list[int]) -> tuple[float, float, float, float]:
    slope, error, p = trend(*(np.array(v, dtype=np.float64) for v in (years, value, n)))
    return slope, slope - Z_95 * error, slope + Z_95 * error, p
