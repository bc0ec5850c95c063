"""A night killed after any step leaves the old release or the new, and the next run finishes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.releases.verify import verify
from pipeline.summary import releases
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

# A night in a process of its own that kills itself the moment a given step has ended.
CHILD = """
import os, signal, sys
from datetime import date
from pipeline.config import Settings, environment
from assets.run import run_job

settings = Settings.from_environment(environment())
after = int(sys.argv[1])

def ended(step):
    print(step.name, step.of, flush=True)
    if step.done == after:
        os.kill(os.getpid(), signal.SIGKILL)

run_job(settings, as_of=date.fromisoformat(sys.argv[2]), ended=ended)
"""
NIGHT = "2025-03-01"


def night_killed_after(house: House, step: int) -> tuple[int, list[str]]:
    """The exit status, and the steps that had ended."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(step), NIGHT],
        env=house.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def whole(house: House) -> int:
    """How many versions stand; each of them verifies."""
    standing = releases(house.settings)
    for release in standing:
        assert not verify(release.folder).problems
    folders = [path for path in (house.data / "releases").glob("*/*") if "+" in path.name]
    assert len(folders) == len(standing)  # a folder with a version's name is a whole version
    return len(standing)


def killed_again_and_again(house: House, stride: int) -> None:
    """Nights on one data root, killed after steps further and further on; then one that may end."""
    steps = int(night_killed_after(house, 1)[1][0].split()[1])
    for boundary in sorted({*range(2, steps, stride), steps}):
        status, ended = night_killed_after(house, boundary)
        assert status == -signal.SIGKILL
        assert len(ended) == boundary
        whole(house)

    finished = house.uttrekk("run")

    assert finished.returncode == 0, finished.stderr
    assert whole(house) == 1


def test_killed_after_steps_of_every_zone_and_run_again(fresh: House) -> None:
    killed_again_and_again(fresh, stride=10)


@pytest.mark.soak
def test_killed_after_every_single_step_and_run_again(fresh: House) -> None:
    killed_again_and_again(fresh, stride=1)


def test_a_killed_night_and_an_undisturbed_one_publish_the_same(fresh: House, a_night: House) -> None:
    shutil.rmtree(fresh.data / "keys")
    shutil.copytree(a_night.data / "keys", fresh.data / "keys")
    steps = int(night_killed_after(fresh, 1)[1][0].split()[1])
    for boundary in (steps // 3, steps - 4):
        night_killed_after(fresh, boundary)

    assert fresh.uttrekk("run").returncode == 0

    assert fresh.released() == a_night.released()
    assert not [path for path in Path(fresh.data / "releases").rglob("*") if "staged" in path.name]
