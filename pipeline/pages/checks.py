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
from pipeline.pages.grades import grade_rows, paragraphs
from pipeline.pages.phrase import day
from pipeline.pages.protected import Protected
from pipeline.pages.trends import trend_figures
from pipeline.pages.views import View, years
from pipeline.quality.export import FEWEST_FOR_GRADE
from pipeline.quality.flags import FIELD, promises
from pipeline.quality.history import Change
from pipeline.quality.results import COULD_NOT_RUN, PASSED
from pipeline.quality.stewardship import STANDING, Unfit

# What became of findings, in the order it is told; what could not be measured has a sentence of its own.
_SINCE = {
    Change.NEW.value: "since_new",
    Change.WORSE.value: "since_worse",
    Change.RETURNED.value: "since_returned",
    Change.DECIDED.value: "since_decided",
    Change.RESOLVED.value: "since_resolved",
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
    sparse = failed.filter(pl.col("check") == "below_promise").join(promises(), on=["table", "column"])
    uneven = failed.filter(pl.col("check") == "bydel_spread")
    return replace(
        shown,
        sparse=sparse.sort("severity", *largest, "period", descending=[False, *downwards, False]).select(
            *FIELD, "period", "promise", "demand", "severity", STANDING
        ),
        uneven=uneven.sort(*largest, descending=downwards).select(FIELD),
    )


def check_figures(view: View, checked: Checked | None) -> dict[str, Any]:
    """What the checks found, in sentences, grades and paragraphs; empty where nothing was checked."""
    if checked is None:
        return {"checked": False, "deciding": ToDecide([], 0, 0), "findings_said": [], "moved": []}
    found = findings(view, checked.results)
    shown = years(view)
    return {
        "checked": True,
        "deciding": needs_deciding(found),
        "moved": _moved(found),
        "found": by_flag(view, found),
        "findings_said": _findings_said(view, found, checked),
        "grade_years": shown,
        "fewest_graded": FEWEST_FOR_GRADE,
        "fewest_followed": FEWEST,
        "grades": grade_rows(view, checked.fields, shown),
        "methods": paragraphs(view, checked.fields, checked.results, checked.unfit),
        "delays": delay_figures(view, checked.delays, checked.results),
        "trends": trend_figures(view, checked.results),
    }


def _moved(found: list[Finding]) -> list[tuple[str, list[Finding], int]]:
    """What is worse and what is new, by their headings: as many as have room, and how many more.

    What asks for a decision comes first.
    """
    asking = sorted(found, key=lambda f: not f.asks)
    parts = {"worse": [f for f in asking if f.worse], "new": [f for f in asking if f.new]}
    return [(heading, *for_first_screen(part)) for heading, part in parts.items() if part]


def judged_spread(results: pl.DataFrame) -> tuple[int, int]:
    """Of how many fields of a population the spread between bydeler could be judged, and of how many not."""
    spread = results.filter(pl.col("check") == "bydel_spread")
    judged = spread.filter(pl.col("status").is_in([FAILED, PASSED])).select(FIELD).unique()
    # Hidden is not judged either: nobody may know what came of it.
    unknown = pl.col("status").is_null() | (pl.col("status") == COULD_NOT_RUN)
    return judged.height, spread.filter(unknown).select(FIELD).unique().join(
        judged, on=FIELD, how="anti"
    ).height


def _findings_said(view: View, found: list[Finding], checked: Checked) -> list[str]:
    decide = sum(finding.asks for finding in found)
    said = [view.say({0: "findings_decided", 1: "findings_one"}.get(decide, "findings_some"), count=decide)]
    if checked.changes is None or checked.since is None:
        return said
    counts: dict[str, int] = dict(checked.changes.group_by("change").len().rows())
    told = [view.say(key, count=counts[change]) for change, key in _SINCE.items() if change in counts]
    if set(counts) <= {Change.PERSISTING.value}:
        told.insert(0, view.say("since_nothing"))
    said.append(view.say("findings_since", date=day(checked.since, view.language), told=", ".join(told)))
    if unmeasured := counts.get(Change.NOT_MEASURED.value):
        said.append(view.say("findings_not_measured", count=unmeasured))
    return said
