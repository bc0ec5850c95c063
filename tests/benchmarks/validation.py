"""Validation of 20 columns against the same rules written by hand as Polars expressions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl

from pipeline.config import Settings
from pipeline.validate import validate
from schemas import codes
from schemas.rules import in_order
from schemas.variable import Demand, Entity, Identifiability, Table, TableFacts, polars_schema, variable
from tests.benchmarks.measure import Comparison, Scale

AS_OF = date(2025, 3, 1)
NUMBERS = tuple(f"number_{n}" for n in range(12))
CODES = ("1", "2", "9")
PATTERN = r"^[0-9]{4}$"

declare = partial(
    variable,
    nb="Felt",
    en="Field",
    source="benchmark",
    source_name="",
    demand=Demand.NOBODY,
    identifiability=Identifiability.NONE,
)


class _Wide(Table):
    """Twenty columns with a bound, a code list or a pattern each."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="benchmark",
        source_name="wide",
        nb="Bred tabell",
        en="Wide table",
        unit=Entity.PERSON,
        primary_key=(),
        rules=(in_order("started_on", "ended_on"),),
    )

    code_0: str = declare(codes=codes.SEX)
    code_1: str = declare(codes=codes.SEX, min_filled=0.5)
    code_2: str = declare(codes=codes.SEX)
    place: str = declare(matches=PATTERN)
    started_on: pl.Date = declare(ge=date(2000, 1, 1))
    ended_on: pl.Date = declare(min_filled=0.5)
    share: float = declare(ge=0, le=100, unit="percent")
    asked: bool = declare(min_filled=0.5)


Wide = type(Table)(
    "Wide",
    (_Wide,),
    {
        "__module__": __name__,
        "__doc__": _Wide.__doc__,
        "__facts__": _Wide.__facts__,
        "__annotations__": dict.fromkeys(NUMBERS, int),
        **{name: declare(ge=0, le=1_000, unit="number") for name in NUMBERS},
    },
)


def comparisons(scale: Scale, folder: Path) -> Iterator[Comparison]:
    """Few rows fail, one rule fails widely."""
    good = _frame(scale.validated_rows)
    few = good.with_columns(
        number_0=pl.when(pl.int_range(pl.len()) % 1_000 == 0).then(-1).otherwise("number_0")
    )
    many = good.with_columns(number_0=pl.when(pl.int_range(pl.len()) % 2 == 0).then(-1).otherwise("number_0"))
    for failing, frame, aim in (("few rows fail", few, 1.5), ("half the rows fail", many, 2.2)):
        yield Comparison(
            stage=f"validate: {frame.height:,} x {frame.width}, {failing}",
            subject=lambda frame=frame: [validate(Wide, batch, AS_OF).counts for batch in _batches(frame)],  # type: ignore[misc]
            floor=lambda frame=frame: [by_hand(batch) for batch in _batches(frame)],  # type: ignore[misc]
            floor_is="the same rules by hand, counted in one select",
            rows=frame.height,
            aim=aim,
        )


def _batches(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows as a night judges them: so many at a time."""
    return frame.iter_slices(Settings.batch_rows)


def by_hand(frame: pl.DataFrame) -> pl.DataFrame:
    """How many rows break each rule."""
    day = pl.lit(date(2000, 1, 1))
    rules = [
        *(pl.col(name).is_null() for name in (*NUMBERS, "code_0", "code_2", "place", "started_on", "share")),
        *(pl.col(name) < 0 for name in (*NUMBERS, "share")),
        *(pl.col(name) > 1_000 for name in NUMBERS),
        pl.col("share") > 100,
        pl.col("share").is_nan(),
        *(~pl.col(f"code_{n}").is_in(CODES) for n in range(3)),
        ~pl.col("place").str.contains(PATTERN),
        pl.col("started_on") < day,
        pl.col("ended_on") < pl.col("started_on"),
    ]
    return frame.select(rule.sum().alias(str(number)) for number, rule in enumerate(rules))


def _frame(rows: int) -> pl.DataFrame:
    random = np.random.default_rng(2006)
    started = random.integers(12_000, 19_000, rows).astype(np.int32)
    made = {name: random.integers(0, 1_001, rows) for name in NUMBERS}
    frame = pl.DataFrame(made).with_columns(
        *(pl.Series(f"code_{n}", np.array(CODES)[random.integers(0, 3, rows)]) for n in range(3)),
        place=pl.Series(random.integers(1_000, 10_000, rows)).cast(pl.String),
        started_on=pl.Series(started).cast(pl.Date),
        ended_on=pl.Series(started + random.integers(0, 900, rows).astype(np.int32)).cast(pl.Date),
        share=pl.Series(random.random(rows) * 100),
        asked=pl.Series(random.random(rows) < 0.5),
    )
    return frame.select(list(polars_schema(Wide)))
