"""Who may not be used: every reason against every kind of output, and the operator's list."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import tables
from pipeline.core import core_model
from pipeline.errors import SettingWrong
from pipeline.identity.ledger import empty, mint
from pipeline.identity.spine import spine
from pipeline.identity.usable import (
    NOT_PROTECTED,
    POLICY,
    WITHDRAWALS_FILE,
    OutputKind,
    Reason,
    policy,
    read_withdrawals,
    unmatched_withdrawals,
    unusable,
    update_unusable,
    usable_persons,
)
from schemas import codes
from schemas.case_system import Identifier, Person
from schemas.variable import Entity
from tests.factories import AS_OF, an_identifier, frame_of, settings_at

FNR = an_identifier(1)
LEDGER = mint(empty(), Entity.PERSON, pl.Series([10, 20, 30]))  # keys 1, 2, 3
NOBODY = pl.DataFrame(schema={"identifier": pl.String, "withdrawn_on": pl.Date})


def persons(*rows: dict[str, Any]) -> pl.DataFrame:
    usual = {"research_reservation": False, "protection": NOT_PROTECTED}
    return frame_of(core_model(Person), *(usual | {"person_key": i} | r for i, r in enumerate(rows, 1)))


def identified(*rows: tuple[int, str]) -> pl.DataFrame:
    """A spine: pairs of a case-system number and an identifier."""
    known = frame_of(Person, *({"person_id": p} for p in (10, 20, 30)))
    return spine(frame_of(Identifier, *({"person_id": p, "identifier": i} for p, i in rows)), known)


def withdrawn(*rows: tuple[str, date]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=NOBODY.schema, orient="row")


def reasons(
    person: pl.DataFrame,
    withdrawals: pl.DataFrame = NOBODY,
    ids: pl.DataFrame | None = None,
    as_of: date = AS_OF,
) -> list[tuple[int, str]]:
    return unusable(person, withdrawals, identified() if ids is None else ids, LEDGER, as_of).rows()


# --- policy ---------------------------------------------------------------------------------------------


def test_every_reason_has_one_row_for_every_kind_of_output() -> None:
    pairs = [(row.reason, row.output) for row in POLICY]
    assert sorted(pairs) == sorted((r, o) for r in Reason for o in OutputKind)


def test_a_pair_without_a_row_is_an_error_and_not_a_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.identity.usable.POLICY", POLICY[1:])
    with pytest.raises(ValueError, match="unpack"):
        policy(POLICY[0].reason, POLICY[0].output)


@pytest.mark.parametrize("row", POLICY, ids=lambda row: f"{row.reason}-{row.output}")
def test_every_row_names_its_legal_source_in_both_languages(row: Any) -> None:
    assert len(row.source_nb) > 20
    assert len(row.source_en) > 20
    assert row.evidence


@pytest.mark.parametrize(
    ("reason", "allowed"),
    [
        (Reason.RESERVED_RESEARCH, {OutputKind.QUALITY_REPORT}),
        (Reason.PROTECTED_IDENTITY, set()),
        (Reason.WITHDRAWN, set()),
    ],
)
def test_what_each_reason_allows(reason: Reason, allowed: set[OutputKind]) -> None:
    assert {output for output in OutputKind if policy(reason, output).allowed} == allowed


# --- reasons --------------------------------------------------------------------------------------------


def test_a_reservation_and_each_graded_address_is_a_reason() -> None:
    graded = [code for code in codes.PROTECTION.values() if code != NOT_PROTECTED]
    assert (len(graded), NOT_PROTECTED in codes.PROTECTION.values()) == (2, True)
    found = reasons(persons({"research_reservation": True}, *({"protection": g} for g in graded), {}))
    assert found == [(1, "reserved_research"), (2, "protected_identity"), (3, "protected_identity")]


def test_a_blank_was_not_asked_and_is_no_reason() -> None:
    assert reasons(persons({"research_reservation": None, "protection": None})) == []


def test_a_person_may_have_several_reasons() -> None:
    row = {"research_reservation": True, "protection": "7"}
    assert reasons(persons(row), withdrawn((FNR, AS_OF)), identified((10, FNR))) == [
        (1, "protected_identity"),
        (1, "reserved_research"),
        (1, "withdrawn"),
    ]


@pytest.mark.parametrize(("days", "applies"), [(1, False), (0, True), (-1, True)])
def test_a_withdrawal_applies_from_its_day(days: int, applies: bool) -> None:
    listed = withdrawn((FNR, AS_OF + timedelta(days=days)))
    found = reasons(persons({}, {}), listed, identified((20, FNR)))
    assert found == ([(2, "withdrawn")] if applies else [])


def test_a_withdrawal_by_any_identifier_ever_held_counts() -> None:
    old = an_identifier(5, days=40)
    found = reasons(persons({}, {}), withdrawn((old, AS_OF)), identified((20, old), (20, FNR)))
    assert found == [(2, "withdrawn")]


def test_a_withdrawal_by_an_identifier_of_two_persons_is_taken_for_both() -> None:
    found = reasons(persons({}, {}), withdrawn((FNR, AS_OF)), identified((10, FNR), (20, FNR)))
    assert found == [(1, "withdrawn"), (2, "withdrawn")]


def test_a_withdrawal_by_a_number_with_a_wrong_digit_is_taken_where_the_case_system_has_the_same() -> None:
    wrong = f"{FNR[:-1]}{(int(FNR[-1]) + 1) % 10}"
    assert reasons(persons({}), withdrawn((wrong, AS_OF)), identified((10, wrong))) == [(1, "withdrawn")]


def test_a_stand_in_withdraws_nobody_and_is_counted_as_unmatched() -> None:
    stand_in, ids = "01818000100", identified((10, "01818000100"), (20, FNR))
    listed = withdrawn(
        (stand_in, AS_OF), (FNR, AS_OF), (an_identifier(8), AS_OF), (an_identifier(9), date.max)
    )
    assert reasons(persons({}, {}), listed, ids) == [(2, "withdrawn")]
    assert unmatched_withdrawals(listed, ids, AS_OF) == 2


# --- the filter -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", list(OutputKind))
@pytest.mark.parametrize("reason", list(Reason))
def test_the_filter_does_what_the_policy_says(reason: Reason, output: OutputKind) -> None:
    barred = pl.DataFrame({"person_key": [2], "reason": [reason.value]})
    left = usable_persons(pl.DataFrame({"person_key": [3, 2, 1, 3]}), barred, output)
    assert left["person_key"].to_list() == ([1, 2, 3] if policy(reason, output).allowed else [1, 3])


# --- the operator's list --------------------------------------------------------------------------------


def listed(tmp_path: Path, content: bytes) -> pl.DataFrame:
    settings = settings_at(tmp_path)
    (settings.restricted / WITHDRAWALS_FILE).write_bytes(content)
    return read_withdrawals(settings)


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert read_withdrawals(settings_at(tmp_path)).equals(NOBODY)


def test_the_list_is_read_as_people_write_it(tmp_path: Path) -> None:
    content = f"\ufeffidentifier;withdrawn_on\r\n{FNR[:6]} {FNR[6:]};2024-05-01\r\n\r\n{FNR};2024-05-01\r\n"
    assert listed(tmp_path, content.encode()).rows() == [(FNR, date(2024, 5, 1))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "first line"),
        (f"{FNR};2024-05-01\n", "first line"),
        ("identifier,withdrawn_on\n", "first line"),
        (f"identifier;withdrawn_on\n{FNR};01.05.2024\n", "line 2"),
        (f"identifier;withdrawn_on\n{FNR};2024-05-01\n{FNR}\n", "line 3"),
        (f"identifier;withdrawn_on\n{FNR};2024-05-01;x\n", "line 2"),
        ("identifier;withdrawn_on\n ;2024-05-01\n", "line 2"),
        ("identifier;withdrawn_on\nÆ;2024-05-01\n", "UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_to_the_end_stops_the_run(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(SettingWrong, match=said) as caught:
        listed(tmp_path, content.encode("latin-1"))
    assert FNR not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_stored_list_is_written_again_only_when_it_changes(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)

    def stored(name: str, frame: pl.DataFrame) -> tables.Stored:
        return tables.write(settings.restricted, name, frame, key="k")

    inputs = (stored("p", persons({}, {})), stored("s", identified((20, FNR))), stored("l", LEDGER))
    first = update_unusable(settings, *inputs, AS_OF)
    stamp = first.path.stat().st_mtime_ns
    assert update_unusable(settings, *inputs, AS_OF) == first
    assert (first.rows, first.path.stat().st_mtime_ns) == (0, stamp)
    (settings.restricted / WITHDRAWALS_FILE).write_text(f"identifier;withdrawn_on\n{FNR};2024-05-01\n")
    assert tables.read(update_unusable(settings, *inputs, AS_OF)).rows() == [(2, "withdrawn")]
