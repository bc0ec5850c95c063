"""The ledger: each person, case and employee gets an internal number once, and keeps it for good.

Append-only, in `restricted`. A number means nothing without it: numbers are given in the order of the
source's own keys, after the highest there is, so the same sources always make the same ledger. A lost
ledger would give persons each other's numbers, and so each other's pseudonyms: a witness outside
`restricted` tells that there was one. What is not here: merging two persons into one, which is an alias
and another issue's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.tables import Stored, step_key
from schemas import CASE_SYSTEM
from schemas.variable import Column, Entity, InCore, KeyKind, Table, columns, table_name

LEDGER_SCHEMA: dict[str, pl.DataType] = {
    "entity": pl.String(),
    "source_key": pl.String(),
    "key": pl.Int64(),
}
LEDGER, WITNESS = "ledger", "ledger_witness"


def empty() -> pl.DataFrame:
    """A ledger before its first night."""
    return pl.DataFrame(schema=LEDGER_SCHEMA)


def mint(ledger: pl.DataFrame, entity: Entity, source_keys: pl.Series) -> pl.DataFrame:
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
        .select(pl.lit(entity.value).alias("entity"), "source_key", pl.col("key").cast(pl.Int64))
    )
    return pl.concat([ledger, new])


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


def update_ledger(settings: Settings, passed: Mapping[str, Stored]) -> Stored:
    """The stored ledger with every key in the passed rows of the case system's tables, by table name.

    The file is written again only if somebody is new, so that one night without newcomers leaves the
    same bytes, and all that was made of it stays good. Raises SettingWrong, and gives nobody a key, where
    an earlier ledger is gone or does not begin as it did.
    """
    before = tables.stored(settings.restricted, LEDGER)
    ledger = tables.read(before) if before else empty()
    _refuse_lost(settings, before, ledger)
    after = ledger
    for entity in Entity:
        for keys in _source_keys(passed, entity):
            after = mint(after, entity, keys)
    if before is None or after.height > ledger.height:
        before = tables.write(settings.restricted, LEDGER, after, key=_content_key(after))
    # Only now: a run killed between the two leaves a ledger newer than its witness, which is fine.
    _bear_witness(settings, after)
    return before


def _refuse_lost(settings: Settings, before: Stored | None, ledger: pl.DataFrame) -> None:
    """Raise where the house has had a ledger that this one does not continue."""
    witness = tables.stored(settings.core, WITNESS)
    if before is None:
        lost = witness is not None or _keys_in_use(settings)
    else:
        lost = witness is not None and not _continues(ledger, tables.read(witness))
    if lost:
        raise SettingWrong(
            "The ledger of internal keys is gone or shorter than it was.",
            instead="Nobody was given a key.",
            do="Restore restricted/ledger.parquet from the backup; only on a new data root is there none.",
        )


def _keys_in_use(settings: Settings) -> bool:
    """Whether anything stands that was made with keys: somebody's row in `core`, or a release."""
    keyed = settings.table_folder("core", "person").glob("*.parquet")
    released = settings.releases.glob("*/*")
    return any(True for _ in keyed) or any(True for _ in released)


def _continues(ledger: pl.DataFrame, witness: pl.DataFrame) -> bool:
    """Whether the ledger begins with exactly the rows that the witness saw."""
    rows, digest = int(witness["rows"].item()), str(witness["sha256"].item())
    return _digest(ledger.head(rows)) == digest


def _bear_witness(settings: Settings, ledger: pl.DataFrame) -> None:
    """Note how long the ledger is and what it holds, where it is not noted already."""
    key = _content_key(ledger)
    if tables.reusable(settings.core, WITNESS, key) is None:
        seen = pl.DataFrame({"rows": [ledger.height], "sha256": [_digest(ledger)]})
        tables.write(settings.core, WITNESS, seen, key=key)


def _source_keys(passed: Mapping[str, Stored], entity: Entity) -> Iterable[pl.Series]:
    """Every key of that kind in any table, as one series: the order of tables must not matter."""
    found = [
        as_source_key(tables.read(passed[table_name(table)], columns=[column.name])[column.name]).unique()
        for table in CASE_SYSTEM
        if table_name(table) in passed
        for column in owned_keys(table)
        if column.about.key and column.about.key.entity is entity
    ]
    return [pl.concat(found)] if found else []


def _content_key(ledger: pl.DataFrame) -> str:
    return step_key("ledger", _digest(ledger))


def _digest(ledger: pl.DataFrame) -> str:
    return hashlib.sha256(ledger.write_csv().encode()).hexdigest()
