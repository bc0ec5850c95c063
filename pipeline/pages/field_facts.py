"""What is known of single fields, in words: for a researcher's article, a release, the command line.

Every figure here is a published one. What does not belong here: measuring, protecting, the steward's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from pipeline.disclosure.tables import BASE, HELD_THRESHOLD
from pipeline.markdown import as_text
from pipeline.pages.effects import effect_of
from pipeline.pages.grade_words import band_label, grade_in_words, of_whom, years_in_words
from pipeline.pages.phrase import LANGUAGES, Phrase, day, number, years
from pipeline.pages.text import say
from pipeline.quality.grades import always_answers
from pipeline.quality.history import Change
from pipeline.quality.rules import CHECKS
from pipeline.quality.stewardship import Stewardship, Unfit
from pipeline.releases.codebook import DEMANDS
from schemas import BY_NAME, codes
from schemas.demands import deadline
from schemas.variable import column, facts

FAILED, PASSED = "failed", "passed"


SAID = {
    "field": Phrase(
        "«{label}» ({table}) registreres i {source}, og etterspørres av {demand}.",
        "“{label}” ({table}) is registered in {source}, and asked for by {demand}.",
    ),
    "promise": Phrase(
        "Feltet ventes fylt for minst {promise} %.",
        "The field is expected to be filled for at least {promise} %.",
    ),
    "filled": Phrase(
        "Per {as_of} var om lag {n} verdier ventet for {who}; {band} hadde en verdi.",
        "As of {as_of} about {n} values were expected of {who}; {band} had one.",
    ),
    "filled_alone": Phrase(
        "Per {as_of} var feltet fylt i om lag {n} tilfeller for {who}.",
        "As of {as_of} the field was filled in about {n} cases, of {who}.",
    ),
    "only_filled": Phrase("{n} fylt", "{n} filled"),
    "hidden": Phrase(
        "For {who} er tallene for små til å vises.", "Of {who} the figures are too small to show."
    ),
    "empty_means": Phrase(
        "Et tomt felt kan være et svar: {means}", "An empty field may be an answer: {means}"
    ),
    "found": Phrase("Kontrollene fant: {found}.", "The checks found: {found}."),
    "nothing_found": Phrase(
        "Ingen kontroll som kunne kjøres og vises, slo ut.", "No check that could run and be shown failed."
    ),
    "none_ran": Phrase("Ingen kontroll kunne kjøres og vises.", "No check could run and be shown."),
    "unfit": Phrase(
        "{owner} har siden {since} merket feltet som uegnet til bruk{of}: {why}",
        "Since {since} {owner} has marked the field as unfit for use{of}: {why}",
    ),
    "unfit_of": Phrase(" for {who}", " for {who}"),
    "unmeasured": Phrase(
        "Feltet er ikke målt: det er en nøkkel, daterer raden, eller kommer fra et annet register.",
        "The field is not measured: it is a key, dates the row, or comes from another register.",
    ),
    "bydel": Phrase("bydel {bydel}", "bydel {bydel}"),
}
MARKDOWN = {
    "title": Phrase("Datakvalitet for feltene i uttrekket", "Data quality of the fields of this extract"),
    "lead": Phrase(
        "Målt natten {as_of}. Antall er avrundet til {base}, andeler står i bånd, og antall under "
        "{threshold} vises ikke. Tallene gjelder kilden, ikke bare personene i uttrekket.",
        "Measured on the night of {as_of}. Counts are rounded to {base}, shares stand in bands, and counts "
        "below {threshold} are not shown. The figures are of the source, not of the persons of this extract "
        "alone.",
    ),
    "variables": Phrase("Variabler og feltene de bygger på", "Variables and the fields they rest on"),
    "heads": Phrase(
        "| Variabel | Felt | Hvem | Ventet | Andel med verdi | Karakter |",
        "| Variable | Field | Who | Expected | Share with a value | Grade |",
    ),
    "unmeasured": Phrase(
        "Disse feltene måles ikke her: de er nøkler, daterer rader eller kommer fra andre registre.",
        "These fields are not measured here: they are keys, date rows, or come from other registers.",
    ),
    "methods": Phrase("Til metodekapittelet", "For the methods section"),
}


def label_of(table: str, name: str, language: str) -> str:
    """A field's label."""
    words: str = getattr(column(BY_NAME[table], name).about, language)
    return words


