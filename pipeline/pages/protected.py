"""From exact figures to figures that may be seen: the only file of the pages that an exact count enters.

Denominators are suppressed and rounded as one list for each field, population and dimension; fill is a band
of that same denominator. Every count is held first (`memory.py`), so that two nights cannot be subtracted.
Everything a page or the CSV file says is made from what this file returns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from pipeline.core import Unlinked, reasons_possible
from pipeline.disclosure.tables import (
    HELD_THRESHOLD,
    PERCENT_STEP,
    Marker,
    bands,
    protect,
    protect_list,
)
from pipeline.linkage.measures import NOT_RESIDENT
from pipeline.linkage.outcomes import WINDOWS, Among, Reading
from pipeline.pages.memory import Memory
from pipeline.pages.protected_settled import settled_cells
from pipeline.quality.flags import Findings, applicable, findings, is_latest
from pipeline.quality.grades import empty_answers
from pipeline.quality.outcomes import CENSORED
from pipeline.quality.profile import QualityProfile
from pipeline.quality.results import FIELD
from pipeline.quality.ripeness import UNRIPE
from schemas import BY_NAME, codes
from schemas.variable import Severity, ValueState

# Where the year is not known, the unit still counts in the total.
NO_YEAR = 0
# What may become of a register's row, in the order they are shown.
LINKED = "linked"
STATUSES = (LINKED, *(reason.value for reason in Unlinked))
PERMILLE_IN_PERCENT = 10
# The counts of a list of fill: how many could have a value, and have.
_WHOLE, _FILLED = "applicable", ValueState.VALUE.value


class By(StrEnum):
    """What the cells of one list are divided by; its total is the row without a key."""

    YEAR = "year"  # all years
    BYDEL = "bydel"  # the latest years only


@dataclass(frozen=True)
class Protected:
    """Nothing here is exact.

    `cells`: FIELD, by, key (null in the total), n, n_marker, band, marker. `sparse`, `uneven`,
    `advisers`: as `quality.flags` gives them, without counts and exact shares. `received`,
    `quarantined`: table (null in the total), shown, marker. `rules`: table, rule, column, severity,
    shown; only those that are. `linkage`: table, status, shown, marker. `outcomes`: exit_year (null
    over all), outcome, numerator, denominator. `censoring`: outcome, reason, shown, marker. `promised`:
    FIELD, period, n, band, reason - what each promise was judged by, of a night with checks (`checks`).
    """

    cells: pl.DataFrame
    sparse: pl.DataFrame
    uneven: pl.DataFrame
    advisers: pl.DataFrame
    received: pl.DataFrame
    quarantined: pl.DataFrame
    rules: pl.DataFrame
    linkage: pl.DataFrame
    outcomes: pl.DataFrame
    censoring: pl.DataFrame
    promised: pl.DataFrame = field(default_factory=pl.DataFrame)


def protected(
    measured: QualityProfile,
    flow: pl.DataFrame,
    rules: pl.DataFrame,
    linkage: pl.DataFrame,
    outcomes: pl.DataFrame,
    memory: Memory | None = None,
) -> Protected:
    """Everything the report may show; without a `memory` every count is plainly rounded."""
    memory = memory or Memory()
    quarantined = table_list(flow, "quarantined", memory)
    return Protected(
        cells=fill_cells(measured, memory),
        # Which years are still filling up the checks know: where there are any, theirs are what is shown.
        **_judged(findings(measured, pl.DataFrame(schema=UNRIPE)), memory),
        received=table_list(flow, "landed", memory),
        quarantined=quarantined,
        rules=rule_list(rules, quarantined, memory),
        linkage=_each_list(_every_status(linkage), "linkage", "table", ["status"], memory),
        outcomes=outcome_shares(outcomes, memory),
        censoring=_censoring(outcomes, memory),
    )


def fill_cells(measured: QualityProfile, memory: Memory | None = None) -> pl.DataFrame:
    """The fill of every field by year (all years) and by bydel (the latest), with totals, in bands."""
    return fill_and_settled(measured, pl.DataFrame(schema=UNRIPE), memory)[0]


def fill_and_settled(
    measured: QualityProfile, unripe: pl.DataFrame, memory: Memory | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`fill_cells`, and of the same counts `settled_cells` without the years in `unripe` (`UNRIPE`)."""
    memory = memory or Memory()
    years = _small_years_joined(measured.fill.with_columns(pl.col("year").fill_null(NO_YEAR)), memory)
    bydeler = measured.fill.filter(is_latest(measured.as_of)).with_columns(key=pl.col("bydel"))
    by_year = _held(years, By.YEAR, memory)
    cells = _cells(by_year, By.YEAR)
    settled = settled_cells(by_year, cells, unripe, measured.as_of, whole=_WHOLE, filled=_FILLED)
    return pl.concat([cells, _cells(_held(bydeler, By.BYDEL, memory), By.BYDEL)]), settled


