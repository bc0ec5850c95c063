"""Whether the persons of a night are invented: are their numbers of the series month + 80, or not?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from pipeline.identity.identifiers import Kind, is_tenor, kind, normalise

_NUMBERS = (Kind.FNR.value, Kind.DNR.value)


@dataclass(frozen=True)
class Series:
    """Of all valid fødselsnummer and D-numbers: is any invented, is every one?

    Where there is none at all, `every_invented` is false: nothing proves that the persons are invented.
    """

    any_invented: bool
    every_invented: bool


def series_of(identifiers: Iterable[pl.Series]) -> Series:
    """Judge all identifiers of a night; DUF numbers, stand-ins and damaged numbers say nothing."""
    found = [numbers.drop_nulls().unique() for numbers in identifiers]
    everyone = pl.concat([pl.DataFrame({"identifier": n.cast(pl.String)}) for n in found] or [_NOBODY])
    judged = (
        everyone.select(normalise(pl.col("identifier")))
        .unique()
        .filter(kind(pl.col("identifier")).is_in(_NUMBERS))
        .select(tenor=is_tenor(pl.col("identifier")))
    )
    invented = int(judged["tenor"].sum())
    return Series(any_invented=invented > 0, every_invented=0 < invented == judged.height)


_NOBODY = pl.DataFrame(schema={"identifier": pl.String()})
