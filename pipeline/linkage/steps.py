"""A step of linking: stored under its table's name, and made again only of other inputs.

What does not belong here: which steps there are and what they make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.linkage.engine import Keep
from pipeline.tables import Stored, TableWriter
from schemas.variable import Table, polars_schema, table_name


def step(
    settings: Settings, table: type[Table], inputs: Sequence[object], make: Callable[[], pl.DataFrame]
) -> Stored:
    """The stored result of a step, made only where it was not already made of the same inputs."""
    name = table_name(table)
    key = tables.step_key(name, *inputs)
    found = tables.reusable(settings.linked, name, key)
    return found or tables.write(settings.linked, name, make(), key=key, table=table)


def large_step(
    settings: Settings,
    table: type[Table],
    inputs: Sequence[object],
    make: Callable[[Keep], object],
    part: str | None = None,
) -> Stored:
    """As `step`, for a result that is kept batch by batch: its memory does not grow with its rows.

    A `part` of a table stands under its own name in the table's folder.
    """
    name = table_name(table)
    folder, file = (settings.linked / name, part) if part else (settings.linked, name)
    key = tables.step_key(name, *inputs)
    found = tables.reusable(folder, file, key)
    if found is not None:
        return found
    with TableWriter(folder, file, schema=polars_schema(table), key=key, table=table) as writer:
        make(writer.write)
    return writer.stored()


def identity(*sources: Sequence[Stored]) -> list[list[tuple[str, str]]]:
    """What the sources were made of: a step's input as its key sees it."""
    return [[(part.name, part.key) for part in parts] for parts in sources]


def names(parts: Sequence[Stored]) -> list[str]:
    """The names of the parts: of a register's, the periods they cover."""
    return [part.name for part in parts]


def digest(frame: pl.DataFrame) -> str:
    """A frame as a step's key sees it: its rows, whatever their order, each once."""
    rows = frame.unique().sort(frame.columns)
    return hashlib.sha256(rows.write_csv().encode()).hexdigest()
