"""Laws of validation: it partitions rows, by rules written a second time here, whatever the batches."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import tables
from pipeline.tables import Stored
from pipeline.validate import validate
from pipeline.validate.rows import RULES
from pipeline.validate.stored import ValidatedTable, validate_batches
from schemas.case_system import Background, Case, GrantClaim, Person, Programme
from schemas.registers import EmploymentMonthly
from schemas.variable import Column, Table, columns, facts, polars_schema, table_name
from tests.factories import AS_OF, MATCHING, a_value, frame_of, rules_of_column, settings_at

Row = dict[str, Any]


# --- the rules, a second time, one row at a time ----------------------------------------------------------


def column_rules(column: Column, value: Any) -> set[str]:
    """The rules of its column that a value breaks."""
    declared = rules_of_column(column)
    if value is None:
        return set() if column.nullable else {f"{column.name}:required"}
    if isinstance(value, float) and math.isnan(value):
        return {f"{column.name}:not_a_number"}
    found = set()
    if "allowed_values" in declared and value not in declared["allowed_values"]:
        found.add(f"{column.name}:code")
    if "pattern" in declared and not re.fullmatch(declared["pattern"].strip("^$"), value):
        found.add(f"{column.name}:pattern")
    for name, fails, told in (
        ("min_value", lambda limit: value < limit, "at_least"),
        ("max_value", lambda limit: value > limit, "at_most"),
    ):
        if declared.get(name) is not None and fails(declared[name]):
            found.add(f"{column.name}:{told}")
    return found


def year(name: str, first: int = 1900, ahead: int = 0) -> Callable[[Row], bool]:
    return lambda r: r[name] is None or first <= r[name].year <= AS_OF.year + ahead


def past(name: str) -> Callable[[Row], bool]:
    return lambda r: r[name] is None or r[name] <= AS_OF


def ordered(first: str, last: str) -> Callable[[Row], bool]:
    return lambda r: None in (r[first], r[last]) or r[first] <= r[last]


ROW_RULES: dict[type[Table], dict[str, Callable[[Row], bool]]] = {
    Person: {
        "birth_date_year_plausible": year("birth_date"),
        "birth_date_not_after_as_of": past("birth_date"),
        "created_on_not_after_as_of": past("created_on"),
    },
    GrantClaim: {
        "claimed_on_year_plausible": year("claimed_on"),
        "claimed_on_not_after_as_of": past("claimed_on"),
        "paid_not_above_claimed": lambda r: (
            None in (r["paid_kr"], r["amount_kr"]) or r["paid_kr"] <= r["amount_kr"]
        ),
    },
    Programme: {
        "started_on_year_plausible": year("started_on", 2003),
        "started_on_not_after_as_of": past("started_on"),
        "ended_on_year_plausible": year("ended_on", 2003),
        "ended_on_not_after_as_of": past("ended_on"),
        "ended_on_not_before_started_on": ordered("started_on", "ended_on"),
        "planned_end_on_year_plausible": year("planned_end_on", 2003, ahead=6),
    },
    Background: {
        "registered_on_year_plausible": year("registered_on"),
        "registered_on_not_after_as_of": past("registered_on"),
        "school_years_plausible": lambda r: (
            r["school_years"] is None or r["school_years"] <= 25 or r["school_years"] == 99
        ),
    },
    EmploymentMonthly: {"month_year_plausible": year("month", 2015)},
}


def broken_by(table: type[Table], row: Row) -> list[str]:
    """Every rule the row breaks, sorted."""
    found = {name for name, holds in ROW_RULES[table].items() if not holds(row)}
    for column in columns(table):
        found |= column_rules(column, row[column.name])
    return sorted(found)


# --- rows good and bad -------------------------------------------------------------------------------------

DATES = [
    date(12, 5, 1),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(2002, 12, 31),
    date(2003, 1, 1),
    date(2015, 1, 1),
    AS_OF - timedelta(days=1),
    AS_OF,
    AS_OF + timedelta(days=1),
    date(2031, 12, 31),
    date(2032, 1, 1),
    date(2102, 1, 1),
]


def values(column: Column) -> st.SearchStrategy[Any]:
    """Mostly values that keep the rules, else null, at and past each limit, or of another code."""
    declared = rules_of_column(column)
    odd: list[Any] = [None]
    if "pattern" in declared:
        odd += [MATCHING[declared["pattern"]][1], "", "Æ"]
    if "allowed_values" in declared:
        odd += ["", "?", declared["allowed_values"][-1]]
    numeric = float if column.dtype.is_float() else int
    for limit in (declared.get("min_value"), declared.get("max_value")):
        odd += [numeric(limit + step) for step in (-1, 0, 1)] if limit is not None else []
    if column.dtype.is_float():
        odd.append(float("nan"))
    if column.dtype == pl.Date:
        odd += DATES
    usual = st.just(a_value(column))
    return st.one_of(*[usual] * 6, st.sampled_from(odd))


def rows(table: type[Table], most: int = 8) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries({c.name: values(c) for c in columns(table)}), max_size=most)


def multiset(frame: pl.DataFrame, table: type[Table]) -> Counter[str]:
    return Counter(map(repr, frame.select(list(polars_schema(table))).rows()))


@pytest.mark.parametrize("table", list(ROW_RULES), ids=table_name)
@settings(max_examples=40)
@given(data=st.data())
def test_rows_are_split_and_counted_as_the_rules_say(table: type[Table], data: st.DataObject) -> None:
    given_rows = data.draw(rows(table))
    frame = frame_of(table, *given_rows)
    result = validate(table, frame, AS_OF)
    assert result.passed.height + result.quarantined.height == frame.height
    assert multiset(result.passed, table) + multiset(result.quarantined, table) == multiset(frame, table)
    assert all(broken_by(table, row) == [] for row in result.passed.rows(named=True))
    for row in result.quarantined.rows(named=True):
        assert sorted(row[RULES]) == broken_by(table, row) != []
    by_hand = Counter(rule for row in given_rows for rule in broken_by(table, row))
    counted = {c.rule if c.column in c.rule else f"{c.column}:{c.rule}": c.rows for c in result.counts}
    assert counted == dict(by_hand)


@pytest.mark.parametrize("table", list(ROW_RULES), ids=table_name)
def test_the_rules_written_a_second_time_are_all_the_rules(table: type[Table]) -> None:
    assert {rule.name for rule in facts(table).rules} == set(ROW_RULES[table])


# --- keys ---------------------------------------------------------------------------------------------------


def by_hand(cases: list[Row], persons: set[int]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Passed case numbers, and quarantined (case number, rules), by looking at every other row."""
    passed: Counter[str] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    good = [row for row in cases if row["bydel"] != "?"]
    refused.update((row["case_id"], "bydel:code") for row in cases if row["bydel"] == "?")
    for at, row in enumerate(good):
        same = [other for other in good if other["case_id"] == row["case_id"]]
        rules = []
        if row["person_id"] not in persons:
            rules.append("person_id:refers_to_person")
        if any(other != row for other in same):
            rules.append("unique")
        elif any(other["case_id"] == row["case_id"] for other in good[:at]):
            rules.append("repeated")
        if rules:
            refused[row["case_id"], "+".join(sorted(rules))] += 1
        else:
            passed[row["case_id"]] += 1
    return passed, refused


