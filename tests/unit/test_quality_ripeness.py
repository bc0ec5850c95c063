"""Which years are settled: by how fast a field fills, else by how long they have been over; what follows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.quality.delays import delays
from pipeline.quality.evidence import Evidence
from pipeline.quality.grades import grades
from pipeline.quality.over_time import BREAK, NOT_RIPE, breaks, falling
from pipeline.quality.profile import QualityProfile, profile
from pipeline.quality.results import COULD_NOT_RUN, FAILED, results
from pipeline.quality.ripeness import UNRIPE, unripe
from schemas.quality import ExpectedValues
from schemas.variable import Entity, Population, ValueState, polars_schema
from tests.quality_world import AS_OF, cases, persons, programmes, store, usable

GRANT_ONLY = Population.GRANT_ONLY.value
TESTED = ("partial_result", "test_result")
NO_KEYS = pl.DataFrame(schema=dict.fromkeys(("entity", "source_key"), pl.String) | {"key": pl.Int64})
NO_YEAR_WAITS = pl.DataFrame(schema=UNRIPE)


def measured(folder: Path, as_of: date = AS_OF, log: Any = None, **tables: Any) -> pl.DataFrame:
    """The unripe years of a world on disk."""
    cores = store(folder, **tables)
    who = usable(*(row["person_key"] for row in tables["person"]))
    evidence = Evidence(
        as_of=as_of,
        usable=who,
        cores=cores,
        restricted={} if log is None else {"change_log": log},
        keys=pl.DataFrame(
            [(Entity.PERSON.value, str(k), k) for k in who["person_key"]],
            schema=["entity", "source_key", "key"],
            orient="row",
        ),
    )
    return unripe(profile(cores, who, as_of), evidence)


def waiting(found: pl.DataFrame, table: str, column: str) -> list[int]:
    return found.filter((pl.col("table") == table) & (pl.col("column") == column))["year"].to_list()


def people_tested(*came: tuple[date, int, int | None]) -> dict[str, Any]:
    """Persons created on a day, so many of them, and a test so many days later (None: none)."""
    people: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for day, many, after in came:
        for _ in range(many):
            key = len(people) + 1
            people += persons(key, created_on=day)
            if after is not None:
                taken = day + timedelta(days=after)
                tests.append({"person_key": key, "dated_on": taken, "test_result": "A2"})
    return {"person": people, "partial_result": tests}


JUNE = {year: date(year, 6, 1) for year in range(2018, 2026)}


def test_a_year_in_which_half_have_not_come_yet_is_not_ripe_and_one_where_all_have_is(tmp_path: Path) -> None:
    """Of each year half come on the 10th day and half two years later: of 2023 and 2024 only the first."""
    world = people_tested(
        *((JUNE[year], 50, 10) for year in range(2020, 2025)),
        *((JUNE[year], 50, 730) for year in range(2020, 2023)),
        *((JUNE[year], 50, None) for year in (2023, 2024)),
    )
    assert waiting(measured(tmp_path, **world), *TESTED) == [2023, 2024]


def test_a_field_that_is_never_filled_later_is_ripe_at_once(tmp_path: Path) -> None:
    """All come on the 10th day, half never: 2024 has half, and no more will come."""
    world = people_tested(
        *((JUNE[year], 50, 10) for year in range(2020, 2025)),
        *((JUNE[year], 50, None) for year in range(2020, 2025)),
    )
    assert waiting(measured(tmp_path, **world), *TESTED) == []


@pytest.mark.parametrize(("late", "years"), [(5, []), (6, [2024])])
def test_ripe_is_when_at_least_95_of_100_have_come(tmp_path: Path, late: int, years: list[int]) -> None:
    """Of 100 of every year `late` come in the second year: of those of 2024 that is still ahead."""
    world = people_tested(
        *((JUNE[year], 100 - late, 10) for year in range(2019, 2025)),
        *((JUNE[year], late, 400) for year in range(2019, 2024)),
        (JUNE[2024], late, None),
    )
    assert waiting(measured(tmp_path, **world), *TESTED) == years


def test_the_same_world_is_ripe_two_years_later_and_the_clock_has_no_say(tmp_path: Path) -> None:
    world = people_tested(
        *((JUNE[year], 50, 10) for year in range(2018, 2025)),
        *((JUNE[year], 50, 730) for year in range(2018, 2023)),
        *((JUNE[year], 50, None) for year in (2023, 2024)),
    )
    assert waiting(measured(tmp_path / "a", **world), *TESTED) == [2023, 2024]
    # Nobody of 2023 or 2024 has come later after all: their second halves were then given up.
    assert waiting(measured(tmp_path / "b", as_of=date(2027, 3, 1), **world), *TESTED) == []


def test_the_log_says_when_a_value_was_filled_in(tmp_path: Path) -> None:
    """The rows are of the 10th day; the log has half of the values filled in a year and a half later."""
    years = range(2020, 2024)
    world = people_tested(
        *((JUNE[year], 100, 10) for year in years), (JUNE[2024], 50, 10), (JUNE[2024], 50, None)
    )
    tests = world.pop("partial_result")
    rows = [
        {"person_key": t["person_key"], "registered_on": t["dated_on"], "education_level": "3"} for t in tests
    ]
    filled = [t["person_key"] for n, t in enumerate(tests) if n % 2 and t["dated_on"].year < 2024]
    started = {p["person_key"]: p["created_on"] for p in world["person"]}
    log = pl.DataFrame(
        {
            "changed_table": ["bakgrunn"] * len(filled),
            "row_key_id": [str(k) for k in filled],
            "field": ["utd_niva"] * len(filled),
            "old_value": [None] * len(filled),
            "new_value": ["3"] * len(filled),
            "changed_on": [started[k] + timedelta(days=550) for k in filled],
        },
        schema_overrides={"old_value": pl.String},
    )
    field = ("background", "education_level")
    assert waiting(measured(tmp_path / "a", background=rows, **world), *field) == []
    assert waiting(measured(tmp_path / "b", log=log, background=rows, **world), *field) == [2024]


def test_what_tells_a_day_cannot_have_stood_there_before_that_day(tmp_path: Path) -> None:
    """Results are registered when the programme ends, and half are sent to NIR four months later."""
    ends = {
        n: date(year, 9, 1) for n, year in enumerate([y for y in range(2020, 2025) for _ in range(100)], 1)
    }
    late = date(2024, 10, 1)  # those that ended in 2024 and are sent late are not sent yet
    rows = [
        {"programme_key": n, "dated_on": end, "result": "1", "nir_exit": "1", "sent_to_nir_on": sent}
        for n, end in ends.items()
        for sent in [end if n % 2 else end + timedelta(days=200)]
    ]
    told = [
        r | {"sent_to_nir_on": r["sent_to_nir_on"] if r["sent_to_nir_on"] <= AS_OF else None} for r in rows
    ]
    world = {
        "person": persons(*ends),
        "case": cases(*ends),
        "programme": [
            row
            for n, end in ends.items()
            for row in programmes(n, started=date(end.year, 1, 10), ended_on=end, programme_status="3")
        ],
        "result": told,
    }
    assert late < AS_OF
    found = measured(tmp_path, **world)
    # The page's curve is of the same days: within a month of the end half are sent, and all within seven.
    evidence = Evidence(
        as_of=AS_OF, usable=usable(*ends), cores=store(tmp_path, **world), restricted={}, keys=NO_KEYS
    )
    curve = delays(evidence)[1].filter(table="result", column="sent_to_nir_on")
    sent = dict(curve.select("months", "share").rows())
    assert (sent[1], sent[6], sent[7]) == (500_000, 500_000, 1_000_000)
    assert waiting(found, "result", "sent_to_nir_on") == [2024]
    assert waiting(found, "result", "result") == []


def test_one_straggler_of_few_keeps_no_year_waiting(tmp_path: Path) -> None:
    """Of three values of 2020 one came in its 55th month: so few say nothing of the 50 of 2024."""
    world = people_tested((JUNE[2020], 2, 10), (JUNE[2020], 1, 1670), (JUNE[2024], 50, 10))
    assert waiting(measured(tmp_path, **world), *TESTED) == []


def test_who_is_not_due_yet_does_not_keep_a_year_waiting(tmp_path: Path) -> None:
    """All results come on the 20th day. Of 2024 half ended long ago, and half last week: not due yet."""
    ends = [date(year, 6, 1) for year in range(2020, 2025) for _ in range(50)] + [date(2025, 2, 20)] * 50
    world = {
        "person": persons(*range(1, len(ends) + 1)),
        "case": cases(*range(1, len(ends) + 1)),
        "programme": [
            row
            for n, end in enumerate(ends, 1)
            for row in programmes(n, started=date(min(end.year, 2024), 1, 10), ended_on=end)
        ],
        "result": [
            {"programme_key": n, "dated_on": end + timedelta(days=20), "result": "1"}
            for n, end in enumerate(ends, 1)
            if end.year < 2025
        ],
    }
    assert waiting(measured(tmp_path, **world), "result", "result") == []


# --- where no date tells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "years"), [(date(2024, 12, 31), [2023, 2024]), (date(2025, 1, 1), [2024]), (AS_OF, [2024])]
)
def test_where_the_rows_are_what_is_expected_a_year_is_ripe_when_it_has_been_over_for_twelve_months(
    tmp_path: Path, as_of: date, years: list[int]
) -> None:
    people = [p for year in (2022, 2023, 2024) for p in persons(year, created_on=JUNE[year], sex="1")]
    assert waiting(measured(tmp_path, as_of=as_of, person=people), "person", "sex") == years


def test_too_few_to_tell_a_pace_wait_as_long_and_thirty_are_enough(tmp_path: Path) -> None:
    few = people_tested(*((JUNE[year], 29, 10) for year in (2024,)), (JUNE[2021], 100, None))
    enough = people_tested(*((JUNE[year], 30, 10) for year in (2024,)), (JUNE[2021], 100, None))
    assert waiting(measured(tmp_path / "few", **few), *TESTED) == [2024]
    assert waiting(measured(tmp_path / "enough", **enough), *TESTED) == []


def test_what_a_row_cannot_be_without_and_what_nobody_promises_never_wait(tmp_path: Path) -> None:
    people = persons(1, created_on=JUNE[2024])
    rows = {
        "case": cases(1, opened_on=JUNE[2024]),
        "grant_claim": [{"person_key": 1, "claimed_on": JUNE[2024]}],
    }
    found = measured(tmp_path, person=people, **rows)
    assert waiting(found, "case", "case_status") == [2024]
    assert waiting(found, "case", "closed_on") == []  # nobody promises it
    assert waiting(found, "grant_claim", "paid_kr") == [2024]
    assert waiting(found, "grant_claim", "amount_kr") == []  # no claim is without one


def test_what_a_demand_gives_a_day_waits_for_that_day_alone(tmp_path: Path) -> None:
    """NIR asks for a programme's act two months after it began: what has been due since is missing."""
    began = programmes(*range(1, 41), started=JUNE[2024])
    found = measured(tmp_path, person=persons(*range(1, 41)), case=cases(*range(1, 41)), programme=began)
    assert waiting(found, "programme", "law") == []


