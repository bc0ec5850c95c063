"""The population register's identifier history: which number took over from which, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.streams import Ints, Strings, dates, day, first_day, year_of
from schemas import codes
from schemas.registers.identity import IdentifierLink

FNR_GIVEN, BIRTH_DATE_CHANGED, SEX_CHANGED, DUF_KNOWN = codes.LINK_CAUSE.values()
KNOWS_DUF = 0.8  # of those whom the case system has by DUF alone
KNOWS_OTHERS_DUF = 0.1


@dataclass(frozen=True)
class Links:
    """A row a link: person (position), the two numbers, the day and the cause."""

    person: Ints
    old: pl.Series
    new: pl.Series
    on: Ints
    cause: Strings


def links(place: Municipality) -> Links:
    """Every link the register makes: D-number to fnr, fnr to fnr, DUF to the number of the day."""
    known, people = place.known, place.people
    generator = place.streams.of("identifier history")
    luck = generator.random(people.size)
    lag = generator.integers(60, 1500, people.size)
    given = np.flatnonzero(known.had_d_number)
    changed = np.flatnonzero((known.changed > 0) & known.change_in_register)
    duf_on = np.maximum(np.maximum(people.created, day(model.WORLD_BEGINS)), known.switched) + lag
    has_duf = luck < np.where(known.only_duf, KNOWS_DUF, KNOWS_OTHERS_DUF)
    duf = np.flatnonzero(has_duf & (duf_on < np.minimum(place.as_of, people.leaves)))
    corrected = np.where(known.sex_changed, SEX_CHANGED, BIRTH_DATE_CHANGED)
    parts = [
        (given, known.d_number, known.switched, np.full(people.size, FNR_GIVEN)),
        (changed, known.former_fnr, known.changed, corrected),
        (duf, known.duf, duf_on, np.full(people.size, DUF_KNOWN)),
    ]
    return Links(
        person=np.concatenate([rows for rows, *_ in parts]),
        old=pl.concat([number.gather(pl.Series(rows)) for rows, number, *_ in parts]),
        new=pl.concat([known.at(on[rows], rows) for rows, _, on, _ in parts]),
        on=np.concatenate([on[rows] for rows, _, on, _ in parts]),
        cause=np.concatenate([cause[rows] for rows, *_, cause in parts]).astype(object),
    )


def history_year(place: Municipality, made: Links, year: int) -> pl.DataFrame:
    """The links of the year; the first file also has those of before."""
    first = first_day(year) if year > model.WORLD_BEGINS.year else -(10**6)
    rows = np.flatnonzero((made.on >= first) & (made.on < first_day(year + 1)))
    which = pl.Series(rows)
    return declared(
        IdentifierLink,
        {
            "year": np.full(rows.size, year),
            "identifier": made.old.gather(which),
            "replaced_by": made.new.gather(which),
            "linked_on": dates(made.on[rows]),
            "link_cause": strings(made.cause[rows]),
        },
    ).sort("identifier", "replaced_by")


def true_links(place: Municipality, made: Links) -> pl.DataFrame:
    """Truth: the links the delivered years hold."""
    told = year_of(made.on) < place.years().stop
    which = pl.Series(np.flatnonzero(told))
    return pl.DataFrame(
        {
            "person_id": place.people.person_id[made.person[told]],
            "identifier": made.old.gather(which),
            "replaced_by": made.new.gather(which),
            "linked_on": dates(made.on[told]),
            "link_cause": strings(made.cause[told]),
        }
    ).sort("person_id", "linked_on")
