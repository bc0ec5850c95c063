"""Every person's true numbers over time: DUF, then D-number, then fnr, and for a few another fnr after it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.dirt import Dirt
from pipeline.synthetic.identifiers import duf_numbers, numbers, text
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import NEVER, Floats, Ints, Mask, Streams, dates, day, year_of
from schemas import codes

DUF, D_NUMBER, FNR, DUMMY = codes.IDENTIFIER_TYPE.values()
SEX_CHANGED = 0.4  # of the numbers that changed; the others had another birth date
YEARS_OFF = (1, 4)  # how far the birth date was corrected
# Where a changed number is known: in both places, in the case system alone, in the register alone.
KNOWN_IN_BOTH, KNOWN_IN_CASE_SYSTEM = 0.6, 0.8


@dataclass(frozen=True)
class Identity:
    """Every person's true numbers, as text, and when each took over."""

    fnr: pl.Series  # the one in use now
    former_fnr: pl.Series  # empty where it never changed
    d_number: pl.Series
    duf: pl.Series
    had_d_number: Mask
    switched: Ints  # the day fnr took over; the day of settlement where there was no D-number
    changed: Ints  # the day another fnr took over; 0 where none did
    sex_changed: Mask  # what was corrected: the sex, or the birth date
    change_in_case_system: Mask
    change_in_register: Mask
    only_duf: Mask  # in the case system: registers know the others' fnr
    outsiders: pl.Series  # fnr of persons the case system does not know

    def at(self, days: Ints, rows: Ints | None = None) -> pl.Series:
        """The number the population register used on that day, for the persons at `rows`."""
        everybody = np.arange(self.switched.size) if rows is None else rows
        which = pl.Series(everybody)
        return pl.select(
            pl.when(pl.Series(days < self.switched[everybody]))
            .then(self.d_number.gather(which))
            .when(pl.Series(days < self.changed[everybody]))
            .then(self.former_fnr.gather(which))
            .otherwise(self.fnr.gather(which))
        ).to_series()


def identity(streams: Streams, people: People, as_of: int, rates: Dirt | None = None) -> Identity:
    """Numbers for the persons, and for as many outsiders as the deliveries need."""
    rates = rates or Dirt()
    generator = streams.of("identifier/kinds")
    size = people.size
    recorded = generator.random(size) < rates.d_number_then_fnr
    rest = max(1 - rates.d_number_then_fnr, 1e-9)
    unrecorded = ~recorded & (generator.random(size) < rates.d_number_not_recorded / rest)
    had = recorded | unrecorded
    later = np.minimum(people.settled + 30 + (generator.random(size) * 510).astype(np.int64), as_of - 2)
    early = people.created < np.quantile(people.created, 0.5)
    only_duf = ~had & (generator.random(size) < rates.only_duf / rest * np.where(early, 1.4, 0.6))
    outside = round(size * model.OUTSIDERS)
    others = streams.of("identifier/outsiders")
    births = np.concatenate([people.birth, others.integers(-10_000, 13_000, outside)])
    male = np.concatenate([people.male, others.random(outside) < 0.5])
    fnr = numbers(streams.of("identifier/fnr"), births, male)
    switched = np.where(had, later, people.settled)
    luck = streams.of("identifier/changed").random((4, size))
    changed = _changed(people, switched, luck[:2], rates, as_of)
    changed = np.where(only_duf, 0, changed)
    return Identity(
        fnr=text(fnr)[:size],
        former_fnr=_former(streams, people, changed > 0, luck[2] < SEX_CHANGED, fnr),
        d_number=text(numbers(streams.of("identifier/dnr"), people.birth, people.male, d_number=True)),
        duf=duf_numbers(streams.of("identifier/duf"), year_of(people.settled - 400)),
        had_d_number=had,
        switched=switched,
        changed=changed,
        sex_changed=luck[2] < SEX_CHANGED,
        change_in_case_system=luck[3] < KNOWN_IN_CASE_SYSTEM,
        change_in_register=(luck[3] < KNOWN_IN_BOTH) | (luck[3] >= KNOWN_IN_CASE_SYSTEM),
        only_duf=only_duf,
        outsiders=text(fnr)[size:],
    )


def _changed(people: People, switched: Ints, luck: Floats, rates: Dirt, as_of: int) -> Ints:
    """The day the number changed, while the world goes on and the person is in the country; else 0."""
    begins = np.maximum(np.maximum(switched, people.created), day(model.WORLD_BEGINS)) + 90
    ends = np.minimum(people.leaves, as_of) - 60
    there = (luck[0] < rates.number_changed) & (begins < ends)
    return np.where(there, begins + luck[1] * (ends - begins), 0).astype(np.int64)


def _former(streams: Streams, people: People, changed: Mask, sex: Mask, avoid: Ints) -> pl.Series:
    """The number before the correction: of the other sex, or of another birth date."""
    generator = streams.of("identifier/former")
    rows = np.flatnonzero(changed)
    off = generator.integers(YEARS_OFF[0] * 365, YEARS_OFF[1] * 365, rows.size)
    births = np.where(sex[rows], people.birth[rows], people.birth[rows] - off)
    made = text(numbers(generator, births, people.male[rows] ^ sex[rows], avoid=avoid))
    given = pl.Series([None] * people.size, dtype=pl.String)
    return given.scatter(pl.Series(rows), made) if rows.size else given


def recorded_d_number(streams: Streams, people: People, known: Identity, rates: Dirt) -> Mask:
    """Whose D-number stands in the case system: nearly all that had one in the time it covers."""
    share = rates.d_number_then_fnr / max(rates.d_number_then_fnr + rates.d_number_not_recorded, 1e-9)
    return known.had_d_number & (streams.of("identifier/recorded").random(people.size) < share)


def true_identifiers(people: People, known: Identity) -> pl.DataFrame:
    """Truth, a row a person: the numbers and when they took over."""
    return pl.DataFrame(
        {
            "person_id": people.person_id,
            "duf": known.duf,
            "d_number": known.d_number.set(~pl.Series(known.had_d_number), None),
            "former_fnr": known.former_fnr,
            "fnr": known.fnr,
            "fnr_from": dates(known.switched),
            "changed_on": dates(known.changed, known.changed > 0),
            "only_duf_in_case_system": known.only_duf,
        }
    )


def true_numbers(people: People, known: Identity) -> pl.DataFrame:
    """Truth, a row a number: whose it is, what kind, and the days it was in use (last day exclusive)."""
    size = people.size
    has_changed = known.changed > 0
    never = np.full(size, NEVER)
    begun = people.settled - 400
    first_fnr_ends = np.where(has_changed, known.changed, NEVER)
    parts = [
        (DUF, known.duf, begun, never, np.ones(size, dtype=bool)),
        (D_NUMBER, known.d_number, begun + 30, known.switched, known.had_d_number),
        (FNR, known.former_fnr, known.switched, first_fnr_ends, has_changed),
        (FNR, known.fnr, np.where(has_changed, known.changed, known.switched), never, ~(never < 0)),
    ]
    return pl.concat(number_rows(people, *part) for part in parts).sort("person_id", "valid_from")


def number_rows(
    people: People, kind: str, identifier: pl.Series, start: Ints, end: Ints, there: Mask
) -> pl.DataFrame:
    """A row for each person who has such a number, as the case system's identifier table has them."""
    return pl.DataFrame(
        {
            "person_id": people.person_id,
            "identifier_type": kind,
            "identifier": identifier,
            "valid_from": dates(start),
            "valid_to": dates(end),
        }
    ).filter(pl.Series(there))
