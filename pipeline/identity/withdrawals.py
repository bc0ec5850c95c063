"""The operator's list of withdrawals in `restricted`: read to its last line, and no line is ever lost.

    identifier;withdrawn_on;ended_on
    01818012345;2024-05-01;
    01818054321;2023-01-15;2024-09-01

`ended_on`, where it is filled, is the day the withdrawal was taken back: the person may be used again in
what is made of that day and later ones. A file without the third column is a list where none was. Who is
meant by a line, and what follows for them: `usable`.
"""

from __future__ import annotations

import csv
import os
import re
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.identity.identifiers import Kind, kind, normalise
from pipeline.tables import step_key

WITHDRAWALS_FILE = "withdrawals.csv"
APPLIED = "withdrawn"  # every line that has ever bound, in `restricted`
BOUND = "withdrawn_records"  # whose records each of them has bound, beside it
WITHDRAWALS_SCHEMA: dict[str, pl.DataType] = {
    "identifier": pl.String(),
    "withdrawn_on": pl.Date(),
    "ended_on": pl.Date(),
}
WITHDRAWALS_HEADER = tuple(WITHDRAWALS_SCHEMA)
BOUND_SCHEMA: dict[str, pl.DataType] = {"identifier": pl.String(), "source_key": pl.String()}
_HEADERS = (WITHDRAWALS_HEADER, WITHDRAWALS_HEADER[:2])
_LINE = WITHDRAWALS_HEADER[:2]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
IDENTIFYING = (Kind.FNR.value, Kind.DNR.value, Kind.DUF.value)


