"""What every table of the case system declares in the same way: its source, and a key to a person."""

from functools import partial
from typing import Any

from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    Key,
    Table,
    TableFacts,
    variable,
)

socio = partial(variable, source="Socio")
socio_table = partial(TableFacts, source="Socio")

ID_PATTERN = r"^[0-9A-Z-]{1,16}$"


def key_of_person(*, references: str | None = "person", demand: Demand = Demand.GRANT, **changed: Any) -> Any:
    """The case system's own number of a person: means nothing outside it, re-keyed in core."""
    usual: dict[str, Any] = {
        "nb": "Personnummer i fagsystemet",
        "en": "The case system's number of the person",
        "source_name": "pid",
        "identifiability": Identifiability.PSEUDONYM,
        "demand": demand,
        "key": Key(entity=Entity.PERSON, references=references),
    }
    return socio(**(usual | changed))


def key_of_case(**changed: Any) -> Any:
    """The case system's number of a case."""
    usual: dict[str, Any] = {
        "nb": "Saksnummer",
        "en": "Case number",
        "source_name": "saknr",
        "identifiability": Identifiability.PSEUDONYM,
        "demand": Demand.GRANT,
        "key": Key(entity=Entity.CASE, references="case"),
    }
    return socio(matches=ID_PATTERN, **(usual | changed))


def key_of_programme(**changed: Any) -> Any:
    """The case system's number of a programme."""
    usual: dict[str, Any] = {
        "nb": "Programnummer",
        "en": "Programme number",
        "source_name": "prog_id",
        "identifiability": Identifiability.PSEUDONYM,
        "demand": Demand.NIR,
        "key": Key(entity=Entity.PROGRAMME, references="programme"),
    }
    return socio(**(usual | changed))


def key_of_employee(**changed: Any) -> Any:
    """The case system's number of an employee: an adviser's spread may be shown, never an adviser."""
    usual: dict[str, Any] = {
        "nb": "Ansatt",
        "en": "Employee",
        "identifiability": Identifiability.INDIRECT,
        "demand": Demand.NOBODY,
        "key": Key(entity=Entity.EMPLOYEE),
        "min_filled": 0.9,
    }
    return socio(matches=ID_PATTERN, **(usual | changed))


__all__ = [
    "ID_PATTERN",
    "Table",
    "key_of_case",
    "key_of_employee",
    "key_of_person",
    "key_of_programme",
    "socio",
    "socio_table",
]
