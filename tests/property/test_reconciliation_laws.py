"""Chains, reconciliation, flags and match rates by SQL agree with plain Python on small crowded worlds."""

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
from pipeline.linkage import matching, queries, reconcile
from schemas import codes
from schemas.linked.outcome import ProgrammeSpell
from schemas.linked.reconciliation import ProgrammeChain
from schemas.variable import polars_schema
from tests import reconciliation_reference as reference
from tests.linkage_world import frame_of, settings_at, store

pytestmark = pytest.mark.slow  # hundreds of small worlds

EXAMPLES = settings(max_examples=60, deadline=None)
PERSONS = (1, 2, 3)
# Few days, so that programmes touch and reports lie on both sides of 31 days; a leap day, years' ends.
DAYS = st.one_of(
    st.dates(date(2012, 1, 1), date(2012, 4, 15)),
    st.sampled_from([date(2012, 2, 29), date(2012, 12, 31), date(2013, 1, 1), date(2013, 2, 28)]),
)
MAYBE = st.one_of(st.none(), DAYS)
DECIDED = st.sampled_from([None, date(2012, 1, 5), date(2012, 2, 1)])  # few: the two systems must meet
APART = st.sampled_from([-32, -31, -1, 0, 1, 31, 32])
# Long before, at, and long after the programmes.
OPENED = st.sampled_from(
    [date(2010, 1, 1), date(2011, 6, 1), date(2012, 3, 1), date(2015, 6, 1), date(2016, 1, 1)]
)
REASONS = st.sampled_from([None, "98", "01", "11"])
BYDELER = st.sampled_from([None, "01", "12"])


@pytest.fixture(scope="module")
def here() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield settings_at(Path(folder))


@st.composite
def spells(draw: st.DrawFn) -> list[dict[str, Any]]:
    """ProgrammeSpell rows that follow closely on one another, some dates lost, some moved bydel."""
    out: list[dict[str, Any]] = []
    for person in PERSONS[: draw(st.integers(1, 3))]:
        day = draw(DAYS)
        for number in range(1, draw(st.integers(1, 4)) + 1):
            started = day + timedelta(draw(APART))
            day = started + timedelta(draw(st.sampled_from([-1, 0, 40, 366, 1200])))
            out.append(
                {
                    "person_key": person,
                    "programme_key": 10 * person + number,
                    "programme_number": number,
                    "bydel": draw(BYDELER),
                    "law": draw(st.sampled_from(["2003", "2021"])),
                    "started_on": draw(st.sampled_from([started, started, started, None])),
                    "ended_on": draw(st.sampled_from([day, day, None])),
                    "programme_status": draw(st.sampled_from(["6", "6", "1", "3", None])),
                    "nir_exit": None,
                }
            )
    return out


def spell_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=polars_schema(ProgrammeSpell))


