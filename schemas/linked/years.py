"""A participant's years as the registers tell of them: twelve months in one number, to be joined cheaply.

What is read month by month is `MonthStatus` and `WorkMonth`; outcomes and the panel are made of these.
"""

from typing import Any, ClassVar

from schemas.linked.outcome import declare_person_key, declare_series, linked, linked_table
from schemas.linked.reconciliation import declare_year
from schemas.variable import Entity, Identifiability, Table, TableFacts

FIRST_MONTH, LAST_MONTH = 1, 12
_EVERY_MONTH = sum(1 << month for month in range(FIRST_MONTH, LAST_MONTH + 1))
_WORK = ("employment_monthly.pay_month_kr", "employment_annual.pay_kr")
_EDUCATION = ("education.nus2000", "education.started_on", "education.ended_on")
_BENEFIT = ("benefit.benefit", "benefit.event_on")


def declare_months(nb: str, en: str, **facts: Any) -> Any:
    """The months of a year in which something holds: bit 1 is January, bit 12 December."""
    return linked(
        nb=f"Måneder {nb} (bit 1 er januar)",
        en=f"Months {en} (bit 1 is January)",
        ge=0,
        le=_EVERY_MONTH,
        unit="months",
        identifiability=Identifiability.INDIRECT,
        **facts,
    )


class WorkYear(Table):
    """One row for each participant, year and side of the break with a record in the employment register.

    What is kept of the register: a year without a month in work has a row too, for there was a record.
    Stored in parts, one for each year that was delivered.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="work_year",
        nb="År i arbeidsregisteret",
        en="Year in the employment register",
        unit=Entity.PERSON,
        primary_key=("person_key", "year", "series"),
    )

    person_key: int = declare_person_key()
    year: int = declare_year()
    series: str = declare_series()
    months_in_work: int = declare_months(
        "i arbeid",
        "in work",
        derived_from=_WORK,
    )


class YearStatus(Table):
    """One row for each participant and year in which a register knows anything of them, by month."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="year_status",
        nb="Årsstatus",
        en="Status of the year",
        unit=Entity.PERSON,
        primary_key=("person_key", "year"),
    )

    person_key: int = declare_person_key()
    year: int = declare_year()
    months_in_work: int = declare_months(
        "i arbeid",
        "in work",
        derived_from=_WORK,
    )
    months_in_education: int = declare_months(
        "under utdanning (ikke grunnskole)",
        "in education (not compulsory school)",
        derived_from=_EDUCATION,
    )
    months_in_compulsory_school: int = declare_months(
        "i grunnskole", "in compulsory school", derived_from=_EDUCATION
    )
    months_unemployed_or_measure: int = declare_months(
        "registrert ledig eller på tiltak",
        "registered unemployed or on a measure",
        derived_from=_BENEFIT,
        special_category=True,
    )
    months_social_assistance: int = declare_months(
        "med økonomisk sosialhjelp",
        "with social assistance",
        derived_from=("social_assistance.month_01",),
    )
    months_on_benefit: int = declare_months(
        "med annen ytelse fra staten",
        "on another benefit from the state",
        derived_from=_BENEFIT,
        special_category=True,
    )
