"""The declared windows, and which years can be answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.linkage import outcomes, queries
from pipeline.linkage.outcomes import WINDOWS
from schemas import codes


def test_every_outcome_of_the_code_list_has_one_window() -> None:
    assert tuple(window.id for window in WINDOWS) == codes.OUTCOME.values()


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.id)
def test_a_window_is_defined_in_both_languages(window: outcomes.OutcomeWindow) -> None:
    assert window.nb.endswith(".") and window.en.endswith(".") and window.source
    assert window.nb != window.en


@pytest.mark.parametrize("window", [w for w in WINDOWS if w.register == "employment"], ids=lambda w: w.id)
def test_a_window_on_work_alone_says_so(window: outcomes.OutcomeWindow) -> None:
    assert "bare arbeid" in window.nb
    assert "work only" in window.en


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.id)
def test_what_counts_is_part_of_what_can_be_had(window: outcomes.OutcomeWindow) -> None:
    assert set(window.numerator) < set(window.priority)


@pytest.mark.parametrize("wrong", [{"id": "y9"}, {"numerator": ("education",)}, {"priority": ("work", "?")}])
def test_a_window_outside_the_code_lists_is_a_type_error(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        replace(WINDOWS[1], **wrong)  # type: ignore[arg-type]


def test_every_reason_of_exit_has_a_status_and_grunnskole_is_not_education() -> None:
    status = dict(outcomes.exit_status_frame().iter_rows())
    assert set(status) == set(codes.NIR_EXIT.values())
    assert set(status.values()) == set(WINDOWS[0].priority)
    assert {code for code, value in status.items() if value == "work"} == {"01", "02", "03"}
    assert {code for code, value in status.items() if value == "education"} == {"11", "12", "13"}
    assert {code for code, value in status.items() if value == "not_registered"} == {"98"}
    assert status["10"] == "other"


def test_the_codes_named_beside_the_queries_are_codes_of_their_lists() -> None:
    assert queries.MOVED_BYDEL in codes.PROGRAMME_STATUS.values()
    assert queries.NOT_REGISTERED in codes.NIR_EXIT.values()
    assert {queries.DEAD, queries.EMIGRATED} < set(codes.RESIDENCE.values())


# --- which years can be answered ---------------------------------------------------------------------


def years(**loaded: list[str]) -> list[int]:
    frame = outcomes.loaded_years(**({"annual": [], "monthly": [], "population": ["2099"]} | loaded))
    return frame["year"].to_list()


def test_an_annual_part_covers_its_november() -> None:
    assert years(annual=["2012", "2014"]) == [2012, 2014]


def test_only_the_november_part_of_a_monthly_register_answers() -> None:
    assert years(monthly=["2015-10", "2015-12", "2016-11"]) == [2016]


def test_a_year_is_answered_only_where_who_was_resident_is_known() -> None:
    november = ["2015-11", "2016-11", "2017-11"]
    assert years(monthly=november, population=["2016"]) == [2015, 2016]
    assert years(monthly=november, population=["2015", "2017"]) == [2015, 2016, 2017]
    assert years(monthly=november, population=[]) == []


def test_nothing_loaded_answers_nothing() -> None:
    assert years() == []
