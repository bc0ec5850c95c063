"""What tonight's figures are made of, night by night: a count is held until the true one moves by a base.

The memory holds exact counts, so it stands in the restricted zone, one file for each night, and never in a
report. What does not belong here: when a count is taken anew (`disclosure.tables.steady`), and what of it may
be shown (`protected.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import Settings, private_folder
from pipeline.disclosure.tables import BASE, HELD_THRESHOLD, figure, steady
from pipeline.durable import put
from pipeline.errors import SettingWrong
from pipeline.tables import Stored, step_key

FOLDER = "held_counts"
FIGURES = "figures"
# So many nights back the page can be made again with the figures it had; earlier ones are left as they stand.
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

        A row that an earlier night had and this one has not comes back, last, with counts of 0 (and null
        elsewhere), and one that no earlier night of the list had was held at 0: whoever is alone in a row
        would otherwise move the list's total by coming or leaving. A list with a `base` of its own is not
        one of counts, and none of this holds for it.
        """
        if base == BASE:
            frame = self._with_gone(name, frame, keys, counts)
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
        joined = named.join(self._before, on="cell", how="left", maintain_order="left")
        if base == BASE and self._of(name).height:
            joined = joined.with_columns(pl.col("held").fill_null(0))
        joined = joined.with_columns(steady(pl.col("held"), pl.col(count).cast(pl.Int64), base).alias(count))
        self._asked.append(joined.drop_nulls(count).select("cell", held=count))
        return joined.drop("cell", "held")

    def _of(self, name: str) -> pl.DataFrame:
        """What is remembered of one list."""
        return self._before.filter(pl.col("cell").str.starts_with(f"{name}{_BETWEEN}"))

    def _with_gone(
        self, name: str, frame: pl.DataFrame, keys: Sequence[str], counts: Sequence[str]
    ) -> pl.DataFrame:
        """`frame`, and after its rows those that only the memory has."""
        names = [f"{name}{_BETWEEN}{count}" for count in counts]
        cells = pl.concat(
            self._of(n).select(pl.col("cell").str.strip_prefix(f"{n}{_BETWEEN}")) for n in names
        ).unique()
        parts = cells.select(pl.col("cell").str.split(_BETWEEN).alias("part")).filter(
            pl.col("part").list.len() == len(keys)
        )
        known = parts.select(
            pl.col("part").list.get(place).replace("", None).cast(frame.schema[key]).alias(key)
            for place, key in enumerate(keys)
        )
        gone = known.join(frame, on=list(keys), how="anti", nulls_equal=True).sort(keys)
        zero = [pl.lit(0).cast(frame.schema[count]).alias(count) for count in counts]
        return pl.concat([frame, gone.with_columns(zero)], how="diagonal")


def earlier(settings: Settings, as_of: date) -> Stored | None:
    """The memory to hold the night of `as_of` against; None where there is no memory at all.

    It is that of the night itself where it was made before, so that two makings of it cannot be subtracted
    either; else of the latest night before it, else of the first after it.
    """
    nights = tables.parts(_folder(settings))
    until = [part for part in nights if part.name <= as_of.isoformat()]
    return until[-1] if until else next(iter(nights), None)


def night_before(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the latest night before `as_of`: the same one however often the night is made."""
    nights = [part for part in tables.parts(_folder(settings)) if part.name < as_of.isoformat()]
    return nights[-1] if nights else None


def remembered(settings: Settings, as_of: date) -> Stored | None:
    """The memory of the night of `as_of` itself."""
    return tables.stored(_folder(settings), as_of.isoformat())


def refuse_forgotten(settings: Settings, as_of: date) -> None:
    """Stop where a page of `as_of` stands, and every night that is remembered is a later one.

    Nobody knows any more which counts that page was made of: made anew it could be subtracted from itself.
    """
    nights = tables.parts(_folder(settings))
    page = settings.reports / as_of.isoformat()
    if nights and as_of.isoformat() < nights[0].name and page.exists() and any(page.iterdir()):
        raise SettingWrong(
            f"What the page of {as_of} was rounded from is no longer remembered.",
            instead="Its page and its results stand as they were published.",
            do=f"Read them, or run a night of {nights[0].name} or later: uttrekk run --as-of DATE",
        )


def recall(stored: Stored | None) -> Memory:
    """The memory to start the night with."""
    return Memory(None if stored is None else tables.read(stored))


def remember(settings: Settings, as_of: date, memory: Memory) -> None:
    """Keep what the next night needs, and let go of what is too old."""
    kept = memory.after()
    key = step_key(FOLDER, hashlib.sha256(kept.write_csv().encode()).hexdigest())
    if tables.reusable(_folder(settings), as_of.isoformat(), key) is None:
        tables.write(_folder(settings), as_of.isoformat(), kept, key=key)
    for part in tables.parts(_folder(settings))[:-NIGHTS_KEPT]:
        if part.name != as_of.isoformat():
            part.path.unlink()


def steady_figure(settings: Settings, as_of: date, name: str, count: int) -> str:
    """A single count as anybody may see it, held from night to night: for Dagster's pages and the terminal.

    It is held against the night itself where that was made before. `name` tells it from every
    other. A memory that is lost or cannot be read is no memory.
    """
    path = private_folder(_folder(settings) / FIGURES) / f"{name.replace('/', '.')}.json"
    try:
        nights: dict[str, int] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        nights = {}
    tonight = as_of.isoformat()
    before = max((night for night in nights if night <= tonight), default=min(nights, default=None))
    held = steady(nights[before] if before else None, count)
    kept = dict(sorted((nights | {tonight: held}).items())[-NIGHTS_KEPT:])
    if kept != nights:
        put(path, json.dumps(kept).encode())
    return figure(held, least=HELD_THRESHOLD)


def _folder(settings: Settings) -> Path:
    return settings.restricted / FOLDER
