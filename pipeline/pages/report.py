"""The night's quality report: one self-contained page in nb and one in en, and the same shares as CSV.

Nothing on the page is fetched, nothing needs a script, and every figure has passed `protected.py`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import jinja2
import polars as pl

from pipeline.disclosure.tables import BASE, HELD_THRESHOLD
from pipeline.pages import charts, views
from pipeline.pages.bands import finest
from pipeline.pages.checks import Checked, as_published, check_figures, judged_spread, unripe_cells
from pipeline.pages.findings import text_for_code
from pipeline.pages.heat import heat_maps
from pipeline.pages.held_matching import held_matching
from pipeline.pages.matching import first_year_shown, matching_figures, needs_settling
from pipeline.pages.memory import Memory
from pipeline.pages.outcomes import outcome_figures
from pipeline.pages.phrase import LANGUAGES, count_in_words, day, number
from pipeline.pages.protected import LINKED, PERMILLE_IN_PERCENT, Protected, protected
from pipeline.pages.protected_matching import Matching, ProtectedMatching, protected_matching
from pipeline.pages.quarantine import HeldBack, needs_someone, only_known
from pipeline.pages.rows import flow_figures, linkage_figures, total
from pipeline.pages.views import FIRST_ON_SCREEN, View
from pipeline.quality.profile import DUE, QualityProfile
from pipeline.quality.rules import FlagSeverity
from pipeline.quality.thresholds import FEWEST_TO_JUDGE, LATEST_YEARS, SPARSE_MARGIN, THRESHOLDS
from schemas import CASE_SYSTEM
from schemas.variable import facts

FIRST_RULES = 12
MOST_ADVISER_FIELDS = 12
FILE = "quality"
# The page from top to bottom; each is a template and has a phrase of its own.
CHECKED_SECTIONS = ("findings", "grades", "delay", "trends")
SECTIONS = (
    "decide",
    "findings",
    "heat",
    "grades",
    "bydel",
    "delay",
    "trends",
    "flow",
    "linkage",
    "matching",
    "outcomes",
    "read",
)


@dataclass(frozen=True)
class ReportInputs:
    """All that the report is made of, exact; nothing of it is shown before it is protected.

    `flow`: table, landed, passed, quarantined - one row for each source table. `rules`: table, rule,
    column (null for a rule over several), severity, rows. `linkage`: table, status, rows - what became
    of each register's rows. `outcomes`: the OutcomeSummary table. `matching`: linkage quality, where it
    was measured. `published` names each release.
    """

    profile: QualityProfile
    flow: pl.DataFrame
    rules: pl.DataFrame
    linkage: pl.DataFrame
    outcomes: pl.DataFrame
    matching: Matching | None = None
    published: Sequence[str] = ()
    invented: bool = False


@dataclass(frozen=True)
class Night:
    """All that a page may say of a night: nothing here is exact."""

    as_of: date
    shown: Protected
    matched: ProtectedMatching | None
    published: Sequence[str]
    invented: bool
    checked: Checked | None = None


def protect_night(inputs: ReportInputs, as_of: date, memory: Memory, checked: Checked | None = None) -> Night:
    """The night as it may be seen; `memory` is asked for every count and then holds what tonight's are."""
    matched = None
    if inputs.matching is not None:
        first_year = first_year_shown(as_of.year)
        held = held_matching(inputs.matching, memory, first_year=first_year)
        matched = protected_matching(held, first_year=first_year)
    shown = protected(inputs.profile, inputs.flow, inputs.rules, inputs.linkage, inputs.outcomes, memory)
    return Night(
        as_of=as_of,
        shown=as_published(shown, checked.results) if checked else shown,
        matched=matched,
        published=inputs.published,
        invented=inputs.invented,
        checked=checked,
    )


def files(night: Night) -> dict[str, bytes]:
    """By name: the night's page in every language, `quality.{nb,en}.html`, then its cells, `quality.csv`."""
    pages = {f"{FILE}.{language}.html": page(night, language).encode() for language in LANGUAGES}
    return pages | {f"{FILE}.csv": csv(night.shown).encode()}


