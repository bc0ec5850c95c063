"""The report's outcome summary: what `link` sums, with the persons who may not be used left out."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipeline.linkage import queries
from pipeline.quality.outcomes import CENSORED, summary_of
from schemas import codes
from schemas.linked import Outcome, OutcomeSummary
from schemas.variable import columns, polars_schema
from tests.factories import settings_at
from tests.quality_world import usable

REASONS = tuple(code for code in codes.CENSORING.values() if code != "observed")


def outcome(*rows: tuple[int, int, str, bool, str]) -> pl.DataFrame:
    """Outcome rows from (person_key, exit_year, outcome, in_numerator, censoring)."""
    names = ("person_key", "exit_year", "outcome", "in_numerator", "censoring")
    found = [dict(zip(names, row, strict=True)) | {"in_denominator": row[4] == "observed"} for row in rows]
    return pl.DataFrame(found, schema=polars_schema(Outcome))


def of_everybody() -> pl.DataFrame:
    """Two years and outcomes, and every reason of censoring, with some persons more than others."""
    return outcome(
        *((key, 2020, "y0", key % 2 == 0, "observed") for key in range(1, 8)),
        *((10 + place, 2021, "y1", False, reason) for place, reason in enumerate(REASONS)),
        *((20 + place, 2021, "y1", True, "observed") for place in range(3)),
        (30, 2021, "y1", False, "dead"),
    )


def test_over_everybody_it_is_the_summary_that_link_makes(tmp_path: Path) -> None:
    everybody = of_everybody()
    made = summary_of(everybody, everybody.select("person_key"))
    assert made.equals(queries.outcome_summary(settings_at(tmp_path), outcomes=everybody))
    assert made.schema == pl.Schema(polars_schema(OutcomeSummary))


def test_a_person_who_may_not_be_used_is_in_no_count_and_a_year_of_nobody_is_not_there() -> None:
    rows = outcome(
        (1, 2020, "y1", True, "observed"),
        (2, 2020, "y1", True, "observed"),
        (3, 2020, "y1", False, "dead"),
        (3, 2021, "y5", False, "not_due"),
    )
    found = summary_of(rows, usable(1))
    assert found.select("exit_year", "outcome", "numerator", "denominator", "dead").rows() == [
        (2020, "y1", 1, 1, 0)
    ]


def test_a_usable_person_named_twice_counts_once() -> None:
    found = summary_of(outcome((1, 2020, "y0", True, "observed")), usable(1, 1))
    assert found["denominator"].to_list() == [1]


def test_the_denominator_and_the_reasons_add_up_to_the_cohort() -> None:
    made = summary_of(of_everybody(), usable(*range(1, 31)))
    cohort = made.select(pl.sum_horizontal("denominator", *CENSORED)).to_series().to_list()
    assert cohort == [7, len(REASONS) + 4]


def test_every_reason_of_the_code_list_has_a_count() -> None:
    assert set(CENSORED) == set(REASONS) < {c.name for c in columns(OutcomeSummary)}


def test_a_night_without_outcomes_has_a_summary_without_rows() -> None:
    empty = summary_of(outcome(), usable(1))
    assert empty.is_empty()
    assert empty.columns == [c.name for c in columns(OutcomeSummary)]
