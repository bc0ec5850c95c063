"""Courses by hand: how months are counted, what is refused, what a family hides."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.trajectories import uniqueness
from pipeline.disclosure.trajectories.control import Target, controlled
from pipeline.disclosure.trajectories.events import Source, Step, coarsened, gathered
from pipeline.errors import RequestRefused, TargetUnreachable

STARTS = pl.DataFrame({"key": [1, 2], "began": [date(2020, 1, 31), date(2021, 6, 15)], "family": [7, None]})


def test_months_are_counted_from_the_day_of_the_start() -> None:
    courses = pl.DataFrame(
        {
            "who": [1, 1, 1, 2, 2, 2, 3],
            "on": [
                *(date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31)),
                *(date(2021, 6, 14), date(2022, 6, 15), None, date(2020, 1, 1)),
            ],
            "kind": ["norsk", "norsk", None, "kurs", "kurs", "kurs", "kurs"],
        }
    )
    jobs = pl.DataFrame({"who": [2], "on": [date(2023, 6, 14)]})
    events = gathered(
        {"job": Source(jobs, "who", "on"), "course": Source(courses, "who", "on", ("kind",))},
        STARTS,
        person="key",
        start="began",
        household="family",
    )
    assert events.rows() == [
        (1, 7, "course: norsk", 0),
        (1, 7, "course: norsk", 0),
        (1, 7, "course: ", 2),
        (2, None, "course: kurs", -1),
        (2, None, "course: kurs", 12),
        (2, None, "job", 23),
    ]


def test_a_period_before_the_start_has_a_number_of_its_own() -> None:
    months = pl.DataFrame({"month": [-13, -12, -1, 0, 11, 12]})
    assert coarsened(months, Step.YEAR)["period"].to_list() == [-2, -1, -1, 0, 0, 1]
    assert coarsened(months, Step.QUARTER)["period"].to_list() == [-5, -4, -1, 0, 3, 4]
    assert coarsened(months, Step.WHOLE)["period"].null_count() == 6


@pytest.mark.parametrize("starts", [STARTS.with_columns(key=1), STARTS.with_columns(began=None)])
def test_a_person_has_one_start(starts: pl.DataFrame) -> None:
    with pytest.raises(RequestRefused, match="has no began, or more than one"):
        gathered({}, starts, person="key", start="began")


def course(*events: tuple[int, int | None, str, int]) -> pl.DataFrame:
    schema = {"person": pl.Int64, "household": pl.Int64, "event": pl.String, "month": pl.Int64}
    return pl.DataFrame(list(events), schema=schema, orient="row")


def test_a_family_that_shares_a_course_is_as_unique_as_one_person() -> None:
    family = course((1, 7, "job", 3), (2, 7, "job", 3), (3, 7, "job", 3))
    assert uniqueness.measured(family, k=2, m=1).rows() == [(1, 3, 3, 3)]
    strangers = family.with_columns(household=None)
    assert uniqueness.measured(strangers, k=2, m=1).rows() == [(1, 0, 0, 3)]


def test_two_events_single_out_where_each_alone_does_not() -> None:
    events = course(
        *((p, None, "job", 3) for p in (1, 2)), *((p, None, "test", 5) for p in (2, 3)), (1, None, "exam", 9),
        (3, None, "exam", 9),
    )  # fmt: skip
    assert uniqueness.measured(events, k=2, m=2).rows() == [(1, 0, 0, 3), (2, 3, 3, 3)]


def test_a_family_that_shares_two_events_is_told_by_them() -> None:
    both = [(p, 7, what, month) for p in (1, 2) for what, month in (("job", 3), ("test", 5))]
    events = course(*both, (3, None, "job", 3), (4, None, "test", 5))
    assert uniqueness.measured(events, k=2, m=2).rows() == [(1, 0, 0, 4), (2, 2, 2, 4)]


def test_time_is_coarsened_before_anything_is_left_out() -> None:
    answer = controlled(course((1, None, "job", 3), (2, None, "job", 5)), Target(2, 1, 0.0))
    assert (answer.step, answer.level, answer.suppressed) == (Step.QUARTER, 0, 0.0)
    assert answer.events.rows() == [(1, "job", 1), (2, "job", 1)]


def test_events_are_coarsened_when_time_does_not_suffice() -> None:
    levels = hierarchy("event", [("job", "work", "*"), ("apprentice", "work", "*")])
    events = course((1, None, "job", 3), (2, None, "apprentice", 5))
    answer = controlled(events, Target(2, 1, 0.0), hierarchy=levels)
    assert (answer.step, answer.level) == (Step.WHOLE, 1)
    assert answer.events.rows() == [(1, "work", None), (2, "work", None)]


def test_the_rarest_event_of_a_combination_is_left_out_and_nothing_else() -> None:
    events = course(*((p, None, "job", 1) for p in range(5)), *((p, None, "exam", 2) for p in (0, 1, 2)))
    answer = controlled(events, Target(4, 2, 0.4), steps=(Step.MONTH,))
    assert answer.events.rows() == [(p, "job", 1) for p in range(5)]
    assert answer.suppressed == pytest.approx(3 / 8)


def test_a_target_out_of_reach_is_refused_with_the_share_that_would_go() -> None:
    events = course((1, None, "job", 3), (2, None, "exam", 5))
    with pytest.raises(TargetUnreachable, match=r"100.0% of the events .* 50.0% is allowed"):
        controlled(events, Target(2, 1, 0.5))


def test_an_event_without_a_line_is_refused_unquoted() -> None:
    with pytest.raises(RequestRefused, match="no line") as refusal:
        controlled(
            course((1, None, "secret", 3)), Target(1, 1, 0.0), hierarchy=hierarchy("event", [("job",)])
        )
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(("k", "m", "most"), [(0, 1, 0.1), (1, 0, 0.1), (1, 1, 1.0)])
def test_a_target_that_asks_for_nothing_is_a_mistake_of_the_caller(k: int, m: int, most: float) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Target(k, m, most)
