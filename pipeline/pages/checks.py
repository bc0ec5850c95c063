"""All that the page says of the night's checks: sentences, grades, paragraphs, curves, and what is new.

What does not belong here: what a check found (`quality`), and what of it may be seen (`quality.export`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from pipeline.pages.delays import FEWEST, delay_figures
from pipeline.pages.field_facts import FAILED
from pipeline.pages.findings import Finding, ToDecide, by_flag, findings, for_first_screen, needs_deciding
from pipeline.pages.grades import MARKS, grade_rows, paragraphs
from pipeline.pages.phrase import day
from pipeline.pages.protected import Protected
from pipeline.pages.trends import trend_figures
from pipeline.pages.views import View, years
from pipeline.quality.export import FEWEST_FOR_GRADE
from pipeline.quality.flags import promises
from pipeline.quality.history import Change
from pipeline.quality.judgement import kept_of_late, worse_counted
from pipeline.quality.places import not_told
from pipeline.quality.results import COULD_NOT_RUN, FIELD, PASSED
from pipeline.quality.ripeness import NOT_RIPE
from pipeline.quality.rules import BELOW_PROMISE, BYDEL_SPREAD
from pipeline.quality.stewardship import STANDING, Unfit
from schemas import codes

# What became of findings, in the order it is told; what could not be measured has a sentence of its own.
_SINCE = {
    Change.NEW.value: "since_new",
    Change.WORSE.value: "since_worse",
    Change.RETURNED.value: "since_returned",
    Change.DECIDED.value: "since_decided",
    Change.RESOLVED.value: "since_resolved",
    Change.HELD_BACK.value: "since_held_back",
    Change.JUDGED_OTHERWISE.value: "since_judged_otherwise",
    Change.TOO_FEW.value: "since_too_few",
    Change.PERSISTING.value: "since_persisting",
}


@dataclass(frozen=True)
class Checked:
    """What the night's checks found, as it is published.

    `results` is `PublishedResult`, `fields` is `PublishedField`, `delays` is as `protected_delays` has it.
    `changes` is `history.findings_between` the night `since` and this one; None on the first night. `unfit`
    are the fields stewards have marked.
    """

    results: pl.DataFrame
    fields: pl.DataFrame
    delays: pl.DataFrame
    changes: pl.DataFrame | None = None
    since: date | None = None
    unfit: tuple[Unfit, ...] = ()


def as_published(shown: Protected, results: pl.DataFrame) -> Protected:
    """`shown` with its sparse and uneven fields as the published results have them.

    Those are held from night to night like every count; and the page says nothing that they do not.
    """
    failed = results.filter(pl.col("status") == FAILED)
    largest: list[pl.Expr | str] = [pl.col("effect_percent").fill_null(0), *FIELD]
    downwards = [True, *[False] * len(FIELD)]
    promised = results.filter(pl.col("check") == BELOW_PROMISE)
    sparse = promised.filter(pl.col("status") == FAILED).join(promises(), on=["table", "column"])
    kept = kept_of_late(results).with_columns(kept_of_late=pl.lit(True))
    sparse = sparse.join(kept, on=FIELD, how="left")
    uneven = failed.filter(pl.col("check") == BYDEL_SPREAD)
    return replace(
        shown,
        sparse=sparse.sort("severity", *largest, "period", descending=[False, *downwards, False]).select(
            *FIELD,
            "period",
            "promise",
            "demand",
            "severity",
            STANDING,
            pl.col("kept_of_late").fill_null(False),
        ),
        uneven=uneven.sort(*largest, descending=downwards).select(FIELD),
        promised=promised.select(*FIELD, "period", "n", "band", "reason"),
    )


def check_figures(view: View, checked: Checked | None) -> dict[str, Any]:
    """What the checks found, in sentences, grades and paragraphs; empty where nothing was checked."""
    if checked is None:
        return {
            "checked": False,
            "deciding": ToDecide([], 0, 0, []),
            "deciding_rest": "",
            "findings_said": [],
            "moved": [],
        }
    found = findings(view, checked.results)
    deciding = needs_deciding(view, found)
    shown = years(view)
    hidden = not_told(checked.results, checked.fields, view.as_of)
    grades = grade_rows(view, checked.fields, shown)
    kinds = {cell.kind for row in grades for cell in (*row.grades, row.overall)}
    return {
        "checked": True,
        "deciding": deciding,
        "deciding_rest": _rest(view, deciding),
        "moved": _moved(view, found, checked.results),
        "found": by_flag(view, found),
        "not_told": {name: view.number(count) for name, count in hidden.items()},
        "findings_said": _findings_said(view, deciding.total, checked),
        "grade_years": shown,
        "fewest_graded": FEWEST_FOR_GRADE,
        "fewest_followed": FEWEST,
        "grades": grades,
        "grade_marks": [m for m in dict.fromkeys(MARKS.values()) if m.removeprefix("mark_") in kinds],
        "grade_labels": codes.GRADE.labels(view.language),
        "methods": paragraphs(view, checked.fields, checked.results, checked.unfit),
        "delays": delay_figures(view, checked.delays, checked.results),
        "trends": trend_figures(view, checked.results),
    }


def _rest(view: View, deciding: ToDecide) -> str:
    """How many of the findings to decide about the lines are, and where the rest stand; empty if nowhere."""
    parts = {"deciding_elsewhere": deciding.elsewhere, "deciding_left_out": deciding.left_out}
    rest = ", ".join(view.say(key, count=count) for key, count in parts.items() if count)
    if not (rest and deciding.groups):
        return ""
    return view.say("deciding_rest", shown=deciding.shown, total=deciding.total, rest=rest)


def unripe_cells(results: pl.DataFrame) -> frozenset[tuple[str, ...]]:
    """FIELD and year (as text) of every year that is told to be still filling up."""
    waiting = results.filter((pl.col("reason") == NOT_RIPE) & pl.col("year").is_not_null())
    return frozenset(waiting.select(*FIELD, pl.col("year").cast(pl.String)).rows())


def _moved(view: View, found: list[Finding], results: pl.DataFrame) -> list[tuple[str, list[Finding], int]]:
    """What is worse and what is new, by their headings: as many as have room, and how many more.

    What asks for a decision comes first.
    """
    asking = sorted(found, key=lambda f: not f.asks)
    parts = {
        _worse_heading(view, results): [f for f in asking if f.worse],
        view.say("new"): [f for f in asking if f.new],
    }
    return [(heading, *for_first_screen(part)) for heading, part in parts.items() if part]


def _worse_heading(view: View, results: pl.DataFrame) -> str:
    """That findings are worse, and since when where they are not all so since the night before."""
    tonight, decided = worse_counted(results)
    if not decided:
        return view.say("worse")
    counts = {"worse_night": tonight, "worse_decision": decided}
    since = [view.say(key, count=count) for key, count in counts.items() if count]
    return view.say("worse_since", since=", ".join(since))


def judged_spread(results: pl.DataFrame) -> tuple[int, int]:
    """Of how many fields of a population the spread between bydeler could be judged, and of how many not."""
    spread = results.filter(pl.col("check") == BYDEL_SPREAD)
    judged = spread.filter(pl.col("status").is_in([FAILED, PASSED])).select(FIELD).unique()
    # Hidden is not judged either: nobody may know what came of it.
    unknown = pl.col("status").is_null() | (pl.col("status") == COULD_NOT_RUN)
    return judged.height, spread.filter(unknown).select(FIELD).unique().join(
        judged, on=FIELD, how="anti"
    ).height


def _findings_said(view: View, decide: int, checked: Checked) -> list[str]:
    said = [view.say({0: "findings_decided", 1: "findings_one"}.get(decide, "findings_some"), count=decide)]
    if checked.changes is None or checked.since is None:
        return said
    counts: dict[str, int] = dict(checked.changes.group_by("change").len().rows())
    counts[Change.WORSE.value], _ = worse_counted(checked.results)
    counts = {change: count for change, count in counts.items() if count}
    told = [view.say(key, count=counts[change]) for change, key in _SINCE.items() if change in counts]
    if set(counts) <= {Change.PERSISTING.value}:
        told.insert(0, view.say("since_nothing"))
    if told:
        said.append(view.say("findings_since", date=day(checked.since, view.language), told=", ".join(told)))
    if unmeasured := counts.get(Change.NOT_MEASURED.value):
        said.append(view.say("findings_not_measured", count=unmeasured))
    return said
