"""Social assistance, a run of months a year, and form 11F as KOSTRA delivers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.identifiers import dummies, text
from pipeline.synthetic.life import ASSISTANCE_CODE, Years, exit_codes
from pipeline.synthetic.people import People
from pipeline.synthetic.places import numbers_in
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.streams import (
    NEVER,
    Ints,
    Streams,
    Strings,
    dates,
    month_of,
    month_start,
    pick,
    year_start,
)
from schemas import codes
from schemas.codes.welfare import INTRODUCTION_BENEFIT, INTRODUCTION_PROGRAMME
from schemas.registers.welfare import (
    MONTHS,
    SocialAssistance,
)

if TYPE_CHECKING:  # that module reads this one
    from pipeline.synthetic.municipality import Municipality

HIGHEST_AMOUNT = 12_000  # kroner a month
LOAN_SHARE = 0.12
UNKNOWN_NUMBER = 0.005  # rows with a stand-in for the number: the DUF number says who it is
WORKING, STUDYING, JOBLESS, NOT_SEEKING = "01", "03", "07", "04"
INCOME_FROM_WORK, GRANT, BENEFIT, ASSISTANCE = "1", "4", "3", "5"
NO_BENEFIT = "12"
assert {WORKING, STUDYING, JOBLESS, NOT_SEEKING} <= set(codes.WORK_SITUATION.values())
assert {INCOME_FROM_WORK, GRANT, BENEFIT, ASSISTANCE} <= set(codes.MAIN_INCOME.values())
BENEFITS_DRAWN = {NO_BENEFIT: 80, "11": 8, "05": 4, "04": 3, "02": 5}
assert set(BENEFITS_DRAWN) <= set(codes.BENEFIT_SITUATION.values())


@dataclass(frozen=True)
class Assistance:
    """A row a person and year: first and last month (from 1), kroner, and what the person did then."""

    person: Ints
    year: Ints
    first: Ints
    last: Ints
    contribution: Ints
    loan: Ints
    situation: Strings
    income: Strings
    drawn: Strings


def assistance(
    streams: Streams, people: People, programmes: Programmes, life: Years, as_of: int
) -> Assistance:  # fmt: skip
    """The months of each year, never before settlement nor after the person left."""
    generator = streams.of("assistance")
    person, column = np.nonzero(life.assisted)
    year = life.first + column
    size = person.size
    first = generator.integers(1, MONTHS + 1, size)
    last = np.minimum(first + generator.geometric(0.25, size) - 1, MONTHS)
    code, exit_day = exit_codes(people, programmes)
    told = (code[person] == ASSISTANCE_CODE) & (life.since_exit[person, column] == 0)
    exit_month = month_of(np.minimum(exit_day[person], as_of)) % MONTHS + 1
    first, last = np.where(told, exit_month, first), np.where(told, MONTHS, last)
    january = (year - 1970) * MONTHS
    first = np.maximum(first, month_of(people.settled[person]) + 1 - january)
    last = np.minimum(last, month_of(np.minimum(people.leaves[person], NEVER)) + 1 - january)
    months = last - first + 1
    amount = months * generator.integers(2_000, HIGHEST_AMOUNT, size)
    loan = np.where(generator.random(size) < LOAN_SHARE, amount // 5, 0)
    in_programme = _in_programme(programmes, person, year, people.size)
    works, studies = life.works[person, column], life.studies[person, column]
    idle = np.where(life.unemployed[person, column], JOBLESS, NOT_SEEKING)
    situation = np.where(works, WORKING, np.where(studies, STUDYING, idle))
    income = np.where(works, INCOME_FROM_WORK, np.where(studies, GRANT, ASSISTANCE))
    kept = (months > 0) & (first <= MONTHS) & (last >= 1)
    columns = (
        person,
        year,
        first,
        last,
        amount,
        loan,
        np.where(in_programme, INTRODUCTION_PROGRAMME, situation).astype(object),
        np.where(in_programme, INTRODUCTION_BENEFIT, income).astype(object),
        pick(generator, BENEFITS_DRAWN, size),
    )
    return Assistance(*(column[kept] for column in columns))


def _in_programme(programmes: Programmes, person: Ints, year: Ints, size: int) -> np.ndarray:
    """Whether the person's first programme covered the middle of the year."""
    start, end = np.full(size, NEVER, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    start[programmes.person[::-1]] = programmes.start[::-1]
    end[programmes.person[::-1]] = programmes.end[::-1]
    middle = year_start(year) + 182
    return np.asarray((start[person] <= middle) & (middle <= end[person]))


def assistance_year(place: Municipality, year: int) -> pl.DataFrame:
    """The year's rows, from the municipality each person lived in."""
    known, people = place.assistance, place.people
    rows = np.flatnonzero(known.year == year)
    person = known.person[rows]
    generator = place.streams.of(f"assistance/{year}")
    home = place.homes.in_year(year, person)
    here = home == model.OSLO
    number = place.known.at(year_start(np.full(rows.size, year + 1)) - 1, person)
    unknown = pl.Series(generator.random(rows.size) < UNKNOWN_NUMBER)
    stand_in = text(dummies(people.birth[person], generator)) if rows.size else number
    months = {
        f"month_{m:02}": (known.first[rows] <= m) & (m <= known.last[rows]) for m in range(1, MONTHS + 1)
    }
    journal = pl.Series(np.arange(rows.size) + 1).cast(pl.String).str.zfill(8)
    frame = declared(
        SocialAssistance,
        {
            "year": np.full(rows.size, year),
            "municipality": strings(numbers_in(home, year)),
            "bydel": strings(np.where(here, people.bydel[person], "").astype(object)),
            "journal_number": journal,
            "duf": place.known.duf.gather(pl.Series(person)),
            "person_identifier": pl.select(pl.when(unknown).then(stand_in).otherwise(number)).to_series(),
            "main_income": strings(known.income[rows]),
            "benefit_situation": strings(known.drawn[rows]),
            "work_situation": strings(known.situation[rows]),
            **months,
            "contribution_kr": known.contribution[rows] - known.loan[rows],
            "loan_kr": known.loan[rows],
            "housing_situation": strings(pick(generator, model.HOUSING, rows.size)),
        },
    )
    return frame.sort("municipality", "journal_number")


def true_assistance(place: Municipality) -> pl.DataFrame:
    """Truth: each person's first and last month in each year."""
    known = place.assistance
    january = (known.year - 1970) * MONTHS
    return pl.DataFrame(
        {
            "person_id": place.people.person_id[known.person],
            "year": known.year,
            "first_month": dates(month_start(january + known.first - 1)),
            "last_month": dates(month_start(january + known.last - 1)),
        }
    ).sort("person_id", "year")
