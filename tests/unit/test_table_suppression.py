"""Tables for release by hand: what is sensitive, what is hidden with it, what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.suppression.cells import Sums
from pipeline.disclosure.suppression.problem import Problem, Solution
from pipeline.disclosure.suppression.protect import Common, frequency, magnitude, rounding
from pipeline.disclosure.suppression.rounding import controlled
from pipeline.disclosure.suppression.rules import Contributions, Magnitude
from pipeline.disclosure.tables import BASE, THRESHOLD, Marker
from pipeline.errors import RequestRefused, TargetUnreachable
from tests.table_attack import SMALL

SUPPRESSED = Marker.SUPPRESSED


def persons(counts: dict[tuple[str, str], int]) -> pl.DataFrame:
    rows = [(r, s) for (r, s), n in counts.items() for _ in range(n)]
    return pl.DataFrame(rows, schema={"r": pl.String, "s": pl.String}, orient="row")


def grid(frame: pl.DataFrame) -> dict[tuple[str | None, str | None], int | None]:
    return {(line["r"], line["s"]): line["shown"] for line in frame.iter_rows(named=True)}


def test_the_cheapest_rectangle_is_hidden_with_a_small_count() -> None:
    # Each rectangle through a/x leaves 0 to 5 open; by b/y it costs 20 + 30 + 9, by others 78 and more.
    answer = frequency(persons(SMALL), {"t": ["r", "s"]}, how=Common(base=1))
    hidden = {place for place, shown in grid(answer.tables["t"]).items() if shown is None}
    assert hidden == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert (answer.cells, answer.hidden, answer.best) == (16, 4, True)


def test_a_suppressed_figure_is_marked_and_the_others_are_rounded() -> None:
    frame = frequency(persons(SMALL), {"t": ["r", "s"]}).tables["t"]
    assert frame.schema["shown"] == pl.Int64
    assert (frame["shown"].is_null() == (frame["marker"] == SUPPRESSED)).all()
    assert frame["shown"].drop_nulls().to_list() == [
        -(-(n - BASE // 2) // BASE) * BASE for n in [218, 66, 54, 98, 73, 50, 79, 40, 66, 33, 25, 8]
    ]


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    answer = frequency(persons(dict.fromkeys(SMALL, THRESHOLD)), {"t": ["r", "s"]})
    assert (answer.hidden, answer.best) == (0, True)


def test_a_zero_is_hidden_unless_everybody_knows_that_it_cannot_be_otherwise() -> None:
    rows = persons(SMALL | {("a", "x"): 0})
    cannot = pl.DataFrame({"r": ["a"], "s": ["x"]})
    assert frequency(rows, {"t": ["r", "s"]}).hidden == 4
    answer = frequency(rows, {"t": ["r", "s"]}, how=Common(known=cannot))
    assert answer.hidden == 0
    assert grid(answer.tables["t"])["a", "x"] == 0


def test_a_known_cell_is_not_hidden_for_anothers_sake() -> None:
    known = pl.DataFrame({"r": ["b"], "s": ["y"]})
    table = grid(frequency(persons(SMALL), {"t": ["r", "s"]}, how=Common(known=known)).tables["t"])
    assert table["b", "y"] == 10
    assert table["a", "x"] is None


def test_a_table_in_which_too_much_is_known_is_refused_without_figures() -> None:
    known = pl.DataFrame({"r": ["a", "b", "c", None], "s": ["y", "y", "y", "y"]})
    rows = persons({("a", "x"): 3, ("a", "y"): 20, ("b", "x"): 9, ("b", "y"): 9})
    lines = pl.DataFrame({"r": ["a", "a", "b"], "s": ["y", None, "x"]})
    with pytest.raises(TargetUnreachable, match="1 sensitive cells can be worked out") as refusal:
        frequency(rows, {"t": ["r", "s"]}, how=Common(known=lines))
    assert "3" not in str(refusal.value)
    with pytest.raises(RequestRefused, match="a value that r has not"):
        frequency(rows, {"t": ["r", "s"]}, how=Common(known=known))


def test_a_small_count_that_everybody_knows_is_no_longer_protected_by_anybody() -> None:
    known = pl.DataFrame({"r": ["a"], "s": ["x"]})
    with pytest.raises(TargetUnreachable, match="1 sensitive cells"):
        frequency(persons(SMALL), {"t": ["r", "s"]}, how=Common(known=known))


def test_no_line_tells_that_all_or_none_of_a_group_have_something() -> None:
    # Of a's 30 all are x: 100 % and 0 %. Hiding the 0 alone, or the 0 and the 30, leaves each to be worked
    # out from the margins; b's pair goes with them, for it costs 20 + 25 and c's 40 + 45.
    rows = persons({("a", "x"): 30, ("b", "x"): 20, ("b", "y"): 25, ("c", "x"): 40, ("c", "y"): 45})
    answer = frequency(rows, {"t": ["r", "s"]}, how=Common(base=1))
    hidden = {place for place, shown in grid(answer.tables["t"]).items() if shown is None}
    assert hidden == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}


def test_a_coarser_table_is_linked_with_a_finer_one() -> None:
    # Group north is a and b. Of a 2 are x: with b's 30, or north's 32 and its y, they would be worked out.
    levels = hierarchy(
        "r", [("a", "north", "*"), ("b", "north", "*"), ("c", "south", "*"), ("d", "south", "*")]
    )
    counts = {("a", "x"): 2, ("b", "x"): 30, ("c", "x"): 30, ("d", "x"): 30}
    counts |= {(r, "y"): 20 + n for n, r in enumerate("abcd")}
    tables = {"fine": ["r"], "coarse": {"r": 1, "s": 0}}
    answer = frequency(persons(counts), tables, how=Common({"r": levels}, base=1))
    assert set(answer.tables["coarse"]["r"].drop_nulls()) == {"north", "south"}
    assert answer.hidden == 0, "nothing of it is told by r and s together"
    counts[("c", "x")] = 0
    counts[("d", "x")] = 2
    coarse = frequency(persons(counts), tables, how=Common({"r": levels}, base=1)).tables["coarse"]
    # South: 0 + 2 are x. With one more in each line and column the rectangle is complete.
    hidden = {(line["r"], line["s"]) for line in coarse.filter(marker=SUPPRESSED).iter_rows(named=True)}
    assert hidden == {("south", "x"), ("south", "y"), ("north", "x"), ("north", "y")}


def test_a_level_that_no_hierarchy_has_is_refused() -> None:
    with pytest.raises(RequestRefused, match="a level that its hierarchy has not"):
        frequency(persons(SMALL), {"t": {"r": 2, "s": 0}})


def test_a_figure_hidden_in_one_table_is_hidden_in_the_other() -> None:
    rows = persons(
        {("a", "x"): 3, ("a", "y"): 1, ("b", "x"): 20, ("b", "y"): 20, ("c", "x"): 20, ("c", "y"): 9}
    )
    tables = frequency(rows, {"both": ["r", "s"], "r alone": ["r"]}).tables
    both, alone = tables["both"].filter(pl.col("s").is_null()), tables["r alone"]
    assert both.select("r", "shown", "marker").equals(alone)
    assert alone.filter(r="a")["marker"].to_list() == [SUPPRESSED]
    assert alone.filter(marker=SUPPRESSED).height > 1, "a is the total less b and c"


def test_many_rows_of_few_persons_are_few() -> None:
    rows = pl.DataFrame({"r": ["a"] * 40 + ["b"] * 40 + ["c"] * 40, "id": [1, 2] * 20 + list(range(80))})
    table = frequency(rows, {"t": ["r"]}, unit="id").tables["t"]
    hidden = table.filter(marker=SUPPRESSED)["r"].to_list()
    assert "a" in hidden
    assert len(hidden) == 2
    assert frequency(rows, {"t": ["r"]}).hidden == 0


def test_a_total_above_a_single_value_is_hidden_with_it() -> None:
    levels = hierarchy("r", [("a", "north"), ("b", "south"), ("c", "south")])
    rows = persons({("a", "x"): 2, ("b", "x"): 20, ("c", "x"): 30})
    table = frequency(rows, {"t": ["r"]}, how=Common({"r": levels})).tables["t"]
    assert table["r"].to_list()[0] is None
    assert set(table["r"].drop_nulls()) == {"a", "b", "c", "south"}, "north is a"
    assert table.filter(r="a")["marker"].item() == SUPPRESSED
    assert table.filter(marker=SUPPRESSED).height == 2


@pytest.mark.parametrize(
    ("each", "must"),
    [
        # Ten of 10: safe by every rule.
        ([10] * 10, 0),
        # Four units: open by p = 10 % of 400, as a mean of 50 is less.
        ([100] * 4, 40),
        # The two largest have 900 of 1000: at 85 % they would be safe in 1059.
        ([500, 400, 20, 20, 20, 20, 20], 59),
        # The two largest have 1000 of 1048: at 85 % they would be safe in 1177. 48 left of 50 asks for 2.
        ([500, 500, 12, 12, 12, 12], 129),
        # Nobody has anything: p % of the mean.
        ([0] * 9, 5),
        # Nobody there.
        ([], 5),
    ],
)
def test_a_sum_must_stay_open_by_what_its_rule_asks(each: list[int], must: float) -> None:
    padded = [*each, 0, 0]
    one = [sum(each), len(each), padded[0], padded[1], sum(padded[:2])]
    needs = Magnitude().needs(Contributions(*(np.array([n]) for n in one)), mean=50.0)
    assert needs.sensitive.tolist() == [must > 0]
    assert needs.upper.tolist() == [must]
    assert needs.lower.tolist() == [min(must, sum(each))]


def test_two_of_six_who_have_nine_tenths_are_hidden_by_dominance() -> None:
    # a: 450 + 450 of 1000, by six: 90 % > 85 %. b and c: ten of 100 each; one of them goes with a.
    amounts = {"a": [450, 450, 25, 25, 25, 25], "b": [100] * 10, "c": [100] * 10}
    cells = [(r, v) for r, each in amounts.items() for v in each]
    rows = pl.DataFrame([(*cell, n) for n, cell in enumerate(cells)], schema=["r", "v", "id"], orient="row")
    table = magnitude(rows, {"t": ["r"]}, "v", "id", how=Common(base=1)).tables["t"]
    assert table.filter(marker=SUPPRESSED)["r"].to_list()[0] == "a"
    assert table.filter(marker=SUPPRESSED).height == 2
    lenient = magnitude(rows, {"t": ["r"]}, "v", "id", Magnitude(dominance=91), Common(base=1)).tables["t"]
    assert lenient["marker"].unique().to_list() == [Marker.SHOWN]


def test_the_p_rule_alone_hides_what_the_second_could_guess() -> None:
    behind = Contributions(*(np.array([n]) for n in (1049, 9, 1000, 0, 1000)))
    assert Magnitude(dominance=99).needs(behind, 1.0).upper.tolist() == [51]
    assert Magnitude(dominance=99, p=4.9).needs(behind, 1.0).sensitive.tolist() == [False]


def test_two_who_are_alone_in_a_line_do_not_learn_of_each_other() -> None:
    amounts = {
        ("a", "x"): [100],
        ("a", "y"): [120],
        ("a", "z"): [30] * 9,
        ("b", "x"): [50] * 9,
        ("b", "y"): [50] * 9,
        ("b", "z"): [60] * 9,
    }
    cells = [(r, s, v) for (r, s), each in amounts.items() for v in each]
    rows = pl.DataFrame(
        [(*cell, n) for n, cell in enumerate(cells)], schema=["r", "s", "v", "id"], orient="row"
    )
    table = grid(magnitude(rows, {"t": ["r", "s"]}, "v", "id", how=Common(base=1)).tables["t"])
    assert table["a", "x"] is None
    assert table["a", "y"] is None
    assert table["a", "z"] is None or table["a", None] is None, "else each is the line less the other"


def test_several_rows_of_a_unit_are_one_contribution_and_blanks_none() -> None:
    rows = pl.DataFrame(
        {"r": ["a"] * 10 + ["b"] * 10, "id": [1, 2] * 5 + list(range(10)), "v": [10] * 19 + [None]}
    )
    table = magnitude(rows, {"t": ["r"]}, "v", "id", how=Common(base=1)).tables["t"]
    assert table.filter(r="a")["marker"].item() == SUPPRESSED
    ten = rows.filter(pl.col("r") == "b")
    whole = magnitude(ten, {"t": ["r"]}, "v", "id", how=Common(base=1)).tables["t"]
    assert whole["shown"].to_list() == [90], "a dimension with one value has only its total"


@pytest.mark.parametrize("values", [[1, -1], [1.5, 2.0]])
def test_a_value_that_is_negative_or_no_whole_number_is_refused_unquoted(values: list[float]) -> None:
    rows = pl.DataFrame({"r": ["a", "b"], "id": [1, 2], "v": values})
    with pytest.raises(RequestRefused, match="whole number") as refusal:
        magnitude(rows, {"t": ["r"]}, "v", "id")
    assert "1.5" not in str(refusal.value)


def test_rows_that_do_not_fit_are_refused_unquoted() -> None:
    rows = pl.DataFrame({"r": ["a", None]})
    with pytest.raises(RequestRefused, match="r is blank"):
        frequency(rows, {"t": ["r"]})
    with pytest.raises(RequestRefused, match="lack the dimensions q"):
        frequency(rows, {"t": ["q"]})
    with pytest.raises(RequestRefused, match="No table"):
        frequency(rows, {})
    with pytest.raises(RequestRefused, match="no leaf") as refusal:
        frequency(
            pl.DataFrame({"r": ["secret"]}), {"t": ["r"]}, how=Common({"r": hierarchy("r", [("a", "*")])})
        )
    assert "secret" not in str(refusal.value)


def test_two_values_that_look_alike_are_refused() -> None:
    levels = hierarchy("r", [("a", "b", "*"), ("b", "c", "*"), ("d", "c", "*"), ("e", "b", "*")])
    with pytest.raises(RequestRefused, match="the same text"):
        frequency(pl.DataFrame({"r": ["a"]}), {"t": ["r"]}, how=Common({"r": levels}))


def test_a_table_too_large_to_be_read_is_refused() -> None:
    rows = pl.DataFrame({name: [f"{n}" for n in range(200)] for name in "qrs"})
    with pytest.raises(RequestRefused, match="more than 100,000 cells"):
        frequency(rows, {"t": ["q", "r", "s"]})


def test_another_engine_is_asked_the_same_and_its_answer_is_what_is_hidden() -> None:
    asked: list[Problem] = []

    class Everything:
        def suppress(self, problem: Problem) -> Solution:
            asked.append(problem)
            return Solution(hidden=~problem.known, best=False)

    answer = frequency(persons(SMALL), {"t": ["r", "s"]}, how=Common(engine=Everything()))
    assert answer.tables["t"]["shown"].null_count() == answer.hidden == 16
    assert not answer.best
    (problem,) = asked
    assert problem.sensitive.sum() == 1
    assert (problem.lower.max(), problem.upper.max()) == (3, THRESHOLD - 3)


def test_rounded_tables_say_of_no_figure_that_it_is_suppressed() -> None:
    frame = rounding(persons(SMALL), {"t": ["r", "s"]}).tables["t"]
    assert frame["marker"].unique().to_list() == [Marker.SHOWN]
    assert (frame["shown"] % BASE == 0).all()


# Three parts of 1 and three sums of two each, all 2: with base 2 a part is 0 or 2, and no sum may move.
ODD = Sums(
    total=np.array([3, 4, 5]), first=np.array([0, 2, 4, 6]), part=np.array([0, 1, 1, 2, 0, 2], dtype=np.int64)
)


def test_a_count_moves_further_only_where_no_table_adds_up_otherwise() -> None:
    rounded = controlled(np.array([1, 1, 1, 2, 2, 2]), ODD, 2)
    assert (rounded % 2 == 0).all()
    assert (rounded >= 0).all()
    assert rounded[3:].tolist() == [rounded[a] + rounded[b] for a, b in ((0, 1), (1, 2), (0, 2))]
    # One part alone goes up or one alone stays down: two sums or one are off by 2, and each part by 1.
    assert np.abs(rounded - [1, 1, 1, 2, 2, 2]).sum() == 5


def test_figures_that_cannot_be_rounded_to_add_up_are_refused() -> None:
    twice = Sums(total=np.array([1, 2]), first=np.array([0, 1, 2]), part=np.array([0, 0]))
    with pytest.raises(TargetUnreachable, match="cannot be rounded to multiples of 5"):
        controlled(np.array([0, 0, 20]), twice, 5)


def test_a_base_below_one_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="multiple of 1"):
        rounding(persons(SMALL), {"t": ["r", "s"]}, Common(base=0))
