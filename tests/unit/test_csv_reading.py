"""Who reads a CSV, the engine or a verifier, reads the same rows out of it, or both refuse it in words."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.disclosure.files import read_hierarchy, read_table
from pipeline.disclosure.verify_files import columns_of, hierarchy_lines, read
from pipeline.errors import RequestRefused

Rows = list[tuple[str | None, ...]]
AB = ["a", "b"]
# So many that a reader which guesses from the first lines has stopped looking.
MANY = 30_000


def by_the_verifiers(path: Path) -> tuple[list[str], Rows]:
    with duckdb.connect() as connection:
        read(connection, "here", path)
        return list(columns_of(connection, "here")), connection.execute("select * from here").fetchall()


def by_the_engine(path: Path) -> tuple[list[str], Rows]:
    frame = read_table(path)
    return frame.columns, frame.rows()


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        pytest.param("a,b\n\nx,1\n\n\ny,2\n\n", AB, [("x", "1"), ("y", "2")], id="blank lines"),
        pytest.param("a,b\r\n\r\nx,1\r\n\r\n", AB, [("x", "1")], id="blank lines of Windows"),
        pytest.param("a,b\nx,1\n,\n", AB, [("x", "1"), (None, None)], id="a row of empty values"),
        pytest.param('a,b\n"x\n\ny",1\n\n', AB, [("x\n\ny", "1")], id="a blank line inside a value"),
        pytest.param("a\nx\n\ny\n\n", ["a"], [("x",), (None,), ("y",), (None,)], id="one column"),
        pytest.param('a\n""\nx\n', ["a"], [(None,), ("x",)], id="one column, quoted"),
        pytest.param('a,b\n"",1\n,2\n', AB, [(None, "1"), (None, "2")], id="quoted and empty"),
        pytest.param('a,b\n "x",1\n', AB, [("x", "1")], id="a blank before the quotation mark"),
        pytest.param('a,b\nx"y,1\n', AB, [('x"y', "1")], id="a quotation mark inside a value"),
        pytest.param('a,b\n"x""y",1\n', AB, [('x"y', "1")], id="two quotation marks for one"),
        pytest.param('a,b\n"x,y","1"', AB, [("x,y", "1")], id="no last line end"),
        pytest.param("\ufeffa,b\nx,1\n", AB, [("x", "1")], id="byte order mark"),
        pytest.param('\ufeff"a","b"\nx,1\n', AB, [("x", "1")], id="byte order mark, quoted"),
        pytest.param("a,b\rx,1\ry,2\r", AB, [("x", "1"), ("y", "2")], id="line ends of old"),
        pytest.param("A,a\nx,1\n", ["A", "a"], [("x", "1")], id="names that differ in case"),
        pytest.param('"a\nc",b\nx,1\n', ["a\nc", "b"], [("x", "1")], id="a name of two lines"),
        pytest.param('"a,b,c";d\nx;1\n', ["a,b,c", "d"], [("x", "1")], id="a separator in a name"),
        pytest.param("#a,b\n#x,1\n", ["#a", "b"], [("#x", "1")], id="no comments"),
        pytest.param("a,b\nNULL,NA\n", AB, [("NULL", "NA")], id="words are words"),
        pytest.param("a,b\n007, 1 \n", AB, [("007", " 1 ")], id="text as it is"),
    ],
)
def test_both_read_what_stands_there(tmp_path: Path, text: str, names: list[str], rows: Rows) -> None:
    path = tmp_path / "here.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert by_the_engine(path) == (names, rows)
    assert by_the_verifiers(path) == (names, rows)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"a,b\nKanari\ny,1\n", id="a short line"),
        pytest.param(b"a,b\n" + b"x,1\n" * MANY + b"Kanari\n", id="a short line far down"),
        pytest.param(b"a,b\n  \nKanari,1\n", id="a line of blanks"),
        pytest.param(b"a,b\nKanari,1,2\n", id="a long line"),
        pytest.param(b"a,b\nKanari,1\n" * MANY + b"y,1,2\n", id="a long line far down"),
        pytest.param(b'a,b\n"Kanari,1\ny,2\n', id="a quotation mark left open"),
        pytest.param(b"a,b\r\nKanari,1\r\ny,2\n", id="two kinds of line ends"),
        pytest.param(b"a,a\nKanari,1\n", id="a name twice"),
        pytest.param(b",\nKanari,1\n", id="no name twice"),
        pytest.param(b"\na,b\nKanari,1\n", id="a blank line for a header"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"a,b\nKanari,\xe5\n", id="no UTF-8"),
        pytest.param("a,b\nKanari,1\n".encode("utf-16"), id="UTF-16"),
    ],
)
def test_both_refuse_what_could_be_read_in_two_ways(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "here.csv"
    path.write_bytes(text)
    for reading in (by_the_engine, by_the_verifiers):
        with pytest.raises(RequestRefused) as caught:
            reading(path)
        assert "Kanari" not in str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_is_no_pattern_for_others(tmp_path: Path, kind: str) -> None:
    names = [f"{stem}.{kind}" for stem in ("a*", "ab", "a[1]", "a1", "a?", "it's")]
    for name in names:
        frame = pl.DataFrame({"a": ["x"], "b": [name]})
        frame.write_csv(tmp_path / name) if kind == "csv" else frame.write_parquet(tmp_path / name)
    for name in names:
        assert by_the_engine(tmp_path / name) == by_the_verifiers(tmp_path / name) == (AB, [("x", name)])


def test_a_separator_inside_a_hierarchys_value_separates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    path.write_text('"a,b,c";*\n"d,e,f";*\n', encoding="utf-8")
    assert list(read_hierarchy(path, "town").leaves) == ["a,b,c", "d,e,f"]
    assert hierarchy_lines(path) == [["a,b,c", "*"], ["d,e,f", "*"]]
