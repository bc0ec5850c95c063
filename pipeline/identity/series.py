"""Whether the persons of a night are invented: are their numbers of the series month + 80, or not?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from pipeline.identity.identifiers import DIGITS, Kind, is_tenor, kind, normalise

_NUMBERS = (Kind.FNR.value, Kind.DNR.value)
_OTHERS = (Kind.DUF.value, Kind.DUMMY.value)


@dataclass(frozen=True)
class Series:
    """Is any valid fødselsnummer or D-number invented, and is every identifier of the night?

    `every_invented` needs proof, not the absence of the contrary: at least one valid number of the series,
    and no identifier that could be a real person's. DUF numbers and stand-ins could be anybody's and prove
    nothing; that the sources are the demo's own is for whoever asks to see to.
    """

    any_invented: bool
    every_invented: bool


def series_of(identifiers: Iterable[pl.Series]) -> Series:
    """Judge all identifiers of a night, damaged ones too: a real number with a slip is still a person's."""
    found = [numbers.drop_nulls().unique() for numbers in identifiers]
    everyone = pl.concat([pl.DataFrame({"identifier": n.cast(pl.String)}) for n in found] or [_NOBODY])
    judged = (
        everyone.select(normalise(pl.col("identifier")))
        .unique()
        .select(invented=_invented(), harmless=_harmless())
    )
    any_invented = bool(judged["invented"].any())
    return Series(any_invented=any_invented, every_invented=any_invented and bool(judged["harmless"].all()))


def _invented() -> pl.Expr:
    """A valid number of the series."""
    return kind(pl.col("identifier")).is_in(_NUMBERS) & is_tenor(pl.col("identifier"))


def _harmless() -> pl.Expr:
    """Not a number that a real person could have, or could have had before somebody mistyped it."""
    what = kind(pl.col("identifier"))
    # A spreadsheet eats the leading zero: ten digits are read as the eleven they were.
    restored = pl.col("identifier").str.zfill(DIGITS)
    damaged = (
        (what == Kind.INVALID.value)
        & pl.col("identifier").str.contains(rf"^[0-9]{{{DIGITS - 1},{DIGITS}}}$")
        & is_tenor(restored)
    )
    return _invented() | what.is_in(_OTHERS) | damaged


_NOBODY = pl.DataFrame(schema={"identifier": pl.String()})
