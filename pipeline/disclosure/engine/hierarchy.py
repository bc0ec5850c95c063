"""A hierarchy of one attribute as integers: which value stands above each leaf, at each level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.errors import RequestRefused
from schemas.codes import ANY

Ints = npt.NDArray[np.int64]
# The text of a missing value. It is a leaf like any other: a missing value is a category of its own.
BLANK = ""


@dataclass(frozen=True)
class Hierarchy:
    """The values of an attribute from the finest level, 0, to the coarsest.

    `codes[level, leaf]` is the number of the value above `leaf` at `level`, and `labels[level]` its text;
    `under[level, leaf]` is how many leaves stand under that value. `capped` says that coarser levels were
    taken away.
    """

    name: str
    leaves: tuple[str, ...]
    codes: Ints
    labels: tuple[tuple[str, ...], ...]
    under: Ints
    capped: bool = False

    @property
    def levels(self) -> int:
        return len(self.labels)

    def up_to(self, coarsest: int) -> Hierarchy:
        """The same hierarchy without the levels above `coarsest`; what a value costs is what it did.

        Refused: a level that it has not.
        """
        if not 0 <= coarsest < self.levels:
            raise RequestRefused(
                f"{self.name} may be coarsened to level {coarsest} at most, and its hierarchy has the levels "
                f"0 to {self.levels - 1}.",
                instead="Nothing was coarsened.",
                do="Give one of those as the coarsest; 0 leaves every value as it is.",
            )
        if coarsest == self.levels - 1:
            return self
        to = coarsest + 1
        return replace(
            self, codes=self.codes[:to], labels=self.labels[:to], under=self.under[:to], capped=True
        )


def hierarchy(name: str, lines: Iterable[Sequence[str]]) -> Hierarchy:
    """The hierarchy whose lines each hold one leaf and the values above it, finest first.

    Refused: no line, lines of different length, a leaf twice, a value with two parents.
    """
    rows = [tuple(line) for line in lines]
    if not rows or not rows[0]:
        raise _wrong(name, "it has no line")
    if len({len(row) for row in rows}) > 1:
        raise _wrong(name, "its lines have not all as many levels: a value is without a parent")
    columns = list(zip(*rows, strict=True))
    if len(set(columns[0])) < len(rows):
        raise _wrong(name, "a value has more than one line")
    for level, (below, above) in enumerate(pairwise(columns)):
        if len(set(zip(below, above, strict=True))) > len(set(below)):
            raise _wrong(name, f"one value of level {level} has two parents at level {level + 1}")
    return _numbered(name, columns)


def flat(name: str, values: Iterable[str]) -> Hierarchy:
    """The hierarchy of an attribute that has none: each value, and above them all `*`."""
    return hierarchy(name, [(value, ANY) for value in sorted(set(values) - {ANY})])


def spelt(column: pl.Series) -> pl.Series:
    """Each value of a column as the text that hierarchies and rules know it by.

    A missing value is `BLANK`, and so is an empty one; there is one nought, whatever its sign.
    """
    one = column + 0.0 if column.dtype.is_float() else column
    return one.cast(pl.String).fill_null(BLANK)


def _numbered(name: str, columns: list[tuple[str, ...]]) -> Hierarchy:
    labels = tuple(tuple(dict.fromkeys(column)) for column in columns)
    numbers = [{label: number for number, label in enumerate(level)} for level in labels]
    codes = np.array(
        [[number[value] for value in column] for number, column in zip(numbers, columns, strict=True)],
        dtype=np.int64,
    )
    under = np.stack([np.bincount(level)[level] for level in codes])
    return Hierarchy(name=name, leaves=columns[0], codes=codes, labels=labels, under=under)


def _wrong(name: str, why: str) -> RequestRefused:
    return RequestRefused(
        f"The hierarchy of {name} cannot be used: {why}.",
        instead="Nothing was coarsened.",
        do="Correct it: a line for each value, the value first and then one parent for each level.",
    )
