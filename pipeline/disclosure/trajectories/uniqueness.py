"""How many persons a few known events single out: k^m, counted in households.

Any m events of a person may be known. A combination of at most m events that occurs is safe when persons
of k households or more share it. Combinations are built up from those that are safe: one with an unsafe
part is unsafe itself and need not be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.disclosure.trajectories.events import ITEM, PERSON, UNIT, Step, coarsened, items

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Combinations that are built at once: what bounds the memory.
MOST_AT_ONCE = 1_000_000
# A person alone among all.
UNIQUE = 2


@dataclass(frozen=True)
class Held:
    """What is known of persons, by person and from the rarest item on: a line for each item of each.

    `unit` is a number for each unit, `rank` numbers the items from the rarest, `end` is the line after
    the person's last, `alone` says that nobody else is of the unit, `fresh` that the item is to be looked
    at. A combination of items that are not fresh is taken for safe.
    """

    unit: Ints
    rank: Ints
    end: Ints
    alone: Bools
    fresh: Bools
    kinds: int


@dataclass(frozen=True)
class Combinations:
    """Combinations that persons have: the line of the last item, the rank of the first, and a number each.

    Equal numbers are equal combinations. `units` is how many units have it.
    """

    last: Ints
    first: Ints
    number: Ints
    fresh: Bools
    units: Ints

    def only(self, these: Bools) -> Combinations:
        """Those that `these` picks out."""
        return Combinations(*(getattr(self, name)[these] for name in self.__dataclass_fields__))


def measured(events: pl.DataFrame, *, k: int, m: int, step: Step = Step.MONTH) -> pl.DataFrame:
    """How many persons can be told by what is known of them: a row for each number of events up to m.

    `known` (1 to m): an attacker knows at most so many. `exposed`: persons with a combination of so few
    that persons of fewer than k households share; `unique`: that those of one household alone have. Both
    are counts of persons, `persons` are all. `events` as `events.gathered` makes them.
    """
    if k < 1 or m < 1:
        raise ValueError("so many share it, and so many are known: 1 or more")
    held = items(coarsened(events, step))
    known = pl.DataFrame({"known": range(1, m + 1)}, schema={"known": pl.Int64})
    found = rare(held, k=max(k, UNIQUE), m=m, safe_from=UNIQUE)
    for name, least in (("exposed", k), ("unique", UNIQUE)):
        first = found.filter(pl.col("units") < least).group_by(PERSON).agg(pl.col("size").min())
        counts = [first.filter(pl.col("size") <= size).height for size in range(1, m + 1)]
        known = known.with_columns(pl.Series(name, counts, dtype=pl.Int64))
    return known.with_columns(pl.lit(events[PERSON].n_unique(), pl.Int64).alias("persons"))


def rare(
    held: pl.DataFrame, *, k: int, m: int, safe_from: int | None = None, among: pl.Series | None = None
) -> pl.DataFrame:
    """The unsafe combinations of each person: `person`, `size`, the rarest `item`, and the fewest `units`.

    Unsafe: persons of fewer than k units have it. Combinations grow from those that `safe_from` units have
    (k, unless fewer are named), so at least one is told of every person who has any. `held` as
    `events.items` makes it. The rarer of two is the one that fewer units have, the first in number among
    equals. With `among`, only combinations with an item of it are looked at: the others are known as safe.
    """
    support = held.group_by(ITEM).agg(pl.col(UNIT).n_unique().alias("units")).sort("units", ITEM)
    ranked = support.with_row_index("rank").with_columns(pl.col("rank").cast(pl.Int64))
    fresh = pl.lit(True) if among is None else pl.col(ITEM).is_in(among.implode())
    lines = held.join(ranked, on=ITEM, how="inner").with_columns(fresh.alias("fresh")).sort(PERSON, "rank")
    grow = k if safe_from is None else safe_from
    few = lines.filter(pl.col("units") < k)
    single = few.select(PERSON, "rank", pl.col("units").cast(pl.Int64), pl.lit(1, pl.Int64).alias("size"))
    safe = lines.filter(pl.col("units") >= grow)
    kept = _held(safe, ranked.height)
    found = [single]
    for firsts in _batches(kept, m):
        for size, unsafe in _grown(firsts, kept, m, k, grow):
            told = {"rank": unsafe.first, "units": unsafe.units}
            told_of = safe.get_column(PERSON).gather(unsafe.last)
            found.append(
                pl.DataFrame({PERSON: told_of, **told}).with_columns(pl.lit(size, pl.Int64).alias("size"))
            )
    named = pl.concat(found, how="diagonal").join(ranked.select("rank", ITEM), on="rank", how="left")
    return named.group_by(PERSON, "size", ITEM).agg(pl.col("units").min()).sort(PERSON, "size", ITEM)


def _held(safe: pl.DataFrame, kinds: int) -> Held:
    """`safe` lies sorted by person and rank."""
    numbers = safe.select(
        unit=pl.col(UNIT).rank("dense").cast(pl.Int64),
        rank="rank",
        end=(pl.len().over(PERSON) - pl.int_range(pl.len()).over(PERSON) + pl.int_range(pl.len())),
        alone=pl.col(PERSON).n_unique().over(UNIT) == 1,
        fresh="fresh",
    )
    return Held(**{name: numbers[name].to_numpy() for name in numbers.columns}, kinds=kinds)


def _batches(held: Held, m: int) -> Iterator[Combinations]:
    """Single items in parts of whole kinds, each leading to a bounded number of combinations."""
    if m < UNIQUE or not len(held.rank):
        return
    lines = np.arange(len(held.rank))
    weights = (held.end - lines - 1).astype(np.float64) ** (m - 1)
    of_kinds = np.bincount(held.rank, weights, minlength=held.kinds)
    part = np.floor(np.cumsum(of_kinds) / MOST_AT_ONCE).astype(np.int64)[held.rank]
    order = np.argsort(part, kind="stable")
    for at in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        yield Combinations(at, held.rank[at], held.rank[at], held.fresh[at], np.zeros(len(at), np.int64))


def _grown(firsts: Combinations, held: Held, m: int, k: int, grow: int) -> Iterator[tuple[int, Combinations]]:
    """The unsafe ones of 2 to m items whose rarest is in `firsts`; each adds one that is less rare."""
    combined = firsts
    every, fresh = np.arange(len(held.rank)), np.flatnonzero(held.fresh)
    for size in range(2, m + 1):
        if size == m:  # who has nothing fresh by now must get it with the last
            parts = [
                _extended(combined.only(combined.fresh), held, every),
                _extended(combined.only(~combined.fresh), held, fresh),
            ]
            columns = zip(*(vars(part).values() for part in parts), strict=True)
            combined = Combinations(*(np.concatenate(column) for column in columns))
        else:
            combined = _extended(combined, held, every)
        combined = _counted(combined, held, numbered=size < m)
        unsafe = (combined.units < k) & combined.fresh
        yield size, combined.only(unsafe)
        combined = combined.only((combined.units >= grow) | ~combined.fresh)


def _extended(combined: Combinations, held: Held, lines: Ints) -> Combinations:
    """Each combination with each later item of its person that stands in `lines` (ascending)."""
    low = np.searchsorted(lines, combined.last + 1)
    many = np.searchsorted(lines, held.end[combined.last]) - low
    source = np.repeat(np.arange(len(many)), many)
    within = np.arange(len(source)) - np.repeat(np.cumsum(many) - many, many)
    last = lines[low[source] + within]
    return Combinations(
        last=last,
        first=combined.first[source],
        number=combined.number[source] * held.kinds + held.rank[last],
        fresh=combined.fresh[source] | held.fresh[last],
        units=np.zeros(len(last), np.int64),
    )


def _counted(combined: Combinations, held: Held, *, numbered: bool) -> Combinations:
    """With the units that have each; `numbered` from 0 up, so that they stay small whatever is added."""
    told = pl.DataFrame({"number": combined.number, UNIT: held.unit[combined.last]})
    shared = ~held.alone[combined.last]
    once = np.ones(len(shared), np.int64)
    if shared.any():
        first = told.filter(shared).select(pl.struct("number", UNIT).is_first_distinct())
        once[shared] = first.to_series().to_numpy()
    counted = told.with_columns(once=once).select(
        units=pl.col("once").sum().over("number"),
        number=pl.col("number").rank("dense").cast(pl.Int64) - 1 if numbered else pl.col("number"),
    )
    units, number = (counted[name].to_numpy() for name in ("units", "number"))
    return Combinations(combined.last, combined.first, number, combined.fresh, units)
