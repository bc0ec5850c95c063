"""Released tables stand up to an attacker who shares no code with them; the cheapest answer is found."""

from __future__ import annotations

import itertools
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.suppression.highs import Highs
from pipeline.disclosure.suppression.protect import Common, Protected, frequency, magnitude, rounding
from pipeline.disclosure.suppression.rules import Magnitude
from pipeline.disclosure.tables import THRESHOLD
from tests.table_attack import Attacker, Cell, Trees, equations, key, rows_behind, told

BYDEL = hierarchy("bydel", [(f"b{n}", f"group{n // 2}", "*") for n in range(5)])
# A value that covers what the one below does is that one: group2 is b4.
TREES: Trees = {
    "bydel": {None: ["group0", "group1", "b4"], "group0": ["b0", "b1"], "group1": ["b2", "b3"]},
    "sex": {None: ["f", "m"]},
    "outcome": {None: ["work", "school", "other"]},
}
LINKED = {"by outcome": ["bydel", "outcome"], "by sex": ["bydel", "sex"]}
laws = settings(max_examples=12, derandomize=True, deadline=None)

Rows = list[dict[str, Any]]
place = st.fixed_dictionaries(
    {
        "bydel": st.sampled_from(["b0", "b1", "b2", "b3", "b4"]),
        "sex": st.sampled_from(["f", "m"]),
        "outcome": st.sampled_from(["work", "school", "other"]),
    }
)
# Blocks of equal rows: counts around the threshold, and large ones.
worlds = st.lists(st.tuples(place, st.sampled_from([1, 2, 4, 5, 6, 12, 40])), min_size=4, max_size=14).map(
    lambda blocks: [dict(where) for where, n in blocks for _ in range(n)]
)


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"bydel": pl.String, "sex": pl.String, "outcome": pl.String})


def all_values() -> Rows:
    """One row for each value, so that the tables' dimensions are the trees'."""
    long = itertools.zip_longest(["b0", "b1", "b2", "b3", "b4"], ["f", "m"], ["work", "school", "other"])
    return [{"bydel": b, "sex": s or "f", "outcome": o or "work"} for b, s, o in long]


def figures(answer: Protected, tables: dict[str, list[str]]) -> dict[Cell, int | None]:
    """Everything told, by cell: what one table hides no other shows."""
    told_of: dict[Cell, int | None] = {}
    for name, dims in tables.items():
        for cell, figure in told(answer.tables[name], dims).items():
            assert told_of.setdefault(cell, figure) == figure, "a cell is hidden in one table only"
    return told_of


@laws
@given(worlds)
def test_of_a_small_count_everything_from_none_to_the_threshold_stays_possible(rows: Rows) -> None:
    rows = rows + all_values()
    answer = frequency(frame(rows), LINKED, how=Common({"bydel": BYDEL}, base=1))
    seen, behind = figures(answer, LINKED), rows_behind(rows, LINKED, TREES)
    assert set(seen) == set(behind)
    attacker = Attacker(equations(LINKED, TREES), seen)
    for cell, inside in behind.items():
        if seen[cell] is not None:
            assert seen[cell] == len(inside) >= THRESHOLD
        elif len(inside) < THRESHOLD:
            low, high = attacker.bounds(cell)
            assert low <= 1e-6
            assert high >= THRESHOLD - 1e-6


@laws
@given(worlds)
def test_three_dimensions_with_a_hierarchy_stand_as_well(rows: Rows) -> None:
    rows, tables = rows + all_values(), {"all": ["bydel", "sex", "outcome"]}
    answer = frequency(frame(rows), tables, how=Common({"bydel": BYDEL}, base=1))
    seen, behind = figures(answer, tables), rows_behind(rows, tables, TREES)
    attacker = Attacker(equations(tables, TREES), seen)
    small = [cell for cell, inside in behind.items() if len(inside) < THRESHOLD]
    for cell in small[::7]:
        low, high = attacker.bounds(cell)
        assert (low <= 1e-6, high >= THRESHOLD - 1e-6) == (True, True)


@laws
@given(worlds)
def test_no_reader_learns_that_all_or_none_of_a_group_have_an_outcome(rows: Rows) -> None:
    rows = rows + all_values()
    tables = {"by outcome": LINKED["by outcome"]}
    answer = frequency(frame(rows), tables, how=Common({"bydel": BYDEL}, base=1))
    seen = figures(answer, tables)
    attacker = Attacker(equations(tables, TREES), seen)
    for bydel in ("b0", "b1", "b2", "b3", "b4", "group0", "group1", None):
        total = seen[key({"bydel": bydel})]
        for outcome in TREES["outcome"][None]:
            cell = key({"bydel": bydel, "outcome": outcome})
            if total is None:
                continue
            low, high = (seen[cell],) * 2 if seen[cell] is not None else attacker.bounds(cell)
            assert low < total, "everybody of the group"
            assert high > 0, "nobody of the group"


