"""What the case system's rules refused, by internal key: an invalid value is not a missing one."""

from __future__ import annotations

import polars as pl

from pipeline import tables
from pipeline.config import QUARANTINE, Settings
from pipeline.identity.spine.ledger import current
from pipeline.night.standing import cores, only, part_paths
from pipeline.quality.refused import refused_rows
from schemas import CASE_SYSTEM
from schemas.variable import table_name


def refusal_keys(settings: Settings) -> list[str]:
    """What `refused` is made of: the step keys of the quarantined rows and of the ledger."""
    folders = [settings.restricted / QUARANTINE / table_name(table) for table in CASE_SYSTEM]
    return [part.key for folder in folders for part in tables.parts(folder)] + [
        only(settings.restricted, "ledger").key
    ]


def refused(settings: Settings) -> dict[str, pl.DataFrame]:
    """Table -> its quarantined rows, by internal key, with the fields that a rule refused."""
    ledger = current(tables.read(only(settings.restricted, "ledger")))
    programmes = part_paths(cores(settings))["programme"]
    owners = pl.concat(
        [
            pl.read_parquet(p, columns=["programme_key", "person_key"], hive_partitioning=False)
            for p in programmes
        ]
    )
    made = {}
    for table in CASE_SYSTEM:
        parts = tables.parts(settings.restricted / QUARANTINE / table_name(table))
        if parts:
            rows = pl.concat([tables.read(part) for part in parts])
            made[table_name(table)] = refused_rows(table, rows, ledger, owners)
    return made
