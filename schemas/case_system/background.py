"""What may be registered about a person's background, and hardly is: nobody asks for it."""

from functools import partial
from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.common import Table, key_of_person, socio, socio_table
from schemas.rules import not_after_as_of, plausible_year
from schemas.variable import Demand, Entity, Identifiability, RowRule, TableFacts

_NOBODY = Demand.NOBODY
_INDIRECT = Identifiability.INDIRECT
_NONE = Identifiability.NONE

UNKNOWN_YEARS = 99
MOST_SCHOOL_YEARS = 25
MOST_KR = 10_000_000


# A table with one row for each time something about a person was registered.
_registered = partial(
    socio_table,
    unit=Entity.PERSON,
    primary_key=("person_id", "registered_on"),
    dated_by="registered_on",
    expected_per=Entity.PERSON,
    dates_registration=True,
)


def _date_of_registration() -> Any:
    return socio(
        nb="Registrert dato",
        en="Registered on",
        source_name="reg_dato",
        identifiability=_INDIRECT,
        demand=_NOBODY,
    )


class Background(Table):
    """One row for each time a person's schooling and work experience were registered."""

    __facts__: ClassVar[TableFacts] = _registered(
        source_name="bakgrunn",
        nb="Bakgrunn",
        en="Background",
        rules=(
            plausible_year("registered_on"),
            not_after_as_of("registered_on"),
            RowRule(
                name="school_years_plausible",
                nb="skoleår er rimelig, eller 99 for ukjent",
                en="school years are plausible, or 99 for unknown",
                columns=("school_years",),
                holds=lambda _: (
                    (pl.col("school_years") <= MOST_SCHOOL_YEARS) | (pl.col("school_years") == UNKNOWN_YEARS)
                ),
            ),
        ),
    )

    person_id: int = key_of_person()
    registered_on: pl.Date = _date_of_registration()
    school_years: int = socio(
        nb="Skoleår",
        en="Years of schooling",
        source_name="skole_aar",
        ge=0,
        le=UNKNOWN_YEARS,
        unknown=(UNKNOWN_YEARS,),
        unit="year",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.4,
    )
    education_level: str = socio(
        nb="Utdanningsnivå",
        en="Level of education",
        source_name="utd_niva",
        codes=codes.EDUCATION_LEVEL,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.4,
    )
    reads_mother_tongue: str = socio(
        nb="Leser morsmålet",
        en="Reads the mother tongue",
        source_name="lese_morsmaal",
        codes=codes.SKILL,
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.3,
    )
    writes_mother_tongue: str = socio(
        nb="Skriver morsmålet",
        en="Writes the mother tongue",
        source_name="skrive_morsmaal",
        codes=codes.SKILL,
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.3,
    )
    latin_alphabet: str = socio(
        nb="Kan det latinske alfabetet",
        en="Knows the Latin alphabet",
        source_name="latinsk_alfabet",
        codes=codes.SKILL,
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.3,
    )
    work_years: int = socio(
        nb="År i arbeid",
        en="Years in work",
        source_name="arbeid_aar",
        ge=0,
        le=UNKNOWN_YEARS,
        unknown=(UNKNOWN_YEARS,),
        unit="year",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.25,
    )
    occupation: str = socio(
        nb="Yrke",
        en="Occupation",
        source_name="yrke",
        free_text=True,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.2,
    )
    information_source: str = socio(
        nb="Kilde for opplysningen",
        en="Source of the information",
        source_name="kilde",
        codes=codes.INFORMATION_SOURCE,
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.3,
    )


class Family(Table):
    """One row for each time a person's family was registered."""

    __facts__: ClassVar[TableFacts] = _registered(
        source_name="familie",
        nb="Familie",
        en="Family",
        rules=(plausible_year("registered_on"), not_after_as_of("registered_on")),
    )

    person_id: int = key_of_person()
    registered_on: pl.Date = _date_of_registration()
    civil_status: str = socio(
        nb="Sivilstand",
        en="Civil status",
        source_name="sivilstand",
        codes=codes.CIVIL_STATUS,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.5,
    )
    children_under_18: int = socio(
        nb="Barn under 18 år",
        en="Children under 18",
        source_name="ant_barn_u18",
        ge=0,
        le=20,
        unit="children",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.5,
    )
    spouse_id: int = key_of_person(
        nb="Ektefelle",
        en="Spouse",
        source_name="ektefelle_pid",
        demand=_NOBODY,
        min_filled=0.0,
    )
    children_abroad: bool = socio(
        nb="Barn i utlandet",
        en="Children abroad",
        source_name="barn_i_utlandet",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.2,
    )


