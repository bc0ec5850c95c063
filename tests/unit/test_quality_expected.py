"""The seven states of an expected value, and which of them a value is in: each case by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.quality.expected import STATES, expected_values
from pipeline.quality.profile import profile
from pipeline.quality.refused import SCHEMA, refused_rows
from schemas import BY_NAME
from schemas.case_system import Activity, GrantClaim, Programme
from schemas.quality import ExpectedValues
from schemas.variable import facts
from tests.factories import frame_of
from tests.quality_world import AS_OF, SETTLED, cases, persons, programmes, store, usable

ENDED = date(2024, 6, 1)


def states(folder: Path, table: str, column: str, *, refused: Any = None, **tables: Any) -> dict[str, int]:
    """The states of one field over persons 1 to 3, each with a case; only those that somebody is in."""
    given = {"person": persons(1, 2, 3), "case": cases(1, 2, 3)} | tables
    measured = profile(store(folder, **given), usable(1, 2, 3), AS_OF, refused or {})
    found = expected_values(measured).filter(table=table, column=column)
    sums: dict[str, int] = found.select("expected", *STATES).sum().row(0, named=True)
    assert sums["expected"] == sum(sums[state] for state in STATES)
    return {state: n for state, n in sums.items() if n and state != "expected"}


def test_a_goal_must_not_be_registered_under_the_act_of_2003(tmp_path: Path) -> None:
    rows = [
        *programmes(1, law="2003"),
        *programmes(2, law="2021", programme_goal="A"),
        *programmes(3, law=None),  # nobody knows which act: it may be asked for
    ]
    assert states(tmp_path, "programme", "programme_goal", programme=rows) == {
        "must_not": 1,
        "registered": 1,
        "missing": 1,
    }


def test_what_is_registered_where_it_must_not_be_is_invalid(tmp_path: Path) -> None:
    rows = programmes(1, 2, law="2003", programme_goal="A")
    assert states(tmp_path, "programme", "programme_goal", programme=rows) == {"invalid": 2}


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(None, "not_due"), (date(2025, 1, 2), "not_due"), (date(2025, 1, 1), "missing"), (ENDED, "missing")],
)
def test_nir_asks_two_months_after(tmp_path: Path, ended: date | None, expected: str) -> None:
    rows = programmes(1, ended_on=ended)
    assert states(tmp_path, "result", "result", programme=rows) == {expected: 1}


def test_what_is_not_due_is_not_counted_as_filled_though_somebody_was_early(tmp_path: Path) -> None:
    found = states(
        tmp_path,
        "result",
        "result",
        programme=programmes(1, ended_on=date(2025, 2, 1)),
        result=[{"programme_key": 1, "dated_on": date(2025, 2, 2), "result": "A"}],
    )
    assert found == {"not_due": 1}


@pytest.mark.parametrize(("started", "expected"), [(date(2025, 1, 2), "not_due"), (None, "missing")])
def test_a_programme_whose_start_nobody_knows_is_due(
    tmp_path: Path, started: date | None, expected: str
) -> None:
    rows = [{"programme_key": 1, "person_key": 1, "case_key": 1, "started_on": started}]
    assert states(tmp_path, "programme", "law", programme=rows) == {expected: 1}


def test_an_activity_need_not_have_ended_before_the_programme_has(tmp_path: Path) -> None:
    rows = [*programmes(1), *programmes(2, ended_on=ENDED)]
    activity = [
        {"activity_key": k, "programme_key": k, "started_on": SETTLED, "activity": "SPR"} for k in (1, 2)
    ]
    given = {"programme": rows, "activity": activity}
    assert states(tmp_path / "a", "activity", "ended_on", **given) == {"not_due": 1, "missing": 1}
    assert states(tmp_path / "b", "activity", "activity", **given) == {"registered": 2}


def test_a_value_that_a_rule_refused_is_invalid_and_the_other_fields_of_its_row_are_missing(
    tmp_path: Path,
) -> None:
    refused = {
        "activity": pl.DataFrame([(1, None, 1, ["activity"], ["activity:code"])], schema=SCHEMA, orient="row")
    }
    given = {"programme": programmes(1, 2), "refused": refused}
    assert states(tmp_path / "a", "activity", "activity", **given) == {"invalid": 1, "missing": 1}
    assert states(tmp_path / "b", "activity", "hours_per_week", **given) == {"missing": 2}


def test_a_refused_value_of_whoever_has_a_good_row_is_no_lack(tmp_path: Path) -> None:
    refused = {
        "activity": pl.DataFrame([(1, None, 1, ["activity"], ["activity:code"])], schema=SCHEMA, orient="row")
    }
    good = [{"activity_key": 1, "programme_key": 1, "started_on": SETTLED, "activity": "SPR"}]
    given = {"programme": programmes(1), "activity": good, "refused": refused}
    assert states(tmp_path, "activity", "activity", **given) == {"registered": 1}


def test_a_refused_row_of_a_table_that_expects_nobody_is_expected_beside_the_others(tmp_path: Path) -> None:
    refused = {
        "grant_claim": pl.DataFrame(
            [(2, None, None, ["claimed_on"], ["claimed_on:no_date"])], schema=SCHEMA, orient="row"
        )
    }
    good = [{"claim_key": 1, "person_key": 1, "claimed_on": SETTLED}]
    given = {"grant_claim": good, "refused": refused}
    assert states(tmp_path / "a", "grant_claim", "claimed_on", **given) == {"registered": 1, "invalid": 1}
    assert states(tmp_path / "b", "grant_claim", "paid_kr", **given) == {"missing": 1}


def test_a_refused_row_of_somebody_who_may_not_be_counted_is_not_counted(tmp_path: Path) -> None:
    refused = {
        "grant_claim": pl.DataFrame(
            [(9, None, None, ["claimed_on"], ["claimed_on:no_date"])], schema=SCHEMA, orient="row"
        )
    }
    good = [{"claim_key": 1, "person_key": 1, "claimed_on": SETTLED}]
    found = states(tmp_path, "grant_claim", "claimed_on", grant_claim=good, refused=refused)
    assert found == {"registered": 1}


def test_the_seven_states_are_the_declared_ones_and_every_cell_stands_once(tmp_path: Path) -> None:
    measured = profile(store(tmp_path, person=persons(1, 2)), usable(1, 2), AS_OF)
    found = expected_values(measured)
    ExpectedValues.validate(found, lazy=True)
    assert set(STATES) < set(found.columns)
    assert not found.select(facts(ExpectedValues).primary_key).is_duplicated().any()
    assert (found["expected"] > 0).all()


LEDGER = pl.DataFrame(
    [("person", "7", 1), ("programme", "70", 2), ("case", "S-1", 3)],
    schema=["entity", "source_key", "key"],
    orient="row",
)
OWNERS = pl.DataFrame({"programme_key": [2], "person_key": [1]})


def quarantined(table: str, row: dict[str, Any], rules: list[str]) -> pl.DataFrame:
    return frame_of(BY_NAME[table], row).with_columns(rules=pl.lit(pl.Series([rules])))


def test_a_refused_row_is_whose_it_says_and_of_the_fields_its_rules_are_of() -> None:
    several = quarantined(
        "programme",
        {"programme_id": 70, "person_id": 7, "case_id": "S-1"},
        ["ended_on_not_before_started_on"],
    )
    assert refused_rows(Programme, several, LEDGER, OWNERS).rows() == [
        (1, 3, 2, ["started_on", "ended_on"], ["ended_on_not_before_started_on"])
    ]
    coded = quarantined("activity", {"programme_id": 70}, ["activity:code"])
    assert refused_rows(Activity, coded, LEDGER, OWNERS).rows() == [
        (1, None, 2, ["activity"], ["activity:code"])
    ]
    claim = quarantined("grant_claim", {"person_id": 8}, ["paid_kr:at_most", "claimed_on_not_after_as_of"])
    assert refused_rows(GrantClaim, claim, LEDGER, OWNERS).rows() == [
        (None, None, None, ["claimed_on", "paid_kr"], ["paid_kr:at_most", "claimed_on_not_after_as_of"])
    ]
