"""The publisher: a version is staged, synced, and appears whole by one rename, or not at all.

Which version is in force stands in one file beside them, replaced by a rename of its own once the version
stands. Killed at any moment, or cut off by a power failure, the publisher leaves the old versions as they
were, one of them in force, and, at most, leftovers that the next publishing clears away.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from pipeline.releases.manifest import CHECKSUMS, MANIFEST, as_bytes, checksums, sha256
from pipeline.remembered import night_named

STAGING = ".staging-"
CURRENT = "current.json"
# Pseudonymised data are personal data: the owner and the group read them, nobody else.
READ_ONLY_FILE, READ_ONLY_FOLDER, OPEN_FOLDER = 0o440, 0o550, 0o750

# From the staged folder to further files; raises NotVerified where the files may not be published.
Certify = Callable[[Path], Mapping[str, bytes]]


@dataclass(frozen=True)
class Published:
    """A version, where it stands, and whether this run put it there or in force again."""

    folder: Path
    version: str
    new: bool


@dataclass(frozen=True)
class Standing:
    """A version in a request's folder. `number` is its place in the order of publishing, from 1."""

    folder: Path
    version: str
    as_of: str
    number: int


class FileSystem(Protocol):
    """What the publisher asks of a disk; the tests record it and replay it with what was not synced lost."""

    def make_folder(self, path: Path) -> None:
        """Make a folder, whose parent exists."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a new file."""

    def sync(self, path: Path) -> None:
        """Keep a file's content through a power failure."""

    def sync_folder(self, path: Path) -> None:
        """Keep the names in a folder through a power failure."""

    def set_mode(self, path: Path, mode: int) -> None:
        """Say who may read and write."""

    def rename(self, old: Path, new: Path) -> None:
        """Give a folder or a file its name, in one step; a file takes the place of the old one."""

    def remove(self, path: Path) -> None:
        """Remove a file, or a folder and all in it."""


class Disk:
    """The real disk."""

    def make_folder(self, path: Path) -> None:
        """Make a folder, whose parent exists."""
        path.mkdir(mode=OPEN_FOLDER)

    def write(self, path: Path, content: bytes) -> None:
        """Write a new file."""
        with path.open("xb") as file:
            file.write(content)

    def sync(self, path: Path) -> None:
        """Keep a file's content through a power failure."""
        _fsync(path)

    def sync_folder(self, path: Path) -> None:
        """Keep the names in a folder through a power failure."""
        _fsync(path)

    def set_mode(self, path: Path, mode: int) -> None:
        """Say who may read and write."""
        path.chmod(mode)

    def rename(self, old: Path, new: Path) -> None:
        """Give a folder or a file its name, in one step; a folder's must not be taken."""
        old.rename(new)

    def remove(self, path: Path) -> None:
        """Remove a file, or a folder and all in it, also where it was made read-only already."""
        if not path.is_dir():
            path.unlink()
            return
        for inside in (path, *(below for below in path.rglob("*") if below.is_dir())):
            inside.chmod(OPEN_FOLDER)
        shutil.rmtree(path)


def published(folder: Path) -> list[Standing]:
    """The versions in a request's folder, by as_of and, of one as_of, in the order of publishing."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    versions = [_standing(path) for path in found if night_named(path.name.partition("+")[2])]
    return sorted(versions, key=lambda v: (v.as_of, v.number, v.version))


def _standing(path: Path) -> Standing:
    version, _, as_of = path.name.partition("+")
    number = _read(path / MANIFEST).get("number")
    return Standing(path, version, as_of, number if isinstance(number, int) else 0)


def next_number(folder: Path) -> int:
    """The place in the order of publishing that the request's next version takes."""
    return 1 + max((standing.number for standing in published(folder)), default=0)


def in_force(folder: Path) -> Standing | None:
    """The request's version in force: the one `CURRENT` names.

    Where that file is missing, cannot be read or names what is not there, the last version is.
    """
    told = _read(folder / CURRENT)
    name = f"{told.get('version')}+{told.get('as_of')}"
    if (folder / name).is_dir() and (folder / name).name == name:
        return _standing(folder / name)
    versions = published(folder)
    return versions[-1] if versions else None