# --- what follows -------------------------------------------------------------------------------------------


def filled(**by_year: int) -> QualityProfile:
    """Of 1000 in each year (y2020=..) so many with a value."""
    rows = [
        ("settlement", "settlement_form", GRANT_ONLY, int(name[1:]), "01", 1000, value, 0, 0, 1000 - value)
        for name, value in by_year.items()
    ]
    states = [state.value for state in ValueState]
    fill = pl.DataFrame(
        rows, schema=["table", "column", "population", "year", "bydel", "n", *states], orient="row"
    )
    return QualityProfile(as_of=AS_OF, fill=fill, by_adviser=fill.clear())


def waits(*years: int) -> pl.DataFrame:
    return pl.DataFrame(
        [("settlement", "settlement_form", GRANT_ONLY, year) for year in years], schema=UNRIPE, orient="row"
    )


FALLING = {"y2020": 900, "y2021": 900, "y2022": 900, "y2023": 600, "y2024": 300}


def test_a_fall_of_years_that_are_not_ripe_is_neither_a_break_nor_a_trend_and_is_told_to_wait() -> None:
    made = filled(**FALLING)
    found = results([breaks(made, NO_YEAR_WAITS), falling(made, NO_YEAR_WAITS)])
    assert found.filter(pl.col("status") == FAILED).select("flag", "year").rows() == [
        ("shifted", 2023),
        ("shifted", 2024),
        ("decaying", None),
    ]
    found = results([breaks(made, waits(2023, 2024)), falling(made, waits(2023, 2024))])
    assert found.filter(pl.col("status") == FAILED).is_empty()
    told = found.filter(pl.col("reason") == NOT_RIPE).select("check", "year", "status", "numerator").rows()
    assert told == [(BREAK, 2023, COULD_NOT_RUN, None), (BREAK, 2024, COULD_NOT_RUN, None)]


