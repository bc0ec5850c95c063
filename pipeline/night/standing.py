"""What stands under the data root: the night's observation, and the stored tables of each zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pipeline import tables
from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.landing import Observation, Snapshot, observation
from pipeline.tables import Stored
from schemas import SOURCE_TABLES
from schemas.variable import Table, facts, table_name

EXTRACTED: tuple[type[Table], ...] = tuple(table for table in SOURCE_TABLES if facts(table).extracted)


def seen(settings: Settings, as_of: date, *, verify: bool = False) -> Observation:
    """The night's observation, its snapshots hashed again if asked; an error where none was landed."""
    found = observation(settings, as_of, verify=verify)
    if found is None:
        raise SettingWrong(
            f"No observation of {as_of} stands under this data root.",
            instead="Nothing was made.",
            do=f"Land it with: uttrekk run --as-of {as_of}",
        )
    return found


def snapshots_of(found: Observation, table: type[Table]) -> list[Snapshot]:
    """The table's snapshots: one of the case system's, one for each delivered period of a register's."""
    name = table_name(table)
    return [snapshot for key, snapshot in sorted(found.snapshots.items()) if key.split("/")[0] == name]


def only(folder: Path, name: str) -> Stored:
    """A table that has one part, which must be there."""
    found = tables.stored(folder, name)
    if found is None:
        raise SettingWrong(
            f"{name} has not been made under this data root.",
            instead="The step that reads it was not run.",
            do="Make everything in order with: uttrekk run",
        )
    return found


def passed_rows(settings: Settings, table: type[Table]) -> Stored:
    return only(settings.table_folder("restricted", table_name(table)), table_name(table))


def cores(settings: Settings) -> dict[str, list[Stored]]:
    """Every core table's stored parts, by table name."""
    names = [table_name(table) for table in EXTRACTED]
    return {name: tables.parts(settings.table_folder("core", name)) for name in names}


def part_keys(found: Mapping[str, Sequence[Stored]]) -> dict[str, list[str]]:
    return {name: [part.key for part in parts] for name, parts in found.items()}


def part_paths(found: Mapping[str, Sequence[Stored]]) -> dict[str, list[Path]]:
    return {name: [part.path for part in parts] for name, parts in found.items()}
