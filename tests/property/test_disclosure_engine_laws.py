"""The engine against brute force on small tables, and what must not change an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.disclosure.engine import encode as encoding
from pipeline.disclosure.engine import judge, local, nodes
from pipeline.disclosure.engine.encode import encode
from pipeline.disclosure.engine.lattice import FullDomain, search
from pipeline.disclosure.engine.local import LocalRecoding, refine
from pipeline.disclosure.engine.problem import Problem
from pipeline.disclosure.engine.targets import Targets
from pipeline.errors import TargetUnreachable
from tests import disclosure_reference as reference
from tests.disclosure_cases import Case, capped, cases, posed
from tests.disclosure_reference import Row, cell_loss, holds, optimum

laws = settings(max_examples=150, derandomize=True)


@laws
@given(st.one_of(cases(), capped()))
def test_the_search_finds_what_trying_every_node_finds(case: Case) -> None:
    expected = optimum(case.rows, case.hierarchies, case.targets, case.weights, case.coarsest)
    problem = posed(case).problem
    if expected is None:
        with pytest.raises(TargetUnreachable):
            search(problem)
        return
    found = search(problem)
    assert (problem.loss(found.cost), found.suppressed, found.node) == (
        expected.loss,
        expected.suppressed,
        expected.node,
    )
    assert found.optimal


@laws
@given(cases())
def test_a_search_that_sorts_and_packs_anew_finds_the_same_as_one_that_counts_in_tables(case: Case) -> None:
    try:
        counted = search(posed(case).problem)
    except TargetUnreachable:
        counted = None
    with (
        patch.multiple(nodes, DENSE=0, SMALL=0, MOST_KEYS=6),
        patch.multiple(judge, DENSE=0, SMALL=0),
        patch.multiple(encoding, MOST_KEYS=6),
    ):
        try:
            found = search(posed(case).problem)
        except TargetUnreachable:
            found = None
    assert found == counted


@laws
@given(st.one_of(cases(), capped()), st.integers(0, 12))
def test_a_search_cut_short_is_feasible_and_never_calls_itself_optimal_when_it_is_not(
    case: Case, measured: int
) -> None:
    expected = optimum(case.rows, case.hierarchies, case.targets, case.weights, case.coarsest)
    problem = posed(case).problem
    try:
        found = search(problem, most_measured=measured)
    except TargetUnreachable as refusal:
        assert refused_rightly(case, refusal)
        return
    assert expected is not None
    feasible = {
        s.node: s
        for s in reference.nodes(case.rows, case.hierarchies, case.targets, case.weights, case.coarsest)
    }
    assert problem.loss(found.cost) == feasible[found.node].loss
    assert problem.loss(found.bound) <= expected.loss
    assert found.optimal == (problem.loss(found.bound) == problem.loss(found.cost))


@laws
@given(st.one_of(cases(), capped()))
def test_the_greedy_descent_of_a_lattice_too_large_is_feasible_and_not_called_optimal(case: Case) -> None:
    problem = posed(case).problem
    try:
        found = search(problem, most_nodes=0)
    except TargetUnreachable as refusal:
        assert refused_rightly(case, refusal)
        return
    feasible = {
        s.node: s
        for s in reference.nodes(case.rows, case.hierarchies, case.targets, case.weights, case.coarsest)
    }
    assert problem.loss(found.cost) == feasible[found.node].loss
    assert found.suppressed == feasible[found.node].suppressed
    assert not found.optimal or found.cost == 0


@laws
@given(st.one_of(cases(), capped()))
def test_every_class_of_a_local_recoding_meets_the_targets_and_its_loss_is_as_told(case: Case) -> None:
    encoded = posed(case)
    try:
        found = refine(encoded.problem)
    except TargetUnreachable as refusal:
        assert refused_rightly(case, refusal)
        return
    parents = [{line[0]: line for line in lines} for lines in case.hierarchies]
    released: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    loss, suppressed = Fraction(0), 0
    for row, at in zip(case.rows, encoded.combination.tolist(), strict=True):
        levels = [int(level) for level in found.levels[at]]
        assert all(level <= limit for level, limit in zip(levels, case.coarsest or levels, strict=True))
        key = tuple(p[str(v)][level] for p, v, level in zip(parents, row, levels, strict=False))
        cells = [cell_loss(*one) for one in zip(case.hierarchies, key, levels, strict=True)]
        if found.classes[at] < 0:
            suppressed += 1
            cells = [Fraction(1)] * len(cells)
        else:
            released[key].append(row)
        loss += sum((w * cell for w, cell in zip(case.weights, cells, strict=True)), Fraction(0))
    assert all(holds(members, case.rows, len(parents), case.targets) for members in released.values())
    assert suppressed == found.suppressed <= case.targets.suppression * len(case.rows)
    assert encoded.problem.loss(found.cost) == loss / (len(case.rows) * sum(case.weights))


@laws
@given(cases())
def test_how_many_classes_are_cut_together_changes_nothing(case: Case) -> None:
    problem = posed(case).problem
    try:
        together = refine(problem)
    except TargetUnreachable:
        with patch.object(local, "MOST_PLACES", 1), pytest.raises(TargetUnreachable):
            refine(problem)
        return
    with patch.object(local, "MOST_PLACES", 1):
        one_by_one = refine(problem)
    assert (one_by_one.levels == together.levels).all()
    assert one_by_one.cost == together.cost


@laws
@given(st.one_of(cases(), capped()), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_values_change_nothing(case: Case, random) -> None:
    # What is sensitive keeps its name, for the rules name it; households have names like any other.
    between = len(case.hierarchies), len(case.hierarchies) + len(case.targets.sensitive)
    renamed = Case(
        [
            tuple(
                None if not v else v if at in range(*between) else f"z{hash_of(v)}"
                for at, v in enumerate(row)
            )
            for row in case.rows
        ],
        [[tuple(f"z{hash_of(v)}" for v in line) for line in lines] for lines in case.hierarchies],
        case.targets,
        case.weights,
        case.coarsest,
    )
    random.shuffle(renamed.rows)
    for find in (search, refine):
        assert told(find, renamed) == told(find, case)


def told(find: Callable[[Problem], FullDomain | LocalRecoding], case: Case) -> object:
    """What is found, without what depends on the order of combinations; or the refusal's words."""
    try:
        found = find(posed(case).problem)
    except TargetUnreachable as refusal:
        return str(refusal)
    return getattr(found, "node", None), found.cost, found.suppressed