def test_a_ripe_year_is_not_compared_across_one_that_waits() -> None:
    """2023 waits: 2024 has no year before it to be compared with, and 2022 has."""
    found = breaks(filled(y2021=900, y2022=500, y2023=100, y2024=900), waits(2023))
    assert found.filter(pl.col("over")).select("year").to_series().to_list() == [2022]
    assert set(found["year"]) == {2022, 2023}


@pytest.mark.parametrize(("waiting_years", "reason"), [((2023, 2024), None), ((2022, 2023, 2024), NOT_RIPE)])
def test_a_trend_takes_three_ripe_years_of_the_last_five(
    waiting_years: tuple[int, ...], reason: str | None
) -> None:
    made = falling(filled(**FALLING), waits(*waiting_years))
    assert made["reason"].to_list() == [reason]
    few = falling(filled(y2020=900, y2021=900), NO_YEAR_WAITS)
    assert few["reason"].to_list() == ["too_few_years"]


# --- grades -------------------------------------------------------------------------------------------------

CELL = {"table": "settlement", "column": "settlement_form", "population": GRANT_ONLY, "bydel": "01"}
ZEROS = dict.fromkeys(
    ("unknown", "not_applicable", "must_not", "not_due", "missing", "invalid", "registered"), 0
)


def graded(found: pl.DataFrame, **cell: Any) -> tuple[str | None, str]:
    known = CELL | ZEROS | {"year": 2024} | cell
    known["expected"] = sum(known[name] for name in ZEROS)
    frame = pl.DataFrame([known], schema=polars_schema(ExpectedValues))
    grade: tuple[str | None, str] = grades(frame, found, AS_OF).select("grade", "reasons").row(0)
    return grade


