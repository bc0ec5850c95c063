"""The person and the person's identifiers."""

from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.common import Table, key_of_person, socio, socio_table
from schemas.rules import not_after_as_of, plausible_year
from schemas.variable import (
    Demand,
    EmptyMeans,
    Entity,
    Identifiability,
    InCore,
    Key,
    KeyKind,
    TableFacts,
)

_GRANT = Demand.GRANT
_NOBODY = Demand.NOBODY


class Person(Table):
    """One row for each person the case system knows."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="person",
        nb="Person",
        en="Person",
        unit=Entity.PERSON,
        primary_key=("person_id",),
        dated_by="created_on",
        dates_registration=True,
        rules=(
            plausible_year("birth_date"),
            not_after_as_of("birth_date"),
            not_after_as_of("created_on"),
        ),
    )

    person_id: int = key_of_person(references=None)
    created_on: pl.Date = socio(
        nb="Opprettet",
        en="Created on",
        source_name="opprettet",
        identifiability=Identifiability.INDIRECT,
        demand=_GRANT,
        min_filled=0.99,
    )
    first_name: str = socio(
        nb="Fornavn",
        en="First name",
        source_name="fornavn",
        identifiability=Identifiability.DIRECT,
        demand=_GRANT,
        min_filled=0.99,
    )
    last_name: str = socio(
        nb="Etternavn",
        en="Last name",
        source_name="etternavn",
        identifiability=Identifiability.DIRECT,
        demand=_GRANT,
        min_filled=0.99,
    )
    sex: str = socio(
        nb="Kjønn",
        en="Sex",
        source_name="kjonn",
        codes=codes.SEX,
        identifiability=Identifiability.INDIRECT,
        demand=_GRANT,
        min_filled=0.97,
    )
    birth_date: pl.Date = socio(
        nb="Fødselsdato",
        en="Date of birth",
        source_name="fdato",
        identifiability=Identifiability.INDIRECT,
        demand=_GRANT,
        min_filled=0.97,
    )
    birth_date_source: str = socio(
        nb="Kilde for fødselsdato",
        en="Source of the birth date",
        source_name="fdato_kilde",
        codes=codes.BIRTH_DATE_SOURCE,
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
        min_filled=0.5,
    )
    country_of_birth: str = socio(
        nb="Fødeland",
        en="Country of birth",
        source_name="landkode",
        codes=codes.COUNTRY,
        identifiability=Identifiability.INDIRECT,
        demand=_GRANT,
        min_filled=0.97,
    )
    citizenship: str = socio(
        nb="Statsborgerskap",
        en="Citizenship",
        source_name="statsborger",
        codes=codes.COUNTRY,
        identifiability=Identifiability.INDIRECT,
        demand=_GRANT,
        min_filled=0.95,
    )
    mother_tongue: str = socio(
        nb="Morsmål",
        en="Mother tongue",
        source_name="morsmaal",
        matches=r"^[a-z]{3}$",
        identifiability=Identifiability.INDIRECT,
        demand=_NOBODY,
        min_filled=0.4,
        special_category=True,
    )
    needs_interpreter: bool = socio(
        nb="Tolkebehov",
        en="Needs an interpreter",
        source_name="tolkebehov",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
        min_filled=0.3,
    )
    protection: str = socio(
        nb="Adressesperre",
        en="Protected address",
        source_name="skjermet",
        codes=codes.PROTECTION,
        identifiability=Identifiability.INDIRECT,
        demand=Demand.LAW,
        min_filled=0.99,
    )
    research_reservation: bool = socio(
        nb="Reservert mot forskning",
        en="Reserved against research",
        source_name="reservert_forskning",
        identifiability=Identifiability.INDIRECT,
        demand=Demand.LAW,
        min_filled=0.9,
        evidence="F12",
    )


class Identifier(Table):
    """One row for each identifier a person has, or has had: DUF, then D-number, then fødselsnummer."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="ident",
        nb="Ident",
        en="Identifier",
        unit=Entity.PERSON,
        primary_key=("person_id", "identifier_type", "identifier", "valid_from"),
        dated_by="valid_from",
        rules=(plausible_year("valid_from"),),
    )

    person_id: int = key_of_person()
    identifier_type: str = socio(
        nb="Identtype",
        en="Type of identifier",
        source_name="type",
        codes=codes.IDENTIFIER_TYPE,
        identifiability=Identifiability.NONE,
        demand=_GRANT,
    )
    identifier: str = socio(
        nb="Ident",
        en="Identifier",
        source_name="verdi",
        identifiability=Identifiability.DIRECT,
        demand=_GRANT,
        key=Key(entity=Entity.PERSON, kind=KeyKind.OFFICIAL, in_core=InCore.DROPPED),
    )
    valid_from: pl.Date = socio(
        nb="Gyldig fra",
        en="Valid from",
        source_name="fra",
        identifiability=Identifiability.INDIRECT,
        demand=_GRANT,
    )
    valid_to: pl.Date = socio(
        nb="Gyldig til",
        en="Valid to",
        source_name="til",
        identifiability=Identifiability.INDIRECT,
        demand=_NOBODY,
        empty_means=EmptyMeans(nb="Identen gjelder fortsatt.", en="The identifier is still in force."),
        min_filled=0.0,
    )
    evidence: str = socio(
        nb="Kilde",
        en="Evidence",
        source_name="kilde",
        matches=r"^[a-z]{1,20}$",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
        min_filled=0.5,
    )
    is_valid: bool = socio(
        nb="Gyldig",
        en="Marked as valid",
        source_name="gyldig",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
        min_filled=0.5,
    )
