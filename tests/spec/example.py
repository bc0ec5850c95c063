"""What an example is, and how it is run: drawn core tables in, drawn linked tables out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from schemas import BY_NAME
from schemas.core import in_core
from schemas.registers.employment import FIRST_A_MELDING_YEAR
from schemas.variable import polars_schema
from tests.linkage_world import AS_OF, World
from tests.spec import ascii


@dataclass(frozen=True, kw_only=True)
class Example:
    """One rule, shown.

    `given` draws core tables by name; a register's part is named after a slash
    (`employment_monthly/2015-11`), an empty drawing is a delivery without rows. Every register is
    `delivered` for those years, without rows where none are drawn. `expected` draws linked tables: the
    columns it names, all rows, in order; after a slash stand the outcomes (`outcome/y0 y1`) or the months
    since the exit (`panel/0 1`) that are drawn. `linkable` are the persons with a usable identifier;
    everybody who has a programme where it is None.
    """

    title: str
    text: str
    given: Mapping[str, str]
    expected: Mapping[str, str]
    as_of: date = AS_OF
    linkable: tuple[int, ...] | None = None
    delivered: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The title as the name of a test."""
        return "".join(c if c.isalnum() else "_" for c in self.title.lower())

    def world(self) -> World:
        """The drawn tables as rows."""
        world = World(as_of=self.as_of)
        for place, drawing in self.given.items():
            table, _, part = place.partition("/")
            rows = ascii.parse(drawing, dict(polars_schema(in_core(BY_NAME[table])))) if drawing else []
            world.parts.setdefault(table, {})[part or table] = list(rows)
        for table, part in (place for year in self.delivered for place in _parts_of(year)):
            world.parts.setdefault(table, {}).setdefault(part, [])
        programmes = world.parts.get("programme", {}).get("programme", [])
        everybody = sorted({row["person_key"] for row in programmes})
        world.linkable = everybody if self.linkable is None else self.linkable
        return world

    def check(self, folder: Path) -> None:
        """Run the example; every drawn table must come out as drawn."""
        linked = self.world().linked(folder)
        for place, drawing in self.expected.items():
            table, _, of = place.partition("/")
            columns = ascii.header(drawing)
            rows = ascii.parse(drawing, dict(polars_schema(BY_NAME[table])))
            assert _drawn(linked[table], of).select(columns).to_dicts() == rows


YEARLY = ("population_status", "education", "benefit", "social_assistance")


def _parts_of(year: int) -> Iterator[tuple[str, str]]:
    """Table and part of every register of outcomes that is delivered for a year."""
    yield from ((table, str(year)) for table in YEARLY)
    if year < FIRST_A_MELDING_YEAR:
        yield "employment_annual", str(year)
    else:
        yield from (("employment_monthly", f"{year}-{month:02}") for month in range(1, 13))


def _drawn(frame: pl.DataFrame, of: str) -> pl.DataFrame:
    """The rows of those outcomes, or those months since the exit."""
    if not of:
        return frame
    by = "outcome" if "outcome" in frame.columns else "months_since_exit"
    return frame.filter(pl.col(by).cast(pl.String).is_in(of.split()))


@dataclass(frozen=True)
class Chapter:
    """Examples of one subject, in the order they are read."""

    title: str
    text: str
    examples: tuple[Example, ...] = field(default=())
