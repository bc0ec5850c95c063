"""Norwegian tests: one SAS transport file a year, a row for each part of a test somebody sat.

Two regimes, never compared: to 2013 Norskprøve 2 and 3 were passed or not; from 2014 a test places the
candidate on a level and nobody fails (F19, F55). A result belongs to its regime by its code list, so no
scale of ours holds both. The municipality is that of the training, not of residence (F19). The layout of
the file is invented (P).
"""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.delivery import Delivery, Layout
from schemas.registers.common import day, file_year, municipality_number, person_identifier
from schemas.rules import belongs_to, in_use, not_after_as_of, plausible_year
from schemas.variable import Demand, Entity, Identifiability, Table, TableFacts, variable

language_test = partial(variable, source="Language test register", demand=Demand.LAW)


class LanguageTest(Table):
    """One row for each part of a test and the day it was sat."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="Language test register",
        source_name="NORSKPROVE",
        nb="Norskprøver",
        en="Norwegian tests",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "regime", "part", "tested_on"),
        dated_by="tested_on",
        rules=(
            plausible_year("tested_on"),
            not_after_as_of("tested_on"),
            in_use("regime", "tested_on", codes.TEST_REGIME),
            in_use("result", "tested_on", codes.TEST_LEVEL),
            belongs_to("result", "regime", codes.TEST_LEVEL),
            belongs_to("enrolled_level", "regime", codes.TEST_ENROLMENT),
        ),
    )

    person_identifier: str = person_identifier(language_test, source_name="ident")
    year: int = file_year(language_test, source_name="aar")
    regime: str = language_test(
        nb="Prøveordning",
        en="Test regime",
        source_name="regime",
        codes=codes.TEST_REGIME,
        identifiability=Identifiability.NONE,
        evidence="F19",
    )
    part: str = language_test(
        nb="Delprøve",
        en="Part of the test",
        source_name="del",
        codes=codes.TEST_PART,
        identifiability=Identifiability.NONE,
    )
    tested_on: pl.Date = day(language_test, source_name="dato", nb="Prøvedato", en="Tested on")
    enrolled_level: str = language_test(
        nb="Oppmeldt til",
        en="Enrolled for",
        source_name="oppmeldt",
        codes=codes.TEST_ENROLMENT,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    result: str = language_test(
        nb="Resultat",
        en="Result",
        source_name="resultat",
        codes=codes.TEST_LEVEL,
        identifiability=Identifiability.INDIRECT,
        evidence="F19",
    )
    municipality: str = municipality_number(
        language_test, source_name="kommune_oppl", nb="Kommune for opplæringen", en="Municipality of training"
    )


LANGUAGE_TEST_DELIVERY = Delivery(
    table=LanguageTest,
    file_name="NORSKPROVE_{year}.xpt",
    period_column="year",
    layout=Layout.SAS_TRANSPORT,
)
