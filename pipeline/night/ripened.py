"""Which years are taken to be settled, as it stands through a month, from the night that first tells of them.

One person who comes or leaves can make a year ripe, and no count says so. So what was told first in a month
stands until the next, or until other limits judge it: on such a night, and no other, one person can turn a
year. What does not belong here: whether a year is ripe (`quality.ripeness`).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.quality.judged_by import ripe_by
from pipeline.quality.ripeness import FIELD_YEAR, among
from pipeline.remembered import held_against, nights, remember

FOLDER = "held_ripeness"
_WAITS, _RULES = "waits", "rules"
_TOLD = [*FIELD_YEAR, _WAITS, _RULES]


def is_held(settings: Settings, as_of: date) -> bool:
    """Whether it is remembered what the night of `as_of` took to be settled."""
    return tables.stored(_folder(settings), as_of.isoformat()) is not None


def held_unripe(settings: Settings, as_of: date, years: pl.DataFrame, tonight: pl.DataFrame) -> pl.DataFrame:
    """The unripe of `years` (FIELD_YEAR) as the month has them; `tonight` is `ripeness.unripe` of the night.

    A year that was not looked at before in the month is taken as it is tonight.
    """
    month = as_of.isoformat()[: len("2025-03")]
    of_month = {night: part for night, part in nights(_folder(settings)).items() if night.startswith(month)}
    before = held_against(of_month, as_of)
    told = hold(years, tonight, tables.read(before) if before is not None else None)
    remember(_folder(settings), as_of, told)
    return told.filter(_WAITS).select(FIELD_YEAR)


def hold(years: pl.DataFrame, tonight: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """FIELD_YEAR, `waits` and `rules`: every one of `years`, and those that only `before` has; sorted.

    What was told by other rules than tonight's (`judged_by.ripe_by`) is told as it is tonight.
    """
    now = years.select(FIELD_YEAR).unique()
    now = now.with_columns(among(now, tonight).alias(_WAITS), ripe_by(now).alias(_RULES))
    # What an older version of us remembered otherwise is no memory.
    if before is None or not set(_TOLD) <= set(before.columns):
        return now.sort(FIELD_YEAR)
    stands = before.filter(before[_RULES] == ripe_by(before))
    new = now.join(stands, on=FIELD_YEAR, how="anti")
    return pl.concat([stands.select(_TOLD), new.select(_TOLD)]).sort(FIELD_YEAR)


def _folder(settings: Settings) -> Path:
    return settings.restricted / FOLDER
