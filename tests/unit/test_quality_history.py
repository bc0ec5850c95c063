"""The log of what changed between nights: short, and the same whatever order nights were run in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.quality.history import (
    ABOUT,
    LANDED,
    QUARANTINED,
    STATES,
    Change,
    Kind,
    empty,
    findings_between,
    last_before,
    nights,
    others_between,
    record,
    standing,
    update,
)
from pipeline.quality.night_states import finding_states, judged_states, row_states, schema_states
from pipeline.quality.rules import CHECKS
from pipeline.quality.thresholds import SPARSE_MARGIN
from schemas.case_system.person import Identifier, Person
from tests import published_world

ONE, TWO, THREE, FOUR = (date(2025, 3, day) for day in (1, 2, 3, 4))
AFTER_NEW_YEAR = date(2026, 1, 1)


def states(kind: Kind = Kind.FINDING, **found: str) -> pl.DataFrame:
    """Results by number and what became of them."""
    rows = [
        {"kind": kind.value, "id": name, "state": state, "flag": "sparse"} for name, state in found.items()
    ]
    return pl.DataFrame(rows, schema=STATES)


def told(log: pl.DataFrame, night: date) -> dict[str, str]:
    return dict(standing(log, night).select("id", "state").rows())


def test_a_night_that_changes_nothing_adds_one_row() -> None:
    log = record(empty(), ONE, states(a="failed", b="passed"))
    assert log.height == 2 + 1
    log = record(log, TWO, states(a="failed", b="passed"))
    assert log.height == 2 + 2
    log = record(log, THREE, states(a="passed", b="passed"))
    assert log.height == 3 + 3


def test_every_night_can_be_told_afterwards() -> None:
    log = record(record(empty(), ONE, states(a="failed")), TWO, states(b="failed"))
    log = record(log, THREE, states(a="failed", b="passed"))
    assert told(log, ONE) == {"a": "failed"}
    assert told(log, TWO) == {"b": "failed"}
    assert told(log, THREE) == {"a": "failed", "b": "passed"}
    assert told(log, FOUR) == told(log, THREE)
    assert told(log, date(2025, 2, 28)) == {}
    assert nights(log) == [ONE, TWO, THREE]
    assert [last_before(log, night) for night in (ONE, TWO, FOUR)] == [None, ONE, THREE]


def test_a_night_run_again_says_the_same_and_corrects_itself_alone() -> None:
    log = record(empty(), ONE, states(a="failed"))
    log = record(record(log, TWO, states(a="failed")), THREE, states(a="failed"))
    assert record(log, TWO, states(a="failed")).equals(log)
    corrected = record(log, TWO, states(a="passed"))
    assert [told(corrected, night) for night in (ONE, TWO, THREE)] == [
        {"a": "failed"},
        {"a": "passed"},
        {"a": "failed"},
    ]
    assert record(corrected, TWO, states(a="failed")).equals(log)


NIGHTS = (ONE, TWO, THREE, FOUR)
FOUND = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["failed", "passed", "could_not_run"]))


@settings(max_examples=40, deadline=None)
@given(
    found=st.lists(FOUND, min_size=4, max_size=4), order=st.permutations(range(4)), again=st.integers(0, 3)
)
def test_the_log_does_not_depend_on_the_order_nights_were_run_in(
    found: list[dict[str, str]], order: list[int], again: int
) -> None:
    in_turn, shuffled = empty(), empty()
    for night, what in zip(NIGHTS, found, strict=True):
        in_turn = record(in_turn, night, states(**what))
    shuffled = record(shuffled, NIGHTS[again], states(a="failed", c="passed"))  # and was run wrongly at first
    for at in order:
        shuffled = record(shuffled, NIGHTS[at], states(**found[at]))
    assert shuffled.equals(in_turn)
    assert [told(in_turn, night) for night in NIGHTS] == found


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ("passed", "failed", Change.NEW),
        (None, "failed", Change.NEW),
        ("could_not_run", "failed", Change.NEW),
        ("failed", "failed", Change.PERSISTING),
        ("failed", "passed", Change.RESOLVED),
        ("failed", "could_not_run", Change.NOT_MEASURED),
        ("failed", "not_applicable", Change.NOT_MEASURED),
        ("failed", None, Change.NOT_MEASURED),
        ("failed", "decided", Change.DECIDED),
        ("passed", "decided", Change.DECIDED),
        ("decided", "decided", Change.PERSISTING),
        ("decided", "failed", Change.RETURNED),  # an exception that has run out
        ("decided", "passed", Change.RESOLVED),
        ("decided", None, Change.NOT_MEASURED),
        ("passed", "passed", None),
        ("passed", None, None),
    ],
)
def test_what_became_of_a_finding(was: str | None, now: str | None, change: Change | None) -> None:
    log = record(empty(), ONE, states(**({"a": was} if was else {})))
    log = record(log, TWO, states(**({"a": now} if now else {})))
    found = findings_between(log, ONE, TWO)
    assert found["change"].to_list() == ([change] if change else [])
    assert found["flag"].to_list() == (["sparse"] if change else [])  # also where it is gone
    backwards = findings_between(log, TWO, ONE)["change"].to_list()
    assert bool(backwards) == bool(change)


# --- gone, because rows were held back --------------------------------------------------------------------


def counted(landed: int | None, quarantined: int | None, table: str = "background") -> pl.DataFrame:
    """What a night tells of a table's rows."""
    figures = {LANDED: landed, QUARANTINED: quarantined}
    return pl.concat(
        row_states(
            pl.DataFrame({"table": [table], "shown": [n]}, schema={"table": pl.String, "shown": pl.Int64}),
            what,
        )
        for what, n in figures.items()
    )


