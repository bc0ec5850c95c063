"""Key files on disk: whole or not there, their owner's alone, never in a git work tree.

What does not belong here: what a key is, and who may have one (`identity.keys`).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.errors import KeyUnusable

LOCK_FILE = ".lock"
STAGED = ".staged"
HOW_TO_MAKE = "export UTTREKK_KEYS=FOLDER; uttrekk keys create"
_OTHERS, _NEITHER_READ_NOR_WRITE = 0o077, 0o100


def check_folder(path: Path) -> None:
    """Refuse a folder that is missing, a link, somebody else's, or open to others."""
    _check(path, directory=True)


def check_file(path: Path) -> None:
    """Refuse a file that is missing, a link, somebody else's, or has another mode than 0600 or 0400."""
    _check(path, directory=False)


def _check(path: Path, *, directory: bool) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        raise KeyUnusable(
            f"There is no key: {path.name} is missing in {path.parent}.",
            instead="Nothing was pseudonymised or published.",
            do=f"For the demo: uttrekk synthesise; for real persons: {HOW_TO_MAKE}",
        ) from None
    kind = stat.S_ISDIR(found.st_mode) if directory else stat.S_ISREG(found.st_mode)
    if not kind or found.st_uid != os.geteuid():
        raise KeyUnusable(
            f"{path} is not a plain {'folder' if directory else 'file'} of the user who runs this.",
            instead="The key was not read.",
            do=f"Look at it with: ls -ld {path}",
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & _OTHERS:
        raise KeyUnusable(
            f"{path} can be read by others.",
            instead="The key was not used.",
            do=f"If nobody else has read it: chmod {'700' if directory else '600'} {path}",
        )
    if not directory and mode & _NEITHER_READ_NOR_WRITE:
        raise KeyUnusable(
            f"{path} has another mode than 0600 or 0400.",
            instead="The key was not used.",
            do=f"Set it right: chmod 600 {path}",
        )


def check_parents(path: Path) -> None:
    """Refuse a path above which anybody may rename and replace what is not theirs."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise KeyUnusable(
                f"{parent}, above the key, can be written by everybody.",
                instead="The key was not used.",
                do=f"Move the key, or if nobody has exchanged it: chmod o-w {parent}",
            )


def refuse_work_tree(path: Path) -> None:
    """A real key never lies where `git add` could take it."""
    resolved = path.resolve()
    if any((parent / ".git").exists() for parent in (resolved, *resolved.parents)):
        raise KeyUnusable(
            f"{path} lies in a git work tree.",
            instead="The key was not used.",
            do="Move it out of the repository, and set UTTREKK_KEYS and UTTREKK_MASTER_KEY to where it is.",
        )


def private_folder(folder: Path) -> None:
    """Make the folder, 0700, where there is none; refuse one that others can open."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait for, and hold, the lock on the keys: one at a time makes, wraps anew or destroys."""
    descriptor = os.open(folder / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read(path: Path) -> dict[str, Any]:
    """The record in a private file."""
    check_file(path)
    try:
        record = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        raise damaged(path) from None
    if not isinstance(record, dict):
        raise damaged(path)
    return record


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a private file with one on each line; none where there is no file.

    A last line that a power failure has cut off is not there.
    """
    if not os.path.lexists(path):
        return []
    check_file(path)
    try:
        whole, _, _ = path.read_text("utf-8").rpartition("\n")
        records = [json.loads(line) for line in whole.splitlines() if line]
    except (ValueError, RecursionError):
        raise damaged(path) from None
    if not all(isinstance(record, dict) for record in records):
        raise damaged(path)
    return records


def damaged(path: Path) -> KeyUnusable:
    """The error for a file that we did not write so."""
    return KeyUnusable(
        f"{path} does not hold what this program wrote there.",
        instead="The key was not used.",
        do="Put back the file from a copy.",
    )


def stage(path: Path, record: Mapping[str, Any]) -> Path:
    """Write a record beside `path`, 0600 and synced; `put` or `create` gives it its name."""
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}{STAGED}")
    descriptor = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(record, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        staged.unlink()
        raise
    return staged


def put(staged: Path, path: Path) -> None:
    """Let a staged file take the place of `path`, in one step."""
    os.replace(staged, path)
    sync_folder(path.parent)


def replace(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record in the place of `path`: the old one stands until the new one does."""
    staged = stage(path, record)
    try:
        put(staged, path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise


def create(path: Path, record: Mapping[str, Any]) -> bool:
    """Write a file whole or not at all; whoever came first wins, and the loser's record is thrown away.

    Returns whether this call made it.
    """
    staged = stage(path, record)
    try:
        os.link(staged, path)
        sync_folder(path.parent)
        return True
    except FileExistsError:
        return False
    finally:
        staged.unlink()


def append(path: Path, record: Mapping[str, Any]) -> None:
    """Add a line to a private file of records, synced; a line that was cut off before is taken away."""
    lines = read_lines(path)
    whole = "".join(json.dumps(line, sort_keys=True) + "\n" for line in [*lines, record])
    new = not os.path.lexists(path)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        # What stood there is written again as it stood: a kill leaves it, and at most a cut-off line.
        file.write(whole)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    if new:
        sync_folder(path.parent)


def clear_staged(folder: Path, name: str = "*") -> None:
    """Remove what a killed command left beside `name`; only under the lock."""
    for left in sorted(folder.glob(f".{name}.*{STAGED}")):
        with suppress(FileNotFoundError):
            left.unlink()


def sync_folder(folder: Path) -> None:
    """Keep the names in a folder through a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