def cheapest(values: dict[Cell, int], lines: list[tuple[Cell, list[Cell]]]) -> int:
    """The least sum of hidden figures (a 0 costs 1), by trying every pattern from the cheapest up."""
    small = {cell for cell, n in values.items() if n < THRESHOLD}
    others = [cell for cell in values if cell not in small]

    def cost(cells: Any) -> int:
        return sum(max(values[cell], 1) for cell in cells)

    patterns = [set(c) for size in range(len(others) + 1) for c in itertools.combinations(others, size)]
    for more in sorted(patterns, key=cost):
        hidden = small | more
        if any(sum(cell in hidden for cell in [total, *parts]) == 1 for total, parts in lines):
            continue  # worked out at once, or hidden for nothing
        attacker = Attacker(lines, {cell: None if cell in hidden else n for cell, n in values.items()})
        ends = [attacker.bounds(cell) for cell in small]
        if all(low <= 1e-6 and high >= THRESHOLD - 1e-6 for low, high in ends):
            return cost(hidden)
    raise AssertionError("everything hidden protects everything")


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 3, 4, 5, 6, 7, 9, 15]), min_size=6, max_size=6))
def test_nothing_cheaper_protects_a_small_table(counts: list[int]) -> None:
    tables, trees = {"t": ["sex", "outcome"]}, {name: TREES[name] for name in ("sex", "outcome")}
    places = list(itertools.product(["f", "m"], ["work", "school", "other"]))
    rows = [{"sex": s, "outcome": o} for (s, o), n in zip(places, counts, strict=True) for _ in range(n)]
    hierarchies = {
        name: hierarchy(name, [(value, "*") for value in trees[name][None]]) for name in ("sex", "outcome")
    }
    schema = {"sex": pl.String, "outcome": pl.String}
    answer = frequency(pl.DataFrame(rows, schema=schema), tables, how=Common(hierarchies, base=1))
    values = {cell: len(inside) for cell, inside in rows_behind(rows, tables, trees).items()}
    hidden = [cell for cell, figure in figures(answer, tables).items() if figure is None]
    assert answer.best
    assert sum(max(values[cell], 1) for cell in hidden) == cheapest(values, equations(tables, trees))


@laws
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(rows: Rows, random: Any) -> None:
    rows = rows + all_values()
    shuffled = random.sample(rows, len(rows))
    one, two = (frequency(frame(r), LINKED, how=Common({"bydel": BYDEL})) for r in (rows, shuffled))
    assert all(one.tables[name].equals(two.tables[name]) for name in LINKED)


@laws
@given(worlds)
def test_with_little_effort_the_answer_is_dearer_and_as_safe(rows: Rows) -> None:
    rows = rows + all_values()
    hasty = Highs(in_parts=0, rounds=1, nodes=0)
    best, soon = (
        frequency(frame(rows), LINKED, how=Common({"bydel": BYDEL}, engine=engine, base=1))
        for engine in (Highs(), hasty)
    )
    values = {cell: len(inside) for cell, inside in rows_behind(rows, LINKED, TREES).items()}
    seen = figures(soon, LINKED)
    costs = [
        sum(max(values[cell], 1) for cell, figure in figures(answer, LINKED).items() if figure is None)
        for answer in (best, soon)
    ]
    assert best.best
    assert costs[0] <= costs[1]
    assert costs[0] == costs[1] or not soon.best
    attacker = Attacker(equations(LINKED, TREES), seen)
    for cell in (cell for cell, n in values.items() if n < THRESHOLD):
        low, high = attacker.bounds(cell)
        assert (low <= 1e-6, high >= THRESHOLD - 1e-6) == (True, True)


earners = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from("xy"),
        st.sampled_from([0, 1, 10, 30, 200]),
        st.integers(0, 30),
    ),
    min_size=8,
    max_size=25,
)


