"""Where an identifier and the record that has it disagree: counted as warnings, and never acted upon.

A sex or a birth date may be corrected after a number was given, and a DUF number's true check is not
public. So nothing here repairs, fills, refuses or joins.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import polars as pl

from pipeline.identity.identifiers import (
    birth_date_disagrees,
    duf_check_fails,
    kind,
    normalise,
    sex_disagrees,
)
from pipeline.identity.spine.claims import OF_PERSON
from schemas import codes

# From this day numbers say nothing of sex, and of no century (facts §2.1, F13).
SILENT_FROM = date(2032, 1, 1)
_MALE, _FEMALE = (code for code in codes.SEX.values() if code not in codes.SEX.unknown)


class Warned(StrEnum):
    """What disagrees."""

    DUF_CHECK = "duf_check"
    SEX = "sex"
    BIRTH_DATE = "birth_date"


def disagreements(identifiers: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """(warning, compared, disagree): how many identifiers of records could be compared, and disagree.

    `identifiers` and `persons` are passed rows of the tables of those names.
    """
    found = judged(identifiers, persons)
    return pl.DataFrame(
        [(w.value, int(found[w].count()), int(found[w].sum())) for w in Warned],
        schema={"warning": pl.String(), "compared": pl.Int64(), "disagree": pl.Int64()},
        orient="row",
    )


def judged(identifiers: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """person_id, and for each warning whether it disagrees (null: not to be compared), by identifier."""
    number = pl.col("identifier")
    speaks = pl.when(pl.col("valid_from") < SILENT_FROM).then(number)
    male = pl.when(pl.col("sex").is_in((_MALE, _FEMALE))).then(pl.col("sex") == _MALE)
    claims = (
        identifiers.lazy()  # so that what the expressions share is worked out once
        .select("person_id", "valid_from", normalise(number))
        .filter(kind(number).is_in(OF_PERSON))
        .group_by("person_id", "identifier")
        .agg(pl.col("valid_from").min())
    )
    asked = claims.join(persons.lazy().select("person_id", "sex", "birth_date"), on="person_id").select(
        "person_id",
        duf_check_fails(number).alias(Warned.DUF_CHECK),
        sex_disagrees(speaks, male).alias(Warned.SEX),
        birth_date_disagrees(speaks, pl.col("birth_date")).alias(Warned.BIRTH_DATE),
    )
    return asked.collect()
