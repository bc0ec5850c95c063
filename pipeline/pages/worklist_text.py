"""The words of a bydel's worklist: its headings, and what must hold where no rule of the schemas says so."""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

# Column of the list -> its heading; the list is read in Norwegian, and what must hold stands in English too.
HEADINGS = {
    "case_id": "Saksnummer",
    "programme_id": "Programnummer",
    "table_nb": "Tabell",
    "column_nb": "Felt",
    "nb": "Dette skal stemme",
    "en": "What must hold (English)",
}
# How wide each column of the workbook is, in characters.
WIDTHS = dict(zip(HEADINGS.values(), (16, 16, 24, 28, 60, 60), strict=True))
CITYS = Phrase("Kommunen", "The municipality")
ROW_THERE = Phrase("Det er registrert noe i «{table}»", "Something is registered in “{table}”")
LOOK_AT = Phrase("Se på dette: {what}", "Look at this: {what}")
