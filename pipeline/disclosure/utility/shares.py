"""How far shares of outcomes move, group by group, when rows are left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.engine.problem import Bools
from pipeline.quality.statistics import Floats, difference, wilson

# Groups of so many rows with an answer are large; of them the mean change is told.
LARGE = 400
# A small group is far off when its change is more than so many spreads.
SPREADS = 2


@dataclass(frozen=True)
class Moved:
    """The shares taken together: `mean` and `most` are absolute changes over large groups, 0 of none.

    `small` counts the shares in smaller groups, `far` those that moved more than `SPREADS` spreads, and
    `lost` the shares whose whole group has gone.
    """

    large: int
    mean: float
    most: float
    small: int
    far: int
    lost: int


def shares(
    before: pl.DataFrame,
    after: pl.DataFrame,
    groups: Sequence[str],
    outcome: str,
    blanks: Collection[str] = (),
) -> pl.DataFrame:
    """A row for each group (of `groups` together, at least one) and each registered value of `outcome`.

    `before` and `after` are coded alike, and the released rows are among the others. Columns: the groups,
    `outcome`, `value`, `n_before` and `n_after` (rows with an answer), `k_before`, `k_after` (with this one),
    `before`, `after` (shares), `change`, its 95 % interval `low` to `high`, `before_low` to `before_high`
    (Wilson), and `spread`, the standard deviation of the change when as many rows are left out at random.
    `after`, `change` and its interval are null where the group has gone.

    The change is the share left out times the gap between those kept and those left out; so is its interval,
    which is Newcombe's of that gap.
    """
    whole = _counted(before, groups, outcome, blanks, "before")
    kept = _counted(after, groups, outcome, blanks, "after")
    by = [*groups, "value"]
    values = whole.select("value").unique()
    every = whole.select(groups).unique().join(values, how="cross")
    counts = (
        every.join(whole.select(*by, "k_before"), on=by, how="left")
        .join(kept.select(*by, "k_after"), on=by, how="left")
        .join(whole.select(*groups, "n_before").unique(), on=list(groups))
        .join(kept.select(*groups, "n_after").unique(), on=list(groups), how="left")
        .with_columns(pl.col("k_before", "k_after", "n_after").fill_null(0))
        .sort(by)
    )
    if counts.filter(pl.col("k_after") > pl.col("k_before")).height:
        raise ValueError("the released rows are not among the original's")
    return counts.with_columns(_figures(counts)).select(
        *groups, pl.lit(outcome).alias("outcome"), pl.exclude(groups)
    )


def moved(told: pl.DataFrame) -> Moved:
    """The summary of `shares`, of one or more outcomes and groupings."""
    there = told.filter(pl.col("n_after") > 0)
    large, small = there.filter(pl.col("n_before") >= LARGE), there.filter(pl.col("n_before") < LARGE)
    away = np.sort(large["change"].abs().to_numpy())
    # A change that only rounding makes is none.
    far = small.filter(pl.col("change").abs() > SPREADS * pl.col("spread") + 1e-12)
    return Moved(
        large=large.height,
        mean=float(away.mean()) if away.size else 0.0,
        most=float(away[-1]) if away.size else 0.0,
        small=small.height,
        far=far.height,
        lost=told.height - there.height,
    )


def _counted(
    frame: pl.DataFrame, groups: Sequence[str], outcome: str, blanks: Collection[str], name: str
) -> pl.DataFrame:
    value = pl.col(outcome).cast(pl.String).alias("value")
    return (
        frame.select(*groups, value)
        .filter(pl.col("value").is_not_null() & ~pl.col("value").is_in([*blanks, ""]))
        .group_by(*groups, "value")
        .agg(pl.len().cast(pl.Int64).alias(f"k_{name}"))
        .with_columns(pl.col(f"k_{name}").sum().over(list(groups)).alias(f"n_{name}"))
    )


def _figures(counts: pl.DataFrame) -> list[pl.Series]:
    columns = ("k_before", "n_before", "k_after", "n_after")
    k1, n1, k2, n2 = (counts[name].cast(pl.Float64).to_numpy() for name in columns)
    before, left = k1 / n1, (n1 - n2) / n1
    gap, low, high = difference(k1 - k2, n1 - n2, k2, n2)
    some = n2 > 0
    wilson_low, wilson_high = wilson(k1, n1)
    spread = np.sqrt(before * (1 - before) / np.maximum(n2, 1) * (n1 - n2) / np.maximum(n1 - 1, 1))
    after = _where(some, k2 / np.maximum(n2, 1))
    figures = {
        "before": pl.Series(before),
        "before_low": pl.Series(wilson_low),
        "before_high": pl.Series(wilson_high),
        "after": after,
        "change": _where(some, left * gap),
        "low": _where(some, left * low),
        "high": _where(some, left * high),
        "spread": _where(some, spread),
    }
    return [series.rename(name) for name, series in figures.items()]


def _where(some: Bools, values: Floats) -> pl.Series:
    return pl.Series(values).set(pl.Series(~some), None)
