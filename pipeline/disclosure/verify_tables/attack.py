"""The attack by linear programmes: how closely a reader can work out what is hidden or rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import highspy
import numpy as np

from pipeline.disclosure.verify_tables.truth import Behind, Bools, Floats, Needs
from pipeline.disclosure.verify_tables.written import Asked, Ints, System
from pipeline.solver import solver

# What the solver's arithmetic may be off by, in figures.
SLACK = 1e-4


class _Attacker:
    """Knows all sums, and for each cell the least and the most it can be."""

    def __init__(self, system: System, low: Floats, high: Floats) -> None:
        self.size, self.low, self.high = len(low), low, high
        self.programme = solver()
        self.every = np.arange(self.size, dtype=np.int32)
        none, nothing = np.zeros(0, dtype=np.int32), np.zeros(self.size)
        self.programme.addCols(self.size, nothing, low, high, 0, none, none, np.zeros(0))
        for total, parts in dict.fromkeys((total, tuple(parts)) for total, parts in system.lines):
            index = np.array([total, *parts], dtype=np.int32)
            signs = np.array([1.0, *(-1.0 for _ in parts)])
            self.programme.addRow(0.0, 0.0, len(index), index, signs)

    def furthest(self, cell: int, up: bool, aim: float) -> Floats | None:
        """All figures of a table that the attacker holds possible with `cell` furthest, `aim` at the most.

        None where no table is possible.
        """
        old = self.low[cell], self.high[cell]
        bounds = (old[0], min(old[1], aim)) if up else (max(old[0], aim), old[1])
        if bounds[0] > bounds[1]:
            return None
        self.programme.changeColBounds(cell, *bounds)
        self.programme.changeColCost(cell, -1.0 if up else 1.0)
        self.programme.run()
        found = self.programme.getModelStatus() == highspy.HighsModelStatus.kOptimal
        answer = np.array(self.programme.getSolution().col_value) if found else None
        self.programme.changeColCost(cell, 0.0)
        self.programme.changeColBounds(cell, *old)
        return answer


def narrowed(system: System, behind: Behind, known: Bools, needs: Needs, asked: Asked) -> Iterator[str]:
    """Which attacks succeed: an outsider's, and that of whoever stands alone behind a hidden figure."""
    figure, size = behind.figure.astype(np.float64), len(behind.figure)
    if asked.rounded:
        least = np.maximum(system.shown - asked.base + 1, 0).astype(np.float64)
        most = (system.shown + asked.base - 1).astype(np.float64)
        # Where the sums asked for it a figure went one base further, and every reader may think so of all.
        if (np.abs(system.shown - behind.figure) >= asked.base).any():
            least, most = np.maximum(least - asked.base, 0), most + asked.base
        attacker = _Attacker(system, least, most)
        if lost := _too_close(attacker, system, figure, np.flatnonzero(needs.sensitive), asked.least - 1):
            yield f"{lost} small figures can be narrowed to fewer than {asked.least} counts"
        return
    hidden = system.shown < 0
    low, high = np.where(hidden, 0.0, figure), np.where(hidden, highspy.kHighsInf, figure)
    if lost := len(_lost(_Attacker(system, low, high), figure, needs, range(size))):
        yield f"{lost} hidden figures can be narrowed within their protection"
        return
    free = np.where(known, figure, 0.0), np.where(known, figure, highspy.kHighsInf)
    told = set()
    insiders = np.flatnonzero(hidden & (behind.holder >= 0) & (asked.unit is not None))
    pooled = _open_to_all(system, figure, needs, insiders, (low, high))
    for insider in insiders:
        others = np.flatnonzero(needs.sensitive & ~pooled & (behind.holder != behind.holder[insider]))
        bounds = [bound.copy() for bound in (low, high, *free)]
        for bound in bounds:
            bound[insider] = figure[insider]
        cells = _lost(_Attacker(system, bounds[0], bounds[1]), figure, needs, others)
        # What the own figure gives away though nothing is shown, no hiding helps against.
        told |= cells - (
            _lost(_Attacker(system, bounds[2], bounds[3]), figure, needs, others) if cells else cells
        )
    if told:
        yield f"{len(told)} hidden figures can be narrowed by somebody alone behind another"


def _open_to_all(
    system: System, figure: Floats, needs: Needs, insiders: Ints, bounds: tuple[Floats, Floats]
) -> Bools:
    """The sensitive cells that stay open though all `insiders` pool what they know: so they do for each."""
    low, high = (bound.copy() for bound in bounds)
    low[insiders] = high[insiders] = figure[insiders]
    attacker = _Attacker(system, low.copy(), high.copy())
    safe = np.zeros(len(figure), np.bool_)
    for cell in np.flatnonzero(needs.sensitive & (len(insiders) > 0)).tolist():
        attacker.low[cell], attacker.high[cell] = bounds[0][cell], bounds[1][cell]
        safe[cell] = not _lost(attacker, figure, needs, [cell])
        attacker.low[cell], attacker.high[cell] = low[cell], high[cell]
        attacker.programme.changeColBounds(cell, low[cell], high[cell])
    return safe


def _too_close(attacker: _Attacker, system: System, figure: Floats, cells: Ints, width: int) -> int:
    """How many of `cells` can be told to lie in an interval shorter than `width`.

    Every table that is possible, the true one and the one that is shown among them, widens all intervals.
    """
    low, high = np.minimum(figure, system.shown), np.maximum(figure, system.shown)
    close = 0
    for cell in cells.tolist():
        for up in (False, True):
            if high[cell] - low[cell] < width - SLACK:
                found = attacker.furthest(cell, up, float((attacker.high if up else attacker.low)[cell]))
                if found is not None:
                    low, high = np.minimum(low, found), np.maximum(high, found)
        close += bool(high[cell] - low[cell] < width - SLACK)
    return close


def _lost(
    attacker: _Attacker, figure: Floats, needs: Needs, among: Sequence[int] | Ints
) -> set[tuple[int, bool]]:
    """The sensitive cells of `among`, and ways, in which what must remain possible is not.

    A table found possible for one cell may show that others are open too: those need no attack.
    """
    lost = set()
    for up, aims in ((True, figure + needs.upper), (False, figure - needs.lower)):
        left = {int(cell) for cell in among if needs.sensitive[cell] and (up or needs.lower[cell] > 0)}
        while left:
            cell = min(left)
            found = attacker.furthest(cell, up, float(aims[cell]))
            reached = np.zeros(len(aims), np.bool_)
            if found is not None:
                reached = found >= aims - SLACK if up else found <= aims + SLACK
            if not reached[cell]:
                lost.add((cell, up))
            left = {other for other in left if not reached[other]} - {cell}
    return lost
