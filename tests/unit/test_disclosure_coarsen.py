"""Coarsening along the declared hierarchies, and suppressing classes that are too small."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.disclosure.coarsen import K, coarsen, quasi_identifiers, suppress
from pipeline.disclosure.hierarchies import band, climb
from pipeline.disclosure.tables import THRESHOLD
from pipeline.disclosure.verify import LEAST_K, class_columns
from pipeline.errors import RequestRefused, TableRejected
from schemas import codes
from schemas.research import CoarsenedOutcome
from schemas.variable import columns, polars_schema
from tests.release_world import sources


def coarse(
    *,
    sex: str | None = "1",
    born: date | None = date(1980, 6, 15),
    country: str | None = "346",
    bydel: str | None = "01",
    ended: date = date(2012, 6, 15),
    statuses: dict[str, str | None] | None = None,
) -> dict[str, str | None]:
    person = pl.DataFrame(
        [(1, sex, born, country)],
        schema={
            "person_key": pl.Int64,
            "sex": pl.String,
            "birth_date": pl.Date,
            "country_of_birth": pl.String,
        },
        orient="row",
    )
    cohort = pl.DataFrame(
        [(1, bydel, ended, ended.year)],
        schema={"person_key": pl.Int64, "bydel": pl.String, "ended_on": pl.Date, "exit_year": pl.Int64},
        orient="row",
    )
    told = statuses if statuses is not None else {"y0": "work"}
    outcome = pl.DataFrame(
        [(1, window, status) for window, status in told.items()],
        schema={"person_key": pl.Int64, "outcome": pl.String, "status": pl.String},
        orient="row",
    )
    return coarsen(person, cohort, outcome).row(0, named=True)


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (date(2004, 6, 14), "00-24"),  # the day before the 24th birthday
        (date(2005, 6, 14), "00-24"),
        (date(2005, 6, 15), "25-34"),  # the 25th birthday itself
        (date(2015, 6, 14), "25-34"),
        (date(2015, 6, 15), "35-44"),
        (date(2025, 6, 15), "45-99"),
        (date(2003, 1, 1), "00-24"),
    ],
)
def test_age_is_in_whole_years_on_the_day_of_exit(ended: date, expected: str) -> None:
    assert coarse(ended=ended)["age_band"] == expected


@pytest.mark.parametrize(("ended", "expected"), [(date(2025, 2, 28), "00-24"), (date(2025, 3, 1), "25-34")])
def test_one_born_on_leap_day_turns_older_on_the_first_of_march(ended: date, expected: str) -> None:
    assert coarse(born=date(2000, 2, 29), ended=ended)["age_band"] == expected


@pytest.mark.parametrize("born", [None, date(2020, 1, 1), date(1900, 1, 1)])
def test_an_age_that_cannot_be_is_not_stated(born: date | None) -> None:
    assert coarse(born=born)["age_band"] == "X"


def test_missing_values_become_the_lists_own_unknown() -> None:
    row = coarse(sex=None, country=None, bydel=None)
    assert (row["sex"], row["world_region"], row["bydel_group"]) == ("9", "X", "X")


def test_a_code_climbs_the_declared_parents() -> None:
    row = coarse(country="404", bydel="15", ended=date(2014, 12, 31))
    assert (row["world_region"], row["bydel_group"], row["exit_period"]) == ("AS", "SO", "2011-2014")


@pytest.mark.parametrize(("year", "period"), [(2010, "2007-2010"), (2011, "2011-2014"), (2015, "2015-2018")])
def test_a_period_ends_where_the_next_begins(year: int, period: str) -> None:
    assert coarse(ended=date(year, 6, 1))["exit_period"] == period


def test_a_year_after_the_last_period_is_refused() -> None:
    with pytest.raises(TableRejected):
        coarse(ended=date(2035, 1, 1))


def test_a_code_without_a_place_in_the_hierarchy_is_refused_and_not_quoted() -> None:
    with pytest.raises(TableRejected) as refused:
        coarse(country="777")
    assert "777" not in str(refused.value)


def test_an_outcome_that_is_not_observed_is_null() -> None:
    row = coarse(statuses={"y0": "work", "y1": None})
    assert (row["status_y0"], row["status_y1"], row["status_y5"]) == ("work", None, None)


@pytest.mark.parametrize(
    ("status", "group"),
    [
        ("work_education", "work_or_education"),
        ("work", "work_or_education"),
        ("education", "work_or_education"),
        ("unemployed_measure", "something_else"),
        ("other", "something_else"),
        ("unknown", "not_known"),
    ],
)
def test_a_status_after_the_exit_climbs_to_its_group_and_that_at_exit_does_not(
    status: str, group: str
) -> None:
    row = coarse(statuses={"y0": "work", "y1": status, "y5": status, "y5_all": "dead"})
    assert (row["status_y0"], row["status_y1"], row["status_y5"]) == ("work", group, group)


def test_persons_who_may_not_be_used_are_not_in_the_table() -> None:
    world = sources(40)
    left = world.person.filter(pl.col("person_key") != 2)
    assert 2 not in coarsen(left, world.exit_cohort, world.outcome)["person_key"]


def test_the_result_has_the_declared_columns_in_order() -> None:
    world = sources(40)
    made = coarsen(world.person, world.exit_cohort, world.outcome)
    assert made.columns == ["person_key", *polars_schema(CoarsenedOutcome)]


def test_the_quasi_identifiers_are_what_an_outsider_may_know() -> None:
    assert quasi_identifiers() == ("sex", "age_band", "world_region", "bydel_group", "exit_period")


def test_the_maker_and_the_verifier_agree_on_what_a_class_is() -> None:
    assert class_columns(list(columns(CoarsenedOutcome))) == list(quasi_identifiers())


def classes(**sizes: int) -> pl.DataFrame:
    rows = [(name, n) for name, size in sizes.items() for n in range(size)]
    return pl.DataFrame(rows, schema=["group", "n"], orient="row")


@pytest.mark.parametrize(("size", "kept"), [(4, 0), (5, 5), (6, 6)])
def test_a_class_below_k_goes_whole_and_one_of_k_stays(size: int, kept: int) -> None:
    left = suppress(classes(big=40, small=size), ["group"], 5)
    assert left.kept.filter(pl.col("group") == "small").height == kept
    assert left.rows == size - kept


def test_a_class_with_missing_values_is_a_class_too() -> None:
    frame = pl.concat(
        [classes(big=40), pl.DataFrame({"group": [None] * 5, "n": range(5)}).cast({"group": pl.String})]
    )
    assert suppress(frame, ["group"], 5).rows == 0


@pytest.mark.parametrize(("big", "refused"), [(16, False), (15, True)])
def test_more_than_a_fifth_suppressed_is_refused_naming_the_variables(big: int, refused: bool) -> None:
    frame = classes(big=big, small=4)  # 4 of 20 is a fifth; 4 of 19 is more
    if refused:
        with pytest.raises(RequestRefused, match="group"):
            suppress(frame, ["group"], 5)
    else:
        assert suppress(frame, ["group"], 5).rows == 4


def test_the_order_of_rows_says_nothing() -> None:
    frame = classes(a=6, b=7)
    assert suppress(frame, ["group"], 5).kept.equals(suppress(frame.reverse(), ["group"], 5).kept)


def test_climbing_to_a_list_that_is_not_above_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError, match="does not lie above"):
        climb("x", (codes.BYDEL, codes.WORLD_REGION))


def test_every_declared_age_has_one_band() -> None:
    ages = pl.DataFrame({"age": range(100)}).select(band(pl.col("age"), codes.AGE_BAND))
    assert ages["literal"].is_in([b for b in codes.AGE_BAND.values() if b != "X"]).all()


def test_classes_and_counts_follow_one_policy_and_the_verifier_asks_for_no_less() -> None:
    """The verifier shares no code with what it verifies, so its own figure is held here."""
    assert K == THRESHOLD == LEAST_K
