"""NUDB, the national education database: one Stata file a year, with every enrolment that touched it.

The level of an education is the first digit of its NUS2000 code: a code of `codes.EDUCATION_LEVEL`, whose
stage L is compulsory school or less (F54). Whether compulsory school counts as education is said where an
outcome is declared, never here. Foreign education is often unknown (9), which is not level 0.
"""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.delivery import Delivery, Layout
from schemas.registers.common import day, file_year, person_identifier
from schemas.rules import in_order, not_after_as_of, plausible_year
from schemas.variable import Demand, Entity, Identifiability, Table, TableFacts, variable

education = partial(variable, source="NUDB", demand=Demand.LAW)

NUS2000_PATTERN = r"^[0-9]{6}$"


class Education(Table):
    """One row for each enrolment and year it touches; without an end it still goes on at the year's end."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="NUDB",
        source_name="NUDB",
        nb="Utdanning",
        en="Education",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "nus2000", "started_on", "year"),
        dated_by="started_on",
        rules=(
            plausible_year("started_on"),
            not_after_as_of("started_on"),
            in_order("started_on", "ended_on"),
        ),
    )

    person_identifier: str = person_identifier(education, source_name="ident")
    year: int = file_year(education, source_name="aar")
    nus2000: str = education(
        nb="Utdanningens kode (NUS2000)",
        en="Code of the education (NUS2000)",
        source_name="nus2000",
        matches=NUS2000_PATTERN,
        identifiability=Identifiability.INDIRECT,
        evidence="F54",
    )
    started_on: pl.Date = day(education, source_name="start", nb="Start", en="Started on")
    ended_on: pl.Date = day(education, source_name="slutt", nb="Slutt", en="Ended on", min_filled=0.0)
    education_status: str = education(
        nb="Status",
        en="Status",
        source_name="status",
        codes=codes.EDUCATION_STATUS,
        identifiability=Identifiability.INDIRECT,
    )
    full_time: bool = education(
        nb="Heltid",
        en="Full time",
        source_name="heltid",
        identifiability=Identifiability.NONE,
    )


EDUCATION_DELIVERY = Delivery(
    table=Education,
    file_name="NUDB_{year}.dta",
    period_column="year",
    layout=Layout.STATA,
)
