"""What is usual stands still: it is found with a recoding, kept with it, and classes are held against it."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure import risk
from pipeline.disclosure.anonymise import Anonymised, recoded
from pipeline.disclosure.attacks.attack import Kind
from pipeline.disclosure.attacks.battery import attack
from pipeline.disclosure.engine.cuts import Child, Cuts
from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.engine.targets import MOST_USUAL, Sensitive
from pipeline.disclosure.roles import Mode, Roles, load
from pipeline.disclosure.usual import MOST_MOVED, Settled, counted, distance, settled, step_of
from pipeline.disclosure.verify_usual import MOST_MOVED as MOST_MOVED_OF_THE_VERIFIER
from pipeline.errors import RequestRefused, TargetUnreachable

ABOVE = {"town": hierarchy("town", [(town, "*") for town in "abcde"])}
CUT = Cuts(("town",), (("*",),), tuple(Child(0, 0, "town", town) for town in "abcde"))
HALVES = {"job": {"x": 50, "y": 50}}


def roles(**changed: Any) -> Roles:
    told = {
        "k": 2,
        "suppression": 0.5,
        "mode": "class",
        "blank": ["?"],
        "columns": {"town": {"role": "quasi"}, "job": {"role": "sensitive", "t": 0.2}},
    }
    return Roles.model_validate(told | changed)


def people(**towns: str) -> pl.DataFrame:
    """Of each town somebody for each letter: the letter is the job, `.` none, `?` not known."""
    rows = [(town, None if job == "." else job) for town, jobs in towns.items() for job in jobs]
    return pl.DataFrame(rows, schema={"town": pl.String, "job": pl.String}, orient="row")


def again(frame: pl.DataFrame, **changed: Any) -> Anonymised:
    return recoded(frame, roles(**changed).with_usual(HALVES), ABOVE, storing=True, stored=CUT)


def told(made: Anonymised) -> dict[str, int]:
    return dict(made.rows["town"].value_counts().rows())


# --- counting and finding -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jobs", "shares"),
    [
        # Of 49 registered no step is wide enough for five persons; of 50 it is ten percents, of 100 five.
        ("x" * 25 + "y" * 24, None),
        ("x" * 25 + "y" * 24 + "..??", None),
        ("x" * 33 + "y" * 17, {"x": 70, "y": 30}),
        ("x" * 66 + "y" * 33, {"x": 70, "y": 30}),
        ("x" * 68 + "y" * 32, {"x": 70, "y": 30}),
        ("x" * 67 + "y" * 33, {"x": 65, "y": 35}),
        # Of 249 it is five still, of 250 two, of 499 two, of 500 one: 0.4 is 40 percents in them all.
        ("x" * 105 + "y" * 144, {"x": 40, "y": 60}),
        ("x" * 107 + "y" * 143, {"x": 42, "y": 58}),
        ("x" * 206 + "y" * 293, {"x": 42, "y": 58}),
        ("x" * 206 + "y" * 294, {"x": 41, "y": 59}),
        # A half is rounded upwards, and no share at all is not told.
        ("x" * 65 + "y" * 65, {"x": 50, "y": 50}),
        ("x" * 175 + "y" * 25, {"x": 90, "y": 15}),
        ("x" * 299 + "y", {"x": 100}),
        # Of twelve values with four percents each nothing would be told, and they are half of what there is.
        ("x" * 26 + "abcdefghijkl" * 2, None),
    ],
)
def test_shares_are_told_in_steps_that_five_persons_are_within(
    jobs: str, shares: dict[str, int] | None
) -> None:
    assert counted(people(a=jobs), roles()) == ({} if shares is None else {"job": shares})


def test_five_persons_more_or_less_are_within_one_step() -> None:
    for rows in range(50, 1200):
        step = step_of(rows)
        assert step is not None and step * rows >= 500
        assert step == 1 or all(finer * rows < 500 for finer in (1, 2, 5) if finer < step)
    assert step_of(49) is None and step_of(0) is None


def test_a_column_without_t_has_nothing_usual() -> None:
    held = roles(columns={"town": {"role": "quasi"}, "job": {"role": "sensitive", "adverse": ["x"]}})
    assert counted(people(a="xxy"), held) == {}
    assert held.with_usual(HALVES) == held


def test_what_is_found_can_be_counted_in_what_is_released() -> None:
    """In town d are two with y alone: they are left out, and what is usual tells nothing of them."""
    frame = people(a="xy" * 20, b="xy" * 20, c="xxy" * 2, d="yy")
    made = recoded(frame, roles(suppression=0.1), ABOVE, storing=True)
    assert made.usual == counted(made.rows, roles()) and made.usual_anew == ("job",)
    assert made.cuts is not None
    twice = recoded(
        frame, roles(suppression=0.1).with_usual(made.usual or {}), ABOVE, storing=True, stored=made.cuts
    )
    assert (twice.cuts, twice.usual) == (made.cuts, made.usual)
    assert twice.rows.equals(made.rows)


TWO = {
    "town": {"role": "quasi"},
    "job": {"role": "sensitive", "t": 0.2},
    "home": {"role": "sensitive", "t": 0.2},
}


def test_of_what_does_not_settle_nothing_is_stored_and_of_the_others_what_is_released() -> None:
    """Each try releases what makes the other: after five nothing is said of the job, and the home stands."""
    by_job = {
        90: people(a="x" * 100),
        100: people(a="x" * 90 + "y" * 10),
        None: people(a="x" * 80 + "y" * 20),
    }
    tries = []

    def make(held: Roles) -> int | None:
        tries.append((held.columns["job"].usual.get("x"), held.columns["home"].usual.get("h")))
        return tries[-1][0]

    def released(made: int | None) -> pl.DataFrame:
        return by_job[made].with_columns(home=pl.lit("h"))

    found = settled(released(90), roles(columns=TWO), make, released)
    assert tries == [(100, 100), (90, 100), (100, 100), (90, 100), (100, 100), (None, 100)]
    assert found == Settled(None, {"home": {"h": 100}}, ("home",))


def test_where_what_is_said_to_be_usual_stands_in_the_way_nothing_is_said() -> None:
    """First what was stored is let go, then what is counted now; with nothing said it is as it was before."""
    tries = []

    def make(held: Roles) -> pl.DataFrame:
        tries.append(held.columns["job"].usual)
        if tries[-1] or len(tries) > 3:
            raise TargetUnreachable("It is unreachable.", instead="Nothing.", do="Nothing.")
        return people(a="x" * 80 + "y" * 20)

    frame = people(a="x" * 60 + "y" * 40)
    found = settled(frame, roles().with_usual(HALVES), make, lambda made: made)
    assert tries == [HALVES["job"], {"x": 60, "y": 40}, {}]
    assert (found.usual, found.anew) == ({}, ())
    with pytest.raises(TargetUnreachable):
        settled(frame, roles(), make, lambda made: made)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("few", [False, True])
def test_what_is_stored_is_always_what_the_released_rows_have(mode: Mode, few: bool) -> None:
    """Over random tables, most of which leave somebody out; those of which nothing settles are few."""
    above = {"town": hierarchy("town", [(str(n), str(n // 2), str(n // 4), "*") for n in range(8)])}
    told = {
        "town": {"role": "quasi", "coarsest": 2},
        "sex": {"role": "quasi", "coarsest": 0},
        "job": {"role": "sensitive", "t": 0.2, "adverse": ["x"]},
        "ill": {"role": "sensitive", "t": 0.2},
    }
    held = roles(mode=mode, k=3, suppression=0.9, columns=told)
    stored = left_out = 0
    for seed in range(25):
        chance = random.Random(seed)
        frame = pl.DataFrame(
            {
                "town": [str(chance.randrange(8)) for _ in range(260)],
                "sex": [chance.choice("fmabc") for _ in range(260)],
                "job": [
                    chance.choice("xyyy") if chance.random() < (0.3 if few else 0.9) else None
                    for _ in range(260)
                ],
                "ill": [
                    chance.choice("pqr") if chance.random() < (0.3 if few else 0.9) else None
                    for _ in range(260)
                ],
            }
        )
        made = recoded(frame, held, above, storing=True)
        assert made.usual is not None
        now = counted(made.rows, held)
        assert made.usual == {name: now[name] for name in made.usual}
        assert made.usual_anew == tuple(sorted(made.usual))
        stored, left_out = stored + len(made.usual), left_out + (made.rows.height < 260)
    assert left_out > 5 and stored > (0 if few else 20), (left_out, stored)


def test_without_storing_the_whole_table_is_what_is_usual() -> None:
    assert recoded(people(a="xy" * 5), roles(), ABOVE).usual is None


@pytest.mark.parametrize(
    ("jobs", "shares"),
    [
        # Sixty of a hundred are the ten percents from the half that may be, sixty-one are not.
        ("x" * 60 + "y" * 40, None),
        ("x" * 61 + "y" * 39, {"x": 60, "y": 40}),
        # So far from the half that no class is near it: it is counted anew all the same, and not refused.
        ("x" * 90 + "y" * 10, {"x": 90, "y": 10}),
        # Of fewer than fifty nothing is told.
        ("x" * 25 + "y" * 24, {}),
    ],
)
def test_what_is_not_usual_any_more_is_counted_anew_and_the_cuts_stand(
    jobs: str, shares: dict[str, int] | None
) -> None:
    assert Fraction(str(MOST_MOVED_OF_THE_VERIFIER)) == MOST_MOVED == Fraction(10, 100)
    made = again(people(a=jobs, b="."))
    assert made.usual == (HALVES if shares is None else {"job": shares} if shares else {})
    assert made.usual_anew == (("job",) if shares else ())
    assert told(made) == {"a": len(jobs)}


@pytest.mark.parametrize(
    ("stored", "jobs", "stands"),
    [
        ({"x": 52, "y": 48}, "xy" * 125, True),
        # In twos it is finer than 248 registered rows are told in, and in ones finer than 498.
        ({"x": 52, "y": 48}, "xy" * 124, False),
        ({"x": 51, "y": 49}, "xy" * 250, True),
        ({"x": 51, "y": 49}, "xy" * 249, False),
        # Fives may stand where ones may.
        ({"x": 55, "y": 45}, "xy" * 250, True),
        # The last person with z has gone: who is told of z would be told of that person.
        ({"x": 45, "y": 50, "z": 5}, "xy" * 60, False),
        ({"x": 45, "y": 50, "z": 5}, "xy" * 60 + "z", True),
    ],
)
def test_stored_shares_tell_no_more_than_those_of_tonight_would(
    stored: dict[str, int], jobs: str, stands: bool
) -> None:
    frame = people(a=jobs)
    made = recoded(frame, roles().with_usual({"job": stored}), ABOVE, storing=True, stored=CUT)
    assert made.usual == ({"job": stored} if stands else counted(frame, roles()))
    assert made.usual_anew == (() if stands else ("job",))


def test_a_later_version_tells_nothing_of_who_withdrew() -> None:
    """Of 11 registered one had x: nothing was stored of so few, and nothing is after x has gone."""
    frame = people(a="x" + "y" * 10 + "." * 44)
    first = recoded(frame, roles(), ABOVE, storing=True)
    later = recoded(
        frame.filter(pl.col("job").is_null() | (pl.col("job") != "x")), roles(), ABOVE, storing=True
    )
    assert first.usual == later.usual == {}


def test_distance_is_total_variation() -> None:
    assert distance({"x": 1, "y": 1}, {"x": 3, "z": 1}) == Fraction(1, 2)


def test_nobody_may_say_in_a_role_file_what_is_usual(tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text("columns:\n  job: {role: sensitive, t: 0.2, usual: {x: 1}}\n")
    with pytest.raises(RequestRefused, match="what is usual is counted in the table, and not said"):
        load(path)


@pytest.mark.parametrize("usual", [{"x": 0}, {"x": -1, "y": 2}, {"x": MOST_USUAL + 1}])
def test_what_is_usual_is_told_in_parts(usual: dict[str, int]) -> None:
    with pytest.raises(RequestRefused, match="told in 1 to"):
        Sensitive(name="job", closeness=Fraction(1, 5), usual=usual)


# --- classes are held against it ---------------------------------------------------------------------------


def test_who_comes_elsewhere_pushes_no_class_over_t() -> None:
    """In a are 7 of 10 with x, 0.2 from one half. With more of y in b the whole moves, and a stands."""
    frame = people(a="xxxxxxxyyy", b="xy" * 20 + "yyyyy")
    assert told(again(frame)) == {"a": 10, "b": 45}
    # Held against the table itself, 27 of 55 with x, it would be beyond.
    moving = Sensitive(name="job", closeness=Fraction(1, 5))
    assert risk.measure(frame, ["town"], [moving]).told[0].furthest > 0.2
    fixed = Sensitive(name="job", closeness=Fraction(1, 5), usual=HALVES["job"])
    measured = risk.measure(frame, ["town"], [fixed], original=frame)
    assert measured.told[0].furthest == 0.2
    tried = attack(measured, frame, ["town"], [fixed], k=2, original=frame)
    (skewed,) = [one for one in tried if one.kind is Kind.SKEWNESS]
    assert (skewed.highest, skewed.right) == (0.2, 0)


def test_a_value_that_is_not_usual_counts_as_far_as_it_goes() -> None:
    rule = Sensitive(name="job", closeness=Fraction(1, 5), usual={"x": 1, "y": 1, "gone": 2})
    # One half x, one half z: a quarter more of x than is usual, and all of z.
    assert risk.measure(people(a="xz"), ["town"], [rule]).told[0].furthest == 0.75


# --- a class that is pushed over a target ------------------------------------------------------------------


def test_a_large_class_is_merged_with_the_smallest_that_helps_and_is_not_left_out() -> None:
    """13 of 18 in a have x, 0.222 from the half; with b, which has 2 of 4, it is 15 of 22, 0.182."""
    frame = people(a="x" * 13 + "y" * 5, b="xxyy", c="xxxyyy", d="xy" * 40)
    made = again(frame)
    assert told(made) == {"*": 22, "c": 6, "d": 80}
    assert made.cost.suppressed == 0


def test_merged_classes_are_stored_so_and_stand() -> None:
    frame = people(a="x" * 13 + "y" * 5, b="xxyy", c="xxxyyy", d="xy" * 40)
    made = again(frame)
    twice = recoded(frame, roles().with_usual(HALVES), ABOVE, storing=True, stored=made.cuts)
    assert twice.cuts == made.cuts and told(twice) == told(made)


def test_more_are_merged_where_the_smallest_are_not_enough() -> None:
    """With b it is 17 of 22, 0.27; with c too, of six with three, 20 of 28, 0.214; with d 26 of 40, 0.15."""
    frame = people(a="x" * 15 + "y" * 3, b="xxyy", c="xxxyyy", d="xy" * 6, e="xy" * 200)
    # 22 others would become coarser so, for 18 that are kept: they are left out.
    assert told(again(frame)) == {"b": 4, "c": 6, "d": 12, "e": 400}
    # With four more of them in a it is 22 for 22; with one more, it is worth it.
    assert "*" not in told(
        again(people(a="x" * 18 + "y" * 4, b="xxyy", c="xxxyyy", d="xy" * 6, e="xy" * 200))
    )
    worth = people(a="x" * 19 + "y" * 4, b="xxyy", c="xxxyyy", d="xy" * 6, e="xy" * 200)
    assert told(again(worth)) == {"*": 45, "e": 400}


def test_classes_of_one_size_are_merged_together_so_that_no_name_decides() -> None:
    frame = people(a="x" * 13 + "y" * 5, b="xxyy", c="xxyy", d="xy" * 40)
    assert told(again(frame)) == {"*": 26, "d": 80}
    renamed = frame.with_columns(pl.col("town").replace({"b": "c", "c": "b"}))
    assert told(again(renamed)) == told(again(frame))


def test_a_small_class_that_would_make_more_rows_coarser_is_left_out() -> None:
    frame = people(a="xxx", b="xxyy", d="xy" * 40)
    assert told(again(frame)) == {"b": 4, "d": 80}


def test_only_what_left_the_same_class_is_merged() -> None:
    """Of two cuts, each in its own half of the country, the other half stays as it was."""
    above = {"town": hierarchy("town", [("a", "N", "*"), ("b", "N", "*"), ("c", "S", "*"), ("d", "S", "*")])}
    cuts = Cuts(
        ("town",),
        (("*",),),
        (
            Child(0, 0, "town", "N"),
            Child(0, 0, "town", "S"),
            Child(1, 0, "town", "a"),
            Child(1, 0, "town", "b"),
            Child(2, 0, "town", "c"),
            Child(2, 0, "town", "d"),
        ),
    )
    frame = people(a="x" * 13 + "y" * 5, b="xxxyyy", c="xy", d="xy" * 40)
    made = recoded(frame, roles().with_usual(HALVES), above, storing=True, stored=cuts)
    assert told(made) == {"N": 24, "c": 2, "d": 80}


def test_a_class_that_left_alone_goes_further_back_and_takes_whole_branches_with_it() -> None:
    """Town a is all there is of N. In S are c and e, four rows together: 15 of 22 with x hold with them."""
    above = {"town": hierarchy("town", [("a", "N", "*"), ("c", "S", "*"), ("e", "S", "*"), ("d", "W", "*")])}
    cuts = Cuts(
        ("town",),
        (("*",),),
        (
            *(Child(0, 0, "town", region) for region in "NSW"),
            Child(1, 0, "town", "a"),
            Child(2, 0, "town", "c"),
            Child(2, 0, "town", "e"),
            Child(3, 0, "town", "d"),
        ),
    )
    frame = people(a="x" * 13 + "y" * 5, c="xy", e="xy", d="xy" * 40)
    made = recoded(frame, roles().with_usual(HALVES), above, storing=True, stored=cuts)
    assert told(made) == {"*": 22, "d": 80}
    twice = recoded(frame, roles().with_usual(HALVES), above, storing=True, stored=made.cuts)
    assert twice.cuts == made.cuts and twice.rows.equals(made.rows)


def test_levels_are_held_against_it_too() -> None:
    frame = people(a="xxxxxxxyyy", b="xy" * 20 + "yyyyy")
    made = recoded(frame, roles(mode=Mode.LEVEL).with_usual(HALVES), ABOVE, storing=True, stored={"town": 0})
    assert (made.levels, told(made)) == ({"town": 0}, {"a": 10, "b": 45})