class Health(Table):
    """One row for each time a person's health was registered: special categories (GDPR art. 9)."""

    __facts__: ClassVar[TableFacts] = _registered(
        source_name="helse",
        nb="Helse",
        en="Health",
        rules=(plausible_year("registered_on"), not_after_as_of("registered_on")),
    )

    person_id: int = key_of_person()
    registered_on: pl.Date = _date_of_registration()
    disability: str = socio(
        nb="Funksjonshemming",
        en="Disability",
        source_name="funksjonshemming",
        codes=codes.YES_NO,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.1,
        special_category=True,
    )
    chronic_illness: str = socio(
        nb="Kronisk sykdom",
        en="Chronic illness",
        source_name="kronisk",
        codes=codes.YES_NO,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.1,
        special_category=True,
    )
    mental_illness: str = socio(
        nb="Psykiske vansker",
        en="Mental health problems",
        source_name="psykisk",
        codes=codes.YES_NO,
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.1,
        special_category=True,
    )
    remark: str = socio(
        nb="Merknad",
        en="Remark",
        source_name="merknad",
        free_text=True,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.0,
        special_category=True,
    )


class Economy(Table):
    """One row for each month a person's economy was registered."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="okonomi",
        nb="Økonomi",
        en="Economy",
        unit=Entity.PERSON,
        primary_key=("person_id", "month"),
        dated_by="month",
        expected_per=Entity.PERSON,
        rules=(plausible_year("month"), not_after_as_of("month")),
    )

    person_id: int = key_of_person()
    month: pl.Date = socio(
        nb="Måned",
        en="Month",
        source_name="mnd",
        identifiability=_INDIRECT,
        demand=_NOBODY,
    )
    income_kr: int = socio(
        nb="Inntekt (kr)",
        en="Income (NOK)",
        source_name="inntekt",
        ge=0,
        le=MOST_KR,
        unit="kr",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.08,
    )
    expense_kr: int = socio(
        nb="Utgift (kr)",
        en="Expense (NOK)",
        source_name="utgift",
        ge=0,
        le=MOST_KR,
        unit="kr",
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.08,
    )
    rent_kr: int = socio(
        nb="Husleie (kr)",
        en="Rent (NOK)",
        source_name="husleie",
        ge=0,
        le=MOST_KR,
        unit="kr",
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.08,
    )
    debt_kr: int = socio(
        nb="Gjeld (kr)",
        en="Debt (NOK)",
        source_name="gjeld",
        ge=0,
        le=MOST_KR,
        unit="kr",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.05,
    )


class Housing(Table):
    """One row for each dwelling a person has had."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="bolig",
        nb="Bolig",
        en="Housing",
        unit=Entity.PERSON,
        primary_key=("person_id", "valid_from"),
        dated_by="valid_from",
        expected_per=Entity.PERSON,
        rules=(plausible_year("valid_from"),),
    )

    person_id: int = key_of_person()
    valid_from: pl.Date = socio(
        nb="Fra",
        en="From",
        source_name="fra",
        identifiability=_INDIRECT,
        demand=_NOBODY,
    )
    housing_type: str = socio(
        nb="Boligtype",
        en="Type of housing",
        source_name="type",
        codes=codes.HOUSING_TYPE,
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.3,
    )
    rooms: int = socio(
        nb="Rom",
        en="Rooms",
        source_name="rom",
        ge=0,
        le=30,
        unit="rooms",
        identifiability=_NONE,
        demand=_NOBODY,
        min_filled=0.2,
    )
    occupants: int = socio(
        nb="Beboere",
        en="Occupants",
        source_name="beboere",
        ge=0,
        le=40,
        unit="persons",
        identifiability=_INDIRECT,
        demand=_NOBODY,
        min_filled=0.2,
    )
