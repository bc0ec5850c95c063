"""From what the checks counted to results: intervals, p-values adjusted for many checks, and a status.

What does not belong here: counting (a file for each kind of check), rounding and suppression (`disclosure`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.rules import CHECKS, FlagSeverity
from pipeline.quality.statistics import benjamini_hochberg, wilson
from schemas import CASE_SYSTEM, codes
from schemas.quality import CheckResult
from schemas.quality.finding import PPM
from schemas.variable import Demand, columns, polars_schema

PASSED, FAILED, NOT_APPLICABLE, COULD_NOT_RUN = codes.CHECK_STATUS.values()
PERMILLE = 1000
# What a field is measured of: a field twice, where two populations have it.
FIELD = ("table", "column", "population")
# Reasons that a check has nothing to say of the field; the others are that it could not say it.
SAYS_NOTHING = ("no_promise", "names_the_bydel", "nobody_missing")
# What tells one result from another, in any night.
JUDGED = ("check", "table", "column", "population", "period", "year", "bydel", "against")

# What a check counts for each thing it judges; what it leaves out is null. `over` is whether the effect
# reaches the threshold, `p` the probability of so much by chance (null: not a test), `reason` why not judged.
COUNTED: dict[str, pl.DataType] = {
    "check": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "population": pl.String(),
    "period": pl.String(),
    "year": pl.Int64(),
    "bydel": pl.String(),
    "against": pl.String(),
    "numerator": pl.Int64(),
    "denominator": pl.Int64(),
    "effect": pl.Float64(),
    "effect_low": pl.Float64(),
    "effect_high": pl.Float64(),
    "p": pl.Float64(),
    "over": pl.Boolean(),
    "reason": pl.String(),
}


def counted(check: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` as COUNTED rows of one check; a check's period is all years unless it says another."""
    given = {"check": pl.lit(check)}
    if "period" not in frame.columns:
        given["period"] = pl.lit("all")
    there = frame.with_columns(**given)
    return there.select(
        (pl.col(name) if name in there.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in COUNTED.items()
    )


def results(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The CheckResult table of COUNTED rows: each flag's p-values adjusted over all of that flag's."""
    rows = pl.concat([pl.DataFrame(schema=COUNTED), *parts])
    _refuse_untold(rows)
    about = pl.DataFrame(
        [
            (c.name, c.flag, c.category, c.context, c.severity, c.effect, thresholds.name_of(c.threshold))
            for c in CHECKS.values()
        ],
        schema=["check", "flag", "kahn_category", "kahn_context", "usual", "effect_kind", "threshold"],
        orient="row",
    )
    known = _adjusted(rows.join(about, on="check", how="left", maintain_order="left"))
    found = known.join(_demands(), on=["table", "column"], how="left", maintain_order="left").with_columns(
        status=_status(),
        severity=pl.coalesce(
            "usual",
            pl.when(pl.col("demanded") | pl.col("column").is_null())
            .then(pl.lit(FlagSeverity.DECIDE.value))
            .otherwise(pl.lit(FlagSeverity.KNOW.value)),
        ),
        effect_kind=pl.when(pl.col("effect").is_not_null()).then("effect_kind"),
    )
    return _as_declared(found)


def _refuse_untold(rows: pl.DataFrame) -> None:
    """ValueError where a check judges a place nothing is ever told of: its findings would reach nobody.

    The page has figures of a field's year, and of a population in a bydel of the latest years.
    """
    by_year = pl.col("check").is_in([name for name, check in CHECKS.items() if check.by_year])
    of_latest = (pl.col("period") == "latest") & pl.col("population").is_not_null() & pl.col("year").is_null()
    wrong_bydel = pl.col("bydel").is_not_null() & ~of_latest
    silent = rows.filter(wrong_bydel | (pl.col("year").is_not_null() != by_year))
    if silent.height:
        raise ValueError(f"{silent['check'][0]} is judged at places of which nothing is told")


def adjusted(found: pl.DataFrame) -> pl.Series:
    """`q`: Benjamini and Hochberg over the `p` of COUNTED rows that are there; null where there is none.

    A finding takes both: an effect below its limit (not `over`) counts as p = 1. Otherwise the many real but
    small effects would make room for large ones that chance made.
    """
    proof = found.select(
        pl.when(pl.col("p").is_null()).then(None).when(pl.col("over")).then("p").otherwise(1.0)
    ).to_series()
    there = proof.is_not_null().to_numpy()
    whole = np.full(proof.len(), np.nan)
    whole[there] = benjamini_hochberg(proof.drop_nulls().to_numpy())
    return pl.Series("q", whole, nan_to_null=True)


def is_chance(q: pl.Expr) -> pl.Expr:
    """Whether a finding with that adjusted p-value is taken for chance."""
    return q * PERMILLE > thresholds.FALSE_DISCOVERIES.value


def _adjusted(rows: pl.DataFrame) -> pl.DataFrame:
    flags = [part.with_columns(adjusted(part)) for part in rows.partition_by("flag", maintain_order=True)]
    return pl.concat(flags) if flags else rows.with_columns(q=pl.lit(None, pl.Float64))


def _status() -> pl.Expr:
    failed = pl.col("over").fill_null(False) & ~is_chance(pl.col("q")).fill_null(False)
    return (
        pl.when(pl.col("reason").is_in(SAYS_NOTHING))
        .then(pl.lit(NOT_APPLICABLE))
        .when(pl.col("reason").is_not_null())
        .then(pl.lit(COULD_NOT_RUN))
        .when(failed)
        .then(pl.lit(FAILED))
        .otherwise(pl.lit(PASSED))
    )


def _demands() -> pl.DataFrame:
    return pl.DataFrame(
        [(c.table, c.name, c.about.demand is not Demand.NOBODY) for t in CASE_SYSTEM for c in columns(t)],
        schema={"table": pl.String, "column": pl.String, "demanded": pl.Boolean},
        orient="row",
    )


def _as_declared(found: pl.DataFrame) -> pl.DataFrame:
    low, high = wilson(
        found["numerator"].fill_null(0).cast(pl.Float64).to_numpy(),
        found["denominator"].fill_null(0).cast(pl.Float64).to_numpy(),
    )
    counted_of = (pl.col("denominator") > 0) & pl.col("numerator").is_not_null()

    def ppm(value: pl.Expr) -> pl.Expr:
        return (value * PPM).round().clip(-PPM, PPM).cast(pl.Int64)

    return (
        found.with_columns(pl.Series("low", low), pl.Series("high", high), _ids(found))
        .with_columns(
            share=pl.when(counted_of).then(ppm(pl.col("numerator") / pl.col("denominator"))),
            low=pl.when(counted_of).then(ppm(pl.col("low"))),
            high=pl.when(counted_of).then(ppm(pl.col("high"))),
            p_value=ppm(pl.col("p")),
            q_value=ppm(pl.col("q")),
            **{name: ppm(pl.col(name)) for name in ("effect", "effect_low", "effect_high")},
        )
        .select(pl.col(name).cast(dtype) for name, dtype in polars_schema(CheckResult).items())
        .sort(*JUDGED, nulls_last=True)
    )


def _ids(found: pl.DataFrame) -> pl.Series:
    """A number for what is judged, which does not depend on what was found: the same from night to night."""
    texts = found.select(
        pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in JUDGED], separator="|")
    ).to_series()
    return pl.Series(
        "result_id", [hashlib.sha256(t.encode()).hexdigest()[:16] for t in texts], dtype=pl.String
    )
