"""What the checks found, in sentences: what, where, how much, why it matters, what to do.

Everything here is made of `PublishedResult`: nothing exact, nothing about fewer than the threshold. What does
not belong here: protecting a result (`quality.export`), and what changed between nights (`quality.history`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.pages.effects import how_much, still_to_come
from pipeline.pages.field_facts import FAILED, check_in_words, worse_in_words
from pipeline.pages.phrase import day
from pipeline.pages.rules import rule_in_words
from pipeline.pages.views import View, inside
from pipeline.quality.held_back import CODE_RULE
from pipeline.quality.history import Change
from pipeline.quality.judgement import to_decide
from pipeline.quality.rules import TEXT_FOR_CODE, FlagSeverity
from pipeline.quality.stewardship import UNDECIDED, Stewardship
from pipeline.quality.thresholds import LATEST_YEARS
from schemas import BY_NAME, CASE_SYSTEM, codes
from schemas.variable import columns

MOST_SENTENCES = 6
# Of what has a list of its own on the page, no sentence is made.
TOLD_ELSEWHERE = ("sparse", "invalid")
# What may tell whom it is about is read before anything else.
REVEALS = ("free_text",)
# Flags whose next step is a worklist; a delivery has none.
_LISTED = ("contradictory", "invalid")
_SEVERITIES = tuple(s.value for s in FlagSeverity)


@dataclass(frozen=True)
class Finding:
    """One failed check as a reader sees it.

    `told_there` says that another finding tells the same and the next step; empty of others.
    """

    kind: str
    table: str
    severity: str
    severity_words: str
    flag: str
    check: str
    place: str
    how_much: str
    why: str
    to_do: str
    told_there: str
    standing: str
    open: bool
    asks: bool
    new: bool
    worse: str
    lifted: bool
    affected: int


@dataclass(frozen=True)
class FlagFindings:
    """All findings of one flag; `meanings` are (check, what it counts)."""

    flag: str
    label: str
    why: str
    to_do: str
    meanings: list[tuple[str, str]]
    findings: list[Finding]

    @property
    def asking(self) -> int:
        """How many of them need a decision."""
        return sum(finding.asks for finding in self.findings)


@dataclass(frozen=True)
class Deciding:
    """What one check found in one table, on the first screen; `count` findings."""

    check: str
    places: str
    how_much: str
    count: int


@dataclass(frozen=True)
class DecidingFlag:
    """Lines of the first screen that have one reason and one next step."""

    why: str
    to_do: str
    lines: list[Deciding]


@dataclass(frozen=True)
class ToDecide:
    """The first screen's lines; `left_out` findings have no room there, `elsewhere` have their own lists.

    `by_flag` has (flag, label, findings) of all of them, in the order of the list they are found in: it adds
    up to `total`, and so do the lines, `left_out` and `elsewhere`.
    """

    groups: list[DecidingFlag]
    left_out: int
    elsewhere: int
    by_flag: list[tuple[str, str, int]]

    @property
    def shown(self) -> int:
        """How many of them the lines are about."""
        return sum(line.count for group in self.groups for line in group.lines)

    @property
    def total(self) -> int:
        """How many findings need a decision."""
        return sum(count for _, _, count in self.by_flag)


def findings(view: View, results: pl.DataFrame) -> list[Finding]:
    """Every failed result that may be seen, what must be decided first, then by table and field."""
    order = {table: place for place, table in enumerate(BY_NAME)}
    asking = frozenset(to_decide(results)["result_id"])
    texts = text_for_code(results)
    rows = results.filter(pl.col("status") == FAILED).to_dicts()
    rows.sort(
        key=lambda r: (
            _SEVERITIES.index(r["severity"]),
            -(abs(r["effect_percent"] or 0)),
            order[r["table"]],
            r["column"] or "",
            r["result_id"],
        )
    )
    return [_finding(view, row, asking, texts) for row in rows]


def text_for_code(results: pl.DataFrame) -> frozenset[tuple[str, str]]:
    """The (table, column) of coded fields found to hold text: what a rule holds back there is the same."""
    found = results.filter((pl.col("status") == FAILED) & (pl.col("check") == TEXT_FOR_CODE))
    return frozenset(found.select("table", "column").rows())


def by_flag(view: View, found: list[Finding]) -> list[FlagFindings]:
    """The findings under their flags, in the list's order; what a flag means is said once."""
    labels, checks = codes.QUALITY_FLAG.labels(view.language), codes.QUALITY_CHECK.labels(view.language)
    groups = []
    for flag, label in labels.items():
        mine = [finding for finding in found if finding.flag == flag]
        if mine:
            kinds = dict.fromkeys(finding.kind for finding in mine)
            groups.append(
                FlagFindings(
                    flag=flag,
                    label=label,
                    why=" ".join(dict.fromkeys(finding.why for finding in mine)),
                    to_do=" ".join(_steps([f for f in mine if not f.told_there] or mine)),
                    meanings=[(checks[kind], check_in_words(kind, view.language)) for kind in kinds],
                    findings=mine,
                )
            )
    return groups


def _steps(found: list[Finding]) -> list[str]:
    """What is to be done about them, each once."""
    return list(dict.fromkeys(finding.to_do for finding in found))


