"""Corners of chains, reconciliation and flags that random worlds seldom reach."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.linkage.limits import LIMITS, limit_frame
from pipeline.linkage.reconcile import programme_chain
from schemas import codes
from schemas.linked.outcome import ProgrammeSpell
from schemas.variable import polars_schema
from tests.linkage_world import World, settings_at

pytestmark = pytest.mark.slow

PROGRAMME = {"person_key": 1, "programme_key": 11, "programme_status": "3"}


def linked(folder: Path, **core: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    """What is linked of these core rows; a register's part is named by the year after `__`."""
    world = World(linkable=[1])
    for name, rows in core.items():
        table, _, part = name.partition("__")
        world.parts.setdefault(table, {})[part or table] = list(rows)
    return world.linked(folder)


@pytest.mark.parametrize(
    ("opened", "bydel"),
    [
        ({date(2010, 1, 1): "01", date(2011, 1, 1): "02", date(2013, 1, 1): "03"}, "02"),
        ({date(2012, 6, 10): "01", date(2012, 6, 11): "02", date(2012, 6, 12): "03"}, "02"),  # on day 31
        ({date(2013, 1, 1): "01", date(2014, 1, 1): "02"}, "01"),
        ({}, None),
    ],
)
def test_what_only_nir_has_is_in_the_bydel_of_the_latest_case_by_then_or_of_the_first_after(
    tmp_path: Path, opened: dict[date, str], bydel: str | None
) -> None:
    rows = [
        {"case_key": n, "person_key": 1, "municipality": "0301", "opened_on": day, "bydel": code}
        for n, (day, code) in enumerate(opened.items())
    ]
    others = {"case_key": 99, "person_key": 2, "municipality": "0301", "opened_on": date(2012, 5, 1)}
    nir = {"person_key": 1, "municipality": "0301", "started_on": date(2012, 5, 11), "delivery_year": 2012}
    made = linked(tmp_path, case=[*rows, {**others, "bydel": "15"}], nir_participant__2012=[nir])
    assert made["reconciliation"].select("kind", "bydel").rows() == [("only_in_nir", bydel)]


def test_leave_counts_while_the_programme_runs_and_not_after_it(tmp_path: Path) -> None:
    """Three days of leave inside allow the programme to 3 February 2015; it ended on the 8th."""
    programme = PROGRAMME | {"started_on": date(2012, 2, 1), "ended_on": date(2015, 2, 8)}
    leave = {
        "person_key": 1,
        "municipality": "0301",
        "leave_cause": "OMS",
        "started_on": date(2015, 2, 6),
        "ended_on": date(2015, 3, 31),
        "delivery_year": 2015,
    }
    made = linked(tmp_path, programme=[programme], nir_leave__2015=[leave])
    assert made["programme_flag"]["flag"].to_list() == ["too_long"]


@pytest.mark.parametrize(
    ("permit_from", "law"),
    [(date(2022, 9, 1), "6A"), (date(2022, 9, 2), "2021"), (date(2022, 6, 1), "6A")],
)
def test_the_permit_that_holds_on_the_day_of_the_start_decides(
    tmp_path: Path, permit_from: date, law: str
) -> None:
    started = {"started_on": date(2022, 9, 1), "ended_on": date(2026, 12, 1), "law": "2021"}
    permit = {"person_key": 1, "valid_from": permit_from, "permit_ground": "34"}
    made = linked(tmp_path, programme=[PROGRAMME | started], residence_permit=[permit])
    assert made["programme_flag"].select("flag", "law").rows() == [("too_long", law)]


@pytest.mark.parametrize(
    ("permit", "law"),
    [
        ({"valid_from": date(2020, 12, 31)}, "2003"),
        ({"valid_from": date(2021, 1, 1)}, "2021"),
        ({"valid_from": date(2021, 1, 1), "decided_on": date(2020, 12, 31)}, "2003"),
        ({"valid_from": date(2020, 12, 31), "decided_on": date(2021, 1, 1)}, "2021"),
        ({"valid_from": date(2021, 9, 2), "decided_on": date(2020, 12, 31)}, "2021"),  # not yet held
    ],
)
def test_a_permit_decided_before_the_act_of_2021_stays_under_the_act_of_2003(
    tmp_path: Path, permit: dict[str, date], law: str
) -> None:
    started = {"started_on": date(2021, 9, 1), "ended_on": date(2026, 12, 1), "law": "2021"}
    held = {"person_key": 1, "permit_ground": "28"} | permit
    made = linked(tmp_path, programme=[PROGRAMME | started], residence_permit=[held])
    assert made["programme_flag"].select("flag", "law").rows() == [("too_long", law)]


def test_a_programme_that_continues_two_goes_on_with_the_latest(tmp_path: Path) -> None:
    day = date(2013, 1, 1)
    spells = [
        {"programme_number": 1, "started_on": date(2012, 1, 1), "ended_on": day, "programme_status": "6"},
        {"programme_number": 2, "started_on": date(2012, 6, 1), "ended_on": day, "programme_status": "6"},
        {"programme_number": 3, "started_on": day, "ended_on": None, "programme_status": "1"},
    ]
    rows = [s | {"person_key": 1, "programme_key": 10 + s["programme_number"]} for s in spells]
    schema = polars_schema(ProgrammeSpell)
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    made = programme_chain(settings_at(tmp_path), spells=frame)
    assert made.select("programme_key", "number", "began_on").rows() == [
        (11, 1, date(2012, 1, 1)),
        (12, 2, date(2012, 6, 1)),
        (13, 2, date(2012, 6, 1)),
    ]


def test_every_law_has_one_limit_for_every_goal_and_for_none() -> None:
    goals = [*codes.PROGRAMME_GOAL.values(), None]
    pairs = limit_frame().select("law", "programme_goal").rows()
    assert sorted(pairs, key=str) == sorted(
        ((law, goal) for law in codes.APPLIED_LAW.values() for goal in goals), key=str
    )
    assert all(limit.source and limit.nb and limit.en for limit in LIMITS)
    widest = {law: max(limit.months for limit in LIMITS if limit.law == law) for law, _ in pairs}
    unknown = limit_frame().filter(pl.col("programme_goal").is_null())
    assert dict(unknown.select("law", "months").rows()) == widest
