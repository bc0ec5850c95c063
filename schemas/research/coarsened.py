"""The coarsened extract: no pseudonym, no exact date, every variable along a declared hierarchy."""

from functools import partial
from typing import Any, ClassVar

from schemas import codes
from schemas.case_system.background import Background, Family, Health
from schemas.case_system.case import Case
from schemas.case_system.person import Person
from schemas.case_system.programme import Programme
from schemas.linked.outcome import ExitCohort, MonthStatus, Outcome
from schemas.research.extract import research_table
from schemas.variable import Entity, Population, Table, TableFacts, derived

# What an outsider may know: as fine as it can be asked for, and released at the level that holds.
_known = partial(derived, coarsened=True, unit=None, unknown=())


def _status(nb: str, en: str, *, grouped: bool = True) -> Any:
    """The status of one outcome; the column is named after the outcome. Null where it is not observed."""
    listed = codes.OUTCOME_STATUS_GROUP if grouped else codes.OUTCOME_STATUS
    return derived(Outcome, "status", nb=nb, en=en, codes=listed, min_filled=0.0)


class CoarsenedOutcome(Table):
    """One row for each person of the exit cohort; which level each variable stands at, a release says."""

    __facts__: ClassVar[TableFacts] = research_table(
        source_name="coarsened_outcome",
        nb="Utfall, forgrovet",
        en="Outcomes, coarsened",
        unit=Entity.PERSON,
        primary_key=(),
        applies_to=Population.PARTICIPANTS,
    )

    sex: str = _known(Person, "sex")
    birth_year: str = _known(Person, "birth_date", nb="Fødselsår", en="Year of birth", codes=codes.BIRTH_YEAR)
    country_of_birth: str = _known(Person, "country_of_birth")
    bydel: str = _known(Case, "bydel")
    start_month: str = _known(
        Programme, "started_on", nb="Startmåned", en="Month of start", codes=codes.MONTH
    )
    exit_year: str = _known(ExitCohort, "exit_year", codes=codes.YEAR)
    children: str = _known(Family, "children_under_18", codes=codes.CHILDREN)
    education_level: str = _known(Background, "education_level")
    disability: str = derived(Health, "disability")
    chronic_illness: str = derived(Health, "chronic_illness")
    on_benefit: str = derived(
        MonthStatus,
        "on_benefit",
        nb="Mottar ytelse i sluttmåneden",
        en="Receives a benefit in the month of exit",
        codes=codes.YES_NO,
        min_filled=0.0,
    )
    status_y0: str = _status("Status ved avslutning", "Status at exit", grouped=False)
    status_y1: str = _status("Status etter ett år", "Status after one year")
    status_y5: str = _status("Status etter fem år, bosatte", "Status after five years, residents")
    status_baerum_0: str = _status("Status i sluttmåneden", "Status in the month of exit")
    status_baerum_12: str = _status("Status etter 12 måneder", "Status after 12 months")
    status_baerum_60: str = _status("Status etter 60 måneder", "Status after 60 months")
