"""What the report says of linkage quality, and what it hides."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.disclosure.tables import BASE, HELD_THRESHOLD
from pipeline.identity.spine.review import Conflict
from pipeline.pages.matching import first_year_shown, matching_figures, needs_settling
from pipeline.pages.phrase import LANGUAGES
from pipeline.pages.protected_bias import protected_bias
from pipeline.pages.protected_matching import Matching, latest_by_bydel, protected_matching
from pipeline.pages.views import View
from schemas import codes
from schemas.registers.employment import EmploymentMonthly
from schemas.variable import facts
from tests.matching_world import matching
from tests.quality_world import AS_OF

pytestmark = pytest.mark.slow

FIRST = first_year_shown(AS_OF.year)


def view(language: str = "en") -> View:
    nothing_else = SimpleNamespace(cells=pl.DataFrame(), promised=pl.DataFrame())
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


def test_the_latest_year_told_is_one_of_which_something_may_be_told() -> None:
    shown = protected_matching(matching(), first_year=FIRST)
    begun = shown.rates.filter(pl.col("year") == 2024).with_columns(
        year=pl.lit(2025, shown.rates.schema["year"]),
        n=pl.lit(None, pl.Int64),
        linkable=pl.lit(None, pl.String),
        found=pl.lit(None, pl.String),
    )
    rates = pl.concat([shown.rates, begun])
    told = matching_figures(view(), replace(shown, rates=rates))["rates"]
    years = {label: n for label, n, _, _ in told["latest"]}
    assert years and not [label for label, n in years.items() if n == "hidden"]
    # Of a register with nothing to tell, the latest delivered stands, and says so.
    hidden = rates.with_columns(n=pl.lit(None, pl.Int64))
    told = matching_figures(view(), replace(shown, rates=hidden))["rates"]
    assert {n for _, n, _, _ in told["latest"]} == {"hidden"}
    assert all("2025" in label for label, _, _, _ in told["latest"])


def test_a_difference_is_a_share_of_the_years_programmes() -> None:
    cells = protected_matching(matching(), first_year=FIRST).differences
    told = {(r["kind"], r["year"]): (r["n"], r["band"]) for r in cells.to_dicts()}
    assert told["agrees", 0] == (235, "75-90")  # 192 of the 233 of all years before
    assert told["reason_differs", 2024] == (145, "0-10")  # 3 of 143
    assert told["only_in_nir", 2023] == (120, "0-10")  # none, and none looks like few


def by_bydel(*compared: tuple[str, int], differing: int = 20) -> pl.DataFrame:
    """What is shown of a night with so many programmes a bydel, and `differing` in the first one."""
    local = pl.DataFrame({"kind": ["reason_differs"], "bydel": [compared[0][0]], "programmes": [differing]})
    whole = pl.DataFrame(list(compared), schema=["bydel", "programmes"], orient="row")
    exact = Matching(**{**matching().__dict__, "local": local, "local_compared": whole})
    return protected_matching(exact, first_year=FIRST).local


def test_a_difference_is_a_share_of_the_bydels_programmes_of_the_latest_years() -> None:
    told = {(r["kind"], r["bydel"]): (r["n"], r["band"]) for r in by_bydel(("01", 81), ("02", 62)).to_dicts()}
    assert told["reason_differs", "01"] == (80, "10-25")  # 20 of 81
    assert told["reason_differs", "02"] == (60, "0-10")  # none, and none looks like few
    assert latest_by_bydel(matching().differences, first_year=FIRST).filter(bydel="01").rows() == [
        ("agrees", "01", 209),  # 97 of 2023 and 112 of 2024, and none of the years before
        ("only_in_nir", "01", 28),
        ("reason_differs", "01", 25),
    ]


def test_a_bydel_with_few_is_hidden_and_another_with_it() -> None:
    told = by_bydel(("01", 81), ("02", 4), ("03", 30), ("04", 50))
    assert dict(told.select("bydel", "n").rows()) == {"01": 80, "02": None, "03": None, "04": 50}
    assert told.filter(pl.col("n").is_null())["band"].is_null().all()


def test_a_year_of_few_is_hidden_with_another_of_the_latest_and_never_with_those_before() -> None:
    """Who adds up the bydeler has the total of the latest years: the hidden ones must lie among these."""
    compared = pl.DataFrame({"year": [2012, 2022, 2023, 2024], "programmes": [12, 30, 119, 3]})
    differences = matching().differences.with_columns(programmes=pl.lit(1, pl.Int64))
    exact = Matching(**{**matching().__dict__, "compared": compared, "differences": differences})
    shown = protected_matching(exact, first_year=FIRST).differences
    assert dict(shown.select("year", "n").unique().rows()) == {0: 10, 2022: None, 2023: 120, 2024: None}


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
    ("one", "other", "verdict"),
    [
        ((200, 10), (210, 40), "fewer"),  # 49 % against 20 %: between 15 and 39 points fewer
        ((210, 40), (200, 10), "more"),
        ((200, 20), (205, 35), "no certain difference"),  # 25 points fewer to 1 more
    ],
)
def test_a_difference_is_certain_only_where_its_interval_leaves_out_nothing(
    one: tuple[int, int], other: tuple[int, int], verdict: str
) -> None:
    exact = Matching(**{**matching().__dict__, "bias": of_regions(("AF", *one), ("AS", *other))})
    assert figures(exact)["bias"][0]["verdict"] == verdict


def of_regions(*counts: tuple[str, int, int]) -> pl.DataFrame:
    """LinkageBias of one characteristic; the exact shares and intervals are not looked at."""
    rows = [("world_region", *count, 0.5, 0.1, 0.4, 0.2, 0.6) for count in counts]
    return pl.DataFrame(rows, schema=matching().bias.schema, orient="row")


def lines(*counts: tuple[str, int, int]) -> list[tuple[object, ...]]:
    return protected_bias(of_regions(*counts)).drop("characteristic").rows()


def test_a_category_with_few_is_put_together_with_the_largest_and_the_others_keep_their_verdict() -> None:
    # 2 are too few, so the largest other stands with them. By Newcombe, worked out by hand from 200 of 410
    # against 10 of 50.
    told = lines(("AF", 200, 38), ("AS", 200, 10), ("EU", 10, 2))
    assert told == [(["AS"], 200, 10, -39, -15, "less"), (["AF", "EU"], 210, 40, 15, 39, "more")]


def test_small_categories_together_keep_a_certain_verdict() -> None:
    # 80 of 160 against 10 of 210: half against five in a hundred.
    told = lines(("AF", 80, 200), ("AS", 40, 5), ("EU", 40, 5))
    assert told[1] == (["AS", "EU"], 80, 10, -53, -37, "less")


def test_intervals_follow_from_the_figures_beside_them_and_tell_no_more() -> None:
    assert lines(("AF", 198, 38), ("AS", 202, 11)) == lines(("AF", 202, 42), ("AS", 199, 9))


def test_where_all_are_together_nothing_is_compared_and_that_is_said() -> None:
    assert lines(("AF", 80, 3), ("AS", 40, 20)) == [(["AF", "AS"], 120, 25, None, None, "too_few")]
    # Two cannot be linked at all: both figures are hidden, since their sum is told elsewhere.
    assert lines(("AF", 80, 0), ("AS", 40, 2)) == [(["AF", "AS"], None, None, None, None, "too_few")]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=1, max_size=8).map(
        lambda counts: [(f"r{place}", *count) for place, count in enumerate(counts)]
    )
)
def test_every_category_stands_in_one_line_and_no_small_count_can_be_solved(
    counts: list[tuple[str, int, int]],
) -> None:
    exact = {category: tuple(figures) for category, *figures in counts}
    told = protected_bias(of_regions(*counts))
    assert sorted(c for line in told["categories"] for c in line) == sorted(exact)
    for line in told.to_dicts():
        sums = [sum(exact[c][side] for c in line["categories"]) for side in (0, 1)]
        if line["linkable"] is None:
            # Nothing at all is told: all categories together, and still too few.
            assert len(line["categories"]) == len(counts) and line["low"] is None
            assert line["not_linkable"] is None and line["verdict"] == "too_few"
        elif len(counts) > 1 or line["verdict"] != "too_few":
            # An attacker knows the sums: each of several categories is anything from none to all of it.
            assert min(sums) >= HELD_THRESHOLD
            few = any(min(exact[c]) < HELD_THRESHOLD for c in line["categories"])
            assert len(line["categories"]) > 1 or not few


def test_a_kind_that_never_occurs_hides_no_other_and_few_look_like_none() -> None:
    exact = matching()

    def review(*conflicts: int) -> list[int | None]:
        counted = exact.review.with_columns(conflicts=pl.Series(conflicts))
        shown = protected_matching(Matching(**{**exact.__dict__, "review": counted}), first_year=FIRST)
        told = dict(shown.review.rows())
        return [told[kind] for kind in exact.review["kind"]]

    assert review(0, 114, 0, 27) == [None, 115, None, 25]
    assert review(8, 114, 1, 27) == review(0, 114, 0, 27)
    assert review(9, 0, 0, 0) == [10, None, None, None]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_each_flag_is_hidden_or_shown_whatever_the_others_are(counts: list[int]) -> None:
    flags = codes.PROGRAMME_FLAG.values()[: len(counts)]
    exact = pl.DataFrame({"flag": flags, "programmes": counts[: len(flags)]})
    shown = protected_matching(
        Matching(**{**matching().__dict__, "flags": exact}), first_year=FIRST
    ).flags.join(exact, on="flag")
    alone = shown.filter(pl.col("programmes") < HELD_THRESHOLD)
    assert alone["shown"].null_count() == alone.height
    others = shown.filter(pl.col("programmes") >= HELD_THRESHOLD)
    assert others["shown"].to_list() == [BASE * ((n + BASE // 2) // BASE) for n in others["programmes"]]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ["Konflikter om identer", "Ulik avslutningsårsak", "Bare i NIR"]),
        ("en", ["Conflicts of identifiers", "Reason of exit differs", "Only in NIR"]),
    ],
)
def test_somebody_is_told_of_conflicts_and_of_what_nir_has_otherwise(language: str, words: list[str]) -> None:
    exact = matching()
    shown = protected_matching(exact, first_year=FIRST)
    told = {line.what: line.next_step for line in needs_settling(view(language), shown)}
    for word in words:
        assert any(word in what for what in told)
    review = next(what for what in told if words[0] in what)
    assert ": 30." in review and "restricted/review.parquet" in told[review]
    # 22 of 119 began in 2023 and 3 of 143 in 2024: the year with most is told, as a band.
    assert any("2023" in what and words[1] in what for what in told)
    assert len(set(told.values())) == len(told) == 3  # nothing was only in the case system


def settled_lines(*found: tuple[str, int, int]) -> list[str]:
    """What is told of differences of (kind, year, programmes of 100)."""
    rows = [(kind, year, "01", programmes) for kind, year, programmes in found]
    exact = matching()
    made = {
        "differences": pl.DataFrame(rows, schema=exact.differences.schema, orient="row"),
        "compared": pl.DataFrame({"year": [2023, 2024], "programmes": [100, 100]}),
        "review": exact.review.with_columns(conflicts=pl.lit(0, pl.Int64)),
    }
    shown = protected_matching(Matching(**{**exact.__dict__, **made}), first_year=FIRST)
    return [line.what for line in needs_settling(view(), shown)]


def test_a_year_is_named_only_where_it_alone_has_most() -> None:
    (alone,) = settled_lines(("only_in_nir", 2023, 30), ("only_in_nir", 2024, 60))
    assert "2024" in alone and "2023" not in alone
    (tie,) = settled_lines(("only_in_nir", 2023, 30), ("only_in_nir", 2024, 40))
    assert "each of the 2 years" in tie and "2024" not in tie and "2023" not in tie


def test_a_difference_in_the_lowest_band_is_no_line() -> None:
    assert settled_lines(("only_in_nir", 2023, 6), ("only_in_nir", 2024, 8)) == []


def test_a_year_nir_was_mostly_not_delivered_for_is_not_the_year_with_most() -> None:
    found = [("only_in_case_system", 2023, 30), ("only_in_case_system", 2024, 60)]
    (told,) = settled_lines(*found, ("not_delivered", 2024, 60))
    assert "2023" in told and "2024" not in told
    (some,) = settled_lines(*found, ("not_delivered", 2024, 40))
    assert "2024" in some


def test_few_conflicts_are_not_told_and_nothing_to_compare_is_no_line() -> None:
    exact = matching()
    few = {
        "review": exact.review.with_columns(conflicts=pl.lit(HELD_THRESHOLD - 1, pl.Int64)),
        "differences": exact.differences.clear(),
    }
    shown = protected_matching(Matching(**{**exact.__dict__, **few}), first_year=FIRST)
    assert needs_settling(view(), shown) == []


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
        local=pl.DataFrame({"kind": codes.RECONCILIATION_KIND.values(), "bydel": "01", "programmes": 10}),
        local_compared=pl.DataFrame({"bydel": ["01"], "programmes": [100]}),
        flags=pl.DataFrame({"flag": codes.PROGRAMME_FLAG.values(), "programmes": 10}),
        review=pl.DataFrame({"kind": [kind.value for kind in Conflict], "conflicts": 10}),
    )
    said = figures(every, language)
    assert said["rates"] is None and said["bias"] == []
    assert len(said["differences"]["rows"]) == len(codes.RECONCILIATION_KIND.codes)
    assert len(said["local"]["kinds"]) == len(codes.RECONCILIATION_KIND.codes)
    assert len(said["flags"]) == len(codes.PROGRAMME_FLAG.codes)
    assert len({name for name, _ in said["review"]}) == len(Conflict)
    assert len({meaning for _, meaning in said["conflict_kinds"]}) == len(Conflict)
