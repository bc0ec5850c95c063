"""The coarsened extract: no pseudonym, no exact date, classes of at least k."""

from typing import ClassVar

from schemas import codes
from schemas.case_system.case import Case
from schemas.case_system.person import Person
from schemas.linked.outcome import ExitCohort, Outcome
from schemas.research.extract import research_table
from schemas.variable import Entity, Population, Table, TableFacts, derived


class CoarsenedOutcome(Table):
    """One row for each person of the exit cohort, coarsened along the declared hierarchies."""

    __facts__: ClassVar[TableFacts] = research_table(
        source_name="coarsened_outcome",
        nb="Utfall, forgrovet",
        en="Outcomes, coarsened",
        unit=Entity.PERSON,
        primary_key=(),
        applies_to=Population.PARTICIPANTS,
    )

    sex: str = derived(Person, "sex")
    age_band: str = derived(
        Person,
        "birth_date",
        nb="Alder ved programslutt",
        en="Age at exit",
        codes=codes.AGE_BAND,
    )
    world_region: str = derived(
        Person,
        "country_of_birth",
        nb="Verdensregion",
        en="World region",
        codes=codes.WORLD_REGION,
    )
    bydel_group: str = derived(
        Case,
        "bydel",
        nb="Bydelsgruppe",
        en="Group of city districts",
        codes=codes.BYDEL_GROUP,
    )
    exit_period: str = derived(
        ExitCohort,
        "exit_year",
        nb="Avslutningsperiode",
        en="Period of exit",
        unit=None,
        codes=codes.PERIOD,
    )
    status_y0: str = derived(
        Outcome,
        "status",
        nb="Status ved avslutning",
        en="Status at exit",
        min_filled=0.0,
    )
    status_y1: str = derived(
        Outcome,
        "status",
        nb="Status etter ett år",
        en="Status after one year",
        codes=codes.OUTCOME_STATUS_GROUP,
        min_filled=0.0,
    )
    status_y5: str = derived(
        Outcome,
        "status",
        nb="Status etter fem år, bosatte",
        en="Status after five years, residents",
        codes=codes.OUTCOME_STATUS_GROUP,
        min_filled=0.0,
    )
