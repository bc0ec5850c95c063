"""Programmes as spells, the exit cohort, months and what they were spent on, outcomes, and the panel."""

from functools import partial
from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.case import Case
from schemas.case_system.programme import Programme
from schemas.case_system.result import Result
from schemas.registers.employment import EmploymentMonthly
from schemas.rules import FIRST_PROGRAMME_YEAR, LAST_PLAUSIBLE_YEAR
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    Key,
    Population,
    Table,
    TableFacts,
    derived,
    variable,
)

linked = partial(
    variable,
    source="uttrekk",
    source_name="",
    demand=Demand.NOBODY,
    applies_to=Population.PARTICIPANTS,
    identifiability=Identifiability.NONE,
)
linked_table = partial(TableFacts, source="uttrekk", applies_to=Population.PARTICIPANTS)


PANEL_MONTHS = 60


def declare_person_key() -> Any:
    """The internal person key: a number that means nothing without the ledger in `restricted`."""
    return linked(
        nb="Intern personnøkkel",
        en="Internal person key",
        identifiability=Identifiability.PSEUDONYM,
        key=Key(entity=Entity.PERSON),
    )


def declare_programme_key() -> Any:
    """The internal key of a programme."""
    return linked(
        nb="Intern programnøkkel",
        en="Internal programme key",
        identifiability=Identifiability.PSEUDONYM,
        key=Key(entity=Entity.PROGRAMME),
    )


def declare_exit_year() -> Any:
    """The calendar year a programme was left: the year of `left_on`."""
    return derived(
        Programme,
        "ended_on",
        nb="Avslutningsår",
        en="Year of exit",
        unit="year",
        min_filled=1.0,
        ge=FIRST_PROGRAMME_YEAR,
        le=LAST_PLAUSIBLE_YEAR,
    )


def declare_series(*, min_filled: float = 1.0) -> Any:
    """Which of the two employment registers a month is read from: levels do not compare across 2015."""
    return linked(
        nb="Side av bruddet i 2015",
        en="Side of the break in 2015",
        codes=codes.EMPLOYMENT_SERIES,
        min_filled=min_filled,
    )


def declare_flag(**facts: Any) -> Any:
    """Something a register says of a person in a month."""
    return linked(identifiability=Identifiability.INDIRECT, **facts)


def declare_status() -> Any:
    """What somebody does, the status that wins first; null where it is not observed."""
    return linked(
        nb="Status",
        en="Status",
        codes=codes.OUTCOME_STATUS,
        min_filled=0.0,
        identifiability=Identifiability.INDIRECT,
        special_category=True,
        derived_from=(
            "result.nir_exit",
            "month_status.in_work",
            "month_status.in_education",
            "month_status.unemployed_or_measure",
            "month_status.on_benefit",
            "month_status.social_assistance",
        ),
    )


def declare_censoring() -> Any:
    """Why a status is not observed, or that it is."""
    return linked(
        nb="Sensurering",
        en="Censoring",
        codes=codes.CENSORING,
        identifiability=Identifiability.INDIRECT,
    )


class ProgrammeSpell(Table):
    """One row for each programme, with the bydel it ran in and how it ended in the case system."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="programme_spell",
        nb="Programforløp",
        en="Programme spell",
        unit=Entity.PROGRAMME,
        primary_key=("programme_key",),
        dated_by="started_on",
    )

    person_key: int = declare_person_key()
    programme_key: int = declare_programme_key()
    programme_number: int = linked(
        nb="Programmets nummer for personen",
        en="Number of the programme for the person",
        ge=1,
        unit="number",
    )
    bydel: str = derived(Case, "bydel", min_filled=0.0)
    law: str = derived(Programme, "law")
    began_on: pl.Date = derived(
        Programme,
        "started_on",
        nb="Begynt (før flytting mellom bydeler)",
        en="Began on (before any move between bydeler)",
        min_filled=0.0,
    )
    started_on: pl.Date = derived(Programme, "started_on", min_filled=0.0)
    ended_on: pl.Date = derived(Programme, "ended_on", min_filled=0.0)
    exited_on: pl.Date = derived(
        Programme,
        "ended_on",
        nb="Sluttet (NIRs dato der fagsystemet mangler den; tom ved flytting mellom bydeler)",
        en="Exited on (NIR's day where the case system has none; empty for a move between bydeler)",
        min_filled=0.0,
    )
    programme_status: str = derived(Programme, "programme_status", min_filled=0.0)
    nir_exit: str = derived(Result, "nir_exit", min_filled=0.0)


class ExitCohort(Table):
    """One row for each person who has ended a programme: their last exit.

    A person who re-enters belongs only to the last cohort, and whoever ends on care leave after birth
    joins at the end of the leave if she does not return (Statistics Norway's *avgangskohort*, F2).
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="exit_cohort",
        nb="Avgangskohort",
        en="Exit cohort",
        unit=Entity.PERSON,
        primary_key=("person_key",),
        dated_by="ended_on",
    )

    person_key: int = declare_person_key()
    programme_key: int = declare_programme_key()
    bydel: str = derived(Case, "bydel", min_filled=0.0)
    started_on: pl.Date = derived(Programme, "started_on", min_filled=0.0)
    ended_on: pl.Date = derived(Programme, "ended_on", min_filled=1.0)
    left_on: pl.Date = derived(
        Programme,
        "ended_on",
        nb="Ut av programmet (etter omsorgspermisjon)",
        en="Left on (after care leave)",
        min_filled=1.0,
    )
    exit_year: int = declare_exit_year()
    nir_exit: str = derived(Result, "nir_exit", min_filled=1.0)


