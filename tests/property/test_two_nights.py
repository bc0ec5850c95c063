"""Two nights cannot be subtracted: a figure moves only with its count, and an attacker solves nothing.

The attacker has both nights' pages, knows how a figure may stray from its count, and knows that the night was
quiet: that no count moved by more than one person, and none went down. He asks a linear programme how small
and how large each count can have been.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline import remembered
from pipeline.disclosure import tables
from pipeline.disclosure.tables import (
    BASE,
    HELD_THRESHOLD,
    THRESHOLD,
    Marker,
    protect,
    protect_list,
    rounded,
    steady,
)
from pipeline.errors import SettingWrong
from pipeline.night import forgotten, land, make_assessment, make_findings, memory
from pipeline.pages.memory import Memory
from tests.factories import settings_at

laws = settings(max_examples=80, derandomize=True)
steps = st.lists(st.integers(-12, 12), min_size=1, max_size=30)
# One count for each of a few cells, night after night.
nights = st.integers(2, 5).flatmap(
    lambda cells: st.lists(
        st.lists(st.integers(0, 60), min_size=cells, max_size=cells), min_size=2, max_size=6
    )
)
Hold = Callable[[Memory, pl.DataFrame], pl.DataFrame]


def held(kept: Memory, frame: pl.DataFrame) -> pl.DataFrame:
    return kept.hold("list", frame, ["k"], "n")


def forgetful(kept: Memory, frame: pl.DataFrame) -> pl.DataFrame:
    """The mutant: every night is plainly rounded."""
    return frame


def counts(values: list[int]) -> pl.DataFrame:
    keys = [f"k{place}" for place in range(len(values))]
    return pl.DataFrame({"k": keys, "n": values}, schema={"k": pl.String, "n": pl.Int64})


def pages(true: list[list[int]], hold: Hold = held) -> list[pl.DataFrame]:
    """What each night's page shows of the list and its total."""
    shown, before = [], None
    for values in true:
        tonight = Memory(before)
        shown.append(protect_list(hold(tonight, counts(values)), "k", "n", least=HELD_THRESHOLD))
        before = tonight.after()
    return shown


# --- one count --------------------------------------------------------------------------------------------


@laws
@given(st.integers(0, 100), steps)
def test_a_figure_changes_only_when_its_count_has_moved_by_the_base(first: int, moves: list[int]) -> None:
    true = [max(0, n) for n in itertools.accumulate([first, *moves])]
    standing, at = None, first
    for n in true:
        now = steady(standing, n)
        if standing is not None and now != standing:
            assert abs(n - at) >= BASE
            at = n
        assert abs(now - n) < BASE
        assert abs(rounded(now) - n) <= BASE - 1 + BASE // 2
        standing = now


@pytest.mark.parametrize(
    ("held_at", "true", "now"), [(7, 11, 7), (7, 12, 12), (7, 3, 7), (7, 2, 2), (None, 3, 3)]
)
def test_a_count_is_held_below_the_base_and_taken_anew_at_it(
    held_at: int | None, true: int, now: int
) -> None:
    assert steady(held_at, true) == now
    frame = pl.DataFrame({"held": [held_at], "true": [true]}, schema={"held": pl.Int64, "true": pl.Int64})
    assert frame.select(steady(pl.col("held"), pl.col("true")))["held"].to_list() == [now]


# --- pages of several nights ------------------------------------------------------------------------------


@laws
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.data())
def test_a_quiet_night_looks_exactly_like_the_one_before(first: list[int], data: st.DataObject) -> None:
    """Whatever is shown, and whatever is hidden, though every count may have moved by up to four."""
    quiet = [max(0, n + data.draw(st.integers(1 - BASE, BASE - 1))) for n in first]
    before, after = pages([first, quiet])
    assert after.equals(before)


@laws
@given(nights)
def test_a_cells_figure_changes_only_when_its_count_has_moved_by_the_base(true: list[list[int]]) -> None:
    shown = pages(true)
    for cell in range(len(true[0])):
        figures = [page["shown"][cell] for page in shown]
        at = next((n for n, figure in enumerate(figures) if figure is not None), None)
        for night in range(1 if at is None else at + 1, len(figures)):
            if at is not None and figures[night] is not None and figures[night] != figures[at]:
                assert any(abs(true[night][cell] - true[e][cell]) >= BASE for e in range(night))
                at = night


