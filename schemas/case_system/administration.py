"""What the case system keeps about itself: notes, code lists, the change log."""

from typing import ClassVar

import polars as pl

from schemas.case_system.common import (
    Table,
    key_of_case,
    key_of_employee,
    socio,
    socio_table,
)
from schemas.rules import in_order
from schemas.variable import Demand, Entity, Identifiability, InCore, Key, TableFacts

_NOBODY = Demand.NOBODY


class Note(Table):
    """Free-text notes. Declared so that nobody asks again; never extracted."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="notat",
        nb="Notat",
        en="Note",
        unit=Entity.CASE,
        primary_key=("note_id",),
        dated_by="dated_on",
        extracted=False,
        why_not_extracted="free text holds names, health and third persons; no research purpose needs it",
    )

    note_id: int = socio(
        nb="Notatnummer",
        en="Note number",
        source_name="notat_id",
        identifiability=Identifiability.PSEUDONYM,
        demand=_NOBODY,
        key=Key(entity=Entity.CASE, in_core=InCore.DROPPED),
    )
    case_id: str = key_of_case(demand=_NOBODY)
    dated_on: pl.Date = socio(
        nb="Dato",
        en="Date",
        source_name="dato",
        identifiability=Identifiability.INDIRECT,
        demand=_NOBODY,
    )
    author_id: str = key_of_employee(
        source_name="forfatter",
        nb="Forfatter",
        en="Author",
        key=Key(entity=Entity.EMPLOYEE, in_core=InCore.DROPPED),
    )
    text: str = socio(
        nb="Tekst",
        en="Text",
        source_name="tekst",
        free_text=True,
        identifiability=Identifiability.DIRECT,
        demand=_NOBODY,
        min_filled=0.9,
        special_category=True,
    )


class CodeListEntry(Table):
    """One row for each code and period in the case system's own code lists."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="kodeverk",
        nb="Kodeverk",
        en="Code list",
        unit=Entity.ORGANISATION,
        primary_key=("list_name", "code", "valid_from"),
        dated_by="valid_from",
        rules=(in_order("valid_from", "valid_to"),),
    )

    list_name: str = socio(
        nb="Liste",
        en="List",
        source_name="liste",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
    )
    code: str = socio(
        nb="Kode",
        en="Code",
        source_name="kode",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
    )
    valid_from: pl.Date = socio(
        nb="Fra",
        en="From",
        source_name="fra",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
    )
    valid_to: pl.Date = socio(
        nb="Til",
        en="To",
        source_name="til",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
        min_filled=0.0,
    )
    label: str = socio(
        nb="Tekst",
        en="Label",
        source_name="tekst",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
    )
    replaces: str = socio(
        nb="Erstatter",
        en="Replaces",
        source_name="erstatter",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
        min_filled=0.0,
    )


class ChangeLog(Table):
    """One row for each change of a field: when a value was really registered."""

    __facts__: ClassVar[TableFacts] = socio_table(
        source_name="endringslogg",
        nb="Endringslogg",
        en="Change log",
        unit=Entity.ORGANISATION,
        primary_key=("change_id",),
        dated_by="changed_on",
    )

    change_id: int = socio(
        nb="Endringsnummer",
        en="Change number",
        source_name="endring_id",
        identifiability=Identifiability.PSEUDONYM,
        demand=_NOBODY,
        key=Key(entity=Entity.CASE, in_core=InCore.DROPPED),
    )
    changed_table: str = socio(
        nb="Tabell",
        en="Table",
        source_name="tabell",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
    )
    row_key_id: str = socio(
        nb="Radens nøkkel",
        en="Key of the row",
        source_name="pk",
        identifiability=Identifiability.INDIRECT,
        demand=_NOBODY,
        key=Key(entity=Entity.PERSON, in_core=InCore.DROPPED),
    )
    field: str = socio(
        nb="Felt",
        en="Field",
        source_name="felt",
        identifiability=Identifiability.NONE,
        demand=_NOBODY,
    )
    old_value: str = socio(
        nb="Gammel verdi",
        en="Old value",
        source_name="gammel",
        free_text=True,
        identifiability=Identifiability.DIRECT,
        demand=_NOBODY,
        min_filled=0.0,
        special_category=True,
    )
    new_value: str = socio(
        nb="Ny verdi",
        en="New value",
        source_name="ny",
        free_text=True,
        identifiability=Identifiability.DIRECT,
        demand=_NOBODY,
        min_filled=0.0,
        special_category=True,
    )
    changed_on: pl.Date = socio(
        nb="Endret",
        en="Changed on",
        source_name="tid",
        identifiability=Identifiability.INDIRECT,
        demand=_NOBODY,
    )
    changed_by_id: str = key_of_employee(
        source_name="bruker",
        nb="Bruker",
        en="User",
        key=Key(entity=Entity.EMPLOYEE, in_core=InCore.DROPPED),
    )
