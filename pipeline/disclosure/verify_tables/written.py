"""What was ordered, and the tables as they were written: cells, figures and sums."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from pipeline.disclosure import verify_files
from pipeline.disclosure.verify_files import columns_of, hierarchy_lines, quoted, text

Ints = npt.NDArray[np.int64]

SHOWN, SUPPRESSED = "shown", "suppressed"
# The last columns of a written table: the figure, and one of the two words above.
_FIGURE = ("shown", "marker")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was ordered.

    `tables` are dimensions by name, and of each the finest level told; `hierarchies` and `known` are files.
    `value` and `unit` as in an order. `least`, `largest`, `dominance`, `p` and `base` are the rules'.
    `rounded`: nothing is hidden.
    """

    tables: Mapping[str, Mapping[str, int]]
    hierarchies: Mapping[str, Path] = field(default_factory=dict)
    known: Path | None = None
    unit: str | None = None
    value: str | None = None
    least: int
    largest: int
    dominance: float
    p: float
    base: int
    rounded: bool = False


@dataclass(frozen=True)
class Node:
    """A value of a dimension as written (None: the total), the leaves it covers, its highest level."""

    label: str | None
    leaves: frozenset[str]
    highest: float


@dataclass
class System:
    """All cells of the written tables, numbered; a figure that two tables share is one cell.

    `shown` is the written figure, -1 where hidden. `lines` are sums: a total and its parts.
    """

    dimensions: dict[str, list[Node]]
    number: dict[tuple[int, ...], int]
    shown: Ints
    lines: list[tuple[int, list[int]]]


def read(
    connection: duckdb.DuckDBPyConnection, written: Mapping[str, Path], asked: Asked
) -> tuple[System | None, list[str]]:
    """The written tables as one system, or what is wrong with their form."""
    names = sorted({name for table in asked.tables.values() for name in table})
    nodes = {name: _nodes(connection, name, asked) for name in names}
    place = {name: {node.label: at for at, node in enumerate(nodes[name])} for name in names}
    if any(len(place[name]) < len(nodes[name]) for name in names):
        return None, ["two values of a dimension look alike"]
    system = System(nodes, {}, np.zeros(0, np.int64), [])
    shown: list[int] = []
    problems: list[str] = []
    for table, told in asked.tables.items():
        dimensions = list(told)
        verify_files.read(connection, "told", written[table])
        if list(columns_of(connection, "told")) != [*dimensions, *_FIGURE]:
            return None, [f"{table} has not its dimensions, shown and marker as its columns"]
        shown_as, marked = map(quoted, _FIGURE)
        columns = [*map(text, dimensions), f"cast({shown_as} as bigint)", f"cast({marked} as varchar)"]
        lines = connection.execute(f"select {', '.join(columns)} from told").fetchall()
        labels = {name: {node.label for node in nodes[name] if node.highest >= told[name]} for name in told}
        size = math.prod(map(len, labels.values()))
        if len(lines) != size or len({line[:-2] for line in lines}) != size:
            problems.append(f"{table} has not every cell once")
            continue
        if any(line[at] not in labels[name] for line in lines for at, name in enumerate(dimensions)):
            problems.append(f"{table} has values that its rows and hierarchies have not")
            continue
        problems += _take(system, shown, place, table, dimensions, lines)
        system.lines += _lines_of(system, told)
    system.shown = np.array(shown, dtype=np.int64)
    return system, problems


def _take(
    system: System,
    shown: list[int],
    place: Mapping[str, Mapping[str | None, int]],
    table: str,
    dimensions: Sequence[str],
    lines: Sequence[tuple[Any, ...]],
) -> Iterator[str]:
    """Enter the cells of one table; what is wrong with them."""
    if any(
        line[-1] not in (SHOWN, SUPPRESSED) or (line[-1] == SHOWN) == (line[-2] is None) for line in lines
    ):
        yield f"{table} has a figure whose marker says otherwise"
        return
    for line in lines:
        given = {name: place[name][line[at]] for at, name in enumerate(dimensions)}
        # The total of a dimension is always its first node.
        key = tuple(given.get(name, 0) for name in system.dimensions)
        figure = -1 if line[-2] is None else int(line[-2])
        at = system.number.setdefault(key, len(shown))
        if at == len(shown):
            shown.append(figure)
        elif shown[at] != figure:
            yield f"{table} tells a figure otherwise than another table"
            return


def _nodes(connection: duckdb.DuckDBPyConnection, name: str, asked: Asked) -> list[Node]:
    """The values of a dimension: the total first, then all that its hierarchy or the rows have.

    A value that covers what the one below covers is that one.
    """
    if name in asked.hierarchies:
        rows = hierarchy_lines(asked.hierarchies[name])
    else:
        kind = columns_of(connection, "source")[name]
        found = connection.execute(f"select distinct {text(name, kind)} from source").fetchall()
        rows = [[str(value)] for (value,) in found]
    found_at: dict[frozenset[str], tuple[str | None, float]] = {
        frozenset(row[0] for row in rows): (None, math.inf)
    }
    for at, level in enumerate(zip(*rows, strict=True)):
        for label in dict.fromkeys(level):
            under = frozenset(row[0] for row, here in zip(rows, level, strict=True) if here == label)
            first, highest = found_at.get(under, (label, at))
            found_at[under] = (first, max(highest, at))
    return [Node(label, leaves, highest) for leaves, (label, highest) in found_at.items()]


def _lines_of(system: System, told: Mapping[str, int]) -> list[tuple[int, list[int]]]:
    """Each cell of a table that is a sum, once for each dimension in which it is one."""
    inside: list[set[int]] = []
    below: list[dict[int, list[int]]] = []
    for name, nodes in system.dimensions.items():
        mine = [n for n, node in enumerate(nodes) if name in told and node.highest >= told[name]]
        inside.append({0, *mine})
        below.append(_children(nodes, mine))
    found = []
    for key in system.number:
        if all(at in mine for at, mine in zip(key, inside, strict=True)):
            for place, children in enumerate(below):
                parts = [(*key[:place], child, *key[place + 1 :]) for child in children.get(key[place], [])]
                if parts:
                    found.append((system.number[key], [system.number[part] for part in parts]))
    return found


def _children(nodes: Sequence[Node], among: Sequence[int]) -> dict[int, list[int]]:
    """The next smaller values of `among` under each, where together they are the whole of it."""
    found: dict[int, list[int]] = {}
    for at in among:
        over = [n for n in among if nodes[at].leaves < nodes[n].leaves]
        if over:
            found.setdefault(min(over, key=lambda n: len(nodes[n].leaves)), []).append(at)
    return {
        at: parts
        for at, parts in found.items()
        if sum(len(nodes[part].leaves) for part in parts) == len(nodes[at].leaves)
    }
