"""How the verifiers open tables and hierarchies: with DuckDB, and no code of what wrote them."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from pipeline.errors import RequestRefused

# A CSV is split at the sign of these that its first line has most of.
SEPARATORS = ";,\t|"


def read(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Let `table` be the CSV (all as text) or Parquet file, or RequestRefused: DuckDB's words quote lines."""
    try:
        connection.execute(f"create or replace table {table} as select * from {_reader(path)}")
    except duckdb.Error:
        raise RequestRefused(
            f"The verifier cannot read the table {table} (a line of a CSV may have 2 MB).",
            instead="Nothing was written.",
            do="Give the tables as Parquet, or leave long texts out of them.",
        ) from None


def is_parquet(path: Path) -> bool:
    """Whether the file is Parquet by its name."""
    return path.suffix.lower() in (".parquet", ".pq")


def hierarchy_lines(path: Path) -> list[list[str]]:
    """The lines of a hierarchy's file, blank ones left out."""
    lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    return list(csv.reader(lines, delimiter=max(SEPARATORS, key=lines[0].count)))


def quoted(name: str) -> str:
    """A column's name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def _reader(path: Path) -> str:
    literal = "'" + str(path.resolve()).replace("'", "''") + "'"
    if is_parquet(path):
        return f"read_parquet({literal}, hive_partitioning = false)"
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline()
    return (
        f"read_csv({literal}, delim = '{max(SEPARATORS, key=first.count)}', quote = '\"', escape = '\"', "
        "all_varchar = true, header = true)"
    )
