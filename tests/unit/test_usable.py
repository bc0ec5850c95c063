"""Who may not be used: every reason against every kind of output, and the operator's list."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import cli, tables
from pipeline.config import QUARANTINE
from pipeline.core import core_model
from pipeline.errors import SettingWrong
from pipeline.identity.spine import spine
from pipeline.identity.spine.ledger import empty, mint
from pipeline.identity.usable import (
    POLICY,
    OutputKind,
    Reason,
    policy,
    records,
    stored_unusable,
    unmatched,
    unmatched_withdrawals,
    unusable,
    update_unusable,
    usable_persons,
)
from pipeline.identity.withdrawals import (
    APPLIED,
    BOUND,
    WITHDRAWALS_FILE,
    WITHDRAWALS_SCHEMA,
    read_withdrawals,
)
from pipeline.night.memory import steady_figure
from pipeline.validate.rows import as_quarantined
from schemas import codes
from schemas.case_system import Identifier, Person
from schemas.codes.person import NOT_PROTECTED
from schemas.variable import Entity, Table, table_name
from tests.factories import AS_OF, an_identifier, frame_of, settings_at

FNR = an_identifier(1)
LEDGER = mint(empty(), Entity.PERSON, pl.Series([10, 20, 30]))  # keys 1, 2, 3
NOBODY = pl.DataFrame(schema=WITHDRAWALS_SCHEMA)


def persons(*rows: dict[str, Any]) -> pl.DataFrame:
    usual = {"research_reservation": False, "protection": NOT_PROTECTED}
    return frame_of(core_model(Person), *(usual | {"person_key": i} | r for i, r in enumerate(rows, 1)))


def identified(*rows: tuple[int, str]) -> pl.DataFrame:
    """A spine: pairs of a case-system number and an identifier."""
    known = frame_of(Person, *({"person_id": p} for p in (10, 20, 30)))
    return spine(frame_of(Identifier, *({"person_id": p, "identifier": i} for p, i in rows)), known)


def withdrawn(*rows: tuple[str, date] | tuple[str, date, date]) -> pl.DataFrame:
    return pl.DataFrame([(*row, None)[:3] for row in rows], schema=NOBODY.schema, orient="row")


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
        (Reason.PROTECTED_IDENTITY, {OutputKind.NATIONAL_TABLES}),
        (Reason.PROTECTION_UNKNOWN, {OutputKind.QUALITY_REPORT, OutputKind.NATIONAL_TABLES}),
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


def test_a_blank_reservation_was_not_asked_and_is_no_reason() -> None:
    assert reasons(persons({"research_reservation": None})) == []


def test_a_blank_protection_is_a_reason_because_the_address_may_be_graded() -> None:
    assert reasons(persons({}, {"protection": None})) == [(2, "protection_unknown")]


def test_a_person_may_have_several_reasons() -> None:
    row = {"research_reservation": True, "protection": "7"}
    assert reasons(persons(row), withdrawn((FNR, AS_OF)), identified((10, FNR))) == [
        (1, "protected_identity"),
        (1, "reserved_research"),
        (1, "withdrawn"),
    ]


@pytest.mark.parametrize("days", [-1, 0, 1, 400])
def test_a_withdrawal_binds_what_is_made_now_of_whatever_night(days: int) -> None:
    made_of = withdrawn((FNR, AS_OF + timedelta(days=days)))
    assert reasons(persons({}, {}), made_of, identified((20, FNR))) == [(2, "withdrawn")]


def test_a_withdrawal_by_any_identifier_ever_held_counts() -> None:
    old = an_identifier(5, days=40)
    found = reasons(persons({}, {}), withdrawn((old, AS_OF)), identified((20, old), (20, FNR)))
    assert found == [(2, "withdrawn")]


def test_a_withdrawal_by_an_identifier_of_two_persons_is_taken_for_both() -> None:
    found = reasons(persons({}, {}), withdrawn((FNR, AS_OF)), identified((10, FNR), (20, FNR)))
    assert found == [(1, "withdrawn"), (2, "withdrawn")]


def test_a_stand_in_withdraws_nobody_and_is_counted_as_unmatched() -> None:
    stand_in, ids = "01818000100", identified((10, "01818000100"), (20, FNR))
    listed = withdrawn(
        (stand_in, AS_OF), (FNR, AS_OF), (an_identifier(8), AS_OF), (an_identifier(9), date.max)
    )
    assert reasons(persons({}, {}), listed, ids) == [(2, "withdrawn")]
    assert unmatched_withdrawals(listed, ids) == 3


# --- over time ------------------------------------------------------------------------------------------

ENDED = date(2024, 9, 1)


@pytest.mark.parametrize(("days", "bound"), [(-400, True), (-1, True), (0, False), (1, False)])
def test_a_withdrawal_taken_back_binds_no_night_from_that_day_on(days: int, bound: bool) -> None:
    listed = withdrawn((FNR, date(2024, 5, 1), ENDED))
    found = reasons(persons({}, {}), listed, identified((20, FNR)), ENDED + timedelta(days=days))
    assert found == ([(2, "withdrawn")] if bound else [])


def test_a_second_withdrawal_binds_whatever_became_of_the_first() -> None:
    listed = withdrawn((FNR, date(2023, 5, 1), ENDED), (FNR, date(2026, 1, 1)))
    for as_of in (date(2023, 6, 1), AS_OF, date(2026, 6, 1)):
        assert reasons(persons({}, {}), listed, identified((20, FNR)), as_of) == [(2, "withdrawn")]


def test_an_end_for_one_of_a_persons_identifiers_does_not_end_it_for_another() -> None:
    old = an_identifier(5, days=40)
    listed = withdrawn((old, date(2024, 5, 1), ENDED), (FNR, date(2024, 5, 1)))
    assert reasons(persons({}, {}), listed, identified((20, old), (20, FNR))) == [(2, "withdrawn")]


# --- several records of one person ----------------------------------------------------------------------

# Records 10 and 20 of the case system are one person, whose key is 1; record 30 is another's.
MERGED = LEDGER.with_columns(key=pl.when(pl.col("source_key") == "20").then(1).otherwise("key"))


def merged(*rows: dict[str, Any], listed: pl.DataFrame = NOBODY) -> list[tuple[int, str]]:
    usual = {"research_reservation": False, "protection": NOT_PROTECTED}
    said = frame_of(Person, *(usual | {"person_id": i * 10} | r for i, r in enumerate(rows, 1)))
    ids = identified((10, FNR), (20, an_identifier(2)), (30, an_identifier(3)))
    return unusable(records(said, MERGED), listed, ids, MERGED, AS_OF).rows()


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"protection": "7"}, "protected_identity"),
        ({"protection": None}, "protection_unknown"),
        ({"research_reservation": True}, "reserved_research"),
    ],
)
def test_what_any_record_of_a_person_says_binds_the_person(
    at: int, said: dict[str, Any], reason: str
) -> None:
    rows: list[dict[str, Any]] = [{}, {}, {}]
    rows[at] = said
    assert merged(*rows) == [(1, reason)]


@pytest.mark.parametrize("number", [1, 2])
def test_a_withdrawal_by_an_identifier_of_any_record_binds_the_person(number: int) -> None:
    listed = withdrawn((an_identifier(number), AS_OF))
    assert merged({}, {}, {}, listed=listed) == [(1, "withdrawn")]


def test_a_record_that_the_ledger_does_not_know_is_nobodys() -> None:
    assert records(frame_of(Person, {"person_id": 40, "protection": "7"}), MERGED).height == 0


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


def test_no_file_is_an_empty_list_where_there_has_never_been_one(tmp_path: Path) -> None:
    assert read_withdrawals(settings_at(tmp_path)).equals(NOBODY)


def test_the_list_is_read_as_people_write_it(tmp_path: Path) -> None:
    content = f"\ufeffidentifier;withdrawn_on\r\n{FNR[:6]} {FNR[6:]};2024-05-01\r\n\r\n{FNR};2024-05-01\r\n"
    assert listed(tmp_path, content.encode()).rows() == [(FNR, date(2024, 5, 1), None)]


def test_the_list_may_say_when_a_withdrawal_was_taken_back(tmp_path: Path) -> None:
    other = an_identifier(2)
    content = (
        f"identifier;withdrawn_on;ended_on\n{FNR};2024-05-01;2024-09-01\n"
        f"{FNR};2025-01-01;\n{other};2024-05-01; \n{other};2024-06-01\n"
    )
    assert listed(tmp_path, content.encode()).rows() == [
        (FNR, date(2024, 5, 1), date(2024, 9, 1)),
        (FNR, date(2025, 1, 1), None),
        (other, date(2024, 5, 1), None),
        (other, date(2024, 6, 1), None),
    ]


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
        (f"identifier;withdrawn_on\n{FNR};20240501\n", "line 2"),
        (f"identifier;withdrawn_on\n{FNR};2024-W18-3\n", "line 2"),
        (f"identifier;withdrawn_on\n{FNR};2024-02-30\n", "line 2"),
        (f"identifier;withdrawn_on\n\n{FNR[:-1]}{(int(FNR[-1]) + 1) % 10};2024-05-01\n", "line 3 can be no"),
        ("identifier;withdrawn_on\n01818000100;2024-05-01\n", "line 2 can be nobody"),
        (f'identifier;withdrawn_on\n"{FNR}";2024-05-01\n', "line 2"),
        ("identifier;withdrawn_on;ended\n", "first line"),
        (f"identifier;withdrawn_on;ended_on\n{FNR};2024-05-01;soon\n", "line 2"),
        (f"identifier;withdrawn_on;ended_on\n{FNR};2024-05-01;2024-04-30\n", "line 2 ends before it begins"),
        (f"identifier;withdrawn_on;ended_on\n{FNR};2024-05-01;;\n", "line 2"),
        (f"identifier;withdrawn_on;ended_on\n{FNR}\n", "line 2"),
        (f'identifier;withdrawn_on\n{FNR};"2024-\n05-01"\n', "line 2"),
    ],
)
def test_a_list_that_cannot_be_read_to_the_end_stops_the_run(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(SettingWrong, match=said) as caught:
        listed(tmp_path, content.encode("latin-1"))
    assert FNR not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_link_or_a_folder_is_no_list(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    path, real = settings.restricted / WITHDRAWALS_FILE, settings.restricted / "real.csv"
    path.symlink_to(real)
    for _ in range(2):  # first it points nowhere, then at a list
        with pytest.raises(SettingWrong, match="not a plain file"):
            read_withdrawals(settings)
        real.write_text("identifier;withdrawn_on\n")
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingWrong, match="not a plain file"):
        read_withdrawals(settings)


@pytest.mark.parametrize("name", ["Withdrawals.csv", "withdrawals.csv.txt", "withdrawal.csv"])
def test_a_list_under_another_name_is_not_taken_for_none(tmp_path: Path, name: str) -> None:
    settings = settings_at(tmp_path)
    (settings.restricted / name).write_text("identifier;withdrawn_on\n")
    with pytest.raises(SettingWrong, match="another name"):
        read_withdrawals(settings)
    (settings.restricted / WITHDRAWALS_FILE).write_text("identifier;withdrawn_on\n")
    assert read_withdrawals(settings).height == 0  # a copy beside the list


class House:
    """A data root where persons 1 and 2 hold an identifier each, and the operator's list."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_at(folder)
        ids = identified((20, FNR), (10, an_identifier(2)))
        self.spine = self._stored("s", ids)
        two = frame_of(Person, *({"person_id": i, "protection": NOT_PROTECTED} for i in (10, 20)))
        self.inputs = (self._stored("p", two), self.spine, self._stored("l", LEDGER))

    def _stored(self, name: str, frame: pl.DataFrame) -> tables.Stored:
        return tables.write(self.settings.restricted, name, frame, key="k")

    def write(self, *lines: str, header: str = "identifier;withdrawn_on") -> None:
        content = "".join(f"{line}\n" for line in (header, *lines))
        (self.settings.restricted / WITHDRAWALS_FILE).write_text(content)

    def identify(self, *rows: tuple[int, str], called: str = "FNR") -> None:
        """What the passed rows of tonight say."""
        known = frame_of(Person, *({"person_id": p} for p in (10, 20)))
        told = ({"person_id": p, "identifier": i, "identifier_type": called} for p, i in rows)
        self.spine = self._stored("s", spine(frame_of(Identifier, *told), known))
        self.inputs = (self.inputs[0], self.spine, self.inputs[2])

    def set_aside(self, table: type[Table], *rows: dict[str, Any]) -> None:
        """What the quarantined rows of tonight hold."""
        name = table_name(table)
        folder = self.settings.restricted / QUARANTINE / name
        tables.write(folder, name, as_quarantined(table, frame_of(table, *rows)), key="k")

    def update(self, as_of: date = AS_OF) -> tables.Stored:
        return update_unusable(self.settings, *self.inputs, as_of)


