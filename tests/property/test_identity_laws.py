"""Laws of an identifier's digits and of the ledger's first keys: see test_spine_laws for persons."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.identity.identifiers import Kind, is_tenor, kind, normalise
from pipeline.identity.spine.components import EDGES_SCHEMA, components
from pipeline.identity.spine.ledger import empty, mint
from schemas.variable import Entity
from tests.factories import check_digits


def one(expression: Any, text: str) -> Any:
    return pl.DataFrame({"i": [text]}).select(expression(pl.col("i"))).item()


@given(
    day=st.integers(1, 28),
    month=st.integers(1, 12),
    year=st.integers(0, 99),
    person=st.integers(0, 999),
    days=st.sampled_from([0, 40]),
    months=st.sampled_from([0, 80]),
    remainder=st.integers(0, 3),
)
def test_every_number_made_by_the_rule_is_accepted_for_what_it_is(
    day: int, month: int, year: int, person: int, days: int, months: int, remainder: int
) -> None:
    nine = f"{day + days:02}{month + months:02}{year:02}{person:03}"
    digits = check_digits(nine, remainder)
    assume(digits is not None)
    number = f"{nine}{digits}"
    assume(int(number[6:]) not in (100, 200, 99999, 55555))
    assert one(kind, number) == (Kind.DNR if days else Kind.FNR).value
    assert one(is_tenor, number) == (months == 80)


@given(st.text(alphabet="0123456789 -.\u00a0\u0660\u0661\u0669x", max_size=14))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = one(normalise, text)
    assert one(normalise, once) == once
    assert one(kind, once) in {k.value for k in Kind}


@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=5))
def test_no_night_ever_changes_a_key_or_gives_one_twice(nights: list[list[int]]) -> None:
    ledger, before = empty(), {}
    for night in nights:
        ledger = mint(ledger, Entity.PERSON, pl.Series(night, dtype=pl.Int64))
        keys = dict(ledger.select("source_key", "key").rows())
        assert before.items() <= keys.items()
        assert sorted(keys.values()) == list(range(1, len(keys) + 1))
        assert {str(n) for n in night} <= set(keys)
        before = keys


@settings(max_examples=100, deadline=None)
@given(edges=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=14))
def test_components_are_those_of_a_search_from_node_to_node(edges: list[tuple[int, int]]) -> None:
    neighbours = defaultdict(set)
    for a, b in edges:
        neighbours[a].add(b)
        neighbours[b].add(a)
    expected = {}
    for node in neighbours:
        reached, next_ = set(), {node}
        while next_:
            reached |= next_
            next_ = {n for at in next_ for n in neighbours[at]} - reached
        expected[node] = min(reached)
    assert dict(components(pl.DataFrame(edges, schema=EDGES_SCHEMA, orient="row")).rows()) == expected
