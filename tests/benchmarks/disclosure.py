"""The coarsening engine against every node of the lattice tried one by one, and against one group-by.

The Adult data is read where it lies; without it only the invented persons are measured.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.disclosure.engine.encode import Encoded, encode
from pipeline.disclosure.engine.hierarchy import Hierarchy, Ints, hierarchy
from pipeline.disclosure.engine.lattice import search
from pipeline.disclosure.engine.local import refine
from pipeline.disclosure.engine.problem import Problem
from pipeline.disclosure.engine.targets import Sensitive, Targets
from tests import adult
from tests.benchmarks.measure import Comparison, Scale

FIVE_PER_CENT = Fraction(1, 20)
TARGETS = {
    "k = 5": Targets(k=5, suppression=FIVE_PER_CENT),
    "k = 10": Targets(k=10, suppression=FIVE_PER_CENT),
    "k = 5, 2-diverse": Targets(
        k=5, suppression=FIVE_PER_CENT, sensitive=(Sensitive(name=adult.SENSITIVE, distinct=2),)
    ),
}
ONE_LOOK = "one group-by of the rows by all quasi-identifiers"


def comparisons(scale: Scale, folder: Path) -> Iterator[Comparison]:
    """Adult where it is; invented persons with six and eight quasi-identifiers; and very many rows."""
    if adult.found() is not None:
        yield from _adult()
    persons = scale.persons[-1]
    for width in (6, 8):
        yield from _invented(persons, width)
    many = scale.validated_rows
    yield Comparison(
        stage=f"levels by class: {many:,} x 8",
        subject=partial(by_class, many, 8),
        floor=partial(one_look, invented(many)[0], 8),
        floor_is=f"{ONE_LOOK}; the rows are invented within the time",
        rows=many,
        apart=(by_class, (many, 8)),
    )


def _adult() -> Iterator[Comparison]:
    hierarchies = {name: hierarchy(name, adult.lines(name)) for name in adult.QUASI}
    frame = adult.table()
    for told, targets in TARGETS.items():
        problem = encode(frame, adult.QUASI, targets, hierarchies=hierarchies).problem
        yield Comparison(
            stage=f"one level: Adult, {told}",
            subject=partial(search, problem),
            floor=partial(every_node, problem),
            floor_is="NumPy tries all 4,320 nodes, save those that keep too little",
            rows=frame.height,
            aim=0.1,
        )


def _invented(persons: int, width: int) -> Iterator[Comparison]:
    frame, hierarchies = invented(persons)
    quasi = list(hierarchies)[:width]
    whole = partial(_encoded, frame, quasi, hierarchies)
    for told, found in (("levels by class", refine), ("one level", search)):
        yield Comparison(
            stage=f"{told}: {persons:,} x {width}",
            subject=partial(_run, whole, found),
            floor=partial(one_look, frame, width),
            floor_is=ONE_LOOK,
            rows=persons,
        )


def _run(whole: partial[Encoded], found: partial[object]) -> object:
    return found(whole().problem)


def _encoded(frame: pl.DataFrame, quasi: Sequence[str], hierarchies: dict[str, Hierarchy]) -> Encoded:
    return encode(frame, quasi, TARGETS["k = 5"], hierarchies=hierarchies)


def by_class(persons: int, width: int) -> None:
    """Invent persons and recode them locally: also run in a process of its own, for its memory."""
    frame, hierarchies = invented(persons)
    refine(_encoded(frame, list(hierarchies)[:width], hierarchies).problem)


def one_look(frame: pl.DataFrame, width: int) -> int:
    """The smallest class of the rows as they are: what any engine must at least do once."""
    return int(frame.group_by(frame.columns[:width]).len()["len"].min())  # type: ignore[arg-type]


def every_node(problem: Problem) -> tuple[int, tuple[int, ...]]:
    """The least cost and its node, by trying all nodes: packed codes, `np.unique`, and one bound.

    The reference: it shares nothing with the search but the encoded problem. A node is passed over only
    when keeping every row would already cost more than the best so far.
    """
    counts, limit = problem.crowd.counts, problem.most_suppressed
    best = (np.iinfo(np.int64).max, problem.top)
    for node in itertools.product(*(range(a.levels) for a in problem.attributes)):
        cells = sum(a.cost[level][a.leaves] for a, level in zip(problem.attributes, node, strict=True))
        if int(cells @ counts) >= best[0]:
            continue
        out = _left_out(problem, node)
        if int(counts[out].sum()) <= limit:
            whole = sum(a.suppressed for a in problem.attributes)
            best = min(best, (int(np.where(out, whole, cells) @ counts), node))
    return best


def _left_out(problem: Problem, node: tuple[int, ...]) -> np.ndarray:
    keys: Ints = np.zeros(problem.crowd.size, dtype=np.int64)
    for attribute, level in zip(problem.attributes, node, strict=True):
        codes = attribute.hierarchy.codes[level]
        keys = keys * (int(codes.max()) + 1) + codes[attribute.leaves]
    _, classes = np.unique(keys, return_inverse=True)
    bad = np.bincount(classes, weights=problem.crowd.counts) < problem.targets.k
    for cells, rule in zip(problem.crowd.cells, problem.targets.sensitive, strict=True):
        pairs = np.unique(classes[cells.combination] * len(cells.totals) + cells.value)
        kinds = np.bincount(pairs // len(cells.totals), minlength=len(bad))
        bad |= kinds < (rule.distinct or 0)
    return bad[classes]


def invented(persons: int) -> tuple[pl.DataFrame, dict[str, Hierarchy]]:
    """Persons with eight skewed quasi-identifiers, and hierarchies of the sizes real ones have."""
    draw = np.random.default_rng(2006)

    def skewed(values: int, power: float) -> Ints:
        weight = 1 / np.arange(1, values + 1) ** power
        return draw.choice(values, persons, p=weight / weight.sum())

    frame = pl.DataFrame(
        {
            "age": np.clip(draw.gamma(9, 4.2, persons).astype(np.int64), 0, 100),
            "sex": draw.integers(0, 2, persons),
            "municipality": skewed(356, 1.0),
            "country_of_birth": skewed(195, 1.1),
            "education": skewed(9, 0.5),
            "civil_status": skewed(6, 1.0),
            "household": np.minimum(draw.poisson(2, persons), 9),
            "year": draw.integers(0, 20, persons),
        },
        schema_overrides={name: pl.Int16 for name in _STEPS},
    )
    return frame, {name: _ladder(name, *steps) for name, steps in _STEPS.items()}


# The number of values, and how many of one level go together at the next.
_STEPS: dict[str, tuple[int, ...]] = {
    "age": (101, 5, 2, 2),
    "sex": (2,),
    "municipality": (356, 8, 4, 3),
    "country_of_birth": (195, 9, 4),
    "education": (9, 2, 2),
    "civil_status": (6, 3),
    "household": (10, 2, 2),
    "year": (20, 2, 2, 3),
}


def _ladder(name: str, values: int, *widths: int) -> Hierarchy:
    lines = []
    for value in range(values):
        wide = itertools.accumulate(widths, lambda a, b: a * b)
        lines.append([str(value), *(f"{value // step} x {step}" for step in wide), "*"])
    return hierarchy(name, lines)