def gone(before: pl.DataFrame, after: pl.DataFrame, now: str | None = "passed", **about: str) -> list[str]:
    """What became of a finding of `background` between two nights with these rows."""
    one = states(a="failed").with_columns(
        **{k: pl.lit(v) for k, v in ({"table": "background"} | about).items()}
    )
    two = one.with_columns(state=pl.lit(now)) if now else one.clear()
    log = record(empty(), ONE, pl.concat([one, before]))
    log = record(log, TWO, pl.concat([two, after]))
    return findings_between(log, ONE, TWO)["change"].to_list()


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ((1000, 100), (1000, 800), Change.HELD_BACK),
        ((1000, 100), (1000, 100), Change.RESOLVED),
        ((1000, 800), (1000, 100), Change.RESOLVED),
        ((1000, None), (1000, 800), Change.HELD_BACK),  # hidden, so taken for none
        ((1000, 100), (1000, None), Change.RESOLVED),
        # Six either way are what rounding and holding hide; the limit is half a percent.
        ((10_000, 100), (10_000, 160), Change.RESOLVED),
        ((10_000, 100), (10_000, 165), Change.HELD_BACK),
        ((10_000, 100), (100_000, 1000), Change.RESOLVED),  # ten times the rows, and the same share
    ],
)
def test_what_is_gone_because_its_rows_were_held_back_is_not_resolved(
    before: tuple[int, int | None], after: tuple[int, int | None], change: Change
) -> None:
    assert gone(counted(*before), counted(*after)) == [change]


def test_only_what_passes_in_the_table_itself_is_gone_because_of_its_rows() -> None:
    before, after = counted(1000, 100), counted(1000, 800)
    assert gone(before, after, now="failed") == [Change.PERSISTING]
    assert gone(before, after, now=None) == [Change.NOT_MEASURED]
    assert gone(before, after, table="person") == [Change.RESOLVED]
    # That a rule holds nothing back any more is resolved, whatever another rule does.
    assert gone(before, after, check="held_back") == [Change.RESOLVED]
    assert gone(before, after, check="below_promise") == [Change.HELD_BACK]
    assert gone(before.clear(), after) == gone(before, after.clear()) == [Change.RESOLVED]


def test_findings_can_be_held_against_any_night() -> None:
    log = record(empty(), ONE, states(a="failed"))
    log = record(record(log, TWO, states(a="passed")), THREE, states(a="failed"))
    assert findings_between(log, ONE, THREE)["change"].to_list() == [Change.PERSISTING]
    assert findings_between(log, TWO, THREE)["change"].to_list() == [Change.NEW]


