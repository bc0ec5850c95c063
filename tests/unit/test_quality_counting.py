"""Counting stored rows in one pass: what it may read, how much it may take, and what a value says."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.config import Settings
from pipeline.quality.counting import Bounds, Rows, count_all, count_latest, reading
from pipeline.quality.profile import fields, profiled_tables
from pipeline.quality.states import said_by
from schemas.case_system.background import UNKNOWN_YEARS
from schemas.variable import Column, column, columns
from tests.quality_world import SETTLED, core_frame

SCHOOL_YEARS = next(
    column(t, "school_years") for t in profiled_tables() if "school_years" in {c.name for c in columns(t)}
)
UNITS = pl.DataFrame({"unit": [1, 2, 3], "unit_class": [7, 7, 8]})


def backgrounds(folder: Path, *school_years: tuple[int, int | None]) -> Rows:
    """(person, years) a row, all of one day."""
    path = folder / "background.parquet"
    told = [
        {"person_key": key, "registered_on": SETTLED, "school_years": years} for key, years in school_years
    ]
    core_frame("background", told).write_parquet(path)
    return Rows(stored=[path], key="person_key", dated_by="registered_on", columns=(SCHOOL_YEARS,))


def test_rows_are_counted_by_the_class_of_their_unit_and_their_year(tmp_path: Path) -> None:
    rows = backgrounds(tmp_path, (1, 9), (1, None), (2, UNKNOWN_YEARS), (3, 4), (4, 4))
    with reading({"background": rows.stored}, ["background"], Bounds()) as connection:
        found = count_all(connection, rows, UNITS).sort("unit_class")
    assert found.rows() == [(7, SETTLED.year, 3, 2, 1), (8, SETTLED.year, 1, 1, 0)]


@pytest.mark.parametrize("order", [1, -1])
def test_of_rows_of_one_day_the_last_in_the_order_of_their_values_is_counted(
    tmp_path: Path, order: int
) -> None:
    rows = backgrounds(tmp_path, *((1, 9), (1, None), (2, None), (3, 4), (3, UNKNOWN_YEARS))[::order])
    with reading({"background": rows.stored}, ["background"], Bounds()) as connection:
        found = count_latest(connection, rows, UNITS).sort("unit_class")
    assert found.rows() == [(7, 2, 1, 0), (8, 1, 1, 1)]


def test_counting_reads_the_tables_it_is_given_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    rows, other = backgrounds(tmp_path / "core"), tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(other)
    with (
        reading({"background": rows.stored}, ["background"], Bounds()) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.read_parquet(str(other)).fetchall()


def test_the_bounds_are_the_settings_and_what_does_not_fit_stays_under_the_data_root(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, case_system="", deliveries=tmp_path, keys=tmp_path, memory_limit="300MB", threads=1
    )
    bounds = Bounds.of(settings)
    with reading({}, [], bounds) as connection:
        told = connection.sql(
            "select current_setting('threads'), current_setting('memory_limit'),"
            " current_setting('temp_directory')"
        ).fetchall()
    assert told == [(1, "286.1 MiB", str(bounds.scratch))]
    assert bounds.scratch is not None and bounds.scratch.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "measured", [c for t in profiled_tables() for c in fields(t)], ids=lambda c: str(c.path)
)
def test_a_value_says_at_most_one_thing(measured: Column) -> None:
    said = [member for members in said_by(measured).values() for member in members]
    assert len(said) == len(set(said))
