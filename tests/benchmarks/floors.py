"""The least that must be done with stored data: read it once, and hash or count it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipeline.config import Settings

CHUNK = 1 << 20


def hash_columns(settings: Settings, groups: Iterable[Sequence[Path]]) -> None:
    """Read and hash every column of every file once, in DuckDB under the same limits; one group a schema."""
    config: Mapping[str, str | int] = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with duckdb.connect(config=dict(config)) as connection:
        for paths in groups:
            if not paths:
                continue
            names = ", ".join(f'"{name}"' for name in pq.read_schema(paths[0]).names)
            files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
            connection.execute(f"select bit_xor(hash({names})) from read_parquet([{files}])").fetchone()


def hash_files(folder: Path) -> None:
    """SHA-256 over every file's bytes."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
