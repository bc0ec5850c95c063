"""The attacker: how far a hidden cell can be moved while every sum and every shown value holds."""

from __future__ import annotations

import highspy
import numpy as np
import numpy.typing as npt

from pipeline.disclosure.suppression.cells import Floats, Ints, Sums
from pipeline.disclosure.suppression.problem import Problem
from pipeline.solver import solver

# The solver's way of numbering columns and lines.
Places = npt.NDArray[np.int32]

# Every movement is counted in what the attacked cell must move by; a cell moves so much at the most. It
# keeps the numbers of one size. A pattern that needs more is taken for unsafe, never the other way round.
FURTHEST = 64.0
# The multipliers of the equations are rounded to it before a cut is made: any multipliers give a true cut.
FINEST_MULTIPLIER = 1e-6
SLACK = 1e-6


class Attack:
    """The attacker's linear programme for one problem, solved again and again with other bounds."""

    def __init__(self, problem: Problem) -> None:
        """The equations are handed over once; every attack starts from the one before."""
        self._problem = problem
        self._size = len(problem.values)
        self._all = np.arange(self._size, dtype=np.int32)
        starts, index, signs = equations(problem.sums)
        self._starts, self._index, self._signs = starts, index, signs
        self._line = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        self._solver = solver()
        nothing = np.zeros(self._size)
        none = np.zeros(0, dtype=np.int32)
        self._solver.addCols(self._size, nothing, nothing, nothing, 0, none, none, np.zeros(0))
        level = np.zeros(len(starts) - 1)
        self._solver.addRows(len(level), level, level, len(index), starts[:-1], index, signs)
        self._aimed = 0

    def run(
        self, hidden: Floats, cell: int, up: bool, insider: int | Ints | None = None
    ) -> tuple[bool, Floats]:
        """Whether `cell` can move as far as it must when `hidden` (1 hidden, 0 shown; or parts) may move.

        If so: by how much each cell moves with it, in what `cell` must move by. If not: coefficients c
        with c @ hidden >= 1 for every pattern in which it can, and c @ hidden < 1 for this one (but for
        the solver's inaccuracy).
        `insider` is a cell whose contributor attacks, or several who attack together: it stands still.
        """
        low, high = self.reach(cell, up)
        if insider is not None:
            low[insider] = high[insider] = 0.0
        lowest, highest = -low * hidden, high * hidden
        lowest[cell], highest[cell] = -FURTHEST, 1.0
        self._aim(cell)
        self._solver.changeColsBounds(self._size, self._all, lowest, highest)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError("the attacker's programme was not solved")
        answer = self._solver.getSolution()
        moved = np.array(answer.col_value)
        if moved[cell] >= 1 - SLACK:
            return True, moved
        multipliers = np.round(np.array(answer.row_dual) / FINEST_MULTIPLIER) * FINEST_MULTIPLIER
        return False, self._cut(cell, multipliers, low, high)

    def open(self, hidden: Floats, cell: int, up: bool, moved: Floats) -> bool:
        """Whether the movement `moved`, an answer of `run` for that cell, is still possible."""
        low, high = self.reach(cell, up)
        low[cell] = high[cell] = FURTHEST
        return bool(((moved >= -low * hidden - SLACK) & (moved <= high * hidden + SLACK)).all())

    def reach(self, cell: int, up: bool) -> tuple[Floats, Floats]:
        """How far each cell, if it is hidden, can move against and with `cell`, in what that must move by."""
        problem = self._problem
        must = (problem.upper if up else problem.lower)[cell]
        down = np.minimum(problem.values / must, FURTHEST)
        most = np.full(self._size, FURTHEST)
        return (down, most) if up else (most, down)

    def _aim(self, cell: int) -> None:
        self._solver.changeColCost(self._aimed, 0.0)
        self._solver.changeColCost(cell, -1.0)
        self._aimed = cell

    def _cut(self, cell: int, multipliers: Floats, low: Floats, high: Floats) -> Floats:
        """What `cell` gains from each other cell's freedom: with all sums level, it moves by no more.

        For movements z with M z = 0 and any multipliers y, z[cell] is (e + M'y) z, where e picks the cell:
        each term is bounded by its cell's freedom, and none counts for more than what is needed.
        """
        gain = np.bincount(self._index, self._signs * multipliers[self._line], minlength=self._size)
        gain[cell] += 1.0
        freedom = np.where(gain > 0, gain * high, -gain * low)
        freedom[cell] = 0.0
        own = 1.0 - gain[cell]
        if own <= SLACK:
            return np.ones(self._size)
        cut: Floats = np.minimum(freedom / own, 1.0)
        return cut


def equations(sums: Sums) -> tuple[Places, Places, Floats]:
    """Each sum as a line of a sparse matrix: its total counts 1, its parts -1 each. Starts, cells, signs."""
    lengths = np.diff(sums.first) + 1
    starts: Places = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    index: Places = np.insert(sums.part, sums.first[:-1], sums.total).astype(np.int32)
    signs: Floats = np.insert(np.full(len(sums.part), -1.0), sums.first[:-1], 1.0)
    return starts, index, signs


def needs(problem: Problem) -> list[tuple[int, bool]]:
    """Every attack that must fail: a sensitive cell, and whether upwards."""
    cells = np.flatnonzero(problem.sensitive).tolist()
    return [
        (cell, up)
        for cell in cells
        for up, must in ((True, problem.upper[cell]), (False, problem.lower[cell]))
        if must > 0
    ]
