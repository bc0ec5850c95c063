"""A published release: complete, versioned by what is in it, and any tampering found."""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline.releases.release as room
from pipeline.disclosure.roles import Role
from pipeline.disclosure.tables import Marker
from pipeline.disclosure.verify import verify as certify
from pipeline.errors import NotVerified, RequestRefused, TargetUnreachable
from pipeline.identity.usable import POLICY, OutputKind
from pipeline.releases.build import Built
from pipeline.releases.data_files import parquet
from pipeline.releases.manifest import as_bytes, checksums, sha256, version_of
from pipeline.releases.publish import CURRENT, STAGING, in_force, publish, published
from pipeline.releases.verify import verify
from pipeline.releases.words import KIND_LABELS
from pipeline.requests.request import Request
from pipeline.summary import Release, releases
from schemas import BY_NAME
from tests.factories import settings_at
from tests.release_world import AS_OF, INPUTS, NOBODY, demo_keys, demo_request, released, sources

pytestmark = pytest.mark.slow
TOLD = ("chronic_illness", "on_benefit", "status_y0", "status_y1", "status_y5")  # what no class is made of


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("standing")).published.folder


@pytest.fixture
def copy(standing: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    folder = tmp_path / standing.name
    shutil.copytree(standing, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def test_a_release_holds_everything_to_use_cite_and_verify_it(standing: Path) -> None:
    assert {path.relative_to(standing).as_posix() for path in standing.rglob("*") if path.is_file()} == {
        "README.txt",
        "certificate.en.html",
        "certificate.en.md",
        "certificate.json",
        "certificate.nb.html",
        "certificate.nb.md",
        "checksums.txt",
        "codebook.en.html",
        "codebook.en.md",
        "codebook.nb.html",
        "codebook.nb.md",
        "data/coarsened_outcome.parquet",
        "data/outcome.parquet",
        "data/person.parquet",
        "data/programme.parquet",
        "manifest.json",
        "recoding/coarsened_outcome.json",
        "request.yaml",
    }


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_release_is_read_only_and_closed_to_the_world(standing: Path) -> None:
    """Pseudonymised data are personal data."""
    for path in (standing, *standing.rglob("*")):
        assert mode(path) == (0o550 if path.is_dir() else 0o440), path.name
    assert mode(standing.parent) == 0o750 and mode(standing.parent / CURRENT) == 0o440


def test_a_sound_release_verifies(standing: Path) -> None:
    found = verify(standing)
    assert found.problems == ()
    assert found.facts["smallest_class"] == {"data/coarsened_outcome.parquet": smallest_class(standing)}
    assert found.facts["schemas_unchanged"] and found.facts["rows"]["data/person.parquet"] == 300


def smallest_class(folder: Path) -> int:
    """By Polars, where the verifier asks DuckDB."""
    frame = pl.read_parquet(folder / "data" / "coarsened_outcome.parquet")
    class_by = [name for name in frame.columns if name not in TOLD]
    return int(frame.group_by(class_by).len()["len"].min() or 0)  # type: ignore[arg-type]


def test_the_checksums_are_those_of_the_usual_tool(standing: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "checksums.txt"], cwd=standing, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_a_byte_changed_in_any_file_is_found(copy: Path) -> None:
    chance = random.Random(5)
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        whole = path.read_bytes()
        for at in {chance.randrange(len(whole)) for _ in range(2)}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert verify(copy).problems, (path.name, at)
        path.write_bytes(whole)
    assert verify(copy).problems == ()


def test_an_extra_a_missing_and_a_linked_file_are_found(copy: Path) -> None:
    (copy / "data" / "extra.parquet").write_bytes(b"x")
    assert any("extra.parquet" in problem for problem in verify(copy).problems)
    (copy / "data" / "extra.parquet").unlink()
    (copy / "README.txt").rename(copy.parent / "elsewhere")
    assert any("README.txt is missing" in problem for problem in verify(copy).problems)
    (copy / "README.txt").symlink_to(copy.parent / "elsewhere")
    assert any("link" in problem for problem in verify(copy).problems)


@pytest.mark.parametrize(
    "gone", ["manifest.json", "checksums.txt", "certificate.json", "request.yaml", "data/person.parquet"]
)
def test_a_release_without_one_of_its_files_is_reported_and_nothing_raised(copy: Path, gone: str) -> None:
    (copy / gone).unlink()
    assert verify(copy).problems


def test_a_forger_who_mends_the_checksums_is_found_by_the_version(copy: Path) -> None:
    path = copy / "data" / "person.parquet"
    pl.read_parquet(path).head(5).write_parquet(path)
    _mend(copy)
    assert any("version" in problem for problem in verify(copy).problems)


def test_a_forger_who_mends_the_version_too_is_found_by_k(copy: Path) -> None:
    path = copy / "data" / "coarsened_outcome.parquet"
    pl.read_parquet(path).head(3).write_parquet(path)
    _mend(copy, version_too=True)
    renamed = next(copy.parent.glob("*+*"))
    assert [p for p in verify(renamed).problems if "fewer than 5" in p]


def _mend(folder: Path, *, version_too: bool = False) -> None:
    """Make the description agree with the files, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text())
    certificates = json.loads((folder / "certificate.json").read_text())
    for described in (f for output in manifest["outputs"] for f in output["files"]):
        path = folder / described["path"]
        described["sha256"] = sha256(path.read_bytes())
        described["rows"] = pl.read_parquet(path).height
        for certificate in certificates:
            if certificate["file"] == path.name:
                certificate["sha256"] = described["sha256"]
    if version_too:
        data = {f["path"]: f["sha256"] for output in manifest["outputs"] for f in output["files"]}
        request = (folder / "request.yaml").read_bytes()
        manifest["version"] = version_of(data, request, manifest["schemas"])
    (folder / "manifest.json").write_bytes(as_bytes(manifest))
    (folder / "certificate.json").write_bytes(as_bytes(certificates))
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "checksums.txt"]
    sums = {p.relative_to(folder).as_posix(): sha256(p.read_bytes()) for p in files}
    (folder / "checksums.txt").write_bytes(checksums(sums))
    if version_too:
        folder.rename(folder.with_name(f"{manifest['version']}+{manifest['as_of']}"))


def test_a_release_in_another_folder_name_is_found(copy: Path) -> None:
    moved = copy.rename(copy.with_name("0123456789ab+2025-03-01"))
    assert any("is not called" in problem for problem in verify(moved).problems)


def test_a_folder_that_is_no_release_is_told_apart_from_a_damaged_one(copy: Path, tmp_path: Path) -> None:
    for none in (tmp_path, tmp_path / "missing"):
        assert verify(none).problems and not verify(none).is_release
    (copy / "manifest.json").unlink()
    assert verify(copy).problems and verify(copy).is_release


def test_a_folder_may_be_given_as_a_dot_or_with_a_slash(
    standing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verify(Path(f"{standing}/")).problems == ()
    monkeypatch.chdir(standing)
    assert verify(Path(".")).problems == ()


# --- a forger who makes checksums and version agree -------------------------------------------------------


def test_checksums_that_are_a_link_are_reported(copy: Path) -> None:
    (copy / "checksums.txt").rename(copy.parent / "elsewhere")
    (copy / "checksums.txt").symlink_to(copy.parent / "elsewhere")
    assert "checksums.txt is a link or no plain file" in verify(copy).problems


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, "9" * 5000, '{"a": 1}', "[1]", "null", "{" + '"outputs": 1}', "\udcff", ""],
)
@pytest.mark.parametrize("name", ["manifest.json", "certificate.json"])
def test_whatever_stands_in_a_description_nothing_is_raised(copy: Path, name: str, content: str) -> None:
    (copy / name).write_text(content, "utf-8", "surrogateescape")
    assert "its description cannot be read" in verify(copy).problems


@pytest.mark.parametrize("content", ["[" * 5_000, "? [a]", "- " * 40_000, "id: demo", "1"])
def test_whatever_stands_in_the_request_nothing_is_raised(copy: Path, content: str) -> None:
    (copy / "request.yaml").write_text(content)
    assert "its description cannot be read" in verify(copy).problems


def test_an_empty_folder_is_reported(copy: Path) -> None:
    (copy / "data" / "more").mkdir()
    assert verify(copy).problems == ("data/more is an empty folder",)


def forged(folder: Path, name: str, change: Callable[[Any], None]) -> tuple[str, ...]:
    """What is found after a forger has changed that description and mended all that hangs on it."""
    described = json.loads((folder / name).read_text())
    change(described)
    (folder / name).write_bytes(as_bytes(described))
    _mend(folder, version_too=True)
    return verify(next(folder.parent.glob("*+*"))).problems


def set_to(value: Any, *path: str | int) -> Callable[[Any], None]:
    def change(described: Any) -> None:
        for step in path[:-1]:
            described = described[step]
        described[path[-1]] = value

    return change


PSEUDONYMISED, COARSENED = 0, 1
LIES: dict[str, tuple[str, Callable[[Any], None], str]] = {
    "a smaller k": (
        "manifest.json",
        set_to(1, "outputs", COARSENED, "files", 0, "k"),
        "with another k than was asked for",
    ),
    "a kinder label": (
        "manifest.json",
        set_to(KIND_LABELS[OutputKind.COARSENED].model_dump(), "outputs", PSEUDONYMISED, "label"),
        "the label of pseudonymised",
    ),
    "a kinder kind": (
        "manifest.json",
        set_to("coarsened", "outputs", PSEUDONYMISED, "kind"),
        "the outputs are not those",
    ),
    "another title": ("manifest.json", set_to({"nb": "x", "en": "x"}, "title"), "title is not that of"),
    "another legal basis": (
        "manifest.json",
        set_to(["consent"], "legal_basis"),
        "legal_basis is not that of",
    ),
    "a longer grant": ("manifest.json", set_to("2099-12-31", "expires_on"), "expires_on is not that of"),
    "another project": ("manifest.json", set_to("other", "project"), "project is not that of"),
    "a larger t": (
        "manifest.json",
        set_to(0.3, "outputs", COARSENED, "files", 0, "t"),
        "with another t than was asked for",
    ),
    "more may be left out": (
        "manifest.json",
        set_to(0.1, "outputs", COARSENED, "files", 0, "suppression"),
        "with another suppression than was asked for",
    ),
    "more was left out than may be": (
        "manifest.json",
        set_to({"shown": 20, "marker": "shown"}, "outputs", COARSENED, "files", 0, "suppressed_rows"),
        "leaves more rows out than may be",
    ),
    "none left out where few were": (
        "manifest.json",
        set_to({"shown": 0, "marker": "suppressed"}, "outputs", COARSENED, "files", 0, "suppressed_rows"),
        "shows a count that is not rounded, or one that is suppressed",
    ),
    "a shown zero": (
        "manifest.json",
        set_to({"shown": 0, "marker": "shown"}, "outputs", COARSENED, "files", 0, "suppressed_rows"),
        "shows a count that is not rounded, or one that is suppressed",
    ),
    "an exact count": (
        "manifest.json",
        set_to({"shown": 7, "marker": "shown"}, "outputs", COARSENED, "files", 0, "suppressed_rows"),
        "shows a count that is not rounded, or one that is suppressed",
    ),
    "another mode": (
        "manifest.json",
        set_to({}, "outputs", COARSENED, "files", 0, "levels"),
        "with another mode than was asked for",
    ),
    "a k that counts rows": (
        "manifest.json",
        set_to("rows", "outputs", COARSENED, "files", 0, "k_counts"),
        "a k that counts something else than households",
    ),
    "a column called a name is usual": (
        "manifest.json",
        set_to({"Ola Nordmann": {"1": 100}}, "outputs", COARSENED, "files", 0, "usual"),
        "what is usual is said of what is no special category of it",
    ),
    "usual shares in decimals": (
        "manifest.json",
        set_to({"status_y1": {"work": 23.4}}, "outputs", COARSENED, "files", 0, "usual"),
        "what is said to be usual of status_y1 is not told in whole parts",
    ),
    "usual shares without an end": (
        "manifest.json",
        set_to({"status_y1": {"work": float("inf")}}, "outputs", COARSENED, "files", 0, "usual"),
        "what is said to be usual of status_y1 is not told in whole parts",
    ),
    "shares of a new recoding that are not its own": (
        "manifest.json",
        set_to({"status_y0": {"other": 20, "work": 80}}, "outputs", COARSENED, "files", 0, "usual"),
        "what is said to be usual of status_y0 is not what stands in the file",
    ),
    "counted in it, what is not usual": (
        "manifest.json",
        set_to(["sex", "zzz"], "outputs", COARSENED, "files", 0, "usual_anew"),
        "what was counted in it is not among what is said to be usual",
    ),
    "counted in it, and no list": (
        "manifest.json",
        set_to(None, "outputs", COARSENED, "files", 0, "usual_anew"),
        "its description cannot be read",
    ),
    "a new recoding, and shares of another": (
        "manifest.json",
        set_to([], "outputs", COARSENED, "files", 0, "usual_anew"),
        "has a new recoding, and tells of shares that were not counted in it",
    ),
    "a larger measured k": (
        "certificate.json",
        set_to(99, 3, "k_measured"),
        "coarsened_outcome.parquet is not what its certificate says",
    ),
    "fewer certified rows": ("certificate.json", set_to(1, 0, "rows"), "is not what its certificate says"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_mended_description_that_lies_is_found(copy: Path, lie: str) -> None:
    name, change, said = LIES[lie]
    assert [problem for problem in forged(copy, name, change) if said in problem]


def test_a_mended_release_that_says_nothing_else_is_sound(copy: Path) -> None:
    """The test of the test: the mending itself is not what is found."""
    assert forged(copy, "manifest.json", lambda described: None) == ()


@pytest.mark.parametrize("name", ["codebook.nb.html", "codebook.en.md", "README.txt"])
def test_a_mended_text_that_is_not_ours_is_found(copy: Path, name: str) -> None:
    (copy / name).write_text("These data are anonymous.")
    _mend(copy)
    assert verify(copy).problems == (f"{name} is not that of this release",)


def test_a_text_of_another_code_version_is_not_held_against_a_release(copy: Path) -> None:
    (copy / "codebook.nb.md").write_text("An older codebook.")
    assert forged(copy, "manifest.json", set_to("0.0+older", "code")) == ()


@pytest.mark.parametrize(("asked", "problems"), [(5, 0), (6, 1)])
def test_classes_are_held_against_the_k_that_was_asked_for(copy: Path, asked: int, problems: int) -> None:
    """Classes of exactly five, in a manifest and a request that say the same k."""
    path = copy / "data" / "coarsened_outcome.parquet"
    schema = pq.read_schema(path)
    one = pq.read_table(path).slice(0, 1)
    for name in TOLD:  # of five alike the class would tell what each is
        one = one.set_column(one.column_names.index(name), name, pa.nulls(1, pa.string()))
    pq.write_table(pa.concat_tables([one] * 5).cast(schema), path)
    request = (copy / "request.yaml").read_text().replace("k: 5", f"k: {asked}")
    (copy / "request.yaml").write_text(request)
    certificates = json.loads((copy / "certificate.json").read_text())
    table = BY_NAME[certificates[3]["table"]]
    found = certify(path, table, coarsened=True, rows=5)
    certificates[3] = found | {"k_required": asked}
    (copy / "certificate.json").write_bytes(as_bytes(certificates))

    def change(manifest: Any) -> None:
        set_to(asked, "outputs", COARSENED, "files", 0, "k")(manifest)
        set_to(None, "outputs", COARSENED, "files", 0, "usual")(manifest)  # of five nothing is told
        set_to([], "outputs", COARSENED, "files", 0, "usual_anew")(manifest)
        set_to("0.0+older", "code")(manifest)  # its texts are not compared

    found = forged(copy, "manifest.json", change)
    assert [p for p in found if "fewer than 6" in p] == list(found) and len(found) == problems


@pytest.mark.parametrize(("rows", "sound"), [(5, True), (4, False)])
def test_a_release_of_an_older_schema_is_measured_by_the_classes_it_was_certified_for(
    copy: Path, rows: int, sound: bool
) -> None:
    path = copy / "data" / "coarsened_outcome.parquet"
    one = pl.read_parquet(path).head(1)
    pl.concat([one] * rows).write_parquet(path)
    certificates = json.loads((copy / "certificate.json").read_text())
    certificates[3] |= {"schema": "older", "rows": rows}
    (copy / "certificate.json").write_bytes(as_bytes(certificates))
    found = forged(copy, "manifest.json", set_to("older", "schemas", certificates[3]["table"]))
    assert found == (() if sound else ("coarsened_outcome.parquet has classes of fewer than 5",))


# --- versions ---------------------------------------------------------------------------------------------


def test_two_releases_of_the_same_are_the_same_bytes(tmp_path: Path, standing: Path) -> None:
    shutil.copytree(standing.parents[2] / "keys", tmp_path / "keys")
    again = released(tmp_path).published.folder
    assert again.name == standing.name
    assert (again / "checksums.txt").read_bytes() == (standing / "checksums.txt").read_bytes()


def test_a_new_as_of_that_changes_nothing_publishes_nothing(tmp_path: Path) -> None:
    first = released(tmp_path)
    second = released(tmp_path, as_of=date(2025, 4, 1))
    assert first.published.new and not second.published.new
    assert second.published.folder == first.published.folder
    assert len(published(tmp_path / "releases" / "demo")) == 1


def test_a_changed_row_is_a_new_version_beside_the_old(tmp_path: Path) -> None:
    first = released(tmp_path)
    second = released(tmp_path, made_of=sources(seed=2), as_of=date(2025, 4, 1))
    assert second.published.new and second.published.version != first.published.version
    assert len(published(tmp_path / "releases" / "demo")) == 2
    assert verify(first.published.folder).problems == verify(second.published.folder).problems == ()


def one_kind(kind: OutputKind) -> Request:
    """The demo's outputs of that kind alone: pseudonymised ones have no levels that stand from before."""
    whole = demo_request()
    return whole.model_copy(update={"outputs": [o for o in whole.outputs if o.kind is kind]})


def test_a_result_that_returns_after_another_is_news_and_a_backfill_is_not(tmp_path: Path) -> None:
    def new(**changed: Any) -> bool:
        return released(tmp_path, request=one_kind(OutputKind.PSEUDONYMISED), **changed).published.new

    assert new() and new(made_of=sources(seed=2), as_of=date(2025, 4, 1))
    assert new(as_of=date(2025, 5, 1))
    assert not new(as_of=AS_OF)
    assert not new(as_of=date(2025, 3, 15))


def version_in_force(folder: Path) -> str:
    standing = in_force(folder / "releases" / "demo")
    assert standing is not None
    return standing.version


def listed(folder: Path) -> list[Release]:
    return releases(dataclasses.replace(settings_at(folder), data=folder))


def numbers(folder: Path) -> list[int]:
    return [standing.number for standing in published(folder / "releases" / "demo")]


@pytest.mark.parametrize("seeds", [(1, 2), (2, 1)])
def test_of_two_versions_of_one_as_of_the_one_published_last_is_in_force(
    tmp_path: Path, seeds: tuple[int, int]
) -> None:
    """Whatever their hashes: in one of the two orders the older sorts last."""
    made = [released(tmp_path, made_of=sources(seed=seed)).published for seed in seeds]
    assert version_in_force(tmp_path) == made[1].version and numbers(tmp_path) == [1, 2]
    assert not released(tmp_path, made_of=sources(seed=seeds[1])).published.new
    assert [(release.folder, release.in_force) for release in listed(tmp_path)] == [
        (made[0].folder, False),
        (made[1].folder, True),
    ]


def test_a_result_that_returns_on_the_same_as_of_is_in_force_again(tmp_path: Path) -> None:
    request = one_kind(OutputKind.PSEUDONYMISED)
    first = released(tmp_path, request=request).published
    released(tmp_path, request=request, made_of=sources(seed=2))
    again = released(tmp_path, request=request).published
    assert again.new and again.folder == first.folder and len(numbers(tmp_path)) == 2
    assert version_in_force(tmp_path) == first.version
    assert not released(tmp_path, request=request, as_of=date(2025, 4, 1)).published.new
    assert listed(tmp_path)[-1].folder == first.folder


def test_a_backfill_is_published_and_not_put_in_force(tmp_path: Path) -> None:
    latest = released(tmp_path, as_of=date(2025, 4, 1)).published
    backfill = released(tmp_path, made_of=sources(seed=2)).published
    assert backfill.new and version_in_force(tmp_path) == latest.version
    assert [release.in_force for release in listed(tmp_path)] == [False, True]
    assert not released(tmp_path, made_of=sources(seed=2)).published.new


def test_a_run_killed_before_it_said_what_is_in_force_is_repaired_by_the_next(tmp_path: Path) -> None:
    first = released(tmp_path).published
    current = first.folder.parent / CURRENT
    said = current.read_bytes()
    second = released(tmp_path, made_of=sources(seed=2), as_of=date(2025, 4, 1)).published
    current.chmod(0o640)
    current.write_bytes(said)
    assert version_in_force(tmp_path) == first.version
    again = released(tmp_path, made_of=sources(seed=2), as_of=date(2025, 4, 1)).published
    assert again.new and version_in_force(tmp_path) == second.version


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"version": "0", "as_of": "2025-03-01"}'])
def test_a_lost_note_of_what_is_in_force_is_written_again(tmp_path: Path, content: bytes | None) -> None:
    released(tmp_path)
    last = released(tmp_path, made_of=sources(seed=2)).published
    current = last.folder.parent / CURRENT
    said = current.read_bytes()
    current.unlink()
    if content is not None:
        current.write_bytes(content)
    assert not released(tmp_path, made_of=sources(seed=2)).published.new
    assert current.read_bytes() == said


def test_the_number_is_no_part_of_the_version(tmp_path: Path) -> None:
    request = one_kind(OutputKind.PSEUDONYMISED)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    first = released(tmp_path / "one", request=request).published.folder
    shutil.copytree(tmp_path / "one" / "keys", tmp_path / "other" / "keys")
    released(tmp_path / "other", request=request, made_of=sources(seed=2))
    second = released(tmp_path / "other", request=request).published.folder
    assert second.name == first.name
    numbered = [json.loads((folder / "manifest.json").read_text())["number"] for folder in (first, second)]
    assert numbered == [1, 2]


@pytest.mark.parametrize("part", ["data", "request", "schemas"])
def test_the_version_is_of_data_request_and_schemas(part: str) -> None:
    data, request, schemas = {"data/a.parquet": "1"}, b"request", {"a": "1"}
    changed = {
        "data": version_of({"data/a.parquet": "2"}, request, schemas),
        "request": version_of(data, b"other", schemas),
        "schemas": version_of(data, request, {"a": "2"}),
    }
    assert changed[part] != version_of(data, request, schemas)
    assert version_of(data, request, schemas) == version_of(dict(data), bytes(request), dict(schemas))


# --- refusals ---------------------------------------------------------------------------------------------


def test_what_the_verifier_does_not_pass_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_class_cut(built: Built) -> bytes:
        """The file as a writer would leave it that loses the rows of the first class but for four."""
        frame = built.frame
        if built.recoded is not None:
            quasi = built.recoded.roles.named(Role.QUASI)
            first = pl.all_horizontal(pl.col(name) == frame[name][0] for name in quasi)
            frame = pl.concat([frame.filter(first).head(4), frame.filter(~first)])
        return parquet(dataclasses.replace(built, frame=frame))

    monkeypatch.setattr(room, "parquet", one_class_cut)
    with pytest.raises(NotVerified, match="a class has fewer than 5 rows"):
        released(tmp_path)
    assert list((tmp_path / "releases" / "demo").iterdir()) == []


def test_targets_that_cannot_be_met_publish_nothing(tmp_path: Path) -> None:
    """Four have ended a programme, and five must be alike."""
    with pytest.raises(TargetUnreachable, match="No recoding meets the targets"):
        released(tmp_path, made_of=sources(8))
    assert list((tmp_path / "releases").iterdir()) == []


def test_an_expired_request_publishes_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="expired"):
        released(tmp_path, as_of=date(2031, 1, 1))


