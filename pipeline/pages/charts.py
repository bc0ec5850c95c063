"""Charts as inline SVG: small ones drawn here, the line chart by Altair; each named and described in words.

What does not belong here: figures that are not protected yet, and the tables that repeat each chart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import count
from typing import Any

import polars as pl

from pipeline.pages.views import Cell, Panel

# Told apart by dashes too, and dark enough to be read on paper.
_LINE_COLOURS = ["#0b5a9c", "#b3470b", "#176b3a", "#7a4a8c", "#8a1f3d", "#5b5200"]
_ROW = 17
_LABEL_WIDTH = 122
_TRACK = 150


def svg(body: str, *, width: int, height: int, title: str, name: str, wide: bool = False) -> str:
    """An image with a title that a screen reader says; it never grows wider than its place.

    A `wide` one fills its place: drawn narrow, so that it can be read on a phone too.
    """
    grows = ' class="wide"' if wide else ""
    return (
        f'<svg{grows} role="img" aria-labelledby="{name}-t" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-t">{escape(title)}</title>{body}</svg>'
    )


def panel(chart: Panel, *, title: str, hidden: str, name: str) -> str:
    """One field: for each bydel the interval its share lies in, and a line at what the field promises."""
    top, bottom = 16, 4
    height = top + _ROW * len(chart.bydeler) + bottom
    promised = _LABEL_WIDTH + _TRACK * chart.promise / 1000
    body = [_axis(top, height - bottom)]
    for place, (bydel, cell) in enumerate(chart.bydeler):
        body.append(_bydel(bydel, cell, top + _ROW * place, hidden))
    body.append(
        f'<line class="promise" x1="{promised:g}" x2="{promised:g}" y1="{top - 3}" y2="{height - bottom}"/>'
    )
    return svg("".join(body), width=_LABEL_WIDTH + _TRACK + 12, height=height, title=title, name=name)


def _axis(top: int, bottom: int) -> str:
    ticks = []
    for percent in (0, 50, 100):
        x = _LABEL_WIDTH + _TRACK * percent / 100
        anchor = {0: "start", 50: "middle", 100: "end"}[percent]
        ticks.append(f'<line class="grid" x1="{x:g}" x2="{x:g}" y1="{top - 3}" y2="{bottom}"/>')
        text = f"{percent} %"
        ticks.append(f'<text class="tick" x="{x:g}" y="{top - 6}" text-anchor="{anchor}">{text}</text>')
    return "".join(ticks)


def _bydel(bydel: str, cell: Cell, y: int, hidden: str) -> str:
    label = f'<text class="name" x="{_LABEL_WIDTH - 6}" y="{y + 12}" text-anchor="end">{escape(bydel)}</text>'
    if cell.band is None:
        note = f'<text class="hid" x="{_LABEL_WIDTH + 4}" y="{y + 12}">{escape(hidden)}</text>'
        return (
            f'{label}<rect class="hide" x="{_LABEL_WIDTH}" y="{y + 3}" width="{_TRACK}" height="11"/>{note}'
        )
    x = _LABEL_WIDTH + _TRACK * cell.band.low / 100
    wide = _TRACK * (cell.band.high - cell.band.low) / 100
    track = f'<rect class="track" x="{_LABEL_WIDTH}" y="{y + 3}" width="{_TRACK}" height="11"/>'
    bar = f'<rect class="bar {cell.band.css}" x="{x:g}" y="{y + 3}" width="{wide:g}" height="11"/>'
    return f"{label}{track}{bar}"


def advisers(rows: Sequence[tuple[str, int, int, int]], *, title: str, name: str) -> str:
    """For each field a bar from the lower to the upper quartile, and a mark at the median (percent)."""
    left, track, line, top = 20, 420, 38, 20
    height = top + line * len(rows) + 4
    body = []
    for percent in range(0, 101, 25):
        x = left + track * percent / 100
        body.append(f'<line class="grid" x1="{x:g}" x2="{x:g}" y1="{top - 4}" y2="{height - 4}"/>')
        body.append(f'<text class="tick" x="{x:g}" y="{top - 8}" text-anchor="middle">{percent} %</text>')
    for place, (label, lower, median, upper) in enumerate(rows):
        y = top + line * place
        start, end, mark = (left + track * value / 100 for value in (lower, upper, median))
        body.append(
            f'<text class="name" x="{left}" y="{y + 13}">{escape(label)}</text>'
            f'<rect class="spread" x="{start:g}" y="{y + 20}" width="{max(end - start, 2):g}" height="11"/>'
            f'<rect class="mark" x="{mark - 1.5:g}" y="{y + 17}" width="3" height="17"/>'
        )
    return svg("".join(body), width=left + track + 20, height=height, title=title, name=name, wide=True)


def stacked(rows: Sequence[tuple[str, Sequence[tuple[str, int, str]]]], *, title: str, name: str) -> str:
    """For each label one bar of shares that fill it: (class, rounded count, words) from left to right."""
    track, line = 460, 44
    body = []
    for place, (label, parts) in enumerate(rows):
        y, x = line * place, 0.0
        whole = sum(value for _, value, _ in parts) or 1
        body.append(f'<text class="name" x="0" y="{y + 14}">{escape(label)}</text>')
        for css, value, words in parts:
            wide = track * value / whole
            body.append(
                f'<rect class="part {css}" x="{x:.2f}" y="{y + 20}" width="{wide:.2f}" height="18">'
                f"<title>{escape(words)}</title></rect>"
            )
            x += wide
    height = line * len(rows) + 4
    return svg("".join(body), width=track, height=height, title=title, name=name, wide=True)


def outcome_lines(
    shares: pl.DataFrame, *, labels: dict[str, str], axes: tuple[str, str], title: str, name: str
) -> str:
    """Share by exit year and outcome; `shares`: exit_year, outcome, percent, few, run (what a line joins)."""
    import altair as alt
    import vl_convert

    drawn = shares.with_columns(pl.col("outcome").replace_strict(labels).alias("label")).sort(
        "outcome", "exit_year"
    )
    rows = drawn.select("exit_year", "label", "percent", "few", "run").to_dicts()
    order = list(labels.values())
    colour = alt.Color(
        "label:N",
        scale=alt.Scale(domain=order, range=_LINE_COLOURS[: len(order)]),
        legend=alt.Legend(
            title=None,
            orient="top",
            direction="vertical",
            symbolType="stroke",
            symbolStrokeWidth=3,
            labelLimit=440,
        ),
    )
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "exit_year:Q",
            title=axes[0],
            axis=alt.Axis(format="d", tickMinStep=1, grid=False),
            scale=alt.Scale(nice=False, padding=12),
        ),
        y=alt.Y("percent:Q", title=axes[1], scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(values=_TENS)),
        color=colour,
        detail="run:N",
    )
    line = base.mark_line(strokeWidth=2.2).encode(
        strokeDash=alt.StrokeDash(
            "label:N", scale=alt.Scale(domain=order, range=_DASHES[: len(order)]), legend=None
        )
    )
    many = base.mark_point(filled=True, size=46, opacity=1).transform_filter("!datum.few")
    few = base.mark_point(filled=False, size=46, opacity=1, fill="white").transform_filter("datum.few")
    chart = (line + many + few).properties(width=440, height=300).configure(**_THEME)
    return _described(vl_convert.vegalite_to_svg(chart.to_dict()), title=title, name=name)


_TENS = list(range(0, 101, 20))
_DASHES = [[1, 0], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2], [1, 2]]
_FONT = "sans-serif"
_THEME: dict[str, Any] = {
    "font": _FONT,
    "background": "transparent",
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": "#333",
        "titleColor": "#333",
        "gridColor": "#e3e3e3",
        "domainColor": "#999",
        "tickColor": "#999",
    },
    "legend": {"labelFontSize": 13, "labelColor": "#222", "columnPadding": 22},
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