@laws
@given(st.integers(3, 9), st.integers(2, 3), st.integers(2, 5), st.integers(0, 10**6))
@example(7, 3, 3, 25)
def test_names_decide_nothing_where_columns_without_a_hierarchy_have_equal_margins(
    values: int, columns: int, k: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    base = chance.integers(0, values, int(chance.integers(40, 200)))
    numbers = [base, *(chance.permutation(base) for _ in range(columns - 1))]
    found = set()
    for _ in range(4):
        named = [chance.permutation(values)[one] for one in numbers]
        frame = pl.DataFrame({f"q{at}": [f"v{v}" for v in one] for at, one in enumerate(named)})
        targets = Targets(k=k, suppression=Fraction(1))
        cut = refine(encode(frame, frame.columns, targets, hierarchies={}).problem)
        found.add((cut.cost, cut.suppressed))
    assert len(found) == 1


def refused_rightly(case: Case, refusal: TargetUnreachable) -> bool:
    """Where trying every node finds one that will do, the refusal claims no more than that none was found."""
    if optimum(case.rows, case.hierarchies, case.targets, case.weights, case.coarsest) is None:
        return True
    return str(refusal).startswith("No recoding that meets the targets was found, though there may be one")


def hash_of(value: str) -> int:
    """Another order of names than the values' own."""
    return sum(ord(letter) * 7919**place for place, letter in enumerate(value)) % 1_000_003
