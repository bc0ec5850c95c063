"""What tonight's figures are made of, night by night: a count is held until the true one moves by a base.

The memory holds exact counts, so it stands in the restricted zone, one file for each night, and never in a
report. What does not belong here: when a count is taken anew (`disclosure.tables.steady`), and what of it may
be shown (`protected.py`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import Settings, private_folder
from pipeline.disclosure.tables import BASE, figure, steady
from pipeline.tables import Stored

FOLDER = "held_counts"
# So many nights back the page can be made again with the figures it had; earlier ones are plainly rounded.
NIGHTS_KEPT = 31
_SCHEMA = {"cell": pl.String(), "held": pl.Int64()}
_BETWEEN = "|"


class Memory:
    """The held counts of one night: what the night before left, and what this one has asked for.

    A cell that is not asked for tonight is kept, so that a table that was missing for one night comes back
    with the figures it had.
    """

    def __init__(self, before: pl.DataFrame | None = None) -> None:
        """`before` has `cell` and `held`, as `after` gave them; None where there is no earlier night."""
        self._before = pl.DataFrame(schema=_SCHEMA) if before is None else before
        self._asked: list[pl.DataFrame] = []

    def hold(
        self, name: str, frame: pl.DataFrame, keys: Sequence[str], *counts: str, base: int = BASE
    ) -> pl.DataFrame:
        """`frame` with each of `counts` as it is held; the order of rows is kept.

        `keys` tell the rows of `frame` apart, `name` this list from every other; a null count stays null.
        Refuses a list in which two rows have the same keys, and a name that was asked for before.
        """
        for count in counts:
            frame = self._held(f"{name}{_BETWEEN}{count}", frame, keys, count, base)
        return frame

    def after(self) -> pl.DataFrame:
        """All that the next night needs: `cell`, `held`."""
        asked = pl.concat([pl.DataFrame(schema=_SCHEMA), *self._asked])
        if asked["cell"].is_duplicated().any():
            raise ValueError("every figure has one name")
        return pl.concat([asked, self._before.join(asked, on="cell", how="anti")]).sort("cell")

    def _held(
        self, name: str, frame: pl.DataFrame, keys: Sequence[str], count: str, base: int
    ) -> pl.DataFrame:
        parts = [pl.lit(name), *(pl.col(key).cast(pl.String).fill_null("") for key in keys)]
        named = frame.with_columns(cell=pl.concat_str(parts, separator=_BETWEEN))
        joined = named.join(self._before, on="cell", how="left", maintain_order="left").with_columns(
            steady(pl.col("held"), pl.col(count).cast(pl.Int64), base).alias(count)
        )
        self._asked.append(joined.drop_nulls(count).select("cell", held=count))
        return joined.drop("cell", "held")


def earlier(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the latest night before `as_of`: the same one however often the night is made."""
    nights = [part for part in tables.parts(_folder(settings)) if part.name < as_of.isoformat()]
    return nights[-1] if nights else None


def recall(stored: Stored | None) -> Memory:
    """The memory to start the night with."""
    return Memory(None if stored is None else tables.read(stored))


def remember(settings: Settings, as_of: date, memory: Memory, key: str) -> None:
    """Keep what the next night needs, and let go of what is too old."""
    tables.write(_folder(settings), as_of.isoformat(), memory.after(), key=key)
    for part in tables.parts(_folder(settings))[:-NIGHTS_KEPT]:
        part.path.unlink()


def steady_figure(settings: Settings, as_of: date, name: str, count: int) -> str:
    """A single count as anybody may see it, held from night to night: for Dagster's pages.

    `name` tells it from every other. A memory that is lost or cannot be read is no memory.
    """
    path = private_folder(_folder(settings) / "figures") / f"{name.replace('/', '.')}.json"
    try:
        nights: dict[str, int] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        nights = {}
    tonight = as_of.isoformat()
    before = max((night for night in nights if night < tonight), default=None)
    held = steady(nights[before] if before else None, count)
    kept = dict(sorted((nights | {tonight: held}).items())[-NIGHTS_KEPT:])
    if kept != nights:
        staged = path.with_name(f".{path.name}.{os.getpid()}.staged")
        staged.write_text(json.dumps(kept), "utf-8")
        staged.replace(path)
    return figure(held)


def _folder(settings: Settings) -> Path:
    return settings.restricted / FOLDER
