"""Who is resident, emigrated or dead, and where they live: a status each New Year."""

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.places import ELSEWHERE, numbers_in
from pipeline.synthetic.streams import NEVER, dates, first_day, pick
from schemas import codes
from schemas.registers.population import PopulationStatus

RESIDENT, EMIGRATED, DEAD = codes.RESIDENCE.values()


def population_year(place: Municipality, year: int) -> pl.DataFrame:
    """Status on 1 January after `year`, of everybody settled by then who has an official number."""
    people = place.people
    on = first_day(year + 1)
    rows = np.flatnonzero(people.settled < on)
    left = people.leaves[rows] < on
    status = np.where(left, np.where(people.dies[rows], DEAD, EMIGRATED), RESIDENT).astype(object)
    home = numbers_in(place.homes.in_year(year, rows), year)
    outside = place.known.outsiders
    generator = place.streams.of(f"population/outsiders/{year}")
    count = min(round(rows.size * model.OUTSIDERS), outside.len())
    own = pl.DataFrame(
        {
            "person_identifier": place.known.at(np.full(rows.size, on), rows),
            "year": [year] * rows.size,
            "residence": strings(status),
            "status_on": dates(np.where(left, people.leaves[rows], NEVER)),
            "municipality": strings(np.where(left, "", home).astype(object)),
        }
    )
    others = pl.DataFrame(
        {
            "person_identifier": outside.head(count),
            "year": [year] * count,
            "residence": [RESIDENT] * count,
            "status_on": dates(np.full(count, NEVER)),
            "municipality": strings(numbers_in(pick(generator, ELSEWHERE, count), year)),
        }
    )
    both = pl.concat([declared(PopulationStatus, own), declared(PopulationStatus, others)])
    return both.sort("person_identifier")
