"""The introduction programme: the spell, its activities and its absence."""

from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.common import (
    Table,
    key_of_case,
    key_of_employee,
    key_of_person,
    key_of_programme,
    socio,
    socio_table,
)
from schemas.codes.programme import RUNNING
from schemas.demands import due
from schemas.rules import FIRST_PROGRAMME_YEAR, PLANNED_YEARS_AHEAD, in_order, not_after_as_of, plausible_year
from schemas.variable import (
    Demand,
    EmptyMeans,
    Entity,
    Identifiability,
    InCore,
    Key,
    Population,
    TableFacts,
)

_NIR = Demand.NIR
_ACT_OF_2021 = codes.LAW.values()[-1]
_AFTER_START = due(_NIR, after="started_on", unknown_is_due=True)
_AFTER_END = due(_NIR, after="ended_on")
_PARTICIPANTS = Population.PARTICIPANTS


class Programme(Table):
    """One row for each programme. A move between bydeler splits one programme in two rows."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="program",
        nb="Introduksjonsprogram",
        en="Introduction programme",
        unit=Entity.PROGRAMME,
        primary_key=("programme_id",),
        dated_by="started_on",
        due=_AFTER_START,
        applies_to=_PARTICIPANTS,
        rules=(
            plausible_year("started_on", first=FIRST_PROGRAMME_YEAR),
            not_after_as_of("started_on"),
            plausible_year("ended_on", first=FIRST_PROGRAMME_YEAR),
            not_after_as_of("ended_on"),
            in_order("started_on", "ended_on"),
            plausible_year(
                "planned_end_on",
                years_ahead=PLANNED_YEARS_AHEAD,
                first=FIRST_PROGRAMME_YEAR,
            ),
        ),
    )

    programme_id: int = key_of_programme(key=Key(entity=Entity.PROGRAMME))
    person_id: int = key_of_person(demand=_NIR)
    case_id: str = key_of_case(demand=_NIR, min_filled=0.97)
    law: str = socio(
        nb="Lov",
        en="Act that applies",
        source_name="lov",
        codes=codes.LAW,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=_NIR,
        min_filled=0.97,
    )
    entitlement: str = socio(
        nb="Rett og plikt",
        en="Right and duty",
        source_name="rett_plikt",
        codes=codes.ENTITLEMENT,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=_NIR,
        min_filled=0.95,
    )
    decided_on: pl.Date = socio(
        nb="Vedtaksdato",
        en="Decided on",
        source_name="vedtak_dato",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.95,
    )
    started_on: pl.Date = socio(
        nb="Start",
        en="Started on",
        source_name="start",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.95,
    )
    planned_end_on: pl.Date = socio(
        nb="Planlagt slutt",
        en="Planned end",
        source_name="planlagt_slutt",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.9,
    )
    ended_on: pl.Date = socio(
        nb="Slutt",
        en="Ended on",
        source_name="slutt",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        empty_means=EmptyMeans(
            nb="Programmet pågår.", en="The programme goes on.", where="programme_status", among=RUNNING
        ),
        min_filled=0.0,
    )
    extended_third_year: bool = socio(
        nb="Utvidet med tredje år",
        en="Extended with a third year",
        source_name="utvidet_3aar",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=_NIR,
        min_filled=0.8,
    )
    programme_status: str = socio(
        nb="Programstatus",
        en="Status of the programme",
        source_name="status",
        codes=codes.PROGRAMME_STATUS,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.95,
    )
    adviser_id: str = key_of_employee(
        source_name="radgiver_id",
        nb="Rådgiver",
        en="Adviser",
        applies_to=_PARTICIPANTS,
        min_filled=0.8,
    )
    programme_goal: str = socio(
        nb="Sluttmål",
        en="Goal of the programme",
        source_name="sluttmaal",
        codes=codes.PROGRAMME_GOAL,
        applies_to=_PARTICIPANTS,
        acts=(_ACT_OF_2021,),  # F39: not to be registered for persons under the act of 2003
        identifiability=Identifiability.NONE,
        demand=Demand.NOBODY,
        min_filled=0.1,
    )


class Activity(Table):
    """One row for each activity of a programme."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="aktivitet",
        nb="Aktivitet",
        en="Activity",
        unit=Entity.ACTIVITY,
        primary_key=("activity_id",),
        dated_by="started_on",
        expected_per=Entity.PROGRAMME,
        due=_AFTER_START,
        applies_to=_PARTICIPANTS,
        rules=(
            plausible_year("started_on", first=FIRST_PROGRAMME_YEAR),
            in_order("started_on", "ended_on"),
        ),
    )

    activity_id: int = socio(
        nb="Aktivitetsnummer",
        en="Activity number",
        source_name="akt_id",
        identifiability=Identifiability.PSEUDONYM,
        demand=_NIR,
        key=Key(entity=Entity.ACTIVITY),
    )
    programme_id: int = key_of_programme()
    activity: str = socio(
        nb="Aktivitet",
        en="Activity",
        source_name="kode",
        codes=codes.ACTIVITY,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=_NIR,
        min_filled=0.65,
        special_category=True,
    )
    started_on: pl.Date = socio(
        nb="Start",
        en="Started on",
        source_name="start",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.65,
    )
    ended_on: pl.Date = socio(
        nb="Slutt",
        en="Ended on",
        source_name="slutt",
        applies_to=_PARTICIPANTS,
        due=_AFTER_END,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.5,
    )
    hours_per_week: float = socio(
        nb="Timer per uke",
        en="Hours a week",
        source_name="timer_uke",
        ge=0,
        le=60,
        unit="hours",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=Demand.NOBODY,
        min_filled=0.5,
    )
    organiser_id: str = socio(
        nb="Arrangør (organisasjonsnummer)",
        en="Organiser (organisation number)",
        source_name="arrangor_orgnr",
        matches=r"^[0-9]{9}$",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
        min_filled=0.3,
        key=Key(entity=Entity.ORGANISATION, in_core=InCore.DROPPED),
    )


class Absence(Table):
    """One row for each absence: asked for where pay is deducted."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="fravaer",
        nb="Fravær",
        en="Absence",
        unit=Entity.PROGRAMME,
        primary_key=("programme_id", "started_on"),
        dated_by="started_on",
        applies_to=_PARTICIPANTS,
        rules=(
            plausible_year("started_on", first=FIRST_PROGRAMME_YEAR),
            in_order("started_on", "ended_on"),
        ),
    )

    programme_id: int = key_of_programme()
    started_on: pl.Date = socio(
        nb="Fra",
        en="From",
        source_name="dato_fra",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.LAW,
    )
    ended_on: pl.Date = socio(
        nb="Til",
        en="To",
        source_name="til",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.LAW,
        min_filled=0.6,
    )
    absence_cause: str = socio(
        nb="Fraværsårsak",
        en="Cause of absence",
        source_name="aarsak",
        codes=codes.ABSENCE_CAUSE,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=Demand.LAW,
        min_filled=0.6,
        special_category=True,
    )
    days: int = socio(
        nb="Dager",
        en="Days",
        source_name="dager",
        ge=0,
        le=400,
        unit="days",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=Demand.LAW,
        min_filled=0.6,
    )
    deduction_kr: int = socio(
        nb="Trekk (kr)",
        en="Deduction (NOK)",
        source_name="trekk_kr",
        ge=0,
        le=300_000,
        unit="kr",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=Demand.LAW,
        min_filled=0.6,
    )