@laws
@given(nights)
def test_the_same_nights_give_the_same_figures_and_a_lost_memory_plain_ones(true: list[list[int]]) -> None:
    assert all(one.equals(two) for one, two in zip(pages(true), pages(true), strict=True))
    assert pages([true[-1]])[0].equals(protect_list(counts(true[-1]), "k", "n", least=HELD_THRESHOLD))


@laws
@given(nights)
def test_a_table_that_is_missing_for_one_night_comes_back_as_it_was(true: list[list[int]]) -> None:
    tonight = Memory()
    held(tonight, counts(true[0]))
    without = Memory(tonight.after())
    assert without.after().equals(tonight.after())


def test_every_figure_has_a_name_of_its_own() -> None:
    tonight = Memory()
    held(tonight, counts([3, 4]))
    held(tonight, counts([3, 4]))
    with pytest.raises(ValueError, match="one name"):
        tonight.after()


# --- the attack -------------------------------------------------------------------------------------------


def solved(true: tuple[list[int], list[int]], hold: Hold, stray: int) -> list[float]:
    """How wide an interval is left for each count of the first night and then of the second.

    `stray` is how far a true count may be from the figure shown. A hidden count is bounded by nothing but
    its total, and a night adds at most one person to each count.
    """
    before, after = pages(list(true), hold)
    size = before.height
    entries = size - 1
    sums = np.zeros((2, 2 * size))
    for night in (0, 1):
        sums[night, night * size : night * size + entries] = 1
        sums[night, night * size + entries] = -1
    quiet = np.block([[-np.eye(entries), np.zeros((entries, 1)), np.eye(entries), np.zeros((entries, 1))]])
    figures = [figure for page in (before, after) for figure in page["shown"]]
    bounds = [(0, None) if f is None else (max(0, f - stray), f + stray) for f in figures]
    widths = []
    for place in range(2 * size):
        target = np.zeros(2 * size)
        target[place] = 1
        ends = [
            linprog(
                sign * target,
                A_eq=sums,
                b_eq=np.zeros(2),
                A_ub=np.vstack([quiet, -quiet]),
                b_ub=np.concatenate([np.ones(entries), np.zeros(entries)]),
                bounds=bounds,
                method="highs",
            )
            for sign in (1, -1)
        ]
        assert ends[0].status == 0
        widths.append(np.inf if ends[1].status == 3 else -ends[1].fun - ends[0].fun)
    return widths


PLAINLY = BASE // 2
HELD = BASE - 1 + BASE // 2


@pytest.mark.parametrize("first", [[12, 40, 62, 9], [22, 12, 31, 12], [33, 12, 15, 92], [12, 12, 12, 12]])
def test_two_nights_leave_every_count_open_and_plain_rounding_solves_one(first: list[int]) -> None:
    """One person more in a cell of twelve: plainly rounded the figure jumps, and the count was twelve."""
    second = list(first)
    second[first.index(12)] += 1
    assert min(solved((first, second), held, HELD)) >= THRESHOLD
    assert min(solved((first, second), forgetful, PLAINLY)) == pytest.approx(0, abs=1e-6)


@settings(max_examples=15, derandomize=True)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=4), st.data())
def test_no_count_is_solved_from_two_nights_whoever_arrives(first: list[int], data: st.DataObject) -> None:
    second = [n + data.draw(st.integers(0, 1)) for n in first]
    assert min(solved((first, second), held, HELD)) >= THRESHOLD


def seen(values: tuple[int, ...]) -> tuple[int | None, ...]:
    """A page of a list and its total, as `protect_list` makes it."""
    hidden = tables._suppress_list(np.array(values))
    return tuple(None if h else rounded(n) for n, h in zip([*values, sum(values)], hidden, strict=True))


def possible(first: tuple[int, ...], second: tuple[int, ...], *, is_held: bool) -> list[set[int]]:
    """Every count of the first night that both pages allow, cell by cell: all lists are tried.

    The attacker knows how pages are made, that the first night had no memory, and that the second was quiet.
    """
    told = seen(first), seen(tuple(map(steady, first, second)) if is_held else second)
    found: list[set[int]] = [set() for _ in first]
    for guess in itertools.product(range(26), repeat=len(first)):
        if seen(guess) != told[0]:
            continue
        for moves in itertools.product((0, 1), repeat=len(first)):
            later = tuple(n + move for n, move in zip(guess, moves, strict=True))
            if seen(tuple(map(steady, guess, later)) if is_held else later) == told[1]:
                for place, n in enumerate(guess):
                    found[place].add(n)
    return found