def stored(
    folder: Path, table: type[Table], frame: pl.DataFrame, batch: int, parents: dict[str, Stored]
) -> ValidatedTable:
    return validate_batches(
        settings_at(folder, batch_rows=batch),
        table,
        table_name(table),
        [(part, None) for part in frame.iter_slices(batch)],
        AS_OF,
        parents,
        made_from=f"{frame.rows()} in batches of {batch}",
        fits_in_memory=frame.height <= batch,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def parents(folder: Path) -> dict[str, Stored]:
    frame = frame_of(Person, {"person_id": 1}, {"person_id": 2})
    return {"person": stored(folder, Person, frame, 100, {}).passed}


CASES = st.lists(
    st.fixed_dictionaries(
        {
            "case_id": st.sampled_from("AB"),
            "person_id": st.sampled_from([1, 2, 3]),
            "bydel": st.sampled_from(["01", "01", "02", "?"]),
        }
    ),
    max_size=6,
)


@settings(max_examples=20)
@given(given_cases=CASES)
def test_keys_are_judged_as_by_hand_whatever_the_batches(
    folder: Path, parents: dict[str, Stored], given_cases: list[Row]
) -> None:
    expected = by_hand(given_cases, persons={1, 2})
    found = []
    for batch in (100, 2, 1):
        result = stored(folder, Case, frame_of(Case, *given_cases), batch, parents)
        passed, refused = tables.read(result.passed), tables.read(result.quarantined)
        assert result.rows_in == len(given_cases)
        rules = refused.select("case_id", pl.col(RULES).list.sort().list.join("+"))
        assert (Counter(passed["case_id"]), Counter(rules.rows())) == expected
        found.append((passed.rows(), sorted(map(repr, refused.rows())), result.counts))
    assert found[1:] == found[:-1]
