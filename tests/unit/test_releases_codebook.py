"""The codebook: every fact of every released variable, in both languages, from the declarations."""

from __future__ import annotations

import re
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pipeline.disclosure.coarsen import quasi_identifiers
from pipeline.disclosure.roles import Mode
from pipeline.identity.usable import OutputKind
from pipeline.linkage.outcomes import WINDOWS
from pipeline.releases import codebook as room
from pipeline.releases.codebook import codebook
from pipeline.releases.explained import STATES, Section, sections, statuses
from pipeline.requests.request import Request, tables_of
from schemas import RESEARCH, codes
from schemas.registers.employment import FIRST_A_MELDING_YEAR
from schemas.variable import Column, Demand, Identifiability, Population, ValueState, columns
from tests.release_world import demo_request

LANGUAGES = ("nb", "en")
MARKED = "a\n\n# Heading\n<script>x</script> [b](javascript:c) | **d** `e` \\| f"
PLAIN = r"a \# Heading &lt;script>x&lt;/script> \[b\](javascript:c) \| \*\*d\*\* \`e\` \\\| f"


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
            said = [code for code in statuses(c) or labels if code != labels[code]]
            assert [code for code in said if code not in where or labels[code] not in where] == []


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
    assert "<script>" not in made["codebook.nb.md"]


def birth_years(page: str) -> list[str]:
    """The lines of that variable: of the table person, and of the coarsened one."""
    return [line for line in page.splitlines() if line.startswith("| `birth_year` |")]


def test_what_a_steward_wrote_stays_text_in_its_cell() -> None:
    row, coarsened = birth_years(books()["codebook.en.md"])
    mark = {"variable": "person.birth_year", "owner": "Kari", "since": "2025-03-01"}
    mark |= {"nb": MARKED, "en": MARKED}
    made = codebook(demo_request(), unfit=[mark])
    page, html = (made[f"codebook.en.{kind}"].decode() for kind in ("md", "html"))
    marked, *others = birth_years(page)
    assert PLAIN in marked and others == [coarsened]
    assert len(re.findall(r"(?<!\\)\|", marked)) == row.count("|")
    assert "<script>" not in page + html and "\n# Heading" not in page


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
    outcomes, *_ = sections(demo_request(), language)
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


def grouped(language: str, *columns: str) -> Section | None:
    """The section on the coarsened table, for a request of these columns."""
    output = next(o for o in demo_request().outputs if "coarsened_outcome" in o.tables)
    asked = output.model_copy(update={"tables": {"coarsened_outcome": list(columns)}})
    told = sections(demo_request().model_copy(update={"outputs": [asked]}), language)
    return next((section for section in told if section.id == "reading-coarsened"), None)


@pytest.mark.parametrize("suffix", ["md", "html"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nb",
            [
                "«Ikke kjent» (not_known) er et svar: personen er med i nevneren",
                "Blankt er ikke et svar",
                "Andel i status_y1 = rader med work_or_education / rader som ikke er blanke i status_y1",
                "Andel i status_y5 = rader med work_or_education / rader som ikke er blanke i status_y5",
                "status_y1: avslutningsår før 2014 er målt i det gamle registeret, "
                "2014 og senere i a-meldingen (2015)",
                "status_y5: avslutningsår før 2010 er målt i det gamle registeret, "
                "2010 og senere i a-meldingen (2015)",
            ],
        ),
        (
            "en",
            [
                "«Not known» (not_known) is an answer: the person is in the denominator",
                "Blank is no answer",
                "Share in status_y1 = rows with work_or_education / rows that are not blank in status_y1",
                "Share in status_y5 = rows with work_or_education / rows that are not blank in status_y5",
                "status_y1: exit years before 2014 are measured in the old register, "
                "2014 and later in the a-melding (2015)",
                "status_y5: exit years before 2010 are measured in the old register, "
                "2010 and later in the a-melding (2015)",
            ],
        ),
    ],
)
def test_the_coarsened_table_is_read_with_its_denominator_and_its_break(
    language: str, words: list[str], suffix: str
) -> None:
    made = books()[f"codebook.{language}.{suffix}"]
    text = Page(made).text if suffix == "html" else made
    assert [said for said in words if said not in text] == []


