"""An attacker on published tables who shares no code with what protects them: own equations, scipy."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linprog

from pipeline.disclosure.tables import Marker

Cell = frozenset[tuple[str, str]]
# For each dimension, what each value that is a sum is the sum of; None is the total.
Trees = Mapping[str, Mapping[str | None, list[str]]]
OPEN = float("inf")
# A table with one small count, a/x; the cheapest rectangle that hides it is with b and y.
SMALL = {
    ("a", "x"): 3,
    ("a", "y"): 20,
    ("a", "z"): 50,
    ("b", "x"): 30,
    ("b", "y"): 9,
    ("b", "z"): 40,
    ("c", "x"): 33,
    ("c", "y"): 25,
    ("c", "z"): 8,
}


def key(place: Mapping[str, str | None]) -> Cell:
    """A cell by its values; a total is left out, so tables that share a figure share its key."""
    return frozenset((name, value) for name, value in place.items() if value is not None)


def values_of(tree: Mapping[str | None, list[str]]) -> list[str | None]:
    return [None, *(value for below in tree.values() for value in below)]


def leaves_under(tree: Mapping[str | None, list[str]], value: str | None) -> set[str]:
    below = tree.get(value)
    if below is None:
        return {str(value)}
    return set().union(*(leaves_under(tree, child) for child in below))


def cells_of(table: Iterable[str], trees: Trees) -> list[dict[str, str | None]]:
    names = list(table)
    return [
        dict(zip(names, place, strict=True))
        for place in itertools.product(*(values_of(trees[n]) for n in names))
    ]


def equations(tables: Mapping[str, list[str]], trees: Trees) -> list[tuple[Cell, list[Cell]]]:
    found = []
    for names in tables.values():
        for place in cells_of(names, trees):
            for name in names:
                below = trees[name].get(place[name])
                if below:
                    found.append((key(place), [key({**place, name: child}) for child in below]))
    return found


def members(row: Mapping[str, Any], place: Mapping[str, str | None], trees: Trees) -> bool:
    return all(row[name] in leaves_under(trees[name], value) for name, value in place.items())


def rows_behind(
    rows: list[dict[str, Any]], tables: Mapping[str, list[str]], trees: Trees
) -> dict[Cell, list[dict[str, Any]]]:
    """Every cell of every table with the rows in it."""
    return {
        key(place): [row for row in rows if members(row, place, trees)]
        for names in tables.values()
        for place in cells_of(names, trees)
    }


def told(frame: pl.DataFrame, names: list[str]) -> dict[Cell, int | None]:
    """What a frame tells of each cell: its figure, or None where it is suppressed."""
    answer: dict[Cell, int | None] = {}
    for line in frame.iter_rows(named=True):
        suppressed = line["marker"] == Marker.SUPPRESSED
        assert suppressed == (line["shown"] is None)
        answer[key({name: line[name] for name in names})] = line["shown"]
    return answer


class Attacker:
    """Knows the equations, the shown figures and that nothing is negative."""

    def __init__(self, lines: list[tuple[Cell, list[Cell]]], figures: Mapping[Cell, int | None]) -> None:
        self.unknown = sorted((cell for cell, n in figures.items() if n is None), key=sorted)
        column = {cell: at for at, cell in enumerate(self.unknown)}
        matrix, right = [], []
        for total, parts in lines:
            line, known = np.zeros(len(column)), 0
            for cell, sign in [(total, 1), *((part, -1) for part in parts)]:
                figure = figures[cell]
                if figure is None:
                    line[column[cell]] += sign
                else:
                    known += sign * figure
            matrix.append(line)
            right.append(-known)
        self.matrix, self.right, self.column = (
            np.array(matrix).reshape(len(lines), len(column)),
            right,
            column,
        )

    def bounds(self, cell: Cell, knows: Mapping[Cell, int] | None = None) -> tuple[float, float]:
        """The least and the most that `cell` can be."""
        limits = [(0, None) if c not in (knows or {}) else ((knows or {})[c],) * 2 for c in self.unknown]
        aim = np.zeros(len(self.unknown))
        aim[self.column[cell]] = 1
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * aim,
                A_eq=self.matrix if len(self.matrix) else None,
                b_eq=self.right or None,
                bounds=limits,
                method="highs",
            )
            assert found.status in (0, 3), "what is published contradicts itself"
            ends.append(sign * found.fun if found.status == 0 else sign * -OPEN)
        return ends[0], ends[1]
