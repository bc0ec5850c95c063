"""The night's results for programs: no exact figure, nothing about fewer than five, and nights that stand."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure.tables import HELD_THRESHOLD
from pipeline.quality import judged_by, thresholds
from pipeline.quality.export import (
    documented,
    files,
    held,
    hold,
    published_fields,
    published_results,
)
from pipeline.quality.flags import promises
from pipeline.quality.places import not_told
from pipeline.quality.rules import BELOW_PROMISE, CHECKS, FlagSeverity
from pipeline.quality.stewardship import COLUMNS, Stewardship, Unfit, apply
from pipeline.remembered import NIGHTS_KEPT
from schemas import codes
from schemas.quality import CheckResult, PublishedField, PublishedResult
from schemas.variable import columns, polars_schema
from tests import published_world

AS_OF = date(2025, 3, 1)
ID = "0123456789abcdef"


def results(*rows: dict[str, Any]) -> pl.DataFrame:
    """Results of `below_promise` over one whole field, each given by what is particular about it."""
    usual = {
        "result_id": ID,
        "check": "below_promise",
        "flag": "sparse",
        "kahn_category": "completeness",
        "kahn_context": "verification",
        "severity": "decide",
        "status": "failed",
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "period": "all",
        "numerator": 60,
        "denominator": 200,
        "share": 300_000,
        "effect_kind": "gap",
        "effect": 170_000,
    }
    return pl.DataFrame([usual | row for row in rows], schema=polars_schema(CheckResult))


def cells(*rows: dict[str, Any]) -> pl.DataFrame:
    """The page's figures for the same field, each given by what is particular about it."""
    usual = {
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "by": "year",
        "key": None,
        "n": 200,
        "n_marker": "shown",
        "band": "25-50",
        "marker": "shown",
    }
    schema = {name: pl.Int64 if name == "n" else pl.String for name in usual}
    return pl.DataFrame([usual | row for row in rows], schema=schema)


SUPPRESSED = {"n": None, "n_marker": "suppressed", "band": None, "marker": "suppressed"}
TABLE_WIDE = {
    "check": "held_back",
    "flag": "invalid",
    "table": "programme",
    "column": None,
    "population": None,
    "effect_kind": "share",
    "against": "started_on_year_plausible",
}


SPREAD = {"result_id": "f" * 16, "check": "bydel_spread", "flag": "uneven", "effect_kind": "spread"}


def published(rows: list[dict[str, Any]], figures: pl.DataFrame | None = None) -> list[dict[str, Any]]:
    decided = apply(results(*rows), (), AS_OF)
    return published_results(decided, cells({}) if figures is None else figures).to_dicts()


def test_a_result_is_told_with_the_pages_own_figures_and_none_of_its_own() -> None:
    (row,) = published([{}])
    assert (row["status"], row["marker"], row["n"], row["band"]) == ("failed", "shown", 200, "25-50")
    assert row["effect_percent"] is None  # it would cut the band
    assert row["stewardship"] == Stewardship.OPEN
    assert not {"numerator", "denominator", "share", "low", "high", "p_value", "q_value"} & set(row)


SETTLED = {"period": "all", "n": 110, "n_marker": "shown", "band": "50-75", "marker": "shown"}


def settled(**row: Any) -> pl.DataFrame:
    """The field's figures without the years that are still filling up, in a period that has some."""
    field = {"table": "background", "column": "education_level", "population": "participants"}
    schema = {name: pl.Int64 if name == "n" else pl.String for name in field | SETTLED}
    return pl.DataFrame([field | SETTLED | row], schema=schema)


