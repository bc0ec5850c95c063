"""What releases are made of: whole frames of `core` and `linked`, and which of a person's rows is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.tables import Stored
from schemas.case_system.background import Family, Health
from schemas.core import in_core
from schemas.linked import MonthStatus
from schemas.registers.population import PopulationStatus
from schemas.variable import Table, polars_schema

NEEDED_CORES = ("person", "settlement", "background", "family", "health", "population_status")
NEEDED_LINKED = ("programme_spell", "exit_cohort", "outcome", "month_status")


def _empty(table: type[Table]) -> pl.DataFrame:
    return pl.DataFrame(schema=polars_schema(table))


@dataclass(frozen=True)
class Sources:
    """The frames a release is made from, whole: core tables and linked tables by name."""

    person: pl.DataFrame
    settlement: pl.DataFrame
    background: pl.DataFrame
    programme_spell: pl.DataFrame
    exit_cohort: pl.DataFrame
    outcome: pl.DataFrame
    population_status: pl.DataFrame = field(default_factory=lambda: _empty(in_core(PopulationStatus)))
    family: pl.DataFrame = field(default_factory=lambda: _empty(in_core(Family)))
    health: pl.DataFrame = field(default_factory=lambda: _empty(in_core(Health)))
    month_status: pl.DataFrame = field(default_factory=lambda: _empty(MonthStatus))

    @classmethod
    def read(cls, cores: Mapping[str, Iterable[Path]], linked: Mapping[str, Stored]) -> Sources:
        """From the stored tables of `core` (parts by table) and `linked`."""
        parts = {name: [tables.read(path) for path in sorted(cores[name])] for name in NEEDED_CORES}
        # A register that was never delivered has no part, and says nothing of anybody.
        core = {name: pl.concat(frames) for name, frames in parts.items() if frames}
        return cls(**core, **{name: tables.read(linked[name]) for name in NEEDED_LINKED})

    def only(self, persons: pl.DataFrame) -> Sources:
        """The same, of those persons alone."""
        return Sources(
            **{name: frame.join(persons, on="person_key", how="semi") for name, frame in vars(self).items()}
        )


def first(frame: pl.DataFrame, by: str, ties: list[str]) -> pl.DataFrame:
    """Each person's earliest row; of several that day, the one that sorts first by `ties`, blanks last."""
    return frame.sort("person_key", by, *ties, nulls_last=True).unique("person_key", keep="first")


def latest(frame: pl.DataFrame, by: str, ties: list[str]) -> pl.DataFrame:
    """Each person's latest row; of several that day, the one that sorts first by `ties`, blanks last."""
    descending = [False, True, *(False for _ in ties)]
    ordered = frame.sort("person_key", by, *ties, descending=descending, nulls_last=True)
    return ordered.unique("person_key", keep="first")
