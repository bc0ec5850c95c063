"""What an official identifier is, by its digits alone: vectorised, for whole columns at a time.

Fødselsnummer and D-number of the Tenor series (month + 80) are told from real ones, stand-ins that
identify nobody (KOSTRA's) from identifiers, and a DUF number by its form alone: its true check is not
public. What does not belong here: repairing a number, or reading a sex or a birth
date out of one - the series from 2032 carries neither a sex nor a century.
"""

from __future__ import annotations

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
    """The identifier without spaces, dots and hyphens, in ASCII digits; nothing else is changed."""
    plain = identifier.str.replace_many(list(_OTHER_DIGITS), list(_OTHER_DIGITS.values()))
    return plain.str.replace_all(_SEPARATORS, "")


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


def _lit(kind: Kind) -> pl.Expr:
    return pl.lit(kind.value)


def _number(identifier: pl.Expr) -> pl.Expr:
    """The identifier as an integer where it has exactly eleven digits, else null."""
    fits = identifier.str.contains(rf"^[0-9]{{{DIGITS}}}$")
    return pl.when(fits).then(identifier).cast(pl.Int64)


def _digit(number: pl.Expr, position: int) -> pl.Expr:
    shifted: pl.Expr = number // 10 ** (DIGITS - 1 - position)
    return shifted % 10


def _weighted(number: pl.Expr, weights: tuple[int, ...]) -> pl.Expr:
    """The sum of the leading digits, each times its weight."""
    terms = [_digit(number, position) * weight for position, weight in enumerate(weights)]
    return reduce(add, terms)


def _holds(number: pl.Expr) -> pl.Expr:
    """Both check digits hold, the first by either rule, and the day is one of its month."""
    second = (_weighted(number, WEIGHTS_2) + number % 10) % 11 == 0
    return _keeps_first(number) & second & _day_exists(number)


def _keeps_first(number: pl.Expr) -> pl.Expr:
    return ((_weighted(number, WEIGHTS_1) + _digit(number, 9)) % 11).is_in(REMAINDERS)


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
