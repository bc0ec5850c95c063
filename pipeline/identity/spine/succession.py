"""Which internal keys a person's records had before: what a project's crosswalk is made of.

Read from the ledger record by record, so that a chain of merges and splits ends where the record is now.
"""

from __future__ import annotations

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.spine.ledger import current
from pipeline.tables import Stored, step_key
from schemas.codes.crosswalk import MERGE, SPLIT
from schemas.variable import Entity

SUCCESSION = "succession"
SUCCESSION_SCHEMA: dict[str, pl.DataType] = {
    "former_key": pl.Int64(),
    "person_key": pl.Int64(),
    "reason": pl.String(),
    "since": pl.Date(),
}


def succession(ledger: pl.DataFrame) -> pl.DataFrame:
    """(former_key, person_key, reason, since) for each key that a person's record had, and the one it has.

    The reason is a merge where all that had the former key have one other now, and a split where they have
    several, or some of them have it still. `since` is the first night of the key that they have.
    """
    persons = ledger.filter(pl.col("entity") == Entity.PERSON.value)
    now = current(persons).select("source_key", person_key="key")
    held = persons.join(now, on="source_key")
    began = (
        held.filter(pl.col("key") == pl.col("person_key")).group_by("source_key").agg(pl.col("since").last())
    )
    had = held.select("source_key", "person_key", former_key="key").unique()
    successors = had.group_by("former_key").agg(pl.col("person_key").n_unique().alias("_now"))
    return (
        had.filter(pl.col("former_key") != pl.col("person_key"))
        .join(began, on="source_key")
        .join(successors, on="former_key")
        .group_by("former_key", "person_key")
        .agg(
            pl.when(pl.col("_now").first() > 1).then(pl.lit(SPLIT)).otherwise(pl.lit(MERGE)).alias("reason"),
            pl.col("since").min(),
        )
        .select(list(SUCCESSION_SCHEMA))
        .sort("former_key", "person_key")
    )


def held_keys(ledger: pl.DataFrame) -> pl.DataFrame:
    """The `person_key` every record has now; those that are gone from the source keep theirs."""
    persons = current(ledger.filter(pl.col("entity") == Entity.PERSON.value))
    return persons.select(person_key="key").unique().sort("person_key")


def update_succession(settings: Settings, ledger: Stored) -> Stored:
    """The successions of the stored ledger, in `core` for those who make outputs: no source keys."""
    key = step_key(SUCCESSION, ledger.key)
    found = tables.reusable(settings.core, SUCCESSION, key)
    return found or tables.write(settings.core, SUCCESSION, succession(tables.read(ledger)), key=key)
