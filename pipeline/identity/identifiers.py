"""What an official identifier is, by its digits alone: vectorised, for whole columns at a time.

Fødselsnummer and D-number of the Tenor series (month + 80) are told from real ones, stand-ins that
identify nobody (KOSTRA's) from identifiers, and a DUF number by its form alone: its true check is not
public, and one that fails is a warning, never proof. Spaces, hyphens and other digits than ours are ways
of writing; a leading zero that a spreadsheet ate is put back where that makes a valid number, and nothing
else is ever mended: 1,23E+10 has lost its digits and is invalid. What does not belong here: filling a sex
or a birth date from a number. It may only be asked whether the two disagree, and that is a warning too.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import reduce
from operator import add

import polars as pl


class Kind(StrEnum):
    """What a number is. The first four are the codes of `schemas.codes.IDENTIFIER_TYPE`."""

    FNR = "FNR"
    DNR = "DNR"
    DUF = "DUF"
    DUMMY = "DUMMY"
    INVALID = "INVALID"


TENOR_MONTHS = 80  # added to the month: can never belong to a person
D_NUMBER_DAYS = 40
DIGITS = 11
WEIGHTS_1 = (3, 7, 6, 1, 8, 9, 4, 5, 2)
WEIGHTS_2 = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
# Of the first check digit: 0 by the rule of 1964, any of them from 2032. The second's rule is as it was.
REMAINDERS = (0, 1, 2, 3)
# Statistics Norway's check of a DUF number (facts §2.1): the weighted sum modulo 11, as two digits.
DUF_WEIGHTS = (4, 6, 3, 2, 4, 6, 3, 2, 7, 5)
DUF_DIGITS = 12

# Last five digits that stand where a number was unknown or a child unborn (KOSTRA).
DUMMY_ENDINGS = (100, 200, 99999, 55555)

_SEPARATORS = r"[\s\u{00A0}\u{2000}-\u{200F}\u{2010}-\u{2015}\u{202F}\u{2060}\u{2212}\u{FEFF}.\-]"
_OTHER_DIGITS = {
    chr(first + digit): str(digit)
    for first in (0x0660, 0x06F0, 0xFF10)  # Arabic-Indic, extended Arabic-Indic, full width
    for digit in range(10)
}
_FEBRUARY = 2
_MONTHS_OF_30 = (4, 6, 9, 11)


def normalise(identifier: pl.Expr) -> pl.Expr:
    """The identifier without spaces, dots and hyphens, in ASCII digits, its lost leading zero put back.

    The zero is put back before ten digits alone, and only where the eleven are a valid number of a person.
    """
    digits = identifier.str.replace_many(list(_OTHER_DIGITS), list(_OTHER_DIGITS.values()))
    plain = digits.str.replace_all(_SEPARATORS, "")
    return plain.map_batches(_with_lost_zero, return_dtype=pl.String, is_elementwise=True)


def _with_lost_zero(plain: pl.Series) -> pl.Series:
    """Asked of the few that are short alone: as part of one expression it costs every caller 16 ms."""
    is_short = plain.str.contains(rf"^[0-9]{{{DIGITS - 1}}}$").fill_null(False)
    if not is_short.any():
        return plain
    restored = pl.col("short").str.zfill(DIGITS)
    of_person = kind(restored).is_in((Kind.FNR.value, Kind.DNR.value))
    short = plain.filter(is_short).alias("short").to_frame()
    put_back = short.select(pl.when(of_person).then(restored).otherwise("short")).to_series()
    return plain.scatter(is_short.arg_true(), put_back)


def kind(identifier: pl.Expr) -> pl.Expr:
    """The `Kind` of a normalised identifier; null where there is none."""
    number = _number(identifier)
    of_person = (
        pl.when(_day_as_written(number) > D_NUMBER_DAYS).then(_lit(Kind.DNR)).otherwise(_lit(Kind.FNR))
    )
    return (
        pl.when(identifier.is_null())
        .then(identifier)
        .when(identifier.str.contains(r"^(19|20)[0-9]{10}$"))
        .then(_lit(Kind.DUF))
        .when((number % 100_000).is_in(DUMMY_ENDINGS))
        .then(_lit(Kind.DUMMY))
        .when(_holds(number))
        .then(of_person)
        .otherwise(_lit(Kind.INVALID))
    )


def is_tenor(identifier: pl.Expr) -> pl.Expr:
    """Whether the month is one of the series that can never belong to a person; null for null."""
    number = _number(identifier)
    tenor = _month_as_written(number).is_between(TENOR_MONTHS + 1, TENOR_MONTHS + 12)
    return pl.when(identifier.is_not_null()).then(tenor.fill_null(False))


def duf_check_fails(identifier: pl.Expr) -> pl.Expr:
    """Whether a DUF number breaks the published check: a warning, never proof; null for other numbers."""
    number = _once(identifier, lambda i: pl.when(kind(i) == Kind.DUF.value).then(i).cast(pl.Int64))
    return _once(number, lambda n: _weighted(n, DUF_WEIGHTS, digits=DUF_DIGITS) % 11) != number % 100


def sex_disagrees(identifier: pl.Expr, male: pl.Expr) -> pl.Expr:
    """Whether the number was given to one of the other sex; null where it says nothing of it.

    Only numbers of the rule of 1964 speak. Whoever has days for the numbers must leave out those from 2032:
    one in four of them keeps the old rule too.
    """
    number = _once(identifier, _of_1964)
    return (_digit(number, 8) % 2 == 1) != male


def birth_date_disagrees(identifier: pl.Expr, birth_date: pl.Expr) -> pl.Expr:
    """Whether a fødselsnummer carries another birth date; null where it carries none.

    A D-number may carry the day it was ordered, so it never speaks; nor does a number of 2032's rule.
    """
    number = _once(identifier, lambda i: pl.when(kind(i) == Kind.FNR.value).then(_of_1964(i)))
    told = _once(number, lambda n: _as_number(_year_of_birth(n), _month(n), _day(n)))
    return told != _as_number(birth_date.dt.year(), birth_date.dt.month(), birth_date.dt.day())


def _as_number(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """yyyymmdd."""
    return year.cast(pl.Int64) * 10_000 + month.cast(pl.Int64) * 100 + day.cast(pl.Int64)


def _once(value: pl.Expr, told: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """What `told` makes of `value`, a whole number, worked out once however often it is asked for.

    Expressions that stand in each other grow with every mention of what they are made of: as one of them, a
    check of eleven digits costs twenty times as much.
    """

    def work(values: pl.Series) -> pl.Series:
        return values.alias("value").to_frame().select(told(pl.col("value"))).to_series()

    return value.map_batches(work, return_dtype=pl.Int64, is_elementwise=True)


def _lit(kind: Kind) -> pl.Expr:
    return pl.lit(kind.value)


def _number(identifier: pl.Expr) -> pl.Expr:
    """The identifier as an integer where it has exactly eleven digits, else null."""
    fits = identifier.str.contains(rf"^[0-9]{{{DIGITS}}}$")
    return pl.when(fits).then(identifier).cast(pl.Int64)


def _of_1964(identifier: pl.Expr) -> pl.Expr:
    """The number of a person whose first check digit keeps the rule of 1964, else null."""
    number = _number(identifier)
    return pl.when(_holds(number) & (_first_remainder(number) == 0)).then(number)


def _digit(number: pl.Expr, position: int, *, digits: int = DIGITS) -> pl.Expr:
    shifted: pl.Expr = number // 10 ** (digits - 1 - position)
    return shifted % 10


def _weighted(number: pl.Expr, weights: tuple[int, ...], *, digits: int = DIGITS) -> pl.Expr:
    """The sum of the leading digits, each times its weight."""
    terms = [_digit(number, position, digits=digits) * weight for position, weight in enumerate(weights)]
    return reduce(add, terms)


def _holds(number: pl.Expr) -> pl.Expr:
    """Both check digits hold, the first by either rule, and the day is one of its month."""
    second = (_weighted(number, WEIGHTS_2) + number % 10) % 11 == 0
    return _keeps_first(number) & second & _day_exists(number)


def _keeps_first(number: pl.Expr) -> pl.Expr:
    return _first_remainder(number).is_in(REMAINDERS)


def _first_remainder(number: pl.Expr) -> pl.Expr:
    return (_weighted(number, WEIGHTS_1) + _digit(number, 9)) % 11


def _day_as_written(number: pl.Expr) -> pl.Expr:
    return number // 10**9


def _month_as_written(number: pl.Expr) -> pl.Expr:
    return number // 10**7 % 100


def _day(number: pl.Expr) -> pl.Expr:
    written = _day_as_written(number)
    return written - pl.when(written > D_NUMBER_DAYS).then(D_NUMBER_DAYS).otherwise(0)


def _month(number: pl.Expr) -> pl.Expr:
    written = _month_as_written(number)
    return written - pl.when(written > TENOR_MONTHS).then(TENOR_MONTHS).otherwise(0)


def _year(number: pl.Expr) -> pl.Expr:
    return number // 10**5 % 100


def _year_of_birth(number: pl.Expr) -> pl.Expr:
    """The year with its century, which the three digits after the date tell; null where none has them."""
    year, series = _year(number), number // 100 % 1000
    return (
        pl.when(series < 500)
        .then(1900 + year)
        .when((series >= 900) & (year >= 40))
        .then(1900 + year)
        .when(year < 40)
        .then(2000 + year)
        .when((series < 750) & (year >= 54))
        .then(1800 + year)
    )


def _day_exists(number: pl.Expr) -> pl.Expr:
    """The day is one of its month in some century: the number itself need not say which."""
    day, month = _day(number), _month(number)
    last = (
        pl.when(month.is_in(_MONTHS_OF_30))
        .then(30)
        .when(month != _FEBRUARY)
        .then(31)
        .when(_year(number) % 4 == 0)
        .then(29)
        .otherwise(28)
    )
    return month.is_between(1, 12) & day.is_between(1, last)