@EXAMPLES
@given(rows=spells())
def test_chains_agree_with_plain_python(here: Settings, rows: list[dict[str, Any]]) -> None:
    made = reconcile.programme_chain(here, spells=spell_frame(rows))
    assert made.to_dicts() == reference.chains(rows)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Chains, and a NIR that repeats, moves, forgets and invents them."""
    parts = reference.chains(draw(spells()))
    firsts = sorted({p["first_programme_key"] for p in parts})
    lasts = [p for p in parts if p["programme_key"] == p["last_programme_key"]]
    nir: dict[Any, dict[str, Any]] = {}  # by primary key
    for _ in range(draw(st.integers(0, 4))):
        chain = draw(st.sampled_from(lasts))
        started = (chain["began_on"] or draw(DAYS)) + timedelta(draw(APART))
        report = {
            "person_key": chain["person_key"],
            "municipality": draw(st.sampled_from(["0219", "0219", "3024", "0301", "9999"])),
            "started_on": started,
        }
        # Told in several deliveries, each time perhaps otherwise.
        for year in draw(st.sets(st.integers(2010, 2013), min_size=1)):
            end = draw(st.sampled_from([chain["ended_on"], chain["ended_on"], None, started + timedelta(90)]))
            nir[(*report.values(), year)] = {
                **report,
                "decided_on": draw(DECIDED),
                "ended_on": None if end is not None and end < started else end,
                "nir_exit": draw(REASONS),
                "delivery_year": year,
            }
    persons = st.sampled_from(PERSONS)
    return {
        "parts": parts,
        "programmes": [{"programme_key": key, "decided_on": draw(DECIDED)} for key in firsts],
        "cases": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "person_key": persons,
                        "municipality": st.sampled_from(["0219", "0219", "0301", "9999"]),
                        "bydel": BYDELER,
                        "opened_on": OPENED,
                    }
                ),
                max_size=6,
            ).map(lambda rows: [{**row, "case_key": n} for n, row in enumerate(rows, 1)])
        ),
        "results": [
            {
                "programme_key": p["programme_key"],
                "dated_on": draw(MAYBE),
                "nir_exit": draw(REASONS),
                "sent_to_nir_on": draw(MAYBE),
            }
            for p in lasts
            if draw(st.booleans())
        ],
        "activities": [
            {
                "activity_key": n,
                "programme_key": draw(st.sampled_from(parts))["programme_key"],
                "activity": kind,
            }
            for n, kind in enumerate(
                draw(st.lists(st.sampled_from(["SPR", "ARB", "HEL", None]), max_size=5)), 1
            )
        ],
        "nir": list(nir.values()),
        "measures": unique(
            draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "person_key": persons,
                            "municipality": st.sampled_from(["0219", "3024", "9999"]),
                            "measure": st.sampled_from(["NOR", "SPP", "ARP", "HEL", "ANN"]),
                            "started_on": DAYS,
                            "ended_on": st.one_of(st.none(), st.just(date(2013, 6, 1))),
                            "delivery_year": st.integers(2012, 2013),
                        }
                    ),
                    max_size=6,
                )
            ),
            "person_key",
            "municipality",
            "measure",
            "started_on",
            "delivery_year",
        ),
        "nir_years": draw(st.sets(st.integers(2011, 2014))),
        "identified": draw(st.dictionaries(persons, st.sampled_from(["FNR", "DUF", "NONE"]))),
        "changes": {p["programme_key"]: draw(DAYS) for p in lasts if draw(st.booleans())},
    }


def unique(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return list({tuple(row[name] for name in names): row for row in rows}.values())


def identified_frame(identified: dict[int, str]) -> pl.DataFrame:
    schema = {"person_key": pl.Int64, "best_identifier": pl.String}
    return pl.DataFrame(sorted(identified.items()), schema=schema, orient="row")


@EXAMPLES
@given(world=worlds())
def test_reconciliation_agrees_with_plain_python_and_accounts_for_everything(
    here: Settings, world: dict[str, Any]
) -> None:
    made = reconcile.reconciliation(
        here,
        chains=pl.DataFrame(world["parts"], schema=polars_schema(ProgrammeChain)),
        programme=frame_of("programme", world["programmes"]),
        case=frame_of("case", world["cases"]),
        result=frame_of("result", world["results"]),
        activity=frame_of("activity", world["activities"]),
        nir=frame_of("nir_participant", world["nir"]),
        measures=frame_of("nir_measure", world["measures"]),
        nir_years=world["nir_years"],
        identified=identified_frame(world["identified"]),
        changes=pl.DataFrame(
            sorted(world["changes"].items()),
            schema={"programme_key": pl.Int64, "changed_on": pl.Date},
            orient="row",
        ),
    )
    assert made.rows() == reference.reconciliation(**world)

    # Every chain has said something, and what it said is one thing or several differences.
    of_chain = made.filter(pl.col("kind") != "only_in_nir")
    wanted = {(p["person_key"], p["number"]) for p in world["parts"]}
    assert set(of_chain.select("person_key", "number").rows()) == wanted
    alone = pl.col("kind").is_in(["agrees", "only_in_case_system", "not_delivered", "not_identified"])
    assert of_chain.filter(alone.any().over("person_key", "number")).height == of_chain.filter(alone).height
    summary = reconcile.reconciliation_summary(here, differences=made)
    assert summary["programmes"].sum() == made.height
    assert dict(summary.group_by("kind").agg(pl.col("programmes").sum()).rows()) == dict(
        made.group_by("kind").len().rows()
    )


LONG_DAYS = st.one_of(
    st.sampled_from([date(2012, 2, 29), date(2019, 12, 31), date(2020, 12, 31), date(2021, 1, 1)]),
    st.sampled_from([date(2022, 6, 14), date(2022, 6, 15), date(2024, 2, 29)]),
)


@st.composite
def long_programmes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Programmes that end around their limits: a day before, on, and after."""
    out = []
    for person in PERSONS[: draw(st.integers(1, 3))]:
        for number in range(1, draw(st.integers(1, 2)) + 1):
            started = draw(LONG_DAYS)
            months = draw(st.sampled_from([12, 36, 48]))
            limit = reference.after_months(started, months)
            end = limit + timedelta(draw(st.sampled_from([-2, -1, 0, 1, 3, 9])))
            out.append(
                {
                    "person_key": person,
                    "programme_key": 10 * person + number,
                    "programme_number": number,
                    "bydel": None,
                    "law": draw(st.sampled_from(["2003", "2021"])),
                    "started_on": draw(st.sampled_from([started, started, started, None])),
                    "ended_on": draw(st.sampled_from([end, end, None])),
                    "programme_status": draw(st.sampled_from(["1", "2", "3", None])),
                    "nir_exit": None,
                }
            )
    return out


