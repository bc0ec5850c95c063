"""The quality profile, whatever is registered: it is what counting one unit at a time gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.quality.profile import profile
from schemas import codes
from schemas.case_system.background import UNKNOWN_YEARS
from tests.fill_reference import World, filled
from tests.quality_world import AS_OF, core_frame, usable

pytestmark = pytest.mark.slow

TABLES = ("person", "case", "background", "grant_claim", "programme", "activity", "absence", "result")
KEYS = st.integers(1, 4)
BYDEL = st.sampled_from([None, "01", "02"])
DAYS = st.sampled_from([None, date(2023, 5, 1), date(2024, 5, 31), date(2024, 12, 31), date(2025, 1, 2)])


def rows_of(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(columns), max_size=7)


def numbered(key: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, key: number} for number, row in enumerate(rows, 1)]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to four persons and all that may be registered of them, in any order."""
    case = rows_of(person_key=KEYS, bydel=BYDEL, opened_on=DAYS)
    programme = rows_of(
        person_key=KEYS,
        case_key=KEYS,
        adviser_key=st.sampled_from([None, 8, 9]),
        started_on=DAYS,
        ended_on=DAYS,
        law=st.sampled_from([None, *codes.LAW.values()]),
        programme_goal=st.sampled_from([None, codes.PROGRAMME_GOAL.values()[0]]),
    )
    background = rows_of(
        person_key=KEYS,
        registered_on=DAYS,
        school_years=st.sampled_from([None, 0, 7, UNKNOWN_YEARS]),
        latin_alphabet=st.sampled_from([None, *codes.SKILL.values()[:1], *codes.SKILL.unknown]),
    )
    return {
        "person": [{"person_key": key, "created_on": draw(DAYS)} for key in range(1, 5)],
        "settlement": draw(rows_of(person_key=KEYS, settled_on=DAYS, bydel=BYDEL)),
        "case": numbered("case_key", draw(case)),
        "programme": numbered("programme_key", draw(programme)),
        "background": draw(background),
        "grant_claim": numbered(
            "claim_key", draw(rows_of(person_key=KEYS, claimed_on=DAYS, paid_kr=st.sampled_from([None, 10])))
        ),
        "activity": draw(rows_of(programme_key=KEYS, started_on=DAYS, ended_on=DAYS)),
        "absence": draw(rows_of(programme_key=KEYS, started_on=DAYS, days=st.sampled_from([None, 2]))),
        "result": draw(rows_of(programme_key=KEYS, dated_on=DAYS, result=st.sampled_from([None, "A"]))),
    }


def stored(folder: Path, world: World, sorted_by_key: bool) -> dict[str, list[Path]]:
    """Each table in two parts, as a night of two snapshots has it; the keys of one sorted are told apart."""
    cores: dict[str, list[Path]] = {}
    for name, rows in world.items():
        frame = core_frame(name, rows)
        if sorted_by_key:
            key = next(k for k in ("programme_key", "case_key", "person_key") if k in frame.columns)
            frame = frame.sort(key)
        cores[name] = [folder / f"{name}-{part}.parquet" for part in (0, 1)]
        frame.head(2).write_parquet(cores[name][0])
        frame.slice(2).write_parquet(cores[name][1])
    return cores


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(), allowed=st.sets(KEYS), sorted_by_key=st.booleans())
def test_the_profile_is_what_counting_one_unit_at_a_time_gives(
    tmp_path_factory: pytest.TempPathFactory, world: World, allowed: set[int], sorted_by_key: bool
) -> None:
    cores = stored(tmp_path_factory.mktemp("core"), world, sorted_by_key)
    measured = profile(cores, usable(*allowed), AS_OF)
    wanted = filled(world, allowed, AS_OF, TABLES)
    place = ("table", "column", "population", "year", "bydel")
    counts = [name for name in measured.fill.columns if name not in place]
    seen = set()
    for row in measured.fill.filter(pl.col("table").is_in(TABLES)).iter_rows(named=True):
        where = tuple(row[name] for name in place)
        seen.add(where)
        assert {n: row[n] for n in counts} == {n: wanted.get(where, {}).get(n, 0) for n in counts}, where
    assert seen >= set(wanted)


@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(), allowed=st.sets(KEYS))
def test_the_same_rows_in_another_order_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, world: World, allowed: set[int]
) -> None:
    found = []
    for order in (1, -1):
        turned = {name: rows[::order] for name, rows in world.items()}
        cores = stored(tmp_path_factory.mktemp("core"), turned, sorted_by_key=False)
        made = profile(cores, usable(*allowed), AS_OF)
        found.append((made.fill.serialize(), made.by_adviser.serialize()))
    assert found[0] == found[1]
