"""What each night leaves for those after it, one small table a night, and which one a night is held against.

What is remembered is exact, so it stands in the restricted zone. What does not belong here: what is
remembered, and how anything is held by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl
from pyarrow import ArrowInvalid

from pipeline import tables
from pipeline.errors import SettingWrong
from pipeline.tables import Stored, step_key

# So many nights back a night can be made again with the figures it had; earlier ones are left as they stand.
NIGHTS_KEPT = 31

Night = TypeVar("Night")


def night_named(name: str) -> date | None:
    """The night that a folder or a file of that name is of; None of every other name, of a copy too."""
    try:
        night = date.fromisoformat(name)
    except ValueError:
        return None
    return night if night.isoformat() == name else None


def nights(folder: Path) -> dict[str, Stored]:
    """What `folder` remembers, by night; SettingWrong where it cannot be read: to forget is to tell."""
    try:
        return {part.name: part for part in tables.parts(folder) if night_named(part.name)}
    except ArrowInvalid:
        raise SettingWrong(
            f"A file in {folder} cannot be read: what earlier nights were published from.",
            instead="Nothing more was published.",
            do="Restore that folder from the backup, and run again: uttrekk run",
        ) from None


def held_against(remembered: Mapping[str, Night], as_of: date) -> Night | None:
    """What the night of `as_of` is held against, of what is `remembered` by night; None where nothing is.

    It is that of the night itself where it was made before, so that two makings of it cannot be subtracted
    either; else of the latest night before it, else of the first after it.
    """
    until = (night for night in remembered if night <= as_of.isoformat())
    night = max(until, default=min(remembered, default=None))
    return None if night is None else remembered[night]


def remember(folder: Path, as_of: date, frame: pl.DataFrame) -> None:
    """Keep `frame` as what the night of `as_of` leaves, unless it is kept so; let go of what is too old."""
    key = step_key(folder.name, hashlib.sha256(frame.write_csv().encode()).hexdigest())
    if tables.reusable(folder, as_of.isoformat(), key) is None:
        tables.write(folder, as_of.isoformat(), frame, key=key)
    known = nights(folder)
    for night in known.keys() - kept(known, as_of):
        known[night].path.unlink()


def kept(remembered: Iterable[str], as_of: date) -> set[str]:
    """Of the nights that are `remembered`, the newest, and that of `as_of` however old: it was just made."""
    return {*sorted(remembered)[-NIGHTS_KEPT:], as_of.isoformat()}
