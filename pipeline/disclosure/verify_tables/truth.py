"""What is true of the cells of written tables, counted in SQL, and what must stay unknown of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from pipeline.disclosure.verify_files import columns_of, quoted, read, text
from pipeline.disclosure.verify_tables.written import Asked, Ints, System

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Behind:
    """What stands behind each cell: the figure, the units, and of sums the largest contributions.

    `holder` is the only unit's number, -1 where there are several or none; `mean` is a unit's mean.
    """

    mean: float
    figure: Ints
    units: Ints
    first: Ints
    second: Ints
    top: Ints
    holder: Ints


def behind_of(connection: duckdb.DuckDBPyConnection, system: System, asked: Asked) -> Behind:
    for at, nodes in enumerate(system.dimensions.values()):
        pairs = [(leaf, n, node.highest) for n, node in enumerate(nodes) for leaf in node.leaves]
        connection.execute(
            f"create or replace temp table up{at} (leaf varchar, node integer, highest double)"
        )
        connection.execute(
            f"insert into up{at} select unnest(?::varchar[]), unnest(?::integer[]), unnest(?::double[])",
            [list(column) for column in zip(*pairs, strict=True)],
        )
    unit = f"dense_rank() over (order by {quoted(asked.unit)})" if asked.unit else "0"
    value = f"try_cast(trim(cast({quoted(asked.value)} as varchar)) as bigint)" if asked.value else "1"
    kinds = columns_of(connection, "source")
    leaves_of = ", ".join(f"{text(name, kinds[name])} as d{at}" for at, name in enumerate(system.dimensions))
    connection.execute(
        f"create or replace temp table leaf as select {leaves_of}, {unit} as unit, {value} as v from source"
    )
    columns = [np.zeros(len(system.shown), np.int64) for _ in range(6)]
    columns[5] -= 1
    for told in asked.tables.values():
        for *key, figure, units, largest, holder in _grouped(connection, system, told, asked):
            cell = system.number[tuple(key)]
            ordered = [*(largest or []), 0, 0]
            top = sum(ordered[: asked.largest])
            counted = (figure, units, ordered[0], ordered[1], top, holder if units == 1 else -1)
            for column, one in zip(columns, counted, strict=True):
                column[cell] = one
    of_each = "select coalesce(sum(v) / count(distinct unit), 0) from leaf where v is not null"
    mean = connection.execute(of_each).fetchall()[0][0]
    return Behind(float(mean), *columns)


def _grouped(
    connection: duckdb.DuckDBPyConnection, system: System, told: Mapping[str, int], asked: Asked
) -> list[tuple[Any, ...]]:
    """Node numbers of each cell that has rows, its figure, units, largest contributions, and one unit."""
    used = {at: told[name] for at, name in enumerate(system.dimensions) if name in told}
    nodes = ", ".join(
        f"up{at}.node as n{at}" if at in used else f"0 as n{at}" for at in range(len(system.dimensions))
    )
    joins = " ".join(
        f"join up{at} on up{at}.leaf = leaf.d{at} and up{at}.highest >= {level}" for at, level in used.items()
    )
    by = ", ".join(f"n{at}" for at in range(len(system.dimensions)))
    most = max(asked.largest, 2)
    units = "count(*)" if asked.unit else "sum(one)"
    return connection.execute(
        f"with each as (select {nodes}, unit, sum(v) as one from leaf {joins} where v is not null "
        f"group by all) select {by}, cast(sum(one) as bigint), cast({units} as bigint), "
        f"cast(max(one, {most}) as bigint[]), any_value(unit) from each group by {by}"
    ).fetchall()


def known_of(connection: duckdb.DuckDBPyConnection, system: System, asked: Asked) -> Bools:
    """Which cells everybody knows; the protecting side has refused lines that name no cell."""
    known = np.zeros(len(system.shown), np.bool_)
    if asked.known is None:
        return known
    read(connection, "known", asked.known)
    kinds = columns_of(connection, "known")
    columns = ", ".join(text(name, kinds[name]) if name in kinds else "null" for name in system.dimensions)
    place = [{node.label: at for at, node in enumerate(nodes)} for nodes in system.dimensions.values()]
    for line in connection.execute(f"select {columns} from known").fetchall():
        known[system.number[tuple(of[label] for of, label in zip(place, line, strict=True))]] = True
    return known


@dataclass(frozen=True)
class Needs:
    """Which cells are sensitive, and how far below and above its figure each must remain possible."""

    sensitive: Bools
    lower: Floats
    upper: Floats


def needs_of(behind: Behind, known: Bools, asked: Asked) -> Needs:
    figure, few = behind.figure, behind.units < asked.least
    if asked.value is None:
        sensitive = few
        lower, upper = figure.astype(np.float64), np.maximum(asked.least - figure, 1).astype(np.float64)
    else:
        few = few | ((figure == 0) & (behind.units > 0))
        safe_at, open_by = behind.top * 100 / asked.dominance, behind.first * asked.p / 100
        rest = figure - behind.first - behind.second
        must = np.where(few, np.maximum(figure, behind.mean) * asked.p / 100, 0)
        must = np.maximum(must, np.where(figure < safe_at, safe_at - figure, 0))
        must = np.maximum(must, np.where(rest < open_by, open_by - rest, 0))
        sensitive = few | (figure < safe_at) | (rest < open_by)
        upper = np.maximum(np.ceil(must - 1e-6), 1)
        lower = np.minimum(upper, figure)
    return Needs(sensitive & ~(known & (figure == 0)), lower, upper)