@pytest.mark.parametrize("first", [(4, 12), (17, 4), (4, 22), (2, 9)])
def test_a_hidden_count_stays_hidden_through_a_second_night(first: tuple[int, ...]) -> None:
    """A fifth person opens a hidden cell and its partner when pages forget: four it was, and nothing else."""
    small = first.index(min(first))
    second = tuple(n + (at == small) for at, n in enumerate(first))
    alone = possible(first, first, is_held=True)
    assert possible(first, second, is_held=True) == alone
    assert len(alone[small]) >= THRESHOLD
    if first[small] == THRESHOLD - 1:
        assert possible(first, second, is_held=False)[small] == {THRESHOLD - 1}


@pytest.mark.parametrize(("least", "narrowest"), [(HELD_THRESHOLD, THRESHOLD), (THRESHOLD, 1)])
def test_a_figure_that_disappears_leaves_as_many_counts_as_any_hidden_one(least: int, narrowest: int) -> None:
    """The attacker even knows what was held; hidden below 5, a 5 that disappears is nobody."""

    hidden = tables.figure(0, least=least)
    left = [
        sum(tables.figure(steady(was, n), least=least) == hidden for n in range(was))
        for was in range(least, 30)
    ]
    assert min(left) == narrowest


def first_counts(moves: tuple[int, ...]) -> list[set[int]]:
    """What the nights tell -> the first night's counts that would have told it; the moves are known to all.

    Those at the ends of the range that is tried are left out.
    """
    left: dict[tuple[str, ...], set[int]] = {}
    for start in range(HELD_THRESHOLD, 100):
        standing, told = None, []
        for true in itertools.accumulate(moves, initial=start):
            standing = steady(standing, true)
            told.append(tables.figure(standing, least=HELD_THRESHOLD))
        left.setdefault(tuple(told), set()).add(start)
    return [starts for starts in left.values() if min(starts) > 30 and max(starts) < 90]


@pytest.mark.parametrize(
    ("moves", "fewest"),
    [
        ((1,) * 30, THRESHOLD),  # one a night: all that could be seen is what is known
        ((-1,) * 20, THRESHOLD),
        ((5, 10, -5), THRESHOLD),
        ((4, -4, 4, -4), THRESHOLD),
        # Not promised, and said so: what is taken anew is rounded anew.
        ((6,), 1),
        ((3,) * 12, 1),
    ],
)
def test_how_many_counts_are_left_to_whoever_knows_every_movement(
    moves: tuple[int, ...], fewest: int
) -> None:
    assert min(map(len, first_counts(moves))) == fewest


def two_way(values: np.ndarray) -> pl.DataFrame:
    cells = [(f"r{i}", f"c{j}", int(n)) for (i, j), n in np.ndenumerate(values)]
    return pl.DataFrame(cells, schema={"r": pl.String, "c": pl.String, "n": pl.Int64}, orient="row")


@pytest.mark.parametrize("hold", [True, False], ids=["held", "plainly rounded"])
def test_what_is_hidden_one_night_is_not_shown_the_next_for_want_of_one_person(hold: bool) -> None:
    """A cell of four beside its partner: a fifth person would open both, and tell what four was."""
    first, second = (two_way(np.array([[n, 30], [40, 50]])) for n in (4, 5))
    tonight = Memory()
    before = tonight.hold("table", first, ["r", "c"], "n")
    after = Memory(tonight.after()).hold("table", second, ["r", "c"], "n") if hold else second
    hidden = [
        (protect(frame, "r", "c", "n")["marker"] == Marker.SUPPRESSED).sum() for frame in (before, after)
    ]
    assert (hidden[0] == hidden[1] > 0) is hold


# --- kept on disk -----------------------------------------------------------------------------------------


