"""Full-domain recoding: one level for each attribute, the same for every row, with the least possible loss.

The search is exact. What it rests on:
- The loss of a node is what keeping every row would cost (a sum over attributes) and what is lost by leaving
  rows out. Rows that must go at a node must go at every finer node, and each costs no less there. So each
  node that is measured raises a lower bound on all nodes below it, or spoils them all.
- A node with only two attributes below the top is quickly measured and lies above very many others.
- A first good solution is found by climbing from the most promising node until one is feasible. Then the
  coarsest nodes that could still be better are disproved first: each takes the most others with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.nodes import Measured, Node, Nodes
from pipeline.disclosure.engine.problem import Problem
from pipeline.disclosure.engine.unreachable import unreachable

# A lattice of more nodes is not held in memory: it is descended greedily, and the answer is not optimal.
MOST_NODES = 4_000_000
# After so many measurements the search stops with the best it has, and says so. Counted, not timed: the same
# problem must have the same answer on every machine.
MOST_MEASURED = 20_000
# How many attributes more the next projection takes in, when a smaller one did not disprove a node.
STRIDE = 3
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class FullDomain:
    """A level for each attribute. `bound` is what no solution can be below; optimal means it is reached."""

    node: Node
    cost: int
    suppressed: int
    bound: int
    measured: int

    @property
    def optimal(self) -> bool:
        return self.bound >= self.cost


def search(
    problem: Problem,
    *,
    least: Node | None = None,
    most_nodes: int = MOST_NODES,
    most_measured: int = MOST_MEASURED,
) -> FullDomain:
    """The node of least loss that meets the targets, none of its levels below those of `least`.

    Among nodes of equal loss the one with fewest rows left out, then the finest in the first attribute, the
    second and so on. Raises TargetUnreachable when no node meets the targets, or none was found in a lattice
    too large to search.
    """
    nodes = Nodes(problem)
    lowest = least or (0,) * len(problem.attributes)
    if prod(attribute.levels for attribute in problem.attributes) > most_nodes:
        return _descended(problem, nodes, lowest, measured=0)
    found = _Search(problem, nodes, lowest, most_measured).run()
    if found is None:
        return _descended(problem, nodes, lowest, measured=most_measured)
    return found


def kept(problem: Problem, node: Node) -> FullDomain | None:
    """The node as a solution, if it meets the targets; whether another would lose less is not asked."""
    found = Nodes(problem).measure(node)
    if not found.feasible:
        return None
    return FullDomain(node, found.cost, found.suppressed, bound=0, measured=1)


class _Search:
    """The state of one search: a lower bound for every node, and the best solution so far."""

    def __init__(self, problem: Problem, nodes: Nodes, lowest: Node, most_measured: int) -> None:
        self.problem, self.nodes, self.most = problem, nodes, most_measured
        self.shape = tuple(attribute.levels for attribute in problem.attributes)
        self.kept = _outer(nodes.kept)
        self.bound = self.kept.copy()
        self.open = np.zeros(self.shape, dtype=bool)
        self.open[tuple(slice(level, None) for level in lowest)] = True
        # One number for each node: how coarse it is in all, to take the coarsest first.
        self.height = _outer([np.arange(levels) for levels in self.shape])
        self.known: dict[Node, Measured] = {}
        self.best: Measured | None = None

    def run(self) -> FullDomain | None:
        """The optimum; or the best so far, or None, when measuring has come to its end."""
        self._climb()
        while len(self.known) < self.most:
            node = self._next(self.open & (self.bound <= self._least()), self.height)
            if node is None:
                break
            self._settle(node)
        left = self.bound[self.open]
        if self.best is None:
            if left.size and int(left.min()) < _NEVER:
                return None
            raise unreachable(self.problem, searched=True)
        bound = min(self.best.cost, int(left.min())) if left.size else self.best.cost
        return FullDomain(self.best.node, self.best.cost, self.best.suppressed, bound, len(self.known))

    def _least(self) -> int:
        return self.best.cost if self.best else _NEVER - 1

    def _next(self, among: np.ndarray, worth: Ints) -> Node | None:
        """The first node of greatest worth among those marked."""
        place = int(np.argmax(np.where(among, worth, np.iinfo(np.int64).min)))
        if not among.flat[place]:
            return None
        return tuple(int(level) for level in np.unravel_index(place, self.shape))

    def _climb(self) -> None:
        """Take the most promising node, then the most promising above it, until one is feasible."""
        above = np.ones(self.shape, dtype=bool)
        while self.best is None and len(self.known) < self.most:
            node = self._next(above & self.open & (self.bound < _NEVER), -self.bound)
            if node is None:
                return
            pairs = [pair for pair in self._pairs(node) if pair not in self.known]
            for pair in pairs:
                self._measure(pair)
            if not pairs:
                self._measure(node)
                above[...] = False
                above[tuple(slice(level, None) for level in node)] = True

    def _settle(self, node: Node) -> None:
        """Measure projections of a node, small ones first, until it cannot be best; at last itself."""
        for projection in self._projections(node):
            if projection not in self.known:
                self._measure(projection)
                if self.bound[node] > self._least():
                    return

    def _pairs(self, node: Node) -> list[Node]:
        return [self._projected(node, pair) for pair in combinations(self._lowered(node), 2)]

    def _projections(self, node: Node) -> Iterator[Node]:
        """The node with all but some attributes at the top: pairs, then more and more, then the node."""
        yield from self._pairs(node)
        lowered = self._lowered(node)
        if len(lowered) < 3:
            yield node
            return
        pairs = list(combinations(lowered, 2))
        strength = {pair: self._strength(self._projected(node, pair)) for pair in pairs}
        first, second = max(pairs, key=strength.__getitem__)
        chain = [first, second]
        while len(chain) < len(lowered):
            for _ in range(min(STRIDE, len(lowered) - len(chain))):
                rest = [a for a in lowered if a not in chain]
                chain.append(max(rest, key=lambda a: max(strength[min(a, b), max(a, b)] for b in chain)))
            yield self._projected(node, chain)

    def _strength(self, node: Node) -> float:
        """What leaving rows out costs at a node that is known; endless where too many go."""
        found = self.known[node]
        return float("inf") if found.spoilt else float(found.cost - int(self.kept[node]))

    def _lowered(self, node: Node) -> list[int]:
        return [
            a for a, (level, levels) in enumerate(zip(node, self.shape, strict=True)) if level + 1 < levels
        ]

    def _projected(self, node: Node, kept: list[int] | tuple[int, ...]) -> Node:
        return tuple(level if a in kept else self.shape[a] - 1 for a, level in enumerate(node))

    def _measure(self, node: Node) -> None:
        """Measure a node; raise the bounds of all below it; keep it where it is the best so far."""
        found = self.nodes.measure(node)
        self.known[node] = found
        self.open[node] = False
        below = tuple(slice(0, level + 1) for level in node)
        if found.spoilt:
            self.bound[below] = _NEVER
            self.open[below] = False
            return
        np.maximum(self.bound[below], self.kept[below] + _outer(found.lost), out=self.bound[below])
        if found.feasible and (self.best is None or found.rank < self.best.rank):
            self.best = found


def _descended(problem: Problem, nodes: Nodes, lowest: Node, measured: int) -> FullDomain:
    """From the top always to the cheapest feasible node one level finer, while that costs less.

    No attribute goes below its level in `lowest`.
    While none is feasible, to the one that leaves fewest rows out: a class that misses a target may have
    parts that meet it.
    """
    best = nodes.measure(problem.top)
    measured += 1
    while not best.feasible:
        steps = _finer(nodes, best.node, lowest)
        measured += len(steps)
        open_steps = [step for step in steps if not step.spoilt]
        if best.spoilt or not open_steps:
            raise unreachable(problem)
        best = min(open_steps, key=lambda step: (step.suppressed, step.rank))
    while True:
        steps = _finer(nodes, best.node, lowest)
        measured += len(steps)
        better = min((step for step in steps if step.feasible), key=lambda step: step.rank, default=best)
        if better.cost >= best.cost:
            return FullDomain(best.node, best.cost, best.suppressed, bound=0, measured=measured)
        best = better


def _finer(nodes: Nodes, node: Node, lowest: Node) -> list[Measured]:
    """The nodes one level finer in one attribute, none below `lowest`."""
    return [
        nodes.measure((*node[:a], level - 1, *node[a + 1 :]))
        for a, level in enumerate(node)
        if level > lowest[a]
    ]


def _outer(vectors: list[Ints] | tuple[Ints, ...]) -> Ints:
    """The sum of one entry of each vector, for every choice: an axis for each vector."""
    total = np.zeros((1,) * len(vectors), dtype=np.int64)
    for axis, vector in enumerate(vectors):
        total = total + vector.reshape([-1 if at == axis else 1 for at in range(len(vectors))])
    return total
