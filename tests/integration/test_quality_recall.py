"""Every planted defect is found by the rule meant for it, and nothing is found where nothing was planted.

Planted is what the world's own list says, by the source's keys; found is what the night's measurement, its
quarantine and its spine say. Recall is at least 95 % for each pattern.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl
import pytest

from pipeline.identity.keys import create_master
from pipeline.identity.spine.ledger import current
from pipeline.linkage.limits import LEAVE_CAUSES
from pipeline.night.assessment import evidence_of, make_assessment
from pipeline.quality.contradictions import faults
from pipeline.quality.delays import seen
from pipeline.quality.evidence import Evidence
from pipeline.quality.held_back import told_of_person
from pipeline.quality.results import FAILED
from pipeline.synthetic import synthesise
from schemas import codes
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

AS_OF = date(2025, 3, 1)
RECALL = 0.95


@dataclass
class Night:
    """A night, what was planted in its world, and what its measurement found."""

    house: House

    @cached_property
    def planted(self) -> pl.DataFrame:
        return pl.read_parquet(self.house.data / "world" / "truth" / "planted.parquet")

    @cached_property
    def evidence(self) -> Evidence:
        return evidence_of(self.house.settings, AS_OF)

    @cached_property
    def key(self) -> dict[tuple[str, str], int]:
        """(kind of thing, the source's number) -> internal key."""
        ledger = current(pl.read_parquet(self.house.data / "restricted" / "ledger.parquet"))
        return {(e, s): k for e, s, k in ledger.select("entity", "source_key", "key").rows()}

    @cached_property
    def counted(self) -> set[int]:
        return set(self.evidence.usable["person_key"])

    @cached_property
    def programmes_counted(self) -> set[int]:
        return set(self.evidence.who().programmes["programme_key"])

    @cached_property
    def cases_counted(self) -> set[int]:
        return set(self.evidence.who().cases["case_key"])

    def of(self, pattern: str, table: str) -> list[str]:
        return self.planted.filter(pattern=pattern, table=table)["key"].to_list()

    def refused(self, table: str, column: str) -> set[str]:
        """`column` of the table's quarantined rows."""
        folder = self.house.data / "restricted" / "quarantine" / table
        rows = [pl.read_parquet(p, columns=[column])[column] for p in sorted(folder.glob("*.parquet"))]
        return {str(value) for part in rows for value in part}

    def faulty(self, check: str, key: str) -> set[int]:
        found = {f.check: f.rows for f in faults(self.evidence)}[check]
        return set(found[key].drop_nulls()) if found is not None else set()


Found = Callable[[Night], set[str]]


def refused(table: str, column: str) -> Found:
    return lambda night: night.refused(table, column)


def faulty(check: str, entity: str) -> Found:
    """The source's numbers of those whose key is among the faulty."""

    def found(night: Night) -> set[str]:
        keys = night.faulty(check, f"{entity}_key")
        return {source for (kind, source), key in night.key.items() if kind == entity and key in keys}

    return found


def late(night: Night) -> set[str]:
    told = seen(night.evidence).filter(
        (pl.col("column") == "nir_exit") & pl.col("late").fill_null(False) & pl.col("delay").is_not_null()
    )
    return sources(night, "programme", set(told["unit"]))


def never_registered(night: Night) -> set[str]:
    rows = pl.read_parquet(night.house.data / "core" / "result" / "*.parquet", hive_partitioning=False)
    unknown = rows.filter(
        pl.col("nir_exit").is_in(list(codes.NIR_EXIT.unknown)) | pl.col("nir_exit").is_null()
    )
    return sources(night, "programme", set(unknown["programme_key"]))


def with_leave(night: Night) -> set[str]:
    """Programmes of persons with any leave that the law lets a programme be prolonged by."""
    core = night.house.data / "core"
    absence = pl.read_parquet(core / "absence" / "*.parquet", hive_partitioning=False)
    leave = pl.read_parquet(core / "nir_leave" / "*.parquet", hive_partitioning=False)
    programmes = pl.read_parquet(core / "programme" / "*.parquet", hive_partitioning=False)
    away = absence.filter(pl.col("absence_cause").is_in(LEAVE_CAUSES))["programme_key"]
    known = pl.col("programme_key").is_in(away.implode()) | pl.col("person_key").is_in(
        leave["person_key"].implode()
    )
    return sources(night, "programme", set(programmes.filter(known)["programme_key"]))


def first_of_january(night: Night) -> set[str]:
    rows = pl.read_parquet(night.house.data / "core" / "person" / "*.parquet", hive_partitioning=False)
    born = pl.col("birth_date").dt
    return sources(night, "person", set(rows.filter((born.day() == 1) & (born.month() == 1))["person_key"]))


def in_texts(night: Night) -> set[str]:
    rows = told_of_person(night.evidence, "background", "occupation")
    return {str(person) for person in rows["person_id"]}


def unusable_numbers(night: Night) -> set[str]:
    """Records with a number that the spine could not take for anybody's."""
    spine = pl.read_parquet(night.house.data / "restricted" / "spine.parquet")
    return {str(p) for p in spine.filter(pl.col("status") != "linked")["person_id"]}


def sources(night: Night, entity: str, keys: set[int]) -> set[str]:
    return {source for (kind, source), key in night.key.items() if kind == entity and key in keys}


# Pattern and table -> what finds it. A pattern of identity is found by the spine (`test_truth.py`), one of a
# delivered file is read back by `test_deliveries.py` and its kin.
FOUND_BY: dict[tuple[str, str], Found] = {
    ("activity_without_programme", "activity"): refused("activity", "activity_id"),
    ("own_activity_code", "activity"): refused("activity", "activity_id"),
    ("mixed_activity_codes", "activity"): refused("activity", "activity_id"),
    ("impossible_date", "settlement"): refused("settlement", "person_id"),
    ("impossible_date", "grant_claim"): refused("grant_claim", "claim_id"),
    ("impossible_date", "programme"): refused("programme", "programme_id"),
    ("overlapping_programme", "programme"): faulty("overlapping_programmes", "programme"),
    ("longer_than_three_years", "programme"): faulty("too_long", "programme"),
    ("duplicate_case", "case"): faulty("duplicate_case", "case"),
    ("claim_without_settlement", "settlement"): faulty("claim_without_settlement", "person"),
    ("participant_without_claim", "person"): faulty("participant_without_claim", "person"),
    ("sex_against_number", "person"): faulty("sex_against_number", "person"),
    ("spouse_mismatch", "family"): faulty("one_sided_spouse", "person"),
    ("exit_registered_late", "result"): late,
    ("exit_never_registered", "result"): never_registered,
    ("first_of_january", "person"): first_of_january,
    ("person_in_occupation", "background"): in_texts,
    ("wrong_check", "identifier"): unusable_numbers,
    ("dummy_identifier", "identifier"): unusable_numbers,
}
# A move is no fault; what became of it is told by `programme_chain`.
NO_DEFECT = {("moved_bydel", "case"), ("programme_split_by_move", "programme")}
OF_IDENTITY = {
    (pattern, "identifier")
    for pattern in (
        "d_number_then_fnr", "number_changed", "only_duf", "relative_number", "shared_d_number",
        "shared_identifier",
    )
} | {("registered_twice", "person")}  # fmt: skip
# One or none in so small a place; `test_quality_checks.py` plants them by hand.
RARE = {
    "spouse_mismatch", "person_in_occupation", "mixed_activity_codes", "longer_than_three_years",
    "activity_without_programme",
}  # fmt: skip
NEVER_READ = {("names_in_notes", "note")}
OF_DELIVERIES = ("nir_", "population_status", "municipal_indicator")
CHECK_OF = {  # the flag that the pattern as a whole raises
    "own_activity_code": "text_for_code",
    "impossible_date": "held_back",
    "overlapping_programme": "overlapping_programmes",
    "longer_than_three_years": "too_long",
    "duplicate_case": "duplicate_case",
    "claim_without_settlement": "claim_without_settlement",
    "participant_without_claim": "participant_without_claim",
    "sex_against_number": "sex_against_number",
    "exit_registered_late": "registration_delay",
    "first_of_january": "first_of_january",
}


@pytest.fixture(scope="module")
def night(a_night: House) -> Night:
    return Night(a_night)


def test_every_planted_pattern_has_a_rule_meant_for_it(night: Night) -> None:
    planted = set(night.planted.select("pattern", "table").unique().rows())
    delivered = {(p, t) for p, t in planted if t.startswith(OF_DELIVERIES)}
    assert planted - delivered <= set(FOUND_BY) | NO_DEFECT | OF_IDENTITY | NEVER_READ


@pytest.mark.parametrize(("pattern", "table"), FOUND_BY, ids=lambda v: v)
def test_a_planted_defect_is_found_by_the_rule_meant_for_it(night: Night, pattern: str, table: str) -> None:
    planted = [key for key in night.of(pattern, table) if is_counted(night, table, key)]
    if pattern == "longer_than_three_years":  # leave makes a long programme lawful
        planted = sorted(set(planted) - with_leave(night))
    if not planted:
        assert pattern in RARE
        return
    found = FOUND_BY[pattern, table](night)
    recall = sum(key in found for key in planted) / len(planted)
    assert recall >= RECALL, f"{recall:.3f} of {len(planted)}"


def is_counted(night: Night, table: str, key: str) -> bool:
    """Whether the person behind a planted row is one whom the measurement may count, where that is known."""
    if table in ("person", "settlement", "family"):
        known = night.key.get(("person", key))
        return known is None or known in night.counted
    if table in ("programme", "result"):
        programme = night.key.get(("programme", key))
        return programme is None or programme in night.programmes_counted
    if table == "case":
        case = night.key.get(("case", key))
        return case is None or case in night.cases_counted
    return True


@pytest.mark.parametrize(("pattern", "check"), CHECK_OF.items(), ids=lambda v: v)
def test_the_pattern_raises_its_flag(night: Night, pattern: str, check: str) -> None:
    failed = make_assessment(night.house.settings, AS_OF).results.filter(pl.col("status") == FAILED)
    assert check in set(failed["check"])


# --- nothing planted, nothing found ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def promised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    house = House(tmp_path_factory.mktemp("promised") / "data")
    synthesise(house.data / "world", persons=2000, errors=0, promised=True)
    for path in (house.data / "world" / "deliveries").glob("ameld_*"):
        if "_m11." not in path.name:
            path.unlink()
    create_master(house.data / "keys", demo=True)
    done = house.uttrekk("run")
    assert done.returncode == 0, done.stdout + done.stderr
    yield Night(house)
    shutil.rmtree(house.data)


def test_where_every_field_keeps_its_promise_and_nothing_is_wrong_nothing_is_found(promised: Night) -> None:
    found = make_assessment(promised.house.settings, AS_OF).results.filter(pl.col("status") == FAILED)
    by_flag = dict(found.group_by("flag").len().rows())
    measured = make_assessment(promised.house.settings, AS_OF).results
    known = found.filter(
        # The invented NIR draws its measures without the case system's activities: they differ in truth.
        (pl.col("against") == "activity_differs").fill_null(False)
        # Some programmes are longer than the law allows in any world, and on the list of what was planted.
        | ((pl.col("check") == "too_long") & ("longer_than_three_years" in set(promised.planted["pattern"])))
    )
    assert found.height == known.height, by_flag
    # A rule that no row broke is no result: every other flag was asked for.
    assert set(codes.QUALITY_FLAG.values()) - set(measured["flag"]) <= {"invalid"}
