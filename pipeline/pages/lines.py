"""The line chart of outcomes as inline SVG, drawn by Vega-Lite, with a legend that is text beside it.

What does not belong here: figures that are not protected yet, and the table that repeats the chart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import polars as pl

from pipeline.pages.charts import svg

# Told apart by dashes too, and dark enough to be read on paper.
_LINE_COLOURS = ["#0b5a9c", "#b3470b", "#176b3a", "#7a4a8c", "#8a1f3d", "#5b5200"]


def outcome_lines(shares: pl.DataFrame, *, outcomes: Sequence[str], title: str, name: str) -> str:
    """Share by exit year, a line for each of `outcomes`; `swatch` draws what each line looks like.

    `shares`: exit_year, outcome, percent, few, run (what one line joins). Its numbers are all that is written
    on it, so that it is drawn once for all languages.
    """
    drawn = shares.sort("outcome", "exit_year").select("exit_year", "outcome", "percent", "few", "run")
    return _described(_line_chart(tuple(drawn.rows()), tuple(outcomes)), title=title, name=name)


def swatch(place: int) -> str:
    """A short piece of the line of the outcome at that place, for a legend beside the chart."""
    dash = ",".join(map(str, _DASHES[place]))
    return (
        '<svg class="swatch" aria-hidden="true" viewBox="0 0 30 10" width="30" height="10">'
        f'<line x1="1" x2="29" y1="5" y2="5" stroke="{_LINE_COLOURS[place]}" stroke-width="3" '
        f'stroke-dasharray="{dash}"/></svg>'
    )


@lru_cache(maxsize=8)
def _line_chart(rows: tuple[tuple[Any, ...], ...], order: tuple[str, ...]) -> str:
    """The chart as Vega-Lite draws it."""
    # Each process pays for the drawing engine's start: only one that draws.
    import vl_convert

    answer: str = vl_convert.vegalite_to_svg(_drawing(rows, order))
    return answer


def _drawing(rows: tuple[tuple[Any, ...], ...], order: tuple[str, ...]) -> dict[str, Any]:
    """The chart in Vega-Lite's words: years along, percent up, a colour and a dash for each outcome."""
    names = ("exit_year", "outcome", "percent", "few", "run")
    outcome = {"field": "outcome", "type": "nominal", "legend": None}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [dict(zip(names, row, strict=True)) for row in rows]},
        "width": 440,
        "height": 260,
        "config": _THEME,
        "encoding": {
            "x": _YEARS,
            "y": _PERCENT,
            "color": {**outcome, "scale": {"domain": order, "range": _LINE_COLOURS[: len(order)]}},
            "detail": {"field": "run", "type": "nominal"},
        },
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 2.2},
                "encoding": {
                    "strokeDash": {**outcome, "scale": {"domain": order, "range": _DASHES[: len(order)]}}
                },
            },
            {"transform": [{"filter": "!datum.few"}], "mark": {**_POINT, "filled": True}},
            {"transform": [{"filter": "datum.few"}], "mark": {**_POINT, "filled": False, "fill": "white"}},
        ],
    }


_TENS = list(range(0, 101, 20))
_YEARS = {
    "field": "exit_year",
    "type": "quantitative",
    "title": None,
    "axis": {"format": "d", "tickMinStep": 1, "grid": False},
    "scale": {"nice": False, "padding": 12, "zero": False},
}
_PERCENT = {
    "field": "percent",
    "type": "quantitative",
    "title": None,
    "scale": {"domain": [0, 100]},
    "axis": {"values": _TENS, "labelExpr": "datum.value + ' %'"},
}
_POINT = {"type": "point", "size": 46, "opacity": 1}
_DASHES = [[1, 0], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2], [1, 2]]
_THEME: dict[str, Any] = {
    "font": "sans-serif",
    "background": "transparent",
    "axis": {
        "labelFontSize": 12,
        "labelColor": "#333",
        "gridColor": "#e3e3e3",
        "domainColor": "#999",
        "tickColor": "#999",
    },
    "view": {"stroke": None},
}


def _described(drawn: str, *, title: str, name: str) -> str:
    """A library's SVG with a role, a title, ids of its own, and without marks that only it understands."""
    opening = re.match(r"<svg[^>]*>", drawn)
    assert opening is not None
    size = {key: value for key, value in re.findall(r'(viewBox|width|height)="([^"]*)"', opening.group())}
    body = drawn[opening.end() : drawn.rindex("</svg>")]
    body = re.sub(r' (?:aria-[a-z]+|role|class)="[^"]*"', "", body)
    ids = sorted(set(re.findall(r'id="([^"]+)"', body)))
    for place, old in zip(count(1), ids, strict=False):
        body = body.replace(f'id="{old}"', f'id="{name}-{place}"').replace(f"#{old})", f"#{name}-{place})")
    return svg(
        f'<g aria-hidden="true">{body}</g>',
        width=round(float(size["width"])),
        height=round(float(size["height"])),
        title=title,
        name=name,
        wide=True,
    )
