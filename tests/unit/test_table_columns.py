"""Tables of rows whose columns have any name and any kind: the same figures, or a refusal in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.disclosure import verify_files
from pipeline.disclosure.files import read_table, write_table
from pipeline.disclosure.suppression import order
from pipeline.disclosure.suppression.protect import MOST
from pipeline.disclosure.texts import as_text
from pipeline.disclosure.verify_tables.verify import verify
from pipeline.errors import NotVerified, RequestRefused

N = 60
ROWS = pl.DataFrame(
    {
        "bydel": ["01", "02", "03"] * (N // 3),
        "outcome": ["work", "other", "work", "work", "other"] * (N // 5),
        "who": [f"p{n % 50}" for n in range(N)],
        "pay": [10 * n for n in range(N)],
    }
)
SUMS = {"dimension": "bydel", "other": "outcome", "unit": "who", "value": "pay"}
COUNTS = {"dimension": "bydel", "unit": "who"}
ASKED = (COUNTS, SUMS)
# Names that the engine, polars or a written table use, and such as mean something in polars.
NAMES = ["cell", "@", "@0", "@1", "0", "1", "unit", "value", "leaf", "holder", "units", "total", "n"]
NAMES += ["*", "^.*$", "@value", "@hidden", "Shown", "index", "a b", "x;y"]


def protected(
    folder: Path,
    rows: pl.DataFrame,
    *,
    dimension: str = "bydel",
    other: str = "outcome",
    unit: str | None = None,
    value: str | None = None,
    change: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame,
) -> pl.DataFrame:
    """The table of two dimensions as it is written from a Parquet file, changed, and attacked."""
    rows.write_parquet(folder / "rows.parquet")
    wanted = {"tables": {"t": [dimension, other]}, "unit": unit, "value": value}
    (folder / "order.yaml").write_text(json.dumps({k: v for k, v in wanted.items() if v}), encoding="utf-8")
    asked = order.load(folder / "order.yaml")
    frame = order.made(read_table(folder / "rows.parquet"), asked, folder).tables["t"]
    write_table(folder / "t.csv", change(frame), check=lambda _: None)
    verify(folder / "rows.parquet", {"t": folder / "t.csv"}, order.asked(asked, folder))
    return frame


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[pl.DataFrame]:
    return [protected(tmp_path_factory.mktemp("plain"), ROWS, **asked) for asked in ASKED]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["bydel", "who", "pay"])
def test_no_name_of_a_column_changes_a_figure(
    tmp_path: Path, plain: list[pl.DataFrame], place: str, name: str
) -> None:
    rows = ROWS.rename({place: name})
    for asked, expected in zip(ASKED, plain, strict=True):
        told = protected(tmp_path, rows, **{k: name if v == place else v for k, v in asked.items()})
        # Cells are ordered by the names of their dimensions.
        there = told.rename({name: place} if place == "bydel" else {}).sort("bydel", "outcome")
        assert there.select(expected.columns).equals(expected.sort("bydel", "outcome"))


HOURS = [datetime(2020, 1, 1, 1), datetime(2020, 1, 1, 1, 0, 0, 500_000), datetime(1, 1, 1)]
KINDS = {
    "moments": (pl.Series(HOURS), ["2020-01-01 01:00:00", "2020-01-01 01:00:00.5", "0001-01-01 00:00:00"]),
    "thousandths": (
        pl.Series(HOURS[:2], dtype=pl.Datetime("ms")),
        ["2020-01-01 01:00:00", "2020-01-01 01:00:00.5"],
    ),
    "billionths": (
        pl.Series([1, 10**9]).cast(pl.Datetime("ns")),
        ["1970-01-01 00:00:00.000000001", "1970-01-01 00:00:01"],
    ),
    "moments of a zone": (
        pl.Series([datetime(2020, 1, 1, 1, tzinfo=UTC), datetime(2020, 7, 1, 1, tzinfo=UTC)]),
        ["2020-01-01 01:00:00+00", "2020-07-01 01:00:00+00"],
    ),
    "moments of Oslo": (
        pl.Series(HOURS[:2]).dt.replace_time_zone("Europe/Oslo"),
        ["2020-01-01 00:00:00+00", "2020-01-01 00:00:00.5+00"],
    ),
    "billionths of Oslo": (
        pl.Series([1, 10**9]).cast(pl.Datetime("ns", "Europe/Oslo")),
        ["1970-01-01 00:00:00.000000001+00", "1970-01-01 00:00:01+00"],
    ),
    "times": (pl.Series([time(1, 2), time(1, 2, 0, 500_000)]), ["01:02:00", "01:02:00.5"]),
    "days": (pl.Series([date(2020, 1, 2), date(9999, 12, 31)]), ["2020-01-02", "9999-12-31"]),
    "numbers": (
        pl.Series([1e20, 1e-7, 0.5, 2.0, -0.0, 0.0, float("nan"), float("inf"), 1e16, 1e15, 1e-4, 1e-5]),
        [
            *("1e+20", "1e-07", "0.5", "2.0", "0.0", "0.0", "nan", "inf"),
            *("1e+16", "1000000000000000.0", "0.0001", "1e-05"),
        ],
    ),
    "short numbers": (
        pl.Series([0.5, -0.0, 0.1, float("nan")], dtype=pl.Float32),
        ["0.5", "0.0", "0.10000000149011612", "nan"],
    ),
    "shorter numbers": (pl.Series([0.5, 1024.0], dtype=pl.Float16), ["0.5", "1024.0"]),
    "decimals": (pl.Series([Decimal("1.50"), Decimal("-0.05")]), ["1.50", "-0.05"]),
    "large numbers": (pl.Series([2**64 - 1, 0], dtype=pl.UInt64), ["18446744073709551615", "0"]),
    "yes and no": (pl.Series([True, False]), ["true", "false"]),
    "categories": (pl.Series(["a", "b"], dtype=pl.Categorical), ["a", "b"]),
    "listed": (pl.Series(["a", "b"], dtype=pl.Enum(["b", "a"])), ["a", "b"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_dimension_of_any_kind_is_told_in_its_one_text(tmp_path: Path, kind: str) -> None:
    values, told = KINDS[kind]
    assert as_text(values).to_list() == told
    rows = pl.concat([pl.DataFrame({"bydel": values, "outcome": "work"})] * 8)
    made = protected(tmp_path, rows)
    assert set(made["bydel"].drop_nulls()) == set(told)
    each = {label: round(8 * told.count(label) / 5) * 5 for label in told}
    assert dict(made.drop_nulls("bydel").select("bydel", "shown").iter_rows()) == each


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_is_told_otherwise_is_caught(tmp_path: Path, kind: str) -> None:
    """A mutant tells the last digit, or sign, of one value otherwise."""
    values, told = KINDS[kind]
    rows = pl.concat([pl.DataFrame({"bydel": values, "outcome": "work"})] * 8)

    def otherwise(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.col("bydel").replace(told[0], told[0] + "1"))

    with pytest.raises(NotVerified, match="values that its rows and hierarchies have not"):
        protected(tmp_path, rows, change=otherwise)


def test_a_rare_value_is_rare_by_its_text(tmp_path: Path) -> None:
    """Two times within a second are two values, and one of them is of few."""
    rows = pl.DataFrame({"bydel": [time(1, 2)] * 8 + [time(1, 2, 0, 1)], "outcome": "work"})
    with pytest.raises(RequestRefused, match="of fewer than"):
        protected(tmp_path, rows)
    both_zeros = pl.DataFrame({"bydel": [0.0] * 3 + [-0.0] * 3 + [1.0] * 6, "outcome": "work"})
    assert set(protected(tmp_path, both_zeros)["bydel"].drop_nulls()) == {"0.0", "1.0"}


def test_years_that_libraries_write_otherwise_are_refused(tmp_path: Path) -> None:
    outside = pl.Series("bydel", [-800_000, 4_000_000], dtype=pl.Int32).cast(pl.Date)
    for values in (outside, outside.cast(pl.Datetime("us"))):
        rows = pl.concat([pl.DataFrame({"bydel": values, "outcome": "work"})] * 8)
        with pytest.raises(RequestRefused, match="not of the years 1 to 9999"):
            protected(tmp_path, rows)


def test_known_cells_are_named_in_the_same_text(tmp_path: Path) -> None:
    rows = pl.DataFrame({"bydel": [datetime(2020, 1, 1)] * 8 + [datetime(2020, 1, 2)] * 9, "outcome": "work"})
    rows.write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "r.csv").write_text("2020-01-01 00:00:00;*\n2020-01-02 00:00:00;*\n2020-01-03 00:00:00;*\n")
    pl.DataFrame({"bydel": [datetime(2020, 1, 3)]}).write_parquet(tmp_path / "known.parquet")
    (tmp_path / "order.yaml").write_text(
        "tables: {t: [bydel]}\nhierarchies: {bydel: r.csv}\nknown: known.parquet\n"
    )
    asked = order.load(tmp_path / "order.yaml")
    frame = order.made(read_table(tmp_path / "rows.parquet"), asked, tmp_path).tables["t"]
    assert frame["shown"].to_list() == [15, 10, 10, 0]
    write_table(tmp_path / "t.parquet", frame, check=lambda _: None)
    verify(tmp_path / "rows.parquet", {"t": tmp_path / "t.parquet"}, order.asked(asked, tmp_path))


def test_wide_numbers_are_no_values(tmp_path: Path) -> None:
    for place in ("bydel", "pay"):
        with pytest.raises(RequestRefused, match="128 bits"):
            protected(tmp_path, ROWS.with_columns(pl.lit(1, pl.Int128).alias(place)), **SUMS)


# What all values add up to is bounded; a sum of 60 equal ones at the bound, and one value more than it.
@pytest.mark.parametrize("kind", [pl.Int64, pl.UInt64])
def test_sums_are_exact_or_refused(tmp_path: Path, kind: type[pl.DataType]) -> None:
    most = pl.lit(MOST // N, kind).alias("pay")
    protected(tmp_path, ROWS.with_columns(most), **SUMS)
    for too_much in (MOST // N + 1, 2**62, *([2**63 + 5] if kind == pl.UInt64 else [])):
        with pytest.raises(RequestRefused, match="add up to more than") as refusal:
            protected(tmp_path, ROWS.with_columns(pl.lit(too_much, kind).alias("pay")), **SUMS)
        assert str(too_much) not in str(refusal.value)


def test_a_value_of_a_dimension_whose_rows_all_lack_what_is_summed_is_told_as_nothing(tmp_path: Path) -> None:
    pay = pl.when(pl.col("bydel") != "03").then("pay")
    told = protected(tmp_path, ROWS.with_columns(pay.alias("pay")), **SUMS)
    assert told.filter(pl.col("bydel") == "03")["shown"].to_list() == [None] * 3


@pytest.mark.parametrize("asked", ASKED)
def test_a_file_without_a_row_makes_no_table(tmp_path: Path, asked: dict[str, str]) -> None:
    with pytest.raises(RequestRefused, match="no row"):
        protected(tmp_path, ROWS.clear(), **asked)


def test_the_attacker_counts_one_zero_and_one_that_is_no_number(tmp_path: Path) -> None:
    numbers = [0.0, -0.0, float("nan"), -float("nan")]
    with duckdb.connect() as connection:
        for kind in (pl.Float32, pl.Float64):
            pl.DataFrame({"v": pl.Series(numbers, dtype=kind)}).write_parquet(tmp_path / "v.parquet")
            verify_files.read(connection, "source", tmp_path / "v.parquet")
            read_as = verify_files.columns_of(connection, "source")["v"]
            found = connection.execute(f"select {verify_files.text('v', read_as)} from source").fetchall()
            assert found == [("0.0",), ("0.0",), ("nan",), ("nan",)]
