"""The outcome summary over the persons the quality report may count: as `link` sums it, with the others out.

What does not belong here: what an outcome is (`linkage`), rounding, suppression.
"""

from __future__ import annotations

import polars as pl

from schemas import codes
from schemas.linked import OutcomeSummary
from schemas.variable import columns, facts

# Why somebody is not in a denominator: the summary has one count for each reason, named by its code.
CENSORED = tuple(c.name for c in columns(OutcomeSummary) if c.name in codes.CENSORING.values())


def summary_of(outcome: pl.DataFrame, usable: pl.DataFrame) -> pl.DataFrame:
    """The OutcomeSummary of the rows of `outcome` whose person_key is in `usable`.

    The denominator and the reasons add up to the year's cohort of usable persons.
    """
    counted = {
        "numerator": pl.col("in_numerator"),
        "denominator": pl.col("in_denominator"),
        **{reason: pl.col("censoring") == reason for reason in CENSORED},
    }
    by = facts(OutcomeSummary).primary_key
    return (
        outcome.join(usable.select("person_key").unique(), on="person_key", how="semi")
        .group_by(by)
        .agg(holds.sum().cast(pl.Int64).alias(name) for name, holds in counted.items())
        .select(c.name for c in columns(OutcomeSummary))
        .sort(by)
    )
