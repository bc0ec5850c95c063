"""The stored ledger: read at the beginning of the night, longer or the same at its end, never lost unseen.

A lost ledger would give persons each other's numbers, and so each other's pseudonyms: a witness outside
`restricted`, and every release, tells how long it was and what it held. Where numbers are in use and the
witness is gone, nobody can tell whether the ledger is whole, and it is refused as a lost one is.

Its exact length stays within the house: of two releases it would tell how many persons came between them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.disclosure.tables import BASE
from pipeline.errors import SettingWrong
from pipeline.identity.spine.ledger import Event, as_source_key, empty, mint, owned_keys
from pipeline.identity.spine.rekeying import rekey
from pipeline.tables import Stored, step_key
from schemas import CASE_SYSTEM
from schemas.variable import Entity, table_name

LEDGER, WITNESS = "ledger", "ledger_witness"
# What a key rests on. `since` is for the record: nothing that is made with keys may depend on the night.
_BINDING = ("entity", "source_key", "key")


def update_ledger(
    settings: Settings, passed: Mapping[str, Stored], components: Stored, as_of: date
) -> Stored:
    """The stored ledger with every key in the passed rows of the case system's tables, by table name.

    Persons have the key of their component. The file is written again only if a row is new, so that a night
    without news leaves the same bytes, and all that was made of it stays good. Raises SettingWrong, and
    gives nobody a key, where an earlier ledger is gone or does not begin as it did.
    """
    before = tables.stored(settings.restricted, LEDGER)
    ledger = _with_events(tables.read(before)) if before else empty()
    _refuse_lost(settings, before, ledger)
    after = ledger
    for entity in Entity:
        for keys in _source_keys(passed, entity):
            if entity is Entity.PERSON:
                after = rekey(after, persons_of(keys, tables.read(components)), since=as_of)
            else:
                after = mint(after, entity, keys, since=as_of)
    if before is None or after.height > ledger.height:
        before = tables.write(settings.restricted, LEDGER, after, key=_content_key(after))
    # Only now: a run killed between the two leaves a ledger newer than its witness, which is fine.
    _bear_witness(settings, after)
    return before


def _with_events(ledger: pl.DataFrame) -> pl.DataFrame:
    """A ledger from before there were merges has no `since` and no `event`: all its rows were minted."""
    if "event" in ledger.columns:
        return ledger
    return ledger.with_columns(since=pl.lit(None, pl.Date), event=pl.lit(Event.MINT.value))


def persons_of(keys: pl.Series, components: pl.DataFrame) -> pl.DataFrame:
    """(source_key, component, oldest) of every person in any table; alone where the spine has no record."""
    known = components.with_columns(
        source_key=as_source_key(components["person_id"]), component=pl.col("component").cast(pl.String)
    )
    return (
        pl.DataFrame({"source_key": keys})
        .drop_nulls()
        .unique()
        .join(known, on="source_key", how="left")
        .select("source_key", pl.coalesce("component", "source_key"), "oldest")
    )


def ledger_facts(ledger: Stored) -> dict[str, Any]:
    """How long the stored ledger is, down to a multiple of `BASE`, and a hash of all of it, for a release."""
    facts = _facts(tables.read(ledger))
    return facts | {"rows": facts["rows"] // BASE * BASE}


def _refuse_lost(settings: Settings, before: Stored | None, ledger: pl.DataFrame) -> None:
    """Raise where the house has had a ledger that this one does not continue."""
    witness = tables.stored(settings.core, WITNESS)
    if before is not None and witness is None and _keys_in_use(settings):
        raise SettingWrong(
            "Nothing tells whether the ledger of internal keys is whole: its witness is gone from core.",
            instead="Nobody was given a key.",
            do=f"Restore restricted/ledger.parquet and core/{WITNESS}.parquet from the same backup; only "
            "on a new data root are there none.",
        )
    seen = [*([] if witness is None else [tables.read(witness).row(0, named=True)]), *_released(settings)]
    if before is None:
        lost = bool(seen) or _keys_in_use(settings)
    else:
        lost = not all(_continues(ledger, facts) for facts in seen)
    if lost:
        raise SettingWrong(
            "The ledger of internal keys is gone or shorter than it was.",
            instead="Nobody was given a key.",
            do="Restore restricted/ledger.parquet from the backup; only on a new data root is there none.",
        )


def _keys_in_use(settings: Settings) -> bool:
    """Whether anything stands that was made with keys: a table in `core` or `linked`, or a release."""
    keyed = [path for zone in (settings.core, settings.linked) for path in zone.rglob("*.parquet")]
    released = settings.releases.glob("*/*")
    return any(path.stem != WITNESS for path in keyed) or any(True for _ in released)


def _released(settings: Settings) -> list[dict[str, Any]]:
    """What the standing releases tell of the ledgers they were made with; older ones tell nothing."""
    found = [
        _told(path) for path in settings.releases.glob("*/*+*/manifest.json") if path.parent.name[0] != "."
    ]
    distinct = {(facts["rows"], facts["sha256"]): facts for facts in found if facts}
    return list(distinct.values())


def _told(manifest: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads(manifest.read_bytes())["ledger"]
        return {"rows": int(facts["rows"]), "sha256": str(facts["sha256"])}
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _continues(ledger: pl.DataFrame, seen: Mapping[str, Any]) -> bool:
    """Whether the ledger begins with exactly the rows that were seen: `rows`, or fewer than `BASE` more."""
    longest = min(seen["rows"] + BASE, ledger.height + 1)
    return any(_digest(ledger.head(rows)) == seen["sha256"] for rows in range(seen["rows"], longest))


def _facts(ledger: pl.DataFrame) -> dict[str, Any]:
    return {"rows": ledger.height, "sha256": _digest(ledger)}


def _bear_witness(settings: Settings, ledger: pl.DataFrame) -> None:
    """Note how long the ledger is and what it holds, where it is not noted already."""
    key = _content_key(ledger)
    if tables.reusable(settings.core, WITNESS, key) is None:
        tables.write(settings.core, WITNESS, pl.DataFrame([_facts(ledger)]), key=key)


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
    return hashlib.sha256(ledger.select(_BINDING).write_csv().encode()).hexdigest()
