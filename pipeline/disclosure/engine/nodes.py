"""One node of the lattice, a level for each attribute: its cost, and what it proves of finer nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.judge import Verdict, count, judge
from pipeline.disclosure.engine.problem import Codes, Problem

Node = tuple[int, ...]
# Classes are counted in a table of all keys while it has few places for each combination, or is small.
DENSE, SMALL = 4, 1000
# Keys are packed into 64 bits; before they would not fit, they are numbered anew.
MOST_KEYS = 2**62
# Fibonacci hashing: the odd number nearest to 2 to the 64th over the golden ratio.
_GOLDEN = np.uint64(11400714819323198485)


@dataclass(frozen=True)
class Measured:
    """What one node costs and leaves out; `feasible` says whether it may.

    `spoilt`: so many rows go here that too many go in every finer node. `lost[attribute]` is, for each level
    up to the node's, what the rows that go in every finer node lose there beyond the cost of keeping them.
    """

    node: Node
    cost: int
    suppressed: int
    feasible: bool
    spoilt: bool
    lost: tuple[Ints, ...] = ()

    @property
    def rank(self) -> tuple[int, int, Node]:
        """The order of solutions: least loss, then fewest rows out, then finest in the first attribute."""
        return self.cost, self.suppressed, self.node


class Nodes:
    """Measures nodes of one problem; each measurement reads every distinct combination once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cards = [[len(level) for level in a.hierarchy.labels] for a in problem.attributes]
        self.columns = [
            [
                level.astype(np.min_scalar_type(card))[a.leaves]
                for level, card in zip(a.hierarchy.codes, cards, strict=True)
            ]
            for a, cards in zip(problem.attributes, self.cards, strict=True)
        ]
        counts = problem.crowd.counts
        # What keeping every row would cost, by attribute and level.
        self.kept = [np.dot(a.cost, count(a.leaves, a.cost.shape[1], counts)) for a in problem.attributes]

    def measure(self, node: Node) -> Measured:
        """The node's classes judged, and its cost."""
        keys, possible = self._keys(node)
        if possible > max(DENSE * self.problem.crowd.size, SMALL):
            if self._surely_spoilt(keys):
                return Measured(node, cost=0, suppressed=0, feasible=False, spoilt=True)
            keys, possible = numbered_anew(keys)
        sizes = count(keys, possible, self.problem.crowd.counts)
        if self._too_many(sizes):
            return Measured(node, cost=0, suppressed=0, feasible=False, spoilt=True)
        return self._measured(
            node, keys, judge(self.problem.crowd, self.problem.targets, keys, possible, sizes)
        )

    def _keys(self, node: Node) -> tuple[Ints, int]:
        """A whole number for each combination, equal within a class, and how many numbers there could be."""
        columns = [self.columns[a][level] for a, level in enumerate(node)]
        return pack(columns, [self.cards[a][level] for a, level in enumerate(node)])

    def _surely_spoilt(self, keys: Ints) -> bool:
        """Whether too many rows go even if classes that share a hash were one: cheaper than sorting."""
        bits = max(self.problem.crowd.size, 2).bit_length() + 1
        hashed = ((keys.astype(np.uint64) * _GOLDEN) >> np.uint64(64 - bits)).astype(np.int64)
        return self._too_many(count(hashed, 2**bits, self.problem.crowd.counts))

    def _too_many(self, sizes: Ints) -> bool:
        """Whether more rows than may are in classes smaller than k."""
        return int(sizes.sum(where=sizes < self.problem.targets.k)) > self.problem.most_suppressed

    def _measured(self, node: Node, keys: Ints, verdict: Verdict) -> Measured:
        problem = self.problem
        most = problem.most_suppressed
        least_out = int(verdict.sizes.sum(where=verdict.hopeless) + verdict.forced.sum())
        if least_out > most:
            return Measured(node, cost=0, suppressed=0, feasible=False, spoilt=True)
        out = np.flatnonzero(verdict.bad[keys])
        rows = problem.crowd.counts[out]
        cost = sum(int(self.kept[a][level]) for a, level in enumerate(node))
        for a, level in zip(problem.attributes, node, strict=True):
            cost += int(a.saved[level, a.leaves[out]] @ rows)
        suppressed = int(rows.sum())
        lost = self._lost(node, keys, verdict)
        return Measured(node, cost, suppressed, feasible=suppressed <= most, spoilt=False, lost=lost)

    def _lost(self, node: Node, keys: Ints, verdict: Verdict) -> tuple[Ints, ...]:
        """See `Measured.lost`. Which rows of a hopeless class go is known; of a forced one only how many."""
        problem = self.problem
        gone = np.flatnonzero(verdict.hopeless[keys])
        rows = problem.crowd.counts[gone]
        member = np.zeros(len(verdict.sizes) if len(verdict.torn) else 0, dtype=np.int64)
        if len(member):
            member[keys] = np.arange(len(keys))
        lost = []
        for a, level in zip(problem.attributes, node, strict=True):
            by_level = a.saved[: level + 1]
            known = np.dot(by_level, count(a.leaves[gone], by_level.shape[1], rows))
            here = int(a.saved[level, a.leaves[member[verdict.torn]]] @ verdict.forced)
            lost.append(known + np.maximum(here, by_level.min(axis=1) * int(verdict.forced.sum())))
        return tuple(lost)


def pack(columns: Sequence[Codes], cards: Sequence[int]) -> tuple[Ints, int]:
    """One whole number for each row, equal where all `columns` are, and in their order.

    Also how many such numbers there could be. `cards` says how many values, from 0, each column can have.
    """
    small = prod(cards) < 2**31
    keys: npt.NDArray[Any] = np.zeros(len(columns[0]), dtype=np.int32 if small else np.int64)
    possible = 1
    for column, card in zip(columns, cards, strict=True):
        if card == 1:
            continue
        if possible * card > MOST_KEYS:
            keys, possible = numbered_anew(keys)
        keys *= keys.dtype.type(card)
        keys += column
        possible *= card
    return keys, possible


def numbered_anew(keys: Ints) -> tuple[Ints, int]:
    """The rank of each key among the distinct ones, and how many there are."""
    found, rank = np.unique(keys, return_inverse=True)
    return rank, len(found)
