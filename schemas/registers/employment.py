"""Employment on both sides of the 2015 break: one file a year before, a-melding by month after.

A job counts when hours AND pay are there: hours may stand without pay (F73). The two sides measure
different things, and a series across 2015 says so.
"""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas.delivery import Delivery, Layout, Span
from schemas.registers.common import person_identifier
from schemas.rules import in_order, plausible_year
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    InCore,
    Key,
    Table,
    TableFacts,
    variable,
)

FIRST_A_MELDING_YEAR = 2015

employment = partial(variable, source="Employment register", demand=Demand.LAW)

ORGANISATION_PATTERN = r"^[0-9]{9}$"
_organisation = {
    "nb": "Arbeidsgiver (organisasjonsnummer)",
    "en": "Employer (organisation number)",
    "source_name": "orgnr",
    "identifiability": Identifiability.INDIRECT,
    "key": Key(entity=Entity.ORGANISATION, in_core=InCore.DROPPED),
}


class EmploymentAnnual(Table):
    """One row for each job and year to 2014 (the register of employers and employees)."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="Employment register",
        source_name="ATMLTO",
        nb="Arbeidsforhold til 2014",
        en="Employment to 2014",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "organisation_id", "year", "started_on"),
        dated_by="started_on",
        rules=(plausible_year("started_on"), in_order("started_on", "ended_on")),
    )

    person_identifier: str = person_identifier(employment, source_name="ident")
    organisation_id: str = employment(matches=ORGANISATION_PATTERN, **_organisation)
    year: int = employment(
        nb="År",
        en="Year",
        source_name="aar",
        ge=1992,
        le=FIRST_A_MELDING_YEAR - 1,
        unit="year",
        identifiability=Identifiability.NONE,
    )
    started_on: pl.Date = employment(
        nb="Start",
        en="Started on",
        source_name="start",
        identifiability=Identifiability.INDIRECT,
    )
    ended_on: pl.Date = employment(
        nb="Slutt",
        en="Ended on",
        source_name="slutt",
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    hours_per_week: float = employment(
        nb="Timer per uke",
        en="Hours a week",
        source_name="timer",
        ge=0,
        le=100,
        unit="hours",
        identifiability=Identifiability.NONE,
    )
    pay_kr: int = employment(
        nb="Lønn i året (kr)",
        en="Pay in the year (NOK)",
        source_name="lonn",
        ge=0,
        le=20_000_000,
        unit="kr",
        identifiability=Identifiability.INDIRECT,
    )


class EmploymentMonthly(Table):
    """One row for each job and month from 2015 (a-melding)."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="Employment register",
        source_name="ameld",
        nb="Arbeidsforhold fra 2015",
        en="Employment from 2015",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "organisation_id", "month"),
        dated_by="month",
        rules=(plausible_year("month", first=FIRST_A_MELDING_YEAR),),
    )

    person_identifier: str = person_identifier(employment, source_name="ident")
    organisation_id: str = employment(matches=ORGANISATION_PATTERN, **_organisation)
    month: pl.Date = employment(
        nb="Måned (første dag)",
        en="Month (first day)",
        source_name="maaned",
        identifiability=Identifiability.NONE,
    )
    hours_per_week: float = employment(
        nb="Timer per uke",
        en="Hours a week",
        source_name="timer",
        ge=0,
        le=100,
        unit="hours",
        identifiability=Identifiability.NONE,
    )
    position_percent: int = employment(
        nb="Stillingsprosent",
        en="Position",
        source_name="stillingspst",
        ge=0,
        le=100,
        unit="percent",
        identifiability=Identifiability.NONE,
        min_filled=0.9,
    )
    pay_month_kr: int = employment(
        nb="Kontantlønn i måneden (kr)",
        en="Cash pay in the month (NOK)",
        source_name="lonn_kontant",
        ge=0,
        le=5_000_000,
        unit="kr",
        identifiability=Identifiability.INDIRECT,
    )


EMPLOYMENT_DELIVERIES = (
    Delivery(
        table=EmploymentAnnual,
        file_name="atmlto{year}.txt",
        period_column="year",
        layout=Layout.FIXED_WIDTH,
        encoding="latin-1",
        date_format="%d%m%Y",
        decimal_comma=True,
        line_length=58,
        spans={
            "person_identifier": Span(first=1, last=12),
            "organisation_id": Span(first=13, last=21),
            "year": Span(first=22, last=25),
            "started_on": Span(first=26, last=33),
            "ended_on": Span(first=34, last=41),
            "hours_per_week": Span(first=42, last=47),
            "pay_kr": Span(first=48, last=58),
        },
        last_period=(FIRST_A_MELDING_YEAR - 1, 12),
    ),
    Delivery(
        table=EmploymentMonthly,
        file_name="ameld_statdata_{year}_m{month}.parquet",
        period_column="month",
        layout=Layout.PARQUET,
        first_period=(FIRST_A_MELDING_YEAR, 1),
    ),
)
