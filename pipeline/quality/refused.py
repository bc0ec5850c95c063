"""Quarantined rows by internal key, with the fields that a rule refused: an invalid value is not a "
"missing one.

What does not belong here: judging rows (`validate`), and the case numbers to correct (`worklist.py`).
"""

from __future__ import annotations

import polars as pl

from pipeline.validate.rows import RULES
from schemas.variable import Entity, KeyKind, Table, columns, facts

KEY_OF = {Entity.PERSON: "person_key", Entity.CASE: "case_key", Entity.PROGRAMME: "programme_key"}
SCHEMA: dict[str, pl.DataType] = {name: pl.Int64() for name in KEY_OF.values()} | {
    "columns": pl.List(pl.String),
    RULES: pl.List(pl.String),
}


def refused_rows(
    table: type[Table], quarantined: pl.DataFrame, ledger: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    """SCHEMA: whose each quarantined row is (null: nobody we know), which of its fields were
    refused, and every rule it broke.

    `ledger` is the ledger as it stands; `owners` (programme_key, person_key) says whose a programme is where
    the row does not.
    """
    rows = quarantined.with_columns(columns=_columns(table))
    for name, entity in _own_keys(table).items():
        keys = ledger.filter(pl.col("entity") == entity.value).select(
            pl.col("source_key").alias(name), pl.col("key").alias(KEY_OF[entity])
        )
        rows = rows.with_columns(pl.col(name).cast(pl.String)).join(keys, on=name, how="left")
    if "person_key" not in rows.columns and "programme_key" in rows.columns:
        rows = rows.join(
            owners.unique("programme_key", keep="first", maintain_order=True), on="programme_key", how="left"
        )
    lacking = [pl.lit(None, pl.Int64).alias(key) for key in KEY_OF.values() if key not in rows.columns]
    return rows.with_columns(lacking).select(list(SCHEMA))


def _own_keys(table: type[Table]) -> dict[str, Entity]:
    """The columns by which a row says whose it is; of several to one kind of thing, the first."""
    found = {
        c.about.key.entity: c.name
        for c in reversed(columns(table))
        if c.about.key and c.about.key.kind is KeyKind.OWN and c.about.key.entity in KEY_OF
    }
    return {name: entity for entity, name in found.items()}


def _columns(table: type[Table]) -> pl.Expr:
    """The fields a row's rules are of: told before the colon, else those that the rule over several reads."""
    several = {rule.name: list(rule.columns) for rule in facts(table).rules}
    named = [c.name for c in columns(table)]
    asks = [
        pl.col(RULES)
        .list.eval(
            pl.element().str.starts_with(f"{name}:")
            | pl.element().is_in([rule for rule, reads in several.items() if name in reads])
        )
        .list.any()
        for name in named
    ]
    return pl.concat_list(
        pl.when(asked).then(pl.lit(name)) for name, asked in zip(named, asks, strict=True)
    ).list.drop_nulls()
