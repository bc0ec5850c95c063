"""What the published results of a table come to: what is open, what needs a decision, what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.quality.flags import Period
from pipeline.quality.history import Change
from pipeline.quality.results import FAILED, FIELD, PASSED
from pipeline.quality.rules import BELOW_PROMISE, FlagSeverity
from pipeline.quality.stewardship import COLUMNS, STANDING, UNDECIDED, Decision, Stewardship, apply

WHOLE_TABLE = "the whole table"


@dataclass(frozen=True)
class Judgement:
    """`open`: flag -> the fields it stands on; `to_decide`: whether one of them needs a decision; `worse`:
    the fields of findings that have become so since the night before, or since a steward decided about them;
    `decided`: how many findings stewards have decided about."""

    open: dict[str, list[str]]
    to_decide: bool
    worse: list[str]
    decided: int
    next_step: str


def findings(results: pl.DataFrame) -> pl.DataFrame:
    """Of published results, those that are findings."""
    return results.filter(pl.col("status") == FAILED)


def undecided(results: pl.DataFrame) -> pl.DataFrame:
    """Of published results, the findings that no decision stands for; what is only for the record is none."""
    asks = pl.col("severity") != FlagSeverity.NOTE.value
    return findings(results).filter(asks & pl.col(STANDING).is_in(UNDECIDED))


def to_decide(results: pl.DataFrame) -> pl.DataFrame:
    """Of published results, the findings that need a decision nobody has taken.

    One that somebody took on and that has become worse since asks them again, however grave it is. None is
    that a field was too sparse over all years, where it is not certainly so in the latest (`kept_of_late`).
    """
    lifted = pl.col(STANDING) == Stewardship.WORSENED.value
    asks = undecided(results).filter((pl.col("severity") == FlagSeverity.DECIDE.value) | lifted)
    return asks.join(_of_the_past(results), on="result_id", how="anti", maintain_order="left")


def still_sparse(results: pl.DataFrame) -> pl.DataFrame:
    """Of published results, those that find a field too sparse now (as in `to_decide`); decided or not."""
    found = findings(results).filter(pl.col("check") == BELOW_PROMISE)
    return found.join(_of_the_past(results), on="result_id", how="anti", maintain_order="left")


def _of_the_past(results: pl.DataFrame) -> pl.DataFrame:
    """result_id of what was too sparse over all years, and is not certainly so in the latest."""
    past = (pl.col("check") == BELOW_PROMISE) & (pl.col("period") != Period.LATEST.value)
    return results.filter(past).join(kept_of_late(results), on=FIELD, how="semi").select("result_id")


def kept_of_late(results: pl.DataFrame) -> pl.DataFrame:
    """FIELD of every field that the latest years were enough to judge and did not find too sparse."""
    promised = results.filter(pl.col("check") == BELOW_PROMISE)
    kept = promised.filter((pl.col("period") == Period.LATEST.value) & (pl.col("status") == PASSED))
    return kept.select(FIELD).unique()


def worse(results: pl.DataFrame) -> pl.DataFrame:
    """Of published results, the findings that are worse than the night before, or than when decided about."""
    return findings(results).filter(_worse_tonight() | pl.col("worse").fill_null(False))


def worse_counted(results: pl.DataFrame) -> tuple[int, int]:
    """Of `worse`: how many are so since the night before, and how many others since the decision."""
    found = worse(results)
    tonight = found.filter(_worse_tonight()).height
    return tonight, found.height - tonight


def _worse_tonight() -> pl.Expr:
    return (pl.col("change") == Change.WORSE.value).fill_null(False)


def decided(found: pl.DataFrame) -> pl.DataFrame:
    """Of findings, those that a steward's decision stands for."""
    return found.filter(~pl.col(STANDING).is_in(UNDECIDED))


def gravest_first(found: pl.DataFrame) -> pl.DataFrame:
    """Findings by severity, then flag, check and place."""
    order = pl.col("severity").replace_strict(
        {s.value: i for i, s in enumerate(FlagSeverity)}, return_dtype=pl.Int64
    )
    return found.sort(order, "flag", "check", "table", "column", "population", "year", "bydel", "result_id")


def as_now_decided(results: pl.DataFrame, decisions: Sequence[Decision], as_of: date) -> pl.DataFrame:
    """Published `results` of the night of `as_of` as the decisions stand now, whatever stood when it was run.

    An acknowledgement that the night lifted, for the finding had become worse, stays lifted until there is
    another of a later day.
    """
    told = apply(results.drop(list(COLUMNS)), decisions, as_of)
    known = (results["decided_on"] == told["decided_on"]).fill_null(False)
    acknowledged = told[STANDING] == Stewardship.ACKNOWLEDGED.value
    lifted = acknowledged & known & (results[STANDING] == Stewardship.WORSENED.value)
    kept = lifted | (results["status"] != FAILED).fill_null(True)
    names = [pl.when(kept).then(results[name]).otherwise(pl.col(name)).alias(name) for name in COLUMNS]
    # Worse than when it was decided about: nothing can be said of that by a decision the night did not know.
    worse = pl.when(kept | (known & (results[STANDING] == told[STANDING]))).then("worse").alias("worse")
    return told.with_columns(*names, worse).select(results.columns)


def judgement(results: pl.DataFrame, table: str) -> Judgement:
    """What the night's published results come to for that table."""
    mine = results.filter(pl.col("table") == table)
    is_open = undecided(mine)
    by_flag = {
        str(flag): sorted(rows["column"].fill_null(WHOLE_TABLE).unique())
        for (flag,), rows in is_open.sort("flag").group_by("flag", maintain_order=True)
    }
    found = findings(mine)
    return Judgement(
        open=by_flag,
        to_decide=not to_decide(mine).is_empty(),
        worse=sorted(worse(mine)["column"].fill_null(WHOLE_TABLE).unique()),
        decided=decided(found).height,
        next_step="uttrekk quality findings" if by_flag else "none",
    )
