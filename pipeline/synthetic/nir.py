"""NIR's participants, as delivered after each year's cut-off."""

from datetime import date

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.people import permit_days
from pipeline.synthetic.places import ELSEWHERE, number_in, numbers_in
from pipeline.synthetic.programme_tables import ENTITLED, MAY, law_of
from pipeline.synthetic.streams import NEVER, Ints, Mask, dates, first_day, pick
from schemas.demands import NIR_CUT_OFF
from schemas.registers.nir import NirParticipant

CUT_OFF_DAYS = (date(1, *NIR_CUT_OFF) - date(1, 1, 1)).days  # after the year's end


def nir_year(place: Municipality, year: int, late: Mask, forgotten: Mask) -> pl.DataFrame:
    """NIR as delivered after the cut-off of `year`: programmes active in it, and late corrections.

    A programme that ended the year before stands again where its reason of exit came after that year's
    cut-off. `late` and `forgotten` say which programmes' reasons came late, and never.
    """
    programmes = place.programmes
    first, after = first_day(year), first_day(year + 1)
    active = (programmes.start < after) & (programmes.end >= first)
    corrected = late & (programmes.end < first) & (programmes.end >= first_day(year - 1))
    rows = np.flatnonzero(active | corrected)
    person, end = programmes.person[rows], programmes.end[rows]
    delivered = after + CUT_OFF_DAYS
    ended = end < min(after, place.as_of)
    missing = forgotten[rows] | (late[rows] & (end >= first))
    codes_now = np.where(missing, model.NOT_REGISTERED, programmes.exit_code[rows])
    generator = place.streams.of(f"nir/{year}")
    hours = generator.integers(40, 76, rows.size) / 2
    own = {
        "person_identifier": reported_numbers(place, person, delivered),
        "municipality": pl.Series([number_in(place.place, year)] * rows.size, dtype=pl.String),
        "law": strings(law_of(permit_days(place.streams, place.people)[1][person])),
        "entitlement": strings(np.where(generator.random(rows.size) < 0.9, ENTITLED, MAY).astype(object)),
        "decided_on": dates(programmes.start[rows] - 20),
        "started_on": dates(programmes.start[rows]),
        "ended_on": dates(np.where(ended, end, NEVER)),
        "nir_exit": strings(np.where(ended, codes_now, "").astype(object)),
        "hours_per_week": pl.Series(hours).set(pl.Series(generator.random(rows.size) > 0.9), None),
    }
    mine = pl.DataFrame(own).with_columns(delivery_year=pl.lit(year, pl.Int64))
    frame = pl.concat([declared(NirParticipant, mine), _nir_outsiders(place, year, mine.height)])
    frame = frame.unique(
        ["person_identifier", "municipality", "started_on"], keep="first", maintain_order=True
    )
    return frame.sort("person_identifier", "started_on")


def reported_numbers(place: Municipality, person: Ints, delivered: int) -> pl.Series:
    """The numbers the municipality reports to NIR: DUF where it knows nothing else."""
    official = place.known.at(np.full(person.size, delivered), person)
    only_duf = pl.Series(place.known.only_duf[person])
    return pl.select(
        pl.when(only_duf).then(place.known.duf.gather(pl.Series(person))).otherwise(official)
    ).to_series()


def _nir_outsiders(place: Municipality, year: int, size: int) -> pl.DataFrame:
    """Participants of other municipalities."""
    generator = place.streams.of(f"nir/outsiders/{year}")
    count = min(round(size * model.OUTSIDERS), place.known.outsiders.len())
    start = first_day(year) - generator.integers(0, 500, count)
    start = np.maximum(start, first_day(2004))
    ended = generator.random(count) < 0.4
    reason = pick(generator, model.OTHER_EXITS | model.WORK_EXITS, count)
    return declared(
        NirParticipant,
        {
            "person_identifier": place.known.outsiders.head(count),
            "municipality": strings(numbers_in(pick(generator, ELSEWHERE, count), year)),
            "law": strings(law_of(start - 20)),
            "entitlement": [ENTITLED] * count,
            "decided_on": dates(start - 20),
            "started_on": dates(start),
            "ended_on": dates(np.where(ended, first_day(year) + generator.integers(1, 360, count), NEVER)),
            "nir_exit": strings(np.where(ended, reason, "").astype(object)),
            "hours_per_week": [30.0] * count,
            "delivery_year": [year] * count,
        },
    )
