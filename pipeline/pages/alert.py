"""What is worth telling somebody about a night: only what changed, and only what anybody may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.pages.field_facts import label_of, table_label
from pipeline.pages.grade_words import band_label, of_whom
from pipeline.pages.phrase import Phrase, number
from pipeline.pages.rules import Words, rule_in_words
from pipeline.pages.text import say
from pipeline.quality.history import HIDDEN, LANDED, QUARANTINED, Change
from schemas import BY_NAME, codes
from schemas.variable import columns

CHANGED = {
    Change.NEW: Phrase("Nytt funn", "New finding"),
    Change.WORSE: Phrase("Funnet er blitt verre", "The finding has become worse"),
    Change.RETURNED: Phrase(
        "Funnet er tilbake: avgjørelsen gjelder ikke lenger",
        "The finding is back: no decision stands for it any more",
    ),
    Change.DECIDED: Phrase("En forvalter har avgjort", "A steward has decided"),
    Change.PERSISTING: Phrase("Funnet står", "The finding stands"),
    Change.RESOLVED: Phrase("Funnet er borte", "The finding is gone"),
    Change.HELD_BACK: Phrase(
        "Funnet er borte, fordi rader er holdt tilbake i karantene",
        "The finding is gone, because rows were held back in quarantine",
    ),
    Change.JUDGED_OTHERWISE: Phrase(
        "Funnet er borte, fordi grensen, løftet eller årene det bedømmes etter, er andre",
        "The finding is gone, because the limit, the promise or the years it is judged by are others",
    ),
    Change.TOO_FEW: Phrase(
        "Var et funn, og er nå ingen, eller for få til å vises",
        "Was a finding, and is now none, or too few to show",
    ),
    Change.NOT_MEASURED: Phrase(
        "Var et funn, og kan ikke måles nå", "Was a finding, and cannot be measured now"
    ),
}
MOVED = {
    "rows": Phrase("Rader: {what}: {was} → {now}", "Rows: {what}: {was} → {now}"),
    "values": Phrase("Verdier: {what}: {was} → {now}", "Values: {what}: {was} → {now}"),
    "schema": Phrase("Skjema: {what}: {was} → {now}", "Schema: {what}: {was} → {now}"),
}
DECLARED = Phrase(
    "Skjema: beskrivelsen er endret av {names}", "Schema: the description has changed of {names}"
)
# What is counted of a table's rows, by its name in the history.
COUNTED = {
    LANDED: Phrase("mottatt", "received"),
    QUARANTINED: Phrase("i karantene", "quarantined"),
}
ABSENT = Phrase("ikke der", "not there")


def alert(findings: pl.DataFrame, schema: pl.DataFrame, language: str) -> list[str]:
    """One line for each finding that is new, worse, back, gone or not measured, and each change of a schema.

    `findings` and `schema` are those of `night.published.Changes`. What stands as it stood is not told, nor
    what a steward has decided about: somebody knows.
    """
    known = [Change.PERSISTING.value, Change.DECIDED.value]
    changed = findings.filter(~pl.col("change").is_in(known))
    lines = [finding_line(row, language) for row in changed.to_dicts()]
    return lines + schema_lines(schema, language)


def finding_line(row: Mapping[str, Any], language: str) -> str:
    """What became of one finding."""
    return f"{CHANGED[Change(row['change'])].say(language)}: {place_in_words(row, language)}"


def place_in_words(row: Mapping[str, Any], language: str) -> str:
    """Which check found it, of what, and where."""
    what = codes.QUALITY_CHECK.labels(language)[row["check"]]
    field = table_label(row["table"], language)
    if row["column"] is not None:
        field = f"{field} – {label_of(row['table'], row['column'], language)}"
    where = [of_whom(row["population"], language)] if row["population"] is not None else []
    where += [codes.MEASURED_PERIOD.labels(language)[row["period"]].lower()] if row["year"] is None else []
    where += [str(row["year"])] if row["year"] is not None else []
    where += [codes.BYDEL.labels(language)[row["bydel"]]] if row["bydel"] is not None else []
    where += [against_in_words(row, language)] if row["against"] is not None else []
    return f"{what}: {field} ({', '.join(where)})"


def against_in_words(row: Mapping[str, Any], language: str) -> str:
    """What a check held the field against: a difference from NIR, another field, or a rule of the table."""
    against: str = row["against"]
    if against in codes.RECONCILIATION_KIND.values():
        return codes.RECONCILIATION_KIND.labels(language)[against]
    table, _, name = against.partition(".")
    if table in BY_NAME and name in {c.name for c in columns(BY_NAME[table])}:
        return label_of(table, name, language)
    return rule_in_words(Words(language), row["table"], against, row["column"])


def schema_lines(schema: pl.DataFrame, language: str) -> list[str]:
    """One line for each column that is new, gone or otherwise, and one for all tables declared otherwise."""
    of_tables = pl.col("column").is_null() & pl.col("was").is_not_null() & pl.col("now").is_not_null()
    lines = [moved_line("schema", row, language) for row in schema.filter(~of_tables).to_dicts()]
    names = schema.filter(of_tables)["id"].sort().to_list()
    return [*lines, DECLARED.say(language, names=", ".join(names))] if names else lines


def moved_line(kind: str, row: Mapping[str, Any], language: str) -> str:
    """What stands otherwise than it stood: rows, values or the schema."""
    was, now = (_state(kind, row[name], language) for name in ("was", "now"))
    return MOVED[kind].say(language, what=_what(kind, row, language), was=was, now=now)


def _what(kind: str, row: Mapping[str, Any], language: str) -> str:
    if kind == "schema":
        return str(row["id"])
    table = table_label(row["table"], language)
    if kind == "rows":
        counted = str(row["id"]).rpartition(" ")[2]
        return f"{table}, {COUNTED[counted].say(language)}"
    field, who = label_of(row["table"], row["column"], language), of_whom(row["population"], language)
    return f"{table} – {field} ({who})"


def _state(kind: str, state: str | None, language: str) -> str:
    if state is None:
        return ABSENT.say(language)
    if kind == "schema":
        return state
    n, _, band = state.partition(" ")
    figure = number(int(n), language) if n.isdigit() else say("hidden", language)
    return f"{figure} ({band_label(band, language)})" if band not in ("", HIDDEN) else figure
