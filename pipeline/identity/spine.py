"""The spine: which person an official identifier names.

One number of the case system is one person, and a person may have had several identifiers (DUF, then
D-number, then fødselsnummer): all of them, past ones too, lead to that person. Exact matches only. An
identifier that two persons claim links nobody, because nobody can tell which of them is meant.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.identifiers import Kind, kind, normalise
from pipeline.tables import Stored, step_key


class Status(StrEnum):
    """Whether an identifier links, and why not."""

    LINKED = "linked"
    AMBIGUOUS = "ambiguous"
    INVALID = "invalid"
    DUMMY = "dummy"


SPINE_SCHEMA: dict[str, pl.DataType] = {
    "identifier": pl.String(),
    "kind": pl.String(),
    "person_id": pl.Int64(),
    "valid_from": pl.Date(),
    "status": pl.String(),
}


def spine(identifiers: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row for each identifier and person who has it, with the first day it was theirs.

    `identifiers` and `persons` are passed rows of the tables of those names. Only a row with status
    `linked` says who somebody is. A person without any is in no row here, and is a person all the same.
    """
    normalised = identifiers.select(
        "person_id", "valid_from", "identifier_type", identifier=normalise(pl.col("identifier"))
    ).with_columns(
        kind=pl.when(pl.col("identifier_type") == Kind.DUMMY.value)
        .then(pl.lit(Kind.DUMMY.value))
        .otherwise(kind(pl.col("identifier")))
    )
    known = normalised.join(persons.select("person_id"), on="person_id", how="semi")
    # A number that anybody's row calls a stand-in is one for everybody.
    stand_in = (pl.col("kind") == Kind.DUMMY.value).any().over("identifier")
    return (
        known.with_columns(kind=pl.when(stand_in).then(pl.lit(Kind.DUMMY.value)).otherwise("kind"))
        .group_by("identifier", "kind", "person_id")
        .agg(pl.col("valid_from").min())
        .with_columns(status=_status())
        .select(list(SPINE_SCHEMA))
        .sort("identifier", "person_id")
    )


def _status() -> pl.Expr:
    claimed_by = pl.col("person_id").n_unique().over("identifier")
    return (
        pl.when(pl.col("kind") == Kind.DUMMY.value)
        .then(pl.lit(Status.DUMMY.value))
        .when(pl.col("kind") == Kind.INVALID.value)
        .then(pl.lit(Status.INVALID.value))
        .when(claimed_by > 1)
        .then(pl.lit(Status.AMBIGUOUS.value))
        .otherwise(pl.lit(Status.LINKED.value))
    )


def update_spine(settings: Settings, identifiers: Stored, persons: Stored) -> Stored:
    """The spine of the stored passed rows, in `restricted`; made again only when they have changed."""
    key = step_key("spine", identifiers.key, persons.key)
    found = tables.reusable(settings.restricted, "spine", key)
    if found is not None:
        return found
    made = spine(
        tables.read(identifiers, columns=["person_id", "valid_from", "identifier_type", "identifier"]),
        tables.read(persons, columns=["person_id"]),
    )
    return tables.write(settings.restricted, "spine", made, key=key)
