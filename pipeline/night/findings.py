"""The step of the published results: decided by stewards, protected, remembered, and written for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.config import Settings
from pipeline.durable import EVERYBODY, put
from pipeline.night.assessment import make_assessment
from pipeline.night.counted import flow_of, rule_counts
from pipeline.night.forgotten import refuse_forgotten
from pipeline.night.made import make_profile
from pipeline.night.memory import earlier, recall, remember
from pipeline.night.published import PROFILE, NightFindings, changes, log_of, night_folder
from pipeline.night.standing import EXTRACTED, seen
from pipeline.pages.memory import Memory
from pipeline.pages.protected import fill_and_settled, rule_list, table_list
from pipeline.quality import export, history, night_states
from pipeline.quality.expected import asked
from pipeline.quality.grades import grades
from pipeline.quality.lifted import since_decided
from pipeline.quality.ripeness import waiting
from pipeline.quality.stewardship import apply, load, unfit_fields
from pipeline.validate.stored import stored_counts

FILE = "quality"
EVERYWHERE = ""  # what stands for all bydeler where a grade is of the year, or of all years


def make_findings(settings: Settings, as_of: date) -> NightFindings:
    """The night's results as they may be seen: written beside the report, and into the history.

    The figures are those of the steward's page, from the same held counts. Raises StewardshipWrong, and
    writes nothing, where the stewards' file cannot be used, and SettingWrong where `refuse_forgotten` does.
    """
    refuse_forgotten(settings, as_of)
    decisions = load(settings.stewardship)
    assessed = make_assessment(settings, as_of)
    memory = recall(earlier(settings, as_of))
    cells, settled = fill_and_settled(make_profile(settings, as_of), waiting(assessed.results), memory)
    validated = [part for table in EXTRACTED for part in stored_counts(settings, table)]
    flow = flow_of(seen(settings, as_of), validated)
    counted = {name: table_list(flow, name, memory) for name in (history.LANDED, history.QUARANTINED)}
    by_rule = rule_list(rule_counts(validated), counted[history.QUARANTINED], memory)
    counts = held_states(assessed.states, memory)
    told = export.held(settings.restricted / export.HELD, as_of, assessed.results)
    remember(settings, as_of, memory)  # before anything is seen: a run that ends here is held against too
    results = export.published_results(apply(told, decisions, as_of), cells, by_rule, settled)
    results = since_decided(results, log_of(settings), as_of)
    fields = export.published_fields(
        cells, overall_grades(counts, results, as_of), unfit_fields(decisions, as_of)
    )
    states = [
        night_states.finding_states(results),
        night_states.size_states(results),
        night_states.judged_states(results, as_of),
        night_states.value_states(fields),
        night_states.schema_states(EXTRACTED),
        *(night_states.row_states(shown, what) for what, shown in counted.items()),
    ]
    history.update(settings.linked / PROFILE, as_of, pl.concat(states))
    between = changes(settings, as_of)
    if between is not None:
        results = history.with_changes(results, between.findings)
    _put_all(night_folder(settings, as_of), export.files(as_of, results, fields))
    return NightFindings(as_of=as_of, results=results, fields=fields)


def held_states(states: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    """`ExpectedValues` over all bydeler, by year, and (year null) over all years, from held counts.

    Held are the counts that a grade rests on: how many should have a value and how many have, how many are
    not known, not due yet, and expected. What of the expected is left is told as not applicable, which no
    grade rests on.
    """
    field = ["table", "column", "population"]
    counts = ["expected", "applicable", "registered", "unknown", "not_due"]
    exact = states.with_columns(applicable=asked()).group_by(*field, "year").agg(pl.col(counts).sum())
    yearly = memory.hold("states by year", exact, [*field, "year"], *counts)
    whole = yearly.group_by(field).agg(pl.col(counts).sum()).with_columns(year=pl.lit(None, pl.Int64))
    both = pl.concat([yearly, whole.select(yearly.columns)])
    # Each is held on its own, so that those with a value may for a while exceed those who should have one.
    return both.with_columns(
        bydel=pl.lit(EVERYWHERE),
        registered=pl.min_horizontal("registered", "applicable"),
        not_applicable=pl.col("expected") - pl.col("not_due") - pl.col("applicable"),
        **dict.fromkeys(("must_not", "missing", "invalid"), pl.lit(0, pl.Int64)),
    ).select(states.columns)


def overall_grades(counts: pl.DataFrame, published: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The grade of every field over all bydeler: year by year, and (year null) over all years.

    Nothing of it is remembered: it follows from the held `counts` of `held_states`, from what is published
    of the checks, and from the date, and so turns only where one of them does.
    """
    of_year = pl.col("year").is_not_null()
    parts = [counts.filter(of_year), counts.filter(~of_year)]
    graded = pl.concat([grades(part, published, as_of) for part in parts])
    return graded.select("table", "column", "population", "year", "grade", "reasons")


def _put_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file whole, and only where it says something else than it did."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(contents.items()):
        put(folder / name, content, mode=EVERYBODY)
