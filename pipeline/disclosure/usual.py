"""What is usual of a sensitive column: the shares that classes are held against while rows come and go.

They are those of the released rows, in steps so coarse that a few persons more or less are within one: they
tell nothing that the file does not. They are found with a recoding, stored beside it, and taken again as long
as they are near what is released. Of a column with few registered rows, or whose shares do not settle, none
are stored: its classes are held against the whole table of the night.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

import polars as pl

from pipeline.disclosure import registered
from pipeline.disclosure.roles import Roles
from pipeline.disclosure.tables import THRESHOLD
from pipeline.errors import TargetUnreachable

Usual = Mapping[str, Mapping[str, int]]  # of a column by name, of a value as it is written: so many parts
Made = TypeVar("Made")
PARTS = 100
# Shares are told in one of these steps (percents): the least that THRESHOLD rows more or less are within.
STEPS = (1, 2, 5, 10)
# What is stored may be so far (total variation) from what is released now: further, and t would tell little.
MOST_MOVED = Fraction(1, 10)
# So far may steps take shares from what was counted: of many rare values they would tell too little.
MOST_ROUNDED = MOST_MOVED / 2
# So often shares are sought that lead to themselves; then nothing is stored of those columns that do not.
TURNS = 5


@dataclass(frozen=True)
class Settled(Generic[Made]):
    """What was made, the shares it was held against, and which columns' were counted in these very rows."""

    made: Made
    usual: Usual
    anew: tuple[str, ...]


def counted(rows: pl.DataFrame, roles: Roles) -> dict[str, dict[str, int]]:
    """Of each column with a t: the share of each registered value in `rows`, in the step that goes with them.

    Nothing of a column with too few registered rows for a step, or whose shares no step tells nearly.
    """
    found = {name: _told(counts) for name, counts in _counts(rows, roles).items()}
    return {name: parts for name, parts in found.items() if parts}


def settled(
    rows: pl.DataFrame, roles: Roles, make: Callable[[Roles], Made], released: Callable[[Made], pl.DataFrame]
) -> Settled[Made]:
    """What `make` makes of roles with what is usual of every column, and what that is.

    What the roles say is kept while it is near the `released` rows; all else is what can be counted in those.
    A column of which neither holds has nothing usual. Raises TargetUnreachable where `make` does with nothing
    said to be usual.
    """
    kept = {name: dict(column.usual) for name, column in roles.columns.items() if column.usual}
    without: set[str] = set()
    tried, turn = _but(counted(rows, roles) | kept, without), 1
    while True:
        try:
            made = make(roles.with_usual(tried))
        except TargetUnreachable:
            if not tried:
                raise
            # What was stored may be what stands in the way, and then what is counted now.
            without |= set() if kept else set(roles.columns)
            tried, kept = _but(counted(rows, roles), without), {}
            continue
        counts = _counts(released(made), roles)
        kept = {name: parts for name, parts in kept.items() if _stands(parts, counts.get(name, {}))}
        found = _but(counted(released(made), roles) | kept, without)
        if found == tried:
            return Settled(made, tried, tuple(sorted(set(tried) - set(kept))))
        if turn >= TURNS:
            without |= {name for name in {*tried, *found} if tried.get(name) != found.get(name)}
        tried, turn = _but(found, without), turn + 1


def distance(one: Mapping[str, int], other: Mapping[str, int]) -> Fraction:
    """Total variation between two columns of parts, between 0 and 1."""
    whole, of = sum(one.values()), sum(other.values())
    values = {*one, *other}
    gaps = (abs(Fraction(one.get(v, 0), whole) - Fraction(other.get(v, 0), of)) for v in values)
    return sum(gaps, Fraction(0)) / 2


def step_of(rows: int) -> int | None:
    """The step that shares of so many registered rows are told in; None of too few."""
    return next((step for step in STEPS if step * rows >= THRESHOLD * PARTS), None)


def _but(usual: Usual, without: set[str]) -> dict[str, Mapping[str, int]]:
    return {name: parts for name, parts in usual.items() if name not in without}


def _told(counts: Mapping[str, int]) -> dict[str, int]:
    """The shares in steps, without those that are none; empty where they are not to be told."""
    rows = sum(counts.values())
    step = step_of(rows)
    if step is None:
        return {}
    parts = {value: (2 * PARTS * n + step * rows) // (2 * step * rows) * step for value, n in counts.items()}
    parts = {value: part for value, part in parts.items() if part}
    return parts if parts and distance(parts, counts) <= MOST_ROUNDED else {}


def _stands(parts: Mapping[str, int], counts: Mapping[str, int]) -> bool:
    """Whether stored shares may stand beside rows with these counts.

    They are not finer than that many rows are told in, of values that somebody has, and not too far away.
    """
    step = step_of(sum(counts.values()))
    if step is None or not parts.keys() <= counts.keys() or any(part % step for part in parts.values()):
        return False
    return distance(parts, counts) <= MOST_MOVED


def _counts(rows: pl.DataFrame, roles: Roles) -> dict[str, dict[str, int]]:
    """The registered values of each column with a t, and how many rows have them, ordered by value."""
    with_t = [name for name, column in roles.columns.items() if column.t is not None]
    found = {name: dict(registered.counted(rows[name], roles.blank).rows()) for name in with_t}
    return {name: counts for name, counts in found.items() if counts}
