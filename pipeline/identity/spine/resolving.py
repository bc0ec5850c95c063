"""The spine: which person an official identifier names, by exact evidence alone.

A person may have had several identifiers (DUF, then D-number, then fødselsnummer) and stand in several
records of the case system; all of them lead to that person, as connected components of what the sources
say. The rules, and nothing else is ever joined:

1.  A succession is a source's word that one number took over from another: a row of the identifier history,
    or two rows of a record that meet (one ends the day the other begins), both confirmed by the population
    register. Numbers that successions join are a group, whoever has them.
2.  A number with two successors that nothing else joins is in doubt: none of its successions is used.
3.  A record's numbers are one person's. Two numbers of one kind, or of groups with two of one kind, are a
    legitimate succession only in one group. Otherwise what alone carries the population register's evidence
    on the record keeps linking, and if nothing or several do, none of them. What lost there links another
    record only by such evidence of its own.
4.  A fødselsnummer or DUF number of several records makes them one person, registered twice, where it may
    still speak on each (rule 7) and something else says that it is theirs (rule 8), all are known to have
    the same birth date and sex, and no two have, or may have, numbers of one kind that nobody links.
    Otherwise, and for a D-number alone, it links nobody.
5.  Records with numbers of one group are one person where rule 8 holds for each, but where that would bring
    together two numbers of one kind that nobody links, or records that are not all known to have one birth
    date and one sex; or where records have different numbers of one kind, and both lead to one successor.
    Then the group links nobody. A succession that corrected the birth date or the sex excuses that it
    differs, where each record has a number of that succession with the population register's evidence.
6.  Stand-ins and invalid numbers link nobody.
7.  A row joins its record to others only while it may speak: not marked invalid, and not ended unless
    another number took over. A row of a number of several records that ended needs some evidence as well.
8.  A group joins a record to others only where a row of one of its numbers there may speak and carries the
    population register's evidence, or where all that have one of its numbers have the same names. Twins of
    one sex have one birth date too: whose a typed number is, these cannot tell, and two persons taken for
    one are worse than one taken for two.

Whatever rules 2 to 5, 7 and 8 refuse is on the review list (`review`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.identifiers import Kind
from pipeline.identity.spine.claims import claim_rows, claims, successions
from pipeline.identity.spine.groups import Groups, groups
from pipeline.identity.spine.joining import OF_A_PERSON, Joined, join_records
from pipeline.identity.spine.review import review_of
from pipeline.identity.spine.standing import own_groups, standings
from pipeline.tables import Stored, step_key
from schemas.registers.identity import IdentifierLink
from schemas.variable import polars_schema


class Status(StrEnum):
    """Whether an identifier links, and why not."""

    LINKED = "linked"
    AMBIGUOUS = "ambiguous"  # several persons claim it
    REVIEW = "review"  # in another conflict on the review list
    INVALID = "invalid"
    DUMMY = "dummy"


SPINE_SCHEMA: dict[str, pl.DataType] = {
    "identifier": pl.String(),
    "kind": pl.String(),
    "person_id": pl.Int64(),
    "valid_from": pl.Date(),
    "status": pl.String(),
}
# One row for each record: which person it is, named by the lowest record, and since when that is evident.
COMPONENT_SCHEMA: dict[str, pl.DataType] = {
    "person_id": pl.Int64(),
    "component": pl.Int64(),
    "oldest": pl.Date(),
}
SPINE, COMPONENT, REVIEW = "spine", "component", "review"


@dataclass(frozen=True)
class Resolved:
    """Who is whom: the tables `spine`, `component` and `review`."""

    spine: pl.DataFrame
    component: pl.DataFrame
    review: pl.DataFrame


@dataclass(frozen=True)
class StoredSpine:
    """The three tables as they stand in `restricted`."""

    spine: Stored
    component: Stored
    review: Stored


def no_links() -> pl.DataFrame:
    """An identifier history that says nothing."""
    return pl.DataFrame(schema=polars_schema(IdentifierLink))


def spine(
    identifiers: pl.DataFrame, persons: pl.DataFrame, links: pl.DataFrame | None = None
) -> pl.DataFrame:
    """One row for each identifier and record that has it, with the first day it was theirs."""
    return resolve(identifiers, persons, no_links() if links is None else links).spine


def resolve(identifiers: pl.DataFrame, persons: pl.DataFrame, links: pl.DataFrame) -> Resolved:
    """Who is whom, of passed rows of `identifier`, `person` and `identifier_link`, in whatever order.

    A spine row with status `linked` says who somebody is; all of one identifier are of one component. An
    identifier that no record has is there with the records its successions lead to, and no first day. A
    person without any identifier is in no row there, and is a component all the same.
    """
    rows = claim_rows(identifiers, persons)
    following = successions(rows, links)
    named = claims(rows, following)
    known = groups(named, following)
    valid = named.filter(pl.col("number").is_not_null())
    standing = standings(valid, known.group)
    judged = _judged(valid, known, standing)
    joined = join_records(judged, persons, known, own_groups(standing, known.group))
    return Resolved(
        spine=_spine_rows(named, known, joined),
        component=_component(joined),
        review=review_of(judged, known, joined),
    )


def _judged(valid: pl.DataFrame, known: Groups, standing: pl.DataFrame) -> pl.DataFrame:
    """The valid claims with their group and its standing on the record."""
    return valid.join(known.group.select("number", "group"), on="number").join(
        standing, on=["person_id", "group"]
    )


def _spine_rows(named: pl.DataFrame, known: Groups, joined: Joined) -> pl.DataFrame:
    claim = ["person_id", "number"]
    linked = joined.kept.select(*claim, kept=True)
    shared = joined.shared.select(*claim, shared=True)
    claimed = named.join(linked, on=claim, how="left").join(shared, on=claim, how="left")
    by_claim = claimed.with_columns(
        status=pl.when(pl.col("kind").is_in((Kind.DUMMY.value, Kind.INVALID.value)))
        .then(pl.col("kind").str.to_lowercase())
        .when("kept")
        .then(pl.lit(Status.LINKED.value))
        .when("shared")
        .then(pl.lit(Status.AMBIGUOUS.value))
        .otherwise(pl.lit(Status.REVIEW.value))
    )
    rows = pl.concat([by_claim.select(list(SPINE_SCHEMA)), _unclaimed(named, known, joined)])
    return rows.sort("identifier", "person_id")


def _unclaimed(named: pl.DataFrame, known: Groups, joined: Joined) -> pl.DataFrame:
    """Rows for the numbers that only successions name, with every record these may lead to."""
    free = known.wide.join(named.select("number"), on="number", how="anti").select(
        "number", "identifier", "kind", wide="group"
    )
    claimants = (
        named.join(known.wide.select("number", wide="group"), on="number")
        .select("person_id", "wide")
        .unique()
    )
    kept = joined.kept.select("person_id", "group", kept=True).unique()
    return (
        free.join(known.group.select("number", "group"), on="number")
        .join(claimants, on="wide")
        .join(kept, on=["person_id", "group"], how="left")
        .with_columns(
            valid_from=pl.lit(None, pl.Date),
            status=pl.when("kept").then(pl.lit(Status.LINKED.value)).otherwise(pl.lit(Status.REVIEW.value)),
        )
        .select(list(SPINE_SCHEMA))
    )


def _component(joined: Joined) -> pl.DataFrame:
    oldest = joined.kept.group_by("person_id").agg(pl.col("valid_from").min())
    return (
        joined.person.join(oldest, on="person_id", how="left")
        .with_columns(oldest=pl.col("valid_from").min().over("component"))
        .select(list(COMPONENT_SCHEMA))
        .sort("person_id")
    )


def update_spine(
    settings: Settings, identifiers: Stored, persons: Stored, links: Sequence[Stored] = ()
) -> StoredSpine:
    """The spine of the stored passed rows, in `restricted`; made again only when what they say has changed.

    What they say, not on which night it was found valid: everything in core rests on this key.
    """
    said = (
        tables.read(identifiers),
        tables.read(persons, columns=list(OF_A_PERSON)),
        pl.concat([no_links(), *(tables.read(link) for link in sorted(links, key=lambda link: link.name))]),
    )
    key = step_key(SPINE, [hashlib.sha256(rows.write_csv().encode()).hexdigest() for rows in said])
    names = (SPINE, COMPONENT, REVIEW)
    found = [tables.reusable(settings.restricted, name, key) for name in names]
    if not all(found):
        made = resolve(*said)
        found = [tables.write(settings.restricted, name, getattr(made, name), key=key) for name in names]
    spine, component, review = (stored for stored in found if stored is not None)
    return StoredSpine(spine=spine, component=component, review=review)
