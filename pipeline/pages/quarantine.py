"""What in the quarantine needs somebody today: the rules that hold back the largest share of a table.

Every figure is a protected one, and every share is of two protected figures. What does not belong here:
which rows a rule holds back (`validate`), and what may be shown (`protected`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from pipeline.pages.findings import told_there
from pipeline.pages.rules import rule_in_words
from pipeline.pages.text import TEXT
from pipeline.pages.views import View
from pipeline.quality.judgement import findings, to_decide
from pipeline.quality.rules import HELD_BACK
from pipeline.quality.thresholds import QUARANTINE_SHARE
from schemas import BY_NAME, CASE_SYSTEM
from schemas.variable import Severity, facts

MOST_LINES = 4


@dataclass(frozen=True)
class HeldBack:
    """One line: what a rule holds back, and the next step; `only_known` says that it needs no decision."""

    what: str
    next_step: str
    only_known: str = ""


def needs_someone(
    view: View,
    texts: frozenset[tuple[str, str]] = frozenset(),
    known: frozenset[tuple[str, str | None, str]] = frozenset(),
) -> list[HeldBack]:
    """The rules that hold back the most, by their share of the table, each field of a table once.

    Of a field in `texts` a finding tells the same, and the next step (`findings.text_for_code`). `known` are
    the rules whose finding needs no decision (`only_known`).
    """
    per_mille = pl.col("shown") * 1000
    broken = (
        view.shown.rules.filter(pl.col("severity") != Severity.CHARACTERISATION.value)
        .join(view.shown.received.select("table", whole="shown").drop_nulls(), on="table")
        .filter(per_mille >= QUARANTINE_SHARE.value * pl.col("whole"))
        # A date before its time breaks two rules about one column: one line is enough.
        .sort(
            pl.col("shown") / pl.col("whole"), "shown", "table", "rule", descending=[True, True, False, False]
        )
        .unique(["table", pl.coalesce("column", "rule")], keep="first", maintain_order=True)
    )
    return [
        replace(_line(view, row, texts), only_known=view.say("held_known"))
        if (row["table"], row["column"], row["rule"]) in known
        else _line(view, row, texts)
        for row in broken.head(MOST_LINES).to_dicts()
    ]


def only_known(results: pl.DataFrame) -> frozenset[tuple[str, str | None, str]]:
    """(table, column, rule) of the rules that hold rows back and need no decision, or have one."""
    held = findings(results).filter(pl.col("check") == HELD_BACK)
    rest = held.join(to_decide(results), on="result_id", how="anti")
    return frozenset(rest.select("table", "column", "against").rows())


def _line(view: View, row: dict[str, Any], texts: frozenset[tuple[str, str]]) -> HeldBack:
    table, column, rule = row["table"], row["column"], row["rule"]
    below_one = 100 * row["shown"] < row["whole"]
    percent = (200 * row["shown"] + row["whole"]) // (2 * row["whole"])  # the nearest, an even half up
    kind = "refers_to" if rule.startswith("refers_to_") else rule
    label = view.say("quoted", words=view.field(table, column)) if column else ""
    said = f"broken_{kind}" if f"broken_{kind}" in TEXT and label else "broken_else"
    what = view.say(said, column=label, rule=rule_in_words(view, table, rule, column))
    counted = view.say(
        "held_rows",
        table=view.table(table),
        rows=view.number(row["shown"]),
        whole=view.number(row["whole"]),
        percent=view.say("under_one") if below_one else view.say("percent", percent=percent),
    )
    of_ours = BY_NAME[table] in CASE_SYSTEM
    next_step = f"next_{kind}" if of_ours and f"next_{kind}" in TEXT else "next_else"
    step = view.say(next_step, source=facts(BY_NAME[table]).source) if of_ours else view.say("next_file")
    told = told_there(view, rule, (table, column), texts)
    return HeldBack(what=f"{counted} {what}.", next_step=told or step)
