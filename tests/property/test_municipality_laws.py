"""Conversion between municipality numbers keeps every person, and undoes nothing that cannot be undone."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.linkage.municipality import SHARED, convert
from schemas.municipal.correspondence import CHANGES, NAMES, NUMBERS, in_use, same_place, shares

YEARS = st.integers(2004, 2026)
FEW = settings(max_examples=100, deadline=None)


@st.composite
def figures(draw: st.DrawFn) -> pl.DataFrame:
    numbers = st.sampled_from([*sorted(NUMBERS), "9999"])
    rows = draw(st.lists(st.tuples(numbers, YEARS, st.integers(0, 10_000)), max_size=8))
    return pl.DataFrame(
        rows, schema={"municipality": pl.String, "year": pl.Int64, "n": pl.Int64}, orient="row"
    )


@FEW
@given(frame=figures(), to_year=YEARS)
def test_totals_are_kept_and_nothing_is_lost(frame: pl.DataFrame, to_year: int) -> None:
    found = convert(frame, to_year=to_year, counts=["n"])
    after = sum(found.rows["n"].to_list(), Decimal(0)) + sum(found.set_aside["n"].to_list())
    assert after == sum(frame["n"].to_list())
    assert all(in_use(number, to_year) for number in found.rows["municipality"])


@FEW
@given(frame=figures(), to_year=YEARS)
def test_persons_are_answered_or_set_aside_one_for_one(frame: pl.DataFrame, to_year: int) -> None:
    found = convert(frame, to_year=to_year)
    assert found.rows.height + found.set_aside.height == frame.height


@FEW
@given(number=st.sampled_from(sorted(NUMBERS)), years=st.tuples(YEARS, YEARS, YEARS).map(sorted))
def test_two_steps_are_one(number: str, years: list[int]) -> None:
    first, middle, last = years
    direct = shares(number, from_year=first, to_year=last)
    stepped: dict[str, Fraction] = {}
    for between, share in shares(number, from_year=first, to_year=middle).items():
        for new, part in shares(between, from_year=middle, to_year=last).items():
            stepped[new] = stepped.get(new, Fraction(0)) + share * part
    assert stepped == direct


def test_where_a_number_only_changed_the_way_back_is_the_way_there() -> None:
    """A change of one number to one that nobody else took is undone by reading it backwards."""
    backwards = {}
    for change in CHANGES:
        for new in change.new:
            backwards.setdefault((change.year, new), []).append(change)
    alone = [c for c in CHANGES if not c.is_split and len(backwards[c.year, *c.new]) == 1]
    checked = 0
    for change in alone:
        (new,) = change.new
        if in_use(new, change.year - 1):  # it took in a municipality that was there already
            continue
        checked += 1
        assert shares(change.old, from_year=change.year - 1, to_year=change.year) == {new: 1}
        assert [c.old for c in CHANGES if c.year == change.year and new in c.new] == [change.old]
    assert checked >= 10


def test_every_number_is_in_use_at_some_time_and_ends_in_a_named_one() -> None:
    for number in NUMBERS:
        years = [year for year in range(2003, 2027) if in_use(number, year)]
        assert years == list(range(years[0], years[-1] + 1))
        assert set(shares(number, from_year=years[0], to_year=2026)) <= set(NAMES)


def test_every_share_can_be_written_without_loss_and_every_split_says_why() -> None:
    for change in CHANGES:
        assert all((share * 10**SHARED.scale).denominator == 1 for share in change.new.values())
        assert not change.is_split or change.allocation


def test_the_documented_chains() -> None:
    """By hand, from the list in the facts: Bærum, Porsgrunn, Drammen, Tromsø, Ålesund."""
    chains = {
        "0219": {2019: "0219", 2020: "3024", 2024: "3201"},
        "0805": {2019: "0805", 2020: "3806", 2024: "4001"},
        "0711": {2019: "0711", 2020: "3005", 2024: "3301"},
        "1902": {2019: "1902", 2020: "5401", 2024: "5501"},
        "1601": {2017: "1601", 2018: "5001", 2024: "5001"},
        "1142": {2019: "1142", 2020: "1103", 2024: "1103"},
    }
    for number, expected in chains.items():
        for year, wanted in expected.items():
            assert shares(number, from_year=2010, to_year=year) == {wanted: 1}, (number, year)
    assert set(shares("1534", from_year=2010, to_year=2024)) == {"1508", "1580"}
    assert same_place("3024") == {"0219", "3024", "3201"}
    assert same_place("0301") == {"0301"}