def binding(withdrawals: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The lines that bind what is made of `as_of`: all but those taken back by then."""
    return withdrawals.filter(pl.col("ended_on").is_null() | (pl.col("ended_on") > as_of))


def read_withdrawals(settings: Settings) -> pl.DataFrame:
    """The operator's list: (identifier, withdrawn_on, ended_on); `withdrawn_on` is for the record.

    A withdrawal must not be lost. So a file that cannot be read to the last line stops the run, and so does
    a line that names nobody, a line that bound once and is not there now, and a link instead of a file. No
    file is an empty list only where there has never been a line.
    """
    path = settings.restricted / WITHDRAWALS_FILE
    listed = _listed(path) if os.path.lexists(path) else _no_list(settings.restricted)
    if _lost(_applied(settings), listed).height:
        raise SettingWrong(
            "A withdrawal that has been applied is not on the list any more.",
            instead="Nothing was run, for the person would be used again.",
            do=f"Put the line back in restricted/{WITHDRAWALS_FILE}; one that was taken back ends on the day "
            "in its third column, ended_on; to take out a mistaken line on purpose, take it out, remove "
            f"restricted/{APPLIED}.parquet yourself, then: uttrekk run",
        )
    return listed


def note_applied(settings: Settings, withdrawals: pl.DataFrame) -> None:
    """Append what is new on the list to the lines that have bound; what stands there is never taken out."""
    earlier = _applied(settings)
    columns = list(WITHDRAWALS_SCHEMA)
    new = withdrawals.join(earlier, on=columns, how="anti", nulls_equal=True).sort(columns)
    if new.height:
        noted = pl.concat([earlier, new])
        tables.write(settings.restricted, APPLIED, noted, key=step_key(APPLIED, noted.height))


def bound_records(settings: Settings) -> pl.DataFrame:
    """(identifier, source_key): every record that a line with that identifier has ever bound."""
    stored = tables.stored(settings.restricted, BOUND)
    return tables.read(stored) if stored else pl.DataFrame(schema=BOUND_SCHEMA)


def note_bound(settings: Settings, bound: pl.DataFrame) -> pl.DataFrame:
    """Append the records that lines bind tonight to those they have bound, and return all of them.

    So a withdrawal holds where the source no longer says whose the identifier is.
    """
    earlier, columns = bound_records(settings), list(BOUND_SCHEMA)
    new = bound.select(columns).unique().join(earlier, on=columns, how="anti").sort(columns)
    noted = pl.concat([earlier, new])
    if new.height:
        tables.write(settings.restricted, BOUND, noted, key=step_key(BOUND, noted.height))
    return noted


def _applied(settings: Settings) -> pl.DataFrame:
    """Every line that has ever bound; a list kept before there were ends has none."""
    stored = tables.stored(settings.restricted, APPLIED)
    if stored is None:
        return pl.DataFrame(schema=WITHDRAWALS_SCHEMA)
    kept = tables.read(stored)
    if "ended_on" not in kept.columns:
        kept = kept.with_columns(ended_on=pl.lit(None, pl.Date()))
    return kept.select(list(WITHDRAWALS_SCHEMA))


def _lost(applied: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The lines that bound once, are gone, and whose identifier no line without an end holds any more.

    So a date may be put right, and a line may be ended, but an end never stands in for another line.
    """
    open_ended = listed.filter(pl.col("ended_on").is_null())
    gone = applied.join(listed, on=_LINE, how="anti")
    return gone.join(open_ended, on="identifier", how="anti")


def _no_list(folder: Path) -> pl.DataFrame:
    """An empty list, where nothing in the folder looks like one under another name."""
    if any(path.name.casefold().startswith("withdrawal") for path in folder.iterdir()):
        raise _wrong("a file like it stands under another name")
    return pl.DataFrame(schema=WITHDRAWALS_SCHEMA)


def _listed(path: Path) -> pl.DataFrame:
    """Every line of the file, its identifier normalised."""
    if path.is_symlink() or not path.is_file():
        raise _wrong("it is not a plain file")
    header, *rows = _rows(path)
    if tuple(header) not in _HEADERS:
        raise _wrong("its first line is not " + ";".join(WITHDRAWALS_HEADER))
    found = [(*_withdrawal(row, line, len(header)), line) for line, row in enumerate(rows, start=2) if row]
    lines = pl.DataFrame(found, schema={**WITHDRAWALS_SCHEMA, "line": pl.Int64()}, orient="row")
    lines = lines.with_columns(normalise(pl.col("identifier")))
    nobody = lines.filter(~kind(pl.col("identifier")).is_in(IDENTIFYING))["line"].to_list()
    if nobody:
        raise _wrong(f"the identifier in line {nobody[0]} can be nobody's")
    return lines.select(list(WITHDRAWALS_SCHEMA)).unique().sort(list(WITHDRAWALS_SCHEMA))


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong("it is not UTF-8") from None
    # A quotation mark is no way to write a line: it could swallow the lines after it.
    return list(csv.reader(text.splitlines(), delimiter=";", quoting=csv.QUOTE_NONE)) or [[]]


def _withdrawal(row: list[str], line: int, width: int) -> tuple[str, date, date | None]:
    """One line; an end that is not written is none, for then the withdrawal binds."""
    if not len(_LINE) <= len(row) <= width or not row[0].strip():
        raise _wrong(f"line {line} does not hold an identifier and a date")
    began = _day(row[1], line)
    ended = _day(row[2], line) if len(row) > len(_LINE) and row[2].strip() else None
    if ended is not None and ended < began:
        raise _wrong(f"the withdrawal in line {line} ends before it begins")
    return row[0], began, ended


def _day(text: str, line: int) -> date:
    try:
        if not _DAY.fullmatch(text.strip()):
            raise ValueError
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _wrong(f"the date in line {line} is not written yyyy-mm-dd") from None


def _wrong(why: str) -> SettingWrong:
    return SettingWrong(
        f"The list of withdrawals cannot be used: {why}.",
        instead="Nothing was run, for a withdrawal might be missed.",
        do=f"Correct restricted/{WITHDRAWALS_FILE}, then: uttrekk run",
    )