def test_a_night_made_again_asks_the_night_before_and_old_nights_are_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "NIGHTS_KEPT", 3)
    where, made = settings_at(tmp_path), {}
    for day in range(1, 7):
        as_of = date(2026, 1, day)
        tonight = memory.recall(memory.earlier(where, as_of))
        made[day] = held(tonight, counts([day]))["n"][0]
        memory.remember(where, as_of, tonight)
    assert made == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 6}
    again = memory.recall(memory.earlier(where, date(2026, 1, 5)))
    assert held(again, counts([5]))["n"][0] == made[5]
    assert [memory.earlier(where, date(2026, 1, day)).path.stem[-1] for day in (3, 4, 7)] == ["4", "4", "6"]
    assert memory.night_before(where, date(2026, 1, 4)) is None
    assert [path.name for path in sorted((where.restricted / memory.FOLDER).iterdir())] == [
        f"2026-01-0{day}.parquet" for day in (4, 5, 6)
    ]


def test_one_night_made_twice_is_held_against_itself(tmp_path: Path) -> None:
    """12 is a rounded 10 and 13 a 15: somebody who comes between two runs of one night would be seen."""
    where, as_of = settings_at(tmp_path), date(2026, 1, 1)
    said = []
    for count in (12, 13):
        tonight = memory.recall(memory.earlier(where, as_of))
        said.append(
            (held(tonight, counts([count]))["n"][0], memory.steady_figure(where, as_of, "rows", count))
        )
        memory.remember(where, as_of, tonight)
    assert said == [(12, "10"), (12, "10")]


@pytest.mark.parametrize("content", ["", "null", "[1]", '{"2026-01-01": "many"}'])
def test_a_figure_whose_memory_says_nothing_is_a_new_one(tmp_path: Path, content: str) -> None:
    where, as_of = settings_at(tmp_path), date(2026, 1, 1)
    memory.steady_figure(where, as_of, "rows", 12)
    (where.restricted / memory.FOLDER / memory.FIGURES / "rows.json").write_text(content, "utf-8")
    assert memory.steady_figure(where, as_of, "rows", 13) == "15"


def test_no_night_is_made_where_the_memory_of_a_page_is_gone(tmp_path: Path) -> None:
    """Of that page itself, or of the newest other one: made anew, it could be subtracted from that."""
    where = settings_at(tmp_path)
    old, tonight = date(2026, 1, 1), memory.Memory()
    memory.remember(where, date(2026, 2, 1), tonight)
    forgotten.refuse_forgotten(where, old)  # no page stands
    (where.reports / "2026-01-01").mkdir(parents=True)
    (where.reports / "2026-01-01-copy").mkdir()
    (where.reports / "20260101").mkdir()
    for stray in ("2026-01-01-copy", "20260101"):
        (where.reports / stray / "quality.csv").write_text("", "utf-8")
    forgotten.refuse_forgotten(where, old)  # nothing stands there
    (where.reports / "2026-01-01" / "quality.csv").write_text("", "utf-8")
    folders = [where.restricted / name for name in memory.MEMORIES]
    assert [folder.name for folder in folders] == ["held_counts", "held_results", "held_ripeness"]
    nights = (date(2025, 12, 31), old, date(2026, 1, 2), date(2026, 2, 1))
    for folder in folders:
        for night in nights:
            with pytest.raises(
                SettingWrong, match="page of 2026-01-01 was made from is no longer remembered"
            ):
                forgotten.refuse_forgotten(where, night)
        remembered.remember(folder, old, tonight.after())
    for night in nights:
        forgotten.refuse_forgotten(where, night)
    for folder in folders:
        kept = folder / "2026-01-01.parquet"
        whole = kept.read_bytes()
        kept.rename(folder / "2026-01-01-copy.parquet")  # a copy is no memory
        for night in nights:
            with pytest.raises(SettingWrong) as refused:
                forgotten.refuse_forgotten(where, night)
            said = refused.value.do
            assert [str(other) in said for other in folders] == [other == folder for other in folders]
            assert str(where.reports) in said
        kept.write_bytes(b"")
        with pytest.raises(SettingWrong, match="cannot be read"):
            forgotten.refuse_forgotten(where, old)
        kept.write_bytes(whole)


def test_only_the_newest_page_has_to_be_remembered(tmp_path: Path) -> None:
    """Older memories are let go of in time; a night is held against the newest."""
    where = settings_at(tmp_path)
    for day in (1, 2, 3):
        (where.reports / f"2026-01-0{day}").mkdir(parents=True)
        (where.reports / f"2026-01-0{day}" / "quality.csv").write_text("", "utf-8")
    for name in memory.MEMORIES:
        remembered.remember(where.restricted / name, date(2026, 1, 3), memory.Memory().after())
    for day in (3, 4, 9):
        forgotten.refuse_forgotten(where, date(2026, 1, day))
    with pytest.raises(SettingWrong, match="2026-01-03"):
        forgotten.refuse_forgotten(where, date(2026, 1, 2))


