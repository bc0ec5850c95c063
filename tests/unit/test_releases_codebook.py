"""The codebook: every fact of every released variable, in both languages, from the declarations."""

from __future__ import annotations

from enum import Enum
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.identity.usable import OutputKind
from pipeline.linkage.outcomes import WINDOWS
from pipeline.releases import codebook as room
from pipeline.releases.codebook import codebook
from pipeline.releases.explained import STATES, sections, statuses
from pipeline.requests.request import Request, tables_of
from schemas import RESEARCH, codes
from schemas.registers.employment import FIRST_A_MELDING_YEAR
from schemas.variable import Column, Demand, Identifiability, Population, ValueState, columns
from tests.release_world import demo_request

LANGUAGES = ("nb", "en")


def books(request: Request | None = None) -> dict[str, str]:
    made = codebook(request or demo_request())
    return {name: content.decode() for name, content in made.items()}


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
            labels = c.about.codes.labels(language) if c.about.codes else {}
            for code in statuses(c) or labels:
                assert code in where and labels[code] in where


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_is_defined_in_the_words_of_its_window(language: str) -> None:
    made = books()
    page = Page(made[f"codebook.{language}.html"])
    for where in (page.text, made[f"codebook.{language}.md"]):
        assert all(getattr(window, language) in where for window in WINDOWS)
        assert all(label in where for label in codes.VALUE_STATE.labels(language).values())


def outcome_terms(language: str) -> dict[str, str]:
    outcomes, _ = sections(demo_request(), language)
    return {code: meaning for code, _, meaning in outcomes.terms}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_break_of_2015_stands_with_the_exit_years_it_falls_on(language: str) -> None:
    assert FIRST_A_MELDING_YEAR == 2015
    said = outcome_terms(language)
    assert "2015" not in said["y0"]
    assert "2015" in said["y1"] and "2014" in said["y1"] and "2010" not in said["y1"]
    assert "2015" in said["y5"] and "2010" in said["y5"] and "2014" not in said["y5"]


@pytest.mark.parametrize(
    ("nb", "en"),
    [
        ("Programmet må ha en sluttdato", "must have an end date"),
        ("både timer og lønn", "both hours and pay"),
        ("Grunnskole er «Annet»", "Compulsory school is «Other»"),
        ("«Ukjent» er den ingen", "«Unknown» is whoever no register"),
        ("omsorgspermisjon", "care leave"),
        ("overlapper", "overlap"),
        ("in_numerator", "in_numerator"),
        ("«Observert»", "«Observed»"),
        ("NULL betyr", "NULL means"),
        ("svart «ukjent»", "answered «unknown»"),
    ],
)
def test_what_a_reader_of_outcomes_must_know_is_said(nb: str, en: str) -> None:
    made = books()
    assert nb in made["codebook.nb.md"] and en in made["codebook.en.md"]


def test_every_state_of_a_value_is_explained() -> None:
    assert set(STATES) == set(ValueState)


def test_a_release_without_outcomes_says_nothing_of_them() -> None:
    request = demo_request()
    first = request.outputs[0].model_copy(update={"tables": {"person": ["sex"]}})
    bare = request.model_copy(update={"outputs": [first]})
    assert [section.id for section in sections(bare, "nb")] == ["reading-values"]


def test_a_status_of_one_outcome_lists_only_the_codes_it_can_have() -> None:
    text = books()["codebook.en.md"].split("### `status_y")
    y0, y1 = text[1], text[2]
    assert "`education`" in y0 and "`unknown`" not in y0 and "`dead`" not in y0
    assert "`work_or_education`" in y1 and "`not_known`" in y1
    assert "`education`" not in y1 and "`not_resident`" not in y1
