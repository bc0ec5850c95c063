"""What the sources say of who has which identifier: the case system's claims and the register's successions.

A claim is a person record with an identifier. A succession is a source's own word that one number took over
from another: a row of the identifier history, or two rows of one record that meet (one ends the day the
other begins, both with the population register as evidence). Nothing is decided here.
"""

from __future__ import annotations

import polars as pl

from pipeline.identity.identifiers import Kind, kind, normalise

FOLKEREGISTER = "folkeregister"  # the evidence of a row that the population register has confirmed
OF_PERSON = (Kind.FNR.value, Kind.DNR.value, Kind.DUF.value)

CLAIM_SCHEMA: dict[str, pl.DataType] = {
    "person_id": pl.Int64(),
    "identifier": pl.String(),
    "number": pl.Int64(),
    "kind": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "registered": pl.Boolean(),
    "evident": pl.Boolean(),  # whether the row has any evidence at all
    "refused": pl.Boolean(),  # whether the case system marks it as not valid
}


def claim_rows(identifiers: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """The rows of `identifier` that name one of `persons`, as CLAIM_SCHEMA; `number` is null for nobody's.

    A number that anybody's row calls a stand-in is one for everybody. Eleven digits and twelve never make
    the same integer, so that `number` tells all valid identifiers apart.
    """
    judged = identifiers.with_columns(identifier=normalise(pl.col("identifier"))).with_columns(
        kind=kind(pl.col("identifier"))
    )
    called = (pl.col("identifier_type") == Kind.DUMMY.value).any().over("identifier")
    return (
        judged.with_columns(kind=pl.when(called).then(pl.lit(Kind.DUMMY.value)).otherwise("kind"))
        .join(persons.select("person_id"), on="person_id", how="semi")
        .with_columns(
            number=pl.when(pl.col("kind").is_in(OF_PERSON)).then("identifier").cast(pl.Int64),
            registered=(pl.col("evidence") == FOLKEREGISTER).fill_null(False),
            evident=pl.col("evidence").is_not_null(),
            refused=~pl.col("is_valid").fill_null(True),
        )
        .select(list(CLAIM_SCHEMA))
    )


def claims(rows: pl.DataFrame, successions: pl.DataFrame) -> pl.DataFrame:
    """One row for each record and identifier: theirs from the first day, registered if any row is.

    A claim `speaks` for who somebody is by a row that is not marked invalid, and has not ended, or has given
    way: another number of the record begins that day, or `successions` know one. It speaks `of_two` records
    by such a row that has evidence or has not ended, and `vouches` by one that the register has confirmed.
    """
    begun = rows.drop_nulls("number").select("person_id", met_by="number", valid_to="valid_from")
    met = (
        rows.join(begun, on=["person_id", "valid_to"])
        .filter(pl.col("number") != pl.col("met_by"))
        .select("person_id", "number", "valid_to", met=True)
        .unique()
    )
    open_ended = pl.col("valid_to").is_null()
    gave_way = pl.col("met").fill_null(False) | pl.col("number").is_in(successions["a"].unique().implode())
    speaks = ~pl.col("refused") & (open_ended | gave_way.fill_null(False))
    return (
        rows.join(met, on=["person_id", "number", "valid_to"], how="left")
        .with_columns(
            speaks=speaks,
            of_two=speaks & (open_ended | pl.col("evident")),
            vouches=speaks & pl.col("registered"),
        )
        .group_by("person_id", "identifier", "number", "kind")
        .agg(pl.col("valid_from").min(), pl.col("registered", "speaks", "of_two", "vouches").any())
    )


def successions(rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """(a, b, cause): every word of a source that number `b` took over from `a`; no cause where rows meet."""
    stand_ins = rows.filter(pl.col("kind") == Kind.DUMMY.value).select("identifier")
    declared = (
        _valid(_valid(links, "identifier", "a", stand_ins), "replaced_by", "b", stand_ins)
        .select("a", "b", cause="link_cause")
        .vstack(_meetings(rows))
    )
    return declared.filter(pl.col("a") != pl.col("b")).unique().sort("a", "b", "cause", nulls_last=True)


def _valid(links: pl.DataFrame, name: str, as_number: str, stand_ins: pl.DataFrame) -> pl.DataFrame:
    """The links whose `name` is a valid identifier, as a number, and is nobody's stand-in."""
    return (
        links.with_columns(normalise(pl.col(name)))
        .filter(kind(pl.col(name)).is_in(OF_PERSON))
        .join(stand_ins, left_on=name, right_on="identifier", how="anti")
        .with_columns(pl.col(name).cast(pl.Int64).alias(as_number))
    )


def _meetings(rows: pl.DataFrame) -> pl.DataFrame:
    confirmed = rows.filter("registered", pl.col("number").is_not_null())
    later = confirmed.select("person_id", "kind", b="number", valid_to="valid_from")
    # A number that ended the day it began was never in use, and nothing takes over from it.
    in_use = confirmed.filter(pl.col("valid_from") < pl.col("valid_to"))
    return in_use.join(later, on=["person_id", "kind", "valid_to"]).select(
        a="number", b="b", cause=pl.lit(None, pl.String)
    )
