"""When a field is sparse, or uneven between bydeler or advisers: below, at and above each limit."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.quality import flags, thresholds
from pipeline.quality.flags import Period, adviser_spread, fill_counts, findings, promises, uneven
from pipeline.quality.populations import NO_BYDEL
from pipeline.quality.profile import QualityProfile, fields, profiled_tables
from pipeline.quality.results import COULD_NOT_RUN, FAILED, PASSED, results
from pipeline.quality.ripeness import NOT_RIPE, UNRIPE
from pipeline.quality.rules import BELOW_PROMISE, FlagSeverity
from schemas.variable import Demand, Population, ValueState

AS_OF = date(2025, 3, 1)
PARTICIPANTS = Population.PARTICIPANTS.value
NO_YEAR_WAITS = pl.DataFrame(schema=UNRIPE)
SCHEMA = {
    "table": pl.String,
    "column": pl.String,
    "population": pl.String,
    "year": pl.Int32,
    "bydel": pl.String,
    "n": pl.Int64,
    **{state.value: pl.Int64 for state in ValueState},
}


def sparse(measured: QualityProfile, unripe: pl.DataFrame | None = None) -> pl.DataFrame:
    """The sparse fields of a night in which no year waits, unless some are named."""
    return flags.sparse(measured, NO_YEAR_WAITS if unripe is None else unripe)


def fill(
    *cells: tuple[int, str, int, int],
    column: tuple[str, str] = ("settlement", "settlement_form"),
    not_applicable: int = 0,
) -> QualityProfile:
    """A profile of one field from (year, bydel, n, value); the rest was not asked."""
    rows = [
        (*column, PARTICIPANTS, year, bydel, n, value, 0, not_applicable, n - value - not_applicable)
        for year, bydel, n, value in cells
    ]
    return QualityProfile(
        as_of=AS_OF, fill=pl.DataFrame(rows, schema=SCHEMA, orient="row"), by_adviser=advised()
    )


def advised(
    *shares: tuple[int, int], column: tuple[str, str] = ("settlement", "settlement_form")
) -> pl.DataFrame:
    """One row for each adviser from (n, value)."""
    rows = [(*column, key, n, value, 0, 0, n - value) for key, (n, value) in enumerate(shares)]
    schema = {"table": pl.String, "column": pl.String, "adviser_key": pl.Int64, "n": pl.Int64}
    states = {state.value: pl.Int64 for state in ValueState}
    return pl.DataFrame(rows, schema={**schema, **states}, orient="row")


@pytest.mark.parametrize(("value", "is_sparse"), [(799, True), (800, False), (801, False)])
def test_a_field_is_sparse_more_than_five_points_below_its_promise(value: int, is_sparse: bool) -> None:
    found = sparse(fill((2010, "01", 1000, value)))  # promises 85 %
    assert (found.height > 0) is is_sparse


@pytest.mark.parametrize(("n", "is_judged"), [(29, False), (30, True), (31, True)])
def test_fewer_than_thirty_expected_values_are_not_judged(n: int, is_judged: bool) -> None:
    assert (sparse(fill((2010, "01", n, 0))).height > 0) is is_judged


def test_what_does_not_apply_is_neither_filled_nor_missing() -> None:
    assert sparse(fill((2010, "01", 1000, 400), not_applicable=500)).is_empty()  # 400 of 500
    assert sparse(fill((2010, "01", 1000, 399), not_applicable=500)).height


def test_a_field_without_a_promise_cannot_be_sparse_or_uneven() -> None:
    measured = fill(*((2024, f"0{b}", 100, 100 * (b > 1)) for b in (1, 2, 3)), column=("case", "closed_on"))
    assert sparse(measured).is_empty()
    assert uneven(measured).is_empty()


def test_a_field_somebody_demands_asks_for_a_decision_and_the_others_are_only_to_be_known() -> None:
    demanded = sparse(fill((2010, "01", 100, 0)))
    unasked = sparse(fill((2010, "01", 100, 0), column=("background", "school_years")))
    assert demanded["severity"].to_list() == [FlagSeverity.DECIDE.value]
    assert unasked["severity"].to_list() == [FlagSeverity.KNOW.value]


@pytest.mark.parametrize(("year", "is_latest"), [(2022, False), (2023, True), (2025, True), (2026, False)])
def test_the_latest_years_are_the_three_up_to_the_night(year: int, is_latest: bool) -> None:
    found = sparse(fill((year, "01", 100, 0)))
    assert (Period.LATEST.value in found["period"].to_list()) is is_latest
    assert Period.ALL.value in found["period"].to_list()


def waits(*years: int, column: tuple[str, str] = ("settlement", "settlement_form")) -> pl.DataFrame:
    rows = [(*column, PARTICIPANTS, year) for year in years]
    return pl.DataFrame(rows, schema=UNRIPE, orient="row")


def judged(measured: QualityProfile, unripe: pl.DataFrame) -> dict[str, tuple[str, str | None]]:
    """Period -> what the check of the promise came to, and why it was not judged."""
    found = results(fill_counts(measured, unripe)).filter(pl.col("check") == BELOW_PROMISE)
    return {row["period"]: (row["status"], row["reason"]) for row in found.to_dicts()}


def test_a_year_that_is_still_filling_up_does_not_make_a_field_sparse() -> None:
    """100 of 100 in 2023, 0 of 100 in 2024: sparse, unless more of 2024 is still to come."""
    measured = fill((2023, "01", 100, 100), (2024, "01", 100, 0))
    assert judged(measured, NO_YEAR_WAITS) == {"all": (FAILED, None), "latest": (FAILED, None)}
    assert judged(measured, waits(2024)) == {"all": (PASSED, None), "latest": (PASSED, None)}
    assert sparse(measured, waits(2024)).is_empty() and sparse(measured).height == 2
    # Another field's year is no matter, nor is an earlier one that is full.
    other = waits(2024, column=("result", "result"))
    assert judged(measured, other) == judged(measured, waits(2023)) == judged(measured, NO_YEAR_WAITS)


def test_what_is_sparse_in_the_years_that_are_ripe_is_found_all_the_same() -> None:
    measured = fill((2023, "01", 100, 40), (2024, "01", 100, 40))
    assert judged(measured, waits(2024)) == {"all": (FAILED, None), "latest": (FAILED, None)}


def test_where_no_year_is_ripe_a_field_cannot_be_judged_and_says_so() -> None:
    measured = fill((2020, "01", 100, 100), (2024, "01", 100, 0), (2025, "01", 100, 0))
    assert judged(measured, waits(2024, 2025)) == {
        "all": (PASSED, None),
        "latest": (COULD_NOT_RUN, NOT_RIPE),
    }
    few = fill((2023, "01", 29, 0), (2024, "01", 100, 0))
    assert judged(few, waits(2024))["latest"] == (COULD_NOT_RUN, NOT_RIPE)
    assert judged(fill((2023, "01", 29, 0)), waits(2024))["latest"] == (COULD_NOT_RUN, "too_few")


def test_the_field_furthest_below_its_promise_comes_first_and_decisions_before_all_else() -> None:
    parts = [
        fill((2010, "01", 100, 70)),
        fill((2010, "01", 100, 10), column=("result", "result")),
        fill((2010, "01", 100, 0), column=("background", "school_years")),
    ]
    measured = QualityProfile(AS_OF, pl.concat(part.fill for part in parts), advised())
    assert sparse(measured)["column"].to_list() == ["result", "settlement_form", "school_years"]


@pytest.mark.parametrize(("lowest", "is_uneven"), [(701, False), (700, True), (699, True)])
def test_a_field_is_uneven_when_thirty_points_separate_the_bydeler(lowest: int, is_uneven: bool) -> None:
    cells = ((2024, "01", 1000, 1000), (2024, "02", 1000, 900), (2024, "03", 1000, lowest))
    assert (uneven(fill(*cells)).height > 0) is is_uneven


def test_a_bydel_with_too_few_is_not_compared() -> None:
    cells = ((2024, "01", 100, 100), (2024, "02", 100, 100), (2024, "03", 100, 100), (2024, "04", 29, 0))
    assert uneven(fill(*cells)).is_empty()


def test_two_bydeler_are_too_few_to_call_a_field_uneven() -> None:
    two = ((2024, "01", 100, 100), (2024, "02", 100, 0))
    assert uneven(fill(*two)).is_empty()
    assert uneven(fill(*two, (2024, "03", 100, 50))).height == 1


def test_a_bydel_nobody_registered_is_no_bydel() -> None:
    cells = ((2024, "01", 100, 100), (2024, "02", 100, 100), (2024, "03", 100, 100))
    assert uneven(fill(*cells, (2024, NO_BYDEL, 100, 0))).is_empty()


def test_old_practice_does_not_make_a_field_uneven_today() -> None:
    today = ((2024, "01", 100, 90), (2024, "02", 100, 90), (2024, "03", 100, 90))
    assert uneven(fill(*today, (2010, "03", 1000, 0))).is_empty()


def test_the_field_that_says_which_bydel_is_not_compared_between_bydeler() -> None:
    cells = ((2024, "01", 100, 100), (2024, "02", 100, 0), (2024, "03", 100, 50))
    assert uneven(fill(*cells, column=("settlement", "bydel"))).is_empty()


def spread(*shares: tuple[int, int]) -> pl.DataFrame:
    return adviser_spread(QualityProfile(AS_OF, fill().fill, advised(*shares)))


def test_the_spread_needs_eight_advisers_with_twenty_each() -> None:
    assert spread(*[(20, 10)] * 7).is_empty()
    assert spread(*[(20, 10)] * 7, (19, 10)).is_empty()
    assert spread(*[(20, 10)] * 8).height == 1


def test_the_spread_is_the_middle_half_and_names_no_adviser() -> None:
    found = spread(*((100, value) for value in (100, 0, 90, 10, 70, 20, 60, 40)))
    assert found.row(0, named=True) == {
        "table": "settlement",
        "column": "settlement_form",
        "advisers": 8,
        "lower": 150,  # of 10 and 20
        "median": 500,  # of 40 and 60
        "upper": 800,  # of 70 and 90
    }
    assert not [
        name
        for frame in vars(findings(fill(), NO_YEAR_WAITS)).values()
        for name in frame.columns
        if "key" in name
    ]


@pytest.mark.parametrize("advisers", range(8, 18))
def test_each_figure_of_the_spread_is_the_mean_of_two_advisers(advisers: int) -> None:
    shares = [place**2 for place in range(1, advisers + 1)]
    found = spread(*((1000, share) for share in shares)).row(0, named=True)
    means = {(one + other) // 2 for one in shares for other in shares if one < other}
    assert all(found[name] in means - set(shares) for name in ("lower", "median", "upper"))
    inner = [share for share in shares if found["lower"] < share < found["upper"]]
    assert abs(len(inner) - advisers / 2) < 2


def test_every_measured_field_has_a_promise_and_a_demand() -> None:
    expected = [(c.table, c.name) for table in profiled_tables() for c in fields(table)]
    assert promises().select("table", "column").rows() == expected
    assert set(promises()["demand"]) <= {demand.value for demand in Demand}


def test_every_threshold_has_an_owner_a_reason_in_both_languages_and_a_date() -> None:
    named = [value for value in vars(thresholds).values() if isinstance(value, thresholds.Threshold)]
    assert list(thresholds.THRESHOLDS) == named
    for threshold in named:
        assert threshold.owner and threshold.nb and threshold.en and threshold.nb != threshold.en
        assert threshold.decided <= date(2026, 12, 31)
