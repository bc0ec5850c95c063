"""Stops a night where what earlier nights were published from, or what they found, is no longer remembered.

Figures are held against those of the nights before, so two nights cannot be subtracted; a night that starts
anew could. What does not belong here: keeping the memories (`memory`, `ripened`, `export`, `history`).
"""

from __future__ import annotations

from datetime import date

from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.night.memory import MEMORIES
from pipeline.night.published import history_file, log_of, nights_published, published_nights
from pipeline.quality import history
from pipeline.remembered import nights


def refuse_forgotten(settings: Settings, as_of: date) -> None:
    """SettingWrong where a memory that the night of `as_of` has to be held against is gone.

    Every memory has to have the newest night of which anything is published, and `as_of` itself where that
    is; the history every other night of which results are. To start anew is to move `reports` away.
    """
    standing = nights_published(settings)
    needed = {*standing[-1:], *(night for night in standing if night == as_of)}
    lost = [
        folder
        for folder in (settings.restricted / name for name in MEMORIES)
        if not {night.isoformat() for night in needed} <= nights(folder).keys()
    ]
    if lost:
        raise SettingWrong(
            f"What the page of {max(needed)} was made from is no longer remembered.",
            instead="Nothing was made: without it a page could be subtracted from one that stands, and tell "
            "of single persons. What is published stands.",
            do=f"Restore {' and '.join(map(str, lost))} from the backup. Where there is none: take down "
            f"every page and every version that tells these figures, move {settings.reports} away, and run "
            "again: uttrekk run. Whoever kept an old page can still subtract.",
        )
    _refuse_unknown(settings, as_of)


def _refuse_unknown(settings: Settings, as_of: date) -> None:
    """SettingWrong where results are published of a night, not `as_of`, that the history does not have."""
    unknown = {*published_nights(settings)} - {as_of, *history.nights(log_of(settings))}
    if unknown:
        raise SettingWrong(
            f"The history of nights has nothing of {max(unknown)}, and results of that night are published.",
            instead="Nothing was made: what is new, worse or resolved would be told wrongly, and no "
            "acknowledgement would be lifted.",
            do=f"Restore {history_file(settings)} from the backup. Where there is none: move the folders of "
            f"those nights out of {settings.reports}, acknowledge anew, of today, what still is, and run "
            "again: uttrekk run",
        )
