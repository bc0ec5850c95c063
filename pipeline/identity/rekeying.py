"""Merges and splits: which key each person of tonight has, by what the ledger said before.

A key once given to a record goes where the record's person is. Where persons turn out to be one, the oldest
key survives; where one turns out to be several, the one with the oldest evidence keeps it, and the others
get back the oldest key they once had that nobody has now, or a new one. The same components on the same
ledger give the same keys, and a second time no news.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.identity.ledger import LEDGER_SCHEMA, Event, current
from schemas.variable import Entity


def rekey(ledger: pl.DataFrame, components: pl.DataFrame, *, since: date) -> pl.DataFrame:
    """The ledger with a row for every person record that is new or whose key has changed.

    `components` is (source_key, component, oldest), one row for each record of tonight. A record that is
    gone keeps its key; nobody else gets it.
    """
    persons = ledger.filter(pl.col("entity") == Entity.PERSON.value)
    ranked = _ranked(components)
    held = ranked.join(current(persons).select("source_key", held="key"), on="source_key", how="left")
    won = held.drop_nulls("held").group_by("held").agg(winner=pl.col("rank").min())
    kept = won.group_by(rank="winner").agg(key=pl.col("held").min())
    kept = pl.concat([kept, _given_back(persons, ranked, kept)])
    kept = pl.concat([kept, _new(persons, ranked, kept)])
    changed = (
        held.join(kept, on="rank")
        .join(won, on="held", how="left")
        .filter(pl.col("held").is_null() | (pl.col("held") != pl.col("key")))
    )
    rows = changed.select(
        "source_key",
        "key",
        entity=pl.lit(Entity.PERSON.value),
        since=pl.lit(since, pl.Date),
        event=pl.when(pl.col("held").is_null())
        .then(pl.lit(Event.MINT.value))
        .when(pl.col("winner") == pl.col("rank"))
        .then(pl.lit(Event.MERGE.value))
        .otherwise(pl.lit(Event.SPLIT.value)),
    )
    return pl.concat([ledger, rows.select(list(LEDGER_SCHEMA)).sort("key", "source_key")])


def _ranked(components: pl.DataFrame) -> pl.DataFrame:
    """(source_key, rank, first): persons in the order of their oldest evidence, then lowest source key."""
    order = (
        components.group_by("component")
        .agg(pl.col("oldest").min(), first=pl.col("source_key").min())
        .sort("oldest", "first", nulls_last=True)
        .with_row_index("rank")
        .select("component", "first", pl.col("rank").cast(pl.Int64))
    )
    return components.join(order, on="component").select("source_key", "rank", "first")


def _given_back(persons: pl.DataFrame, ranked: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """(rank, key) for persons whose keys others keep: one that they once had and nobody has now."""
    gone = current(persons).join(ranked, on="source_key", how="anti")
    wanted = (
        ranked.join(kept, on="rank", how="anti")
        .join(persons.select("source_key", "key"), on="source_key")
        .select("rank", "key")
        .unique()
        .join(kept, on="key", how="anti")
        .join(gone, on="key", how="anti")
    )
    given = kept.clear()
    while wanted.height:
        asked = wanted.group_by("rank").agg(pl.col("key").min())
        round_ = asked.group_by("key").agg(pl.col("rank").min()).select("rank", "key")
        given = pl.concat([given, round_])
        wanted = wanted.join(round_, on="rank", how="anti").join(round_, on="key", how="anti")
    return given


def _new(persons: pl.DataFrame, ranked: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """(rank, key) for persons who have none yet: after the highest there is, in the order of source keys."""
    highest = int(persons["key"].max() or 0)  # type: ignore[arg-type]
    return (
        ranked.join(kept, on="rank", how="anti")
        .select("rank", "first")
        .unique()
        .sort("first")
        .with_row_index("key", offset=highest + 1)
        .select("rank", pl.col("key").cast(pl.Int64))
    )
