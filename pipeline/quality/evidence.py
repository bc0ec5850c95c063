"""What a night's checks are carried out on, beside the counts: core, linked tables, and what was held back.

What does not belong here: where any of it is stored (`night`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from pipeline.quality.populations import Cores, Populations, populations

HELD: dict[str, pl.DataType] = {
    "table": pl.String(),
    "rule": pl.String(),
    "column": pl.String(),
    "rows": pl.Int64(),
    "rows_in": pl.Int64(),
}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`usable` (person_key) are the persons who may be counted; `cores` the core tables on disk.

    `linked` has programme_flag, reconciliation and outcome where they were made. `restricted` has passed rows
    of the source's own tables (person, identifier, background, health, change_log), `keys` the ledger as it
    stands (entity, source_key, key). `refused` is as `profile` takes it, and `held` (HELD) has for each table
    and rule how many of its rows it held back (a null rule: no rule held any). Whatever is
    absent makes its checks «could not run».
    """

    as_of: date
    usable: pl.DataFrame
    cores: Cores
    linked: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    restricted: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    keys: pl.DataFrame | None = None
    refused: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    held: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HELD))

    def who(self) -> Populations:
        """The usable persons, and the programmes and cases that are theirs."""
        return populations(self.cores, self.usable)

    def of_usable(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that are of a person who may be counted."""
        return rows.join(self.usable.select("person_key").unique(), on="person_key", how="semi")

    def keys_of(self, entity: str, source: str, key: str) -> pl.DataFrame:
        """(`source` as text, `key`) of every thing of that kind in the ledger."""
        if self.keys is None:
            return pl.DataFrame(schema={source: pl.String, key: pl.Int64})
        return self.keys.filter(pl.col("entity") == entity).select(
            pl.col("source_key").alias(source), pl.col("key").alias(key)
        )
