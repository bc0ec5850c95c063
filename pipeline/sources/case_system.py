"""The case system's database: one connection, one read-only transaction in which nothing moves.

An engine is one small class with the two methods of `CaseSystem`; `connect` chooses it by the URL. The
transaction is REPEATABLE READ, so that all tables show the same moment while others go on writing. A
driver's text never reaches anybody: it quotes queries, settings and values. Only its type is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast
from urllib.parse import parse_qs, urlsplit

import adbc_driver_manager
import duckdb
import polars as pl
import pyarrow as pa
from adbc_driver_postgresql import StatementOptions, dbapi

from pipeline.errors import SchemaChanged, SettingWrong, SourceUnreachable
from pipeline.sources.source_map import SourceMap, extracted
from schemas.variable import Table, columns, facts, table_name

CONNECT_SECONDS = 10
# What PostgreSQL sends at a time, at most: wide rows in large batches would otherwise fill the memory.
BATCH_BYTES = 16 << 20
_DRIVER_ERRORS = (adbc_driver_manager.Error, duckdb.Error, pa.ArrowException, OSError)


class Family(StrEnum):
    """What kind of thing a source column holds, whatever the engine calls its type."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    DATE = "date"  # a timestamp without time zone too: its date is taken
    BOOLEAN = "boolean"
    OTHER = "other"


# What a declared type may be read from without a guess: a decimal is never rounded to a whole number.
ACCEPTED: dict[type[pl.DataType], frozenset[Family]] = {
    pl.String: frozenset({Family.TEXT}),
    pl.Int64: frozenset({Family.INTEGER}),
    pl.Float64: frozenset({Family.INTEGER, Family.DECIMAL, Family.FLOAT}),
    pl.Date: frozenset({Family.DATE}),
    pl.Boolean: frozenset({Family.BOOLEAN}),
}

Shape = dict[str, dict[str, Family]]  # source table -> source column -> family


@dataclass(frozen=True)
class Wanted:
    """A column to read: its name in the source, ours, and the declared type."""

    source: str
    name: str
    dtype: pl.DataType


