"""What a promise was judged by is what is told of it, and tells of no year that is hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.disclosure.tables import BASE, HELD_THRESHOLD, rounded
from pipeline.pages.memory import Memory
from pipeline.pages.protected import fill_and_settled
from pipeline.quality import history
from pipeline.quality.export import published_results
from pipeline.quality.flags import fill_counts
from pipeline.quality.lifted import since_decided
from pipeline.quality.night_states import finding_states, judged_states, size_states
from pipeline.quality.over_time import breaks
from pipeline.quality.profile import QualityProfile
from pipeline.quality.results import results
from pipeline.quality.ripeness import UNRIPE
from pipeline.quality.rules import BELOW_PROMISE
from pipeline.quality.stewardship import COLUMNS, STANDING, Stewardship, apply
from schemas.variable import Population, ValueState

AS_OF = date(2025, 3, 1)
FIELD = ("settlement", "settlement_form", Population.PARTICIPANTS.value)
FORM = {"table": FIELD[0], "column": FIELD[1], "population": FIELD[2]}
Years = dict[int, tuple[int, int]]


def measured(years: Years) -> QualityProfile:
    """A profile of the form of settlement, which is promised of 85 %: year -> (n, with a value)."""
    schema = {
        **dict.fromkeys(FORM, pl.String),
        "year": pl.Int32,
        "bydel": pl.String,
        "n": pl.Int64,
        **{state.value: pl.Int64 for state in ValueState},
    }
    rows = [(*FIELD, year, "01", n, value, 0, 0, n - value) for year, (n, value) in years.items()]
    fill = pl.DataFrame(rows, schema=schema, orient="row")
    return QualityProfile(as_of=AS_OF, fill=fill, by_adviser=fill.clear().with_columns(adviser_key=1))


def waits(*years: int) -> pl.DataFrame:
    return pl.DataFrame([(*FIELD, year) for year in years], schema=UNRIPE, orient="row")


def told(years: Years, *unripe: int, memory: Memory | None = None, as_of: date = AS_OF) -> pl.DataFrame:
    """What is published of the promise."""
    made, waiting = replace(measured(years), as_of=as_of), waits(*unripe)
    cells, settled = fill_and_settled(made, waiting, memory)
    checked = results(fill_counts(made, waiting)).filter(pl.col("check") == BELOW_PROMISE)
    return published_results(apply(checked, (), as_of), cells, None, settled)


def figures(found: pl.DataFrame) -> dict[str, tuple[str | None, int | None, str | None]]:
    return {row["period"]: (row["status"], row["n"], row["band"]) for row in found.to_dicts()}


def test_a_sparse_field_is_told_with_the_years_it_was_judged_by() -> None:
    """Of 500 of 2021 and 500 of 2023 two in five have a value, of the 1000 of 2024 nine in ten, so far."""
    years = {2021: (500, 200), 2023: (500, 200), 2024: (1000, 900)}
    assert figures(told(years, 2024)) == {
        "all": ("failed", 1000, "25-50"),
        "latest": ("failed", 500, "25-50"),
    }
    # Where none waits it is all of them, as on the page: 1300 of 2000, and 1100 of 1500.
    assert figures(told(years)) == {"all": ("failed", 2000, "50-75"), "latest": ("failed", 1500, "50-75")}


def test_a_year_that_leaves_the_latest_ones_at_new_year_is_not_said_to_be_repaired() -> None:
    """Three in ten had a value in 2022, nine in ten since: on 1 January 2025 the latest are 2023 to 2025."""
    years = {2022: (1000, 300), 2023: (1000, 900), 2024: (1000, 900)}
    log = history.empty()
    before, after = date(2024, 12, 31), date(2025, 1, 1)
    for night in (before, after):
        found = told(years, as_of=night)
        states = [finding_states(found), size_states(found), judged_states(found, night)]
        log = history.record(log, night, pl.concat(states))
    changed = history.findings_between(log, before, after)
    assert dict(changed.select("period", "change").rows()) == {
        "all": "persisting",
        "latest": "judged_otherwise",
    }


FULL = (500, 460)


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ({2023: FULL, 2024: (500, 9)}, [(2024, "failed", -90)]),
        # Nobody, or hardly anybody: the bands say it, and nothing more is told.
        *(({2023: FULL, 2024: (500, value)}, [(2024, "failed", None)]) for value in (0, 1, 8)),
        ({2023: (500, 100), 2024: (500, 499)}, [(2024, "failed", None)]),
        ({2023: FULL, 2024: (500, 0), 2025: (500, 0)}, [(2024, "failed", None)]),  # it broke once
        # 25-50 % and under 10 % of 60: it may be chance, as far as the bands tell.
        ({2023: (60, 20), 2024: (60, 0)}, []),
        ({2022: FULL, 2024: (500, 0)}, []),  # not the year before
    ],
)
def test_a_field_that_stops_being_filled_at_all_is_a_break_that_is_told(
    years: Years, found: list[tuple[int, str, int | None]]
) -> None:
    made = measured(years)
    cells, settled = fill_and_settled(made, waits())
    checked = results([breaks(made, waits())])
    told = published_results(apply(checked, (), AS_OF), cells, None, settled)
    assert told.select("year", "status", "effect_percent").rows() == found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 600), st.integers(0, 8)), min_size=2, max_size=4), st.data())
def test_what_is_told_by_the_bands_alone_follows_from_them(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Whatever was judged, of the same page the same breaks are told where too few have a value."""
    years = {2021 + at: (n, few if at % 2 else n - few) for at, (n, few) in enumerate(rows)}
    made = measured(years)
    cells, settled = fill_and_settled(made, waits())
    checked = results([breaks(made, waits())])
    statuses = data.draw(
        st.lists(st.sampled_from(["failed", "passed"]), min_size=checked.height, max_size=checked.height)
    )
    told = [
        published_results(apply(each, (), AS_OF), cells, None, settled)
        for each in (checked, checked.with_columns(pl.Series("status", statuses, dtype=pl.String)))
    ]
    assert told[0].equals(told[1])


