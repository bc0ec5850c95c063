"""Reading an invented world as a test does: its sources under our names, its truth as it stands."""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipeline.sources.deliveries import delivery_batches, survey
from schemas import CASE_SYSTEM
from schemas.variable import Table, columns, facts, table_name

LONG_AFTER = date(2030, 1, 1)


def case_system(folder: Path) -> dict[str, pl.DataFrame]:
    """Every table of the case system."""
    found = {}
    with duckdb.connect(str(folder / "case_system.duckdb"), read_only=True) as con:
        for table in CASE_SYSTEM:
            names = {c.about.source_name: c.name for c in columns(table)}
            frame = con.sql(f'SELECT * FROM "{facts(table).source_name}"').pl()
            found[table_name(table)] = frame.rename(names)
    return found


def truth(folder: Path, name: str) -> pl.DataFrame:
    """One table of the truth."""
    return pl.read_parquet(folder / "truth" / f"{name}.parquet")


def planted(folder: Path, pattern: str, table: str) -> pl.Series:
    """The keys of the rows a pattern was planted in."""
    return truth(folder, "planted").filter(pattern=pattern, table=table)["key"]


def register_files(folder: Path) -> list[Path]:
    """Every delivered file, by name."""
    return sorted((folder / "deliveries").iterdir())


def delivered(folder: Path, table: type[Table], *years: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows read, failures) of the table's files of those years, or of all, through our own door."""
    read, failed = [], []
    for one in survey(folder / "deliveries", LONG_AFTER).delivered:
        if one.table is table and (not years or one.year in years):
            for rows, failures in delivery_batches(one, 1_000_000):
                read.append(rows)
                failed.append(failures)
    return pl.concat(read), pl.concat(failed)
