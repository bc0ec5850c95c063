"""The case system's final results and the partial ones: tests, courses, recognised education."""

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import Fill, Planted, declared, strings
from pipeline.synthetic.people import People
from pipeline.synthetic.programme_tables import Rows
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.streams import NEVER, Streams, dates, day, pick, year_of
from schemas import codes
from schemas.case_system.result import PartialResult, Result


def result_table(
    streams: Streams,
    people: People,
    programmes: Programmes,
    rows: Rows,
    fill: Fill,
    planted: Planted,
    as_of: int,
) -> pl.DataFrame:
    """Final results: missing at first for some, filled later, never for a few."""
    ended = np.flatnonzero(rows.last & (rows.end < NEVER))
    source = rows.programme[ended]
    person, end = programmes.person[source], rows.end[ended]
    there = fill.drawn("result", "result", person, year_of(end))
    generator = streams.of("result")
    missing = (generator.random(ended.size) < model.EXIT_MISSING_FOR_GOOD) & (not fill.every)
    exit_code = np.where(missing, model.NOT_REGISTERED, programmes.exit_code[source]).astype(object)
    parents = codes.NIR_EXIT.parents()
    result = np.array([parents[c] for c in exit_code], dtype=object)
    pace = 3 if fill.every else 1  # where everything is as promised, NIR's two months are kept
    late = (np.minimum(generator.exponential(30, ended.size), 400) / pace).astype(np.int64)
    dated = np.minimum(end + late, as_of)
    sent = dated + generator.integers(0, 60, ended.size) // pace
    planted.add("exit_never_registered", "result", rows.number[ended][there & missing])
    return declared(
        Result,
        {
            "programme_id": rows.number[ended],
            "dated_on": dates(dated),
            "result": strings(result),
            "nir_exit": strings(exit_code, (generator.random(ended.size) < 0.97) | fill.every),
            "sent_to_nir_on": dates(sent, (generator.random(ended.size) < 0.93) & (sent <= as_of)),
        },
    ).filter(pl.Series(there))


def partial_result_table(streams: Streams, people: People, fill: Fill, as_of: int) -> pl.DataFrame:
    """Tests of Norwegian before and after the change of regime in 2014, courses, recognised education."""
    generator = streams.of("partial result")
    everyone = np.arange(people.size)
    adult = people.age_at(people.settled) >= 16
    has = np.flatnonzero(
        fill.drawn("partial_result", "partial_result", everyone, year_of(people.created)) & adult
    )
    person = np.repeat(has, generator.integers(1, 4, has.size))
    size = person.size
    base = np.maximum(people.settled[person], day(model.WORLD_BEGINS))
    dated = base + generator.integers(200, 1100, size)
    old = year_of(dated) <= model.LAST_YEAR_OF_OLD_TESTS
    kind = pick(generator, model.COURSES, size)
    test = kind == model.TEST_FROM_2014
    kind = np.where(test & old, pick(generator, model.TESTS_TO_2013, size), kind).astype(object)
    grade = pick(generator, model.GRADES_TO_2013, size)
    level = pick(generator, model.LEVELS_FROM_2014, size)
    result = np.where(test, np.where(old, grade, level), model.COURSE_COMPLETED).astype(object)
    rows = declared(
        PartialResult,
        {
            "person_id": people.person_id[person],
            "dated_on": dates(dated),
            "partial_result": strings(kind),
            "test_result": strings(result, generator.random(size) < 0.9),
        },
    ).filter(pl.Series(dated < as_of))
    return rows.unique(["person_id", "dated_on", "partial_result"], keep="first", maintain_order=True).sort(
        "person_id", "dated_on", "partial_result"
    )
