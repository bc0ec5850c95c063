"""The step of the published results: decided by stewards, protected, remembered, and written for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.config import Settings
from pipeline.durable import EVERYBODY, put
from pipeline.night.assessment import make_assessment
from pipeline.night.counted import flow_of
from pipeline.night.made import make_profile
from pipeline.night.memory import earlier, recall, refuse_forgotten, remember
from pipeline.night.published import PROFILE, NightFindings, night_folder
from pipeline.night.standing import EXTRACTED, seen
from pipeline.pages.protected import fill_cells, table_list
from pipeline.quality import export, history
from pipeline.quality.grades import grades
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
    cells = fill_cells(make_profile(settings, as_of), memory)
    validated = [part for table in EXTRACTED for part in stored_counts(settings, table)]
    flow = flow_of(seen(settings, as_of), validated)
    counted = {name: table_list(flow, name, memory) for name in ("landed", "quarantined")}
    told, graded = export.held_with_grades(
        settings.restricted / export.HELD,
        as_of,
        assessed.results,
        overall_grades(assessed.states, assessed.results, as_of),
    )
    remember(settings, as_of, memory)  # before anything is seen: a run that ends here is held against too
    made = NightFindings(
        as_of=as_of,
        results=export.published_results(apply(told, decisions, as_of), cells),
        fields=export.published_fields(cells, graded, unfit_fields(decisions, as_of)),
    )
    _put_all(night_folder(settings, as_of), export.files(as_of, made.results, made.fields))
    states = [
        history.finding_states(made.results),
        history.value_states(made.fields),
        history.schema_states(EXTRACTED),
        *(history.row_states(shown, what) for what, shown in counted.items()),
    ]
    history.update(settings.linked / PROFILE, as_of, pl.concat(states))
    return made


def overall_grades(states: pl.DataFrame, results: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The grade of every field over all bydeler: year by year, and (year null) over all years."""
    counts = [c for c in states.columns if states.schema[c] == pl.Int64 and c != "year"]
    by_year = ["table", "column", "population", "year"]
    yearly = states.group_by(by_year).agg(pl.col(counts).sum())
    whole = yearly.group_by(by_year[:-1]).agg(pl.col(counts).sum()).with_columns(year=pl.lit(None, pl.Int64))
    graded = [
        grades(part.with_columns(bydel=pl.lit(EVERYWHERE)).select(states.columns), results, as_of)
        for part in (yearly, whole)
    ]
    return pl.concat(graded).select(*by_year, "grade", "reasons", "registered", "applicable")


def _put_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file whole, and only where it says something else than it did."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(contents.items()):
        put(folder / name, content, mode=EVERYBODY)
