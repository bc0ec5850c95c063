"""What is usual of a sensitive column: the shares that classes are held against while rows come and go.

They are those of the released rows, in whole percents, so that they tell nothing that the file does not. They
are found with a recoding, stored beside it, and taken again as long as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

import polars as pl

from pipeline.disclosure.roles import Roles
from pipeline.errors import TargetUnreachable

Usual = Mapping[str, Mapping[str, int]]  # of a column by name, of a value as it is written: so many parts
Made = TypeVar("Made")
PARTS = 100
# What is stored may be so far (total variation) from what is released now: further, and t would tell little.
MOST_MOVED = Fraction(1, 10)
# So often exactly the released shares are sought; then one percent more of room in each turn.
EXACT_TURNS = 3


def counted(rows: pl.DataFrame, roles: Roles) -> dict[str, dict[str, int]]:
    """Of each column with a t that has registered values in `rows`: the share of each, in whole percents."""
    found = {}
    for name, counts in _counts(rows, roles).items():
        whole = sum(counts.values())
        parts = {value: (2 * PARTS * n + whole) // (2 * whole) for value, n in counts.items()}
        found[name] = {value: part for value, part in parts.items() if part}
    return {name: parts for name, parts in found.items() if parts}


def settled(
    rows: pl.DataFrame, roles: Roles, make: Callable[[Roles], Made], released: Callable[[Made], pl.DataFrame]
) -> tuple[Made, Usual]:
    """What `make` makes of roles with what is usual of every column, and what that is.

    What the roles say is kept; the rest is found: it is what can be counted in the `released` rows. Raises
    TargetUnreachable where what the roles say is too far from those.
    """
    said = {name: dict(column.usual) for name, column in roles.columns.items() if column.usual}
    tried, turn = counted(rows, roles) | said, 1
    made = make(roles.with_usual(tried))
    # It ends: the room grows until it holds every share.
    while _apart(tried, found := counted(released(made), roles) | said) > max(turn - EXACT_TURNS, 0):
        tried, turn = found, turn + 1
        made = make(roles.with_usual(tried))
    _refuse_moved(said, _counts(released(made), roles))
    return made, tried


def _counts(rows: pl.DataFrame, roles: Roles) -> dict[str, dict[str, int]]:
    """The registered values of each column with a t, and how many rows have them, ordered by value."""
    found = {}
    for name, column in roles.columns.items():
        if column.t is not None:
            value = rows[name].cast(pl.String).alias("value")
            told = value.filter(value.is_not_null() & ~value.is_in(["", *roles.blank]))
            found[name] = dict(told.value_counts(name="n").sort("value").rows())
    return {name: counts for name, counts in found.items() if counts}


def _apart(one: Usual, other: Usual) -> int:
    """The most percents that any share differs by."""
    names = {(name, value) for each in (one, other) for name, parts in each.items() for value in parts}
    return max(
        (abs(one.get(name, {}).get(value, 0) - other.get(name, {}).get(value, 0)) for name, value in names),
        default=0,
    )


def _refuse_moved(said: Usual, now: Usual) -> None:
    moved = [name for name in said if name in now and distance(said[name], now[name]) > MOST_MOVED]
    if moved:
        raise TargetUnreachable(
            "What the stored recoding calls usual is not usual any more: it is further than "
            f"{float(MOST_MOVED):g} from the rows of today in {', '.join(moved)}.",
            instead="Nothing was written: held against other shares, classes of both versions would differ.",
            do="Ask for the output under a new request id: its recoding, and what is usual, are found anew.",
        )


def distance(one: Mapping[str, int], other: Mapping[str, int]) -> Fraction:
    """Total variation between two columns of parts, between 0 and 1."""
    whole, of = sum(one.values()), sum(other.values())
    values = {*one, *other}
    gaps = (abs(Fraction(one.get(v, 0), whole) - Fraction(other.get(v, 0), of)) for v in values)
    return sum(gaps, Fraction(0)) / 2
