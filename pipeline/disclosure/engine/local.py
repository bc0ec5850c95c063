"""Local recoding: levels that may differ from class to class, found from the top down.

It starts with every attribute at its coarsest level and cuts all classes at once, in array operations. A
class is cut by one attribute: each child value that makes a class of its own meets the targets, the other
children stay behind at the parent's value. A class that misses a target and may have parts that meet it is
cut into those; who is in no class that meets them in the end is left out. It is greedy: the answer is good,
not optimal, and where it finds none there may be one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.judge import Verdict, judge
from pipeline.disclosure.engine.problem import Attribute, Bools, Codes, Crowd, Problem
from pipeline.disclosure.engine.targets import Targets
from pipeline.disclosure.engine.unreachable import coarsest, unreachable

# A cut is worth what it gains, divided by the root of how much it scatters the class (the chance that two of
# its rows part) and this much: whoever scatters first has nothing left to cut later. Set by trying.
LEAST_SCATTER = 0.02
# So many places for children are looked at together: it bounds the memory where classes are many.
MOST_PLACES = 2**23
_STAYS = -1


@dataclass(frozen=True)
class Births:
    """How the classes came about, those of the coarsest levels first: an entry for each class.

    `member` is a combination that was in it then. Of a class that left another: `parent`, the attribute it
    was cut `by` (its place), its `level` of that, and the `round` it happened in; -1 of the first classes.
    """

    member: Ints
    parent: Ints
    by: Ints
    level: Ints
    round: Ints


@dataclass(frozen=True)
class LocalRecoding:
    """For each combination its class (-1: left out) and its level of each attribute, a column each."""

    classes: Ints
    levels: npt.NDArray[np.int8]
    cost: int
    suppressed: int
    births: Births


@dataclass(frozen=True)
class _Rungs:
    """Of one attribute: each leaf's number among its siblings, and what stepping down to it gains.

    Both by level and leaf; stepping down from level 0 is impossible and stands as 0.
    """

    sibling: Ints
    gain: Ints
    width: int


@dataclass(frozen=True)
class _Cut:
    """A possible cut of every class by one attribute: its worth (-1: impossible), and which children leave.

    `place` is class * width + sibling for each combination, `leaves` one entry for each such place.
    """

    worth: npt.NDArray[np.float64]
    place: Ints
    leaves: Bools


def refine(problem: Problem) -> LocalRecoding:
    """A local recoding that meets the targets; TargetUnreachable when none was found."""
    classes, number = coarsest(problem)
    verdict = judge(problem.crowd, problem.targets, classes, number)
    start = np.where(verdict.hopeless[classes], _STAYS, classes)
    levels = np.tile(np.array(problem.top, dtype=np.int8), (number, 1))
    _, first = np.unique(classes, return_index=True)
    classes, levels, births = _cut_all(problem, start, levels, _first(first))
    if len(verdict.torn):
        bad = judge(problem.crowd, problem.targets, classes + 1, len(levels) + 1).bad[classes + 1]
        classes = np.where(bad, _STAYS, classes)
    out = classes == _STAYS
    suppressed = int(problem.crowd.counts[out].sum())
    if suppressed > problem.most_suppressed:
        raise unreachable(problem)
    by_combination = levels[classes]
    by_combination[out] = problem.top
    return LocalRecoding(classes, by_combination, _cost(problem, by_combination, out), suppressed, births)


def _first(member: Ints) -> Births:
    nowhere = np.full(len(member), _STAYS)
    return Births(member, nowhere, nowhere, nowhere, nowhere)


def _cut_all(
    problem: Problem, classes: Ints, levels: npt.NDArray[np.int8], first: Births
) -> tuple[Ints, npt.NDArray[np.int8], Births]:
    """Cut every class until none can be: the class of each combination, and the levels of each class."""
    births = [first]
    rungs = [_rungs(attribute) for attribute in problem.attributes]
    together = max(MOST_PLACES // max(rung.width for rung in rungs), 1)
    classes, waiting = classes.copy(), np.unique(classes[classes >= 0])
    while len(waiting):
        active, waiting = waiting[:together], waiting[together:]
        here = np.zeros(len(levels) + 1, dtype=np.int64)  # the last place is class -1's
        here[active] = np.arange(1, len(active) + 1)
        rows = np.flatnonzero(here[classes])
        inside = here[classes[rows]] - 1
        cut_by, new = _one_cut(problem, rungs, rows, inside, levels[active])
        moved = new >= 0
        parents = np.zeros(int(new.max(initial=_STAYS)) + 1, dtype=np.int64)
        parents[new[moved]] = inside[moved]
        member = np.zeros_like(parents)
        member[new[moved]] = rows[moved]
        classes[rows[moved]] = new[moved] + len(levels)
        below = levels[active[parents]]
        by = cut_by[parents]
        below[np.arange(len(parents)), by] -= 1
        level = below[np.arange(len(parents)), by].astype(np.int64)
        births.append(Births(member, active[parents], by, level, np.full(len(parents), len(births))))
        born = np.arange(len(levels), len(levels) + len(parents))
        levels = np.concatenate([levels, below])
        # What stayed behind may still be cut by another attribute.
        left = np.zeros(len(active), dtype=bool)
        left[inside[~moved]] = True
        waiting = np.concatenate([waiting, active[left & (cut_by >= 0)], born])
    return classes, levels, _joined(births)


def _joined(births: list[Births]) -> Births:
    columns = (np.concatenate([getattr(one, field.name) for one in births]) for field in fields(Births))
    return Births(*columns)


def _one_cut(
    problem: Problem, rungs: list[_Rungs], rows: Ints, inside: Ints, levels: npt.NDArray[np.int8]
) -> tuple[Ints, Ints]:
    """Cut each class by the attribute that is worth most, the first of equals.

    Returned: each class's attribute, or -1; and each row's new class, numbered from 0, or -1 if it stays.
    """
    crowd = problem.crowd.only(rows)
    number = len(levels)
    torn = judge(crowd, problem.targets, inside, number).bad
    best, cut_by = np.full(number, -1.0), np.full(number, _STAYS)
    new, born = np.full(len(rows), _STAYS), 0
    cuts = []
    for at, (attribute, rung) in enumerate(zip(problem.attributes, rungs, strict=True)):
        level = levels[:, at].astype(np.int64)
        cut = _cut(crowd, problem.targets, rung, attribute.leaves[rows], level, inside, torn)
        better = cut.worth > best
        best[better], cut_by[better] = cut.worth[better], at
        cuts.append(cut)
    for at, (cut, rung) in enumerate(zip(cuts, rungs, strict=True)):
        leaves = cut.leaves & np.repeat(cut_by == at, rung.width)
        names = np.where(leaves, np.cumsum(leaves) - 1 + born, _STAYS)
        new = np.maximum(new, names[cut.place])
        born += int(leaves.sum())
    return cut_by, new


def _cut(
    crowd: Crowd, targets: Targets, rung: _Rungs, leaves: Codes, level: Ints, inside: Ints, torn: Bools
) -> _Cut:
    """What cutting every class by one attribute would give. `level` is each class's, `leaves` each row's.

    The classes `torn` miss a target as they are.
    """
    number = len(level)
    row_level = level[inside]
    place = inside * rung.width + rung.sibling[row_level, leaves]
    verdict = judge(crowd, targets, place, number * rung.width)
    sizes = verdict.sizes.reshape(number, rung.width)
    good = ~verdict.bad.reshape(sizes.shape) & (level > 0)[:, None]
    go = _with_a_rest_that_holds(crowd, targets, sizes, good & ~torn[:, None], place, inside)
    gain = np.zeros(sizes.size, dtype=np.int64)
    gain[place] = rung.gain[row_level, leaves]
    worth = np.where(go.any(axis=1), _worth(sizes, go, gain.reshape(sizes.shape)), -1.0)
    if torn.any():
        broken = _broken_rest(crowd, targets, sizes, good, place, inside)
        go_torn, worth_torn = _rescue(verdict, good, broken, level)
        go = np.where(torn[:, None], go_torn, go)
        worth = np.where(torn, worth_torn, worth)
    return _Cut(worth, place, go.ravel())


def _rescue(
    verdict: Verdict, good: Bools, broken: Bools, level: Ints
) -> tuple[Bools, npt.NDArray[np.float64]]:
    """Of classes that miss a target: the children that leave, and what the cut is worth.

    The children `good` leave, whatever becomes of the rest (`broken`: it misses a target), and the worth is
    the rows that meet the targets then. Where no child is good, those leave that may have parts that are,
    and the worth, below 1, is the share of rows that may be kept so.
    """
    sizes = verdict.sizes.reshape(good.shape)
    rows = sizes.sum(axis=1)
    leaving = np.where(good, sizes, 0).sum(axis=1)
    kept = leaving + np.where(broken, 0, rows - leaving)
    hope = verdict.sizes.copy()
    hope[verdict.torn] -= verdict.forced
    open_children = ~verdict.hopeless.reshape(good.shape) & (level > 0)[:, None]
    may_keep = np.where(open_children, np.maximum(hope.reshape(good.shape), 0), 0).sum(axis=1)
    some: Bools = good.sum(axis=1) > 0
    worth = np.where(some, kept, may_keep / (rows + 1))
    go: Bools = np.where(some[:, None], good, open_children)
    return go, np.where(go.any(axis=1), worth, -1.0)


def _with_a_rest_that_holds(
    crowd: Crowd, targets: Targets, sizes: Ints, go: Bools, place: Ints, inside: Ints
) -> Bools:
    """The children that may leave so that those who stay meet the targets too.

    Where they do not, the smallest children that could leave stay as well (all of equal size, so that no
    name decides); if that does not help, none leaves.
    """
    broken = _broken_rest(crowd, targets, sizes, go, place, inside)
    if not broken.any():
        return go
    smallest = np.where(go, sizes, np.iinfo(np.int64).max).min(axis=1)
    go = go & ~(broken[:, None] & (sizes <= smallest[:, None]))
    still: Bools = _broken_rest(crowd, targets, sizes, go, place, inside)
    return go & ~still[:, None]


def _broken_rest(crowd: Crowd, targets: Targets, sizes: Ints, go: Bools, place: Ints, inside: Ints) -> Bools:
    """The classes some children of which leave, and in which those who stay miss a target."""
    number = len(sizes)
    rest = np.where(go, 0, sizes).sum(axis=1)
    parted = go.any(axis=1) & (rest > 0)
    if not targets.sensitive and crowd.homes is None:
        small: Bools = parted & (rest < targets.k)
        return small
    stay = np.where(go.ravel()[place], number, inside)  # those who leave are put into a class of their own
    sized = np.append(rest, sizes.sum() - rest.sum())
    verdict = judge(crowd, targets, stay, number + 1, sized)
    broken: Bools = parted & verdict.bad[:number]
    return broken


def _worth(sizes: Ints, go: Bools, gain: Ints) -> npt.NDArray[np.float64]:
    # Sums over siblings are of whole numbers: in fractions the order of names would decide a tie.
    rows = sizes.sum(axis=1)
    leaving = np.where(go, sizes, 0)
    rest = rows - leaving.sum(axis=1)
    scatter = 1.0 - ((leaving * leaving).sum(axis=1) + rest * rest) / (rows * rows)
    worth: npt.NDArray[np.float64] = (leaving * gain).sum(axis=1) / rows
    worth /= np.sqrt(np.maximum(scatter, 0.0) + LEAST_SCATTER)
    return worth


def _rungs(attribute: Attribute) -> _Rungs:
    codes = attribute.hierarchy.codes
    sibling, gain = np.zeros_like(codes), np.zeros_like(attribute.cost)
    gain[1:] = attribute.cost[1:] - attribute.cost[:-1]
    for level in range(1, len(codes)):
        pairs, at = np.unique(np.stack([codes[level], codes[level - 1]]), axis=1, return_inverse=True)
        first = np.searchsorted(pairs[0], pairs[0])
        sibling[level] = (np.arange(pairs.shape[1]) - first)[at.ravel()]
    return _Rungs(sibling, gain, int(sibling.max()) + 1)


def _cost(problem: Problem, levels: npt.NDArray[np.int8], out: Bools) -> int:
    counts = problem.crowd.counts
    total = 0
    for at, attribute in enumerate(problem.attributes):
        cell = np.where(out, attribute.suppressed, attribute.cost[levels[:, at], attribute.leaves])
        total += int(cell @ counts)
    return total
