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

# A CSV is split at the sign of these that its header has most of.
SEPARATORS = ";,\t|"
_PREFIX = "column "
# Moments of a time zone, by DuckDB's names, as moments of UTC.
_MOMENTS = {
    "TIMESTAMP WITH TIME ZONE": "make_timestamp(epoch_us({}))",
    "TIMESTAMPTZ_NS": "make_timestamp_ns(epoch_ns({}))",
}


def read(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Let `table` be the CSV (all as text) or Parquet file, or RequestRefused: DuckDB's words quote lines."""
    try:
        names = _names_in(connection, path)
        rows = renamed(connection, _reader(path, len(names)), names)
        connection.execute(f"create or replace table {table} as select * from {rows}")
    except (duckdb.Error, csv.Error, UnicodeDecodeError):
        raise RequestRefused(
            f"The verifier cannot read the table {table} (a line of a CSV may have 2 MB, and has as many "
            "values as the header).",
            instead="Nothing was written.",
            do="Give the tables as Parquet, or correct the lines.",
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
    return list(csv.reader(lines, delimiter=_separator(lines[0])))


def quoted(name: str) -> str:
    """The name of our own, in SQL, of the column that a file calls `name`."""
    return f'"{_PREFIX}{name.encode().hex()}"'


def text(name: str, kind: str = "VARCHAR") -> str:
    """The column of that kind as text; an empty one is a blank.

    Of decimal numbers there is one zero, and one that is none. A moment of a time zone is told in UTC,
    whatever the machine's own is.
    """
    column = quoted(name)
    told = f"cast({column} as varchar)"
    if kind in ("FLOAT", "DOUBLE"):
        double = f"cast(cast({column} as double) as varchar)"
        told = f"case when isnan({column}) then 'nan' when {column} = 0 then '0.0' else {double} end"
    if kind in _MOMENTS:
        told = f"cast({_MOMENTS[kind].format(column)} as varchar) || '+00'"
    return f"nullif({told}, '')"


def _names_in(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """What the file calls its columns, in their order."""
    if is_parquet(path):
        return _parquet_names(connection, path)
    head = _header(path)
    return next(csv.reader([head], delimiter=_separator(head)), [])


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
    """The path in SQL; a sign that would stand for names of other files stands for itself."""
    signs = (f"[{sign}]" if sign in "*?[" else sign for sign in str(path.resolve()))
    return "'" + "".join(signs).replace("'", "''") + "'"


def _parquet_reader(path: Path) -> str:
    return f"read_parquet({_literal(path)}, hive_partitioning = false)"


def _reader(path: Path, width: int) -> str:
    """The rows of the file in SQL; of a CSV nothing is left for DuckDB to guess from its first lines."""
    if is_parquet(path):
        return _parquet_reader(path)
    columns = ", ".join(f"'{at}': 'VARCHAR'" for at in range(max(width, 1)))
    return (
        f"read_csv({_literal(path)}, delim = '{_separator(_header(path))}', quote = '\"', escape = '\"', "
        f"auto_detect = false, header = true, columns = {{{columns}}})"
    )


def _header(path: Path) -> str:
    """The lines up to the first that leaves no quotation mark open."""
    told, marks = "", 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in file:
            told, marks = told + line, marks + line.count('"')
            if not marks % 2:
                break
    return told


def _separator(line: str) -> str:
    """The sign that a line has most of; what stands in quotation marks is every other part of it."""
    bare = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=bare.count)
