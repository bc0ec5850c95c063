"""How far each field can be used, by year, bydel and population: A to D, with every reason.

The share filled gives the best grade there can be, and each flag caps it. A cell with too few to judge has
the grade of its year, or of the field, and says so. No grade is given to what is no place to use the field
in (those without a year or a bydel: they are there because a value is not), where nobody should have a value,
and for a share that is low in a year that is still filling up. Where an empty value always is an answer the
share says nothing, and no grade is given. What does not belong here: the words of a methods paragraph
(`pages`).
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.expected import asked
from pipeline.quality.flags import Period, is_latest
from pipeline.quality.over_time import FALLING, is_in_trend
from pipeline.quality.populations import NO_BYDEL
from pipeline.quality.profile import fields, profiled_tables
from pipeline.quality.results import FAILED, FIELD, PERMILLE
from pipeline.quality.ripeness import NOT_RIPE, among, waiting
from pipeline.quality.rules import BELOW_PROMISE, BYDEL_SPREAD
from pipeline.quality.statistics import wilson
from schemas import codes
from schemas.linked.reconciliation import NO_YEAR
from schemas.quality import FieldGrade
from schemas.quality.finding import PPM
from schemas.variable import Population, facts, polars_schema

A, B, C, D = codes.GRADE.values()
# The best grade a field can have under each flag. What is sparse is told by its share already.
CAPPED_AT: dict[str, str] = {
    "sparse": A,
    "uneven": B,
    "shifted": B,
    "decaying": B,
    "late": B,
    "machine_filled": B,
    "informative": C,
    "contradictory": B,
    "free_text": B,
    "invalid": B,
}
_SHARES = {
    "below_20": (thresholds.GRADE_C, D),
    "below_60": (thresholds.GRADE_B, C),
    "below_90": (thresholds.GRADE_A, B),
}
# What has no grade at all: no place to use a field in, nobody to use it of, and no share to judge it by.
EMPTY_ANSWERS = "empty_answers"
NOT_GRADED = ("not_placed", "nobody_asked", EMPTY_ANSWERS)
# All reasons that a grade can be withheld for; the last only where the share is low.
WITHHELD = (*NOT_GRADED, NOT_RIPE)
_COUNTS = ("expected", "applicable", "registered", "unknown", "not_due")


def grades(states: pl.DataFrame, results: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The FieldGrade table of an ExpectedValues and a CheckResult table, of the night of `as_of`.

    Which years are still filling up is read from the results.
    """
    cells = _with_flags(_judged(states).with_columns(_waits(states, results)), results, as_of)
    said = {reason: _says(reason) for reason in codes.GRADE_REASON.values()}
    worst = pl.max_horizontal(
        pl.when(said[reason]).then(pl.lit(cap)).otherwise(pl.lit(A)) for reason, cap in _caps().items()
    )
    waits = said[NOT_RIPE] & pl.any_horizontal(said[reason] for reason in _SHARES)
    is_graded = ~pl.any_horizontal(*(said[r] for r in NOT_GRADED), waits)
    registered, applicable = (cells[n].cast(pl.Float64).to_numpy() for n in ("registered", "applicable"))
    low, high = wilson(registered, applicable)
    some = pl.col("applicable") > 0
    return (
        cells.with_columns(pl.Series("low", low), pl.Series("high", high))
        .with_columns(
            grade=pl.when(is_graded).then(worst),
            reasons=pl.concat_list(pl.when(e).then(pl.lit(r)) for r, e in said.items())
            .list.drop_nulls()
            .list.join(" "),
            share=pl.when(some).then((pl.col("registered") * PPM / pl.col("applicable")).round()),
            low=pl.when(some).then((pl.col("low") * PPM).round()),
            high=pl.when(some).then((pl.col("high") * PPM).round()),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in polars_schema(FieldGrade).items())
        .sort(facts(FieldGrade).primary_key)
    )


def _windows(as_of: date) -> dict[str, pl.Expr]:
    """Check that is of the latest years -> whether it looks at a cell's year (all years: null)."""
    looked_at = {
        BELOW_PROMISE: is_latest(as_of) & ~pl.col(NOT_RIPE),
        BYDEL_SPREAD: is_latest(as_of),
        FALLING: is_in_trend(as_of) & ~pl.col(NOT_RIPE),
    }
    return {check: pl.col("year").is_null() | holds for check, holds in looked_at.items()}


def _caps() -> dict[str, str]:
    return {
        **{reason: grade for reason, (_, grade) in _SHARES.items()},
        "many_unknown": B,
        **CAPPED_AT,
    }


def _waits(states: pl.DataFrame, results: pl.DataFrame) -> pl.Series:
    """Whether each cell is of a year that the results say is still filling up."""
    return among(states, waiting(results)).alias(NOT_RIPE)


def empty_answers() -> pl.Expr:
    """Whether the row's field (table, column) is one in which an empty value always is an answer."""
    return pl.concat_str("table", pl.lit("."), "column").is_in(always_answers())


