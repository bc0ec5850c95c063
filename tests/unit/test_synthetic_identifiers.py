"""Invented identifiers: well formed, all different, and never a real person's."""

from datetime import date

import numpy as np
import pytest
from stdnum.no import fodselsnummer

from pipeline.synthetic import identifiers
from pipeline.synthetic.streams import Streams, day

SOME = 2_000


@pytest.fixture(scope="module")
def births() -> np.ndarray:
    return np.random.default_rng(1).integers(day(date(1941, 1, 1)), day(date(2024, 12, 31)), SOME)


@pytest.fixture(scope="module")
def male() -> np.ndarray:
    return np.random.default_rng(2).random(SOME) < 0.5


def _made(births: np.ndarray, male: np.ndarray, *, d_number: bool = False) -> list[str]:
    generator = Streams(7).of("test")
    return identifiers.text(identifiers.numbers(generator, births, male, d_number=d_number)).to_list()


def test_check_digits_agree_with_an_independent_implementation(births, male):
    for number in _made(births, male):
        assert number[9] == fodselsnummer.calc_check_digit1(number)
        assert number[10] == fodselsnummer.calc_check_digit2(number)


def test_an_independent_validator_takes_none_of_them_for_a_real_person(births, male):
    made = _made(births, male) + _made(births, male, d_number=True)
    assert not any(fodselsnummer.is_valid(number) for number in made)


def test_the_month_is_moved_by_eighty_and_the_rest_of_the_date_is_the_birth_date(births, male):
    for number, birth in zip(_made(births, male), births, strict=True):
        when = np.datetime64(int(birth), "D").astype(object)
        assert number[:6] == f"{when.day:02}{when.month + 80:02}{when.year % 100:02}"


def test_a_d_number_adds_forty_to_the_day_too(births, male):
    for number, birth in zip(_made(births, male, d_number=True), births, strict=True):
        when = np.datetime64(int(birth), "D").astype(object)
        assert number[:4] == f"{when.day + 40:02}{when.month + 80:02}"


def test_the_ninth_digit_is_odd_for_men(births, male):
    assert [int(number[8]) % 2 == 1 for number in _made(births, male)] == male.tolist()


def test_the_series_fits_the_century():
    before = _made(np.full(100, day(date(1999, 12, 31))), np.ones(100, dtype=bool))
    after = _made(np.full(100, day(date(2000, 1, 1))), np.ones(100, dtype=bool))
    assert all(int(n[6:9]) < 500 for n in before)
    assert all(int(n[6:9]) >= 500 for n in after)


def test_when_a_day_runs_out_the_number_carries_a_later_day_and_all_differ():
    crowd = 1_500  # one day and sex has 250 numbers, fewer with usable check digits
    made = _made(np.full(crowd, day(date(1980, 1, 1))), np.ones(crowd, dtype=bool))
    assert len(set(made)) == crowd
    assert {n[:6] for n in made} >= {"018180", "028180"}


def test_an_unusable_check_digit_is_never_given():
    nine = np.arange(10_185_000, 10_185_400) * 100 // 100
    checks, usable = identifiers.check_digits(nine)
    for number, check, may in zip(nine.tolist(), checks.tolist(), usable.tolist(), strict=True):
        first = fodselsnummer.calc_check_digit1(f"{number:09}00")
        if may:
            assert f"{check:02}"[0] == first
        else:
            second = fodselsnummer.calc_check_digit2(f"{number:09}{first}0")
            assert (
                "-" in (first + second)
                or "10" in (first, second)
                or not first.isdigit()
                or len(first + second) > 2
            )


def test_a_wrong_check_is_wrong_and_keeps_the_date(births, male):
    generator = Streams(7).of("test")
    good = identifiers.numbers(generator, births, male)
    bad = identifiers.with_wrong_check(good, generator)
    assert (good // 10 == bad // 10).all()
    assert (good % 10 != bad % 10).all()


def test_a_stand_in_ends_as_the_list_says(births):
    made = identifiers.text(identifiers.dummies(births, Streams(7).of("test"))).to_list()
    assert {n[6:] for n in made} == {"00100", "00200", "99999"}
    assert all(81 <= int(n[2:4]) <= 92 for n in made)


def test_a_duf_number_has_the_known_checksum_plus_fifty():
    years = np.repeat([2009, 2022], 500)
    made = identifiers.duf_numbers(Streams(7).of("test"), years).to_list()
    assert len(set(made)) == 1000
    for number, year in zip(made, years.tolist(), strict=True):
        checksum = (
            sum(int(d) * w for d, w in zip(number[:10], (4, 6, 3, 2, 4, 6, 3, 2, 7, 5), strict=True)) % 11
        )
        assert len(number) == 12
        assert number[:4] == str(year)
        assert int(number[10:]) == checksum + 50


def test_an_organisation_number_is_no_organisations():
    made = identifiers.organisation_numbers(Streams(7).of("test"), 3000).to_list()
    assert len(set(made)) == 3000
    assert all(len(n) == 9 and n[0] in "1234567" for n in made)
