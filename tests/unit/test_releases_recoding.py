"""The recoding that stands: what a version stores of levels and cuts, and when the next takes it again."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure.engine.cuts import Cuts
from pipeline.errors import NotVerified, ReleaseDamaged
from pipeline.releases.coarsened import Levels
from pipeline.releases.manifest import as_bytes, sha256
from pipeline.releases.publish import in_force
from pipeline.releases.recoding import cuts_text, stored_recodings, stored_usual
from pipeline.releases.release import Released, certify
from pipeline.releases.sources import Sources
from pipeline.releases.verify import verify
from pipeline.requests.request import Request
from tests.release_world import coarsened_request, registered, released, sources

NAME = "coarsened_outcome"
LATER = date(2025, 6, 1)
WORLD = registered(sources(600))
BY_CLASS = coarsened_request(mode="class", coarsest={"sex": "sex"})
BY_LEVEL = coarsened_request(mode="level", coarsest={"sex": "sex"})


def made(folder: Path, request: Request, world: Sources = WORLD, **more: Any) -> Released:
    return released(folder, made_of=world, request=request, **more)


def came_about(done: Released) -> Levels:
    (built,) = [b for b in done.built if b.recoded is not None]
    assert built.recoded is not None
    return built.recoded.levels


def stored_file(done: Released) -> Path:
    return done.published.folder / "recoding" / f"{NAME}.json"


def without(*persons: int) -> Sources:
    """The world without these persons' exits."""
    stay = ~pl.col("person_key").is_in(persons)
    return dataclasses.replace(WORLD, exit_cohort=WORLD.exit_cohort.filter(stay))


def test_the_next_version_takes_the_cuts_again_and_stores_the_same_bytes(tmp_path: Path) -> None:
    first = made(tmp_path, BY_CLASS)
    second = made(tmp_path, BY_CLASS, without(2), as_of=LATER)
    assert first.published.version != second.published.version
    assert (came_about(first), came_about(second)) == (Levels.NEW, Levels.KEPT)
    assert stored_file(first).read_bytes() == stored_file(second).read_bytes()
    assert not verify(second.published.folder).problems


def test_what_is_stored_is_read_back_as_it_was_found(tmp_path: Path) -> None:
    done = made(tmp_path, BY_CLASS)
    read = stored_recodings(in_force(tmp_path / "releases" / BY_CLASS.id), BY_CLASS)[NAME]
    assert isinstance(read, Cuts) and read.children
    (built,) = done.built
    assert built.recoded is not None and built.recoded.made.cuts == read
    assert stored_file(done).read_bytes() == cuts_text(read)


def test_no_number_of_anybody_stands_in_the_stored_cuts(tmp_path: Path) -> None:
    told = json.loads(stored_file(made(tmp_path, BY_CLASS)).read_bytes())
    assert set(told) == {"variables", "coarsest", "left"}
    assert {key for child in told["left"] for key in child} == {"of", "cut", "by", "value", "back"}
    # Places and the order of cuts are numbers of the file itself.
    assert all(child["of"] < len(told["coarsest"]) + len(told["left"]) for child in told["left"])


