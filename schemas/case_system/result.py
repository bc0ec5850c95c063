"""What came of a programme: the final result, which goes to NIR, and partial results on the way."""

from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.common import (
    Table,
    key_of_person,
    key_of_programme,
    socio,
    socio_table,
)
from schemas.demands import due
from schemas.rules import not_after_as_of, plausible_year
from schemas.variable import Demand, Entity, Identifiability, Population, TableFacts

_NIR = Demand.NIR
_PARTICIPANTS = Population.PARTICIPANTS


class PartialResult(Table):
    """One row for each test taken, education recognised or course completed."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="delresultat",
        nb="Delresultat",
        en="Partial result",
        unit=Entity.PERSON,
        primary_key=("person_id", "dated_on", "partial_result"),
        dated_by="dated_on",
        expected_per=Entity.PERSON,
        rules=(plausible_year("dated_on"), not_after_as_of("dated_on")),
    )

    person_id: int = key_of_person(demand=Demand.NOBODY)
    dated_on: pl.Date = socio(
        nb="Dato",
        en="Date",
        source_name="dato",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
    )
    partial_result: str = socio(
        nb="Delresultat",
        en="Partial result",
        source_name="type",
        codes=codes.PARTIAL_RESULT,
        identifiability=Identifiability.NONE,
        demand=Demand.NOBODY,
    )
    test_result: str = socio(
        nb="Prøveresultat",
        en="Test result",
        source_name="resultat",
        codes=codes.TEST_RESULT,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.NOBODY,
        min_filled=0.4,
    )


class Result(Table):
    """One row for each programme that has a final result (sluttresultat)."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="sluttresultat",
        nb="Sluttresultat",
        en="Final result",
        unit=Entity.PROGRAMME,
        primary_key=("programme_id",),
        dated_by="dated_on",
        expected_per=Entity.PROGRAMME,
        due=due(_NIR, after="ended_on"),
        dates_registration=True,
        applies_to=_PARTICIPANTS,
        rules=(plausible_year("dated_on"), not_after_as_of("dated_on")),
    )

    programme_id: int = key_of_programme()
    dated_on: pl.Date = socio(
        nb="Dato",
        en="Date",
        source_name="dato",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.8,
    )
    result: str = socio(
        nb="Sluttresultat",
        en="Final result",
        source_name="kode",
        codes=codes.RESULT,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.8,
        special_category=True,
    )
    nir_exit: str = socio(
        nb="Avslutningsårsak i NIR",
        en="Reason of exit in NIR",
        source_name="nir_kode",
        codes=codes.NIR_EXIT,
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.INDIRECT,
        demand=_NIR,
        min_filled=0.8,
        special_category=True,
    )
    sent_to_nir_on: pl.Date = socio(
        nb="Overført NIR",
        en="Sent to NIR on",
        source_name="overfort_nir_dato",
        applies_to=_PARTICIPANTS,
        identifiability=Identifiability.NONE,
        demand=_NIR,
        min_filled=0.7,
    )
