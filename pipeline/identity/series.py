"""Whether the persons of a night are invented: are their numbers of the series month + 80, or not?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from pipeline.identity.identifiers import DIGITS, Kind, is_tenor, kind, normalise

_NUMBERS = (Kind.FNR.value, Kind.DNR.value)
_OTHERS = (Kind.DUF.value, Kind.DUMMY.value)
_NUMBER = "number"


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
    everyone = pl.concat(
        [_NOBODY, *(numbers.cast(pl.String).alias(_NUMBER).to_frame() for numbers in identifiers)]
    )
    judged = (
        everyone.select(normalise(pl.col(_NUMBER)))
        .drop_nulls()
        .unique()
        .with_columns(what=kind(pl.col(_NUMBER)), tenor=is_tenor(pl.col(_NUMBER)))
        .select(_NUMBER, "what", invented=pl.col("what").is_in(_NUMBERS) & pl.col("tenor"))
    )
    any_invented = bool(judged["invented"].any())
    harmless = judged.select((pl.col("invented") | pl.col("what").is_in(_OTHERS) | _damaged()).all()).item()
    return Series(any_invented=any_invented, every_invented=any_invented and bool(harmless))


def _damaged() -> pl.Expr:
    """A number of the series that somebody mistyped.

    A spreadsheet eats the leading zero: ten digits are read as the eleven they were.
    """
    number = pl.col(_NUMBER)
    few_digits = number.str.contains(rf"^[0-9]{{{DIGITS - 1},{DIGITS}}}$")
    return (pl.col("what") == Kind.INVALID.value) & few_digits & is_tenor(number.str.zfill(DIGITS))


_NOBODY = pl.DataFrame(schema={_NUMBER: pl.String()})
