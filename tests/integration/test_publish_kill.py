"""A publisher killed at random moments leaves the old version or the new one, never half of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("publish_child.py")
ROOT = CHILD.parents[2]


def killed(folder: Path, rounds: int) -> dict[str, int]:
    """What `rounds` killed publishings left; the child raises where anything was half."""
    (folder / "releases").mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(CHILD), str(folder / "releases" / "demo"), str(rounds), "2006"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, int] = json.loads(done.stdout)
    return seen


def test_fifty_killed_publishings_leave_old_or_new(tmp_path: Path) -> None:
    seen = killed(tmp_path, 50)
    assert seen["old"] + seen["new"] == 50
    # The moments were spread over the publishing, or the test has proved nothing.
    assert seen["killed"] >= 25 and seen["staged"] >= 10


@pytest.mark.soak
def test_a_thousand_killed_publishings_leave_old_or_new(tmp_path: Path) -> None:
    seen = killed(tmp_path, 1000)
    assert seen["old"] + seen["new"] == 1000 and seen["staged"] >= 200
