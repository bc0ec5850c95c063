"""The cells of one or several tables over the same rows, and the sums that bind them.

A cell is a combination of values, one for each dimension, where the total of a dimension stands for a
dimension a table does not have. So a figure that two tables share is one cell, and what is hidden in one
is hidden in both. Cells are numbered in the order of their values: the order of the rows says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy, flat
from pipeline.disclosure.texts import as_text
from pipeline.errors import RequestRefused

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# A system of more cells is a data set, not a table: nobody reads it, and no solver ends.
MOST_CELLS = 100_000
CELL = "cell"
# The number of the total among the values of each dimension; it is shown as null.
TOTAL = 0


@dataclass(frozen=True)
class Dimension:
    """The values of one dimension as a tree: number 0 is the total, above all others.

    `labels[n]` is the text of value n (None for the total), `children[n]` the values it is the sum of
    (none for a leaf), `levels[l]` the values of level l and above, the total first, and `above` a frame of
    `leaf` (the text in the rows), `value`: each leaf with its own number and that of everything above it.
    """

    name: str
    labels: tuple[str | None, ...]
    children: tuple[tuple[int, ...], ...]
    levels: tuple[Ints, ...]
    above: pl.DataFrame


@dataclass(frozen=True)
class Sums:
    """Equations: cell `total[e]` is the sum of the cells `part[first[e]:first[e + 1]]`."""

    total: Ints
    first: Ints
    part: Ints


@dataclass(frozen=True)
class System:
    """All cells of all tables: `places[c]` holds the number of cell c's value in each dimension.

    `tables` gives the cells of each table by its name.
    """

    dimensions: tuple[Dimension, ...]
    places: Ints
    tables: Mapping[str, Ints]
    sums: Sums

    @property
    def size(self) -> int:
        return len(self.places)

    @property
    def names(self) -> list[str]:
        return [dimension.name for dimension in self.dimensions]


def dimension(hierarchy: Hierarchy) -> Dimension:
    """The tree of a hierarchy; a value that covers what the one below covers is that one.

    RequestRefused where two values of different cover have one text: a reader could not tell them apart.
    """
    number: dict[bytes, int] = {np.ones(len(hierarchy.leaves), bool).tobytes(): TOTAL}
    labels: list[str | None] = [None]
    children: dict[int, tuple[int, ...]] = {}
    numbers = []
    for codes, texts in zip(hierarchy.codes, hierarchy.labels, strict=True):
        at = []
        for code, text in enumerate(texts):
            cover = (codes == code).tobytes()
            if cover not in number:
                number[cover] = len(labels)
                labels.append(text)
            at.append(number[cover])
        numbers.append(np.array(at)[codes])
    numbers.append(np.zeros(len(hierarchy.leaves), dtype=np.int64))
    if "" in labels:
        raise _refused(
            f"A value of {hierarchy.name} has no text", "Give each value one: a blank is the total"
        )
    if len(set(labels)) < len(labels):
        raise RequestRefused(
            f"Two values of {hierarchy.name} that cover different ones have the same text.",
            instead="No table was made.",
            do="Give the values of each level texts of their own.",
        )
    for below, over in pairwise(numbers):
        for value in dict.fromkeys(over.tolist()):
            under = tuple(dict.fromkeys(below[over == value].tolist()))
            if under != (value,):
                children[value] = under
    pairs = {(leaf, int(at)) for level in numbers for leaf, at in zip(hierarchy.leaves, level, strict=True)}
    above = pl.DataFrame(sorted(pairs), schema={"leaf": pl.String, "value": pl.Int64}, orient="row")
    levels = tuple(np.unique(np.concatenate([*numbers[at:], [TOTAL]])) for at in range(len(numbers) - 1))
    below_each = tuple(children.get(n, ()) for n in range(len(labels)))
    return Dimension(hierarchy.name, tuple(labels), below_each, levels, above)


def dimensions_of(
    rows: pl.DataFrame, names: Sequence[str], hierarchies: Mapping[str, Hierarchy]
) -> tuple[Dimension, ...]:
    """The dimensions of those names, in order of name: by their hierarchy, or the values found and a total.

    RequestRefused where a value is missing or stands in no hierarchy; it is not quoted.
    """
    found = []
    for name in sorted(set(names)):
        values = as_text(rows.get_column(name))
        if values.null_count() or (values == "").any():
            raise _refused(f"{name} is blank in a row", "Give blanks a value of their own")
        tree = hierarchies.get(name) or flat(name, values.unique().to_list())
        if (~values.is_in(list(tree.leaves))).any():
            raise _refused(f"A value of {name} is no leaf of its hierarchy", "Correct one of them")
        found.append(dimension(tree))
    return tuple(found)


def system(dimensions: Sequence[Dimension], tables: Mapping[str, Mapping[str, int]]) -> System:
    """The cells and sums of `tables`: of each the finest level it tells of each of its dimensions.

    RequestRefused where a hierarchy has no such level, or the tables are too large.
    """
    sizes = [len(d.labels) for d in dimensions]
    if any(not 0 <= told.get(d.name, 0) < len(d.levels) for told in tables.values() for d in dimensions):
        raise _refused(
            "A table tells a level that its hierarchy has not", "Count levels from 0, the rows' own"
        )
    if math.prod(sizes) >= 2**62 or any(
        math.prod(len(d.levels[told[d.name]]) for d in dimensions if d.name in told) > MOST_CELLS
        for told in tables.values()
    ):
        raise _refused(f"A table has more than {MOST_CELLS:,} cells", "Leave out or coarsen a dimension")
    strides = _strides(sizes)
    grids = {name: _grid(dimensions, strides, told) for name, told in tables.items()}
    keys = np.unique(np.concatenate(list(grids.values())))
    if len(keys) > MOST_CELLS:
        raise _refused(f"The tables have more than {MOST_CELLS:,} cells", "Protect fewer of them together")
    places = keys[:, None] // strides[None, :] % np.array(sizes)[None, :]
    found = [_sums(dimensions, strides, told, keys) for told in tables.values()]
    cells = {name: np.searchsorted(keys, np.sort(grid)) for name, grid in grids.items()}
    return System(tuple(dimensions), places, cells, _distinct(found))


def leaves(system: System, rows: pl.DataFrame, **beside: pl.Series) -> pl.DataFrame:
    """`rows` with their dimensions alone, each called by its place, and the columns `beside`.

    What `rows` call their columns is not taken over: no name of theirs can be one that is used here.
    """
    columns = {str(at): as_text(rows.get_column(name)) for at, name in enumerate(system.names)}
    return pl.DataFrame({**columns, **beside})


def figures(
    system: System, leaves: pl.DataFrame, figure: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> pl.DataFrame:
    """What `figure` makes of the rows of each cell, one row for each `cell` that has any.

    `figure` gets every row of `leaves` once for each cell of a table that it is counted in, with the cell's
    number as `cell`, and answers with at most one row for each number.
    """
    made = []
    for name in system.tables:
        made.append(figure(_spread(system, leaves, name)).collect())
    return pl.concat(made).unique(CELL, keep="first", maintain_order=True).sort(CELL)


def per_cell(system: System, figures: pl.DataFrame, column: str) -> Ints:
    """The whole-number `column` of `figures`, one row for each `cell`; 0 for a cell that has none."""
    answer = np.zeros(system.size, dtype=np.int64)
    answer[figures.get_column(CELL).to_numpy()] = figures.get_column(column).cast(pl.Int64).to_numpy()
    return answer


def cell_numbers(system: System, frame: pl.DataFrame) -> Ints:
    """The numbers of the cells that `frame` names by their values, null for a total; others are refused."""
    key = np.zeros(frame.height, dtype=np.int64)
    strides = _strides([len(d.labels) for d in system.dimensions])
    for at, dim in enumerate(system.dimensions):
        if dim.name not in frame.columns:
            continue
        number = {text: n for n, text in enumerate(dim.labels)}
        numbers = [number.get(text, -1) for text in as_text(frame.get_column(dim.name)).to_list()]
        if -1 in numbers:
            raise _refused(f"A cell is named by a value that {dim.name} has not", "Correct the name")
        key += np.array(numbers, dtype=np.int64) * strides[at]
    keys = system.places @ strides
    found: Ints = np.searchsorted(keys, key).clip(max=system.size - 1)
    if (keys[found] != key).any():
        raise _refused("A cell is named that no table has", "Leave it out")
    return found


def labelled(system: System, table: str, names: Sequence[str]) -> pl.DataFrame:
    """The values of each cell of `table`, in the order of its cells; null in a column is its total."""
    places = system.places[system.tables[table]]
    by_name = {d.name: (at, d) for at, d in enumerate(system.dimensions)}
    return pl.DataFrame(
        [
            pl.Series(name, [by_name[name][1].labels[n] for n in places[:, by_name[name][0]]], pl.String)
            for name in names
        ]
    )


def _spread(system: System, leaves: pl.DataFrame, table: str) -> pl.LazyFrame:
    cells = system.places[system.tables[table]]
    strides = _strides([len(d.labels) for d in system.dimensions])
    spread, keys = leaves.lazy(), pl.lit(0, pl.Int64)
    for at, dim in enumerate(system.dimensions):
        if not cells[:, at].any():
            continue  # the table has only its total
        above = dim.above.lazy().select("leaf", (pl.col("value") * int(strides[at])).alias(f"@{at}"))
        spread = spread.join(above, left_on=str(at), right_on="leaf", how="inner")
        keys = keys + pl.col(f"@{at}")
    numbers = pl.LazyFrame({"@": cells @ strides, CELL: system.tables[table]})
    return spread.with_columns(keys.alias("@")).join(numbers, on="@", how="inner")


def _strides(sizes: Sequence[int]) -> Ints:
    return np.array([math.prod(sizes[at + 1 :]) for at in range(len(sizes))], dtype=np.int64)


def _grid(dimensions: Sequence[Dimension], strides: Ints, told: Mapping[str, int]) -> Ints:
    """The keys of all combinations of the values told of those dimensions, the others at their total."""
    keys = np.zeros(1, dtype=np.int64)
    for dim, stride in zip(dimensions, strides, strict=True):
        if dim.name in told:
            keys = (keys[:, None] + dim.levels[told[dim.name]] * stride).ravel()
    return keys


def _sums(
    dimensions: Sequence[Dimension], strides: Ints, told: Mapping[str, int], keys: Ints
) -> list[tuple[Ints, Ints]]:
    """For each value with others below it: the cells that are totals, and a matrix of their parts."""
    found = []
    for dim, stride in zip(dimensions, strides, strict=True):
        if dim.name not in told:
            continue
        others = _grid(dimensions, strides, {name: at for name, at in told.items() if name != dim.name})
        there = set(dim.levels[told[dim.name]].tolist())
        for value, below in enumerate(dim.children):
            if below and value in there and there.issuperset(below):
                parts = others[:, None] + np.array(below) * stride
                found.append((np.searchsorted(keys, others + value * stride), np.searchsorted(keys, parts)))
    return found


def _distinct(found: list[list[tuple[Ints, Ints]]]) -> Sums:
    """All sums, each once though several tables have it, in the order of their total and first part."""
    unique: dict[tuple[int, ...], None] = {}
    for table in found:
        for totals, parts in table:
            unique |= dict.fromkeys(map(tuple, np.column_stack([totals, parts]).tolist()))
    lines = sorted(unique)
    return Sums(
        total=np.array([line[0] for line in lines], dtype=np.int64),
        first=np.cumsum([0, *(len(line) - 1 for line in lines)]).astype(np.int64),
        part=np.array([cell for line in lines for cell in line[1:]], dtype=np.int64),
    )


def _refused(what: str, do: str) -> RequestRefused:
    return RequestRefused(f"{what}.", instead="No table was made.", do=f"{do}.")
