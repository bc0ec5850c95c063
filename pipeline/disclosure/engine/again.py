"""A local recoding with its cuts, so that it can be stored; and a stored one taken again on other rows.

Taken again it is only coarser than stored, never finer. Where a class misses a target, it goes back into the
class it left, if that holds with it; if not, with the smallest of those that left with it, where that keeps
more rows than it makes coarser; else it is left out. When more would be left out than may be, cuts are
undone, those first that disturb fewest rows for what they help. So, where the targets say what is usual, who
comes or goes changes nobody else's class while their own meets the targets and not too many others miss them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipeline.disclosure.engine.cuts import NOBODY, Cuts, follow, of_found, tidied, without
from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.judge import Verdict, count, judge
from pipeline.disclosure.engine.local import refine
from pipeline.disclosure.engine.problem import Bools, Problem
from pipeline.disclosure.engine.recode import Recoding
from pipeline.disclosure.engine.unreachable import stored_unreachable, unreachable


@dataclass(frozen=True)
class Stored:
    """A recoding that meets the targets, and the cuts that lead to it again on the same rows."""

    recoding: Recoding
    cuts: Cuts


def anew(problem: Problem) -> Stored:
    """The local recoding of `local.refine`, without the cuts that lead to classes of which nobody is kept.

    Those would tell of persons who were left out. Raises TargetUnreachable where none was found.
    """
    cuts = of_found(problem, refine(problem))
    while True:
        forest = _Forest(problem, cuts)
        verdict = forest.judged(forest.back)
        nobody = (forest.under(np.where(verdict.bad, 0, verdict.sizes)) == 0) & (forest.left != NOBODY)
        if not nobody.any():
            break
        cuts = without(cuts, nobody)
    if forest.left_out(verdict) > problem.most_suppressed:
        raise unreachable(problem)
    return forest.stored(verdict)


def again(problem: Problem, cuts: Cuts) -> Stored:
    """The stored recoding, coarser where it has to be; the same cuts where it has not.

    Raises TargetUnreachable where neither it nor what is coarser was found to meet the targets.
    """
    forest = _Forest(problem, cuts)
    while True:
        forest.go_back()
        if forest.gather():
            continue
        verdict = forest.judged(forest.back)
        too_many = forest.left_out(verdict) - problem.most_suppressed
        if too_many <= 0:
            return forest.stored(verdict)
        if not forest.undo(verdict, too_many):
            raise stored_unreachable(problem)


def placed(problem: Problem, cuts: Cuts) -> Recoding:
    """Where the cuts lead everybody, whether a class meets the targets or not: nobody is left out."""
    forest = _Forest(problem, cuts)
    home = forest.homes(forest.back)[forest.followed.places]
    return Recoding(forest.followed.levels[home], np.ones(len(home), dtype=bool))


class _Forest:
    """The classes of some cuts, of which some have gone back: arrays with an entry for each place.

    `left` is the place that a class left, -1 of one at the coarsest levels, and `cut` in which of its cuts.
    """

    def __init__(self, problem: Problem, cuts: Cuts) -> None:
        self.problem, self.cuts, self.followed = problem, cuts, follow(problem, cuts)
        levels = self.followed.levels
        self.left, self.cut = np.full((2, len(levels)), NOBODY)
        self.back = np.zeros(len(levels), dtype=bool)
        self.mine = slice(len(cuts.roots), len(cuts.roots) + len(cuts.children))
        self.left[self.mine] = [child.of for child in cuts.children]
        self.cut[self.mine] = [child.cut for child in cuts.children]
        self.back[self.mine] = [child.back for child in cuts.children]
        # Each cut goes down one level of one attribute.
        depth = (np.array(problem.top) - levels).sum(axis=1)
        self.by_depth = [np.flatnonzero(depth == each) for each in range(int(depth.max()) + 1)]

    def homes(self, back: Bools) -> Ints:
        """The class of whoever comes to each place, if the classes `back` have gone back."""
        homes = np.arange(len(back))
        for places in self.by_depth[1:]:
            left = self.left[places]
            goes = back[places] | (homes[left] != left)
            homes[places] = np.where(goes, homes[left], places)
        return homes

    def judged(self, back: Bools) -> Verdict:
        """The verdict on the class at each place; one that nobody is in is of size 0."""
        classes = self.homes(back)[self.followed.places]
        return judge(self.problem.crowd, self.problem.targets, classes, len(back))

    def under(self, rows: Ints) -> Ints:
        """The rows of each place and of all that left it, and what left that."""
        total = rows.copy()
        for places in reversed(self.by_depth[1:]):
            np.add.at(total, self.left[places], total[places])
        return total

    def left_out(self, verdict: Verdict) -> int:
        """The rows in classes that miss a target."""
        return int(verdict.sizes.sum(where=verdict.bad))

    def go_back(self) -> None:
        """Let every class that misses a target go back into the one it left, where it is kept so.

        From the finest upwards: a class that would be left out anyway may go back with what came back to it.
        What is not kept in the end stays where it was.
        """
        before = self.back.copy()
        for places in reversed(self.by_depth[1:]):
            now = self.judged(self.back)
            alone = self.under(now.sizes) == now.sizes
            going = places[(now.bad & (now.sizes > 0) & alone)[places]]
            if not len(going):
                continue
            tried = self.back.copy()
            tried[going] = True
            then = self.judged(tried)
            alone = self.under(then.sizes) == then.sizes
            lost = now.bad & alone & (self.left != NOBODY)
            self.back[going] = (~then.bad | lost)[self.left[going]]
        new = self.back & ~before
        self.back[new] = ~self.judged(self.back).bad[self.homes(self.back)[new]]

    def gather(self) -> bool:
        """Let classes of which nobody is kept go back together with others; whether any did.

        From the finest upwards. Each goes back into the class it left, with all that left it, together with
        others that left that one: those of fewest rows first (all of equally many together, so that no name
        decides), until that class holds, as long as fewer rows become coarser so than are kept that were not.
        """
        before = self.back.copy()
        for places in reversed(self.by_depth[1:]):
            now = self.judged(self.back)
            standing = self.homes(self.back) == np.arange(len(self.back))
            rows, kept = (self.under(each) for each in (now.sizes, np.where(now.bad, 0, now.sizes)))
            lost = places[((rows > 0) & (kept == 0) & standing)[places]]
            if not len(lost):
                continue
            others = places[((kept > 0) & standing)[places]]
            helped = count(self.left[lost], len(kept), rows[lost])
            helped += np.where(now.bad & (helped > 0), now.sizes, 0)
            others = others[np.lexsort((kept[others], self.left[others]))]
            self._gather(lost, others, kept, helped)
        return bool((self.back != before).any())

    def _gather(self, lost: Ints, others: Ints, kept: Ints, helped: Ints) -> None:
        """`gather` of the classes `lost` of one depth, with `others` in their order.

        By place, `kept` are the rows that would become coarser, and `helped` those of what they left that
        would be kept.
        """
        turn, disturbed = _turns(self.left[others], kept[others])
        may = disturbed < helped[self.left[others]]
        others, turn = others[may], turn[may]
        waits = np.zeros(len(self.back), dtype=bool)
        waits[self.left[lost]] = True
        for each in range(int(turn.max(initial=-1)) + 1):
            going = np.concatenate([lost, others[turn <= each]])
            going = going[waits[self.left[going]]]
            tried = self.back.copy()
            tried[going] = True
            done = going[~self.judged(tried).bad[self.left[going]]]
            self.back[done] = True
            waits[self.left[done]] = False

    def undo(self, verdict: Verdict, too_many: int) -> bool:
        """Undo cuts until so many rows more may be kept; whether there was one to undo.

        Of a class that misses a target it is its last cut, or else the one it left in. Those go first that
        disturb fewest rows for each that is helped.
        """
        standing = (self.left != NOBODY) & (self.homes(self.back) == np.arange(len(self.back)))
        under = self.under(verdict.sizes)
        filled = np.flatnonzero(standing & (under > 0))
        last = np.full(len(self.back), NOBODY)
        np.maximum.at(last, self.left[filled], self.cut[filled])
        bad = np.flatnonzero(verdict.bad & (verdict.sizes > 0) & (standing | (last != NOBODY)))
        if not len(bad):
            return False
        width = int(self.cut.max()) + 1
        key = np.where(last[bad] == NOBODY, self._key(bad, width), bad * width + last[bad])
        cuts, of = np.unique(key, return_inverse=True)
        helped = np.bincount(of, weights=verdict.sizes[bad])
        keys = self._key(filled, width)
        there = np.isin(keys, cuts)
        rows = under[filled[there]]
        disturbed = np.bincount(np.searchsorted(cuts, keys[there]), weights=rows, minlength=len(cuts))
        order = np.lexsort((cuts, disturbed / helped))
        enough = int(np.searchsorted(np.cumsum(helped[order]), too_many)) + 1
        self.back |= standing & np.isin(self._key(np.arange(len(self.back)), width), cuts[order[:enough]])
        return True

    def _key(self, places: Ints, width: int) -> Ints:
        """One number for the cut in which each place left."""
        key: Ints = self.left[places] * width + self.cut[places]
        return key

    def stored(self, verdict: Verdict) -> Stored:
        """The recoding as it stands, and its cuts."""
        home = self.homes(self.back)[self.followed.places]
        children = tuple(
            child._replace(back=back)
            for child, back in zip(self.cuts.children, self.back[self.mine].tolist(), strict=True)
        )
        recoding = Recoding(self.followed.levels[home], ~verdict.bad[home])
        return Stored(recoding, tidied(replace(self.cuts, children=children)))


def _turns(of: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """For classes sorted by `of` and then by size: the turn of each, and the rows up to and with that turn.

    Those of one size take one turn; turns are numbered from 0 in each group of `of`.
    """
    if not len(of):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    begins = np.concatenate([[True], of[1:] != of[:-1]])
    new = begins | np.concatenate([[True], sizes[1:] != sizes[:-1]])
    step, group = np.cumsum(new) - 1, np.cumsum(begins) - 1
    rows = np.cumsum(sizes)
    last = np.concatenate([np.flatnonzero(new)[1:] - 1, [len(of) - 1]])  # the last class of each turn
    before = np.concatenate([[0], rows])[np.flatnonzero(begins)]
    return step - step[np.flatnonzero(begins)][group], rows[last][step] - before[group]
