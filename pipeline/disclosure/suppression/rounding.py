"""Controlled rounding: every count to a multiple of a base, and all sums still hold."""

from __future__ import annotations

import highspy
import numpy as np

from pipeline.disclosure.suppression.attack import equations
from pipeline.disclosure.suppression.cells import Ints, Sums
from pipeline.errors import TargetUnreachable
from pipeline.solver import solver

# How many bases beyond its neighbouring multiples a count may move, tried in this order.
FURTHER = (0, 1)


def controlled(counts: Ints, sums: Sums, base: int) -> Ints:
    """The multiples of `base` nearest in all to `counts` that add up; none negative, nothing by chance.

    Each is a neighbour of its count, a multiple itself; where no such table adds up, one base further is
    allowed. TargetUnreachable where even that does not add up.
    """
    if base < 1:
        raise ValueError("counts are rounded to a multiple of 1 or more")
    for further in FURTHER:
        answer = _rounded(counts, sums, base, further)
        if answer is not None:
            return answer
    raise TargetUnreachable(
        f"The counts cannot be rounded to multiples of {base} that add up.",
        instead="No table was made.",
        do="Round fewer tables together, or hide small counts instead.",
    )


def _rounded(counts: Ints, sums: Sums, base: int, further: int) -> Ints | None:
    """Three columns for each cell: up to the next multiple, further up, and further down."""
    below, over = counts // base, counts % base
    up = np.where(over > 0, base - 2 * over, 0)
    cost = np.concatenate([up, np.full(2 * len(counts), base)]).astype(np.float64)
    most = np.concatenate([over > 0, np.full(len(counts), further), np.minimum(below, further)])
    programme = solver()
    programme.setOptionValue("mip_rel_gap", 0.0)
    none = np.zeros(0, dtype=np.int32)
    programme.addCols(
        len(cost), cost, np.zeros(len(cost)), most.astype(np.float64), 0, none, none, np.zeros(0)
    )
    integer = np.full(len(cost), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    programme.changeColsIntegrality(len(cost), np.arange(len(cost), dtype=np.int32), integer)
    starts, index, signs = equations(sums)
    lines = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    level = -np.bincount(lines, signs * below[index], minlength=len(starts) - 1).astype(np.float64)
    thrice = np.concatenate([index, index + len(counts), index + 2 * len(counts)])
    order = np.argsort(np.tile(lines, 3), kind="stable")
    values = np.concatenate([signs, signs, -signs])
    programme.addRows(
        len(level),
        level,
        level,
        len(thrice),
        starts[:-1] * 3,
        thrice[order].astype(np.int32),
        values[order],
    )
    programme.run()
    if programme.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    moved = np.round(np.array(programme.getSolution().col_value)).astype(np.int64).reshape(3, -1)
    answer: Ints = (below + moved[0] + moved[1] - moved[2]) * base
    return answer
