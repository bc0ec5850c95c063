"""Which level a released value stands at: one label may stand at several levels of a hierarchy.

Ages by lower bound are such: 30 is an age, and the ten years from it. Who made the release knows its levels,
and tells them. Of a file alone nobody knows; then a value is read as finely as the original allows: it is not
read so that more rows would have it than the original has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy
from pipeline.errors import RequestRefused

_UP, _OUTCOME, _ROWS, _THERE = "up", "outcome", "rows", "there"


@dataclass(frozen=True)
class Reading:
    """`levels` are those that released values of a column are read at; both others lead to the coarsest.

    `leaves` has the value above each leaf there, `released` that above each released value; None where a
    label stands for several: the column cannot be compared.
    """

    levels: tuple[int, ...]
    leaves: dict[str, str]
    released: dict[str, str] | None


def read(
    above: Hierarchy,
    old: pl.Series,
    new: pl.Series,
    outcomes: Mapping[str, tuple[pl.Series, pl.Series]],
    told: Sequence[int] | None = None,
) -> Reading:
    """How the released values `new` of a column are to be read, beside the original ones `old`, all as text.

    `told` are the levels that they stand at, where that is known; otherwise it is the finest level, or the
    finest and those below it, at which no value, and no value of `outcomes` beside it (before and after), has
    more rows than it had. RequestRefused where the hierarchy does not know a value, or nothing fits.
    """
    values = set(new.unique().to_list())
    if not set(old.unique().to_list()) <= set(above.leaves):
        raise refused("a quasi-identifier has values in the original that its hierarchy does not know")
    known = False
    tried = [tuple(told)] if told else list(_possible(above.levels))
    for levels in tried:
        covers = _covers(above, levels)
        if not values <= covers.keys():
            continue
        known = True
        found = {value: next(iter(covers[value])) for value in values if len(covers[value]) == 1}
        if len(found) < len(values):
            continue
        leaves = dict(zip(above.leaves, _labels(above, levels[-1]), strict=True))
        if told or _fits(raised(old, leaves), raised(new, found), outcomes):
            return Reading(levels, leaves, found)
    if not known:
        raise refused("a quasi-identifier has values that stand in no level of its hierarchy")
    if any(len(up) > 1 for value, up in _covers(above, tried[-1]).items() if value in values):
        return Reading(tried[-1], {}, None)
    raise refused("more rows have a value, or two together, than in the original")


def _possible(levels: int) -> Iterator[tuple[int, ...]]:
    """One level for all, or that and all below it; the finest first."""
    for level in range(levels):
        yield (level,)
        if level:
            yield tuple(range(level + 1))


def _covers(above: Hierarchy, levels: Sequence[int]) -> dict[str, set[str]]:
    """The labels of these levels, each with the values above it at the last of them."""
    covers: dict[str, set[str]] = {}
    top = _labels(above, levels[-1])
    for level in levels:
        for label, up in set(zip(_labels(above, level), top, strict=True)):
            covers.setdefault(label, set()).add(up)
    return covers


def _labels(above: Hierarchy, level: int) -> list[str]:
    """The value above each leaf at that level."""
    return [above.labels[level][code] for code in above.codes[level]]


def _fits(old: pl.Series, new: pl.Series, outcomes: Mapping[str, tuple[pl.Series, pl.Series]]) -> bool:
    """Whether no value, alone or with that of an outcome, has more rows in `new` than in `old`."""
    nothing = pl.Series([""])
    beside = outcomes.values() or [(nothing.new_from_index(0, len(each)) for each in (old, new))]
    return all(_among(old, before, new, after) for before, after in beside)


def _among(old: pl.Series, before: pl.Series, new: pl.Series, after: pl.Series) -> bool:
    there, here = (
        pl.DataFrame([up.alias(_UP), outcome.alias(_OUTCOME)]).group_by(_UP, _OUTCOME).len(name)
        for name, up, outcome in ((_THERE, old, before), (_ROWS, new, after))
    )
    both = here.join(there, on=[_UP, _OUTCOME], how="left")
    return both.filter(pl.col(_ROWS) > pl.col(_THERE).fill_null(0)).is_empty()


def raised(column: pl.Series, up: Mapping[str, str]) -> pl.Series:
    """Each value as the one above it."""
    return column.replace_strict(list(up), list(up.values()), return_dtype=pl.String)


def refused(why: str) -> RequestRefused:
    """What to tell where one table was not made from the other, without a name: columns are numbered here."""
    return RequestRefused(
        f"The table was not made from this original: {why}.",
        instead="Nothing was measured or written.",
        do="Give the table that it was made from, and the role file and hierarchies it was made with.",
    )
