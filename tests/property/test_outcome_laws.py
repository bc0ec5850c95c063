"""Months, outcomes and the panel: SQL agrees with plain Python on small worlds where everything meets."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.config import Settings
from pipeline.linkage import outcomes, queries
from schemas import BY_NAME, codes
from schemas.variable import polars_schema
from tests import outcome_reference as reference
from tests.linkage_world import frame_of, settings_at

EXAMPLES = settings(max_examples=100, deadline=None)
PERSONS = st.integers(1, 3)


@pytest.fixture(scope="module")
def here() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield settings_at(Path(folder))


def linked_frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(polars_schema(BY_NAME[table])))


def as_years(table: str, said: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of persons and months as rows of their years: what is true of a month is a bit of its number."""
    names = [name for name in polars_schema(BY_NAME[table]) if name.startswith("months_")]
    years: dict[tuple[int, int], dict[str, Any]] = {}
    for row in said:
        key = (row["person_key"], row["month"].year)
        year = years.setdefault(key, {"series": "annual", **dict.fromkeys(names, 0)})
        for name in names:
            year[name] += row[name.removeprefix("months_")] << row["month"].month
    rows = [{"person_key": person, "year": year} | years[person, year] for person, year in sorted(years)]
    schema = dict(polars_schema(BY_NAME[table]))
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)


# --- months --------------------------------------------------------------------------------------------

# A leap day, both ends of a month and of a year, and days that share a month.
DAYS = st.sampled_from(
    [
        date(2011, 12, 31),
        date(2012, 1, 1),
        date(2012, 1, 31),
        date(2012, 2, 1),
        date(2012, 2, 29),
        date(2012, 3, 1),
        date(2012, 3, 10),
        date(2012, 3, 20),
        date(2012, 12, 31),
        date(2013, 1, 1),
        date(2013, 2, 28),
    ]
)
EDUCATION = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": PERSONS,
            "year": st.integers(2011, 2013),
            "nus2000": st.sampled_from(["000000", "211000", "399903", "541101", "641130", "999999"]),
            "started_on": DAYS,
            "ended_on": st.one_of(st.none(), DAYS),
            "education_status": st.sampled_from(codes.EDUCATION_STATUS.values()),
        }
    ),
    max_size=8,
)
# What happens to one benefit on days that lie months apart, and two in one month: starts, stops, and both.
EVENTS = st.dictionaries(
    st.sampled_from(
        [
            date(2012, 1, 31),
            date(2012, 2, 29),
            date(2012, 4, 10),
            date(2012, 4, 20),
            date(2012, 7, 1),
            date(2012, 12, 31),
            date(2013, 2, 28),
        ]
    ),
    st.sampled_from([("START",), ("STOPP",), ("START", "STOPP")]),
    max_size=6,
)
BENEFITS = st.dictionaries(
    st.sampled_from([(1, "DAG"), (1, "AAP"), (2, "OVE"), (2, "TIL"), (2, "LED")]), EVENTS, max_size=3
).flatmap(
    lambda told: st.permutations(
        [
            {"person_key": person, "benefit": benefit, "event": event, "event_on": day}
            for (person, benefit), days in told.items()
            for day, events in days.items()
            for event in events
        ]
    )
)
ASSISTANCE = st.lists(
    st.fixed_dictionaries(
        {"person_key": PERSONS, "year": st.integers(2011, 2013)}
        | {f"month_{n:02}": st.sampled_from([None, False, False, True]) for n in range(1, 13)}
    ),
    max_size=3,
)
WORK = st.sets(st.tuples(PERSONS, st.sampled_from([date(2012, 2, 1), date(2013, 5, 1)])), max_size=4)


# An end before the start, in one month: hardly ever drawn.
BACKWARDS = {
    "person_key": 1,
    "year": 2012,
    "nus2000": "541101",
    "started_on": date(2012, 3, 20),
    "ended_on": date(2012, 3, 10),
    "education_status": "avbrutt",
}


