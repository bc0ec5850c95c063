"""The rows of a night, counted: what was received, what passed, what was held back and by which rule."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.landing import Observation
from pipeline.validate import ValidatedTable


def flow_of(found: Observation, validated: Sequence[ValidatedTable]) -> pl.DataFrame:
    """How many rows of each table were landed, passed and quarantined."""
    landed = pl.DataFrame(
        [(name.split("/")[0], snapshot.rows) for name, snapshot in found.snapshots.items()],
        schema={"table": pl.String(), "landed": pl.Int64()},
        orient="row",
    )
    split = pl.DataFrame(
        [(part.table, part.passed.rows, part.quarantined.rows) for part in validated],
        schema={"table": pl.String(), "passed": pl.Int64(), "quarantined": pl.Int64()},
        orient="row",
    )
    flow = landed.group_by("table").sum().join(split.group_by("table").sum(), on="table", how="left")
    return flow.sort("table")


def rule_counts(validated: Sequence[ValidatedTable]) -> pl.DataFrame:
    """How many rows broke each rule, over all parts of a table."""
    counts = [
        (count.table, count.rule, count.column or None, count.severity.value, count.rows)
        for part in validated
        for count in part.counts
    ]
    schema = {"table": pl.String(), "rule": pl.String(), "column": pl.String(), "severity": pl.String()}
    frame = pl.DataFrame(counts, schema={**schema, "rows": pl.Int64()}, orient="row")
    return frame.group_by(list(schema)).agg(pl.col("rows").sum()).sort(list(schema), nulls_last=True)
