"""Aggregates by municipality and year: converted to one year's numbers, and joined to nothing else.

A `MunicipalJoin` is refused when it is declared if either side has anybody in it. What cannot be converted
without a guess is set aside with the reason. What does not belong here: the numbers themselves, and the
share of a split (`schemas.municipal.correspondence`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import polars as pl

from schemas.municipal.base import MUNICIPALITY, STATED, YEAR, MunicipalTable, leads_to_somebody, state_of
from schemas.municipal.correspondence import NUMBERS, shares
from schemas.variable import Table, columns, facts, table_name

# A share of a count is a decimal number: never a whole one, and never a float that loses a person.
SHARED = pl.Decimal(38, 6)
REASON = "reason"
WITHHELD = "withheld"


class NotConverted(StrEnum):
    """Why a row has no municipality of the wanted year."""

    UNKNOWN = "unknown_number"
    NOT_IN_USE = "not_in_use_that_year"
    SPLIT = "split"  # and the row is nothing that can be shared out
    LATER = "later_than_wanted"  # a merger cannot be undone


@dataclass(frozen=True)
class Converted:
    """Rows under the wanted year's numbers, and those set aside as they came with their `reason`."""

    rows: pl.DataFrame
    set_aside: pl.DataFrame


def convert(frame: pl.DataFrame, *, to_year: int, counts: Collection[str] = ()) -> Converted:
    """`frame` (municipality, year, …) under the numbers of `to_year`; every row is answered or set aside.

    Where a municipality was split, each `counts` column is shared out by the declared allocation; a frame
    without counts (persons, means) is never split: such rows are set aside. Counts come back as decimal
    numbers. Municipalities that merged are not added up here: see `merged`.
    """
    pairs = frame.select(MUNICIPALITY, YEAR).unique().sort(MUNICIPALITY, YEAR)
    found = pl.DataFrame(
        [row for number, year in pairs.rows() for row in _pieces(number, year, to_year, bool(counts))],
        schema={
            MUNICIPALITY: pl.String,
            YEAR: frame.schema[YEAR],
            "_new": pl.String,
            "_share": SHARED,
            REASON: pl.String,
        },
        orient="row",
    )
    keys = [MUNICIPALITY, YEAR]
    joined = frame.join(found, on=keys, how="left", maintain_order="left_right", nulls_equal=True)
    known = joined.filter(pl.col("_new").is_not_null())
    rows = known.with_columns(
        pl.col("_new").alias(MUNICIPALITY),
        *((pl.col(name).cast(SHARED) * pl.col("_share")).cast(SHARED).alias(name) for name in counts),
    )
    aside = joined.filter(pl.col("_new").is_null())
    return Converted(rows.select(frame.columns), aside.select(*frame.columns, REASON))


def _pieces(
    number: str | None, year: int | None, to_year: int, can_be_shared: bool
) -> list[tuple[str | None, int | None, str | None, Decimal | None, str | None]]:
    """(number, year, new number, share, reason) for each number that `number` is in `to_year`."""
    if number is None or number not in NUMBERS or year is None:
        return [(number, year, None, None, NotConverted.UNKNOWN.value)]
    if year > to_year:
        return [(number, year, None, None, NotConverted.LATER.value)]
    new = shares(number, from_year=year, to_year=to_year)
    if not new:
        return [(number, year, None, None, NotConverted.NOT_IN_USE.value)]
    if len(new) > 1 and not can_be_shared:
        return [(number, year, None, None, NotConverted.SPLIT.value)]
    return [(number, year, name, _decimal(share), None) for name, share in sorted(new.items())]


def _decimal(share: Fraction) -> Decimal:
    return Decimal(share.numerator) / Decimal(share.denominator)


def merged(table: type[MunicipalTable], frame: pl.DataFrame, counts: Collection[str]) -> pl.DataFrame:
    """One row for each primary key: counts of merged municipalities added up where all are stated.

    A sum with a withheld part is withheld. What is no count (a mean, a percentage) has no value for a
    municipality that was several, because nothing says how to weigh it.
    """
    keys = list(facts(table).primary_key)
    states = {state_of(c.name) for c in columns(table)} & set(frame.columns)
    answers = []
    for name in (c for c in frame.columns if c not in keys):
        state = state_of(name)
        alone = pl.when(pl.len() == 1).then(pl.col(name).first())
        if name in counts:
            every = (pl.col(state) == STATED).all() if state in states else pl.col(name).is_not_null().all()
            answers.append(pl.when(every).then(pl.col(name).sum()).alias(name))
        elif name in states and name.removesuffix("_state") in counts:
            summed = pl.when((pl.col(name) == STATED).all()).then(pl.lit(STATED)).otherwise(pl.lit(WITHHELD))
            answers.append(pl.coalesce(alone, summed).alias(name))
        elif name in states:
            answers.append(pl.coalesce(alone, pl.lit(WITHHELD)).alias(name))
        else:
            answers.append(alone.alias(name))
    return frame.group_by(keys).agg(answers).select(frame.columns).sort(keys)


def counts_of(table: type[Table]) -> tuple[str, ...]:
    """The columns that count persons: they can be added up and shared out."""
    return tuple(c.name for c in columns(table) if c.about.unit == "persons" and c.dtype == pl.Int64)


@dataclass(frozen=True, kw_only=True)
class MunicipalJoin:
    """A join of `left` to an aggregate-only source by municipality and year, in the numbers of `as_of_year`.

    `only` picks one row of `right` for each municipality and year where its key has more columns. Either
    side with a key, an identifier or free text in it, and a left side that is not by municipality and year,
    raises TypeError here: when the join is written, not when it is run.
    """

    left: type[Table]
    right: type[MunicipalTable]
    as_of_year: int
    only: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not issubclass(self.right, MunicipalTable):
            raise TypeError(f"{self.right.__name__} is no aggregate-only source")
        for side in (self.left, self.right):
            if facts(side).primary_key[:2] != (MUNICIPALITY, YEAR):
                raise TypeError(f"{side.__name__} is not by {MUNICIPALITY} and {YEAR}")
            for column in columns(side):
                if (why := leads_to_somebody(column)) is not None:
                    raise TypeError(f"{column.path}: {why}; an aggregate cannot be joined to persons")
        if set(self.only) != set(facts(self.right).primary_key[2:]):
            raise TypeError(f"{self.right.__name__}: `only` picks one row for each municipality and year")

    def run(self, left: pl.DataFrame, right: pl.DataFrame) -> tuple[Converted, Converted]:
        """The joined rows of `left` with what was set aside, and the same of `right`.

        Every row of `left` that can be converted is there; the columns of `right` carry its table's name.
        """
        name, counts = table_name(self.right), counts_of(self.right)
        picked = right.filter([pl.col(column) == value for column, value in self.only.items()])
        found = convert(picked, to_year=self.as_of_year, counts=counts)
        one = merged(self.right, found.rows, counts).drop(list(self.only))
        renamed = one.rename({c: f"{name}_{c}" for c in one.columns if c not in (MUNICIPALITY, YEAR)})
        mine = convert(left, to_year=self.as_of_year)
        rows = mine.rows.join(renamed, on=[MUNICIPALITY, YEAR], how="left", maintain_order="left")
        return Converted(rows, mine.set_aside), Converted(one, found.set_aside)
