"""Two frames in one coding: the original brought to the level of detail that the released one has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy, flat, spelt
from pipeline.disclosure.utility.bounded import bounded, most_values
from pipeline.disclosure.utility.reading import raised, read, refused


@dataclass(frozen=True)
class Alike:
    """`before` and `after` as text, in the columns that can be compared; the others are `uncompared`.

    A column that says the same of everybody is no longer compared. `grouped` are those of so many values that
    they are compared by groups of them. `levels` are those that each quasi-identifier was read at.
    """

    before: pl.DataFrame
    after: pl.DataFrame
    factors: tuple[str, ...]
    uncompared: tuple[str, ...]
    grouped: tuple[str, ...]
    levels: dict[str, tuple[int, ...]]


def alike(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    outcomes: Sequence[str],
    hierarchies: Mapping[str, Hierarchy],
    *,
    levels: Mapping[str, Sequence[int]] | None = None,
    blanks: Collection[str] = (),
) -> Alike:
    """Both frames with each quasi-identifier at the coarsest level that a released row has, of few values.

    `levels` are those that rows have, where that is known; otherwise values are read as `reading` says. Rows
    stay in their order. RequestRefused where the one was not made from the other.
    """
    if after.height > before.height:
        raise refused("it has more rows")
    beside = {name: (spelt(before[name]), spelt(after[name])) for name in outcomes}
    told: dict[str, tuple[pl.Series, pl.Series]] = {}
    stands: dict[str, tuple[int, ...]] = {}
    for name in quasi:
        old, new = (spelt(frame[name]) for frame in (before, after))
        above = hierarchies.get(name) or flat(name, old.unique().to_list())
        found = read(above, old, new, beside, (levels or {}).get(name))
        stands[name] = found.levels
        if found.released is not None:
            told[name] = (raised(old, found.leaves), raised(new, found.released))
    factors = tuple(name for name in told if told[name][0].n_unique() > 1)
    columns = {name: told[name] for name in factors} | beside
    most = most_values(len(columns))
    few = {name: bounded(old, new, most, blanks) for name, (old, new) in columns.items()}
    return Alike(
        before=pl.DataFrame([each.before.alias(name) for name, each in few.items()]),
        after=pl.DataFrame([each.after.alias(name) for name, each in few.items()]),
        factors=factors,
        uncompared=tuple(name for name in quasi if name not in factors),
        grouped=tuple(name for name, each in few.items() if each.grouped),
        levels=stands,
    )
