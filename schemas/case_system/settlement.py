"""Why a person may stay, and where the person was settled."""

from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.case import MUNICIPALITY_PATTERN
from schemas.case_system.common import Table, key_of_person, socio, socio_table
from schemas.rules import not_after_as_of, plausible_year
from schemas.variable import Demand, Entity, Identifiability, TableFacts


class ResidencePermit(Table):
    """One row for each ground a person has had to stay."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="opphold",
        nb="Opphold",
        en="Residence permit",
        unit=Entity.PERSON,
        primary_key=("person_id", "valid_from"),
        dated_by="valid_from",
        expected_per=Entity.PERSON,
        rules=(plausible_year("valid_from"), plausible_year("decided_on")),
    )

    person_id: int = key_of_person()
    valid_from: pl.Date = socio(
        nb="Gyldig fra",
        en="Valid from",
        source_name="fra",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
    )
    permit_ground: str = socio(
        nb="Oppholdsgrunnlag",
        en="Ground of the permit",
        source_name="grunnlag",
        codes=codes.PERMIT_GROUND,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        min_filled=0.97,
        special_category=True,
    )
    decided_on: pl.Date = socio(
        nb="Vedtaksdato",
        en="Decided on",
        source_name="vedtaksdato",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        min_filled=0.97,
    )
    reference_person_id: int = key_of_person(
        nb="Hovedperson",
        en="Reference person",
        source_name="hovedperson_pid",
        demand=Demand.GRANT,
        min_filled=0.0,
    )


class Settlement(Table):
    """One row for each settlement of a person in the municipality."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="bosetting",
        nb="Bosetting",
        en="Settlement",
        unit=Entity.PERSON,
        primary_key=("person_id", "settled_on"),
        dated_by="settled_on",
        expected_per=Entity.PERSON,
        rules=(plausible_year("settled_on"), not_after_as_of("settled_on")),
    )

    person_id: int = key_of_person()
    settled_on: pl.Date = socio(
        nb="Bosatt dato",
        en="Settled on",
        source_name="dato",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
    )
    settlement_form: str = socio(
        nb="Bosettingsform",
        en="Form of settlement",
        source_name="form",
        codes=codes.SETTLEMENT_FORM,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        min_filled=0.85,
    )
    from_reception_centre: bool = socio(
        nb="Fra mottak",
        en="From a reception centre",
        source_name="fra_mottak",
        identifiability=Identifiability.NONE,
        demand=Demand.GRANT,
        min_filled=0.85,
    )
    municipality: str = socio(
        nb="Kommune",
        en="Municipality",
        source_name="kommunenr",
        matches=MUNICIPALITY_PATTERN,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
    )
    bydel: str = socio(
        nb="Bydel",
        en="Bydel",
        source_name="bydel",
        codes=codes.BYDEL,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.GRANT,
        min_filled=0.97,
    )