def test_when_many_leave_some_cuts_are_undone_and_it_is_said(tmp_path: Path) -> None:
    first = made(tmp_path, BY_CLASS)
    exits = WORLD.exit_cohort["person_key"].to_list()
    second = made(tmp_path, BY_CLASS, without(*exits[: len(exits) // 2]), as_of=LATER)
    assert came_about(second) is Levels.COARSER
    before, after = (json.loads(stored_file(done).read_bytes())["left"] for done in (first, second))
    assert len(after) < len(before)
    book = (second.published.folder / "codebook.en.md").read_text("utf-8")
    assert "Some are coarser now, none" in book and "Levels differ from group to group" in book
    assert f"stands in recoding/{NAME}.json" in book
    assert not verify(second.published.folder).problems


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (BY_CLASS, coarsened_request(mode="class")),
        (BY_CLASS, coarsened_request(mode="class", coarsest={"sex": "sex", "bydel": "bydel_group"})),
        (BY_CLASS, BY_LEVEL),
        (BY_LEVEL, BY_CLASS),
        (BY_LEVEL, coarsened_request(mode="level")),
    ],
)
def test_another_mode_or_another_limit_is_another_recoding(
    tmp_path: Path, first: Request, second: Request
) -> None:
    made(tmp_path, first)
    standing = in_force(tmp_path / "releases" / first.id)
    assert NAME in stored_recodings(standing, first)
    assert stored_recodings(standing, second) == {}


def test_levels_are_taken_again_under_the_limit_they_were_found_under(tmp_path: Path) -> None:
    made(tmp_path, BY_LEVEL)
    assert came_about(made(tmp_path, BY_LEVEL, without(2), as_of=LATER)) is Levels.KEPT


def described(done: Released) -> dict[str, Any]:
    (output,) = json.loads((done.published.folder / "manifest.json").read_bytes())["outputs"]
    told: dict[str, Any] = output["files"][0]
    return told


@pytest.mark.parametrize("request_", [BY_CLASS, BY_LEVEL], ids=["class", "level"])
def test_what_is_usual_is_counted_in_the_first_version_and_kept_with_its_recoding(
    tmp_path: Path, request_: Request
) -> None:
    first = made(tmp_path, request_)
    rows = pl.read_parquet(first.published.folder / "data" / f"{NAME}.parquet")
    usual = described(first)["usual"]
    assert set(usual) <= set(rows.columns) and usual
    for name, parts in usual.items():
        values = rows[name].drop_nulls()
        known = values.filter(~values.is_in(["9", "unknown", "not_registered", "not_known"]))
        counts = dict(known.value_counts().rows())
        percents = {v: math.floor(100 * n / len(known) + 0.5) for v, n in counts.items()}
        assert parts == {value: part for value, part in percents.items() if part}
    second = made(tmp_path, request_, without(2, 4, 6), as_of=LATER)
    assert came_about(second) is not Levels.NEW
    assert described(second)["usual"] == usual
    assert not verify(second.published.folder).problems


def test_of_a_version_that_stored_nothing_usual_the_recoding_stands_and_it_is_found(tmp_path: Path) -> None:
    first = made(tmp_path, BY_CLASS)
    forget(first.published.folder)
    standing = in_force(tmp_path / "releases" / BY_CLASS.id)
    assert stored_usual(standing, [NAME]) == {}
    second = made(tmp_path, BY_CLASS, without(2), as_of=LATER)
    assert came_about(second) is Levels.KEPT
    assert described(second)["usual"]


def forget(folder: Path) -> None:
    """The version as code of before would have written it."""
    path, sums = folder / "manifest.json", folder / "checksums.txt"
    was = sha256(path.read_bytes())
    told = json.loads(path.read_bytes())
    del told["outputs"][0]["files"][0]["usual"]
    for each in (path, sums):
        each.chmod(0o600)
    path.write_bytes(as_bytes(told))
    sums.write_text(sums.read_text().replace(was, sha256(path.read_bytes())))


def test_the_verifier_measures_t_from_what_the_manifest_says_and_not_from_what_the_engine_knew(
    tmp_path: Path,
) -> None:
    done = made(tmp_path, BY_CLASS)
    folder = tmp_path / "staged"
    shutil.copytree(done.published.folder, folder)
    path = folder / "manifest.json"
    path.chmod(0o600)
    told = json.loads(path.read_bytes())
    usual = told["outputs"][0]["files"][0]["usual"]
    assert certify(folder, done.built)
    name = next(iter(usual))
    usual[name] = {value: 1 if at else 99 for at, value in enumerate(sorted(usual[name]))}
    path.write_bytes(as_bytes(told))
    with pytest.raises(NotVerified, match=f"further than t from the whole table in {name}"):
        certify(folder, done.built)


def test_a_mode_of_levels_stores_no_cuts(tmp_path: Path) -> None:
    assert not stored_file(made(tmp_path, BY_LEVEL)).parent.exists()


@pytest.mark.parametrize("content", [b"{}", b"no json", None])
def test_stored_cuts_that_are_not_what_was_published_stop_the_next_version(
    tmp_path: Path, content: bytes | None
) -> None:
    path = stored_file(made(tmp_path, BY_CLASS))
    path.parent.chmod(0o700)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReleaseDamaged, match="uttrekk verify"):
        made(tmp_path, BY_CLASS, as_of=LATER)


def test_the_verifier_of_releases_finds_other_cuts_than_the_manifest_tells(tmp_path: Path) -> None:
    folder = made(tmp_path, BY_CLASS).published.folder
    path = folder / "manifest.json"
    told = json.loads(path.read_bytes())
    told["outputs"][0]["files"][0]["cuts"]["sha256"] = "0" * 64
    path.chmod(0o600)
    path.write_text(json.dumps(told))
    assert "the stored recodings are not those of manifest.json" in verify(folder).problems


def test_what_a_variable_may_not_become_is_told_in_both_languages(tmp_path: Path) -> None:
    folder = made(tmp_path, BY_CLASS).published.folder
    en, nb = ((folder / f"codebook.{language}.md").read_text("utf-8") for language in ("en", "nb"))
    assert "Asked for no coarser than: Sex (the finest level)." in en
    assert "Bestilt ikke grovere enn: Kjønn (fineste nivå)." in nb
    (output,) = json.loads((folder / "manifest.json").read_bytes())["outputs"]
    assert output["files"][0]["coarsest"] == {"sex": {"level": 0, "codes": "sex"}}
    assert "Asked for no coarser" not in (
        made(tmp_path, coarsened_request(mode="class"), as_of=LATER).published.folder / "codebook.en.md"
    ).read_text("utf-8")
