"""The `core` zone's tables, derived from the facts of the source tables: never declared a second time.

A direct identifier and free text are gone, every key that remains is an internal number, everything
else is as it was.
"""

from dataclasses import replace
from types import new_class
from typing import Any, cast

import pandera.polars as pa

from schemas.variable import (
    FAILURE_CASES_KEPT,
    Column,
    Entity,
    InCore,
    KeyKind,
    Table,
    TableFacts,
    columns,
    facts,
)

# What an internal key is a key to, in nb and en.
KEY_LABELS = {
    Entity.PERSON: ("person", "person"),
    Entity.CASE: ("sak", "case"),
    Entity.PROGRAMME: ("program", "programme"),
    Entity.EMPLOYEE: ("ansatt", "employee"),
    Entity.CLAIM: ("krav", "claim"),
    Entity.ACTIVITY: ("aktivitet", "activity"),
    Entity.ORGANISATION: ("virksomhet", "organisation"),
}


def in_core(table: type[Table]) -> type[Table]:
    """The table as it stands in `core`."""
    kept = [c for c in columns(table) if c.core_name is not None]
    names = {c.name: str(c.core_name) for c in kept}
    body = {
        "__module__": __name__,
        "__doc__": table.__doc__,
        "__facts__": _facts(facts(table), names),
        "__annotations__": {names[c.name]: _annotation(c) for c in kept},
        **{names[c.name]: _field(c) for c in kept},
    }
    return cast(
        type[Table], new_class(f"Core{table.__name__}", (Table,), exec_body=lambda ns: ns.update(body))
    )


def _facts(about: TableFacts, names: dict[str, str]) -> TableFacts:
    return TableFacts(
        source=about.source,
        source_name=about.source_name,
        nb=about.nb,
        en=about.en,
        unit=about.unit,
        # Where a column of the primary key is dropped, what is left need not be unique.
        primary_key=tuple(names[k] for k in about.primary_key if set(about.primary_key) <= set(names)),
        dated_by=about.dated_by,
        expected_per=about.expected_per,
        applies_to=about.applies_to,
    )


def _annotation(column: Column) -> Any:
    return int if column.about.key else column.dtype


def _field(column: Column) -> Any:
    about = column.about
    checks = {name: dict(statistics) for name, statistics in column.rules}
    if about.key:
        nb, en = KEY_LABELS[about.key.entity]
        internal = replace(about, nb=f"Intern nøkkel: {nb}", en=f"Internal key: {en}", source_name="")
        return pa.Field(nullable=column.nullable, ge=1, metadata={"about": internal})
    return pa.Field(
        isin=sorted(about.codes.values()) if about.codes else None,
        ge=checks.get("greater_than_or_equal_to", {}).get("min_value"),
        le=checks.get("less_than_or_equal_to", {}).get("max_value"),
        str_matches=checks.get("str_matches", {}).get("pattern"),
        nullable=column.nullable,
        n_failure_cases=FAILURE_CASES_KEPT,
        metadata={"about": about},
    )


def is_rekeyed_by_identifier(column: Column) -> bool:
    """Whether the column becomes a person key through an official identifier, not the source's number."""
    key = column.about.key
    return key is not None and key.kind is KeyKind.OFFICIAL and key.in_core is InCore.REKEYED


def stand_in(table: type[Table], column: Column) -> Column | None:
    """The column that says who is meant where `column` names nobody; None where the table has none."""
    others = [c for c in columns(table) if c.about.key and c.about.key.stands_in_for == column.name]
    return others[0] if others else None