@EXAMPLES
@example(work=set(), education=[BACKWARDS], benefits=[], assistance=[], participants={1}, last_year=2012)
@given(
    work=WORK,
    education=EDUCATION,
    benefits=BENEFITS,
    assistance=ASSISTANCE,
    participants=st.sets(PERSONS),
    last_year=st.sampled_from([2012, 2013]),
)
def test_months_agree_with_plain_python(
    here: Settings,
    work: set[tuple[int, date]],
    education: list[dict[str, Any]],
    benefits: list[dict[str, Any]],
    assistance: list[dict[str, Any]],
    participants: set[int],
    last_year: int,
) -> None:
    in_work = [
        {"person_key": person, "month": month, "in_work": True}
        for person, month in sorted(work)
        if person in participants
    ]
    delivered_to = date(last_year, 12, 31)
    spells = [{"programme_key": p, "person_key": p} for p in sorted(participants)]
    years = queries.year_status(
        here,
        work=as_years("work_year", in_work),
        education=frame_of("education", education),
        benefit=frame_of("benefit", benefits),
        assistance=frame_of("social_assistance", assistance),
        spells=linked_frame("programme_spell", spells),
        delivered_to=delivered_to,
    )
    months = queries.month_status(here, years=years)
    expected = reference.month_statuses(in_work, education, benefits, assistance, participants, delivered_to)
    assert months.to_dicts() == expected
    assert years.rows() == as_years("year_status", expected).rows()


# --- outcomes ------------------------------------------------------------------------------------------


def as_member(person: int, left_on: date, reason: str) -> dict[str, Any]:
    return {
        "person_key": person,
        "programme_key": person,
        "ended_on": left_on,
        "left_on": left_on,
        "exit_year": left_on.year,
        "nir_exit": reason,
    }


# Most have left in 2014, and most statuses began around the day y1 is measured: they must meet.
LEFT = st.one_of(
    st.just(date(2014, 6, 30)),
    st.sampled_from([date(2012, 2, 29), date(2011, 12, 31), date(2014, 1, 31), date(2014, 11, 30)]),
    st.dates(date(2010, 1, 1), date(2015, 12, 31)),
)
MEMBERS = st.dictionaries(PERSONS, st.tuples(LEFT, st.sampled_from(codes.NIR_EXIT.values())), max_size=3).map(
    lambda members: [as_member(person, *facts) for person, facts in sorted(members.items())]
)
STATUSES = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": PERSONS,
            "year": st.sampled_from([2014, 2015, 2015, 2016, 2017]),
            "residence": st.sampled_from(codes.RESIDENCE.values()),
            "status_on": st.sampled_from(
                [None, date(2015, 1, 1), date(2015, 11, 30), date(2015, 12, 1), date(2013, 11, 30)]
            ),
        }
    ),
    max_size=12,
)
# The months the windows of 2014's exits are read in, and those beside them.
MONTHS = st.builds(
    lambda year, month: date(year, month, 1), st.integers(2014, 2019), st.sampled_from([5, 6, 10, 11, 12])
)
MONTH_STATUSES = st.dictionaries(
    st.tuples(PERSONS, MONTHS),
    st.sets(st.sampled_from(reference.FLAGS), min_size=1),
    max_size=20,
).map(
    lambda said: [
        {"person_key": person, "month": month} | {flag: flag in flags for flag in reference.FLAGS}
        for (person, month), flags in sorted(said.items())
    ]
)
EVERY_MONTH = [date(year, month, 1) for year in range(2010, 2022) for month in range(1, 13)]
# All months, or all but a few: those that are missing must be asked for.
ANSWERABLE = st.one_of(
    st.just(frozenset(EVERY_MONTH)),
    st.sets(st.sampled_from(EVERY_MONTH)),
    st.sets(MONTHS).map(lambda missing: frozenset(EVERY_MONTH) - missing),
)
AS_OF = st.sampled_from([date(2013, 11, 29), date(2015, 11, 30), date(2016, 11, 30), date(2025, 3, 1)])
LINKABLE = st.sets(PERSONS)


