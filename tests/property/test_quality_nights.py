"""Two nights' published results cannot be subtracted: what moved by fewer than five moved nothing.

Nor can what is there now of what comes late be solved, by trying everything that could have
happened in several.
"""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.disclosure.tables import BASE, SHARE_BASE, THRESHOLD
from pipeline.night.findings import held_states, overall_grades
from pipeline.pages.memory import Memory
from pipeline.quality.export import EXPECTED, files, hold, published_fields, published_results
from pipeline.quality.night_states import size_states
from pipeline.quality.stewardship import apply
from schemas import codes
from schemas.quality import CheckResult, ExpectedValues, PublishedResult
from schemas.variable import polars_schema

AS_OF = date(2025, 3, 1)
FEW = st.integers(-(BASE - 1), BASE - 1)
COUNT = st.integers(0, 400)
STATUS = st.sampled_from(codes.CHECK_STATUS.values())
KIND = st.sampled_from([None, *codes.EFFECT_KIND.values()])
EFFECT = st.none() | st.integers(-1_000_000, 1_000_000)
SEVERITY = st.sampled_from(codes.QUALITY_SEVERITY.values())
JUDGED = st.fixed_dictionaries(
    {"status": STATUS, "severity": SEVERITY, "effect_kind": KIND, "effect": EFFECT, "reason": st.none()}
)
RESULT = st.tuples(COUNT, COUNT, FEW, FEW, JUDGED, JUDGED)


def rows(found: list[tuple[int, int, dict[str, Any]]]) -> pl.DataFrame:
    """Results of one check over one field each, with these counts and judgements."""
    usual = {
        "check": "below_promise",
        "flag": "sparse",
        "kahn_category": "completeness",
        "kahn_context": "verification",
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "period": "all",
    }
    told = [
        usual | judged | {"result_id": f"{at:016x}", "numerator": numerator, "denominator": whole}
        for at, (numerator, whole, judged) in enumerate(found)
    ]
    return pl.DataFrame(told, schema=polars_schema(CheckResult))


def shown(results: pl.DataFrame) -> pl.DataFrame:
    """The results as they are published, over a page that shows the same figures every night."""
    return published_results(apply(results, (), AS_OF), cells())


def cells() -> pl.DataFrame:
    """The page's figures: one field, over all years."""
    cell = ("background", "education_level", "participants", "year", None, 200, "shown", "25-50", "shown")
    names = ["table", "column", "population", "by", "key", "n", "n_marker", "band", "marker"]
    schema = {name: pl.Int64 if name == "n" else pl.String for name in names}
    return pl.DataFrame([cell], schema=schema, orient="row")


def published(results: pl.DataFrame) -> dict[str, bytes]:
    """All files of a night whose page shows the same figures."""
    grades = pl.DataFrame(
        schema={
            **dict.fromkeys(["table", "column", "population"], pl.String),
            "year": pl.Int64,
            "grade": pl.String,
            "reasons": pl.String,
        }
    )
    return files(AS_OF, shown(results), published_fields(cells(), grades, ()))


@settings(max_examples=40, deadline=None)
@given(st.lists(RESULT, min_size=1, max_size=4))
def test_a_night_in_which_fewer_than_five_moved_is_published_as_the_night_before(found: list[Any]) -> None:
    first = hold(rows([(n, whole, judged) for n, whole, _, _, judged, _ in found]), None)
    second = hold(rows([(n + a, whole + b, judged) for n, whole, a, b, _, judged in found]), first)
    assert published(second) == published(first)
    # So nothing of it has become worse either.
    assert size_states(shown(second)).equals(size_states(shown(first)))


@settings(max_examples=40, deadline=None)
@given(RESULT)
def test_five_who_move_are_seen(found: Any) -> None:
    n, whole, _, _, before, after = found
    # Of what comes late it takes as many as its percent is told by.
    by = SHARE_BASE if EXPECTED in (before["effect_kind"], after["effect_kind"]) else BASE
    moved = hold(rows([(n + by, whole, after)]), hold(rows([(n, whole, before)]), None))
    judged = ["numerator", "status", "severity", "reason", "effect_kind"]
    assert moved.select(judged).equals(rows([(n + by, whole, after)]).select(judged))


