"""The results of a night as anybody may see them: what programs read, and what everything else here shows.

The figures are those of the steward's page (`cells`), which are suppressed and rounded already; a result adds
whether it was a finding, and how large its effect is in coarse steps, and only where that tells nothing about
fewer than `THRESHOLD`. From night to night a result stands as it was *held* until one of its own counts has
moved by `BASE`. What does not belong here: measuring, and the words people read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import tables
from pipeline.disclosure.tables import (
    BASE,
    HELD_THRESHOLD,
    SHARE_BASE,
    SHARE_STEP,
    Marker,
    percent_in_steps,
    rounded,
    steady_in_steps,
)
from pipeline.quality import places
from pipeline.quality.grades import EMPTY_ANSWERS, empty_answers
from pipeline.quality.judged_by import judged_by
from pipeline.quality.results import COULD_NOT_RUN, FAILED, FIELD
from pipeline.quality.rules import BELOW_PROMISE, BREAK, HELD_BACK
from pipeline.quality.stewardship import Unfit
from pipeline.remembered import held_against, nights, remember
from schemas.quality import PublishedField, PublishedResult
from schemas.quality.finding import PPM
from schemas.variable import Table, columns, facts, polars_schema

# An effect is told in steps of 10 %, and of so many values only that a step is at least two THRESHOLDs.
EFFECT_STEP, FEWEST_FOR_EFFECT = SHARE_STEP, 100
# The bounds of grades cut the bands further: told where the narrowest piece, 5 %, is a THRESHOLD.
FEWEST_FOR_GRADE = 100
# The distance to a promise cuts the band of the share itself, into pieces of any width: never told.
TOLD_BY_THE_BAND = "gap"
EXPECTED = "expected_final"  # the kind of effect that is told beside what is there now, of the same events
COUNTED_ALONE = "share"  # the kind of effect whose numerator counts what is wrong
# Rows held back by a rule are parts of their table's quarantine, which the page protects together: theirs are
# the page's counts.
COUNTED_ONE_BY_ONE = ("contradictory", "free_text")
TOGETHER = "all"
HELD = "held_results"
# What is held of a result: the counts it is judged by, and the judgement.
_COUNTS = ("numerator", "denominator")
_KINDS = ("effect_kind", "_effect_kind")  # tonight's and the one that is held
_JUDGED = ("status", "reason", "severity", "effect_kind", "effect")


def hold(results: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """`results` as they are to be told tonight; `before` is the answer of the night before, if there was one.

    A result is told as it was until its numerator or its denominator is `BASE` away from what it then was
    (`SHARE_BASE` of what comes late): otherwise one person who comes or leaves could be seen in a result that
    turns. Each of its counts, and how many are expected in the end, moves by whole steps of its own: as the
    other moves it stands. Where it is judged by other `rules` than it was (`judged_by`; where `before` has
    none, by the same) it is told as it is judged tonight, and its counts stand.

    Not promised: what turns is judged by tonight's true counts. Whoever knows every movement, night after
    night, sees between which two counts a check turned.
    """
    names = [*_COUNTS, *_JUDGED]
    # What an older version of us remembered otherwise is no memory.
    if before is None or not set(names) <= set(before.columns):
        return results
    rules = "rules" if "rules" in before.columns else pl.lit(None, pl.String)
    was = before.select(
        "result_id", *(pl.col(n).alias(f"_{n}") for n in names), _was=pl.lit(True), _rules=rules
    )
    comes_late = pl.any_horizontal((pl.col(n) == EXPECTED).fill_null(False) for n in _KINDS)
    base = pl.when(comes_late).then(SHARE_BASE).otherwise(BASE)
    near = [
        pl.col(n).eq_missing(pl.col(f"_{n}")) | ((pl.col(n) - pl.col(f"_{n}")).abs() < base).fill_null(False)
        for n in _COUNTS
    ]
    alike = (pl.col("_rules") == pl.col("rules")).fill_null(True)
    stands = pl.col("_was").fill_null(False) & pl.all_horizontal(near) & alike
    counts = {n: steady_in_steps(pl.col(f"_{n}"), pl.col(n), base) for n in _COUNTS}
    final = steady_in_steps(_expected("_effect", "_denominator"), _expected("effect", "denominator"), base)
    of = counts["denominator"]
    both = pl.all_horizontal((pl.col(n) == EXPECTED).fill_null(False) for n in _KINDS) & (of > 0)
    effect = pl.when(both).then((final * PPM + of // 2) // of).otherwise("effect")
    tonight = {**{n: pl.col(n) for n in _JUDGED}, **counts, "effect": effect}
    told = [pl.when(stands).then(f"_{n}").otherwise(tonight[n]).alias(n) for n in names]
    joined = results.with_columns(judged_by(results)).join(
        was, on="result_id", how="left", maintain_order="left"
    )
    return joined.with_columns(told).select(results.columns)


def held(folder: Path, as_of: date, results: pl.DataFrame) -> pl.DataFrame:
    """`hold` against the night that `folder` remembers for `as_of`; tonight's is remembered in it.

    A night run again is held against itself (`held_against`): two runs cannot be subtracted either.
    """
    before = held_against(nights(folder), as_of)
    answer = hold(results, tables.read(before) if before is not None else None)
    kept = answer.with_columns(judged_by(answer)).select("result_id", *_COUNTS, *_JUDGED, "rules")
    remember(folder, as_of, kept.sort("result_id"))
    return answer


def published_results(
    decided: pl.DataFrame,
    cells: pl.DataFrame,
    rules: pl.DataFrame | None = None,
    settled: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`PublishedResult`: of `CheckResult` rows with `stewardship.COLUMNS` what may be seen, by result.

    `cells` are the page's protected figures: FIELD, by (year of all, bydel of the latest), key (null in the
    total), n, n_marker, band, marker. A result about a bydel or a year of which `cells` shows nothing is left
    out, and so is one of both at once; one about a whole field whose figures are withheld says so. A break
    that anybody sees in the bands (`places.seen_breaks`) is told, and nothing else of it, where too few have
    a value to tell more. `rules`
    are the page's protected counts of the rows each rule held back: table, column, rule, shown. `settled` are
    those figures without the years that are still filling up, of each FIELD and period that has such years:
    a promise is told with what it was judged by. `change` and `worse` are null: they take other nights
    (`history`, `lifted`).
    """
    placed = pl.col("year").is_not_null() | pl.col("bydel").is_not_null()
    by_bydel = pl.col("period") == "latest"
    # The page has no figure of both at once; `results` refuses a check that is judged so.
    one_place = ~(pl.col("year").is_not_null() & pl.col("bydel").is_not_null())
    at = cells.select(*FIELD, "by", pl.col("key").fill_null(TOGETHER), "n", "n_marker", "band")
    looked_up = (
        _with_rows_held(decided, rules)
        .with_columns(
            by=pl.when(by_bydel).then(pl.lit("bydel")).otherwise(pl.lit("year")),
            key=pl.coalesce(pl.col("year").cast(pl.String), "bydel", pl.lit(TOGETHER)),
        )
        .join(at, on=[*FIELD, "by", "key"], how="left", maintain_order="left")
    )
    looked_up = _with_years(looked_up, cells)
    if settled is not None:
        looked_up = _as_judged(looked_up, settled)
    of_table = pl.col("population").is_null()  # rows or programmes are counted, not values of a field
    of_page = (pl.col("n_marker").cast(pl.String) == Marker.SHOWN).fill_null(False)
    may = one_place & (of_page | (of_table & (~placed | pl.col("year_open"))))
    told = (
        looked_up.with_columns(shown=may & _enough())
        .with_columns(by_band=one_place & of_page & pl.col("seen_break") & ~pl.col("shown"))
        .with_columns(
            pl.col("shown") | pl.col("by_band"), status=_seen(FAILED, "status"), reason=_seen(None, "reason")
        )
        .filter(pl.col("shown") | ~(placed | pl.col("against").is_not_null()))
    )
    return _as_declared(
        told.with_columns(
            marker=_marker("shown"),
            **{name: pl.when("shown").then(name) for name in ("status", "reason", "n", "band")},
            effect_percent=_coarse(),
            now_percent=_now(),
            change=pl.lit(None),
            worse=pl.lit(None),
            affected=pl.when("shown", of_table & ~placed).then(_affected()),
        ),
        PublishedResult,
    ).sort("result_id")


