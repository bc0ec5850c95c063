"""A night from end to end: everything accounted for, nothing published twice, the same bytes again."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.identity.spine.ledger_file import ledger_facts
from pipeline.night import memory, seen
from pipeline.night.standing import only
from pipeline.summary import latest_night, releases, table_lines
from schemas import SOURCE_TABLES
from tests.integration.conftest import House

pytestmark = pytest.mark.slow


def test_rows_in_are_rows_passed_and_quarantined(a_night: House) -> None:
    night = latest_night(a_night.settings)
    assert night is not None
    lines = table_lines(a_night.settings, night)

    assert len(lines) == len(SOURCE_TABLES) - 1  # all but the notes, which are never extracted
    assert all(line.landed == line.passed + line.quarantined for line in lines)
    assert all(line.passed == line.in_core + line.unlinked for line in lines)
    assert sum(line.quarantined for line in lines) > 0


def test_what_is_published_verifies(a_night: House) -> None:
    verified = a_night.uttrekk("verify", "demo")
    assert verified.returncode == 0, verified.stderr
    assert "k = " in verified.stdout


def test_a_changed_byte_does_not_verify(a_night: House, copied: Callable[[House], House]) -> None:
    house = copied(a_night)
    (release,) = releases(house.settings)
    target = release.folder / "data" / "person.parquet"
    release.folder.chmod(0o755)
    target.chmod(0o644)
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)

    verified = house.uttrekk("verify", "demo")
    assert verified.returncode == 20
    assert "person.parquet" in verified.stderr


def test_the_same_night_again_publishes_nothing_and_says_so(
    a_night: House, copied: Callable[[House], House]
) -> None:
    house = copied(a_night)
    before = house.released()
    # As before a first night: what the terminal showed is remembered too, and is not known yet.
    shutil.rmtree(house.settings.restricted / memory.FOLDER / memory.FIGURES)

    again = house.uttrekk("run")

    assert again.returncode == 0, again.stderr
    assert "Nothing new: no release was published." in again.stdout
    assert house.released() == before
    assert "no step was due" not in again.stdout  # the copy is another place: every step looked again

    third = house.uttrekk("run")

    assert third.returncode == 0, third.stderr
    assert "no step was due" in third.stdout
    assert "Nothing new: no release was published." in third.stdout
    assert house.released() == before


def test_a_night_that_lost_a_table_is_made_whole(a_night: House, copied: Callable[[House], House]) -> None:
    house = copied(a_night)
    assert house.uttrekk("run").returncode == 0
    lost = house.settings.linked / "outcome.parquet"
    before = lost.read_bytes()
    lost.unlink()

    again = house.uttrekk("run")

    assert again.returncode == 0, again.stderr
    assert lost.read_bytes() == before


def test_a_new_night_that_changes_no_result_publishes_nothing(
    a_night: House, copied: Callable[[House], House]
) -> None:
    house = copied(a_night)
    before = house.released()

    again = house.uttrekk("run", "--as-of", "2025-03-02")

    assert again.returncode == 0, again.stderr
    assert "Nothing new: no release was published." in again.stdout
    assert house.released() == before
    assert (house.data / "reports" / "2025-03-02" / "quality.nb.html").exists()


def test_the_same_observations_give_the_same_bytes(a_night: House, tmp_path: Path) -> None:
    other = House(tmp_path / "data", dict(a_night.environment))
    for folder in ("landing", "keys"):
        shutil.copytree(a_night.data / folder, other.data / folder)
    night = seen(a_night.settings, latest_night(a_night.settings).as_of).as_of  # type: ignore[union-attr]

    done = other.uttrekk("run", "--as-of", night.isoformat(), "--from-observation")

    assert done.returncode == 0, done.stderr
    assert other.released() == a_night.released()


def test_a_person_who_may_not_be_used_is_in_no_extract(a_night: House) -> None:
    """Whoever has a reason in any record: some are registered twice."""
    with duckdb.connect(str(a_night.data / "world" / "case_system.duckdb"), read_only=True) as connection:
        records = connection.execute(
            "select cast(pid as varchar), skjermet = '0' and reservert_forskning is not true from person"
        ).fetchall()
    # The last line of a record says whose it is.
    ledger = pl.read_parquet(a_night.settings.restricted / "ledger.parquet").filter(entity="person")
    person_of = dict(ledger.select("source_key", "key").rows())
    barred = {person_of[record] for record, may_be_used in records if not may_be_used}
    kept = {person_of[record] for record, _ in records} - barred
    (release,) = releases(a_night.settings)
    extract = pl.read_parquet(release.folder / "data" / "person.parquet")

    assert len(barred) > 0
    assert extract.height == len(kept)


def test_a_withdrawal_reaches_the_next_version(a_night: House, copied: Callable[[House], House]) -> None:
    house = copied(a_night)
    (before,) = releases(house.settings)
    spine = pl.read_parquet(house.settings.restricted / "spine.parquet").filter(status="linked")
    ledger = pl.read_parquet(house.settings.restricted / "ledger.parquet").filter(entity="person")
    barred = pl.read_parquet(house.settings.core / "unusable.parquet")
    who = (
        spine.with_columns(source_key=pl.col("person_id").cast(pl.String))
        .join(ledger, on="source_key")
        .join(barred, left_on="key", right_on="person_key", how="anti")
        .sort("identifier")["identifier"][0]
    )
    (house.settings.restricted / "withdrawals.csv").write_text(f"identifier;withdrawn_on\n{who};2025-02-01\n")

    assert house.uttrekk("run").returncode == 0

    rows = {
        r.version: pl.read_parquet(r.folder / "data/person.parquet").height for r in releases(house.settings)
    }
    assert len(rows) == 2
    assert {n - rows[before.version] for v, n in rows.items() if v != before.version} == {-1}


def test_a_municipalitys_stricter_policy_reaches_the_next_version(
    a_night: House, copied: Callable[[House], House], tmp_path: Path
) -> None:
    """Though nothing else has changed since the night that stands."""
    house = copied(a_night)
    (tmp_path / "ours.yaml").write_text("t: 0.15\n", "utf-8")
    house.environment["UTTREKK_POLICY"] = str(tmp_path / "ours.yaml")

    assert house.uttrekk("run").returncode == 0

    (before, after) = releases(house.settings)
    assert (coarsened_t(before.folder), coarsened_t(after.folder)) == (0.2, 0.15)


def coarsened_t(release: Path) -> float:
    """The t that the version's coarsened file is told to meet."""
    outputs = json.loads((release / "manifest.json").read_text("utf-8"))["outputs"]
    (t,) = [file["t"] for output in outputs for file in output["files"] if "t" in file]
    return float(t)


def test_the_manifest_tells_how_long_the_ledger_was_and_its_hash(a_night: House) -> None:
    (manifest,) = a_night.settings.releases.glob("*/*/manifest.json")
    ledger = only(a_night.settings.restricted, "ledger")
    assert json.loads(manifest.read_bytes())["ledger"] == ledger_facts(ledger)


def test_the_manifest_names_every_input_by_its_hash(a_night: House) -> None:
    (release,) = releases(a_night.settings)
    manifest = json.loads((release.folder / "manifest.json").read_text("utf-8"))
    night = latest_night(a_night.settings)
    assert night is not None

    assert {(i["name"], i["id"]) for i in manifest["inputs"]} == {
        (s.name, s.id) for s in night.snapshots.values()
    }
    assert all(re.fullmatch(r"[0-9a-f]{64}", i["id"]) for i in manifest["inputs"])
