"""What a number is, against the rule as published and against python-stdnum."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest
from stdnum.no import fodselsnummer

from pipeline.identity.identifiers import Kind, is_tenor, kind, normalise
from schemas import codes
from tests.factories import a_duf, an_identifier, check_digits

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


def _accepted_by_stdnum(number: str) -> bool:
    try:
        fodselsnummer.validate(number)
    except fodselsnummer.InvalidComponent as error:
        return "not been born" in str(error)  # by its clock; ours reads none
    except fodselsnummer.ValidationError:
        return False
    return True


@pytest.mark.parametrize("days", [0, 40])
@pytest.mark.parametrize("remainder", [0, 1])
def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_seen(days: int, remainder: int) -> None:
    wrong = set()
    for number in range(0, 60, 3):
        right = an_identifier(number, days=days, remainder=remainder)
        for at in range(11):
            wrong |= {right[:at] + d + right[at + 1 :] for d in "0123456789" if d != right[at]}
        for at in range(10):
            swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
            wrong |= {swapped} - {right}
    assert set(kind_of(*wrong)) <= {Kind.INVALID.value, Kind.DUMMY.value}