class CaseSystem(Protocol):
    """What an engine must give: the seam for another one (Oracle, SQL Server)."""

    def describe(self) -> Shape:
        """Every table and view of the schema, without reading a row."""

    def read(self, table: str, wanted: Sequence[Wanted], order_by: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The rows in declared types, ordered bytewise by our columns `order_by`, nulls first, in batches."""


@contextmanager
def connect(
    url: str,
    *,
    batch_rows: int,
    schema: str | None = None,
    memory_limit: str = "1GB",
    threads: int = 2,
    spill: Path | None = None,
) -> Iterator[CaseSystem]:
    """Open the case system at `url` for reading; closed, and the transaction undone, on the way out.

    An engine that runs within us keeps to `memory_limit` and `threads`, and sorts what does not fit in
    `spill`, a private folder; without one it fails instead.
    """
    scheme = url.partition("://")[0]
    if scheme == "duckdb":
        config = {"memory_limit": memory_limit, "threads": threads, "temp_directory": str(spill or "")}
        path = Path(url.removeprefix("duckdb://"))
        engine: _DuckDB | _PostgreSQL = _DuckDB(path, batch_rows, schema, config)
    elif scheme in ("postgresql", "postgres"):
        engine = _PostgreSQL(url, batch_rows, schema)
    else:
        raise SettingWrong(
            "The case system's URL has an unknown scheme.",
            instead="Nothing was read.",
            do="Try: export UTTREKK_CASE_SYSTEM=postgresql://user@host/database "
            "(or duckdb:///path/to/file.duckdb)",
        )
    try:
        yield engine
    finally:
        engine.close()


def check_shape(source: SourceMap, shape: Shape) -> None:
    """Refuse a source that is not as declared: a table or column missing, extra or of another type.

    Tables nobody asks for are passed over.
    """
    for table in extracted():
        name = table_name(table)
        mapped = source.tables[name]
        found = shape.get(mapped.source)
        if found is None:
            raise _changed(f"The table {mapped.source} ({name}) is missing.")
        for column in columns(table):
            theirs = mapped.columns[column.name]
            family = found.get(theirs)
            if family is None:
                raise _changed(f"The column {mapped.source}.{theirs} ({column.path}) is missing.")
            if family not in ACCEPTED[column.dtype.base_type()]:
                raise _changed(
                    f"The column {mapped.source}.{theirs} ({column.path}) is now of type {family}, "
                    f"declared as {column.dtype}."
                )
        for extra in sorted(set(found) - set(mapped.columns.values()) - set(mapped.ignore)):
            raise _changed(f"The column {mapped.source}.{extra} is not declared.")


def read_table(system: CaseSystem, source: SourceMap, table: type[Table]) -> Iterator[pl.DataFrame]:
    """The table under our names and declared types, in primary-key order; the other columns break ties."""
    mapped = source.tables[table_name(table)]
    wanted = [Wanted(mapped.columns[c.name], c.name, c.dtype) for c in columns(table)]
    key = facts(table).primary_key
    return system.read(mapped.source, wanted, [*key, *(w.name for w in wanted if w.name not in key)])


def _changed(what: str) -> SchemaChanged:
    return SchemaChanged(
        what,
        instead="Nothing was read from the case system.",
        do="Name it in the map (UTTREKK_CASE_SYSTEM_MAP), or declare it in schemas/case_system.",
    )


class _Sql:
    """How one engine writes the one query there is."""

    def __init__(self, casts: dict[type[pl.DataType], str], byte_order: str) -> None:
        self._casts, self._byte_order = casts, byte_order

    def select(self, table: str, wanted: Sequence[Wanted], order_by: Sequence[str]) -> str:
        """Every name is quoted and every value cast; text is ordered by its bytes, in every engine alike."""
        by_name = {w.name: w for w in wanted}
        picked = ", ".join(f"{self._cast(w)} AS {quoted(w.name)}" for w in wanted)
        order = ", ".join(f"{self._ordered(by_name[name])} NULLS FIRST" for name in order_by)
        return f"SELECT {picked} FROM {table} ORDER BY {order}"

    def _cast(self, wanted: Wanted) -> str:
        # A column of fixed width, char(n), loses its padding in this cast.
        kind = self._casts[wanted.dtype.base_type()]
        return f"CAST({quoted(wanted.source)} AS {kind})"

    def _ordered(self, wanted: Wanted) -> str:
        return self._cast(wanted) + (self._byte_order if wanted.dtype == pl.String() else "")


def quoted(name: str) -> str:
    """A name as an identifier, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


class _PostgreSQL:
    """PostgreSQL through ADBC: Arrow batches by binary COPY."""

    _sql = _Sql(
        {
            pl.String: "text",
            pl.Int64: "bigint",
            pl.Float64: "double precision",
            pl.Date: "date",
            pl.Boolean: "boolean",
        },
        ' COLLATE "C"',
    )
    _describe = """
        SELECT c.relname::text, a.attname::text, format_type(coalesce(nullif(t.typbasetype, 0), t.oid),
               CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END)
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = coalesce($1, current_schema()::text)
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
    """
    _families = (
        (r"smallint|integer|bigint|numeric\(\d+,0\)", Family.INTEGER),
        (r"numeric(\(\d+,-?\d+\))?", Family.DECIMAL),
        (r"real|double precision", Family.FLOAT),
        (r"text|character( varying)?(\(\d+\))?|bpchar", Family.TEXT),
        (r"date|timestamp(\(\d\))? without time zone", Family.DATE),
        (r"boolean", Family.BOOLEAN),
    )

    def __init__(self, url: str, batch_rows: int, schema: str | None) -> None:
        self._place, self._batch_rows, self._schema = _without_password(url), batch_rows, schema
        try:
            # With autocommit off the driver has begun a transaction; its first statement may shape it.
            self._connection = dbapi.connect(_with_timeout(url), autocommit=False)
            with self._connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        except _DRIVER_ERRORS as error:
            _unreachable(self._place, error)

    def describe(self) -> Shape:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(self._describe, (self._schema,))
                return _shape(cursor.fetchall(), self._families)
        except _DRIVER_ERRORS as error:
            _unreachable(self._place, error)

    def read(self, table: str, wanted: Sequence[Wanted], order_by: Sequence[str]) -> Iterator[pl.DataFrame]:
        target = f"{quoted(self._schema)}.{quoted(table)}" if self._schema else quoted(table)
        schema = {w.name: w.dtype for w in wanted}
        size = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(self._batch_bytes(len(wanted)))}
        try:
            with self._connection.cursor() as cursor:
                cursor.adbc_statement.set_options(**size)
                cursor.execute(self._sql.select(target, wanted, order_by))
                for batch in cursor.fetch_record_batch():
                    yield from _frames(batch, schema, self._batch_rows)
        except _DRIVER_ERRORS as error:
            _unreachable(self._place, error)

    def close(self) -> None:
        try:
            self._connection.close()
        except _DRIVER_ERRORS:
            return  # the server is gone, and the transaction with it

    def _batch_bytes(self, width: int) -> int:
        return min(BATCH_BYTES, self._batch_rows * width * 16)


