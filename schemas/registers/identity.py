"""The population register's identifier history: which number took over from which.

The register itself says that two numbers are one person's; nobody here does. A D-number gives way to a
fødselsnummer, a fødselsnummer to another when the birth date or the sex is corrected, and a DUF number
points to the number its holder was given (facts §2.3). The layout of the file is invented (P).
"""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.delivery import Delivery, Layout
from schemas.registers.common import person_identifier
from schemas.rules import LAST_PLAUSIBLE_YEAR, not_after_as_of, plausible_year
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    InCore,
    Key,
    KeyKind,
    Table,
    TableFacts,
    variable,
)

history = partial(variable, source="Population register", demand=Demand.LAW)

# Evidence for the spine, and nothing in core: there a person is a key already.
_EVIDENCE = Key(entity=Entity.PERSON, kind=KeyKind.OFFICIAL, in_core=InCore.DROPPED)


class IdentifierLink(Table):
    """One row for each number that another one took over from, in the year of the change."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="Population register",
        source_name="FREG_identhistorikk",
        nb="Identhistorikk",
        en="Identifier history",
        unit=Entity.PERSON,
        primary_key=("identifier", "replaced_by"),
        dated_by="linked_on",
        rules=(plausible_year("linked_on"), not_after_as_of("linked_on")),
    )

    year: int = history(
        nb="År",
        en="Year",
        source_name="aar",
        ge=2005,
        le=LAST_PLAUSIBLE_YEAR,
        unit="year",
        identifiability=Identifiability.NONE,
    )
    identifier: str = person_identifier(
        history, source_name="ident", nb="Tidligere ident", en="Earlier identifier", key=_EVIDENCE
    )
    replaced_by: str = person_identifier(
        history, source_name="ny_ident", nb="Ny ident", en="New identifier", key=_EVIDENCE
    )
    linked_on: pl.Date = history(
        nb="Dato for koblingen",
        en="Date of the link",
        source_name="dato",
        identifiability=Identifiability.INDIRECT,
    )
    link_cause: str = history(
        nb="Årsak til koblingen",
        en="Cause of the link",
        source_name="aarsak",
        codes=codes.LINK_CAUSE,
        # A corrected sex may say what the law counts among the special categories.
        identifiability=Identifiability.INDIRECT,
        special_category=True,
    )


IDENTITY_DELIVERY = Delivery(
    table=IdentifierLink,
    file_name="FREG_identhistorikk_{year}.csv",
    period_column="year",
    layout=Layout.SEPARATED,
    encoding="utf-8",
    separator=",",
)