@pytest.mark.parametrize(
    ("result", "figures", "told"),
    [
        ({}, {}, ("failed", "shown", 110, "50-75")),
        ({"status": "passed"}, {}, ("passed", "shown", 110, "50-75")),
        ({}, {"n": None, "n_marker": "suppressed", "band": None}, (None, "suppressed", None, None)),
        # Of another period, and by another check, the page's own figures are what was judged.
        ({}, {"period": "latest"}, ("failed", "shown", 200, "25-50")),
        ({"check": "bydel_spread"}, {}, ("failed", "shown", 200, "25-50")),
        # Nothing was judged: there is no share to tell, and that it waits is told.
        (
            {"status": "could_not_run", "reason": "not_ripe", "numerator": 3, "denominator": 20},
            {"n": None, "n_marker": "suppressed", "band": None},
            ("could_not_run", "shown", None, None),
        ),
    ],
)
def test_a_promise_is_told_with_the_years_it_was_judged_by(
    result: dict[str, Any], figures: dict[str, Any], told: tuple[Any, ...]
) -> None:
    found = published_results(apply(results(result), (), AS_OF), cells({}), None, settled(**figures))
    assert found.select("status", "marker", "n", "band").rows() == [told]


def test_everything_published_is_as_it_is_declared() -> None:
    made = published_results(apply(results({}), (), AS_OF), cells({}))
    PublishedResult.to_schema().validate(made)
    assert dict(made.schema) == polars_schema(PublishedResult)
    PublishedField.to_schema().validate(published_fields(cells({}), no_grades(), ()))
    assert set(COLUMNS) <= set(polars_schema(PublishedResult))
    assert {s.value for s in Stewardship} == set(codes.STEWARDSHIP.values())


def test_where_the_pages_figures_are_suppressed_nobody_learns_what_the_check_found() -> None:
    (row,) = published([{}], cells(SUPPRESSED))
    assert (row["status"], row["marker"]) == (None, "suppressed")
    assert all(row[name] is None for name in ("reason", "n", "band", "effect_percent"))


@pytest.mark.parametrize("status", ["failed", "passed", "could_not_run"])
def test_a_bydel_with_three_and_one_with_none_are_equally_silent(status: str) -> None:
    few = published([{}, {"result_id": "f" * 16, "bydel": "03", "period": "latest", "status": status}])
    shown_for_others = cells({}, {"by": "bydel"}, {"by": "bydel", "key": "03"} | SUPPRESSED)
    hidden = published(
        [{}, {"result_id": "f" * 16, "bydel": "03", "period": "latest", "status": status}], shown_for_others
    )
    assert few == hidden == published([{}])


def test_a_result_of_a_place_has_that_places_figures() -> None:
    figures = cells(
        {"n": 500},
        {"key": "2010", "n": 100},
        {"by": "bydel", "n": 300},
        {"by": "bydel", "key": "03", "n": 40},
    )
    rows = [
        ({"period": "all"}, 500),
        ({"period": "year", "year": 2010}, 100),
        ({"period": "latest"}, 300),
        ({"period": "latest", "bydel": "03"}, 40),
    ]
    for place, n in rows:
        (row,) = published([place], figures)
        assert row["n"] == n, place
    for elsewhere in ({"year": 2011}, {"bydel": "04"}, {"year": 2010, "bydel": "03"}, {"bydel": "03"}):
        assert published([elsewhere], figures) == []


BATCH = {
    "check": "batch_closed",
    "flag": "machine_filled",
    "column": "closed_on",
    "population": None,
    "period": "year",
    "year": 2022,
    "numerator": 40,
    "effect_kind": "share",
}


@pytest.mark.parametrize(
    ("of_the_year", "numerator", "told"),
    [
        (["shown", "shown"], 40, 1),
        (["shown", "shown"], HELD_THRESHOLD - 1, 0),
        # Where the page hides how many of either population there are, nothing is told of both.
        (["shown", "suppressed"], 40, 0),
        ([], 40, 0),
    ],
)
def test_a_check_of_rows_by_year_is_told_where_the_page_shows_the_year_of_everybody(
    of_the_year: list[str], numerator: int, told: int
) -> None:
    populations = ("participants", "grant_only")
    years = [
        {"column": "closed_on", "population": p, "key": "2022", "n_marker": marker}
        for p, marker in zip(populations, of_the_year, strict=False)
    ]
    found = published([BATCH | {"numerator": numerator}], cells({}, *years))
    assert [(row["year"], row["status"], row["n"]) for row in found] == [(2022, "failed", None)] * told


