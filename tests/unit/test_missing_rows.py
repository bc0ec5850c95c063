"""Which values are missing: rows that add up to what the profile counts, and nothing that nobody asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.quality.evidence import Evidence
from pipeline.quality.expected import expected_values
from pipeline.quality.missing_rows import MISSING, ROW_MISSING, missing
from pipeline.quality.profile import fields, profile, profiled_tables
from schemas.variable import Demand, table_name
from tests.quality_world import AS_OF, cases, persons, programmes, settled, store, usable

ENDED = date(2024, 5, 1)


def evidence(folder: Path, who: pl.DataFrame, refused: Any = None, **rows: Any) -> Evidence:
    cores = store(folder, **rows)
    return Evidence(as_of=AS_OF, usable=who, cores=cores, refused=refused or {})


def lines(found: pl.DataFrame, table: str) -> set[tuple[Any, ...]]:
    mine = found.filter(pl.col("table") == table)
    return set(mine.select("column", "rule", pl.coalesce("programme_key", "case_key", "person_key")).rows())


def a_world(folder: Path, refused: Any = None) -> Evidence:
    return evidence(
        folder,
        usable(1, 2),
        refused,
        person=persons(1, 2, 3, sex="1"),
        settlement=settled(1, 2, 3),
        case=cases(1, 2, 3),
        programme=programmes(1, 2, 3, ended_on=ENDED, programme_status="3"),
        result=[{"programme_key": 1, "dated_on": ENDED, "result": "1", "nir_exit": None}],
    )


def test_a_blank_value_that_somebody_demands_is_a_line_and_others_are_not(tmp_path: Path) -> None:
    found = missing(a_world(tmp_path))
    person = lines(found, "person")
    assert ("birth_date", MISSING, 1) in person and ("birth_date", MISSING, 2) in person
    assert ("sex", MISSING, 1) not in person  # it is there
    assert not any(column == "mother_tongue" for column, _, _ in person)  # nobody asks for it
    assert not any(key == 3 for _, _, key in person)  # a person who may not be counted


def test_a_row_that_is_missing_is_one_line(tmp_path: Path) -> None:
    found = lines(missing(a_world(tmp_path)), "result")
    assert ("", ROW_MISSING, 2) in found
    assert {line for line in found if line[2] == 2} == {("", ROW_MISSING, 2)}
    assert ("nir_exit", MISSING, 1) in found and ("", ROW_MISSING, 1) not in found


def test_a_programme_that_runs_owes_no_result_yet(tmp_path: Path) -> None:
    running = evidence(
        tmp_path,
        usable(1),
        person=persons(1),
        case=cases(1),
        programme=programmes(1, programme_status="1"),
    )
    assert lines(missing(running), "result") == set()


def test_a_row_that_a_rule_holds_back_is_not_missing(tmp_path: Path) -> None:
    refused = {"result": pl.DataFrame({"programme_key": [2], "person_key": [2], "columns": [["nir_exit"]]})}
    found = lines(missing(a_world(tmp_path, refused)), "result")
    assert not any(key == 2 for _, _, key in found)


def test_the_lines_are_as_many_as_the_profile_counts(tmp_path: Path) -> None:
    """A missing row is one line and lacks every demanded field of the table."""
    world = a_world(tmp_path)
    states = expected_values(profile(world.cores, world.usable, AS_OF))
    found = missing(world)
    for table in profiled_tables():
        name = table_name(table)
        whole = lines(found, name)
        rows = sum(rule == ROW_MISSING for _, rule, _ in whole)
        for column in fields(table):
            if column.about.demand is Demand.NOBODY:
                continue
            told = sum(c == column.name for c, _, _ in whole) + rows
            counted = states.filter((pl.col("table") == name) & (pl.col("column") == column.name))
            assert told == counted["missing"].sum(), column.path
