"""The privacy certificate in a real browser: nothing is fetched, axe finds nothing, a phone will do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from pipeline.disclosure import policy
from pipeline.disclosure.certificate import certificates
from pipeline.disclosure.evidence import Decision, Evidence, gather
from pipeline.disclosure.roles import Roles
from pipeline.identity.usable import OutputKind
from pipeline.releases.words import LANGUAGES
from pipeline.requests.request import Bilingual

pytestmark = pytest.mark.chromium
WIDE, PHONE = {"width": 1100, "height": 1600}, {"width": 320, "height": 640}
A4 = {"width": 690, "height": 1000}  # between its margins
LONG = "a_very_long_name_of_a_variable_that_nobody_shortened"
ROLES = Roles.model_validate(
    {"columns": {"town": {"role": "quasi"}, LONG: {"role": "sensitive", "t": 0.2, "adverse": ["f"]}}}
)
GOOD = pl.DataFrame({"town": ["a"] * 200 + ["b"] * 200, LONG: ["f", "n"] * 200})
BAD = GOOD.head(203)  # town b has three


def evidence() -> list[Evidence]:
    """A file of each conclusion: personal data, low risk, beyond its limits, and a human's decision."""
    decision = Decision(by="Kari Ombud", on=date(2025, 2, 1), why="Få variabler.")
    return [
        Evidence(name="person", kind=OutputKind.PSEUDONYMISED),
        gather("good", GOOD, ROLES, policy.packaged(), before=GOOD, population=GOOD, last=GOOD.head(390)),
        gather("bad", BAD, ROLES, policy.packaged(), before=GOOD),
        gather("decided", GOOD, ROLES, policy.packaged(), before=GOOD, decision=decision),
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    title = Bilingual(nb="Fra program til arbeid", en="From programme to work")
    for name, content in certificates(evidence(), title, "demo, 0123456789ab, 2025-03-01").items():
        (folder / name).write_bytes(content)
    return {language: folder / f"certificate.{language}.html" for language in LANGUAGES}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


def opened(browser: Browser, path: Path, viewport: dict[str, int]) -> Page:
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_and_it_says_its_language(
    browser: Browser, written: dict[str, Path], language: str
) -> None:
    page, asked, said = browser.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(written[language].as_uri(), wait_until="load")
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.scripts.length") == 0
    page.close()
    assert (asked, said) == ([written[language].as_uri()], [])


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "400 % zoom"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(
    browser: Browser, written: dict[str, Path], language: str, viewport: dict[str, int]
) -> None:
    page = opened(browser, written[language], viewport)
    found = Axe().run(page).response["violations"]
    page.close()
    assert [(v["id"], v["impact"], [node["html"][:120] for node in v["nodes"][:3]]) for v in found] == []


def test_axe_sees_what_is_wrong(browser: Browser, written: dict[str, Path]) -> None:
    """The test of the test: a badge in grey on grey."""
    page = opened(browser, written["nb"], WIDE)
    page.add_style_tag(content=".badge { color: #aaa !important; background: #bbb !important; }")
    found = {v["id"] for v in Axe().run(page).response["violations"]}
    page.close()
    assert "color-contrast" in found


def test_every_table_names_its_rows_and_nothing_is_told_by_colour_alone(
    browser: Browser, written: dict[str, Path]
) -> None:
    page = opened(browser, written["nb"], WIDE)
    unnamed = "[...document.querySelectorAll('table th')].filter(th => !th.scope).length"
    rows = "[...document.querySelectorAll('tbody tr')].every(tr => tr.cells[0].scope == 'row')"
    badges = "[...document.querySelectorAll('.badge')].map(each => each.textContent)"
    coloured = "[...document.querySelectorAll('td.good, td.bad')].map(each => each.textContent)"
    assert page.evaluate(unnamed) == 0 and page.evaluate(rows)
    assert page.evaluate(badges) == [
        "pseudonymisert – personopplysninger",
        "lav risiko",
        "utenfor grensene",
        "anonymt etter beslutning av Kari Ombud",
    ]
    assert set(page.evaluate(coloured)) == {"ja", "nei"}
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_the_page_does_not_scroll_sideways(
    browser: Browser, written: dict[str, Path], language: str
) -> None:
    page = opened(browser, written[language], PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()


def test_on_paper_nothing_is_cut_off(browser: Browser, written: dict[str, Path]) -> None:
    page = opened(browser, written["nb"], A4)
    page.emulate_media(media="print")
    over = "[...document.querySelectorAll('table')].filter(t => t.offsetWidth > innerWidth).length"
    assert page.evaluate(over) == 0
    page.close()
