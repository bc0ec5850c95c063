"""The recoding that stands: what a version stores of levels and cuts, and when the next takes it again."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.disclosure.engine.cuts import Cuts
from pipeline.disclosure.policy import packaged
from pipeline.errors import NotVerified, ReleaseDamaged
from pipeline.releases.coarsened import Levels
from pipeline.releases.manifest import as_bytes, sha256
from pipeline.releases.measured import counts_households, measured
from pipeline.releases.publish import in_force
from pipeline.releases.recoding import cuts_text, stored_recodings, stored_usual, usual_as_written
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
        # Of 100 to 249 registered it is told in fives, of 250 to 499 in twos.
        assert 100 <= len(known) < 500
        step = 5 if len(known) < 250 else 2
        steps = {v: step * math.floor(100 * n / len(known) / step + 0.5) for v, n in counts.items()}
        assert parts == {value: part for value, part in steps.items() if part}
    assert described(first)["usual_anew"] == sorted(usual)
    second = made(tmp_path, request_, without(2, 4, 6), as_of=LATER)
    assert came_about(second) is not Levels.NEW
    assert described(second)["usual"] == usual and described(second)["usual_anew"] == []
    assert not verify(second.published.folder).problems
    assert "counted anew" not in (second.published.folder / "codebook.en.md").read_text("utf-8")


def all_but_few_of(name: str, value: str) -> Sources:
    """The world without most of those whose health is registered so, so that the column moves."""
    keys = WORLD.health.filter(pl.col(name) == value)["person_key"].sort().to_list()
    return without(*keys[: len(keys) * 3 // 4])


def test_what_is_not_usual_any_more_is_counted_anew_and_said_so(tmp_path: Path) -> None:
    first = made(tmp_path, BY_CLASS)
    second = made(tmp_path, BY_CLASS, all_but_few_of("chronic_illness", "J"), as_of=LATER)
    before, after = described(first), described(second)
    assert came_about(second) is not Levels.NEW
    assert "chronic_illness" in after["usual_anew"]
    assert before["usual"]["chronic_illness"] != after["usual"]["chronic_illness"]
    still = set(after["usual"]) - set(after["usual_anew"])
    assert still and all(after["usual"][name] == before["usual"][name] for name in still)
    en, nb = ((second.published.folder / f"codebook.{each}.md").read_text("utf-8") for each in ("en", "nb"))
    assert "What is usual was counted anew in this version of: " in en
    assert "Det vanlige er talt opp på nytt i denne versjonen for: " in nb
    assert not verify(second.published.folder).problems


@pytest.mark.parametrize(
    "shares", [[1], 7, {"J": 22.5, "N": 77.5}, {"J": float("inf")}, {"J": "22"}, {}, {"J": 0}]
)
def test_stored_shares_that_are_no_whole_parts_stop_the_next_version(tmp_path: Path, shares: Any) -> None:
    first = made(tmp_path, BY_CLASS)
    forget(first.published.folder, {"chronic_illness": shares})
    with pytest.raises(ReleaseDamaged, match="usual of its columns cannot be read") as refused:
        made(tmp_path, BY_CLASS, as_of=LATER)
    assert "22" not in str(refused.value)
    with pytest.raises(ReleaseDamaged, match="uttrekk verify"):
        usual_as_written(first.published.folder)


def test_of_a_version_that_stored_nothing_usual_the_recoding_stands_and_it_is_found(tmp_path: Path) -> None:
    first = made(tmp_path, BY_CLASS)
    forget(first.published.folder)
    standing = in_force(tmp_path / "releases" / BY_CLASS.id)
    assert stored_usual(standing, [NAME]) == {}
    second = made(tmp_path, BY_CLASS, without(2), as_of=LATER)
    assert came_about(second) is Levels.KEPT
    assert described(second)["usual"]


def forget(folder: Path, usual: Any = None) -> None:
    """The version as code of before would have written it; or with other shares."""
    path, sums = folder / "manifest.json", folder / "checksums.txt"
    was = sha256(path.read_bytes())
    told = json.loads(path.read_bytes())
    told["outputs"][0]["files"][0]["usual"] = usual
    for each in (path, sums):
        each.chmod(0o600)
    path.write_bytes(as_bytes(told))
    sums.write_text(sums.read_text().replace(was, sha256(path.read_bytes())))


def staged(done: Released, folder: Path) -> tuple[Path, Any]:
    """The manifest of a copy of the version, which may be written, and what it tells."""
    shutil.copytree(done.published.folder, folder)
    path = folder / "manifest.json"
    path.chmod(0o600)
    return path, json.loads(path.read_bytes())


def test_the_verifier_measures_t_from_what_the_manifest_says_and_not_from_what_the_engine_knew(
    tmp_path: Path,
) -> None:
    done = made(tmp_path, BY_CLASS)
    path, told = staged(done, tmp_path / "staged")
    usual = told["outputs"][0]["files"][0]["usual"]
    assert certify(path.parent, done.built)
    name = next(iter(usual))
    usual[name] = {value: 1 if at else 99 for at, value in enumerate(sorted(usual[name]))}
    path.write_bytes(as_bytes(told))
    with pytest.raises(NotVerified, match=f"further than t from the whole table in {name}"):
        certify(path.parent, done.built)


def test_shares_that_are_not_those_of_the_new_file_are_not_certified(tmp_path: Path) -> None:
    """Half of each share is as near to every class; but it is not what is counted in this very file."""
    done = made(tmp_path, BY_CLASS)
    path, told = staged(done, tmp_path / "staged")
    file = told["outputs"][0]["files"][0]
    shares = file["usual"]["status_y0"]
    assert all(part % 4 == 0 for part in shares.values())
    file["usual"]["status_y0"] = {value: part // 2 for value, part in shares.items()}
    path.write_bytes(as_bytes(told))
    with pytest.raises(NotVerified, match="usual of status_y0 is not what stands in the file"):
        certify(path.parent, done.built)
    file["usual_anew"].remove("status_y0")
    path.write_bytes(as_bytes(told))
    assert certify(path.parent, done.built)


def test_measured_again_t_is_from_what_the_manifest_says_and_k_is_said_to_count_rows(tmp_path: Path) -> None:
    folder = made(tmp_path, BY_CLASS).published.folder
    (certificate,) = json.loads((folder / "certificate.json").read_bytes())
    (evidence,) = measured(folder, packaged())
    assert evidence.measured is not None and evidence.targets is not None
    certified = {name: told["t_from_usual"] for name, told in certificate["special_categories"].items()}
    assert {one.name: round(one.furthest, 6) for one in evidence.measured.told} == certified
    assert {rule.closeness for rule in evidence.targets.sensitive} == {Fraction(1, 5)}
    assert counts_households(folder) == {f"data/{NAME}.parquet"}
    said = CliRunner().invoke(uttrekk, ["risk", str(folder)], env={"UTTREKK_DATA": str(tmp_path)})
    assert said.exit_code == 0
    assert "k counts rows here; the release promises households" in said.output
    # Where nothing is said to be usual, t is from a table that is not here: it is not held against the file.
    shares = usual_as_written(folder)[f"data/{NAME}.parquet"].usual["chronic_illness"]
    forget(folder, {"chronic_illness": shares})
    (evidence,) = measured(folder, packaged())
    assert evidence.targets is not None
    held = [rule.name for rule in evidence.targets.sensitive if rule.closeness is not None]
    assert held == ["chronic_illness"]


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