def csv(shown: Protected) -> str:
    """The protected cells, one line each: for machines and for spreadsheets."""
    return shown.cells.write_csv(line_terminator="\n")


def page(night: Night, language: str) -> str:
    """The page in one language."""
    waiting = unripe_cells(night.checked.results) if night.checked else frozenset()
    view = View(language=language, shown=night.shown, as_of=night.as_of, waiting=waiting)
    return _template().render(
        t=view.say,
        format_number=view.number,
        **_frame(view, night),
        **_first_screen(view, night),
        **check_figures(view, night.checked),
        **_pictures(view, night.matched),
        **_rules_of_reading(view),
    )


def _frame(view: View, night: Night) -> dict[str, Any]:
    """The page around what it says: language, parts, date, style and script."""
    script, language = _asset("report.js"), view.language
    return {
        "language": language,
        "other": next(name for name in LANGUAGES if name != language),
        "sections": SECTIONS if night.checked else [s for s in SECTIONS if s not in CHECKED_SECTIONS],
        "file": FILE,
        "style": _asset("report.css"),
        "script": script,
        "script_hash": _script_hash(script),
        "between": ";" if language == "nb" else ",",
        "night": night.as_of.isoformat(),
        "date": day(night.as_of, language),
        "source": facts(CASE_SYSTEM[0]).source,
        "invented": night.invented,
    }


def _first_screen(view: View, night: Night) -> dict[str, Any]:
    """What somebody has to decide and what is to be known: sentences, figures, the sparse fields."""
    sparse = views.sparse_fields(view)
    is_open = [s for s in sparse if s.now and not s.settled]
    decide = [s for s in is_open if s.severity == FlagSeverity.DECIDE.value]
    know = [s for s in is_open if s.severity == FlagSeverity.KNOW.value]
    settled = [s for s in sparse if s.now and s.settled]
    return {
        "sentences": _sentences(view, night.checked, decide, know, settled),
        "held": _held(view, night.checked),
        "settle": needs_settling(view, night.matched) if night.matched else [],
        "strip": _strip(view, night),
        "decide": decide,
        "know": know,
        "settled": settled,
        "past": [s for s in sparse if not s.now],
        "first": FIRST_ON_SCREEN,
        "first_rules": FIRST_RULES,
    }


def _held(view: View, checked: Checked | None) -> list[HeldBack]:
    """What is held back and needs somebody, with what the checks say of it."""
    if checked is None:
        return needs_someone(view)
    return needs_someone(view, text_for_code(checked.results), only_known(checked.results))


def _pictures(view: View, matched: ProtectedMatching | None) -> dict[str, Any]:
    """Heat maps, the bydeler side by side, the rows' way in, linkage and outcomes."""
    panels = views.panels(view)
    return {
        "heat_maps": heat_maps(view),
        "legend": finest(),
        "waiting": bool(view.waiting),
        "uneven": view.shown.uneven.height,
        "panels": panels,
        "panel_charts": _panel_charts(view, panels),
        "advisers": _advisers(view),
        "flow": flow_figures(view),
        "linkage": linkage_figures(view),
        "matching": matching_figures(view, matched) if matched else None,
        "outcomes": outcome_figures(view),
    }