def test_the_years_that_nothing_is_told_of_are_counted_as_what_is_hidden_is() -> None:
    """Of two populations three years: two pairs are compared in each, and one break is told."""
    field = {"table": "settlement", "column": "settlement_form", "by": "year", "place": "all"}
    years = [
        field | {"population": population, "place": place}
        for population in ("participants", "grant_only")
        for place in ("all", "0", "2022", "2023", "2024", "2026")
    ]
    shown = published_world.fields(*years, field | {"by": "bydel", "place": "03"})
    break_of = {"check": "break_between_years", "year": 2023, "period": "year"}
    hidden = {"result_id": "a" * 16, "status": None, "marker": "suppressed"}
    rows = [break_of | {name: field[name] for name in ("table", "column")}, hidden]
    assert not_told(published_world.results(*rows), shown, AS_OF) == {"suppressed": 1, "untold": 3}
    closed = [f | {"table": "case", "column": "closed_on"} for f in years]
    assert not_told(published_world.results(hidden), published_world.fields(*closed), AS_OF)["untold"] >= 3


@pytest.mark.parametrize(("affected", "told"), [(0, 0), (HELD_THRESHOLD - 1, 0), (HELD_THRESHOLD, 1)])
def test_what_few_are_counted_for_is_as_silent_as_what_none_are(affected: int, told: int) -> None:
    rows = [TABLE_WIDE | {"numerator": affected, "status": "failed" if affected else "passed"}]
    assert len(published(rows)) == told


def test_a_field_hardly_filled_is_told_all_the_same() -> None:
    """A share with a value is not a count of what is wrong: nobody is found by it."""
    (row,) = published([{"numerator": 0}])
    assert row["status"] == "failed"


@pytest.mark.parametrize(
    ("numerator", "marker"),
    [
        (0, "suppressed"),
        (8, "suppressed"),
        (9, "shown"),
        (191, "shown"),
        (192, "suppressed"),
        (200, "suppressed"),
    ],
)
def test_that_nobody_lacks_a_value_is_as_silent_as_that_few_do(numerator: int, marker: str) -> None:
    about = {"check": "missing_by_background", "effect_kind": "cramers_v", "numerator": numerator}
    (row,) = published([about | {"status": "not_applicable", "reason": "nobody_missing"}])
    assert row["marker"] == marker
    assert (row["status"] is None, row["reason"] is None) == (marker == "suppressed",) * 2


def test_an_effect_is_told_in_coarse_steps_and_of_many_only() -> None:
    effects = [(44_000, 0), (49_999, 0), (50_000, 10), (-170_000, -20), (1_000_000, 100)]
    spread = {"check": "bydel_spread", "effect_kind": "spread"}
    for effect, percent in effects:
        assert published([spread | {"effect": effect}])[0]["effect_percent"] == percent
    assert published([spread], cells({"n": 95}))[0]["effect_percent"] is None
    assert published([{"effect": None, "effect_kind": None}])[0]["effect_percent"] is None


LATE = {"check": "registration_delay", "flag": "late", "effect_kind": "expected_final"}


@pytest.mark.parametrize(
    ("now", "of", "final", "told"),
    [
        (122, 200, 920_000, (90, 60)),  # 115 to 124 are told alike
        (125, 200, 920_000, (90, 70)),  # 125 to 134 are told as 130 of 200: 65 % goes up
        (8, 200, 920_000, (90, 10)),  # 4 %: told as 10 or less, as nobody is
        (0, 200, 920_000, (90, 10)),
        (194, 200, 980_000, (90, 90)),  # 97 %: told as 90 or more
        (126, 200, 600_000, (60, 60)),  # never more now than in the end
        (60, 99, 920_000, (None, None)),  # too few events to tell a step of
    ],
)
def test_what_comes_late_is_told_as_it_is_now_and_in_the_end(
    now: int, of: int, final: int, told: tuple[int | None, int | None]
) -> None:
    (row,) = published([LATE | {"numerator": now, "denominator": of, "effect": final}])
    assert (row["effect_percent"], row["now_percent"]) == told


