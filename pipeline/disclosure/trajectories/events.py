"""Events of persons in time that is counted from a day of each person's own, and coarsened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import polars as pl

from pipeline.errors import RequestRefused

# The columns of a frame of events: one row for each; whole months since the person's start, below 0 before.
PERSON, HOUSEHOLD, EVENT, MONTH = "person", "household", "event", "month"
PERIOD, UNIT, ITEM = "period", "unit", "item"


class Step(IntEnum):
    """How finely time is told, in months; WHOLE: that it happened, not when."""

    MONTH = 1
    QUARTER = 3
    YEAR = 12
    WHOLE = 0


@dataclass(frozen=True)
class Source:
    """Rows that are events: `person` and `day` name columns, `said` those that tell what happened.

    Two events are the same when they are of one source and all that is said is the same. Rows without a
    day are no events.
    """

    rows: pl.DataFrame
    person: str
    day: str
    said: tuple[str, ...] = ()


def gathered(
    sources: Mapping[str, Source],
    starts: pl.DataFrame,
    *,
    person: str,
    start: str,
    household: str | None = None,
) -> pl.DataFrame:
    """All events of the persons in `starts`: `person`, `household`, `event`, `month`.

    `starts` has one row for each `person` with the day `start` from which time is counted, and the
    `household` if there is one (blank, or no column: the person alone). Events of others are left out. An
    event is named by its source and what is said: `activity: language course`. A month is counted from the
    day of the start: the day before is month -1.
    """
    if starts[person].is_duplicated().any() or starts[person].null_count() or starts[start].null_count():
        raise RequestRefused(
            f"A {person} has no {start}, or more than one.",
            instead="No course was measured.",
            do="Hand in one start for each person.",
        )
    house = pl.col(household) if household else pl.lit(None, pl.Int64)
    base = starts.select(
        pl.col(person).alias(PERSON), house.alias(HOUSEHOLD), pl.col(start).cast(pl.Date).alias("@start")
    )
    parts = [_one(name, source, base) for name, source in sorted(sources.items())]
    return pl.concat(parts).sort(PERSON, MONTH, EVENT)


def _one(name: str, source: Source, base: pl.DataFrame) -> pl.DataFrame:
    said = [pl.col(column).cast(pl.String).fill_null("") for column in source.said]
    what = pl.concat_str([pl.lit(name), *said], separator=": ")
    day, start = pl.col("@day"), pl.col("@start")
    months = (
        (day.dt.year() - start.dt.year()) * 12
        + day.dt.month().cast(pl.Int32)
        - start.dt.month().cast(pl.Int32)
        - (day.dt.day() < start.dt.day()).cast(pl.Int32)
    )
    return (
        source.rows.select(
            pl.col(source.person).alias(PERSON),
            what.alias(EVENT),
            pl.col(source.day).cast(pl.Date).alias("@day"),
        )
        .drop_nulls("@day")
        .join(base, on=PERSON, how="inner")
        .select(PERSON, HOUSEHOLD, EVENT, months.cast(pl.Int64).alias(MONTH))
    )


def coarsened(events: pl.DataFrame, step: Step) -> pl.DataFrame:
    """`events` with `period`, in steps from the start: 0 is the first, -1 the one before; null for WHOLE."""
    if step is Step.WHOLE:
        return events.with_columns(pl.lit(None, pl.Int64).alias(PERIOD))
    return events.with_columns((pl.col(MONTH) // int(step)).alias(PERIOD))


def items(events: pl.DataFrame) -> pl.DataFrame:
    """What an attacker may know of each person, one row each: `person`, `unit`, `item`, `row`.

    Items are numbered from 0 in the order of event, period and time: the second of two equal events in one
    period is an item of its own, known to those who know of two. `unit` numbers households, a person
    without one being one alone; `row` is the number of the event's row in `events`.
    """
    alone = pl.struct(pl.lit(None, events.schema[HOUSEHOLD]).alias(HOUSEHOLD), pl.col(PERSON))
    house = pl.struct(pl.col(HOUSEHOLD), pl.lit(None, events.schema[PERSON]).alias(PERSON))
    unit = pl.when(pl.col(HOUSEHOLD).is_null()).then(alone).otherwise(house)
    numbered = events.with_row_index("row").with_columns(
        unit.rank("dense").alias(UNIT),
        pl.int_range(pl.len()).over(PERSON, EVENT, PERIOD, order_by="row").alias("@time"),
    )
    kinds = numbered.select(EVENT, PERIOD, "@time").unique().sort(EVENT, PERIOD, "@time").with_row_index(ITEM)
    joined = numbered.join(kinds, on=[EVENT, PERIOD, "@time"], how="left", nulls_equal=True)
    return joined.select(PERSON, UNIT, pl.col(ITEM).cast(pl.Int64), "row").sort(PERSON, ITEM)
