"""The population register's yearly status file: who is resident, emigrated or dead."""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.case import MUNICIPALITY_PATTERN
from schemas.delivery import Delivery, Layout
from schemas.registers.common import person_identifier
from schemas.rules import LAST_PLAUSIBLE_YEAR, plausible_year
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    Table,
    TableFacts,
    variable,
)

population = partial(variable, source="Population register", demand=Demand.LAW)


class PopulationStatus(Table):
    """One row for each person and year: status on 1 January of the year after `year`'s end."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="Population register",
        source_name="BEFOLKNING",
        nb="Befolkningsstatus",
        en="Population status",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "year"),
        rules=(plausible_year("status_on"),),
    )

    person_identifier: str = person_identifier(population, source_name="ident")
    year: int = population(
        nb="Statusår",
        en="Year of the status",
        source_name="aar",
        ge=2005,
        le=LAST_PLAUSIBLE_YEAR,
        unit="year",
        identifiability=Identifiability.NONE,
    )
    residence: str = population(
        nb="Bosettingsstatus",
        en="Residence status",
        source_name="status",
        codes=codes.RESIDENCE,
        identifiability=Identifiability.INDIRECT,
    )
    status_on: pl.Date = population(
        nb="Statusdato",
        en="Date of the status",
        source_name="statusdato",
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    municipality: str = population(
        nb="Kommune",
        en="Municipality",
        source_name="bostedskommune",
        matches=MUNICIPALITY_PATTERN,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.9,
    )


POPULATION_DELIVERY = Delivery(
    table=PopulationStatus,
    file_name="BEFOLKNING_{year}.csv",
    period_column="year",
    layout=Layout.SEPARATED,
    encoding="utf-8",
    separator=",",
)