def test_the_stored_list_is_written_again_only_when_it_changes(tmp_path: Path) -> None:
    house = House(tmp_path)
    first = house.update()
    stamp = first.path.stat().st_mtime_ns
    assert house.update() == first
    assert (first.rows, first.path.stat().st_mtime_ns) == (0, stamp)
    house.write(f"{FNR};2024-05-01")
    assert tables.read(house.update()).rows() == [(2, "withdrawn")]


def test_a_list_made_for_another_night_is_not_used(tmp_path: Path) -> None:
    """Whoever took a withdrawal back may be used in one night and not in the other."""
    house = House(tmp_path)
    for missing in (AS_OF, ENDED):
        with pytest.raises(SettingWrong, match=f"has not been told for {missing}"):
            stored_unusable(house.settings, missing)
    made = house.update(AS_OF)
    assert stored_unusable(house.settings, AS_OF) == made
    with pytest.raises(SettingWrong, match=f"has not been told for {ENDED}"):
        stored_unusable(house.settings, ENDED)


def test_a_withdrawal_that_has_bound_cannot_be_lost_from_the_list(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write(f"{FNR};2024-05-01")
    house.update()
    house.write(f"{an_identifier(2)};2024-05-01")
    for _ in range(2):  # first the line is gone, then the file
        with pytest.raises(
            SettingWrong, match=r"not on the list any more\..*remove restricted/withdrawn\."
        ) as e:
            house.update()
        assert FNR not in str(e.value)
        (house.settings.restricted / WITHDRAWALS_FILE).unlink(missing_ok=True)
    (house.settings.restricted / f"{APPLIED}.parquet").unlink()
    assert house.update().rows == 0


def test_the_lines_that_have_bound_are_only_added_to(tmp_path: Path) -> None:
    house = House(tmp_path)
    first, second = f"{FNR};2024-05-01", f"{an_identifier(2)};2023-05-01"
    house.write(first)
    house.update()
    house.write(second, first.replace("05-01", "06-01"))  # a date put right is another line
    assert house.update().rows == 2
    noted = pl.read_parquet(house.settings.restricted / f"{APPLIED}.parquet")
    assert noted["identifier"].to_list() == [FNR, FNR, an_identifier(2)]


WITH_ENDS = "identifier;withdrawn_on;ended_on"


def test_the_night_decides_whether_a_withdrawal_that_was_taken_back_binds(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write(f"{FNR};2024-05-01;2024-09-01", header=WITH_ENDS)
    assert [house.update(day).rows for day in (date(2024, 8, 31), ENDED, AS_OF)] == [1, 0, 0]


def test_a_line_that_has_bound_may_be_ended_and_begin_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    line = f"{FNR};2024-05-01"
    house.write(line)
    assert house.update().rows == 1
    house.write(f"{line};2024-09-01", header=WITH_ENDS)
    assert house.update().rows == 0
    house.write(line)  # the end was a mistake
    assert house.update().rows == 1
    noted = pl.read_parquet(house.settings.restricted / f"{APPLIED}.parquet")
    assert noted["ended_on"].to_list() == [None, ENDED]


def test_an_ended_line_is_no_excuse_for_another_that_is_gone(tmp_path: Path) -> None:
    house = House(tmp_path)
    ended, binding = f"{FNR};2023-05-01;2023-09-01", f"{FNR};2024-05-01;"
    house.write(ended, binding, header=WITH_ENDS)
    assert house.update().rows == 1
    house.write(ended, header=WITH_ENDS)
    with pytest.raises(SettingWrong, match=r"not on the list any more.*ended_on"):
        house.update()
    house.write(binding, header=WITH_ENDS)  # the line that binds stands for the other
    assert house.update().rows == 1


def test_lines_applied_before_there_were_ends_still_count(tmp_path: Path) -> None:
    house = House(tmp_path)
    old = pl.DataFrame({"identifier": [FNR], "withdrawn_on": [date(2024, 5, 1)]})
    tables.write(house.settings.restricted, APPLIED, old, key="k")
    house.write(header="identifier;withdrawn_on")
    with pytest.raises(SettingWrong, match="not on the list any more"):
        house.update()
    house.write(f"{FNR};2024-05-01;2024-09-01", header=WITH_ENDS)
    assert house.update().rows == 0


def test_a_withdrawal_of_somebody_unknown_is_counted(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert unmatched(house.settings, house.spine, house.inputs[0]) == 0
    house.write(*(f"{i};2024-05-01" for i in (FNR, an_identifier(8), an_identifier(9, days=40))))
    assert unmatched(house.settings, house.spine, house.inputs[0]) == 2


# --- what the source says later -------------------------------------------------------------------------


def barred(house: House, as_of: date = AS_OF) -> list[tuple[int, str]]:
    return tables.read(house.update(as_of)).rows()


def test_a_withdrawal_binds_by_a_quarantined_row(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.identify()
    house.set_aside(Identifier, {"person_id": 20, "identifier": f"{FNR[:6]} {FNR[6:]}", "evidence": "X"})
    house.write(f"{FNR};2024-05-01")
    assert barred(house) == [(2, "withdrawn")]
    assert unmatched(house.settings, house.spine, house.inputs[0]) == 0


def test_a_withdrawal_binds_whoever_calls_the_number_a_stand_in(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.identify((20, FNR), (10, FNR), called="DUMMY")
    house.write(f"{FNR};2024-05-01")
    assert barred(house) == [(1, "withdrawn"), (2, "withdrawn")]
    assert unmatched(house.settings, house.spine, house.inputs[0]) == 0


def test_a_withdrawal_that_has_bound_binds_where_the_source_forgets_the_number(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write(f"{FNR};2024-05-01")
    assert barred(house) == [(2, "withdrawn")]
    house.identify()
    assert barred(house) == [(2, "withdrawn")]
    assert unmatched(house.settings, house.spine, house.inputs[0]) == 0
    house.write(f"{FNR};2024-05-01;{ENDED}", header=WITH_ENDS)
    assert barred(house, ENDED) == []
    assert barred(house, ENDED - timedelta(days=1)) == [(2, "withdrawn")]


def test_a_line_that_never_bound_and_one_whose_records_are_gone_are_counted(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write(f"{FNR};2024-05-01", f"{an_identifier(8)};2024-05-01")
    barred(house)
    house.identify()
    assert unmatched(house.settings, house.spine, house.inputs[0]) == 1
    ten = frame_of(Person, {"person_id": 10, "protection": NOT_PROTECTED})
    gone = tables.write(house.settings.restricted, "p", ten, key="k")
    assert unmatched(house.settings, house.spine, gone) == 2
    house.set_aside(Person, {"person_id": 20})  # quarantined tonight, not gone
    assert unmatched(house.settings, house.spine, gone) == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_how_many_withdrawals_name_nobody_is_told_as_any_small_count_is(tmp_path: Path, count: int) -> None:
    figure = steady_figure(settings_at(tmp_path), date(2025, 3, 1), "withdrawals/unmatched", count)
    said = "Withdrawals that name nobody the case system knows: < 9. Check the list."
    assert cli._unmatched(figure) == said


def test_all_records_of_the_person_are_noted_and_stay_bound_when_they_part(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.inputs = (*house.inputs[:2], house._stored("m", MERGED))
    house.write(f"{FNR};2024-05-01")
    assert barred(house) == [(1, "withdrawn")]
    house.inputs = (*house.inputs[:2], house._stored("l", LEDGER))
    assert barred(house) == [(1, "withdrawn"), (2, "withdrawn")]
    noted = pl.read_parquet(house.settings.restricted / f"{BOUND}.parquet")
    assert noted.rows() == [(FNR, "10"), (FNR, "20")]


def test_a_line_taken_out_on_purpose_binds_nobody_any_more(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write(f"{FNR};2024-05-01")
    barred(house)
    house.write()
    (house.settings.restricted / f"{APPLIED}.parquet").unlink()
    assert barred(house) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"protection": "7"}, "protected_identity"),
        ({"protection": "8"}, "protected_identity"),  # of no code list
        ({"protection": None}, "protection_unknown"),
        ({"research_reservation": True}, "reserved_research"),
    ],
)
def test_what_a_quarantined_record_says_binds_its_person(
    tmp_path: Path, said: dict[str, Any], reason: str
) -> None:
    house = House(tmp_path)
    house.set_aside(Person, {"protection": NOT_PROTECTED} | said | {"person_id": 30})  # of an earlier night
    assert barred(house) == [(3, reason)]
