"""Whether a year is ripe stands through a month: one person turns it, and only the date may."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.config import Settings
from pipeline.night.ripened import FOLDER, NIGHTS_HELD, held_unripe, month_before
from pipeline.quality.ripeness import UNRIPE
from tests.factories import settings_at

YEARS = (2022, 2023, 2024)


def frame(*years: int, column: str = "result") -> pl.DataFrame:
    return pl.DataFrame([("result", column, "participants", year) for year in years], UNRIPE, orient="row")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path)


def night(settings: Settings, as_of: date, *unripe: int, years: tuple[int, ...] = YEARS) -> list[int]:
    """The years that are taken to wait on a night on which `unripe` do."""
    return held_unripe(settings, as_of, frame(*years), frame(*unripe))["year"].to_list()


@pytest.mark.parametrize(("first", "then"), [((2024,), ()), ((), (2024,)), ((2024,), (2023,))])
def test_within_a_month_it_stands_and_the_next_month_turns_it(
    settings: Settings, first: tuple[int, ...], then: tuple[int, ...]
) -> None:
    was, becomes = list(first), list(then)
    assert night(settings, date(2025, 3, 1), *first) == was
    assert [night(settings, date(2025, 3, day), *then) for day in (2, 3, 31)] == [was] * 3
    assert night(settings, date(2025, 4, 1), *then) == becomes
    assert night(settings, date(2025, 4, 1), *first) == night(settings, date(2025, 4, 2), *first) == becomes


def test_a_night_of_another_month_or_a_night_run_late_turns_nothing_that_was_told(settings: Settings) -> None:
    assert night(settings, date(2025, 3, 20), 2024) == [2024]
    assert night(settings, date(2025, 2, 20)) == []  # the month before
    assert night(settings, date(2025, 3, 5)) == [2024]  # an earlier night of the month, run after
    assert night(settings, date(2024, 3, 5)) == []  # March of another year


def test_a_year_that_was_not_looked_at_this_month_is_taken_as_it_is(settings: Settings) -> None:
    night(settings, date(2025, 3, 1), 2023, years=(2022, 2023))
    assert night(settings, date(2025, 3, 2), 2024, years=YEARS) == [2023, 2024]
    assert night(settings, date(2025, 3, 3), years=YEARS) == [2023, 2024]
    # One that is gone for a night comes back as it was.
    assert night(settings, date(2025, 3, 4), years=(2022,)) == [2023, 2024]
    assert night(settings, date(2025, 3, 5), years=YEARS) == [2023, 2024]


def test_each_field_stands_for_itself(settings: Settings) -> None:
    both = pl.concat([frame(2024), frame(2024, column="nir_exit")])
    told = held_unripe(settings, date(2025, 3, 1), both, frame(2024))
    assert told.rows() == [("result", "result", "participants", 2024)]
    assert told.schema == frame().schema


def test_the_same_night_writes_the_same_and_only_the_newest_are_kept(settings: Settings) -> None:
    folder = settings.restricted / FOLDER
    night(settings, date(2025, 3, 1), 2024)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    night(settings, date(2025, 3, 1))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    for day in range(1, 31):
        night(settings, date(2025, 4, day), 2024)
    night(settings, date(2025, 5, 1), 2024)
    assert len(list(folder.iterdir())) == NIGHTS_HELD


def test_what_a_night_is_held_against_is_known_before_it_and_does_not_change_by_it(
    settings: Settings,
) -> None:
    assert month_before(settings, date(2025, 3, 2)) == ""
    night(settings, date(2025, 3, 1), 2024)
    first = month_before(settings, date(2025, 3, 2))
    assert first and month_before(settings, date(2025, 4, 2)) == ""
    night(settings, date(2025, 3, 2), 2024)
    assert month_before(settings, date(2025, 3, 2)) == first
