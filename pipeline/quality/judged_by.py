"""By which rules a result or a year was judged, in one short text: another where a limit is another.

What is remembered of a night's judgements carries it, so that a changed limit is heard the same night. What
does not belong here: the rules (`rules`), the limits (`thresholds`), and holding (`export`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import polars as pl

from pipeline.quality.flags import promises
from pipeline.quality.profile import fields, profiled_tables
from pipeline.quality.ripeness import is_judged, limits
from pipeline.quality.rules import CHECKS, Check
from pipeline.quality.thresholds import THRESHOLDS
from schemas.variable import facts, table_name

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


def ripe_by(years: pl.DataFrame) -> pl.Series:
    """`rules` of each of `years` (table, column): the limits of ripeness, if it is judged, when it is due."""
    told = [
        (table_name(t), c.name, _hash([*limits(), is_judged(c), str(facts(t).due), str(c.about.due)]))
        for t in profiled_tables()
        for c in fields(t)
    ]
    rules = pl.DataFrame(told, schema=dict.fromkeys(("table", "column", "rules"), pl.String), orient="row")
    by = ["table", "column"]
    return years.select(by).join(rules, on=by, how="left", maintain_order="left")["rules"].fill_null("")


def _fingerprint(check: Check) -> str:
    """A hash of what the check is judged by: its own limit, and those that are no check's own."""
    own = [other.threshold for other in CHECKS.values()]
    shared = [limit.value for limit in THRESHOLDS if limit not in own]
    by = [check.flag, check.severity, check.effect, check.threshold.value, shared]
    return _hash(by)


def _hash(by: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(by).encode()).hexdigest()[:_LENGTH]
