"""A local recoding with its cuts, so that it can be stored; and a stored one taken again on other rows.

Taken again it is only coarser than stored, never finer. Where a class misses a target, it goes back into the
class it left, if that holds with it; else it is left out. When more would be left out than may be, cuts are
undone, those first that disturb fewest rows for what they help. So who comes or goes changes nobody else's
class while that class meets the targets and not too many others miss them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipeline.disclosure.engine.cuts import NOBODY, Cuts, follow, of_found, tidied, without
from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.judge import Verdict, judge
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
