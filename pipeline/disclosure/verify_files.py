"""How the engine's verifier opens a table: with DuckDB, and no code of what wrote it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.errors import RequestRefused


def read(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Let `table` be the CSV (all as text) or Parquet file, or RequestRefused: DuckDB's words quote lines."""
    literal = "'" + str(path.resolve()).replace("'", "''") + "'"
    reader = f"read_csv({literal}, all_varchar = true, header = true)"
    if is_parquet(path):
        reader = f"read_parquet({literal}, hive_partitioning = false)"
    try:
        connection.execute(f"create table {table} as select * from {reader}")
    except duckdb.Error:
        raise RequestRefused(
            f"The verifier cannot read the table {table} (a line of a CSV may have 2 MB).",
            instead="Nothing was written.",
            do="Give both tables as Parquet, or leave long texts out of them.",
        ) from None


def is_parquet(path: Path) -> bool:
    """Whether the file is Parquet by its name."""
    return path.suffix.lower() in (".parquet", ".pq")
