"""Suppressed counts stand up to an attacker with linear programmes; bands leave counts open."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.disclosure import tables
from pipeline.disclosure.tables import BASE, THRESHOLD, Level, Marker, bands, protect, protect_list
from schemas import codes

# Small counts, counts at the threshold, and larger ones: where suppression is decided.
count = st.one_of(st.integers(0, 9), st.sampled_from([0, 1, 4, 5, 6, 20, 300]))
matrices = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(count, min_size=width, max_size=width), min_size=1, max_size=4)
)
laws = settings(max_examples=60, derandomize=True)


def long(matrix: list[list[int]]) -> pl.DataFrame:
    cells = [(f"r{i}", f"c{j}", n) for i, row in enumerate(matrix) for j, n in enumerate(row)]
    return pl.DataFrame(cells, schema={"r": pl.String, "c": pl.String, "n": pl.Int64}, orient="row")


def with_margins(matrix: list[list[int]]) -> np.ndarray:
    inner = np.array(matrix)
    return np.block([[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]])


def hidden_of(table: pl.DataFrame, shape: tuple[int, int]) -> np.ndarray:
    return (table["marker"] == Marker.SUPPRESSED).to_numpy().reshape(shape)


def attacked(equations: np.ndarray, known: np.ndarray, hidden: np.ndarray) -> list[float]:
    """How wide an interval an attacker is left with for each hidden entry, who knows every other exactly."""
    flat, at = hidden.ravel(), np.flatnonzero(hidden.ravel())
    unknowns = equations[:, flat]
    right = -equations[:, ~flat] @ known.ravel()[~flat]
    widths = []
    for position in range(len(at)):
        target = np.zeros(len(at))
        target[position] = 1
        low, high = (
            linprog(sign * target, A_eq=unknowns, b_eq=right, bounds=(0, None), method="highs")
            for sign in (1, -1)
        )
        assert low.status == 0
        widths.append(np.inf if high.status == 3 else -high.fun - low.fun)
    return widths


def equations_of(rows: int, columns: int) -> np.ndarray:
    """Every line of a table with margins: its cells less its margin are zero."""
    lines = []
    for i in range(rows):
        line = np.zeros((rows, columns))
        line[i, :-1], line[i, -1] = 1, -1
        lines.append(line.ravel())
    for j in range(columns):
        line = np.zeros((rows, columns))
        line[:-1, j], line[-1, j] = 1, -1
        lines.append(line.ravel())
    return np.array(lines)


@laws
@given(matrices)
def test_no_suppressed_cell_can_be_solved_from_the_margins(matrix: list[list[int]]) -> None:
    extended = with_margins(matrix)
    hidden = hidden_of(protect(long(matrix), "r", "c", "n"), extended.shape)
    widths = attacked(equations_of(*extended.shape), extended, hidden)
    assert all(width >= THRESHOLD - 1e-6 for width in widths)


@laws
@given(st.lists(count, min_size=1, max_size=6))
def test_no_suppressed_entry_of_a_list_can_be_solved_from_its_total(counts: list[int]) -> None:
    frame = pl.DataFrame({"k": [f"k{i}" for i in range(len(counts))], "n": counts})
    shown = protect_list(frame, "k", "n")
    hidden = (shown["marker"] == Marker.SUPPRESSED).to_numpy()
    line = np.array([[1.0] * len(counts) + [-1.0]])
    widths = attacked(line, np.array([*counts, sum(counts)]), hidden)
    assert all(width >= THRESHOLD - 1e-6 for width in widths)


def test_the_attacker_finds_what_primary_suppression_alone_leaves_open() -> None:
    """The test of the test: 3 alone hidden in its row is 3."""
    extended = with_margins([[3, 20], [30, 40]])
    hidden = extended < THRESHOLD
    assert min(attacked(equations_of(*extended.shape), extended, hidden)) < THRESHOLD


@laws
@given(matrices)
def test_small_counts_are_never_shown_and_shown_ones_are_rounded(matrix: list[list[int]]) -> None:
    table = protect(long(matrix), "r", "c", "n")
    for true, shown, marker in zip(
        with_margins(matrix).ravel().tolist(), table["shown"], table["marker"], strict=True
    ):
        assert (shown is None) == (marker == Marker.SUPPRESSED)
        if true < THRESHOLD:
            assert marker == Marker.SUPPRESSED
        if shown is not None:
            assert shown % BASE == 0 and abs(shown - true) <= BASE // 2 and shown >= THRESHOLD


@laws
@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(matrix: list[list[int]], random: object) -> None:
    frame = long(matrix)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=random.randrange(10**6))  # type: ignore[attr-defined]
    assert protect(frame, "r", "c", "n").equals(protect(shuffled, "r", "c", "n"))
    entries = frame.select(pl.concat_str("r", "c").alias("k"), "n")
    assert protect_list(entries, "k", "n").equals(protect_list(entries.reverse(), "k", "n"))


@laws
@given(matrices)
def test_a_missing_cell_is_a_count_of_zero(matrix: list[list[int]]) -> None:
    frame = long(matrix)
    kept = frame.filter((pl.col("n") > 0) | (pl.col("r") == "r0") | (pl.col("c") == "c0"))
    assert protect(frame, "r", "c", "n").equals(protect(kept, "r", "c", "n"))


@laws
@given(matrices.map(lambda m: [[n + THRESHOLD for n in row] for row in m]))
def test_a_table_without_small_counts_is_shown_whole(matrix: list[list[int]]) -> None:
    assert set(protect(long(matrix), "r", "c", "n")["marker"]) == {Marker.SHOWN}


def all_bands(largest: int) -> pl.DataFrame:
    pairs = [(v, n) for n in range(largest + 1) for v in range(n + 1)]
    frame = pl.DataFrame(pairs, schema={"v": pl.Int64, "n": pl.Int64}, orient="row")
    return bands(frame.with_columns(marker=pl.lit(Marker.SHOWN)), "v", "n")


def test_every_band_leaves_two_counts_open_even_to_one_who_knows_the_denominator() -> None:
    shown = all_bands(130).filter(pl.col("marker") == Marker.SHOWN)
    assert shown.group_by("n", "band").agg(pl.col("v").n_unique())["v"].min() >= tables.COUNTS_IN_A_BAND


def test_a_band_says_neither_all_nor_none() -> None:
    shown = all_bands(130).filter(pl.col("marker") == Marker.SHOWN).group_by("n", "band")
    extremes = shown.agg(low=pl.col("v").min(), high=pl.col("v").max())
    assert extremes.filter((pl.col("low") == pl.col("n")) | (pl.col("high") == 0)).height == 0


def test_the_level_of_bands_tells_no_more_than_the_rounded_denominator() -> None:
    shown = all_bands(130).filter(pl.col("marker") == Marker.SHOWN)
    levels = shown.with_columns(tables.rounded(pl.col("n")).alias("seen")).group_by("seen", "n")
    sets = levels.agg(pl.col("band").unique().sort()).group_by("seen").agg(pl.col("band").n_unique())
    assert set(sets["band"]) == {1}


def test_a_band_holds_the_share_it_names() -> None:
    """Against exact fractions, for every count up to 130."""
    for v, n, band in all_bands(130).filter(pl.col("band").is_not_null()).select("v", "n", "band").rows():
        low, high = map(int, band.split("-"))
        assert low * n <= 100 * v and (100 * v < high * n or (high == 100 and v <= n))


@pytest.mark.parametrize(("filled", "n"), [(33, 34), (97, 100), (29, 30)])
def test_a_well_filled_field_in_a_small_bydel_is_neither_blanked_nor_revealing(filled: int, n: int) -> None:
    frame = pl.DataFrame({"v": [filled], "n": [n], "marker": [Marker.SHOWN]})
    (band,) = bands(frame, "v", "n")["band"]
    assert band == codes.FILL_BAND.values()[-1]


def test_the_margins_are_of_their_own_level() -> None:
    table = protect(long([[10, 20], [30, 40]]), "r", "c", "n")
    levels = dict(table.group_by("level").len().rows())
    assert levels == {Level.CELL: 4, Level.ROW_TOTAL: 2, Level.COLUMN_TOTAL: 2, Level.TOTAL: 1}


def test_every_small_table_of_zeros_and_large_counts_is_protected() -> None:
    """Exhaustive over 2 x 3 tables of {0, 5, 40}: the shapes where a rectangle is hard to find."""
    for cells in itertools.product([0, 5, 40], repeat=6):
        extended = with_margins([list(cells[:3]), list(cells[3:])])
        hidden = tables._suppress(extended)
        # A sliding rectangle is a certificate; asking the solver for each of 729 tables would take minutes.
        for i, j in np.argwhere(hidden):
            width = np.where(hidden, tables._sliding_width(extended, int(i), int(j)), -1)
            corners = hidden[i, :][None, :] & hidden[:, j][:, None] & hidden
            corners[i, :] = corners[:, j] = False
            assert (width[corners] >= THRESHOLD).any(), (cells, i, j)
