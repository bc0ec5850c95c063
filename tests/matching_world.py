"""Linkage quality of an invented night, exact: what the report's tests are given."""

from __future__ import annotations

import polars as pl

from pipeline.pages.protected_matching import Matching, latest_by_bydel
from schemas.linked.matching import LinkageBias, MatchRate
from schemas.linked.reconciliation import ReconciliationSummary
from schemas.variable import polars_schema

# (register, year, bydel, best identifier, expected, linkable, with a record)
RATES = [
    ("nir_participant", 2023, "01", "FNR", 201, 201, 181),
    ("nir_participant", 2023, "02", "NONE", 14, 0, 0),
    ("nir_participant", 2024, "01", "FNR", 221, 221, 198),
    ("nir_participant", 2024, "02", "DUF", 23, 23, 21),
    ("nir_participant", 2024, "02", "NONE", 11, 0, 0),
    ("population_status", 2024, "01", "FNR", 402, 402, 401),  # one without a record
    ("population_status", 2024, "02", "DUF", 52, 0, 0),
    ("employment_monthly", 2024, "01", "FNR", 402, 402, 297),
    ("employment_monthly", 2024, "02", "DUF", 52, 0, 0),
]
BIAS = [
    ("sex", "1", 203, 34, 0.505, 0.654, -0.149, -0.276, -0.007),
    ("sex", "2", 199, 18, 0.495, 0.346, 0.149, 0.007, 0.276),
    ("age_band", "00-24", 101, 13, 0.251, 0.25, 0.001, -0.136, 0.112),
    ("age_band", "25-34", 301, 39, 0.749, 0.75, -0.001, -0.112, 0.136),
]
DIFFERENCES = [
    ("agrees", 2012, "01", 104),
    ("agrees", 2013, "02", 88),
    ("agrees", 2023, "01", 97),
    ("agrees", 2024, "01", 112),
    ("reason_differs", 2012, "01", 41),
    ("reason_differs", 2023, "01", 22),
    ("reason_differs", 2024, "01", 3),
    ("only_in_nir", 2024, "01", 28),
]
FIRST_YEAR = 2021  # of the latest, for a night in 2025


def matching() -> Matching:
    """Two registers by year, one group that cannot be linked, and a NIR that mostly agrees."""
    differences = pl.DataFrame(DIFFERENCES, schema=polars_schema(ReconciliationSummary), orient="row")
    return Matching(
        rates=pl.DataFrame(RATES, schema=polars_schema(MatchRate), orient="row"),
        bias=pl.DataFrame(BIAS, schema=polars_schema(LinkageBias), orient="row"),
        differences=differences,
        compared=pl.DataFrame({"year": [2012, 2013, 2023, 2024], "programmes": [145, 88, 119, 143]}),
        local=latest_by_bydel(differences, first_year=FIRST_YEAR),
        local_compared=pl.DataFrame({"bydel": ["01", "02"], "programmes": [259, 3]}),
        flags=pl.DataFrame({"flag": ["overlap", "end_before_start", "too_long"], "programmes": [44, 0, 19]}),
        review=pl.DataFrame(
            {
                "kind": ["two_successors", "two_numbers", "shared", "link_disagrees"],
                "conflicts": [1, 32, 27, 9],
            }
        ),
    )
