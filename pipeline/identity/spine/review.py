"""The review list: every conflict of identifiers that the spine refused to resolve, for somebody to look at.

It names persons, never leaves `restricted`, and is only counted outside, by kind. Whoever settles a conflict
settles it in the source; the next night reads what was put right.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.spine.groups import Groups
from pipeline.identity.spine.joining import Joined

REVIEW = "review"


class Conflict(StrEnum):
    """What is wrong, by the rule of the spine that refused it."""

    TWO_SUCCESSORS = "two_successors"  # rule 2: sources let two numbers take over from one
    TWO_NUMBERS = "two_numbers"  # rule 3: a record has two numbers of a kind that nobody links
    SHARED = "shared"  # rule 4: several persons claim one number
    LINK_DISAGREES = "link_disagrees"  # rule 5: sources link what cannot be one person


# `conflict` numbers them; one row for each identifier in it and record that claims it, if any does.
REVIEW_SCHEMA: dict[str, pl.DataType] = {
    "conflict": pl.Int64(),
    "kind": pl.String(),
    "person_id": pl.Int64(),
    "identifier": pl.String(),
}


def review_of(judged: pl.DataFrame, known: Groups, joined: Joined) -> pl.DataFrame:
    """Every conflict, as REVIEW_SCHEMA, numbered in the order of kind and of what it is about."""
    found = [
        _two_successors(judged, known),
        _two_numbers(judged, known),
        _rows(joined.shared, Conflict.SHARED, subject="number"),
        _rows(
            joined.parted.with_columns(subject=pl.col("person_id").min().over("group")),
            Conflict.LINK_DISAGREES,
            subject="subject",
        ),
    ]
    return (
        pl.concat(found)
        .unique()
        .with_columns(conflict=pl.struct("kind", "subject").rank("dense").cast(pl.Int64))
        .select(list(REVIEW_SCHEMA))
        .sort("conflict", "identifier", "person_id", nulls_last=True)
    )


def _rows(claims: pl.DataFrame, kind: Conflict, *, subject: str) -> pl.DataFrame:
    return claims.select("person_id", "identifier", kind=pl.lit(kind.value), subject=pl.col(subject))


def _two_successors(judged: pl.DataFrame, known: Groups) -> pl.DataFrame:
    numbers = pl.concat([known.disputed.select("subject", number=side) for side in ("a", "b")]).unique()
    named = numbers.join(known.group.select("number", "identifier"), on="number").join(
        judged.select("number", "person_id"), on="number", how="left"
    )
    return _rows(named, Conflict.TWO_SUCCESSORS, subject="subject")


def _two_numbers(judged: pl.DataFrame, known: Groups) -> pl.DataFrame:
    """All of a record's numbers in groups that have a rival of the same kind."""
    kinds = known.group.select("group", of_kind="kind").unique()
    rivals = (
        judged.select("person_id", "group")
        .unique()
        .join(kinds, on="group")
        .filter(pl.len().over("person_id", "of_kind") > 1)
    )
    within = judged.join(rivals, on=["person_id", "group"], how="semi")
    return _rows(within, Conflict.TWO_NUMBERS, subject="person_id")


def review_counts(settings: Settings) -> pl.DataFrame:
    """(kind, conflicts) for every kind of conflict on the stored list: what may be told of it."""
    stored = tables.stored(settings.restricted, REVIEW)
    listed = (
        tables.read(stored, columns=["conflict", "kind"]) if stored else pl.DataFrame(schema=REVIEW_SCHEMA)
    )
    counts = listed.group_by("kind").agg(conflicts=pl.col("conflict").n_unique().cast(pl.Int64))
    every = pl.DataFrame({"kind": [kind.value for kind in Conflict]})
    return every.join(counts, on="kind", how="left", maintain_order="left").with_columns(
        pl.col("conflicts").fill_null(0)
    )
