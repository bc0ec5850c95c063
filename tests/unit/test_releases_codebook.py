"""The codebook: every fact of every released variable, in both languages, from the declarations."""

from __future__ import annotations

from enum import Enum
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.identity.usable import OutputKind
from pipeline.releases import codebook as room
from pipeline.releases.build import Built
from pipeline.releases.codebook import codebook
from pipeline.requests.request import Request, tables_of
from schemas import RESEARCH
from schemas.variable import Column, Demand, Identifiability, Population, columns
from tests.release_world import demo_request, sources

LANGUAGES = ("nb", "en")


def books(request: Request | None = None) -> dict[str, str]:
    asked = request or demo_request()
    built = [
        Built(name, tables_of(o.kind)[name], o.approved(name), o.kind, sources(2).person)
        for o in asked.outputs
        for name in o.tables
    ]
    return {name: content.decode() for name, content in codebook(asked, built).items()}


def released_columns() -> list[Column]:
    return [c for o in demo_request().outputs for name in o.tables for c in o.approved(name)]


class Page(HTMLParser):
    """What a browser would be asked to fetch, which tags stay open, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [v or "" for k, v in attrs if k in {"src", "href"} and not (v or "").startswith("#")]
        if tag not in {"meta", "link", "br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_released_variable_stands_with_its_label_and_codes(language: str) -> None:
    made = books()
    page, text = Page(made[f"codebook.{language}.html"]), made[f"codebook.{language}.md"]
    for c in released_columns():
        for where in (page.text, text):
            assert c.name in where and getattr(c.about, language) in where
            for code, label in c.about.codes.labels(language).items() if c.about.codes else ():
                assert code in where and label in where


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_fetches_nothing(language: str) -> None:
    page = Page(books()[f"codebook.{language}.html"])
    assert page.fetched == [] and page.open == []


def test_a_variable_that_is_not_released_is_not_described() -> None:
    request = demo_request()
    first = request.outputs[0].model_copy(update={"tables": {"person": ["sex"]}})
    made = books(request.model_copy(update={"outputs": [first]}))
    assert all("birth_year" not in text for text in made.values())


def test_a_title_is_text_and_never_markup() -> None:
    request = demo_request()
    title = request.title.model_copy(update={"nb": "<script>alert(1)</script>"})
    made = books(request.model_copy(update={"title": title}))
    assert "<script>" not in made["codebook.nb.html"]


@pytest.mark.parametrize(
    ("words", "members"),
    [(room.DEMANDS, Demand), (room.POPULATIONS, Population), (room.IDENTIFIABILITIES, Identifiability)],
)
def test_every_member_has_words(words: dict[Enum, tuple[str, str]], members: type[Enum]) -> None:
    assert set(words) == set(members)


def test_every_unit_and_type_of_a_research_table_has_words() -> None:
    all_columns = [c for table in RESEARCH for c in columns(table)]
    assert {c.about.unit for c in all_columns if c.about.unit} <= set(room.UNITS)
    assert {str(c.dtype) for c in all_columns} <= set(room.TYPES)


def test_what_nobody_asks_for_is_said_to_be_asked_for_by_nobody() -> None:
    line = next(x for x in books()["codebook.nb.md"].splitlines() if x.startswith("| `education_level` |"))
    assert "| ingen |" in line and "40" in line


def test_the_kinds_stand_with_their_labels(tmp_path: Path) -> None:
    text = books()["codebook.nb.md"]
    assert "pseudonymisert – personopplysninger" in text and "lav risiko" in text
    assert set(tables_of(OutputKind.COARSENED)) == {"coarsened_outcome"}