def test_leftovers_of_a_killed_run_are_cleared(tmp_path: Path) -> None:
    left = tmp_path / "releases" / "demo" / f"{STAGING}x"
    (left / "data").mkdir(parents=True)
    (left / "data" / "half.parquet").write_bytes(b"half")
    for folder in (left / "data", left):
        folder.chmod(0o555)
    released(tmp_path)
    assert not left.exists()


def test_a_certifier_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def refuse(staged: Path) -> dict[str, bytes]:
        raise NotVerified("No.", instead="-", do="-")

    with pytest.raises(NotVerified):
        publish({"a": b"a"}, tmp_path / "demo", "v", AS_OF, refuse)
    assert list((tmp_path / "demo").iterdir()) == []


# --- what a release tells ---------------------------------------------------------------------------------


def test_the_manifest_tells_where_it_comes_from(standing: Path) -> None:
    manifest = json.loads((standing / "manifest.json").read_text())
    assert manifest["as_of"] == AS_OF.isoformat() and manifest["key"]["epoch"] == 1
    assert manifest["inputs"] == [{"source": "socio", "name": "person", "id": "ab" * 32}]
    labels = {output["kind"]: output["label"]["nb"] for output in manifest["outputs"]}
    assert labels == {"pseudonymised": "pseudonymisert – personopplysninger", "coarsened": "lav risiko"}


