"""Where the counts that figures are made of are kept from night to night, and which of them to start from.

They are exact, so they stand in the restricted zone, one file for each night, and never in a report. What
does not belong here: how a count is held (`pages.memory`).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from pipeline import tables
from pipeline.config import Settings, private_folder
from pipeline.disclosure.tables import HELD_THRESHOLD, figure, steady
from pipeline.durable import put
from pipeline.night import ripened
from pipeline.night.published import nights_published
from pipeline.pages.memory import Memory
from pipeline.quality import export
from pipeline.remembered import held_against, kept, nights
from pipeline.remembered import remember as remember_night
from pipeline.tables import Stored

FOLDER = "held_counts"
FIGURES = "figures"
# All that a night is published from, and has to be made again by.
MEMORIES = (FOLDER, export.HELD, ripened.FOLDER)
_FIGURES = TypeAdapter(dict[str, int])


def earlier(settings: Settings, as_of: date) -> Stored | None:
    """The memory to hold the night of `as_of` against; None where there is no memory at all."""
    return held_against(nights(_folder(settings)), as_of)


def night_before(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the latest night before `as_of`: the same one however often the night is made."""
    before = {night: part for night, part in nights(_folder(settings)).items() if night < as_of.isoformat()}
    return held_against(before, as_of)


def remembered(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the night of `as_of` itself."""
    return tables.stored(_folder(settings), as_of.isoformat())


def recall(stored: Stored | None) -> Memory:
    """The memory to start the night with."""
    return Memory(None if stored is None else tables.read(stored))


def remember(settings: Settings, as_of: date, memory: Memory) -> None:
    """Keep what the next night needs, and let go of what is too old."""
    remember_night(_folder(settings), as_of, memory.after())


def steady_figure(settings: Settings, as_of: date, name: str, count: int) -> str:
    """A single count as anybody may see it, held from night to night: for Dagster's pages and the terminal.

    It is held against the night itself where that was made before. `name` tells it from every
    other. A figure that nothing is remembered of is a new one; where what the newest page was made from is
    gone, it may have been told before, and is as silent as a small one.
    """
    path = private_folder(_folder(settings) / FIGURES) / f"{name.replace('/', '.')}.json"
    try:
        known = _FIGURES.validate_json(path.read_bytes(), strict=True)
    except (FileNotFoundError, ValueError):
        known = {}
    newest = nights_published(settings)[-1:]
    if not known and not {night.isoformat() for night in newest} <= nights(_folder(settings)).keys():
        return figure(0, least=HELD_THRESHOLD)
    held = steady(held_against(known, as_of), count)
    tonight = known | {as_of.isoformat(): held}
    tonight = {night: tonight[night] for night in sorted(kept(tonight, as_of))}
    if tonight != known:
        put(path, json.dumps(tonight).encode())
    return figure(held, least=HELD_THRESHOLD)


def _folder(settings: Settings) -> Path:
    return settings.restricted / FOLDER
