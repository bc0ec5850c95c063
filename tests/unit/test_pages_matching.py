"""What the report says of linkage quality, and what it hides."""

from __future__ import annotations

from types import SimpleNamespace

import polars as pl
import pytest

from pipeline.disclosure.tables import BASE
from pipeline.identity.review import Conflict
from pipeline.pages.matching import first_year_shown, matching_figures
from pipeline.pages.phrase import LANGUAGES
from pipeline.pages.protected_matching import Matching, protected_matching
from pipeline.pages.views import View
from schemas import codes
from schemas.registers import EmploymentMonthly
from schemas.variable import facts
from tests.matching_world import matching
from tests.quality_world import AS_OF

pytestmark = pytest.mark.slow

FIRST = first_year_shown(AS_OF.year)


def view(language: str = "en") -> View:
    nothing_else = SimpleNamespace(cells=pl.DataFrame())
    return View(language=language, shown=nothing_else, as_of=AS_OF)  # type: ignore[arg-type]


def figures(exact: Matching, language: str = "en") -> dict:  # type: ignore[type-arg]
    return matching_figures(view(language), protected_matching(exact, first_year=FIRST))


def test_everything_shown_is_rounded_or_a_band_and_what_is_few_is_hidden() -> None:
    shown = protected_matching(matching(), first_year=FIRST)
    counts = (shown.rates["n"], shown.differences["n"], shown.flags["shown"], shown.review["shown"])
    assert all((count.drop_nulls() % BASE == 0).all() for count in counts)
    assert dict(shown.flags.rows())["end_before_start"] is None
    assert dict(shown.review.rows())["two_successors"] is None


def test_linkable_is_of_the_expected_and_a_record_is_of_the_linkable() -> None:
    rates = protected_matching(matching(), first_year=FIRST).rates
    found = {(r["register"], r["year"]): (r["n"], r["linkable"], r["found"]) for r in rates.to_dicts()}
    # 454 expected, 402 linkable (89 %), 297 with a record: 74 % of the linkable, 65 % of all.
    assert found["employment_monthly", 2024] == (455, "75-90", "50-75")
    # 401 of 402 have a record: neither «all» nor «all but one» is said.
    assert found["population_status", 2024] == (455, "75-90", "90-100")


def test_a_difference_is_a_share_of_the_years_programmes() -> None:
    cells = protected_matching(matching(), first_year=FIRST).differences
    told = {(r["kind"], r["year"]): (r["n"], r["band"]) for r in cells.to_dicts()}
    assert told["agrees", 0] == (235, "75-90")  # 192 of the 233 of all years before
    assert told["reason_differs", 2024] == (145, "0-10")  # 3 of 143
    assert told["only_in_nir", 2023] == (120, "0-10")  # none, and none looks like few


def test_a_year_with_few_is_hidden() -> None:
    exact = matching()
    few = exact.rates.vstack(
        pl.DataFrame(
            [("nir_participant", 2022, "01", "FNR", 4, 4, 4)], schema=exact.rates.schema, orient="row"
        )
    )
    rates = protected_matching(Matching(**{**exact.__dict__, "rates": few}), first_year=FIRST).rates
    row = rates.filter(pl.col("year") == 2022).row(0, named=True)
    assert (row["n"], row["linkable"], row["found"]) == (None, None, None)


def test_a_register_that_was_not_delivered_in_a_year_has_no_cell() -> None:
    rates = figures(matching())["rates"]
    cells = dict(rates["registers"])
    assert rates["years"] == [2023, 2024]
    assert [cell is None for cell in cells[facts(EmploymentMonthly).en]] == [True, False]
    assert next(name for name, *_ in rates["latest"]) == "NIR participant, 2024"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.2, "fewer"),
        (0.0, 0.2, "no certain difference"),
        (-0.1, 0.0, "no certain difference"),
        (-0.2, -0.001, "more"),
        (None, None, "no certain difference"),
    ],
)
def test_a_difference_is_certain_only_where_its_interval_leaves_out_nothing(
    low: float | None, high: float | None, verdict: str
) -> None:
    exact = matching()
    bias = exact.bias.with_columns(low=pl.lit(low, pl.Float64), high=pl.lit(high, pl.Float64))
    told = figures(Matching(**{**exact.__dict__, "bias": bias}))["bias"]
    assert [row[-1] for row in told] == [verdict] * 4


def test_a_category_that_few_are_in_is_left_out_of_the_comparison() -> None:
    exact = matching()
    few = exact.bias.with_columns(
        not_linkable=pl.when(pl.col("category") == "2").then(2).otherwise("not_linkable")
    )
    shown = protected_matching(Matching(**{**exact.__dict__, "bias": few}), first_year=FIRST).bias
    assert "2" not in shown.filter(pl.col("characteristic") == "sex")["category"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words(language: str) -> None:
    exact = matching()
    every = Matching(
        rates=exact.rates.clear(),
        bias=exact.bias.clear(),
        differences=pl.DataFrame(
            [(kind, 2024, "01", 10) for kind in codes.RECONCILIATION_KIND.values()],
            schema=exact.differences.schema,
            orient="row",
        ),
        compared=pl.DataFrame({"year": [2024], "programmes": [100]}),
        flags=pl.DataFrame({"flag": codes.PROGRAMME_FLAG.values(), "programmes": 10}),
        review=pl.DataFrame({"kind": [kind.value for kind in Conflict], "conflicts": 10}),
    )
    said = figures(every, language)
    assert said["rates"] is None and said["bias"] == []
    assert len(said["differences"]["rows"]) == len(codes.RECONCILIATION_KIND.codes)
    assert len(said["flags"]) == len(codes.PROGRAMME_FLAG.codes)
    assert len({name for name, _ in said["review"]}) == len(Conflict)
