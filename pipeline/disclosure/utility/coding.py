"""Two frames in one coding: the original brought to the level of detail that the released one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.engine.hierarchy import BLANK, Hierarchy, flat


@dataclass(frozen=True)
class Alike:
    """`before` and `after` as text, in the columns that can be compared; the others are `uncompared`.

    A column that says the same of everybody is no longer compared.
    """

    before: pl.DataFrame
    after: pl.DataFrame
    factors: tuple[str, ...]
    uncompared: tuple[str, ...]


def alike(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    outcomes: Sequence[str],
    hierarchies: Mapping[str, Hierarchy],
) -> Alike:
    """Both frames with each quasi-identifier at the finest level that every released value can be brought to.

    With levels that differ by class that is the coarsest level that any row has. Raises ValueError where a
    released value stands in no level.
    """
    told: dict[str, tuple[pl.Series, pl.Series]] = {}
    for name in quasi:
        old, new = (_text(frame[name]) for frame in (before, after))
        above = hierarchies.get(name) or flat(name, old.unique().to_list())
        up = _up(above, new.unique().to_list())
        told[name] = (_raised(old, up), _raised(new, up))
    factors = tuple(name for name in quasi if told[name][0].n_unique() > 1)
    frames = [
        pl.DataFrame(
            [*(told[name][side] for name in factors), *(whole[name].cast(pl.String) for name in outcomes)]
        )
        for side, whole in enumerate((before, after))
    ]
    return Alike(
        before=frames[0],
        after=frames[1],
        factors=factors,
        uncompared=tuple(name for name in quasi if name not in factors),
    )


def _text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).fill_null(BLANK)


def _raised(column: pl.Series, up: Mapping[str, str]) -> pl.Series:
    return column.replace_strict(list(up), list(up.values()), return_dtype=pl.String)


def _up(above: Hierarchy, released: Sequence[str]) -> dict[str, str]:
    """Each value of the lower levels -> the one above it, at the first level that all `released` reach."""
    known: set[str] = set()
    for level in range(above.levels):
        known.update(above.labels[level])
        if set(released) <= known:
            return {
                above.labels[lower][above.codes[lower, leaf]]: above.labels[level][above.codes[level, leaf]]
                for lower in range(level + 1)
                for leaf in range(len(above.leaves))
            }
    raise ValueError(f"a released value of {above.name} stands in no level of its hierarchy")
