"""A worklist as the workbook that whoever corrects the cases opens: every cell is text, and stays it.

Made in memory alone: its rows are case numbers, and a file on the way would be one more to guard. What does
not belong here: which lines there are and whose they are (`worklist.py`), and words (the caller's).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

# A spreadsheet has 1,048,576 rows, and one of them is the header.
MOST_ROWS = 1_000_000
_TEXT = {"num_format": "@", "valign": "top", "text_wrap": True}
_HEADER = {
    "bold": True,
    "bg_color": "#1f3a5f",
    "font_color": "#ffffff",
    "text_wrap": True,
    "valign": "vcenter",
}
_AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_A4 = 9


def as_workbook(cells: pl.DataFrame, widths: Mapping[str, int], *, name: str, as_of: date) -> bytes:
    """The sheet `name` of `cells`, all text: a header that stays in sight, a filter, ready to print.

    `widths` (in characters) has every column. The same cells of the same night are the same bytes. What one
    sheet cannot hold goes on in the next.
    """
    from xlsxwriter import Workbook

    made = io.BytesIO()
    with Workbook(made, _AS_TEXT) as book:
        book.set_properties({"title": name, "created": datetime.combine(as_of, time(), UTC)})
        text, header = book.add_format(_TEXT), book.add_format(_HEADER)
        for place, part in enumerate(cells.iter_slices(MOST_ROWS) if cells.height else [cells], 1):
            page = book.add_worksheet(name if place == 1 else f"{name} {place}")
            for column, (heading, width) in enumerate(widths.items()):
                page.set_column(column, column, width, text)
                page.write_string(0, column, heading, header)
                page.write_column(1, column, part[heading].to_list())
            _for_reading(page, part.height, len(widths) - 1, heading=name)
    return made.getvalue()


def _for_reading(page: Worksheet, last_row: int, last_column: int, *, heading: str) -> None:
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, last_row, last_column)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # a case number is no number
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header("&L" + heading.replace("&", "&&"))
    page.set_footer("&R&P / &N")
