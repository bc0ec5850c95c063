"""The world in which every field is filled as its declaration promises."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.config import DemoWorld
from pipeline.synthetic import synthesise
from schemas import CASE_SYSTEM
from schemas.case_system import GrantClaim, Programme, Result
from schemas.variable import Demand, Table, columns, facts, polars_schema, table_name

pytestmark = pytest.mark.slow

AS_OF = date(2018, 3, 1)


def world(folder: Path) -> DemoWorld:
    return synthesise(folder, persons=800, as_of=AS_OF, errors=0, promised=True)


@pytest.fixture(scope="module")
def promised(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("promised") / "world"
    world(folder)
    return {table_name(t): read(folder, t) for t in CASE_SYSTEM if facts(t).extracted}


def read(folder: Path, table: type[Table]) -> pl.DataFrame:
    """A table of the case system under our names."""
    names = ", ".join(f'"{c.about.source_name}" as "{c.name}"' for c in columns(table))
    with duckdb.connect(str(folder / "case_system.duckdb"), read_only=True) as source:
        rows = source.sql(f'select {names} from "{facts(table).source_name}"').pl()
    schema = polars_schema(table)
    return rows.select(pl.col(name).cast(dtype, strict=False) for name, dtype in schema.items())


def test_every_field_is_filled_at_its_promise_and_by_nothing_but_chance(
    promised: dict[str, pl.DataFrame],
) -> None:
    for table in CASE_SYSTEM:
        rows = promised.get(table_name(table))
        if rows is None or table_name(table) in ("code_list_entry", "change_log"):
            continue
        bound = {name for rule in facts(table).rules if len(rule.columns) > 1 for name in rule.columns}
        for c in columns(table):
            about = c.about
            own = not c.core_name or about.key or c.name in {*facts(table).primary_key, *bound} or about.acts
            if own or not 0 < about.min_filled < 1 or c.dtype == pl.Date:
                continue
            share = 1 - rows[c.name].null_count() / rows.height
            promise = 1.0 if about.demand is Demand.NIR else about.min_filled
            slack = 5 * (promise * (1 - promise) / rows.height) ** 0.5
            assert abs(share - promise) <= slack + 1e-9, c.path
            unknown = about.codes.unknown if about.codes else frozenset()
            assert not rows[c.name].cast(pl.String).is_in(list(unknown)).any(), c.path


def test_whoever_a_row_is_expected_of_has_one(promised: dict[str, pl.DataFrame]) -> None:
    persons = set(promised["person"]["person_id"])
    for table in ("background", "family", "health", "housing", "partial_result"):
        assert set(promised[table]["person_id"]) == persons, table
    assert set(promised["activity"]["programme_id"]) == set(promised["programme"]["programme_id"])


def test_nothing_is_late_and_nothing_was_changed(promised: dict[str, pl.DataFrame]) -> None:
    assert promised["change_log"].is_empty()
    both = promised["result"].join(promised["programme"], on="programme_id")
    late = both.filter(pl.col("dated_on") > pl.col("ended_on") + timedelta(days=45))
    assert both.height and late.is_empty()
    assert {table_name(t) for t in (Result, Programme, GrantClaim)} <= set(promised)


def test_births_on_the_first_of_january_are_as_rare_as_on_any_day(promised: dict[str, pl.DataFrame]) -> None:
    born = promised["person"]["birth_date"].drop_nulls()
    share = ((born.dt.day() == 1) & (born.dt.month() == 1)).sum() / born.len()
    assert share < 0.02


def test_a_goal_stands_only_under_the_act_that_asks_for_one(promised: dict[str, pl.DataFrame]) -> None:
    other = promised["programme"].filter(pl.col("law") == "2003")
    assert other["programme_goal"].null_count() == other.height


def test_the_same_world_is_written_twice_and_told_from_the_usual_one(tmp_path: Path) -> None:
    one, two = world(tmp_path / "one"), world(tmp_path / "two")
    assert one == two
    assert one.promised and not DemoWorld(seed=1, persons=1, as_of=AS_OF, code="").promised
    for table in (Programme, Result):
        assert read(tmp_path / "one", table).equals(read(tmp_path / "two", table))
