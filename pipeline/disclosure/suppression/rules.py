"""Which cells are sensitive, and how much must stay unknown about each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.disclosure.suppression.cells import Bools, Floats, Ints
from pipeline.disclosure.tables import THRESHOLD


@dataclass(frozen=True)
class Needs:
    """The sensitive cells, and how far below and above its value each must remain possible."""

    sensitive: Bools
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Contributions:
    """What stands behind each cell of a magnitude table.

    The total, how many units contribute, the largest contribution, the second largest, and the sum of the
    `largest` of the rule. Whole numbers, none negative.
    """

    total: Ints
    units: Ints
    first: Ints
    second: Ints
    top: Ints


@dataclass(frozen=True)
class Frequency:
    """A count of fewer than `least` units is sensitive, and so is none.

    Of a sensitive count everything from 0 to `least` must stay possible: a reader cannot even tell whether
    it was hidden for its own sake. With the zeros of a line hidden, no reader learns that nobody, or
    everybody, of a group has a value (0 and 100 %).
    """

    least: int = THRESHOLD

    def needs(self, counts: Ints, units: Ints) -> Needs:
        """`units` are the persons behind `counts`: the counts themselves where a row is a person."""
        sensitive = units < self.least
        upper = np.maximum(self.least - counts, 1)
        return Needs(sensitive, np.where(sensitive, counts, 0.0), np.where(sensitive, upper, 0.0))


@dataclass(frozen=True)
class Magnitude:
    """A sum is sensitive when few units contribute, few of them dominate it, or nobody has anything.

    Fewer than `least` units; the `largest` largest have more than `dominance` % of it; after the two
    largest less than `p` % of the largest is left, so that the second knows the first within `p` %; the sum
    is 0 though units contribute. A dominated sum must stay open by what would make it safe, the others by
    `p` % of the sum or of the mean contribution, whichever is more.
    """

    least: int = THRESHOLD
    largest: int = 2
    dominance: float = 85.0
    p: float = 10.0

    def __post_init__(self) -> None:
        """ValueError for a percentage that protects nothing."""
        if self.largest < 1 or not 0 < self.dominance < 100 or self.p <= 0:
            raise ValueError("a dominance rule names one unit or more and shares above 0 %, below 100 %")

    def needs(self, behind: Contributions, mean: float) -> Needs:
        """`mean` is the mean contribution of all units of the table."""
        few = (behind.units < self.least) | ((behind.total == 0) & (behind.units > 0))
        safe_at = behind.top * (100 / self.dominance)
        dominated = behind.total < safe_at
        rest = behind.total - behind.first - behind.second
        p_open = behind.first * (self.p / 100)
        guessed = rest < p_open
        must = np.maximum.reduce(
            [
                np.where(few, np.maximum(behind.total, mean) * (self.p / 100), 0.0),
                np.where(dominated, safe_at - behind.total, 0.0),
                np.where(guessed, p_open - rest, 0.0),
            ]
        )
        sensitive = few | dominated | guessed
        must = np.where(sensitive, np.maximum(np.ceil(must - 1e-9), 1.0), 0.0)
        return Needs(sensitive, np.minimum(must, behind.total), must)
