"""Whether a year is ripe stands through a month: one person turns it, and only the date may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.config import Settings
from pipeline.night.ripened import FOLDER, held_unripe, is_held
from pipeline.quality import thresholds
from pipeline.quality.evidence import Evidence
from pipeline.quality.profile import profile
from pipeline.quality.ripeness import UNRIPE, unripe, years_of
from pipeline.remembered import NIGHTS_KEPT
from tests.factories import settings_at
from tests.quality_world import cases, persons, programmes, store, usable

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
    assert len(list(folder.iterdir())) == NIGHTS_KEPT


@pytest.mark.parametrize("limit", ["RIPE_SHARE", "RIPE_MONTHS"])
def test_a_changed_limit_is_heard_the_same_night_and_stands_from_then_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    assert night(settings, date(2025, 3, 1), 2024) == [2024]
    assert night(settings, date(2025, 3, 1), 2023) == [2024]
    other = replace(getattr(thresholds, limit), value=getattr(thresholds, limit).value - 1)
    monkeypatch.setattr(thresholds, limit, other)
    assert night(settings, date(2025, 3, 1), 2023) == [2023]
    assert [night(settings, date(2025, 3, day)) for day in (1, 2, 31)] == [[2023]] * 3


def test_another_limit_turns_no_year(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    night(settings, date(2025, 3, 1), 2024)
    monkeypatch.setattr(thresholds, "QUARANTINE_SHARE", replace(thresholds.QUARANTINE_SHARE, value=1))
    assert night(settings, date(2025, 3, 2)) == [2024]


def test_a_memory_that_does_not_say_by_which_limits_is_none(settings: Settings) -> None:
    night(settings, date(2025, 3, 1), 2024)
    path = settings.restricted / FOLDER / "2025-03-01.parquet"
    pl.read_parquet(path).drop("rules").write_parquet(path)
    assert night(settings, date(2025, 3, 2), 2023) == [2023]


def test_it_is_known_whether_a_night_has_left_its_memory(settings: Settings) -> None:
    assert not is_held(settings, date(2025, 3, 1))
    night(settings, date(2025, 3, 1), 2024)
    assert is_held(settings, date(2025, 3, 1)) and not is_held(settings, date(2025, 3, 2))


# --- a year in which nobody is due yet ----------------------------------------------------------------------

ENDS = {n: date(year, 1, 15) for n, year in enumerate([y for y in range(2020, 2026) for _ in range(60)], 1)}


def waits_for_results(folder: Path, settings: Settings, as_of: date) -> tuple[bool, bool]:
    """Whether the results of programmes of 2025 are known of at all on a night, and whether they wait.

    A result is due two months after the end; half come in the first month, and half after ten.
    """
    came = {n: end + timedelta(days=20 if n % 2 else 300) for n, end in ENDS.items()}
    world = {
        "person": persons(*ENDS),
        "case": cases(*ENDS),
        "programme": [
            row
            for n, end in ENDS.items()
            for row in programmes(n, started=date(end.year, 1, 2), ended_on=end, programme_status="3")
        ],
        "result": [
            {"programme_key": n, "dated_on": on, "result": "1"} for n, on in came.items() if on <= as_of
        ],
    }
    cores, who = store(folder, **world), usable(*ENDS)
    measured = profile(cores, who, as_of)
    evidence = Evidence(as_of=as_of, usable=who, cores=cores)
    known = years_of(measured)
    told = held_unripe(settings, as_of, known, unripe(measured, evidence))
    of_2025 = [
        frame.filter(pl.col("year") == 2025, table="result", column="result") for frame in (known, told)
    ]
    return of_2025[0].height > 0, of_2025[1].height > 0


def test_a_year_in_which_nobody_is_due_yet_is_not_told_to_be_settled(tmp_path: Path) -> None:
    """On 1 March nobody who ended on 15 January is due; from 15 March on all are, and half have no result."""
    settings = settings_at(tmp_path / "data")
    nights = [date(2025, 3, day) for day in (1, 14, 15, 31)]
    found = [waits_for_results(tmp_path / "cores", settings, as_of) for as_of in nights]
    assert found == [(False, False), (False, False), (True, True), (True, True)]
