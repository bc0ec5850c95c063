"""NIR's spells within a programme: measures, leave, absence and hours of Norwegian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.nir import CUT_OFF_DAYS, reported_numbers
from pipeline.synthetic.places import number_in
from pipeline.synthetic.streams import NEVER, Ints, Mask, Strings, dates, first_day, pick
from schemas import codes
from schemas.registers.nir_spells import NirAbsence, NirLanguageHours, NirLeave, NirMeasure
from schemas.variable import Table

CARE_LEAVE, *OTHER_LEAVE = codes.NIR_LEAVE.values()
LANGUAGE_TRAINING, *OTHER_MEASURES = codes.NIR_MEASURE.values()
HALF_YEAR = 182
CODE_COLUMN = {NirMeasure: "measure", NirLeave: "leave_cause", NirAbsence: "absence_cause"}


@dataclass(frozen=True)
class Spells:
    """A row a spell of one table: the programme (position), code, first and last day, hours (0: none)."""

    table: type[Table]
    programme: Ints
    code: Strings
    start: Ints
    end: Ints
    hours: Ints  # in tenths


def nir_spells(place: Municipality) -> tuple[Spells, ...]:
    """Every spell of every programme, of the four tables."""
    return _measures(place), _leaves(place), _absences(place), _language_hours(place)


def _until(place: Municipality) -> Ints:
    return np.minimum(place.programmes.end, place.as_of)


def _measures(place: Municipality) -> Spells:
    """Norwegian all the way, and up to three other measures beside it."""
    generator = place.streams.of("nir/measures")
    programmes, until = place.programmes, _until(place)
    row = np.repeat(np.arange(programmes.size), generator.integers(1, 5, programmes.size))
    first = np.concatenate([[True], row[1:] != row[:-1]]) if row.size else np.zeros(0, dtype=bool)
    size = row.size
    length = until[row] - programmes.start[row]
    start = programmes.start[row] + np.where(first, 0, generator.random(size) * 0.7 * length)
    start = start.astype(np.int64)
    end = np.where(first, programmes.end[row], start + generator.integers(20, 200, size))
    end = np.minimum(end, programmes.end[row])
    weights = {LANGUAGE_TRAINING: 0.0} | dict.fromkeys(OTHER_MEASURES, 1.0)
    code = np.where(first, LANGUAGE_TRAINING, pick(generator, weights, size)).astype(object)
    days = np.minimum(end, place.as_of) - start + 1
    return _once(Spells(NirMeasure, row, code, start, end, (days * 20).astype(np.int64)))


def _leaves(place: Municipality) -> Spells:
    """Leave after birth, and other leave now and then."""
    generator = place.streams.of("nir/leave")
    programmes, care = place.programmes, place.care
    other = np.flatnonzero(generator.random(programmes.size) < 0.08)
    length = np.maximum(_until(place)[other] - programmes.start[other] - 60, 1)
    start = programmes.start[other] + (generator.random(other.size) * length).astype(np.int64)
    end = np.minimum(start + generator.integers(7, 60, other.size), programmes.end[other])
    causes = pick(generator, dict.fromkeys(OTHER_LEAVE, 1.0), other.size)
    return _once(
        Spells(
            NirLeave,
            np.concatenate([care.programme, other]),
            np.concatenate([np.full(care.programme.size, CARE_LEAVE, dtype=object), causes]),
            np.concatenate([care.start, start]),
            np.concatenate([care.end, end]),
            np.zeros(care.programme.size + other.size, dtype=np.int64),
        )
    )


def _absences(place: Municipality) -> Spells:
    generator = place.streams.of("nir/absence")
    programmes = place.programmes
    row = np.repeat(np.arange(programmes.size), generator.integers(0, 4, programmes.size))
    length = np.maximum(_until(place)[row] - programmes.start[row], 1)
    start = programmes.start[row] + (generator.random(row.size) * length).astype(np.int64)
    end = np.minimum(start + generator.integers(0, 12, row.size), programmes.end[row])
    code = pick(generator, dict.fromkeys(codes.NIR_ABSENCE.values(), 1.0), row.size)
    return _once(Spells(NirAbsence, row, code, start, end, np.zeros(row.size, dtype=np.int64)))


def _language_hours(place: Municipality) -> Spells:
    """A row for each half-year of the programme."""
    generator = place.streams.of("nir/language hours")
    programmes = place.programmes
    length = _until(place) - programmes.start
    count = np.maximum(-(-length // HALF_YEAR), 1)
    row = np.repeat(np.arange(programmes.size), count)
    turn = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
    start = programmes.start[row] + turn * HALF_YEAR
    end = np.minimum(start + HALF_YEAR - 1, programmes.end[row])
    hours = (end - start + 1) * generator.integers(8, 30, row.size)
    nothing = np.full(row.size, "", dtype=object)
    return Spells(NirLanguageHours, row, nothing, start, end, hours)


def _once(spells: Spells) -> Spells:
    """One spell of a code and day a programme; none that ends before it begins."""
    types = {"programme": pl.Int64, "code": pl.String, "start": pl.Int64}
    key = pl.DataFrame([spells.programme, spells.code.tolist(), spells.start], schema=types)
    first = key.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    kept: Mask = first & (spells.end >= spells.start)
    names = ("programme", "code", "start", "end", "hours")
    return Spells(spells.table, *(getattr(spells, name)[kept] for name in names))


def spell_year(place: Municipality, spells: Spells, year: int) -> pl.DataFrame:
    """What has been reported of the programmes and spells of the year, as of its cut-off."""
    programmes = place.programmes
    first, after = first_day(year), first_day(year + 1)
    ends = np.maximum(programmes.end[spells.programme], spells.end)
    rows = np.flatnonzero((spells.start < min(after, place.as_of)) & (ends >= first))
    person = programmes.person[spells.programme[rows]]
    delivered = after + CUT_OFF_DAYS
    over = spells.end[rows] < min(after, place.as_of)
    hours = pl.Series(spells.hours[rows] / 10)
    given = {
        "person_identifier": reported_numbers(place, person, delivered),
        "municipality": pl.Series([number_in(place.place, year)] * rows.size, dtype=pl.String),
        "started_on": dates(spells.start[rows]),
        "ended_on": dates(np.where(over, spells.end[rows], NEVER)),
        "delivery_year": np.full(rows.size, year),
        "hours": hours.set(~pl.Series(over), None),
    }
    if (column := CODE_COLUMN.get(spells.table)) is not None:
        given[column] = strings(spells.code[rows])
    key = ["person_identifier", "started_on", *([column] if column else [])]
    frame = declared(spells.table, {n: v for n, v in given.items() if n in _names(spells.table)})
    return frame.unique(key, keep="first", maintain_order=True).sort(key)


def _names(table: type[Table]) -> set[str]:
    return set(table.to_schema().columns)
