"""Programmes, cohorts, months of work: SQL agrees with plain Python on worlds full of ties and open ends."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Settings
from pipeline.linkage import queries
from schemas import codes
from tests import linkage_reference as reference
from tests.linkage_world import frame_of, settings_at

EXAMPLES = settings(max_examples=100, deadline=None)

PERSONS = st.integers(1, 4)
# Close enough together for ties and for both sides of 31 days; a leap day, and the ends of years.
DAYS = st.one_of(
    st.dates(date(2012, 1, 1), date(2012, 4, 15)),
    st.sampled_from([date(2012, 2, 29), date(2011, 12, 31), date(2013, 12, 31), date(2014, 1, 1)]),
    st.sampled_from([date(2015, 11, 30), date(2015, 12, 1)]),
)
MAYBE_DAY = st.one_of(st.none(), DAYS)
REASONS = st.sampled_from(codes.NIR_EXIT.values())
MAYBE_REASON = st.one_of(st.none(), st.sampled_from(["98", "01", "11", "10"]))


@pytest.fixture(scope="module")
def here() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield settings_at(Path(folder))


def numbered(key: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, key: number} for number, row in enumerate(rows, start=1)]


# On, at both sides of, and past 31 days: independent dates would hardly ever meet.
APART = st.sampled_from([-32, -31, -30, -1, 0, 1, 30, 31, 32])


@dataclass
class History:
    """Programmes that follow one another closely, some dates lost; NIR near them; a night."""

    programmes: list[dict[str, Any]]
    nir: list[dict[str, Any]]
    leaves: list[dict[str, Any]]
    as_of: date


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history in which starts, ends, reports and leaves meet."""
    programmes: list[dict[str, Any]] = []
    nir: list[dict[str, Any]] = []
    leaves: list[dict[str, Any]] = []
    ends = [date(2025, 3, 1)]
    for person in range(1, draw(st.integers(2, 4))):
        day = draw(DAYS)
        for _ in range(draw(st.integers(1, 4))):
            started = day + timedelta(draw(APART))
            day = draw(
                st.sampled_from([day, day, day, *(started + timedelta(days) for days in (0, 1, 40, 300))])
            )
            ends.append(day)
            programmes.append(
                {
                    "person_key": person,
                    "case_key": draw(st.one_of(st.none(), st.integers(1, 3))),
                    "started_on": draw(st.sampled_from([started] * 5 + [None])),
                    "ended_on": draw(st.sampled_from([day] * 5 + [None])),
                    "programme_status": draw(st.sampled_from(["6", "6", "3", "3", "1", "2", "7", None])),
                }
            )
            nir += [draw(reports(person, started, day)) for _ in range(draw(st.integers(0, 2)))]
            leaves += [draw(leaves_near(person, started, day)) for _ in range(draw(st.integers(0, 2)))]
        ends += [leave["ended_on"] for leave in leaves if leave["ended_on"]]
    return History(
        numbered("programme_key", draw(st.permutations(programmes))), nir, leaves, draw(st.sampled_from(ends))
    )


@st.composite
def leaves_near(draw: st.DrawFn, person: int, started: date, ended: date) -> dict[str, Any]:
    """A leave around the end of a programme, or one of its start; often told by several deliveries."""
    began = draw(
        st.sampled_from(
            [
                started,
                ended,
                *(ended + timedelta(days) for days in (-1, 30, 31, 31, 32)),
                started - timedelta(1),
            ]
        )
    )
    return {
        "person_key": person,
        "municipality": draw(st.sampled_from(["0301", "0219"])),
        "leave_cause": draw(st.sampled_from(["OMS", "OMS", "OMS", "SYK"])),
        "started_on": began,
        "ended_on": draw(
            st.one_of(st.none(), st.sampled_from([ended + timedelta(days) for days in (-1, 0, 1, 50, 300)]))
        ),
        "delivery_year": draw(st.integers(2013, 2014)),
    }


def reports(person: int, near: date, end: date) -> st.SearchStrategy[dict[str, Any]]:
    """A row of NIR whose start, and end if any, lie near a programme's."""
    return st.fixed_dictionaries(
        {
            "person_key": st.just(person),
            "municipality": st.sampled_from(["0301", "0219"]),
            "started_on": APART.map(lambda days: near + timedelta(days)),
            "ended_on": st.one_of(st.none(), APART.map(lambda days: end + timedelta(days))),
            "nir_exit": MAYBE_REASON,
            "delivery_year": st.integers(2013, 2015),
        }
    )


CASES = [{"case_key": n, "person_key": 1, "bydel": bydel} for n, bydel in ((1, "01"), (2, None), (3, "15"))]


@EXAMPLES
@given(
    history=histories(),
    reasons=st.dictionaries(st.integers(1, 10), MAYBE_REASON, max_size=10),
)
def test_spells_and_cohort_agree_with_plain_python(
    here: Settings,
    history: History,
    reasons: dict[int, str | None],
) -> None:
    programmes, nir = history.programmes, history.nir
    results = [{"programme_key": key, "nir_exit": reason} for key, reason in reasons.items()]
    spells = queries.programme_spell(
        here,
        programme=frame_of("programme", programmes),
        case=frame_of("case", CASES),
        result=frame_of("result", results),
        nir=frame_of("nir_participant", nir),
    )
    expected = reference.spells(programmes, CASES, results, nir)
    assert spells.drop("law").to_dicts() == expected

    cohort = queries.exit_cohort(
        here, history.as_of, spells=spells, leave=frame_of("nir_leave", history.leaves)
    )
    assert cohort.to_dicts() == reference.cohort(expected, history.as_of, history.leaves)

    excluded = queries.cohort_exclusion(here, history.as_of, spells=spells, cohort=cohort)
    assert excluded.to_dicts() == reference.exclusions(
        expected, cohort["person_key"].to_list(), history.as_of
    )
    counted = [*cohort["person_key"], *excluded["person_key"]]
    assert sorted(counted) == sorted({row["person_key"] for row in programmes})


HOURS = st.sampled_from([0.0, 0.1, 37.5])
PAY = st.sampled_from([0, 1, 30_000])
ANNUAL = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": PERSONS,
            "year": st.integers(2012, 2014),
            "started_on": DAYS,
            "ended_on": MAYBE_DAY,
            "hours_per_week": HOURS,
            "pay_kr": PAY,
        }
    ),
    max_size=8,
)
MONTHLY = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": PERSONS,
            "month": st.dates(date(2015, 1, 1), date(2016, 12, 31)),
            "hours_per_week": HOURS,
            "pay_month_kr": PAY,
        }
    ),
    max_size=8,
)


@EXAMPLES
@given(annual=ANNUAL, monthly=MONTHLY, participants=st.sets(PERSONS))
def test_months_of_work_agree_with_plain_python(
    here: Settings, annual: list[dict[str, Any]], monthly: list[dict[str, Any]], participants: set[int]
) -> None:
    years = queries.work_year(
        here,
        annual=frame_of("employment_annual", annual),
        monthly=frame_of("employment_monthly", monthly),
        participants=pl.DataFrame({"person_key": sorted(participants)}, schema={"person_key": pl.Int64}),
    )
    months = queries.work_month(here, years=years)
    assert months.to_dicts() == reference.work_months(annual, monthly, participants)
    # A year with a record has a row, whether or not there was work in it.
    records = {(row["person_key"], row["year"], "annual") for row in annual}
    records |= {(row["person_key"], row["month"].year, "monthly") for row in monthly}
    of_participants = sorted(record for record in records if record[0] in participants)
    assert years.select("person_key", "year", "series").rows() == of_participants
