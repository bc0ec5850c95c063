"""A small `core` zone written by hand, for the tests of what is linked: rows in, stored parts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.linkage import link
from pipeline.tables import Stored
from schemas import BY_NAME
from schemas.core import in_core
from schemas.variable import polars_schema

Row = Mapping[str, Any]
AS_OF = date(2025, 3, 1)


def settings_at(folder: Path) -> Settings:
    """Settings whose every zone lies under `folder`."""
    return Settings(
        data=folder, case_system="", deliveries=folder, keys=folder, memory_limit="500MB", threads=1
    )


def frame_of(table: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as that core table, null where a row says nothing."""
    schema = polars_schema(in_core(BY_NAME[table]))
    unknown = {name for row in rows for name in row} - set(schema)
    assert not unknown, f"{table} has no column {unknown}"
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def store(settings: Settings, table: str, part: str, rows: Sequence[Row]) -> Stored:
    """One part of a core table on disk."""
    frame = frame_of(table, rows)
    key = tables.step_key("hand-written", table, part, frame.to_dicts())
    return tables.write(settings.core / table, part, frame, key=key, table=in_core(BY_NAME[table]))


@dataclass
class World:
    """Core tables as table -> part -> rows; who is linkable; the night."""

    parts: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    linkable: Sequence[int] = ()
    as_of: date = AS_OF

    def stored(self, folder: Path) -> dict[str, list[Stored]]:
        """Write every part under `folder`."""
        settings = settings_at(folder)
        return {
            table: [store(settings, table, part, rows) for part, rows in parts.items()]
            for table, parts in self.parts.items()
        }

    def linked(self, folder: Path) -> dict[str, pl.DataFrame]:
        """What `link` makes of the world, as frames."""
        keys = pl.DataFrame({"person_key": list(self.linkable)}, schema={"person_key": pl.Int64})
        made = link(settings_at(folder), self.stored(folder), as_of=self.as_of, linkable=keys)
        return {name: tables.read(stored) for name, stored in made.items()}
