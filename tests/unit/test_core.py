"""From restricted to core: which keys rows get, and where rows without a person go."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import tables
from pipeline.core import CoreTable, Unlinked, core_model, core_tables, lookups, to_core
from pipeline.errors import TableRejected
from pipeline.identity.spine import SPINE_SCHEMA, spine
from pipeline.identity.spine.ledger import LEDGER_SCHEMA, empty, mint
from schemas.case_system import Case, Identifier, Person
from schemas.case_system.programme import Activity
from schemas.case_system.settlement import ResidencePermit
from schemas.registers import EmploymentMonthly, NirParticipant
from schemas.registers.welfare import SocialAssistance
from schemas.variable import Entity, Table, facts, fingerprint, polars_schema
from tests.factories import a_duf, an_identifier, frame_of, settings_at

FNR, OLD, SHARED = an_identifier(1), an_identifier(1, days=40), an_identifier(2)
DOUBTFUL = an_identifier(5, days=40), an_identifier(6, days=40)  # two D-numbers on one record
WRONG = f"{FNR[:-1]}{(int(FNR[-1]) + 1) % 10}"
STAND_IN = "01818000100"


def ledger() -> pl.DataFrame:
    keys: dict[Entity, list[Any]] = {
        Entity.PERSON: [10, 20, 30],
        Entity.CASE: ["A", "B"],
        Entity.PROGRAMME: [1],
        Entity.ACTIVITY: [1],
    }
    made = empty()
    for entity, source in keys.items():
        made = mint(made, entity, pl.Series(source))
    return made


def ids() -> pl.DataFrame:
    rows = [(10, FNR), (10, OLD), (20, a_duf(1)), (20, SHARED), (30, SHARED), (20, WRONG), (20, STAND_IN)]
    rows += [(30, number) for number in DOUBTFUL]
    unlike = {"person_id": 30, "birth_date": date(1990, 1, 1)}
    known = frame_of(Person, {"person_id": 10}, {"person_id": 20}, unlike)
    return spine(frame_of(Identifier, *({"person_id": p, "identifier": i} for p, i in rows)), known)


def cored(table: type[Table], *rows: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    result = to_core(table, frame_of(table, *rows), lookups(ledger(), ids()))
    assert result.core.height + result.unlinked.height == len(rows)
    return result.core, result.unlinked


def test_own_keys_become_ledger_keys_and_dropped_columns_are_gone() -> None:
    core, _ = cored(
        Case,
        {"case_id": "B", "person_id": 20, "transferred_from_case_id": "A", "opened_on": date(2015, 1, 1)},
        {"case_id": "A", "person_id": 10, "transferred_from_case_id": None},
    )
    assert core.select("person_key", "case_key", "transferred_from_case_key").rows() == [
        (1, 1, None),
        (2, 2, 1),
    ]
    assert core.schema == pl.Schema(polars_schema(core_model(Case)))
    assert "case_worker_id" not in core.columns


def test_a_key_to_another_person_is_rekeyed_too() -> None:
    core, _ = cored(ResidencePermit, {"person_id": 10, "reference_person_id": 20})
    assert core.select("person_key", "reference_person_key").rows() == [(1, 2)]


def test_an_own_key_that_the_ledger_lacks_stops_the_table_without_telling_it() -> None:
    with pytest.raises(TableRejected, match=r"case\.person_id") as caught:
        cored(Case, {"case_id": "A", "person_id": 987654})
    assert "987654" not in str(caught.value)


@pytest.mark.parametrize("written", [FNR, OLD, f"{FNR[:6]} {FNR[6:]}", f"{FNR[:6]}-{FNR[6:]}"])
def test_a_registers_row_finds_its_person_by_any_identifier_however_written(written: str) -> None:
    core, unlinked = cored(EmploymentMonthly, {"person_identifier": written})
    assert (core["person_key"].to_list(), unlinked.height) == ([1], 0)


@pytest.mark.parametrize(
    ("identifier", "reason"),
    [
        (an_identifier(9), Unlinked.NOT_IN_POPULATION),
        (a_duf(9), Unlinked.NOT_IN_POPULATION),
        (SHARED, Unlinked.AMBIGUOUS),
        (DOUBTFUL[0], Unlinked.REVIEW),
        (WRONG, Unlinked.INVALID),  # though the case system has the same wrong number
        ("12345", Unlinked.INVALID),
        (STAND_IN, Unlinked.DUMMY),
        ("02818000200", Unlinked.DUMMY),
    ],
)
def test_a_row_without_a_person_is_set_aside_with_the_reason(identifier: str, reason: Unlinked) -> None:
    core, unlinked = cored(EmploymentMonthly, {"person_identifier": identifier}, {"person_identifier": FNR})
    assert core["person_key"].to_list() == [1]
    assert unlinked.select("person_identifier", "reason").rows() == [(identifier, reason.value)]


def test_rows_are_sorted_by_person_then_date_then_all_else_whatever_order_they_came_in() -> None:
    rows: list[dict[str, Any]] = [
        {"person_identifier": a_duf(1), "month": date(2015, 1, 1)},
        {"person_identifier": FNR, "month": date(2015, 2, 1), "pay_month_kr": 7},
        {"person_identifier": FNR, "month": date(2015, 2, 1), "pay_month_kr": 5},
        {"person_identifier": OLD, "month": date(2015, 1, 1)},
    ]
    core, _ = cored(EmploymentMonthly, *rows)
    assert core.select("person_key", "month", "pay_month_kr").rows() == [
        (1, date(2015, 1, 1), 0),
        (1, date(2015, 2, 1), 5),
        (1, date(2015, 2, 1), 7),
        (2, date(2015, 1, 1), 0),
    ]
    assert core.equals(cored(EmploymentMonthly, *reversed(rows))[0])


def test_a_table_without_a_person_is_sorted_by_date_then_all_else() -> None:
    core, _ = cored(Activity, {"started_on": date(2016, 1, 1)}, {"started_on": date(2015, 1, 1)})
    assert core["started_on"].to_list() == [date(2015, 1, 1), date(2016, 1, 1)]


# --- registered twice -------------------------------------------------------------------------------------

TWICE = [("10", 1, "mint"), ("20", 2, "mint"), ("30", 3, "mint"), ("20", 1, "merge"), ("30", 1, "merge")]


def cored_twice(table: type[Table], *rows: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What becomes of rows of 10, 20 and 30, who are one person since the ledger's last night."""
    merged = pl.DataFrame(TWICE, schema=["source_key", "key", "event"], orient="row").select(
        pl.lit("person").alias("entity"), "source_key", "key", pl.lit(None, pl.Date).alias("since"), "event"
    )
    result = to_core(table, frame_of(table, *rows), lookups(merged, ids()))
    return result.core, result.unlinked