@laws
@given(earners)
def test_sums_stay_open_by_what_the_rules_ask_even_to_somebody_alone_in_a_cell(
    world: list[tuple[str, str, int, int]],
) -> None:
    rule = Magnitude(least=3, largest=1, dominance=80, p=20)
    whole = [("a", "x", 7, 90), ("b", "y", 7, 91), ("c", "x", 7, 92), ("a", "y", 7, 93), ("b", "x", 7, 94)]
    rows = [dict(zip(("r", "s", "v", "id"), row, strict=True)) for row in [*world, *whole]]
    tables, trees = {"t": ["r", "s"]}, {"r": {None: ["a", "b", "c"]}, "s": {None: ["x", "y"]}}
    answer = magnitude(pl.DataFrame(rows), tables, "v", "id", rule, Common(base=1))
    seen = figures(answer, tables)
    attacker = Attacker(equations(tables, trees), seen)
    nothing_shown = Attacker(equations(tables, trees), dict.fromkeys(seen))
    inside_of = rows_behind(rows, tables, trees)
    behind = {cell: units(inside) for cell, inside in inside_of.items()}
    mean = sum(row["v"] for row in rows) / len({row["id"] for row in rows})
    alone = {cell: unit for cell, inside in inside_of.items() if (unit := only_one(inside)) is not None}
    for cell, each in behind.items():
        must, total = must_stay_open(each, mean), sum(each)
        if seen[cell] is not None:
            assert (seen[cell], must) == (total, 0)
        elif must:
            others = [i for i, unit in alone.items() if seen[i] is None and unit != alone.get(cell)]
            for knows in [{}, *({i: sum(behind[i])} for i in others)]:
                low, high = attacker.bounds(cell, knows)
                least, most = nothing_shown.bounds(cell, knows)
                assert low <= total - min(must, total) + 1e-4 or (knows and least > total - must)
                assert high >= total + must - 1e-4 or (knows and most < total + must)


def only_one(inside: Rows) -> int | None:
    """The unit that makes up a cell alone."""
    found = {row["id"] for row in inside}
    return found.pop() if len(found) == 1 else None


def units(inside: Rows) -> list[int]:
    """What each unit contributes, the largest first."""
    ids = {row["id"] for row in inside}
    return sorted((sum(row["v"] for row in inside if row["id"] == i) for i in ids), reverse=True)


def must_stay_open(each: list[int], mean: float) -> float:
    """The rule of the test in plain words; 0 where the cell is not sensitive."""
    total, (first, second) = sum(each), [*each, 0, 0][:2]
    reasons = [0.0]
    if len(each) < 3 or total == 0:
        reasons.append(max(1.0, 0.2 * max(total, mean)))
    if first > 0.8 * total:
        reasons.append(first / 0.8 - total)
    if total - first - second < 0.2 * first:
        reasons.append(0.2 * first - (total - first - second))
    return max(reasons)


@laws
@given(worlds, st.sampled_from([3, 5, 10]))
def test_rounded_tables_add_up_and_every_count_moves_by_less_than_the_base(rows: Rows, base: int) -> None:
    rows = rows + all_values()
    answer = rounding(frame(rows), LINKED, Common({"bydel": BYDEL}, base=base))
    told_of = {c: n for name, dims in LINKED.items() for c, n in told(answer.tables[name], dims).items()}
    for cell, inside in rows_behind(rows, LINKED, TREES).items():
        figure = told_of[cell]
        assert figure is not None
        assert figure % base == 0
        assert abs(figure - len(inside)) < base
    for total, parts in equations(LINKED, TREES):
        assert told_of[total] == sum(told_of[part] or 0 for part in parts)


@pytest.mark.parametrize("base", [3, 5])
def test_rounding_changes_no_more_in_all_than_it_must(base: int) -> None:
    counts = dict(zip(itertools.product("ab", "xyz"), [1, 2, 7, 4, 9, 3], strict=True))
    rows = pl.DataFrame([{"r": r, "s": s} for (r, s), n in counts.items() for _ in range(n)])
    answer = told(rounding(rows, {"t": ["r", "s"]}, Common(base=base)).tables["t"], ["r", "s"])

    def change(table: dict[tuple[str, str], int]) -> int:
        lines = [[(r, s) for r in rs for s in ss] for rs in ("a", "b", "ab") for ss in ("x", "y", "z", "xyz")]
        sums = [(sum(counts[c] for c in line), sum(table[c] for c in line)) for line in lines]
        return sum(abs(a - b) if abs(a - b) < base else 10**6 for a, b in sums)

    every = itertools.product(*({n // base * base, -(-n // base) * base} for n in counts.values()))
    least = min(change(dict(zip(counts, each, strict=True))) for each in every)
    mine = {(r, s): answer[key({"r": r, "s": s})] or 0 for r, s in counts}
    assert change(mine) == least < 10**6
