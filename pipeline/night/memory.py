"""Where the counts that figures are made of are kept from night to night, and which of them to start from.

They are exact, so they stand in the restricted zone, one file for each night, and never in a report. What
does not belong here: how a count is held (`pages.memory`).
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

from pyarrow import ArrowInvalid
from pydantic import TypeAdapter

from pipeline import tables
from pipeline.config import Settings, private_folder
from pipeline.disclosure.tables import HELD_THRESHOLD, figure, steady
from pipeline.durable import put
from pipeline.errors import SettingWrong
from pipeline.pages.memory import Memory
from pipeline.tables import Stored, step_key

FOLDER = "held_counts"
FIGURES = "figures"
# So many nights back the page can be made again with the figures it had; earlier ones are left as they stand.
NIGHTS_KEPT = 31
_FIGURES = TypeAdapter(dict[str, int])


def earlier(settings: Settings, as_of: date) -> Stored | None:
    """The memory to hold the night of `as_of` against; None where there is no memory at all.

    It is that of the night itself where it was made before, so that two makings of it cannot be subtracted
    either; else of the latest night before it, else of the first after it.
    """
    nights = _nights(settings)
    until = [part for part in nights if part.name <= as_of.isoformat()]
    return until[-1] if until else next(iter(nights), None)


def night_before(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the latest night before `as_of`: the same one however often the night is made."""
    nights = [part for part in _nights(settings) if part.name < as_of.isoformat()]
    return nights[-1] if nights else None


def remembered(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the night of `as_of` itself."""
    return tables.stored(_folder(settings), as_of.isoformat())


def refuse_forgotten(settings: Settings, as_of: date) -> None:
    """Stop where anything of `as_of` is published, and the memory of that night is gone.

    Nobody knows any more which counts that was made of: made anew it could be subtracted from itself.
    """
    page = settings.reports / as_of.isoformat()
    if page.exists() and any(page.iterdir()) and remembered(settings, as_of) is None:
        raise SettingWrong(
            f"What the page of {as_of} was rounded from is no longer remembered.",
            instead="Its page and its results stand as they were published.",
            do=f"Restore {_folder(settings)} from the backup; or read them, and run a later night.",
        )


def recall(stored: Stored | None) -> Memory:
    """The memory to start the night with."""
    return Memory(None if stored is None else tables.read(stored))


def remember(settings: Settings, as_of: date, memory: Memory) -> None:
    """Keep what the next night needs, and let go of what is too old."""
    kept = memory.after()
    key = step_key(FOLDER, hashlib.sha256(kept.write_csv().encode()).hexdigest())
    if tables.reusable(_folder(settings), as_of.isoformat(), key) is None:
        tables.write(_folder(settings), as_of.isoformat(), kept, key=key)
    for part in tables.parts(_folder(settings))[:-NIGHTS_KEPT]:
        if part.name != as_of.isoformat():
            part.path.unlink()


def steady_figure(settings: Settings, as_of: date, name: str, count: int) -> str:
    """A single count as anybody may see it, held from night to night: for Dagster's pages and the terminal.

    It is held against the night itself where that was made before. `name` tells it from every
    other. A memory that is lost or cannot be read is no memory.
    """
    path = private_folder(_folder(settings) / FIGURES) / f"{name.replace('/', '.')}.json"
    try:
        nights = _FIGURES.validate_json(path.read_bytes(), strict=True)
    except (FileNotFoundError, ValueError):
        nights = {}
    tonight = as_of.isoformat()
    before = max((night for night in nights if night <= tonight), default=min(nights, default=None))
    held = steady(nights[before] if before else None, count)
    kept = dict(sorted((nights | {tonight: held}).items())[-NIGHTS_KEPT:])
    if kept != nights:
        put(path, json.dumps(kept).encode())
    return figure(held, least=HELD_THRESHOLD)


def _nights(settings: Settings) -> list[Stored]:
    """The memories of all nights, in order; SettingWrong where one cannot be read: to forget is to tell."""
    try:
        return tables.parts(_folder(settings))
    except ArrowInvalid:
        raise SettingWrong(
            f"A file in {_folder(settings)} cannot be read: what earlier figures were rounded from.",
            instead="Nothing more was published.",
            do="Restore that folder from the backup, and run again: uttrekk run",
        ) from None


def _folder(settings: Settings) -> Path:
    return settings.restricted / FOLDER
