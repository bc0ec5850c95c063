"""What each check makes of its counts: at its limits, of nothing, and where chance alone is at work."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.quality.contradictions import Fault, contradictions, faults
from pipeline.quality.delays import (
    DAYS_A_MONTH,
    LONGEST,
    _judged,
    arrived_by,
    expected_final,
    month_by,
    months_seen,
    triangle,
)
from pipeline.quality.evidence import Evidence
from pipeline.quality.held_back import _judged as judged_texts
from pipeline.quality.machine import one_default
from pipeline.quality.missingness import _association, _characteristics, _long, informative
from pipeline.quality.over_time import breaks
from pipeline.quality.profile import QualityProfile
from pipeline.quality.results import COULD_NOT_RUN, FAILED, PASSED, counted, results
from pipeline.quality.ripeness import UNRIPE
from schemas.case_system import Person
from schemas.variable import ValueState, columns
from tests.quality_injectors import AS_OF, Municipality, faultless

SEEN = {"unit": pl.Int64, "age": pl.Int64, "delay": pl.Int64, "late": pl.Boolean}


def came(*rows: tuple[int, int, int | None, bool]) -> dict[str, Any]:
    """The judgement of (how many, age, delay, late)."""
    each = [(n, age, delay, late) for many, age, delay, late in rows for n in range(many)]
    part = pl.DataFrame(each, schema=SEEN, orient="row")
    ages, seen = triangle(part)
    return _judged(part, ages, seen, arrived_by(seen))


def status(judged: dict[str, Any]) -> tuple[str, str | None]:
    frame = pl.DataFrame([judged | {"table": "result", "column": "nir_exit"}], infer_schema_length=None)
    return results([counted("registration_delay", frame)]).select("status", "reason").row(0)


def test_a_duration_is_seen_for_its_whole_months_and_over_by_the_end_of_the_running_one() -> None:
    days = pl.DataFrame({"d": [-3, 0, 1, 30, 31, 60, 61, 9999]})
    told = days.select(pl.duration(days="d").alias("d")).select(
        seen=months_seen(pl.col("d")), by=month_by(pl.col("d"))
    )
    assert told["seen"].to_list() == [0, 0, 0, 0, 1, 1, 2, LONGEST]
    assert told["by"].to_list() == [0, 0, 1, 1, 2, 2, 3, LONGEST]


@pytest.mark.parametrize("slow", [60, 180])
def test_the_nowcast_is_right_where_values_come_on_any_day_of_a_month(slow: int) -> None:
    generator, off = np.random.default_rng(2), []
    for _ in range(40):
        n = 13_000
        age = generator.integers(0, int((LONGEST + 14) * DAYS_A_MONTH), n)
        comes, delay = generator.random(n) < 0.92, generator.exponential(slow, n).astype(int)
        rows = pl.DataFrame({"a": age, "d": delay, "seen": comes & (delay <= age)}).select(
            age=months_seen(pl.duration(days="a")),
            delay=pl.when("seen").then(month_by(pl.duration(days="d"))),
        )
        ages, seen = triangle(rows)
        recent = rows["age"].to_numpy() < 24
        final = expected_final(ages, seen, arrived_by(seen), 24)[0]
        off.append(final - comes[recent].mean())
    assert abs(float(np.mean(off))) < 0.003


@pytest.mark.parametrize(("late", "found"), [(100, PASSED), (101, PASSED), (140, FAILED)])
def test_late_is_more_than_a_tenth_and_more_than_chance(late: int, found: str) -> None:
    assert status(came((1000 - late, 20, 0, False), (late, 20, 3, True)))[0] == found


def test_where_nobody_or_too_few_came_nothing_is_said() -> None:
    assert status(came((300, 10, None, False))) == (COULD_NOT_RUN, "too_few")
    assert status(came((29, 10, None, False), (1, 10, 5, True))) == (COULD_NOT_RUN, "too_few")
    assert status(came((271, 10, None, False), (29, 10, 0, False))) == (COULD_NOT_RUN, "too_few")
    assert status(came((270, 10, None, False), (30, 10, 0, False))) == (PASSED, None)


@pytest.mark.parametrize(
    ("before", "after", "is_over"), [(300, 200, True), (300, 201, False), (800, 900, True)]
)
def test_a_break_of_exactly_the_limit_is_one_however_the_shares_round(
    before: int, after: int, is_over: bool
) -> None:
    """0.3 - 0.2 is less than 0.1 in the numbers a machine computes with."""
    rows = [
        ("settlement", "settlement_form", "participants", year, "01", 1000, value, 0, 0, 1000 - value)
        for year, value in ((2022, before), (2023, after))
    ]
    states = [state.value for state in ValueState]
    fill = pl.DataFrame(
        rows, schema=["table", "column", "population", "year", "bydel", "n", *states], orient="row"
    )
    measured = QualityProfile(as_of=AS_OF, fill=fill, by_adviser=fill.clear())
    assert breaks(measured, pl.DataFrame(schema=UNRIPE))["over"].to_list() == [is_over]


# --- texts, contradictions, defaults -----------------------------------------------------------------------


def texts(numerator: int, denominator: int) -> tuple[str, str | None]:
    frame = pl.DataFrame({"table": ["background"], "column": ["dream_job"]}).with_columns(
        numerator=pl.lit(numerator, pl.Int64), denominator=pl.lit(denominator, pl.Int64)
    )
    return results([counted("person_in_text", judged_texts(frame))]).select("status", "reason").row(0)


def test_of_no_text_nothing_can_be_said() -> None:
    assert texts(0, 0) == (COULD_NOT_RUN, "too_few")
    assert texts(0, 10) == (PASSED, None)
    assert texts(1, 1000) == (FAILED, None)


@pytest.mark.parametrize(("faulty", "found"), [(0, PASSED), (1, PASSED), (2, FAILED), (3, FAILED)])
def test_a_contradiction_is_at_least_one_in_a_thousand(faulty: int, found: str) -> None:
    rows = pl.DataFrame({"person_key": range(faulty)})
    fault = Fault(check="duplicate_case", table="case", column=None, rows=rows, out_of=2000)
    assert results([contradictions([fault])])["status"].to_list() == [found]


def evidence(world: Municipality, folder: Any) -> Evidence:
    return Evidence(
        as_of=AS_OF,
        usable=world.core["person"].select("person_key"),
        cores=world.store(folder),
        linked=world.linked,
        restricted=world.restricted,
        keys=world.keys,
        refused=world.refused,
    )


def test_only_the_rule_of_the_order_makes_an_end_before_a_start(tmp_path: Any) -> None:
    """Both dates are at fault where each breaks a rule of its own, and in no order for that."""
    world = faultless()
    both = ["started_on", "ended_on"]
    rules = [["started_on_year_plausible", "ended_on_year_plausible"], ["ended_on_not_before_started_on"]]
    world.refused["programme"] = pl.DataFrame(
        {"person_key": [1, 2], "programme_key": [9001, 9002], "columns": [both, both], "rules": rules}
    )
    found = {f.check: f for f in faults(evidence(world, tmp_path))}
    assert found["end_before_start"].rows is not None
    assert found["end_before_start"].rows["programme_key"].to_list() == [9002]
    assert found["end_before_start"].out_of == found["too_long"].out_of + 2


def test_the_chance_of_a_default_counts_that_elsewhere_is_a_sample_too() -> None:
    """All 30 of one bydel and 20 of 30 of the other: Fisher's exact p of one side, three pairs looked at."""
    column = next(c for c in columns(Person) if c.name == "sex")
    values = pl.DataFrame({"value": ["1"] * 30 + ["1"] * 20 + ["2"] * 10, "bydel": ["01"] * 30 + ["02"] * 30})
    found = one_default(Person, column, values)
    assert found is not None
    # C(50, 30) / C(60, 30), by each of the three values of a bydel that are there.
    assert found["p"] == pytest.approx(3 * comb(50, 30) / comb(60, 30))
    assert found["over"]