@EXAMPLES
@given(
    members=MEMBERS,
    statuses=STATUSES,
    months=MONTH_STATUSES,
    answerable=ANSWERABLE,
    but_for=st.sampled_from([None, *codes.OUTCOME.values()]),
    linkable=LINKABLE,
    as_of=AS_OF,
)
def test_outcomes_agree_with_plain_python_and_add_up(
    here: Settings,
    members: list[dict[str, Any]],
    statuses: list[dict[str, Any]],
    months: list[dict[str, Any]],
    answerable: frozenset[date],
    but_for: str | None,
    linkable: set[int],
    as_of: date,
) -> None:
    can_be_read = {
        (o, month) for o in codes.OUTCOME.values() if o not in ("y0", but_for) for month in answerable
    }
    cohort = linked_frame("exit_cohort", members)
    outcome = queries.outcome(
        here,
        as_of,
        cohort=cohort,
        years=as_years("year_status", months),
        population=frame_of("population_status", statuses),
        answerable=answerable_frame(can_be_read),
        linkable=persons(linkable),
    )
    expected = reference.outcomes(
        members, months, statuses, as_of=as_of, answerable=can_be_read, linkable=linkable
    )
    assert outcome.to_dicts() == expected

    assert outcome.filter((pl.col("censoring") == "observed") != pl.col("status").is_not_null()).is_empty()
    assert outcome.filter(pl.col("in_numerator") & ~pl.col("in_denominator")).is_empty()

    summary = queries.outcome_summary(here, outcomes=outcome)
    size = {year: n for year, n in cohort.group_by("exit_year").len().iter_rows()}
    not_observed = [code for code in codes.CENSORING.values() if code != "observed"]
    for row in summary.iter_rows(named=True):
        assert row["denominator"] + sum(row[reason] for reason in not_observed) == size[row["exit_year"]]
        of_row = [o for o in expected if (o["exit_year"], o["outcome"]) == (row["exit_year"], row["outcome"])]
        assert row["numerator"] == sum(o["in_numerator"] for o in of_row)
        for reason in not_observed:
            assert row[reason] == sum(o["censoring"] == reason for o in of_row)
    assert summary.height == len(size) * len(outcomes.WINDOWS)


@EXAMPLES
@given(
    members=MEMBERS,
    statuses=STATUSES,
    months=MONTH_STATUSES,
    answerable=ANSWERABLE,
    linkable=LINKABLE,
    as_of=AS_OF,
)
def test_the_panel_agrees_with_plain_python(
    here: Settings,
    members: list[dict[str, Any]],
    statuses: list[dict[str, Any]],
    months: list[dict[str, Any]],
    answerable: frozenset[date],
    linkable: set[int],
    as_of: date,
) -> None:
    # What can be read for another measure says nothing of the panel.
    others = {("y1", month) for month in EVERY_MONTH}
    panel = queries.panel(
        here,
        as_of,
        cohort=linked_frame("exit_cohort", members),
        years=as_years("year_status", months),
        population=frame_of("population_status", statuses),
        answerable=answerable_frame({("panel", month) for month in answerable} | others),
        linkable=persons(linkable),
    )
    assert panel.to_dicts() == reference.panel(
        members, months, statuses, as_of=as_of, answerable=answerable, linkable=linkable
    )


def answerable_frame(months: set[tuple[str, date]]) -> pl.DataFrame:
    return pl.DataFrame(sorted(months), schema={"outcome": pl.String, "month": pl.Date}, orient="row")


def persons(keys: set[int]) -> pl.DataFrame:
    return pl.DataFrame({"person_key": sorted(keys)}, schema={"person_key": pl.Int64})
