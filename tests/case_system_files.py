"""A small case system in DuckDB, made from the declarations: every table, a few rows, no invented world."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from schemas import CASE_SYSTEM
from schemas.variable import columns, facts

TYPES = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
}
# For row number i. In no order, every seventh value of a column that may be empty is, and text is such that
# bytes and a language's own order disagree: B before a, Å after ø, composed and decomposed letters apart.
VALUES = {
    pl.String: "['B', 'a', 'å', 'ø', 'Å', 'aa', 'z', 'a\u030a', ''][1 + i * 5 % 9] || (i * 37 % 101)",
    pl.Int64: "i * 37 % 101",
    pl.Float64: "(i * 37 % 400) / 8.0",
    pl.Date: "DATE '2010-01-01' + (i * 37 % 3000)::INTEGER",
    pl.Boolean: "i % 3 = 0",
}


def make_case_system(path: Path, *, rows: int = 60) -> Path:
    """Write the file and return its path."""
    with duckdb.connect(str(path)) as connection:
        for table in CASE_SYSTEM:
            declared, values = [], []
            for place, column in enumerate(columns(table)):
                kind = column.dtype.base_type()
                name = column.about.source_name
                declared.append(f'"{name}" {TYPES[kind]}')
                empty = f"i % 7 = {place % 7}" if column.nullable else "false"
                values.append(f"CASE WHEN {empty} THEN NULL ELSE {VALUES[kind]} END")
            target = f'"{facts(table).source_name}"'
            connection.execute(f"CREATE TABLE {target} ({', '.join(declared)})")
            connection.execute(f"INSERT INTO {target} SELECT {', '.join(values)} FROM range({rows}) r(i)")
    return path


def execute(path: Path, *statements: str) -> None:
    """Change the file."""
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
