"""What stands published of the nights' quality results, and what changed between them: read, never made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from pyarrow import ArrowInvalid

from pipeline import tables
from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.quality import history
from pipeline.quality.history import HISTORY, Kind
from pipeline.quality.stewardship import load, unfit_fields
from pipeline.releases.publish import published as versions_of
from pipeline.remembered import night_named
from pipeline.requests.preview import QualityFacts, quality_facts
from pipeline.requests.request import Request
from schemas.quality import PublishedField, PublishedResult
from schemas.variable import Table, polars_schema

RESULTS, FIELDS = "quality.results.parquet", "quality.fields.parquet"
PROFILE = "quality"  # of the zone `linked`, where the night's measurement stands


@dataclass(frozen=True)
class NightFindings:
    """What is published of a night: `PublishedResult` and `PublishedField`."""

    as_of: date
    results: pl.DataFrame
    fields: pl.DataFrame


@dataclass(frozen=True)
class Changes:
    """What became of findings between two nights (id, ABOUT, was, now, change), and what else moved.

    `rows`, `values` and `schema` have id, ABOUT, was, now.
    """

    before: date
    after: date
    findings: pl.DataFrame
    rows: pl.DataFrame
    values: pl.DataFrame
    schema: pl.DataFrame


def night_folder(settings: Settings, as_of: date) -> Path:
    """Where the night's report and its files stand."""
    return settings.reports / as_of.isoformat()


def nights_published(settings: Settings) -> list[date]:
    """Every night of which anything is published, in order; what is named otherwise is no night's."""
    found = ((night_named(path.name), path) for path in settings.reports.iterdir())
    return sorted(night for night, path in found if night and path.is_dir() and any(path.iterdir()))


def published_nights(settings: Settings) -> list[date]:
    """Every night of which results are published, in order."""
    return [n for n in nights_published(settings) if (night_folder(settings, n) / RESULTS).exists()]


def stored_findings(settings: Settings, as_of: date | None = None) -> NightFindings:
    """What was published of that night, or of the newest; SettingWrong where nothing was."""
    nights = published_nights(settings)
    night = as_of or (nights[-1] if nights else None)
    if night is None or night not in nights:
        raise SettingWrong(
            f"No results {f'of {as_of} ' if as_of else ''}have been published under this data root.",
            instead="Nothing is shown.",
            do=f"Run the night: uttrekk run{f' --as-of {as_of}' if as_of else ''}",
        )
    folder = night_folder(settings, night)
    try:
        results, fields = _read(folder / RESULTS, PublishedResult), _read(folder / FIELDS, PublishedField)
    except (pl.exceptions.PolarsError, OSError):
        raise SettingWrong(
            f"The published results of {night} cannot be read.",
            instead="Nothing is shown.",
            do=f"Make them again, which tells the same: uttrekk run --as-of {night}",
        ) from None
    return NightFindings(night, results, fields)


def _read(path: Path, table: type[Table]) -> pl.DataFrame:
    """The file as `table` is declared now: a night of before may lack a column, which is then null."""
    found = pl.read_parquet(path)
    return found.select(
        (pl.col(name) if name in found.columns else pl.lit(None, kind)).alias(name)
        for name, kind in polars_schema(table).items()
    )


def facts_for(settings: Settings, request: Request, as_of: date | None = None) -> QualityFacts:
    """What is published of the fields that the request asks for, of that night or of the newest."""
    night = stored_findings(settings, as_of)
    marks = unfit_fields(load(settings.stewardship), night.as_of)
    return quality_facts(request, night.results, night.fields, marks)


def log_of(settings: Settings) -> pl.DataFrame:
    """The history of the nights, empty where none was recorded; SettingWrong where it cannot be read."""
    try:
        stored = tables.stored(settings.linked / PROFILE, HISTORY)
        return tables.read(stored) if stored is not None else history.empty()
    except (ArrowInvalid, pl.exceptions.PolarsError):
        raise SettingWrong(
            "The history of nights cannot be read.",
            instead="Nothing is compared.",
            do=f"Restore {history_file(settings)} from the backup.",
        ) from None


def history_file(settings: Settings) -> Path:
    """Where the history of the nights stands: it cannot be made again, and belongs in the backup."""
    return settings.linked / PROFILE / f"{HISTORY}.parquet"


def changes(settings: Settings, as_of: date, since: str | None = None) -> Changes | None:
    """What changed between `since` and the night of `as_of`; None where there is no night to compare with.

    `since` is a night's date or a published version (its name, or as much of it as tells it apart); without
    it, the night before. Raises SettingWrong where it names neither, or a later night.
    """
    log = log_of(settings)
    nights = history.nights(log)
    if as_of not in nights:
        raise SettingWrong(
            f"The night of {as_of} is not in the history.",
            instead="Nothing was compared.",
            do=f"Run it: uttrekk run --as-of {as_of}",
        )
    before = _night_of(settings, since, nights) if since is not None else history.last_before(log, as_of)
    if before is not None and before > as_of:
        raise SettingWrong(
            f"{before} is after {as_of}: what was repaired would read as found.",
            instead="Nothing was compared.",
            do=f"Compare the other way: uttrekk quality diff --as-of {before} --since {as_of}",
        )
    if before is None:
        return None
    others = {
        kind: history.others_between(log, before, as_of, kind)
        for kind in (Kind.ROWS, Kind.VALUES, Kind.SCHEMA)
    }
    return Changes(
        before=before,
        after=as_of,
        findings=history.findings_between(log, before, as_of),
        rows=others[Kind.ROWS],
        values=others[Kind.VALUES],
        schema=others[Kind.SCHEMA],
    )


def _night_of(settings: Settings, since: str, nights: list[date]) -> date:
    """The night that `since` means: a date, or that of a published version."""
    named = [
        version.as_of
        for folder in sorted(settings.releases.iterdir())
        if folder.is_dir() and since
        for version in versions_of(folder)
        if version.folder.name.startswith(since) or f"{folder.name}/{version.folder.name}".startswith(since)
    ]
    wanted = {since, *named} & {night.isoformat() for night in nights}
    if len(wanted) != 1:
        raise SettingWrong(
            f"{since[:80]!r} is no night in the history and no version of one."
            if not wanted
            else f"{since[:80]!r} names versions of several nights.",
            instead="Nothing was compared.",
            do=f"Name one of the nights: {', '.join(n.isoformat() for n in nights[-5:])}",
        )
    return date.fromisoformat(wanted.pop())
