"""What an example is, and how it is run: drawn core tables in, drawn linked tables out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from schemas import BY_NAME
from schemas.core import in_core
from schemas.variable import polars_schema
from tests.linkage_world import AS_OF, World
from tests.spec import ascii


@dataclass(frozen=True, kw_only=True)
class Example:
    """One rule, shown.

    `given` draws core tables by name; a register's part is named after a slash
    (`employment_monthly/2015-11`), an empty drawing is a delivery without rows. `expected` draws linked
    tables: the columns it names, all rows, in order. `linkable` are the persons with a usable
    identifier; everybody who has a programme where it is None.
    """

    title: str
    text: str
    given: Mapping[str, str]
    expected: Mapping[str, str]
    as_of: date = AS_OF
    linkable: tuple[int, ...] | None = None

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
        programmes = world.parts.get("programme", {}).get("programme", [])
        everybody = sorted({row["person_key"] for row in programmes})
        world.linkable = everybody if self.linkable is None else self.linkable
        return world

    def check(self, folder: Path) -> None:
        """Run the example; every drawn table must come out as drawn."""
        linked = self.world().linked(folder)
        for table, drawing in self.expected.items():
            columns = ascii.header(drawing)
            rows = ascii.parse(drawing, dict(polars_schema(BY_NAME[table])))
            assert linked[table].select(columns).to_dicts() == rows


@dataclass(frozen=True)
class Chapter:
    """Examples of one subject, in the order they are read."""

    title: str
    text: str
    examples: tuple[Example, ...] = field(default=())