def test_counts_are_told_as_they_were_shown_and_a_suppressed_one_has_no_figure() -> None:
    before = pl.DataFrame({"table": ["person", "case", None], "shown": [100, None, 120]})
    after = pl.DataFrame({"table": ["person", "case", None], "shown": [105, None, 125]})
    log = record(empty(), ONE, row_states(before, "received"))
    log = record(log, TWO, row_states(after, "received"))
    moved = others_between(log, ONE, TWO, Kind.ROWS)
    assert moved.select("id", "table", "was", "now").rows() == [("person received", "person", "100", "105")]
    assert told(log, TWO)["case received"] == "suppressed"


def test_a_schemas_own_changes_are_told_by_column() -> None:
    now = schema_states((Person, Identifier))
    gone = now.filter(pl.col("id") != "person.sex")
    retyped = gone.with_columns(
        state=pl.when(pl.col("id") == "person.birth_date").then(pl.lit("String")).otherwise("state")
    )
    log = record(record(empty(), ONE, retyped), TWO, now)
    changed = others_between(log, ONE, TWO, Kind.SCHEMA)
    assert changed.select("id", "was", "now").rows() == [
        ("person.birth_date", "String", "Date?"),
        ("person.sex", None, "String?"),
    ]
    assert findings_between(log, ONE, TWO).is_empty()


def test_each_tables_fingerprint_is_among_its_states() -> None:
    found = dict(schema_states((Person,)).select("id", "state").rows())
    assert len(found["person"]) == 16 and found["person.person_id"] == "Int64"


def test_the_stored_log_is_written_only_where_it_changes(tmp_path: Path) -> None:
    first = update(tmp_path, ONE, states(a="failed"))
    before = first.path.stat()
    again = update(tmp_path, ONE, states(a="failed"))
    assert again == first and again.path.stat().st_mtime_ns == before.st_mtime_ns
    update(tmp_path, TWO, states(a="failed"))
    assert nights(pl.read_parquet(first.path)) == [ONE, TWO]


@pytest.mark.parametrize(
    ("status", "stewardship", "state"),
    [
        ("failed", "open", "failed"),
        ("failed", "expired", "failed"),
        ("failed", "acknowledged", "decided"),
        ("failed", "excepted", "decided"),
        ("failed", "unfit", "decided"),
        ("passed", "unfit", "passed"),
    ],
)
def test_a_finding_that_a_decision_stands_for_is_told_from_an_open_one(
    status: str, stewardship: str, state: str
) -> None:
    rows = published_world.results({"status": status, "stewardship": stewardship})
    assert finding_states(rows)["state"].to_list() == [state]


def test_a_result_that_may_not_be_seen_has_no_outcome() -> None:
    hidden = finding_states(published_world.results({"status": None, "marker": "suppressed"}))
    assert hidden["state"].to_list() == ["suppressed"]


# --- gone, and not because anything was repaired ----------------------------------------------------------


@pytest.mark.parametrize("was", ["failed", "decided"])
def test_a_finding_of_which_nothing_or_too_little_is_left_is_not_taken_for_one_not_measured(was: str) -> None:
    """48 contradictions corrected: none is left, and that, like 1 to 8, may not be seen."""
    log = record(record(empty(), ONE, states(a=was)), TWO, states(a="suppressed"))
    assert findings_between(log, ONE, TWO)["change"].to_list() == [Change.TOO_FEW]
    # What was hidden and is seen again is a finding that nobody had seen.
    assert findings_between(log, TWO, ONE)["change"].to_list() == [
        Change.NEW if was == "failed" else Change.DECIDED
    ]


def test_a_rule_that_no_row_breaks_any_more_is_told_from_one_that_was_not_measured() -> None:
    before, after = counted(1000, 100), counted(1000, 100)
    # A rule nobody breaks has no result at all.
    assert gone(before, after, now=None, check="held_back") == [Change.TOO_FEW]
    assert gone(before, after, now=None, check="below_promise") == [Change.NOT_MEASURED]
    assert gone(before, after.clear(), now=None, check="held_back") == [Change.NOT_MEASURED]
    silent = finding_states(
        published_world.results(
            {"check": "held_back", "status": "could_not_run", "reason": "source_not_delivered"}
        )
    )
    assert gone(before, pl.concat([after, silent]), now=None, check="held_back") == [Change.NOT_MEASURED]


