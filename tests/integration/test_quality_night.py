"""What a night publishes of its own quality, whom its worklists go to, what stewards' decisions change."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.errors import SettingWrong
from pipeline.night import make_assessment, make_findings, make_report
from pipeline.night.memory import MEMORIES, remembered
from pipeline.night.published import log_of, stored_findings
from pipeline.quality.history import Kind, nights
from pipeline.quality.worklist import CITY, WORKLISTS
from schemas import codes
from schemas.quality import PublishedField, PublishedResult
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

AS_OF = date(2025, 3, 1)
DECISION = """decisions:
  - decide: acknowledge
    flag: sparse
    field: background.education_level
    reason: {nb: Vi vet det., en: We know.}
    owner: Fagsystemavdelingen
    since: 2025-01-01
"""


def lists(house: House) -> dict[str, list[str]]:
    """The case numbers of each worklist, as a spreadsheet shows them."""
    folder = house.settings.restricted / WORKLISTS / AS_OF.isoformat()
    found = {}
    for path in sorted(folder.glob("*.csv")):
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
        found[path.stem] = [row["Saksnummer"].lstrip("'") for row in rows if row["Saksnummer"]]
    return found


def cases(house: House) -> dict[str, tuple[str | None, bool]]:
    """Case number -> its bydel in the source, and whether its person is protected there."""
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select saknr, bydel, coalesce(skjermet, '0') <> '0' from sak left join person using (pid)"
        ).fetchall()
    return {number: (bydel, hidden) for number, bydel, hidden in rows}


def test_no_bydel_sees_anothers_cases_and_nobody_a_protected_persons(a_night: House) -> None:
    found, known = lists(a_night), cases(a_night)
    bydeler = set(codes.BYDEL.values()) - codes.BYDEL.unknown
    assert set(found) == {*bydeler, CITY}
    assert sum(map(len, found.values())) > 100
    for name, numbers in found.items():
        for number in numbers:
            bydel, hidden = known[number]
            assert not hidden, number
            assert bydel == name or (name == CITY and bydel not in bydeler), number


def test_the_worklists_are_their_owners_alone_and_no_published_file_has_a_case_of_theirs(
    a_night: House,
) -> None:
    folder = a_night.settings.restricted / WORKLISTS
    names = {kind: {p.stem for p in folder.rglob(f"*.{kind}")} for kind in ("csv", "xlsx")}
    assert names["csv"] == names["xlsx"] == set(lists(a_night))
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    numbers = {number for found in lists(a_night).values() for number in found}
    published = [
        p for zone in ("reports", "releases") for p in (a_night.data / zone).rglob("*") if p.is_file()
    ]
    assert len(numbers) > 50 and len(published) > 10
    for path in published:
        # Eight digits alone: a chart's coordinates have longer runs of them.
        found = {run.decode() for run in re.findall(rb"(?<![0-9])[0-9]{8}(?![0-9])", path.read_bytes())}
        assert not found & numbers, path


def test_what_is_published_is_as_declared_and_stands_in_the_history(a_night: House) -> None:
    night = stored_findings(a_night.settings)
    assert night.as_of == AS_OF
    PublishedResult.to_schema().validate(night.results)
    PublishedField.to_schema().validate(night.fields)
    content = json.loads((a_night.data / "reports/2025-03-01/quality.json").read_text("utf-8"))
    assert len(content["results"]) == night.results.height and content["as_of"] == "2025-03-01"
    log = log_of(a_night.settings)
    assert nights(log) == [AS_OF]
    assert set(log["kind"]) == {kind.value for kind in Kind}


def test_every_figure_published_is_a_figure_of_the_page(a_night: House) -> None:
    """One protection for all: whoever has both files has what either says."""
    page = pl.read_csv(a_night.data / "reports/2025-03-01/quality.csv", schema_overrides={"key": pl.String})
    fields = stored_findings(a_night.settings).fields
    cell = ["table", "column", "population", "by"]
    shown = page.select(*cell, pl.col("key").fill_null("all").alias("place"), "n", "band").sort(
        *cell, "place"
    )
    assert fields.select(shown.columns).sort(*cell, "place").rows() == shown.rows()


def test_the_facts_stand_in_the_release(a_night: House) -> None:
    (folder,) = (a_night.data / "releases" / "demo").glob("*+*")
    assert "Utdanningsnivå" in (folder / "quality" / "quality.nb.md").read_text("utf-8")


def test_a_decision_changes_what_stands_and_a_broken_file_stops_the_night(
    a_night: House, copied: Callable[[House], House], tmp_path: Path
) -> None:
    house = copied(a_night)
    decisions = tmp_path / "stewardship.yaml"
    decisions.write_text(DECISION, "utf-8")
    house.environment = house.environment | {"UTTREKK_STEWARDSHIP": str(decisions)}
    done = house.uttrekk("run", "--as-of", "2025-03-02")
    assert done.returncode == 0, done.stderr
    assert "Nothing new: no release was published." in done.stdout

    said = json.loads(house.uttrekk("quality", "diff", "--json").stdout)
    assert (said["before"], said["after"]) == ("2025-03-01", "2025-03-02")
    decided = [row for row in said["findings"] if row["change"] == "decided"]
    assert {(row["table"], row["column"]) for row in decided} == {("background", "education_level")}
    assert not [row for row in said["findings"] if row["change"] == "new"]
    assert said["schema"] == []

    published = sorted((house.data / "reports" / "2025-03-02").glob("quality.*.parquet"))
    before = {path: path.read_bytes() for path in published}
    decisions.write_text(DECISION.replace("flag: sparse", "flag: sparce"), "utf-8")
    stopped = house.uttrekk("run", "--as-of", "2025-03-02")
    assert stopped.returncode == 22 and "did you mean sparse?" in stopped.stderr
    assert {path: path.read_bytes() for path in published} == before


def test_a_page_is_made_again_where_it_is_lost_or_edited_and_never_without_its_memory(
    a_night: House, copied: Callable[[House], House]
) -> None:
    settings = copied(a_night).settings
    paths = make_report(settings, AS_OF)
    said = {path: path.read_bytes() for path in paths}
    stood = [path.stat().st_ino for path in paths]
    assert make_report(settings, AS_OF) == paths
    assert [path.stat().st_ino for path in paths] == stood, "nothing has changed, and it was written again"

    lost, edited, *_ = paths
    lost.unlink()
    assert make_report(settings, AS_OF) == paths and lost.read_bytes() == said[lost]
    edited.write_bytes(said[edited] + b"<!-- by hand -->")
    assert make_report(settings, AS_OF) == paths and edited.read_bytes() == said[edited]

    (settings.restricted / "pages" / AS_OF.isoformat()).write_bytes(b"\xff\xfe")
    assert make_report(settings, AS_OF) == paths
    memory = remembered(settings, AS_OF)
    assert memory is not None
    whole = memory.path.read_bytes()
    memory.path.write_bytes(b"")
    with pytest.raises(SettingWrong, match="cannot be read"):
        make_report(settings, AS_OF)
    memory.path.write_bytes(whole)
    assert make_report(settings, AS_OF) == paths
    for name in MEMORIES:
        path = settings.restricted / name / memory.path.name
        whole = path.read_bytes()
        path.unlink()
        # Pages that stand as they were made are made of what is published, and need the counts alone.
        steps = [make_assessment, make_findings, *([make_report] if path == memory.path else [])]
        for step in steps:
            with pytest.raises(SettingWrong, match="no longer remembered") as refused:
                step(settings, AS_OF)
            assert f"Restore {path.parent} from the backup" in refused.value.do
            assert not path.exists()
        path.write_bytes(whole)
    assert {path: path.read_bytes() for path in paths} == said
