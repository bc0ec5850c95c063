"""Points under boxes, against trying every written row with every row of the source."""

from __future__ import annotations

import random

import duckdb
import polars as pl
import pytest

from pipeline.disclosure.verify_under import stands_under

Line = tuple[str, ...]
# Three columns: a usual tree; values that stand at several levels; and one where a leaf's name is used again
# for what stands above other leaves. The last has no common top.
TREES: list[list[Line]] = [
    [(str(n), f"{n // 2 * 2}-", f"{n // 4 * 4}+", "*") for n in range(8)],
    [("a", "a", "x", "*"), ("b", "b", "x", "*"), ("c", "y", "y", "*"), ("d", "y", "y", "*")],
    [("p", "q"), ("q", "r"), ("s", "r")],
]


def holds(raw: list[Line], told: list[Line], trees: list[list[Line]]) -> bool:
    names = ["p", *(f"q{at}" for at in range(len(trees)))]
    tables = {
        name: pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        for name, rows in (("raw", raw), ("told", told))
    }
    for at, lines in enumerate(trees):
        rows = [(line[0], level, value) for line in lines for level, value in enumerate(line)]
        tables[f"up{at}"] = pl.DataFrame(rows, schema=["leaf", "level", "value"], orient="row")
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return stands_under(connection, len(trees))


def by_trying(raw: list[Line], told: list[Line], trees: list[list[Line]]) -> bool:
    above = [{line[0]: set(line) for line in lines} for lines in trees]

    def is_under(source: Line, written: Line) -> bool:
        return source[0] == written[0] and all(
            value in above[at].get(leaf, set())
            for at, (leaf, value) in enumerate(zip(source[1:], written[1:], strict=True))
        )

    return all(any(is_under(source, written) for source in raw) for written in told)


@pytest.mark.parametrize("seed", range(40))
def test_it_agrees_with_trying_every_pair(seed: int) -> None:
    chance = random.Random(seed)
    raw = [
        (chance.choice("kl"), *(chance.choice(lines)[0] for lines in TREES))
        for _ in range(chance.randrange(1, 40))
    ]
    # Coarser forms of rows of the source, cell by cell, so that boxes overlap; and one that may be none.
    told = []
    for _ in range(chance.randrange(1, 30)):
        kept, *leaves = chance.choice(raw)
        lines = [
            next(line for line in tree if line[0] == leaf) for tree, leaf in zip(TREES, leaves, strict=True)
        ]
        told.append((kept, *(chance.choice(line) for line in lines)))
    assert by_trying(raw, told, TREES) and holds(raw, told, TREES)
    strange = [(chance.choice("kl"), *(chance.choice(chance.choice(lines)) for lines in TREES))]
    assert holds(raw, told + strange, TREES) == by_trying(raw, told + strange, TREES)


def test_the_random_tables_have_both_answers() -> None:
    answers = set()
    for seed in range(40):
        chance = random.Random(seed)
        raw = [("k", *(chance.choice(lines)[0] for lines in TREES)) for _ in range(4)]
        told = [("k", *(chance.choice(chance.choice(lines)) for lines in TREES))]
        answers.add(answer := by_trying(raw, told, TREES))
        assert holds(raw, told, TREES) is answer
    assert answers == {True, False}


def test_what_is_passed_on_must_be_that_of_a_row_under_the_same_class() -> None:
    raw = [("k", "0", "a", "p"), ("l", "4", "a", "p")]
    assert holds(raw, [("k", "0+", "a", "q"), ("l", "4+", "x", "p")], TREES)
    assert not holds(raw, [("l", "0+", "a", "q")], TREES)


def test_a_source_without_a_row_has_nothing_under_anything() -> None:
    assert not holds([], [("k", "*", "*", "r")], TREES)
    assert not holds([("k", "unknown", "a", "p")], [("k", "*", "*", "q")], TREES)


def test_many_columns_are_more_than_one_number_holds() -> None:
    """Ten columns of 64 leaves: their keys are packed in several steps."""
    tree = [(str(n), f"h{n // 8}", "*") for n in range(64)]
    chance = random.Random(7)
    raw = [("k", *(chance.choice(tree)[0] for _ in range(10))) for _ in range(200)]
    told = [
        (kept, *(chance.choice(tree[int(leaf)]) for leaf in leaves))
        for kept, *leaves in chance.sample(raw, 50)
    ]
    assert holds(raw, told, [tree] * 10)
    gone = [row for row in raw if row != raw[0]]
    assert not holds(gone, [*told, raw[0]], [tree] * 10)