def test_of_a_person_registered_twice_the_oldest_record_stands_in_core() -> None:
    core, unlinked = cored_twice(
        Person,
        {"person_id": 10, "created_on": date(2016, 1, 1), "mother_tongue": "aaa"},
        {"person_id": 30, "created_on": None, "mother_tongue": "bbb"},  # of no day: the last
        {"person_id": 20, "created_on": date(2014, 1, 1), "mother_tongue": "ccc"},
    )
    assert core.select("person_key", "mother_tongue").rows() == [(1, "ccc")]
    assert unlinked.select("person_id", "reason").rows() == [
        (10, "registered_twice"),
        (30, "registered_twice"),
    ]


def test_of_records_of_one_day_the_lowest_number_stands() -> None:
    rows = [{"person_id": p, "mother_tongue": name} for p, name in ((20, "ccc"), (10, "aaa"))]
    assert cored_twice(Person, *rows)[0]["mother_tongue"].to_list() == ["aaa"]
    assert cored_twice(Person, *reversed(rows))[0]["mother_tongue"].to_list() == ["aaa"]


def test_all_rows_of_another_table_go_to_the_one_person() -> None:
    rows = [{"person_id": p, "reference_person_id": None} for p in (10, 20)]
    core, unlinked = cored_twice(ResidencePermit, *rows)
    assert (core["person_key"].to_list(), unlinked.height) == ([1, 1], 0)


