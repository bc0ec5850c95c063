"""What changed between nights: a log with one row for each thing that came to stand otherwise, and when.

A thing is a result of a check, the rows of a table, the values of a field, or a column of a schema; its
state is one short text, of figures that may be seen. A night that changes nothing adds one row, its own, so
that years stay small. The log depends on what each night found, not on the order nights were run in: an old
night run again corrects itself alone. What does not belong here: measuring, protecting, what a night's
states are (`night_states`), and what is said of a change.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.quality.export import COUNTED_ALONE
from pipeline.quality.results import COULD_NOT_RUN, FAILED, PASSED, PERMILLE
from pipeline.quality.rules import CHECKS, FlagSeverity
from pipeline.quality.rules import HELD_BACK as CHECKED_HELD_BACK
from pipeline.quality.thresholds import QUARANTINE_SHARE
from pipeline.quality.worse import STRAYS, is_worse
from pipeline.tables import Stored, step_key

HISTORY = "history"


class Kind(StrEnum):
    """What a row of the log is about."""

    NIGHT = "night"  # that it was run
    FINDING = "finding"
    SIZE = "size"  # how bad a finding is, as `worse.size` says it
    JUDGED = "judged"  # by which limits and promise a result was judged, and without which years
    ROWS = "rows"
    VALUES = "values"
    SCHEMA = "schema"


class Change(StrEnum):
    """What became of a finding between two nights."""

    NEW = "new"
    WORSE = "worse"  # it was a finding, and is a worse one, whatever has been decided about it
    RETURNED = "returned"  # a decision stood for it, and none does now: an exception that has run out
    PERSISTING = "persisting"
    DECIDED = "decided"  # a steward has decided about it
    RESOLVED = "resolved"
    # It was a finding and is none now, and more of its table's rows are in quarantine: never resolved either.
    HELD_BACK = "held_back"
    # It was a finding and is none now, and was judged by another limit or promise, or over other years.
    JUDGED_OTHERWISE = "judged_otherwise"
    TOO_FEW = "too_few"  # it was a finding, and what is left, if anything, may not be seen
    # It was a finding and is none now, and nobody can say that it holds: never counted as resolved.
    NOT_MEASURED = "not_measured"


ABOUT: dict[str, pl.DataType] = {
    "flag": pl.String(),
    "check": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "population": pl.String(),
    "period": pl.String(),
    "year": pl.Int64(),
    "bydel": pl.String(),
    "against": pl.String(),
}
# A state of null says that the thing is not there any more.
STATES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.String(), "state": pl.String(), **ABOUT}
LOG: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.String(), "since": pl.Date()} | STATES
DECIDED = "decided"  # a finding that a steward's decision stands for
LANDED, QUARANTINED = "landed", "quarantined"  # what is counted of a table's rows
HIDDEN = "suppressed"  # the state of a figure that may not be seen
_KEY = ("kind", "id")


def empty() -> pl.DataFrame:
    """A log before its first night."""
    return pl.DataFrame(schema=LOG)


def record(log: pl.DataFrame, as_of: date, states: pl.DataFrame) -> pl.DataFrame:
    """The log with what the night of `as_of` found (`STATES`, each kind and id once); other nights stand.

    What the night found before, if it was run, is forgotten.
    """
    run = nights(log)
    after = [night for night in run if night > as_of][:1]
    things = _things(log)
    kept = things.filter(~pl.col("since").is_in([as_of, *after]))
    made = [kept, _changes(_latest(kept.filter(pl.col("since") < as_of)), states, as_of)]
    made += [_changes(states, standing(log, night), night) for night in after]
    made += [_nights({*run, as_of})]
    return pl.concat(made).sort("kind", "id", "since")


def nights(log: pl.DataFrame) -> list[date]:
    """Every night that was recorded, in order."""
    return sorted(log.filter(pl.col("kind") == Kind.NIGHT.value)["since"].to_list())


def standing(log: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Everything as it stood after the night of `as_of`: `STATES`, by kind and id."""
    return _latest(_things(log).filter(pl.col("since") <= as_of))


def last_before(log: pl.DataFrame, as_of: date) -> date | None:
    """The night before that one, of those that were recorded."""
    earlier = [night for night in nights(log) if night < as_of]
    return earlier[-1] if earlier else None


