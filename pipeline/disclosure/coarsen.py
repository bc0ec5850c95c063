"""The coarsened extract: exact facts exchanged for declared bands and groups, small classes taken out.

Which columns single a person out is decided here, once, from the facts (`quasi_identifiers`): every indirect
column except those that come from an outcome's status. An outcome is what the research is about and what an
outsider does not know; it is what classes of k protect, not what they are made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.hierarchies import band, climb, unknown
from pipeline.disclosure.tables import THRESHOLD
from pipeline.errors import RequestRefused, TableRejected
from schemas import codes
from schemas.linked import Outcome
from schemas.research import CoarsenedOutcome
from schemas.variable import Column, Identifiability, column, columns, polars_schema

# The least k a request may ask for. One policy with the tables: a class that may be released is as large as
# a count that may be shown. The verifier has its own (`verify.LEAST_K`) on purpose: it shares no code.
K = THRESHOLD
# More than this share of the rows suppressed: the answer would be about somebody else than was asked for.
# Owner: uttrekk, to be set by whoever approves requests. Why one in five: the classes that go are the rare
# ones (small regions, the oldest), so a larger share would leave out whole groups the request is about.
MOST_SUPPRESSED = 0.20


@dataclass(frozen=True)
class Suppressed:
    """What is left, and how many rows stood in classes that were too small."""

    kept: pl.DataFrame
    rows: int


def quasi_identifiers(names: Iterable[str] | None = None) -> tuple[str, ...]:
    """The columns of the coarsened table (of `names` only, if given) that a class is made of."""
    kept = None if names is None else set(names)
    return tuple(
        c.name for c in columns(CoarsenedOutcome) if _singles_out(c) and (kept is None or c.name in kept)
    )


def _singles_out(candidate: Column) -> bool:
    return candidate.about.identifiability is not Identifiability.NONE and not _is_status(candidate)


def _is_status(candidate: Column) -> bool:
    return column(Outcome, "status").path in candidate.about.derived_from


def _status(declared: Column) -> pl.Expr:
    """The status of the outcome that the column is named by, at the level of the column's codes."""
    status = pl.col(declared.name.removeprefix("status_"))
    if declared.about.codes != codes.OUTCOME_STATUS.parent:
        return status.alias(declared.name)
    return status.replace_strict(codes.OUTCOME_STATUS.parents(), default=None, return_dtype=pl.String).alias(
        declared.name
    )


def coarsen(person: pl.DataFrame, cohort: pl.DataFrame, outcome: pl.DataFrame) -> pl.DataFrame:
    """One row of `CoarsenedOutcome` for each person of `cohort` who is in `person`, with `person_key` first.

    Age is in whole years on the day of the exit. A status is null where the outcome is not observed.
    """
    statuses = outcome.pivot(
        on="outcome", on_columns=codes.OUTCOME.values(), index="person_key", values="status"
    )
    exact = (
        cohort.select("person_key", "bydel", "ended_on", "exit_year")
        .join(person.select("person_key", "sex", "birth_date", "country_of_birth"), on="person_key")
        .join(statuses, on="person_key", how="left")
    )
    coarse = exact.select(
        "person_key",
        pl.col("sex").fill_null(unknown(codes.SEX)),
        band(_age("birth_date", "ended_on"), codes.AGE_BAND).alias("age_band"),
        climb("country_of_birth", (codes.COUNTRY, codes.WORLD_REGION)).alias("world_region"),
        climb("bydel", (codes.BYDEL, codes.BYDEL_GROUP)).alias("bydel_group"),
        band(pl.col("exit_year"), codes.PERIOD).alias("exit_period"),
        *(_status(c) for c in columns(CoarsenedOutcome) if _is_status(c)),
    )
    lost = coarse.select(pl.any_horizontal(pl.col(quasi_identifiers()).is_null())).to_series().sum()
    if lost:
        raise TableRejected(
            "coarsened_outcome: there are values that no declared hierarchy knows.",
            instead="Nothing was coarsened or published.",
            do="Add the code, with its parent, to schemas/codes.",
        )
    return coarse.select("person_key", *polars_schema(CoarsenedOutcome))


def suppress(frame: pl.DataFrame, quasi: Iterable[str], k: int) -> Suppressed:
    """Take out every row whose class (its values of `quasi`) has fewer than `k` rows.

    What is left is sorted by all its columns, so that the order of rows says nothing. Refuses when more
    than `MOST_SUPPRESSED` of the rows would go.
    """
    names = list(quasi)
    size = pl.len().over(names) if names else pl.len()
    kept = frame.filter(size >= k).sort(frame.columns, nulls_last=True)
    gone = frame.height - kept.height
    if gone > MOST_SUPPRESSED * frame.height:
        raise RequestRefused(
            f"Together {', '.join(names)} are too fine: more than {MOST_SUPPRESSED:.0%} of the rows stand "
            f"in classes of fewer than {k}.",
            instead="The coarsened table was not made, and nothing of the request was published.",
            do="Leave one of these variables out of the request.",
        )
    return Suppressed(kept=kept, rows=gone)


def _age(born: str, day: str) -> pl.Expr:
    """Whole years from `born` to `day`; one born on 29 February turns a year older on 1 March."""
    # Month and day come as one byte each: widened before they are made one number.
    in_year, birthday = (
        pl.col(name).dt.month().cast(pl.Int32) * 100 + pl.col(name).dt.day().cast(pl.Int32)
        for name in (day, born)
    )
    return pl.col(day).dt.year() - pl.col(born).dt.year() - (in_year < birthday).cast(pl.Int32)
