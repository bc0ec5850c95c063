"""What a night found and published, as the states that the log of nights keeps.

What does not belong here: the log, and what changed between two nights (`history`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.quality.flags import Period
from pipeline.quality.history import ABOUT, DECIDED, HIDDEN, STATES, Kind
from pipeline.quality.judged_by import judged_by
from pipeline.quality.results import FAILED, FIELD, PASSED
from pipeline.quality.ripeness import NOT_RIPE
from pipeline.quality.stewardship import STANDING, UNDECIDED
from pipeline.quality.worse import size
from schemas.variable import Table, columns, fingerprint, table_name


def schema_states(of: tuple[type[Table], ...]) -> pl.DataFrame:
    """The declared shape of those tables as states: each table's fingerprint and each column's type."""
    rows = [
        (Kind.SCHEMA.value, name, state, table_name(table), column)
        for table in of
        for name, state, column in [
            (table_name(table), fingerprint(table)[:16], None),
            *((c.path, f"{c.dtype}{'?' if c.nullable else ''}", c.name) for c in columns(table)),
        ]
    ]
    return _as_states(rows, ["kind", "id", "state", "table", "column"])


def row_states(shown: pl.DataFrame, what: str) -> pl.DataFrame:
    """Protected counts (table, shown; null where suppressed) as states; `what` is LANDED or QUARANTINED."""
    told = pl.coalesce(pl.col("shown").cast(pl.String), pl.lit(HIDDEN))
    rows = shown.drop_nulls("table").select(
        kind=pl.lit(Kind.ROWS.value), id=pl.format("{} {}", "table", pl.lit(what)), state=told, table="table"
    )
    return _as_states(rows.rows(), rows.columns)


def value_states(fields: pl.DataFrame) -> pl.DataFrame:
    """Published fields over all years (`PublishedField`) as states: how many were expected, in which band."""
    rows = fields.filter((pl.col("by") == "year") & (pl.col("place") == "all")).select(
        kind=pl.lit(Kind.VALUES.value),
        id=pl.format("{}.{} {}", "table", "column", "population"),
        state=pl.format(
            "{} {}",
            pl.coalesce(pl.col("n").cast(pl.String), pl.lit(HIDDEN)),
            pl.coalesce("band", pl.lit(HIDDEN)),
        ),
        table="table",
        column="column",
        population="population",
    )
    return _as_states(rows.rows(), rows.columns)


def finding_states(results: pl.DataFrame) -> pl.DataFrame:
    """Published results as states: their status, HIDDEN, or that a steward has decided about the finding."""
    decided = (pl.col("status") == FAILED) & ~pl.col(STANDING).is_in(UNDECIDED)
    return results.select(
        pl.lit(Kind.FINDING.value).alias("kind"),
        pl.col("result_id").alias("id"),
        pl.when(decided).then(pl.lit(DECIDED)).otherwise(pl.col("status").fill_null(HIDDEN)).alias("state"),
        *(pl.col(name).cast(kind) for name, kind in ABOUT.items()),
    )


def size_states(results: pl.DataFrame) -> pl.DataFrame:
    """How bad each published finding is, as states."""
    rows = results.filter(pl.col("status") == FAILED)
    sizes = rows.select(kind=pl.lit(Kind.SIZE.value), id="result_id", state=size())
    return _as_states(sizes.rows(), sizes.columns)


def judged_states(results: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """By what each published result of the night was judged, as states: `judged_by`, and its years.

    These are the years it was judged without, and, of the latest ones, which is the last: at New Year a year
    leaves them that nobody has corrected. Of a result about one year, or about rows instead of a field's
    values, no other year matters.
    """
    unripe = results.filter((pl.col("reason") == NOT_RIPE) & pl.col("year").is_not_null())
    without = unripe.group_by(FIELD).agg(_years=pl.col("year").cast(pl.String).unique().sort().str.join(" "))
    judged = results.with_columns(judged_by(results)).filter(pl.col("status").is_in([FAILED, PASSED]))
    rows = judged.join(without, on=FIELD, how="left", maintain_order="left").select(
        kind=pl.lit(Kind.JUDGED.value),
        id="result_id",
        state=pl.concat_str(
            "rules",
            pl.when(pl.col("period") == Period.LATEST.value).then(pl.lit(f" until {as_of.year} ")),
            pl.when(pl.col("year").is_null()).then("_years"),
            ignore_nulls=True,
        ),
    )
    return _as_states(rows.rows(), rows.columns)


def _as_states(rows: Sequence[tuple[object, ...]], names: list[str]) -> pl.DataFrame:
    made = pl.DataFrame(rows, schema={name: STATES[name] for name in names}, orient="row")
    return made.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in STATES.items() if name not in names
    ).select(list(STATES))
