"""One pass over a stored table: how many rows, and how often each field is filled and says «ukjent».

Rows are counted by the class of the unit they belong to, a number: whatever is true of a unit (its year, its
bydel, whether a field is asked of it) is looked at once for each class and never for each row. DuckDB reads
the files within a bound of memory. What does not belong here: which units there are, and what a count means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from pipeline.config import Settings, private_folder
from pipeline.linkage.engine import SCRATCH_FOLDER, bounded
from pipeline.quality.populations import Cores, paths
from pipeline.quality.states import said_by
from schemas.variable import Column

UNIT, CLASS, YEAR, ROWS = "unit", "unit_class", "year", "rows"
FILLED = "filled"
EMPTY = "empty"  # of a field: rows in which an empty value is an answer (`EmptyMeans`)
# Prefixed, so that a measured `bydel` is not taken for the bydel it is counted in; the queries name them too.
_VALUE, _SAYS = "value:", "says:"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much memory and how many threads counting may take, and where what does not fit is put meanwhile.

    Without `scratch` what does not fit fails.
    """

    memory_limit: str = Settings.memory_limit
    threads: int = Settings.threads
    scratch: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """The bounds that linking has."""
        return cls(
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            scratch=private_folder(settings.data / SCRATCH_FOLDER),
        )


IN_MEMORY = Bounds()


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A table's stored rows: its files, the core key of their unit, what dates them, what is counted.

    `columns` are at least one, each of them in core.
    """

    stored: Sequence[Path]
    key: str
    dated_by: str
    columns: tuple[Column, ...]


@contextmanager
def reading(cores: Cores, names: Sequence[str], bounds: Bounds) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may read the named tables of `cores` and nothing else."""
    parts = [path for name in names for path in paths(cores, name)]
    with bounded(
        parts, memory_limit=bounds.memory_limit, threads=bounds.threads, scratch=bounds.scratch
    ) as connection:
        yield connection


def count_all(connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame) -> pl.DataFrame:
    """CLASS, YEAR (of the row; null where it is not dated), ROWS; of each field FILLED, its states and EMPTY.

    `units` (UNIT, CLASS) has the units whose rows are counted. A state that no value says is left out, and
    EMPTY where an empty value never is an answer.
    """
    _show(connection, rows, units)
    return _counts(connection, rows, _sql("every_row"), (CLASS, YEAR))


def count_latest(connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame) -> pl.DataFrame:
    """As `count_all`, without YEAR, of each unit only the row that `populations.latest` takes."""
    _show(connection, rows, units)
    if connection.sql(_sql("each_once")).fetchall() == [(True,)]:
        return _counts(connection, rows, _sql("every_row"), (CLASS,))
    connection.execute(_sql("last_rows"))
    told = [_counts(connection, rows, _sql("last_told"), (CLASS,))]
    if connection.sql("from tied limit 1").fetchall():
        told.append(_counts(connection, rows, _sql("last_of_tied"), (CLASS,)))
    return pl.concat(told).group_by(CLASS).sum()


def _show(connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame) -> None:
    """The view `rows` (UNIT, dated, a value and what it says of each field) and the table `units`."""
    stored = connection.read_parquet([str(path.resolve()) for path in rows.stored], hive_partitioning=False)
    shown = [f'"{rows.key}" as {UNIT}', f'"{rows.dated_by}" as dated']
    for column in rows.columns:
        shown.append(f'"{column.core_name}" as "{_VALUE}{column.name}"')
        # Before any join: there a code is compared once for each that a file's dictionary holds. Never null,
        # and so summed at half the cost.
        shown += [f'({told})::int as "{_SAYS}{name}"' for name, told in _says(column).items()]
    stored.project(", ".join(shown)).create_view("rows", replace=True)
    connection.register("given", units)
    # A table of its own has a known size: the engine then keeps the units at hand, not the rows.
    connection.execute("create or replace temp table units as from given")
    connection.unregister("given")


def _says(column: Column) -> dict[str, str]:
    """The name of each count of a state -> SQL: whether the value says it. Declared names and codes alone."""
    told = {
        f"{state.value}:{column.name}": _one_of(str(column.core_name), members)
        for state, members in said_by(column).items()
        if members
    }
    if empty := column.about.empty_means:
        among = f" and ({_one_of(empty.where, empty.among)})" if empty.where else ""
        told[f"{EMPTY}:{column.name}"] = f'"{column.core_name}" is null{among}'
    return told


def _one_of(column: str, members: Sequence[int | str]) -> str:
    return " or ".join(f'"{column}" is not distinct from {duckdb.ConstantExpression(m)}' for m in members)


def _counts(
    connection: duckdb.DuckDBPyConnection, rows: Rows, told: str, by: tuple[str, ...]
) -> pl.DataFrame:
    """ROWS and the fields' counts over the rows of the query `told`, grouped."""
    counts = [f"count(*) as {ROWS}"]
    for column in rows.columns:
        counts.append(f'count("{_VALUE}{column.name}") as "{FILLED}:{column.name}"')
        # A sum, not a count with a filter: the engine takes those one at a time.
        counts += [f'sum("{_SAYS}{name}")::bigint as "{name}"' for name in _says(column)]
    found: pl.DataFrame = connection.sql(
        f"select {', '.join((*by, *counts))} from ({told}) group by all"
    ).pl()
    return found


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
