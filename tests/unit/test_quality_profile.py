"""Who is counted, where they belong, and which state each expected value is in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.quality.populations import NO_BYDEL, populations
from pipeline.quality.profile import DUE, QualityProfile, fields, link, profile, profiled_tables
from pipeline.quality.states import in_state
from schemas import BY_NAME, CASE_SYSTEM, codes
from schemas.case_system.background import UNKNOWN_YEARS
from schemas.codes.programme import MOVED_BYDEL
from schemas.variable import Population, ValueState, columns, facts, table_name
from tests.quality_world import AS_OF, SETTLED, cases, persons, programmes, settled, store, usable

pytestmark = pytest.mark.slow

PARTICIPANTS, GRANT_ONLY = Population.PARTICIPANTS.value, Population.GRANT_ONLY.value
LATER = date(2024, 2, 1)


def measure(folder: Path, who: pl.DataFrame, **tables: Any) -> QualityProfile:
    return profile(store(folder, **tables), who, AS_OF)


def counts(measured: QualityProfile, table: str, column: str, **where: Any) -> dict[str, int]:
    """Sums over the rows of one field that fit `where`."""
    rows = measured.fill.filter(table=table, column=column, **where)
    return rows.select("n", *(state.value for state in ValueState)).sum().row(0, named=True)


def test_a_person_without_a_row_stays_in_the_denominator_and_was_not_asked(tmp_path: Path) -> None:
    measured = measure(
        tmp_path,
        usable(1, 2, 3),
        person=persons(1, 2, 3),
        background=[{"person_key": 1, "registered_on": SETTLED, "school_years": 7}],
    )
    assert counts(measured, "background", "school_years") == {
        "n": 3,
        "value": 1,
        "unknown": 0,
        "not_applicable": 0,
        "not_asked": 2,
    }


def test_unknown_is_an_answer_but_not_a_value(tmp_path: Path) -> None:
    unknown_skill = min(codes.SKILL.unknown)
    measured = measure(
        tmp_path,
        usable(1),
        person=persons(1),
        background=[
            {
                "person_key": 1,
                "registered_on": SETTLED,
                "school_years": UNKNOWN_YEARS,
                "latin_alphabet": unknown_skill,
            }
        ],
    )
    for column in ("school_years", "latin_alphabet"):
        found = counts(measured, "background", column)
        assert (found["value"], found["unknown"], found["not_asked"]) == (0, 1, 0)


def test_a_code_that_says_not_applicable_is_a_state_of_its_own() -> None:
    lists = [c for t in CASE_SYSTEM for c in columns(t) if c.about.codes and c.about.codes.not_applicable]
    for column in lists:
        code = min(column.about.codes.not_applicable)  # type: ignore[union-attr]
        states = pl.DataFrame({"v": [code]}).select(
            expr.alias(state.value) for state, expr in in_state(column, "v").items()
        )
        assert states.row(0, named=True) == {"value": False, "unknown": False, "not_applicable": True}


def test_the_latest_row_decides_also_when_it_says_less(tmp_path: Path) -> None:
    rows = [
        {"person_key": 1, "registered_on": SETTLED, "school_years": 7},
        {"person_key": 1, "registered_on": LATER},
    ]
    measured = measure(tmp_path, usable(1), person=persons(1), background=rows)
    assert counts(measured, "background", "school_years")["value"] == 0
    assert counts(measured, "background", "school_years")["not_asked"] == 1


def test_two_rows_of_one_day_give_the_same_answer_in_any_order(tmp_path: Path) -> None:
    rows = [
        {"person_key": 1, "registered_on": SETTLED, "school_years": 7},
        {"person_key": 1, "registered_on": SETTLED, "work_years": 3},
    ]
    found = [
        measure(tmp_path / name, usable(1), person=persons(1), background=order).fill
        for name, order in {"one": rows, "two": rows[::-1]}.items()
    ]
    assert found[0].equals(found[1])


def test_persons_are_where_they_are_in_whatever_order_their_rows_are_stored(tmp_path: Path) -> None:
    """Sorted rows are joined in a way of their own: 1 takes part, 2 was settled twice, 3 never, 4 is out."""
    people = [row for key in (1, 2, 3, 4) for row in persons(key)]
    homes = [*settled(1, bydel="03"), *settled(2, bydel="05", on=LATER), *settled(2, bydel="04")]
    took_part = {"case": cases(1), "programme": programmes(1, adviser_key=7)}
    for name, step in {"stored": 1, "reversed": -1}.items():
        cores = store(tmp_path / name, person=people[::step], settlement=homes[::step], **took_part)
        found = populations(cores, usable(*[3, 1, 2, 1][::step])).persons.sort("person_key")
        assert found.select("person_key", "population", "bydel", "year", "adviser_key").rows() == [
            (1, PARTICIPANTS, "03", 2023, 7),
            (2, GRANT_ONLY, "04", 2023, None),
            (3, GRANT_ONLY, NO_BYDEL, 2023, None),
        ]


def test_whoever_has_any_programme_is_a_participant_and_everybody_else_is_grant_only(tmp_path: Path) -> None:
    measured = measure(
        tmp_path, usable(1, 2, 3), person=persons(1, 2, 3), case=cases(1), programme=programmes(1)
    )
    assert counts(measured, "background", "school_years", population=PARTICIPANTS)["n"] == 1
    assert counts(measured, "background", "school_years", population=GRANT_ONLY)["n"] == 2


def test_a_person_who_may_not_be_used_is_in_no_count_at_all(tmp_path: Path) -> None:
    everything = {
        "person": persons(1, 2, sex="1"),
        "case": cases(1, 2),
        "settlement": settled(1, 2),
        "programme": programmes(1, 2, ended_on=LATER),
        "grant_claim": [{"claim_key": k, "person_key": k, "claimed_on": SETTLED} for k in (1, 2)],
        "background": [{"person_key": k, "registered_on": SETTLED, "school_years": 7} for k in (1, 2)],
        "result": [{"programme_key": k, "result": "A"} for k in (1, 2)],
    }
    measured = measure(tmp_path, usable(2), **everything)
    assert measured.fill.group_by("table", "column").agg(pl.col("n").sum())["n"].max() == 1


def test_a_person_belongs_to_the_first_settlement_and_else_to_the_year_of_creation(tmp_path: Path) -> None:
    measured = measure(
        tmp_path,
        usable(1, 2),
        person=persons(1, 2),
        settlement=[*settled(1, bydel="05", on=date(2010, 1, 1)), *settled(1, bydel="06", on=SETTLED)],
    )
    assert counts(measured, "health", "disability", year=2010, bydel="05")["n"] == 1
    assert counts(measured, "health", "disability", year=SETTLED.year, bydel=NO_BYDEL)["n"] == 1


def test_two_settlements_on_the_first_day_take_the_lowest_bydel(tmp_path: Path) -> None:
    first = [*settled(1, bydel="09"), *settled(1, bydel="03")]
    found = populations(store(tmp_path, person=persons(1), settlement=first), usable(1))
    assert found.persons["bydel"].to_list() == ["03"]


def test_a_programme_belongs_to_the_year_it_started_and_the_bydel_of_its_case(tmp_path: Path) -> None:
    measured = measure(
        tmp_path,
        usable(1),
        person=persons(1),
        settlement=settled(1, bydel="05", on=date(2010, 1, 1)),
        case=cases(1, bydel="07"),
        programme=programmes(1, started=date(2012, 6, 1)),
    )
    assert counts(measured, "activity", "activity", year=2012, bydel="07")["n"] == 1
    assert counts(measured, "programme", "law", year=2012, bydel="07")["n"] == 1
    assert counts(measured, "case", "bydel", year=SETTLED.year, bydel="07")["n"] == 1


def test_a_table_that_expects_nobody_has_its_rows_as_denominator_in_the_year_that_dates_them(
    tmp_path: Path,
) -> None:
    claims = [
        {"claim_key": 1, "person_key": 1, "claimed_on": date(2012, 1, 1), "paid_kr": 10},
        {"claim_key": 2, "person_key": 1, "claimed_on": date(2013, 1, 1)},
        {"claim_key": 3, "person_key": 1},
    ]
    measured = measure(
        tmp_path, usable(1, 2), person=persons(1, 2), settlement=settled(1, bydel="05"), grant_claim=claims
    )
    assert counts(measured, "grant_claim", "paid_kr", bydel="05")["n"] == 3
    assert counts(measured, "grant_claim", "paid_kr", year=2012)["value"] == 1
    assert counts(measured, "grant_claim", "paid_kr", year=2013)["not_asked"] == 1
    undated = measured.fill.filter(table="grant_claim", column="paid_kr").filter(pl.col("year").is_null())
    assert undated["n"].to_list() == [1]


@pytest.mark.parametrize(
    ("ended", "due"), [(None, 0), (AS_OF, 0), (date(2025, 1, 2), 0), (date(2025, 1, 1), 1), (LATER, 1)]
)
def test_a_final_result_is_due_two_months_after_the_programme_ended(
    tmp_path: Path, ended: date | None, due: int
) -> None:
    measured = measure(
        tmp_path, usable(1), person=persons(1), case=cases(1), programme=programmes(1, ended_on=ended)
    )
    assert counts(measured, "result", "result")["n"] == due
    assert counts(measured, "activity", "activity")["n"] == 1  # due from the start


@pytest.mark.parametrize(
    ("status", "started_later", "of_person", "due"),
    [
        ("6", date(2024, 3, 3), 1, 0),  # 31 days after the end
        ("6", date(2024, 1, 1), 1, 0),  # 31 days before
        ("6", date(2024, 3, 4), 1, 1),  # 32 days after
        ("6", date(2023, 12, 31), 1, 1),  # 32 days before
        ("6", None, 1, 1),
        ("6", date(2024, 2, 1), 2, 1),  # another person's
        ("3", date(2024, 2, 1), 1, 1),  # ended for another reason
        (None, date(2024, 2, 1), 1, 1),
    ],
)
def test_a_part_that_a_move_split_off_and_another_continues_is_not_expected_to_have_a_result(
    tmp_path: Path, status: str | None, started_later: date | None, of_person: int, due: int
) -> None:
    moved = programmes(1, ended_on=LATER, programme_status=status)
    # The part that goes on is not over: it is not due itself.
    later = {"programme_key": 9, "person_key": of_person, "case_key": of_person, "started_on": started_later}
    measured = measure(
        tmp_path, usable(1, 2), person=persons(1, 2), case=cases(1, 2), programme=[*moved, later]
    )
    assert counts(measured, "result", "result")["n"] == due


def test_a_programme_does_not_continue_one_that_started_after_it(tmp_path: Path) -> None:
    before, after = date(2024, 1, 10), date(2024, 1, 20)
    rows = [
        *programmes(1, started=after, ended_on=LATER, programme_status=MOVED_BYDEL),
        {"programme_key": 2, "person_key": 1, "case_key": 1, "started_on": before},
    ]
    measured = measure(tmp_path, usable(1), person=persons(1), case=cases(1), programme=rows)
    assert counts(measured, "result", "result")["n"] == 1


def test_the_absences_are_the_denominator_and_a_programme_without_one_misses_nothing(tmp_path: Path) -> None:
    measured = measure(
        tmp_path,
        usable(1, 2),
        person=persons(1, 2),
        case=cases(1, 2),
        programme=programmes(1, 2),
        absence=[{"programme_key": 1, "started_on": on, "days": 2} for on in (SETTLED, LATER)],
    )
    found = counts(measured, "absence", "days")
    assert (found["n"], found["value"], found["not_asked"]) == (2, 2, 0)


def test_a_field_of_participants_is_not_counted_for_anybody_else(tmp_path: Path) -> None:
    measured = measure(tmp_path, usable(1, 2), person=persons(1, 2), case=cases(1), programme=programmes(1))
    for table in profiled_tables():
        if facts(table).applies_to is Population.PARTICIPANTS:
            found = measured.fill.filter(table=table_name(table))
            assert set(found["population"]) <= {PARTICIPANTS}


def test_the_four_states_partition_the_expected(tmp_path: Path) -> None:
    measured = measure(
        tmp_path,
        usable(1, 2, 3),
        person=persons(1, 2, 3, sex="9"),
        case=cases(1, 2),
        programme=programmes(1, 2, ended_on=LATER, law="X"),
        background=[{"person_key": 1, "registered_on": SETTLED, "school_years": 7}],
    )
    states = pl.sum_horizontal(state.value for state in ValueState)
    assert measured.fill.select((states == pl.col("n")).all()).item()
    assert measured.fill.select((pl.col(s.value) >= 0).all() for s in ValueState).row(0) == (True,) * 4


def test_every_field_in_core_is_measured_but_keys_and_the_dates_of_expected_rows() -> None:
    for table in profiled_tables():
        measured = {c.name for c in fields(table)}
        for column in columns(table):
            if column.core_name and not column.about.key and column.name not in facts(table).primary_key:
                assert column.name in measured, column.path
            else:
                assert column.name not in measured, column.path


def test_no_table_without_a_person_is_profiled() -> None:
    profiled = {table_name(table) for table in profiled_tables()}
    assert profiled.isdisjoint({"adviser", "code_list_entry", "change_log", "note"})


def test_every_due_rule_is_of_a_table_that_belongs_to_programmes() -> None:
    for name in DUE:
        assert link(BY_NAME[name]) == "programme_key"


def test_an_empty_municipality_gives_an_empty_profile(tmp_path: Path) -> None:
    assert measure(tmp_path, usable()).fill.is_empty()


REGISTRATIONS = st.lists(
    st.tuples(
        st.integers(1, 4),  # who
        st.dates(date(2023, 5, 1), date(2023, 5, 4)),
        st.sampled_from([None, 0, 7, UNKNOWN_YEARS]),
    ),
    unique_by=lambda row: row[:2],
    max_size=8,
)


@settings(max_examples=15, derandomize=True)
@given(rows=REGISTRATIONS, allowed=st.sets(st.integers(1, 4)), taking_part=st.sets(st.integers(1, 4)))
def test_the_profile_agrees_with_counting_one_person_at_a_time(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, date, int | None]],
    allowed: set[int],
    taking_part: set[int],
) -> None:
    measured = measure(
        tmp_path_factory.mktemp("core"),
        usable(*allowed),
        person=persons(1, 2, 3, 4),
        case=cases(*taking_part),
        programme=programmes(*taking_part),
        background=[{"person_key": k, "registered_on": on, "school_years": y} for k, on, y in rows],
    )
    for population in (PARTICIPANTS, GRANT_ONLY):
        counted = {"n": 0, "value": 0, "unknown": 0, "not_applicable": 0, "not_asked": 0}
        for person in allowed:
            if (person in taking_part) is (population == PARTICIPANTS):
                latest = max((row for row in rows if row[0] == person), default=None, key=lambda row: row[1])
                said = latest[2] if latest else None
                state = {None: "not_asked", UNKNOWN_YEARS: "unknown"}.get(said, "value")
                counted["n"] += 1
                counted[state] += 1
        assert counts(measured, "background", "school_years", population=population) == counted