def table_label(table: str, language: str) -> str:
    """A table's label."""
    words: str = getattr(facts(BY_NAME[table]), language)
    return words


def findings_in_words(found: Iterable[Mapping[str, Any]], language: str) -> list[str]:
    """What the checks found, in order: what it is called, how large the effect may be told to be, and where.

    What was found alike of several years is said once.
    """
    years_of: dict[tuple[str, str], list[int]] = {}
    for row in found:
        years_of.setdefault((_what(row, language), _where(row, language)), []).extend(
            [row["year"]] if row["year"] is not None else []
        )
    return [
        ", ".join(part for part in (what, years(mine), where) if part)
        for (what, where), mine in sorted(years_of.items())
    ]


def _what(row: Mapping[str, Any], language: str) -> str:
    label = codes.QUALITY_CHECK.labels(language)[row["check"]]
    effect = effect_of(row, language)
    return label[:1].lower() + label[1:] + (f" ({effect})" if effect else "")


def _where(row: Mapping[str, Any], language: str) -> str:
    place = []
    if row["bydel"] is not None:
        place.append(SAID["bydel"].say(language, bydel=codes.BYDEL.labels(language)[row["bydel"]]))
    if row["population"] is not None:
        place.append(of_whom(row["population"], language))
    return ", ".join(place)


def paragraph(
    told: tuple[str, str],
    fields: pl.DataFrame,
    results: pl.DataFrame,
    unfit: Iterable[Unfit],
    as_of: date,
    language: str,
) -> str:
    """A paragraph for the methods section about the field `told` (table, column), from published figures."""
    table, name = told
    about = column(BY_NAME[table], name).about
    mine = (pl.col("table") == table) & (pl.col("column") == name)
    cells = fields.filter(mine & (pl.col("by") == "year") & (pl.col("place") == "all")).to_dicts()
    found = results.filter(mine & (pl.col("status") == FAILED)).sort("check", "population", "year", "bydel")
    said = [
        SAID["field"].say(
            language,
            label=about.nb if language == "nb" else about.en,
            table=table_label(table, language).lower(),
            source=about.source,
            demand=DEMANDS[about.demand][LANGUAGES.index(language)],
        )
    ]
    if about.min_filled:
        said.append(SAID["promise"].say(language, promise=round(about.min_filled * 100)))
    if about.empty_means is not None:
        said.append(SAID["empty_means"].say(language, means=getattr(about.empty_means, language)))
    limit = deadline(about.demand)
    if limit.months is not None:
        said.append(getattr(limit, language))
    said += [_filled(cell, as_of, language) for cell in cells] or [SAID["unmeasured"].say(language)]
    if cells:
        words = findings_in_words(found.to_dicts(), language)
        ran = mine & pl.col("status").is_in([FAILED, PASSED])
        kind = "found" if words else "none_ran" if results.filter(ran).is_empty() else "nothing_found"
        said.append(SAID[kind].say(language, found="; ".join(words)))
    said += [_unfit(mark, language) for mark in unfit if (mark.table, mark.column) == told]
    return " ".join(said)


def _filled(cell: Mapping[str, Any], as_of: date, language: str) -> str:
    who = of_whom(cell["population"], language)
    alone = _is_answer(cell)
    if cell["n"] is None or (cell["band"] is None and not alone):
        return SAID["hidden"].say(language, who=who)
    said = SAID["filled_alone" if alone else "filled"].say(
        language,
        as_of=day(as_of, language),
        n=number(cell["n"], language),
        who=who,
        band="" if alone else band_label(cell["band"], language),
    )
    return f"{said} {grade_in_words(cell, language)}".strip()


def _is_answer(cell: Mapping[str, Any]) -> bool:
    """Whether an empty value of the cell's field always is an answer: then what is filled is all there is."""
    return f"{cell['table']}.{cell['column']}" in always_answers()


def _unfit(mark: Unfit, language: str) -> str:
    who = of_whom(mark.population, language) if mark.population else ""
    return SAID["unfit"].say(
        language,
        owner=mark.owner,
        since=day(mark.since, language),
        of=SAID["unfit_of"].say(language, who=who) if who else "",
        why=mark.nb if language == "nb" else mark.en,
    )


