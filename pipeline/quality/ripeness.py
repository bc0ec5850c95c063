"""Which years are settled: of the others a low share is what is still to come, and no finding.

Where a value has no day by which it is due, the newest years are always still filling up. How fast a field
fills is worked out as for the delays (`delays.py`), from the day a value first stood there; a year is ripe
when nearly all that will come has come. Where no date tells, it is ripe when it has been over for long. What
does not belong here: judging (`over_time.py`, `grades.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.delays import arrived_by, began, first_filled, month_by, months_seen, triangle
from pipeline.quality.evidence import Evidence
from pipeline.quality.first_there import first_there_on, first_values
from pipeline.quality.populations import Populations
from pipeline.quality.profile import (
    MUST_NOT,
    NOT_DUE,
    QualityProfile,
    early,
    fields,
    is_due,
    link,
    profiled_tables,
)
from pipeline.quality.results import FIELD, PERMILLE
from schemas.quality.finding import PPM
from schemas.variable import Column, Table, facts, table_name

UNRIPE: dict[str, pl.DataType] = {name: pl.String() for name in FIELD} | {"year": pl.Int64()}
FIELD_YEAR = tuple(UNRIPE)
NOT_RIPE = "not_ripe"  # the reason that a check could not be carried out, or a grade be given
# How long a field is followed: as long as a trend is looked at. Older units tell of an older practice.
HORIZON = 12 * thresholds.DECAY_YEARS.value
_TOLD, _DUE = "told", "due"


def unripe(measured: QualityProfile, evidence: Evidence) -> pl.DataFrame:
    """UNRIPE: the years of each promised field that are not settled on the night's as_of, sorted.

    Where rows are expected of somebody, a year is unripe while, by the pace of the last `HORIZON` months,
    less than `RIPE_SHARE` of the values that come in the end have come. Where no pace is known (the rows
    themselves are what is expected, or too few have come to tell) and no demand says by when, it is unripe
    until it has been over for `RIPE_MONTHS`. What a row cannot be without came with it, and is always ripe.
    """
    years = years_of(measured)
    by_age = years.filter(~is_over_for_long(pl.col("year"), evidence.as_of))
    who = evidence.who()
    found = [pl.DataFrame(schema=UNRIPE)]
    for table in profiled_tables():
        mine = [c for c in fields(table) if is_judged(c)]
        told = _of_table(evidence, table, mine, who) if facts(table).expected_per else _NO_PACE
        untold = [c.name for c in mine if not (facts(table).due or c.about.due)]
        of_table = by_age.filter((pl.col("table") == table_name(table)) & pl.col("column").is_in(untold))
        known = told.select(FIELD).unique()
        found += [
            told.filter(~pl.col("is_ripe")).select(list(UNRIPE)),
            of_table.join(known, on=FIELD, how="anti").select(list(UNRIPE)),
        ]
    return pl.concat(found).sort(*UNRIPE)


def years_of(measured: QualityProfile) -> pl.DataFrame:
    """UNRIPE: every year of every measured field in which somebody's value is due.

    Of a year in which nobody's is due yet nothing is known: it is neither settled nor filling up.
    """
    due = pl.col("n") - pl.col(MUST_NOT) - pl.col(NOT_DUE)
    found = measured.fill.group_by(*FIELD, "year").agg(due.sum().alias(_DUE)).filter(pl.col(_DUE) > 0)
    return found.select(*FIELD, pl.col("year").cast(pl.Int64)).drop_nulls("year")


def is_judged(column: Column) -> bool:
    """Whether a field's years may be unripe: what is promised of it may lack a value."""
    return 0 < column.about.min_filled < 1


def limits() -> list[int]:
    """The figures that ripeness is judged by."""
    by = (thresholds.RIPE_SHARE, thresholds.RIPE_MONTHS, thresholds.FEWEST_TO_JUDGE, thresholds.DECAY_YEARS)
    return [limit.value for limit in by]


def is_over_for_long(year: pl.Expr, as_of: date) -> pl.Expr:
    """Whether the year has been over for `RIPE_MONTHS` by `as_of`."""
    return pl.date(year + 1, 1, 1).dt.offset_by(f"{thresholds.RIPE_MONTHS.value}mo") <= as_of


def among(rows: pl.DataFrame, unripe_years: pl.DataFrame) -> pl.Series:
    """Whether each of `rows` (FIELD, year) is of an unripe year; one of no year is not."""
    told = unripe_years.select(*FIELD, pl.col("year").cast(rows.schema["year"]), pl.lit(True).alias(_TOLD))
    joined = rows.join(told, on=[*FIELD, "year"], how="left", maintain_order="left")
    return joined[_TOLD].fill_null(False)


def waiting(results: pl.DataFrame) -> pl.DataFrame:
    """UNRIPE: the years that results (of checks, or published) tell to be still filling up."""
    told = results.filter((pl.col("reason") == NOT_RIPE) & pl.col("year").is_not_null())
    return told.select(pl.col(name).cast(kind) for name, kind in UNRIPE.items()).unique()


_JUDGED = {**UNRIPE, "is_ripe": pl.Boolean()}
_NO_PACE = pl.DataFrame(schema=_JUDGED)


def _of_table(
    evidence: Evidence, table: type[Table], promised: list[Column], who: Populations
) -> pl.DataFrame:
    """_JUDGED: each year of each field whose pace is known."""
    return pl.concat([_NO_PACE, *_paced(evidence, table, promised, who)])


def _paced(
    evidence: Evidence, table: type[Table], promised: list[Column], who: Populations
) -> Iterator[pl.DataFrame]:
    key, as_of = str(link(table)), evidence.as_of
    units = began(evidence, table, who).join(first_values(evidence, table, promised), on=key, how="left")
    event = pl.col("event")
    for column in promised:
        rows = units.join(first_filled(evidence, table, column), on=key, how="left").select(
            "population",
            pl.col("year").cast(pl.Int64),
            age=months_seen(pl.lit(as_of) - event, HORIZON + 1),
            delay=month_by(first_there_on(column) - event, HORIZON),
            due=is_due(table, as_of) & ~early(column, as_of),
        )
        for (population,), part in rows.partition_by("population", as_dict=True).items():
            yield _years(part).select(
                pl.lit(column.table).alias("table"),
                pl.lit(column.name).alias("column"),
                pl.lit(population).alias("population"),
                "year",
                "is_ripe",
            )


def _years(part: pl.DataFrame) -> pl.DataFrame:
    """`year` and `is_ripe` of one field: whether enough of what will come has come; no line: no pace known.

    Who has been followed for longer than the horizon is taken to be complete.
    """
    followed = part.filter(pl.col("age") <= HORIZON)
    if followed["delay"].count() < thresholds.FEWEST_TO_JUDGE.value:
        return pl.DataFrame(schema={"year": pl.Int64, "is_ripe": pl.Boolean})
    _, by_delay = triangle(followed, HORIZON)
    curve = np.append(arrived_by(by_delay, fewest=thresholds.FEWEST_TO_JUDGE.value), 1.0)
    # Whole millionths, so that what is exactly at the limit is so on every machine and in any order.
    had = pl.Series("had", np.rint(curve * PPM).astype(np.int64)).gather(part["age"])
    return (
        part.with_columns(had)
        .filter("due")
        .drop_nulls("year")
        .group_by("year")
        .agg(
            is_ripe=pl.col("had").sum() * PERMILLE
            >= PPM * thresholds.RIPE_SHARE.value * pl.col("had").count().cast(pl.Int64)
        )
    )
