"""Benefits as spells, and as the start and stop lines they are delivered as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.life import (
    AAP_CODE,
    DISABILITY_CODE,
    MEASURE_CODE,
    UNEMPLOYED_CODE,
    Years,
    exit_codes,
)
from pipeline.synthetic.people import People
from pipeline.synthetic.programmes import Programmes, reference_day
from pipeline.synthetic.streams import NEVER, Ints, Streams, Strings, dates, day, first_day, pick, year_start
from schemas import codes
from schemas.codes.welfare import FIRST_DAY_OF_AAP
from schemas.registers.benefits import Benefit

if TYPE_CHECKING:  # that module reads this one
    from pipeline.synthetic.municipality import Municipality

START, STOP = codes.BENEFIT_EVENT.values()
DAY_BENEFIT, MEASURE, UNEMPLOYED, DISABILITY, TRANSITIONAL, SICKNESS, AAP, REHABILITATION = (
    codes.BENEFIT.values()
)
JOBLESS = {UNEMPLOYED: 45, MEASURE: 35, DAY_BENEFIT: 20}
ASSESSED, DISABLED, ALONE, SICK_A_YEAR = 0.05, 0.02, 0.05, 0.04
PENSION_AGE = 67
NO_GRADE = 0


@dataclass(frozen=True)
class Benefits:
    """A row a spell: person (position), benefit, first and last day (NEVER: still runs), grade (0: none)."""

    person: Ints
    benefit: Strings
    start: Ints
    end: Ints
    grade: Ints


def benefits(streams: Streams, people: People, programmes: Programmes, life: Years, as_of: int) -> Benefits:
    """Every spell; no two of one benefit overlap for a person."""
    parts = [
        _jobless(streams, people, programmes, life),
        *_assessed(streams, people, programmes),
        _disabled(streams, people, programmes),
        _alone(streams, people),
        _sick(streams, life),
    ]
    whole = Benefits(
        person=np.concatenate([p.person for p in parts]),
        benefit=np.concatenate([p.benefit for p in parts]),
        start=np.concatenate([p.start for p in parts]),
        end=np.concatenate([p.end for p in parts]),
        grade=np.concatenate([p.grade for p in parts]),
    )
    pensioned = people.birth + int(PENSION_AGE * 365.25)
    end = np.minimum(np.minimum(whole.end, people.leaves[whole.person]), pensioned[whole.person])
    end = np.where(end > as_of, NEVER, end)
    kept = (whole.start >= day(model.WORLD_BEGINS)) & (whole.start < np.minimum(end, as_of))
    order = np.lexsort((whole.benefit.astype(str), whole.start, whole.person))
    order = order[kept[order]]
    return Benefits(
        whole.person[order], whole.benefit[order], whole.start[order], end[order], whole.grade[order]
    )


def _jobless(streams: Streams, people: People, programmes: Programmes, life: Years) -> Benefits:
    """From some day before the end of October to some day after November, in the years it was so."""
    generator = streams.of("benefit/jobless")
    person, column = np.nonzero(life.unemployed)
    at = year_start(life.first + column)
    code, exit_day = exit_codes(people, programmes)
    start = at + generator.integers(31, 300, person.size)
    in_year = (exit_day[person] >= at) & (exit_day[person] < at + 300)
    start = np.where(in_year, np.maximum(start, exit_day[person] + 1), start)
    kind = pick(generator, JOBLESS, person.size)
    told = (life.since_exit[person, column] == 0) & np.isin(code[person], (MEASURE_CODE, UNEMPLOYED_CODE))
    kind = np.where(told, np.where(code[person] == MEASURE_CODE, MEASURE, UNEMPLOYED), kind).astype(object)
    end = at + 335 + generator.integers(0, 55, person.size)
    return Benefits(person, kind, start, end, np.full(person.size, NO_GRADE))


def _assessed(streams: Streams, people: People, programmes: Programmes) -> tuple[Benefits, Benefits]:
    """Work assessment allowance; what ran before it came was rehabilitation, and went over that day."""
    generator = streams.of("benefit/assessed")
    size = people.size
    code, exit_day = exit_codes(people, programmes)
    told = code == AAP_CODE
    base = np.minimum(reference_day(people, programmes), NEVER - 5000)
    start = base + generator.integers(0, 1800, size)
    start = np.where(told, exit_day + generator.integers(1, 30, size), start)
    adult = people.age_at(start) >= 19
    there = np.flatnonzero(adult & (told | (generator.random(size) < ASSESSED)))
    start = start[there]
    end = start + generator.integers(180, 1400, there.size)
    grade = generator.choice(np.array([50, 60, 80, 100]), there.size)
    change = day(FIRST_DAY_OF_AAP)
    old = start < change
    before = Benefits(
        there[old],
        np.full(int(old.sum()), REHABILITATION, dtype=object),
        start[old],
        np.minimum(end[old], change - 1),
        grade[old],
    )
    later = end >= change
    after = Benefits(
        there[later],
        np.full(int(later.sum()), AAP, dtype=object),
        np.maximum(start[later], change),
        end[later],
        grade[later],
    )
    return before, after


def _disabled(streams: Streams, people: People, programmes: Programmes) -> Benefits:
    """Disability benefit lasts until the pension."""
    generator = streams.of("benefit/disabled")
    size = people.size
    code, exit_day = exit_codes(people, programmes)
    told = code == DISABILITY_CODE
    start = people.settled + generator.integers(1500, 5000, size)
    start = np.where(told, exit_day + generator.integers(1, 60, size), start)
    chance = DISABLED * (people.age_at(start) >= 40) * 2
    there = np.flatnonzero((people.age_at(start) >= 19) & (told | (generator.random(size) < chance)))
    grade = generator.choice(np.array([50, 75, 100]), there.size)
    never = np.full(there.size, NEVER, dtype=np.int64)
    return Benefits(there, np.full(there.size, DISABILITY, dtype=object), start[there], never, grade)


def _alone(streams: Streams, people: People) -> Benefits:
    """Transitional benefit to some mothers."""
    generator = streams.of("benefit/alone")
    start = people.settled + generator.integers(200, 3000, people.size)
    age = people.age_at(start)
    there = ~people.male & (age >= 19) & (age <= 45) & (generator.random(people.size) < ALONE)
    rows = np.flatnonzero(there)
    end = start[rows] + generator.integers(200, 1000, rows.size)
    kind = np.full(rows.size, TRANSITIONAL, dtype=object)
    return Benefits(rows, kind, start[rows], end, np.full(rows.size, NO_GRADE))


def _sick(streams: Streams, life: Years) -> Benefits:
    """Sickness benefit to some of those in work, over before the year is."""
    generator = streams.of("benefit/sick")
    luck = generator.random(life.works.shape)
    person, column = np.nonzero(life.works & life.present & (luck < SICK_A_YEAR))
    start = year_start(life.first + column) + generator.integers(0, 200, person.size)
    end = start + generator.integers(10, 120, person.size)
    grade = generator.choice(np.array([20, 50, 100]), person.size)
    return Benefits(person, np.full(person.size, SICKNESS, dtype=object), start, end, grade)


def benefit_year(place: Municipality, year: int) -> pl.DataFrame:
    """A line for each start and each stop in the year; what still runs has no stop."""
    spells = place.benefits
    first, after = first_day(year), first_day(year + 1)
    starts = np.flatnonzero((spells.start >= first) & (spells.start < after))
    stops = np.flatnonzero((spells.end >= first) & (spells.end < after))
    rows = np.concatenate([starts, stops])
    on = np.concatenate([spells.start[starts], spells.end[stops]])
    grade = pl.Series(spells.grade[rows])
    frame = declared(
        Benefit,
        {
            "person_identifier": place.known.at(np.full(rows.size, after - 1), spells.person[rows]),
            "year": np.full(rows.size, year),
            "benefit": strings(spells.benefit[rows]),
            "event": strings(np.repeat([START, STOP], [starts.size, stops.size]).astype(object)),
            "event_on": dates(on),
            "grade": grade.set(grade == NO_GRADE, None),
        },
    )
    return frame.sort("person_identifier", "benefit", "event_on", "event")


def true_benefits(place: Municipality) -> pl.DataFrame:
    """Truth: every spell, without an end while it runs."""
    spells = place.benefits
    return pl.DataFrame(
        {
            "person_id": place.people.person_id[spells.person],
            "benefit": spells.benefit.tolist(),
            "started_on": dates(spells.start),
            "ended_on": dates(spells.end),
        }
    ).sort("person_id", "started_on", "benefit")
