"""Flags on how much of a field is filled: sparse, uneven between bydeler, uneven between advisers.

A flag takes an effect of at least the figure in `thresholds.py`, and that chance does not explain it. A field
without a promise (`min_filled` 0) cannot fall short of one, and its gaps say nothing of practice. Years that
are still filling up (`ripeness`) do not count against a promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

import numpy as np
import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.populations import NO_BYDEL
from pipeline.quality.profile import QualityProfile, fields, profiled_tables
from pipeline.quality.results import FIELD, PERMILLE, adjusted, counted, is_chance
from pipeline.quality.ripeness import NOT_RIPE, among
from pipeline.quality.rules import BELOW_PROMISE, BYDEL_SPREAD, FlagSeverity
from pipeline.quality.statistics import (
    binomial_at_most,
    chi_square_above,
    homogeneity,
    wilson,
)
from schemas import codes
from schemas.variable import Demand, ValueState, table_name


class Period(StrEnum):
    """Over which years a share is taken."""

    ALL = "all"
    LATEST = "latest"


@dataclass(frozen=True)
class Findings:
    """`sparse`: FIELD, period, n, value, promise, demand, severity. `uneven`: FIELD, bydeler, lowest,
    highest, spread (permille), n. `advisers`: table, column, advisers, lower, median, upper (permille).
    Shares are exact: they never leave the process unprotected."""

    sparse: pl.DataFrame
    uneven: pl.DataFrame
    advisers: pl.DataFrame


def findings(measured: QualityProfile, unripe: pl.DataFrame) -> Findings:
    """All flags of a night; `unripe` (`ripeness.UNRIPE`) are the years that are still filling up."""
    return Findings(
        sparse=sparse(measured, unripe), uneven=uneven(measured), advisers=adviser_spread(measured)
    )


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


def sparse(measured: QualityProfile, unripe: pl.DataFrame) -> pl.DataFrame:
    """Fields whose share with a value is below the promise, by more than the margin and more than chance."""
    found = sparse_judged(measured, unripe).filter(pl.col("over") & ~is_chance(pl.col("q")))
    return found.select(*FIELD, "period", "n", "value", "promise", "demand", "severity", "gap").sort(
        "severity", "gap", *FIELD, "period", descending=[False, True, *[False] * (len(FIELD) + 1)]
    )


def sparse_judged(measured: QualityProfile, unripe: pl.DataFrame) -> pl.DataFrame:
    """Every field with a promise, overall and latest: n, value, gap (permille), over the margin, p and q.

    What is of a year in `unripe` is not counted: a field of which too little is left cannot be judged yet.
    """
    fill = measured.fill.with_columns(waits=among(measured.fill, unripe))
    periods = {Period.ALL: fill, Period.LATEST: fill.filter(is_latest(measured.as_of))}
    short = pl.col("value") * PERMILLE < (pl.col("promise") - thresholds.SPARSE_MARGIN.value) * pl.col("n")
    found = pl.concat(
        _ripe_shares(part).with_columns(period=pl.lit(period.value)) for period, part in periods.items()
    ).join(promises().filter(pl.col("promise") > 0), on=["table", "column"])
    judged = pl.col("n") >= thresholds.FEWEST_TO_JUDGE.value
    p = [
        binomial_at_most(value, n, promise / PERMILLE) if n >= thresholds.FEWEST_TO_JUDGE.value else None
        for value, n, promise in found.select("value", "n", "promise").rows()
    ]
    demanded = pl.col("demand") != Demand.NOBODY.value
    with_p = found.with_columns(pl.Series("p", p, dtype=pl.Float64), over=judged & short)
    return with_p.with_columns(
        adjusted(with_p),
        reason=pl.when(~judged & pl.col("waits"))
        .then(pl.lit(NOT_RIPE))
        .when(~judged)
        .then(pl.lit("too_few")),
        severity=pl.when(demanded)
        .then(pl.lit(FlagSeverity.DECIDE.value))
        .otherwise(pl.lit(FlagSeverity.KNOW.value)),
        gap=pl.col("promise") - pl.col("value") * PERMILLE // pl.col("n"),
    ).drop("is_bydel", "waits")


def _ripe_shares(fill: pl.DataFrame) -> pl.DataFrame:
    """FIELD, n and value of the years that do not wait (`waits`), and whether any does."""
    ripe = ~pl.col("waits")
    return (
        fill.group_by(FIELD)
        .agg(
            applicable().filter(ripe).sum().alias("n"),
            pl.col("value").filter(ripe).sum(),
            pl.col("waits").any(),
        )
        .sort(FIELD)
    )


def uneven(measured: QualityProfile) -> pl.DataFrame:
    """Fields where the bydel that fills most and the one that fills least lie far apart, latest years."""
    found = uneven_judged(measured).filter(pl.col("over") & ~is_chance(pl.col("q")))
    return found.select(*FIELD, "bydeler", "n", "lowest", "highest", "spread").sort(
        "spread", *FIELD, descending=[True, *[False] * len(FIELD)]
    )


def uneven_judged(measured: QualityProfile) -> pl.DataFrame:
    """Every field with a promise, latest years: spread (permille), over the limit, p and q, or the reason.

    «Uoppgitt» is no bydel, and a field that says which bydel cannot be uneven between bydeler.
    """
    in_bydel = measured.fill.filter(is_latest(measured.as_of) & (pl.col("bydel") != NO_BYDEL))
    enough = pl.col("n") >= thresholds.FEWEST_TO_JUDGE.value
    share = (pl.col("value") * PERMILLE // pl.col("n")).filter(enough)
    found = (
        shares(in_bydel, *FIELD, "bydel")
        .join(promises().filter(pl.col("promise") > 0), on=["table", "column"])
        .group_by(FIELD)
        .agg(
            bydeler=enough.sum().cast(pl.Int64),
            n=pl.col("n").filter(enough).sum(),
            lowest=share.min(),
            highest=share.max(),
            is_bydel=pl.col("is_bydel").first(),
            counts=pl.struct("value", "n").filter(enough),
        )
        .with_columns(spread=pl.col("highest") - pl.col("lowest"))
        .sort(FIELD)
    )
    several = (pl.col("bydeler") >= thresholds.FEWEST_BYDELER.value) & ~pl.col("is_bydel")
    with_p = found.with_columns(
        _each(found.with_columns(counts=pl.when(several).then("counts")), _chance_of_spread),
        over=several & (pl.col("spread") >= thresholds.UNEVEN_SPREAD.value),
    )
    return with_p.drop("counts").with_columns(
        adjusted(with_p),
        reason=pl.when("is_bydel")
        .then(pl.lit("names_the_bydel"))
        .when(~several)
        .then(pl.lit("too_few_groups")),
    )


def _each(found: pl.DataFrame, chance: Callable[[list[dict[str, int]]], float]) -> pl.Series:
    """The p-value of each row's `counts` (value, n); null where it has none."""
    return pl.Series("p", [chance(c) if c else None for c in found["counts"].to_list()], dtype=pl.Float64)


