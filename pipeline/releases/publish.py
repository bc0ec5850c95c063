"""The publisher: a version is staged, synced, and appears whole by one rename, or not at all.

Killed at any moment, or cut off by a power failure, it leaves the old versions as they were and, at most, a
staging folder that the next publishing clears away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from pipeline.releases.manifest import CHECKSUMS, checksums, sha256

STAGING = ".staging-"
READ_ONLY_FILE, READ_ONLY_FOLDER, OPEN_FOLDER = 0o444, 0o555, 0o755

# From the staged folder to further files; raises NotVerified where the files may not be published.
Certify = Callable[[Path], Mapping[str, bytes]]


@dataclass(frozen=True)
class Published:
    """A version, where it stands, and whether this run put it there."""

    folder: Path
    version: str
    new: bool


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
        """Give a folder its name, in one step."""

    def remove(self, folder: Path) -> None:
        """Remove a folder and all in it."""


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
        """Give a folder its name, in one step; fails where the name is taken."""
        old.rename(new)

    def remove(self, folder: Path) -> None:
        """Remove a folder and all in it, also where it was made read-only already."""
        for inside in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            inside.chmod(OPEN_FOLDER)
        shutil.rmtree(folder)


def published(folder: Path) -> dict[str, tuple[str, str]]:
    """The versions in a request's folder: name -> (version, as_of)."""
    if not folder.is_dir():
        return {}
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return {name: (name.partition("+")[0], name.partition("+")[2]) for name in names if "+" in name}


def unchanged(folder: Path, version: str, as_of: date) -> Path | None:
    """Where this version already stands as the one in force on `as_of`; None where it is news.

    In force is the latest as_of up to this one: a result that returns after having been another is news.
    """
    until = {name: told for name, told in published(folder).items() if told[1] <= as_of.isoformat()}
    last = max((day for _, day in until.values()), default=None)
    standing = [name for name, told in until.items() if told == (version, last)]
    return folder / standing[0] if standing else None


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
    appears. Every file is listed in the checksums, which are written last.
    """
    disk = fs if fs is not None else Disk()
    _make_known(disk, folder)
    _clear_leftovers(disk, folder)
    standing = unchanged(folder, version, as_of)
    if standing is not None:
        return Published(folder=standing, version=version, new=False)
    final = folder / f"{version}+{as_of.isoformat()}"
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
    return Published(folder=final, version=version, new=True)


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
