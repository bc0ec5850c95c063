"""The case in a bydel, and the advisers who work there."""

from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.common import (
    Table,
    key_of_case,
    key_of_employee,
    key_of_person,
    socio,
    socio_table,
)
from schemas.codes.case import OPEN_CASE
from schemas.rules import in_order, not_after_as_of, plausible_year
from schemas.variable import Demand, EmptyMeans, Entity, Identifiability, InCore, Key, TableFacts

MUNICIPALITY_PATTERN = r"^[0-9]{4}$"


class Adviser(Table):
    """One row for each period an adviser (programrådgiver) worked in a bydel."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="radgiver",
        nb="Programrådgiver",
        en="Programme adviser",
        unit=Entity.EMPLOYEE,
        primary_key=("adviser_id", "valid_from"),
        dated_by="valid_from",
        rules=(in_order("valid_from", "valid_to"),),
    )

    adviser_id: str = key_of_employee(source_name="radgiver_id", nb="Rådgiver", en="Adviser", min_filled=1.0)
    bydel: str = socio(
        nb="Bydel",
        en="Bydel",
        source_name="bydel",
        codes=codes.BYDEL,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
        min_filled=0.9,
    )
    position_percent: int = socio(
        nb="Stillingsprosent",
        en="Position",
        source_name="stilling_pst",
        ge=0,
        le=100,
        unit="percent",
        identifiability=Identifiability.NONE,
        demand=Demand.NOBODY,
        min_filled=0.8,
    )
    valid_from: pl.Date = socio(
        nb="Fra",
        en="From",
        source_name="fra",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
    )
    valid_to: pl.Date = socio(
        nb="Til",
        en="To",
        source_name="til",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
        min_filled=0.0,
    )


class Case(Table):
    """One row for each case: a person's file in one bydel. A move opens a new one."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="sak",
        nb="Sak",
        en="Case",
        unit=Entity.CASE,
        primary_key=("case_id",),
        dated_by="opened_on",
        rules=(
            plausible_year("opened_on"),
            not_after_as_of("opened_on"),
            plausible_year("closed_on"),
            in_order("opened_on", "closed_on"),
        ),
    )

    case_id: str = key_of_case(key=Key(entity=Entity.CASE))
    person_id: int = key_of_person()
    municipality: str = socio(
        nb="Kommune",
        en="Municipality",
        source_name="kommunenr",
        matches=MUNICIPALITY_PATTERN,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
    )
    bydel: str = socio(
        nb="Bydel",
        en="Bydel",
        source_name="bydel",
        codes=codes.BYDEL,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        min_filled=0.97,
    )
    opened_on: pl.Date = socio(
        nb="Åpnet",
        en="Opened on",
        source_name="apnet",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
    )
    closed_on: pl.Date = socio(
        nb="Lukket",
        en="Closed on",
        source_name="lukket",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
        empty_means=EmptyMeans(
            nb="Saken er åpen.", en="The case is open.", where="case_status", among=(OPEN_CASE,)
        ),
        min_filled=0.0,
    )
    case_status: str = socio(
        nb="Status",
        en="Status",
        source_name="status",
        codes=codes.CASE_STATUS,
        identifiability=Identifiability.NONE,
        demand=Demand.GRANT,
        min_filled=0.95,
    )
    transferred_from_case_id: str = key_of_case(
        nb="Overført fra sak",
        en="Transferred from case",
        source_name="overfort_fra_sak",
        demand=Demand.NOBODY,
        min_filled=0.0,
        key=Key(entity=Entity.CASE),
    )
    case_worker_id: str = key_of_employee(
        source_name="saksbehandler_id",
        nb="Saksbehandler",
        en="Case worker",
        key=Key(entity=Entity.EMPLOYEE, in_core=InCore.DROPPED),
    )