class CohortExclusion(Table):
    """One row for each person with a programme who is in no exit cohort: nobody is lost between the two."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="cohort_exclusion",
        nb="Utenfor avgangskohorten",
        en="Outside the exit cohort",
        unit=Entity.PERSON,
        primary_key=("person_key",),
    )

    person_key: int = declare_person_key()
    exclusion: str = linked(
        nb="Hvorfor",
        en="Why",
        codes=codes.COHORT_EXCLUSION,
        identifiability=Identifiability.INDIRECT,
        derived_from=("programme.ended_on", "programme.programme_status", "nir_leave.ended_on"),
    )


class WorkMonth(Table):
    """One row for each person and month in work: hours AND pay, in any job, whichever register says so."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="work_month",
        nb="Måned i arbeid",
        en="Month in work",
        unit=Entity.PERSON,
        primary_key=("person_key", "month"),
        dated_by="month",
    )

    person_key: int = declare_person_key()
    month: pl.Date = derived(EmploymentMonthly, "month", identifiability=Identifiability.INDIRECT)
    series: str = declare_series()


class MonthStatus(Table):
    """One row for each participant and month in which a register knows anything of them.

    A month without a row is one no register says anything about. Compulsory school is kept apart: whether
    it counts as education is said where an outcome is declared.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="month_status",
        nb="Månedsstatus",
        en="Status of the month",
        unit=Entity.PERSON,
        primary_key=("person_key", "month"),
        dated_by="month",
    )

    person_key: int = declare_person_key()
    month: pl.Date = linked(
        nb="Måned (første dag)", en="Month (first day)", identifiability=Identifiability.INDIRECT
    )
    in_work: bool = declare_flag(nb="I arbeid", en="In work", derived_from=("work_month.month",))
    in_education: bool = declare_flag(
        nb="Under utdanning (ikke grunnskole)",
        en="In education (not compulsory school)",
        derived_from=("education.nus2000", "education.started_on", "education.ended_on"),
    )
    in_compulsory_school: bool = declare_flag(
        nb="I grunnskole",
        en="In compulsory school",
        derived_from=("education.nus2000", "education.started_on", "education.ended_on"),
    )
    unemployed_or_measure: bool = declare_flag(
        nb="Registrert ledig eller på tiltak",
        en="Registered unemployed or on a measure",
        derived_from=("benefit.benefit", "benefit.event_on"),
        special_category=True,
    )
    social_assistance: bool = declare_flag(
        nb="Økonomisk sosialhjelp",
        en="Social assistance",
        derived_from=("social_assistance.month_01",),
    )
    on_benefit: bool = declare_flag(
        nb="Annen ytelse fra staten",
        en="Other benefit from the state",
        derived_from=("benefit.benefit", "benefit.event_on"),
        special_category=True,
    )


class Outcome(Table):
    """One row for each person of the exit cohort and each outcome window, observed or censored."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="outcome",
        nb="Utfall",
        en="Outcome",
        unit=Entity.PERSON,
        primary_key=("person_key", "outcome"),
        dated_by="due_on",
    )

    person_key: int = declare_person_key()
    exit_year: int = declare_exit_year()
    outcome: str = linked(nb="Utfall", en="Outcome", codes=codes.OUTCOME)
    due_on: pl.Date = linked(nb="Måles den", en="Measured on", identifiability=Identifiability.INDIRECT)
    status: str = declare_status()
    censoring: str = declare_censoring()
    series: str = declare_series(min_filled=0.0)
    in_numerator: bool = linked(nb="I telleren", en="In the numerator")
    in_denominator: bool = linked(nb="I nevneren", en="In the denominator")


class Panel(Table):
    """One row for each person of the exit cohort and each month since the exit, by the priority of y1."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="panel",
        nb="Månedspanel",
        en="Panel of months",
        unit=Entity.PERSON,
        primary_key=("person_key", "months_since_exit"),
    )

    person_key: int = declare_person_key()
    months_since_exit: pl.Int8 = linked(
        nb="Måneder siden avslutning",
        en="Months since the exit",
        ge=0,
        le=PANEL_MONTHS,
        unit="months",
        derived_from=("exit_cohort.left_on",),
        less_identifying_because="it counts from an exit that the row does not tell",
    )
    status: str = declare_status()
    censoring: str = declare_censoring()


class OutcomeSummary(Table):
    """One row for each exit year and outcome: numerator, denominator and what was left out, by reason."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="outcome_summary",
        nb="Utfall per avgangsår",
        en="Outcomes by exit year",
        unit=Entity.ORGANISATION,
        primary_key=("exit_year", "outcome"),
    )

    exit_year: int = declare_exit_year()
    outcome: str = linked(nb="Utfall", en="Outcome", codes=codes.OUTCOME)
    numerator: int = linked(nb="Teller", en="Numerator", ge=0, unit="persons")
    denominator: int = linked(nb="Nevner", en="Denominator", ge=0, unit="persons")
    dead: int = linked(nb="Døde", en="Dead", ge=0, unit="persons")
    emigrated: int = linked(nb="Utvandrede", en="Emigrated", ge=0, unit="persons")
    not_due: int = linked(nb="Ikke forfalt", en="Not yet due", ge=0, unit="persons")
    not_loaded: int = linked(nb="Registeret ikke lastet", en="Register not loaded", ge=0, unit="persons")
    not_linkable: int = linked(nb="Uten brukbar ident", en="No usable identifier", ge=0, unit="persons")