def _rules_of_reading(view: View) -> dict[str, Any]:
    """By which rules and limits the figures are made, and what is not measured."""
    language = view.language
    return {
        "latest": LATEST_YEARS.value,
        "latest_words": count_in_words(LATEST_YEARS.value, language),
        "base": BASE,
        "due": [(view.table(name), getattr(rule, language)) for name, rule in DUE.items()],
        "not_measured": ", ".join(views.not_measured(view)),
        "thresholds": [(getattr(x, language), x.owner, day(x.decided, language)) for x in THRESHOLDS],
        "threshold": HELD_THRESHOLD,
        "few": FEWEST_TO_JUDGE.value,
        "year": view.as_of.year,
        "margin": SPARSE_MARGIN.value // PERMILLE_IN_PERCENT,
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(f"templates/{name}").read_text(encoding="utf-8")


def _script_hash(script: str) -> str:
    """What the page's policy knows its one script by: no other may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _sentences(
    view: View,
    checked: Checked | None,
    decide: list[views.Sparse],
    know: list[views.Sparse],
    settled: list[views.Sparse],
) -> list[str]:
    """The first lines a steward reads: a field counts once for each population, as in the lists."""
    latest = count_in_words(LATEST_YEARS.value, view.language)
    first = {0: "decide_none_left" if settled else "decide_none", 1: "decide_one"}.get(
        len(decide), "decide_some"
    )
    sentences = [view.say(first, count=len(decide), latest=latest)]
    if settled:
        some = "settled_one" if len(settled) == 1 else "settled_some"
        sentences.append(view.say(some, count=len(settled)))
    know_first = "know_some" if know else "know_none_left" if settled else "know_none"
    sentences.append(view.say(know_first, count=len(know)))
    sentences += _uneven_said(view, checked)
    if checked:  # the strip beside them says how many rows were held back
        return sentences
    received, quarantined = (total(frame) for frame in (view.shown.received, view.shown.quarantined))
    sentences.append(
        view.say("rows_sentence", received=view.number(received), quarantined=view.number(quarantined))
    )
    return sentences


def _uneven_said(view: View, checked: Checked | None) -> list[str]:
    """How many fields are uneven; none is said to be even that nobody could judge."""
    judged, unknown = judged_spread(checked.results) if checked else (0, 0)
    fields = view.shown.uneven.height
    if fields:
        widest = view.named(*view.shown.uneven.row(0))
        said = [view.say("uneven_some", count=fields, field=widest)]
    elif unknown and not judged:
        return [view.say("uneven_unknown")]
    else:
        said = [view.say("uneven_none_judged" if unknown else "uneven_none")]
    return [*said, view.say("uneven_judged", judged=judged, all=judged + unknown)] if unknown else said


def _strip(view: View, night: Night) -> list[tuple[str, str]]:
    received, quarantined = (total(frame) for frame in (view.shown.received, view.shown.quarantined))
    # From the two figures beside it, so that the three always add up and tell nothing more.
    passed = None if received is None or quarantined is None else received - quarantined
    linked = sum(n or 0 for n in view.shown.linkage.filter(pl.col("status") == LINKED)["shown"])
    figures = {
        "strip_received": received,
        "strip_passed": passed,
        "strip_quarantined": quarantined,
        "strip_linked": linked,
    }
    strip = [(view.number(value), view.say(key)) for key, value in figures.items()]
    return [*strip, (number(len(night.published), view.language), view.say("strip_published"))]


def _panel_charts(view: View, panels: list[views.Panel]) -> list[str]:
    drawn = []
    for place, chart in enumerate(panels):
        known = [(cell.band, name) for name, cell in chart.bydeler if cell.band is not None]
        ends = []
        for wanted in (min, max):
            end = wanted((band.low for band, _ in known), default=None)
            names = [name for band, name in known if band.low == end]
            band = next((band for band, _ in known if band.low == end), None)
            label = band.label(view.language) if band else view.say("hidden")
            ends.append(view.say("bydel_in_band", band=label, names=", ".join(names)))
        title = view.say(
            "bydel_alt", field=chart.field, population=chart.population, low=ends[0], high=ends[1]
        )
        drawn.append(charts.panel(chart, title=title, hidden=view.say("hidden"), name=f"panel-{place}"))
    return drawn


def _advisers(view: View) -> dict[str, Any] | None:
    widest = (
        view.shown.advisers.with_columns(spread=pl.col("upper") - pl.col("lower"))
        .sort("spread", "table", "column", descending=[True, False, False])
        .head(MOST_ADVISER_FIELDS)
    )
    rows = [
        (
            f"{view.field(r['table'], r['column'])} ({view.table(r['table'])})",
            r["lower"],
            r["median"],
            r["upper"],
        )
        for r in widest.to_dicts()
    ]
    if not rows:
        return None
    title = view.say("advisers_alt", count=len(rows), field=rows[0][0])
    return {"chart": charts.advisers(rows, title=title, name="advisers"), "rows": rows}
