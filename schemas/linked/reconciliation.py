"""Where the case system and NIR tell of the same programme differently, and programmes to look at."""

from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.case_system.case import Case
from schemas.case_system.programme import Programme
from schemas.linked.outcome import declare_person_key, declare_programme_key, linked, linked_table
from schemas.rules import LAST_PLAUSIBLE_YEAR
from schemas.variable import Entity, Identifiability, Key, Table, TableFacts, derived

NO_YEAR = 0  # of a programme with no date at all


def declare_year(**changed: Any) -> Any:
    """The calendar year something is counted in."""
    usual: dict[str, Any] = {"nb": "År", "en": "Year", "unit": "year", "le": LAST_PLAUSIBLE_YEAR}
    return linked(**(usual | changed))


def declare_count(nb: str, en: str) -> Any:
    """A number of persons or programmes, exact: for `disclosure` before anybody sees it."""
    return linked(nb=nb, en=en, ge=0, unit="number")


class ProgrammeChain(Table):
    """One row for each programme, with the chain it belongs to: what a move between bydeler split is one.

    The chain began when its first programme did, under that programme's act, and ended, where it ran, as
    its last programme did.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="programme_chain",
        nb="Programkjede",
        en="Programme chain",
        unit=Entity.PROGRAMME,
        primary_key=("programme_key",),
    )

    person_key: int = declare_person_key()
    programme_key: int = declare_programme_key()
    number: int = linked(nb="Kjedens nummer for personen", en="Number of the chain", ge=1, unit="number")
    first_programme_key: int = declare_programme_key()
    last_programme_key: int = declare_programme_key()
    law: str = derived(Programme, "law", min_filled=0.0)
    bydel: str = derived(Case, "bydel", min_filled=0.0)
    began_on: pl.Date = derived(Programme, "started_on", min_filled=0.0)
    ended_on: pl.Date = derived(Programme, "ended_on", min_filled=0.0)
    programme_status: str = derived(Programme, "programme_status", min_filled=0.0)


class Reconciliation(Table):
    """One row for each difference between a programme and NIR's report of it, or one that says they agree.

    A programme is a chain: what a move between bydeler split is one. A chain with several differences has
    several rows; every chain has a row, and so has every report of NIR that belongs to no chain. `number`
    is the chain's number for the person or, for `only_in_nir`, the report's; `programme_key` is the last
    programme of the chain, `bydel` where it ran.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="reconciliation",
        nb="Avstemming mot NIR",
        en="Reconciliation with NIR",
        unit=Entity.PROGRAMME,
        primary_key=("person_key", "kind", "number"),
    )

    person_key: int = declare_person_key()
    kind: str = linked(
        nb="Avvik",
        en="Difference",
        codes=codes.RECONCILIATION_KIND,
        identifiability=Identifiability.INDIRECT,
    )
    number: int = linked(nb="Nummer for personen", en="Number for the person", ge=1, unit="number")
    programme_key: int = linked(
        nb="Intern programnøkkel",
        en="Internal programme key",
        identifiability=Identifiability.PSEUDONYM,
        key=Key(entity=Entity.PROGRAMME),
        min_filled=0.0,
    )
    days_apart: int = linked(
        nb="Dager fra hverandre",
        en="Days apart",
        ge=0,
        unit="days",
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    changed_last: str = linked(nb="Hvem som endret sist", en="Who changed it last", codes=codes.CHANGED_LAST)
    bydel: str = derived(Case, "bydel", min_filled=0.0)
    year: int = declare_year(ge=1900, identifiability=Identifiability.INDIRECT, min_filled=0.0)


class ReconciliationSummary(Table):
    """One row for each difference, year and bydel that has any: how many programmes."""

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="reconciliation_summary",
        nb="Avstemming mot NIR, sammendrag",
        en="Reconciliation with NIR, summary",
        unit=Entity.ORGANISATION,
        primary_key=("kind", "year", "bydel"),
    )

    kind: str = linked(nb="Avvik", en="Difference", codes=codes.RECONCILIATION_KIND)
    year: int = declare_year(ge=NO_YEAR)
    bydel: str = derived(Case, "bydel", min_filled=1.0)
    programmes: int = declare_count("Programmer", "Programmes")


class ProgrammeFlag(Table):
    """One row for each programme and thing about it that somebody should look at.

    `law` is the rules that applied on the day the programme began, null where no start is known.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="programme_flag",
        nb="Merknad til program",
        en="Programme flag",
        unit=Entity.PROGRAMME,
        primary_key=("programme_key", "flag"),
    )

    person_key: int = declare_person_key()
    programme_key: int = declare_programme_key()
    flag: str = linked(
        nb="Merknad", en="Flag", codes=codes.PROGRAMME_FLAG, identifiability=Identifiability.INDIRECT
    )
    law: str = linked(
        nb="Regler som gjaldt ved start",
        en="Rules that applied at the start",
        codes=codes.APPLIED_LAW,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    bydel: str = derived(Case, "bydel", min_filled=0.0)
    year: int = declare_year(ge=1900, identifiability=Identifiability.INDIRECT, min_filled=0.0)