def test_the_date_of_the_table_is_a_column_of_core() -> None:
    for table in (Case, EmploymentMonthly, NirParticipant):
        assert facts(core_model(table)).dated_by in polars_schema(core_model(table))


# --- stored ---------------------------------------------------------------------------------------------


def store(tmp_path: Path, *identifiers: str) -> CoreTable:
    settings = settings_at(tmp_path)
    frame = frame_of(EmploymentMonthly, *({"person_identifier": i} for i in identifiers))
    passed = tables.write(settings.restricted / "passed", "2015-03", frame, key=repr(identifiers))
    who = tables.write(settings.restricted, "spine", ids(), key="s")
    keys = tables.write(settings.restricted, "ledger", ledger(), key="l")
    (made,) = core_tables(settings, EmploymentMonthly, [passed], keys, who)
    return made


def test_core_and_the_rows_set_aside_are_stored_and_counted(tmp_path: Path) -> None:
    made = store(tmp_path, FNR, SHARED, an_identifier(9), an_identifier(8))
    assert (made.core.rows, made.unlinked.rows) == (1, 3)
    assert tables.read(made.unlinked)["reason"].to_list().count("not_in_population") == 2
    assert made.unlinked.path.is_relative_to(tmp_path / "data" / "restricted")
    assert made.core.path == tmp_path / "data" / "core" / "employment_monthly" / "2015-03.parquet"
    assert made.core.schema == fingerprint(core_model(EmploymentMonthly))
    assert tables.read(made.core).height == 1


def test_the_same_part_is_not_made_twice_and_a_lost_half_is(tmp_path: Path) -> None:
    first = store(tmp_path, FNR, SHARED)
    stamp, content = first.core.path.stat().st_mtime_ns, first.core.path.read_bytes()
    assert store(tmp_path, FNR, SHARED) == first
    assert first.core.path.stat().st_mtime_ns == stamp
    first.unlinked.path.unlink()
    assert store(tmp_path, FNR, SHARED) == first
    assert first.core.path.read_bytes() == content


def test_no_identifier_is_in_the_files_of_core(tmp_path: Path) -> None:
    content = store(tmp_path, FNR, SHARED).core.path.read_bytes()
    assert FNR.encode() not in content
    assert b"person_identifier" not in content


@pytest.mark.parametrize(
    ("number", "duf", "found"),
    [
        ("a fnr", "another's", 1),  # the number itself is asked first
        ("a stand-in", "the person's", 2),
        ("a stand-in", None, "dummy"),
        ("a stand-in", "a stranger's", "not_in_population"),
        ("a slip", "the person's", "invalid"),  # a number that is wrong is no stand-in
    ],
)
def test_a_duf_number_says_who_a_stand_in_means(number: str, duf: str | None, found: int | str) -> None:
    numbers = {
        "a fnr": an_identifier(1),
        "a stand-in": an_identifier(1)[:6] + "00200",
        "a slip": "12345678901",
    }
    dufs = {"the person's": a_duf(2), "another's": a_duf(2), "a stranger's": a_duf(3), None: None}
    spine = pl.DataFrame(
        [(an_identifier(1), "FNR", 10, None, "linked"), (a_duf(2), "DUF", 20, None, "linked")],
        schema=SPINE_SCHEMA,
        orient="row",
    )
    ledger = pl.DataFrame(
        [("person", "10", 1, None, "mint"), ("person", "20", 2, None, "mint")],
        schema=LEDGER_SCHEMA,
        orient="row",
    )
    row = pl.DataFrame(
        [{"person_identifier": numbers[number], "duf": dufs[duf]}],
        schema={"person_identifier": pl.String, "duf": pl.String},
    )
    schema = polars_schema(SocialAssistance)
    row = row.with_columns(pl.lit(None, t).alias(n) for n, t in schema.items() if n not in row.columns)

    made = to_core(SocialAssistance, row.select(list(schema)), lookups(ledger, spine))

    if isinstance(found, int):
        assert made.core["person_key"].to_list() == [found]
    else:
        assert made.unlinked["reason"].to_list() == [found]