def test_one_person_is_not_told_by_a_night_after_the_memory_was_lost(tmp_path: Path) -> None:
    """47 is held and told as 45, 48 would be told anew as 50: so no later night is made."""
    where, first = settings_at(tmp_path), date(2026, 1, 1)
    tonight = memory.recall(memory.earlier(where, first))
    held(tonight, counts([47]))
    memory.remember(where, first, tonight)
    for name in memory.MEMORIES[1:]:
        remembered.remember(where.restricted / name, first, tonight.after())
    (where.reports / first.isoformat()).mkdir(parents=True)
    (where.reports / first.isoformat() / "quality.csv").write_text("", "utf-8")
    forgotten.refuse_forgotten(where, date(2026, 1, 2))
    shutil.rmtree(where.restricted / memory.FOLDER)
    for make in (land, make_assessment, make_findings):
        with pytest.raises(SettingWrong, match="single persons"):
            make(where, date(2026, 1, 2))
    assert not list(where.landing.iterdir())


def test_a_figure_that_may_have_been_told_is_not_told_anew(tmp_path: Path) -> None:
    """42 was told as 40; with its memory gone 43 would be told as 45."""
    where, first, second = settings_at(tmp_path), date(2026, 1, 1), date(2026, 1, 2)
    assert memory.steady_figure(where, first, "rows", 42) == "40"
    memory.remember(where, first, Memory())
    (where.reports / first.isoformat()).mkdir(parents=True)
    (where.reports / first.isoformat() / "quality.csv").write_text("", "utf-8")
    assert memory.steady_figure(where, second, "rows", 43) == "40"
    assert memory.steady_figure(where, second, "a new figure", 43) == "45"
    shutil.rmtree(where.restricted / memory.FOLDER)
    silent = memory.steady_figure(where, second, "few", 0)
    assert memory.steady_figure(where, second, "rows", 43) == silent == "< 9"
    assert memory.steady_figure(where, first, "rows", 42) == silent


def test_a_figure_of_an_old_night_stands_however_many_nights_came_after(tmp_path: Path) -> None:
    """10, held; 14 would else be told anew as 15 once the night had let go of its own."""
    where, old = settings_at(tmp_path), date(2026, 1, 1)
    for day in range(1, remembered.NIGHTS_KEPT + 1):
        memory.steady_figure(where, date(2026, 3, day), "rows", 30)
    assert [memory.steady_figure(where, old, "rows", count) for count in (10, 14)] == ["10", "10"]


def listed(values: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"k": list(values), "n": list(values.values())}, schema={"k": pl.String, "n": pl.Int64}
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [({"a": 20, "b": 12}, {"a": 20, "b": 12, "c": 1}), ({"a": 20, "b": 12, "c": 1}, {"a": 20, "b": 12})],
    ids=["comes", "goes"],
)
def test_who_is_alone_in_a_row_moves_no_total(first: dict[str, int], second: dict[str, int]) -> None:
    """33 is a rounded 35 and 32 a 30."""
    tonight = Memory()
    before = held(tonight, listed(first))
    later = Memory(tonight.after())
    after = held(later, listed(second))
    assert after["n"].sum() == before["n"].sum()
    back = held(Memory(later.after()), listed(first))
    assert back["n"].sum() == before["n"].sum()


def test_a_figure_on_its_own_is_held_too_and_a_night_made_again_says_the_same(tmp_path: Path) -> None:
    where = settings_at(tmp_path)
    said = {
        day: memory.steady_figure(where, date(2026, 1, day), "core/person/rows", count)
        for day, count in ((1, 1237), (2, 1241), (3, 1242), (4, 1239))
    }
    assert said == {1: "1,235", 2: "1,235", 3: "1,240", 4: "1,240"}
    assert memory.steady_figure(where, date(2026, 1, 2), "core/person/rows", 1241) == said[2]
    assert memory.steady_figure(where, date(2026, 1, 4), "core/case/rows", 3) == "< 9"
    (kept,) = where.restricted.glob("held_counts/figures/core.person.rows.json")
    kept.write_text("lost", "utf-8")
    assert memory.steady_figure(where, date(2026, 1, 5), "core/person/rows", 1239) == "1,240"
