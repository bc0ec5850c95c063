"""The pseudonymised extract: still personal data, under a pseudonym that only one project has."""

from functools import partial
from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.background import MOST_SCHOOL_YEARS, Background
from schemas.case_system.case import Case
from schemas.case_system.person import Person
from schemas.case_system.programme import Programme
from schemas.case_system.settlement import Settlement
from schemas.linked.outcome import ExitCohort, Outcome, ProgrammeSpell
from schemas.rules import FIRST_PLAUSIBLE_YEAR, FIRST_PROGRAMME_YEAR, LAST_PLAUSIBLE_YEAR
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    InCore,
    Key,
    Population,
    Table,
    TableFacts,
    derived,
    variable,
)

research = partial(
    variable,
    source="uttrekk",
    source_name="",
    demand=Demand.NOBODY,
    applies_to=Population.EVERYONE,
    identifiability=Identifiability.NONE,
)
research_table = partial(TableFacts, source="uttrekk")

PSEUDONYM_PATTERN = r"^[0-9a-f]{32}$"


def declare_pseudonym(*, nb: str = "Prosjektets pseudonym", en: str = "The project's pseudonym") -> Any:
    """The project's pseudonym: 32 hexadecimal digits that cannot be joined with another project's."""
    return research(
        nb=nb,
        en=en,
        matches=PSEUDONYM_PATTERN,
        identifiability=Identifiability.PSEUDONYM,
        key=Key(entity=Entity.PERSON, in_core=InCore.DROPPED),
    )


class ExtractPerson(Table):
    """One row for each person of the extract, as known on the extract's as_of."""

    __facts__: ClassVar[TableFacts] = research_table(
        source_name="person",
        nb="Person",
        en="Person",
        unit=Entity.PERSON,
        primary_key=("pseudonym",),
    )

    pseudonym: str = declare_pseudonym()
    sex: str = derived(Person, "sex")
    birth_year: int = derived(
        Person,
        "birth_date",
        nb="Fødselsår",
        en="Year of birth",
        unit="year",
        ge=FIRST_PLAUSIBLE_YEAR,
        le=LAST_PLAUSIBLE_YEAR,
    )
    country_of_birth: str = derived(Person, "country_of_birth")
    is_participant: bool = research(
        nb="Har deltatt i introduksjonsprogram",
        en="Has taken part in the introduction programme",
        identifiability=Identifiability.INDIRECT,
        derived_from=("programme.person_id",),
        less_identifying_because="it tells that there is a programme, not whose number it carries",
    )
    settled_year: int = derived(
        Settlement,
        "settled_on",
        nb="Bosettingsår",
        en="Year of settlement",
        unit="year",
        min_filled=0.9,
        ge=FIRST_PLAUSIBLE_YEAR,
        le=LAST_PLAUSIBLE_YEAR,
    )
    settlement_form: str = derived(Settlement, "settlement_form")
    bydel: str = derived(Settlement, "bydel", nb="Bydel ved bosetting", en="Bydel at settlement")
    education_level: str = derived(Background, "education_level")
    education_level_state: str = research(
        nb="Utdanningsnivå, verditilstand",
        en="Level of education, state of the value",
        codes=codes.VALUE_STATE,
        derived_from=("background.education_level",),
        less_identifying_because="it tells whether there is a value, not which",
    )
    school_years: int = derived(Background, "school_years", unknown=(), ge=0, le=MOST_SCHOOL_YEARS)
    school_years_state: str = research(
        nb="Skoleår, verditilstand",
        en="Years of schooling, state of the value",
        codes=codes.VALUE_STATE,
        derived_from=("background.school_years",),
        less_identifying_because="it tells whether there is a value, not which",
    )


class ExtractProgramme(Table):
    """One row for each programme of a person of the extract."""

    __facts__: ClassVar[TableFacts] = research_table(
        source_name="programme",
        nb="Introduksjonsprogram",
        en="Introduction programme",
        unit=Entity.PROGRAMME,
        primary_key=("pseudonym", "programme_number"),
        applies_to=Population.PARTICIPANTS,
    )

    pseudonym: str = declare_pseudonym()
    programme_number: int = derived(ProgrammeSpell, "programme_number", ge=1)
    law: str = derived(Programme, "law")
    bydel: str = derived(Case, "bydel", min_filled=0.0)
    started_month: pl.Date = derived(
        Programme,
        "started_on",
        nb="Startmåned (første dag)",
        en="Month of start (first day)",
    )
    ended_month: pl.Date = derived(
        Programme,
        "ended_on",
        nb="Sluttmåned (første dag)",
        en="Month of exit (first day)",
    )
    programme_status: str = derived(Programme, "programme_status")
    nir_exit: str = derived(ProgrammeSpell, "nir_exit")


class ExtractOutcome(Table):
    """One row for each person of the exit cohort and each outcome window."""

    __facts__: ClassVar[TableFacts] = research_table(
        source_name="outcome",
        nb="Utfall",
        en="Outcome",
        unit=Entity.PERSON,
        primary_key=("pseudonym", "outcome"),
        applies_to=Population.PARTICIPANTS,
    )

    pseudonym: str = declare_pseudonym()
    exit_year: int = derived(ExitCohort, "exit_year", ge=FIRST_PROGRAMME_YEAR, le=LAST_PLAUSIBLE_YEAR)
    outcome: str = derived(Outcome, "outcome")
    due_on: pl.Date = derived(Outcome, "due_on")
    status: str = derived(Outcome, "status", derived_from=("outcome.status",))
    censoring: str = derived(Outcome, "censoring")
    series: str = derived(Outcome, "series")
    in_numerator: bool = derived(Outcome, "in_numerator")
    in_denominator: bool = derived(Outcome, "in_denominator")
