"""What the registers deliver, file by file: every municipality's rows together, then what befalls the file.

A register names a person by the number it used then: a D-number before the fnr took over, DUF where the
case system that reports to NIR knows nothing else. Every delivery also holds persons of other
municipalities, whom the case system does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np
import polars as pl

from pipeline.synthetic import damage, model
from pipeline.synthetic.aggregates import municipal_years
from pipeline.synthetic.assistance import assistance_year
from pipeline.synthetic.benefits import benefit_year
from pipeline.synthetic.employment import employment_month, employment_year, jobs
from pipeline.synthetic.fill import Planted
from pipeline.synthetic.identifier_history import Links, history_year
from pipeline.synthetic.language_tests import language_test_year, sittings
from pipeline.synthetic.municipality import MONTHS_A_YEAR, Municipality
from pipeline.synthetic.nir import nir_year
from pipeline.synthetic.nir_spells import nir_spells, spell_year
from pipeline.synthetic.population import population_year
from pipeline.synthetic.schooling import education_year
from pipeline.synthetic.streams import Mask
from schemas.registers.benefits import Benefit
from schemas.registers.education import Education
from schemas.registers.employment import FIRST_A_MELDING_YEAR, EmploymentAnnual, EmploymentMonthly
from schemas.registers.identity import IdentifierLink
from schemas.registers.language_test import LanguageTest
from schemas.registers.nir import NirParticipant
from schemas.registers.nir_spells import NirLanguageHours, NirLeave, NirMeasure
from schemas.registers.population import PopulationStatus
from schemas.registers.welfare import SocialAssistance
from schemas.variable import Table, facts, table_name

Delivered = tuple[type[Table], tuple[int, int], pl.DataFrame]
Damage = Callable[..., pl.DataFrame]
DAMAGE: dict[type[Table], tuple[Damage, ...]] = {
    NirParticipant: (damage.lose_zeros, damage.keep_old_numbers),
    NirMeasure: (damage.as_spreadsheet_number, damage.shorten_municipality),
    NirLeave: (damage.separate,),
    NirLanguageHours: (damage.damage_hours,),
    PopulationStatus: (damage.separate, damage.keep_old_numbers),
}


def deliveries(
    places: list[Municipality],
    exit_known: tuple[Mask, Mask],
    recorded_tests: pl.DataFrame,
    made: Links,
    planted: Planted,
) -> Iterator[Delivered]:
    """Every delivery in turn: table, (year, month), frame; memory is bounded by the largest.

    Where there is nothing to tell, nothing is delivered: a file without rows would be refused.

    The first of `places` is the one whose case system we read. `exit_known` says of its programmes whose
    reason of exit came late, and whose never; `recorded_tests` are its partial results, `made` its links.
    """
    told = chain(_nir(places, exit_known), _persons(places, recorded_tests, made), _employment(places))
    for table, period, frame in chain(_damaged(told, places[0], planted), municipal_years(places, planted)):
        if not frame.is_empty():
            yield table, period, frame


def _damaged(whole: Iterable[Delivered], first: Municipality, planted: Planted) -> Iterator[Delivered]:
    for table, period, frame in whole:
        damaged = frame
        for befalls in DAMAGE.get(table, ()):
            damaged = befalls(first.streams, damaged, table_name(table), period[0], planted)
        yield table, period, damaged


def _together(frames: Iterable[pl.DataFrame], table: type[Table]) -> pl.DataFrame:
    """All municipalities' rows, in order of the table's key."""
    found = list(frames)
    return found[0] if len(found) == 1 else pl.concat(found).sort(facts(table).primary_key)


def _nir(places: list[Municipality], exit_known: tuple[Mask, Mask]) -> Iterator[Delivered]:
    nothing = [np.zeros(place.programmes.size, dtype=bool) for place in places]
    known = [exit_known, *((none, none) for none in nothing[1:])]
    spells = [nir_spells(place) for place in places]
    for year in places[0].years():
        rows = (nir_year(place, year, *told) for place, told in zip(places, known, strict=True))
        yield NirParticipant, (year, 1), _together(rows, NirParticipant)
        for number, kind in enumerate(spells[0]):
            parts = (spell_year(place, own[number], year) for place, own in zip(places, spells, strict=True))
            yield kind.table, (year, 1), _together(parts, kind.table)


def _persons(places: list[Municipality], recorded_tests: pl.DataFrame, made: Links) -> Iterator[Delivered]:
    sat = [sittings(place, recorded_tests if n == 0 else None) for n, place in enumerate(places)]
    for year in places[0].years():
        yearly: tuple[tuple[type[Table], Iterable[pl.DataFrame]], ...] = (
            (PopulationStatus, (population_year(place, year) for place in places)),
            (IdentifierLink, [history_year(places[0], made, year)]),
            (Education, (education_year(place, year) for place in places)),
            (Benefit, (benefit_year(place, year) for place in places)),
            (SocialAssistance, (assistance_year(place, year) for place in places)),
            (LanguageTest, (language_test_year(p, s, year) for p, s in zip(places, sat, strict=True))),
        )
        for table, rows in yearly:
            yield table, (year, 1), _together(rows, table)


def _employment(places: list[Municipality]) -> Iterator[Delivered]:
    work = [jobs(place) for place in places]
    years = range(model.WORLD_BEGINS.year, min(FIRST_A_MELDING_YEAR, places[0].years().stop))
    for year in years:
        rows = (employment_year(place, own, year) for place, own in zip(places, work, strict=True))
        yield EmploymentAnnual, (year, 1), _together(rows, EmploymentAnnual)
    for month in places[0].months():
        rows = (employment_month(place, own, month) for place, own in zip(places, work, strict=True))
        period = (1970 + month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1)
        yield EmploymentMonthly, period, _together(rows, EmploymentMonthly)