def test_of_nothing_else_it_is_told_how_much_there_is_now() -> None:
    spread = {"check": "bydel_spread", "effect_kind": "spread", "numerator": 122}
    (row,) = published([spread])
    assert row["effect_percent"] == 20 and row["now_percent"] is None
    (few,) = published([LATE | {"numerator": 122}], cells({"n": 95}))
    assert few["effect_percent"] is None and few["now_percent"] is None


def test_what_there_is_now_stands_until_a_count_has_moved_by_ten() -> None:
    """124 of 200 is told as 60 %, and 125 as 70 %: whoever came would be seen."""
    first = results(LATE | {"numerator": 124, "effect": 920_000})
    told = []
    for now in (124, 125, 133, 134):
        first = hold(results(LATE | {"numerator": now, "effect": 920_000}), first)
        (row,) = published_results(apply(first, (), AS_OF), cells({})).to_dicts()
        told.append(row["now_percent"])
    assert told == [60, 60, 60, 70]


# --- fields ----------------------------------------------------------------------------------------------


def no_grades() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            **dict.fromkeys(("table", "column", "population"), pl.String),
            "year": pl.Int64,
            "grade": pl.String,
            "reasons": pl.String,
        }
    )


def graded(year: int | None, grade: str) -> pl.DataFrame:
    row = ("background", "education_level", "participants", year, grade, "sparse")
    return pl.DataFrame([row], schema=no_grades().schema, orient="row")


def test_a_grade_is_told_of_many_only() -> None:
    figures = cells({"key": "2010", "n": 100}, {"key": "2011", "n": 95}, {"by": "bydel", "key": "03"})
    grades = pl.concat([graded(2010, "C"), graded(2011, "D"), graded(None, "B")])
    told = {
        (row["by"], row["place"]): (row["grade"], row["reasons"])
        for row in published_fields(figures, grades, ()).to_dicts()
    }
    assert told == {
        ("year", "2010"): ("C", "sparse"),
        ("year", "2011"): (None, None),
        ("bydel", "03"): (None, None),
    }
    (total,) = published_fields(cells({}), grades, ()).to_dicts()
    assert (total["place"], total["grade"]) == ("all", "B")
    (hidden,) = published_fields(cells(SUPPRESSED), grades, ()).to_dicts()
    assert hidden["grade"] is None and hidden["marker"] == "suppressed"


@pytest.mark.parametrize(
    ("table", "column", "population", "unfit"),
    [
        ("background", "education_level", None, True),
        ("background", "education_level", "participants", True),
        ("background", "education_level", "grant_only", False),
        ("background", "school_years", None, False),
        ("family", "education_level", None, False),
    ],
)
def test_a_field_carries_that_it_is_unfit(
    table: str, column: str, population: str | None, unfit: bool
) -> None:
    mark = Unfit(table, column, population, "owner", AS_OF, "nb", "en")
    assert published_fields(cells({}), no_grades(), (mark,))["unfit"].to_list() == [unfit]


# --- from night to night ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "stands"),
    [
        (64, 200, True),
        (56, 204, True),
        (65, 200, False),
        (55, 200, False),
        (60, 205, False),
        (60, 195, False),
    ],
)
def test_a_result_turns_only_when_one_of_its_counts_has_moved_by_five(
    numerator: int, denominator: int, stands: bool
) -> None:
    tonight = results({"numerator": numerator, "denominator": denominator, "status": "passed", "effect": 0})
    (row,) = hold(tonight, results({})).to_dicts()
    was, now = ("failed", 170_000, 60), ("passed", 0, numerator)
    assert (row["status"], row["effect"], row["numerator"]) == (was if stands else now)


def test_small_steps_do_not_add_up_unseen() -> None:
    """A held count is the count of when it was last told, so the fifth step is seen."""
    answer = results({})
    for step in range(1, 6):
        answer = hold(results({"numerator": 60 + step, "status": "passed"}), answer)
        assert answer["status"].to_list() == ["failed" if step < 5 else "passed"]


