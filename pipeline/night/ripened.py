"""Which years are taken to be settled, as it stands through a month: only the date turns it.

One person who comes or leaves can make a year ripe, and no count says so. So what was told first in a month
stands until the next. What does not belong here: whether a year is ripe (`quality.ripeness`).
"""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.quality.ripeness import FIELD_YEAR, among
from pipeline.tables import Stored, step_key

FOLDER = "held_ripeness"
NIGHTS_HELD = 31  # as many as the page remembers its counts
_WAITS = "waits"


def month_before(settings: Settings, as_of: date) -> str:
    """The key of what the night of `as_of` is held against, its own memory aside; empty where there is none.

    The same however often the night is made.
    """
    others = [part for part in _of_month(settings, as_of) if part.name != as_of.isoformat()]
    found = _governing(others, as_of)
    return found.key if found is not None else ""


def held_unripe(settings: Settings, as_of: date, years: pl.DataFrame, tonight: pl.DataFrame) -> pl.DataFrame:
    """The unripe of `years` (FIELD_YEAR) as the month has them; `tonight` is `ripeness.unripe` of the night.

    A year that was not looked at before in the month is taken as it is tonight.
    """
    before = _governing(_of_month(settings, as_of), as_of)
    told = hold(years, tonight, tables.read(before) if before is not None else None)
    key = step_key(FOLDER, hashlib.sha256(told.write_csv().encode()).hexdigest())
    folder = settings.restricted / FOLDER
    if tables.reusable(folder, as_of.isoformat(), key) is None:
        tables.write(folder, as_of.isoformat(), told, key=key)
    for old in tables.parts(folder)[:-NIGHTS_HELD]:
        if old.name != as_of.isoformat():
            old.path.unlink()
    return told.filter(_WAITS).select(FIELD_YEAR)


def hold(years: pl.DataFrame, tonight: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """FIELD_YEAR and `waits`: every one of `years`, and those that only `before` has; sorted."""
    now = years.select(FIELD_YEAR).unique()
    now = now.with_columns(among(now, tonight).alias(_WAITS))
    if before is None:
        return now.sort(FIELD_YEAR)
    new = now.join(before, on=FIELD_YEAR, how="anti")
    return pl.concat([before.select(now.columns), new]).sort(FIELD_YEAR)


def _of_month(settings: Settings, as_of: date) -> list[Stored]:
    month = as_of.isoformat()[: len("2025-03")]
    return [part for part in tables.parts(settings.restricted / FOLDER) if part.name.startswith(month)]


def _governing(nights: list[Stored], as_of: date) -> Stored | None:
    """The newest of `nights` until `as_of`; where all are later, the first of them."""
    until = [part for part in nights if part.name <= as_of.isoformat()] or nights[:1]
    return until[-1] if until else None
