"""One municipality with everybody in it: what its deliveries are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.assistance import Assistance, assistance
from pipeline.synthetic.benefits import Benefits, benefits
from pipeline.synthetic.care import CareLeave, care_leave
from pipeline.synthetic.identifiers import numbers, text
from pipeline.synthetic.identity import Identity
from pipeline.synthetic.life import Years, years_of_life
from pipeline.synthetic.people import People, people
from pipeline.synthetic.places import Homes, homes, lift, places
from pipeline.synthetic.programmes import Programmes, Work, exits, programmes, reference_day, work
from pipeline.synthetic.schooling import Schooling, schooling
from pipeline.synthetic.streams import NEVER, Ints, Streams, day, year_of
from schemas.registers.employment import FIRST_A_MELDING_YEAR

MONTHS_A_YEAR = 12
SMALLER = 10  # the other municipalities have a tenth of Oslo's persons
SMALLEST_PLACE = 300
PERSONS_APART = 10_000_000  # between the person numbers of two municipalities


@dataclass(frozen=True)
class Municipality:
    """What the deliveries are drawn from; `place` is the municipality's number in 2006."""

    place: str
    streams: Streams
    people: People
    programmes: Programmes
    known: Identity
    work: Work
    life: Years
    homes: Homes
    care: CareLeave
    schooling: Schooling
    benefits: Benefits
    assistance: Assistance
    as_of: int

    def years(self) -> range:
        """The whole years the world has behind it."""
        return range(model.WORLD_BEGINS.year, int(year_of(np.array([self.as_of]))[0]))

    def months(self) -> list[int]:
        """Months since 1970 that have been delivered: a month comes two months after it began."""
        first = (FIRST_A_MELDING_YEAR - 1970) * MONTHS_A_YEAR
        return list(range(first, self.work.first_month + self.work.months - 1))


def lived(
    place: str, streams: Streams, everybody: People, spells: Programmes, known: Identity, worked: Work,
    as_of: date,
) -> Municipality:  # fmt: skip
    """The municipality once everything else that became of its persons has been drawn."""
    now = day(as_of)
    life = years_of_life(streams, everybody, spells, worked, now)
    return Municipality(
        place=place,
        streams=streams,
        people=everybody,
        programmes=spells,
        known=known,
        work=worked,
        life=life,
        homes=homes(streams, everybody, place),
        care=care_leave(streams, everybody, spells, now),
        schooling=schooling(streams, everybody, spells, life, now),
        benefits=benefits(streams, everybody, spells, life, now),
        assistance=assistance(streams, everybody, spells, life, now),
        as_of=now,
    )


def others(
    seed: int, municipalities: int, persons: int, as_of: date, oslo: Identity, network_effect: float
) -> list[Municipality]:  # fmt: skip
    """The other municipalities: persons the case system does not know, each with an fnr of their own."""
    given = oslo.fnr.cast(pl.Int64).to_numpy()
    given = np.concatenate([given, oslo.outsiders.cast(pl.Int64).to_numpy()])
    found = []
    for number, place in enumerate(places(municipalities)[1:], 1):
        streams = Streams(seed, f"{place}/")
        born = people(streams, max(SMALLEST_PLACE, persons // SMALLER), as_of)
        everybody = replace(born, person_id=born.person_id + number * PERSONS_APART)
        spells = programmes(streams, everybody, as_of)
        gain = lift(place, reference_day(everybody, spells), network_effect)
        worked = work(streams, everybody, spells, as_of, gain)
        spells = exits(streams, everybody, spells, worked)
        fnr = numbers(streams.of("identifier/fnr"), everybody.birth, everybody.male, avoid=given)
        given = np.concatenate([given, fnr])
        known = _fnr_alone(everybody, fnr)
        found.append(lived(place, streams, everybody, spells, known, worked, as_of))
    return found


def _fnr_alone(everybody: People, fnr: Ints) -> Identity:
    size = everybody.size
    nobody = np.zeros(size, dtype=bool)
    nothing = pl.Series([None] * size, dtype=pl.String)
    return Identity(
        fnr=text(fnr),
        former_fnr=nothing,
        d_number=nothing,
        duf=nothing,
        had_d_number=nobody,
        switched=np.full(size, -NEVER),
        changed=np.zeros(size, dtype=np.int64),
        sex_changed=nobody,
        change_in_case_system=nobody,
        change_in_register=nobody,
        only_duf=nobody,
        outsiders=nothing.head(0),
    )