def markdown(
    variables: pl.DataFrame,
    fields: pl.DataFrame,
    results: pl.DataFrame,
    unfit: tuple[Unfit, ...],
    as_of: date,
    language: str,
) -> str:
    """The page about the fields behind `variables` (variable, table, column), to read beside a release."""
    figures = {"as_of": day(as_of, language), "base": BASE, "threshold": HELD_THRESHOLD}
    say = {name: phrase.say(language, **figures) for name, phrase in MARKDOWN.items()}
    lines = [f"# {say['title']}", "", say["lead"], "", f"## {say['variables']}", "", say["heads"]]
    lines.append("|" + "---|" * (say["heads"].count("|") - 1))
    measured = variables.join(fields.select("table", "column").unique(), on=["table", "column"], how="semi")
    for variable, table, name in measured.rows():
        lines += _rows(variable, table, name, fields, language)
    lines += ["", *_unmeasured(variables.join(measured, on=variables.columns, how="anti"), language)]
    lines += [f"## {say['methods']}", ""]
    marks = [replace(u, owner=as_text(u.owner), nb=as_text(u.nb), en=as_text(u.en)) for u in unfit]
    for table, name in measured.select("table", "column").unique().sort("table", "column").rows():
        lines += [paragraph((table, name), fields, results, marks, as_of, language), ""]
        mine = (pl.col("table") == table) & (pl.col("column") == name)
        lines += [*(f"- {line}" for line in years_in_words(fields.filter(mine), language)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _unmeasured(variables: pl.DataFrame, language: str) -> list[str]:
    """What the variables rest on that is not measured: keys, dates of rows, other registers."""
    if variables.is_empty():
        return []
    told = [
        f"- `{variable}`: " + ", ".join(f"{label_of(t, c, language)} (`{t}.{c}`)" for _, t, c in rows.rows())
        for (variable,), rows in variables.sort(variables.columns).group_by("variable", maintain_order=True)
    ]
    return [MARKDOWN["unmeasured"].say(language), "", *told, ""]


def _rows(variable: str, table: str, name: str, fields: pl.DataFrame, language: str) -> list[str]:
    field = f"{label_of(table, name, language)} (`{table}.{name}`)"
    mine = (pl.col("table") == table) & (pl.col("column") == name)
    total = fields.filter(mine & (pl.col("by") == "year") & (pl.col("place") == "all"))
    return [
        f"| `{variable}` | {field} | {of_whom(cell['population'], language)} "
        f"| {_n_in_words(cell, language)} "
        f"| {band_label(cell['band'], language) if cell['band'] else '–'} | {cell['grade'] or '–'} |"
        for cell in total.to_dicts()
    ]


def _n_in_words(cell: Mapping[str, Any], language: str) -> str:
    n = number(cell["n"], language) if cell["n"] is not None else "–"
    return SAID["only_filled"].say(language, n=n) if cell["n"] and _is_answer(cell) else n


def decided_in_words(row: Mapping[str, Any], language: str) -> str:
    """How a finding stands with the stewards; empty where nobody has decided anything."""
    standing = row["stewardship"]
    if standing == Stewardship.OPEN.value:
        return ""
    until = f" → {day(row['until'], language)}" if row["until"] is not None else ""
    said = codes.STEWARDSHIP.labels(language)[standing]
    return f"{said} ({row['decided_by']}{until}): {row[f'decision_{language}']}"


def worse_in_words(row: Mapping[str, Any], language: str) -> str:
    """Since when a finding is worse: the night before, the decision, both; empty where it is not."""
    said = [say("worse_tonight", language)] if row["change"] == Change.WORSE.value else []
    if row["worse"]:
        excepted = row["stewardship"] == Stewardship.EXCEPTED.value
        until = day(row["until"], language) if excepted else ""
        key = "worse_excepted" if excepted else "standing_worsened"
        said.append(say(key, language, owner=row["decided_by"], until=until))
    return "; ".join(said)


def check_in_words(name: str, language: str) -> str:
    """What a check says and the figure it judges by, with its owner and its day."""
    check = CHECKS[name]
    said, limit = getattr(check, language), check.threshold
    return f"{said} {getattr(limit, language)} ({limit.owner}, {day(limit.decided, language)})"
