"""The declared windows: what can be had, what counts, which months can be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.linkage import outcomes, queries
from pipeline.linkage.measures import by_priority
from pipeline.linkage.outcomes import (
    MEASURES,
    PANEL,
    WINDOWS,
    Among,
    Flag,
    Measure,
    Reading,
    Reference,
    Register,
    Rule,
)
from schemas import codes
from schemas.linked import MonthStatus, YearStatus
from schemas.variable import columns, facts

BY_ID = {window.id: window for window in WINDOWS}
Y1 = BY_ID["y1"]
EVERY_REGISTER = (*Register,)


def test_every_outcome_of_the_code_list_has_one_window() -> None:
    assert tuple(window.id for window in WINDOWS) == codes.OUTCOME.values()


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.id)
def test_a_window_is_defined_in_both_languages(window: outcomes.OutcomeWindow) -> None:
    assert window.nb.endswith(".") and window.en.endswith(".") and window.source
    assert window.nb != window.en


def test_no_two_windows_are_defined_alike() -> None:
    assert len({window.nb for window in WINDOWS}) == len({window.en for window in WINDOWS}) == len(WINDOWS)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.id)
def test_what_counts_is_part_of_what_can_be_had(window: outcomes.OutcomeWindow) -> None:
    assert set(window.numerator) < set(window.priority)
    assert not {"dead", "emigrated"} & set(window.numerator)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "y9"},
        {"id": "panel"},
        {"numerator": ("not_registered",)},
        {"numerator": ("dead",), "among": Among.ALL},
        {"months_after": 6},
        {"rules": ()},
        {"reading": Reading.REASON},
        {"rules": (Rule(status="work", needs=(Flag.IN_WORK,)),)},
        {"rules": (Rule(status="rich"),)},
    ],
    ids=str,
)
def test_a_window_that_cannot_be_is_a_type_error(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        replace(Y1, **wrong)  # type: ignore[arg-type]


def test_the_flags_are_the_columns_of_a_month() -> None:
    key = facts(MonthStatus).primary_key
    assert [c.name for c in columns(MonthStatus) if c.name not in key] == list(Flag)
    of_year = [c.name for c in columns(YearStatus) if c.name not in facts(YearStatus).primary_key]
    assert of_year == [f"months_{flag}" for flag in Flag]


# --- what a month is -----------------------------------------------------------------------------------

EVERYTHING = set(Flag)
WORK, STUDIES, SCHOOL = Flag.IN_WORK, Flag.IN_EDUCATION, Flag.IN_COMPULSORY_SCHOOL
UNEMPLOYED, ASSISTED, BENEFIT = Flag.UNEMPLOYED_OR_MEASURE, Flag.SOCIAL_ASSISTANCE, Flag.ON_BENEFIT


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        (EVERYTHING, "work_education"),
        (EVERYTHING - {STUDIES}, "work"),
        (EVERYTHING - {WORK}, "education"),
        (EVERYTHING - {WORK, STUDIES}, "unemployed_measure"),
        ({SCHOOL, ASSISTED, BENEFIT}, "other"),
        ({SCHOOL}, "other"),
        ({ASSISTED}, "other"),
        ({BENEFIT}, "other"),
        (set(), "unknown"),
    ],
)
def test_the_priority_of_november(flags: set[Flag], status: str) -> None:
    assert {BY_ID[name].status_of(flags) for name in ("y1", "y5", "y5_all")} == {status}
    assert PANEL.status_of(flags) == status


@pytest.mark.parametrize(
    ("flags", "any_education", "own"),
    [
        ({STUDIES, ASSISTED}, "education", "other"),
        ({STUDIES}, "education", "education"),
        ({STUDIES, BENEFIT}, "education", "education"),
        ({STUDIES, ASSISTED, UNEMPLOYED}, "education", "unemployed_measure"),
        ({WORK, STUDIES, ASSISTED}, "work_education", "work"),
        ({WORK, ASSISTED}, "work", "work"),
    ],
)
def test_education_that_is_paid_for_is_not_self_financed(
    flags: set[Flag], any_education: str, own: str
) -> None:
    for months in (0, 12, 60):
        assert BY_ID[f"baerum_{months}"].status_of(flags) == any_education
        assert BY_ID[f"baerum_{months}_own"].status_of(flags) == own


def test_the_switch_makes_compulsory_school_education() -> None:
    counting = Measure(id="counting", rules=by_priority(compulsory_school=True))
    assert counting.status_of({SCHOOL}) == "education"
    assert counting.status_of({WORK, SCHOOL}) == "work_education"
    assert not outcomes.COMPULSORY_SCHOOL_IS_EDUCATION


@pytest.mark.parametrize(("switch", "status"), [(False, "other"), (True, "education")])
def test_what_november_says_of_compulsory_school_is_what_it_counts(switch: bool, status: str) -> None:
    """The declarations as they stand with the switch in each position."""
    source = Path(outcomes.__file__).read_text("utf-8")
    line = "COMPULSORY_SCHOOL_IS_EDUCATION = False\n"
    assert source.count(line) == 1
    turned = ModuleType("outcomes_turned")
    exec(source.replace(line, line.replace("False", str(switch))), turned.__dict__)
    of_november = [w for w in turned.WINDOWS if w.reference is Reference.NOVEMBER]
    assert [w.id for w in of_november] == ["y1", "y5", "y5_all"]
    for window in of_november:
        assert window.status_of({SCHOOL}) == status
        assert ("utdanning uten grunnskole" in window.nb) is not switch
        assert ("utdanning og grunnskole" in window.nb) is switch
        assert ("education without compulsory school" in window.en) is not switch
        assert ("education and compulsory school" in window.en) is switch


def test_the_frame_of_statuses_has_every_set_of_flags_once() -> None:
    frame = outcomes.status_frame()
    read = [m for m in MEASURES if m.rules]
    assert frame.height == len(read) * 2 ** len(Flag)
    assert not frame.drop("status").is_duplicated().any()
    for measure in read:
        of = frame.filter(frame["outcome"] == measure.id)
        assert set(of["status"]) == set(measure.priority) - {"dead", "emigrated"}


def test_only_where_everybody_is_counted_the_dead_have_a_status() -> None:
    counted = {window.id for window in WINDOWS if {"dead", "emigrated"} <= set(window.priority)}
    assert counted == {"y5_all"}


# --- the code lists ------------------------------------------------------------------------------------


def test_every_reason_of_exit_has_a_status_and_grunnskole_is_not_education() -> None:
    status = dict(outcomes.exit_status_frame().iter_rows())
    assert set(status) == set(codes.NIR_EXIT.values())
    assert set(status.values()) == set(WINDOWS[0].priority)
    assert {code for code, value in status.items() if value == "work"} == {"01", "02", "03"}
    assert {code for code, value in status.items() if value == "education"} == {"11", "12", "13"}
    assert {code for code, value in status.items() if value == "not_registered"} == {"98"}
    assert status["10"] == "other"


def test_levels_below_upper_secondary_are_compulsory_school_and_not_stated_is_neither() -> None:
    flag = dict(outcomes.education_flag_frame().iter_rows())
    assert {level for level, said in flag.items() if said == "in_compulsory_school"} == set("012")
    assert {level for level, said in flag.items() if said == "in_education"} == set("345678")
    assert set(codes.EDUCATION_LEVEL.values()) - set(flag) == {"9"}


def test_every_benefit_says_something_of_its_month() -> None:
    flag = dict(outcomes.benefit_flag_frame().iter_rows())
    assert set(flag) == set(codes.BENEFIT.values())
    assert {code for code, said in flag.items() if said == "unemployed_or_measure"} == {"DAG", "TIL", "LED"}
    assert {code for code, said in flag.items() if said == "on_benefit"} == {
        "AAP",
        "ATT",
        "UFO",
        "OVE",
        "SYK",
    }


def test_of_two_residence_statuses_death_goes_before_emigration() -> None:
    found = {row[0]: row[1:] for row in outcomes.residence_frame().iter_rows()}
    assert found == {"bosatt": (None, 0), "utvandret": ("emigrated", 1), "dod": ("dead", 2)}
    assert {name for name, _ in found.values() if name} <= set(codes.CENSORING.values())
    assert {name for name, _ in found.values() if name} <= set(codes.OUTCOME_STATUS.values())


def test_the_codes_named_beside_the_queries_are_codes_of_their_lists() -> None:
    assert queries.NOT_REGISTERED in codes.NIR_EXIT.values()
    assert (queries.STARTED, queries.STOPPED) == ("START", "STOPP")


# --- which months can be read --------------------------------------------------------------------------


def test_every_window_after_the_exit_asks_every_register() -> None:
    assert {window.id: window.registers for window in WINDOWS if window.registers} == {
        window.id: EVERY_REGISTER for window in WINDOWS if window.id != "y0"
    }
    assert PANEL.registers == EVERY_REGISTER


def test_a_measure_asks_the_registers_of_its_rules_and_who_was_resident() -> None:
    working = Measure(id="working", rules=(Rule(status="work", needs=(WORK,)), Rule(status="unknown")))
    assert working.registers == (Register.EMPLOYMENT, Register.POPULATION)


YEARLY = {register: ["2012", "2014", "2015", "2016"] for register in Register}


def months(outcome: str = "y1", **changed: list[str]) -> list[date]:
    delivered = YEARLY | {Register(name): parts for name, parts in changed.items()}
    frame = outcomes.answerable_frame(delivered)
    return frame.filter(frame["outcome"] == outcome)["month"].to_list()


def years(**changed: list[str]) -> list[int]:
    return [month.year for month in months(**changed) if month.month == 11]


def test_an_annual_part_covers_its_twelve_months() -> None:
    assert months(employment=["2012"]) == [date(2012, month, 1) for month in range(1, 13)]


def test_a_monthly_part_covers_its_own_month() -> None:
    found = months(employment=["2015-10", "2016-11"])
    assert found == [date(2015, 10, 1), date(2016, 11, 1)]


@pytest.mark.parametrize("register", ["employment", "education", "benefit", "social_assistance"])
def test_a_year_that_lacks_one_register_cannot_be_read(register: str) -> None:
    assert years() == [2012, 2014, 2015, 2016]
    assert years(**{register: ["2012", "2016"]}) == [2012, 2016]
    assert years(**{register: []}) == []


def test_a_year_is_answered_only_where_who_was_resident_is_known() -> None:
    assert years(population=["2015"]) == [2012, 2014, 2015]
    assert years(population=["2012", "2016"]) == [2012, 2014, 2015, 2016]
    assert years(population=[]) == []


def test_nothing_delivered_answers_nothing_and_the_reason_of_exit_needs_nothing() -> None:
    assert outcomes.answerable_frame({}).is_empty()
    assert months("y0") == []


def test_benefits_are_known_to_the_end_of_the_last_year_delivered() -> None:
    assert outcomes.last_day_of(["2014", "2012"]) == date(2014, 12, 31)
    assert outcomes.last_day_of([]) is None


# --- the break -----------------------------------------------------------------------------------------


def test_the_first_exit_year_after_the_break() -> None:
    assert {window.id: window.first_exit_year_after_break for window in WINDOWS} == {
        "y0": None,
        "y1": 2014,
        "y5": 2010,
        "y5_all": 2010,
        "baerum_0": 2015,
        "baerum_12": 2014,
        "baerum_60": 2010,
        "baerum_0_own": 2015,
        "baerum_12_own": 2014,
        "baerum_60_own": 2010,
    }