def test_each_group_says_which_statuses_it_gathers() -> None:
    section = grouped("en", "status_y1")
    assert section is not None
    assert {code: meaning for code, _, meaning in section.terms} == {
        "work_or_education": "Gathers: Work and education, Work, Education.",
        "something_else": "Gathers: Registered unemployed or on a measure, Other.",
        "not_known": "Gathers: Unknown.",
    }


def test_only_what_is_released_is_explained() -> None:
    section = grouped("nb", "sex", "status_y5")
    assert section is not None and not any("status_y1" in said for said in section.paragraphs)
    assert grouped("nb", "sex", "status_y0") is None


# --- a coarsened table, as the manifest describes it -----------------------------------------------------


def described(mode: Mode, **levels: int) -> dict[str, Any]:
    """What a manifest says of the coarsened file: every variable at its finest level but for `levels`."""
    asked = quasi_identifiers(coarse_columns())
    told = {name: {"level": levels.get(name, 0), "codes": "-"} for name in asked}
    return {
        "path": "data/coarsened_outcome.parquet",
        "k": 5,
        "t": 0.2,
        "suppression": 0.05,
        "mode": mode.value,
        "suppressed_rows": {"shown": None, "marker": "suppressed"},
        "recoding": "new",
        "coarsest": {},
        "levels": None if mode is Mode.CLASS else told,
        "loss": 0.25,
        "loss_by_variable": dict.fromkeys(asked, 0.25),
    }


def coarse_columns() -> list[str]:
    (output,) = [o for o in demo_request().outputs if o.kind is OutputKind.COARSENED]
    return output.tables["coarsened_outcome"]


def codes_listed(file: dict[str, Any], variable: str, language: str = "en") -> dict[str, str]:
    """The codes under that variable of the coarsened table, in the Markdown page."""
    page = codebook(demo_request(), described=[file])[f"codebook.{language}.md"].decode()
    _, _, table = page.partition("\n## coarsened_outcome")
    assert table
    _, _, after = table.partition(f"\n### `{variable}`")
    block, _, _ = after.partition("\n### ")
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", block, re.MULTILINE))


@pytest.mark.parametrize(
    ("level", "there", "gone"),
    [
        (0, "2003-01 … 2034-12", "2003-Q1 … 2034-Q4"),
        (1, "2003-Q1 … 2034-Q4", "2003-01 … 2034-12"),
        (3, "2003-2006 … 2031-2034", "2003 … 2034"),
    ],
)
def test_the_codes_of_a_variable_are_those_of_its_level(level: int, there: str, gone: str) -> None:
    listed = codes_listed(described(Mode.LEVEL, start_month=level), "start_month")
    assert set(listed) == {there, "X"} and gone not in listed


def test_a_variable_whose_values_are_all_one_says_so() -> None:
    file = described(Mode.LEVEL, start_month=4)
    assert codes_listed(file, "start_month") == {"*": "all values are one"}
    assert codes_listed(file, "start_month", "nb") == {"*": "alle verdier er slått sammen"}
    assert "*" not in codes_listed(file, "sex")


def test_where_levels_differ_by_class_every_level_and_any_are_listed() -> None:
    listed = codes_listed(described(Mode.CLASS), "start_month")
    assert listed == {
        "2003-01 … 2034-12": "Month",
        "2003-Q1 … 2034-Q4": "Quarter",
        "2003 … 2034": "Year",
        "2003-2006 … 2031-2034": "Period",
        "X": "Not stated · code for unknown",
        "*": "all values are one",
    }
    assert codes_listed(described(Mode.CLASS), "children")["1+"] == "One child or more"
    assert "*" not in codes_listed(described(Mode.CLASS), "status_y0")  # never coarsened
    limited = described(Mode.CLASS) | {"coarsest": {"children": {"level": 1, "codes": "has_children"}}}
    assert "*" not in codes_listed(limited, "children") and "*" in codes_listed(limited, "sex")


def test_a_blank_of_a_coarsened_column_is_told_to_be_the_code_for_unknown() -> None:
    whole, (first, *_) = demo_request(), demo_request().outputs
    alone = whole.model_copy(update={"outputs": [first]})
    for language, words in (("nb", "ukjent-koden står også for"), ("en", "unknown also stands for")):
        assert [words in text for name, text in books(whole).items() if f".{language}." in name] == [True] * 2
        assert not any(words in text for text in books(alone).values())
