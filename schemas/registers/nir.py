"""NIR, the national introduction register (IMDi): one delivery a year, after the year's cut-off."""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.case import MUNICIPALITY_PATTERN
from schemas.delivery import Delivery, Layout
from schemas.registers.common import person_identifier
from schemas.rules import (
    FIRST_PROGRAMME_YEAR,
    LAST_PLAUSIBLE_YEAR,
    in_order,
    not_after_as_of,
    plausible_year,
)
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    Population,
    Table,
    TableFacts,
    variable,
)

nir = partial(variable, source="NIR", demand=Demand.NIR, applies_to=Population.PARTICIPANTS)


class NirParticipant(Table):
    """One row for each person and programme a municipality has reported to NIR, as of the delivery."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="NIR",
        source_name="NIR_deltaker",
        nb="NIR-deltaker",
        en="NIR participant",
        unit=Entity.PROGRAMME,
        primary_key=(
            "person_identifier",
            "municipality",
            "started_on",
            "delivery_year",
        ),
        dated_by="started_on",
        applies_to=Population.PARTICIPANTS,
        rules=(
            plausible_year("started_on", first=FIRST_PROGRAMME_YEAR),
            not_after_as_of("started_on"),
            plausible_year("ended_on", first=FIRST_PROGRAMME_YEAR),
            in_order("started_on", "ended_on"),
        ),
    )

    person_identifier: str = person_identifier(nir, source_name="ident")
    municipality: str = nir(
        nb="Kommune",
        en="Municipality",
        source_name="kommunenr",
        matches=MUNICIPALITY_PATTERN,
        identifiability=Identifiability.INDIRECT,
    )
    law: str = nir(
        nb="Lov",
        en="Act that applies",
        source_name="lov",
        codes=codes.LAW,
        identifiability=Identifiability.NONE,
        min_filled=0.97,
    )
    entitlement: str = nir(
        nb="Rett og plikt",
        en="Right and duty",
        source_name="rett_plikt",
        codes=codes.ENTITLEMENT,
        identifiability=Identifiability.NONE,
        min_filled=0.95,
    )
    decided_on: pl.Date = nir(
        nb="Vedtaksdato",
        en="Decided on",
        source_name="vedtaksdato",
        identifiability=Identifiability.INDIRECT,
        min_filled=0.95,
    )
    started_on: pl.Date = nir(
        nb="Start",
        en="Started on",
        source_name="startdato",
        identifiability=Identifiability.INDIRECT,
    )
    ended_on: pl.Date = nir(
        nb="Slutt",
        en="Ended on",
        source_name="sluttdato",
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    nir_exit: str = nir(
        nb="Avslutningsårsak i NIR",
        en="Reason of exit in NIR",
        source_name="avslutningsarsak",
        codes=codes.NIR_EXIT,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
        special_category=True,
    )
    hours_per_week: float = nir(
        nb="Timer per uke",
        en="Hours a week",
        source_name="timer_uke",
        ge=0,
        le=60,
        unit="hours",
        identifiability=Identifiability.NONE,
        min_filled=0.8,
    )
    delivery_year: int = nir(
        nb="Leveranseår",
        en="Year of the delivery",
        source_name="",
        ge=2006,
        le=LAST_PLAUSIBLE_YEAR,
        unit="year",
        identifiability=Identifiability.NONE,
    )


NIR_DELIVERY = Delivery(
    table=NirParticipant,
    file_name="NIR_deltaker_{year}.csv",
    period_column="delivery_year",
    layout=Layout.SEPARATED,
    encoding="latin-1",
    separator=";",
    date_format="%d.%m.%Y",
    decimal_comma=True,
)
