"""What registers declare in the same way: who the row is about, where, and which year's file it is in."""

from collections.abc import Callable
from typing import Any

from schemas.case_system.case import MUNICIPALITY_PATTERN
from schemas.rules import LAST_PLAUSIBLE_YEAR
from schemas.variable import Demand, Entity, Identifiability, Key, KeyKind

FIRST_DELIVERY_YEAR = 2005


def person_identifier(declare: Callable[..., Any], *, source_name: str, **facts: Any) -> Any:
    """A fødselsnummer, D-number or DUF number as the register wrote it: becomes `person_key` in core."""
    return declare(
        **(
            {
                "nb": "Personens ident",
                "en": "Identifier of the person",
                "source_name": source_name,
                "identifiability": Identifiability.DIRECT,
                "demand": Demand.LAW,
                "key": Key(entity=Entity.PERSON, kind=KeyKind.OFFICIAL),
            }
            | facts
        )
    )


def municipality_number(declare: Callable[..., Any], *, source_name: str, **facts: Any) -> Any:
    """A municipality's number as it was that year."""
    return declare(
        **(
            {
                "nb": "Kommune",
                "en": "Municipality",
                "source_name": source_name,
                "matches": MUNICIPALITY_PATTERN,
                "identifiability": Identifiability.INDIRECT,
            }
            | facts
        )
    )


def file_year(declare: Callable[..., Any], *, source_name: str, nb: str = "År", en: str = "Year") -> Any:
    """The year of the delivery; without a name in the source it is the one in the file's name."""
    return declare(
        nb=nb,
        en=en,
        source_name=source_name,
        ge=FIRST_DELIVERY_YEAR,
        le=LAST_PLAUSIBLE_YEAR,
        unit="year",
        identifiability=Identifiability.NONE,
    )


def day(declare: Callable[..., Any], *, source_name: str, nb: str, en: str, **facts: Any) -> Any:
    """A day in a person's life."""
    return declare(nb=nb, en=en, source_name=source_name, identifiability=Identifiability.INDIRECT, **facts)
