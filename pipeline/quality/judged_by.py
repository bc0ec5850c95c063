"""By which rules a result was judged, as one short text: another where a limit or a promise is another.

What is remembered of a night's judgements carries it, so that a changed limit is heard the same night. What
does not belong here: the rules (`rules`), the limits (`thresholds`), and holding (`export`).
"""

from __future__ import annotations

import hashlib
import json

import polars as pl

from pipeline.quality.flags import promises
from pipeline.quality.rules import CHECKS, Check
from pipeline.quality.thresholds import THRESHOLDS

_LENGTH = 16


def judged_by(results: pl.DataFrame) -> pl.Series:
    """`rules` of each result (check, table, column): its check, every limit in use, its field's promise.

    How a check counts is no part of it: a count that comes out otherwise is seen by itself.
    """
    checks = pl.DataFrame(
        [(name, _fingerprint(check)) for name, check in CHECKS.items()],
        schema={"check": pl.String, "_check": pl.String},
        orient="row",
    )
    promised = promises().select("table", "column", _promise=pl.format("{} {}", "promise", "demand"))
    told = results.select("check", "table", "column").join(
        checks, on="check", how="left", maintain_order="left"
    )
    told = told.join(promised, on=["table", "column"], how="left", maintain_order="left")
    return told.select(rules=pl.concat_str("_check", "_promise", separator=" ", ignore_nulls=True))["rules"]


def _fingerprint(check: Check) -> str:
    """A hash of what the check is judged by: its own limit, and those that are no check's own."""
    own = [other.threshold for other in CHECKS.values()]
    shared = [limit.value for limit in THRESHOLDS if limit not in own]
    by = [check.flag, check.severity, check.effect, check.threshold.value, shared]
    return hashlib.sha256(json.dumps(by).encode()).hexdigest()[:_LENGTH]
