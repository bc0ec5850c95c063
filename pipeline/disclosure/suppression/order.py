"""The order file: which tables to make of a file's rows, and who counts.

tables:                                # names of files; all are protected together
  by_bydel: [bydel, outcome]
  by_age: [age, outcome]
  by_part: {bydel: 1, outcome: 0}      # the finest level to tell: 1 is the next in its hierarchy
hierarchies: {bydel: bydel.csv}        # as ARX writes them, beside the order; needed where a value is rare
unit: person                           # who must be many; left out: every row is a person
value: income                          # sums of it; left out: counts of rows
known: known.csv                       # cells everybody knows: columns of dimensions, blank is the total
least: 5                               # fewer are hidden; never less than the house's threshold
largest: 2                             # of sums: the 2 largest may have no more than
dominance: 85                          #   85 % of one, and
p: 10                                  #   nobody may know another's share within 10 %; ask for more, not less
rounded: false                         # true: nothing hidden, counts rounded so that they add up
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.disclosure.files import read_hierarchy, read_table, refuse_what_is_no_value
from pipeline.disclosure.roles import read
from pipeline.disclosure.suppression import protect
from pipeline.disclosure.suppression.protect import MARKED, SHOWN, Common, Protected
from pipeline.disclosure.suppression.rules import Frequency, Magnitude
from pipeline.disclosure.tables import BASE, THRESHOLD
from pipeline.disclosure.texts import as_text
from pipeline.disclosure.verify_tables.written import Asked
from pipeline.errors import RequestRefused

# What sums are held to where an order asks for no more.
_HOUSE = Magnitude()
_OF_SUMS = ("largest", "dominance", "p")
_FILE_NAME = re.compile(r"\w(?:[\w -]{0,98}\w)?")

_Column = Annotated[str, Field(min_length=1)]


class Order(BaseModel):
    """What is ordered; see the head of this file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: Annotated[dict[str, Annotated[dict[str, int], Field(min_length=1)]], Field(min_length=1)]
    hierarchies: dict[str, str] = Field(default_factory=dict)
    unit: _Column | None = None
    value: _Column | None = None
    known: str | None = None
    least: Annotated[int, Field(ge=THRESHOLD)] = THRESHOLD
    largest: Annotated[int, Field(ge=_HOUSE.largest)] = _HOUSE.largest
    dominance: Annotated[float, Field(gt=0, le=_HOUSE.dominance)] = _HOUSE.dominance
    p: Annotated[float, Field(ge=_HOUSE.p)] = _HOUSE.p
    rounded: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.value and not self.unit:
            raise ValueError("value: sums need a unit, the column of those who contribute")
        if self.value and self.value == self.unit:
            raise ValueError("value and unit: one column cannot tell both who contributes and how much")
        if self.rounded and (self.value or self.unit or self.known or self.least > THRESHOLD):
            raise ValueError("rounded: of counts of rows alone; leave unit, value, known and least out")
        if not self.value and (strange := [name for name in _OF_SUMS if name in self.model_fields_set]):
            raise ValueError(f"{', '.join(strange)}: of sums only, and there is no value to sum")
        return self

    @field_validator("tables", mode="before")
    @classmethod
    def _levels(cls, tables: Any) -> Any:
        """A list of dimensions tells each from the level of the rows, 0."""
        if not isinstance(tables, dict):
            return tables
        told = {}
        for name, table in tables.items():
            listed = isinstance(table, list) and all(isinstance(one, str) for one in table)
            if listed and len(set(table)) < len(table):
                raise ValueError("a dimension stands twice in a table")
            told[name] = dict.fromkeys(table, 0) if listed else table
        return told

    @field_validator("tables")
    @classmethod
    def _can_be_files(cls, tables: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        for name, dimensions in tables.items():
            if not _FILE_NAME.fullmatch(name):
                raise ValueError("a name is letters, digits, spaces, - and _, for it becomes a file's")
            if "" in dimensions:
                raise ValueError("a dimension has no name: give its column one in the header")
            if {SHOWN, MARKED} & set(dimensions):
                raise ValueError(f"no dimension is called {SHOWN} or {MARKED}: a column of each table is")
        if len({name.casefold() for name in tables}) < len(tables):
            raise ValueError("two names would be one file where capitals are not told apart")
        return tables

    @model_validator(mode="after")
    def _of_dimensions(self) -> Self:
        if set(self.hierarchies) - {name for dimensions in self.tables.values() for name in dimensions}:
            raise ValueError("hierarchies: one is of a column that is no dimension of any table")
        return self

    def counted(self) -> list[str]:
        """The columns of the rows that tables are made of, each once."""
        dimensions = [name for table in self.tables.values() for name in table]
        return list(dict.fromkeys([*dimensions, *filter(None, [self.unit, self.value])]))

    @property
    def magnitude(self) -> Magnitude:
        """The rule of sums that is ordered."""
        return Magnitude(least=self.least, largest=self.largest, dominance=self.dominance, p=self.p)


def load(path: Path) -> Order:
    """The order in that file, or RequestRefused naming the line or the field."""
    try:
        return read(Order, path, "order")
    except RequestRefused as refused:
        example = "Correct it; an example stands in: uttrekk protect-table --help"
        raise RequestRefused(refused.happened, instead=refused.instead, do=example) from None


def made(rows: pl.DataFrame, order: Order, folder: Path) -> Protected:
    """The tables ordered of `rows`, protected together; hierarchies and known cells stand in `folder`.

    Sums are rounded to the base like counts. Errors as in `protect`.
    """
    if missing := [name for name in (order.unit, order.value) if name and name not in rows.columns]:
        raise RequestRefused(
            f"The rows lack {' and '.join(missing)}.",
            instead="No table was made.",
            do="Name columns of the rows as unit and value.",
        )
    if rows.is_empty():
        raise RequestRefused(
            "The file has no row.",
            instead="No table was made.",
            do="Give a file with a row for each person, or each contribution.",
        )
    refuse_what_is_no_value(rows, order.counted())
    hierarchies = {name: read_hierarchy(folder / file, name) for name, file in order.hierarchies.items()}
    _refuse_rare(rows, order)
    how = Common(hierarchies=hierarchies, known=_known(order, folder))
    if order.rounded:
        return protect.rounding(rows, order.tables, how)
    if order.value and order.unit:
        rows = _whole(rows, order.value)
        return protect.magnitude(rows, order.tables, order.value, order.unit, order.magnitude, how)
    return protect.frequency(rows, order.tables, Frequency(least=order.least), how, unit=order.unit)


def asked(order: Order, folder: Path) -> Asked:
    """What the attacker must find in tables made by this order; its files stand in `folder`."""
    return Asked(
        tables=order.tables,
        hierarchies={name: folder / file for name, file in order.hierarchies.items()},
        known=folder / order.known if order.known else None,
        unit=order.unit,
        value=order.value,
        least=order.least,
        largest=order.largest,
        dominance=order.dominance,
        p=order.p,
        base=BASE,
        rounded=order.rounded,
    )


def _known(order: Order, folder: Path) -> pl.DataFrame | None:
    if order.known is None:
        return None
    cells = read_table(folder / order.known)
    refuse_what_is_no_value(cells, cells.columns)
    if set(cells.columns).isdisjoint({name for table in order.tables.values() for name in table}):
        raise RequestRefused(
            f"No column of {order.known} is a dimension: each line would name the total of all.",
            instead="No table was made.",
            do="Call its columns as the dimensions are called, capitals and all.",
        )
    return cells.with_columns(pl.col(pl.String).replace("", None))


def _refuse_rare(rows: pl.DataFrame, order: Order) -> None:
    """Values of a dimension without a hierarchy are told because they occur: none of few may be told so."""
    flat = {name for table in order.tables.values() for name in table} - set(order.hierarchies)
    unit = rows.get_column(order.unit) if order.unit else pl.int_range(rows.height, eager=True)
    for name in sorted(flat & set(rows.columns)):
        behind = pl.DataFrame({"value": as_text(rows.get_column(name)), "unit": unit})
        if (behind.group_by("value").agg(pl.col("unit").n_unique())["unit"] < order.least).any():
            raise RequestRefused(
                f"A value of {name} is of fewer than {order.least}, and the table would tell that it occurs.",
                instead="No table was made.",
                do=f"Name all that can occur, whether it does or not, in a hierarchy of {name}: value;*",
            )


def _whole(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """`value` as numbers where the file had it as text: a blank is none; refused where it is no number."""
    if rows.schema[value] != pl.String:
        return rows
    text = rows.get_column(value).str.strip_chars().replace("", None)
    numbers = text.cast(pl.Int64, strict=False)
    if numbers.null_count() > text.null_count():
        raise RequestRefused(
            f"{value} is not a whole number in every row.",
            instead="No table was made.",
            do="Round the values, or leave the rows out.",
        )
    return rows.with_columns(numbers)
