"""Whether a night's persons are invented: proof is needed, for the demo's key hangs on it."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.identity.series import Series, series_of
from tests.factories import a_duf, an_identifier

TENOR, REAL = an_identifier(1), an_identifier(1, months=0)


def with_slip(number: str) -> str:
    """Its last digit is wrong."""
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


def judged(*identifiers: str | None) -> Series:
    return series_of([pl.Series(identifiers, dtype=pl.String)])


@pytest.mark.parametrize(
    "harmless",
    [
        None,
        an_identifier(2, days=40),
        f"{TENOR[:6]} {TENOR[6:]}",
        a_duf(1),
        "01818000100",
        with_slip(TENOR),
        TENOR.removeprefix("0"),
        with_slip(TENOR).removeprefix("0"),
    ],
)
def test_invented_numbers_also_damaged_ones_and_numbers_that_name_nobody_are_invented(
    harmless: str | None,
) -> None:
    assert judged(TENOR, harmless) == Series(any_invented=True, every_invented=True)


@pytest.mark.parametrize(
    "doubtful",
    [
        REAL,
        an_identifier(1, months=0, days=40),
        with_slip(REAL),
        REAL.removeprefix("0"),
        with_slip(REAL).removeprefix("0"),
        an_identifier(1, months=40),
        an_identifier(1, months=65),
        TENOR[:9],
        TENOR + "0",
        "O1819012345",
        "P-1234",
        "",
    ],
)
def test_one_identifier_that_could_be_a_real_persons_is_enough_against_the_demos_key(doubtful: str) -> None:
    assert judged(TENOR, doubtful) == Series(any_invented=True, every_invented=False)


@pytest.mark.parametrize("nothing", [(), (None,), (a_duf(1),), ("01818000100",), (with_slip(TENOR),)])
def test_where_nobody_has_a_valid_invented_number_nothing_is_proven(nothing: tuple[str | None, ...]) -> None:
    assert judged(*nothing) == Series(any_invented=False, every_invented=False)


def test_all_tables_of_a_night_are_judged_together() -> None:
    assert not series_of([]).every_invented
    columns = [pl.Series([TENOR]), pl.Series([REAL]), pl.Series([None], dtype=pl.String)]
    assert series_of(columns) == Series(any_invented=True, every_invented=False)