def findings_between(log: pl.DataFrame, before: date, after: date) -> pl.DataFrame:
    """Every result that was a finding on either night: id, `ABOUT`, was, now, change; in `Change`'s order.

    What is only for the record asks nothing of anybody, and is left out, as in every other count.
    """
    nights = [standing(log, night) for night in (before, after)]
    was, now = (night.filter(pl.col("kind") == Kind.FINDING.value) for night in nights)
    both = _joined(was, now).join(_grown(*nights), on="id", how="left")
    both = both.join(_judged_otherwise(*nights), on="id", how="left")
    # That a rule no longer holds rows back is what it says, whatever another rule does.
    about_others = (pl.col("check") != CHECKED_HELD_BACK).fill_null(True)
    both = both.with_columns(
        held_back=about_others & pl.col("table").is_in(_held_back_more(*nights).implode())
    )
    before_it, now_it = (pl.col(n).fill_null("") for n in ("was", "now"))
    finding_before, finding_now = (state.is_in([FAILED, DECIDED]) for state in (before_it, now_it))
    decided_now = (now_it == DECIDED) & (before_it != DECIDED)
    change = (
        pl.when(finding_before & finding_now & ~decided_now & pl.col("grown").fill_null(False))
        .then(pl.lit(Change.WORSE.value))
        .when(finding_now & (before_it == now_it))
        .then(pl.lit(Change.PERSISTING.value))
        .when(now_it == DECIDED)
        .then(pl.lit(Change.DECIDED.value))
        .when((now_it == FAILED) & (before_it == DECIDED))
        .then(pl.lit(Change.RETURNED.value))
        .when(now_it == FAILED)
        .then(pl.lit(Change.NEW.value))
        .when((now_it == PASSED) & pl.col("otherwise").fill_null(False))
        .then(pl.lit(Change.JUDGED_OTHERWISE.value))
        .when((now_it.is_in([PASSED, HIDDEN]) | _none_left(nights[1])) & pl.col("held_back").fill_null(False))
        .then(pl.lit(Change.HELD_BACK.value))
        .when((now_it == HIDDEN) | _none_left(nights[1]))
        .then(pl.lit(Change.TOO_FEW.value))
        .when(now_it == PASSED)
        .then(pl.lit(Change.RESOLVED.value))
        .otherwise(pl.lit(Change.NOT_MEASURED.value))
    )
    told = both.filter(finding_before | finding_now).with_columns(change=change)
    told = told.filter(~pl.col("id").is_in(_only_noted(*nights).implode()))
    told = told.drop("grown", "otherwise", "held_back")
    order = {change.value: place for place, change in enumerate(Change)}
    return told.sort(pl.col("change").replace_strict(order, return_dtype=pl.Int64), *ABOUT, "id")


def others_between(log: pl.DataFrame, before: date, after: date, kind: Kind) -> pl.DataFrame:
    """What of that kind stood otherwise on the two nights: id, `ABOUT`, was, now; null where it was not."""
    was, now = (standing(log, n).filter(pl.col("kind") == kind.value) for n in (before, after))
    return _joined(was, now).filter(pl.col("was").ne_missing(pl.col("now"))).sort("id")