def test_a_result_that_is_new_or_counts_nothing_is_told_as_it_is() -> None:
    new = results({"result_id": "f" * 16})
    assert hold(new, results({})).equals(new)
    assert hold(new, None).equals(new)
    uncounted = results({"numerator": None, "denominator": None, "status": "could_not_run"})
    assert hold(uncounted, results({}))["status"].to_list() == ["could_not_run"]


def test_a_night_run_again_says_the_same_again(tmp_path: Path) -> None:
    first, second = date(2025, 3, 1), date(2025, 3, 2)
    held(tmp_path, first, results({}))
    turned = results({"numerator": 63, "status": "passed"})
    told = held(tmp_path, second, turned)
    assert told["status"].to_list() == ["failed"]
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert held(tmp_path, second, turned).equals(told)
    held(tmp_path, first, results({}))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_one_night_made_twice_is_held_against_itself(tmp_path: Path) -> None:
    held(tmp_path, AS_OF, results({}))
    assert held(tmp_path, AS_OF, results({"numerator": 61, "status": "passed"}))["status"].to_list() == [
        "failed"
    ]
    earlier = held(tmp_path, date(2025, 2, 1), results({"numerator": 61, "status": "passed"}))
    assert earlier["status"].to_list() == ["failed"]


def test_only_the_newest_nights_are_remembered(tmp_path: Path) -> None:
    for day in range(1, 32):
        held(tmp_path, date(2025, 1, day), results({}))
    held(tmp_path, date(2025, 2, 1), results({}))
    assert len(list(tmp_path.iterdir())) == NIGHTS_KEPT


def test_an_old_night_made_after_many_later_ones_keeps_its_own_memory(tmp_path: Path) -> None:
    for day in range(1, 32):
        held(tmp_path, date(2025, 3, day), results({}))
    old = date(2025, 2, 1)
    for numerator in (61, 63):  # held at 60: two makings of one night say the same
        assert held(tmp_path, old, results({"numerator": numerator}))["numerator"].to_list() == [60]
    assert (tmp_path / f"{old}.parquet").exists()


LIMIT = CHECKS[BELOW_PROMISE].threshold


