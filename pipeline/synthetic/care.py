"""Leave to care for a newborn child, and the day somebody truly left the programme because of it.

Who ends the programme during such leave and does not return belongs to the day the leave ends (facts §0.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.life import CARE_CODE
from pipeline.synthetic.people import People
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.streams import NEVER, Ints, Mask, Streams

CHILDBEARING = (18, 44)
TAKES_LEAVE = 0.07  # of women's programmes, within the programme
LONG_ENOUGH = 240  # days: shorter programmes have no leave within them


@dataclass(frozen=True)
class CareLeave:
    """A row a leave: which programme (position), first and last day."""

    programme: Ints
    start: Ints
    end: Ints
    at_exit: Mask  # the programme ended during it


def care_leave(streams: Streams, people: People, programmes: Programmes, as_of: int) -> CareLeave:
    """Leave within the programme for some women, across its end for those who left to give birth."""
    generator = streams.of("care leave")
    size = programmes.size
    luck, days = generator.random((3, size)), generator.integers(60, 250, size)
    before = generator.integers(5, 90, size)
    age = (programmes.start - people.birth[programmes.person]) / 365.25
    mothers = ~people.male[programmes.person] & (age >= CHILDBEARING[0]) & (age <= CHILDBEARING[1])
    at_exit = mothers & (programmes.end < NEVER) & (programmes.exit_code == CARE_CODE)
    until = np.minimum(programmes.end, as_of)
    length = until - programmes.start
    within = mothers & ~at_exit & (length > LONG_ENOUGH) & (luck[0] < TAKES_LEAVE)
    inside = programmes.start + 20 + (luck[1] * (length - 220)).astype(np.int64)
    start = np.where(at_exit, np.maximum(programmes.end - before, programmes.start), inside)
    end = np.where(at_exit, programmes.end + days, inside + np.minimum(days, 150))
    end = np.minimum(end, people.leaves[programmes.person])
    there = np.flatnonzero((at_exit | within) & (end > start))
    return CareLeave(there, start[there], end[there], at_exit[there])


def left_on(programmes: Programmes, leave: CareLeave, as_of: int) -> Ints:
    """The day each programme counts as left; NEVER while it, or the leave it ended in, still goes on."""
    last_start = np.zeros(int(programmes.person.max()) + 1, dtype=np.int64)
    np.maximum.at(last_start, programmes.person, programmes.start)
    left = programmes.end.copy()
    returned = last_start[programmes.person[leave.programme]] > programmes.start[leave.programme]
    joins = leave.at_exit & ~returned
    ends = np.where(leave.end <= as_of, leave.end, NEVER)
    left[leave.programme[joins]] = ends[joins]
    return left
