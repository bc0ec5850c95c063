"""How late values come: a curve for each field, in steps that tell nothing about few.

What does not belong here: when a value came, and what is expected in the end (`quality`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.disclosure.tables import BASE, PERCENT_STEP, rounded
from pipeline.pages import charts
from pipeline.pages.effects import effect_of
from pipeline.pages.field_facts import FAILED
from pipeline.pages.memory import Memory
from pipeline.pages.phrase import sentence
from pipeline.pages.views import View
from pipeline.quality.results import FIELD
from schemas.quality.finding import PPM

# A step of the curve, 5 %, is then of at least BASE persons.
FEWEST = BASE * 100 // PERCENT_STEP
LATE = "registration_delay"
MOST_CURVES = 6
_HALF, _MOST = 50, 90
_YEAR = 12


@dataclass(frozen=True)
class DelayFigure:
    """One field's curve: its drawing, and its points as (months, percent, followed).

    `now` says of a field that is late how much there is now and in the end; empty of the others.
    """

    field: str
    table: str
    population: str
    chart: str
    said: str
    now: str
    points: list[tuple[str, str, str]]


def protected_delays(delays: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    """FIELD, months, percent (steps of 5, never none nor all), followed (rounded) of the `Delay` table.

    Months that too few have been followed to are left out: they look like months nobody has been followed to.
    """
    cell = [*FIELD, "months"]
    held = memory.hold("delays", delays.select(*cell, "at_risk", "share"), cell, "at_risk")
    step = PPM * PERCENT_STEP // 100
    held = memory.hold("delay curve", held, cell, "share", base=step)
    percent = (pl.col("share") + step // 2) // step * PERCENT_STEP
    return (
        held.filter(pl.col("at_risk") >= FEWEST)
        .select(
            *cell, percent=percent.clip(PERCENT_STEP, 100 - PERCENT_STEP), followed=rounded(pl.col("at_risk"))
        )
        .sort(cell)
    )


def delay_figures(view: View, delays: pl.DataFrame, results: pl.DataFrame) -> list[DelayFigure]:
    """Every field found late, and the field of each other table that comes latest: curve, words and figures.

    `delays` is as `protected_delays` has it, `results` are the night's `PublishedResult`.
    """
    parts = [p for p in delays.partition_by(FIELD, maintain_order=True) if p.height > 1]
    parts.sort(key=lambda p: (-_months_to(p, _MOST), -_months_to(p, _HALF), *p.row(0)[:3]))
    found = results.filter((pl.col("status") == FAILED) & (pl.col("check") == LATE)).to_dicts()
    late = {tuple(row[name] for name in FIELD): row for row in found}
    flagged = [p for p in parts if p.row(0)[:3] in late]
    told = {(p["table"][0], p["population"][0]) for p in flagged}
    latest: dict[tuple[str, str], pl.DataFrame] = {}
    for part in parts:
        latest.setdefault((part["table"][0], part["population"][0]), part)
    chosen = [*flagged, *(part for table, part in latest.items() if table not in told)][:MOST_CURVES]
    until = _until(chosen)
    return [_figure(view, part, place, until, late.get(part.row(0)[:3])) for place, part in enumerate(chosen)]


def _months_to(part: pl.DataFrame, percent: int) -> int:
    """The first month with so many registered; one more than the last where there is none."""
    reached = part.filter(pl.col("percent") >= percent)["months"]
    return int(reached[0]) if reached.len() else int(part["months"][-1]) + 1


def _until(parts: Sequence[pl.DataFrame]) -> int:
    """The month to draw all curves to: the first whole year in which every one has reached its top."""
    tops = [int(part.filter(pl.col("percent") == pl.col("percent").max())["months"][0]) for part in parts]
    return -(-max(tops, default=0) // _YEAR) * _YEAR or _YEAR


def _figure(
    view: View, part: pl.DataFrame, place: int, until: int, found: dict[str, Any] | None
) -> DelayFigure:
    table, name, population = part.row(0)[:3]
    last = int(part["months"][-1])
    half, most = _months_to(part, _HALF), _months_to(part, _MOST)
    said = view.say("delay_said", half=_within(view, half, last), most=_within(view, most, last))
    title = view.say("said_of", field=view.full_field(table, name), said=said)
    drawn = part.filter(pl.col("months") <= until)
    points = [(int(m), int(p)) for m, p in drawn.select("months", "percent").rows()]
    return DelayFigure(
        field=view.full_field(table, name),
        table=view.table(table),
        population=view.population(population),
        chart=charts.steps(points, title=title, name=f"delay-{place}", axis=view.say("delay_axis")),
        said=f"{said[:1].upper()}{said[1:]}",
        now=sentence(effect_of(found, view.language)) if found else "",
        points=[
            (str(m), _percent(p), view.number(n))
            for m, p, n in part.select("months", "percent", "followed").rows()
        ],
    )


def _within(view: View, months: int, last: int) -> str:
    """How soon, in words; later than the last month that is shown where the curve does not reach it."""
    if months > last:
        return view.say("delay_later", months=last)
    key = {0: "delay_at_once", 1: "delay_month"}.get(months, "delay_months")
    return view.say(key, months=months)


def _percent(value: int) -> str:
    if value <= PERCENT_STEP:
        return f"≤ {value} %"
    return f"≥ {value} %" if value >= 100 - PERCENT_STEP else f"{value} %"