def test_where_too_few_do_not_wait_there_is_no_share_to_tell() -> None:
    found = told({2021: (500, 200), 2023: (25, 12), 2024: (1000, 900)}, 2024)
    assert figures(found)["latest"] == ("could_not_run", None, None)
    assert found.filter(period="latest")["reason"].to_list() == ["not_ripe"]


def test_a_new_year_that_fills_up_makes_no_finding_worse_and_lifts_no_acknowledgement() -> None:
    """Of all years 70 %; with a new year of which nobody has a value yet, 35 %."""
    first, second = date(2025, 2, 1), AS_OF
    before = told({2022: (500, 350), 2023: (500, 350)})
    log = history.record(history.empty(), first, size_states(before))
    acknowledged = {
        STANDING: Stewardship.ACKNOWLEDGED.value, "decided_by": "Kari", "decided_on": first, "until": None,
    }  # fmt: skip
    for unripe, stands in (((2024,), Stewardship.ACKNOWLEDGED), ((), Stewardship.WORSENED)):
        night = told({2022: (500, 350), 2023: (500, 350), 2024: (1000, 0)}, *unripe).filter(period="all")
        assert set(acknowledged) <= set(COLUMNS)
        decided = night.with_columns(
            pl.lit(value).cast(night.schema[name]).alias(name) for name, value in acknowledged.items()
        )
        assert since_decided(decided, log, second)[STANDING].to_list() == [stands.value]


def test_a_year_with_too_few_to_show_counts_where_it_is_shown() -> None:
    """The 8 of 2025 are counted with 2024: left out alone they could be told from the total."""
    years = {2023: (500, 200), 2024: (500, 200), 2025: (8, 0)}
    cells, settled = fill_and_settled(measured(years), waits(2025))
    assert cells.filter(by="year")["key"].to_list() == ["2023", "2024", None]
    assert settled.is_empty()
    # Waiting with 2024 they are left out with it.
    _, settled = fill_and_settled(measured(years), waits(2024, 2025))
    assert settled.select("period", "n", "n_marker").rows() == [(p, 500, "shown") for p in ("all", "latest")]


