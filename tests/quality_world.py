"""Core tables small enough to count by hand: the quality profile's and the report's tests read them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from schemas import BY_NAME, CASE_SYSTEM
from schemas.core import in_core
from schemas.variable import facts, polars_schema, table_name

AS_OF = date(2025, 3, 1)
SETTLED = date(2023, 5, 1)


def core_frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of a core table; what a row leaves out is null."""
    return pl.DataFrame(rows, schema=polars_schema(in_core(BY_NAME[table])))


def store(folder: Path, **tables: list[dict[str, Any]]) -> dict[str, list[Path]]:
    """All extracted core tables on disk: those given, the others empty."""
    folder.mkdir(parents=True, exist_ok=True)
    cores = {}
    for table in CASE_SYSTEM:
        if facts(table).extracted:
            name = table_name(table)
            path = folder / f"{name}.parquet"
            core_frame(name, tables.get(name, [])).write_parquet(path)
            cores[name] = [path]
    return cores


def persons(*keys: int, **more: Any) -> list[dict[str, Any]]:
    """Persons known since the day of settlement, or that `more` says."""
    return [{"person_key": key, "created_on": SETTLED, **more} for key in keys]


def settled(*keys: int, bydel: str | None = "01", on: date = SETTLED, **more: Any) -> list[dict[str, Any]]:
    """One settlement for each person."""
    return [{"person_key": key, "settled_on": on, "bydel": bydel, **more} for key in keys]


def cases(*keys: int, bydel: str | None = "02", **more: Any) -> list[dict[str, Any]]:
    """One case for each person, with the person's number as its own."""
    return [{"case_key": k, "person_key": k, "bydel": bydel, "opened_on": SETTLED, **more} for k in keys]


def programmes(*keys: int, started: date = SETTLED, **more: Any) -> list[dict[str, Any]]:
    """One programme for each person, in the person's case, with the person's number as its own."""
    return [{"programme_key": k, "person_key": k, "case_key": k, "started_on": started, **more} for k in keys]


def usable(*keys: int) -> pl.DataFrame:
    """The persons who may be counted."""
    return pl.DataFrame({"person_key": list(keys)}, schema={"person_key": pl.Int64})
