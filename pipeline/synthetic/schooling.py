"""School places from August to June, as spells; and as the education database delivers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.life import AUGUST_15, JUNE_10, Years, exit_codes
from pipeline.synthetic.people import People
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.streams import (
    NEVER,
    Ints,
    Mask,
    Streams,
    Strings,
    dates,
    first_day,
    pick,
    year_of,
    year_start,
)
from schemas import codes
from schemas.registers.education import Education

if TYPE_CHECKING:  # that module reads this one
    from pipeline.synthetic.municipality import Municipality

UNDER_WAY, COMPLETED, BROKEN_OFF = codes.EDUCATION_STATUS.values()
BREAKS_OFF = 0.15
FULL_TIME = 0.8
SHORTEST = 20  # days: a shorter stay is no enrolment
FOREIGN_EDUCATION = 0.10  # adults whose education from abroad was reported, level unknown
UNKNOWN_EDUCATION = "999999"
# Codes of NUS2000 by the reason of exit they belong to; only the first digit means anything here (P).
BY_EXIT = dict(zip(model.EDUCATION_EXITS, ("401101", "641150", "541120"), strict=True))
ORDINARY = {"401101": 50, "351102": 20, "461103": 20, "541120": 10}
HIGHER = {"641150": 45, "751106": 20, "541120": 15, "401101": 20}
COMPULSORY = {"201199": 75, "101199": 25}
assert {code[0] for code in (*ORDINARY, *HIGHER, *COMPULSORY, UNKNOWN_EDUCATION)} <= set(
    codes.EDUCATION_LEVEL.values()
)


@dataclass(frozen=True)
class Schooling:
    """A row an enrolment: person (position), first and last day (NEVER: goes on), code, how it ended."""

    person: Ints
    start: Ints
    end: Ints
    nus2000: Strings
    broken_off: Mask
    full_time: Mask


def schooling(streams: Streams, people: People, programmes: Programmes, life: Years, as_of: int) -> Schooling:
    """Every enrolment: school years in a row are one, and who leaves the country leaves school."""
    ordinary = _spells(streams, people, programmes, life, life.studies, "ordinary")
    compulsory = _spells(streams, people, programmes, life, life.compulsory, "compulsory")
    foreign = _foreign(streams, people, as_of)
    whole = _joined(ordinary, compulsory, foreign)
    end = np.minimum(whole.end, people.leaves[whole.person])
    end = np.where(end > as_of, NEVER, end)
    last = np.minimum(end, as_of)
    kept = (last >= whole.start + SHORTEST) | (whole.nus2000 == UNKNOWN_EDUCATION)
    kept &= whole.start <= np.minimum(as_of, people.leaves[whole.person])
    columns = (
        whole.person,
        whole.start,
        end,
        whole.nus2000,
        whole.broken_off & (end < NEVER),
        whole.full_time,
    )
    return Schooling(*(column[kept] for column in columns))


def _joined(*parts: Schooling) -> Schooling:
    return Schooling(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in parts[0].__dict__}
    )


def _spells(
    streams: Streams, people: People, programmes: Programmes, life: Years, goes: Mask, name: str
) -> Schooling:
    generator = streams.of(f"schooling/{name}")
    padded = np.pad(goes, ((0, 0), (1, 1)))
    person, first = np.nonzero(~padded[:, :-1] & padded[:, 1:])
    _, after = np.nonzero(padded[:, :-1] & ~padded[:, 1:])
    size = person.size
    luck = generator.random((2, size))
    start = year_start(life.first + first) + AUGUST_15 + generator.integers(0, 12, size)
    broken = luck[0] < BREAKS_OFF
    # A school place counts in November: nobody breaks off before December.
    late = generator.integers(0, 120, size)
    end = np.where(broken, year_start(life.first + after) - 31 + late,
                   year_start(life.first + after) + JUNE_10 + generator.integers(0, 12, size))  # fmt: skip
    code, exit_day = exit_codes(people, programmes)
    at_exit = year_of(exit_day[person]) == life.first + first
    start = np.where(at_exit, np.maximum(start, exit_day[person] + 1), start)
    start = np.maximum(start, people.settled[person] + 30)
    return Schooling(
        person=person,
        start=start,
        end=end,
        nus2000=_codes(generator, people, name, person, code),
        broken_off=broken,
        full_time=luck[1] < FULL_TIME,
    )


def _codes(
    generator: np.random.Generator, people: People, name: str, person: Ints, code: Strings
) -> Strings:  # fmt: skip
    if name == "compulsory":
        return pick(generator, COMPULSORY, person.size)
    high = people.education[person].astype(str) >= str(model.HIGHER_FROM)
    ordinary, higher = pick(generator, ORDINARY, person.size), pick(generator, HIGHER, person.size)
    told = np.array([BY_EXIT.get(c, "") for c in code[person]], dtype=object)
    return np.where(told != "", told, np.where(high, higher, ordinary)).astype(object)


def _foreign(streams: Streams, people: People, as_of: int) -> Schooling:
    """One row for an education from abroad, dated the day it was reported."""
    generator = streams.of("schooling/foreign")
    adult = people.age_at(people.settled) >= 18
    there = adult & (generator.random(people.size) < FOREIGN_EDUCATION)
    there &= people.settled >= first_day(model.WORLD_BEGINS.year)
    rows = np.flatnonzero(there)
    reported = people.settled[rows] + generator.integers(1, 200, rows.size)
    kept = reported < np.minimum(as_of, people.leaves[rows])
    rows, reported = rows[kept], reported[kept]
    return Schooling(
        person=rows,
        start=reported,
        end=reported,
        nus2000=np.full(rows.size, UNKNOWN_EDUCATION, dtype=object),
        broken_off=np.zeros(rows.size, dtype=bool),
        full_time=np.ones(rows.size, dtype=bool),
    )


def education_year(place: Municipality, year: int) -> pl.DataFrame:
    """The enrolments that touch the year; an end after the year's end is not known yet."""
    known = place.schooling
    first, last = first_day(year), first_day(year + 1) - 1
    rows = np.flatnonzero((known.start <= last) & (known.end >= first))
    over = known.end[rows] <= last
    status = np.where(over, np.where(known.broken_off[rows], BROKEN_OFF, COMPLETED), UNDER_WAY)
    person = known.person[rows]
    frame = declared(
        Education,
        {
            "person_identifier": place.known.at(np.full(rows.size, last), person),
            "year": np.full(rows.size, year),
            "nus2000": strings(known.nus2000[rows]),
            "started_on": dates(known.start[rows]),
            "ended_on": dates(np.where(over, known.end[rows], NEVER)),
            "education_status": strings(status.astype(object)),
            "full_time": known.full_time[rows],
        },
    )
    key = ["person_identifier", "nus2000", "started_on"]
    return frame.unique(key, keep="first", maintain_order=True).sort(key)


def true_schooling(place: Municipality) -> pl.DataFrame:
    """Truth: every enrolment, without an end while it goes on."""
    known = place.schooling
    status = np.where(known.end >= NEVER, UNDER_WAY, np.where(known.broken_off, BROKEN_OFF, COMPLETED))
    return pl.DataFrame(
        {
            "person_id": place.people.person_id[known.person],
            "nus2000": known.nus2000.tolist(),
            "started_on": dates(known.start),
            "ended_on": dates(known.end),
            "education_status": status.tolist(),
        }
    ).sort("person_id", "started_on", "nus2000")
