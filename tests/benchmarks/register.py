"""An employment register of any size in `core`, a small part of whose persons took part in programmes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

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
ONE_IN = 16  # persons of the register per participant: 93 M rows held 5.6 M of the population's
WORKING = 0.9
EPOCH = date(1970, 1, 1)

Cores = dict[str, list[Stored]]


def register(folder: Path, rows: int) -> Cores:
    """Store core tables with about `rows` rows of employment; each part sorted by person, as core is."""
    random = np.random.default_rng(2006)
    months = [date(year, month, 1) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
    persons = max(ONE_IN, round(rows / (len(months) + len(ANNUAL_YEARS)) / WORKING))
    participants = np.arange(ONE_IN, persons + 1, ONE_IN)
    return {
        "employment_monthly": [_month(folder, random, persons, month) for month in months],
        "employment_annual": [_year(folder, random, persons, year) for year in ANNUAL_YEARS],
        **_programmes(folder, random, participants),
        "population_status": [
            _residents(folder, random, participants, y) for y in range(2013, LAST_YEAR + 1)
        ],
    }


def participants_of(cores: Cores) -> pl.DataFrame:
    """Everybody who took part, as linkable persons."""
    return tables.read(cores["programme"][0], columns=["person_key"]).unique()


def employment_rows(cores: Cores) -> int:
    """Rows of both sides of the register."""
    return sum(part.rows for name in ("employment_monthly", "employment_annual") for part in cores[name])


def _month(folder: Path, random: np.random.Generator, persons: int, month: date) -> Stored:
    key = 1 + np.flatnonzero(random.random(persons) < WORKING)
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
    key = 1 + np.flatnonzero(random.random(persons) < WORKING)
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
    started = (date(2010, 1, 1) - EPOCH).days + random.integers(0, 1_500, size)
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
