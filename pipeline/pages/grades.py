"""How far each field can be used, as a table of grades and as a paragraph for a researcher's article.

Both are made of what is published. What does not belong here: giving a grade (`quality.grades`), and the
words of a paragraph (`field_facts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.pages.field_facts import paragraph
from pipeline.pages.grade_words import TOGETHER
from pipeline.pages.views import POPULATIONS, View
from pipeline.quality.export import FEWEST_FOR_GRADE
from pipeline.quality.grades import EMPTY_ANSWERS, NOT_GRADED, WITHHELD
from pipeline.quality.ripeness import NOT_RIPE
from pipeline.quality.stewardship import Unfit
from schemas import BY_NAME, codes
from schemas.variable import columns

BY_YEAR = "year"
# Why a grade is withheld -> the phrase that stands for it; without a reason there are too few.
MARKS = {
    NOT_RIPE: "mark_filling",
    EMPTY_ANSWERS: "mark_answer",
    "": "mark_few",
} | {reason: "mark_none" for reason in NOT_GRADED if reason != EMPTY_ANSWERS}


@dataclass(frozen=True)
class GradeCell:
    """A grade with its reasons; or, where `grade` is empty, a `mark` that stands for why there is none.

    `kind` is what the mark is called in the style sheet.
    """

    grade: str
    mark: str
    words: str
    kind: str = ""


@dataclass(frozen=True)
class GradeRow:
    """One field of one population: its grade in each of the years, over all, and why it is not better."""

    field: str
    table: str
    population: str
    grades: list[GradeCell]
    overall: GradeCell
    reasons: str
    unfit: bool


@dataclass(frozen=True)
class Paragraph:
    """A field's paragraph for the methods section of an article."""

    field: str
    table: str
    text: str


def grade_rows(view: View, fields: pl.DataFrame, years: list[int]) -> list[GradeRow]:
    """Every field that has a grade anywhere, or needs none for its empty values are answers.

    In the order of the schemas.
    """
    return [
        GradeRow(
            field=view.full_field(table, name),
            table=view.table(table),
            population=view.population(population),
            grades=[_cell(view, cells.get(str(year))) for year in years],
            overall=_cell(view, cells.get(TOGETHER)),
            reasons=_reasons(cells.get(TOGETHER), view.language),
            unfit=any(cell["unfit"] for cell in cells.values()),
        )
        for (table, name, population), cells in _by_field(fields).items()
        if any(cell["grade"] or _mark(cell) == "mark_answer" for cell in cells.values())
    ]


def paragraphs(
    view: View, fields: pl.DataFrame, results: pl.DataFrame, unfit: tuple[Unfit, ...]
) -> list[Paragraph]:
    """A paragraph for every field that `fields` tells anything of, in the order of the schemas."""
    keys = ["table", "column"]
    mine = fields.partition_by(keys, as_dict=True)
    found = results.drop_nulls("column").partition_by(keys, as_dict=True)
    return [
        Paragraph(
            field=view.full_field(table, name),
            table=view.table(table),
            text=paragraph(
                (table, name),
                mine[table, name],
                found.get((table, name), results.clear()),
                unfit,
                view.as_of,
                view.language,
            ),
        )
        for table, name in dict.fromkeys((table, name) for table, name, _ in _by_field(fields))
    ]


def _cell(view: View, cell: dict[str, Any] | None) -> GradeCell:
    if cell is not None and cell["grade"]:
        return GradeCell(grade=cell["grade"], mark="", words=_reasons(cell, view.language))
    mark = _mark(cell)
    if not mark:
        return GradeCell(grade="", mark="", words=view.say("hidden"))
    words = view.say(f"{mark}_is", few=FEWEST_FOR_GRADE)
    return GradeCell(grade="", mark=view.say(mark), words=words, kind=mark.removeprefix("mark_"))


def _mark(cell: dict[str, Any] | None) -> str:
    """What stands for why a cell has no grade; empty where its figures are hidden."""
    if cell is None:
        return ""
    why = [reason for reason in (cell["reasons"] or "").split() if reason in WITHHELD]
    # A reason is told where it tells nothing of few: that empty values are answers is declared.
    if not why and cell["n"] is None:
        return ""
    return MARKS[why[0] if why else ""]


def _reasons(cell: dict[str, Any] | None, language: str) -> str:
    labels = codes.GRADE_REASON.labels(language)
    return ", ".join(labels[reason] for reason in ((cell or {}).get("reasons") or "").split())


def _by_field(fields: pl.DataFrame) -> dict[tuple[str, str, str], dict[str, dict[str, Any]]]:
    """(table, column, population), in the order of the schemas -> place -> the row of that year."""
    found: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
    for row in fields.filter(pl.col("by") == BY_YEAR).to_dicts():
        found.setdefault((row["table"], row["column"], row["population"]), {})[row["place"]] = row
    declared = [(name, c.name) for name, table in BY_NAME.items() for c in columns(table)]
    order = {field: place for place, field in enumerate(declared)}
    populations = [who.value for who in POPULATIONS]
    return {k: found[k] for k in sorted(found, key=lambda k: (order[k[:2]], populations.index(k[2])))}
