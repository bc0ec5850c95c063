"""A table of municipalities and years that can hold no person, and figures that may be withheld.

`MunicipalTable` is a `Table` whose class cannot be defined with anything that leads to a person, a case,
a programme or an employee. What does not belong here: how such a table is joined (`pipeline`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from schemas import codes
from schemas.case_system.case import MUNICIPALITY_PATTERN
from schemas.delivery import Delivery, Layout
from schemas.rules import FIRST_PROGRAMME_YEAR, LAST_PLAUSIBLE_YEAR
from schemas.variable import (
    Column,
    Demand,
    Entity,
    Identifiability,
    RowRule,
    Table,
    TableFacts,
    columns,
    facts,
    variable,
)

MUNICIPALITY, YEAR = "municipality", "year"
# What a column that leads to somebody is called, here and everywhere.
_ENDINGS_OF_KEYS = ("_key", "_id", "_identifier", "pseudonym")
_MAY_IDENTIFY = (Identifiability.NONE, Identifiability.INDIRECT)
STATED, BLANK = "stated", "blank"
MARKS = {"<5": "below_5", ":": "withheld"}

municipal = partial(variable, demand=Demand.NOBODY, identifiability=Identifiability.NONE)
municipal_table = partial(TableFacts, unit=Entity.ORGANISATION)


class MunicipalTable(Table):
    """A table whose rows are a municipality's in a year, and nobody's.

    Defining one with a key, an identifier, free text, a column derived from another table, or a primary
    key that does not begin with municipality and year raises TypeError.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse the class, when it is defined, if it could be joined to a person."""
        super().__init_subclass__(**kwargs)  # type: ignore[no-untyped-call]  # Pandera's
        about = facts(cls)
        if about.primary_key[:2] != (MUNICIPALITY, YEAR):
            raise TypeError(f"{cls.__name__}: the primary key begins with {MUNICIPALITY} and {YEAR}")
        if about.unit is not Entity.ORGANISATION or about.expected_per is not None:
            raise TypeError(f"{cls.__name__}: a row is a municipality's, never a {about.unit}'s")
        if cls.to_schema().columns[MUNICIPALITY].dtype.type != pl.String:
            raise TypeError(f"{cls.__name__}: the number of a municipality is text")
        for column in columns(cls):
            if (why := leads_to_somebody(column)) is not None:
                raise TypeError(f"{column.path}: {why}; this source cannot be joined to persons")
            if column.about.derived_from:
                raise TypeError(f"{column.path}: derived from another table; this source is read as it came")


def leads_to_somebody(column: Column) -> str | None:
    """Why rows with this column could be joined to somebody; None where they could not."""
    about = column.about
    if about.key is not None:
        return f"a key to a {about.key.entity}"
    if about.identifiability not in _MAY_IDENTIFY:
        return f"a {about.identifiability} identifier"
    if column.name.endswith(_ENDINGS_OF_KEYS):
        return "a name that keys have"
    return "free text" if about.free_text else None


def municipality(declare: Callable[..., Any]) -> Any:
    """The municipality's number as it was that year: text, never a whole number."""
    return declare(
        nb="Kommune",
        en="Municipality",
        source_name="kommunenr",
        matches=MUNICIPALITY_PATTERN,
        identifiability=Identifiability.INDIRECT,
    )


def year(declare: Callable[..., Any], **changed: Any) -> Any:
    """The year the figures are of."""
    usual = {"nb": "År", "en": "Year", "source_name": "aar", "unit": "year"}
    return declare(ge=FIRST_PROGRAMME_YEAR, le=LAST_PLAUSIBLE_YEAR, **(usual | changed))


def figure(declare: Callable[..., Any], **facts_of_figure: Any) -> Any:
    """A figure that may be withheld: null says nothing until its `state` beside it has been read."""
    return declare(**({"min_filled": 0.0} | facts_of_figure))


def state(declare: Callable[..., Any], *, of_nb: str, of_en: str) -> Any:
    """Whether the figure beside it is stated, below 5, withheld or blank: read from the same field."""
    return declare(nb=f"{of_nb}: tilstand", en=f"{of_en}: state", source_name="", codes=codes.FIGURE_STATE)


def state_of(name: str) -> str:
    """The column that tells the state of the figure `name`."""
    return f"{name}_state"


def agrees_with_state(name: str) -> RowRule:
    """A figure is there exactly where its state says so."""
    return RowRule(
        name=f"{name}_agrees_with_state",
        nb=f"{name} er oppgitt nøyaktig når tilstanden sier det",
        en=f"{name} is stated exactly where its state says so",
        columns=(name, state_of(name)),
        holds=lambda _: pl.col(name).is_not_null() == (pl.col(state_of(name)) == STATED),
    )


def municipal_delivery(table: type[Table], *figures: str, encoding: str) -> Delivery:
    """A yearly `;` file with decimal commas, whose `figures` may hold a mark in place of a number."""
    return Delivery(
        table=table,
        file_name=f"{facts(table).source_name}_{{year}}.csv",
        period_column=YEAR,
        layout=Layout.SEPARATED,
        encoding=encoding,
        decimal_comma=True,
        states={name: state_of(name) for name in figures},
        marks=MARKS,
    )
