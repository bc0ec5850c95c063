"""Who lives together: of how many households a class has rows, where k counts households and not rows.

Only households with more than one row are held: whoever lives alone in the table is a row and a household. So
classes are counted by the pairs of a combination and such a household, and only those classes are that could
have enough rows of too few households. What a household is called decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.disclosure.engine.hierarchy import BLANK, Ints

_PLACE, _HOME, _ROWS = "place", "home", "rows"
# Sums of shares are floating point; a class at the very bound is counted.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Homes:
    """The rows of each pair of a combination and a household of several rows, three columns.

    Households are numbered from 0 to `number`. `hidden` has an entry for each combination: how many of its
    rows could be of a household counted already, if each of its households stood whole in one class.
    """

    combination: Ints
    home: Ints
    rows: Ints
    number: int
    hidden: npt.NDArray[np.float64]

    @staticmethod
    def of(household: pl.Series, combination: Ints, size: int) -> Homes:
        """Of a column beside the rows, of `size` combinations; whose is missing or empty lives alone."""
        # What is written for a missing value elsewhere may be the number of a household here.
        named = household.cast(pl.String).replace(BLANK, None)
        together = (
            pl.DataFrame({_PLACE: combination, _HOME: named})
            .drop_nulls(_HOME)
            .filter(pl.len().over(_HOME) > 1)
            .with_columns(pl.col(_HOME).rank("dense").cast(pl.Int64) - 1)
        )
        pairs = together.group_by(_PLACE, _HOME).len(_ROWS).sort(_PLACE, _HOME).cast(pl.Int64)
        place, home, rows = (pairs[name].to_numpy() for name in (_PLACE, _HOME, _ROWS))
        sizes = np.bincount(home, weights=rows)
        hidden = np.bincount(place, weights=rows * (1 - 1 / sizes[home]), minlength=size).astype(np.float64)
        return Homes(place, home, rows, len(sizes), hidden)

    def only(self, place: Ints) -> Homes:
        """The households of some combinations; `place` has the new number of each, -1 of one left out."""
        at = place[self.combination]
        here = at >= 0
        return Homes(at[here], self.home[here], self.rows[here], self.number, self.hidden[place >= 0])

    def too_few(self, classes: Ints, sizes: Ints, k: int) -> npt.NDArray[np.bool_]:
        """The classes of fewer than `k` households; `classes` is that of each combination, `sizes` its rows.

        A coarser class has the households of all its parts: one that has enough stays so.
        """
        few: npt.NDArray[np.bool_] = sizes < k
        if not len(self.combination):
            return few
        # A household of so many rows is worth one of so many in each class: a class has at least the sum.
        least = sizes - np.bincount(classes, weights=self.hidden, minlength=len(sizes))
        unsure = ~few & (least <= k - 1 + _ROUNDING)
        if not unsure.any():
            return few
        at = classes[self.combination]
        asked = unsure[at]
        at, home, rows = at[asked].astype(np.int64), self.home[asked], self.rows[asked]
        pairs = np.sort(at * self.number + home)
        first = np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]
        households = np.bincount(pairs[first] // max(self.number, 1), minlength=len(sizes))
        # Whoever is in no such pair is a household alone.
        alone = sizes - np.bincount(at, weights=rows, minlength=len(sizes)).astype(np.int64)
        return few | (unsure & (households + alone < k))