@st.composite
def leaves(draw: st.DrawFn, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Absences in the case system and leave in NIR that meet, repeat and stick out of the programmes."""
    absences, told = [], []
    for row in rows:
        about = row["started_on"] or date(2020, 1, 1)
        for _ in range(draw(st.integers(0, 2))):
            first = about + timedelta(draw(st.sampled_from([-3, 0, 1, 5, 1000])))
            last = draw(st.sampled_from([None, first, first + timedelta(4)]))
            cause = draw(st.sampled_from(["FOD", "PER", "SYK"]))
            absences.append(
                {
                    "programme_key": row["programme_key"],
                    "started_on": first,
                    "ended_on": last,
                    "absence_cause": cause,
                    "days": draw(st.sampled_from([None, 0, 3])),
                }
            )
            told.append(
                {
                    "person_key": row["person_key"],
                    "municipality": "0301",
                    "leave_cause": draw(st.sampled_from(["OMS", "SYK"])),
                    "started_on": first + timedelta(draw(st.sampled_from([0, 2]))),
                    "ended_on": draw(st.sampled_from([None, first + timedelta(6)])),
                    "delivery_year": draw(st.integers(2020, 2021)),
                }
            )
    return (
        unique(absences, "programme_key", "started_on"),
        unique(told, "person_key", "leave_cause", "started_on", "delivery_year"),
    )


@EXAMPLES
@given(
    data=st.data(),
    rows=st.one_of(long_programmes(), spells()),
    permits=st.lists(
        st.fixed_dictionaries(
            {
                "person_key": st.sampled_from(PERSONS),
                "valid_from": LONG_DAYS,
                "permit_ground": st.sampled_from(["34", "28", None]),
                "decided_on": st.one_of(st.none(), LONG_DAYS),
            }
        ),
        max_size=4,
    ),
    as_of=st.sampled_from([date(2023, 6, 14), date(2023, 6, 15), date(2025, 3, 1)]),
)
def test_flags_agree_with_plain_python(
    here: Settings,
    data: st.DataObject,
    rows: list[dict[str, Any]],
    permits: list[dict[str, Any]],
    as_of: date,
) -> None:
    parts = reference.chains(rows)
    goals = st.sampled_from([None, *codes.PROGRAMME_GOAL.values()])
    programmes = [{"programme_key": row["programme_key"], "programme_goal": data.draw(goals)} for row in rows]
    absences, told = data.draw(leaves(rows))
    permits = unique(permits, "person_key", "valid_from")
    made = reconcile.programme_flag(
        here,
        as_of,
        spells=spell_frame(rows),
        chains=pl.DataFrame(parts, schema=polars_schema(ProgrammeChain)),
        programme=frame_of("programme", programmes),
        residence_permit=frame_of("residence_permit", permits),
        absence=frame_of("absence", absences),
        leave=frame_of("nir_leave", told),
    )
    expected = reference.flags(
        rows,
        parts,
        programmes=programmes,
        permits=permits,
        absences=absences,
        leaves=told,
        as_of=as_of,
    )
    assert made.select("programme_key", "flag", "law").rows() == expected


REGISTERS = {name: "year" for name in matching.KNOWN_BY} | {
    "nir_participant": "delivery_year",
    "employment_monthly": "month",
}
MOVED_ON = st.sampled_from(
    [None, date(2010, 5, 1), date(2012, 1, 1), date(2012, 1, 2), date(2012, 12, 31), date(2013, 6, 1)]
)
# What the population register says of (year, person), the same for whoever asks.
RESIDENCES = st.dictionaries(
    st.tuples(st.integers(2011, 2014), st.sampled_from(PERSONS)),
    st.tuples(st.sampled_from(["bosatt", "utvandret", "utvandret", "dod"]), MOVED_ON),
    max_size=5,
)


def told_of(
    year: int, person: int, residences: dict[tuple[int, int], tuple[str, date | None]]
) -> dict[str, Any]:
    residence, day = residences.get((year, person), ("bosatt", date(2008, 1, 1)))
    return {"residence": residence, "status_on": day}


@settings(max_examples=40, deadline=None)
@given(
    rows=spells(),
    identified=st.dictionaries(st.sampled_from(PERSONS), st.sampled_from(codes.BEST_IDENTIFIER.values())),
    records=st.sets(
        st.tuples(st.sampled_from(sorted(REGISTERS)), st.integers(2011, 2014), st.sampled_from([*PERSONS, 9]))
    ),
    empty=st.sets(st.tuples(st.sampled_from(sorted(REGISTERS)), st.integers(2011, 2014))),
    linkable=st.sets(st.sampled_from([*PERSONS, 9])),
    residences=RESIDENCES,
)
def test_match_rates_agree_with_plain_python(
    here: Settings,
    rows: list[dict[str, Any]],
    identified: dict[int, str],
    records: set[tuple[str, int, int]],
    empty: set[tuple[str, int]],
    linkable: set[int],
    residences: dict[tuple[int, int], tuple[str, date | None]],
) -> None:
    records = records | {("population_status", year, person) for year, person in residences}
    years = {(register, year) for register, year, _ in records} | empty
    registers: dict[str, list[Any]] = {}
    for register, year in sorted(years):
        when: Any = date(year, 3, 1) if register == "employment_monthly" else year
        stood = [
            {"person_key": person, REGISTERS[register]: when}
            | (told_of(year, person, residences) if register == "population_status" else {})
            for name, of, person in sorted(records)
            if (name, of) == (register, year)
        ]
        part = f"{year}-03" if register == "employment_monthly" else f"{year}"
        registers.setdefault(register, []).append(store(here, register, part, stood))
    spells = spell_frame(rows)
    made = matching.match_rate(
        here,
        spells=spells,
        work=queries.work_year(
            here,
            annual=registers.get(matching.ANNUAL, []),
            monthly=registers.get(matching.MONTHLY, []),
            participants=spells.select("person_key").unique(),
        ),
        registers=registers,
        identified=identified_frame(identified),
        linkable=pl.DataFrame({"person_key": sorted(linkable)}, schema={"person_key": pl.Int64}),
    )
    population = [
        {"person_key": person, "year": year} | told_of(year, person, residences)
        for name, year, person in records
        if name == "population_status"
    ]
    expected = reference.match_rates(rows, sorted(years), records, identified, linkable, population)
    assert sorted(made.rows()) == expected
    assert made.filter(pl.col("expected") < pl.col("linkable")).is_empty()
    assert made.filter(pl.col("linkable") < pl.col("with_record")).is_empty()
