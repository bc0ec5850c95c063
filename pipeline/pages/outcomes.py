"""How they fare: a figure for each kind of outcome, its definitions and its table, from protected figures.

What does not belong here: what an outcome is (`linkage.outcomes`), rounding and suppression
(`protected.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from pipeline.linkage.outcomes import WINDOWS, Figure, OutcomeWindow
from pipeline.pages.lines import outcome_lines, swatch
from pipeline.pages.views import CANNOT_BE, View
from pipeline.quality.outcomes import CENSORED
from pipeline.quality.thresholds import FEWEST_TO_JUDGE
from schemas import codes
from schemas.registers.employment import FIRST_A_MELDING_YEAR


def outcome_figures(view: View) -> dict[str, Any] | None:
    """Every figure of outcomes, and who is in no denominator; None where no outcome is due yet."""
    shares = drawn_shares(view.shown.outcomes, view.as_of)
    if not shares.height:
        return None
    found = set(shares["outcome"])
    labels = {o: codes.OUTCOME.labels(view.language)[o] for o in codes.OUTCOME.values() if o in found}
    figures = [
        _outcome_figure(view, figure, shares, {w.id: labels[w.id] for w in windows})
        for figure in Figure
        if (windows := [w for w in WINDOWS if w.figure is figure and w.id in labels])
    ]
    return {
        "figures": figures,
        "reasons": [view.say(reason) for reason in ("denominator", *CENSORED)],
        "censoring": _censoring_table(view, labels),
    }


def _outcome_figure(
    view: View, figure: Figure, all_shares: pl.DataFrame, labels: dict[str, str]
) -> dict[str, Any]:
    """One figure: outcomes of one source and purpose, what they mean, and the table that repeats it."""
    shares = all_shares.filter(pl.col("outcome").is_in(list(labels)))
    last = shares.group_by("outcome", maintain_order=True).last()
    told = [
        view.say("outcomes_part", outcome=labels[r["outcome"]], percent=r["percent"], year=r["exit_year"])
        for r in last.to_dicts()
    ]
    years = shares["exit_year"]
    title = view.say("outcomes_alt", first=years.min(), last=years.max(), parts="; ".join(told))
    return {
        "heading": view.say(f"figure_{figure}"),
        "chart": outcome_lines(shares, outcomes=list(labels), title=title, name=f"outcomes-{figure}"),
        "legend": [(swatch(place), label) for place, label in enumerate(labels.values())],
        "labels": list(labels.values()),
        "explained": [(labels[w.id], _definition(view, w)) for w in WINDOWS if w.id in labels],
        "table": _outcome_table(view, list(labels)),
    }


def drawn_shares(outcomes: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What the line chart draws: percent of rounded counts, with `few` and `run` (what one line joins)."""
    return (
        outcomes.drop_nulls(["exit_year", "numerator", "denominator"])
        .filter(pl.col("denominator") > 0)
        .with_columns(
            percent=(pl.col("numerator") * 100 / pl.col("denominator")).round().clip(0, 100).cast(pl.Int64),
            few=pl.col("denominator") < FEWEST_TO_JUDGE.value,
        )
        # Tonight's year is not over: whoever has left so far is no cohort yet.
        .filter(pl.col("exit_year") < as_of.year)
        .sort("outcome", "exit_year")
        .with_columns(run=_run())
    )


def _run() -> pl.Expr:
    """What one line joins: years that follow one another, none hidden, on one side of the break."""
    without_gap = pl.col("exit_year") - pl.int_range(pl.len()).over("outcome")
    breaks = {w.id: w.first_exit_year_after_break for w in WINDOWS}
    first = pl.col("outcome").replace_strict(breaks, default=None, return_dtype=pl.Int64)
    after = (pl.col("exit_year") >= first).fill_null(False)
    return pl.format("{} {} {}", "outcome", without_gap, after.cast(pl.Int8))


def _definition(view: View, window: OutcomeWindow) -> str:
    """What an outcome means, and where its series breaks."""
    words: str = getattr(window, view.language)
    first = window.first_exit_year_after_break
    if first is None:
        return words
    said = view.say("break", year=FIRST_A_MELDING_YEAR, first=first)
    return f"{words} {said}"


def _outcome_table(view: View, outcomes: list[str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For each exit year and outcome: share, numerator, denominator."""
    cells = {(r["exit_year"], r["outcome"]): r for r in view.shown.outcomes.to_dicts()}
    years = sorted({year for year, _ in cells if year is not None})
    return [
        (
            view.say("so_far", year=year) if year >= view.as_of.year else str(year),
            [_outcome_cell(view, cells.get((year, outcome))) for outcome in outcomes],
        )
        for year in years
    ]


def _outcome_cell(view: View, cell: dict[str, Any] | None) -> tuple[str, str, str]:
    if cell is None:
        return ("–", "", "")
    numerator, denominator = cell["numerator"], cell["denominator"]
    share = "–" if not numerator or not denominator else f"{min(100, round(100 * numerator / denominator))} %"
    return (share, view.number(numerator), view.number(denominator))


def _censoring_table(view: View, labels: dict[str, str]) -> list[tuple[str, list[str]]]:
    cells = {(r["outcome"], r["reason"]): r["shown"] for r in view.shown.censoring.to_dicts()}
    return [
        (
            label,
            [
                view.number(cells[outcome, reason]) if (outcome, reason) in cells else CANNOT_BE
                for reason in ("denominator", *CENSORED)
            ],
        )
        for outcome, label in labels.items()
        if (outcome, "denominator") in cells
    ]
