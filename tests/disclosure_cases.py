"""Small random tables with hierarchies and targets, for the laws of the coarsening engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl
from hypothesis import strategies as st

from pipeline.disclosure.engine.encode import Encoded, encode
from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.engine.targets import Sensitive, Targets
from tests.disclosure_reference import Lines, Row

VALUES = ["a", "b", "c"]
# Households of several rows, and rows that are of none.
HOMES = st.one_of(st.none(), st.just(""), st.sampled_from(["h0", "h1", "h2", "h3"]))


@dataclass(frozen=True)
class Case:
    rows: list[Row]
    hierarchies: list[Lines]
    targets: Targets
    weights: list[int]
    coarsest: list[int] | None = None


@st.composite
def ladders(draw: st.DrawFn, name: str) -> Lines:
    """A hierarchy: each level merges values of the one below at random; the top may keep several."""
    line = [f"{name}{leaf}" for leaf in range(draw(st.integers(1, 4)))]
    levels = [line]
    for level in range(draw(st.integers(0, 3))):
        merged = {value: draw(st.integers(0, 2)) for value in dict.fromkeys(levels[-1])}
        levels.append([f"{name}{level}-{merged[value]}" for value in levels[-1]])
    if draw(st.booleans()):
        levels.append(["*"] * len(line))
    return list(zip(*levels, strict=True))


@st.composite
def rules(draw: st.DrawFn, name: str) -> Sensitive:
    chosen = draw(st.sets(st.sampled_from(["distinct", "t", "adverse"]), min_size=1))
    return Sensitive(
        name=name,
        distinct=draw(st.integers(1, 3)) if "distinct" in chosen else None,
        closeness=Fraction(draw(st.integers(0, 8)), 10) if "t" in chosen else None,
        adverse=frozenset(draw(st.sets(st.sampled_from(VALUES), min_size=1)))
        if "adverse" in chosen
        else frozenset(),
    )


@st.composite
def cases(draw: st.DrawFn, *, sensitive: int = 2) -> Case:
    hierarchies = [draw(ladders(f"q{at}")) for at in range(draw(st.integers(1, 4)))]
    asked = tuple(draw(rules(f"s{at}")) for at in range(draw(st.integers(0, sensitive))))
    leaf = [st.sampled_from([line[0] for line in lines]) for lines in hierarchies]
    value = st.one_of(st.none(), st.sampled_from(VALUES), st.just("a"))
    households = draw(st.booleans())
    home = [HOMES] if households else []
    rows = draw(st.lists(st.tuples(*leaf, *[value] * len(asked), *home), min_size=1, max_size=30))
    suppression = Fraction(draw(st.sampled_from([0, 1, 3, 5, 10])), 10)
    targets = Targets(
        k=draw(st.integers(1, 5)), suppression=suppression, sensitive=asked, households=households
    )
    return Case(rows, hierarchies, targets, [draw(st.integers(1, 3)) for _ in hierarchies])


def posed(case: Case) -> Encoded:
    quasi = [f"q{at}" for at in range(len(case.hierarchies))]
    names = quasi + [rule.name for rule in case.targets.sensitive]
    names += ["home"] if case.targets.households else []
    frame = pl.DataFrame(case.rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return encode(
        frame,
        quasi,
        case.targets,
        hierarchies={q: hierarchy(q, lines) for q, lines in zip(quasi, case.hierarchies, strict=True)},
        weights=dict(zip(quasi, case.weights, strict=True)),
        coarsest=dict(zip(quasi, case.coarsest or [], strict=bool(case.coarsest))),
        household=frame["home"] if case.targets.households else None,
    )


@st.composite
def capped(draw: st.DrawFn) -> Case:
    """A case in which some attributes may become no coarser than some level."""
    case = draw(cases())
    highest = [len(lines[0]) - 1 for lines in case.hierarchies]
    return replace(case, coarsest=[draw(st.integers(0, top)) for top in highest])
