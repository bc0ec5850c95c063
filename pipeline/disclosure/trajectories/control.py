"""Courses that may leave: time coarsened first, then events, and what still singles out is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy
from pipeline.disclosure.trajectories.events import (
    EVENT,
    HOUSEHOLD,
    ITEM,
    MONTH,
    PERIOD,
    PERSON,
    Step,
    coarsened,
    items,
)
from pipeline.disclosure.trajectories.uniqueness import rare
from pipeline.errors import RequestRefused, TargetUnreachable

STEPS = (Step.MONTH, Step.QUARTER, Step.YEAR, Step.WHOLE)


@dataclass(frozen=True)
class Target:
    """Every combination of at most `m` events is shared by persons of `k` households or more.

    At most the share `suppression` of the events may be left out for it.
    """

    k: int
    m: int
    suppression: float

    def __post_init__(self) -> None:
        """ValueError for a target that asks for nothing or more than everything."""
        if self.k < 1 or self.m < 1 or not 0 <= self.suppression < 1:
            raise ValueError("k and m are 1 or more, and the suppression is a share below 1")


@dataclass(frozen=True)
class Controlled:
    """Events as they may leave: `person`, `event`, `period` (steps from the start; null for WHOLE).

    `step` and `level` (of the events' hierarchy) are the finest at which the target is met; `suppressed`
    is the share of the events left out.
    """

    events: pl.DataFrame
    step: Step
    level: int
    suppressed: float


def controlled(
    events: pl.DataFrame,
    target: Target,
    *,
    hierarchy: Hierarchy | None = None,
    steps: Sequence[Step] = STEPS,
) -> Controlled:
    """The finest telling of `events` that meets the target: coarser time is tried before coarser events.

    `events` as `events.gathered` makes them; `hierarchy` has every event as a leaf. An event is left out
    of a person's course when it is the rarest of a combination that too few share; nothing else of the
    person changes. The answer depends on no order and no name of persons. TargetUnreachable where the
    coarsest telling leaves out too much; RequestRefused where an event stands in no hierarchy.
    """
    ladder = list(_ladder(steps, hierarchy))
    for step, level in ladder:
        told = coarsened(_named(events, hierarchy, level), step)
        # Of the coarsest telling it is worked out to the end how much would have to go: the refusal says it.
        most = told.height if (step, level) == ladder[-1] else int(target.suppression * told.height)
        kept = _left(told, target, most)
        gone = 1 - kept.height / told.height if told.height else 0.0
        if gone <= target.suppression:
            answer = kept.select(PERSON, EVENT, PERIOD).sort(PERSON, PERIOD, EVENT)
            return Controlled(answer, step, level, gone)
    raise TargetUnreachable(
        f"Told as coarsely as it can be, {gone:.1%} of the events would have to be left out for every "
        f"combination of {target.m} to be shared by {target.k} households; "
        f"{target.suppression:.1%} is allowed.",
        instead="Nothing was written.",
        do="Leave out a kind of event, give the events a coarser hierarchy, or expect fewer to be known.",
    )


def _ladder(steps: Sequence[Step], hierarchy: Hierarchy | None) -> Iterator[tuple[Step, int]]:
    """Coarser time first at the events' finest level, then coarser events at the coarsest time."""
    yield from ((step, 0) for step in steps)
    yield from ((steps[-1], level) for level in range(1, hierarchy.levels if hierarchy else 1))


def _named(events: pl.DataFrame, hierarchy: Hierarchy | None, level: int) -> pl.DataFrame:
    if hierarchy is None:
        return events
    above = {
        leaf: hierarchy.labels[level][code]
        for leaf, code in zip(hierarchy.leaves, hierarchy.codes[level], strict=True)
    }
    if not events[EVENT].is_in(list(above)).all():
        raise RequestRefused(
            f"An event stands in no line of the hierarchy of {hierarchy.name}.",
            instead="Nothing was coarsened.",
            do="Give every event a line of its own.",
        )
    return events.with_columns(pl.col(EVENT).replace_strict(above, return_dtype=pl.String))


def _left(told: pl.DataFrame, target: Target, most: int) -> pl.DataFrame:
    """`told` without the events that make a combination rare, until none is, or more than `most` are gone.

    What is left out of one course makes what it shared with others rarer: so the measure is taken again, of
    the combinations with an item that somebody has lost; the others are shared by as many as before. Of
    several equal events in one period the last are lost first: they are the rarer items.
    """
    ordered = told.select(PERSON, HOUSEHOLD, EVENT, MONTH, PERIOD).sort(PERSON, PERIOD, MONTH, EVENT)
    held, lost = items(ordered), None
    while told.height - held.height <= most:
        unsafe = rare(held, k=target.k, m=target.m, among=lost)
        if not unsafe.height:
            break
        lost = unsafe.get_column(ITEM).unique()
        held = held.join(unsafe.select(PERSON, ITEM).unique(), on=[PERSON, ITEM], how="anti")
    return ordered.with_row_index("row").join(held.select("row"), on="row", how="semi").drop("row")
