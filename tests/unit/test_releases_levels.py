"""Levels from one version to the next, and what a municipality demands beyond the packaged policy."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.errors import ReleaseDamaged, RequestRefused, SettingWrong
from pipeline.releases.manifest import as_bytes, sha256
from pipeline.releases.verify import verify
from pipeline.requests.request import Request
from tests.release_world import AS_OF, coarsened_request, registered, released, sources

pytestmark = pytest.mark.slow
KNOWN = ("sex", "birth_year", "country_of_birth", "start_month")
TOLD = ("chronic_illness", "status_y0", "status_y1")
LATER = date(2025, 4, 1)
WORLD = registered(sources(600))
MOST = WORLD.only(WORLD.person.filter(pl.col("person_key") > 20).select("person_key"))
FEW = WORLD.only(WORLD.person.head(240).select("person_key"))


def asking(*known: str, **asked: Any) -> Request:
    fields = {"mode": "level", "tables": {"coarsened_outcome": [*(known or KNOWN), *TOLD]}}
    return coarsened_request(**(fields | asked))


def file_of(folder: Path) -> dict[str, Any]:
    """What the version's manifest says of its coarsened file."""
    (output,) = json.loads((folder / "manifest.json").read_bytes())["outputs"]
    (file,) = output["files"]
    assert isinstance(file, dict)
    return file


def levels_of(folder: Path) -> dict[str, int]:
    return {name: told["level"] for name, told in file_of(folder)["levels"].items()}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first version, of most of the persons."""
    folder = released(tmp_path_factory.mktemp("first"), made_of=MOST, request=asking()).published.folder
    assert file_of(folder)["recoding"] == "new"
    assert any(level > 0 for level in levels_of(folder).values())
    return folder


@pytest.fixture
def first(tmp_path: Path, standing: Path) -> Path:
    """The first version, in a folder of the test's own."""
    root = standing.parents[2]
    shutil.copytree(root, tmp_path, dirs_exist_ok=True, symlinks=True)
    return tmp_path / standing.relative_to(root)


# --- the next version ------------------------------------------------------------------------------------


def test_the_levels_of_the_version_in_force_are_taken_again(tmp_path: Path, first: Path) -> None:
    second = released(tmp_path, made_of=WORLD, request=asking(), as_of=LATER).published
    assert second.new and verify(second.folder).problems == ()
    assert (file_of(second.folder)["recoding"], levels_of(second.folder)) == ("kept", levels_of(first))


def test_levels_that_do_not_meet_the_targets_any_more_become_coarser_and_none_finer(
    tmp_path: Path, first: Path
) -> None:
    second = released(tmp_path, made_of=FEW, request=asking(), as_of=LATER).published.folder
    before, after = levels_of(first), levels_of(second)
    assert file_of(second)["recoding"] == "coarser" and verify(second).problems == ()
    assert before != after and all(after[name] >= level for name, level in before.items())


def test_levels_once_coarser_stay_so_when_finer_ones_would_do(tmp_path: Path, first: Path) -> None:
    """A cut that moved back and forth would tell who came and went."""
    coarser = released(tmp_path, made_of=FEW, request=asking(), as_of=LATER).published.folder
    again = released(tmp_path, made_of=MOST, request=asking(), as_of=date(2025, 5, 1)).published.folder
    assert (file_of(again)["recoding"], levels_of(again)) == ("kept", levels_of(coarser))
    assert levels_of(again) != levels_of(first)


def test_a_backfill_takes_the_levels_of_the_night_it_comes_after(tmp_path: Path, first: Path) -> None:
    coarser = released(tmp_path, made_of=FEW, request=asking(), as_of=date(2025, 5, 1)).published.folder
    between = released(tmp_path, made_of=WORLD, request=asking(), as_of=LATER).published.folder
    assert levels_of(between) == levels_of(first) != levels_of(coarser)


def test_a_backfill_before_every_version_is_cut_as_the_one_in_force(tmp_path: Path, first: Path) -> None:
    coarser = released(tmp_path, made_of=FEW, request=asking(), as_of=LATER).published.folder
    earliest = released(tmp_path, made_of=MOST, request=asking(), as_of=date(2024, 1, 1)).published.folder
    assert levels_of(earliest) == levels_of(coarser) != levels_of(first)


def test_a_night_in_which_nothing_happened_publishes_nothing(tmp_path: Path, first: Path) -> None:
    assert not released(tmp_path, made_of=MOST, request=asking(), as_of=LATER).published.new


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(asking(*KNOWN[:3]), id="a variable less"),
        pytest.param(asking(*KNOWN, "children"), id="a variable more"),
        pytest.param(asking(*KNOWN[:3], "children"), id="another variable"),
        pytest.param(asking(mode="class"), id="another mode"),
    ],
)
def test_of_another_table_nothing_is_stored(tmp_path: Path, first: Path, other: Request) -> None:
    second = released(tmp_path, made_of=MOST, request=other, as_of=LATER).published.folder
    assert file_of(second)["recoding"] == "new"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(asking(weights={"sex": 10}), id="other weights"),
        pytest.param(asking(k=7), id="a larger k"),
        pytest.param(asking(tables={"coarsened_outcome": [*KNOWN, "status_y0"]}), id="fewer outcomes"),
    ],
)
def test_what_is_asked_for_besides_moves_no_cut_that_still_holds(
    tmp_path: Path, first: Path, other: Request
) -> None:
    """Levels are those of the variables; they become coarser where a target breaks, and never finer."""
    second = released(tmp_path, made_of=MOST, request=other, as_of=LATER).published.folder
    before, after = levels_of(first), levels_of(second)
    assert file_of(second)["recoding"] == ("kept" if before == after else "coarser")
    assert all(after[name] >= level for name, level in before.items())


