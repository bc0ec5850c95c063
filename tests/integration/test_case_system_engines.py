"""The same case system in PostgreSQL and in a DuckDB file gives the same snapshots and the same release."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.summary import latest_night
from tests.integration.conftest import House
from tests.integration.postgres_loader import load

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

NIGHT = "2025-03-01"  # the invented world's; without a demo world as its source, a night is today's


def test_postgresql_and_duckdb_give_the_same_release(a_night: House, tmp_path: Path, postgres: Any) -> None:
    uri = postgres.create_database("socio_night")
    load(a_night.data / "world" / "case_system.duckdb", uri)
    other = House(tmp_path / "data", a_night.environment | {"UTTREKK_CASE_SYSTEM": uri})
    for folder in ("world", "keys"):
        shutil.copytree(a_night.data / folder, other.data / folder)

    done = other.uttrekk("run", "--as-of", NIGHT)

    assert done.returncode == 0, done.stderr
    ours, theirs = latest_night(a_night.settings), latest_night(other.settings)
    assert ours is not None and theirs is not None
    assert {n: s.id for n, s in ours.snapshots.items()} == {n: s.id for n, s in theirs.snapshots.items()}
    assert other.released() == a_night.released()
