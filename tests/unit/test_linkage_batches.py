"""Large results: kept batch by batch, every row once, in the order of the key, or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.errors import TableRejected
from pipeline.linkage import engine, queries
from schemas.linked import ExitCohort, WorkMonth, WorkYear, YearStatus
from schemas.variable import polars_schema
from tests.linkage_world import AS_OF, frame_of, settings_at

MONTHS = [date(2015, month, 1) for month in range(1, 13)]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCH_ROWS", 5)


def months_in_work(folder: Path, into: engine.Keep | None = None) -> pl.DataFrame:
    every_month = sum(1 << month.month for month in MONTHS)
    years = pl.DataFrame(
        [{"person_key": p, "year": 2015, "series": "monthly", "months_in_work": every_month} for p in (1, 2)],
        schema=polars_schema(WorkYear),
    )
    return queries.work_month(settings_at(folder), years=years, into=into)


@pytest.mark.usefixtures("small_batches")
def test_batches_are_equal_in_size_and_together_the_whole(tmp_path: Path) -> None:
    kept: list[pl.DataFrame] = []
    none = months_in_work(tmp_path, kept.append)
    assert [batch.height for batch in kept] == [5, 5, 5, 5, 4]
    assert none.is_empty() and none.schema == kept[0].schema
    assert pl.concat(kept).rows() == [(p, month, "monthly") for p in (1, 2) for month in MONTHS]
    assert pl.concat(kept).equals(months_in_work(tmp_path))


@pytest.mark.parametrize("rows", [0, 1, 4, 5, 6, 10, 11, 5_000])
@pytest.mark.usefixtures("small_batches")
def test_no_row_is_lost_between_two_batches(rows: int) -> None:
    with duckdb.connect() as connection:
        batches = list(engine._in_batches(connection.sql(f"select range as a from range({rows})")))
    assert [a for batch in batches for a in batch["a"]] == list(range(rows))
    assert {batch.height for batch in batches[:-1]} <= {5}


@pytest.mark.parametrize(
    "keys",
    [
        [1, 2, 3, 4, 4, 6],  # twice in a batch
        [1, 2, 3, 4, 5, 5],  # twice, on both sides of the end of a batch
        [1, 2, 4, 3, 5, 6],
        [1, 2, 3, 4, 5, None],
    ],
)
@pytest.mark.usefixtures("small_batches")
def test_rows_that_are_not_in_the_order_of_a_unique_key_are_refused(keys: list[int | None]) -> None:
    work = pl.DataFrame(
        {"person_key": keys, "month": MONTHS[0], "series": "monthly"}, schema=polars_schema(WorkMonth)
    )
    with duckdb.connect() as connection, pytest.raises(TableRejected, match="work_month"):
        engine._checked_in_batches(WorkMonth, connection.from_arrow(work.to_arrow()), lambda _: None)


def test_whether_a_key_ascends_is_asked_of_its_first_column_first() -> None:
    ascends = [(1, "b"), (1, "c"), (2, "a")]
    for rows, expected in [
        (ascends, True),
        (ascends[::-1], False),
        ([(1, "a"), (1, "a")], False),
        ([(1, "a"), (None, "b")], False),
        ([], True),
        ([(None, None)], True),
    ]:
        frame = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.String}, orient="row")
        assert engine._ascends(frame, ["a", "b"]) is expected


def test_the_large_tables_are_the_same_for_any_number_of_threads(tmp_path: Path) -> None:
    """Rows of the panel come in the order of their key without being sorted: so threads must not matter."""

    people = range(1, 5_000)
    cohort = pl.DataFrame(
        [
            {"person_key": p, "programme_key": p, "ended_on": MONTHS[p % 12], "left_on": MONTHS[p % 12]}
            | {"exit_year": 2015, "nir_exit": "98"}
            for p in people
        ],
        schema=polars_schema(ExitCohort),
    )
    years = pl.DataFrame(schema=polars_schema(YearStatus))
    population = frame_of("population_status", [])
    answerable = pl.DataFrame(schema={"outcome": pl.String, "month": pl.Date})
    linkable = cohort.select("person_key")

    def made(threads: int) -> pl.DataFrame:
        settings = replace(settings_at(tmp_path), threads=threads)
        return queries.panel(
            settings,
            AS_OF,
            cohort=cohort,
            years=years,
            population=population,
            answerable=answerable,
            linkable=linkable,
        )

    one = made(1)
    assert one.height == 61 * len(people)
    assert one.select("person_key", "months_since_exit").rows() == [(p, m) for p in people for m in range(61)]
    assert made(4).equals(one)
