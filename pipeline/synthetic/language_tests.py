"""Norwegian tests, sat in two regimes: what the case system knows, and what it never heard of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared, strings
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.places import number_in
from pipeline.synthetic.streams import NEVER, Ints, Strings, dates, day, first_day, pick, year_of
from schemas import codes
from schemas.registers.language_test import LanguageTest

OLD, NEW = codes.TEST_REGIME.values()
READING, LISTENING, WRITING, SPEAKING, WHOLE = codes.TEST_PART.values()
LEVELS = tuple(c for c, regime in codes.TEST_LEVEL.parents().items() if regime == NEW)
FIRST_C1 = next(c.valid_from for c in codes.TEST_LEVEL.codes if c.value == LEVELS[-1])
ENROLLED_OLD = dict(zip(model.TESTS_TO_2013, ("N2", "N3"), strict=True))
PARTS = (READING, LISTENING, WRITING, SPEAKING)
UNKNOWN_TO_CASE_SYSTEM = 0.4  # of the participants sat a test nobody wrote down
ONE_LOWER = {WRITING: 0.35, LISTENING: 0.2, READING: 0.2, SPEAKING: 0.0}
HIGHEST_LEVEL = 0.01


@dataclass(frozen=True)
class Sittings:
    """A row a test: person (position), day, the test sat (N2, N3 or a level's place), the result."""

    person: Ints
    on: Ints
    test: Strings
    result: Strings


def sittings(place: Municipality, recorded: pl.DataFrame | None) -> Sittings:
    """The tests in the case system, and as many more."""
    generator = place.streams.of("language test")
    programmes = place.programmes
    chosen = np.flatnonzero(generator.random(programmes.size) < UNKNOWN_TO_CASE_SYSTEM)
    on = programmes.start[chosen] + generator.integers(250, 800, chosen.size)
    old = year_of(on) <= model.LAST_YEAR_OF_OLD_TESTS
    test = np.where(old, pick(generator, model.TESTS_TO_2013, chosen.size), model.TEST_FROM_2014)
    grade = pick(generator, model.GRADES_TO_2013, chosen.size)
    level = pick(generator, model.LEVELS_FROM_2014, chosen.size)
    highest = (on >= day(FIRST_C1)) & (generator.random(chosen.size) < HIGHEST_LEVEL) if FIRST_C1 else False
    level = np.where(highest, LEVELS[-1], level)
    parts = [Sittings(programmes.person[chosen], on, test, np.where(old, grade, level))]
    if recorded is not None:
        tests = [*model.TESTS_TO_2013, model.TEST_FROM_2014]
        told = recorded.filter(pl.col("partial_result").is_in(tests) & pl.col("test_result").is_not_null())
        parts.append(
            Sittings(
                told["person_id"].to_numpy() - int(place.people.person_id[0]),
                told["dated_on"].cast(pl.Int32).to_numpy().astype(np.int64),
                np.array(told["partial_result"].to_list(), dtype=object),
                np.array(told["test_result"].to_list(), dtype=object),
            )
        )
    whole = [np.concatenate([getattr(p, n) for p in parts]) for n in ("person", "on", "test", "result")]
    leaves = np.minimum(place.people.leaves[whole[0]], place.as_of)
    kept = (whole[1] < leaves) & (whole[1] < NEVER)
    return Sittings(*(np.asarray(column[kept]) for column in whole))


def language_test_year(place: Municipality, sat: Sittings, year: int) -> pl.DataFrame:
    """A row for each part; the tests to 2013 are told as a whole."""
    rows = np.flatnonzero((sat.on >= first_day(year)) & (sat.on < first_day(year + 1)))
    generator = place.streams.of(f"language test/{year}")
    parts = (WHOLE,) if year <= model.LAST_YEAR_OF_OLD_TESTS else PARTS
    frames = []
    for part in parts:
        result = sat.result[rows]
        if part != WHOLE:
            below = generator.random(rows.size) < ONE_LOWER[part]
            at = np.array([LEVELS.index(r) for r in result], dtype=np.int64)
            result = np.array(LEVELS, dtype=object)[np.maximum(at - below, 0)]
            enrolled = np.array(LEVELS, dtype=object)[np.maximum(at, 1)]
        else:
            enrolled = np.array([ENROLLED_OLD[t] for t in sat.test[rows]], dtype=object)
        frames.append(
            declared(
                LanguageTest,
                {
                    "person_identifier": place.known.at(sat.on[rows], sat.person[rows]),
                    "year": np.full(rows.size, year),
                    "regime": [OLD if part == WHOLE else NEW] * rows.size,
                    "part": [part] * rows.size,
                    "tested_on": dates(sat.on[rows]),
                    "enrolled_level": strings(enrolled, generator.random(rows.size) < 0.9),
                    "result": strings(result),
                    "municipality": [number_in(place.place, year)] * rows.size,
                },
            )
        )
    key = ["person_identifier", "regime", "part", "tested_on"]
    return pl.concat(frames).unique(key, keep="first", maintain_order=True).sort(key)
