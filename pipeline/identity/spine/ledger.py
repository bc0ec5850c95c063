"""The ledger: each person, case and employee gets an internal number once, and keeps it for good.

Append-only, in `restricted`. A number means nothing without it: numbers are given in the order of the
source's own keys, after the highest there is, so the same sources always make the same ledger. Records of
one person have one number: where a merge or a split (`rekeying`) changes a record's, a further row
says so, and the last row counts. How it is stored, and what refuses a lost one: `ledger_file`;
what it says of who has become whom: `succession`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import polars as pl

from schemas.variable import Column, Entity, InCore, KeyKind, Table, columns

LEDGER_SCHEMA: dict[str, pl.DataType] = {
    "entity": pl.String(),
    "source_key": pl.String(),
    "key": pl.Int64(),
    "since": pl.Date(),
    "event": pl.String(),
}


class Event(StrEnum):
    """Why a row was appended."""

    MINT = "mint"  # a source key that was new
    MERGE = "merge"  # its person turned out to be another's, whose key is older
    SPLIT = "split"  # its person turned out to be two, and the other keeps the key


def empty() -> pl.DataFrame:
    """A ledger before its first night."""
    return pl.DataFrame(schema=LEDGER_SCHEMA)


def current(ledger: pl.DataFrame) -> pl.DataFrame:
    """(entity, source_key, key) as it stands: one row for each source key, its last."""
    return ledger.group_by("entity", "source_key", maintain_order=True).agg(pl.col("key").last())


def mint(
    ledger: pl.DataFrame, entity: Entity, source_keys: pl.Series, *, since: date | None = None
) -> pl.DataFrame:
    """The ledger with a key for every source key it did not know; what stood there stands unchanged."""
    known = ledger.filter(pl.col("entity") == entity.value)
    highest = int(known["key"].max() or 0)  # type: ignore[arg-type]
    new = (
        pl.DataFrame({"source_key": as_source_key(source_keys)})
        .drop_nulls()
        .unique()
        .join(known, on="source_key", how="anti")
        .sort("source_key")
        .with_row_index("key", offset=highest + 1)
        .with_columns(
            entity=pl.lit(entity.value),
            key=pl.col("key").cast(pl.Int64),
            since=pl.lit(since, pl.Date),
            event=pl.lit(Event.MINT.value),
        )
    )
    return pl.concat([ledger, new.select(list(LEDGER_SCHEMA))])


def as_source_key(keys: pl.Series) -> pl.Series:
    """A source's own keys as the ledger holds them."""
    return keys.cast(pl.String).alias("source_key")


def owned_keys(table: type[Table]) -> tuple[Column, ...]:
    """The columns that are re-keyed through the ledger."""
    return tuple(
        column
        for column in columns(table)
        if column.about.key
        and column.about.key.kind is KeyKind.OWN
        and column.about.in_core is InCore.REKEYED
    )
