"""How the verifiers open tables and hierarchies: with DuckDB, and no code of what wrote them.

DuckDB does not tell capitals apart: of Home and home it would read one for the other. So every column stands
under a name of our own, given by its place (`renamed`), and SQL names it by `quoted` alone.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.errors import RequestRefused

# A CSV is split at the sign of these that its first line has most of.
SEPARATORS = ";,\t|"
_PREFIX = "column "


def read(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Let `table` be the CSV (all as text) or Parquet file, or RequestRefused: DuckDB's words quote lines."""
    try:
        rows = renamed(connection, _reader(path), _names_in(connection, path))
        connection.execute(f"create or replace table {table} as select * from {rows}")
    except (duckdb.Error, csv.Error):
        raise RequestRefused(
            f"The verifier cannot read the table {table} (a line of a CSV may have 2 MB).",
            instead="Nothing was written.",
            do="Give the tables as Parquet, or leave long texts out of them.",
        ) from None


def renamed(connection: duckdb.DuckDBPyConnection, rows: str, names: Sequence[str]) -> str:
    """What SQL reads (`rows`) with its columns, called `names` in their order, as `quoted` names them.

    RequestRefused where two are called the same, or there are others than DuckDB finds.
    """
    there = connection.execute(f"describe select * from {rows}").fetchall()
    if len(there) != len(names) or len(set(names)) < len(names):
        raise RequestRefused(
            "The verifier cannot tell the columns of a table apart: two have the same name, or its first "
            "line does not name them all.",
            instead="Nothing was written.",
            do="Give every column a name of its own.",
        )
    return f"{rows} as renamed({', '.join(map(quoted, names))})"


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table of `renamed` columns, as its file calls them, in order, each with its type."""
    found = connection.execute(f"describe {table}").fetchall()
    return {bytes.fromhex(name.removeprefix(_PREFIX)).decode(): kind for name, kind, *_ in found}


def parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The rows of a Parquet file, in SQL, with `renamed` columns."""
    return renamed(connection, _parquet_reader(path), _parquet_names(connection, path))


def is_parquet(path: Path) -> bool:
    """Whether the file is Parquet by its name."""
    return path.suffix.lower() in (".parquet", ".pq")


def hierarchy_lines(path: Path) -> list[list[str]]:
    """The lines of a hierarchy's file, blank ones left out."""
    lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    return list(csv.reader(lines, delimiter=max(SEPARATORS, key=lines[0].count)))


def quoted(name: str) -> str:
    """The name of our own, in SQL, of the column that a file calls `name`."""
    return f'"{_PREFIX}{name.encode().hex()}"'


def _names_in(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """What the file calls its columns, in their order."""
    if is_parquet(path):
        return _parquet_names(connection, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file, delimiter=_separator(path)), [])


def _parquet_names(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """What a Parquet file itself calls its columns; the parts of a column come after it, and are passed."""
    query = f"select name, coalesce(num_children, 0) from parquet_schema({_literal(path)})"
    names, inside = [], 0
    for name, parts in connection.execute(query).fetchall()[1:]:
        if not inside:
            names.append(name)
            inside = 1
        inside += parts - 1
    return names


def _literal(path: Path) -> str:
    return "'" + str(path.resolve()).replace("'", "''") + "'"


def _parquet_reader(path: Path) -> str:
    return f"read_parquet({_literal(path)}, hive_partitioning = false)"


def _reader(path: Path) -> str:
    if is_parquet(path):
        return _parquet_reader(path)
    return (
        f"read_csv({_literal(path)}, delim = '{_separator(path)}', quote = '\"', escape = '\"', "
        "all_varchar = true, header = true)"
    )


def _separator(path: Path) -> str:
    """The sign that a CSV's first line has most of."""
    with path.open(encoding="utf-8-sig") as file:
        return max(SEPARATORS, key=file.readline().count)