# --- what is there now, of what comes late ----------------------------------------------------------------

LATE = {
    "check": "registration_delay",
    "flag": "late",
    "status": "failed",
    "severity": "decide",
    "reason": None,
    "effect_kind": "expected_final",
    "effect": 1_000_000,
}


def late_nights(nights: list[list[tuple[int, int]]], *, is_held: bool) -> list[list[int | None]]:
    """What each night tells of several fields, given by (now, of all): held, or plainly rounded."""
    told, before = [], None
    for counts in nights:
        tonight = rows([(now, whole, LATE) for now, whole in counts])
        before = hold(tonight, before) if is_held else tonight
        told.append(shown(before).sort("result_id")["now_percent"].to_list())
    return told


def candidates(
    whole: int, grows: tuple[int, ...], came: list[tuple[int, ...]], *, is_held: bool
) -> dict[tuple[Any, ...], set[int]]:
    """What the nights tell -> the first nights' counts that would have told the same.

    Of all there are `whole` and then so many more each night; of `came` each is what may have come till then.
    """
    left: dict[tuple[Any, ...], set[int]] = {}
    of = list(itertools.accumulate(grows, initial=whole))
    for moves in came:
        starts = range(whole + 1 - max(n - (every - whole) for n, every in zip(moves, of, strict=True)))
        nights = [[(start + more, every) for start in starts] for more, every in zip(moves, of, strict=True)]
        told = late_nights(nights, is_held=is_held)
        for start in starts:
            left.setdefault(tuple(night[start] for night in told), set()).add(start)
    return left


def fewest(left: dict[tuple[Any, ...], set[int]]) -> int:
    return min(map(len, left.values()))


@pytest.mark.parametrize("grow", [0, 3, 5])
def test_whoever_tries_everything_that_could_have_happened_finds_no_count(grow: int) -> None:
    """He knows how many there are of all each night, how figures are made, and that three came, or nobody."""
    came = [(0, *itertools.accumulate(moves)) for moves in itertools.product((0, 3), repeat=4)]
    assert fewest(candidates(100, (grow,) * 4, came, is_held=True)) >= THRESHOLD


def test_held_or_not_is_what_makes_the_difference() -> None:
    """Not held, one who came is seen as the percent moves."""
    one_a_night = [tuple(range(11))]
    assert fewest(candidates(100, (1,) * 10, one_a_night, is_held=True)) >= THRESHOLD
    assert fewest(candidates(100, (1,) * 10, one_a_night, is_held=False)) < THRESHOLD


@pytest.mark.parametrize(("grow", "came"), [(1, 0), (5, 0), (7, 0), (30, 0), (5, 1), (7, 7)])
@pytest.mark.parametrize("whole", [100, 101, 103, 104, 208])
def test_whoever_knows_all_that_moved_still_has_five_counts_to_guess_among(
    whole: int, grow: int, came: int
) -> None:
    """Told of the true counts, or held as a pair, the percent would be solved as the whole slides past it."""
    moves = tuple(came * night for night in range(13))
    assert fewest(candidates(whole, (grow,) * 12, [moves], is_held=True)) >= THRESHOLD


def test_whoever_does_not_know_how_many_there_are_of_all_has_no_fewer() -> None:
    left: dict[tuple[Any, ...], set[int]] = {}
    for whole in range(100, 121, 10):
        for grow in (0, 2, 5):
            for told, starts in candidates(whole, (grow,) * 8, [(0,) * 9], is_held=True).items():
                left.setdefault(told, set()).update(starts)
    assert fewest(left) >= THRESHOLD


