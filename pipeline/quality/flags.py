"""Which fields a steward should act on: sparse, uneven between bydeler, uneven between advisers.

Every judgement is whole-number arithmetic against a figure in `thresholds.py`. A field without a promise
(`min_filled` 0) cannot fall short of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.populations import NO_BYDEL
from pipeline.quality.profile import QualityProfile, fields, profiled_tables
from schemas import codes
from schemas.variable import Demand, ValueState, table_name

FIELD = ("table", "column", "population")
PERMILLE = 1000


class Period(StrEnum):
    """Over which years a share is taken."""

    ALL = "all"
    LATEST = "latest"


class FlagSeverity(StrEnum):
    """What a sparse field asks of the steward: a demanded one a decision, the others a warning to readers."""

    DECIDE = "decide"
    KNOW = "know"


@dataclass(frozen=True)
class Findings:
    """`sparse`: FIELD, period, n, value, promise, demand, severity. `uneven`: FIELD, bydeler, lowest,
    highest, spread (permille), n. `advisers`: table, column, advisers, lower, median, upper (permille).
    Shares are exact: they never leave the process unprotected."""

    sparse: pl.DataFrame
    uneven: pl.DataFrame
    advisers: pl.DataFrame


def findings(measured: QualityProfile) -> Findings:
    """All flags of a night."""
    return Findings(sparse=sparse(measured), uneven=uneven(measured), advisers=adviser_spread(measured))


def is_latest(as_of: date) -> pl.Expr:
    """Whether a row's year is among the latest."""
    return pl.col("year").is_between(as_of.year - thresholds.LATEST_YEARS.value + 1, as_of.year)


def applicable() -> pl.Expr:
    """How many of the expected could have a value at all: the denominator of a fill rate."""
    return pl.col("n") - pl.col(ValueState.NOT_APPLICABLE.value)


@cache
def promises() -> pl.DataFrame:
    """Field -> what its demand promises, in permille, who demands it, and whether it is a bydel itself."""
    return pl.DataFrame(
        [
            (
                table_name(t),
                c.name,
                round(c.about.min_filled * PERMILLE),
                c.about.demand.value,
                c.about.codes == codes.BYDEL,
            )
            for t in profiled_tables()
            for c in fields(t)
        ],
        schema={
            "table": pl.String,
            "column": pl.String,
            "promise": pl.Int64,
            "demand": pl.String,
            "is_bydel": pl.Boolean,
        },
        orient="row",
    )


def sparse(measured: QualityProfile) -> pl.DataFrame:
    """Fields whose share with a value is more than the margin below the promise, overall and latest."""
    periods = {Period.ALL: measured.fill, Period.LATEST: measured.fill.filter(is_latest(measured.as_of))}
    short = pl.col("value") * PERMILLE < (pl.col("promise") - thresholds.SPARSE_MARGIN.value) * pl.col("n")
    judged = pl.col("n") >= thresholds.FEWEST_TO_JUDGE.value
    found = pl.concat(
        _shares(fill, *FIELD).with_columns(period=pl.lit(period.value)) for period, fill in periods.items()
    ).join(promises(), on=["table", "column"])
    demanded = pl.col("demand") != Demand.NOBODY.value
    return (
        found.filter((pl.col("promise") > 0) & judged & short)
        .with_columns(
            severity=pl.when(demanded)
            .then(pl.lit(FlagSeverity.DECIDE.value))
            .otherwise(pl.lit(FlagSeverity.KNOW.value)),
            gap=pl.col("promise") - pl.col("value") * PERMILLE // pl.col("n"),
        )
        .drop("is_bydel")
        .sort("severity", "gap", *FIELD, "period", descending=[False, True, *[False] * (len(FIELD) + 1)])
    )


def uneven(measured: QualityProfile) -> pl.DataFrame:
    """Fields where the bydel that fills most and the one that fills least lie far apart, latest years.

    «Uoppgitt» is no bydel, and a field that says which bydel cannot be uneven between bydeler.
    """
    in_bydel = measured.fill.filter(is_latest(measured.as_of) & (pl.col("bydel") != NO_BYDEL))
    shares = (
        _shares(in_bydel, *FIELD, "bydel")
        .filter(pl.col("n") >= thresholds.FEWEST_TO_JUDGE.value)
        .with_columns(share=pl.col("value") * PERMILLE // pl.col("n"))
        .join(promises().filter(~pl.col("is_bydel") & (pl.col("promise") > 0)), on=["table", "column"])
    )
    return (
        shares.group_by(FIELD)
        .agg(
            bydeler=pl.len().cast(pl.Int64),
            n=pl.col("n").sum(),
            lowest=pl.col("share").min(),
            highest=pl.col("share").max(),
        )
        .with_columns(spread=pl.col("highest") - pl.col("lowest"))
        .filter(
            (pl.col("bydeler") >= thresholds.FEWEST_BYDELER.value)
            & (pl.col("spread") >= thresholds.UNEVEN_SPREAD.value)
        )
        .sort("spread", *FIELD, descending=[True, *[False] * len(FIELD)])
    )


def adviser_spread(measured: QualityProfile) -> pl.DataFrame:
    """The middle half of the shares by adviser, for fields that enough advisers have enough of.

    Each figure is the mean of the two shares next to its place in the order, so none of them is one
    adviser's own: below and above the lower quarter, the middle, the upper quarter. The two beside the
    middle share when that is one adviser's.
    """
    share = (pl.col("value") * PERMILLE // pl.col("n")).sort()
    quarter, half = pl.len() // 4, pl.len() // 2
    return (
        _shares(measured.by_adviser, "table", "column", "adviser_key")
        .filter(pl.col("n") >= thresholds.FEWEST_PER_ADVISER.value)
        .filter(pl.len().over("table", "column") >= thresholds.FEWEST_ADVISERS.value)
        .group_by("table", "column")
        .agg(
            advisers=pl.len().cast(pl.Int64),
            lower=_mean(share, quarter - 1, quarter),
            median=_mean(share, half - 1, pl.len() - half),
            upper=_mean(share, pl.len() - quarter - 1, pl.len() - quarter),
        )
        .join(promises().filter(pl.col("promise") > 0), on=["table", "column"], how="semi")
        .sort("table", "column")
    )


def _mean(ordered: pl.Expr, one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """The mean of the values at two places, rounded down."""
    return ((ordered.get(one) + ordered.get(other)) // 2).cast(pl.Int64)


def _shares(fill: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Numerator and denominator (`n` without what does not apply) for each group."""
    return fill.group_by(by).agg(applicable().sum().alias("n"), pl.col("value").sum()).sort(by)
