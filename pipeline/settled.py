"""Whether a night already stands, made of the same inputs and untouched since: then nothing is due.

A note is left when a night has run to its end: one hash of what went in (the night's date, its snapshots,
the requests, the stewards' decisions, the municipality's policy, the code) and of what stands (every file of
every zone after landing, of the reports and of the keys: place, size, time of change, inode, owner and mode).
A rerun that finds the same hash would make the same bytes again, step by step. Whatever is edited, lost,
restored, opened to others or withdrawn in between changes the hash, and the whole night is run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.config import Settings
from pipeline.durable import put
from pipeline.landing import Observation
from pipeline.requests.request import request_files
from pipeline.tables import step_key

NOTE = "settled"


def note(settings: Settings, seen: Observation) -> None:
    """Remember that this night has run to its end, and what it left."""
    put(settings.restricted / NOTE, _key(settings, seen).encode())


def is_settled(settings: Settings, seen: Observation) -> bool:
    """Whether the last night that ran to its end was this one, and all it left still stands as it was."""
    path = settings.restricted / NOTE
    return path.exists() and path.read_bytes() == _key(settings, seen).encode()


def _key(settings: Settings, seen: Observation) -> str:
    snapshots = sorted((name, snapshot.id) for name, snapshot in seen.snapshots.items())
    asked = [(path.name, _content(path)) for path in request_files(settings.requests)]
    decided = [_content(settings.stewardship), _content(settings.policy)]
    return step_key("night", seen.as_of, snapshots, asked, decided, sorted(_standing(settings)))


def _content(path: Path | None) -> str | None:
    """The hash of a file; empty where it is named and not there, for then the night has to say so."""
    if path is None:
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _standing(settings: Settings) -> Iterator[tuple[str, ...]]:
    roots = (settings.restricted, settings.core, settings.linked, settings.releases, settings.reports)
    for root in (*roots, settings.keys):
        for folder, _, names in os.walk(root):
            if root == settings.keys:
                yield _whose(Path(folder))
            for name in names:
                if Path(folder) == settings.restricted and name == NOTE:
                    continue
                yield _facts(Path(folder) / name)
    if settings.master_key is not None and settings.master_key.exists():
        yield _facts(settings.master_key)


def _facts(path: Path) -> tuple[str, ...]:
    found = path.lstat()
    return (*_whose(path), str(found.st_size), str(found.st_mtime_ns), str(found.st_ino))


def _whose(path: Path) -> tuple[str, ...]:
    """Who may read it: a key opened to others is refused by the night, and so the night is due."""
    found = path.lstat()
    return str(path), str(found.st_uid), oct(found.st_mode)
