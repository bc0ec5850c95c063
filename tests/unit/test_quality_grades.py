"""When a check fails, and what grade a field gets: below, at and above each limit; chance is kept at 5 %."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from pipeline.quality.grades import CAPPED_AT, grades
from pipeline.quality.results import COULD_NOT_RUN, FAILED, NOT_APPLICABLE, PASSED, adjusted, counted, results
from pipeline.quality.ripeness import NOT_RIPE
from pipeline.quality.statistics import benjamini_hochberg, chi_square_above, homogeneity, two_shares
from schemas import codes
from schemas.quality import CheckResult, ExpectedValues
from schemas.quality.finding import PPM
from schemas.variable import polars_schema

FIELD = {"table": "settlement", "column": "settlement_form", "population": "participants"}
NO_RESULTS = results([])
AS_OF = date(2025, 3, 1)


def cell(filled: int, of: int, **more: Any) -> dict[str, Any]:
    """A cell with `filled` of `of`, the others missing."""
    states = {"registered": filled, "missing": of - filled, "unknown": 0, "not_due": 0} | more
    rest = {"not_applicable": 0, "must_not": 0, "invalid": 0, "year": 2020, "bydel": "01"}
    known = FIELD | rest | states
    counts = [n for n in polars_schema(ExpectedValues) if isinstance(known.get(n), int) and n != "year"]
    return known | {"expected": sum(known[n] for n in counts)}


def graded(*cells: dict[str, Any], found: pl.DataFrame = NO_RESULTS) -> list[tuple[str, str]]:
    frame = pl.DataFrame(cells, schema=polars_schema(ExpectedValues))
    return grades(frame, found, AS_OF).select("grade", "reasons").rows()


@pytest.mark.parametrize(
    ("filled", "grade"),
    [(899, "B"), (900, "A"), (599, "C"), (600, "B"), (199, "D"), (200, "C"), (0, "D"), (1000, "A")],
)
def test_the_share_filled_gives_the_best_grade_there_can_be(filled: int, grade: str) -> None:
    assert graded(cell(filled, 1000))[0][0] == grade


def test_each_grade_below_a_has_its_reason_and_a_has_none() -> None:
    told = [graded(cell(filled, 1000))[0] for filled in (950, 700, 300, 100)]
    assert told == [("A", ""), ("B", "below_90"), ("C", "below_60"), ("D", "below_20")]


def test_what_nobody_is_asked_is_in_no_denominator() -> None:
    assert graded(cell(90, 90, must_not=900, not_applicable=10)) == [("A", "")]
    assert graded(cell(90, 90, not_due=900)) == [("A", "not_due")]


@pytest.mark.parametrize(("unknown", "reasons"), [(99, ""), (100, "many_unknown")])
def test_many_unknown_are_told(unknown: int, reasons: str) -> None:
    assert graded(cell(1000 - unknown, 1000 - unknown, unknown=unknown))[0][1] == reasons


def test_a_cell_with_too_few_has_the_grade_of_its_year_and_else_of_the_field() -> None:
    few = cell(0, 29)
    assert graded(few, cell(971, 971, bydel="02"))[0] == ("A", "few")
    assert graded(few, cell(971, 971, year=2021))[0] == ("A", "few")
    assert graded(cell(0, 30), cell(970, 970, bydel="02"))[0] == ("D", "below_20")


def failing(check: str, **where: Any) -> pl.DataFrame:
    row = FIELD | {"numerator": 1, "denominator": 2, "effect": 0.9, "over": True} | where
    return results([counted(check, pl.DataFrame([row]))])


@pytest.mark.parametrize(
    ("check", "grade", "reason"),
    [
        ("bydel_spread", "B", "uneven"),
        ("missing_by_outcome", "C", "informative"),
        ("registration_delay", "B", "late"),
        ("below_promise", "A", "sparse"),
    ],
)
def test_a_flag_caps_the_grade_and_is_its_reason(check: str, grade: str, reason: str) -> None:
    assert graded(cell(1000, 1000), found=failing(check)) == [(grade, reason)]


def test_a_flag_of_one_year_caps_that_year_alone() -> None:
    cells = (cell(1000, 1000, year=2020), cell(1000, 1000, year=2021))
    found = failing("break_between_years", year=2021, period="year")
    assert graded(*cells, found=found) == [("A", ""), ("B", "shifted")]


@pytest.mark.parametrize(
    ("check", "capped"),
    [("bydel_spread", (2023, 2024, 2025)), ("falling_trend", (2020, 2021, 2022, 2023, 2024))],
)
def test_a_flag_of_the_latest_years_caps_the_years_it_looked_at_alone(
    check: str, capped: tuple[int, ...]
) -> None:
    cells = [cell(1000, 1000, year=year) for year in range(2018, 2026)]
    found = graded(*cells, found=failing(check, period="latest"))
    assert [grade for grade, _ in found] == ["B" if y in capped else "A" for y in range(2018, 2026)]


@pytest.mark.parametrize(
    ("check", "capped"), [("below_promise", (2023, 2025)), ("bydel_spread", (2023, 2024, 2025))]
)
def test_a_promise_says_nothing_of_a_year_that_was_left_out_and_unevenness_does(
    check: str, capped: tuple[int, ...]
) -> None:
    waits = pl.DataFrame([FIELD | {"year": 2024, "period": "year", "reason": NOT_RIPE}])
    found = pl.concat([failing(check, period="latest"), results([counted("break_between_years", waits)])])
    cells = [cell(1000, 1000, year=year) for year in range(2022, 2026)]
    said = [bool({"sparse", "uneven"} & set(reasons.split())) for _, reasons in graded(*cells, found=found)]
    assert said == [year in capped for year in range(2022, 2026)]


def test_a_flag_of_one_bydel_caps_that_bydel_alone() -> None:
    cells = (cell(1000, 1000, bydel="01"), cell(1000, 1000, bydel="02"))
    found = failing("bydel_spread", bydel="02", period="latest")
    assert graded(*cells, found=found) == [("A", ""), ("B", "uneven")]


def test_a_flag_of_everybody_is_of_each_population_and_one_of_another_field_of_none() -> None:
    assert graded(cell(1000, 1000), found=failing("bydel_spread", population=None)) == [("B", "uneven")]
    assert graded(cell(1000, 1000), found=failing("bydel_spread", column="bydel")) == [("A", "")]


def test_every_flag_but_the_advisers_caps_a_grade_and_is_a_reason() -> None:
    assert set(CAPPED_AT) == set(codes.QUALITY_FLAG.values()) - {"uneven_advisers"}
    assert set(CAPPED_AT) <= set(codes.GRADE_REASON.values())
    assert set(CAPPED_AT.values()) <= set(codes.GRADE.values())


# --- when a check fails ------------------------------------------------------------------------------------


def judged(**row: Any) -> dict[str, Any]:
    frame = pl.DataFrame([FIELD | {"effect": 0.5} | row], infer_schema_length=None)
    return results([counted("bydel_spread", frame)]).row(0, named=True)


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"over": True, "p": 0.05}, FAILED),
        ({"over": True, "p": 0.051}, PASSED),
        ({"over": True, "p": None}, FAILED),
        ({"over": False, "p": 0.0}, PASSED),
        ({"over": True, "p": 0.0, "reason": "too_few_groups"}, COULD_NOT_RUN),
        ({"over": True, "p": 0.0, "reason": "names_the_bydel"}, NOT_APPLICABLE),
    ],
)
def test_a_check_fails_on_an_effect_that_is_large_enough_and_no_chance(
    row: dict[str, Any], status: str
) -> None:
    assert judged(**row)["status"] == status


def test_the_p_values_of_one_flag_are_adjusted_together_and_of_another_apart() -> None:
    rows = pl.DataFrame([FIELD | {"column": f"c{i}", "p": 0.04, "over": True} for i in range(3)])
    one = rows.with_columns(p=pl.Series([0.001, 0.04, 0.9]))
    apart = results([counted("bydel_spread", one), counted("adviser_spread", rows.head(1))])
    q = dict(apart.select(pl.concat_str("check", "column", separator="."), "q_value").rows())
    assert q["bydel_spread.c0"] == 3_000
    assert q["bydel_spread.c1"] == 60_000
    assert q["adviser_spread.c0"] == 40_000


def test_small_effects_however_real_make_no_room_for_large_ones_of_chance() -> None:
    """A mixed world, 200 nights: 100 real changes below the limit, 100 fields where nothing changed."""
    generator, nights, false = np.random.default_rng(3), 200, 0
    for _ in range(nights):
        n = np.concatenate([np.full(100, 60_000), generator.integers(40, 120, 100)])
        before = generator.binomial(n, np.repeat([0.80, 0.5], 100))
        after = generator.binomial(n, np.repeat([0.78, 0.5], 100))
        p = [two_shares(*row) for row in zip(before, n, after, n, strict=True)]
        over = np.abs(after - before) / n >= 0.1
        q = adjusted(pl.DataFrame({"p": p, "over": over}))
        false += bool((over & (q.to_numpy() <= 0.05)).any())
    assert false / nights <= 0.05 + 2 * (0.05 * 0.95 / nights) ** 0.5


def test_an_effect_below_its_limit_is_no_evidence_for_another() -> None:
    rows = pl.DataFrame(
        [FIELD | {"column": f"c{i}", "p": p, "over": o} for i, (p, o) in enumerate(
            [(0.0, False), (0.0, False), (0.04, True), (None, True)]
        )]
    )  # fmt: skip
    found = results([counted("bydel_spread", rows)]).select("column", "status", "q_value").rows()
    # Of three that were tested only one could be a finding: 0.04 * 3.
    assert found == [
        ("c0", PASSED, PPM), ("c1", PASSED, PPM), ("c2", PASSED, 120_000), ("c3", FAILED, None)
    ]  # fmt: skip


def test_a_result_keeps_its_number_whatever_is_found_and_another_place_has_another() -> None:
    first, same = judged(over=True, p=0.0), judged(over=False, p=0.9, numerator=7, denominator=9)
    assert first["result_id"] == same["result_id"]
    places = ({}, {"population": "grant_only"}, {"bydel": "01", "period": "latest"})
    assert len({judged(over=True, p=0.0, **place)["result_id"] for place in places}) == 3


def test_a_share_has_its_interval_in_millionths() -> None:
    found = judged(over=False, numerator=3, denominator=10)
    expected = stats.binomtest(3, 10).proportion_ci(method="wilson")
    assert (found["low"], found["high"]) == (round(expected.low * PPM), round(expected.high * PPM))
    assert found["share"] == 300_000
    CheckResult.validate(results([counted("bydel_spread", pl.DataFrame([FIELD]))]), lazy=True)


def test_where_nothing_is_uneven_at_most_one_night_in_twenty_finds_anything() -> None:
    """60 fields of 15 bydeler filled by chance alone, 400 nights: the family of findings stays at 5 %."""
    generator, nights, found = np.random.default_rng(11), 400, 0
    for _ in range(nights):
        n = generator.integers(30, 200, (60, 15)).astype(float)
        k = generator.binomial(n.astype(int), generator.uniform(0.2, 0.95, (60, 1))).astype(float)
        p = [chi_square_above(*homogeneity(a, b)) for a, b in zip(k, n, strict=True)]
        found += bool((benjamini_hochberg(p) <= 0.05).any())
    assert found / nights <= 0.05 + 2 * (0.05 * 0.95 / nights) ** 0.5
