"""What somebody names, found among what there is: a measured field, a flag; or the nearest there is."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from pipeline.errors import SettingWrong
from pipeline.quality.profile import fields, profiled_tables
from schemas import SOURCE_TABLES, codes
from schemas.variable import columns, table_name

MOST_LISTED = 12


def measured_field(path: str) -> tuple[str, str]:
    """The table and the column of `table.column`; SettingWrong where no such field is measured."""
    known = [f"{table_name(table)}.{c.name}" for table in profiled_tables() for c in fields(table)]
    if path not in known and path in {c.path for table in SOURCE_TABLES for c in columns(table)}:
        raise _unknown(f"{path} is not measured: it is a key, dates its row, or is another register's.")
    table, _, name = _one_of(path, known, "measured field").partition(".")
    return table, name


def quality_flag(word: str) -> str:
    """The flag of that name; SettingWrong where there is none."""
    return _one_of(word, codes.QUALITY_FLAG.values(), "flag")


def _one_of(word: str, known: Collection[str], what: str) -> str:
    if word in known:
        return word
    near = difflib.get_close_matches(word, known, n=1)
    listed = ", ".join(sorted(known)[:MOST_LISTED]) + (" ..." if len(known) > MOST_LISTED else ".")
    meant = f"Did you mean {near[0]}?" if near else f"There are {listed}"
    raise _unknown(f"There is no {what} of that name. {meant}")


def _unknown(happened: str) -> SettingWrong:
    return SettingWrong(
        happened,
        instead="Nothing is shown.",
        do="See what the night has found with: uttrekk quality findings --all",
    )
