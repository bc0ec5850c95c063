"""From a frame to a problem: the rows are read once, grouped, and from then on only combinations count."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.engine.hierarchy import BLANK, Hierarchy, Ints, flat, spelt
from pipeline.disclosure.engine.homes import Homes
from pipeline.disclosure.engine.nodes import MOST_KEYS
from pipeline.disclosure.engine.problem import Cells, Crowd, Problem, pose
from pipeline.disclosure.engine.targets import Sensitive, Targets
from pipeline.errors import RequestRefused

_KEY, _ROWS, _VALUE = "key", "rows", "value"


@dataclass(frozen=True)
class Encoded:
    """A problem, and which of its combinations each row of the frame is."""

    problem: Problem
    combination: Ints


def encode(
    frame: pl.DataFrame,
    quasi: Sequence[str],
    targets: Targets,
    *,
    hierarchies: Mapping[str, Hierarchy],
    weights: Mapping[str, int] | None = None,
    coarsest: Mapping[str, int] | None = None,
    blanks: Collection[str] = (),
    household: pl.Series | None = None,
) -> Encoded:
    """The problem of coarsening the columns `quasi` of `frame` until the targets are met.

    A column without a hierarchy gets the flat one: its values, and above them `*`. A weight is a whole
    number, 1 where none is given; `coarsest` is the highest level a column may have, any where none is given.
    Of a sensitive column, a missing or empty value and those in `blanks` are blank. With a `household` beside
    the rows k counts households, and whose is missing or empty lives alone. Refused: no row, no column, a
    value that its hierarchy does not know, and a level that it has not.
    """
    if not quasi or not frame.height:
        raise RequestRefused(
            "There is no row, or no quasi-identifier.",
            instead="Nothing was coarsened.",
            do="Give at least one row, and name at least one column as quasi-identifier.",
        )
    whole = [hierarchies.get(name) or flat(name, _texts(frame[name])[1]) for name in quasi]
    known = [
        each.up_to((coarsest or {}).get(name, each.levels - 1))
        for name, each in zip(quasi, whole, strict=True)
    ]
    coded = [_coded(frame[name], above) for name, above in zip(quasi, known, strict=True)]
    keys = _packed(coded, [len(above.leaves) for above in known])
    combinations = (
        pl.DataFrame([keys, *coded])
        .group_by(_KEY)
        .agg(pl.len().alias(_ROWS), pl.exclude(_KEY).first())
        .sort(_KEY)
    )
    place = np.searchsorted(combinations[_KEY].to_numpy(), keys.to_numpy())
    cells = tuple(_cells(frame[rule.name], rule, place, set(blanks)) for rule in targets.sensitive)
    homes = None if household is None else Homes.of(household, place, combinations.height)
    crowd = Crowd(combinations[_ROWS].cast(pl.Int64).to_numpy(), cells, homes)
    leaves = [combinations[name].to_numpy() for name in (series.name for series in coded)]
    problem = pose(known, leaves, [(weights or {}).get(name, 1) for name in quasi], crowd, targets)
    return Encoded(problem, place)


def _texts(column: pl.Series) -> tuple[pl.Series, list[str]]:
    """The distinct values of a column, and each as the text that stands in hierarchies and rules."""
    distinct = column.unique(maintain_order=False).sort()
    return distinct, spelt(distinct).to_list()


def _coded(column: pl.Series, above: Hierarchy) -> pl.Series:
    """The number of each row's leaf."""
    numbers = {leaf: number for number, leaf in enumerate(above.leaves)}
    distinct, texts = _texts(column)
    strangers = sum(text not in numbers for text in texts)
    if strangers:
        raise RequestRefused(
            f"{column.name} has {strangers} distinct values that its hierarchy does not know "
            "(a missing value is a value too: its line starts with nothing).",
            instead="Nothing was coarsened.",
            do="Add a line for each to the hierarchy; values are withheld on purpose.",
        )
    codes = pl.Series([numbers[text] for text in texts], dtype=_smallest(len(numbers)))
    return column.replace_strict(distinct, codes, return_dtype=codes.dtype).rename(f"leaf {column.name}")


def _smallest(values: int) -> type[pl.DataType]:
    return pl.UInt16 if values <= 2**16 else pl.UInt32


def _packed(coded: Sequence[pl.Series], cards: Sequence[int]) -> pl.Series:
    """One whole number for each row, equal where all codes are equal, ordered as the codes are."""
    key, possible = pl.zeros(len(coded[0]), dtype=pl.Int64, eager=True), 1
    for codes, card in zip(coded, cards, strict=True):
        if possible * card > MOST_KEYS:
            key = key.rank("dense").cast(pl.Int64) - 1
            possible = len(key)
        key, possible = key * card + codes.cast(pl.Int64), possible * card
    return key.rename(_KEY)


def _cells(column: pl.Series, rule: Sensitive, place: Ints, blanks: set[str]) -> Cells:
    distinct, texts = _texts(column)
    values = sorted({text for text in texts if text != BLANK and text not in blanks} | set(rule.usual))
    numbers = {text: number for number, text in enumerate(values)}
    codes = pl.Series([numbers.get(text) for text in texts], dtype=pl.UInt32)
    found = (
        pl.DataFrame({_KEY: place, _VALUE: column.replace_strict(distinct, codes, return_dtype=pl.UInt32)})
        .drop_nulls(_VALUE)
        .group_by(_KEY, _VALUE)
        .len(_ROWS)
        .sort(_KEY, _VALUE)
        .cast(pl.Int64)
    )
    rows = found[_ROWS].to_numpy()
    value = found[_VALUE].to_numpy()
    totals = np.bincount(value, weights=rows, minlength=len(values)).astype(np.int64)
    if rule.usual:
        totals = np.array([rule.usual.get(text, 0) for text in values], dtype=np.int64)
    adverse = np.array([text in rule.adverse for text in values], dtype=bool)
    return Cells(found[_KEY].to_numpy(), value, rows, totals, adverse)
