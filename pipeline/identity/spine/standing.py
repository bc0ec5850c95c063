"""How a record's claims stand against each other: two numbers of one kind that no source joins.

A person has one fødselsnummer, one D-number and one DUF number, or several that a source has linked. Where
a record has two that nobody links, only what alone carries the population register's evidence keeps its
standing; where none or several carry it, nobody can tell.
"""

from __future__ import annotations

import polars as pl

# In the order of how much they matter, where a group is both.
SOUND, BEATEN, UNDECIDED = 0, 1, 2


def standings(claims: pl.DataFrame, group: pl.DataFrame) -> pl.DataFrame:
    """(person_id, group, standing) for every group that a record has a number of."""
    of_kind = group.select("group", "kind").unique()
    per_group = (
        claims.join(group.select("number", "group"), on="number")
        .group_by("person_id", "group")
        .agg(pl.col("registered").any())
    )
    rivals = per_group.join(of_kind, on="group").with_columns(
        groups=pl.len().over("person_id", "kind"),
        evident=pl.col("registered").sum().over("person_id", "kind"),
    )
    alone = pl.col("evident") == 1
    return (
        rivals.with_columns(
            standing=pl.when((pl.col("groups") == 1) | (alone & pl.col("registered")))
            .then(SOUND)
            .when(alone)
            .then(BEATEN)
            .otherwise(UNDECIDED)
        )
        .group_by("person_id", "group")
        .agg(pl.col("standing").max())
        .sort("person_id", "group")
    )


def own_groups(standing: pl.DataFrame, group: pl.DataFrame) -> pl.DataFrame:
    """(person_id, kind, own): the groups of each kind that are a record's, or may be; not what lost."""
    theirs = standing.filter(pl.col("standing") != BEATEN).select("person_id", "group")
    kinds = group.select("group", "kind").unique()
    return theirs.join(kinds, on="group").select("person_id", "kind", own="group")