# --- hidden years ---------------------------------------------------------------------------------------

HIDDEN = [50, 50, 3, 12]  # of each year; of the field, not of its table: these hide 2023 and 2024


def beside(counts: list[int], *unripe: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells and settled of a field asked of `counts` from 2021, in a table that has 500 of each year."""
    years = range(2021, 2021 + len(counts))
    whole = measured(dict.fromkeys(years, (500, 500))).fill.with_columns(column=pl.lit("bydel"))
    field = measured({year: (500, 0) for year in years}).fill.with_columns(
        pl.Series(ValueState.NOT_APPLICABLE.value, [500 - n for n in counts]),
    )
    made = QualityProfile(AS_OF, pl.concat([whole, field]), whole.clear())
    cells, settled = fill_and_settled(made, waits(*unripe))
    return cells.filter(**FORM, by="year"), settled.filter(**FORM)


@pytest.mark.parametrize(
    ("unripe", "markers"),
    [
        ((2021,), ["shown"]),  # both hidden years are in it: it is the total less what is shown
        ((2023, 2024), ["shown", "suppressed"]),  # 2021 and 2022, which are shown; of the latest, none
        ((2024,), ["suppressed", "suppressed"]),  # would tell 2023 from 2024
    ],
)
def test_what_would_tell_one_hidden_year_from_another_is_not_told(
    unripe: tuple[int, ...], markers: list[str]
) -> None:
    cells, settled = beside(HIDDEN, *unripe)
    hidden = cells.filter(n_marker="suppressed")["key"].to_list()
    assert hidden == ["2023", "2024"]
    assert settled.sort("period")["n_marker"].to_list() == markers


COUNTS = st.lists(st.integers(0, 40), min_size=2, max_size=5)


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.sets(st.integers(2021, 2025)))
def test_everything_told_follows_from_what_is_shown_already(counts: list[int], unripe: set[int]) -> None:
    """What is told is a sum of the years; it lies in the space of the years and the total that are shown."""
    cells, settled = beside(counts, *unripe)
    years = [2021 + place for place in range(len(counts))]
    shown = set(cells.filter(n_marker="shown")["key"].to_list())
    known = [[float(str(year) == key or key is None) for year in years] for key in sorted(shown, key=str)]
    for row in settled.to_dicts():
        within = [y for y in years if y not in unripe and (row["period"] == "all" or y >= 2023)]
        total = sum(counts[y - 2021] for y in within)
        assert row["n"] == (rounded(total) if row["n_marker"] == "shown" else None)
        assert row["n_marker"] == "suppressed" or total >= HELD_THRESHOLD
        assert row["marker"] == "suppressed" or row["n_marker"] == "shown"
        if row["n_marker"] == "shown":
            added = [*known, [float(year in within) for year in years]]
            assert np.linalg.matrix_rank(np.array(added)) == np.linalg.matrix_rank(np.array(known))


MOVED = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1 - BASE, BASE - 1), st.integers(1 - BASE, BASE - 1)),
    min_size=2,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(MOVED, st.sets(st.integers(2021, 2025)))
def test_a_night_in_which_fewer_than_five_moved_tells_the_same(
    found: list[tuple[int, int, int]], unripe: set[int]
) -> None:
    memory = Memory()
    nights: list[Years] = [
        {2021 + at: (400 + by * a, n + by * b) for at, (n, a, b) in enumerate(found)} for by in (0, 1)
    ]
    nights[1] = {year: (n, max(0, value)) for year, (n, value) in nights[1].items()}
    _, first = fill_and_settled(measured(nights[0]), waits(*unripe), memory)
    _, second = fill_and_settled(measured(nights[1]), waits(*unripe), Memory(memory.after()))
    assert second.equals(first)
