"""Stored cuts by hand: how rows follow them, what goes back, what is undone, and what is not stored."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import polars as pl
import pytest

from pipeline.disclosure.engine.again import Stored, again, anew
from pipeline.disclosure.engine.cuts import Child, Cuts, follow, tidied
from pipeline.disclosure.engine.encode import Encoded, encode
from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.engine.targets import Sensitive, Targets
from pipeline.errors import TargetUnreachable

AGE = hierarchy("age", [("1", "low", "*"), ("2", "low", "*"), ("3", "high", "*"), ("4", "high", "*")])
# Low and high leave; of low 1 leaves, and 2 stays behind as low.
AGES = Cuts(
    ("age",),
    (("*",),),
    (Child(0, 0, "age", "high"), Child(0, 0, "age", "low"), Child(2, 0, "age", "1")),
)


def posed(
    ages: str, *, k: int = 2, suppression: str = "0", sick: str = "", rule: Sensitive | None = None
) -> Encoded:
    """A person for each letter of `ages`; `sick` has the sensitive value of each."""
    columns = {"age": list(ages)} | ({"sick": list(sick)} if rule else {})
    targets = Targets(k=k, suppression=Fraction(suppression), sensitive=(rule,) if rule else ())
    return encode(pl.DataFrame(columns), ["age"], targets, hierarchies={"age": AGE})


def classes(encoded: Encoded, found: Stored) -> dict[str, int]:
    """The rows of each class by its label; those left out stand under `out`."""
    levels = found.recoding.levels[:, 0][encoded.combination]
    kept = found.recoding.kept[encoded.combination]
    leaves = encoded.problem.attributes[0].leaves[encoded.combination]
    return dict(
        Counter(
            AGE.labels[level][AGE.codes[level, leaf]] if keep else "out"
            for level, leaf, keep in zip(levels.tolist(), leaves.tolist(), kept.tolist(), strict=True)
        )
    )


def test_the_cuts_that_were_found_are_stored_by_their_labels_in_one_order() -> None:
    assert anew(posed("1112234").problem).cuts == Cuts(
        ("age",),
        (("*",),),
        (
            Child(0, 0, "age", "high"),
            Child(0, 0, "age", "low"),
            Child(2, 0, "age", "1"),
            Child(2, 0, "age", "2"),
        ),
    )


def test_rows_follow_the_cuts_and_who_has_no_value_of_them_stays() -> None:
    encoded = posed("1122334")
    found = again(encoded.problem, AGES)
    assert found.cuts == AGES
    assert classes(encoded, found) == {"1": 2, "low": 2, "high": 3}


def test_a_value_that_was_never_seen_follows_what_stands_above_it() -> None:
    encoded = posed("113344" + "2" * 5)
    assert classes(encoded, again(encoded.problem, AGES)) == {"1": 2, "low": 5, "high": 4}


def test_a_value_that_nobody_has_any_more_stays_stored() -> None:
    """Whether nobody is left there or too few must not be told by the file."""
    encoded = posed("2233")
    assert again(encoded.problem, AGES).cuts == AGES


def test_a_class_that_has_become_too_small_goes_back_into_the_one_it_left() -> None:
    encoded = posed("12233")
    found = again(encoded.problem, AGES)
    assert classes(encoded, found) == {"low": 3, "high": 2}
    assert found.cuts == Cuts(("age",), (("*",),), AGES.children[:2])
    # Now it stays there, also when it is large enough again.
    more = posed("1111112233")
    assert classes(more, again(more.problem, found.cuts)) == {"low": 8, "high": 2}


def test_where_nobody_stayed_behind_it_goes_back_with_its_siblings_or_is_left_out() -> None:
    """High is one: alone in * it is one too, and nobody else loses anything while it may be left out."""
    may = posed("1122" * 5 + "3", suppression="0.05")
    found = again(may.problem, AGES)
    assert classes(may, found) == {"1": 10, "low": 10, "out": 1}
    assert found.cuts == AGES
    may_not = posed("1122" * 5 + "3", suppression="0.04")
    found = again(may_not.problem, AGES)
    assert classes(may_not, found) == {"*": 21}
    assert found.cuts == Cuts(("age",), (), ())


def test_what_went_back_takes_no_part_in_later_cuts_so_that_nothing_becomes_finer() -> None:
    sex = hierarchy("sex", [("m", "*"), ("f", "*")])
    cuts = Cuts(
        ("age", "sex"),
        (("*", "*"),),
        (Child(0, 0, "age", "low"), Child(0, 1, "sex", "f")),
    )
    rows = pl.DataFrame({"age": list("1" + "3333"), "sex": list("f" + "fffm")})
    encoded = encode(
        rows, ["age", "sex"], Targets(k=2, suppression=Fraction(0)), hierarchies={"age": AGE, "sex": sex}
    )
    found = again(encoded.problem, cuts)
    assert found.cuts.children == (cuts.children[0]._replace(back=True), cuts.children[1])
    by_row = found.recoding.levels[encoded.combination].tolist()
    assert by_row == [[2, 1], [2, 0], [2, 0], [2, 0], [2, 1]]


def test_the_cut_that_disturbs_fewest_for_what_it_helps_is_undone_first() -> None:
    """3 misses k alone, and so it does in high; undoing high's cut moves 6 rows, undoing the first all 26."""
    cuts = Cuts(
        ("age",),
        (("*",),),
        (
            Child(0, 0, "age", "high"),
            Child(0, 0, "age", "low"),
            Child(1, 0, "age", "3"),
            Child(1, 0, "age", "4"),
        ),
    )
    encoded = posed("1" * 20 + "3" + "4" * 5)
    assert classes(encoded, again(encoded.problem, cuts)) == {"low": 20, "high": 6}


