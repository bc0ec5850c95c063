"""The page of a quiet night is the page of the night before: no count moved by five, and no figure moves."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from pipeline.disclosure.tables import BASE
from pipeline.pages.memory import Memory
from pipeline.pages.phrase import LANGUAGES
from pipeline.pages.report import ReportInputs, csv, page, protect_night
from pipeline.quality.export import published_results
from schemas.quality import CheckResult
from schemas.variable import ValueState, polars_schema
from tests.checked_world import checked
from tests.quality_world import AS_OF
from tests.unit.test_pages_report import inputs

pytestmark = pytest.mark.slow

QUIET, BUSY = BASE - 1, BASE


def moved(exact: ReportInputs, by: int) -> ReportInputs:
    """Everything that is counted has grown by `by`, for all bydeler and years in one of them."""
    first = pl.int_range(pl.len()).over("table", "column", "population") == 0
    grown = [pl.when(first).then(pl.col(n) + by).otherwise(n).alias(n) for n in ("n", ValueState.VALUE.value)]
    assert exact.matching is not None
    return replace(
        exact,
        profile=replace(exact.profile, fill=exact.profile.fill.with_columns(grown)),
        flow=exact.flow.with_columns(pl.col("landed", "quarantined") + by),
        rules=exact.rules.with_columns(pl.col("rows") + by),
        linkage=exact.linkage.with_columns(pl.col("rows") + by),
        outcomes=exact.outcomes.with_columns(pl.col("denominator") + by),
        matching=replace(
            exact.matching,
            flags=exact.matching.flags.with_columns(pl.col("programmes") + by),
            review=exact.matching.review.with_columns(pl.col("conflicts") + by),
            compared=exact.matching.compared.with_columns(
                programmes=pl.col("programmes") + pl.when(pl.col("year") == 2024).then(by).otherwise(0)
            ),
        ),
    )


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> ReportInputs:
    return inputs(tmp_path_factory.mktemp("core"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiet_nights_page_and_csv_are_those_of_the_night_before(
    exact: ReportInputs, language: str
) -> None:
    memory = Memory()
    before = protect_night(exact, AS_OF, memory, checked())
    kept = memory.after()
    quiet = protect_night(moved(exact, QUIET), AS_OF, Memory(kept), checked())
    assert page(quiet, language) == page(before, language)
    assert csv(quiet.shown) == csv(before.shown)
    busy = protect_night(moved(exact, BUSY), AS_OF, Memory(kept), checked())
    assert page(busy, language) != page(before, language)


def test_without_its_memory_the_same_quiet_night_would_be_seen(exact: ReportInputs) -> None:
    """The mutant: plain rounding shows that somebody came."""
    before, quiet = (protect_night(night, AS_OF, Memory()) for night in (exact, moved(exact, QUIET)))
    assert csv(quiet.shown) != csv(before.shown)
    assert not quiet.shown.received.equals(before.shown.received)


def test_a_night_made_again_is_the_same_to_the_byte(exact: ReportInputs) -> None:
    kept = Memory()
    protect_night(exact, AS_OF, kept)
    again = [protect_night(moved(exact, 3), AS_OF, Memory(kept.after())) for _ in range(2)]
    assert page(again[0], "nb") == page(again[1], "nb")


def test_of_what_is_counted_alone_the_rounded_number_is_published_and_of_the_quarantine_none() -> None:
    usual = {
        "check": "overlapping_programmes", "flag": "contradictory", "kahn_category": "plausibility",
        "kahn_context": "verification", "severity": "decide", "status": "failed", "table": "programme",
        "period": "all", "denominator": 400, "effect_kind": "share", "effect": 100_000,
    }  # fmt: skip
    rows = [
        usual | {"result_id": "1" * 16, "numerator": 42},
        usual | {"result_id": "2" * 16, "numerator": 4},
        usual | {"result_id": "3" * 16, "numerator": 42, "year": 2020},
        usual | {"result_id": "4" * 16, "numerator": 42, "flag": "invalid", "check": "held_back"},
    ]
    found = pl.DataFrame(rows, schema=polars_schema(CheckResult)).with_columns(stewardship=pl.lit("open"))
    for name, kind in (("decided_by", pl.String), ("decided_on", pl.Date), ("until", pl.Date)):
        found = found.with_columns(pl.lit(None, kind).alias(name))
    found = found.with_columns(decision_nb=pl.lit(None, pl.String), decision_en=pl.lit(None, pl.String))
    cells = pl.DataFrame(
        schema={n: pl.String for n in ("table", "column", "population", "by", "key", "n_marker", "band")}
        | {"n": pl.Int64}
    )
    told = published_results(found, cells)
    assert dict(told.select("result_id", "affected").rows()) == {"1" * 16: 40, "2" * 16: None, "4" * 16: None}
