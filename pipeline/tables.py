"""The only door to our Parquet on disk: staged, synced, renamed; read back with the facts it was made from.

A stored table is one file, `<folder>/<name>.parquet`. Its footer carries the key of the step that made
it (a hash of everything the step read) and the schema's fingerprint, so that a rerun can tell "already
made" from "made of something else": old data under a new schema is made again, and linking refuses it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import code_version, private_folder
from pipeline.durable import sync
from schemas.variable import Table, fingerprint, polars_schema

COMPRESSION_LEVEL = 3
_KEY = b"uttrekk.key"
_FINGERPRINT = b"uttrekk.schema"


@dataclass(frozen=True)
class Stored:
    """A table on disk: where, made by which step key, under which schema, how many rows."""

    path: Path
    key: str
    schema: str
    rows: int

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def step_key(step: str, *inputs: object) -> str:
    """A hash of a step's name, the code, and all it reads: equal keys mean equal output."""
    text = json.dumps([step, code_version(), *inputs], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class TableWriter:
    """Write one table batch by batch; it appears whole, by one rename, or not at all.

    ``with TableWriter(folder, "person", schema=..., key=..., table=Person) as writer: writer.write(frame)``
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        schema: dict[str, pl.DataType],
        key: str,
        table: type[Table] | None = None,
    ) -> None:
        """`schema` gives column names, order and types; `table`, where there is one, the fingerprint."""
        self._path = private_folder(folder) / f"{name}.parquet"
        self._staged = folder / f".{name}.parquet.{os.getpid()}.staged"
        self._frame = pl.DataFrame(schema=schema)
        self._metadata = {_KEY: key.encode(), _FINGERPRINT: (fingerprint(table) if table else "").encode()}
        self._key = key
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def __enter__(self) -> TableWriter:
        descriptor = os.open(self._staged, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        os.close(descriptor)
        schema = self._frame.to_arrow().schema.with_metadata(self._metadata)
        self._writer = pq.ParquetWriter(
            self._staged, schema, compression="zstd", compression_level=COMPRESSION_LEVEL
        )
        return self

    def write(self, frame: pl.DataFrame) -> None:
        """Append a batch with exactly the declared columns."""
        assert self._writer is not None
        ordered = self._frame.clear().vstack(frame.select(self._frame.columns)) if frame.height else frame
        if ordered.height:
            table = ordered.to_arrow()
            self._writer.write_table(table.cast(self._writer.schema), row_group_size=1_000_000)
            self.rows += frame.height

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None
        self._writer.close()
        if kind is None:
            sync(self._staged)
            self._staged.replace(self._path)
            sync(self._path.parent)
        else:
            self._staged.unlink(missing_ok=True)

    def stored(self) -> Stored:
        """What was written; only after the `with` block."""
        found = stored(self._path.parent, self._path.stem)
        assert found is not None
        return found


def write(
    folder: Path, name: str, frame: pl.DataFrame, *, key: str, table: type[Table] | None = None
) -> Stored:
    """Store a frame that fits in memory."""
    schema = polars_schema(table) if table else dict(frame.schema)
    with TableWriter(folder, name, schema=schema, key=key, table=table) as writer:
        writer.write(frame)
    return writer.stored()


def stored(folder: Path, name: str) -> Stored | None:
    """What stands under that name, from the footer alone; None where nothing does."""
    path = folder / f"{name}.parquet"
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return _footer(path, facts.st_ino, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=8192)
def _footer(path: Path, *_: int) -> Stored:
    """What a file's footer says; read once while it is the same file, for a night asks thousands of times."""
    footer = pq.read_metadata(path)
    metadata = footer.metadata or {}
    return Stored(
        path=path,
        key=metadata.get(_KEY, b"").decode(),
        schema=metadata.get(_FINGERPRINT, b"").decode(),
        rows=footer.num_rows,
    )


def parts(folder: Path) -> list[Stored]:
    """Every stored table of a folder, in the order of their names; none where there is no folder."""
    names = sorted(path.stem for path in folder.glob("*.parquet")) if folder.exists() else []
    return [part for name in names if (part := stored(folder, name)) is not None]


def reusable(folder: Path, name: str, key: str) -> Stored | None:
    """What stands under that name if the same step made it of the same inputs, else None."""
    found = stored(folder, name)
    return found if found is not None and found.key == key else None


def read(source: Stored | Path, *, columns: list[str] | None = None) -> pl.DataFrame:
    """A stored table as a frame."""
    path = source.path if isinstance(source, Stored) else source
    return pl.read_parquet(path, columns=columns, hive_partitioning=False)


def distinct(sources: Iterable[Stored], column: str) -> pl.Series:
    """The values that the tables have in `column`, each once, null among them; in no order."""
    found = pl.scan_parquet([source.path for source in sources], hive_partitioning=False)
    return found.select(pl.col(column).unique()).collect()[column]


def batches(source: Stored | Path, rows: int) -> Iterator[pl.DataFrame]:
    """The table in batches of at most `rows` rows, in stored order; memory is bounded by `rows`."""
    path = source.path if isinstance(source, Stored) else source
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows):
            frame = pl.from_arrow(pa.Table.from_batches([batch]))
            assert isinstance(frame, pl.DataFrame)
            yield frame


def prune(folder: Path, keep: Iterable[str]) -> None:
    """Remove stored tables whose names are not among `keep`, and staged files a killed run left."""
    names = {f"{name}.parquet" for name in keep}
    if not folder.exists():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in names and path.name.endswith((".parquet", ".staged")):
            path.unlink()
