"""The crosswalk: which of a project's pseudonyms have changed, and nothing of anybody who may not be used."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import ReleaseDamaged, RequestRefused
from pipeline.identity.keys import pseudonyms
from pipeline.identity.keys.care import add_project
from pipeline.identity.spine.succession import SUCCESSION_SCHEMA
from pipeline.identity.usable import Reason
from pipeline.releases.build import Sources
from pipeline.releases.explained import SUCCESSIONS
from pipeline.releases.manifest import as_bytes, checksums, sha256, version_of
from pipeline.releases.verify import verify
from pipeline.requests.request import Request, Whose
from schemas import codes
from tests.release_world import NOBODY, demo_keys, demo_request, released, sources

pytestmark = pytest.mark.slow

LATER = date(2025, 4, 1)
EVERYBODY = sources(300)
# Person 300 turned out to be person 10; person 299 had been taken for person 8.
AFTER_MERGE = EVERYBODY.only(pl.DataFrame({"person_key": range(1, 300)}))
BEFORE_SPLIT = EVERYBODY.only(pl.DataFrame({"person_key": [*range(1, 299), 300]}))
MERGED, SPLIT = (300, 10, "merge", LATER), (8, 299, "split", LATER)


def succession(*rows: tuple[int, int, str, date]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SUCCESSION_SCHEMA, orient="row")


def named(folder: Path, *persons: int, project: str = "demo") -> list[str]:
    key = demo_keys(folder / "keys").project_key(project)
    made = dict(pseudonyms(pl.Series(persons), key).rows())
    return [made[person] for person in persons]


def barred(*persons: int) -> pl.DataFrame:
    return pl.DataFrame([(p, Reason.WITHDRAWN) for p in persons], schema=NOBODY.schema, orient="row")


def told(
    folder: Path, made_of: Sources, *rows: Any, as_of: date = LATER, **more: Any
) -> list[tuple[str, ...]]:
    """The rows of the crosswalk that a version holds; none where it holds none."""
    done = released(folder, made_of=made_of, as_of=as_of, succession=succession(*rows), **more)
    path = done.published.folder / "data" / "crosswalk.parquet"
    assert verify(done.published.folder).problems == ()
    return pl.read_parquet(path).rows() if path.exists() else []


# --- what is told ---------------------------------------------------------------------------------------


def test_a_merge_is_told_to_a_project_that_knows_the_former_pseudonym(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    former, now = named(tmp_path, 300, 10)
    assert told(tmp_path, AFTER_MERGE, MERGED) == [(former, now, "merge")]


def test_a_split_is_told_to_a_project_that_had_both_under_one_pseudonym(tmp_path: Path) -> None:
    released(tmp_path, made_of=BEFORE_SPLIT)
    former, now = named(tmp_path, 8, 299)
    assert told(tmp_path, EVERYBODY, SPLIT) == [(former, now, "split")]


def test_a_project_that_has_no_version_yet_is_told_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, AFTER_MERGE, MERGED) == []
    assert told(tmp_path, AFTER_MERGE, MERGED, as_of=date(2025, 5, 1)) == []  # nor the night after


def test_a_split_that_every_version_has_had_is_no_news(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    assert told(tmp_path, EVERYBODY, SPLIT) == []


def test_a_person_who_was_left_out_until_after_the_split_had_no_other_pseudonym(tmp_path: Path) -> None:
    """The version before holds 8 and not 299, but it was made after the two had been parted."""
    released(tmp_path, made_of=BEFORE_SPLIT, as_of=date(2025, 5, 1))
    assert told(tmp_path, EVERYBODY, SPLIT, as_of=date(2025, 6, 1)) == []


def test_no_succession_makes_no_file(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    assert told(tmp_path, AFTER_MERGE) == []


def test_what_is_told_once_is_told_in_every_version_after(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    first = told(tmp_path, AFTER_MERGE, MERGED)
    again = released(
        tmp_path, made_of=AFTER_MERGE, as_of=date(2025, 5, 1), succession=succession(MERGED)
    ).published
    assert first and not again.new


def test_rows_are_sorted_by_pseudonym(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    rows = [(former, 10, "merge", LATER) for former in range(290, 301)]
    left = EVERYBODY.only(pl.DataFrame({"person_key": range(1, 290)}))
    found = told(tmp_path, left, *rows)
    assert found == sorted(found) and len(found) == 11


# --- what is never told ---------------------------------------------------------------------------------


def test_a_person_who_may_not_be_used_is_not_told_of(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    assert told(tmp_path, AFTER_MERGE, MERGED, unusable=barred(10)) == []


@pytest.mark.parametrize("who", [8, 299])
def test_a_split_is_told_only_where_both_may_be_used(tmp_path: Path, who: int) -> None:
    released(tmp_path, made_of=BEFORE_SPLIT)
    assert told(tmp_path, EVERYBODY, SPLIT, unusable=barred(who)) == []


@pytest.mark.parametrize(("held", "rows"), [((8, 299, 300), 0), ((299, 300), 1)])
def test_a_former_key_that_a_record_gone_from_the_source_holds_is_not_told(
    tmp_path: Path, held: tuple[int, ...], rows: int
) -> None:
    """Record 8 was taken out of the source, or withdrawn and then taken out: it may not be named."""
    released(tmp_path, made_of=BEFORE_SPLIT)
    without = EVERYBODY.only(pl.DataFrame({"person_key": [*range(1, 8), *range(9, 301)]}))
    found = told(tmp_path, without, SPLIT, held=pl.DataFrame({"person_key": held}))
    assert len(found) == rows


def test_of_two_changes_only_that_of_the_usable_person_is_told(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    other = (299, 11, "merge", LATER)
    left = EVERYBODY.only(pl.DataFrame({"person_key": range(1, 299)}))
    found = told(tmp_path, left, MERGED, other, unusable=barred(10))
    assert found == [(*named(tmp_path, 299, 11), "merge")]


def test_a_person_who_is_not_in_the_output_is_not_told_of(tmp_path: Path) -> None:
    """Programmes alone are asked for; 9 has none, and so no pseudonym in the version."""
    programmes = demo_request().outputs[0].model_copy(update={"tables": {"programme": ["law"]}})
    request = demo_request().model_copy(update={"outputs": [programmes]})
    released(tmp_path, made_of=EVERYBODY, request=request)
    row = (300, 9, "merge", LATER)
    assert told(tmp_path, AFTER_MERGE, row, request=request) == []
    assert told(tmp_path, AFTER_MERGE, MERGED, request=request, as_of=date(2025, 5, 1)) != []


def test_another_projects_versions_make_nothing_worth_telling(tmp_path: Path) -> None:
    other = demo_request().model_copy(update={"id": "other", "project": "other"})
    released(tmp_path, made_of=EVERYBODY, request=other)
    assert told(tmp_path, AFTER_MERGE, MERGED) == []
    mine, theirs = named(tmp_path, 300), named(tmp_path, 300, project="other")
    assert [former for former, *_ in told(tmp_path, AFTER_MERGE, MERGED, request=other)] == theirs != mine


def test_another_request_of_the_same_project_does(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY, request=demo_request().model_copy(update={"id": "other"}))
    assert len(told(tmp_path, AFTER_MERGE, MERGED)) == 1


def test_pseudonyms_of_an_earlier_epoch_are_not_told(tmp_path: Path) -> None:
    """A crosswalk between two epochs would undo the new one."""
    released(tmp_path, made_of=EVERYBODY)
    add_project(demo_keys(tmp_path / "keys"), "demo", further=True)
    assert told(tmp_path, AFTER_MERGE, MERGED) == []


def test_no_internal_key_stands_in_it(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    assert all(len(value) == 32 for row in told(tmp_path, AFTER_MERGE, MERGED) for value in row[:2])


def test_an_earlier_version_that_cannot_be_read_stops_the_release(tmp_path: Path) -> None:
    folder = released(tmp_path, made_of=EVERYBODY).published.folder
    path = folder / "data" / "person.parquet"
    path.chmod(0o640)
    path.write_bytes(b"damaged")
    with pytest.raises(ReleaseDamaged, match="crosswalk might miss persons"):
        told(tmp_path, AFTER_MERGE, MERGED)


# --- how it is described and verified -------------------------------------------------------------------


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("standing")
    released(folder, made_of=EVERYBODY)
    done = released(folder, made_of=AFTER_MERGE, as_of=LATER, succession=succession(MERGED))
    return done.published.folder


@pytest.fixture
def copy(standing: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    folder = tmp_path / standing.name
    shutil.copytree(standing, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def test_it_is_in_the_manifest_the_certificate_and_the_version(standing: Path) -> None:
    manifest = json.loads((standing / "manifest.json").read_text())
    described = {f["path"]: (o["kind"], f["rows"]) for o in manifest["outputs"] for f in o["files"]}
    assert described["data/crosswalk.parquet"] == ("pseudonymised", 1)
    assert "crosswalk" in manifest["schemas"]
    certificates = json.loads((standing / "certificate.json").read_text())
    assert [c["rows"] for c in certificates if c["table"] == "crosswalk"] == [1]
    assert verify(standing).facts["rows"]["data/crosswalk.parquet"] == 1


@pytest.mark.parametrize("name", ["codebook.nb.md", "codebook.en.html"])
def test_it_is_in_the_codebook_where_there_is_one(standing: Path, name: str) -> None:
    language = name.split(".")[1]
    text = (standing / name).read_text("utf-8")
    assert "former_pseudonym" in text
    assert all(getattr(said, language) in text for said in SUCCESSIONS.values())
    first = next(path for path in standing.parent.glob("*+*") if path != standing)
    assert "former_pseudonym" not in (first / name).read_text("utf-8")


def test_every_reason_is_explained() -> None:
    assert set(SUCCESSIONS) == set(codes.SUCCESSION.values())


def forged(folder: Path, frame: pl.DataFrame | None, kind: str = "") -> tuple[str, ...]:
    """What is found after a forger has changed the crosswalk, or taken it out, and mended all around it."""
    path = folder / "data" / "crosswalk.parquet"
    manifest = json.loads((folder / "manifest.json").read_text())
    certificates = json.loads((folder / "certificate.json").read_text())
    (mine,) = [f for o in manifest["outputs"] for f in o["files"] if f["path"].endswith("crosswalk.parquet")]
    for output in manifest["outputs"]:
        output["files"] = [f for f in output["files"] if f != mine]
    if frame is not None:
        frame.write_parquet(path)
        mine |= {"sha256": sha256(path.read_bytes()), "rows": frame.height}
        (output,) = [o for o in manifest["outputs"] if o["kind"] == kind]
        output["files"].append(mine)
        for certificate in certificates:
            if certificate["table"] == "crosswalk":
                certificate |= {"sha256": mine["sha256"], "rows": mine["rows"]}
    else:
        path.unlink()
    data = {f["path"]: f["sha256"] for o in manifest["outputs"] for f in o["files"]}
    request = (folder / "request.yaml").read_bytes()
    manifest["version"] = version_of(data, request, manifest["schemas"])
    (folder / "manifest.json").write_bytes(as_bytes(manifest))
    (folder / "certificate.json").write_bytes(as_bytes(certificates))
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "checksums.txt"]
    sums = {p.relative_to(folder).as_posix(): sha256(p.read_bytes()) for p in files}
    (folder / "checksums.txt").write_bytes(checksums(sums))
    return verify(folder.rename(folder.with_name(f"{manifest['version']}+{manifest['as_of']}"))).problems


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": "guess"}, "no code of"),
        ({"pseudonym": "10"}, "of another form"),
        ({"former_pseudonym": None}, "is missing in rows"),
    ],
)
def test_a_crosswalk_that_breaks_its_declaration_is_found(
    copy: Path, change: dict[str, Any], said: str
) -> None:
    frame = pl.read_parquet(copy / "data" / "crosswalk.parquet")
    broken = frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in change.items())
    assert [problem for problem in forged(copy, broken, "pseudonymised") if said in problem]


def test_two_rows_of_one_pair_are_found(copy: Path) -> None:
    frame = pl.read_parquet(copy / "data" / "crosswalk.parquet")
    assert [p for p in forged(copy, pl.concat([frame] * 2), "pseudonymised") if "not unique" in p]


def test_a_crosswalk_under_a_kinder_kind_is_found(copy: Path) -> None:
    frame = pl.read_parquet(copy / "data" / "crosswalk.parquet")
    assert [p for p in forged(copy, frame, "coarsened") if "the outputs are not those" in p]


def test_a_codebook_of_a_crosswalk_that_was_taken_out_is_found(copy: Path) -> None:
    found = forged(copy, None)
    assert [p for p in found if p.startswith("codebook.nb.md is not that")]


# --- residents ------------------------------------------------------------------------------------------

STATUS = {"year": 2020, "status_on": date(2020, 5, 1), "municipality": "0301"}


def moved(world: Sources, *rows: tuple[int, str]) -> Sources:
    """The world with a status of the population register for each of these persons."""
    schema = world.population_status.schema
    found = [{"person_key": person, "residence": status, **STATUS} for person, status in rows]
    status = pl.DataFrame([{n: row.get(n) for n in schema} for row in found], schema=schema)
    return dataclasses.replace(world, population_status=status)


def of_residents() -> Request:
    first, *others = demo_request().outputs
    residents = first.model_copy(update={"population": Whose.RESIDENTS})
    return demo_request().model_copy(update={"outputs": [residents, *others]})


def persons_in(folder: Path, name: str) -> set[str]:
    return set(pl.read_parquet(folder / "data" / f"{name}.parquet")["pseudonym"])


@pytest.mark.parametrize("name", ["person", "programme", "outcome"])
def test_the_dead_and_the_emigrated_are_left_out_where_residents_are_asked_for(
    tmp_path: Path, name: str
) -> None:
    world = moved(EVERYBODY, (10, "dod"), (12, "utvandret"), (14, "bosatt"))
    folder = released(tmp_path, made_of=world, request=of_residents()).published.folder
    dead, emigrated, resident, silent = named(tmp_path, 10, 12, 14, 16)
    assert not {dead, emigrated} & persons_in(folder, name)
    assert {resident, silent} <= persons_in(folder, name)
    assert verify(folder).problems == ()
    for language in ("Bare bosatte", "Residents only"):
        assert language in (folder / "README.txt").read_text("utf-8")
    assert "Bare bosatte" in (folder / "codebook.nb.md").read_text("utf-8")


def test_everybody_is_there_where_nobody_asked_for_residents(tmp_path: Path) -> None:
    folder = released(tmp_path, made_of=moved(EVERYBODY, (10, "dod"))).published.folder
    assert set(named(tmp_path, 10)) <= persons_in(folder, "person")
    (pseudonymised, _) = json.loads((folder / "manifest.json").read_text())["outputs"]
    assert pseudonymised["population"] == "everyone" and "not_resident" not in pseudonymised
    assert "Bare bosatte" not in (folder / "README.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("dead", "shown"), [(7, {"utvandret": 10, "dod": 5}), (3, {"utvandret": None, "dod": None})]
)
def test_how_many_were_not_resident_is_rounded_or_suppressed(
    tmp_path: Path, dead: int, shown: dict[str, int | None]
) -> None:
    """Eight have emigrated, and one more who may not be used anyway. Three dead are too few to tell of, and
    beside a total the eight would tell of them."""
    gone = [(n, "utvandret") for n in range(1, 9)] + [(n, "dod") for n in range(9, 9 + dead)]
    world = moved(EVERYBODY, *gone, (20, "utvandret"))
    folder = released(tmp_path, made_of=world, request=of_residents(), unusable=barred(20)).published.folder
    (pseudonymised, coarsened) = json.loads((folder / "manifest.json").read_text())["outputs"]
    assert pseudonymised["population"] == "residents" and coarsened["population"] == "everyone"
    assert {name: said["shown"] for name, said in pseudonymised["not_resident"].items()} == shown


def test_the_status_is_that_of_the_extracts_date(tmp_path: Path) -> None:
    world = moved(EVERYBODY, (10, "dod"))
    before = released(tmp_path, made_of=world, request=of_residents(), as_of=date(2020, 4, 30))
    assert set(named(tmp_path, 10)) <= persons_in(before.published.folder, "person")


def test_residents_are_not_told_where_no_status_was_delivered(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="no status of the population register"):
        released(tmp_path, made_of=EVERYBODY, request=of_residents())


def test_a_manifest_that_says_residents_of_everybodys_rows_is_found(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["outputs"][0]["population"] = "residents"
    (copy / "manifest.json").write_bytes(as_bytes(manifest))
    assert [p for p in verify(copy).problems if "the outputs are not those" in p]


def test_a_resident_is_told_of_a_change_and_who_has_emigrated_is_not(tmp_path: Path) -> None:
    released(tmp_path, made_of=EVERYBODY)
    for status, rows in (("bosatt", 1), ("utvandret", 0)):
        folder = tmp_path / status
        shutil.copytree(tmp_path / "keys", folder / "keys")
        shutil.copytree(tmp_path / "releases", folder / "releases")
        world = moved(AFTER_MERGE, (10, status))
        assert len(told(folder, world, MERGED, request=of_residents())) == rows
