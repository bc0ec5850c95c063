"""The quality profile of a wide table against a bare count of the same columns: 60 fields, years, bydeler.

The fields are the case system's own, side by side in one table, so that their types, code lists and unknown
values are those of the nightly profile. All of `pipeline.quality.profile` is run, denominators included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import new_class
from typing import Any, cast

import duckdb
import numpy as np
import polars as pl

from pipeline import tables
from pipeline.linkage.engine import bounded
from pipeline.quality.counting import Bounds
from pipeline.quality.profile import fields, profile, profiled_tables
from pipeline.tables import TableWriter, step_key
from schemas import codes
from schemas.codes.programme import MOVED_BYDEL
from schemas.variable import (
    Column,
    Demand,
    Entity,
    Identifiability,
    Key,
    Table,
    TableFacts,
    variable,
)
from tests.benchmarks.measure import Comparison, Scale, Turn

AS_OF = date(2025, 3, 1)
FIELDS = 60
FIRST_YEAR, YEARS = 2008, 14
ROWS_A_PERSON = 10
ADVISERS = 70
PARTICIPATE = 0.3
FILLED = (0.12, 0.35, 0.6, 0.9, 0.98)
BATCH_ROWS = 1_000_000
AIM = 2.0
BOUNDS = Bounds()

Files = dict[str, list[Path]]


@dataclass(frozen=True)
class World:
    """Core tables of so many persons, and the persons who may be counted."""

    cores: Files
    usable: Path


def comparisons(scale: Scale, folder: Path) -> Iterator[Turn]:
    """A row expected for each row, for each person with several, and for each of as many persons as rows."""
    rows = scale.profiled_rows
    several = world(folder / "several", rows, max(1, rows // ROWS_A_PERSON))
    yield (
        _comparison(f"profile: {rows:,} rows x {FIELDS}, all expected", several, EVERY_ROW, rows),
        _comparison(f"profile: {rows:,} rows x {FIELDS}, the latest", several, LATEST, rows),
    )
    one_each = world(folder / "one_each", rows, rows)
    yield _comparison(f"profile: {rows:,} persons x {FIELDS}, one row", one_each, LATEST, rows)


def _comparison(stage: str, here: World, table: type[Table], rows: int) -> Comparison:
    return Comparison(
        stage=stage,
        subject=lambda: measure_fill(here, table.__name__),
        floor=lambda: count_columns(here),
        floor_is="count the values of every column it reads, ungrouped, in the same engine",
        rows=rows,
        aim=AIM,
        apart=(measure_fill, (here, table.__name__)),
    )


def measure_fill(here: World, name: str) -> int:
    """The whole profile of the wide table; how many lines it has."""
    usable = pl.read_parquet(here.usable, hive_partitioning=False)
    table = {t.__name__: t for t in (EVERY_ROW, LATEST)}[name]
    cores = here.cores if table is LATEST else _renamed(here.cores)
    return profile(cores, usable, AS_OF, bounds=BOUNDS, tables=(table,)).fill.height


def count_columns(here: World) -> None:
    """Count the values of each column of each table once."""
    everything = [path for paths in here.cores.values() for path in paths]
    with bounded(
        everything, memory_limit=BOUNDS.memory_limit, threads=BOUNDS.threads, scratch=BOUNDS.scratch
    ) as connection:
        for paths in here.cores.values():
            stored = connection.read_parquet([str(path) for path in paths], hive_partitioning=False)
            counts = [duckdb.FunctionExpression("count", duckdb.ColumnExpression(c)) for c in stored.columns]
            stored.aggregate(counts).fetchall()


@cache
def wide_fields() -> tuple[Column, ...]:
    """The first of the case system's own fields that are asked of a person under any act and at any time."""
    every = [c for table in profiled_tables() for c in fields(table)]
    return tuple(c for c in every if not c.about.acts and not c.about.due)[:FIELDS]


def wide(name: str, expected_per: Entity | None) -> type[Table]:
    """A table of `wide_fields`, each under its table's name and its own, with a person and a day."""
    declared = {f"{c.table}_{c.name}": c for c in wide_fields()}
    body: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": "Sixty fields side by side.",
        "__facts__": TableFacts(
            source="benchmark",
            source_name="wide",
            nb="Bred tabell",
            en="Wide table",
            unit=Entity.PERSON,
            primary_key=("person_id", DATED),
            dated_by=DATED,
            expected_per=expected_per,
        ),
        "__annotations__": {"person_id": int, DATED: pl.Date, **{n: c.dtype for n, c in declared.items()}},
        "person_id": _plain(identifiability=Identifiability.PSEUDONYM, key=Key(entity=Entity.PERSON)),
        DATED: _plain(identifiability=Identifiability.NONE),
        **{n: variable(**_about(c)) for n, c in declared.items()},
    }
    return cast(type[Table], new_class(name, (Table,), exec_body=lambda ns: ns.update(body)))


def _plain(**facts: Any) -> Any:
    return variable(nb="Felt", en="Field", source="benchmark", source_name="", demand=Demand.NOBODY, **facts)


def _about(column: Column) -> dict[str, Any]:
    known = {name: getattr(column.about, name) for name in column.about.__dataclass_fields__}
    if (empty := column.about.empty_means) and empty.where:
        known["empty_means"] = replace(empty, where=f"{column.table}_{empty.where}")
    return known


