"""The truth behind the world, for tests alone: who the persons are, and what became of them."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.synthetic.aggregates import true_exits_by_place
from pipeline.synthetic.assistance import true_assistance
from pipeline.synthetic.benefits import true_benefits
from pipeline.synthetic.care import left_on
from pipeline.synthetic.employment import work_spells
from pipeline.synthetic.identifier_history import Links, true_links
from pipeline.synthetic.identity import true_identifiers, true_numbers
from pipeline.synthetic.mixups import MixUps, Twice, true_mix_ups, true_pairs
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.people import People
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.schooling import true_schooling
from pipeline.synthetic.streams import NEVER, dates


def truth(
    places: list[Municipality], mixed: MixUps, twice: Twice, made: Links, network_effect: float
) -> dict[str, pl.DataFrame]:
    """Every truth table by name; all but `exit_by_municipality` are of the first municipality alone."""
    first = places[0]
    return {
        "person": true_persons(first.people, first.programmes),
        "identifier": true_identifiers(first.people, first.known),
        "number": true_numbers(first.people, first.known),
        "identifier_link": true_links(first, made),
        "registered_twice": true_pairs(first.people, twice),
        "conflict": true_mix_ups(first.people, first.known, mixed),
        "exit": true_exits(first),
        "work": work_spells(first),
        "education": true_schooling(first),
        "benefit": true_benefits(first),
        "social_assistance": true_assistance(first),
        "exit_by_municipality": true_exits_by_place(places, network_effect),
    }


def true_persons(everybody: People, spells: Programmes) -> pl.DataFrame:
    """Who the persons are."""
    participant = np.isin(np.arange(everybody.size), spells.person)
    return pl.DataFrame(
        {
            "person_id": everybody.person_id,
            "settled_on": dates(everybody.settled),
            "created_on": dates(everybody.created),
            "birth_date": dates(everybody.birth),
            "male": everybody.male,
            "country_of_birth": everybody.country.tolist(),
            "permit_ground": everybody.permit.tolist(),
            "education_level": everybody.education.tolist(),
            "bydel": everybody.bydel.tolist(),
            "participant": participant,
            "left_on": dates(everybody.leaves),
            "died": everybody.dies,
            "protection": everybody.protection.tolist(),
            "reserved": everybody.reserved,
        }
    )


def true_exits(place: Municipality) -> pl.DataFrame:
    """Every programme with its true reason of exit, and the leave after birth it ended in, if any.

    `left_on` is the day that counts: the end of that leave where the person did not return; empty while
    the programme, or the leave, goes on.
    """
    everybody, spells, care = place.people, place.programmes, place.care
    code = pl.Series(spells.exit_code.tolist(), dtype=pl.String)
    leave_start, leave_end = (np.full(spells.size, NEVER, dtype=np.int64) for _ in range(2))
    leave_start[care.programme[care.at_exit]] = care.start[care.at_exit]
    leave_end[care.programme[care.at_exit]] = care.end[care.at_exit]
    return pl.DataFrame(
        {
            "person_id": everybody.person_id[spells.person],
            "started_on": dates(spells.start),
            "ended_on": dates(spells.end),
            "nir_exit": code.set(code == "", None),
            "leave_started_on": dates(leave_start),
            "leave_ended_on": dates(leave_end),
            "left_on": dates(left_on(spells, care, place.as_of)),
        }
    ).sort("person_id", "started_on")
