"""Which classes meet the targets, and how many rows of the others go however they are refined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.problem import Bools, Cells, Crowd
from pipeline.disclosure.engine.targets import Sensitive, Targets

# A table by class and value is counted directly while it has few places for each cell, or is small.
DENSE, SMALL = 8, 1000


@dataclass(frozen=True)
class Verdict:
    """What became of classes, one entry for each in `sizes`, `bad` and `hopeless`.

    `bad`: a target is missed. `hopeless`: it is missed in every refinement too, so all its rows would go.
    The classes `torn` are bad and not hopeless; of each at least `forced` rows go in every refinement.
    """

    sizes: Ints
    bad: Bools
    hopeless: Bools
    torn: Ints
    forced: Ints


def judge(crowd: Crowd, targets: Targets, classes: Ints, number: int, sizes: Ints | None = None) -> Verdict:
    """The verdict on each of `number` classes; `classes` says which one each combination is in.

    A class without rows is hopeless, of size 0. `sizes` are the rows of each class, where they are known.
    """
    if sizes is None:
        sizes = count(classes, number, crowd.counts)
    hopeless = sizes < targets.k
    if crowd.homes is not None:
        hopeless = crowd.homes.too_few(classes, sizes, targets.k)
    if not crowd.cells:
        none = np.zeros(0, dtype=np.int64)
        return Verdict(sizes, hopeless, hopeless, torn=none, forced=none)
    forced = np.zeros(number, dtype=np.int64)
    for cells, rule in zip(crowd.cells, targets.sensitive, strict=True):
        told = _Told.by(cells, classes, hopeless)
        hopeless = hopeless | told.too_few_values(rule)
        forced = np.maximum(forced, np.maximum(told.only_adverse(rule), told.too_different(rule)))
    torn = np.flatnonzero((forced > 0) & ~hopeless)
    return Verdict(sizes, hopeless | (forced > 0), hopeless, torn, forced[torn])


def count(places: Ints, number: int, rows: Ints) -> Ints:
    """The rows at each of `number` places."""
    # Sums of whole numbers below 2 to the 53rd are exact in floating point.
    return np.bincount(places, weights=rows, minlength=number).astype(np.int64)


@dataclass(frozen=True)
class _Told:
    """What `number` classes tell of one sensitive attribute: the rows of each pair of class and value."""

    cells: Cells
    number: int
    group: Ints
    value: Ints
    rows: Ints

    @staticmethod
    def by(cells: Cells, classes: Ints, hopeless: Bools) -> _Told:
        """Counted for the classes that are not hopeless yet; a class without a registered value is absent."""
        at = classes[cells.combination]
        asked = ~hopeless[at]
        at, value, rows = at[asked], cells.value[asked], cells.count[asked]
        values, number = max(len(cells.totals), 1), len(hopeless)
        pairs = at.astype(np.int64) * values + value
        if number * values <= max(DENSE * len(pairs), SMALL):
            table = count(pairs, number * values, rows)
            found = np.flatnonzero(table)
            rows = table[found]
        else:
            found, place = np.unique(pairs, return_inverse=True)
            rows = count(place, len(found), rows)
        return _Told(cells, number, found // values, found % values, rows)

    def too_few_values(self, rule: Sensitive) -> Bools:
        if rule.distinct is None:
            return np.zeros(self.number, dtype=bool)
        return np.bincount(self.group, minlength=self.number) < rule.distinct

    def only_adverse(self, rule: Sensitive) -> Ints:
        """The registered rows of each class in which all of them are adverse; 0 of every other class.

        Whatever such a class is cut into, a part with a registered row has only adverse ones: all those go.
        """
        if not rule.adverse:
            return np.zeros(self.number, dtype=np.int64)
        registered = count(self.group, self.number, self.rows)
        bad = self.cells.adverse[self.value]
        adverse = count(self.group[bad], self.number, self.rows[bad])
        return np.where(registered == adverse, registered, 0)

    def too_different(self, rule: Sensitive) -> Ints:
        """How many registered rows a class must lose at least until what is left is close; 0 if it is.

        Parts that are close are so together too, so what a refinement keeps of a class is. As rows go, the
        excess f(rows left) = sum of shortfalls - t * rows left is convex: its tangent gives the bound.
        """
        if rule.closeness is None:
            return np.zeros(self.number, dtype=np.int64)
        everybody = int(self.cells.totals.sum())
        rows = count(self.group, self.number, self.rows)
        expected = self.cells.totals[self.value]
        # Shares compared crosswise: rows here * everybody against rows of the value anywhere * rows here.
        here, usual = self.rows * everybody, expected * rows[self.group]
        surplus = self._sum(np.maximum(here - usual, 0))
        wanting = everybody - self._sum(np.where(here >= usual, expected, 0))
        t = rule.closeness
        excess = t.denominator * surplus - t.numerator * rows * everybody
        slope = t.denominator * wanting - t.numerator * everybody
        return np.where(excess > 0, -(-excess // np.maximum(slope, 1)), 0)

    def _sum(self, amounts: Ints) -> Ints:
        """Sums by class of numbers too large for `count`, exactly."""
        total = np.zeros(self.number, dtype=np.int64)
        np.add.at(total, self.group, amounts)
        return total