DATED = "told_on"
EVERY_ROW, LATEST = wide("EveryRow", None), wide("LatestRow", Entity.PERSON)


def world(folder: Path, rows: int, persons: int) -> World:
    """Store a wide table of `rows` rows, sorted by person, and what says who and where its persons are."""
    random = np.random.default_rng(2006)
    folder.mkdir(parents=True)
    keys = np.arange(1, persons + 1)
    taking_part = keys[random.random(persons) < PARTICIPATE]
    advisers = random.integers(1, ADVISERS + 1, taking_part.size)
    # An adviser works in a bydel, and now and then in the next.
    place = np.asarray(advisers + (random.random(taking_part.size) < 0.1), dtype=np.int64)
    first = (date(FIRST_YEAR, 1, 1) - date(1970, 1, 1)).days
    day = first + random.integers(0, 365 * YEARS, persons)
    home = random.integers(0, len(BYDELER), persons)
    home[taking_part - 1] = place
    status = np.where(random.random(taking_part.size) < 0.05, MOVED_BYDEL, "3")
    beside = {
        "person": {"person_key": keys, "created_on": _days(day)},
        "settlement": {
            "person_key": keys,
            "settled_on": _days(day),
            "bydel": _bydeler(home),
        },
        "case": {"case_key": taking_part, "person_key": taking_part, "bydel": _bydeler(place)},
        "programme": {
            "programme_key": taking_part,
            "person_key": taking_part,
            "case_key": taking_part,
            "adviser_key": advisers,
            "started_on": _days(day[taking_part - 1]),
            "ended_on": _days(day[taking_part - 1] + 700),
            "programme_status": pl.Series(status),
            "law": pl.repeat(codes.LAW.values()[0], taking_part.size, eager=True),
        },
    }
    again = random.random(persons) < 0.05  # were settled a second time
    moved_on = {
        "person_key": keys[again],
        "settled_on": _days(day[again] + 400),
        "bydel": _bydeler(home[again]),
    }
    settled = pl.concat([pl.DataFrame(beside["settlement"]), pl.DataFrame(moved_on)])
    beside["settlement"] = settled.sort("person_key", "settled_on").to_dict()
    cores = {name: [_stored(folder, name, pl.DataFrame(made)).path] for name, made in beside.items()}
    cores["latest_row"] = [_wide_rows(folder, random, rows, persons)]
    usable = _stored(folder, "usable", pl.DataFrame({"person_key": keys}))
    return World(cores, usable.path)


BYDELER = tuple(codes.BYDEL.values())[:15]


def _renamed(cores: Files) -> Files:
    """The same files, for the table whose every row is expected."""
    return {"every_row" if name == "latest_row" else name: paths for name, paths in cores.items()}


def _bydeler(places: np.ndarray) -> pl.Series:
    return pl.Series(BYDELER).gather((places % len(BYDELER)).astype(np.uint32))


def _days(numbers: np.ndarray) -> pl.Series:
    return pl.Series(numbers.astype(np.int32)).cast(pl.Date)


def _stored(folder: Path, name: str, frame: pl.DataFrame) -> tables.Stored:
    return tables.write(folder, name, frame, key=step_key("benchmark quality", name))


def _wide_rows(folder: Path, random: np.random.Generator, rows: int, persons: int) -> Path:
    """Batch by batch, as many rows for each person, one on each of so many days."""
    batches = ((start, min(start + BATCH_ROWS, rows)) for start in range(0, rows, BATCH_ROWS))
    empty = _wide_frame(random, np.arange(0), persons, rows)
    with TableWriter(folder, "wide", schema=dict(empty.schema), key=step_key("benchmark wide")) as writer:
        for start, end in batches:
            writer.write(_wide_frame(random, np.arange(start, end), persons, rows))
    return writer.stored().path


def _wide_frame(random: np.random.Generator, numbers: np.ndarray, persons: int, rows: int) -> pl.DataFrame:
    each = max(1, rows // persons)
    first = (date(FIRST_YEAR, 1, 1) - date(1970, 1, 1)).days
    day = first + (numbers % each) * 365 * YEARS // each + random.integers(0, 365, numbers.size)
    made = {"person_key": 1 + np.minimum(numbers // each, persons - 1), DATED: _days(day)}
    filled = {
        f"{c.table}_{c.name}": _values(random, c, numbers.size, FILLED[place % len(FILLED)])
        for place, c in enumerate(wide_fields())
    }
    return pl.DataFrame(made | filled)


def _values(random: np.random.Generator, column: Column, size: int, filled: float) -> pl.Series:
    """Values of the column's kind, among them those that say «ukjent», and blanks."""
    about = column.about
    possible = [*(about.codes.values() if about.codes else ()), *about.unknown]
    drawn = pl.Series(random.integers(0, 20_000, size))
    if possible:
        some = pl.Series(possible).gather(random.integers(0, len(possible), size).astype(np.uint32))
    elif column.dtype == pl.String:
        some = drawn.cast(pl.String)
    elif column.dtype == pl.Boolean:
        some = drawn % 2 == 0
    elif column.dtype == pl.Date:
        some = drawn.cast(pl.Int32).cast(pl.Date)
    else:
        some = drawn
    blank = pl.Series(random.random(size) >= filled)
    return pl.select(pl.when(~blank).then(some.cast(column.dtype))).to_series()