def with_changes(results: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Published results with `change`: what became of each, as `findings_between` has it; null of others."""
    became = changes.select("id", became="change")
    told = results.join(became, left_on="result_id", right_on="id", how="left", maintain_order="left")
    return told.with_columns(change="became").select(results.columns)


def update(folder: Path, as_of: date, states: pl.DataFrame) -> Stored:
    """The stored log with that night's states; the file is written only where that changes what it says."""
    before = tables.stored(folder, HISTORY)
    log = tables.read(before) if before is not None else empty()
    after = record(log, as_of, states)
    if before is not None and after.equals(log):
        return before
    return tables.write(folder, HISTORY, after, key=step_key(HISTORY))


def _grown(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """id, grown: every finding of both nights, and whether it has become worse between them."""
    was, now = (night.filter(pl.col("kind") == Kind.SIZE.value) for night in (before, after))
    both = was.select("id", was_size="state").join(now.select("id", now_size="state"), on="id")
    return both.select("id", grown=is_worse(pl.col("was_size"), pl.col("now_size")))


def _only_noted(*nights: pl.DataFrame) -> pl.Series:
    """The findings that were no more than notes on each night they were there."""
    sizes = pl.concat(night.filter(pl.col("kind") == Kind.SIZE.value) for night in nights)
    of_note = pl.col("state").str.starts_with(FlagSeverity.NOTE.value)
    return sizes.group_by("id").agg(of_note.all()).filter("state")["id"]


def _judged_otherwise(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """id, otherwise: whether a result of both nights was judged by something else on the second."""
    was, now = (night.filter(pl.col("kind") == Kind.JUDGED.value) for night in (before, after))
    both = was.select("id", was="state").join(now.select("id", now="state"), on="id")
    return both.select("id", otherwise=pl.col("was") != pl.col("now"))


def _none_left(after: pl.DataFrame) -> pl.Expr:
    """Whether a count of what is wrong is not told any more, though its table came and its check was made.

    A result about a rule or a difference is left out where it counts too few, or none.
    """
    alone = [name for name, check in CHECKS.items() if check.effect == COUNTED_ALONE]
    landed = _quarantine(after).drop_nulls(LANDED)["table"]
    not_run = after.filter((pl.col("kind") == Kind.FINDING.value) & (pl.col("state") == COULD_NOT_RUN))
    made = ~pl.struct("check", "table").is_in(
        not_run.select(pl.struct("check", "table")).to_series().implode()
    )
    came = pl.col("check").is_in(alone) & pl.col("table").is_in(landed.implode())
    return (pl.col("now").is_null() & came & made).fill_null(False)


def _held_back_more(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """The tables of which the second night certainly held back a larger share of the rows.

    Larger by the share from which a rule that holds rows back is a finding, whatever rounding hides. A
    quarantine too small to be seen is taken for none: what is gone is then not said to be resolved.
    """
    was, now = _quarantine(before), _quarantine(after)
    both = now.drop_nulls(QUARANTINED).join(was, on="table", suffix="_was")
    both = both.with_columns(pl.exclude("table").fill_null(0))
    held, held_was = pl.col(QUARANTINED) - STRAYS, pl.col(f"{QUARANTINED}_was") + STRAYS
    of, of_was = pl.col(LANDED) + STRAYS, (pl.col(f"{LANDED}_was") - STRAYS).clip(1)
    least = pl.lit(QUARANTINE_SHARE.value) * of * of_was
    return both.filter((held * of_was - held_was * of) * PERMILLE >= least)["table"]


def _quarantine(night: pl.DataFrame) -> pl.DataFrame:
    """table, LANDED, QUARANTINED as they may be seen; null where they may not, or were not counted."""
    rows = night.filter(pl.col("kind") == Kind.ROWS.value)
    figure = pl.col("state").cast(pl.Int64, strict=False)
    counted = [
        figure.filter(pl.col("id") == pl.format("{} {}", "table", pl.lit(what))).first().alias(what)
        for what in (LANDED, QUARANTINED)
    ]
    return rows.group_by("table", maintain_order=True).agg(counted)


def _things(log: pl.DataFrame) -> pl.DataFrame:
    return log.filter(pl.col("kind") != Kind.NIGHT.value)


def _nights(run: set[date]) -> pl.DataFrame:
    rows = [(Kind.NIGHT.value, night.isoformat(), night) for night in sorted(run)]
    none = [
        pl.lit(None, kind).alias(name) for name, kind in LOG.items() if name not in ("kind", "id", "since")
    ]
    return (
        pl.DataFrame(rows, schema=["kind", "id", "since"], orient="row").with_columns(none).select(list(LOG))
    )


def _latest(log: pl.DataFrame) -> pl.DataFrame:
    last = log.sort("since").unique(_KEY, keep="last", maintain_order=True)
    return last.filter(pl.col("state").is_not_null()).select(list(STATES)).sort(_KEY)


def _changes(before: pl.DataFrame, now: pl.DataFrame, on: date) -> pl.DataFrame:
    """A row for everything that stands otherwise `now`."""
    both = _joined(before, now).filter(pl.col("was").ne_missing(pl.col("now")))
    return both.select(*_KEY, pl.lit(on).alias("since"), pl.col("now").alias("state"), *ABOUT)


def _joined(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Both nights' things side by side: kind, id, was, now, `ABOUT` as the later of them says."""
    both = before.rename({"state": "was"}).join(
        now.rename({"state": "now"}), on=_KEY, how="full", coalesce=True, suffix="_now"
    )
    return both.select(*_KEY, "was", "now", *(pl.coalesce(f"{n}_now", n).alias(n) for n in ABOUT))
