"""A small invented municipality, and nights on it as an operator runs them: by the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.identity.keys import create_master
from pipeline.synthetic import synthesise

PERSONS = 1200

# A night is quicker without: every month but November, which the outcomes ask for, and the early years of
# what no outcome asks for.
NO_OUTCOME_ASKS = ("NIR_tiltak", "NIR_fravaer", "NIR_norsktimer", "NORSKPROVE", "KOMMUNE_indikator")
FIRST_YEAR_KEPT = 2019


def is_left_out(name: str) -> bool:
    """Whether the small world does without this delivery."""
    if name.startswith("ameld_"):
        return "_m11." not in name
    early = name.startswith(NO_OUTCOME_ASKS)
    return early and int("".join(filter(str.isdigit, name))[-4:]) < FIRST_YEAR_KEPT


@dataclass
class House:
    """A data root of its own, and the environment that points at it."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environ())

    def environ(self) -> dict[str, str]:
        """What a command is run with."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("UTTREKK_DATA", "DAGSTER"))}
        return kept | {"UTTREKK_DATA": str(self.data)} | self.environment

    def uttrekk(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Type a command."""
        command = [sys.executable, "-m", "pipeline.cli", *words]
        return subprocess.run(command, env=self.environ(), capture_output=True, text=True, check=False)

    def released(self) -> dict[str, bytes]:
        """Every published data file, by version and name."""
        found = sorted(self.data.glob("releases/*/*+*/data/*.parquet"))
        return {str(path.relative_to(self.data)): path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def small_request(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's request, as a municipality has its own."""
    text = files("pipeline.requests").joinpath("examples/demo.yaml").read_text("utf-8")
    folder = tmp_path_factory.mktemp("requests")
    (folder / "demo.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with sources and a demo key, before its first night."""
    data = tmp_path_factory.mktemp("invented") / "data"
    synthesise(data / "world", persons=PERSONS)
    for path in sorted((data / "world" / "deliveries").iterdir()):
        if is_left_out(path.name):
            path.unlink()
    create_master(data / "keys", demo=True)
    return data


@pytest.fixture(scope="session")
def a_night(tmp_path_factory: pytest.TempPathFactory, invented: Path, small_request: Path) -> House:
    """A data root after one night. Shared: whoever changes anything takes a copy."""
    house = House(tmp_path_factory.mktemp("night") / "data", {"UTTREKK_REQUESTS": str(small_request)})
    shutil.copytree(invented, house.data)
    done = house.uttrekk("run")
    assert done.returncode == 0, done.stdout + done.stderr
    return house


@pytest.fixture
def fresh(tmp_path: Path, invented: Path, small_request: Path) -> House:
    """A data root of its own, before its first night."""
    house = House(tmp_path / "data", {"UTTREKK_REQUESTS": str(small_request)})
    shutil.copytree(invented, house.data)
    return house


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[House], House]:
    """A copy of a house, to do anything to."""

    def copy(house: House) -> House:
        shutil.copytree(house.data, tmp_path / "copy", symlinks=True)
        return House(tmp_path / "copy", dict(house.environment))

    return copy
