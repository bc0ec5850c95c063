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
from pipeline.pages.bands import typeset
from pipeline.pages.effects import effect_of
from pipeline.pages.phrase import LANGUAGES, Phrase, day, number, years
from pipeline.pages.text import say
from pipeline.quality.grades import always_answers, empty_answers
from pipeline.quality.history import Change
from pipeline.quality.rules import CHECKS, FlagSeverity
from pipeline.quality.stewardship import Stewardship, Unfit
from pipeline.releases.codebook import DEMANDS, POPULATIONS
from schemas import BY_NAME, codes
from schemas.demands import deadline
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
    "filled_alone": Phrase(
        "Per {as_of} var feltet fylt i om lag {n} tilfeller for {who}.",
        "As of {as_of} the field was filled in about {n} cases, of {who}.",
    ),
    "only_filled": Phrase("{n} fylt", "{n} filled"),
    "hidden": Phrase(
        "For {who} er tallene for små til å vises.", "Of {who} the figures are too small to show."
    ),
    "grade": Phrase("Karakter {grade}: {label}.", "Grade {grade}: {label}."),
    "no_grade": Phrase("Ingen karakter ({reasons}).", "No grade ({reasons})."),
    "empty_means": Phrase(
        "Et tomt felt kan være et svar: {means}", "An empty field may be an answer: {means}"
    ),
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
    "year_grade": Phrase("{band}, karakter {grade}", "{band}, grade {grade}"),
    "not_shown": Phrase("vises ikke", "not shown"),
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
            return typeset(level.labels(language)[code]).lower()
    raise KeyError(code)


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
        kind = "found" if words else "nothing_found"
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


def grade_in_words(cell: Mapping[str, Any], language: str) -> str:
    """The grade with its reasons, or why there is none; empty where neither may be told."""
    reasons = [codes.GRADE_REASON.labels(language)[r].lower() for r in (cell["reasons"] or "").split()]
    if cell["grade"] is None:
        return SAID["no_grade"].say(language, reasons="; ".join(reasons)) if reasons else ""
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
    say = {name: phrase.say(language, as_of=day(as_of, language)) for name, phrase in MARKDOWN.items()}
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


def years_in_words(cells: pl.DataFrame, language: str) -> list[str]:
    """One line for each population of a field's published cells: its years and their bands and grades.

    Years in a row that are alike are said together. None where an empty value always is an answer.
    """
    of_years = (pl.col("by") == "year") & ~pl.col("place").is_in([TOGETHER, NO_YEAR])
    told = cells.filter(of_years & ~empty_answers())
    title = MARKDOWN["years"].say(language)
    return [
        f"{title}, {of_whom(str(who), language)}: {'; '.join(_alike(rows, language))}"
        for (who,), rows in told.sort("population", "place").group_by("population", maintain_order=True)
    ]


def _alike(rows: pl.DataFrame, language: str) -> list[str]:
    """`rows` of one population, by year, as runs of years with one band and one grade."""
    year = pl.col("place").cast(pl.Int64)
    follows = (year - year.shift() == 1) & pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).shift()) for name in ("band", "grade")
    )
    runs = rows.with_columns(run=(~follows.fill_null(False)).cum_sum(), year=year).group_by(
        "run", maintain_order=True
    )
    told = runs.agg("year", pl.col("band", "grade").first())
    return [f"{years(run)}: {_band_and_grade(band, grade, language)}" for _, run, band, grade in told.rows()]


def _band_and_grade(band: str | None, grade: str | None, language: str) -> str:
    if band is None:
        return SAID["not_shown"].say(language)
    words = band_label(band, language)
    return words if grade is None else SAID["year_grade"].say(language, band=words, grade=grade)


def decided_in_words(row: Mapping[str, Any], language: str) -> str:
    """How a finding stands with the stewards; empty where nobody has decided anything."""
    standing = row["stewardship"]
    if standing == Stewardship.OPEN.value:
        return ""
    until = f" → {day(row['until'], language)}" if row["until"] is not None else ""
    said = codes.STEWARDSHIP.labels(language)[standing]
    return f"{said} ({row['decided_by']}{until}): {row[f'decision_{language}']}"


def worse_in_words(row: Mapping[str, Any], language: str) -> str:
    """Since when a finding is worse; empty where it is not, or is only for the record."""
    if row["severity"] == FlagSeverity.NOTE.value:
        return ""
    if row["worse"]:
        excepted = row["stewardship"] == Stewardship.EXCEPTED.value
        until = day(row["until"], language) if excepted else ""
        key = "worse_excepted" if excepted else "standing_worsened"
        return say(key, language, owner=row["decided_by"], until=until)
    return say("worse_tonight", language) if row["change"] == Change.WORSE.value else ""


def check_in_words(name: str, language: str) -> str:
    """What a check says and the figure it judges by, with its owner and its day."""
    check = CHECKS[name]
    said, limit = getattr(check, language), check.threshold
    return f"{said} {getattr(limit, language)} ({limit.owner}, {day(limit.decided, language)})"
