"""The engine's rules one by one: hierarchies, targets at their limits, blanks, weights, ties and refusals."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from pipeline.disclosure.engine.encode import encode
from pipeline.disclosure.engine.hierarchy import Hierarchy, flat, hierarchy
from pipeline.disclosure.engine.judge import judge
from pipeline.disclosure.engine.lattice import search
from pipeline.disclosure.engine.local import refine
from pipeline.disclosure.engine.problem import Cells, Crowd, Problem
from pipeline.disclosure.engine.recode import by_class, by_level, cost
from pipeline.disclosure.engine.targets import Sensitive, Targets
from pipeline.disclosure.risk import measure
from pipeline.errors import RequestRefused, TargetUnreachable

NOBODY = Fraction(0)
AGE = hierarchy("age", [("1", "low", "*"), ("2", "low", "*"), ("3", "high", "*"), ("4", "high", "*")])


def verdict_on(
    values: list[str | None], rule: Sensitive, everybody: list[str]
) -> tuple[bool, bool, list[int]]:
    """Bad, hopeless, forced: of one class with these values in a table where `everybody` has these."""
    known = sorted(set(everybody))
    registered = [known.index(value) for value in values if value is not None]
    cells = Cells(
        combination=np.array([at for at, value in enumerate(values) if value is not None], dtype=np.int64),
        value=np.array(registered, dtype=np.int64),
        count=np.ones(len(registered), dtype=np.int64),
        totals=np.array([everybody.count(value) for value in known]),
        adverse=np.array([value in rule.adverse for value in known]),
    )
    crowd = Crowd(np.ones(len(values), dtype=np.int64), (cells,))
    targets = Targets(k=1, suppression=NOBODY, sensitive=(rule,))
    found = judge(crowd, targets, np.zeros(len(values), dtype=np.int64), 1)
    return bool(found.bad[0]), bool(found.hopeless[0]), found.forced.tolist()


def test_a_hierarchy_counts_the_leaves_under_each_value() -> None:
    assert AGE.levels == 3
    assert AGE.under.tolist() == [[1, 1, 1, 1], [2, 2, 2, 2], [4, 4, 4, 4]]
    assert AGE.labels == (("1", "2", "3", "4"), ("low", "high"), ("*",))


def test_a_column_without_a_hierarchy_is_itself_or_a_star() -> None:
    assert flat("sex", ["2", "1", "2"]).labels == (("1", "2"), ("*",))


@pytest.mark.parametrize(("rows", "reached"), [(2, False), (3, True), (4, True)])
def test_a_class_of_k_is_enough_and_one_of_k_less_one_is_not(rows: int, reached: bool) -> None:
    problem = encode(
        pl.DataFrame({"age": ["1"] * rows}),
        ["age"],
        Targets(k=3, suppression=NOBODY),
        hierarchies={"age": AGE},
    ).problem
    if reached:
        assert search(problem).node == (0,)
        return
    with pytest.raises(TargetUnreachable):
        search(problem)


@pytest.mark.parametrize(
    ("values", "bad"),
    [(["a", "b"], False), (["a", "a"], True), (["a", None], True), ([None, None], True)],
)
def test_a_blank_is_no_distinct_value(values: list[str | None], bad: bool) -> None:
    rule = Sensitive(name="s", distinct=2)
    assert verdict_on(values, rule, ["a", "b"]) == (bad, bad, [])


@pytest.mark.parametrize(
    ("values", "bad", "forced"),
    [
        (["a", "b"], False, []),
        (["a", "a"], True, [2]),
        (["a", None], True, [1]),  # the blank says nothing of anybody; the one who is registered must go
        ([None, None], False, []),
        (["b", "b"], False, []),
    ],
)
def test_a_class_with_adverse_values_only_is_one_sided_whatever_is_blank(
    values: list[str | None], bad: bool, forced: list[int]
) -> None:
    rule = Sensitive(name="s", adverse=frozenset("a"))
    assert verdict_on(values, rule, ["a", "b"]) == (bad, False, forced)


@pytest.mark.parametrize(("t", "bad"), [("0.24", True), ("0.25", False), ("0.26", False)])
def test_t_is_the_total_variation_from_the_whole_table_and_may_be_reached(t: str, bad: bool) -> None:
    # Half and half in the table; three to one in the class: 3/4 - 1/2.
    rule = Sensitive(name="s", closeness=Fraction(t))
    assert verdict_on(["a", "a", "a", "b"], rule, ["a"] * 4 + ["b"] * 4)[0] is bad


def test_so_many_must_go_that_what_is_left_can_be_close() -> None:
    # Five a and one b, half and half in the table, t = 0: four a must go.
    rule = Sensitive(name="s", closeness=NOBODY)
    assert verdict_on(["a"] * 5 + ["b"], rule, ["a"] * 5 + ["b"] * 5) == (True, False, [4])


def test_the_distance_is_taken_over_registered_values_alone() -> None:
    rule = Sensitive(name="s", closeness=NOBODY)
    assert not verdict_on(["a", "b", None, None], rule, ["a", "b"])[0]


def crossing() -> tuple[pl.DataFrame, dict[str, Hierarchy]]:
    """Two columns of which either may be given up to reach k = 2, at the same loss."""
    frame = pl.DataFrame({"x": ["1", "1", "2", "2"], "y": ["1", "2", "1", "2"]})
    return frame, {name: flat(name, ["1", "2"]) for name in ("x", "y")}


@pytest.mark.parametrize(("weights", "node"), [({}, (0, 1)), ({"y": 2}, (1, 0)), ({"x": 2}, (0, 1))])
def test_what_matters_to_the_researcher_is_kept_and_a_tie_keeps_the_first(
    weights: dict[str, int], node: tuple[int, int]
) -> None:
    frame, hierarchies = crossing()
    targets = Targets(k=2, suppression=NOBODY)
    found = search(encode(frame, ["x", "y"], targets, hierarchies=hierarchies, weights=weights).problem)
    assert found.node == node


def test_the_loss_of_each_column_is_told_apart_and_a_row_left_out_counts_as_one() -> None:
    frame = pl.DataFrame({"age": ["1", "1", "2", "2", "4"], "sex": ["m", "m", "m", "m", "f"]})
    targets = Targets(k=2, suppression=Fraction(1, 5))
    problem = encode(frame, ["age", "sex"], targets, hierarchies={"age": AGE}).problem
    told = cost(problem, by_level(problem, search(problem)))
    assert (told.suppressed, told.loss, told.by_attribute) == (1, 0.2, {"age": 0.2, "sex": 0.2})
    assert (told.classes, told.smallest_class, told.mean_class) == (2, 2, 2.0)
    assert told.discernibility == (2 * 2 + 2 * 2 + 1 * 5) / 5


def test_children_too_few_for_a_class_stay_behind_at_the_parents_value() -> None:
    frame = pl.DataFrame({"age": ["1"] * 3 + ["2", "3", "4"]})
    problem = encode(frame, ["age"], Targets(k=3, suppression=NOBODY), hierarchies={"age": AGE}).problem
    # low is 4 rows, high 2: high is too few, so low stays with it, for it is the smallest that could leave.
    assert refine(problem).levels.ravel().tolist() == [2, 2, 2, 2]
    frame = pl.DataFrame({"age": ["1"] * 3 + ["2", "2", "2", "3", "4", "4"]})
    problem = encode(frame, ["age"], Targets(k=3, suppression=NOBODY), hierarchies={"age": AGE}).problem
    assert refine(problem).levels.ravel().tolist() == [0, 0, 1, 1]
    assert cost(problem, by_class(refine(problem))).by_attribute["age"] == pytest.approx(3 * (1 / 3) / 9)


def test_a_top_of_several_values_leaves_out_within_the_limit_or_refuses_naming_the_column() -> None:
    two = hierarchy("age", [("1", "low"), ("2", "low"), ("3", "high")])
    frame = pl.DataFrame({"age": ["1", "2", "2", "2", "3"]})
    asked = encode(frame, ["age"], Targets(k=2, suppression=Fraction(1, 5)), hierarchies={"age": two}).problem
    assert refine(asked).suppressed == 1
    strict = encode(frame, ["age"], Targets(k=2, suppression=NOBODY), hierarchies={"age": two}).problem
    for find in (refine, search):
        with pytest.raises(
            TargetUnreachable, match=r"1 of 2 classes still miss them. In the way: age, too few rows\."
        ):
            find(strict)


def half_of_a_region_is_close() -> Problem:
    """20 of the north's 30 rows are close to the whole table, the north is not: 10 of 90 rows must go.

    Sick in all: 40 of 90. In the north 20 of 30, 2/9 more; in n2 10 of 20, 1/18 more; in n1 all.
    """
    rows = [("n1", "sick")] * 10 + [("n2", "sick")] * 10 + [("n2", "well")] * 10
    rows += [("s1", "sick")] * 20 + [("s1", "well")] * 40
    frame = pl.DataFrame(rows, schema=["region", "health"], orient="row")
    close = Sensitive(name="health", closeness=Fraction(1, 5))
    targets = Targets(k=5, suppression=Fraction(12, 100), sensitive=(close,))
    regions = hierarchy("region", [("n1", "N"), ("n2", "N"), ("s1", "S")])
    return encode(frame, ["region"], targets, hierarchies={"region": regions}).problem


def test_of_a_class_too_different_at_the_top_the_part_that_is_close_is_kept() -> None:
    problem = half_of_a_region_is_close()
    found = refine(problem)
    assert (found.suppressed, found.classes.tolist().count(-1)) == (10, 1)
    for limit in ({}, {"most_nodes": 0}, {"most_measured": 0}):
        step = search(problem, **limit)
        assert (step.node, step.suppressed) == ((0,), 10)


def test_a_refusal_says_whether_there_is_none_or_none_was_found() -> None:
    problem = half_of_a_region_is_close()
    hopeless = replace(problem, targets=replace(problem.targets, k=91))
    # 9 of 90 may go. The north would be close with 5 sick less, and no level leaves out those alone.
    open_end = replace(problem, targets=replace(problem.targets, suppression=Fraction(9, 90)))
    for find in (refine, search, lambda p: search(p, most_nodes=0)):
        with pytest.raises(TargetUnreachable, match=r"^No recoding meets"):
            find(hopeless)
    with pytest.raises(TargetUnreachable, match=r"^No choice of one level for each variable meets"):
        search(open_end)
    for greedy in (refine, lambda p: search(p, most_nodes=0)):
        with pytest.raises(TargetUnreachable, match=r"^No recoding that meets the targets was found, though"):
            greedy(open_end)


def test_a_missing_value_is_a_category_of_its_own_and_needs_its_line() -> None:
    frame = pl.DataFrame({"age": ["1", None]})
    with pytest.raises(RequestRefused, match="a missing value is a value too"):
        encode(frame, ["age"], Targets(k=1, suppression=NOBODY), hierarchies={"age": AGE})
    alone = encode(frame, ["age"], Targets(k=1, suppression=NOBODY), hierarchies={}).problem
    assert [a.hierarchy.leaves for a in alone.attributes] == [("", "1")]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Targets(k=0, suppression=NOBODY),
        lambda: Targets(k=1, suppression=Fraction(11, 10)),
        lambda: Sensitive(name="s"),
        lambda: Sensitive(name="s", distinct=0),
        lambda: Sensitive(name="s", closeness=Fraction(2)),
        lambda: Sensitive(name="s", closeness=Fraction(1, 20_000)),
    ],
)
def test_targets_that_cannot_be_meant_are_refused(wrong: object) -> None:
    with pytest.raises(RequestRefused):
        wrong()  # type: ignore[operator]


def test_risk_counts_distinct_values_distance_and_one_sided_classes_over_registered_values() -> None:
    frame = pl.DataFrame(
        {"sex": ["m"] * 4 + ["f"] * 4, "ill": ["flu", "flu", "flu", None, "flu", "none", "none", "?"]}
    )
    rule = Sensitive(name="ill", distinct=1, adverse=frozenset({"flu"}))
    (told,) = measure(frame, ["sex"], [rule], blanks=["?"]).told
    # Registered: flu 4, none 2. Men have flu only: 1 - 4/6; women flu 1 of 3: 4/6 - 1/3.
    assert (told.distinct, told.one_sided) == (1, 1)
    assert told.furthest == pytest.approx(1 / 3)


def test_a_class_that_registers_nothing_has_no_distinct_value() -> None:
    frame = pl.DataFrame({"sex": ["m", "f"], "ill": ["flu", None]})
    (told,) = measure(frame, ["sex"], [Sensitive(name="ill", distinct=1)]).told
    assert told.distinct == 0


@pytest.mark.parametrize(
    ("home", "distinct", "named"),
    [
        (["1"] * 4, 1, "too few households"),  # a family of four, and one illness is enough
        (["1", "2", "3", "4"], 3, "illness"),
        (["1"] * 4, 3, "too few households, illness"),
        (["1", "2", "", None], 2, ""),
    ],
)
def test_a_refusal_names_the_targets_that_are_missed_and_no_other(
    home: list[str | None], distinct: int, named: str
) -> None:
    frame = pl.DataFrame({"age": ["1", "2", "3", "4"], "illness": ["a", "a", "b", "b"]})
    targets = Targets(
        k=3, suppression=NOBODY, sensitive=(Sensitive(name="illness", distinct=distinct),), households=True
    )
    homes = pl.Series("home", home, dtype=pl.String)
    problem = encode(frame, ["age"], targets, hierarchies={"age": AGE}, household=homes).problem
    if not named:
        assert search(problem).node == problem.top
        return
    with pytest.raises(TargetUnreachable, match=rf"1 of 1 classes still miss them. In the way: {named}\. "):
        search(problem)


def test_a_refusal_of_a_table_with_too_few_rows_says_so() -> None:
    frame = pl.DataFrame({"age": ["1", "2"]})
    problem = encode(frame, ["age"], Targets(k=3, suppression=NOBODY), hierarchies={"age": AGE}).problem
    with pytest.raises(TargetUnreachable, match=r"In the way: too few rows\. "):
        search(problem)
