"""Fields that changed over the years: for each the interval its share lies in, year by year.

Drawn from the same protected bands as the heat map. What does not belong here: what counts as a break or a
fall (`quality.over_time`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.pages import charts
from pipeline.pages.field_facts import FAILED
from pipeline.pages.protected import By
from pipeline.pages.views import Cell, View, inside, years
from schemas import BY_NAME
from schemas.variable import column

CHANGED = ("shifted", "decaying")
MOST_TRENDS = 8


@dataclass(frozen=True)
class Trend:
    """One field of one population through the years."""

    field: str
    table: str
    population: str
    chart: str
    said: str


def trend_figures(view: View, results: pl.DataFrame) -> list[Trend]:
    """The field of each table with the largest break or fall, the largest first."""
    changed = results.filter((pl.col("status") == FAILED) & pl.col("flag").is_in(CHANGED))
    fields = (
        changed.group_by("table", "column", "population")
        .agg(largest=pl.col("effect_percent").abs().max().fill_null(0), broken=pl.col("year").sort())
        .sort("largest", "table", "column", "population", descending=[True, False, False, False])
        .unique(["table", "population"], keep="first", maintain_order=True)
        .head(MOST_TRENDS)
    )
    drawn = [_trend(view, place, *row) for place, row in enumerate(fields.drop("largest").rows())]
    return [trend for trend in drawn if trend is not None]


def _trend(
    view: View, place: int, table: str, name: str, population: str, broken: list[int | None]
) -> Trend | None:
    of = column(BY_NAME[table], name)
    cells = [(year, view.cell(of, population, By.YEAR, str(year))) for year in years(view)]
    known = [(year, cell.band) for year, cell in cells if cell.band is not None]
    if len(known) < 2:
        return None
    (first, at_first), (last, at_last) = known[0], known[-1]
    breaks = [year for year in broken if year is not None and first < year <= last]
    said = view.say(
        "trend_said",
        first=first,
        at_first=inside(at_first.label(view.language)),
        last=last,
        at_last=inside(at_last.label(view.language)),
    )
    if breaks:
        said += " " + view.say("trend_breaks", years=", ".join(map(str, breaks)))
    title = view.say("said_of", field=view.full_field(table, name), said=said)
    return Trend(
        field=view.full_field(table, name),
        table=view.table(table),
        population=view.population(population),
        chart=charts.trend(_spans(cells), breaks=breaks, title=title, name=f"trend-{place}"),
        said=f"{said[:1].upper()}{said[1:]}",
    )


def _spans(cells: list[tuple[int, Cell]]) -> list[tuple[int, tuple[int, int, str] | None]]:
    """Each year's lowest and highest percent and colour; None where it is hidden."""
    return [
        (year, (cell.band.low, cell.band.high, cell.band.css) if cell.band else None) for year, cell in cells
    ]
