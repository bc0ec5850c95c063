"""Identifiers that can never be a real person's: month + 80 for fnr and D-number, check + 50 for DUF.

The check digits are computed after 80 was added to the month, as in the tax administration's test
series. D-numbers also add 40 to the day. A DUF number's two check digits are the checksum + 50, which
the known rule (checksums 00-10) never gives.
"""

import numpy as np
import polars as pl

from pipeline.synthetic.streams import Ints, Mask

MONTH_OFFSET = 80
D_NUMBER_DAY_OFFSET = 40
DUF_CHECK_OFFSET = 50
FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
DUF_WEIGHTS = (4, 6, 3, 2, 4, 6, 3, 2, 7, 5)
DUMMY_ENDINGS = (100, 200, 99_999)
TRIES_ON_THE_SAME_DAY = 12
MOST_TRIES = 400


def check_digits(first_nine: Ints) -> tuple[Ints, Mask]:
    """The two check digits of nine digits as one number, and whether the number may be used."""
    first = _remainder(first_nine, FIRST_WEIGHTS)
    second = _remainder(first_nine * 10 + np.minimum(first, 9), SECOND_WEIGHTS)
    return np.minimum(first, 9) * 10 + np.minimum(second, 9), (first < 10) & (second < 10)


def _remainder(numbers: Ints, weights: tuple[int, ...]) -> Ints:
    """11 - (weighted sum mod 11), with 11 as 0; 10 says that the number is not used."""
    digits = np.stack([numbers // 10**p % 10 for p in range(len(weights) - 1, -1, -1)])
    total = (digits * np.array(weights)[:, None]).sum(axis=0)
    return np.asarray((11 - total % 11) % 11)


def date_part(births: Ints, *, d_number: bool) -> Ints:
    """ddmmyy as a number, with the month (and for D-numbers the day) moved."""
    days = births.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    of_month = (days - months).astype(np.int64) + 1 + (D_NUMBER_DAY_OFFSET if d_number else 0)
    month = months.astype(np.int64) % 12 + 1 + MONTH_OFFSET
    year = (months.astype("datetime64[Y]").astype(np.int64) + 1970) % 100
    return np.asarray(of_month * 10_000 + month * 100 + year)


def _individual(generator: np.random.Generator, births: Ints, male: Mask) -> Ints:
    """The three digits after the date: the series of the birth year, odd for men."""
    after_2000 = births >= 10_957
    low = np.where(after_2000, 250, 0)
    pairs = low + generator.integers(0, 250, births.size)
    return np.asarray(pairs * 2 + male)


def numbers(
    generator: np.random.Generator,
    births: Ints,
    male: Mask,
    *,
    d_number: bool = False,
    avoid: Ints | None = None,
) -> Ints:
    """One number for each person, all different, as integers (a leading zero is put back in `text`).

    Where a day has run out of numbers, as 1 January does, the number carries one of the next days. For
    births from 1900 to 2039, day and individual digits tell all numbers apart (`_individual`). None of
    `avoid`, numbers given before, is given again.
    """
    if not births.size:
        return np.zeros(0, dtype=np.int64)
    first_day = int(births.min())
    taken = np.zeros((int(births.max()) - first_day + MOST_TRIES) * 1000, dtype=bool)
    given = np.zeros(births.size, dtype=np.int64)
    pending = np.arange(births.size)
    for attempt in range(MOST_TRIES):
        later = generator.integers(0, max(attempt - TRIES_ON_THE_SAME_DAY, 0) + 1, pending.size)
        on = births[pending] + later
        digits = _individual(generator, on, male[pending])
        nine = date_part(on, d_number=d_number) * 1000 + digits
        checks, usable = check_digits(nine)
        slot = (on - first_day) * 1000 + digits
        _, firsts = np.unique(slot, return_index=True)
        new = np.zeros(pending.size, dtype=bool)
        new[firsts] = True
        new &= usable & ~taken[slot]
        if avoid is not None:
            new &= ~np.isin(nine * 100 + checks, avoid)
        taken[slot[new]] = True
        given[pending[new]] = (nine * 100 + checks)[new]
        pending = pending[~new]
        if not pending.size:
            return given
    raise ValueError("the series of identifiers ran out: ask for fewer persons")


def text(identifiers: Ints) -> pl.Series:
    """Eleven digits, leading zero and all."""
    return pl.Series(identifiers).cast(pl.String).str.zfill(11)


def with_wrong_check(identifiers: Ints, generator: np.random.Generator) -> Ints:
    """The same numbers with another last digit: never valid, the date part untouched."""
    last = identifiers % 10
    moved = (last + generator.integers(1, 10, identifiers.size)) % 10
    return np.asarray(identifiers - last + moved)


def dummies(births: Ints, generator: np.random.Generator) -> Ints:
    """Stand-ins that identify nobody: the birth date (month + 80) and 00100, 00200 or 99999."""
    endings = np.array(DUMMY_ENDINGS)[generator.integers(0, len(DUMMY_ENDINGS), births.size)]
    return np.asarray(date_part(births, d_number=False) * 100_000 + endings)


def duf_numbers(generator: np.random.Generator, years: Ints) -> pl.Series:
    """Twelve digits, all different: year of application, six digits, checksum + 50."""
    order = np.lexsort((generator.random(years.size), years))
    starts = np.searchsorted(years[order], years[order], side="left")
    rank = np.empty(years.size, dtype=np.int64)
    rank[order] = np.arange(years.size) - starts
    # 7 and 10^6 have no common factor, so that no two ranks meet.
    ten = years * 1_000_000 + (rank * 7 + 13) % 1_000_000
    digits = np.stack([ten // 10**p % 10 for p in range(9, -1, -1)])
    check = (digits * np.array(DUF_WEIGHTS)[:, None]).sum(axis=0) % 11 + DUF_CHECK_OFFSET
    return pl.Series(ten * 100 + check).cast(pl.String)


def organisation_numbers(generator: np.random.Generator, count: int) -> pl.Series:
    """Nine digits that are no organisation's: real ones begin with 8 or 9, these with 1 to 7."""
    first = generator.integers(1, 8, count)
    # 7919 is prime, so that the last eight digits differ for every row.
    rest = (np.arange(count, dtype=np.int64) * 7919 + 1_234_567) % 100_000_000
    return pl.Series(first * 100_000_000 + rest).cast(pl.String)