def _with_years(found: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """`found` with `year_open`, whether the page shows the year, and `seen_break`, whether its break too."""
    years = places.years_open(cells).with_columns(year_open=pl.lit(True), by=pl.lit("year"))
    breaks = places.seen_breaks(cells).with_columns(seen_break=pl.lit(True), check=pl.lit(BREAK))
    joined = found.join(years, on=["table", "column", "by", "key"], how="left", maintain_order="left")
    return joined.join(breaks, on=["check", *FIELD, "key"], how="left", maintain_order="left").with_columns(
        pl.col("year_open", "seen_break").fill_null(False)
    )


def _seen(value: str | None, name: str) -> pl.Expr:
    """`value` where a break is told by the bands alone, whatever was judged; else what stands."""
    return pl.when("by_band").then(pl.lit(value, pl.String)).otherwise(name).alias(name)


def _as_judged(found: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """`found` with the figures of `settled` for what was judged by a promise; none where it had to wait."""
    figures = settled.select(*FIELD, "period", _n="n", _n_marker="n_marker", _band="band", _has=pl.lit(True))
    by_promise = (pl.col("check") == BELOW_PROMISE) & pl.col("_has").fill_null(False)
    waited = pl.col("status") == COULD_NOT_RUN
    return (
        found.join(figures, on=[*FIELD, "period"], how="left", maintain_order="left")
        .with_columns(
            # That it waits is told as it is of any year: the field's own figures may be seen.
            n_marker=pl.when(by_promise & ~waited).then("_n_marker").otherwise("n_marker"),
            **{
                name: pl.when(~by_promise).then(name).when(~waited).then(f"_{name}") for name in ("n", "band")
            },
        )
        .select(found.columns)
    )


def _with_rows_held(results: pl.DataFrame, rules: pl.DataFrame | None) -> pl.DataFrame:
    """`results` with `held_rows`: of a rule that holds rows back how many, as `rules` shows it; else null."""
    if rules is None:
        return results.with_columns(held_rows=pl.lit(None, pl.Int64))
    told = rules.select(
        "table", "column", check=pl.lit(HELD_BACK), against="rule", held_rows=pl.col("shown").cast(pl.Int64)
    )
    by = ["check", "table", "column", "against"]
    return results.join(told, on=by, how="left", nulls_equal=True, maintain_order="left")


def _affected() -> pl.Expr:
    """How many a result is about, of those that count so; of a rule the rows, as the page has them."""
    # Of these counts nothing shown tells what they add up to: each stands alone.
    alone = pl.when(pl.col("flag").is_in(COUNTED_ONE_BY_ONE)).then(rounded(pl.col("numerator")))
    return pl.coalesce(alone, "held_rows")


def _enough() -> pl.Expr:
    """Whether what a check found, and why it found nothing, tells nothing about fewer than `THRESHOLD`.

    Both those it counts and the others are enough: «nobody lacks a value» is a count of 0. Of what is wrong
    the others are no matter. Neither is, of a distance to a promise, for its reasons say no count, nor of
    what comes late, for at the ends of its steps none and few look alike. The counts are held ones.
    """
    found = pl.col("numerator") >= HELD_THRESHOLD
    others = pl.col("denominator") - pl.col("numerator") >= HELD_THRESHOLD
    kind = pl.col("effect_kind").fill_null("")
    return (
        pl.when(kind == COUNTED_ALONE)
        .then(found)
        .when(kind.is_in([TOLD_BY_THE_BAND, EXPECTED]))
        .then(True)
        .otherwise(found.fill_null(True) & others.fill_null(True))
        .fill_null(True)
    )


def published_fields(cells: pl.DataFrame, grades: pl.DataFrame, unfit: Sequence[Unfit]) -> pl.DataFrame:
    """`PublishedField`: every cell of the page, with the year's grade over all bydeler where one may be told.

    `grades` has FIELD, year (null over all years), grade, reasons.
    """
    marks = [
        (pl.col("table") == u.table) & (pl.col("column") == u.column)
        & (pl.col("population") == u.population if u.population else pl.lit(True))
        for u in unfit
    ]  # fmt: skip
    of_year = grades.select(*FIELD, "grade", "reasons", by=pl.lit("year"), key=pl.col("year").cast(pl.String))
    large = (pl.col("n") >= FEWEST_FOR_GRADE).fill_null(False) & pl.col("band").is_not_null()
    return _as_declared(
        cells.join(of_year, on=[*FIELD, "by", "key"], how="left", nulls_equal=True).with_columns(
            place=pl.col("key").fill_null(TOGETHER),
            n_marker=pl.col("n_marker").cast(pl.String),
            marker=pl.col("marker").cast(pl.String),
            grade=pl.when(large).then("grade"),
            # That an empty value is an answer is declared: it tells nothing of anybody.
            reasons=pl.when(large).then("reasons").when(empty_answers()).then(pl.lit(EMPTY_ANSWERS)),
            unfit=pl.any_horizontal(marks) if marks else pl.lit(False),
        ),
        PublishedField,
    ).sort(*FIELD, "by", "place")


def files(as_of: date, results: pl.DataFrame, fields: pl.DataFrame) -> dict[str, bytes]:
    """The night's results for programs, by file name: two Parquet files and one JSON with their schema."""
    told = {PublishedResult: results, PublishedField: fields}
    names = {PublishedResult: "results", PublishedField: "fields"}
    content = {
        "as_of": as_of.isoformat(),
        "suppressed_below": HELD_THRESHOLD,
        "rounded_to": BASE,
        "schema": {names[table]: documented(table) for table in told},
        **{names[table]: json.loads(frame.write_json()) for table, frame in told.items()},
    }
    made = {"quality.json": (json.dumps(content, ensure_ascii=False, indent=0) + "\n").encode()}
    return made | {f"quality.{names[table]}.parquet": parquet(frame) for table, frame in told.items()}


def parquet(frame: pl.DataFrame) -> bytes:
    """The frame as a Parquet file: the same bytes of the same rows."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def documented(table: type[Table]) -> dict[str, Any]:
    """What a program, or who writes one, needs to know of the table: read from its declaration."""
    about = facts(table)
    return {
        "nb": about.nb,
        "en": about.en,
        "primary_key": list(about.primary_key),
        "columns": [_documented(c.name, str(c.dtype), c.nullable, c.about) for c in columns(table)],
    }


def _documented(name: str, kind: str, nullable: bool, about: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "type": kind, "nullable": nullable, "nb": about.nb, "en": about.en}
    if about.unit:
        told["unit"] = about.unit
    if about.codes:
        told["codes"] = {
            code: {"nb": about.codes.labels("nb")[code], "en": about.codes.labels("en")[code]}
            for code in about.codes.values()
        }
    return told


def _marker(shown: str) -> pl.Expr:
    return pl.when(shown).then(pl.lit(Marker.SHOWN.value)).otherwise(pl.lit(Marker.SUPPRESSED.value))


def _coarse() -> pl.Expr:
    """The effect in steps of ten, of enough values only; an even five goes up."""
    step = PPM * EFFECT_STEP // 100
    enough = pl.col("shown") & ~pl.col("by_band") & (pl.col("n") >= FEWEST_FOR_EFFECT).fill_null(False)
    enough = enough & (pl.col("effect_kind") != TOLD_BY_THE_BAND).fill_null(True)
    # What is expected in the end is a share of the events it was worked out for, not of all values.
    final = percent_in_steps(_expected("effect", "denominator"), pl.col("denominator"))
    percent = (pl.col("effect") + step // 2) // step * EFFECT_STEP
    return pl.when(enough).then(pl.when(pl.col("effect_kind") == EXPECTED).then(final).otherwise(percent))


def _expected(share: str, whole: str) -> pl.Expr:
    """How many of the `whole` the `share` (ppm) of them is."""
    return (pl.col(share) * pl.col(whole) + PPM // 2) // PPM


def _now() -> pl.Expr:
    """How much of what comes late is there now: never more than is expected in the end, as both are told."""
    now = percent_in_steps(pl.col("numerator"), pl.col("denominator"))
    told = _coarse().is_not_null() & (pl.col("effect_kind") == EXPECTED).fill_null(False)
    return pl.when(told).then(pl.min_horizontal(now, _coarse()))


def _as_declared(frame: pl.DataFrame, table: type[Table]) -> pl.DataFrame:
    schema: Mapping[str, pl.DataType] = polars_schema(table)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
