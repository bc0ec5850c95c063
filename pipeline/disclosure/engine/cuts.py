"""The cuts of a local recoding by their labels: a forest that can be stored, and followed by other rows.

Of persons nothing stands in it but the labels that their classes have. Where its file stands, and what
happens when a class that is found by it misses a target (`again`), does not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.local import Births, LocalRecoding
from pipeline.disclosure.engine.problem import Bools, Problem
from pipeline.disclosure.engine.unreachable import coarsest

NOBODY = -1


class Child(NamedTuple):
    """A class that left another.

    `of` is the place of the class it left, `cut` which of that class's cuts it left in, from 0. It has the
    value `value` of the attribute `by`, one level below what it left, and is otherwise like it. Where it has
    gone `back`, its rows are of the class it left, and take no part in that one's later cuts.
    """

    of: int
    cut: int
    by: str
    value: str
    back: bool = False


@dataclass(frozen=True)
class Cuts:
    """The classes at the coarsest levels that were cut, and every class that left another.

    `roots` are the labels of the first, in the order of `variables`. A class is known by its place among the
    roots and then the children; what a class left stands before it.
    """

    variables: tuple[str, ...]
    roots: tuple[tuple[str, ...], ...]
    children: tuple[Child, ...]

    @property
    def parents(self) -> Ints:
        """The place of what each class left, -1 of a root."""
        return np.array([NOBODY] * len(self.roots) + [child.of for child in self.children], dtype=np.int64)


@dataclass(frozen=True)
class Followed:
    """Where each combination comes to, and the levels of each place, a column for each attribute.

    Behind the places of the cuts stand those of classes at the coarsest levels that were never cut.
    """

    places: Ints
    levels: npt.NDArray[np.int8]


def of_found(problem: Problem, found: LocalRecoding) -> Cuts:
    """The cuts that a local recoding was found by."""
    births = found.births
    left = np.flatnonzero(births.parent != NOBODY)
    first = len(births.parent) - len(left)
    cut = sorted({parent for parent in births.parent[left].tolist() if parent < first})
    place = {root: at for at, root in enumerate(cut)} | {
        number: len(cut) + at for at, number in enumerate(left.tolist())
    }
    labels, names = _labels(problem, births), tuple(attribute.name for attribute in problem.attributes)
    children = tuple(
        Child(place[parent], number, names[by], labels[at])
        for at, parent, number, by in zip(
            left.tolist(),
            births.parent[left].tolist(),
            births.round[left].tolist(),
            births.by[left].tolist(),
            strict=True,
        )
    )
    return tidied(Cuts(names, _tops(problem, births.member[cut]), children))


def _labels(problem: Problem, births: Births) -> dict[int, str]:
    """What each class that left another is called at its level of what it was cut by."""
    labels = {}
    for at, attribute in enumerate(problem.attributes):
        known, mine = attribute.hierarchy, np.flatnonzero(births.by == at)
        levels = births.level[mine]
        codes = known.codes[levels, attribute.leaves[births.member[mine]]]
        for one, level, code in zip(mine.tolist(), levels.tolist(), codes.tolist(), strict=True):
            labels[one] = known.labels[level][code]
    return labels


def _tops(problem: Problem, members: Ints) -> tuple[tuple[str, ...], ...]:
    """The labels of these combinations with every attribute at its coarsest level."""
    columns = [
        [a.hierarchy.labels[-1][code] for code in a.hierarchy.codes[-1, a.leaves[members]].tolist()]
        for a in problem.attributes
    ]
    return tuple(zip(*columns, strict=True))


def tidied(cuts: Cuts) -> Cuts:
    """The same cuts in the one order there is for them, without what decides nothing any more.

    What left a class that has gone back is left out; so is a class that has gone back where no later cut
    could take its rows, and a root that is not cut. Ordered by labels, cuts of a class numbered from 0.
    """
    below = _below(cuts)
    roots = sorted((cuts.roots[place], place) for place in range(len(cuts.roots)) if _deciding(below[place]))
    queue = [place for _, place in roots]
    children: list[Child] = []
    for new, place in enumerate(queue):
        kept = _deciding(below[place])
        number = {cut: at for at, cut in enumerate(sorted({child.cut for _, child in kept}))}
        for old, child in sorted(kept, key=lambda each: (each[1].cut, each[1].value)):
            children.append(child._replace(of=new, cut=number[child.cut]))
            queue.append(old)
            if child.back:
                below[old] = []
    return Cuts(cuts.variables, tuple(labels for labels, _ in roots), tuple(children))


def without(cuts: Cuts, gone: Bools) -> Cuts:
    """The cuts without the children at the places `gone`, of which none has a child that stays.

    Their rows follow the cuts that are left.
    """
    first = len(cuts.roots)
    kept = [(place, child) for place, child in enumerate(cuts.children, first) if not gone[place]]
    new = dict(enumerate(range(first))) | {place: at for at, (place, _) in enumerate(kept, first)}
    return tidied(replace(cuts, children=tuple(child._replace(of=new[child.of]) for _, child in kept)))


def _below(cuts: Cuts) -> dict[int, list[tuple[int, Child]]]:
    """The classes that left each class, with their places."""
    below: dict[int, list[tuple[int, Child]]] = defaultdict(list)
    for place, child in enumerate(cuts.children, len(cuts.roots)):
        below[child.of].append((place, child))
    return below


def _deciding(below: list[tuple[int, Child]]) -> list[tuple[int, Child]]:
    last = max((child.cut for _, child in below if not child.back), default=NOBODY)
    return [(place, child) for place, child in below if not child.back or child.cut < last]


def follow(problem: Problem, cuts: Cuts) -> Followed:
    """Let every combination follow the cuts, as far as they go; who has gone back is told by `Child.back`.

    A class is cut by its cuts in their order; who has none of a cut's values stays for the next. A value
    that no combination has is passed over. Raises ValueError where the cuts are not of these hierarchies.
    """
    levels = _levels(problem, cuts)
    places, levels, waiting = _start(problem, cuts, levels)
    numbers = [
        [{label: code for code, label in enumerate(level)} for level in a.hierarchy.labels]
        for a in problem.attributes
    ]
    below = _below(cuts)
    while waiting:
        place, rows = waiting.pop()
        for _, together in groupby(sorted(below[place], key=_cut), key=_cut):
            step = list(together)
            at = cuts.variables.index(step[0][1].by)
            level = int(levels[step[0][0], at])
            names = numbers[at][level]
            table = np.full(len(names), NOBODY)
            for number, (_, child) in enumerate(step):
                if child.value in names:
                    table[names[child.value]] = number
            attribute = problem.attributes[at]
            went = table[attribute.hierarchy.codes[level, attribute.leaves[rows]]]
            order = np.argsort(went, kind="stable")
            parts = np.split(rows[order], np.searchsorted(went[order], np.arange(len(step))))
            rows = parts[0]
            waiting += [(to, part) for (to, _), part in zip(step, parts[1:], strict=True) if len(part)]
        places[rows] = place
    return Followed(places, levels)


def _cut(one: tuple[int, Child]) -> int:
    return one[1].cut


def _levels(problem: Problem, cuts: Cuts) -> npt.NDArray[np.int8]:
    """The levels of each class of the cuts."""
    if cuts.variables != tuple(attribute.name for attribute in problem.attributes):
        raise ValueError("the cuts are of other variables")
    levels = np.tile(np.array(problem.top, dtype=np.int8), (len(cuts.roots) + len(cuts.children), 1))
    for place, child in enumerate(cuts.children, len(cuts.roots)):
        levels[place] = levels[child.of]
        levels[place, cuts.variables.index(child.by)] -= 1
    if levels.min(initial=0) < 0:
        raise ValueError("the cuts go below the finest level")
    return levels


def _start(
    problem: Problem, cuts: Cuts, levels: npt.NDArray[np.int8]
) -> tuple[Ints, npt.NDArray[np.int8], list[tuple[int, Ints]]]:
    """The place of each combination at the coarsest levels, the levels of all places, and whom to lead on."""
    classes, number = coarsest(problem)
    _, members = np.unique(classes, return_index=True)
    known = {labels: place for place, labels in enumerate(cuts.roots)}
    tops = _tops(problem, members)
    never_cut = iter(range(len(levels), len(levels) + number))
    place_of = np.array([known[top] if top in known else next(never_cut) for top in tops], dtype=np.int64)
    levels = np.concatenate([levels, np.tile(np.array(problem.top, dtype=np.int8), (number, 1))])
    order = np.argsort(classes, kind="stable")
    rows = np.split(order, np.searchsorted(classes[order], np.arange(1, number)))
    waiting = [
        (place, part) for place, part in zip(place_of.tolist(), rows, strict=True) if place < len(cuts.roots)
    ]
    return place_of[classes], levels, waiting
