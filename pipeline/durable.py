"""Small files that appear whole: staged beside their place, synced, and renamed into it.

A killed run leaves the old file or the new one, and perhaps a staged one, which the next writing of the same
name in the same folder removes.
"""

from __future__ import annotations

import os
from pathlib import Path

OWNER_ONLY = 0o600
EVERYBODY = 0o644
_STAGED = "staged"


def put(path: Path, content: bytes, *, mode: int = OWNER_ONLY) -> Path:
    """Let `content` stand at `path`, open to whom `mode` says; gives `path`.

    A file that says the same already, to the same, is left as it is: its time of change is when it changed.
    """
    if path.exists() and path.stat().st_mode & 0o777 == mode and path.read_bytes() == content:
        return path
    for left in path.parent.glob(f".{path.name}.*.{_STAGED}"):
        left.unlink(missing_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}.{_STAGED}")
    descriptor = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    staged.replace(path)
    sync(path.parent)
    return path


def sync(path: Path) -> None:
    """Ask the disk to keep a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