def _small_years_joined(fill: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    """`fill` with `key`: the year, or for a year with too few to show the nearest earlier one with enough.

    Hidden alone, such a year (the night's own has just begun) would take a whole other year with it.
    """
    units = ["table", "population"]
    size = (
        fill.group_by(*FIELD, "year").agg(pl.col("n").sum()).group_by(*units, "year").agg(pl.col("n").max())
    )
    size = memory.hold("size", size, [*units, "year"], "n")
    enough = pl.when(pl.col("n") >= HELD_THRESHOLD).then("year")
    nearest = pl.coalesce(enough.forward_fill().over(units), enough.backward_fill().over(units), "year")
    joined = size.sort(*units, "year").select(*units, "year", key=nearest.cast(pl.String))
    return fill.join(joined, on=[*units, "year"])


def _held(fill: pl.DataFrame, by: By, memory: Memory) -> pl.DataFrame:
    """FIELD, key, and how many could have a value (`applicable`) and have: the counts a list is made of.

    Where an empty value always is an answer, the first is how many are filled.
    """
    asked = pl.when(empty_answers()).then(_FILLED).otherwise(applicable())
    inner = fill.group_by(*FIELD, "key").agg(asked.sum().alias(_WHOLE), pl.col(_FILLED).sum())
    if by is By.BYDEL:
        inner = _every_bydel(inner)
    held = memory.hold(f"fill by {by.value}", inner, [*FIELD, "key"], _WHOLE, _FILLED).with_columns(
        # Each is held on its own, so that what is filled may for a while exceed its denominator.
        pl.min_horizontal(_FILLED, _WHOLE).alias(_FILLED)
    )
    # The memory may have fields that are no longer measured.
    return held.drop_nulls("key").join(inner, on=FIELD, how="semi")


def _cells(held: pl.DataFrame, by: By) -> pl.DataFrame:
    """One list for every field: each key and the total, with its denominator and its band.

    The band is the share of those who could have a value. A total is the sum of what is held. Where an empty
    value always is an answer there is no band.
    """
    total = held.group_by(FIELD).agg(pl.col(_WHOLE, _FILLED).sum()).with_columns(key=pl.lit(None, pl.String))
    told = pl.concat([held, total.select(held.columns)]).join(
        _denominators(held, _WHOLE), on=[*FIELD, "key"], nulls_equal=True
    )
    is_share = told.with_columns(
        n_marker="marker",
        marker=pl.when(empty_answers()).then(pl.lit(Marker.SUPPRESSED.value)).otherwise("marker"),
    )
    return (
        bands(is_share, _FILLED, _WHOLE, least=HELD_THRESHOLD)
        .select(*FIELD, pl.lit(by.value).alias("by"), "key", "n", "n_marker", "band", "marker")
        .sort(*FIELD, "by", "key", nulls_last=True)
    )


def _denominators(held: pl.DataFrame, whole: str) -> pl.DataFrame:
    """FIELD, key, n, marker: how many each field is asked of, every field's keys and total protected as one.

    Fields of a table that are asked of the same have the same counts, and so the same figures.
    """
    lists = [
        protect_list(part, "key", whole, least=HELD_THRESHOLD).select(
            *(pl.lit(part[name][0]).alias(name) for name in FIELD),
            "key",
            pl.col("marker").cast(pl.String),
            n="shown",
        )
        for part in held.partition_by(FIELD, maintain_order=False)
    ]
    schema = {**dict.fromkeys((*FIELD, "key", "marker"), pl.String()), "n": pl.Int64()}
    return pl.concat([pl.DataFrame(schema=schema), *lists], how="diagonal")


def _every_bydel(inner: pl.DataFrame) -> pl.DataFrame:
    """`inner` (FIELD, key, counts) with every bydel of each field: a count of 0 where there is nobody.

    A bydel without anybody is then as silent as one with a few, and looks the same.
    """
    every = pl.DataFrame({"key": codes.BYDEL.values()}, schema={"key": pl.String})
    grid = inner.select(FIELD).unique().join(every, how="cross")
    named = pl.concat([grid, inner.select(grid.columns)]).unique()
    return named.join(inner, on=grid.columns, how="left").select(
        *grid.columns, pl.col(inner.drop(grid.columns).columns).fill_null(0)
    )


def _judged(found: Findings, memory: Memory) -> dict[str, pl.DataFrame]:
    """The findings in their order, without a count or a share; a spread in steps of 5 percentage points."""
    step = PERCENT_STEP * PERMILLE_IN_PERCENT
    quarters = ("lower", "median", "upper")
    percent = [((pl.col(name) + step // 2) // step * PERCENT_STEP).alias(name) for name in quarters]
    advisers = memory.hold("advisers", found.advisers, ["table", "column"], *quarters, base=step)
    return {
        "sparse": found.sparse.select(*FIELD, "period", "promise", "demand", "severity"),
        "uneven": found.uneven.select(*FIELD),
        "advisers": advisers.select("table", "column", *percent),
    }


def table_list(flow: pl.DataFrame, count: str, memory: Memory) -> pl.DataFrame:
    """One count of each table (`flow`: table, and the counts), and their total: table, shown, marker."""
    held = memory.hold("flow", flow.select("table", count), ["table"], count)
    return protect_list(held, "table", count, least=HELD_THRESHOLD).select("table", "shown", "marker")


def rule_list(rules: pl.DataFrame, quarantined: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    """The `rules` (table, rule, column, severity, rows) that may be shown, with `shown` for rows.

    `quarantined` is `table_list` of that count. One that few rows broke is as silent as one that none broke.

    The rows a rule held back are among its table's quarantined: where those are hidden, so is the rule.
    """
    told = _each_list(rules, "rules", "table", ["rule", "column", "severity"], memory).drop_nulls("shown")
    open_tables = quarantined.drop_nulls("shown")["table"].drop_nulls()
    only_counted = pl.col("severity") == Severity.CHARACTERISATION.value
    return told.filter(only_counted | pl.col("table").is_in(open_tables.implode()))


def _every_status(linkage: pl.DataFrame) -> pl.DataFrame:
    """`linkage` with every status a register's rows can have, so that none and few look alike.

    One that they cannot have is not there: everybody knows that it is 0, so it protects no other figure,
    and as a hidden one it would take another with it.
    """
    possible = [
        (name, status)
        for name in linkage["table"].unique().sort()
        for status in (LINKED, *reasons_possible(BY_NAME[name]))
    ]
    schema = {"table": pl.String(), "status": pl.String()}
    grid = pl.DataFrame(possible, schema=schema, orient="row")
    counted = linkage.group_by("table", "status").agg(pl.col("rows").sum())
    return grid.join(counted, on=["table", "status"], how="left").with_columns(pl.col("rows").fill_null(0))


def _each_list(
    counts: pl.DataFrame, list_name: str, key: str, names: list[str], memory: Memory
) -> pl.DataFrame:
    """`counts` (`key`, `names`, rows), each `key`'s rows protected as a list of its own, totals dropped.

    The totals can be worked out: rows received less quarantined is what a register's statuses add up to,
    and the exit cohort (the denominators at exit) what an outcome's reasons do. So a complement is hidden.
    """
    ordered = counts.group_by(key, *names).agg(pl.col("rows").sum()).sort(key, *names, nulls_last=True)
    held = memory.hold(list_name, ordered, [key, *names], "rows")
    numbered = held.with_row_index("place")
    lists = [
        protect_list(part, "place", "rows", least=HELD_THRESHOLD)
        for part in numbered.partition_by(key, maintain_order=True)
    ] or [protect_list(numbered, "place", "rows")]
    entries = pl.concat(lists).drop_nulls("place").select("place", "shown", "marker")
    return numbered.join(entries, on="place", how="inner").select(key, *names, "shown", "marker")


def outcome_shares(outcomes: pl.DataFrame, memory: Memory | None = None) -> pl.DataFrame:
    """Numerator and denominator of each outcome by exit year, rounded, null where suppressed.

    Those with the outcome and those without are protected together, so neither tells the other.
    """
    # A year nobody is due in has no cell at all: on the page it looks as silent as a suppressed one.
    sides = (
        outcomes.filter(pl.col("denominator") > 0)
        .select("outcome", "exit_year", yes="numerator", no=pl.col("denominator") - pl.col("numerator"))
        .unpivot(index=["outcome", "exit_year"], variable_name="side", value_name="count")
        .sort("outcome", "exit_year", "side")
    )
    held = (memory or Memory()).hold("outcomes", sides, ["outcome", "exit_year", "side"], "count")
    parts = held.partition_by("outcome", maintain_order=True) or [held]
    return pl.concat(_share(part) for part in parts)


def _share(cells: pl.DataFrame) -> pl.DataFrame:
    outcome = cells["outcome"].first()
    table = protect(cells, "exit_year", "side", "count", least=HELD_THRESHOLD)
    numerator = table.filter(pl.col("side") == "yes").select("exit_year", numerator="shown")
    denominator = table.filter(pl.col("side").is_null()).select("exit_year", denominator="shown")
    return (
        denominator.join(numerator, on="exit_year", nulls_equal=True)
        .select("exit_year", pl.lit(outcome, pl.String).alias("outcome"), "numerator", "denominator")
        .sort("exit_year", nulls_last=True)
    )


def _censoring(outcomes: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    """Over all exit years: how many are in the denominator and how many are left out, by reason.

    Nobody is left out of an outcome at exit, by its definition: it has no list. Nor is anybody for being
    dead or abroad of an outcome among all, and so that reason is not in its list.
    """
    later = [window.id for window in WINDOWS if window.reading is not Reading.REASON]
    among_all = [window.id for window in WINDOWS if window.among is Among.ALL]
    never = pl.col("outcome").is_in(among_all) & pl.col("reason").is_in(NOT_RESIDENT)
    counts = (
        outcomes.filter(pl.col("outcome").is_in(later))
        .group_by("outcome")
        .agg(pl.col("denominator", *CENSORED).sum())
        .unpivot(index="outcome", variable_name="reason", value_name="rows")
        .filter(~never)
    )
    return _each_list(counts, "censoring", "outcome", ["reason"], memory)
