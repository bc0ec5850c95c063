"""DuckDB as linking uses it: one connection a query, its inputs as views, its result checked by its schema.

DuckDB reads the stored Parquet itself, from the folders of the tables it is handed and from nowhere
else. Every result has exactly the columns of its schema, keeps its rules, is unique by primary key and
totally ordered. What does not belong here: any query (`queries`, `matching`, `reconcile`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from pandera.errors import SchemaErrors

from pipeline.config import Settings, private_folder
from pipeline.errors import SchemaChanged, TableRejected
from pipeline.tables import Stored
from schemas import BY_NAME
from schemas.core import in_core
from schemas.variable import Table, facts, fingerprint, polars_schema, table_name

Source = Sequence[Stored] | pl.DataFrame
Keep = Callable[[pl.DataFrame], None]  # where the batches of a large result go

CORE_PREFIX = "core_"
SCRATCH_FOLDER = "scratch"  # where DuckDB puts what does not fit in memory
BATCH_ROWS = 250_000  # of a large result at a time; a constant, so that the same rows make the same file


def run(
    settings: Settings,
    result: type[Table],
    params: Mapping[str, Any],
    into: Keep | None = None,
    /,
    **sources: Source,
) -> pl.DataFrame:
    """The result as one frame; or, where it may be large, batch by batch `into` a place, and no rows here."""
    with connected(settings, sources) as connection:
        connection.execute(_sql("rules"))
        if "residence_code" in sources:
            connection.execute(_sql("residence"))
        relation = connection.sql(_sql(table_name(result)), params=dict(params))
        if into is None:
            return _checked(result, relation.pl())
        return _checked_in_batches(result, relation, into)


@contextmanager
def connected(settings: Settings, sources: Mapping[str, Source]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees `sources` as views, may read the folders they stand in, and nothing else.

    A stored source is a list of parts; an empty list is a table without rows.
    """
    parts = [part for source in sources.values() if not isinstance(source, pl.DataFrame) for part in source]
    scratch = private_folder(settings.data / SCRATCH_FOLDER)
    with bounded(
        [part.path for part in parts],
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        scratch=scratch,
    ) as connection:
        for name, source in sources.items():
            _show(connection, name, source)
        yield connection


@contextmanager
def bounded(
    paths: Iterable[Path], *, memory_limit: str, threads: int, scratch: Path | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection within these bounds that may read the folders of `paths`, and nothing else.

    What does not fit in memory goes to `scratch`; without one, what does not fit fails.
    """
    folders = sorted({str(path.resolve().parent) for path in paths})
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": str(scratch or ""),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=config) as connection:
        connection.execute(f"set allowed_directories = [{', '.join(map(_quoted, folders))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set enable_progress_bar = false")
        connection.execute("set lock_configuration = true")
        yield connection


def _show(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> None:
    if isinstance(source, pl.DataFrame):
        connection.register(name, source)
        return
    table = _declared(name)
    expected = fingerprint(table)
    for part in source:
        if part.schema != expected:
            raise SchemaChanged(
                f"{name}/{part.name} was stored under another schema.",
                instead="Nothing was linked.",
                do="Make it again with: uttrekk run",
            )
    if source:
        paths = [str(part.path.resolve()) for part in source]
        connection.read_parquet(paths, hive_partitioning=False).create_view(name)
    else:
        connection.register(name, pl.DataFrame(schema=polars_schema(table)))


def _declared(name: str) -> type[Table]:
    """The schema a view of that name is read under: `core_person` is `person` as it stands in core."""
    if name.startswith(CORE_PREFIX):
        return in_core(BY_NAME[name.removeprefix(CORE_PREFIX)])
    return BY_NAME[name]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _checked(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` if it keeps its schema and is unique by primary key; our own mistake otherwise, so fatal."""
    key = list(facts(table).primary_key)
    checked = _valid(table, frame)
    if key and not _ascends(frame, key) and frame.select(key).is_duplicated().any():
        raise _rejected(table, "primary key is not unique")
    return checked


def _checked_in_batches(table: type[Table], relation: duckdb.DuckDBPyRelation, into: Keep) -> pl.DataFrame:
    """As `_checked`; what is kept batch by batch must come in the order of its key to be known unique."""
    key = list(facts(table).primary_key)
    last = pl.DataFrame(schema=polars_schema(table))
    for batch in _in_batches(relation):
        checked = _valid(table, batch)
        if not _ascends(pl.concat([last, checked]), key):
            raise _rejected(table, "primary key is not unique, or rows are out of its order")
        into(checked)
        last = checked.tail(1)
    return last.clear()


def _in_batches(relation: duckdb.DuckDBPyRelation) -> Iterator[pl.DataFrame]:
    """The rows of the relation, `BATCH_ROWS` at a time, however the engine hands them over."""
    waiting: list[pl.DataFrame] = []
    for chunk in relation.to_arrow_reader(BATCH_ROWS):
        waiting.append(pl.DataFrame(chunk))
        while (rows := sum(frame.height for frame in waiting)) >= BATCH_ROWS:
            whole = pl.concat(waiting)
            yield whole.head(BATCH_ROWS)
            waiting = [whole.tail(rows - BATCH_ROWS)]
    if waiting:
        yield pl.concat(waiting)


def _ascends(frame: pl.DataFrame, key: list[str]) -> bool:
    """Whether every row's key is above the one before it: so none is there twice, at a tenth of the cost."""
    above = pl.lit(False)
    for name in reversed(key):
        now, before = pl.col(name), pl.col(name).shift()
        above = (now > before) | ((now == before) & above)
    return bool(frame.select(above.slice(1).fill_null(False).all()).item())


def _valid(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the declared columns and types, if every column keeps its rules."""
    try:
        return pl.DataFrame(table.validate(_typed(table, frame), lazy=True))
    except SchemaErrors as errors:
        rules = sorted({f"{e.schema.name}: {e.reason_code.name.lower()}" for e in errors.schema_errors})
        raise _rejected(table, ", ".join(rules)) from None


def _typed(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in polars_schema(table).items())


def _rejected(table: type[Table], rules: str) -> TableRejected:
    name = table_name(table)
    return TableRejected(
        f"What was linked is not a valid {name} ({rules}).",
        instead="It was not stored.",
        do=f"Look at what came in with: uttrekk status, and at pipeline/linkage/{name}.sql.",
    )
