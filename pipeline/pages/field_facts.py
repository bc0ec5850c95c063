"""What is known of single fields, in words: for a researcher's article, a release, the command line.

Every figure here is a published one. What does not belong here: measuring, protecting, the steward's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from pipeline.markdown import as_text
from pipeline.pages.effects import effect_in_words
from pipeline.pages.phrase import LANGUAGES, Phrase, number
from pipeline.quality.rules import CHECKS
from pipeline.quality.stewardship import Stewardship, Unfit
from pipeline.releases.codebook import DEMANDS, POPULATIONS
from schemas import BY_NAME, codes
from schemas.variable import Population, column, facts

FAILED = "failed"
TOGETHER, NO_YEAR = "all", "0"  # places of `PublishedField` that are no year


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
    "hidden": Phrase(
        "For {who} er tallene for små til å vises.", "Of {who} the figures are too small to show."
    ),
    "grade": Phrase("Karakter {grade}: {label}.", "Grade {grade}: {label}."),
    "grade_reasons": Phrase("Karakter {grade} ({reasons}): {label}.", "Grade {grade} ({reasons}): {label}."),
    "found": Phrase("Kontrollene fant: {found}.", "The checks found: {found}."),
    "nothing_found": Phrase("Ingen kontroll slo ut.", "No check found anything."),
    "unfit": Phrase(
        "{owner} har siden {since} merket feltet som uegnet til bruk{of}: {why}",
        "Since {since} {owner} has marked the field as unfit for use{of}: {why}",
    ),
    "unfit_of": Phrase(" for {who}", " for {who}"),
    "unmeasured": Phrase(
        "Feltet er ikke målt: det er en nøkkel, daterer raden, eller kommer fra et annet register.",
        "The field is not measured: it is a key, dates the row, or comes from another register.",
    ),
    "of_place": Phrase("{what}, {place}", "{what}, {place}"),
    "bydel": Phrase("bydel {bydel}", "bydel {bydel}"),
}
MARKDOWN = {
    "title": Phrase("Datakvalitet for feltene i uttrekket", "Data quality of the fields of this extract"),
    "lead": Phrase(
        "Målt natten {as_of}. Antall er avrundet til fem, andeler står i bånd, og det som gjelder færre enn "
        "fem, vises ikke. Tallene gjelder kilden, ikke bare personene i uttrekket.",
        "Measured on the night of {as_of}. Counts are rounded to five, shares stand in bands, and nothing "
        "about fewer than five is shown. The figures are of the source, not of the persons of this extract "
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
    "years": Phrase("Andel med verdi, år for år", "Share with a value, year by year"),
}


def of_whom(population: str, language: str) -> str:
    """Who is counted, in words."""
    return POPULATIONS[Population(population)][LANGUAGES.index(language)]


def label_of(table: str, name: str, language: str) -> str:
    """A field's label."""
    words: str = getattr(column(BY_NAME[table], name).about, language)
    return words


def table_label(table: str, language: str) -> str:
    """A table's label."""
    words: str = getattr(facts(BY_NAME[table]), language)
    return words


def band_label(code: str, language: str) -> str:
    """A band of any level in words."""
    for level in codes.FILL_BAND.ladder():
        if code in level.values():
            return level.labels(language)[code].lower()
    raise KeyError(code)


def finding_in_words(row: Mapping[str, Any], language: str) -> str:
    """A finding: what the check is called, how large the effect is where that may be told, and where."""
    what = codes.QUALITY_CHECK.labels(language)[row["check"]]
    what = what[:1].lower() + what[1:]
    if row["effect_percent"] is not None:
        what += f" ({effect_in_words(row['effect_kind'], row['effect_percent'], language)})"
    place = [str(row["year"])] if row["year"] is not None else []
    if row["bydel"] is not None:
        place.append(SAID["bydel"].say(language, bydel=codes.BYDEL.labels(language)[row["bydel"]]))
    if row["population"] is not None:
        place.append(of_whom(row["population"], language))
    return SAID["of_place"].say(language, what=what, place=", ".join(place)) if place else what


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
    said += [_filled(cell, as_of, language) for cell in cells] or [SAID["unmeasured"].say(language)]
    if cells:
        words = sorted({finding_in_words(row, language) for row in found.to_dicts()})
        kind = "found" if words else "nothing_found"
        said.append(SAID[kind].say(language, found="; ".join(words)))
    said += [_unfit(mark, language) for mark in unfit if (mark.table, mark.column) == told]
    return " ".join(said)


def _filled(cell: Mapping[str, Any], as_of: date, language: str) -> str:
    who = of_whom(cell["population"], language)
    if cell["band"] is None or cell["n"] is None:
        return SAID["hidden"].say(language, who=who)
    said = SAID["filled"].say(
        language,
        as_of=as_of.isoformat(),
        n=number(cell["n"], language),
        who=who,
        band=band_label(cell["band"], language),
    )
    return f"{said} {grade_in_words(cell, language)}".strip()


def grade_in_words(cell: Mapping[str, Any], language: str) -> str:
    """The grade with its reasons; empty where none may be told."""
    if cell["grade"] is None:
        return ""
    reasons = [codes.GRADE_REASON.labels(language)[r].lower() for r in (cell["reasons"] or "").split()]
    return SAID["grade_reasons" if reasons else "grade"].say(
        language,
        grade=cell["grade"],
        reasons="; ".join(reasons),
        label=codes.GRADE.labels(language)[cell["grade"]].lower(),
    )


def _unfit(mark: Unfit, language: str) -> str:
    who = of_whom(mark.population, language) if mark.population else ""
    return SAID["unfit"].say(
        language,
        owner=mark.owner,
        since=mark.since.isoformat(),
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
    say = {name: phrase.say(language, as_of=as_of.isoformat()) for name, phrase in MARKDOWN.items()}
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
        f"| {number(cell['n'], language) if cell['n'] is not None else '–'} "
        f"| {band_label(cell['band'], language) if cell['band'] else '–'} | {cell['grade'] or '–'} |"
        for cell in total.to_dicts()
    ]


def years_in_words(cells: pl.DataFrame, language: str) -> list[str]:
    """One line for each population of a field's published cells: its years and their bands."""
    years = cells.filter((pl.col("by") == "year") & ~pl.col("place").is_in([TOGETHER, NO_YEAR]))
    title = MARKDOWN["years"].say(language)
    lines = []
    for (who,), rows in years.sort("population", "place").group_by("population", maintain_order=True):
        told = [
            f"{row['place']}: {band_label(row['band'], language) if row['band'] else '–'}"
            for row in rows.to_dicts()
        ]
        lines.append(f"{title}, {of_whom(str(who), language)}: {'; '.join(told)}")
    return lines


def decided_in_words(row: Mapping[str, Any], language: str) -> str:
    """How a finding stands with the stewards; empty where nobody has decided anything."""
    standing = row["stewardship"]
    if standing == Stewardship.OPEN.value:
        return ""
    until = f" → {row['until'].isoformat()}" if row["until"] is not None else ""
    said = codes.STEWARDSHIP.labels(language)[standing]
    return f"{said} ({row['decided_by']}{until}): {row[f'decision_{language}']}"


def check_in_words(name: str, language: str) -> str:
    """What a check says and the figure it judges by, with its owner and its day."""
    check = CHECKS[name]
    said, limit = getattr(check, language), check.threshold
    return f"{said} {getattr(limit, language)} ({limit.owner}, {limit.decided.isoformat()})"
