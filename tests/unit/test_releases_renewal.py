"""Versions of coarsened outputs alone wait until who came or went is hidden, or somebody has decided."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.releases.build import Built
from pipeline.releases.data_files import path_of
from pipeline.releases.manifest import MANIFEST
from pipeline.releases.publish import in_force, published
from pipeline.releases.release import Released
from pipeline.releases.renewal import WAITING, forget_waiting, note_waiting, waiting_in_words, waits
from pipeline.releases.sources import Sources
from pipeline.requests.request import Output, Request
from pipeline.summary import releases
from tests.factories import settings_at
from tests.release_world import (
    AS_OF,
    RENEWED,
    coarsened_request,
    demo_request,
    registered,
    released,
    sources,
    without_decision,
)

WORLD = registered(sources(200))
LATER = date(2025, 4, 1)
DECIDED = coarsened_request(mode="class", coarsest={"sex": "sex"})
UNDECIDED = without_decision(DECIDED)


def made(folder: Path, request: Request, world: Sources = WORLD, **more: Any) -> Released:
    return released(folder, made_of=world, request=request, **more)


def one_less() -> Sources:
    gone = WORLD.exit_cohort["person_key"].sort()[0]
    return dataclasses.replace(WORLD, exit_cohort=WORLD.exit_cohort.filter(pl.col("person_key") != gone))


def decided_on(day: date) -> Request:
    return coarsened_request(mode="class", coarsest={"sex": "sex"}, renewed=RENEWED | {"on": day})


def test_a_version_that_shows_one_person_waits_and_the_old_one_stands(tmp_path: Path) -> None:
    first, second = made(tmp_path, UNDECIDED), made(tmp_path, UNDECIDED, one_less(), as_of=LATER)
    folder = tmp_path / "releases" / UNDECIDED.id
    now = in_force(folder)
    assert not first.waits and second.waits and not second.published.new
    assert now is not None and now.folder == first.published.folder == second.published.folder
    assert [version.folder for version in published(folder)] == [first.published.folder]
    assert LATER.isoformat() in waiting_in_words(folder, now)
    assert "renewed: {by, on, why}" in waiting_in_words(folder, now)


def test_whoever_asks_what_stands_is_told_that_a_version_waits(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    settings.data.mkdir()
    made(settings.data, UNDECIDED)
    assert [release.waits for release in releases(settings)] == [""]
    made(settings.data, UNDECIDED, one_less(), as_of=LATER)
    (told,) = (release.waits for release in releases(settings))
    assert told.startswith(f"{UNDECIDED.id}: the version of {LATER} waits")


def test_the_same_result_does_not_wait(tmp_path: Path) -> None:
    made(tmp_path, UNDECIDED)
    again = made(tmp_path, UNDECIDED, as_of=LATER)
    assert not again.waits and not again.published.new


@pytest.mark.parametrize(("day", "follows"), [(LATER, True), (date(2025, 4, 2), False)])
def test_a_named_human_lets_it_follow_from_the_day_of_the_decision(
    tmp_path: Path, day: date, follows: bool
) -> None:
    made(tmp_path, UNDECIDED)
    second = made(tmp_path, decided_on(day), one_less(), as_of=LATER)
    assert (second.waits, second.published.new) == (not follows, follows)


def test_who_gets_a_row_for_each_person_anyway_does_not_wait(tmp_path: Path) -> None:
    request = demo_request()
    made(tmp_path, request)
    second = made(tmp_path, request, one_less(), as_of=LATER)
    assert second.published.new and not second.waits


def test_what_waited_is_forgotten_once_a_version_follows(tmp_path: Path) -> None:
    made(tmp_path, UNDECIDED)
    made(tmp_path, UNDECIDED, one_less(), as_of=LATER)
    folder = tmp_path / "releases" / UNDECIDED.id
    assert (folder / WAITING).is_file()
    made(tmp_path, DECIDED, one_less(), as_of=LATER)
    assert not (folder / WAITING).exists()


def stood(folder: Path, built: Built, as_of: str, frame: pl.DataFrame) -> None:
    """An earlier version whose file has these rows."""
    version = folder / f"0123456789ab+{as_of}"
    (version / path_of(built)).parent.mkdir(parents=True)
    (version / MANIFEST).write_text(json.dumps({"number": 1}))
    frame.write_parquet(version / path_of(built))


def more_of_one(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The rows, and so many more like the first of them."""
    return pl.concat([frame, *[frame.head(1)] * rows])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    (only,) = made(tmp_path_factory.mktemp("built"), UNDECIDED).built
    return only


@pytest.mark.parametrize(("rows", "waiting"), [(0, False), (1, True), (4, True), (5, False), (9, False)])
def test_k_rows_of_a_class_hide_each_other(tmp_path: Path, built: Built, rows: int, waiting: bool) -> None:
    stood(tmp_path, built, "2025-03-01", built.frame)
    more = dataclasses.replace(built, frame=more_of_one(built.frame, rows))
    assert waits(UNDECIDED, [more], tmp_path, AS_OF) is waiting
    (tmp_path / "other").mkdir()
    stood(tmp_path / "other", built, "2025-03-01", more.frame)
    assert waits(UNDECIDED, [built], tmp_path / "other", AS_OF) is waiting


def test_it_is_held_against_every_earlier_version_and_not_the_last_alone(
    tmp_path: Path, built: Built
) -> None:
    """Six came and five of them went again: beside the last version five hide each other, beside the first
    one is alone."""
    made_now = dataclasses.replace(built, frame=more_of_one(built.frame, 1))
    stood(tmp_path, built, "2025-03-02", more_of_one(built.frame, 6))
    assert not waits(UNDECIDED, [made_now], tmp_path, AS_OF)
    stood(tmp_path, built, "2025-03-01", built.frame)
    assert waits(UNDECIDED, [made_now], tmp_path, AS_OF)


def test_a_file_of_other_variables_is_no_earlier_version_of_it(tmp_path: Path, built: Built) -> None:
    stood(tmp_path, built, "2025-03-01", built.frame.drop("sex"))
    assert not waits(UNDECIDED, [built], tmp_path, AS_OF)


def test_what_waited_before_the_version_in_force_is_not_told(tmp_path: Path) -> None:
    done = made(tmp_path, UNDECIDED, as_of=LATER)
    folder = tmp_path / "releases" / UNDECIDED.id
    now = in_force(folder)
    assert now is not None and now.folder == done.published.folder
    note_waiting(folder, AS_OF)
    assert waiting_in_words(folder, now) == ""
    note_waiting(folder, LATER)
    assert waiting_in_words(folder, now)
    (folder / WAITING).chmod(0o600)
    (folder / WAITING).write_text("{")
    assert waiting_in_words(folder, now) == ""
    forget_waiting(folder)
    assert waiting_in_words(folder, now) == ""


def test_only_a_coarsened_output_is_renewed() -> None:
    tables = {"person": ["sex"]}
    with pytest.raises(ValueError, match="renewed belongs to a coarsened output"):
        Output.model_validate({"kind": "pseudonymised", "tables": tables, "renewed": RENEWED})
