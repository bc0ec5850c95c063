"""Benefits in FD-Trygd's shape: one SPSS file a year, a line for each start and one for each stop.

A start without a stop is open: it still ran when the last period delivered ended (right-censored), and
nobody here closes it. Attføring and rehabilitation gave way to the work assessment allowance in 2010 (K):
a break in the series, not people who began anew. The layout of the file is invented (P).
"""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.delivery import Delivery, Layout
from schemas.registers.common import day, file_year, person_identifier
from schemas.rules import in_use, not_after_as_of, plausible_year
from schemas.variable import Demand, Entity, Identifiability, Severity, Table, TableFacts, variable

benefits = partial(variable, source="FD-Trygd", demand=Demand.LAW)


class Benefit(Table):
    """One row for each day a benefit started or stopped."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="FD-Trygd",
        source_name="FDTRYGD",
        nb="Ytelser",
        en="Benefits",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "benefit", "event", "event_on"),
        dated_by="event_on",
        rules=(
            plausible_year("event_on"),
            not_after_as_of("event_on"),
            # Counted only: the change of 2010 took months to reach every case.
            in_use("benefit", "event_on", codes.BENEFIT, severity=Severity.CHARACTERISATION),
        ),
    )

    person_identifier: str = person_identifier(benefits, source_name="ident")
    year: int = file_year(benefits, source_name="aar")
    benefit: str = benefits(
        nb="Ytelse",
        en="Benefit",
        source_name="ytelse",
        codes=codes.BENEFIT,
        identifiability=Identifiability.INDIRECT,
        # Sickness, disability and work assessment say something of health (GDPR art. 9).
        special_category=True,
    )
    event: str = benefits(
        nb="Start eller stopp",
        en="Start or stop",
        source_name="hendelse",
        codes=codes.BENEFIT_EVENT,
        identifiability=Identifiability.INDIRECT,
    )
    event_on: pl.Date = day(benefits, source_name="dato", nb="Dato", en="Date")
    grade: int = benefits(
        nb="Grad",
        en="Grade",
        source_name="grad",
        ge=1,
        le=100,
        unit="percent",
        identifiability=Identifiability.INDIRECT,
        special_category=True,
        min_filled=0.0,
    )


BENEFIT_DELIVERY = Delivery(
    table=Benefit,
    file_name="FDTRYGD_{year}.sav",
    period_column="year",
    layout=Layout.SPSS,
)
