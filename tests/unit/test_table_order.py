"""The order file: read strictly, never looser than the house, and carried out as it says."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline.disclosure.suppression.order import Order, load, made
from pipeline.disclosure.tables import BASE, THRESHOLD
from pipeline.errors import RequestRefused

ROWS = pl.DataFrame({"r": ["a"] * 12 + ["b"] * 13 + ["c"] * 3, "id": [str(n) for n in range(28)]})


def order(folder: Path, text: str) -> Order:
    (folder / "order.yaml").write_text(text)
    return load(folder / "order.yaml")


def shown(folder: Path, text: str, rows: pl.DataFrame = ROWS) -> dict[str | None, int | None]:
    if "hierarchies" not in text:
        # c is of few: that it can occur is said beforehand.
        (folder / "flat.csv").write_text("a;*\nb;*\nc;*\n")
        text += "\nhierarchies: {r: flat.csv}\n"
    frame = made(rows, order(folder, text), folder).tables["t"]
    return dict(frame.select("r", "shown").iter_rows())


def test_counts_of_rows_are_the_least_that_can_be_ordered(tmp_path: Path) -> None:
    assert shown(tmp_path, "tables: {t: [r]}") == {None: 30, "a": None, "b": 15, "c": None}


def test_known_cells_and_hierarchies_are_read_from_beside_the_order(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a;x;*\nb;x;*\nc;c;*\nd;d;*\n")
    (tmp_path / "known.csv").write_text("r;n\nd;0\n")
    text = "tables: {t: [r]}\nhierarchies: {r: r.csv}\nknown: known.csv\n"
    answer = shown(tmp_path, text)
    assert answer["d"] == 0, "known, and so shown"
    assert answer["c"] is None
    assert answer["x"] is None or answer[None] is None, "else c is the total less x and d"


def test_known_cells_are_named_by_dimensions(tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text("R;n\na;12\n")
    with pytest.raises(RequestRefused, match="is a dimension"):
        shown(tmp_path, "tables: {t: [r]}\nknown: known.csv\n")


@pytest.mark.parametrize("blank", [None, ""])
def test_a_sum_has_a_unit_in_every_row(tmp_path: Path, blank: str | None) -> None:
    rows = ROWS.with_columns(v=pl.lit(7), id=pl.when(pl.col("id") != "0").then("id").otherwise(pl.lit(blank)))
    with pytest.raises(RequestRefused, match="a row has no id"):
        shown(tmp_path, "tables: {t: [r]}\nunit: id\nvalue: v\n", rows)


def test_sums_are_of_units_and_text_is_read_as_numbers(tmp_path: Path) -> None:
    text = "tables: {t: [r]}\nunit: id\nvalue: v\n"
    rows = ROWS.with_columns(v=pl.lit(" 7 "))
    answer = shown(tmp_path, text, rows)
    assert answer == {None: round(28 * 7 / BASE) * BASE, "a": None, "b": 90, "c": None}
    for wrong in ("1.5", "seven"):
        with pytest.raises(RequestRefused, match="v is not a whole number") as refusal:
            shown(tmp_path, text, rows.with_columns(v=pl.lit(wrong)))
        assert wrong not in str(refusal.value)


def test_few_persons_behind_many_rows_are_hidden(tmp_path: Path) -> None:
    rows = ROWS.with_columns(id=pl.when(pl.col("r") == "a").then(pl.lit("one")).otherwise("id"))
    assert shown(tmp_path, "tables: {t: [r]}", rows)["b"] == 15
    answer = shown(tmp_path, "tables: {t: [r]}\nunit: id\n", rows)
    # That person knows all of a: shown, b would tell him the 3 of c from the total.
    assert {r for r, figure in answer.items() if figure is None} == {"a", "b", "c"}


def test_an_order_may_ask_for_more_of_sums(tmp_path: Path) -> None:
    # b: 13 of 7 each, the two largest 14 of 91: 15 %.
    text = "tables: {t: [r]}\nunit: id\nvalue: v\ndominance: 15\n"
    rows = ROWS.with_columns(v=pl.lit(7))
    assert shown(tmp_path, text, rows)["b"] is None
    assert shown(tmp_path, text.replace("15", "16"), rows)["b"] is not None


def test_a_level_may_be_named_for_each_dimension(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a;x;*\nb;x;*\nc;y;*\n")
    rows = pl.concat([ROWS] * 4)
    answer = shown(tmp_path, "tables: {t: {r: 1}}\nhierarchies: {r: r.csv}\n", rows)
    assert answer == {None: 110, "x": 100, "c": 10}, "y is c"


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="lack who and what"):
        shown(tmp_path, "tables: {t: [r]}\nunit: who\nvalue: what\n")


@pytest.mark.parametrize("more", ["", "rounded: true\n", "unit: id\nvalue: v\n"])
def test_that_a_rare_value_occurs_is_not_told(tmp_path: Path, more: str) -> None:
    asked = order(tmp_path, "tables: {t: [r]}\n" + more)
    rows = ROWS.with_columns(v=pl.lit(7))
    with pytest.raises(RequestRefused, match="A value of r is of fewer than 5") as refusal:
        made(rows, asked, tmp_path)
    assert "c" not in refusal.value.happened.split()
    assert made(rows.filter(pl.col("r") != "c"), asked, tmp_path).hidden == 0


def test_rounded_tables_hide_nothing(tmp_path: Path) -> None:
    assert shown(tmp_path, "tables: {t: [r]}\nrounded: true\n") == {None: 30, "a": 10, "b": 15, "c": 5}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"tables: {{t: [r]}}\nleast: {THRESHOLD - 1}", "least"),
        ("tables: {}", "tables"),
        ("tables: {t: []}", "tables.t"),
        ("tables: {t: [r]}\nvalue: v", "sums need a unit"),
        ("tables: {t: [r]}\nunit: id\nvalue: id", "both who contributes and how much"),
        ("tables: {t: [r]}\nunit: ''", "unit: "),
        ("tables: {t: [r]}\nunit: id\nvalue: ''", "value: "),
        ("tables: {t: ['', r]}", "a dimension has no name"),
        ("tables: {t: [r]}\nunit: id\nrounded: true", "counts of rows alone"),
        (f"tables: {{t: [r]}}\nleast: {THRESHOLD + 1}\nrounded: true", "counts of rows alone"),
        ("tables: {t: [r]}\nunit: id\nvalue: v\ndominance: 86", "dominance"),
        ("tables: {t: [r]}\nunit: id\nvalue: v\np: 9.9", "p: "),
        ("tables: {t: [r]}\nunit: id\nvalue: v\nlargest: 1", "largest"),
        ("tables: {t: [r]}\np: 20", "p: of sums only"),
        ("tables: {t: [r, r]}", "stands twice"),
        ("tables: {t: [r], T: [r]}", "capitals"),
        ("tables: {t: [shown]}", "no dimension is called"),
        ("tables: {t: [r]}\nhierarchies: {q: q.csv}", "no dimension of any table"),
        ("tables: {t: [r]}\nfewest: 3", "fewest"),
    ],
)
def test_an_order_that_asks_for_less_or_makes_no_sense_is_refused(
    tmp_path: Path, text: str, names: str
) -> None:
    with pytest.raises(RequestRefused, match=names):
        order(tmp_path, text)