def needs_deciding(view: View, found: list[Finding]) -> ToDecide:
    """What is to be decided, a line for each check of a table and each reason: what may reveal persons, then
    by size."""
    asked: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in found:
        if finding.asks and finding.flag not in TOLD_ELSEWHERE:
            asked.setdefault((finding.kind, finding.table, finding.why), []).append(finding)
    # The order of `found` breaks ties.
    lines = sorted(
        asked.values(), key=lambda mine: (mine[0].flag not in REVEALS, -max(f.affected for f in mine))
    )
    groups: dict[tuple[str, str], DecidingFlag] = {}
    for mine in lines[:MOST_SENTENCES]:
        first = mine[0]
        group = groups.setdefault((first.why, first.to_do), DecidingFlag(first.why, first.to_do, []))
        group.lines.append(
            Deciding(
                check=first.check,
                places="; ".join(dict.fromkeys(finding.place for finding in mine)),
                how_much=first.how_much if len(mine) == 1 else "",
                count=len(mine),
            )
        )
    return ToDecide(
        list(groups.values()),
        left_out=sum(len(mine) for mine in lines[MOST_SENTENCES:]),
        elsewhere=sum(finding.asks and finding.flag in TOLD_ELSEWHERE for finding in found),
        by_flag=[(group.flag, group.label, group.asking) for group in by_flag(view, found) if group.asking],
    )


def for_first_screen(found: list[Finding]) -> tuple[list[Finding], int]:
    """As many findings as the first screen has room for, and how many more there are."""
    return found[:MOST_SENTENCES], len(found[MOST_SENTENCES:])


def _finding(
    view: View, row: dict[str, Any], asking: frozenset[str], texts: frozenset[tuple[str, str]]
) -> Finding:
    flag = row["flag"]
    there = told_there(view, row["against"], (row["table"], row["column"]), texts)
    return Finding(
        kind=row["check"],
        table=row["table"],
        severity=row["severity"],
        severity_words=codes.QUALITY_SEVERITY.labels(view.language)[row["severity"]],
        flag=flag,
        check=codes.QUALITY_CHECK.labels(view.language)[row["check"]],
        place=place(view, row),
        how_much=how_much(row, view.language),
        why=view.say(f"why_{_case(row)}"),
        to_do=there or _to_do(view, row),
        told_there=there,
        standing=_standing(view, row),
        open=row["stewardship"] in UNDECIDED,
        asks=row["result_id"] in asking,
        new=row["change"] == Change.NEW.value and row["severity"] != FlagSeverity.NOTE.value,
        worse=worse_in_words(row, view.language),
        lifted=row["stewardship"] == Stewardship.WORSENED.value,
        affected=row["affected"] or 0,
    )


def told_there(
    view: View, rule: str | None, field: tuple[str, str | None], texts: frozenset[tuple[str, str]]
) -> str:
    """That the next step stands with another finding, where `rule` holds back what `texts` has; or empty."""
    if rule != CODE_RULE or field not in texts:
        return ""
    return view.say("todo_told_there", check=codes.QUALITY_CHECK.labels(view.language)[TEXT_FOR_CODE])


def _to_do(view: View, row: dict[str, Any]) -> str:
    """The next step: only the case system's own tables have worklists, a delivery has a supplier."""
    flag = row["flag"]
    if flag in _LISTED and BY_NAME[row["table"]] not in CASE_SYSTEM:
        return view.say(f"todo_{flag}_delivered")
    if flag == "sparse" and row["severity"] != FlagSeverity.DECIDE.value:
        return view.say("todo_sparse_unasked")
    return view.say(f"todo_{_case(row)}")


def _case(row: dict[str, Any]) -> str:
    """The flag; of what comes late, also whether more is expected, or nobody may know."""
    flag: str = row["flag"]
    if flag != "late":
        return flag
    if row["now_percent"] is None or row["effect_percent"] is None:
        return "late_untold"
    return "late_came" if still_to_come(row) == 0 else flag


def place(view: View, row: dict[str, Any]) -> str:
    """Where: the field and its table, then population, year, bydel and what it is held against."""
    table = view.table(row["table"])
    if row["column"]:
        named = view.say("place_field", field=view.field(row["table"], row["column"]), table=table)
    else:
        named = view.say("place_table", table=table)
    parts = [named]
    if row["population"]:
        parts.append(view.population(row["population"]).lower())
    if row["bydel"]:
        parts.append(view.say("place_bydel", bydel=codes.BYDEL.labels(view.language)[row["bydel"]]))
    if row["year"]:
        parts.append(str(row["year"]))
    elif row["period"] == "latest":
        parts.append(view.say("place_latest", count=LATEST_YEARS.value))
    if row["against"]:
        parts.append(_against(view, row))
    return ", ".join(parts)


def _against(view: View, row: dict[str, Any]) -> str:
    """The kind of difference, the rule that is broken, or the outcome or field that it is held against."""
    other = row["against"]
    if other in codes.RECONCILIATION_KIND.values():
        return inside(codes.RECONCILIATION_KIND.labels(view.language)[other])
    for listed in (codes.OUTCOME, codes.CHARACTERISTIC):
        if other in listed.values():
            return view.say("against", other=inside(listed.labels(view.language)[other]))
    table, _, name = other.rpartition(".")
    table = table or row["table"]
    if table in BY_NAME and name in {c.name for c in columns(BY_NAME[table])}:
        return view.say("against", other=view.say("quoted", words=view.field(table, name)))
    return view.say("against_rule", rule=inside(rule_in_words(view, row["table"], other, row["column"])))


def _standing(view: View, row: dict[str, Any]) -> str:
    until = day(row["until"], view.language) if row["until"] else ""
    said = view.say(f"standing_{row['stewardship']}", owner=row["decided_by"], until=until)
    if row["worse"] and row["stewardship"] == Stewardship.EXCEPTED.value:
        return "; ".join([said, view.say("worse_since_then")])
    worse = worse_in_words(row, view.language)
    # What stands as worsened says so itself.
    return "; ".join(dict.fromkeys(part for part in (said, *worse.split("; ")) if part))
