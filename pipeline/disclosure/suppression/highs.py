"""Complementary suppression by HiGHS: whole-number programmes, cut until every attack fails.

Fischetti and Salazar's way: the cheapest pattern is sought under the conditions known so far, every
sensitive cell is attacked, and each attack that succeeds gives a condition that the next pattern must
meet. Conditions are first gathered from patterns in parts (cells hidden by a fraction), which are cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np

from pipeline.disclosure.suppression.attack import Attack, Places, equations, needs
from pipeline.disclosure.suppression.cells import Bools, Floats
from pipeline.disclosure.suppression.problem import Problem, Solution, unprotectable
from pipeline.solver import solver

Goal = tuple[int, bool, int | None]
# A condition that a pattern misses by less tells nothing.
WORTH_CUTTING = 1e-4
# Patterns in parts are left when the next is dearer by less: what is still to gain, whole ones must show.
WORTH_GATHERING = 1.004
# From this part on a cell is taken for hidden.
MOSTLY = 0.5
# Sums of more cells get no conditions beforehand: their number grows with the square of it.
LONGEST_SUM = 40
# After so many new conditions another pattern is sought: it costs less than going on attacking an old one.
CONDITIONS_AT_ONCE = 40


@dataclass(frozen=True)
class Highs:
    """The engine. Effort is bounded in counts, never by the clock: the same problem has the same answer.

    `in_parts` patterns in parts from which conditions are gathered; `rounds` whole-number programmes of at
    most `nodes` branches each, and of `iterations` of the simplex in all. Where they do not suffice, what has
    been hidden stays hidden, more is added until every attack fails, what is not needed is shown again as far
    as `attacks` go, and the answer is not called best.
    """

    in_parts: int = 200
    rounds: int = 100
    nodes: int = 1_000
    iterations: int = 20_000
    attacks: int = 2_000

    def suppress(self, problem: Problem) -> Solution:
        """The cheapest cells to hide, or TargetUnreachable where hiding all that may be is not enough."""
        return _Search(problem, self).solve()


class _Search:
    def __init__(self, problem: Problem, effort: Highs) -> None:
        self.problem, self.effort, self.attack = problem, effort, Attack(problem)
        self.goals: list[Goal] = [(cell, up, None) for cell, up in needs(problem)]
        self.goals += [
            (cell, up, int(insider))
            for insider in np.flatnonzero((problem.holder >= 0) & ~problem.known)
            for cell, up in needs(problem)
            if problem.holder[cell] != problem.holder[insider]
        ]
        # A movement that an attacker cannot rule out, and what it is to be multiplied by.
        self.open: dict[Goal, tuple[Floats, float]] = {}
        # The cells whose contributors attack, and whom they can single out of the current pattern together.
        self.held = np.flatnonzero((problem.holder >= 0) & ~problem.known)
        self.all_still: dict[tuple[int, bool], Floats] = {}
        self.together: tuple[bytes, set[tuple[int, bool]]] = b"", set()
        self.attacks = 0
        self.everything = (~problem.known).astype(np.float64)
        self.master = _master(problem, effort)

    def solve(self) -> Solution:
        if lost := int((self.problem.sensitive & self.problem.known).sum()):
            raise unprotectable(lost)
        if not self.problem.sensitive.any():
            return Solution(hidden=self.problem.sensitive.copy(), best=True)
        self._integral(False)
        reached = 0.0
        for _ in range(self.effort.in_parts):
            pattern = self._pattern()
            before, reached = reached, float(pattern @ self.problem.cost)
            if not self._cut(pattern, whole=False) or reached < before * WORTH_GATHERING:
                break
        self._integral(True)
        proven, left = True, self.effort.iterations
        for _ in range(self.effort.rounds):
            pattern = self._pattern()
            left -= self.master.getInfo().simplex_iteration_count
            proven &= self.master.getModelStatus() == highspy.HighsModelStatus.kOptimal
            hidden = pattern > MOSTLY
            if not self._cut(hidden.astype(np.float64)):
                return Solution(hidden, best=proven)
            if left < 0:
                break
        grown = self._grown(hidden)
        return Solution(self._thinned(grown, grown & ~hidden), best=False)

    def _give_up(self, lost: set[Goal]) -> None:
        """Leave goals that fail though everything is hidden; TargetUnreachable for an outsider's.

        What a holder knows by the own share alone no hiding changes: that is no goal.
        """
        cells = {cell for cell, _, insider in lost if insider is None}
        if cells:
            raise unprotectable(len(cells))
        self.goals = [goal for goal in self.goals if goal not in lost]

    def _stands(self, pattern: Floats, goal: Goal) -> tuple[bool, Floats]:
        """Whether the attack on `pattern` fails, as `Attack.run`; a movement found before may tell."""
        cell, up, insider = goal
        found = self.open.get(goal)
        if insider is not None and found is None:
            # What an outsider cannot rule out, an insider cannot either, if the own cell stands still in it.
            found = self.open.get((cell, up, None))
            if found is not None and found[0][insider] != 0:
                found = None
        if found is not None and self.attack.open(pattern, cell, up, found[0] * found[1]):
            return True, found[0]
        if insider is not None and self._stands_together(pattern, cell, up):
            return True, self.all_still[cell, up]
        self.attacks += 1
        stands, answer = self.attack.run(pattern, cell, up, insider)
        if stands:
            self.open[goal] = answer, 1.0
            if insider is None:
                self._share(cell, up, answer)
        return stands, answer

    def _stands_together(self, pattern: Floats, cell: int, up: bool) -> bool:
        """Whether the attack fails though all contributors who are alone pool what they know.

        Then it fails for each of them; it spares an attack by each. Where it succeeds it says nothing.
        """
        moved = self.all_still.get((cell, up))
        if moved is not None and self.attack.open(pattern, cell, up, moved):
            return True
        seen = pattern.tobytes()
        if self.together[0] != seen:
            self.together = seen, set()
        if (cell, up) in self.together[1]:
            return False
        self.attacks += 1
        stands, moved = self.attack.run(pattern, cell, up, self.held[self.held != cell])
        if stands:
            self.all_still[cell, up] = moved
        else:
            self.together[1].add((cell, up))
        return stands

    def _share(self, cell: int, up: bool, moved: Floats) -> None:
        """Keep the movement for other sensitive cells that it moves far enough, and have none yet."""
        must = (self.problem.upper if up else -self.problem.lower)[cell]
        far = moved * must
        for way, needed in ((True, self.problem.upper), (False, self.problem.lower)):
            there = far if way else -far
            for other in np.flatnonzero(self.problem.sensitive & (needed > 0) & (there >= needed)).tolist():
                # As attacks count it: 1 for the cell itself.
                self.open.setdefault((other, way, None), (moved, must / float(far[other])))

    def _cut(self, pattern: Floats, *, whole: bool = True) -> int:
        """Attack `pattern`; every attack that succeeds becomes a condition. How many did.

        An insider's condition is one for every pattern: where the own cell is shown it is the outsider's.
        Where the solver's inaccuracy leaves a condition that a whole pattern meets, another is due: hiding
        less is no better, so at least one more cell must be hidden.
        """
        made, lost = 0, set()
        for goal in list(self.goals):
            if made == CONDITIONS_AT_ONCE:
                # Those that stand wait; the next pattern is attacked where this one was left.
                at = self.goals.index(goal)
                self.goals = self.goals[at:] + self.goals[:at]
                break
            insider = goal[2]
            if insider is not None and pattern[insider] == 0:
                continue  # everybody sees that figure: its contributor knows no more than others
            stands, coefficients = self._stands(pattern, goal)
            if stands:
                continue
            if self.everything @ coefficients < 1 - WORTH_CUTTING or (pattern >= self.everything).all():
                lost.add(goal)
                continue
            if coefficients @ pattern > 1 - WORTH_CUTTING:
                if not whole:
                    continue
                coefficients = ((pattern < MOSTLY) & ~self.problem.known).astype(np.float64)
            self._require(coefficients)
            made += 1
        self._give_up(lost)
        return made

    def _require(self, coefficients: Floats) -> None:
        index = np.flatnonzero(coefficients).astype(np.int32)
        self.master.addRow(1.0, highspy.kHighsInf, len(index), index, coefficients[index])

    def _integral(self, whole: bool) -> None:
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        size = len(self.problem.values)
        every = np.arange(size, dtype=np.int32)
        self.master.changeColsIntegrality(size, every, np.full(size, int(kind), dtype=np.uint8))

    def _pattern(self) -> Floats:
        """The cheapest pattern under the conditions so far; everything where no branch led to one."""
        self.master.run()
        answer = np.array(self.master.getSolution().col_value)
        status = self.master.getInfo().primal_solution_status
        if status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return self.everything
        return answer.clip(0.0, 1.0)

    def _grown(self, hidden: Bools) -> Bools:
        """`hidden` and more, until every attack fails: by patterns in parts, the fullest cells of each."""
        size = len(hidden)
        every = np.arange(size, dtype=np.int32)
        self._integral(False)
        while self._cut(hidden.astype(np.float64)):
            self.master.changeColsBounds(size, every, hidden.astype(np.float64), self.everything)
            more = np.where(hidden, 0.0, self._pattern())
            hidden = hidden | (more >= min(more.max(), MOSTLY))
        return hidden

    def _thinned(self, hidden: Bools, added: Bools) -> Bools:
        """`hidden` without those of `added` that are not needed, the dearest first, then in order."""
        hidden, enough = hidden.copy(), self.attacks + self.effort.attacks
        for cell in np.argsort(-self.problem.cost, kind="stable"):
            if not added[cell] or self.attacks > enough:
                continue
            hidden[cell] = False
            pattern = hidden.astype(np.float64)
            hidden[cell] = not all(self._stands(pattern, goal)[0] for goal in self.goals)
        return hidden


def _master(problem: Problem, effort: Highs) -> highspy.Highs:
    """A column for each cell: 1 hidden, 0 shown. Sensitive ones are hidden, and none alone in its sum."""
    made = solver()
    for option, value in (("mip_rel_gap", 0.0), ("mip_max_nodes", effort.nodes)):
        made.setOptionValue(option, value)
    none = np.zeros(0, dtype=np.int32)
    made.addCols(
        len(problem.values),
        problem.cost,
        problem.sensitive.astype(np.float64),
        (~problem.known).astype(np.float64),
        0,
        none,
        none,
        np.zeros(0),
    )
    starts, index, _ = equations(problem.sums)
    for first, end in pairwise(starts.tolist()):
        if end - first <= LONGEST_SUM:
            _never_alone(made, index[first:end])
    return made


def _never_alone(master: highspy.Highs, cells: Places) -> None:
    """A cell hidden alone in a sum is worked out at once: hiding it is never worth its cost."""
    for at in range(len(cells)):
        signs = np.ones(len(cells))
        signs[at] = -1.0
        master.addRow(0.0, highspy.kHighsInf, len(cells), cells, signs)
