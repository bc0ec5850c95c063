"""What every register declares in the same way: the official identifier that names the person."""

from collections.abc import Callable
from typing import Any

from schemas.variable import Demand, Entity, Identifiability, Key, KeyKind


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