@cache
def always_answers() -> tuple[str, ...]:
    """The paths (table.column) of the measured fields in which an empty value always is an answer."""
    each = [c for t in profiled_tables() for c in fields(t) if c.about.empty_means]
    return tuple(c.path for c in each if c.about.empty_means and c.about.empty_means.where is None)


def _judged(states: pl.DataFrame) -> pl.DataFrame:
    """The cells with `of`, `filled` and `not_known`: what each is judged by, itself or what is wider."""
    cells = states.with_columns(applicable=asked())
    levels = [pl.col(n).sum().over(list(by)) for by in ((*FIELD, "year"), FIELD) for n in _COUNTS]
    names = [f"{n}_{level}" for level in ("year", "all") for n in _COUNTS]
    wide = cells.with_columns(e.alias(name) for e, name in zip(levels, names, strict=True))
    enough = thresholds.FEWEST_TO_JUDGE.value

    def judged_by(name: str) -> pl.Expr:
        return (
            pl.when(pl.col("applicable") >= enough)
            .then(name)
            .when(pl.col("applicable_year") >= enough)
            .then(f"{name}_year")
            .otherwise(f"{name}_all")
        )

    return wide.with_columns(
        few=pl.col("applicable") < enough,
        of=judged_by("applicable"),
        filled=judged_by("registered"),
        not_known=judged_by("unknown"),
    )


def _says(reason: str) -> pl.Expr:
    """Whether a cell has that reason."""
    share, many = pl.col("filled") * PERMILLE, thresholds.MANY_UNKNOWN.value
    not_placed = (pl.col("year") == NO_YEAR).fill_null(False) | (pl.col("bydel") == NO_BYDEL)
    some = pl.col("applicable") > 0
    by_share = some & ~not_placed & ~empty_answers()
    if reason in _SHARES:
        bounds = [t.value for t, _ in _SHARES.values()]
        at = list(_SHARES).index(reason)
        below = by_share & (share < bounds[at] * pl.col("of"))
        # Of these reasons a cell has one: the strongest that holds.
        return below & ~(share < bounds[at - 1] * pl.col("of")) if at else below
    says = {
        "few": pl.col("few") & by_share,
        "not_placed": not_placed,
        "nobody_asked": ~some & ~empty_answers(),
        NOT_RIPE: pl.col(NOT_RIPE),
        EMPTY_ANSWERS: empty_answers(),
        "many_unknown": by_share & (pl.col("not_known") * PERMILLE >= many * pl.col("of")),
        "not_due": (pl.col("not_due") * PERMILLE >= many * pl.col("expected")) & (pl.col("not_due") > 0),
    }
    return says[reason] if reason in says else pl.col(f"flag:{reason}")


def _with_flags(cells: pl.DataFrame, results: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The cells with `flag:<flag>`: whether a failed result is of the field and of the cell.

    What was found of the latest years says nothing of the years before those its check looked at.
    """
    everybody = [p.value for p in Population if p is not Population.EVERYONE]
    failed = (
        results.filter((pl.col("status") == FAILED) & pl.col("column").is_not_null())
        .with_columns(
            population=pl.when(pl.col("population").is_null())
            .then(pl.lit(everybody))
            .otherwise(pl.concat_list("population"))
        )
        .explode("population")
    )
    raised = [(pl.col("flag") == flag).any().alias(f"flag:{flag}") for flag in CAPPED_AT]
    found = cells.with_columns(
        pl.when(holds).then(pl.lit(check)).alias(f"latest:{check}")
        for check, holds in _windows(as_of).items()
    )
    everywhere = pl.col("year").is_null() & pl.col("bydel").is_null()
    of_latest = pl.col("period") == Period.LATEST.value
    kinds = {
        FIELD: everywhere & ~of_latest,
        (*FIELD, "year"): pl.col("year").is_not_null() & pl.col("bydel").is_null(),
        (*FIELD, "bydel"): pl.col("year").is_null() & pl.col("bydel").is_not_null(),
    }
    joined = [(failed.filter(holds), by) for by, holds in kinds.items()]
    for check in _windows(as_of):
        marked = failed.filter(everywhere & of_latest & (pl.col("check") == check))
        joined.append(
            (marked.with_columns(pl.col("check").alias(f"latest:{check}")), (*FIELD, f"latest:{check}"))
        )
    for place, (rows, by) in enumerate(joined):
        found = found.join(rows.group_by(by).agg(raised), on=by, how="left", suffix=f":{place}")
    several = [[c for c in found.columns if c.split(":")[:2] == ["flag", flag]] for flag in CAPPED_AT]
    return found.with_columns(
        pl.any_horizontal(pl.col(names).fill_null(False)).alias(f"flag:{flag}")
        for flag, names in zip(CAPPED_AT, several, strict=True)
    )
