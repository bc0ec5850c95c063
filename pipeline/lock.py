"""One run at a time on a data root: a lock the operating system lets go of when the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.config import data_root
from pipeline.errors import StillRunning

LOCK_FILE = ".lock"


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Hold the data root's lock, or raise StillRunning at once."""
    descriptor = os.open(data_root(data) / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StillRunning(
                "Another run holds this data root.",
                instead="Nothing was started.",
                do="Wait for it to end, and type the same command again.",
            ) from None
        yield
    finally:
        os.close(descriptor)
