"""Where an empty value is an answer: which fields declare it, and what is counted, graded and asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from pipeline.night.findings import held_states, overall_grades
from pipeline.pages.bands import by_code
from pipeline.pages.field_facts import markdown, paragraph
from pipeline.pages.grade_words import years_in_words
from pipeline.pages.memory import Memory
from pipeline.pages.protected import By, fill_cells
from pipeline.pages.views import View
from pipeline.quality.evidence import Evidence
from pipeline.quality.expected import STATES, expected_values
from pipeline.quality.export import published_fields
from pipeline.quality.missing_rows import MISSING, missing
from pipeline.quality.profile import QualityProfile, fields, profile, profiled_tables
from pipeline.quality.results import results
from schemas import BY_NAME, CASE_SYSTEM, codes
from schemas.case_system import Case, Identifier, Programme
from schemas.quality import PublishedResult
from schemas.variable import EmptyMeans, Population, column, columns, derived, facts, polars_schema, variable
from tests.quality_world import AS_OF, SETTLED, cases, persons, programmes, store, usable

ENDED = date(2024, 6, 1)
PUBLISHED_NOTHING = pl.DataFrame(schema=polars_schema(PublishedResult))
ANSWERS = [(table, c) for table in CASE_SYSTEM for c in columns(table) if c.about.empty_means]


def states(folder: Path, table: str, column: str, **tables: Any) -> dict[str, int]:
    """The states of one field over persons 1 to 4; only those that somebody is in."""
    measured = profile(store(folder, person=persons(1, 2, 3, 4), **tables), usable(1, 2, 3, 4), AS_OF)
    found = expected_values(measured).filter(table=table, column=column)
    sums: dict[str, int] = found.select(STATES).sum().row(0, named=True)
    return {state: n for state, n in sums.items() if n}


def test_the_fields_whose_empty_value_is_an_answer_are_these() -> None:
    assert {c.path: (c.about.empty_means.where, c.about.empty_means.among) for _, c in ANSWERS} == {
        "identifier.valid_to": (None, ()),
        "grant_claim.refusal": (None, ()),
        "case.closed_on": ("case_status", ("A",)),
        "programme.ended_on": ("programme_status", ("1", "2")),
    }


@pytest.mark.parametrize(("table", "column"), ANSWERS, ids=lambda v: getattr(v, "path", ""))
def test_an_answer_is_declared_where_a_row_is_there_to_give_it(table: Any, column: Any) -> None:
    """Of a row that is not there an empty value says nothing, and a promise to fill it would contradict."""
    assert facts(table).expected_per is None
    assert column.about.min_filled == 0
    empty = column.about.empty_means
    if empty.where:
        rests_on = {c.name: c for c in columns(table)}[empty.where]
        assert rests_on.core_name == empty.where
        assert set(empty.among) < set(rests_on.about.codes.values())


def test_every_field_that_nobody_promises_to_fill_says_what_empty_means() -> None:
    """Another such field would be graded by a share that says nothing of how well it is kept."""
    measured = [c for t in profiled_tables() for c in fields(t) if c.about.min_filled == 0]
    assert [c.path for c in measured if not c.about.empty_means] == []


def test_a_case_without_an_end_is_answered_for_while_it_is_open_and_a_gap_once_it_is_closed(
    tmp_path: Path,
) -> None:
    rows = [
        *cases(1, case_status="A"),
        *cases(2, case_status="L", closed_on=ENDED),
        *cases(3, case_status="L"),
        *cases(4, case_status=None),  # nobody knows whether it is open
    ]
    assert states(tmp_path, "case", "closed_on", case=rows) == {
        "not_applicable": 1,
        "registered": 1,
        "missing": 2,
    }


def test_a_value_is_a_value_also_where_none_had_to_be(tmp_path: Path) -> None:
    assert states(tmp_path, "case", "closed_on", case=cases(1, case_status="A", closed_on=ENDED)) == {
        "registered": 1
    }


def test_what_always_is_an_answer_is_never_missing(tmp_path: Path) -> None:
    rows = [
        {"person_key": 1, "claimed_on": SETTLED, "refusal": min(codes.REFUSAL.values())},
        *({"person_key": key, "claimed_on": SETTLED} for key in (2, 3)),
    ]
    assert states(tmp_path, "grant_claim", "refusal", grant_claim=rows) == {
        "not_applicable": 2,
        "registered": 1,
    }


@pytest.mark.parametrize(("status", "is_line"), [("1", False), ("2", False), ("3", True), (None, True)])
def test_a_running_programme_owes_no_end_and_is_on_no_worklist(
    tmp_path: Path, status: str | None, is_line: bool
) -> None:
    cores = store(
        tmp_path, person=persons(1), case=cases(1), programme=programmes(1, programme_status=status)
    )
    found = missing(Evidence(as_of=AS_OF, usable=usable(1), cores=cores))
    ends = found.filter((pl.col("table") == "programme") & (pl.col("column") == "ended_on"))
    assert ends["rule"].to_list() == ([MISSING] if is_line else [])


def test_a_column_derived_from_one_does_not_inherit_its_rows() -> None:
    for table, name in ((Case, "closed_on"), (Programme, "ended_on"), (Identifier, "valid_to")):
        assert derived(table, name, min_filled=1.0).metadata["about"].empty_means is None


@pytest.mark.parametrize(
    "wrong",
    [{"where": "case_status"}, {"among": ("A",)}],
    ids=["column without codes", "codes without column"],
)
def test_what_it_rests_on_is_a_column_and_its_codes(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="a column and some of its codes"):
        EmptyMeans(nb="Åpen.", en="Open.", **wrong)


def test_what_is_always_filled_is_never_empty() -> None:
    about = {f: getattr(columns(Case)[0].about, f) for f in ("nb", "en", "source", "source_name", "demand")}
    with pytest.raises(TypeError, match="always filled is never empty"):
        variable(
            **about,
            identifiability=columns(Case)[0].about.identifiability,
            empty_means=EmptyMeans(nb="Åpen.", en="Open."),
        )


# --- what is published of them ---------------------------------------------------------------------------


def some_cases(folder: Path) -> QualityProfile:
    """300 persons: 44 closed cases with their day, 16 closed without one, 240 open; 60 claims refused."""
    who = range(1, 301)
    rows = [
        *cases(*range(1, 45), case_status="L", closed_on=ENDED),
        *cases(*range(45, 61), case_status="L"),
        *cases(*range(61, 301), case_status="A"),
    ]
    refused, code = range(1, 61), min(codes.REFUSAL.values())
    claims = [
        {"person_key": k, "claimed_on": SETTLED, "refusal": code if k in refused else None} for k in who
    ]
    return profile(store(folder, person=persons(*who), case=rows, grant_claim=claims), usable(*who), AS_OF)


def total(cells: pl.DataFrame, table: str, column: str) -> dict[str, Any]:
    return cells.filter(pl.col("key").is_null(), table=table, column=column, by="year").row(0, named=True)


def test_the_figure_beside_a_band_is_what_the_band_is_of(tmp_path: Path) -> None:
    """Of every cell that shows a band: some count that rounds to its n gives a share within the band."""
    measured = some_cases(tmp_path)
    cells = fill_cells(measured)
    assert (total(cells, "case", "closed_on")["n"], total(cells, "case", "closed_on")["band"]) == (
        60,
        "50-75",
    )
    exact = measured.fill.group_by("table", "column", "population").agg(pl.col("value").sum())
    shown = cells.filter(pl.col("key").is_null() & pl.col("band").is_not_null() & (pl.col("by") == "year"))
    told = shown.join(exact, on=["table", "column", "population"]).to_dicts()
    assert len(told) > 10
    for row in told:
        band = by_code()[row["band"]]
        shares = [100 * row["value"] / (row["n"] + away) for away in range(-2, 3)]
        assert min(shares) <= band.high and max(shares) >= band.low, row["column"]


def test_what_is_empty_as_an_answer_has_no_share_and_no_grade_and_tells_how_many_are_filled(
    tmp_path: Path,
) -> None:
    measured = some_cases(tmp_path)
    cells = fill_cells(measured)
    cell = total(cells, "grant_claim", "refusal")
    assert (cell["n"], cell["n_marker"], cell["band"]) == (60, "shown", None)
    counts = held_states(expected_values(measured), Memory())
    graded = overall_grades(counts, results([]), AS_OF)
    refusal = graded.filter(pl.col("year").is_null(), column="refusal")
    assert refusal.select("grade", "reasons").rows() == [(None, "empty_answers")]
    fields_told = published_fields(cells, graded, ())
    about = fields_told.filter(table="grant_claim", column="refusal", by="year", place="all")
    assert about.select("grade", "reasons").rows() == [(None, "empty_answers")]
    said = paragraph(("grant_claim", "refusal"), fields_told, PUBLISHED_NOTHING, (), AS_OF, "en")
    assert "the field was filled in about 60 cases" in said
    assert "An empty field may be an answer: The claim has not been refused." in said
    assert "No grade (an empty value is an answer)." in said
    assert "expected" not in said and "Share with" not in " ".join(years_in_words(about, "en"))
    shown = SimpleNamespace(cells=cells, promised=cells.clear())
    on_page = View(language="en", shown=shown, as_of=AS_OF).cell(  # type: ignore[arg-type]
        column(BY_NAME["grant_claim"], "refusal"), Population.GRANT_ONLY.value, By.YEAR
    )
    assert (on_page.band, on_page.title) == (None, "An empty value is an answer")
    variables = pl.DataFrame({"variable": ["x"], "table": ["grant_claim"], "column": ["refusal"]})
    assert "| 60 filled | – | – |" in markdown(variables, fields_told, PUBLISHED_NOTHING, (), AS_OF, "en")
