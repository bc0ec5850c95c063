"""Which records are one person: those that soundly have numbers of one group, and nothing speaks against.

What speaks against: a number of several records whose birth date or sex is unknown or unlike, or who have
fødselsnummer that nobody links; a D-number alone; and whatever would bring two such fødselsnummer, two
birth dates or two sexes together, but where the source says that it was corrected.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.identity.components import components
from pipeline.identity.identifiers import Kind
from pipeline.identity.standing import BEATEN, SOUND
from schemas import codes

_, BIRTH_DATE_CORRECTED, SEX_CORRECTED, _ = codes.LINK_CAUSE.values()
JOINING = (Kind.FNR.value, Kind.DUF.value)  # a number of these, of two records alike, makes them one


@dataclass(frozen=True)
class Joined:
    """`person` is (person_id, component) for every record; a component is named by its lowest record.

    `kept` are the claims that say who somebody is; `shared` those of numbers that several persons claim;
    `parted` those of groups that would have brought together what cannot be one person.
    """

    person: pl.DataFrame
    kept: pl.DataFrame
    shared: pl.DataFrame
    parted: pl.DataFrame


def join_records(claims: pl.DataFrame, persons: pl.DataFrame, causes: pl.DataFrame) -> Joined:
    """Join the records of `persons` by their `claims`, which carry group, standing, first_fnr, last_fnr.

    `group_has_fnr` of a claim says whether its group has a fødselsnummer; `causes` is (group, cause).
    """
    known = codes.SEX.values()
    who = persons.select(
        "person_id",
        "birth_date",
        sex=pl.when(pl.col("sex").is_in(sorted(set(known) - codes.SEX.unknown))).then("sex"),
    )
    contested = claims.filter(pl.col("standing") == BEATEN).select("number", contested=True).unique()
    judged = (
        claims.filter(pl.col("standing") != BEATEN)
        .join(who, on="person_id")
        .join(contested, on="number", how="left")
        .with_columns(
            several=pl.len().over("number") > 1,
            # A number that lost on one record may still be that record's: evidence has to say whose it is.
            vouched=pl.col("contested").is_null() | pl.col("registered").any().over("number"),
        )
        .with_columns(alike=_alike())
    )
    taken = judged.filter(pl.col("standing") == SOUND, "vouched", ~pl.col("several") | pl.col("alike"))
    while True:
        trusted = _part_unlike(_part_two_fnr(taken, who), who, causes)
        person = _persons(trusted, who)
        more = pl.concat([taken, _theirs_after_all(judged, person)]).unique()
        if more.height == taken.height:
            break
        taken = more
    claim = ["person_id", "number"]
    shared = judged.filter(pl.col("several") | ~pl.col("vouched")).join(taken, on=claim, how="anti")
    return Joined(
        person=person,
        kept=trusted.select(claims.columns).sort(claim),
        shared=shared.select(claims.columns).sort(claim),
        parted=taken.join(trusted, on=claim, how="anti").select(claims.columns).sort(claim),
    )


def _theirs_after_all(judged: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    """The claims of numbers whose several records other evidence has made one person."""
    of_one = (pl.col("standing") == SOUND).all() & (pl.col("component").n_unique() == 1)
    several = judged.filter("several", "vouched").join(person, on="person_id")
    return several.filter(of_one.over("number")).select(judged.columns)


def _alike() -> pl.Expr:
    """Whether all that claim the number can be one person, registered more than once."""
    everybody = [
        pl.col("kind").is_in(JOINING),
        (pl.col("standing") == SOUND).all().over("number"),
        ~_two_fnr("number"),
    ]
    for name in ("birth_date", "sex"):
        everybody.append(pl.col(name).is_not_null().all().over("number"))
        everybody.append(pl.col(name).n_unique().over("number") == 1)
    return pl.all_horizontal(everybody)


def _persons(trusted: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """(person_id, component) of every record: alone, where nothing joins it to another."""
    edges = trusted.select(a=pl.col("person_id").min().over("group"), b="person_id")
    found = components(edges.filter(pl.col("a") != pl.col("b")))
    return (
        who.join(found, left_on="person_id", right_on="node", how="left")
        .select("person_id", component=pl.coalesce("component", "person_id"))
        .sort("person_id")
    )


def _part_two_fnr(trusted: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """Without the groups that bring together records with fødselsnummer that nobody links."""
    judged = trusted.join(_persons(trusted, who), on="person_id").with_columns(two=_two_fnr("component"))
    return judged.filter(~(pl.col("two") & _joins_records() & ~pl.col("group_has_fnr"))).select(
        trusted.columns
    )


def _two_fnr(within: str) -> pl.Expr:
    """Whether records within have fødselsnummer, or may have, that nobody links."""
    first, last = pl.col("first_fnr").min(), pl.col("last_fnr").max()
    return (first != last).over(within).fill_null(False)


def _part_unlike(trusted: pl.DataFrame, who: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """Without the groups that bring together two birth dates or sexes which no source has corrected."""
    corrected = causes.group_by("group").agg("cause")
    judged = (
        trusted.join(_persons(trusted, who), on="person_id")
        .join(corrected, on="group", how="left")
        .with_columns(
            unlike=_differs("birth_date", BIRTH_DATE_CORRECTED) | _differs("sex", SEX_CORRECTED),
        )
    )
    return judged.filter(~(pl.col("unlike") & _joins_records())).select(trusted.columns)


def _differs(name: str, corrected_by: str) -> pl.Expr:
    corrected = pl.col("cause").list.contains(corrected_by).fill_null(False).any().over("component")
    return (pl.col(name).drop_nulls().n_unique().over("component") > 1) & ~corrected


def _joins_records() -> pl.Expr:
    return pl.col("person_id").n_unique().over("group") > 1