def test_a_low_share_of_a_year_that_fills_up_is_no_grade_and_a_high_one_is() -> None:
    found = results([breaks(filled(**FALLING), waits(2024))])
    assert graded(found, registered=100, missing=900) == (None, "not_ripe below_20")
    assert graded(found, registered=950, missing=50) == ("A", "not_ripe")
    assert graded(found, registered=100, missing=900, year=2022) == ("D", "below_20")


def test_those_without_a_year_or_a_bydel_are_no_place_to_use_a_field_in() -> None:
    """They are there because a value is missing, so that its share says nothing."""
    none = results([])
    assert graded(none, missing=100, year=0) == (None, "not_placed")
    assert graded(none, missing=100, bydel="99") == (None, "not_placed")
    assert graded(none, missing=100) == ("D", "below_20")


def test_where_nobody_should_have_a_value_there_is_nothing_to_grade() -> None:
    none = results([])
    assert graded(none, must_not=100) == (None, "nobody_asked")
    assert graded(none, not_due=100) == (None, "nobody_asked not_due")
    assert graded(none, must_not=99, missing=1) == ("D", "few below_20")


@pytest.mark.parametrize("states", [{"not_applicable": 100}, {"not_applicable": 97, "registered": 3}])
def test_where_an_empty_value_always_is_an_answer_its_share_is_no_reason(states: dict[str, int]) -> None:
    field = {"table": "grant_claim", "column": "refusal"}
    assert graded(results([]), **field, **states) == (None, "empty_answers")
