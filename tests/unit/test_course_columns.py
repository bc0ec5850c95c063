"""Courses from tables whose columns have any name and any kind: the same courses, or a refusal in words."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.errors import RequestRefused

EVENTS = pl.DataFrame(
    {
        "who": [f"p{n}" for n in range(8) for _ in range(2)],
        "day": [date(2020, 1, 15), date(2021, 1, 20)] * 8,
        "what": ["course", "job"] * 8,
        "began": [date(2020, 1, 10)] * 16,
        "home": [f"h{n}" for n in range(8) for _ in range(2)],
    }
)
OPTIONS = {"--person": "who", "--date": "day", "--event": "what", "--start": "began", "--household": "home"}
NAMES = ["@start", "@home", "@day", "person", "household", "event", "start", "month", "period", "row"]
NAMES += ["course", "item", "unit", "@", "@time", "*", "^.*$", "column 61"]


def courses(folder: Path, rows: pl.DataFrame, **changed: str) -> pl.DataFrame:
    rows.write_parquet(folder / "events.parquet")
    options = OPTIONS | {f"--{option}": name for option, name in changed.items()}
    words = [word for pair in options.items() for word in pair]
    done = CliRunner().invoke(
        uttrekk,
        ["protect-courses", str(folder / "events.parquet"), *words, "--out", str(folder / "out.csv")],
        standalone_mode=False,
    )
    if done.exception:
        assert not (folder / "out.csv").exists()
        raise done.exception
    return pl.read_csv(folder / "out.csv", separator=";", schema_overrides={"event": pl.String})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    told = courses(tmp_path_factory.mktemp("plain"), EVENTS)
    assert told.rows() == [line for n in range(1, 9) for line in ((n, 0, "course"), (n, 12, "job"))]
    return told


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_column_changes_a_course(tmp_path: Path, plain: pl.DataFrame, name: str) -> None:
    for option, before in OPTIONS.items():
        if name not in OPTIONS.values():
            (tmp_path / "out.csv").unlink(missing_ok=True)
            told = courses(tmp_path, EVENTS.rename({before: name}), **{option.removeprefix("--"): name})
            assert told.equals(plain)


def test_columns_may_be_called_as_others_usually_are(tmp_path: Path, plain: pl.DataFrame) -> None:
    # Each column by the name of what another is.
    names = {"who": "event", "day": "person", "what": "start", "began": "household", "home": "day"}
    given = {option.removeprefix("--"): names[name] for option, name in OPTIONS.items()}
    assert courses(tmp_path, EVENTS.rename(names), **given).equals(plain)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"household": "who"}, "who"),
        ({"start": "day"}, "day"),
        ({"event": "who"}, "who"),
        ({"event": "day"}, "day"),
        ({"household": "what"}, "what"),
    ],
)
def test_two_options_that_name_one_column_are_refused(
    tmp_path: Path, changed: dict[str, str], name: str
) -> None:
    with pytest.raises(RequestRefused, match=f"More than one option names {name}"):
        courses(tmp_path, EVENTS, **changed)


@pytest.mark.parametrize("place", ["day", "began"])
@pytest.mark.parametrize(
    "value",
    [
        time(1, 2),
        datetime(2020, 1, 15, 23, 30).astimezone(),
        20200115,
        "2020-01-15T10:00:00",
        "+2020-01-15",
        "2020- 1-15",
        "-0001-01-15",
        "2020/01/15",
    ],
)
def test_what_is_no_day_is_refused(tmp_path: Path, place: str, value: object) -> None:
    with pytest.raises(RequestRefused, match=f"{place} holds what is no day") as refusal:
        courses(tmp_path, EVENTS.with_columns(pl.lit(value).alias(place)))
    assert str(value) not in str(refusal.value)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_moment_is_of_its_day(tmp_path: Path, plain: pl.DataFrame, unit: str) -> None:
    late = pl.col("day").cast(pl.Datetime(unit)) + pl.duration(hours=23, minutes=59)  # type: ignore[arg-type]
    assert courses(tmp_path, EVENTS.with_columns(late)).equals(plain)


def test_a_day_may_have_blanks_about_it_and_short_numbers(tmp_path: Path, plain: pl.DataFrame) -> None:
    text = pl.format(
        "\t{}-{}-{}\u00a0", *(getattr(pl.col("day").dt, part)() for part in ("year", "month", "day"))
    )
    assert courses(tmp_path, EVENTS.with_columns(text.alias("day"))).equals(plain)


@pytest.mark.parametrize("rows", [EVENTS.clear(), EVENTS.with_columns(day=pl.lit(None, pl.Date))])
def test_where_nothing_happened_nothing_is_written(tmp_path: Path, rows: pl.DataFrame) -> None:
    with pytest.raises(RequestRefused, match="there is no event"):
        courses(tmp_path, rows)


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([1e20, 1e-7], ["1e+20", "1e-07"]),
        (
            [datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 0, 500_000)],
            ["2020-01-01 00:00:00", "2020-01-01 00:00:00.5"],
        ),
        ([time(1, 2), time(1, 2, 0, 500_000)], ["01:02:00", "01:02:00.5"]),
        ([True, False], ["true", "false"]),
    ],
)
def test_an_event_of_any_kind_is_told_in_its_one_text(
    tmp_path: Path, kinds: list[object], told: list[str]
) -> None:
    made = courses(tmp_path, EVENTS.with_columns(what=pl.Series(kinds * 8)))
    assert made.filter(pl.col("month") == 0)["event"].unique().to_list() == told[:1]
    assert made.filter(pl.col("month") == 12)["event"].unique().to_list() == told[1:]


@pytest.mark.parametrize("column", ["who", "home"])
@pytest.mark.parametrize(
    "values",
    [
        [float("nan"), -0.0, 1e20, 1e-7, 0.5, 1.0, 2.0, 3.0],
        [datetime(2020, 1, 1, 0, 0, n) for n in range(8)],
        [time(1, 2, 3, n) for n in range(8)],
        list(range(8)),
    ],
)
def test_persons_and_households_may_be_of_any_kind(
    tmp_path: Path, plain: pl.DataFrame, column: str, values: list[object]
) -> None:
    series = pl.Series(column, [value for value in values for _ in range(2)])
    assert courses(tmp_path, EVENTS.with_columns(series)).equals(plain)
