"""Whether under each written class stands a row of the source: points in boxes, all of them refined at once.

Part of the engine's verifier, and like it without a line of the engine's. A combination of the source is a
point, a written class a box: of each column the values under one of its hierarchy. All points begin in one
cell. In each round a cell is divided as far as no box of it is cut; where every column has a box that reaches
across, by the one that cuts fewest. A point is always in one cell, so that memory grows with the points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
# Keys are packed into so many bits before they are numbered anew.
_BITS = 62


@dataclass(frozen=True)
class _Tree:
    """One column's hierarchy: `above[level, leaf]` is a value's number, `level` and `leaf` are by value.

    Values are numbered over all levels; `leaf` is one that stands under the value.
    """

    above: Ints
    level: Ints
    leaf: Ints


@dataclass(frozen=True)
class _Points:
    """Combinations of the source: leaves (a column each), what is passed on with them, and their cell."""

    leaves: Ints
    passed: Ints
    cell: Ints

    def only(self, kept: Bools, cell: Ints) -> _Points:
        return _Points(self.leaves[kept], self.passed[kept], cell)


@dataclass(frozen=True)
class _Boxes:
    """Written classes: their values (a column each), the class, and a cell that they reach into."""

    values: Ints
    number: Ints
    cell: Ints

    def only(self, kept: Bools | Ints, cell: Ints) -> _Boxes:
        return _Boxes(self.values[kept], self.number[kept], cell)


def stands_under(connection: duckdb.DuckDBPyConnection, width: int) -> bool:
    """Whether under each row of `told` there is one of `raw` that is alike in `p`.

    Both have the columns p, q0, q1 ...; `up0`, `up1` ... have each leaf, each level and the value there, and
    are trees: a value has one parent.
    """
    trees = [_tree(connection, at) for at in range(width)]
    points, boxes, wanted = _read(connection, width)
    sought = _Sought(wanted, int(points.passed.max(initial=0)) + 1)
    levels = np.array([[len(tree.above) for tree in trees]], dtype=np.int64)
    while not sought.found.all() and len(boxes.number) and len(points.cell):
        boxes = _resolve(trees, points, boxes, levels, sought)
        points, boxes, levels = _filled(points, boxes, levels)
        if len(boxes.number):
            points, boxes, levels = _divide(trees, points, boxes, levels)
    return bool(sought.found.all())


class _Sought:
    """Which of the written pairs of a class and what is passed on have been found under it."""

    def __init__(self, pairs: Ints, passed: int) -> None:
        self.passed = passed
        self.keys = np.sort(pairs[:, 0] * passed + pairs[:, 1])
        self.found = np.zeros(len(self.keys), dtype=bool)

    def mark(self, number: Ints, passed: Ints) -> None:
        """These pairs are there."""
        keys = number * self.passed + passed
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        self.found[place[self.keys[place] == keys]] = True


def _tree(connection: duckdb.DuckDBPyConnection, at: int) -> _Tree:
    """The hierarchy as numbers; leaves and values are numbered in tables of their own."""
    connection.execute(
        f"create or replace temp table leaf{at} as select leaf, row_number() over (order by leaf) - 1 as n "
        f"from (select distinct leaf from up{at})"
    )
    connection.execute(
        f"create or replace temp table value{at} as "
        "select level, value, row_number() over (order by level, value) - 1 as n "
        f"from (select distinct level, value from up{at})"
    )
    found = _arrays(
        connection,
        f"select u.level as level, l.n as leaf, min(v.n) as value from up{at} u join leaf{at} l using (leaf) "
        f"join value{at} v on v.level = u.level and v.value = u.value group by all order by 1, 2",
    )
    level, leaf, value = (found[name] for name in ("level", "leaf", "value"))
    above = value.reshape(int(level.max(initial=0)) + 1, -1)
    kept = np.unique(value, return_index=True)[1]
    number = int(value.max(initial=-1)) + 1
    by_value = np.zeros((2, number), dtype=np.int64)
    by_value[:, value[kept]] = level[kept], leaf[kept]
    return _Tree(above, by_value[0], by_value[1])


def _read(connection: duckdb.DuckDBPyConnection, width: int) -> tuple[_Points, _Boxes, Ints]:
    """The points, the boxes, and the pairs of a class and what is passed on that are written."""
    columns = ", ".join(f"q{at}" for at in range(width))
    connection.execute(
        "create or replace temp table passed as select p, row_number() over () - 1 as n "
        "from (select distinct p from told)"
    )
    connection.execute(
        f"create or replace temp table written_class as select {columns}, row_number() over () - 1 as n "
        f"from (select distinct {columns} from told)"
    )
    leaves = ", ".join(f"leaf{at}.n as l{at}" for at in range(width))
    up = " ".join(f"join leaf{at} on leaf{at}.leaf = raw.q{at}" for at in range(width))
    points = _arrays(
        connection, f"select distinct passed.n as p, {leaves} from raw join passed using (p) {up}"
    )
    for at in range(width):
        _alternatives(connection, at)
    values = ", ".join(f"meant{at}.n as v{at}" for at in range(width))
    meant = " ".join(f"join meant{at} on meant{at}.value = c.q{at}" for at in range(width))
    boxes = _arrays(connection, f"select c.n as class, {values} from written_class c {meant}")
    pairs = _arrays(
        connection,
        "select distinct c.n as class, passed.n as p from told join passed using (p) "
        f"join written_class c using ({columns})",
    )
    return (
        _Points(_stacked(points, "l", width), points["p"], np.zeros(len(points["p"]), dtype=np.int64)),
        _Boxes(_stacked(boxes, "v", width), boxes["class"], np.zeros(len(boxes["class"]), dtype=np.int64)),
        np.stack([pairs["class"], pairs["p"]], axis=1),
    )


def _alternatives(connection: duckdb.DuckDBPyConnection, at: int) -> None:
    """What a written value may mean, at one or more levels; a level that another contains is left out."""
    connection.execute(
        f"create or replace temp table under{at} as select v.value, v.n, v.level, u.leaf "
        f"from value{at} v join up{at} u on u.level = v.level and u.value = v.value"
    )
    connection.execute(
        f"create or replace temp table meant{at} as select value, n from value{at} anti join ("
        f"select a.n from under{at} a join under{at} b on a.value = b.value and a.leaf = b.leaf "
        f"and a.level < b.level join (select n, count(*) as leaves from under{at} group by n) whole "
        "on whole.n = a.n group by a.n, b.n, leaves having count(*) = leaves) as contained using (n)"
    )


def _arrays(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Ints]:
    found: dict[str, Any] = connection.execute(query).fetchnumpy()
    return {name: np.asarray(column, dtype=np.int64) for name, column in found.items()}


def _stacked(found: dict[str, Ints], name: str, width: int) -> Ints:
    return np.stack([found[f"{name}{at}"] for at in range(width)], axis=1)


def _box_levels(trees: list[_Tree], boxes: _Boxes) -> Ints:
    columns = [tree.level[boxes.values[:, at]] for at, tree in enumerate(trees)]
    return np.stack(columns, axis=1)


def _resolve(trees: list[_Tree], points: _Points, boxes: _Boxes, levels: Ints, sought: _Sought) -> _Boxes:
    """Mark the boxes that are as large as their cell, with every point in it, and go on with the others."""
    whole: Bools = np.asarray((_box_levels(trees, boxes) == levels[boxes.cell]).all(axis=1))
    if whole.any():
        there = np.zeros(len(levels), dtype=bool)
        there[boxes.cell[whole]] = True
        mine = there[points.cell]
        order = np.argsort(points.cell[mine], kind="stable")
        cells, passed = points.cell[mine][order], points.passed[mine][order]
        first, last = (np.searchsorted(cells, boxes.cell[whole], side) for side in ("left", "right"))
        sought.mark(np.repeat(boxes.number[whole], last - first), passed[_ranges(first, last)])
    return boxes.only(~whole, boxes.cell[~whole])


def _filled(points: _Points, boxes: _Boxes, levels: Ints) -> tuple[_Points, _Boxes, Ints]:
    """Only the cells with points and boxes, numbered anew."""
    both = np.zeros((2, len(levels)), dtype=bool)
    both[0, points.cell], both[1, boxes.cell] = True, True
    kept = both[0] & both[1]
    number = np.cumsum(kept) - 1
    mine, theirs = kept[points.cell], kept[boxes.cell]
    return (
        points.only(mine, number[points.cell[mine]]),
        boxes.only(theirs, number[boxes.cell[theirs]]),
        levels[kept],
    )


def _divide(trees: list[_Tree], points: _Points, boxes: _Boxes, levels: Ints) -> tuple[_Points, _Boxes, Ints]:
    """Every cell divided once: as far as no box is cut, or else by the column that cuts fewest."""
    of_boxes = _box_levels(trees, boxes)
    down = _next_levels(of_boxes, boxes.cell, levels)
    moved = [at for at in range(len(trees)) if (down[:, at] < levels[:, at]).any()]
    cut: Bools = np.asarray((of_boxes > down[boxes.cell]).any(axis=1))
    sizes = [len(tree.level) for tree in trees]
    of_points, inside = points.cell, boxes.cell[~cut]
    for some in _packs(moved, sizes, len(points.cell)):
        for at in some:
            tree = trees[at]
            of_points = of_points * sizes[at] + tree.above[down[points.cell, at], points.leaves[:, at]]
            leaf = tree.leaf[boxes.values[~cut, at]]
            inside = inside * sizes[at] + tree.above[down[boxes.cell[~cut], at], leaf]
        keys, of_points = np.unique(of_points, return_inverse=True)
        inside = _found(keys, inside)
    one = np.zeros(int(of_points.max(initial=-1)) + 1, dtype=np.int64)
    one[of_points] = np.arange(len(of_points))  # a point of each new cell
    parents, there = points.cell[one], inside >= 0
    whole = boxes.only(~cut, inside).only(there, inside[there])
    first, last = (np.searchsorted(parents, boxes.cell[cut], side) for side in ("left", "right"))
    parts = boxes.only(np.repeat(np.flatnonzero(cut), last - first), _ranges(first, last))
    parts = _clipped(trees, parts, down[parents], points.leaves[one])
    both = _Boxes(*(np.concatenate(pair) for pair in zip(_fields(whole), _fields(parts), strict=True)))
    return _Points(points.leaves, points.passed, of_points), both, down[parents]


def _clipped(trees: list[_Tree], boxes: _Boxes, levels: Ints, leaves: Ints) -> _Boxes:
    """Boxes that reach across their cells, cut to them; `leaves` are those of a point in each cell."""
    values = boxes.values.copy()
    for at, tree in enumerate(trees):
        level = levels[boxes.cell, at]
        beyond = tree.level[values[:, at]] > level
        values[beyond, at] = tree.above[level, leaves[boxes.cell, at]][beyond]
    return _Boxes(values, boxes.number, boxes.cell)


def _fields(boxes: _Boxes) -> tuple[Ints, Ints, Ints]:
    return boxes.values, boxes.number, boxes.cell


def _next_levels(of_boxes: Ints, cell: Ints, levels: Ints) -> Ints:
    """The level each cell is divided at, column by column: that of its coarsest box.

    Where that is the cell's own in every column, one level down in the column that fewest boxes reach across.
    """
    down, across = np.full_like(levels, -1), np.zeros_like(levels)
    for at in range(levels.shape[1]):
        np.maximum.at(down[:, at], cell, of_boxes[:, at])
        across[:, at] = np.bincount(cell[of_boxes[:, at] == levels[cell, at]], minlength=len(levels))
    stuck = np.flatnonzero((down == levels).all(axis=1))
    if len(stuck):
        across[levels == 0] = len(cell) + 1  # a leaf cannot be divided
        down[stuck, across[stuck].argmin(axis=1)] -= 1
    return down


def _packs(moved: list[int], sizes: list[int], cells: int) -> Iterator[list[int]]:
    """The columns in packs whose keys fit into a number, that of one of so many cells before them."""
    pack: list[int] = []
    bits = free = _BITS - cells.bit_length()
    for at in moved:
        needs = max(sizes[at] - 1, 1).bit_length()
        if pack and needs > bits:
            yield pack
            pack, bits = [], free
        pack.append(at)
        bits -= needs
    if pack:
        yield pack


def _found(keys: Ints, sought: Ints) -> Ints:
    """The place of each in the sorted `keys`, -1 of one that is not there."""
    place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    return np.where(keys[place] == sought, place, -1)


def _ranges(first: Ints, last: Ints) -> Ints:
    """All whole numbers from each first up to its last, that one left out."""
    lengths = last - first
    begins = np.repeat(first - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.asarray(begins + np.arange(int(lengths.sum())), dtype=np.int64)
