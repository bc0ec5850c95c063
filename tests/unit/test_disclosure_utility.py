"""What coarsening costs, against sums by hand and against scipy."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize

from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.disclosure.utility.coding import alike
from pipeline.disclosure.utility.detail import detail
from pipeline.disclosure.utility.measure import measure
from pipeline.disclosure.utility.propensity import propensity
from pipeline.disclosure.utility.regression import Design, changes, design, linear, probabilities
from pipeline.disclosure.utility.shares import moved, shares
from pipeline.errors import RequestRefused

AGE = hierarchy(
    "age", [("31", "30-39", "*"), ("32", "30-39", "*"), ("45", "40-49", "*"), ("46", "40-49", "*")]
)


def frame(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def people(rows: int = 600, seed: int = 3) -> pl.DataFrame:
    chance = random.Random(seed)
    made = [(chance.choice("abc"), chance.choice("mf"), chance.random()) for _ in range(rows)]
    work = ["yes" if luck < (0.7 if sex == "m" else 0.4) else "no" for _, sex, luck in made]
    return frame(town=[town for town, _, _ in made], sex=[sex for _, sex, _ in made], work=work)


# --- detail -----------------------------------------------------------------------------------------------


def test_detail_is_summed_by_hand() -> None:
    before = frame(age=["31", "32", "45", "46", "46"], sex=["m", "m", "f", "f", "m"])
    after = frame(age=["30-39", "30-39", "45", "45"], sex=["m", "m", "*", "*"])
    found = detail(before, after, ["age", "sex"], {"age": AGE}, k=2)
    # age: two cells of 1/3, two of 0, one row gone; sex: two kept, two at *, one gone.
    assert found.by_column == pytest.approx({"age": (2 / 3 + 1) / 5, "sex": 3 / 5})
    assert found.loss == pytest.approx((5 / 3 + 3) / 10)
    assert (found.suppressed, found.suppressed_share, found.classes) == (1, 0.2, 2)
    assert (found.mean_class, found.mean_class_of_k) == (2, 1)
    assert found.discernibility == (4 + 4 + 5) / 5


# --- one coding -------------------------------------------------------------------------------------------


def test_the_original_is_brought_to_the_level_that_was_released() -> None:
    before = frame(age=["31", "45", "46"], ill=["f", "n", "n"])
    told = alike(before, frame(age=["30-39", "40-49"], ill=["f", "n"]), ["age"], ["ill"], {"age": AGE})
    assert told.before["age"].to_list() == ["30-39", "40-49", "40-49"]
    assert told.factors == ("age",) and told.uncompared == ()


def test_where_levels_differ_both_go_to_the_coarsest_of_them() -> None:
    before = frame(age=["31", "32", "45"])
    told = alike(before, frame(age=["31", "40-49"]), ["age"], [], {"age": AGE})
    assert (told.before["age"].to_list(), told.after["age"].to_list()) == (
        ["30-39", "30-39", "40-49"],
        ["30-39", "40-49"],
    )
    starred = alike(before, frame(age=["31", "*"]), ["age"], [], {"age": AGE})
    assert starred.factors == () and starred.uncompared == ("age",)


def test_a_value_of_no_level_is_refused_in_words() -> None:
    with pytest.raises(RequestRefused, match="not made from this original"):
        alike(frame(age=["31"]), frame(age=["thirty"]), ["age"], [], {"age": AGE})


# --- shares -----------------------------------------------------------------------------------------------


def test_a_share_moves_by_what_was_left_out() -> None:
    before = frame(sex=["m"] * 10, work=["yes"] * 4 + ["no"] * 5 + [None])
    after = before.tail(7)  # three who work are gone
    yes = shares(before, after, ["sex"], "work").filter(pl.col("value") == "yes").row(0, named=True)
    assert (yes["n_before"], yes["k_before"], yes["n_after"], yes["k_after"]) == (9, 4, 6, 1)
    assert yes["change"] == pytest.approx(1 / 6 - 4 / 9)
    assert yes["low"] < yes["change"] < yes["high"]
    # Of nine persons six are drawn: variance p (1 - p) / 6 · 3 / 8.
    assert yes["spread"] == pytest.approx((4 / 9 * 5 / 9 / 6 * 3 / 8) ** 0.5)


def test_the_spread_is_that_of_leaving_out_at_random() -> None:
    before = people(200).with_columns(all=pl.lit("all"))
    draws = []
    for seed in range(400):
        told = shares(before, before.sample(150, seed=seed), ["all"], "work").filter(pl.col("value") == "yes")
        draws.append(told["change"][0])
    assert np.std(draws) == pytest.approx(told["spread"][0], rel=0.1)


def test_a_group_that_is_gone_is_lost_and_one_that_moves_too_far_is_told() -> None:
    small = frame(sex=["m"] * 40 + ["f"] * 10, work=["yes", "no"] * 25)
    after = small.filter((pl.col("sex") == "m") & (pl.col("work") == "yes"))
    assert moved(shares(small, after, ["sex"], "work")).lost == 2
    assert moved(shares(small, after, ["sex"], "work")).far == 2
    assert moved(shares(small, small, ["sex"], "work")).far == 0


def test_large_groups_are_averaged_and_small_ones_are_not() -> None:
    before = frame(sex=["m"] * 400 + ["f"] * 399, work=["yes"] * 200 + ["no"] * 599)
    after = before.filter(pl.int_range(pl.len()) >= 100)  # a hundred who work, all m
    told = moved(shares(before, after, ["sex"], "work"))
    assert (told.large, told.small) == (2, 2)
    assert told.mean == pytest.approx(1 / 2 - 100 / 300) and told.most == pytest.approx(told.mean)


def test_rows_that_were_never_there_are_no_release() -> None:
    with pytest.raises(ValueError, match="not among"):
        shares(frame(sex=["m"], work=["no"]), frame(sex=["m"] * 2, work=["no"] * 2), ["sex"], "work")


# --- models -----------------------------------------------------------------------------------------------


def test_the_linear_model_is_least_squares_over_the_rows() -> None:
    rows = people()
    fitted = changes(rows, rows.head(500), ["town", "sex"], "work", ["yes"])
    names = [(f, v) for f, v in fitted.select("factor", "value").iter_rows()]
    for side, part in (("before", rows), ("after", rows.head(500))):
        x = np.array([[1.0 if f == "" else float(row[f] == v) for f, v in names] for row in part.to_dicts()])
        y = (part["work"] == "yes").cast(pl.Float64).to_numpy()
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        assert fitted[side].to_numpy() == pytest.approx(beta)
        inverse, left = np.linalg.inv(x.T @ x), y - x @ beta
        white = inverse @ (x.T @ (x * (left**2)[:, None])) @ inverse
        assert fitted[f"error_{side}"].to_numpy() == pytest.approx(np.sqrt(np.diag(white)))


def test_intervals_that_are_alike_cover_each_other_and_a_term_without_rows_has_none() -> None:
    rows = people()
    same = changes(rows, rows.reverse(), ["town", "sex"], "work", ["yes"])
    assert same["overlap"].to_numpy() == pytest.approx(1) and same["change"].abs().max() == 0
    gone = changes(rows, rows.filter(pl.col("town") != "a"), ["town", "sex"], "work", ["yes"])
    assert gone.filter(pl.col("after").is_null())["value"].to_list() in (["a"], ["b"], ["c"], [""] * 5)


def test_the_logistic_model_has_the_greatest_likelihood() -> None:
    x = np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]])
    n, k = np.array([60.0, 50, 40, 30]), np.array([10.0, 30, 15, 25])

    def minus(beta: Any) -> float:
        return float((n * np.logaddexp(0, x @ beta) - k * (x @ beta)).sum())

    best = optimize.minimize(minus, np.zeros(3), method="BFGS", options={"gtol": 1e-9})
    told = crossed([60, 50, 40, 30])
    cells = [("a", "m"), ("b", "m"), ("a", "n"), ("b", "n")]
    order = [cells.index(row) for row in told.cells.select("one", "other").rows()]
    found = probabilities(told, n[order], k[order])
    assert found == pytest.approx((1 / (1 + np.exp(-x @ best.x)))[order], abs=1e-6)


def crossed(rows: list[int]) -> Design:
    """Two factors of two values, with so many rows of am, bm, an and bn."""
    pairs = [pair for pair, n in zip(["am", "bm", "an", "bn"], rows, strict=True) for _ in range(n)]
    people = frame(one=[pair[0] for pair in pairs], other=[pair[1] for pair in pairs])
    return design(people, ["one", "other"], [pl.len().alias("n")])


def test_the_products_of_terms_are_those_of_their_dense_matrix() -> None:
    rows = people(200)
    told = design(rows, rows.columns, [pl.len().alias("n")])
    lines = told.cells.to_dicts()
    dense = np.array([[float(f == "" or line[f] == v) for f, v in told.terms] for line in lines])
    weights = told.cells["n"].cast(pl.Float64).to_numpy()
    beta = np.arange(len(told.terms), dtype=float)
    assert told.gram(weights).tolist() == (dense.T @ (dense * weights[:, None])).tolist()
    assert told.summed(weights).tolist() == (dense.T @ weights).tolist()
    assert told.fitted(beta).tolist() == (dense @ beta).tolist()


def test_what_cannot_be_told_apart_is_not_a_number() -> None:
    told = crossed([5, 0, 0, 4])  # one factor says what the other does
    n = told.cells["n"].cast(pl.Float64).to_numpy()
    assert np.isnan(linear(told, n, n).coefficients).all()


# --- propensity -------------------------------------------------------------------------------------------


def test_pmse_of_one_factor_is_summed_by_hand() -> None:
    before, after = frame(sex=["m"] * 6 + ["f"] * 4), frame(sex=["m"] * 2 + ["f"] * 4)
    found = propensity(before, after, ["sex"])
    # Of 16 rows 6 are released: c = 3/8. Of m 2 in 8 are, of f 4 in 8.
    assert found.pmse == pytest.approx((8 * (2 / 8 - 3 / 8) ** 2 + 8 * (4 / 8 - 3 / 8) ** 2) / 16)
    assert found.terms == 2 and found.expected == pytest.approx((5 / 8) ** 2 * (3 / 8) / 16)
    assert found.spread == pytest.approx(2**0.5 * found.expected)
    assert found.by_chance == pytest.approx(found.expected * 0.4)


def test_a_value_that_is_all_gone_settles() -> None:
    before, after = frame(sex=["m"] * 6 + ["f"] * 4), frame(sex=["m"] * 6)
    c = 6 / 16
    assert propensity(before, after, ["sex"]).pmse == pytest.approx(
        (12 * (0.5 - c) ** 2 + 4 * c**2) / 16, abs=1e-6
    )


def test_equal_tables_cannot_be_told_apart() -> None:
    rows = people()
    assert propensity(rows, rows.reverse(), rows.columns).pmse == pytest.approx(0, abs=1e-15)


def test_the_two_expectations_are_met_by_simulation() -> None:
    rows = people(400)
    kept = [propensity(rows, rows.sample(300, seed=n), rows.columns) for n in range(150)]
    drawn = [
        propensity(rows, rows.sample(400, with_replacement=True, seed=n), rows.columns) for n in range(150)
    ]
    assert np.mean([one.ratio_by_chance for one in kept]) == pytest.approx(1, abs=0.2)
    assert np.mean([one.ratio for one in drawn]) == pytest.approx(1, abs=0.2)


# --- together ---------------------------------------------------------------------------------------------


def test_the_order_of_the_rows_changes_no_digit() -> None:
    rows = people()
    kept = rows.filter(pl.int_range(pl.len()) % 7 > 0)
    rules = [Sensitive(name="work", adverse=frozenset(["no"]))]

    def of(before: pl.DataFrame, after: pl.DataFrame) -> Any:
        return measure(before, after, ["town", "sex"], rules, hierarchies={}, k=5)

    once = of(rows, kept)
    again = of(rows.sample(fraction=1, shuffle=True, seed=1), kept.reverse())
    assert once.shares.equals(again.shares) and once.coefficients.equals(again.coefficients)
    assert (once.detail, once.moved, once.propensity) == (again.detail, again.moved, again.propensity)
    assert set(once.shares["by"]) == {"town", "sex"} and once.factors == ("town", "sex")


def test_what_is_measured_has_the_names_of_the_table() -> None:
    rows = people().rename({"town": "value", "sex": "1", "work": "n"})
    kept = rows.filter(pl.int_range(pl.len()) % 7 > 0)
    rules = [Sensitive(name="n", distinct=2)]
    found = measure(rows, kept, ["value", "1"], rules, hierarchies={}, k=5, groups=["1"])
    assert found.factors == ("value", "1") and list(found.detail.by_column) == ["value", "1"]
    assert set(found.shares["by"]) == {"1"} and set(found.shares["outcome"]) == {"n"}
    assert set(found.coefficients["factor"]) == {"", "value", "1"}
    assert set(found.coefficients["outcome"]) == {"n"}
    one = measure(rows, kept.with_columns(value=pl.lit("*")), ["value"], [], hierarchies={}, k=5)
    assert one.uncompared == ("value",)
