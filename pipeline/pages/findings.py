"""What the checks found, in sentences: what, where, how much, why it matters, what to do.

Everything here is made of `PublishedResult`: nothing exact, nothing about fewer than the threshold. What does
not belong here: protecting a result (`quality.export`), and what changed between nights (`quality.history`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.pages.bands import by_code
from pipeline.pages.field_facts import FAILED, check_in_words
from pipeline.pages.rules import rule_in_words
from pipeline.pages.text import TEXT
from pipeline.pages.views import View
from pipeline.quality.rules import FlagSeverity
from pipeline.quality.thresholds import LATEST_YEARS
from schemas import BY_NAME, codes
from schemas.variable import columns

MOST_SENTENCES = 6
# What a steward has decided already does not ask for a decision today.
SETTLED = ("acknowledged", "excepted", "unfit")
# Of what has a list of its own on the page, no sentence is made.
TOLD_ELSEWHERE = ("sparse", "invalid")
_SEVERITIES = tuple(s.value for s in FlagSeverity)
# Cohen's bounds of a weak, a moderate and a strong association, in hundredths.
_MODERATE, _STRONG = 30, 50


@dataclass(frozen=True)
class Finding:
    """One failed check as a reader sees it."""

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
    standing: str
    standing_code: str


@dataclass(frozen=True)
class FlagFindings:
    """All findings of one flag; `meanings` are (check, what it counts)."""

    flag: str
    label: str
    why: str
    to_do: str
    meanings: list[tuple[str, str]]
    findings: list[Finding]


@dataclass(frozen=True)
class Deciding:
    """One line of the first screen."""

    check: str
    places: str
    how_much: str
    why: str
    to_do: str


def findings(view: View, results: pl.DataFrame) -> list[Finding]:
    """Every failed result that may be seen, what must be decided first, then by table and field."""
    order = {table: place for place, table in enumerate(BY_NAME)}
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
    return [_finding(view, row) for row in rows]


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
                    why=mine[0].why,
                    to_do=mine[0].to_do,
                    meanings=[(checks[kind], check_in_words(kind, view.language)) for kind in kinds],
                    findings=mine,
                )
            )
    return groups


def needs_deciding(found: list[Finding]) -> list[Deciding]:
    """The first screen's lines: what is to be decided, one line for each check of a table."""
    lines: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        if (
            finding.severity == FlagSeverity.DECIDE.value
            and finding.flag not in TOLD_ELSEWHERE
            and finding.standing_code not in SETTLED
        ):
            lines.setdefault((finding.kind, finding.table), []).append(finding)
    return [
        Deciding(
            check=mine[0].check,
            places="; ".join(dict.fromkeys(finding.place for finding in mine)),
            how_much=mine[0].how_much if len(mine) == 1 else "",
            why=mine[0].why,
            to_do=mine[0].to_do,
        )
        for mine in list(lines.values())[:MOST_SENTENCES]
    ]


def _finding(view: View, row: dict[str, Any]) -> Finding:
    flag = row["flag"]
    return Finding(
        kind=row["check"],
        table=row["table"],
        severity=row["severity"],
        severity_words=codes.QUALITY_SEVERITY.labels(view.language)[row["severity"]],
        flag=flag,
        check=codes.QUALITY_CHECK.labels(view.language)[row["check"]],
        place=place(view, row),
        how_much=how_much(view, row),
        why=view.say(f"why_{flag}"),
        to_do=view.say(f"todo_{flag}"),
        standing=_standing(view, row),
        standing_code=row["stewardship"],
    )


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
        parts.append(view.say("against", other=_against(view, row)))
    return ", ".join(parts)


def _against(view: View, row: dict[str, Any]) -> str:
    """What it is held against: an outcome, a field, a kind of difference, else a rule in words."""
    other = row["against"]
    for listed in (codes.OUTCOME, codes.RECONCILIATION_KIND, codes.CHARACTERISTIC):
        if other in listed.values():
            return listed.labels(view.language)[other]
    table, _, name = other.rpartition(".")
    table = table or row["table"]
    if table in BY_NAME and name in {c.name for c in columns(BY_NAME[table])}:
        return view.field(table, name)
    return rule_in_words(view, row["table"], other, row["column"])


def how_much(view: View, row: dict[str, Any]) -> str:
    """The effect in coarse steps, and the band of those with a value; empty where neither may be told."""
    said = []
    if row["affected"] is not None:
        said.append(view.say("affected", count=view.number(row["affected"])))
    if row["effect_percent"] is not None:
        said.append(_effect(view, row["effect_kind"], row["effect_percent"]))
    band = by_code().get(row["band"] or "")
    if band is not None:
        said.append(view.say("band_of", band=band.label(view.language), count=view.number(row["n"])))
    return "; ".join(said)


def _effect(view: View, kind: str, percent: int) -> str:
    size = view.say("size_about", percent=abs(percent)) if percent else view.say("size_under")
    if kind == "change":
        return view.say("effect_change_up" if percent > 0 else "effect_change_down", size=size)
    if kind == "cramers_v":
        strength = "strong" if percent >= _STRONG else "moderate" if percent >= _MODERATE else "weak"
        return view.say("effect_cramers_v", size=size, strength=view.say(f"strength_{strength}"))
    return view.say(f"effect_{kind}", size=size)


def _standing(view: View, row: dict[str, Any]) -> str:
    blanks = {"owner": row["decided_by"], "until": row["until"]}
    key = f"standing_{row['stewardship']}"
    return view.say(key, **blanks) if key in TEXT else row["stewardship"]