@pytest.mark.parametrize(("barred", "shown"), [(4, None), (7, 5), (8, 10)])
def test_how_many_were_left_out_is_rounded_or_suppressed(
    tmp_path: Path, barred: int, shown: int | None
) -> None:
    reasons = sorted({p.reason for p in POLICY if not p.allowed})
    unusable = pl.DataFrame(
        [(n, reason) for reason in reasons for n in range(1, barred + 1)], schema=NOBODY.schema, orient="row"
    )
    made = released(tmp_path, unusable=unusable)
    manifest = json.loads((made.published.folder / "manifest.json").read_text())
    for output in manifest["outputs"]:
        for row in output["left_out"]:
            expected = Marker.SUPPRESSED if shown is None else Marker.SHOWN
            assert row["persons"] == {"shown": shown, "marker": expected}
            assert row["source"]["nb"] and row["source"]["en"]


def test_no_key_stands_anywhere_in_a_release(tmp_path: Path) -> None:
    """Planted-key search: the master's and the project's bytes, as bytes and as text."""
    folder = released(tmp_path).published.folder
    master = bytes.fromhex(json.loads((tmp_path / "keys" / "master.key").read_text())["key"])
    project = demo_keys(tmp_path / "keys").project_key("demo").secret._value
    for path in (p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for secret in (master, project):
            assert secret not in content and secret.hex().encode() not in content, path.name


def test_no_output_is_called_anonymous(standing: Path) -> None:
    """The word stands only where it says that a human decides, or that pseudonymised is not it."""
    denied = ("menneske", "human", "Pseudonymisering er ikke", "Pseudonymisation is not", '_of": null')
    for path in (p for p in standing.rglob("*") if p.suffix in {".txt", ".md", ".html", ".json", ".yaml"}):
        for line in path.read_text("utf-8").splitlines():
            if "anonym" in line.lower():
                assert any(words in line for words in denied), (path.name, line)


def test_a_request_without_a_pseudonymised_output_makes_no_key(tmp_path: Path) -> None:
    coarse = one_kind(OutputKind.COARSENED)
    (tmp_path / "releases").mkdir()
    keys = demo_keys(tmp_path / "keys")
    made = room.release(coarse, sources(), NOBODY, keys, INPUTS, tmp_path / "releases", AS_OF)
    assert not (tmp_path / "keys" / "projects").exists()
    assert json.loads((made.published.folder / "manifest.json").read_text())["key"] is None
