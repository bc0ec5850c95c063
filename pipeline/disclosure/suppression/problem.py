"""What an engine of complementary suppression is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline.disclosure.suppression.cells import Bools, Floats, Ints, Sums
from pipeline.errors import TargetUnreachable


@dataclass(frozen=True)
class Problem:
    """Cells with true values from 0 up, bound by sums; some are sensitive.

    Whoever sees every shown value, the sums, and that no value is negative must for each cell of
    `sensitive` hold possible a value as low as `values - lower` and one as high as `values + upper`.
    A cell of `known` is known to everybody: it cannot be hidden. `holder` is the number of the one who
    alone makes up a cell, -1 where there is none: a holder knows that cell's value, and must not work out
    other sensitive cells from it, except those that are the holder's own and what follows though
    everything is hidden. `cost` is what hiding a cell costs, above 0.
    """

    values: Ints
    sums: Sums
    sensitive: Bools
    lower: Floats
    upper: Floats
    known: Bools
    holder: Ints
    cost: Floats

    def __post_init__(self) -> None:
        """ValueError where a cell is to go below zero or hiding one costs nothing."""
        if (self.values < 0).any() or (self.lower > self.values)[self.sensitive].any():
            raise ValueError("no value is negative, and none can be thought lower than 0")
        if (self.cost <= 0).any() or (self.lower < 0).any() or (self.upper < 0).any():
            raise ValueError("hiding a cell costs more than nothing, and nothing is protected by less")


@dataclass(frozen=True)
class Solution:
    """Which cells to hide: all sensitive ones are protected as asked.

    `best` says whether it is proven that no cheaper answer exists.
    """

    hidden: Bools
    best: bool


class Engine(Protocol):
    """Finds what to hide. Same problem, same answer."""

    def suppress(self, problem: Problem) -> Solution:
        """The cheapest cells to hide, or TargetUnreachable where hiding all that may be is not enough."""
        ...


def unprotectable(count: int) -> TargetUnreachable:
    """The refusal: so many sensitive cells can be worked out whatever is hidden."""
    return TargetUnreachable(
        f"{count} sensitive cells can be worked out from figures that are known to everybody.",
        instead="No table was made.",
        do="Merge values of a dimension, leave one out, or name fewer cells as known.",
    )