# --- missing values ----------------------------------------------------------------------------------------


def test_missing_is_held_against_nothing_where_no_groups_meet_and_says_so() -> None:
    years: list[int | None] = [2020, 2021]
    assert _association(["false", "true"], years, [50, 50], [9, 9], of_two=True)[4] == "not_comparable"
    assert _association(["false", "true"], years, [50, 50], [0, 0], of_two=True)[4] == "nobody_missing"
    assert _association(["false", "true"], years, [50, 50], [50, 50], of_two=True)[4] == "nobody_filled"


def test_a_start_that_is_missing_is_compared_by_another_year_than_its_own(tmp_path: Any) -> None:
    world = faultless()
    men = world.core["person"].filter(pl.col("sex") == "1")["person_key"].to_list()
    world.change("programme", "started_on", pl.col("person_key").is_in(men) & (pl.col("lot") < 500))
    found = results(informative(evidence(world, tmp_path))).filter(
        (pl.col("column") == "started_on") & (pl.col("table") == "programme")
    )
    sex = found.filter(pl.col("against") == "person.sex")
    assert sex["status"].to_list() == [FAILED]


def test_an_unknown_birth_date_is_in_no_age_group(tmp_path: Any) -> None:
    world = faultless()
    world.change("person", "birth_date", pl.col("place") < 3)
    made = evidence(world, tmp_path)
    known = _characteristics(made, made.who()).sort("person_key")["birth_date"]
    assert known.head(3).null_count() == known.null_count() == 3


def test_the_ground_of_a_permit_is_not_held_against_itself() -> None:
    groups = pl.DataFrame(
        {
            "population": ["participants"], "group": ["1"], "year": [2020], "n": [50],
            "missing:permit_ground": [5], "missing:sex": [5],
        }
    )  # fmt: skip
    found = _long(Person, groups, "person.permit_ground")
    assert found["column"].to_list() == ["sex"]
