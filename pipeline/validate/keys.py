"""Judge a table by its keys: each primary key once, each foreign key found. DuckDB, over all rows.

The table is a frame where it fits in one batch, a stored Parquet file where it does not; DuckDB then
reads the file itself and spills to `restricted`, never to the working directory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock

import duckdb
import polars as pl

from pipeline.config import Settings
from pipeline.tables import Stored
from pipeline.validate.rows import REFERS_PREFIX, REPEATED, UNIQUE
from schemas import BY_NAME
from schemas.variable import Table, columns, facts

ROW_NUMBER = "row_number"


def broken_keys(
    table: type[Table],
    candidate: pl.DataFrame | Stored,
    parents: Mapping[str, Stored],
    settings: Settings,
) -> pl.DataFrame:
    """(row_number, column, rule) for each row of `candidate` whose keys do not hold, counted from 0.

    `parents` holds the *passed* rows of every table that a foreign key of `table` names: a row that
    points to a quarantined row points nowhere.
    """
    references = {c.name: c.about.key.references for c in columns(table) if c.about.key}
    pointing = {column: parent for column, parent in references.items() if parent}
    key = list(facts(table).primary_key)
    if isinstance(candidate, pl.DataFrame) and key and not candidate.select(key).is_duplicated().any():
        key = []  # in memory that is asked faster than an engine is started, and it is so in most parts
    found: list[pl.DataFrame] = []
    if key or pointing:
        with _with_candidate(settings, candidate) as connection:
            found += [_not_unique(table, connection)] if key else []
            found += [
                _orphans(connection, *column_and_parent, parents) for column_and_parent in pointing.items()
            ]
    schema = {ROW_NUMBER: pl.Int64(), "column": pl.String(), "rule": pl.String()}
    rows = [frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items()) for frame in found]
    return pl.concat([pl.DataFrame(schema=schema), *rows]).sort(ROW_NUMBER, "column", "rule")


def _not_unique(table: type[Table], connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    query = _sql("unique").format(
        key=", ".join(map(_quoted, facts(table).primary_key)),
        every_column=", ".join(_quoted(c.name) for c in columns(table)),
        repeated=REPEATED,
        unique=UNIQUE,
    )
    found: pl.DataFrame = connection.sql(query).pl()
    return found.with_columns(pl.lit("").alias("column"))


def _orphans(
    connection: duckdb.DuckDBPyConnection, column: str, references: str, parents: Mapping[str, Stored]
) -> pl.DataFrame:
    (parent_column,) = facts(BY_NAME[references]).primary_key
    connection.execute(
        f"create or replace temp view parent as select {_quoted(parent_column)} "
        f"from read_parquet({_path_literal(parents[references])})"
    )
    query = _sql("orphans").format(
        rule=REFERS_PREFIX + references, column=_quoted(column), parent_column=_quoted(parent_column)
    )
    found: pl.DataFrame = connection.sql(query).pl()
    return found.with_columns(pl.lit(column).alias("column"))


@contextmanager
def _with_candidate(
    settings: Settings, candidate: pl.DataFrame | Stored
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees `candidate`, its rows numbered from 0, and the files of `restricted`."""
    with _STARTING:
        engine = _engine(settings.restricted, settings.threads, settings.memory_limit)
    with engine.cursor() as connection:  # views and registered frames go with it
        if isinstance(candidate, pl.DataFrame):
            connection.register("candidate", candidate.with_row_index(ROW_NUMBER))
        else:
            connection.execute(
                "create temp view candidate as "
                f"select * exclude (file_row_number), file_row_number as {ROW_NUMBER} "
                f"from read_parquet({_path_literal(candidate)}, file_row_number = true)"
            )
        yield connection


# Of two parts that ask at once, one starts the engine and the other waits for it.
_STARTING = Lock()


@lru_cache(maxsize=1)
def _engine(folder: Path, threads: int, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """One engine for all parts of a night: starting one costs more than most parts' queries.

    It reads the files of `folder` and nothing else, and writes nowhere but its spill there.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory_limit,
        "temp_directory": str(folder / ".spill"),
    }
    connection = duckdb.connect(config=config)
    connection.execute(f"set allowed_directories = [{_literal(f'{folder}/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


# Only names declared in schemas and paths of our own are ever put into a query's text, never a value.
def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _path_literal(stored: Stored) -> str:
    return _literal(str(stored.path))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
