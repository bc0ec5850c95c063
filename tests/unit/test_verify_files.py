"""How the verifiers read columns: by place, under names of our own, whatever a file calls them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.disclosure.verify_files import columns_of, quoted, read
from pipeline.errors import RequestRefused

# Names that DuckDB reads as one, would make up itself for the second of two, or cleans of their blanks.
NAMES = ["home", "Home", "Home_1", "HOME", " home", "rowid", "æ", "Æ", "select", "a;b", ""]
KINDS = ("parquet", "csv")


def read_back(path: Path) -> dict[str, str]:
    """The value of the only row, by what the file calls its column."""
    with duckdb.connect() as connection:
        read(connection, "here", path)
        names = columns_of(connection, "here")
        (row,) = connection.execute(f"select {', '.join(map(quoted, names))} from here").fetchall()
    return dict(zip(names, row, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_read_by_its_very_name(tmp_path: Path, kind: str) -> None:
    told = {name: f"value {at}" for at, name in enumerate(NAMES)}
    path = tmp_path / f"here.{kind}"
    frame = pl.DataFrame({name: [value] for name, value in told.items()})
    frame.write_parquet(path) if kind == "parquet" else frame.write_csv(path)
    assert read_back(path) == told


def test_what_a_column_is_made_of_is_no_column(tmp_path: Path) -> None:
    inner = [{"HOME": 1, "deep": {"home": [1, 2]}}]
    path = tmp_path / "here.parquet"
    pl.DataFrame({"Home": ["a"], "list": [[1, 2]], "struct": inner, "home": ["b"]}).write_parquet(path)
    read_as = read_back(path)
    assert list(read_as) == ["Home", "list", "struct", "home"]
    assert (read_as["Home"], read_as["home"]) == ("a", "b")


@pytest.mark.parametrize("header", ["home;home", "home", "home;Home;more"])
def test_a_file_that_does_not_name_each_column_once_is_refused_without_a_value(
    tmp_path: Path, header: str
) -> None:
    path = tmp_path / "here.csv"
    path.write_text(f"{header}\nOla Kanari;2\n", encoding="utf-8")
    with duckdb.connect() as connection, pytest.raises(RequestRefused) as caught:
        read(connection, "here", path)
    assert "Ola Kanari" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "here.csv"
    path.write_text("home,Home\n1,2\n", encoding="utf-8-sig")
    assert read_back(path) == {"home": "1", "Home": "2"}
