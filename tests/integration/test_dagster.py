"""Dagster as its users meet it: the graph reads from left to right, and the commands work from the root."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import defs
from assets.resources import TIME_ZONE
from schemas import SOURCE_TABLES
from schemas.variable import columns, facts, table_name
from tests.integration.conftest import House

ROOT = Path(__file__).resolve().parents[2]
LEFT_TO_RIGHT = ("source", "landing", "restricted", "core", "linked", "releases", "quality")


def specs() -> list[dg.AssetSpec]:
    return list(defs.resolve_all_asset_specs())


def dg_command(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    home = house.data / "dagster"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text("utf-8"), "utf-8")
    return subprocess.run(
        [str(Path(sys.executable).with_name("dg")), *words],
        cwd=ROOT,
        env=house.environ() | {"DAGSTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_arrow_runs_back() -> None:
    for spec in specs():
        for dep in spec.deps:
            from_zone, to_zone = dep.asset_key.path[0], spec.key.path[0]
            assert LEFT_TO_RIGHT.index(from_zone) <= LEFT_TO_RIGHT.index(to_zone), (dep.asset_key, spec.key)


def test_all_of_core_comes_before_every_release_and_before_the_report() -> None:
    """A release refuses a night whose core is not all its own: whatever runs alone, core runs before it."""
    above = {tuple(spec.key.path): {tuple(dep.asset_key.path) for dep in spec.deps} for spec in specs()}
    core = {key for key in above if key[0] == "core"}
    linked = {key for key in above if key[0] == "linked"}
    assert {("core", table_name(t)) for t in SOURCE_TABLES if facts(t).extracted} < core
    releases = [key for key in above if key[0] == "releases"]
    assert releases
    for release in releases:
        assert core <= above[release]
    assert core | linked <= above["quality", "report"]


def test_no_asset_waits_for_itself() -> None:
    waiting = {tuple(spec.key.path): {tuple(dep.asset_key.path) for dep in spec.deps} for spec in specs()}
    done: set[tuple[str, ...]] = set()
    while ready := {key for key, deps in waiting.items() if key not in done and deps & set(waiting) <= done}:
        done |= ready
    assert done == set(waiting)


def test_every_asset_is_grouped_by_its_zone_and_described() -> None:
    for spec in specs():
        assert spec.group_name == spec.key.path[0]
        assert spec.description


def test_every_extracted_table_walks_through_every_zone_with_its_columns() -> None:
    found = {tuple(spec.key.path): spec for spec in specs()}
    for table in SOURCE_TABLES:
        for zone in ("landing", "restricted", "core"):
            spec = found.get((zone, table_name(table)))
            assert (spec is not None) is facts(table).extracted
            if spec is not None and zone != "core":
                shown = spec.metadata["dagster/column_schema"].columns
                assert [c.name for c in shown] == [c.name for c in columns(table)]


def test_the_night_is_at_two_in_oslo_and_off_until_switched_on() -> None:
    (schedule,) = defs.schedules or ()
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", TIME_ZONE)  # type: ignore[union-attr]
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED  # type: ignore[union-attr]


@pytest.mark.slow
def test_the_definitions_load_from_the_root(fresh: House) -> None:
    checked = dg_command(fresh, "check", "defs")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
def test_cron_can_launch_the_night(fresh: House) -> None:
    launched = dg_command(fresh, "launch", "--job", "nightly")
    assert launched.returncode == 0, launched.stdout[-2000:] + launched.stderr[-2000:]
    assert len(fresh.released()) == 4


@pytest.mark.slow
def test_a_failed_night_is_a_failed_command(fresh: House) -> None:
    (fresh.data / "world" / "case_system.duckdb").unlink()
    launched = dg_command(fresh, "launch", "--job", "nightly")
    assert launched.returncode != 0
    assert fresh.released() == {}
