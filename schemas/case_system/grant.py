"""Claims of integration grant: the best-filled table there is, because money follows it."""

from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.common import Table, key_of_person, socio, socio_table
from schemas.rules import LAST_PLAUSIBLE_YEAR, not_after_as_of, plausible_year
from schemas.variable import Demand, EmptyMeans, Entity, Identifiability, Key, RowRule, TableFacts

FIRST_GRANT_YEAR = 1990


class GrantClaim(Table):
    """One row for each claim of integration grant (integreringstilskudd) for a person and a year."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="tilskudd_krav",
        nb="Krav om integreringstilskudd",
        en="Claim of integration grant",
        unit=Entity.CLAIM,
        primary_key=("claim_id",),
        dated_by="claimed_on",
        rules=(
            plausible_year("claimed_on"),
            not_after_as_of("claimed_on"),
            RowRule(
                name="paid_not_above_claimed",
                nb="utbetalt er ikke mer enn krevd",
                en="paid is not more than claimed",
                columns=("amount_kr", "paid_kr"),
                holds=lambda _: pl.col("paid_kr") <= pl.col("amount_kr"),
            ),
        ),
    )

    claim_id: int = socio(
        nb="Kravnummer",
        en="Claim number",
        source_name="krav_id",
        identifiability=Identifiability.PSEUDONYM,
        demand=Demand.GRANT,
        key=Key(entity=Entity.CLAIM),
    )
    person_id: int = key_of_person()
    year_number: int = socio(
        nb="Tilskuddsår (1-5)",
        en="Year of the grant (1-5)",
        source_name="ar_nr",
        ge=1,
        le=5,
        unit="year",
        identifiability=Identifiability.NONE,
        demand=Demand.GRANT,
    )
    calendar_year: int = socio(
        nb="Kalenderår",
        en="Calendar year",
        source_name="kalenderar",
        ge=FIRST_GRANT_YEAR,
        le=LAST_PLAUSIBLE_YEAR,
        unit="year",
        identifiability=Identifiability.NONE,
        demand=Demand.GRANT,
    )
    claim_type: str = socio(
        nb="Tilskuddstype",
        en="Type of grant",
        source_name="type",
        codes=codes.CLAIM_TYPE,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        special_category=True,
    )
    claimed_on: pl.Date = socio(
        nb="Kravdato",
        en="Claimed on",
        source_name="krav_dato",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        min_filled=0.99,
    )
    amount_kr: int = socio(
        nb="Beløp (kr)",
        en="Amount (NOK)",
        source_name="belop",
        ge=0,
        le=2_000_000,
        unit="kr",
        identifiability=Identifiability.NONE,
        demand=Demand.GRANT,
    )
    paid_kr: int = socio(
        nb="Utbetalt (kr)",
        en="Paid (NOK)",
        source_name="utbetalt",
        ge=0,
        le=2_000_000,
        unit="kr",
        identifiability=Identifiability.NONE,
        demand=Demand.GRANT,
        min_filled=0.97,
    )
    refusal: str = socio(
        nb="Avslagsgrunn",
        en="Reason of refusal",
        source_name="avslag_kode",
        codes=codes.REFUSAL,
        identifiability=Identifiability.NONE,
        demand=Demand.NOBODY,
        empty_means=EmptyMeans(nb="Kravet er ikke avslått.", en="The claim has not been refused."),
        min_filled=0.0,
    )
