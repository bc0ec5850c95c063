"""An employment register of any size, as delivered and in `core`, a small part of whose persons took part.

Of 100 million rows about 6 % belong to a population of 200,000, who are also in the education, benefit,
social assistance and population registers; everybody else is in the employment register alone.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from pipeline import tables
from pipeline.tables import Stored
from schemas import BY_NAME
from schemas.core import in_core
from schemas.variable import polars_schema
from tests.linkage_world import settings_at

FIRST_YEAR, LAST_YEAR = 2015, 2019
ANNUAL_YEARS = (2013, 2014)
YEARS = range(ANNUAL_YEARS[0], LAST_YEAR + 1)
ROWS_A_PARTICIPANT = 500  # of the whole register
ONE_IN = 9  # persons of the register per participant
WORKING, PARTICIPANT_WORKING = 0.945, 0.5  # share of the months; so 6 % of the rows are the population's
PERSONS_AN_EMPLOYER = 12
EPOCH = date(1970, 1, 1)
EMPLOYMENT = ("employment_monthly", "employment_annual")  # the two sides of the register

Cores = dict[str, list[Stored]]


def register(folder: Path, rows: int) -> Cores:
    """Store core tables with about `rows` rows of employment; each part sorted by person, as core is."""
    random = np.random.default_rng(2006)
    months = [date(year, month, 1) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
    persons = ONE_IN * max(1, rows // ROWS_A_PARTICIPANT)
    participants = np.arange(ONE_IN, persons + 1, ONE_IN)
    return {
        "employment_monthly": [_month(folder, random, persons, month) for month in months],
        "employment_annual": [_year(folder, random, persons, year) for year in ANNUAL_YEARS],
        **_programmes(folder, random, participants),
        "population_status": [_residents(folder, random, participants, year) for year in YEARS],
        "education": [_education(folder, random, participants, year) for year in YEARS],
        "benefit": [_benefit(folder, random, participants, year) for year in YEARS],
        "social_assistance": [_assistance(folder, random, participants, year) for year in YEARS],
    }


def as_delivered(folder: Path, cores: Cores) -> list[list[Path]]:
    """The employment register as its agency has it: a file a period, every declared column, their order.

    The identifiers are invented: eleven digits of a hash of the person's number. So are the employers,
    which core has no column for: few are large and most small, and nobody changes within a year.
    """
    delivered = []
    persons = ONE_IN * tables.read(cores["programme"][0], columns=["person_key"]).height
    made_up = {
        "person_identifier": "lpad((hash(person_key) % 100000000000)::varchar, 11, '0')",
        "organisation_id": (
            f"(900000000 + {persons // PERSONS_AN_EMPLOYER + 1}"
            " * pow(hash(person_key, $year) / pow(2, 64), 3))::integer::varchar"
        ),
    }
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for name in EMPLOYMENT:
            target = folder / "delivered" / name
            target.mkdir(parents=True)
            delivered.append([target / f"{part.name}.parquet" for part in cores[name]])
            columns = ", ".join(
                f"{made_up[column]} as {column}" if column in made_up else column
                for column in polars_schema(BY_NAME[name])
            )
            for part, path in zip(cores[name], delivered[-1], strict=True):
                asked = columns.replace("$year", part.name[:4])
                rows = connection.read_parquet(str(part.path)).project(asked)
                rows.write_parquet(str(path), compression="zstd")
    return delivered


def participants_of(cores: Cores) -> pl.DataFrame:
    """Everybody who took part, as linkable persons."""
    return tables.read(cores["programme"][0], columns=["person_key"]).unique()


def employment_rows(cores: Cores) -> int:
    """Rows of both sides of the register."""
    return sum(part.rows for name in EMPLOYMENT for part in cores[name])


def _in_the_register(random: np.random.Generator, persons: int) -> np.ndarray:
    key = np.arange(1, persons + 1)
    return key[random.random(persons) < np.where(key % ONE_IN == 0, PARTICIPANT_WORKING, WORKING)]


def _month(folder: Path, random: np.random.Generator, persons: int, month: date) -> Stored:
    key = _in_the_register(random, persons)
    return _store(
        folder,
        "employment_monthly",
        f"{month:%Y-%m}",
        {
            "person_key": key,
            "month": np.full(key.size, (month - EPOCH).days),
            "hours_per_week": random.choice([0.0, 15.0, 30.0, 37.5], key.size),
            "position_percent": random.integers(0, 101, key.size),
            "pay_month_kr": random.integers(0, 60_000, key.size) * (random.random(key.size) < 0.95),
        },
    )


def _year(folder: Path, random: np.random.Generator, persons: int, year: int) -> Stored:
    key = _in_the_register(random, persons)
    january = (date(year, 1, 1) - EPOCH).days
    started = january + random.integers(-900, 330, key.size)
    return _store(
        folder,
        "employment_annual",
        str(year),
        {
            "person_key": key,
            "year": np.full(key.size, year),
            "started_on": started,
            "ended_on": np.maximum(started, january) + random.integers(0, 400, key.size),
            "hours_per_week": random.choice([0.0, 15.0, 37.5], key.size),
            "pay_kr": random.integers(0, 600_000, key.size),
        },
    )


def _programmes(folder: Path, random: np.random.Generator, participants: np.ndarray) -> Cores:
    size = participants.size
    started = (date(2011, 1, 1) - EPOCH).days + random.integers(0, 1_200, size)
    number = np.arange(1, size + 1)
    reason = random.choice(["01", "11", "21", "98"], size)
    return {
        "programme": [
            _store(
                folder,
                "programme",
                "programme",
                {
                    "programme_key": number,
                    "person_key": participants,
                    "case_key": number,
                    "started_on": started,
                    "ended_on": started + random.integers(200, 900, size),
                    "programme_status": np.full(size, "3"),
                },
            )
        ],
        "case": [
            _store(
                folder,
                "case",
                "case",
                {"case_key": number, "person_key": participants, "bydel": np.full(size, "01")},
            )
        ],
        "result": [_store(folder, "result", "result", {"programme_key": number, "nir_exit": reason})],
        "nir_participant": [
            _store(
                folder,
                "nir_participant",
                "2016",
                {
                    "person_key": participants,
                    "municipality": np.full(size, "0301"),
                    "started_on": started + random.integers(0, 60, size),
                    "nir_exit": reason,
                    "delivery_year": np.full(size, 2016),
                },
            )
        ],
    }


def _residents(folder: Path, random: np.random.Generator, participants: np.ndarray, year: int) -> Stored:
    residence = np.where(random.random(participants.size) < 0.98, "bosatt", "utvandret")
    return _store(
        folder,
        "population_status",
        str(year),
        {
            "person_key": participants,
            "year": np.full(participants.size, year),
            "residence": residence,
            "municipality": np.full(participants.size, "0301"),
        },
    )


def _education(folder: Path, random: np.random.Generator, participants: np.ndarray, year: int) -> Stored:
    key = participants[random.random(participants.size) < 0.15]
    started = (date(year, 1, 1) - EPOCH).days + random.integers(-300, 300, key.size)
    columns = {
        "person_key": key,
        "year": np.full(key.size, year),
        "nus2000": random.choice(["201101", "351102", "641103"], key.size),
        "started_on": started,
        "ended_on": started + random.integers(320, 700, key.size),
        "education_status": np.full(key.size, "fullfort"),
        "full_time": np.full(key.size, True),
    }
    return _store(folder, "education", str(year), columns)


def _benefit(folder: Path, random: np.random.Generator, participants: np.ndarray, year: int) -> Stored:
    key = np.repeat(participants[random.random(participants.size) < 0.15], 2)
    january = (date(year, 1, 1) - EPOCH).days
    columns = {
        "person_key": key,
        "year": np.full(key.size, year),
        "benefit": np.repeat(random.choice(["DAG", "TIL", "AAP"], key.size // 2), 2),
        "event": np.tile(["START", "STOPP"], key.size // 2),
        "event_on": january + random.integers(0, 180, key.size) + np.tile([0, 180], key.size // 2),
    }
    return _store(folder, "benefit", str(year), columns)


def _assistance(folder: Path, random: np.random.Generator, participants: np.ndarray, year: int) -> Stored:
    key = participants[random.random(participants.size) < 0.2]
    months = {f"month_{month:02}": random.random(key.size) < 0.3 for month in range(1, 13)}
    columns = {"person_key": key, "year": np.full(key.size, year), **months}
    return _store(folder, "social_assistance", str(year), columns)


def _store(folder: Path, table: str, part: str, columns: dict[str, np.ndarray]) -> Stored:
    model = in_core(BY_NAME[table])
    frame = pl.DataFrame(columns)
    whole = frame.select(
        pl.col(name).cast(pl.Int32).cast(dtype)
        if name in columns and dtype == pl.Date
        else (pl.col(name) if name in columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in polars_schema(model).items()
    )
    key = tables.step_key("benchmark register", table, part)
    return tables.write(settings_at(folder).core / table, part, whole, key=key, table=model)
