"""A recoding applied to the rows, and what it costs the researcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.disclosure.engine.encode import Encoded
from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.judge import judge
from pipeline.disclosure.engine.lattice import FullDomain
from pipeline.disclosure.engine.local import LocalRecoding
from pipeline.disclosure.engine.nodes import numbered_anew, pack
from pipeline.disclosure.engine.problem import Attribute, Bools, Problem


@dataclass(frozen=True)
class Recoding:
    """For each combination its level of each attribute (a column each), and whether it is kept."""

    levels: npt.NDArray[np.int8]
    kept: Bools


@dataclass(frozen=True)
class Cost:
    """What a recoding costs: rows, detail, and how many a row is hidden among.

    `loss` is the weighted mean over rows and quasi-identifiers, `by_attribute` each one's own mean; a cell
    left out counts as 1. `discernibility` is the mean number of rows that a row cannot be told from, a row
    left out counted as alike to all.
    """

    rows: int
    suppressed: int
    loss: float
    by_attribute: dict[str, float]
    classes: int
    smallest_class: int
    mean_class: float
    discernibility: float


def by_level(problem: Problem, found: FullDomain) -> Recoding:
    """Each attribute at its one level; classes that miss a target are left out."""
    levels = np.tile(np.array(found.node, dtype=np.int8), (problem.crowd.size, 1))
    classes, number = _classes(problem, levels)
    return Recoding(levels, ~judge(problem.crowd, problem.targets, classes, number).bad[classes])


def by_class(found: LocalRecoding) -> Recoding:
    """Each attribute at the level its class has."""
    return Recoding(found.levels, found.classes >= 0)


def apply(frame: pl.DataFrame, encoded: Encoded, recoding: Recoding, columns: Sequence[str]) -> pl.DataFrame:
    """`columns` of the rows that are kept, quasi-identifiers as the text of their new level.

    Sorted by all columns, so that the order of the rows says nothing of the order they came in.
    """
    kept = recoding.kept[encoded.combination]
    place = encoded.combination[kept]
    new = [
        pl.Series(attribute.name, _texts(attribute)).gather(
            _numbers(attribute, recoding.levels[:, at])[place]
        )
        for at, attribute in enumerate(encoded.problem.attributes)
        if attribute.name in columns
    ]
    return frame.select(columns).filter(pl.Series(kept)).with_columns(new).sort(columns, nulls_last=True)


def levels_kept(problem: Problem, recoding: Recoding) -> dict[str, tuple[int, ...]]:
    """The levels that kept rows have, by attribute, ascending: a label may stand at several."""
    kept = recoding.levels[recoding.kept]
    return {a.name: tuple(map(int, np.unique(kept[:, at]))) for at, a in enumerate(problem.attributes)}


def cost(problem: Problem, recoding: Recoding) -> Cost:
    """The cost of a recoding, from the labels it gives and not from how it was found."""
    counts, kept = problem.crowd.counts, recoding.kept
    lost = [
        int(np.where(kept, a.cost[recoding.levels[:, at], a.leaves], a.suppressed) @ counts)
        for at, a in enumerate(problem.attributes)
    ]
    classes, number = _classes(problem, recoding.levels)
    sizes = np.bincount(classes[kept], weights=counts[kept], minlength=number).astype(np.int64)
    sizes = sizes[sizes > 0]
    suppressed = int(counts[~kept].sum())
    return Cost(
        rows=problem.rows,
        suppressed=suppressed,
        loss=float(problem.loss(sum(lost))),
        by_attribute={
            a.name: one / (problem.rows * a.suppressed)
            for a, one in zip(problem.attributes, lost, strict=True)
        },
        classes=len(sizes),
        smallest_class=int(sizes.min()) if len(sizes) else 0,
        mean_class=float(sizes.mean()) if len(sizes) else 0.0,
        discernibility=(int(sizes @ sizes) + suppressed * problem.rows) / problem.rows,
    )


def _classes(problem: Problem, levels: npt.NDArray[np.int8]) -> tuple[Ints, int]:
    """The class of each combination as a reader of the labels sees it, and how many there are."""
    numbers, cards = [], []
    for at, attribute in enumerate(problem.attributes):
        texts = {text: number for number, text in enumerate(dict.fromkeys(_texts(attribute)))}
        same = np.array([texts[text] for text in _texts(attribute)])
        numbers.append(same[_numbers(attribute, levels[:, at])])
        cards.append(len(texts))
    return numbered_anew(pack(numbers, cards)[0])


def _texts(attribute: Attribute) -> list[str]:
    """The labels of all levels, one after the other."""
    return [label for level in attribute.hierarchy.labels for label in level]


def _numbers(attribute: Attribute, levels: npt.NDArray[np.int8]) -> Ints:
    """The place in `_texts` of each combination's label."""
    first = np.cumsum([0, *(len(level) for level in attribute.hierarchy.labels)])
    return first[levels] + attribute.hierarchy.codes[levels, attribute.leaves]
