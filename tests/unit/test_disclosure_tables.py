"""Protected tables on examples worked out by hand."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.disclosure.tables import (
    BASE,
    FEWEST_FOR_STEPS,
    THRESHOLD,
    Level,
    Marker,
    bands,
    percent_in_steps,
    protect,
    protect_list,
    steady_in_steps,
)
from schemas import codes
from schemas.codes import lower_bounds


def cells(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"bydel": pl.String, "year": pl.String, "n": pl.Int64}, orient="row")


def shown(table: pl.DataFrame) -> dict[tuple[str | None, str | None], int | None]:
    return {(b, y): n for b, y, n in table.select("bydel", "year", "shown").rows()}


@pytest.mark.parametrize(("count", "figure"), [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10)])
def test_a_count_is_shown_from_the_threshold_on_and_rounded(count: int, figure: int | None) -> None:
    table = protect_list(pl.DataFrame({"k": ["a"], "n": [count]}), "k", "n")
    assert table["shown"].to_list() == [figure, figure]


def test_three_and_nobody_look_alike() -> None:
    def one(n: int) -> pl.DataFrame:
        return protect(
            cells(("01", "a", n), ("01", "b", 40), ("02", "a", 50), ("02", "b", 60)), "bydel", "year", "n"
        )

    assert one(3)["marker"].equals(one(0)["marker"])


def test_a_lone_small_cell_takes_the_cheapest_rectangle_with_it() -> None:
    table = protect(
        cells(
            ("01", "a", 3),
            ("01", "b", 20),
            ("01", "c", 90),
            ("02", "a", 30),
            ("02", "b", 40),
            ("02", "c", 95),
        ),
        "bydel",
        "year",
        "n",
    )
    hidden = {key for key, n in shown(table).items() if n is None}
    assert hidden == {("01", "a"), ("01", "b"), ("02", "a"), ("02", "b")}


def test_a_rectangle_that_slides_too_little_is_not_enough() -> None:
    """Of the three smallest partners one is a zero: with it the cell could slide over 2 + 0 only."""
    table = protect(
        cells(
            ("01", "a", 0), ("01", "b", 2), ("01", "c", 50), ("02", "a", 3), ("02", "b", 0), ("02", "c", 60)
        ),
        "bydel",
        "year",
        "n",
    )
    figures = shown(table)
    assert figures[("01", "c")] is None or figures[("01", None)] is None


def test_a_row_whose_total_is_small_hides_the_total_too() -> None:
    table = protect(
        cells(("01", "a", 2), ("01", "b", 1), ("02", "a", 30), ("02", "b", 40)), "bydel", "year", "n"
    )
    figures = shown(table)
    assert figures[("01", None)] is None
    # Or the grand total less the other row's total would tell it.
    assert figures[("02", None)] is None or figures[(None, None)] is None


def test_a_list_hides_a_partner_and_the_total_only_when_it_must() -> None:
    def figures(*counts: int) -> list[int | None]:
        frame = pl.DataFrame({"k": [f"k{i}" for i in range(len(counts))], "n": counts})
        return protect_list(frame, "k", "n")["shown"].to_list()

    assert figures(3, 20, 30) == [None, None, 30, 55]
    assert figures(3, 2, 30) == [None, None, 30, 35]
    assert figures(3, 1, 30) == [None, None, None, 35]
    assert figures(3) == [None, None]
    assert figures(4, 30) == [None, None, 35]
    assert figures(10, 20) == [10, 20, 30]


def test_an_empty_table_shows_nothing() -> None:
    assert protect(cells(), "bydel", "year", "n").height == 0


def test_a_table_of_years_keeps_its_type() -> None:
    frame = pl.DataFrame({"bydel": ["01", "01"], "year": [2011, 2012], "n": [10, 20]})
    table = protect(frame, "bydel", "year", "n")
    assert table.schema["year"] == pl.Int64
    assert table.filter(pl.col("level") == Level.CELL)["year"].to_list() == [2011, 2012]


@pytest.mark.parametrize("rows", [[("01", "a", 9), ("01", "a", 9)], [(None, "a", 9)]])
def test_repeated_or_missing_keys_are_refused(rows: list[tuple[str, str, int]]) -> None:
    with pytest.raises(ValueError, match="one count for each key"):
        protect(cells(*rows), "bydel", "year", "n")


def banded(value: int, n: int, marker: Marker = Marker.SHOWN) -> tuple[str | None, str]:
    frame = pl.DataFrame({"v": [value], "n": [n], "marker": [marker]})
    (row,) = bands(frame, "v", "n").select("band", "marker").rows()
    return row


@pytest.mark.parametrize(
    ("value", "n", "band"),
    [
        (4, 4, None),
        (5, 5, "50-100"),
        (2, 5, "0-50"),
        (7, 7, "50-100"),
        (8, 8, "75-100"),
        (12, 12, "75-100"),
        (13, 13, "90-100"),
    ],
)
def test_the_denominator_decides_how_fine_a_band_may_be(value: int, n: int, band: str | None) -> None:
    """Worked out by hand: 12 rounds to 10, and under 10 % of 10 is a single count; 13 rounds to 15, which
    is 13 at least, and there every band holds two counts. A quarter of 5 is a single count; of 8 it is two.
    """
    assert banded(value, n)[0] == band


def test_a_suppressed_denominator_has_no_band() -> None:
    assert banded(30, 40, Marker.SUPPRESSED) == (None, Marker.SUPPRESSED)


def test_a_numerator_above_its_denominator_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="between 0 and its denominator"):
        banded(6, 5)


def test_bands_nest_from_level_to_level() -> None:
    for fine, coarse in zip(codes.FILL_BAND.ladder(), codes.FILL_BAND.ladder()[1:], strict=False):
        for code, parent in fine.parents().items():
            low, high = map(int, code.split("-"))
            above = list(map(int, parent.split("-")))
            assert above[0] <= low and high <= above[1]
        assert set(lower_bounds(coarse).values()) <= set(lower_bounds(fine).values())


def test_rounding_never_shows_a_figure_below_the_threshold() -> None:
    assert THRESHOLD // BASE * BASE == THRESHOLD


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (54, 100, 50),
        (55, 100, 60),
        (64, 100, 60),
        (65, 100, 70),
        (0, 100, 10),  # what is at an end is told as the last but one
        (100, 100, 90),
        (60, 99, None),
    ],
)
def test_a_share_is_told_in_steps_of_ten_percent(part: int, whole: int, percent: int | None) -> None:
    frame = pl.DataFrame({"part": [part], "whole": [whole]})
    assert frame.select(percent_in_steps(pl.col("part"), pl.col("whole"))).item() == percent


@pytest.mark.parametrize(("true", "told"), [(13, 13), (22, 13), (23, 23), (34, 33), (3, 3), (4, 13), (0, 3)])
def test_a_count_held_by_whole_steps_keeps_its_last_digit(true: int, told: int) -> None:
    frame = pl.DataFrame({"held": [13], "true": [true]})
    assert frame.select(steady_in_steps(pl.col("held"), pl.col("true"), pl.lit(10))).item() == told


@pytest.mark.parametrize("whole", [FEWEST_FOR_STEPS, 101, 119, 137, 200, 365])
def test_every_step_of_a_share_leaves_as_many_counts_as_the_threshold(whole: int) -> None:
    frame = pl.DataFrame({"part": range(whole + 1)}, schema={"part": pl.Int64})
    told = frame.select(percent=percent_in_steps(pl.col("part"), pl.lit(whole, pl.Int64)))
    assert told["percent"].value_counts()["count"].min() >= THRESHOLD
    assert told["percent"].is_sorted()
