"""The worklist as a workbook: every cell is the text it was, whoever opens it, whenever it is made."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from pipeline.quality import workbook
from pipeline.quality.workbook import as_workbook
from tests.factories import AS_OF

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WIDTHS = {"Saksnummer": 16, "Felt": 28}


def cells(*numbers: str | None) -> pl.DataFrame:
    return pl.DataFrame({"Saksnummer": list(numbers), "Felt": ["Start"] * len(numbers)}, orient="col").cast(
        pl.String
    )


def made(frame: pl.DataFrame, as_of: date = AS_OF) -> bytes:
    return as_workbook(frame, WIDTHS, name="St. Hanshaugen", as_of=as_of)


def parts(content: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()}


def rows(content: bytes, number: int = 1) -> list[list[str]]:
    """The cells of a sheet, each of which has to be text: anything else is not looked up and fails."""
    found = parts(content)
    texts = ["".join(si.itertext()) for si in found["xl/sharedStrings.xml"]]
    sheet = found[f"xl/worksheets/sheet{number}.xml"]
    assert not list(sheet.iter(f"{SHEET}f")) and not list(sheet.iter(f"{SHEET}hyperlink"))
    told = []
    for row in sheet.iter(f"{SHEET}row"):
        filled = [cell for cell in row if len(cell)]
        assert {cell.get("t") for cell in filled} == {"s"}
        told.append([texts[int(cell[0].text or "")] for cell in filled])
    return told


@pytest.mark.parametrize(
    "number",
    [
        "=1+1",
        "+47",
        "@SUM(A1)",
        "{=1+1}",
        "00012345",
        "123456789012",
        "1E5",
        "1-2",
        "http://a.example",
        "TRUE",
    ],
)
def test_every_cell_is_the_text_it_was(number: str) -> None:
    assert rows(made(cells(number))) == [["Saksnummer", "Felt"], [number, "Start"]]


def test_what_is_not_known_is_an_empty_cell_and_a_list_without_lines_has_its_header() -> None:
    assert rows(made(cells(None))) == [["Saksnummer", "Felt"], ["Start"]]
    assert rows(made(cells())) == [["Saksnummer", "Felt"]]


def test_the_same_night_is_the_same_bytes_and_no_clock_is_in_them() -> None:
    content = made(cells("A1"))
    assert content == made(cells("A1"))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = book.read("docProps/core.xml").decode()
    assert about.count(f"{AS_OF}T00:00:00Z") == 2 and about.count("T00:00:00Z") == 2


def test_the_header_stays_in_sight_the_list_can_be_filtered_and_is_named_after_its_bydel() -> None:
    found = parts(made(cells("A1", "A2")))
    sheet = found["xl/worksheets/sheet1.xml"]
    (pane,) = sheet.iter(f"{SHEET}pane")
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
    (chosen,) = sheet.iter(f"{SHEET}autoFilter")
    assert chosen.get("ref") == "A1:B3"
    (named,) = found["xl/workbook.xml"].iter(f"{SHEET}sheet")
    assert named.get("name") == "St. Hanshaugen"


def test_what_a_sheet_cannot_hold_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    content = made(cells("A1", "A2", "A3"))
    assert [row[0] for n in (1, 2) for row in rows(content, n)] == [
        "Saksnummer",
        "A1",
        "A2",
        "Saksnummer",
        "A3",
    ]


def test_no_case_number_is_on_disk_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    for name in ("mkstemp", "NamedTemporaryFile", "TemporaryFile", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    made(cells(*(f"A{n}" for n in range(5000))))
