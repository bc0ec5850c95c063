"""Linkage against reading and hashing the employment register once, as it was delivered.

A step of a night is measured alone by taking away what it made: the rest stands, and is not made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.linkage import link, queries
from schemas.linked import (
    LINKED,
    MatchRate,
    MonthStatus,
    Outcome,
    OutcomeSummary,
    Panel,
    WorkMonth,
    WorkYear,
    YearStatus,
)
from schemas.variable import Table, table_name
from tests.benchmarks.floors import hash_columns
from tests.benchmarks.measure import Comparison, Scale, Turn
from tests.benchmarks.register import (
    EMPLOYMENT,
    Cores,
    as_delivered,
    employment_rows,
    participants_of,
    register,
)
from tests.linkage_world import AS_OF, settings_at

MEMORY_LIMIT = "500MB"  # DuckDB's: what Python and Polars need stands beside it
AIM = 1.5
Tables = Sequence[type[Table]]

EXTRACT = (WorkYear,)  # the one pass over the register
OUTCOMES = (Outcome, OutcomeSummary)
# What the aim is about: the extract, and all that is made of it up to the panel and the outcomes.
EMPLOYMENT_LINKAGE = (*EXTRACT, YearStatus, Panel, *OUTCOMES)
STEPS: tuple[tuple[str, Tables], ...] = (
    ("extract", EXTRACT),
    ("years of every register", (YearStatus,)),
    ("panel of 60 months", (Panel,)),
    ("outcomes", OUTCOMES),
    ("months as rows", (WorkMonth, MonthStatus)),
    ("match rates", (MatchRate,)),
)


def comparisons(scale: Scale, folder: Path) -> Iterator[Turn]:
    """The employment linkage of one night, its steps, and the night with all that is linked beside it."""
    cores = register(folder, scale.register_rows)
    settings = settings_of(folder)
    delivered = as_delivered(folder, cores)
    common: dict[str, Any] = {
        "floor": lambda: hash_columns(settings, delivered),
        "floor_is": "read and hash every column of the employment register as delivered",
        "rows": employment_rows(cores),
    }

    def of(stage: str, made: Tables, **given: Any) -> Comparison:
        usual = {"prepare": lambda: forget(settings, made), "subject": lambda: link_all(folder, cores)}
        return Comparison(stage=f"link: {stage}", **(common | usual | given))

    link_all(folder, cores)
    last_month = cores[EMPLOYMENT[0]][-1]
    before = cores | {EMPLOYMENT[0]: [part for part in cores[EMPLOYMENT[0]] if part is not last_month]}
    yield (
        of("extract, panel, outcomes", EMPLOYMENT_LINKAGE, aim=AIM),
        *(of(f"  {stage}", made) for stage, made in STEPS),
        of(
            f"a whole night, {common['rows']:,} rows",
            (*EXTRACT, *LINKED),
            apart=(link_all, (folder, cores)),
            nightly=True,
        ),
        of("a new month", (), prepare=lambda: link_all(folder, before)),
        of("nothing has changed", (), prepare=lambda: link_all(folder, cores)),
    )


def forget(settings: Settings, made: Tables) -> None:
    """Take away what is stored of these tables."""
    for name in map(table_name, made):
        shutil.rmtree(settings.linked / name, ignore_errors=True)
        (settings.linked / f"{name}.parquet").unlink(missing_ok=True)


def settings_of(folder: Path) -> Settings:
    """Two threads, and a limit of memory that no size of register moves."""
    return replace(settings_at(folder), threads=2, memory_limit=MEMORY_LIMIT)


def link_all(folder: Path, cores: Cores) -> dict[str, queries.Stored]:
    """One night's linkage: what does not stand already."""
    return link(settings_of(folder), cores, as_of=AS_OF, linkable=participants_of(cores))
