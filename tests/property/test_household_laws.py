"""Households that k counts: against counting them one by one, and what splitting one does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.disclosure.engine.homes import Homes
from pipeline.disclosure.engine.judge import judge
from pipeline.disclosure.engine.lattice import search
from pipeline.errors import TargetUnreachable
from tests.disclosure_cases import HOMES, Case, cases, posed
from tests.disclosure_reference import households

laws = settings(max_examples=150, derandomize=True)
housed = cases().filter(lambda case: case.targets.households)


@laws
@given(st.lists(st.tuples(st.integers(0, 5), HOMES), min_size=1, max_size=40), st.data())
def test_a_class_has_too_few_households_where_counting_them_says_so(
    rows: list[tuple[int, str | None]], data: st.DataObject
) -> None:
    """Of six combinations, put into up to three classes; some of them left out before."""
    k = data.draw(st.integers(1, 5))
    of = np.array(data.draw(st.lists(st.integers(0, 2), min_size=6, max_size=6)))
    kept = np.array(sorted(data.draw(st.sets(st.integers(0, 5), min_size=1))))
    place = np.full(6, -1)
    place[kept] = np.arange(len(kept))
    combinations = np.array([at for at, _ in rows])
    homes = Homes.of(pl.Series([home for _, home in rows], dtype=pl.String), combinations, 6).only(place)
    members = [[(home,) for at, home in rows if at in kept and of[at] == one] for one in range(3)]
    found = homes.too_few(of[kept], np.array([len(each) for each in members]), k)
    assert found.tolist() == [households(each) < k for each in members]


def split(case: Case, data: st.DataObject) -> Case:
    """The case with some rows of one household moved to one of their own, or to none."""
    there = sorted({row[-1] for row in case.rows if row[-1]})
    assume(there)
    home, new = data.draw(st.sampled_from(there)), data.draw(st.sampled_from(["new", None, ""]))
    moved = data.draw(st.lists(st.booleans(), min_size=len(case.rows), max_size=len(case.rows)))
    rows = [
        (*row[:-1], new) if row[-1] == home and goes else row
        for row, goes in zip(case.rows, moved, strict=True)
    ]
    return replace(case, rows=rows)


@laws
@given(housed, st.data())
def test_splitting_a_household_worsens_no_class_and_costs_nothing(case: Case, data: st.DataObject) -> None:
    after = posed(split(case, data)).problem
    before = posed(case).problem
    size = before.crowd.size
    classes = np.array(data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))
    was, now = (judge(one.crowd, one.targets, classes, 4) for one in (before, after))
    assert not (now.bad & ~was.bad).any()
    try:
        least = search(before).cost
    except TargetUnreachable:
        return
    assert search(after).cost <= least