def test_what_rows_held_back_have_hidden_is_told_by_them() -> None:
    assert gone(counted(1000, 100), counted(1000, 800), now="suppressed") == [Change.HELD_BACK]


def test_what_is_only_for_the_record_is_counted_by_nobody() -> None:
    noted, graver = states(Kind.SIZE, a="note - - -"), states(Kind.SIZE, a="know - - -")
    log = record(empty(), ONE, pl.concat([states(a="failed"), noted]))
    log = record(log, TWO, pl.concat([states(a="failed"), noted]))
    log = record(log, THREE, pl.concat([states(a="failed"), graver]))
    log = record(log, FOUR, states(a="passed"))
    assert findings_between(log, ONE, TWO).is_empty()
    # What was a note and asks for something now, or the other way, is told.
    assert findings_between(log, TWO, THREE)["change"].to_list() == [Change.WORSE]
    assert findings_between(log, THREE, FOUR)["change"].to_list() == [Change.RESOLVED]


def by_limits(was: str | None, now: str | None, found: str = "passed") -> list[str]:
    """What became of a finding judged by those limits, or by none that is known, on its two nights."""
    log = empty()
    for night, state, limits in ((ONE, "failed", was), (TWO, found, now)):
        known = [] if limits is None else [states(Kind.JUDGED, a=limits)]
        log = record(log, night, pl.concat([states(a=state), *known]))
    return findings_between(log, ONE, TWO)["change"].to_list()


def test_what_passes_by_another_limit_is_not_resolved() -> None:
    assert by_limits("margin 100", "margin 100") == [Change.RESOLVED]
    assert by_limits("margin 100", "margin 300") == [Change.JUDGED_OTHERWISE]
    assert by_limits("margin 100", "margin 300", found="failed") == [Change.PERSISTING]
    # A night of before kept no limits: nothing is said against it.
    assert by_limits(None, "margin 300") == [Change.RESOLVED]


def test_a_limit_a_promise_and_the_years_left_out_are_what_a_result_was_judged_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = {"result_id": "1" * 16, "status": "failed"}
    year = whole | {"result_id": "2" * 16, "period": "year", "year": 2019}
    waits = {"result_id": "3" * 16, "check": "break_between_years", "status": "could_not_run"}
    waits |= {"reason": "not_ripe", "period": "year", "year": 2024}
    other = waits | {"result_id": "4" * 16, "column": "literacy", "year": 2023}

    def judged(*rows: dict[str, Any], as_of: date = ONE) -> dict[str, str]:
        return dict(judged_states(published_world.results(*rows), as_of).select("id", "state").rows())

    settled, filling = judged(whole, year), judged(whole, year, waits)
    # A period of the latest years is another one after New Year; what is judged over all years is not.
    assert settled == judged(whole, year, as_of=AFTER_NEW_YEAR)
    latest = whole | {"period": "latest"}
    assert judged(latest) == judged(latest, as_of=date(2025, 12, 31)) != judged(latest, as_of=AFTER_NEW_YEAR)
    assert settled.keys() == filling.keys() == {"1" * 16, "2" * 16}  # what could not run was not judged
    # The year that turned unripe is out of the whole field's judgement; 2019 is judged as it was.
    assert settled["1" * 16] != filling["1" * 16] and settled["2" * 16] == filling["2" * 16]
    assert judged(whole, year, other) == settled  # another field's year is no matter
    looser = replace(SPARSE_MARGIN, value=SPARSE_MARGIN.value + 100)
    monkeypatch.setitem(CHECKS, "below_promise", replace(CHECKS["below_promise"], threshold=looser))
    assert judged(whole, year)["2" * 16] != settled["2" * 16]


def test_a_result_keeps_what_it_is_about() -> None:
    about = states(a="failed").with_columns(bydel=pl.lit("03"), year=pl.lit(2010, pl.Int64))
    log = record(record(empty(), ONE, about), TWO, states())
    row = findings_between(log, ONE, TWO).select(*ABOUT).row(0, named=True)
    assert (row["flag"], row["bydel"], row["year"]) == ("sparse", "03", 2010)