@pytest.mark.parametrize("grow", [1, 5])
def test_plain_rounding_of_a_share_is_solved_by_a_whole_that_moves(grow: int) -> None:
    """The figures of tonight alone, not held and not rounded first: what the rules above are there for."""
    left: dict[tuple[int, ...], set[int]] = {}
    for start in range(200):
        told = tuple((start * 20 + 200 + grow * n) // (2 * (200 + grow * n)) for n in range(60))
        left.setdefault(told, set()).add(start)
    assert min(map(len, left.values())) < THRESHOLD


def test_what_is_expected_in_the_end_is_no_closer_to_a_count_than_what_there_is_now() -> None:
    """Where all that comes has come it is the same count: told otherwise, it would give the other away."""
    left: dict[tuple[Any, ...], set[int]] = {}
    starts, before, told = range(101), None, []
    for night in range(15):
        of = 100 + 7 * night
        tonight = rows([(n, of, LATE | {"effect": (n * 1_000_000 + of // 2) // of}) for n in starts])
        before = hold(tonight, before)
        told.append(shown(before).sort("result_id").select("now_percent", "effect_percent").rows())
    for start in starts:
        left.setdefault(tuple(night[start] for night in told), set()).add(start)
    assert fewest(left) >= THRESHOLD


# --- grades -----------------------------------------------------------------------------------------------

STATE = st.tuples(*[st.integers(0, 400)] * 4, *[FEW] * 4)
COUNTED = ("registered", "missing", "unknown", "not_applicable")


def states(counts: list[tuple[int, ...]], first: int = 2018) -> pl.DataFrame:
    """What became of one field's values, by year from `first`: so many of each of COUNTED."""
    usual = {"table": "background", "column": "education_level", "population": "participants", "bydel": "01"}
    rest = dict.fromkeys(("must_not", "not_due", "invalid"), 0)
    rows = [
        usual | rest | dict(zip(COUNTED, of_year, strict=True)) | {"year": year, "expected": sum(of_year)}
        for year, of_year in enumerate(counts, first)
    ]
    return pl.DataFrame(rows, schema=polars_schema(ExpectedValues))


@settings(max_examples=60, deadline=None)
@given(st.lists(STATE, min_size=1, max_size=5))
def test_a_grade_is_that_of_the_night_before_where_fewer_than_five_moved(found: list[Any]) -> None:
    """Every sum a grade rests on moves by fewer than five: one state at a time does."""
    memory = Memory()
    first = held_states(states([row[:4] for row in found]), memory)
    kept = memory.after()
    for place in range(4):
        moved = [
            tuple(
                max(0, n + by * (at == place))
                for at, (n, by) in enumerate(zip(row[:4], row[4:], strict=True))
            )
            for row in found
        ]
        second = held_states(states(moved), Memory(kept))
        by = ["year"]
        assert second.sort(by).equals(first.sort(by))
        told = [overall_grades(counts, NOTHING_FOUND, AS_OF).sort(by) for counts in (first, second)]
        assert told[0].equals(told[1])


NOTHING_FOUND = published_results(apply(pl.DataFrame(schema=polars_schema(CheckResult)), (), AS_OF), cells())
OF_2024 = {
    "result_id": "a" * 16, "check": "break_between_years", "flag": "shifted", "marker": "shown",
    "table": "background", "column": "education_level", "population": "participants", "period": "year",
    "year": 2024, "stewardship": "open",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "grade", "reasons"),
    [
        ({"status": "could_not_run", "reason": "not_ripe"}, None, "not_ripe below_20"),
        ({"status": "passed"}, "D", "below_20"),
        ({"status": "failed"}, "D", "below_20 shifted"),
        ({"status": None, "marker": "suppressed"}, "D", "below_20"),
    ],
)
def test_a_grade_turns_with_what_is_published_while_no_count_moves(
    said: dict[str, Any], grade: str | None, reasons: str
) -> None:
    """100 of 735: withheld while the year fills up, given on the night the year is told to be ripe."""
    memory = Memory()
    held_states(states([(100, 635, 0, 0)], first=2024), memory)
    counts = held_states(states([(102, 636, 0, 0)], first=2024), Memory(memory.after()))
    published = pl.DataFrame([OF_2024 | said], schema=polars_schema(PublishedResult))
    told = overall_grades(counts, published, AS_OF).filter(pl.col("year") == 2024)
    (row,) = told.select("grade", "reasons").rows()
    assert (row[0], set(row[1].split())) == (grade, set(reasons.split()))
