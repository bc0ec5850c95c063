"""Grades and bands of a field in words, and why there is no grade: for articles, releases, the command line.

Every figure here is a published one. What does not belong here: giving a grade (`quality.grades`), and the
table of grades on the page (`grades.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.pages.bands import typeset
from pipeline.pages.phrase import LANGUAGES, Phrase, years
from pipeline.quality.export import FEWEST_FOR_GRADE
from pipeline.quality.grades import WITHHELD, empty_answers
from pipeline.releases.codebook import POPULATIONS
from schemas import codes
from schemas.variable import Population

TOGETHER, NO_YEAR = "all", "0"  # places of `PublishedField` that are no year
SAID = {
    "no_grade": Phrase("Ingen karakter ({reasons}).", "No grade ({reasons})."),
    "grade": Phrase("Karakter {grade}: {label}.", "Grade {grade}: {label}."),
    "grade_reasons": Phrase("Karakter {grade} ({reasons}): {label}.", "Grade {grade} ({reasons}): {label}."),
    "year_grade": Phrase("{band}, karakter {grade}", "{band}, grade {grade}"),
    "year_no_grade": Phrase("{band}, ingen karakter ({why})", "{band}, no grade ({why})"),
    "few_for_grade": Phrase("færre enn {few} ventede verdier", "fewer than {few} expected values"),
    "not_shown": Phrase("vises ikke", "not shown"),
    "years": Phrase("Andel med verdi, år for år", "Share with a value, year by year"),
}


def of_whom(population: str, language: str) -> str:
    """Who is counted, in words."""
    return POPULATIONS[Population(population)][LANGUAGES.index(language)]


def band_label(code: str, language: str) -> str:
    """A band of any level in words."""
    for level in codes.FILL_BAND.ladder():
        if code in level.values():
            return typeset(level.labels(language)[code]).lower()
    raise KeyError(code)


def grade_in_words(cell: Mapping[str, Any], language: str) -> str:
    """The grade with its reasons, or why there is none."""
    if cell["grade"] is None:
        return SAID["no_grade"].say(language, reasons=why_no_grade(cell["reasons"], language))
    reasons = [codes.GRADE_REASON.labels(language)[r].lower() for r in (cell["reasons"] or "").split()]
    return SAID["grade_reasons" if reasons else "grade"].say(
        language,
        grade=cell["grade"],
        reasons="; ".join(reasons),
        label=codes.GRADE.labels(language)[cell["grade"]].lower(),
    )


def why_no_grade(reasons: str | None, language: str) -> str:
    """Why a figure that is shown has no grade: by its reasons, and without any there are too few."""
    labels = codes.GRADE_REASON.labels(language)
    why = [labels[r].lower() for r in (reasons or "").split() if r in WITHHELD]
    return "; ".join(why) or SAID["few_for_grade"].say(language, few=FEWEST_FOR_GRADE)


def years_in_words(cells: pl.DataFrame, language: str) -> list[str]:
    """One line for each population of a field's published cells: its years and their bands and grades.

    Years in a row that are alike are said together. None where an empty value always is an answer.
    """
    of_years = (pl.col("by") == "year") & ~pl.col("place").is_in([TOGETHER, NO_YEAR])
    told = cells.filter(of_years & ~empty_answers())
    title = SAID["years"].say(language)
    return [
        f"{title}, {of_whom(str(who), language)}: {'; '.join(_alike(rows, language))}"
        for (who,), rows in told.sort("population", "place").group_by("population", maintain_order=True)
    ]


def _alike(rows: pl.DataFrame, language: str) -> list[str]:
    """`rows` of one population, by year, as runs of years with one band and one grade, or reason for none."""
    year = pl.col("place").cast(pl.Int64)
    # Why a grade is what it is stands with the field; a year says why it has none.
    rows = rows.with_columns(why=pl.when(pl.col("grade").is_null()).then("reasons"))
    follows = (year - year.shift() == 1) & pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).shift()) for name in ("band", "grade", "why")
    )
    runs = rows.with_columns(run=(~follows.fill_null(False)).cum_sum(), year=year).group_by(
        "run", maintain_order=True
    )
    told = runs.agg("year", pl.col("band", "grade", "why").first())
    return [
        f"{years(run)}: {_band_and_grade(band, grade, why, language)}"
        for _, run, band, grade, why in told.rows()
    ]


def _band_and_grade(band: str | None, grade: str | None, why: str | None, language: str) -> str:
    if band is None:
        return SAID["not_shown"].say(language)
    words = band_label(band, language)
    if grade is None:
        return SAID["year_no_grade"].say(language, band=words, why=why_no_grade(why, language))
    return SAID["year_grade"].say(language, band=words, grade=grade)
