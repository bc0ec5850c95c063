"""How far each field can be used, as a table of grades and as a paragraph for a researcher's article.

Both are made of what is published. What does not belong here: giving a grade (`quality.grades`), and the
words of a paragraph (`field_facts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.pages.field_facts import TOGETHER, paragraph
from pipeline.pages.views import POPULATIONS, View
from pipeline.quality.stewardship import Unfit
from schemas import BY_NAME, codes
from schemas.variable import columns

BY_YEAR = "year"


@dataclass(frozen=True)
class GradeRow:
    """One field of one population: its grade in each of the years, over all, and why it is not better.

    `grades` are (grade, reasons): of a year without a grade the reasons say why, where that may be told.
    """

    field: str
    table: str
    population: str
    grades: list[tuple[str, str]]
    overall: str
    reasons: str
    unfit: bool


@dataclass(frozen=True)
class Paragraph:
    """A field's paragraph for the methods section of an article."""

    field: str
    table: str
    text: str


def grade_rows(view: View, fields: pl.DataFrame, years: list[int]) -> list[GradeRow]:
    """Every field that has a grade in any of `years` or over all, in the order of the schemas."""
    return [
        GradeRow(
            field=view.full_field(table, name),
            table=view.table(table),
            population=view.population(population),
            grades=[
                (_grade(cells, str(year)), _reasons(cells.get(str(year)), view.language)) for year in years
            ],
            overall=_grade(cells, TOGETHER),
            reasons=_reasons(cells.get(TOGETHER), view.language),
            unfit=any(cell["unfit"] for cell in cells.values()),
        )
        for (table, name, population), cells in _by_field(fields).items()
        if any(cell["grade"] for cell in cells.values())
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


def _grade(cells: dict[str, dict[str, Any]], where: str) -> str:
    return (cells.get(where) or {}).get("grade") or ""


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
