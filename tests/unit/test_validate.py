"""Validation: what each rule refuses, how rows are counted, and what stops a whole table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import duckdb
import polars as pl
import pytest

from pipeline import tables
from pipeline.errors import SettingWrong, TableRejected
from pipeline.landing import Snapshot
from pipeline.tables import Stored
from pipeline.validate import rules_of, stored_counts, validate, validate_snapshot
from pipeline.validate.keys import _engine
from pipeline.validate.rows import LINE, RAW, RULES, _named, quarantine_schema
from pipeline.validate.stored import ValidatedTable, part_key, validate_batches
from schemas import SOURCE_TABLES
from schemas.case_system import CASE_SYSTEM, Background, Case, GrantClaim, Person, Programme
from schemas.case_system.settlement import ResidencePermit
from schemas.registers import Education, EmploymentMonthly
from schemas.variable import (
    Entity,
    RowRule,
    Severity,
    Table,
    TableFacts,
    derived,
    facts,
    polars_schema,
    table_name,
)
from tests.factories import AS_OF, frame_of, settings_at

CANARY = "01819012345"


def refused_by(table: type[Table], **changes: Any) -> list[str]:
    """The rules that a row breaks which is valid but for the changes."""
    result = validate(table, frame_of(table, changes), AS_OF)
    return result.quarantined[RULES].to_list()[0] if result.quarantined.height else []


@pytest.mark.parametrize("table", SOURCE_TABLES, ids=table_name)
def test_a_row_that_keeps_every_rule_passes(table: type[Table]) -> None:
    frame = frame_of(table, {})
    result = validate(table, frame, AS_OF)
    assert result.passed.equals(frame)
    assert (result.quarantined.height, result.counts) == (0, ())


@pytest.mark.parametrize(
    ("table", "changes", "rule"),
    [
        (Person, {"person_id": None}, "person_id:required"),
        (Person, {"sex": "7"}, "sex:code"),
        (Person, {"mother_tongue": "araa"}, "mother_tongue:pattern"),
        (GrantClaim, {"year_number": 0}, "year_number:at_least"),
        (GrantClaim, {"year_number": 6}, "year_number:at_most"),
        (GrantClaim, {"amount_kr": 100, "paid_kr": 101}, "paid_not_above_claimed"),
        (EmploymentMonthly, {"hours_per_week": float("nan")}, "hours_per_week:not_a_number"),
        (Person, {"birth_date": date(12, 5, 1)}, "birth_date_year_plausible"),
        (Person, {"birth_date": AS_OF + timedelta(days=1)}, "birth_date_not_after_as_of"),
        (
            Programme,
            {"started_on": date(2015, 3, 1), "ended_on": date(2015, 2, 28)},
            "ended_on_not_before_started_on",
        ),
    ],
)
def test_each_kind_of_rule_refuses_what_breaks_it_and_says_which(
    table: type[Table], changes: dict[str, Any], rule: str
) -> None:
    assert refused_by(table, **changes) == [rule]


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (GrantClaim, {"year_number": 1}),
        (GrantClaim, {"year_number": 5}),
        (GrantClaim, {"amount_kr": 100, "paid_kr": 100}),
        (Person, {"birth_date": AS_OF}),
        (Programme, {"started_on": date(2015, 3, 1), "ended_on": date(2015, 3, 1)}),
        (EmploymentMonthly, {"hours_per_week": 100.0}),
    ],
)
def test_a_value_at_the_limit_passes(table: type[Table], changes: dict[str, Any]) -> None:
    assert refused_by(table, **changes) == []


def test_a_null_never_breaks_a_rule_over_several_columns() -> None:
    assert refused_by(Programme, ended_on=None) == []
    assert refused_by(Programme, started_on=None) == []
    assert refused_by(GrantClaim, paid_kr=None) == []


def test_a_rule_reads_the_night_it_is_given() -> None:
    frame = frame_of(Person, {"birth_date": date(2020, 6, 1), "created_on": date(2020, 6, 1)})
    assert validate(Person, frame, date(2020, 6, 1)).quarantined.height == 0
    assert validate(Person, frame, date(2020, 5, 31)).quarantined[RULES].to_list() == [
        ["birth_date_not_after_as_of", "created_on_not_after_as_of"]
    ]
    assert validate(Person, frame, date(2020, 6, 1)).quarantined.height == 0  # nothing is left of that night


def test_a_row_names_every_rule_it_breaks_and_each_rule_counts_its_rows() -> None:
    frame = frame_of(
        GrantClaim,
        {"claim_id": 1, "year_number": 0, "paid_kr": -1},
        {"claim_id": 2, "year_number": 0},
        {"claim_id": 3},
    )
    result = validate(GrantClaim, frame, AS_OF)
    assert result.passed["claim_id"].to_list() == [3]
    assert result.quarantined.select("claim_id", RULES).rows() == [
        (1, ["paid_kr:at_least", "year_number:at_least"]),
        (2, ["year_number:at_least"]),
    ]
    assert [(c.column, c.rule, c.rows) for c in result.counts] == [
        ("paid_kr", "at_least", 1),
        ("year_number", "at_least", 2),
    ]


def test_a_rule_that_breaks_in_many_rows_is_counted_in_full() -> None:
    frame = frame_of(Person, *({"person_id": i, "sex": "7"} for i in range(1000)))
    assert [c.rows for c in validate(Person, frame, AS_OF).counts] == [1000]


def test_rows_that_break_many_rules_at_once_are_told_each_of_them_in_order() -> None:
    """More rules than the bits of a whole number, and every row another combination of them."""
    random = Random(2006)
    names = [f"rule_{number}" for number in range(100)]
    broken = [[random.random() < 0.3 for _ in names] for _ in range(200)]
    broken += broken[:50]
    masks = pl.DataFrame(broken, schema=names, orient="row")
    told = _named(masks, names)
    assert told.to_list() == [[n for n, b in zip(names, row, strict=True) if b] for row in broken]
    assert _named(masks.clear(), names).to_list() == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: f.drop("sex"), "missing: sex"),
        (lambda f: f.with_columns(shoe_size=pl.lit(CANARY)), "undeclared: shoe_size"),
        (lambda f: f.with_columns(pl.lit(CANARY).alias("person_id")), "of another type: person_id"),
    ],
)
def test_another_shape_stops_the_table_and_names_only_columns(spoil: Any, said: str) -> None:
    with pytest.raises(TableRejected, match=said) as caught:
        validate(Person, spoil(frame_of(Person, {})), AS_OF)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def with_rule(severity: Severity) -> type[Table]:
    """A table whose one row rule has that severity."""

    class Judged(Table):
        """Only for tests."""

        __facts__: ClassVar[TableFacts] = replace(
            facts(Background),
            unit=Entity.PERSON,
            rules=(
                RowRule(
                    name="school_at_most_9",
                    nb="",
                    en="",
                    columns=("school_years",),
                    holds=lambda _: pl.col("school_years") <= 9,
                    severity=severity,
                ),
            ),
        )
        person_id: int = derived(Background, "person_id")
        school_years: int = derived(Background, "school_years")

    return Judged


def test_a_characterisation_is_counted_and_the_row_passes() -> None:
    table = with_rule(Severity.CHARACTERISATION)
    frame = pl.DataFrame({"person_id": [1, 2], "school_years": [9, 10]})
    result = validate(table, frame, AS_OF)
    assert result.passed.equals(frame)
    assert [(c.rule, c.severity, c.rows) for c in result.counts] == [
        ("school_at_most_9", Severity.CHARACTERISATION, 1)
    ]


def test_a_broken_fatal_rule_stops_the_table_and_a_kept_one_does_not() -> None:
    table = with_rule(Severity.FATAL)
    assert validate(table, pl.DataFrame({"person_id": [1], "school_years": [9]}), AS_OF).passed.height == 1
    with pytest.raises(TableRejected, match="school_at_most_9") as caught:
        validate(table, pl.DataFrame({"person_id": [1], "school_years": [10]}), AS_OF)
    assert caught.value.__context__ is None


def test_lines_that_could_not_be_read_are_quarantined_as_received() -> None:
    failures = pl.DataFrame(
        [
            (3, "month", "parse_month", "x;y"),
            (3, "person_identifier", "leading_zero_lost", "x;y"),
            (5, "", "truncated_line", "z"),
        ],
        schema={LINE: pl.Int64, "column": pl.String, "rule": pl.String, RAW: pl.String},
        orient="row",
    )
    frame = frame_of(EmploymentMonthly, {}).with_columns(pl.lit(2, pl.Int64).alias(LINE))
    result = validate(EmploymentMonthly, frame, AS_OF, failures)
    assert result.passed[LINE].to_list() == [2]
    assert result.quarantined.select(LINE, RAW, RULES).rows() == [
        (3, "x;y", ["parse_month", "person_identifier:leading_zero_lost"]),
        (5, "z", ["truncated_line"]),
    ]
    assert {(c.column, c.rule): c.rows for c in result.counts} == {
        ("month", "parse_month"): 1,
        ("person_identifier", "leading_zero_lost"): 1,
        ("", "truncated_line"): 1,
    }


NO_DAYS = [2**31 - 1, -(2**31), 2_932_897, -719_163]  # infinity, and the days beside 0001 and 9999


@pytest.mark.parametrize("day", NO_DAYS)
@pytest.mark.parametrize(
    ("table", "column"), [(Person, "birth_date"), (EmploymentMonthly, "month"), (Programme, "ended_on")]
)
def test_a_day_without_a_name_is_quarantined_as_that_alone_and_empty(
    table: type[Table], column: str, day: int
) -> None:
    """Pandera would make Polars panic, past every `except Exception`."""
    frame = frame_of(table, {}, {}).with_columns(
        pl.Series(column, [day, frame_of(table, {})[column].to_physical()[0]], dtype=pl.Int32).cast(pl.Date)
    )
    result = validate(table, frame, AS_OF)
    assert result.quarantined[RULES].to_list() == [[f"{column}:no_date"]]
    assert result.quarantined[column].to_list() == [None]
    assert result.passed.equals(frame.tail(1))
    assert [(c.column, c.rule, c.rows) for c in result.counts] == [(column, "no_date", 1)]


def test_the_first_and_the_last_day_have_names_and_are_judged_as_others() -> None:
    assert refused_by(Person, birth_date=date.min) == ["birth_date_year_plausible"]
    assert "birth_date:no_date" not in refused_by(Person, birth_date=date.max)


def test_every_table_says_which_rules_it_has() -> None:
    names = {(rule.column, rule.name) for rule in rules_of(GrantClaim)}
    assert names >= {
        ("claim_id", "required"),
        ("person_id", "refers_to_person"),
        ("claim_type", "code"),
        ("year_number", "at_least"),
        ("year_number", "at_most"),
        ("", "paid_not_above_claimed"),
        ("claimed_on", "claimed_on_not_after_as_of"),
        ("", "unique"),
        ("", "repeated"),
        ("claimed_on", "no_date"),
    }
    assert ("claimed_on", "required") not in names


# --- stored parts ---------------------------------------------------------------------------------------


def store(tmp_path: Path, table: type[Table], *rows: dict[str, Any], batch: int = 100) -> ValidatedTable:
    """The rows of a table validated in batches, with every parent that earlier calls have stored."""
    settings = settings_at(tmp_path, batch_rows=batch)
    frame = frame_of(table, *rows)
    return validate_batches(
        settings,
        table,
        table_name(table),
        [(part, None) for part in frame.iter_slices(batch)],
        AS_OF,
        parents(tmp_path),
        made_from="snapshot",
        fits_in_memory=frame.height <= batch,
    )


def parents(tmp_path: Path) -> dict[str, Stored]:
    settings = settings_at(tmp_path)
    names = [table_name(table) for table in CASE_SYSTEM]
    found = {n: tables.stored(settings.table_folder("restricted", n), n) for n in names}
    return {name: stored for name, stored in found.items() if stored}


def ids_and_rules(result: ValidatedTable, name: str) -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    quarantined = tables.read(result.quarantined).sort(name).select(name, RULES)
    return tables.read(result.passed)[name].to_list(), quarantined.rows()


@pytest.mark.parametrize("batch", [100, 2])
def test_of_rows_alike_the_first_is_kept_and_of_rows_that_differ_none(tmp_path: Path, batch: int) -> None:
    result = store(
        tmp_path,
        Person,
        {"person_id": 1, "sex": "1"},
        {"person_id": 2},
        {"person_id": 2},
        {"person_id": 1, "sex": "2"},
        {"person_id": 3},
        {"person_id": 1, "sex": "1"},
        batch=batch,
    )
    passed, quarantined = ids_and_rules(result, "person_id")
    assert passed == [2, 3]
    assert quarantined == [(1, ["unique"]), (1, ["unique"]), (1, ["unique"]), (2, ["repeated"])]
    assert [(c.rule, c.rows) for c in result.counts] == [("repeated", 1), ("unique", 3)]
    assert result.rows_in == 6


def test_rows_alike_in_all_but_a_null_differ(tmp_path: Path) -> None:
    result = store(tmp_path, Person, {"person_id": 1, "sex": None}, {"person_id": 1})
    assert ids_and_rules(result, "person_id") == ([], [(1, ["unique"]), (1, ["unique"])])


@pytest.mark.parametrize("batch", [100, 1])
def test_a_row_that_points_to_nobody_or_to_a_quarantined_row_is_refused(tmp_path: Path, batch: int) -> None:
    store(tmp_path, Person, {"person_id": 1}, {"person_id": 2, "sex": "7"})
    result = store(
        tmp_path,
        Case,
        {"case_id": "A", "person_id": 1},
        {"case_id": "B", "person_id": 2},  # quarantined for the sex
        {"case_id": "C", "person_id": 3},  # nobody
        batch=batch,
    )
    passed, quarantined = ids_and_rules(result, "case_id")
    assert passed == ["A"]
    assert quarantined == [(c, ["person_id:refers_to_person"]) for c in "BC"]


def test_pointing_nowhere_is_no_fault(tmp_path: Path) -> None:
    store(tmp_path, Person, {"person_id": 1})
    result = store(
        tmp_path,
        ResidencePermit,
        {"person_id": 1, "valid_from": date(2010, 1, 1), "reference_person_id": None},
        {"person_id": 1, "valid_from": date(2011, 1, 1), "reference_person_id": 1},
        {"person_id": 1, "valid_from": date(2012, 1, 1), "reference_person_id": 9},
    )
    passed, quarantined = ids_and_rules(result, "valid_from")
    assert passed == [date(2010, 1, 1), date(2011, 1, 1)]
    assert quarantined == [(date(2012, 1, 1), ["reference_person_id:refers_to_person"])]


def test_a_row_may_break_both_kinds_of_key(tmp_path: Path) -> None:
    store(tmp_path, Person, {"person_id": 1})
    result = store(tmp_path, Case, {"case_id": "A", "person_id": 1}, {"case_id": "A", "person_id": 2})
    assert ids_and_rules(result, "case_id")[1] == [
        ("A", ["unique"]),
        ("A", ["unique", "person_id:refers_to_person"]),
    ]


def test_a_missing_parent_table_is_an_error_and_not_a_passed_row(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="person"):
        store(tmp_path, Case, {})


def test_a_delivered_row_refused_by_its_key_keeps_its_line(tmp_path: Path) -> None:
    frame = frame_of(EmploymentMonthly, {}, {}).with_columns(pl.Series(LINE, [2, 3]))
    result = validate_batches(
        settings_at(tmp_path), EmploymentMonthly, "2015-03", [(frame, None)], AS_OF, {},
        made_from="delivery", fits_in_memory=True,
    )  # fmt: skip
    assert tables.read(result.quarantined).select(LINE, RULES).rows() == [(3, ["repeated"])]
    assert tables.read(result.passed).schema == pl.Schema(polars_schema(EmploymentMonthly))


@pytest.mark.parametrize("batch", [100, 1])
def test_the_stored_parts_have_the_declared_columns_also_when_empty(tmp_path: Path, batch: int) -> None:
    result = store(tmp_path, Person, batch=batch)
    assert tables.read(result.passed).schema == pl.Schema(polars_schema(Person))
    assert tables.read(result.quarantined).schema == pl.Schema(quarantine_schema(Person))
    assert result.rows_in == 0


def test_a_landed_snapshot_is_split_and_one_that_lost_rows_is_refused(tmp_path: Path) -> None:
    settings, frame = settings_at(tmp_path), frame_of(Person, {"person_id": 1}, {"person_id": 2, "sex": "7"})
    landed = tables.write(settings.landing, "person", frame, key="k")
    snapshot = Snapshot("Socio", "person", "a" * 64, 2, landed.path)
    result = validate_snapshot(settings, Person, snapshot, AS_OF, {})
    assert (result.part, result.passed.rows, result.quarantined.rows) == ("person", 1, 1)
    with pytest.raises(TableRejected, match="no longer has the rows"):
        validate_snapshot(settings, Person, replace(snapshot, rows=3), AS_OF, {})


def test_the_same_snapshot_is_not_read_twice_and_gives_the_same_counts(tmp_path: Path) -> None:
    first = store(tmp_path, Person, {"person_id": 1, "sex": "7"})

    def unread() -> Any:
        raise AssertionError("read again")
        yield

    again = validate_batches(
        settings_at(tmp_path),
        Person,
        "person",
        unread(),
        AS_OF,
        {},
        made_from="snapshot",
        fits_in_memory=True,
    )
    assert again == first


@pytest.mark.parametrize("lost", ["passed", "quarantine", "counts"])
def test_a_part_that_lacks_one_of_its_files_is_made_again(tmp_path: Path, lost: str) -> None:
    first = store(tmp_path, Person, {"person_id": 1, "sex": "7"}, {"person_id": 2})
    path = settings_at(tmp_path).restricted / lost / "person" / "person.parquet"
    before = path.read_bytes()
    path.unlink()
    assert store(tmp_path, Person, {"person_id": 1, "sex": "7"}, {"person_id": 2}) == first
    assert path.read_bytes() == before


def test_what_stands_is_counted_without_being_judged_again(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    assert stored_counts(settings, Person) == []
    person = store(tmp_path, Person, {"person_id": 1, "sex": "7"}, {"person_id": 2})
    case = store(tmp_path, Case, {"case_id": "A", "person_id": 2}, {"case_id": "B", "person_id": 1})
    before = {p: p.stat().st_mtime_ns for p in settings.restricted.rglob("*") if p.is_file()}
    assert stored_counts(settings, Person) == [person]
    assert stored_counts(settings, Case) == [case]
    assert {p: p.stat().st_mtime_ns for p in settings.restricted.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("lost", ["passed", "quarantine", "counts"])
def test_a_part_that_was_not_finished_is_not_counted(tmp_path: Path, lost: str) -> None:
    settings = settings_at(tmp_path)
    store(tmp_path, Person, {"person_id": 1})
    folder = settings.restricted / lost / "person"
    other = tables.read(folder / "person.parquet")
    tables.write(folder, "person", other, key="another step")
    with pytest.raises(SettingWrong, match="person"):
        stored_counts(settings, Person)
    (folder / "person.parquet").unlink()
    with pytest.raises(SettingWrong, match="not validated to its end"):
        stored_counts(settings, Person)


def test_another_snapshot_another_night_or_another_parent_makes_the_part_again(tmp_path: Path) -> None:
    person = store(tmp_path, Person, {"person_id": 1})
    case = store(tmp_path, Case, {"case_id": "A", "person_id": 1})
    settings = settings_at(tmp_path)
    night = validate_batches(
        settings,
        Person,
        "person",
        [],
        AS_OF + timedelta(days=1),
        {},
        made_from="snapshot",
        fits_in_memory=True,
    )
    assert night.passed.key != person.passed.key
    assert store(tmp_path, Case, {"case_id": "A", "person_id": 1}).passed.key != case.passed.key


def test_a_night_that_asks_the_same_of_a_table_finds_its_parts_made() -> None:
    def key(table: type[Table], night: date) -> str:
        return part_key(table, "2015-01", "snapshot", night, {})

    tomorrow, next_year = AS_OF + timedelta(days=1), AS_OF.replace(year=AS_OF.year + 1)
    assert key(EmploymentMonthly, AS_OF) == key(EmploymentMonthly, tomorrow)
    assert key(EmploymentMonthly, AS_OF) != key(EmploymentMonthly, next_year)
    assert key(Education, AS_OF) != key(Education, tomorrow)


def test_nothing_is_left_of_the_rows_that_waited_for_their_keys(tmp_path: Path) -> None:
    store(tmp_path, Person, {"person_id": 1}, {"person_id": 2}, {"person_id": 3}, batch=1)
    waiting = settings_at(tmp_path).restricted / "checking"
    assert [p for p in waiting.rglob("*") if p.is_file()] == []


def test_queries_see_restricted_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    connection = _engine(settings_at(tmp_path).restricted, 1, "100MB")
    with pytest.raises(duckdb.Error, match=r"(?i)permission|disabled|not allowed"):
        connection.sql(f"select * from read_csv('{outside}')").pl()
    with pytest.raises(duckdb.Error):
        connection.execute("set enable_external_access = true")
