"""Walking up the declared hierarchies: from a code to the code above, from a number to its band.

The hierarchies themselves are facts of `schemas.codes`; a code without a parent is an error at load there.
"""

from __future__ import annotations

import polars as pl

from schemas.codes import CodeList, lower_bounds


def unknown(level: CodeList) -> str:
    """The one code of `level` that says «ukjent»."""
    (code,) = sorted(level.unknown)
    return code


def climb(name: str, lists: tuple[CodeList, CodeList]) -> pl.Expr:
    """The column `name`, coded by the first list, as codes of the second, which lies above it.

    A missing value becomes the upper list's «ukjent»; a value that is no code becomes null, for the
    caller to refuse: it is never guessed.
    """
    fine, coarse = lists
    ladder = fine.ladder()
    if coarse not in ladder:
        raise TypeError(f"{coarse.name} does not lie above {fine.name}")
    upwards = {code: code for code in fine.values()}
    for level in ladder[: ladder.index(coarse)]:
        parents = level.parents()
        upwards = {code: parents[above] for code, above in upwards.items()}
    known = pl.col(name).replace_strict(upwards, default=None, return_dtype=pl.String)
    return pl.when(pl.col(name).is_null()).then(pl.lit(unknown(coarse))).otherwise(known)


def band(number: pl.Expr, bands: CodeList) -> pl.Expr:
    """The band of a whole number; outside all, or missing: «ukjent», or null where the list has none."""
    outside = pl.lit(unknown(bands) if bands.unknown else None, dtype=pl.String)
    answer = outside
    bounds = lower_bounds(bands)
    for code, lowest in bounds.items():  # ascending: the highest band that is reached wins
        answer = pl.when(number >= lowest).then(pl.lit(code)).otherwise(answer)
    highest = max(int(code.split("-")[1]) for code in bounds)
    return pl.when(number <= highest).then(answer).otherwise(outside)
