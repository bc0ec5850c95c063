"""Which numbers the sources themselves say are one person's: groups of numbers, before any record is asked.

A group is all numbers that successions hang together. A number with two different successors cannot be
taken at its word: unless other successions join the two, none of its own is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.identity.identifiers import DIGITS, kind
from pipeline.identity.spine.components import components


@dataclass(frozen=True)
class Groups:
    """`group`: (number, identifier, kind, group) for every valid number; `wide`: as if nothing were disputed.

    `disputed` are the successions (a, b) of a number with two successors, named by `subject`. `corrections`
    are the successions (a, b, cause) that say why a number changed. `confluences` tells, of a number `into`
    which several of one kind lead that nothing else joins, from which `side` each number comes.
    """

    group: pl.DataFrame
    wide: pl.DataFrame
    disputed: pl.DataFrame
    corrections: pl.DataFrame
    confluences: pl.DataFrame


def groups(claimed: pl.DataFrame, successions: pl.DataFrame) -> Groups:
    """Group the numbers of `claimed` (number, ...) and of `successions` (a, b, cause)."""
    disputed = _with_two_successors(successions)
    doubtful = disputed["subject"].implode()
    trusted = successions.filter(~pl.col("a").is_in(doubtful) & ~pl.col("b").is_in(doubtful))
    numbers = _numbers(claimed, successions)
    group = _grouped(numbers, trusted)
    return Groups(
        group=group,
        wide=_grouped(numbers, successions),
        disputed=disputed,
        corrections=trusted.drop_nulls("cause"),
        confluences=_confluences(trusted, numbers),
    )


def _confluences(successions: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """(into, side, number) for every number from which one leads there, and the others of its side."""
    pairs = successions.select("a", "b").unique().join(numbers.select("kind", a="number"), on="a", how="left")
    several = pl.col("a").n_unique().over("b", "kind") > 1
    joined = components(pairs.filter(~several))
    sides = (
        pairs.filter(several)
        .join(joined, left_on="a", right_on="node", how="left")
        .with_columns(side=pl.coalesce("component", "a"))
        .filter(pl.col("side").n_unique().over("b", "kind") > 1)
    )
    named = sides.select("side", into="b")
    with_theirs = named.join(joined.select(number="node", side="component"), on="side")
    return (
        pl.concat([sides.select("side", into="b", number="a"), with_theirs.select("side", "into", "number")])
        .unique()
        .sort("into", "side", "number")
    )


def _with_two_successors(successions: pl.DataFrame) -> pl.DataFrame:
    """(subject, a, b): the successions of each number whose successors nothing else joins."""
    pairs = successions.select("a", "b").unique()
    several = pl.col("b").n_unique().over("a") > 1
    joined = components(pairs.filter(~several))
    apart = (
        pairs.filter(several)
        .join(joined, left_on="b", right_on="node", how="left")
        .with_columns(end=pl.coalesce("component", "b"))
        .filter(pl.col("end").n_unique().over("a") > 1)
    )
    return apart.select("a", "b", subject="a").sort("a", "b")


def _numbers(claimed: pl.DataFrame, successions: pl.DataFrame) -> pl.DataFrame:
    """Every valid number with its identifier and kind, which its digits tell."""
    named = [successions.select(number=side) for side in ("a", "b")]
    numbers = pl.concat([claimed.select("number").drop_nulls(), *named]).unique().sort("number")
    return numbers.with_columns(identifier=pl.col("number").cast(pl.String).str.zfill(DIGITS)).with_columns(
        kind=kind(pl.col("identifier"))
    )


def _grouped(numbers: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    found = components(edges)
    return numbers.join(found, left_on="number", right_on="node", how="left").select(
        "number", "identifier", "kind", group=pl.coalesce("component", "number")
    )