def rewritten(folder: Path, content: bytes | None) -> None:
    """The version's manifest exchanged for something else, or gone; its checksums fit."""
    path = folder / "manifest.json"
    folder.chmod(0o750)
    path.chmod(0o640)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
        listed = folder / "checksums.txt"
        lines = [line for line in listed.read_text("utf-8").splitlines() if not line.endswith(path.name)]
        listed.chmod(0o640)
        listed.write_text("\n".join([*lines, f"{sha256(content)}  {path.name}", ""]), "utf-8")


def test_a_manifest_that_was_changed_stops_the_next_version(tmp_path: Path, first: Path) -> None:
    """Whoever changes what is stored would choose the next version's cuts."""
    checksums = (first / "checksums.txt").read_bytes()
    rewritten(first, (first / "manifest.json").read_bytes() + b" ")
    (first / "checksums.txt").write_bytes(checksums)
    with pytest.raises(ReleaseDamaged, match="uttrekk verify"):
        released(tmp_path, made_of=WORLD, request=asking(), as_of=LATER)


def test_levels_of_other_declarations_are_not_taken_again(tmp_path: Path, first: Path) -> None:
    manifest = json.loads((first / "manifest.json").read_bytes())
    manifest["schemas"]["coarsened_outcome"] = "of an older code"
    rewritten(first, as_bytes(manifest))
    second = released(tmp_path, made_of=WORLD, request=asking(), as_of=LATER).published.folder
    assert file_of(second)["recoding"] == "new"


def without_levels(folder: Path) -> bytes:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["outputs"][0]["files"][0]["levels"]
    return as_bytes(manifest)


def with_words_for_levels(folder: Path) -> bytes:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["outputs"][0]["files"][0]["levels"] = dict.fromkeys(KNOWN, "year")
    return as_bytes(manifest)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(lambda _: None, id="gone"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"[1]", id="a list"),
        pytest.param(lambda _: b"{}", id="nothing said"),
        pytest.param(without_levels, id="no levels"),
        pytest.param(with_words_for_levels, id="levels of another form"),
    ],
)
def test_a_damaged_version_in_force_stops_the_next_and_nothing_is_published(
    tmp_path: Path, first: Path, damaged: Any
) -> None:
    """Its cuts are not known: a new version with others could not be compared with it."""
    rewritten(first, damaged(first))
    before = sorted(path.name for path in first.parent.iterdir())
    with pytest.raises(ReleaseDamaged) as stopped:
        released(tmp_path, made_of=WORLD, request=asking(), as_of=LATER)
    assert stopped.value.instead == "No new version was published."
    assert "uttrekk verify" in stopped.value.do
    assert sorted(path.name for path in first.parent.iterdir()) == before


# --- a municipality's own policy -------------------------------------------------------------------------


def policy(folder: Path, **said: Any) -> Path:
    path = folder / "ours.yaml"
    path.write_text(yaml.safe_dump(said), "utf-8")
    return path


def smallest_class(folder: Path) -> int:
    frame = pl.read_parquet(folder / "data" / "coarsened_outcome.parquet")
    return int(frame.group_by(KNOWN).len()["len"].min() or 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["level", "class"])
def test_a_stricter_policy_is_held_in_what_is_released(tmp_path: Path, mode: str) -> None:
    ours = policy(tmp_path, k=25, t=0.15, suppression=0.02)
    done = released(tmp_path, made_of=WORLD, request=asking(mode=mode), policy=ours).published
    told = file_of(done.folder)
    assert (told["k"], told["t"], told["suppression"]) == (25, 0.15, 0.02)
    assert smallest_class(done.folder) >= 25 and told["rows"] >= 0.98 * WORLD.exit_cohort.height
    assert verify(done.folder).problems == ()
    (certificate,) = json.loads((done.folder / "certificate.json").read_bytes())
    assert certificate["k_required"] == 25 and certificate["k_measured"] == smallest_class(done.folder)


def test_without_it_smaller_classes_are_released(tmp_path: Path) -> None:
    """The test of the test: it is the policy that made classes of twenty-five."""
    done = released(tmp_path, made_of=WORLD, request=asking(mode="class")).published
    assert smallest_class(done.folder) < 25


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"k": 4}, "k, where the policy has 5"),
        ({"t": 0.3}, "t, where the policy has 0.2"),
        ({"suppression": 0.1}, "suppression, where the policy has 0.05"),
        ({"inference": 0.5}, "inference, where the policy has 0.1"),
    ],
)
def test_a_looser_policy_is_refused_by_the_name_of_its_line(
    tmp_path: Path, line: dict[str, float], said: str
) -> None:
    with pytest.raises(SettingWrong) as refused:
        released(tmp_path, made_of=WORLD, request=asking(), policy=policy(tmp_path, **line))
    assert said in refused.value.happened and "ours.yaml" in refused.value.happened
    assert list((tmp_path / "releases").iterdir()) == []


def test_a_request_that_asks_for_less_than_the_municipality_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="k, where the policy has 25"):
        released(tmp_path, made_of=WORLD, request=asking(k=10), policy=policy(tmp_path, k=25))
    assert list((tmp_path / "releases").iterdir()) == []
    done = released(tmp_path, made_of=WORLD, request=asking(k=30), policy=policy(tmp_path, k=25))
    assert file_of(done.published.folder)["k"] == 30


def test_a_version_under_a_stricter_policy_is_another_and_as_coarse_at_least(
    tmp_path: Path, first: Path
) -> None:
    ours = policy(tmp_path, k=40)
    second = released(tmp_path, made_of=MOST, request=asking(), policy=ours, as_of=AS_OF).published
    before, after = levels_of(first), levels_of(second.folder)
    assert all(after[name] >= level for name, level in before.items())
    assert smallest_class(second.folder) >= 40
