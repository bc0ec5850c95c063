"""What stands under the data root, counted for the operator: rounded like everything people look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.config import QUARANTINE, UNLINKED, Settings
from pipeline.landing import Observation, observation
from pipeline.releases.publish import in_force, published
from pipeline.releases.renewal import waiting_in_words
from pipeline.remembered import night_named
from pipeline.tables import Stored, parts
from schemas import SOURCE_TABLES
from schemas.variable import facts, table_name


@dataclass(frozen=True)
class TableLine:
    """One source table through the zones, in rows."""

    table: str
    source: str
    landed: int
    passed: int
    quarantined: int
    in_core: int
    unlinked: int


@dataclass(frozen=True)
class Release:
    """A published version of a request; one version of each request is in force.

    Of the one in force `waits` tells of a later one that waits (`releases.renewal`).
    """

    request: str
    version: str
    folder: Path
    in_force: bool
    waits: str = ""


def table_lines(settings: Settings, seen: Observation) -> list[TableLine]:
    """One line for each table of the observation, in the schemas' order."""
    landed: dict[str, int] = {}
    for name, snapshot in seen.snapshots.items():
        table = name.split("/")[0]
        landed[table] = landed.get(table, 0) + snapshot.rows
    return [
        TableLine(
            table=name,
            source=facts(table).source,
            landed=landed[name],
            passed=_rows(parts(settings.table_folder("restricted", name))),
            quarantined=_rows(parts(settings.restricted / QUARANTINE / name)),
            in_core=_rows(parts(settings.table_folder("core", name))),
            unlinked=_rows(parts(settings.restricted / UNLINKED / name)),
        )
        for table in SOURCE_TABLES
        if (name := table_name(table)) in landed
    ]


def _rows(stored: Iterable[Stored]) -> int:
    return sum(part.rows for part in stored)


def releases(settings: Settings) -> list[Release]:
    """Every published version, by request, as_of and order of publishing; the one in force last."""
    found = []
    for folder in sorted(path for path in settings.releases.iterdir() if path.is_dir()):
        now = in_force(folder)
        found += [
            Release(
                request=folder.name,
                version=v.folder.name,
                folder=v.folder,
                in_force=v == now,
                waits=waiting_in_words(folder, v) if v == now else "",
            )
            for v in sorted(published(folder), key=lambda v: v == now)
        ]
    return found


def reports(settings: Settings, as_of: date) -> list[Path]:
    """The pages made for that night."""
    return sorted((settings.reports / as_of.isoformat()).glob("*.html"))


def latest_night(settings: Settings) -> Observation | None:
    """The newest observation under the data root."""
    folder = settings.landing / "observations"
    nights = sorted(filter(None, (night_named(path.stem) for path in folder.glob("*.json"))))
    return observation(settings, nights[-1]) if nights else None
