"""Two nights' published results cannot be subtracted: what moved by fewer than five moved nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.disclosure.tables import BASE
from pipeline.quality.export import files, hold, published_fields, published_results
from pipeline.quality.stewardship import apply
from schemas import codes
from schemas.quality import CheckResult
from schemas.variable import polars_schema

AS_OF = date(2025, 3, 1)
FEW = st.integers(-(BASE - 1), BASE - 1)
COUNT = st.integers(0, 400)
STATUS = st.sampled_from(codes.CHECK_STATUS.values())
KIND = st.sampled_from([None, *codes.EFFECT_KIND.values()])
EFFECT = st.none() | st.integers(-1_000_000, 1_000_000)
SEVERITY = st.sampled_from(codes.QUALITY_SEVERITY.values())
JUDGED = st.fixed_dictionaries(
    {"status": STATUS, "severity": SEVERITY, "effect_kind": KIND, "effect": EFFECT, "reason": st.none()}
)
RESULT = st.tuples(COUNT, COUNT, FEW, FEW, JUDGED, JUDGED)


def rows(found: list[tuple[int, int, dict[str, Any]]]) -> pl.DataFrame:
    """Results of one check over one field each, with these counts and judgements."""
    usual = {
        "check": "below_promise",
        "flag": "sparse",
        "kahn_category": "completeness",
        "kahn_context": "verification",
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "period": "all",
    }
    told = [
        usual | judged | {"result_id": f"{at:016x}", "numerator": numerator, "denominator": whole}
        for at, (numerator, whole, judged) in enumerate(found)
    ]
    return pl.DataFrame(told, schema=polars_schema(CheckResult))


def published(results: pl.DataFrame) -> dict[str, bytes]:
    """All files of a night whose page shows the same figures."""
    cell = ("background", "education_level", "participants", "year", None, 200, "shown", "25-50", "shown")
    names = ["table", "column", "population", "by", "key", "n", "n_marker", "band", "marker"]
    schema = {name: pl.Int64 if name == "n" else pl.String for name in names}
    cells = pl.DataFrame([cell], schema=schema, orient="row")
    grades = pl.DataFrame(
        schema={
            **dict.fromkeys(names[:3], pl.String),
            "year": pl.Int64,
            "grade": pl.String,
            "reasons": pl.String,
        }
    )
    shown = published_results(apply(results, (), AS_OF), cells)
    return files(AS_OF, shown, published_fields(cells, grades, ()))


@settings(max_examples=40, deadline=None)
@given(st.lists(RESULT, min_size=1, max_size=4))
def test_a_night_in_which_fewer_than_five_moved_is_published_as_the_night_before(found: list[Any]) -> None:
    first = hold(rows([(n, whole, judged) for n, whole, _, _, judged, _ in found]), None)
    second = hold(rows([(n + a, whole + b, judged) for n, whole, a, b, _, judged in found]), first)
    assert published(second) == published(first)


@settings(max_examples=40, deadline=None)
@given(RESULT)
def test_five_who_move_are_seen(found: Any) -> None:
    n, whole, _, _, before, after = found
    moved = hold(rows([(n + BASE, whole, after)]), hold(rows([(n, whole, before)]), None))
    assert moved.equals(rows([(n + BASE, whole, after)]))
