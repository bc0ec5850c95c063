"""The rows on their way in: received, passed, held back by rule, and linked or not.

What does not belong here: what may be shown of them (`protected.py`).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.pages import charts
from pipeline.pages.protected import LINKED, STATUSES
from pipeline.pages.rules import rule_in_words
from pipeline.pages.views import CANNOT_BE, View
from schemas import BY_NAME

MOST_IN_FLOW = 6


def total(listed: pl.DataFrame) -> int | None:
    """The total of a protected list, rounded; None where it is hidden."""
    found = listed.filter(pl.col("table").is_null())["shown"]
    return int(found[0]) if found.len() and found[0] is not None else None


def flow_figures(view: View) -> dict[str, Any]:
    order = view.shown.rules.sort("shown", "table", "rule", descending=[True, False, False], nulls_last=True)
    most = max(order["shown"].to_list(), default=1)
    rules = [
        {
            "table": view.table(r["table"]),
            "rule": rule_in_words(view, r["table"], r["rule"], r["column"]),
            "severity": view.say(f"severity_{r['severity']}"),
            "rows": view.number(r["shown"]),
            "percent": max(1, 100 * r["shown"] // most),
        }
        for r in order.to_dicts()
    ]
    received, held = (
        dict(zip(listed["table"], listed["shown"], strict=True))
        for listed in (view.shown.received, view.shown.quarantined)
    )
    tables = [
        (view.table(name), view.number(received[name]), view.number(held[name]))
        for name in BY_NAME
        if name in received
    ]
    return {"rules": rules, "tables": tables, "chart": _flow_chart(view, held)}


def _flow_chart(view: View, held: dict[str | None, int | None]) -> str:
    """Received, passed and quarantined, drawn; nothing where a total is hidden."""
    received, quarantined = (total(frame) for frame in (view.shown.received, view.shown.quarantined))
    if not received or not quarantined:
        return ""
    tables = [(rows, view.table(name)) for name, rows in held.items() if name is not None and rows]
    largest = sorted(tables, key=lambda part: (-part[0], part[1]))[:MOST_IN_FLOW]
    parts = [(name, rows) for rows, name in largest]
    others = quarantined - sum(rows for _, rows in parts)
    if others > 0:
        parts.append((view.say("flow_others"), others))
    told = [(view.say("flow_part", table=name, rows=view.number(rows)), rows) for name, rows in parts]
    figures = {
        "received": view.number(received),
        "passed": view.number(received - quarantined),
        "quarantined": view.number(quarantined),
    }
    passed, kept = (f"{view.say(f'strip_{k}')}: {figures[k]}" for k in ("passed", "quarantined"))
    title = view.say("flow_alt", **figures, parts=", ".join(label for label, _ in told))
    return charts.flow(received, told, words=(passed, kept), title=title, name="flow-chart")


def linkage_figures(view: View) -> dict[str, Any] | None:
    known = set(view.shown.linkage["status"])
    words = {status: view.say(f"status_{status}") for status in STATUSES if status in known}
    rows, table, told = [], [], []
    for part in view.shown.linkage.partition_by("table", maintain_order=True):
        name = view.table(part["table"][0])
        shown: dict[str, int | None] = dict(zip(part["status"], part["shown"], strict=True))
        figures = {s: view.number(shown[s]) if s in shown else CANNOT_BE for s in words}
        rows.append(
            (name, [(f"s-{s}", shown[s] or 0, f"{words[s]}: {figures[s]}") for s in words if s in shown])
        )
        table.append((name, list(figures.values())))
        whole = sum(value or 0 for value in shown.values())
        if whole:
            told.append(view.say("linkage_part", table=name, percent=100 * (shown[LINKED] or 0) // whole))
    if not rows:
        return None
    title = view.say("linkage_alt", parts=", ".join(told))
    return {
        "chart": charts.stacked(rows, title=title, name="linkage"),
        "statuses": [(f"s-{status}", said) for status, said in words.items()],
        "table": table,
    }
