"""What is compared has a bounded number of terms, and a label is read at the level it stands at."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.disclosure.attacks import inference as attack_of_values
from pipeline.disclosure.attacks.cells import counted
from pipeline.disclosure.attacks.crowd import crowd
from pipeline.disclosure.engine.hierarchy import Hierarchy, hierarchy
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.disclosure.utility.bounded import BANDS, MOST_TERMS, MOST_VALUES, bounded, most_values
from pipeline.disclosure.utility.coding import alike
from pipeline.disclosure.utility.detail import detail
from pipeline.disclosure.utility.measure import measure
from pipeline.disclosure.utility.regression import design
from pipeline.errors import RequestRefused

# Ages by lower bound: 20 is an age, and the five and the ten years from it.
LOWER = hierarchy("age", [(str(a), str(a // 5 * 5), str(a // 10 * 10), "*") for a in range(20, 40)])
APART = hierarchy("age", [(str(a), f"{a // 5 * 5}-", f"{a // 10 * 10}--", "*") for a in range(20, 40)])


def text(*values: Any) -> pl.Series:
    return pl.Series("it", [None if value is None else str(value) for value in values], dtype=pl.String)


# --- few values -------------------------------------------------------------------------------------------


def test_numbers_of_many_values_go_into_tenths_of_as_many_rows() -> None:
    found = bounded(text(*range(1000)), text(0, 99, 100, 999), MOST_VALUES)
    assert found.grouped and sorted(found.before.value_counts()["count"]) == [100] * BANDS
    assert found.after.to_list() == ["1 of 10", "1 of 10", "2 of 10", "10 of 10"]
    # One number has one group, however it is written, and a tenth is never cut through it.
    same = bounded(text(*([7] * 500), *(7.0 for _ in range(9)), *range(100, 591)), text(7, 7.0), MOST_VALUES)
    assert same.after.n_unique() == 1


def test_values_that_are_no_numbers_stay_while_they_are_few_and_blanks_always() -> None:
    column = text(*range(100), "100+", "NaN", None, "", "?")
    found = bounded(column, column.head(1), MOST_VALUES, ["?"])
    assert found.before.tail(5).to_list() == ["100+", "NaN", None, "", "?"]
    assert found.before.n_unique() == BANDS + 5


def test_of_what_has_no_order_the_rarest_are_taken_together_and_of_equals_the_last() -> None:
    column = text("b", "b", "c", "a", "d", "other", "other")
    assert not bounded(column, column, 5).grouped
    found = bounded(column, column.head(4), 4)
    assert found.before.to_list() == ["b", "b", "other ", "a", "other ", "other", "other"]
    assert found.after.to_list() == ["b", "b", "other ", "a"]


@pytest.mark.parametrize("columns", [1, 8, 15, 60])
def test_all_columns_together_have_a_bounded_number_of_values(columns: int) -> None:
    assert 2 <= most_values(columns) <= MOST_VALUES and columns * most_values(columns) <= MOST_TERMS


def wide(rows: int, columns: int) -> pl.DataFrame:
    chance = random.Random(4)
    made = {f"q{at}": [chance.choice("abcdefg") for _ in range(rows)] for at in range(columns)}
    town, income = [chance.randrange(800) for _ in range(rows)], [chance.random() for _ in range(rows)]
    return pl.DataFrame(made | {"town": [f"t{n}" for n in town], "income": income})


def test_incomes_and_towns_of_many_values_make_few_terms_and_are_told_to_be_grouped() -> None:
    rows = wide(3000, 2)
    rule = Sensitive(name="income", distinct=3)
    found = measure(rows, rows.head(2900), ["q0", "q1", "town"], [rule], hierarchies={}, k=5)
    assert found.grouped == ("town", "income") and found.propensity is not None
    assert found.propensity.terms == 1 + 6 + 6 + (MOST_VALUES - 1) + (BANDS - 1)
    assert found.coefficients.height == 1 + 6 + 6 + (MOST_VALUES - 1)
    assert set(found.shares["value"]) == {f"{n} of {BANDS}" for n in range(1, BANDS + 1)}


def test_adverse_values_stay_themselves_in_their_model_however_many_there_are() -> None:
    rows = wide(1000, 1).with_columns(pl.Series("code", [f"d{n % 200}" for n in range(1000)]))
    adverse = frozenset({"d7", "d9"})
    found = measure(rows, rows, ["q0"], [Sensitive(name="code", adverse=adverse)], hierarchies={}, k=5)
    bad = rows.with_columns(pl.col("code").is_in(adverse).cast(pl.String))
    other = measure(
        bad, bad, ["q0"], [Sensitive(name="code", adverse=frozenset({"true"}))], hierarchies={}, k=5
    )
    assert found.grouped == ("code",)
    assert found.coefficients["before"].to_list() == other.coefficients["before"].to_list()


def test_a_design_has_an_entry_for_each_factor_and_none_for_each_term() -> None:
    rows = wide(500, 15)
    told = design(rows, [f"q{at}" for at in range(15)], [])
    assert told.codes.shape == (told.cells.height, 15) and len(told.terms) == 1 + 15 * 6


# --- attacks ----------------------------------------------------------------------------------------------


def test_rows_by_class_and_value_have_no_more_entries_than_rows() -> None:
    every = np.arange(30_000)
    cells = counted(every, every[::-1].copy())
    assert len(cells.rows) == len(cells.group) == 30_000  # a table of all pairs would have 900 million
    assert cells.at(np.array([0, 0]), np.array([29_999, 0])).tolist() == [1, 0]


def test_being_certain_by_chance_is_summed_over_distinct_sizes_and_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[int, int]] = []
    choose = attack_of_values._log_choose
    monkeypatch.setattr(attack_of_values, "_log_choose", lambda n, k: made.append((n, k)) or choose(n, k))
    rows = [(f"c{n % 100}", f"v{n % 1000}") for n in range(3000)]
    frame = pl.DataFrame(rows, schema=["class", "value"], orient="row")
    found = attack_of_values.homogeneity(crowd(frame, ["class"], ["value"]), "value")
    # One size, 30, and one count, 3: nothing can be certain, and nothing is summed value by value.
    assert found.control_right == 0 and len(made) == 0
    pairs = pl.DataFrame(
        [(f"c{n // 2}", f"v{n % 5}") for n in range(3000)], schema=["class", "value"], orient="row"
    )
    by_chance = attack_of_values.homogeneity(crowd(pairs, ["class"], ["value"]), "value").control_right
    assert by_chance == pytest.approx(3000 * 599 / 2999) and len(made) == 2


# --- one label at several levels --------------------------------------------------------------------------


def of_ages(above: Hierarchy, level: int) -> pl.DataFrame:
    """Ten persons of each age, at that level; half of those who are 31 are ill."""
    labels = [above.labels[level][code] for code in above.codes[level]]
    rows = [(label, "f" if at == 11 and n < 5 else "n") for at, label in enumerate(labels) for n in range(10)]
    return pl.DataFrame(rows, schema=["age", "ill"], orient="row")


ILL = Sensitive(name="ill", distinct=1)


@pytest.mark.parametrize("sensitive", [[ILL], []], ids=["with an outcome", "without"])
@pytest.mark.parametrize("told", [{"age": (1,)}, None], ids=["told", "a file"])
def test_a_label_of_several_levels_gives_the_figures_that_others_give(sensitive: Any, told: Any) -> None:
    found, wanted = (
        measure(
            of_ages(above, 0),
            of_ages(above, 1).head(195),
            ["age"],
            sensitive,
            hierarchies={"age": above},
            k=5,
            levels=told,
        )
        for above in (LOWER, APART)
    )
    assert (found.detail, found.moved, found.propensity) == (wanted.detail, wanted.moved, wanted.propensity)
    assert found.shares["change"].to_list() == wanted.shares["change"].to_list()


def test_the_loss_of_a_label_is_that_of_the_level_it_stands_at() -> None:
    before, after = of_ages(LOWER, 0), of_ages(LOWER, 1)
    told = detail(before, after, ["age"], {"age": LOWER}, k=5, levels={"age": (1,)})
    assert told.loss == pytest.approx(4 / 19)  # five of twenty ages under every label


def test_of_levels_by_class_the_coarsest_is_taken_and_what_stands_for_several_is_not_compared() -> None:
    mixed = pl.concat([of_ages(LOWER, 1).head(50), of_ages(LOWER, 0).tail(150)])
    found = alike(of_ages(LOWER, 0), mixed, ["age"], ["ill"], {"age": LOWER}, levels={"age": (0, 1)})
    assert found.after["age"].to_list() == of_ages(LOWER, 1)["age"].to_list()
    crossed = hierarchy("age", [("x", "y"), ("y", "x")])
    both = pl.DataFrame({"age": ["x", "y"]})
    uncompared = alike(both, both, ["age"], [], {"age": crossed}, levels={"age": (0, 1)})
    assert (uncompared.factors, uncompared.uncompared) == ((), ("age",))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (["30", "30"], "more rows have a value"),
        (["x"], "no level"),
        (["31"] * 4, "it has more rows"),
    ],
)
def test_a_table_that_was_made_from_another_is_refused_in_words(after: list[str], why: str) -> None:
    before = pl.DataFrame({"age": ["31", "32", "30"]})
    flat = hierarchy("age", [("30",), ("31",), ("32",)])
    with pytest.raises(RequestRefused, match=why):
        alike(before, pl.DataFrame({"age": after}), ["age"], [], {"age": flat})
    with pytest.raises(RequestRefused, match="does not know"):
        alike(before.with_columns(age=pl.lit("99")), before.head(1), ["age"], [], {"age": flat})
