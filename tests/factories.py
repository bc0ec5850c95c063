"""Rows of any declared table, and identifiers that can belong to nobody: the common case is one call."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.config import Settings
from schemas import codes
from schemas.variable import Column, Table, columns, polars_schema

AS_OF = date(2025, 3, 1)
A_DAY = date(2015, 3, 1)

# One value that each declared pattern accepts, and one that only its end refuses.
MATCHING = {
    r"^[a-z]{3}$": ("ara", "araa"),
    r"^[a-z]{1,20}$": ("pass", "pass1"),
    r"^[0-9A-Z-]{1,16}$": ("S-1", "S-1x"),
    r"^[0-9]{4}$": ("0301", "03011"),
    r"^[0-9]{6}$": ("401101", "4011011"),
    r"^[0-9]{9}$": ("123456785", "123456785x"),
    r"^[0-9a-f]{32}$": ("0" * 32, "0" * 33),
}


def settings_at(folder: Path, **changes: Any) -> Settings:
    """Settings under a folder of the test's own."""
    data = folder / "data"
    return Settings(
        data=data,
        **({"case_system": "duckdb:///none", "deliveries": data, "keys": data} | changes),
    )


def rules_of_column(column: Column) -> dict[str, Any]:
    """What the column declares: min, max, pattern, codes, where there are any."""
    return {name: value for _, statistics in column.rules for name, value in statistics}


def a_value(column: Column) -> Any:
    """A value that keeps every rule of its column."""
    rules = rules_of_column(column)
    if column.about.codes == codes.FIGURE_STATE:
        return "stated"  # as the figure beside it is
    if "allowed_values" in rules:
        return rules["allowed_values"][0]
    if "pattern" in rules:
        return MATCHING[rules["pattern"]][0]
    by_type = {
        pl.Int64: rules.get("min_value", 1),
        pl.Float64: float(rules.get("min_value", 1)),
        pl.String: "x",
        pl.Boolean: False,
        pl.Date: A_DAY,
    }
    return by_type[column.dtype.base_type()]


def a_row(table: type[Table], **changes: Any) -> dict[str, Any]:
    """A row that keeps every rule of `table`, but for the `changes`."""
    return {column.name: a_value(column) for column in columns(table)} | changes


def frame_of(table: type[Table], *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of `table`, each given by what is particular about it."""
    return pl.DataFrame([a_row(table, **row) for row in rows], schema=polars_schema(table))


def check_digits(nine: str, remainder: int = 0) -> str | None:
    """The two check digits of nine digits, or None where that number is not used.

    Written from the rule as published, digit by digit, and shares nothing with what it tests.
    """
    first = sum(int(d) * w for d, w in zip(nine, (3, 7, 6, 1, 8, 9, 4, 5, 2), strict=True))
    k1 = (remainder - first) % 11
    if k1 == 10:
        return None
    second = sum(int(d) * w for d, w in zip(nine + str(k1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    k2 = -second % 11
    return None if k2 == 10 else f"{k1}{k2}"


def an_identifier(number: int, *, days: int = 0, months: int = 80, remainder: int = 0) -> str:
    """The `number`th fødselsnummer of the Tenor series (month + 80) born on 1 January 1980.

    `days=40` makes it a D-number. Another `months` makes a number that could be a person's: only for
    tests that want to see it refused.
    """
    found = (
        f"{1 + days:02}{1 + months:02}80{person:03}{digits}"
        for person in range(500)
        if (digits := check_digits(f"{1 + days:02}{1 + months:02}80{person:03}", remainder))
        if int(f"{person % 1000:03}{digits}") not in {100, 200}
    )
    return [identifier for _, identifier in zip(range(number + 1), found, strict=False)][number]


def a_duf(number: int) -> str:
    """The `number`th DUF number of a year not yet issued, with Statistics Norway's check digits."""
    ten = f"2090{number:06}"
    check = sum(int(d) * w for d, w in zip(ten, (4, 6, 3, 2, 4, 6, 3, 2, 7, 5), strict=True)) % 11
    return f"{ten}{check:02}"
