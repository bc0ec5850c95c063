"""When a finding has become worse: what rounding cannot explain, and what becomes of a decision then."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.quality import history, night_states, thresholds
from pipeline.quality.history import Change, Kind
from pipeline.quality.lifted import since_decided
from pipeline.quality.stewardship import UNDECIDED
from pipeline.quality.thresholds import THRESHOLDS
from pipeline.quality.worse import is_worse, size
from schemas import codes
from schemas.quality import PublishedResult
from tests import published_world
from tests.published_world import ID

ONE, TWO, THREE, FOUR = (date(2025, 3, day) for day in (1, 2, 3, 4))
SPREAD = {"check": "bydel_spread", "flag": "uneven", "effect_kind": "spread"}
COUNTED = {"check": "differs_from_nir", "flag": "contradictory", "effect_kind": "share", "effect_percent": 0}


def size_of(row: dict[str, Any]) -> str:
    return str(published_world.results(row).select(size()).item())


def worse(was: str, now: str) -> bool:
    frame = pl.DataFrame({"was": [was], "now": [now]})
    return bool(frame.select(is_worse(pl.col("was"), pl.col("now"))).item())


def test_the_limits_have_an_owner_a_reason_and_a_day() -> None:
    for limit in (thresholds.WORSE_EFFECT, thresholds.WORSE_AFFECTED):
        assert limit in THRESHOLDS and limit.owner and limit.nb and limit.en and limit.decided
    assert (thresholds.WORSE_EFFECT.value, thresholds.WORSE_AFFECTED.value) == (100, 500)


def test_every_change_and_every_standing_is_a_declared_code() -> None:
    assert tuple(change.value for change in Change) == codes.FINDING_CHANGE.values()
    assert set(UNDECIDED) <= set(codes.STEWARDSHIP.values()) and "worsened" in UNDECIDED


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (SPREAD | {"effect_percent": 40}, "know 35 45 -"),
        (SPREAD | {"effect_percent": None}, "know - - -"),
        ({"effect_kind": "change", "effect_percent": -30}, "know 25 35 -"),
        ({"effect_kind": "expected_final", "effect_percent": 90}, "know 5 15 -"),  # 10 % never come
        ({"band": "25-50", "severity": "decide"}, "decide 50 75 - band"),  # so many have none
        ({"band": None}, "know - - - band"),
        (COUNTED | {"affected": 230}, "know -5 5 230"),
    ],
)
def test_a_size_says_between_what_the_effect_lies_and_the_more_the_worse(
    row: dict[str, Any], told: str
) -> None:
    assert size_of(row) == told


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (SPREAD | {"effect_percent": 40}, {"effect_percent": 60}, True),  # 45 at most, 55 at least
        (SPREAD | {"effect_percent": 40}, {"effect_percent": 50}, False),  # 44.9 and 45.1 are told so too
        (SPREAD | {"effect_percent": 60}, {"effect_percent": 40}, False),
        ({"effect_kind": "change", "effect_percent": -30}, {"effect_percent": 50}, True),
        ({"effect_kind": "change", "effect_percent": 30}, {"effect_percent": -20}, False),
        ({"effect_kind": "expected_final", "effect_percent": 90}, {"effect_percent": 70}, True),
        ({"effect_kind": "expected_final", "effect_percent": 70}, {"effect_percent": 90}, False),
        ({"band": "90-100"}, {"band": "50-75"}, True),  # 10 % lacked it at most, 25 % do at least
        ({"band": "75-90"}, {"band": "50-75"}, True),  # a lower band is held: it is no rounding
        ({"band": "0-50"}, {"band": "25-50"}, False),  # a narrower one may say the same
        ({"band": "50-75"}, {"band": "50-75"}, False),
        ({"band": "50-75"}, {"band": "75-90"}, False),
        ({"band": "50-75", "severity": "note"}, {"band": "0-10"}, False),  # for the record only
        (COUNTED | {"affected": 20, "severity": "know"}, {"affected": 90, "severity": "note"}, False),
        ({"band": "25-50"}, {"band": "90-100"}, False),
        (COUNTED | {"affected": 20}, {"affected": 45}, True),  # 26 at most, 39 at least: half of it more
        (COUNTED | {"affected": 20}, {"affected": 40}, False),  # 26 and 34
        (COUNTED | {"affected": 200}, {"affected": 315}, True),  # 206 and 309
        (COUNTED | {"affected": 200}, {"affected": 310}, False),
        (SPREAD | {"effect_percent": 40, "severity": "know"}, {"severity": "decide"}, True),
        (SPREAD | {"effect_percent": 40, "severity": "decide"}, {"severity": "know"}, False),
        (SPREAD | {"effect_percent": 40}, {"effect_percent": None}, False),
        (SPREAD | {"effect_percent": None}, {"effect_percent": 90}, False),
    ],
)
def test_a_finding_is_worse_only_where_rounding_cannot_explain_it(
    was: dict[str, Any], now: dict[str, Any], told: bool
) -> None:
    assert worse(size_of(was), size_of(was | now)) is told


# --- between nights ---------------------------------------------------------------------------------------


def night(log: pl.DataFrame, as_of: date, *rows: dict[str, Any]) -> pl.DataFrame:
    results = published_world.results(*rows)
    return history.record(
        log, as_of, pl.concat([night_states.finding_states(results), night_states.size_states(results)])
    )


SMALL, LARGE = SPREAD | {"effect_percent": 20}, SPREAD | {"effect_percent": 40}


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ({}, {}, Change.WORSE),
        ({"stewardship": "excepted"}, {"stewardship": "excepted"}, Change.WORSE),
        ({"stewardship": "acknowledged"}, {"stewardship": "worsened"}, Change.WORSE),
        ({}, {"stewardship": "acknowledged"}, Change.DECIDED),  # tonight, so somebody has seen it
        ({"status": "passed"}, {}, Change.NEW),
        ({}, {"status": "passed"}, Change.RESOLVED),
    ],
)
def test_what_became_of_a_finding_that_grew(was: dict[str, Any], now: dict[str, Any], change: Change) -> None:
    log = night(night(history.empty(), ONE, SMALL | was), TWO, LARGE | now)
    assert history.findings_between(log, ONE, TWO)["change"].to_list() == [change]
    # One that did not grow is none of it.
    log = night(night(history.empty(), ONE, LARGE | was), TWO, LARGE | now)
    assert Change.WORSE not in history.findings_between(log, ONE, TWO)["change"].to_list()


def test_of_sizes_noted_before_bands_said_so_the_limit_of_effects_holds() -> None:
    assert not worse("know 10 25 -", "know 25 50 - band")
    assert worse("know 10 25 - band", "know 25 50 - band")


HELD = {
    "check": "held_back", "flag": "invalid", "column": "status", "against": "code", "n": None, "band": None,
    "effect_kind": "share",
}  # fmt: skip


def test_what_a_rule_holds_back_can_become_worse() -> None:
    log = night(night(history.empty(), ONE, HELD | {"affected": 20}), TWO, HELD | {"affected": 45})
    assert history.findings_between(log, ONE, TWO)["change"].to_list() == [Change.WORSE]


def test_small_steps_are_seen_from_the_night_they_are_held_against() -> None:
    log = history.empty()
    for as_of, percent in ((ONE, 20), (TWO, 30), (THREE, 40)):
        log = night(log, as_of, SPREAD | {"effect_percent": percent})
    assert history.findings_between(log, TWO, THREE)["change"].to_list() == [Change.PERSISTING]
    assert history.findings_between(log, ONE, THREE)["change"].to_list() == [Change.WORSE]
    assert history.findings_between(log, THREE, ONE)["change"].to_list() == [Change.PERSISTING]


def test_changes_are_told_in_the_order_of_their_list() -> None:
    other = {"result_id": "f" * 16}
    log = night(night(history.empty(), ONE, SMALL, other | {"status": "passed"}), TWO, LARGE, other)
    assert history.findings_between(log, ONE, TWO)["change"].to_list() == [Change.NEW, Change.WORSE]


def test_a_log_of_before_sizes_were_noted_says_of_nothing_that_it_is_worse() -> None:
    first = history.record(history.empty(), ONE, night_states.finding_states(published_world.results(SMALL)))
    assert history.findings_between(night(first, TWO, LARGE), ONE, TWO)["change"].to_list() == ["persisting"]


def test_the_results_for_programs_say_what_became_of_each() -> None:
    log = night(night(history.empty(), ONE, SMALL), TWO, LARGE, {"result_id": "f" * 16})
    results = published_world.results(LARGE, {"result_id": "f" * 16}, {"result_id": "e" * 16})
    told = history.with_changes(results, history.findings_between(log, ONE, TWO))
    assert told["change"].to_list() == ["worse", "new", None]
    PublishedResult.to_schema().validate(told)


# --- what becomes of a decision ---------------------------------------------------------------------------


def judged(log: pl.DataFrame, row: dict[str, Any], as_of: date = FOUR) -> tuple[bool | None, str]:
    about = {"decided_by": "Eier", "decided_on": TWO, "stewardship": "acknowledged"}
    told = since_decided(published_world.results(about | row), log, as_of)
    PublishedResult.to_schema().validate(told)
    (found,) = told.select("worse", "stewardship").rows()
    return found[0], found[1]


def logged(*sizes: tuple[date, int | None]) -> pl.DataFrame:
    """A log in which the finding had these effects; None where it was no finding."""
    log = history.empty()
    for as_of, percent in sizes:
        status = "passed" if percent is None else "failed"
        log = night(log, as_of, SPREAD | {"status": status, "effect_percent": percent})
    return log


def test_an_acknowledgement_is_lifted_when_it_has_become_worse_and_an_exception_says_so() -> None:
    log = logged((ONE, 20), (TWO, 20))
    assert judged(log, LARGE) == (True, "worsened")
    assert judged(log, SMALL) == (False, "acknowledged")
    assert judged(log, LARGE | {"stewardship": "excepted"}) == (True, "excepted")
    for standing in ("open", "expired", "unfit"):
        assert judged(log, LARGE | {"stewardship": standing}) == (None, standing)
    assert judged(log, LARGE | {"status": "passed"}) == (None, "acknowledged")


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        (((ONE, 20), (TWO, 40)), False),  # it was as large on the night it was decided about
        (((ONE, 40), (TWO, 20)), True),
        (((ONE, 20), (THREE, 40)), True),  # no night of that day: the one before it
        (((THREE, 20),), True),  # the first there is after it
        (((ONE, 20), (TWO, None), (THREE, 40)), False),  # none then: what it was when it came back
        (((FOUR, 20),), None),  # tonight is nothing to hold tonight against
        ((), None),
    ],
)
def test_it_is_held_against_the_night_of_the_decision(
    sizes: tuple[tuple[date, int | None], ...], told: bool | None
) -> None:
    assert judged(logged(*sizes), LARGE) == (told, "worsened" if told else "acknowledged")


def test_of_a_finding_without_a_size_nobody_says_that_it_is_no_worse() -> None:
    untold = SPREAD | {"effect_percent": None}
    log = night(history.empty(), TWO, untold)
    assert judged(log, untold) == (None, "acknowledged")
    assert judged(log, untold | {"severity": "decide"}) == (True, "worsened")


def test_what_is_decided_about_tonight_is_as_it_is_tonight() -> None:
    log = logged((ONE, 20), (TWO, 20), (FOUR, 40))
    assert judged(log, LARGE | {"decided_on": THREE}) == (True, "worsened")
    assert judged(log, LARGE | {"decided_on": FOUR}) == (None, "acknowledged")


def test_it_stays_lifted_until_it_is_decided_about_anew_and_falls_back_when_it_shrinks() -> None:
    log = logged((ONE, 20), (TWO, 20), (THREE, 40))
    assert judged(log, LARGE) == (True, "worsened")
    assert judged(log, LARGE | {"decided_on": THREE}) == (False, "acknowledged")
    assert judged(log, SMALL) == (False, "acknowledged")


def test_a_night_run_again_looks_at_no_later_night() -> None:
    log = logged((TWO, 20), (FOUR, 40))
    assert judged(log, LARGE, as_of=THREE) == (True, "worsened")
    assert judged(log, SMALL, as_of=THREE) == (False, "acknowledged")


def test_nothing_but_the_standing_and_the_mark_is_changed_and_the_order_is_kept() -> None:
    rows = [
        LARGE | {"result_id": letter * 16, "stewardship": "acknowledged", "decided_on": TWO}
        for letter in "cab"
    ]
    results = published_world.results(*rows)
    told = since_decided(results, logged((ONE, 20)), FOUR)
    assert told["result_id"].to_list() == ["c" * 16, "a" * 16, "b" * 16]
    rest = [name for name in results.columns if name not in ("worse", "stewardship")]
    assert told.select(rest).equals(results.select(rest))
    assert since_decided(results.clear(), history.empty(), FOUR).equals(results.clear())


def test_sizes_are_of_findings_alone_and_carry_nothing_else() -> None:
    states = night_states.size_states(
        published_world.results(LARGE, {"result_id": "f" * 16, "status": "passed"})
    )
    assert states.select("kind", "id", "state").rows() == [(Kind.SIZE.value, ID, "know 35 45 -")]
    assert states.select(list(history.ABOUT)).null_count().row(0) == (1,) * len(history.ABOUT)