def test_of_two_cuts_that_help_as_many_the_one_that_disturbs_fewer_is_undone() -> None:
    """One person of 27 may be left out, and both 1 and 3 are alone."""
    cuts = Cuts(
        ("age",),
        (("*",),),
        (
            Child(0, 0, "age", "high"),
            Child(0, 0, "age", "low"),
            Child(1, 0, "age", "3"),
            Child(1, 0, "age", "4"),
            Child(2, 0, "age", "1"),
            Child(2, 0, "age", "2"),
        ),
    )
    for ages, expected in (
        ("1" + "2" * 5 + "3" + "4" * 20, {"low": 6, "out": 1, "4": 20}),
        ("1" + "2" * 20 + "3" + "4" * 5, {"out": 1, "2": 20, "high": 6}),
    ):
        encoded = posed(ages, suppression="0.05")
        assert classes(encoded, again(encoded.problem, cuts)) == expected


def test_a_class_that_holds_is_not_lost_for_one_that_does_not() -> None:
    """1 is only sick, of 2 nothing is known, together they are only sick: in * they would hold."""
    rule = Sensitive(name="sick", adverse=frozenset("y"))
    cuts = Cuts(("age",), (("*",),), (Child(0, 0, "age", "low"), Child(1, 0, "age", "1")))
    rows = pl.DataFrame({"age": list("11223333"), "sick": ["y", "y", None, None, "n", "n", "y", "n"]})
    targets = Targets(k=2, suppression=Fraction(1, 4), sensitive=(rule,))
    encoded = encode(rows, ["age"], targets, hierarchies={"age": AGE})
    found = again(encoded.problem, cuts)
    assert classes(encoded, found) == {"out": 2, "low": 2, "*": 4}
    assert found.cuts == cuts


def test_where_going_back_helps_nobody_nothing_is_coarser_afterwards() -> None:
    cuts = Cuts(
        ("age",),
        (("*",),),
        (Child(0, 0, "age", "high"), Child(0, 0, "age", "low"), Child(2, 0, "age", "1")),
    )
    encoded = posed("1" + "3" * 4, suppression="0.2")
    found = again(encoded.problem, cuts)
    assert classes(encoded, found) == {"out": 1, "high": 4}
    assert found.cuts == cuts


def test_where_nothing_as_coarse_meets_the_targets_it_says_how_to_find_them_anew() -> None:
    """Sick are 19 of 34, and 9 of 14 low, but 5 of 10 of age 1: a cut that was not stored."""
    rule = Sensitive(name="sick", closeness=Fraction("0.07"))
    rows = pl.DataFrame(
        {"age": list("1" * 10 + "2" * 4 + "3" * 20), "sick": list("yn" * 5 + "yyyy" + "yn" * 10)}
    )
    targets = Targets(k=2, suppression=Fraction("0.12"), sensitive=(rule,))
    encoded = encode(rows, ["age"], targets, hierarchies={"age": AGE.up_to(1)})
    assert classes(encoded, anew(encoded.problem)) == {"1": 10, "out": 4, "3": 20}
    with pytest.raises(TargetUnreachable, match="under a new request id"):
        again(encoded.problem, Cuts(("age",), (), ()))


def test_where_nothing_at_all_meets_the_targets_it_says_so() -> None:
    with pytest.raises(TargetUnreachable, match="No recoding meets the targets"):
        again(posed("1").problem, AGES)


def test_a_class_of_which_nobody_is_kept_is_not_stored() -> None:
    """Low is all sick and its parts are too: who is in it is left out, and no label tells of it."""
    rule = Sensitive(name="sick", adverse=frozenset("y"))
    capped = AGE.up_to(1)
    rows = pl.DataFrame({"age": list("1122" + "33334444"), "sick": list("yyyy" + "ynnnynnn")})
    targets = Targets(k=2, suppression=Fraction(1, 2), sensitive=(rule,))
    found = anew(encode(rows, ["age"], targets, hierarchies={"age": capped}).problem)
    assert found.cuts == Cuts(("age",), (("high",),), (Child(0, 0, "age", "3"), Child(0, 0, "age", "4")))
    assert found.recoding.kept.tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    "cuts",
    [
        Cuts(("sex",), (("*",),), ()),
        Cuts(
            ("age",), (("*",),), (Child(0, 0, "age", "low"), Child(1, 0, "age", "1"), Child(2, 0, "age", "1"))
        ),
    ],
)
def test_cuts_of_other_hierarchies_are_refused(cuts: Cuts) -> None:
    with pytest.raises(ValueError, match="the cuts"):
        follow(posed("12").problem, cuts)


def test_cuts_are_told_by_labels_from_the_coarsest_down() -> None:
    mixed = Cuts(
        ("age",),
        (("low",), ("high",)),
        (Child(0, 7, "age", "2"), Child(0, 7, "age", "1"), Child(1, 3, "age", "4", back=True)),
    )
    assert tidied(mixed) == Cuts(("age",), (("low",),), (Child(0, 0, "age", "1"), Child(0, 0, "age", "2")))
