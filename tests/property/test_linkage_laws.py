"""The SQL of the linkage agrees with plain Python on small worlds full of ties and open ends."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Settings
from pipeline.linkage import outcomes, queries
from schemas import BY_NAME, codes
from schemas.variable import polars_schema
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


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], date]:
    """Programmes that follow one another closely, some dates lost; NIR near their starts; a night."""
    programmes: list[dict[str, Any]] = []
    nir: list[dict[str, Any]] = []
    ends = [date(2025, 3, 1)]
    for person in range(1, draw(st.integers(2, 4))):
        day = draw(DAYS)
        for _ in range(draw(st.integers(1, 4))):
            started = day + timedelta(draw(APART))
            day = draw(st.sampled_from([day, *(started + timedelta(days) for days in (0, 1, 40, 300))]))
            ends.append(day)
            programmes.append(
                {
                    "person_key": person,
                    "case_key": draw(st.one_of(st.none(), st.integers(1, 3))),
                    "started_on": draw(st.sampled_from([started] * 5 + [None])),
                    "ended_on": draw(st.sampled_from([day] * 5 + [None])),
                    "programme_status": draw(st.sampled_from(["6", "6", "3", None])),
                }
            )
            nir += [draw(reports(person, started)) for _ in range(draw(st.integers(0, 2)))]
    return numbered("programme_key", draw(st.permutations(programmes))), nir, draw(st.sampled_from(ends))


def reports(person: int, near: date) -> st.SearchStrategy[dict[str, Any]]:
    """A row of NIR whose start lies near a programme's."""
    return st.fixed_dictionaries(
        {
            "person_key": st.just(person),
            "municipality": st.sampled_from(["0301", "0219"]),
            "started_on": APART.map(lambda days: near + timedelta(days)),
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
    history: tuple[list[dict[str, Any]], list[dict[str, Any]], date],
    reasons: dict[int, str | None],
) -> None:
    programmes, nir, as_of = history
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

    cohort = queries.exit_cohort(here, as_of, spells=spells)
    assert cohort.to_dicts() == reference.cohort(expected, as_of)


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
    spells = pl.DataFrame(
        numbered("programme_key", [{"person_key": p} for p in sorted(participants)] * 2),
        schema=dict(polars_schema(BY_NAME["programme_spell"])),
    )
    months = queries.work_month(
        here,
        annual=frame_of("employment_annual", annual),
        monthly=frame_of("employment_monthly", monthly),
        spells=spells,
    )
    assert months.to_dicts() == reference.work_months(annual, monthly, participants)


def as_member(person: int, ended_on: date, reason: str) -> dict[str, Any]:
    return {
        "person_key": person,
        "programme_key": person,
        "ended_on": ended_on,
        "exit_year": ended_on.year,
        "nir_exit": reason,
    }


# Most have left in 2014, and most statuses began around the day y1 is measured: they must meet.
MEMBERS = st.dictionaries(
    st.integers(1, 4),
    st.tuples(
        st.one_of(st.just(date(2014, 6, 30)), DAYS, st.dates(date(2010, 1, 1), date(2015, 12, 31))), REASONS
    ),
    max_size=4,
).map(lambda members: [as_member(person, *facts) for person, facts in members.items()])
STATUS_DAYS = st.sampled_from(
    [None, date(2015, 1, 1), date(2015, 11, 30), date(2015, 12, 1), date(2013, 11, 30)]
)
STATUSES = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": st.integers(1, 4),
            "year": st.sampled_from([2014, 2015, 2015, 2016, 2017]),
            "residence": st.sampled_from(codes.RESIDENCE.values()),
            "status_on": STATUS_DAYS,
        }
    ),
    max_size=16,
)
NOVEMBERS = st.builds(lambda year, month: date(year, month, 1), st.integers(2011, 2020), st.integers(10, 12))


@EXAMPLES
@given(
    members=MEMBERS,
    statuses=STATUSES,
    months=st.sets(st.tuples(st.integers(1, 4), NOVEMBERS), max_size=12),
    loaded=st.one_of(st.just(set(range(2011, 2022))), st.sets(st.integers(2011, 2020))),
    linkable=st.sets(st.integers(1, 4)),
    as_of=st.sampled_from([date(2013, 11, 29), date(2015, 11, 30), date(2016, 11, 30), date(2025, 3, 1)]),
)
def test_outcomes_agree_with_plain_python_and_add_up(
    here: Settings,
    members: list[dict[str, Any]],
    statuses: list[dict[str, Any]],
    months: set[tuple[int, date]],
    loaded: set[int],
    linkable: set[int],
    as_of: date,
) -> None:
    cohort = pl.DataFrame(members, schema=dict(polars_schema(BY_NAME["exit_cohort"])))
    outcome = queries.outcome(
        here,
        as_of,
        cohort=cohort,
        work=pl.DataFrame(sorted(months), schema={"person_key": pl.Int64, "month": pl.Date}, orient="row"),
        population=frame_of("population_status", statuses),
        loaded=pl.DataFrame({"year": sorted(loaded)}, schema={"year": pl.Int64}),
        linkable=pl.DataFrame({"person_key": sorted(linkable)}, schema={"person_key": pl.Int64}),
    )
    expected = reference.outcomes(members, months, statuses, as_of=as_of, loaded=loaded, linkable=linkable)
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
