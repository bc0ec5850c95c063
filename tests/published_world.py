"""A published night small enough to read: results and fields as `quality.export` makes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from schemas.quality import PublishedField, PublishedResult
from schemas.variable import polars_schema

AS_OF = date(2025, 3, 1)
ID = "0123456789abcdef"


def results(*rows: dict[str, Any]) -> pl.DataFrame:
    """Published results: `below_promise` of the level of education, but for what each row says."""
    usual = {
        "result_id": ID,
        "check": "below_promise",
        "flag": "sparse",
        "kahn_category": "completeness",
        "kahn_context": "verification",
        "severity": "know",
        "status": "failed",
        "marker": "shown",
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "period": "all",
        "n": 200,
        "band": "25-50",
        "effect_kind": "gap",
        "stewardship": "open",
    }
    return pl.DataFrame([usual | row for row in rows], schema=polars_schema(PublishedResult))


def fields(*rows: dict[str, Any]) -> pl.DataFrame:
    """Published fields: the level of education over all years, but for what each row says."""
    usual = {
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "by": "year",
        "place": "all",
        "n": 200,
        "n_marker": "shown",
        "band": "25-50",
        "marker": "shown",
        "grade": "C",
        "reasons": "below_60 sparse",
        "unfit": False,
    }
    return pl.DataFrame([usual | row for row in rows], schema=polars_schema(PublishedField))
