"""Merges and splits: which key each person of tonight has, by what the ledger said before.

A key means the person whose record it was made for. Where persons turn out to be one, the oldest key
survives. Where one turns out to be several, each has the key that its own records were minted with; of
several that were, the record minted first decides, and among those of one night the oldest evidence. While
a record exists, no person without it has the key that it was minted with before all others. Whoever has none
left gets a new one. The same components on the same ledger give the same keys, and a second time no news.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.identity.spine.ledger import LEDGER_SCHEMA, Event, current
from schemas.variable import Entity


def rekey(ledger: pl.DataFrame, components: pl.DataFrame, *, since: date) -> pl.DataFrame:
    """The ledger with a row for every person record that is new or whose key has changed.

    `components` is (source_key, component, oldest), one row for each record of tonight. A record that is
    gone keeps its key; nobody else gets it.
    """
    persons = ledger.filter(pl.col("entity") == Entity.PERSON.value)
    ranked = _ranked(components)
    held = ranked.join(current(persons).select("source_key", held="key"), on="source_key", how="left")
    kept = _keys(persons, ranked, held.drop_nulls("held").select("rank", key="held").unique())
    kept = pl.concat([kept, _new(persons, ranked, kept)])
    changed = (
        held.with_columns(parted=pl.col("rank").n_unique().over("held") > 1)
        .join(kept, on="rank")
        .join(kept.select(held="key", keeper="rank"), on="held", how="left")
        .filter(pl.col("held").is_null() | (pl.col("held") != pl.col("key")))
    )
    rows = changed.select(
        "source_key",
        "key",
        entity=pl.lit(Entity.PERSON.value),
        since=pl.lit(since, pl.Date),
        event=pl.when(pl.col("held").is_null())
        .then(pl.lit(Event.MINT.value))
        .when(pl.col("parted") | pl.col("keeper").is_not_null())
        .then(pl.lit(Event.SPLIT.value))
        .otherwise(pl.lit(Event.MERGE.value)),
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


def _keys(persons: pl.DataFrame, ranked: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """(rank, key) for persons who have a key already, or had one that is theirs by minting.

    `held` is (rank, key) of the keys that their records have.
    """
    minted = _minted_first(persons, ranked)
    heirless = held.join(minted, on="key", how="anti")  # whoever was minted with it is gone
    alone = heirless.filter(pl.len().over("key") == 1)
    theirs = pl.concat([held.join(minted, on=["rank", "key"], how="semi"), alone])
    won = theirs.group_by("key").agg(pl.col("rank").min())
    kept = won.group_by("rank").agg(pl.col("key").min())
    gone = current(persons).join(ranked, on="source_key", how="anti")
    kept = _given(kept, minted.join(gone, on="key", how="anti"))
    return _given(kept, heirless)


def _minted_first(persons: pl.DataFrame, ranked: pl.DataFrame) -> pl.DataFrame:
    """(rank, key): whose records were minted with a key before all others that there are tonight.

    A key that was new at a split counts as minted then.
    """
    born = pl.col("since").eq_missing(pl.col("since").first().over("key"))
    made = (pl.col("event") == Event.MINT.value) | ((pl.col("event") == Event.SPLIT.value) & born)
    night = pl.col("since").fill_null(date.min)
    return (
        persons.filter(made)
        .join(ranked, on="source_key")
        .filter(night == night.min().over("key"))
        .select("rank", "key")
        .unique()
    )


def _given(kept: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """`kept`, and for persons who are not in it the lowest key they want that nobody has."""
    wanted = wanted.join(kept, on="rank", how="anti").join(kept, on="key", how="anti")
    while wanted.height:
        asked = wanted.group_by("rank").agg(pl.col("key").min())
        round_ = asked.group_by("key").agg(pl.col("rank").min()).select("rank", "key")
        kept = pl.concat([kept, round_])
        wanted = wanted.join(round_, on="rank", how="anti").join(round_, on="key", how="anti")
    return kept


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
