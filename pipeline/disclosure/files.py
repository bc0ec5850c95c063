"""Tables and hierarchies that come as files from outside this pipeline: CSV and Parquet, and ARX's CSV."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy, hierarchy
from pipeline.durable import sync
from pipeline.errors import RequestRefused
from pipeline.tables import COMPRESSION_LEVEL

CSV, PARQUET = (".csv", ".txt", ".tsv"), (".parquet", ".pq")
SEPARATORS = (";", ",", "\t", "|")


def read_table(path: Path) -> pl.DataFrame:
    """The table in a CSV (all columns as text, an empty one null) or Parquet file, or RequestRefused.

    What is in a CSV must not depend on who reads it, so it is told as narrowly as the verifiers tell it: the
    separator is what its header has most of, the header names every column once, and each line has as many
    values. A blank line is no row, except where there is one column: there it is a row without a value.
    """
    suffix = _suffix(path)
    try:
        if suffix in PARQUET:
            return pl.read_parquet(path, hive_partitioning=False, glob=False)
        return _read_csv(path)
    except (OSError, UnicodeDecodeError, csv.Error, duckdb.Error, pl.exceptions.PolarsError):
        do = "Give a table with a header, in UTF-8."
        if suffix in CSV:
            do += (
                " The header names every column once, each line has as many values and at most 2 MB, and "
                "all lines end alike; or give the table as Parquet."
            )
        raise _unreadable(path, do) from None


def _read_csv(path: Path) -> pl.DataFrame:
    """By DuckDB with nothing left to guess: polars takes short lines, and blank ones for rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = _header(file)
        separator = _separator(head)
        names = next(csv.reader([head], delimiter=separator), [])
    if not names or len(set(names)) < len(names):
        raise csv.Error
    places = {str(at): "VARCHAR" for at in range(len(names))}
    with duckdb.connect() as connection:
        rows = connection.read_csv(
            _literally(path),
            sep=separator,
            quotechar='"',
            escapechar='"',
            header=True,
            columns=places,
            auto_detect=False,
        )
        frame: pl.DataFrame = rows.pl()
    return frame.rename(dict(zip(places, names, strict=True)))


def _literally(path: Path) -> str:
    """The path in DuckDB's words, for which * ? and [ stand for the names of other files."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(path.resolve()))


def _header(lines: Iterable[str]) -> str:
    """The first line, and those that a quotation mark in it joins to it."""
    head = ""
    for line in lines:
        head += line
        if head.count('"') % 2 == 0:
            break
    return head


def refuse_what_is_no_value(frame: pl.DataFrame, names: Iterable[str]) -> None:
    """RequestRefused unless the columns `names`, those that are there, have values that are one text each.

    Classes, rules and cells are made of values: of a list, a structure, bytes or a duration there are none,
    and whole numbers of 128 bits are bytes to others who read the file.
    """
    kinds = frame.schema
    odd = [name for name in names if name in kinds and _is_no_value(kinds[name])]
    if odd:
        raise RequestRefused(
            "Lists, structures, bytes, durations and numbers of 128 bits have no values to be counted; they "
            f"stand in: {', '.join(odd)}.",
            instead="Nothing was written.",
            do="Give the columns as text or numbers of 64 bits, or leave them out.",
        )


def _is_no_value(kind: pl.DataType) -> bool:
    return kind.is_nested() or kind in (pl.Binary, pl.Duration, pl.Object, pl.Int128, pl.UInt128)


def write_table(path: Path, frame: pl.DataFrame, check: Callable[[Path], object]) -> None:
    """Write a table as its name says, readable by its owner alone.

    It appears whole, by one rename, after `check` has passed the file as written; if that raises, nothing is
    left of it. Until then it has a name that nobody can guess and prepare. RequestRefused where the folder
    takes no file, or where a CSV cannot hold a column.
    """
    parquet = _suffix(path) in PARQUET
    if not parquet:
        _refuse_what_is_no_text(frame)
    descriptor, staged = _staged(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if parquet:
                frame.write_parquet(file, compression_level=COMPRESSION_LEVEL)
            else:
                frame.write_csv(file, separator=SEPARATORS[0])
            file.flush()
            os.fsync(file.fileno())
        check(staged)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
    sync(path.parent)


def _staged(path: Path) -> tuple[int, Path]:
    try:
        descriptor, name = tempfile.mkstemp(prefix=".staged.", suffix=path.suffix, dir=path.parent)
    except OSError:
        raise RequestRefused(
            f"The folder that {path.name} is to stand in is not there, or takes no file from you.",
            instead="Nothing was written.",
            do="Make the folder, or name a file in one that you may write in, and type the command again.",
        ) from None
    return descriptor, Path(name)


def _refuse_what_is_no_text(frame: pl.DataFrame) -> None:
    odd = [name for name, kind in frame.schema.items() if _is_no_value(kind)]
    if odd:
        raise RequestRefused(
            f"A CSV cannot hold lists, structures, bytes, durations or 128-bit numbers, which stand in: "
            f"{', '.join(odd)}.",
            instead="Nothing was written.",
            do="Give an output whose name ends in .parquet, or leave the columns out: role direct.",
        )


def read_hierarchy(path: Path, name: str) -> Hierarchy:
    """The hierarchy of the column `name` in ARX's form: no header, a line for each value and its parents."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _unreadable(path, f"The role file names it as the hierarchy of {name}.") from None
    lines = [line for line in text.splitlines() if line.strip()]
    return hierarchy(name, csv.reader(lines, delimiter=_separator(lines[0] if lines else "")))


def _separator(line: str) -> str:
    """The sign that a line has most of, outside quotation marks."""
    return max(SEPARATORS, key=re.sub('"[^"]*"', "", line).count)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in CSV + PARQUET:
        raise RequestRefused(
            f"{path.name} is neither CSV nor Parquet by its name.",
            instead="Nothing was written.",
            do=f"Give a name that ends in {', '.join(CSV + PARQUET)}.",
        )
    return suffix


def _unreadable(path: Path, do: str) -> RequestRefused:
    return RequestRefused(f"{path.name} cannot be read.", instead="Nothing was written.", do=do)
