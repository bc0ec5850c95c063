"""Courses measured and controlled, held against every combination of every person by brute force."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.trajectories import control, uniqueness
from pipeline.disclosure.trajectories.control import Target
from pipeline.disclosure.trajectories.events import Step
from pipeline.errors import TargetUnreachable

KINDS = ("course", "job", "test")
ABOVE = hierarchy("event", [("course", "learning", "*"), ("test", "learning", "*"), ("job", "work", "*")])
laws = settings(max_examples=60, derandomize=True, deadline=None)

Event = tuple[int, str, int]  # person, event, month
event = st.tuples(st.integers(0, 9), st.sampled_from(KINDS), st.integers(-14, 26))
worlds = st.lists(event, min_size=1, max_size=45)
# The household of each person, None for one who has none.
homes = st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=10, max_size=10)


def frame(world: list[Event], home: list[int | None]) -> pl.DataFrame:
    rows = [(person, home[person], what, month) for person, what, month in world]
    schema = {"person": pl.Int64, "household": pl.Int64, "event": pl.String, "month": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def known_of(courses: dict[int, list[Any]]) -> dict[int, set[Any]]:
    """What may be known of each person: the events, and how often at least."""
    return {
        person: {(what, time) for what, n in Counter(course).items() for time in range(n)}
        for person, course in courses.items()
    }


def shared_by(courses: dict[int, list[Any]], home: list[int | None], m: int) -> dict[Any, set[Any]]:
    """The households of all who have each combination of at most m events."""
    answer: dict[Any, set[Any]] = defaultdict(set)
    for person, known in known_of(courses).items():
        unit = ("alone", person) if home[person] is None else ("home", home[person])
        for size in range(1, m + 1):
            for combination in itertools.combinations(sorted(known), size):
                answer[combination].add(unit)
    return answer


def told_at(world: list[Event], step: Step) -> dict[int, list[tuple[str, int]]]:
    courses: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for person, what, month in world:
        courses[person].append((what, month // int(step) if step else 0))
    return courses


@laws
@given(worlds, homes, st.integers(1, 4), st.integers(1, 3), st.sampled_from(Step))
def test_who_is_exposed_is_who_has_a_combination_that_too_few_households_share(
    world: list[Event], home: list[int | None], k: int, m: int, step: Step
) -> None:
    courses = told_at(world, step)
    shared = shared_by(courses, home, m)
    expected = []
    for size in range(1, m + 1):
        least = {
            person: min(
                len(shared[c]) for n in range(1, size + 1) for c in itertools.combinations(sorted(known), n)
            )
            for person, known in known_of(courses).items()
        }
        exposed = sum(n < k for n in least.values())
        expected.append((size, exposed, sum(n < 2 for n in least.values()), len(courses)))
    assert uniqueness.measured(frame(world, home), k=k, m=m, step=step).rows() == expected


@laws
@given(worlds, homes, st.integers(1, 3), st.integers(1, 3), st.sampled_from([0.0, 0.2, 0.5, 0.9]))
def test_what_leaves_has_no_combination_that_too_few_households_share(
    world: list[Event], home: list[int | None], k: int, m: int, most: float
) -> None:
    events = frame(world, home)
    try:
        answer = control.controlled(events, Target(k, m, most), hierarchy=ABOVE)
    except TargetUnreachable:
        assert k > 1, "what nobody needs to share can always leave"
        return
    courses: dict[int, list[Any]] = defaultdict(list)
    for person, what, period in answer.events.rows():
        courses[person].append((what, 0 if period is None else period))
    assert all(len(units) >= k for units in shared_by(courses, home, m).values())
    assert answer.suppressed == 1 - answer.events.height / len(world) <= most
    # What is told of a person happened to the person, at that time, as often at least.
    for person, course in courses.items():
        mine = [
            (ABOVE.labels[answer.level][ABOVE.codes[answer.level][ABOVE.leaves.index(what)]], month)
            for who, what, month in world
            if who == person
        ]
        told = Counter((what, month // int(answer.step) if answer.step else 0) for what, month in mine)
        assert Counter(course) <= told


@laws
@given(worlds, homes, st.permutations(range(10)), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_names_of_persons_say_anything(
    world: list[Event], home: list[int | None], names: list[int], random: Any
) -> None:
    renamed = [(names[person], what, month) for person, what, month in random.sample(world, len(world))]
    home_of = [home[names.index(person)] for person in range(10)]
    target = Target(2, 2, 0.8)

    def told(events: pl.DataFrame) -> Any:
        try:
            answer = control.controlled(events, target)
        except TargetUnreachable as refusal:
            return str(refusal)
        return answer.step, answer.suppressed, answer.events

    one, two = told(frame(world, home)), told(frame(renamed, home_of))
    assert one[:2] == two[:2]
    if not isinstance(one, str):
        renaming = dict(enumerate(names))
        same = one[2].with_columns(pl.col("person").replace(renaming)).sort("person", "period", "event")
        assert same.equals(two[2])
