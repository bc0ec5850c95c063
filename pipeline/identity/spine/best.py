"""Everybody's best identifier, and who is known by one that registers use.

Stored in `core` by person key, without the number. What does not belong here: which register knows which
kind (`linkage.matching`).
"""

from __future__ import annotations

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.identifiers import Kind
from pipeline.identity.spine.ledger import current
from pipeline.identity.spine.resolving import Status
from pipeline.tables import Stored, step_key
from schemas import codes
from schemas.variable import Entity

IDENTIFIED = "identified"
LINKABLE = "linkable"
# Best first: the codes say the kinds in that order, and then that there is none.
_BEST_FIRST = codes.BEST_IDENTIFIER.values()


def best_identifiers(spine: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """(person_key, best_identifier) of everybody who has an identifier in the source tonight, by person key.

    Of the numbers that link somebody, a fødselsnummer is better than a D-number, and that than a DUF
    number; whom none links has `NO_IDENTIFIER`. Records that are one person count together. Who is not here
    has no number at all, or is gone from the source: the ledger remembers a key, and nothing else does.
    """
    links = (pl.col("status") == Status.LINKED.value) & (pl.col("kind") != Kind.DUMMY.value)
    named = spine.select(kind=pl.when(links).then("kind"), source_key=pl.col("person_id").cast(pl.String))
    rank = pl.col("kind").replace_strict(_rank(), default=len(_BEST_FIRST) - 1, return_dtype=pl.Int64)
    return (
        current(ledger)
        .filter(pl.col("entity") == Entity.PERSON.value)
        .join(named, on="source_key")
        .group_by(person_key="key")
        .agg(rank.min())
        .select(
            "person_key",
            best_identifier=pl.col("kind").replace_strict(
                {place: code for code, place in _rank().items()}, return_dtype=pl.String
            ),
        )
        .sort("person_key")
    )


def linkable(spine: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """The `person_key` of everybody of whom a register's silence means something, sorted.

    They have a fødselsnummer that links, or a D-number that does and no number beside it that may be the one
    registers use now: a fødselsnummer in doubt, or one that is written wrong. A DUF number is known to the
    immigration authorities alone.
    """
    linked = pl.col("status") == Status.LINKED.value
    has_fnr = ((pl.col("kind") == Kind.FNR.value) & linked).any()
    has_d_number = ((pl.col("kind") == Kind.DNR.value) & linked).any()
    in_doubt = pl.col("kind").is_in((Kind.FNR.value, Kind.INVALID.value)).any()
    records = current(ledger).filter(pl.col("entity") == Entity.PERSON.value)
    return (
        records.join(spine.with_columns(source_key=pl.col("person_id").cast(pl.String)), on="source_key")
        .group_by(person_key="key")
        .agg(linkable=has_fnr | (has_d_number & ~in_doubt))
        .filter("linkable")
        .select("person_key")
        .sort("person_key")
    )


def _rank() -> dict[str, int]:
    return {code: place for place, code in enumerate(_BEST_FIRST)}


def update_identified(settings: Settings, spine: Stored, ledger: Stored) -> Stored:
    """Everybody's best identifier, stored in `core`; made again only when spine or ledger has changed."""
    key = step_key(IDENTIFIED, spine.key, ledger.key)
    found = tables.reusable(settings.core, IDENTIFIED, key)
    if found is not None:
        return found
    made = best_identifiers(tables.read(spine), tables.read(ledger))
    return tables.write(settings.core, IDENTIFIED, made, key=key)
