"""Small charts as inline SVG, drawn here because no library draws them: each named and described in words.

What does not belong here: figures that are not protected yet, and the tables that repeat each chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pipeline.pages.views import Cell, Panel

_ROW = 17
_LABEL_WIDTH = 122
_TRACK = 150
_YEAR = 12  # months between two marks of an axis of months
_QUARTER = 3  # and of one that is a year long
_LAST_MARK = 70  # how wide the words of the last one are


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
    """For each label one bar of shares that fill it: (class, rounded count, words) from left to right.

    At its end stands what percent the first share is.
    """
    track, line, told = 460, 44, 46
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
        first = next((value for _, value, _ in parts), 0)
        body.append(f'<text class="tick" x="{track + 6}" y="{y + 33}">{100 * first // whole} %</text>')
    height = line * len(rows) + 4
    return svg("".join(body), width=track + told, height=height, title=title, name=name, wide=True)


def trend(
    spans: Sequence[tuple[int, tuple[int, int, str] | None]], *, breaks: Sequence[int], title: str, name: str
) -> str:
    """For each year the interval (low, high, class) its share lies in, and a mark where the series breaks."""
    left, top, tall, wide = 42, 8, 110, 250
    step = wide / max(len(spans), 1)
    body = [_percent_grid(left, top, tall, wide)]
    for place, (year, span) in enumerate(spans):
        x = left + step * place
        if span is None:
            body.append(f'<rect class="hide" x="{x + 1:g}" y="{top}" width="{step - 2:g}" height="{tall}"/>')
        else:
            low, high, css = span
            y, height = top + tall * (100 - high) / 100, tall * (high - low) / 100
            body.append(
                f'<rect class="bar {css}" x="{x + 1:g}" y="{y:g}" width="{step - 2:g}" height="{height:g}"/>'
            )
        if year in breaks:
            body.append(f'<line class="promise" x1="{x:g}" x2="{x:g}" y1="{top - 4}" y2="{top + tall + 4}"/>')
        if place in (0, len(spans) - 1):
            anchor = "end" if place else "start"
            at = x + step if place else x
            body.append(
                f'<text class="tick" x="{at:g}" y="{top + tall + 14}" text-anchor="{anchor}">{year}</text>'
            )
    return svg(
        "".join(body), width=left + wide + 6, height=top + tall + 20, title=title, name=name, wide=True
    )


def steps(points: Sequence[tuple[int, int]], *, title: str, name: str, axis: str) -> str:
    """A curve that climbs in steps: (months, percent) in order of the months."""
    left, top, tall, wide = 42, 8, 110, 250
    last = max(points[-1][0], 1)
    body = [_percent_grid(left, top, tall, wide)]
    path = ""
    for month, percent in points:
        x, y = left + wide * month / last, top + tall * (100 - percent) / 100
        path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f},{y:.1f}"
    body.append(f'<path class="curve" d="{path}"/>')
    apart = _YEAR if last > _YEAR else _QUARTER
    room = last - last * _LAST_MARK / wide  # what the words of the last mark leave
    between = [m for m in range(apart, last, apart) if points[0][0] < m < room]
    for month in (points[0][0], *between, last):
        x = left + wide * month / last
        anchor = "end" if month == last else "middle" if month in between else "start"
        words = f"{month} {escape(axis)}" if month == last else f"{month}"
        body.append(
            f'<text class="tick" x="{x:g}" y="{top + tall + 14}" text-anchor="{anchor}">{words}</text>'
        )
    return svg(
        "".join(body), width=left + wide + 6, height=top + tall + 20, title=title, name=name, wide=True
    )


def flow(
    total: int, held: Sequence[tuple[str, int]], *, words: tuple[str, str], title: str, name: str
) -> str:
    """What became of `total` rows: passed or quarantined, and the quarantined drawn out by table.

    `held` are the tables' shares of the quarantine, largest first; `words` name passed and quarantined.
    """
    wide, tall, gap = 380, 22, 26
    quarantined = sum(rows for _, rows in held)
    cut = wide - max(wide * quarantined / max(total, 1), 3)
    body = [
        f'<text class="name" x="0" y="14">{escape(words[0])}</text>'
        f'<text class="name" x="{wide}" y="14" text-anchor="end">{escape(words[1])}</text>'
        f'<rect class="s-linked" x="0" y="22" width="{cut:.2f}" height="{tall}"/>'
        f'<rect class="held0" x="{cut:.2f}" y="22" width="{wide - cut:.2f}" height="{tall}"/>'
        f'<path class="fan" d="M{cut:.2f},{22 + tall}L0,{22 + tall + gap}H{wide}V{22 + tall}Z"/>'
    ]
    x, top = 0.0, 22 + tall + gap
    for place, (label, rows) in enumerate(held):
        part = wide * rows / max(quarantined, 1)
        body.append(
            f'<rect class="part held{place % 2}" x="{x:.2f}" y="{top}" width="{part:.2f}" height="{tall}"/>'
        )
        y = top + tall + 18 + 17 * place
        # Past the middle the words stand to the left of their line: they always fit.
        late = x > wide / 2
        body.append(
            f'<path class="lead" d="M{x + 4:.2f},{top + tall}V{y - 4}"/>'
            f'<text class="name" x="{x - 1 if late else x + 9:.2f}" y="{y}" '
            f'text-anchor="{"end" if late else "start"}">{escape(label)}</text>'
        )
        x += part
    height = top + tall + 26 + 17 * len(held)
    return svg("".join(body), width=wide, height=height, title=title, name=name, wide=True)


def _percent_grid(left: int, top: int, tall: int, wide: int) -> str:
    lines = []
    for percent in (0, 50, 100):
        y = top + tall * (100 - percent) / 100
        lines.append(f'<line class="grid" x1="{left}" x2="{left + wide}" y1="{y:g}" y2="{y:g}"/>')
        lines.append(
            f'<text class="tick" x="{left - 5}" y="{y + 3.5:g}" text-anchor="end">{percent} %</text>'
        )
    return "".join(lines)