def _chance_of_spread(counts: list[dict[str, int]]) -> float:
    value, n = (np.array([c[name] for c in counts], dtype=np.float64) for name in ("value", "n"))
    return chi_square_above(*homogeneity(value, n))


def adviser_spread(measured: QualityProfile) -> pl.DataFrame:
    """The middle half of the shares by adviser, for fields that enough advisers have enough of."""
    return advisers_judged(measured).select("table", "column", "advisers", "lower", "median", "upper")


def advisers_judged(measured: QualityProfile) -> pl.DataFrame:
    """The middle half of the shares by adviser, whether it is over the limit, and the p-value.

    Each figure is the mean of the two shares next to its place in the order, so none of them is one
    adviser's own: below and above the lower quarter, the middle, the upper quarter. The two beside the
    middle share when that is one adviser's.
    """
    share = (pl.col("value") * PERMILLE // pl.col("n")).sort()
    quarter, half = pl.len() // 4, pl.len() // 2
    found = (
        shares(measured.by_adviser, "table", "column", "adviser_key")
        .filter(pl.col("n") >= thresholds.FEWEST_PER_ADVISER.value)
        .filter(pl.len().over("table", "column") >= thresholds.FEWEST_ADVISERS.value)
        .sort("table", "column", "adviser_key")
        .group_by("table", "column", maintain_order=True)
        .agg(
            advisers=pl.len().cast(pl.Int64),
            n=pl.col("n").sum(),
            lower=_mean(share, quarter - 1, quarter),
            median=_mean(share, half - 1, pl.len() - half),
            upper=_mean(share, pl.len() - quarter - 1, pl.len() - quarter),
            counts=pl.struct("value", "n"),
        )
        .join(promises().filter(pl.col("promise") > 0), on=["table", "column"], how="semi")
        .sort("table", "column")
    )
    over = pl.col("upper") - pl.col("lower") >= thresholds.ADVISER_SPREAD.value
    return found.with_columns(_each(found, _chance_of_spread), over=over).drop("counts")


def fill_counts(measured: QualityProfile, unripe: pl.DataFrame) -> list[pl.DataFrame]:
    """COUNTED rows of every check of how much is filled; `unripe` are the years still filling up."""
    return [_sparse_counted(measured, unripe), _uneven_counted(measured), _advisers_counted(measured)]


def _sparse_counted(measured: QualityProfile, unripe: pl.DataFrame) -> pl.DataFrame:
    found = sparse_judged(measured, unripe)
    low, high = wilson(found["value"].cast(pl.Float64).to_numpy(), found["n"].cast(pl.Float64).to_numpy())
    promise = pl.col("promise") / PERMILLE
    judged = counted(
        BELOW_PROMISE,
        found.with_columns(pl.Series("low", low), pl.Series("high", high)).with_columns(
            numerator="value",
            denominator="n",
            effect=pl.when(pl.col("n") > 0).then(promise - pl.col("value") / pl.col("n")),
            effect_low=promise - pl.col("high"),
            effect_high=promise - pl.col("low"),
        ),
    )
    return pl.concat([judged, _without_promise(measured, BELOW_PROMISE)])


def _without_promise(measured: QualityProfile, check: str) -> pl.DataFrame:
    none = measured.fill.select(FIELD).unique().join(
        promises().filter(pl.col("promise") == 0), on=["table", "column"], how="semi"
    )  # fmt: skip
    return counted(check, none.with_columns(reason=pl.lit("no_promise")))


def _uneven_counted(measured: QualityProfile) -> pl.DataFrame:
    return counted(
        BYDEL_SPREAD,
        uneven_judged(measured).with_columns(
            period=pl.lit(Period.LATEST.value), denominator="n", effect=pl.col("spread") / PERMILLE
        ),
    )


def _advisers_counted(measured: QualityProfile) -> pl.DataFrame:
    return counted(
        "adviser_spread",
        advisers_judged(measured).with_columns(
            denominator="n", effect=(pl.col("upper") - pl.col("lower")) / PERMILLE
        ),
    )


def _mean(ordered: pl.Expr, one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """The mean of the values at two places, rounded down."""
    return ((ordered.get(one) + ordered.get(other)) // 2).cast(pl.Int64)


def shares(fill: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Numerator and denominator (`n` without what does not apply) for each group."""
    return fill.group_by(by).agg(applicable().sum().alias("n"), pl.col("value").sum()).sort(by)
