"""By when each demand wants its values: each day by hand, from the domain paper's own lines."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest

from pipeline.quality.profile import holds_due
from schemas import CASE_SYSTEM
from schemas.demands import DEADLINES, NIR_CUT_OFF, deadline, due
from schemas.variable import Demand, Due, columns, facts


def test_every_demand_has_its_time_limit_and_says_it_in_both_languages() -> None:
    assert set(DEADLINES) == set(Demand)
    for limit in DEADLINES.values():
        assert limit.nb and limit.en and limit.nb != limit.en and limit.evidence


def test_nir_wants_a_report_within_two_months_and_nobody_else_says_a_time() -> None:
    """«continuous, latest 2 months» (F6, F38); of the grant and the acts no source says a day."""
    assert {demand: limit.months for demand, limit in DEADLINES.items()} == {
        Demand.NIR: 2,
        Demand.GRANT: None,
        Demand.LAW: None,
        Demand.NOBODY: None,
    }


@pytest.mark.parametrize(
    ("year", "closes"), [(2018, date(2019, 2, 28)), (2019, date(2020, 2, 28)), (2023, date(2024, 2, 28))]
)
def test_the_figures_of_a_year_are_made_of_what_stands_on_28_february_also_of_a_leap_year(
    year: int, closes: date
) -> None:
    """«later years 28 Feb» (F6b)."""
    assert deadline(Demand.NIR).closes(year) == closes


@pytest.mark.parametrize("demand", [Demand.GRANT, Demand.LAW, Demand.NOBODY])
def test_a_demand_without_a_yearly_cut_off_never_closes(demand: Demand) -> None:
    assert deadline(demand).closes(2023) is None


def test_the_words_say_the_days_that_are_reckoned_with() -> None:
    limit = deadline(Demand.NIR)
    assert "to måneder" in limit.nb and "two months" in limit.en
    month, day = NIR_CUT_OFF
    assert f"{day}. februar" in limit.nb and re.search(rf"\b{day} February\b", limit.en) and month == 2


@pytest.mark.parametrize(
    ("happened", "last_day"),
    [
        (date(2024, 1, 1), date(2024, 3, 1)),
        (date(2023, 12, 31), date(2024, 2, 29)),  # a month without a 31st: its last day
        (date(2022, 12, 31), date(2023, 2, 28)),
    ],
)
def test_a_value_is_due_two_months_after_the_day_and_not_the_day_before(
    happened: date, last_day: date
) -> None:
    rows = pl.DataFrame({"ended_on": [happened], "is_continued": [False]})
    nir = due(Demand.NIR, after="ended_on")
    assert rows.select(holds_due(nir, last_day)).item()
    assert not rows.select(holds_due(nir, date.fromordinal(last_day.toordinal() - 1))).item()


@pytest.mark.parametrize("demand", [Demand.GRANT, Demand.LAW, Demand.NOBODY])
def test_a_demand_that_says_no_time_makes_nothing_due(demand: Demand) -> None:
    with pytest.raises(TypeError, match=f"{demand.value} says no time"):
        due(demand, after="ended_on")


def test_what_is_declared_due_is_what_its_demand_says() -> None:
    """Only NIR says a time: whatever has a day by which it is due is demanded by NIR, after two months."""
    found = [
        (d, c.about.demand if own else Demand.NIR)
        for table in CASE_SYSTEM
        for c in columns(table)
        for d, own in ((c.about.due, True), (facts(table).due, False))
        if d
    ]
    assert found
    assert {(d.months, demand) for d, demand in found} == {(2, Demand.NIR)}
    assert {d for d, _ in found} == {
        Due(after="started_on", months=2, unknown_is_due=True),
        Due(after="ended_on", months=2),
    }