class _DuckDB:
    """A DuckDB file, opened for reading only: the demo's invented case system, or a copy of a real one."""

    _sql = _Sql(
        {
            pl.String: "VARCHAR",
            pl.Int64: "BIGINT",
            pl.Float64: "DOUBLE",
            pl.Date: "DATE",
            pl.Boolean: "BOOLEAN",
        },
        "",  # DuckDB compares text by its bytes
    )
    _describe = """
        SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_catalog = current_database() AND table_schema = coalesce($1, current_schema())
    """
    _families = (
        (r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,0\)", Family.INTEGER),
        (r"DECIMAL\(\d+,\d+\)", Family.DECIMAL),
        (r"FLOAT|DOUBLE", Family.FLOAT),
        (r"VARCHAR|ENUM\(.*\)", Family.TEXT),
        (r"DATE|TIMESTAMP(_S|_MS|_NS)?", Family.DATE),
        (r"BOOLEAN", Family.BOOLEAN),
    )

    def __init__(self, path: Path, batch_rows: int, schema: str | None, config: dict[str, Any]) -> None:
        self._place, self._batch_rows, self._schema = path.name, batch_rows, schema
        if not path.is_file():
            _unreachable(self._place, FileNotFoundError())
        try:
            self._connection = duckdb.connect(str(path), read_only=True, config=config)
            # A view in somebody else's file must not make us read other files.
            self._connection.execute("SET enable_external_access = false")
            self._connection.execute("SET lock_configuration = true")
            self._connection.execute("BEGIN TRANSACTION")
        except _DRIVER_ERRORS as error:
            _unreachable(self._place, error)

    def describe(self) -> Shape:
        try:
            return _shape(self._connection.execute(self._describe, [self._schema]).fetchall(), self._families)
        except _DRIVER_ERRORS as error:
            _unreachable(self._place, error)

    def read(self, table: str, wanted: Sequence[Wanted], order_by: Sequence[str]) -> Iterator[pl.DataFrame]:
        target = f"{quoted(self._schema)}.{quoted(table)}" if self._schema else quoted(table)
        schema = {w.name: w.dtype for w in wanted}
        try:
            query = self._connection.sql(self._sql.select(target, wanted, order_by))
            for batch in query.to_arrow_reader(self._batch_rows):
                yield from _frames(batch, schema, self._batch_rows)
        except _DRIVER_ERRORS as error:
            _unreachable(self._place, error)

    def close(self) -> None:
        self._connection.close()


def _shape(rows: Sequence[tuple[Any, ...]], families: tuple[tuple[str, Family], ...]) -> Shape:
    shape: Shape = {}
    for table, column, kind in rows:
        matching = (family for pattern, family in families if re.fullmatch(pattern, kind))
        shape.setdefault(table, {})[column] = next(matching, Family.OTHER)
    return shape


def _frames(batch: pa.RecordBatch, schema: dict[str, pl.DataType], rows: int) -> Iterator[pl.DataFrame]:
    frame = pl.from_arrow(pa.Table.from_batches([batch]))
    assert isinstance(frame, pl.DataFrame)
    # The query has cast already; here only an engine's own widths and annotations fall away.
    yield from frame.cast(cast(Any, schema)).iter_slices(rows)


def _unreachable(place: str, error: BaseException) -> NoReturn:
    raise SourceUnreachable(
        f"The case system at {place} cannot be read ({type(error).__name__}).",
        instead="Nothing of it is used this night; earlier snapshots stand.",
        do="Check that it is up, that you may read it, and UTTREKK_CASE_SYSTEM; then: uttrekk run",
    ) from None


def _without_password(url: str) -> str:
    """Host and database for messages; refused if the URL carries a password, wherever it hides one."""
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise SettingWrong(
            "The case system's URL cannot be read.",
            instead="Nothing was read.",
            do="Try: export UTTREKK_CASE_SYSTEM=postgresql://user@host/database",
        ) from None
    if parts.password is not None or {"password", "sslpassword"} & {name.lower() for name in asked}:
        raise SettingWrong(
            "The case system's URL carries a password.",
            instead="Nothing was read: a URL is seen in logs and process lists.",
            do="Put it in a password file (mode 0600) and try: export PGPASSFILE=$HOME/.pgpass",
        )
    host = parts.netloc.rpartition("@")[2] or "the local socket"
    return f"{host}{parts.path}"


def _with_timeout(url: str) -> str:
    """A host that swallows packets must not hold the night's run for ever."""
    if "connect_timeout=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={CONNECT_SECONDS}"
