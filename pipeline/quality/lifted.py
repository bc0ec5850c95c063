"""Decisions that a finding has outgrown: it has become worse since a steward decided about it.

An acknowledgement was of what the finding was then, so it is lifted, and the finding needs a decision again.
An exception stands until its day, and the result says that it has become worse. Both are worked out from the
log of published figures. What does not belong here: what is worse (`worse`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.quality.history import Kind
from pipeline.quality.results import FAILED
from pipeline.quality.stewardship import STANDING, Stewardship
from pipeline.quality.worse import is_worse, size

_HELD_AGAINST = (Stewardship.ACKNOWLEDGED.value, Stewardship.EXCEPTED.value)


def since_decided(results: pl.DataFrame, log: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`PublishedResult` rows of the night of `as_of` with `worse`, and how they stand by that.

    `log` is the history of nights; only those before `as_of` are looked at. `worse` is null where no
    decision stands that a finding could outgrow, where it was taken this very night or later, and where no
    size is known to compare: that nothing can be told is not that nothing became worse.
    """
    about = results.filter((pl.col("status") == FAILED) & pl.col(STANDING).is_in(_HELD_AGAINST))
    about = about.filter(pl.col("decided_on") < as_of)  # of tonight: it was decided about as it is now
    known = _when_decided(about.select("result_id", "decided_on"), log.filter(pl.col("since") < as_of))
    told = about.select("result_id", now=size()).join(known, on="result_id", how="left")
    judged = told.select("result_id", _worse=is_worse(pl.col("was"), pl.col("now")))
    lifts = pl.col("worse").fill_null(False) & (pl.col(STANDING) == Stewardship.ACKNOWLEDGED.value)
    lifted = pl.when(lifts).then(pl.lit(Stewardship.WORSENED.value)).otherwise(STANDING)
    return (
        results.join(judged, on="result_id", how="left", maintain_order="left")
        .with_columns(worse="_worse")
        .with_columns(lifted.alias(STANDING))
        .select(results.columns)
    )


def _when_decided(decided: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """result_id, was: the size each had on the night it was decided about; else the first it had after."""
    sizes = log.filter(pl.col("kind") == Kind.SIZE.value)
    rows = decided.join(sizes, left_on="result_id", right_on="id").sort("result_id", "since")
    until = pl.col("since") <= pl.col("decided_on")
    after = pl.col("state").filter(~until & pl.col("state").is_not_null())
    return rows.group_by("result_id", maintain_order=True).agg(
        was=pl.coalesce(pl.col("state").filter(until).last(), after.first())
    )
