"""What is usual stands still: it is found with a recoding, kept with it, and classes are held against it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure import risk, verify
from pipeline.disclosure.anonymise import Anonymised, recoded
from pipeline.disclosure.attacks.attack import Kind
from pipeline.disclosure.attacks.battery import attack
from pipeline.disclosure.engine.cuts import Child, Cuts
from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.engine.targets import MOST_USUAL, Sensitive
from pipeline.disclosure.roles import Mode, Roles, load
from pipeline.disclosure.usual import MOST_MOVED, counted, distance, settled
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


def test_shares_are_whole_percents_of_the_registered_rows() -> None:
    # Two of three are 66.67, one is 33.33; of eight one is 12.5, which is rounded up.
    assert counted(people(a="xxy.?"), roles()) == {"job": {"x": 67, "y": 33}}
    assert counted(people(a="xxxxxxxy"), roles()) == {"job": {"x": 88, "y": 13}}
    assert counted(people(a=".?"), roles()) == {}
    assert counted(people(a="x" * 300 + "y"), roles()) == {"job": {"x": 100}}


def test_a_column_without_t_has_nothing_usual() -> None:
    held = roles(columns={"town": {"role": "quasi"}, "job": {"role": "sensitive", "adverse": ["x"]}})
    assert counted(people(a="xxy"), held) == {}
    assert held.with_usual(HALVES) == held


def test_what_is_found_can_be_counted_in_what_is_released() -> None:
    """In town d are two with y alone: they are left out, and what is usual tells nothing of them."""
    frame = people(a="xy" * 10, b="xy" * 10, c="xxy" * 2, d="yy")
    made = recoded(frame, roles(suppression=0.1), ABOVE, storing=True)
    assert made.usual == counted(made.rows, roles())
    assert made.cuts is not None
    twice = recoded(
        frame, roles(suppression=0.1).with_usual(made.usual or {}), ABOVE, storing=True, stored=made.cuts
    )
    assert (twice.cuts, twice.usual) == (made.cuts, made.usual)
    assert twice.rows.equals(made.rows)


def test_it_ends_where_no_shares_are_those_that_they_lead_to() -> None:
    """Each try releases what makes the other: after three the room grows until one of them is near enough."""
    released = {100: people(a="xxxxxxxxxy"), 90: people(a="xxxxxxxxxx")}
    tries = []

    def make(held: Roles) -> int:
        tries.append(held.columns["job"].usual["x"])
        return tries[-1]

    made, usual = settled(people(a="x" * 10), roles(), make, released.__getitem__)
    assert tries[:4] == [100, 90, 100, 90]
    assert len(tries) == 13  # ten percents of room in the thirteenth
    assert usual == {"job": {"x": 100}} and made == 100


def test_without_storing_the_whole_table_is_what_is_usual() -> None:
    assert recoded(people(a="xy" * 5), roles(), ABOVE).usual is None


@pytest.mark.parametrize(("jobs", "refused"), [("x" * 60 + "y" * 40, False), ("x" * 61 + "y" * 39, True)])
def test_what_is_not_usual_any_more_is_refused(jobs: str, refused: bool) -> None:
    """Sixty of a hundred are the ten percents from the half that may be, sixty-one are not."""
    assert Fraction(str(verify.MOST_MOVED)) == MOST_MOVED == Fraction(10, 100)
    if refused:
        with pytest.raises(TargetUnreachable, match=r"not usual any more.*job.*under a new request id"):
            again(people(a=jobs))
    else:
        assert again(people(a=jobs)).usual == HALVES


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
