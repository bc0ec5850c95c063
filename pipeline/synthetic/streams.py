"""Random numbers by name, and days as whole numbers: what every part of the generator shares.

A stream is keyed by the seed and a name, so that a new table, or a new column, leaves the numbers of
every other table as they were.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
Mask = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.object_]

EPOCH = date(1970, 1, 1)
NEVER = 400_000  # a day no world reaches (year 3065)


@dataclass(frozen=True)
class Streams:
    """Independent generators, each a function of the seed and its name alone, with `place` before it."""

    seed: int
    place: str = ""

    def of(self, name: str) -> np.random.Generator:
        """The generator of that name, from its start: ask once for each use."""
        key = int.from_bytes(hashlib.sha256((self.place + name).encode()).digest()[:16], "big")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, key])))


def day(when: date) -> int:
    """Days since 1970-01-01."""
    return (when - EPOCH).days


def first_day(year: int, month: int = 1) -> int:
    """The first day of a month, as a whole number."""
    return day(date(year, month, 1))


def year_of(days: Ints) -> Ints:
    """The calendar year of each day."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def month_of(days: Ints) -> Ints:
    """Months since 1970-01 of each day."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def dates(days: Ints, there: Mask | None = None) -> pl.Series:
    """Days as dates; empty where `there` is false, and for NEVER."""
    known = (days < NEVER) if there is None else there & (days < NEVER)
    return pl.Series(np.where(known, days, 0)).cast(pl.Int32).cast(pl.Date).set(~pl.Series(known), None)


def pick(generator: np.random.Generator, weights: Mapping[str, float], size: int) -> Strings:
    """`size` codes drawn by weight."""
    names = np.array(list(weights), dtype=object)
    chances = np.array(list(weights.values()), dtype=float)
    return np.asarray(
        names[np.searchsorted(np.cumsum(chances / chances.sum())[:-1], generator.random(size), side="right")],
        dtype=object,
    )


def month_start(months: Ints) -> Ints:
    """The first day of each month since 1970-01."""
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def year_start(years: Ints) -> Ints:
    """1 January of each year."""
    return np.asarray((years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64))
