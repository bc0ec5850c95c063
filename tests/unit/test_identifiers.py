"""What a number is, against the rule as published and against python-stdnum."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import combinations

import polars as pl
import pytest
from stdnum.no import fodselsnummer

from pipeline.identity.disagreement import disagreements
from pipeline.identity.identifiers import (
    Kind,
    birth_date_disagrees,
    duf_check_fails,
    is_tenor,
    kind,
    normalise,
    sex_disagrees,
)
from schemas import codes
from schemas.case_system import Identifier, Person
from tests.factories import a_duf, an_identifier, check_digits, frame_of

FNR, DNR = an_identifier(7), an_identifier(7, days=40)
# The tax administration's own examples of numbers of the series from 2032.
EXAMPLES_2032 = ("02013299997", "30108299939")


def kind_of(*identifiers: str | None) -> list[str | None]:
    frame = pl.DataFrame({"i": list(identifiers)}, schema={"i": pl.String})
    return frame.select(kind(pl.col("i")))["i"].to_list()


def normalised(text: str) -> str:
    return str(pl.DataFrame({"i": [text]}).select(normalise(pl.col("i"))).item())


def test_kinds_are_the_code_lists_and_invalid() -> None:
    assert {k.value for k in Kind} == {*codes.IDENTIFIER_TYPE.values(), Kind.INVALID.value}


@pytest.mark.parametrize(
    "written",
    [
        f"{FNR[:6]} {FNR[6:]}",
        f"{FNR[:6]}\u00a0{FNR[6:]}",
        f"{FNR[:6]}-{FNR[6:]}",
        f"{FNR[:6]}\u2013{FNR[6:]}",
        f"{FNR[:2]}.{FNR[2:4]}.{FNR[4:6]} {FNR[6:]}",
        f"  {FNR}\n",
        "".join(chr(0x0660 + int(d)) for d in FNR),
        "".join(chr(0x06F0 + int(d)) for d in FNR),
        "".join(chr(0xFF10 + int(d)) for d in FNR),
        "\u200b".join(FNR),
    ],
)
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert normalised(written) == FNR


def test_nothing_but_separators_and_digits_is_touched() -> None:
    assert normalised("O1819012345a/") == "O1819012345a/"


@pytest.mark.parametrize("written", [FNR[1:], f"{FNR[1:6]} {FNR[6:]}", f"{FNR[1:6]}\u00a0{FNR[6:]}"])
def test_a_zero_that_a_spreadsheet_ate_is_put_back(written: str) -> None:
    assert FNR.startswith("0")
    assert normalised(written) == FNR


@pytest.mark.parametrize(
    "written",
    [
        f"{FNR[1:-1]}{(int(FNR[-1]) + 1) % 10}",  # the eleven would not be a valid number
        FNR[2:],  # two digits are gone
        "1818000100",  # would be a stand-in
        DNR[:-1],  # no zero stood in front of a D-number
        f"0{FNR[2:]}",  # day 00
        "1,23E+10",
        "1,23456789E+10",
    ],
)
def test_no_other_damage_is_mended(written: str) -> None:
    assert normalised(written) == written
    assert kind_of(normalised(written)) == ["INVALID"]


def test_a_spreadsheets_number_is_invalid_with_a_point_too() -> None:
    assert kind_of(normalised("1.23E+10")) == ["INVALID"]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (FNR, "FNR"),
        (DNR, "DNR"),
        (a_duf(4), "DUF"),
        ("201258697561", "DUF"),  # the check fails, and is no proof: UDI's own example
        (None, None),
        ("", "INVALID"),
        (FNR[:-1], "INVALID"),
        (FNR + "0", "INVALID"),
        (" " + FNR, "INVALID"),  # not normalised
        (an_identifier(7, months=40), "INVALID"),  # may be a real patient's stand-in number
        (an_identifier(7, months=65), "INVALID"),
        (an_identifier(7, days=80), "INVALID"),
        ("181258697561", "INVALID"),  # twelve digits that begin with no year of an application
        *((f"018180{ending}", "DUMMY") for ending in ("00100", "00200", "99999", "55555")),
        ("1,23E+10", "INVALID"),
    ],
)
def test_the_kind_of_a_number(identifier: str | None, expected: str | None) -> None:
    assert kind_of(identifier) == [expected]


@pytest.mark.parametrize(
    ("ddmmyy", "exists"),
    [
        ("318180", True),
        ("328180", False),
        ("008180", False),
        ("318480", False),  # April
        ("308480", True),
        ("298280", True),  # 1980 was a leap year
        ("298281", False),
        ("308280", False),
        ("019280", True),
        ("019380", False),
        ("018080", False),
    ],
)
def test_the_day_is_one_of_its_month(ddmmyy: str, exists: bool) -> None:
    persons = (f"{p:03}" for p in range(400, 500))
    number = next(f"{ddmmyy}{p}{d}" for p in persons if (d := check_digits(ddmmyy + p)))
    assert kind_of(number) == ["FNR" if exists else "INVALID"]


def test_numbers_of_1964_and_of_2032_are_both_valid() -> None:
    later = [an_identifier(3, remainder=r) for r in (1, 2, 3)]
    frame = pl.DataFrame({"i": [*EXAMPLES_2032, *later, FNR, "12345678901", None]})
    assert frame.select(kind(pl.col("i")))["i"].to_list() == ["FNR"] * 6 + ["INVALID", None]
    assert kind_of(an_identifier(3, remainder=4)) == ["INVALID"]


def test_tenor_is_told_by_the_month_alone() -> None:
    real = an_identifier(7, months=0)
    frame = pl.DataFrame({"i": [FNR, DNR, real, an_identifier(7, months=65), a_duf(1), None]})
    assert frame.select(is_tenor(pl.col("i")))["i"].to_list() == [True, True, False, False, False, None]


def numbers_of_every_century() -> list[str]:
    """Numbers with right check digits, of every year and series, real and impossible, without offset."""
    rng, day = random.Random(5), date(1854, 1, 1)
    found = []
    while day.year < 2040:
        person = rng.randrange(1000)
        nine = f"{day:%d%m%y}{person:03}"
        digits = check_digits(nine)
        if digits:
            found.append(nine + digits)
        day += timedelta(days=rng.randrange(1, 30))
    return [number for number in found if int(number[6:]) not in (100, 200, 99999, 55555)]


def test_every_number_of_1964_that_stdnum_accepts_is_valid() -> None:
    accepted = [number for number in numbers_of_every_century() if _accepted_by_stdnum(number)]
    assert len(accepted) > 2000
    assert set(kind_of(*accepted)) == {Kind.FNR.value}


def d_numbers_without_offset() -> list[str]:
    nines = (f"{int(n[:2]) + 40}{n[2:9]}" for n in numbers_of_every_century())
    return [nine + digits for nine in nines if (digits := check_digits(nine))]


def test_every_d_number_that_stdnum_accepts_is_one_and_a_wrong_check_is_refused_by_both() -> None:
    accepted = [number for number in d_numbers_without_offset() if _accepted_by_stdnum(number)]
    assert len(accepted) > 1500
    assert set(kind_of(*accepted)) == {Kind.DNR.value}
    wrong = [f"{number[:-1]}{(int(number[-1]) + 1) % 10}" for number in accepted]
    assert not any(_accepted_by_stdnum(number) for number in wrong)
    assert set(kind_of(*wrong)) == {Kind.INVALID.value}


def _accepted_by_stdnum(number: str) -> bool:
    try:
        fodselsnummer.validate(number)
    except fodselsnummer.InvalidComponent as error:
        return "not been born" in str(error)  # by its clock; ours reads none
    except fodselsnummer.ValidationError:
        return False
    return True


@pytest.mark.parametrize("days", [0, 40])
@pytest.mark.parametrize("remainder", [0, 1, 2, 3])
def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_seen(days: int, remainder: int) -> None:
    wrong = set()
    for number in range(0, 60, 3):
        right = an_identifier(number, days=days, remainder=remainder)
        for at in range(11):
            wrong |= {right[:at] + d + right[at + 1 :] for d in "0123456789" if d != right[at]}
        for at in range(10):
            wrong |= {swapped(right, at, at + 1)} - {right}
    assert set(kind_of(*wrong)) <= {Kind.INVALID.value, Kind.DUMMY.value}


def swapped(number: str, one: int, other: int) -> str:
    digits = list(number)
    digits[one], digits[other] = digits[other], digits[one]
    return "".join(digits)


def test_of_all_swaps_of_two_digits_the_rule_of_1964_misses_one_pair_of_places() -> None:
    """Facts §2.3: the fourth and the tenth digit have the same weights in both checks."""
    numbers = [n for n in numbers_of_every_century() if _accepted_by_stdnum(n)][:400]
    missed = set()
    for first, last in combinations(range(11), 2):
        changed = [w for number in numbers if (w := swapped(number, first, last)) != number]
        valid = [w for w, what in zip(changed, kind_of(*changed), strict=True) if what == Kind.FNR.value]
        # The rule of 2032 lets more through; by the rule of 1964 the digits after the ninth follow.
        missed |= {(first, last)} if any(check_digits(w[:9]) == w[9:] for w in valid) else set()
    assert missed == {(3, 9)}


# --- warnings ---------------------------------------------------------------------------------------------


def one(expression: pl.Expr, **values: object) -> bool | None:
    frame = pl.DataFrame([values], schema={"i": pl.String(), "male": pl.Boolean(), "born": pl.Date()})
    answer: bool | None = frame.select(expression).item()
    return answer


@pytest.mark.parametrize(
    ("identifier", "fails"),
    [
        (a_duf(4), False),
        (f"{a_duf(4)[:10]}{int(a_duf(4)[10:]) + 50}", True),  # as invented ones are
        ("201258697561", True),  # UDI's own example
        (FNR, None),
        (None, None),
    ],
)
def test_the_check_of_a_duf_number_only_warns(identifier: str | None, fails: bool | None) -> None:
    assert one(duf_check_fails(pl.col("i")), i=identifier) == fails
    if identifier and fails:
        assert kind_of(identifier) == ["DUF"]


MAN = next(n for at in range(9) if int((n := an_identifier(at))[8]) % 2 == 1)
WOMAN = next(n for at in range(9) if int((n := an_identifier(at))[8]) % 2 == 0)
OF_2032 = an_identifier(3, remainder=2)
BORN = date(1980, 1, 1)


@pytest.mark.parametrize(
    ("identifier", "male", "disagrees"),
    [
        (MAN, True, False),
        (MAN, False, True),
        (WOMAN, True, True),
        (WOMAN, False, False),
        (MAN, None, None),
        (DNR, int(DNR[8]) % 2 == 0, True),
        (OF_2032, True, None),
        (OF_2032, False, None),
        (a_duf(1), True, None),
        (f"{MAN[:-1]}{(int(MAN[-1]) + 1) % 10}", False, None),
    ],
)
def test_a_sex_that_disagrees_only_warns(identifier: str, male: bool | None, disagrees: bool | None) -> None:
    assert one(sex_disagrees(pl.col("i"), pl.col("male")), i=identifier, male=male) == disagrees


def number_of(ddmmyy: str, series: range) -> str:
    return next(f"{ddmmyy}{p:03}{d}" for p in series if (d := check_digits(f"{ddmmyy}{p:03}")))


@pytest.mark.parametrize(
    ("identifier", "born", "disagrees"),
    [
        (FNR, BORN, False),
        (FNR, date(1980, 1, 2), True),
        (FNR, date(1980, 2, 1), True),
        (FNR, date(1880, 1, 1), True),
        (FNR, None, None),
        (number_of("018180", range(500, 750)), date(1880, 1, 1), False),
        (number_of("018180", range(900, 999)), date(1980, 1, 1), False),
        (number_of("018105", range(500, 999)), date(2005, 1, 1), False),
        (number_of("018105", range(500)), date(1905, 1, 1), False),
        (number_of("018145", range(750, 900)), date(1945, 1, 1), None),  # of no series
        (DNR, date(1999, 9, 9), None),  # may carry the day it was ordered
        (OF_2032, date(1999, 9, 9), None),
        (a_duf(1), BORN, None),
    ],
)
def test_a_birth_date_that_disagrees_only_warns(
    identifier: str, born: date | None, disagrees: bool | None
) -> None:
    assert one(birth_date_disagrees(pl.col("i"), pl.col("born")), i=identifier, born=born) == disagrees


def test_warnings_are_counted_and_numbers_from_2032_are_never_compared() -> None:
    woman_born_later = {"person_id": 1, "sex": "2", "birth_date": date(1990, 1, 1)}
    nobody_knows = {"person_id": 2, "sex": "9", "birth_date": None}
    rows = [
        {"person_id": 1, "identifier": MAN, "valid_from": date(2015, 1, 1)},
        {"person_id": 1, "identifier": MAN[1:], "valid_from": date(2016, 1, 1)},  # the same, written badly
        {"person_id": 1, "identifier": WOMAN, "valid_from": date(2032, 1, 1)},
        {"person_id": 1, "identifier": "201258697561", "valid_from": date(2015, 1, 1)},
        {"person_id": 2, "identifier": MAN, "valid_from": date(2015, 1, 1)},
        {"person_id": 2, "identifier": a_duf(2), "valid_from": date(2015, 1, 1)},
    ]
    counted = disagreements(frame_of(Identifier, *rows), frame_of(Person, woman_born_later, nobody_knows))
    assert counted.rows() == [("duf_check", 2, 1), ("sex", 1, 1), ("birth_date", 1, 1)]
