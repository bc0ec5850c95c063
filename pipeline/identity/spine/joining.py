"""Which records are one person: those that soundly have numbers of one group, and nothing speaks against.

One birth date and one sex are weak evidence: one in six is registered as born on 1 January (P), and twins of
one sex who came together differ in nothing else but their numbers and their names. A number that somebody
typed on the other twin's record looks there as it does on the second record of one person. So something else
has to say that it is theirs: the population register itself, on each record, or the same names on all. Names
are never compared but for being the same, and part nobody: they are transliterated in many ways.

Birth date and sex have to be known of all that are joined, and what speaks against is also: numbers of one
kind that nobody links; rows that have ended or are marked invalid; two numbers that one took over from, on
two records; a D-number alone. Only a succession that corrected a birth date or a sex excuses that it differs,
and only between records for whose numbers in it the population register itself vouches.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.identity.identifiers import Kind
from pipeline.identity.spine.components import components
from pipeline.identity.spine.groups import Groups
from pipeline.identity.spine.standing import BEATEN, SOUND
from schemas import codes

_, BIRTH_DATE_CORRECTED, SEX_CORRECTED, _ = codes.LINK_CAUSE.values()
JOINING = (Kind.FNR.value, Kind.DUF.value)  # a number of these, of two records alike, makes them one

NAMES = ("first_name", "last_name")
OF_A_PERSON = ("person_id", "birth_date", "sex", *NAMES)  # what is read of a record
# What caseworkers write where a name is not known, or not given yet (P).
NO_NAMES = (
    "ukjent",
    "nn",
    "navnløs",
    "uten",
    "navn",
    "gutt",
    "jente",
    "baby",
    "barn",
    "spedbarn",
    "nyfødt",
    "unknown",
)


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


def join_records(claims: pl.DataFrame, persons: pl.DataFrame, known: Groups, own: pl.DataFrame) -> Joined:
    """Join the records of `persons` by their `claims`, which carry group and standing.

    `known` are the groups, and `own` (person_id, kind, own) those that are, or may be, a record's.
    """
    sexes = codes.SEX.values()
    who = persons.select(
        "person_id",
        "birth_date",
        name=_names(),
        sex=pl.when(pl.col("sex").is_in(sorted(set(sexes) - codes.SEX.unknown))).then("sex"),
    )
    contested = claims.filter(pl.col("standing") == BEATEN).select("number", contested=True).unique()
    standing = claims.filter(pl.col("standing") != BEATEN)
    judged = (
        standing.join(who, on="person_id")
        .join(contested, on="number", how="left")
        .join(_several_own("number", standing, own), on="number", how="left")
        .rename({"rivals": "rivals_share"})
        .with_columns(
            several=pl.len().over("number") > 1,
            # A number that lost on one record may still be that record's: evidence has to say whose it is.
            vouched=pl.col("contested").is_null() | pl.col("registered").any().over("number"),
            confirmed=pl.col("vouches").any().over("person_id", "group") | _of_one("name").over("group"),
        )
        .with_columns(alike=_alike())
    )
    taken = judged.filter(pl.col("standing") == SOUND, "vouched", ~pl.col("several") | pl.col("alike"))
    while True:
        trusted = _parted(taken, who, known, own)
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


def _names() -> pl.Expr:
    """A person's two names, whichever stands first and in whatever case; null where one is not known.

    An initial and a word that stands for a name say nothing of whose record it is.
    """
    both = [pl.col(name).str.to_lowercase().str.extract_all(r"[\pL\pM\pN]+") for name in NAMES]
    known = [
        (name.list.eval(pl.element().str.contains(r"\pL.*\pL")).list.any())
        & (name.list.set_intersection(list(NO_NAMES)).list.len() == 0)
        for name in both
    ]
    return pl.when(pl.all_horizontal(known)).then(
        pl.concat_list(name.list.join(" ") for name in both).list.sort().list.join("|")
    )


def _of_one(name: str) -> pl.Expr:
    """Whether it is known of all, and the same."""
    return pl.col(name).is_not_null().all() & (pl.col(name).n_unique() == 1)


def _alike() -> pl.Expr:
    """Whether all that claim the number can be one person, registered more than once."""
    everybody = [
        pl.col("kind").is_in(JOINING),
        (pl.col("standing") == SOUND).all().over("number"),
        pl.col("of_two").all().over("number"),
        pl.col("confirmed").all().over("number"),
        pl.col("rivals_share").is_null(),
    ]
    for name in ("birth_date", "sex"):
        everybody.append(_of_one(name).over("number"))
    return pl.all_horizontal(everybody)


def _persons(trusted: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """(person_id, component) of every record: alone, where nothing joins it to another."""
    edges = trusted.filter("speaks", "confirmed").select(
        a=pl.col("person_id").min().over("group"), b="person_id"
    )
    found = components(edges.filter(pl.col("a") != pl.col("b")))
    return (
        who.join(found, left_on="person_id", right_on="node", how="left")
        .select("person_id", component=pl.coalesce("component", "person_id"))
        .sort("person_id")
    )


def _several_own(within: str, members: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """(within, rivals): where the records of `members` have, or may have, two of a kind that nobody links."""
    of_kind = members.select(within, "person_id").unique().join(own, on="person_id")
    several = of_kind.group_by(within, "kind").agg(pl.col("own").n_unique()).filter(pl.col("own") > 1)
    return several.select(within, rivals=True).unique()


def _parted(taken: pl.DataFrame, who: pl.DataFrame, known: Groups, own: pl.DataFrame) -> pl.DataFrame:
    """Without the groups that bring together what cannot be, or is not known to be, one person."""
    with_fnr = known.group.filter(pl.col("kind") == Kind.FNR.value)["group"].unique().implode()
    # A fødselsnummer says more than the others: it still joins where without them nothing is amiss.
    for groups in (~pl.col("group").is_in(with_fnr), pl.lit(True)):
        person = _persons(taken, who)
        rivals = _several_own("component", person, own)
        amiss = taken.join(person, on="person_id").join(rivals, on="component", how="left")
        taken = amiss.filter(~(pl.col("rivals").is_not_null() & groups & _joins_records())).select(
            taken.columns
        )
    taken = _part_confluent(taken, known.confluences)
    taken = _part_unlike(taken, who, known.corrections)
    while True:  # what no longer speaks joins nobody, and says nothing of whose it is where they are apart
        one = taken.join(_persons(taken, who), on="person_id").filter(
            pl.col("component").n_unique().over("group") == 1
        )
        if one.height == taken.height:
            return taken
        taken = one.select(taken.columns)


def _part_confluent(taken: pl.DataFrame, confluences: pl.DataFrame) -> pl.DataFrame:
    """Without the groups where several records have numbers from several sides of a confluence."""
    held = taken.join(confluences, on="number")
    apart = (
        held.group_by("into", "group")
        .agg(pl.col("side").n_unique(), pl.col("person_id").n_unique())
        .filter((pl.col("side") > 1) & (pl.col("person_id") > 1))
    )
    return taken.join(apart, on="group", how="anti")


def _part_unlike(taken: pl.DataFrame, who: pl.DataFrame, corrections: pl.DataFrame) -> pl.DataFrame:
    """Without the groups that bring together two birth dates or sexes, or one that is not known."""
    person = _persons(taken, who).join(who, on="person_id")
    unlike = [
        person.filter(_not_one(name))
        .select("component")
        .unique()
        .join(_corrected(taken, person, corrections, cause), on="component", how="anti")
        .vstack(person.filter(pl.col(name).is_null()).select("component").unique())
        for name, cause in (("birth_date", BIRTH_DATE_CORRECTED), ("sex", SEX_CORRECTED))
    ]
    judged = taken.join(
        person.join(pl.concat(unlike), on="component", how="semi").select("person_id", unlike=True),
        on="person_id",
        how="left",
    )
    return judged.filter(~(pl.col("unlike").is_not_null() & _joins_records())).select(taken.columns)


def _not_one(name: str) -> pl.Expr:
    return pl.col(name).n_unique().over("component") > 1


def _corrected(
    taken: pl.DataFrame, person: pl.DataFrame, corrections: pl.DataFrame, cause: str
) -> pl.DataFrame:
    """(component) where the register vouches, on every record, for a number of one same correction."""
    named = corrections.filter(pl.col("cause") == cause).with_row_index("correction")
    sides = pl.concat([named.select("correction", number=side) for side in ("a", "b")])
    size = person.group_by("component").len("records")
    return (
        taken.filter("registered")
        .join(sides, on="number")
        .join(person.select("person_id", "component"), on="person_id")
        .group_by("component", "correction")
        .agg(vouched=pl.col("person_id").n_unique())
        .join(size, on="component")
        .filter(pl.col("vouched") == pl.col("records"))
        .select("component")
        .unique()
    )


def _joins_records() -> pl.Expr:
    return pl.col("person_id").n_unique().over("group") > 1
