"""What is published of an invented night's checks, small enough to read: what the page's tests are given."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from pipeline.pages.checks import Checked
from pipeline.pages.delays import protected_delays
from pipeline.pages.memory import Memory
from schemas.quality import Delay, PublishedField, PublishedResult
from schemas.variable import polars_schema

# Somebody asks for it: its sparseness needs a decision.
DEMANDED = {"table": "settlement", "column": "settlement_form", "population": "grant_only"}
SINCE = date(2025, 2, 28)
RESULT = {
    "result_id": "00000000000000a1",
    "check": "below_promise",
    "flag": "sparse",
    "kahn_category": "completeness",
    "kahn_context": "verification",
    "severity": "decide",
    "status": "failed",
    "marker": "shown",
    "table": "background",
    "column": "education_level",
    "population": "participants",
    "period": "all",
    "n": 1230,
    "band": "50-75",
    "effect_kind": "gap",
    "effect_percent": 20,
    "stewardship": "open",
}
FIELD = {
    "table": "background",
    "column": "education_level",
    "population": "participants",
    "by": "year",
    "place": "all",
    "n": 1230,
    "n_marker": "shown",
    "band": "50-75",
    "marker": "shown",
    "grade": "C",
    "reasons": "below_60 uneven",
    "unfit": False,
}


def results(*rows: dict[str, Any]) -> pl.DataFrame:
    """Published results, each given by what is particular about it."""
    return pl.DataFrame([RESULT | row for row in rows], schema=polars_schema(PublishedResult))


def fields(*rows: dict[str, Any]) -> pl.DataFrame:
    """Published fields, each given by what is particular about it."""
    return pl.DataFrame([FIELD | row for row in rows], schema=polars_schema(PublishedField))


def delays(*curve: tuple[int, int, int], **more: str) -> pl.DataFrame:
    """A curve of (months, at risk, share in percent) for one field."""
    about = {"table": "result", "column": "result", "population": "participants", **more}
    rows = [
        {**about, "months": m, "at_risk": n, "registered": n * p // 100, "share": p * 10_000}
        for m, n, p in curve
    ]
    return pl.DataFrame(rows, schema=polars_schema(Delay))


def every_flag() -> pl.DataFrame:
    """One result of every check."""
    flags = {
        "bydel_spread": ("uneven", "spread"),
        "adviser_spread": ("uneven_advisers", "middle_half"),
        "break_between_years": ("shifted", "change"),
        "falling_trend": ("decaying", "yearly_change"),
        "registration_delay": ("late", "expected_final"),
        "one_moment": ("machine_filled", "share"),
        "missing_by_outcome": ("informative", "cramers_v"),
        "missing_by_background": ("informative", "risk_difference"),
        "end_before_start": ("contradictory", "share"),
        "text_for_code": ("free_text", "share"),
        "held_back": ("invalid", "share"),
        "below_promise": ("sparse", "gap"),
    }
    return results(
        *(
            {"result_id": f"{place:016x}", "check": check, "flag": flag, "effect_kind": kind}
            | (DEMANDED if flag == "sparse" else {})
            for place, (check, (flag, kind)) in enumerate(flags.items())
        )
    )


def checked() -> Checked:
    """A night with findings of every flag, grades, a delay curve, and changes since the night before."""
    return Checked(
        results=every_flag(),
        fields=fields(
            {},
            {"place": "2023", "grade": "D", "band": "25-50", "n": 400},
            {"place": "2024", "grade": "B", "band": "75-90", "n": 405},
            {"table": "person", "column": "sex", "grade": "A", "reasons": "", "band": "90-100"},
            {
                "table": "person",
                "column": "sex",
                "population": "grant_only",
                "grade": None,
                "band": None,
                "n": None,
            },
        ),
        delays=protected_delays(delays((0, 500, 12), (1, 400, 48), (2, 300, 91), (3, 40, 99)), Memory()),
        changes=pl.DataFrame({"change": ["new", "new", "resolved", "persisting", "not_measured"]}),
        since=SINCE,
    )
