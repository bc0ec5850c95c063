"""The report in a real browser: nothing is fetched, nothing fails, no mouse is needed, a phone will do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipeline.night.report import write_report
from pipeline.pages.phrase import LANGUAGES
from pipeline.pages.text import say
from tests.checked_world import checked
from tests.factories import settings_at
from tests.quality_world import AS_OF
from tests.unit.test_pages_report import inputs, night_of

pytestmark = pytest.mark.chromium
WIDE, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 800}
MOST_BYTES = 3_000_000
# What of axe-core's findings would fail the law's WCAG 2.1 AA.
GRAVE = {"serious", "critical"}
# 400 % zoom of a 1280 pixel window: WCAG 2.1's reflow.
ZOOMED = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    written = write_report(settings_at(folder), night_of(inputs(folder / "core"), checked()))
    return dict(zip(LANGUAGES, written, strict=False))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, report: dict[str, Path]) -> Iterator[Page]:
    opened = browser.new_page(viewport=WIDE)
    opened.goto(report["nb"].as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_and_nothing_is_complained_about(
    browser: Browser, report: dict[str, Path], language: str
) -> None:
    page, asked, said = browser.new_page(viewport=WIDE), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report[language].as_uri(), wait_until="load")
    page.wait_for_timeout(200)
    page.close()

    assert [url for url in asked if not url.startswith("data:")] == [report[language].as_uri()]
    assert said == []
    assert report[language].stat().st_size < MOST_BYTES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language_and_links_to_the_other(
    browser: Browser, report: dict[str, Path], language: str
) -> None:
    page = browser.new_page()
    page.goto(report[language].as_uri())
    assert page.evaluate("document.documentElement.lang") == language
    page.click("a[hreflang]")
    assert page.evaluate("document.documentElement.lang") != language
    page.close()


@pytest.mark.parametrize("viewport", [WIDE, ZOOMED], ids=["wide", "400 % zoom"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_with_every_fold_open(
    browser: Browser, report: dict[str, Path], language: str, viewport: dict[str, int]
) -> None:
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.goto(report[language].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    found = Axe().run(page).response["violations"]
    page.close()
    told = [(v["id"], v["impact"], [node["html"][:120] for node in v["nodes"][:3]]) for v in found]
    assert told == []


def test_axe_sees_what_is_wrong(page: Page) -> None:
    """The test of the test: a picture without words and a grey on grey."""
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        '\'<img src="data:,"><p style="color:#aaa;background:#bbb">grey</p>\')'
    )
    found = {v["id"] for v in Axe().run(page).response["violations"] if v["impact"] in GRAVE}
    assert {"image-alt", "color-contrast"} <= found


def test_every_place_the_keyboard_reaches_can_be_seen(page: Page) -> None:
    """An outline at each of the first stops; the skip link comes first."""
    unseen = []
    for stop in range(40):
        page.keyboard.press("Tab")
        kind, width = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " const w = parseFloat(s.outlineWidth);"
            " return [`${e.tagName}.${e.className}`, s.outlineStyle === 'none' ? 0 : w]; })()"
        )
        if stop == 0:
            assert kind == "A.skip"
        if width < 2:
            unseen.append(kind)
    assert unseen == []


def test_a_table_is_sorted_by_its_heading_up_and_down(page: Page) -> None:
    table = "table[data-name^='quality-flow']"
    heading = page.locator(f"{table} th .sort", has_text="Mottatt")
    figures = f'[...document.querySelectorAll("{table} tbody tr")].map(r => r.cells[1].textContent)'
    heading.press("Enter")
    up = page.evaluate(figures)
    assert page.locator(f"{table} th[aria-sort]").get_attribute("aria-sort") == "ascending"
    heading.press("Enter")
    assert up == ["410", "990", "1\u00a0235"]
    assert page.evaluate(figures) == up[::-1]


PARTLY_HIDDEN = """
() => {
  for (const table of document.querySelectorAll('table[data-name]'))
    for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
      const cells = [...table.tBodies[0].rows].map(row => row.cells[place]?.textContent);
      const hidden = cells.filter(words => words === 'skjult').length;
      if (head.matches('.num') && hidden && hidden < cells.length && head.checkVisibility())
        return [table.dataset.name, place];
    }
}
"""


def test_what_is_hidden_is_sorted_last_both_ways(page: Page) -> None:
    name, place = page.evaluate(PARTLY_HIDDEN)
    rows = f"[...document.querySelectorAll('table[data-name=\"{name}\"] tbody tr')]"
    heading = page.locator(f"table[data-name='{name}'] thead th").nth(place).locator(".sort")
    for _ in ("up", "down"):
        heading.press("Enter")
        hidden = [
            words == "skjult" for words in page.evaluate(f"{rows}.map(r => r.cells[{place}].textContent)")
        ]
        assert hidden == sorted(hidden) and True in hidden and False in hidden


def test_a_heading_that_can_be_sorted_by_takes_no_line_more(page: Page) -> None:
    tall = page.evaluate(
        "[...document.querySelectorAll('#flow thead tr')].map(r => r.getBoundingClientRect().height)"
    )
    assert tall and max(tall) < 40


def test_a_table_is_filtered_by_what_is_written(page: Page) -> None:
    lines = "[...document.querySelectorAll('table.heat tbody tr:not(.g)')]"
    rows = f"{lines}.filter(r => r.checkVisibility()).length"
    every = page.evaluate(rows)
    box = page.locator("#heat .tools input").first
    box.fill("skolegang")
    assert 0 < page.evaluate(rows) < every
    assert page.locator("#heat .tools [role=status]").first.inner_text().split()[1] == "av"
    box.fill("")
    assert page.evaluate(rows) == every


def test_what_is_downloaded_is_what_the_table_shows(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as caught:
        page.locator("#flow .tools button").last.click()
    name = caught.value.suggested_filename
    caught.value.save_as(tmp_path / name)
    saved = (tmp_path / name).read_text("utf-8-sig").splitlines()
    shown = page.locator("table[data-name^='quality-flow'] tbody tr").count()
    assert name == f"quality-flow-{AS_OF.isoformat()}.csv"
    assert saved[0] == '"Tabell";"Mottatt";"Karantene"' and len(saved) == shown + 1
    assert any("skjult" in line for line in saved)


def test_nothing_is_lost_without_the_script(browser: Browser, report: dict[str, Path]) -> None:
    without = browser.new_context(java_script_enabled=False).new_page()
    without.goto(report["nb"].as_uri())
    assert without.locator("table").count() > 5
    assert without.locator(".tools").count() == 0
    without.context.close()


def test_headings_make_an_outline_without_gaps(page: Page) -> None:
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    named = "[...document.querySelectorAll('section')].map(s => s.getAttribute('aria-labelledby'))"
    assert all(page.locator(f"h2#{name}").count() == 1 for name in page.evaluate(named))


def test_every_picture_is_named_and_every_id_is_used_once(page: Page) -> None:
    pictures: list[dict[str, Any]] = page.evaluate(
        "[...document.querySelectorAll('svg:not([aria-hidden])')].map(s => ({role: s.getAttribute('role'),"
        " title: document.getElementById(s.getAttribute('aria-labelledby'))?.textContent || ''}))"
    )
    assert pictures
    assert all(picture["role"] == "img" and len(picture["title"]) > 20 for picture in pictures)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_every_table_has_headers_that_say_what_they_head(page: Page) -> None:
    wrong = page.evaluate(
        "[...document.querySelectorAll('th')]"
        ".filter(h => !['row', 'col', 'rowgroup'].includes(h.scope)).length"
    )
    assert wrong == 0


def test_everything_that_folds_or_scrolls_is_reached_by_the_keyboard(page: Page) -> None:
    reached = set()
    for _ in range(600):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(() => { const e = document.activeElement; if (!e || e === document.body) return null;"
            " return [...document.querySelectorAll('a, summary, .scroll, button, input')].indexOf(e); })()"
        )
        if here is None or here in reached:
            break
        reached.add(here)
    wanted = page.evaluate(
        "[...document.querySelectorAll('a, summary, .scroll, button, input')].map((e, i) =>"
        " e.checkVisibility() ? i : -1).filter(i => i >= 0)"
    )
    assert reached >= set(wanted)


def test_a_fold_opens_with_the_keyboard(page: Page) -> None:
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")


OPEN_FLAGS = "[...document.querySelectorAll('.flag:has(details[open])')].map(e => e.id)"


def test_a_link_to_a_flag_opens_its_list(browser: Browser, page: Page) -> None:
    assert page.evaluate(OPEN_FLAGS) == []
    link = page.locator("a[href^='#flag-']").first
    flag = str(link.get_attribute("href"))[1:]
    for _ in range(2):  # also where the address has it already
        link.click()
        expect(page.locator(".flag details[open]")).to_have_count(1)
        assert page.evaluate(OPEN_FLAGS) == [flag]
        expect(page.locator(f"#{flag} h3")).to_be_in_viewport()
        page.evaluate(f"document.querySelector('#{flag} details').open = false")
    fresh = browser.new_page(viewport=WIDE)
    fresh.goto(f"{page.url.split('#')[0]}#{flag}")
    assert fresh.evaluate(OPEN_FLAGS) == [flag]
    fresh.close()


@pytest.mark.parametrize("viewport", [PHONE, ZOOMED], ids=["phone", "400 % zoom"])
def test_on_a_phone_what_is_to_be_done_about_a_field_is_on_the_screen(
    browser: Browser, report: dict[str, Path], viewport: dict[str, int]
) -> None:
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.goto(report["nb"].as_uri())
    steps = page.evaluate(
        "[...document.querySelectorAll('#decide td.act')].filter(c => c.checkVisibility())"
        ".map(c => [c.innerText, getComputedStyle(c, '::before').content, c.getBoundingClientRect().right])"
    )
    page.close()
    assert steps and all(said and say("what_to_do", "nb") in head for said, head, _ in steps)
    assert max(end for *_, end in steps) <= viewport["width"]


@pytest.fixture
def long_table(report: dict[str, Path], tmp_path: Path) -> Path:
    """The page with enough lines in the table of what is to be done that it can be filtered."""
    before, table, after = re.split(
        r"(?s)(<table class=\"plain cards\".*?</table>)", report["nb"].read_text("utf-8"), maxsplit=1
    )
    row = re.findall(r"(?s)<tr><th scope=\"row\">.*?</tr>", table)[0]
    lines = [re.sub(r"(?s)(<th scope=\"row\">).*?(</th>)", rf"\1Felt {name}\2", row) for name in LINES]
    longer = re.sub(r"(?s)<tbody>.*</tbody>", lambda _: f"<tbody>{''.join(lines)}</tbody>", table)
    made = tmp_path / "long.html"
    made.write_text(before + longer + after, "utf-8")
    return made


LINES = ("bille", "and", "elg", "due", "fugl", "ceder", "gås")
LINES_SEEN = (
    "[...document.querySelectorAll('#decide table.cards tbody tr')].filter(r => r.checkVisibility())"
    ".map(r => r.cells[0].innerText.trim().split(' ')[1])"
)


@pytest.mark.parametrize("viewport", [WIDE, PHONE, ZOOMED], ids=["wide", "phone", "400 % zoom"])
def test_a_table_that_stands_as_cards_is_filtered_sorted_and_saved_all_the_same(
    browser: Browser, long_table: Path, viewport: dict[str, int], tmp_path: Path
) -> None:
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.goto(long_table.as_uri())
    bar = page.locator("#decide .tools").first
    assert page.evaluate(LINES_SEEN) == list(LINES)
    bar.locator("input").fill("felt e")
    assert page.evaluate(LINES_SEEN) == ["elg"]
    assert bar.locator("[role=status]").inner_text() == f"1 av {len(LINES)}"
    with page.expect_download() as caught:
        bar.locator("button").click()
    caught.value.save_as(tmp_path / "saved.csv")
    assert len((tmp_path / "saved.csv").read_text("utf-8-sig").splitlines()) == 2
    bar.locator("input").fill("")
    heads = page.locator("#decide table.cards thead .sort")
    assert heads.count() == 7 and all(heads.nth(place).is_visible() for place in range(7))
    heads.first.press("Enter")
    assert page.evaluate(LINES_SEEN) == sorted(LINES, key=lambda name: name.replace("å", "zz"))
    heads.first.press("Enter")
    assert page.evaluate(LINES_SEEN)[0] == "gås"
    ends = page.evaluate(
        "[...document.querySelectorAll('#decide .cards .sort')].map(b => b.getBoundingClientRect().right)"
    )
    assert max(ends) <= viewport["width"]
    told = [(v["id"], v["impact"]) for v in Axe().run(page).response["violations"]]
    page.close()
    assert told == []


def test_without_the_script_cards_have_no_heads_that_do_nothing(
    browser: Browser, report: dict[str, Path]
) -> None:
    without = browser.new_context(java_script_enabled=False, viewport=ZOOMED).new_page()  # type: ignore[arg-type]
    without.goto(report["nb"].as_uri())
    heads = without.locator("#decide table.cards thead th")
    assert heads.count() and not any(heads.nth(place).is_visible() for place in range(heads.count()))
    without.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_the_title_of_every_table_is_whole(
    browser: Browser, report: dict[str, Path], language: str
) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(report[language].as_uri())
    ends = page.evaluate(
        "[...document.querySelectorAll('.plain > caption')].filter(c => c.checkVisibility())"
        ".map(c => { const r = document.createRange(); r.selectNodeContents(c);"
        " return r.getBoundingClientRect().right; })"
    )
    page.close()
    assert ends and max(ends) <= PHONE["width"]


@pytest.mark.parametrize("viewport", [PHONE, ZOOMED], ids=["phone", "400 % zoom"])
def test_the_page_itself_never_scrolls_sideways(
    browser: Browser, report: dict[str, Path], viewport: dict[str, int]
) -> None:
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.goto(report["nb"].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_every_verdict_on_those_who_cannot_be_linked_is_on_the_screen(
    browser: Browser, report: dict[str, Path], language: str
) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(report[language].as_uri())
    ends = page.evaluate(
        "[...document.querySelectorAll('.bias tbody td:nth-child(2)')].map(c => [c.innerText.length > 2,"
        " c.getBoundingClientRect().width > 60, c.getBoundingClientRect().right])"
    )
    page.close()
    assert ends and all(said and wide and end <= PHONE["width"] for said, wide, end in ends)


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_every_picture_fits_the_place_it_stands_in(
    browser: Browser, report: dict[str, Path], viewport: dict[str, int]
) -> None:
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.goto(report["nb"].as_uri())
    beyond = page.evaluate(
        "[...document.querySelectorAll('svg:not([aria-hidden])')].filter(s => s.getBoundingClientRect().width"
        " > s.parentElement.clientWidth + 1).map(s => s.getAttribute('aria-labelledby'))"
    )
    page.close()
    assert beyond == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_wide_screen_nothing_is_cut_off(page: Page, report: dict[str, Path], language: str) -> None:
    page.goto(report[language].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.checkVisibility()"
        " && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')"
        ".map(e => e.ariaLabel)"
    )
    assert cut == []


def test_all_text_can_be_read_on_its_ground(page: Page) -> None:
    """Every visible text in HTML against the nearest opaque ground: 4.5, or 3 where it is large."""
    assert page.evaluate(CONTRAST) == []


CONTRAST = """
() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const f = c.slice(0, 3).map(v => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const ground = e => { for (; e; e = e.parentElement) {
    const s = getComputedStyle(e), c = rgb(s.backgroundColor);
    if (s.backgroundImage !== 'none') return [222, 222, 222]; if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  const bad = [];
  for (const e of document.querySelectorAll('main *, header *')) {
    if (e.closest('svg') || e.closest('.vh') || !e.checkVisibility()) continue;
    const text = [...e.childNodes].filter(n => n.nodeType === 3 && n.textContent.trim()).length;
    if (!text) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const pair = [light(rgb(style.color)), light(ground(e))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < (size >= 24 ? 3 : 4.5)) bad.push([e.tagName, e.className, ratio.toFixed(2)]);
  }
  return bad.slice(0, 10);
}
"""


def test_on_paper_what_is_folded_stands_open(page: Page) -> None:
    page.emulate_media(media="print")
    assert page.evaluate(
        "[...document.querySelectorAll('details > :not(summary):not(.tools)')]"
        ".every(e => e.getBoundingClientRect().height > 0)"
    )
    assert not page.evaluate("[...document.querySelectorAll('.tools')].some(e => e.checkVisibility())")
    # Chromium repeats the head of a table on every sheet, but not one that a button stands in.
    heads = "[...document.querySelectorAll('.sort')].map(e => getComputedStyle(e).display)"
    assert set(page.evaluate(heads)) == {"contents"}
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
