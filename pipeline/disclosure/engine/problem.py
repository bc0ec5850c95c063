"""The problem as the searches see it: distinct combinations with counts, costs in whole numbers.

Encoding reads the rows once. From then on the cost of everything grows with the distinct combinations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.disclosure.engine.hierarchy import Hierarchy, Ints
from pipeline.disclosure.engine.homes import Homes
from pipeline.disclosure.engine.targets import Targets

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[Any]  # whole numbers, as narrow as they can be
# Costs are whole numbers of 1/`parts` of a cell. Above this many parts they are rounded, to one in 10^9.
MOST_PARTS = 10**9


@dataclass(frozen=True)
class Attribute:
    """A quasi-identifier: the leaf of each combination, and what its cells cost.

    `cost[level, leaf]` is the loss of one cell of `leaf` at `level`, (leaves under the value - 1) /
    (leaves - 1) times the weight; `suppressed` that of a cell left out, 1 times the weight; both in the
    problem's parts.
    """

    hierarchy: Hierarchy
    leaves: Codes
    cost: Ints
    suppressed: int

    @property
    def name(self) -> str:
        return self.hierarchy.name

    @property
    def levels(self) -> int:
        return self.hierarchy.levels

    @property
    def saved(self) -> Ints:
        """What a cell at each level and leaf costs less than one left out."""
        return self.suppressed - self.cost


@dataclass(frozen=True)
class Cells:
    """The registered values of one sensitive attribute: combination, value and number of rows, three columns.

    `totals` says what is usual: how many rows of the whole table have each value, or how many parts where the
    rule says so itself. `adverse` marks the values of the one-sided rule.
    """

    combination: Ints
    value: Ints
    count: Ints
    totals: Ints
    adverse: Bools


@dataclass(frozen=True)
class Crowd:
    """Combinations to be put into classes: the rows of each, and the cells of each sensitive attribute.

    `homes` tells who lives together where k counts households; None where it counts rows.
    """

    counts: Ints
    cells: tuple[Cells, ...] = ()
    homes: Homes | None = None

    @property
    def size(self) -> int:
        return len(self.counts)

    def only(self, kept: Ints) -> Crowd:
        """The combinations `kept` (ascending), numbered anew from 0; totals stay those of the whole table."""
        place = np.full(self.size, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        cells = []
        for known in self.cells:
            at = place[known.combination]
            here = at >= 0
            cells.append(Cells(at[here], known.value[here], known.count[here], known.totals, known.adverse))
        homes = None if self.homes is None else self.homes.only(place)
        return Crowd(self.counts[kept], tuple(cells), homes)


@dataclass(frozen=True)
class Problem:
    """All a search needs: attributes, the crowd of combinations, targets, and the parts costs are told in."""

    attributes: tuple[Attribute, ...]
    crowd: Crowd
    targets: Targets
    rows: int
    parts: int

    @property
    def most_suppressed(self) -> int:
        """How many rows may be left out."""
        return math.floor(self.targets.suppression * self.rows)

    @property
    def top(self) -> tuple[int, ...]:
        return tuple(attribute.levels - 1 for attribute in self.attributes)

    def loss(self, cost: int) -> Fraction:
        """A total cost as the mean over rows and quasi-identifiers (weighted), between 0 and 1."""
        whole = self.rows * sum(attribute.suppressed for attribute in self.attributes)
        return Fraction(cost, whole) if whole else Fraction(0)


def pose(
    hierarchies: Sequence[Hierarchy],
    leaves: Sequence[Codes],
    weights: Sequence[int],
    crowd: Crowd,
    targets: Targets,
) -> Problem:
    """The problem of these combinations; `weights` are whole numbers, one for each hierarchy."""
    parts = _parts(hierarchies)
    attributes = tuple(
        Attribute(known, codes, _cost(known, parts) * weight, parts * weight)
        for known, codes, weight in zip(hierarchies, leaves, weights, strict=True)
    )
    return Problem(attributes, crowd, targets, int(crowd.counts.sum()), parts)


def _parts(hierarchies: Sequence[Hierarchy]) -> int:
    """The parts a cell is told in, so that every cost is whole, or so fine that rounding does not matter."""
    return min(math.lcm(*(max(len(known.leaves) - 1, 1) for known in hierarchies)), MOST_PARTS)


def _cost(known: Hierarchy, parts: int) -> Ints:
    others = max(len(known.leaves) - 1, 1)
    return (2 * parts * (known.under - 1) + others) // (2 * others)
