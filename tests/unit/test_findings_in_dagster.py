"""Dagster's part: a line for what changed and silence otherwise, and a check of each table's findings."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest

from assets.checks import TABLES, filled_as_promised, no_open_finding
from assets.findings import findings, tell_changes, worklists
from pipeline.night.published import FIELDS, PROFILE, RESULTS, night_folder
from pipeline.quality import history, night_states
from pipeline.quality.export import parquet
from tests import published_world
from tests.factories import settings_at
from tests.published_world import AS_OF

BEFORE = date(2025, 2, 28)


@pytest.fixture
def house(tmp_path: Path) -> SimpleNamespace:
    (tmp_path / "data").mkdir()
    return SimpleNamespace(settings=settings_at(tmp_path), night=AS_OF)


def told(house: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the hook logs when its step has succeeded."""
    caplog.clear()
    logger = logging.getLogger("tell")
    context = dg.build_hook_context(resources={"house": house}, op=findings.node_def)
    context._log = logger  # the one it makes itself writes elsewhere
    with caplog.at_level(logging.WARNING, logger="tell"):
        tell_changes(context)
    return [record.getMessage() for record in caplog.records if record.name == "tell"]


def note(house: SimpleNamespace, night: date, status: str) -> None:
    states = night_states.finding_states(published_world.results({"status": status}))
    history.update(house.settings.linked / PROFILE, night, states)


def test_only_a_change_is_told_and_only_after_the_step_that_found_it(
    house: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    note(house, AS_OF, "failed")
    assert told(house, caplog) == []  # the first night has nothing to compare with
    note(house, BEFORE, "failed")
    assert told(house, caplog) == []
    note(house, BEFORE, "passed")
    assert told(house, caplog) == [
        "New finding: Filled less than promised: Background – Level of education "
        "(participants in the programme, all years)"
    ]
    assert tell_changes in findings.hook_defs
    assert tell_changes not in worklists.hook_defs


def test_a_table_with_an_open_finding_fails_its_check_by_the_findings_severity(
    house: SimpleNamespace,
) -> None:
    folder = night_folder(house.settings, AS_OF)
    folder.mkdir(parents=True)
    decide = {"severity": "decide", "table": "result", "column": "nir_exit"}
    settled = {"table": "housing", "column": "rooms", "stewardship": "excepted", "worse": True}
    results = published_world.results({}, decide, settled)
    (folder / RESULTS).write_bytes(parquet(results))
    (folder / FIELDS).write_bytes(parquet(published_world.fields({})))
    found = {check.asset_key.path[-1]: check for check in no_open_finding(house=house)}
    assert set(found) == set(TABLES)
    assert {name for name, check in found.items() if not check.passed} == {"background", "result"}
    severities = {name: found[name].severity for name in ("background", "result")}
    assert severities == {
        "background": dg.AssetCheckSeverity.WARN,
        "result": dg.AssetCheckSeverity.ERROR,
    }
    assert found["background"].metadata["sparse"].value == "education_level"
    assert found["housing"].metadata["decided by stewards"].value == 1
    assert found["housing"].metadata["become worse"].value == "rooms"
    assert found["background"].metadata["become worse"].value == "none"


def test_a_field_is_sparse_in_dagster_where_that_is_published_and_nowhere_else(
    house: SimpleNamespace,
) -> None:
    """From the published results, which are held: the profile of the night is not there to be asked."""
    folder = night_folder(house.settings, AS_OF)
    folder.mkdir(parents=True)
    of_late = {"table": "settlement", "status": "passed", "period": "latest"}
    elsewhere = [
        {"table": "result", "status": "passed"},
        {"table": "housing", "column": "rooms", "period": "latest"},
        {"table": "settlement"},  # of the past: the latest years keep the promise
        of_late,
        {"table": "family", "check": "bydel_spread"},
        {"table": "person", "status": None, "marker": "suppressed"},
    ]
    numbered = [row | {"result_id": f"{place:016x}"} for place, row in enumerate(elsewhere)]
    (folder / RESULTS).write_bytes(parquet(published_world.results({}, *numbered)))
    (folder / FIELDS).write_bytes(parquet(published_world.fields({})))
    found = {check.asset_key.path[-1]: check for check in filled_as_promised(house=house)}
    assert {name for name, check in found.items() if not check.passed} == {"background", "housing"}
    assert found["background"].metadata["sparse"].value == "education_level"
