"""The night's quality report: one self-contained page in nb and one in en, and the same shares as CSV.

Nothing on the page is fetched, nothing needs a script, and every figure has passed `protected.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from pipeline.config import Settings
from pipeline.disclosure.tables import BASE, THRESHOLD
from pipeline.pages import charts, views
from pipeline.pages.bands import finest
from pipeline.pages.matching import first_year_shown, matching_figures, needs_settling
from pipeline.pages.outcomes import outcome_figures
from pipeline.pages.phrase import LANGUAGES, count_in_words, number
from pipeline.pages.protected import LINKED, PERMILLE_IN_PERCENT, STATUSES, Protected, protected
from pipeline.pages.protected_matching import Matching, ProtectedMatching, protected_matching
from pipeline.pages.quarantine import needs_someone
from pipeline.pages.rules import rule_in_words
from pipeline.pages.views import FIRST_ON_SCREEN, View
from pipeline.quality.flags import FlagSeverity
from pipeline.quality.profile import DUE, QualityProfile
from pipeline.quality.thresholds import FEWEST_TO_JUDGE, LATEST_YEARS, SPARSE_MARGIN, THRESHOLDS
from pipeline.tables import sync
from schemas import BY_NAME, CASE_SYSTEM
from schemas.variable import facts

FIRST_RULES = 12
MOST_ADVISER_FIELDS = 12
FILE = "quality"


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


def write_report(settings: Settings, inputs: ReportInputs, as_of: date) -> list[Path]:
    """Write `reports/<as_of>/quality.{nb,en}.html` and `quality.csv`; each appears whole or not at all."""
    shown = protected(inputs.profile, inputs.flow, inputs.rules, inputs.linkage, inputs.outcomes)
    folder = settings.reports / as_of.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    contents = {f"{FILE}.{language}.html": page(shown, inputs, as_of, language) for language in LANGUAGES}
    contents[f"{FILE}.csv"] = csv(shown)
    return [_put(folder / name, text) for name, text in contents.items()]


def csv(shown: Protected) -> str:
    """The protected cells, one line each: for machines and for spreadsheets."""
    return shown.cells.write_csv(line_terminator="\n")


def page(shown: Protected, inputs: ReportInputs, as_of: date, language: str) -> str:
    """The page in one language."""
    view = View(language=language, shown=shown, as_of=as_of)
    sparse = views.sparse_fields(view)
    decide = [s for s in sparse if s.severity == FlagSeverity.DECIDE.value and s.now]
    know = [s for s in sparse if s.severity == FlagSeverity.KNOW.value and s.now]
    past = [s for s in sparse if not s.now]
    panels = views.panels(view)
    matched = _matching(view, inputs.matching)
    return _template().render(
        t=view.say,
        format_number=view.number,
        language=language,
        other=next(name for name in LANGUAGES if name != language),
        file=FILE,
        style=files(__package__).joinpath("templates/report.css").read_text(encoding="utf-8"),
        source=facts(CASE_SYSTEM[0]).source,
        date=_date(as_of, language),
        invented=inputs.invented,
        sentences=_sentences(view, decide, know),
        held=needs_someone(view),
        strip=_strip(view, inputs),
        decide=decide,
        first=FIRST_ON_SCREEN,
        first_rules=FIRST_RULES,
        know=know,
        past=past,
        latest=LATEST_YEARS.value,
        latest_words=count_in_words(LATEST_YEARS.value, language),
        uneven=shown.uneven.height,
        base=BASE,
        heat_maps=views.heat_maps(view),
        legend=finest(),
        panels=panels,
        panel_charts=_panel_charts(view, panels),
        advisers=_advisers(view),
        flow=_flow(view),
        linkage=_linkage(view),
        matching=matching_figures(view, matched) if matched else None,
        settle=needs_settling(view, matched) if matched else [],
        outcomes=outcome_figures(view),
        due=[(view.table(name), getattr(rule, language)) for name, rule in DUE.items()],
        not_measured=", ".join(views.not_measured(view)),
        thresholds=[(getattr(x, language), x.owner, _date(x.decided, language)) for x in THRESHOLDS],
        threshold=THRESHOLD,
        few=FEWEST_TO_JUDGE.value,
        year=as_of.year,
        margin=SPARSE_MARGIN.value // PERMILLE_IN_PERCENT,
    )


def _template() -> jinja2.Template:
    text = files(__package__).joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


def _date(day: date, language: str) -> str:
    return day.strftime("%d.%m.%Y") if language == "nb" else day.isoformat()


def _put(path: Path, text: str) -> Path:
    staged = path.with_name(f".{path.name}.{os.getpid()}.staged")
    staged.write_text(text, encoding="utf-8")
    sync(staged)
    staged.replace(path)
    sync(path.parent)
    return path


def _sentences(view: View, decide: list[views.Sparse], know: list[views.Sparse]) -> list[str]:
    """The first lines a steward reads."""
    latest = count_in_words(LATEST_YEARS.value, view.language)
    first = {0: "decide_none", 1: "decide_one"}.get(len(decide), "decide_some")
    uneven = view.shown.uneven.height
    sentences = [view.say(first, count=len(decide), latest=latest)]
    sentences.append(view.say("know_some" if know else "know_none", count=len(know)))
    widest = view.named(*view.shown.uneven.row(0)) if uneven else ""
    sentences.append(view.say("uneven_some" if uneven else "uneven_none", count=uneven, field=widest))
    received, quarantined = (_total(frame) for frame in (view.shown.received, view.shown.quarantined))
    sentences.append(
        view.say("rows_sentence", received=view.number(received), quarantined=view.number(quarantined))
    )
    return sentences


def _total(listed: pl.DataFrame) -> int | None:
    """The total of a protected list, rounded; None where it is hidden."""
    found = listed.filter(pl.col("table").is_null())["shown"]
    return int(found[0]) if found.len() and found[0] is not None else None


def _strip(view: View, inputs: ReportInputs) -> list[tuple[str, str]]:
    received, quarantined = (_total(frame) for frame in (view.shown.received, view.shown.quarantined))
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
    return [*strip, (number(len(inputs.published), view.language), view.say("strip_published"))]


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


def _flow(view: View) -> dict[str, Any]:
    order = view.shown.rules.sort("shown", "table", "rule", descending=[True, False, False], nulls_last=True)
    most = max(order["shown"].to_list(), default=1)
    rules = [
        {
            "table": view.table(r["table"]),
            "rule": rule_in_words(view, r["table"], r["rule"], r["column"]),
            "severity": view.say(f"severity_{r['severity']}"),
            "rows": view.number(r["shown"]),
            "percent": max(1, 100 * r["shown"] // most),
        }
        for r in order.to_dicts()
    ]
    received, held = (
        dict(zip(listed["table"], listed["shown"], strict=True))
        for listed in (view.shown.received, view.shown.quarantined)
    )
    tables = [
        (view.table(name), view.number(received[name]), view.number(held[name]))
        for name in BY_NAME
        if name in received
    ]
    return {"rules": rules, "tables": tables}


def _linkage(view: View) -> dict[str, Any] | None:
    words = {status: view.say(f"status_{status}") for status in STATUSES}
    rows, table, told = [], [], []
    for part in view.shown.linkage.partition_by("table", maintain_order=True):
        name = view.table(part["table"][0])
        shown: dict[str, int | None] = dict(zip(part["status"], part["shown"], strict=True))
        figures = {status: view.number(shown[status]) for status in STATUSES}
        rows.append((name, [(f"s-{s}", shown[s] or 0, f"{words[s]}: {figures[s]}") for s in STATUSES]))
        table.append((name, list(figures.values())))
        whole = sum(value or 0 for value in shown.values())
        if whole:
            told.append(view.say("linkage_part", table=name, percent=100 * (shown[LINKED] or 0) // whole))
    if not rows:
        return None
    title = view.say("linkage_alt", parts=", ".join(told))
    return {
        "chart": charts.stacked(rows, title=title, name="linkage"),
        "statuses": [(f"s-{status}", said) for status, said in words.items()],
        "table": table,
    }


def _matching(view: View, exact: Matching | None) -> ProtectedMatching | None:
    if exact is None:
        return None
    return protected_matching(exact, first_year=first_year_shown(view.as_of.year))