def _read(path: Path) -> dict[str, Any]:
    """The JSON object in that file; empty where there is none."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def before(folder: Path, as_of: date) -> Standing | None:
    """The version that one of `as_of` comes after: the one in force, or the last until a backfill's day."""
    now, day = in_force(folder), as_of.isoformat()
    if now is not None and now.as_of > day:
        return next((v for v in reversed(published(folder)) if v.as_of <= day), None)
    return now


def unchanged(folder: Path, version: str, as_of: date) -> Path | None:
    """Where this version already stands as the one of `as_of`; None where it is news.

    A result that returns after having been another is news.
    """
    now = before(folder, as_of)
    return now.folder if now is not None and now.version == version else None


def publish(
    files: Mapping[str, bytes],
    folder: Path,
    version: str,
    as_of: date,
    certify: Certify,
    fs: FileSystem | None = None,
) -> Published:
    """Publish `files` (path -> content) as `<folder>/<version>+<as_of>`, or say where it already stands.

    `certify` is shown the files as written and returns the rest of the release; if it raises, nothing
    appears. Every file is listed in the checksums, which are written last. A version of the newest as_of
    is put in force; a backfill is not. A result that returns on one as_of stands already and is put in
    force again.
    """
    disk = fs if fs is not None else Disk()
    _make_known(disk, folder)
    _clear_leftovers(disk, folder)
    now = in_force(folder)
    standing = unchanged(folder, version, as_of)
    final = folder / f"{version}+{as_of.isoformat()}"
    if standing is None and not final.exists():
        _stage(disk, files, folder, final, certify)
        changed = True
    else:
        changed = False
    takes_over = standing is None and (now is None or now.as_of <= as_of.isoformat())
    if takes_over:
        _put_in_force(disk, folder, version, as_of.isoformat())
    elif now is not None and _read(folder / CURRENT) != {"as_of": now.as_of, "version": now.version}:
        _put_in_force(disk, folder, now.version, now.as_of)
    return Published(folder=standing or final, version=version, new=changed or takes_over)


def _stage(disk: FileSystem, files: Mapping[str, bytes], folder: Path, final: Path, certify: Certify) -> None:
    """Write the version beside its place, certify it as written, and rename it there."""
    staged = folder / f"{STAGING}{final.name}"
    disk.make_folder(staged)
    try:
        _write_all(disk, staged, files)
        more = certify(staged)
        _write_all(disk, staged, more)
        hashes = {path: sha256(content) for path, content in {**files, **more}.items()}
        _write_all(disk, staged, {CHECKSUMS: checksums(hashes)})
    except BaseException:
        disk.remove(staged)
        raise
    inner = sorted(path for path in staged.rglob("*") if path.is_dir())
    for inside in [*reversed(inner), staged]:  # the deepest first
        disk.set_mode(inside, READ_ONLY_FOLDER)
        disk.sync_folder(inside)
    disk.rename(staged, final)
    disk.sync_folder(folder)


def _put_in_force(disk: FileSystem, folder: Path, version: str, as_of: str) -> None:
    """Let `CURRENT` name a version that stands: the old name until the rename, the new one after it."""
    staged = folder / f"{STAGING}{CURRENT}"
    disk.write(staged, as_bytes({"as_of": as_of, "version": version}))
    disk.set_mode(staged, READ_ONLY_FILE)
    disk.sync(staged)
    disk.rename(staged, folder / CURRENT)
    disk.sync_folder(folder)


def _write_all(disk: FileSystem, staged: Path, files: Mapping[str, bytes]) -> None:
    for name, content in sorted(files.items()):
        path = staged / name
        if not path.parent.exists():
            disk.make_folder(path.parent)
        disk.write(path, content)
        disk.set_mode(path, READ_ONLY_FILE)
        disk.sync(path)


def _make_known(disk: FileSystem, folder: Path) -> None:
    """Make the request's folder, so that it survives a power failure before anything is renamed into it."""
    if not folder.exists():
        disk.make_folder(folder)
    disk.set_mode(folder, OPEN_FOLDER)
    disk.sync_folder(folder.parent)


def _clear_leftovers(disk: FileSystem, folder: Path) -> None:
    for path in sorted(folder.glob(f"{STAGING}*")):
        disk.remove(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