@pytest.mark.parametrize(
    "changed",
    [
        {"threshold": replace(LIMIT, value=LIMIT.value + 1)},
        {"severity": FlagSeverity.NOTE},
        {"flag": "uneven"},
        {"effect": "share"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_rule_is_heard_the_same_night_and_the_counts_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    held(tmp_path, date(2025, 3, 1), results({}))
    tonight = results({"numerator": 63, "status": "passed"})
    monkeypatch.setitem(CHECKS, BELOW_PROMISE, replace(CHECKS[BELOW_PROMISE], **changed))
    told = held(tmp_path, date(2025, 3, 2), tonight)
    assert told.select("status", "numerator").rows() == [("passed", 60)]
    # And from then on it stands as it was told.
    again = held(tmp_path, date(2025, 3, 3), results({"numerator": 58}))
    assert again.select("status", "numerator").rows() == [("passed", 60)]


def test_a_changed_limit_that_many_checks_share_and_a_changed_promise_are_heard_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tonight = results({"status": "passed"}, SPREAD | {"status": "passed"})
    held(tmp_path, date(2025, 3, 1), results({}, SPREAD))
    assert held(tmp_path, date(2025, 3, 2), tonight)["status"].to_list() == ["failed", "failed"]
    fewest = replace(thresholds.FEWEST_TO_JUDGE, value=31)
    limits = tuple(fewest if t is thresholds.FEWEST_TO_JUDGE else t for t in thresholds.THRESHOLDS)
    monkeypatch.setattr(judged_by, "THRESHOLDS", limits)
    assert held(tmp_path, date(2025, 3, 3), tonight)["status"].to_list() == ["passed", "passed"]
    lower = promises().with_columns(pl.col("promise") - 1)
    monkeypatch.setattr(judged_by, "promises", lambda: lower)
    assert held(tmp_path, date(2025, 3, 4), results({}, SPREAD))["status"].to_list() == ["failed", "failed"]


def test_another_checks_limit_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held(tmp_path, date(2025, 3, 1), results({}))
    other = CHECKS["bydel_spread"]
    limit = replace(other.threshold, value=1)
    monkeypatch.setitem(CHECKS, other.name, replace(other, threshold=limit))
    limits = tuple(limit if t is other.threshold else t for t in thresholds.THRESHOLDS)
    monkeypatch.setattr(judged_by, "THRESHOLDS", limits)
    told = held(tmp_path, date(2025, 3, 2), results({"status": "passed"}))
    assert told["status"].to_list() == ["failed"]


def test_a_memory_without_rules_was_judged_by_the_same(tmp_path: Path) -> None:
    assert hold(results({"status": "passed"}), results({}))["status"].to_list() == ["failed"]


# --- how many rows a rule holds back ----------------------------------------------------------------------

BY_RULE = pl.DataFrame(
    {"table": ["programme", "programme"], "column": [None, "status"], "rule": [TABLE_WIDE["against"]] * 2,
     "shown": [35, 90]},
    schema_overrides={"column": pl.String},
)  # fmt: skip


def held_rows(row: dict[str, Any], rules: pl.DataFrame | None = BY_RULE) -> list[int | None]:
    decided = apply(results(TABLE_WIDE | row), (), AS_OF)
    return published_results(decided, cells({}), rules)["affected"].to_list()


def test_a_rule_that_holds_rows_back_says_how_many_as_the_page_does() -> None:
    assert held_rows({"numerator": 33}) == [35]
    assert held_rows({"numerator": 33, "column": "status"}) == [90]
    assert held_rows({"numerator": 33, "table": "case"}) == [None]  # a rule the page does not show
    assert held_rows({"numerator": 33}, None) == [None]
    assert held_rows({"numerator": 8, "status": "failed"}) == []  # nor is it told what it found


def test_no_other_check_takes_its_count_from_the_rules() -> None:
    other = {"check": "duplicate_case", "flag": "contradictory", "numerator": 33}
    assert held_rows(other) == [35]  # its own 33, rounded
    assert held_rows(other | {"numerator": 52}) == [50]


# --- the files -------------------------------------------------------------------------------------------


def made() -> dict[str, bytes]:
    decided = apply(results({}), (), AS_OF)
    fields = published_fields(cells({}), no_grades(), ())
    return files(AS_OF, published_results(decided, cells({})), fields)


def test_the_json_and_the_parquet_say_the_same_and_say_what_they_say() -> None:
    found = made()
    assert found == made()
    content = json.loads(found["quality.json"])
    table = pl.read_parquet(io.BytesIO(found["quality.results.parquet"]))
    assert [row["result_id"] for row in content["results"]] == table["result_id"].to_list() == [ID]
    assert content["fields"][0]["band"] == "25-50"
    assert content["as_of"] == "2025-03-01"
    told = [column["name"] for column in content["schema"]["results"]["columns"]]
    assert told == list(content["results"][0]) == table.columns


def test_the_schema_in_the_file_is_that_of_the_declaration() -> None:
    for table in (PublishedResult, PublishedField):
        about = documented(table)
        assert [c["name"] for c in about["columns"]] == [c.name for c in columns(table)]
        assert all(c["nb"] and c["en"] for c in about["columns"])
    flag = next(c for c in documented(PublishedResult)["columns"] if c["name"] == "flag")
    assert flag["codes"]["sparse"] == {"nb": "Tynt", "en": "Sparse"}


def test_no_exact_figure_is_in_any_file() -> None:
    """A count that nothing else would make: it must not come through in any form."""
    canary, share = 12_347, 617_351
    odd = {"numerator": canary, "denominator": 20_001, "share": share, "effect": share, "p_value": share}
    decided = apply(results(odd), (), AS_OF)
    told = files(AS_OF, published_results(decided, cells({})), published_fields(cells({}), no_grades(), ()))
    for content in told.values():
        for figure in (canary, 20_001, share):
            assert str(figure).encode() not in content
            assert figure.to_bytes(8, "little") not in content
