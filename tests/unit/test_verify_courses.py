"""The verifier of courses catches what a careless controller would leave, and passes what is safe."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure import verify_courses
from pipeline.disclosure.verify_courses import Asked, verify
from pipeline.errors import NotVerified

# Persons 1 to 4 have a course in month 0 and work in month 12; 5 and 6 live together, and are alike them.
EVENTS = pl.DataFrame(
    {
        "who": [person for person in range(1, 7) for _ in range(2)],
        "on": [date(2020, 1, 15), date(2021, 1, 20)] * 6,
        "what": ["course", "job"] * 6,
        "began": [date(2020, 1, 10)] * 12,
        "home": [None] * 8 + ["h"] * 4,
    }
)
WHOSE = pl.DataFrame({"course": range(1, 7), "person": range(1, 7)})
WRITTEN = pl.DataFrame(
    {
        "course": [course for course in range(1, 7) for _ in range(2)],
        "month": [0, 12] * 6,
        "event": ["course", "job"] * 6,
    }
)


def judged(
    folder: Path,
    written: pl.DataFrame = WRITTEN,
    whose: pl.DataFrame = WHOSE,
    events: pl.DataFrame = EVENTS,
    **changed: Any,
) -> None:
    (folder / "courses.csv").write_text(written.write_csv(separator=";"))
    events.write_parquet(folder / "events.parquet")
    asked: dict[str, Any] = {"person": "who", "day": "on", "event": "what", "start": "began", "step": "month"}
    asked |= {"household": "home", "k": 5, "m": 2, "suppression": "0.1"}
    verify(folder / "events.parquet", folder / "courses.csv", whose, Asked(**(asked | changed)))


def changed(row: int, **values: object) -> pl.DataFrame:
    lines = WRITTEN.to_dicts()
    lines[row] |= values
    return pl.DataFrame(lines, schema=WRITTEN.schema)


def test_what_is_shared_by_five_households_passes(tmp_path: Path) -> None:
    judged(tmp_path)


def test_a_family_that_counts_for_two_is_caught(tmp_path: Path) -> None:
    judged(tmp_path, household=None, k=6)
    with pytest.raises(NotVerified, match="a combination of 1 events is shared by fewer than 6 households"):
        judged(tmp_path, k=6)


def test_two_events_together_are_looked_at(tmp_path: Path) -> None:
    # Work is left out of person 1's course and the course of person 2's: each alone is shared by 5.
    rows = WRITTEN.with_row_index().filter(~pl.col("index").is_in([1, 2])).drop("index")
    judged(tmp_path, rows, household=None, m=1, suppression="0.2")
    with pytest.raises(NotVerified, match="a combination of 2 events is shared by fewer than 5"):
        judged(tmp_path, rows, household=None, suppression="0.2")


def test_many_combinations_are_looked_at_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_courses, "MOST_AT_ONCE", 1)
    judged(tmp_path)
    with pytest.raises(NotVerified, match="a combination of 1 events"):
        judged(tmp_path, k=6)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (changed(1, month=11), "did not happen"),
        (changed(1, event="exam"), "did not happen"),
        (changed(1, month=0, event="course"), "did not happen"),  # a second one
        (WRITTEN.head(10), "more events are left out"),
        (WRITTEN.rename({"month": "year"}), "its columns"),
        (WRITTEN.with_columns(who=1), "its columns"),
        (changed(1, event=None), "without its course or text"),
    ],
)
def test_what_is_told_otherwise_than_it_was_is_caught(
    tmp_path: Path, written: pl.DataFrame, message: str
) -> None:
    with pytest.raises(NotVerified, match=message):
        judged(tmp_path, written, k=2)


def test_a_course_of_two_persons_is_caught(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="one by one"):
        judged(tmp_path, whose=WHOSE.with_columns(person=pl.lit(1)))


@pytest.mark.parametrize(("step", "period"), [("quarter", 4), ("year", 1)])
def test_periods_are_counted_anew(tmp_path: Path, step: str, period: int) -> None:
    times = pl.col("month").replace({12: period}).alias(step)
    judged(tmp_path, WRITTEN.select("course", times, "event"), step=step)
    with pytest.raises(NotVerified, match="did not happen"):
        judged(tmp_path, WRITTEN.select("course", (times + 1).alias(step), "event"), step=step)


def test_a_column_of_nearly_the_households_name_is_not_read_for_it(tmp_path: Path) -> None:
    """By `Home` everybody lives alone, by `home` two live together; DuckDB does not tell capitals apart."""
    both = EVENTS.select(pl.col("who").alias("Home"), pl.all())
    with pytest.raises(NotVerified, match="a combination of 1 events is shared by fewer than 6 households"):
        judged(tmp_path, k=6, events=both)
