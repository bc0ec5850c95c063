"""Every reason against every table that leaves the house, in the files as written: exactly as POLICY says."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.identity import usable as room
from pipeline.identity.keys import pseudonyms
from pipeline.identity.spine.succession import SUCCESSION_SCHEMA
from pipeline.identity.usable import POLICY, OutputKind, Reason, policy, usable_persons
from pipeline.releases.build import Built
from pipeline.releases.data_files import path_of
from pipeline.releases.release import Released
from pipeline.requests.request import OFFERED, is_pseudonymised
from schemas.research import RESEARCH
from schemas.variable import Table, table_name
from tests.release_world import NOBODY, demo_keys, released, sources

pytestmark = pytest.mark.slow

# Person 10 has ended a programme, was once called 300 too, and is the one with the reason.
WHO, FORMER, LATER = 10, 300, date(2025, 4, 1)
EVERYBODY = sources(300)
NOW = EVERYBODY.only(pl.DataFrame({"person_key": range(1, 300)}))
SUCCESSION = pl.DataFrame([(FORMER, WHO, "merge", LATER)], schema=SUCCESSION_SCHEMA, orient="row")


def kind_of(table: type[Table]) -> OutputKind:
    return OutputKind.PSEUDONYMISED if is_pseudonymised(table) else OutputKind.COARSENED


def published(folder: Path, reason: Reason | None) -> Released:
    """A version after an earlier one, so that it has all tables, the crosswalk too."""
    folder.mkdir()
    released(folder, made_of=EVERYBODY)
    rows = [] if reason is None else [(WHO, reason.value)]
    unusable = pl.DataFrame(rows, schema=NOBODY.schema, orient="row")
    return released(folder, made_of=NOW, unusable=unusable, as_of=LATER, succession=SUCCESSION)


class Versions:
    """One version for each reason, and one without any, under one key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[tuple[Reason | None, tuple[bool, ...]], Released] = {}

    def of(self, reason: Reason | None) -> Released:
        """Made once for each reason and each policy."""
        what = (reason, tuple(row.allowed for row in room.POLICY))
        if what not in self.made:
            self.made[what] = published(self.folder / str(len(self.made)), reason)
        return self.made[what]

    def rows(self, table: type[Table], reason: Reason | None) -> int:
        """The person's rows in the written file; of a coarsened one all rows, suppressed ones too."""
        done = self.of(reason)
        found = [built for built in done.built if built.table is table]
        if not found:
            return 0
        frame = pl.read_parquet(done.published.folder / path_of(found[0]))
        if not is_pseudonymised(table):
            return frame.height + found[0].suppressed
        return frame.filter(pl.col("pseudonym") == self.pseudonym(done)).height

    def pseudonym(self, done: Released) -> str:
        keys = demo_keys(done.published.folder.parents[2] / "keys")
        (mine,) = pseudonyms(pl.Series([WHO]), keys.project_key("demo"))["pseudonym"]
        return mine


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    return Versions(tmp_path_factory.mktemp("versions"))


every_table = pytest.mark.parametrize("table", RESEARCH, ids=table_name)
every_reason = pytest.mark.parametrize("reason", list(Reason), ids=str)


def test_every_research_table_is_in_the_version(versions: Versions) -> None:
    made: tuple[Built, ...] = versions.of(None).built
    assert {built.table for built in made} == set(RESEARCH)
    assert {kind_of(table) for table in RESEARCH} == set(OFFERED)


@every_table
@every_reason
def test_a_person_with_a_reason_is_in_the_file_only_if_the_policy_says_so(
    versions: Versions, table: type[Table], reason: Reason
) -> None:
    usual, now = versions.rows(table, None), versions.rows(table, reason)
    assert usual > 0
    if policy(reason, kind_of(table)).allowed:
        assert now == usual
    elif is_pseudonymised(table):
        assert now == 0
    else:
        assert now == usual - 1


@pytest.fixture(params=list(Reason), ids=str)
def allowed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Reason:
    """A policy that allows this reason everywhere: then it is the policy that decides, and nothing else."""
    reason: Reason = request.param
    kinder = tuple(dataclasses.replace(row, allowed=row.allowed or row.reason is reason) for row in POLICY)
    monkeypatch.setattr(room, "POLICY", kinder)
    return reason


def test_where_the_policy_allows_a_reason_the_person_is_in_every_file(
    versions: Versions, allowed: Reason
) -> None:
    tables = {table_name(table): versions.rows(table, allowed) for table in RESEARCH}
    without_a_reason = {table_name(table): versions.rows(table, None) for table in RESEARCH}
    assert tables == without_a_reason and min(tables.values()) > 0


@every_reason
@pytest.mark.parametrize("kind", list(OutputKind), ids=str)
def test_every_kind_of_output_is_of_whom_the_policy_allows(kind: OutputKind, reason: Reason) -> None:
    """The kinds that are no request's too: the report, its tables, and tables at national level."""
    unusable = pl.DataFrame([(WHO, reason.value)], schema=NOBODY.schema, orient="row")
    left = usable_persons(NOW.person, unusable, kind)["person_key"]
    assert (WHO in left) is policy(reason, kind).allowed
    assert left.len() == NOW.person.height - (not policy(reason, kind).allowed)


def test_protected_persons_stand_behind_no_figure_below_national_level() -> None:
    """F8: IMDi counts them in the national total, and nowhere else."""
    allowed = {kind for kind in OutputKind if policy(Reason.PROTECTED_IDENTITY, kind).allowed}
    assert allowed == {OutputKind.NATIONAL_TABLES}
