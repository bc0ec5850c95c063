"""The rules of a register's rows: for each a row that breaks exactly it, and what becomes of that row."""

from datetime import date

import pytest

from pipeline.validate import validate
from schemas import codes
from schemas.registers.benefits import Benefit
from schemas.registers.education import Education
from schemas.registers.language_test import LanguageTest
from schemas.registers.nir_spells import NIR_SPELLS
from schemas.registers.welfare import SocialAssistance
from schemas.variable import Severity
from tests.factories import AS_OF, frame_of

OLD = {"regime": "NP23", "tested_on": date(2013, 12, 31), "enrolled_level": "N3", "result": "B"}
NEW = {"regime": "NP14", "tested_on": date(2014, 1, 1), "enrolled_level": "B1", "result": "A2"}


def broken(table, **row):
    """(rule, severity) of every rule the row breaks, and whether the row passes all the same."""
    result = validate(table, frame_of(table, row), AS_OF)
    return [(c.rule, c.severity) for c in result.counts if c.rows], result.passed.height == 1


@pytest.mark.parametrize("row", [OLD, NEW, NEW | {"result": "C1", "tested_on": date(2020, 8, 1)}])
def test_a_result_of_its_own_regime_passes(row):
    assert broken(LanguageTest, **row) == ([], True)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (OLD | {"tested_on": date(2014, 1, 1)}, "regime_in_use_on_tested_on"),
        (NEW | {"tested_on": date(2013, 12, 31)}, "regime_in_use_on_tested_on"),
        (OLD | {"result": "B1"}, "result_belongs_to_regime"),  # a level is no pass
        (NEW | {"result": "B"}, "result_belongs_to_regime"),
        (OLD | {"enrolled_level": "B1"}, "enrolled_level_belongs_to_regime"),
        (NEW | {"enrolled_level": "N3"}, "enrolled_level_belongs_to_regime"),
        (NEW | {"result": "C1", "tested_on": date(2020, 7, 31)}, "result_in_use_on_tested_on"),
    ],
)
def test_a_result_of_another_regime_or_time_is_set_aside(row, rule):
    assert broken(LanguageTest, **row) == ([(rule, Severity.CONVENTION)], False)


def test_no_result_and_no_enrolment_belongs_to_both_regimes():
    """Not comparable (F19, F55): there is no code, and so no order, that holds in both."""
    for code_list in (codes.TEST_LEVEL, codes.TEST_ENROLMENT):
        assert set(code_list.parents()) == set(code_list.values())
        assert set(code_list.parents().values()) == set(codes.TEST_REGIME.values())
    first, second = codes.TEST_REGIME.codes
    assert first.valid_to and second.valid_from
    assert (second.valid_from - first.valid_to).days == 1


@pytest.mark.parametrize(
    ("benefit", "day", "found"),
    [
        ("ATT", date(2010, 2, 28), []),
        ("ATT", date(2010, 3, 1), ["benefit_in_use_on_event_on"]),
        ("AAP", date(2010, 2, 28), ["benefit_in_use_on_event_on"]),
        ("AAP", date(2010, 3, 1), []),
        ("UFO", date(1992, 1, 1), []),
    ],
)
def test_a_benefit_outside_its_years_is_counted_and_kept(benefit, day, found):
    rules = [(rule, Severity.CHARACTERISATION) for rule in found]
    assert broken(Benefit, benefit=benefit, event_on=day) == (rules, True)


@pytest.mark.parametrize(
    ("main_income", "work_situation", "holds"),
    [("6", "09", True), ("6", "07", False), ("6", None, True), ("5", "07", True), ("5", "09", True)],
)
def test_the_introduction_benefit_goes_with_the_introduction_programme(main_income, work_situation, holds):
    rules = [] if holds else [("introduction_benefit_in_programme", Severity.CHARACTERISATION)]
    row = {"main_income": main_income, "work_situation": work_situation}
    assert broken(SocialAssistance, **row) == (rules, True)


@pytest.mark.parametrize("table", [Education, *NIR_SPELLS], ids=lambda t: t.__name__)
def test_a_spell_that_ends_before_it_starts_is_set_aside(table):
    start = date(2012, 8, 20)
    rule = [("ended_on_not_before_started_on", Severity.CONVENTION)]
    assert broken(table, started_on=start, ended_on=date(2012, 8, 19)) == (rule, False)
    assert broken(table, started_on=start, ended_on=start) == ([], True)
    assert broken(table, started_on=start, ended_on=None) == ([], True)


@pytest.mark.parametrize("table", [Education, *NIR_SPELLS], ids=lambda t: t.__name__)
def test_a_spell_that_starts_after_the_night_is_set_aside(table):
    rules, passes = broken(table, started_on=date(2025, 3, 2), ended_on=None)
    assert ("started_on_not_after_as_of", Severity.CONVENTION) in rules
    assert not passes
    assert broken(table, started_on=AS_OF, ended_on=None) == ([], True)
