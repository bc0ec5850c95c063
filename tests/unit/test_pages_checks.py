"""What the page says of the checks: a sentence for every flag, grades, paragraphs, curves and trends."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.disclosure.tables import BASE
from pipeline.pages.checks import as_published, check_figures, unripe_cells
from pipeline.pages.delays import FEWEST, delay_figures, protected_delays
from pipeline.pages.field_facts import paragraph
from pipeline.pages.findings import MOST_SENTENCES, Finding, by_flag, findings, needs_deciding
from pipeline.pages.grades import GradeCell, grade_rows, paragraphs
from pipeline.pages.memory import Memory
from pipeline.pages.phrase import LANGUAGES
from pipeline.pages.protected import By
from pipeline.pages.report import page
from pipeline.pages.text import TEXT, say
from pipeline.pages.trends import trend_figures
from pipeline.pages.views import Cell, View, sparse_fields, years
from pipeline.quality.judgement import to_decide, worse_counted
from pipeline.quality.results import FIELD
from pipeline.quality.stewardship import Unfit
from schemas import BY_NAME, codes
from schemas.variable import column
from tests import checked_world as world
from tests.quality_world import AS_OF
from tests.unit.test_pages_report import inputs, night_of

pytestmark = pytest.mark.slow

MARK = Unfit("person", "sex", None, "Socio-forvalter", date(2025, 1, 2), "Skal utgå.", "To be removed.")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    exact = inputs(tmp_path_factory.mktemp("core"))
    return View(language="en", shown=night_of(exact).shown, as_of=AS_OF)


# --- findings ---------------------------------------------------------------------------------------------


def test_every_flag_has_its_reasons_and_a_next_step_in_both_languages() -> None:
    for flag in codes.QUALITY_FLAG.values():
        assert {f"why_{flag}", f"todo_{flag}"} <= set(TEXT)
    for kind in codes.EFFECT_KIND.values():
        assert kind == "change" or f"effect_{kind}" in TEXT
    for standing in codes.STEWARDSHIP.values():
        assert f"standing_{standing}" in TEXT


def test_a_finding_says_what_where_how_much_why_and_what_to_do(view: View) -> None:
    (found,) = findings(view, world.results({}))
    assert found.check == "Filled less than promised"
    assert found.place == "“Level of education” (Background), participants"
    assert (
        found.how_much == "about 20 percentage points below what is promised; 50–75 % have a value, of 1,230"
    )
    assert found.why and found.to_do and found.standing == "open"


def test_only_what_failed_and_may_be_seen_is_told(view: View) -> None:
    told = findings(
        view,
        world.results(
            {"result_id": "00000000000000b1", "status": "passed"},
            {"result_id": "00000000000000b2", "status": None, "marker": "suppressed"},
            {"result_id": "00000000000000b3", "status": "could_not_run"},
        ),
    )
    assert told == []


def test_of_what_comes_late_the_share_of_all_years_is_not_told_beside_that_of_the_latest(view: View) -> None:
    late = {"check": "registration_delay", "flag": "late", "effect_kind": "expected_final"}
    now, before = findings(
        view,
        world.results(
            {**late, "effect_percent": 90, "now_percent": 60},
            {**late, "effect_percent": 80, "result_id": "b" * 16},
        ),
    )
    assert now.how_much.replace("\N{NO-BREAK SPACE}", " ") == (
        "latest 24 months: now about 60 %, expected in the end at least about 90 %"
    )
    assert before.how_much == "expected in the end: about 80 %; 50–75 % have a value, of 1,230"


def test_of_what_comes_late_nobody_is_told_to_wait_for_what_is_not_expected(view: View) -> None:
    late = {"check": "registration_delay", "flag": "late", "effect_kind": "expected_final", "n": 200}

    def found(number: str, now: int | None, end: int | None) -> Finding:
        row = {**late, "result_id": number * 16, "now_percent": now, "effect_percent": end}
        (one,) = findings(view, world.results(row))
        return one

    rises, came, untold = found("1", 60, 90), found("2", 90, 90), found("3", None, None)
    assert "will rise" in rises.why and "give the expected figure" in rises.to_do
    assert "little more is expected" in came.how_much
    assert "rise" not in came.why and "expected" not in came.to_do
    assert "may be too low" in untold.why and "expected" not in untold.to_do
    # All are of one flag: each is said, and on the first screen each has its own line.
    together = [rises, came, untold]
    (group,) = by_flag(view, together)
    assert all(f.why in group.why and f.to_do in group.to_do for f in together)
    first = needs_deciding(view, together).groups
    assert {(g.why, line.count) for g in first for line in g.lines} == {(f.why, 1) for f in together}


def test_nobody_is_sent_to_the_bydeler_about_a_field_that_nobody_asks_for(view: View) -> None:
    asked, unasked = findings(view, world.results({}, {"result_id": "b" * 16, "severity": "know"}))
    assert asked.to_do == "Ask the bydeler why the field is left empty."
    assert "no error to correct" in unasked.to_do


def test_how_grave_a_finding_is_says_nothing_of_whether_it_is_decided(view: View) -> None:
    rows = world.results({"stewardship": "excepted", "decided_by": "A", "until": date(2025, 12, 31)})
    (done,) = findings(view, rows)
    assert not done.asks and done.severity_words == "Grave"
    for language in LANGUAGES:
        labels = codes.QUALITY_SEVERITY.labels(language).values()
        assert not [words for words in labels if say("asks", language).split()[-1] in words.lower()]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("passed", "No check that could run and be shown failed."),
        ("could_not_run", "No check could run and be shown."),
        (None, "No check could run and be shown."),
    ],
)
def test_a_field_no_check_could_judge_is_not_said_to_be_free_of_findings(
    status: str | None, words: str
) -> None:
    told = paragraph(
        ("background", "education_level"),
        world.fields({}),
        world.results({"status": status}),
        [],
        AS_OF,
        "en",
    )
    assert words in told and "The checks found" not in told


def test_the_legend_of_grades_explains_the_marks_that_stand_there_and_no_other(view: View) -> None:
    night = replace(
        world.checked(),
        fields=world.fields({}, {"place": str(years(view)[-1]), "grade": None, "reasons": None, "n": 20}),
    )
    assert check_figures(view, night)["grade_marks"] == ["mark_few"]


def test_what_stands_after_a_semicolon_begins_small(view: View) -> None:
    (found,) = findings(view, world.results({"band": "0-10"}))
    assert "; under 10 % have a value" in found.how_much.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("kind", "percent", "words"),
    [
        ("change", -30, "down about 30 percentage points from the year before"),
        ("change", 10, "up about 10 percentage points from the year before"),
        ("spread", 0, "under 5 percentage points between highest and lowest"),
        ("cramers_v", 20, "weak association (Cramér's V about 0.20)"),
        ("cramers_v", 0, "weak association (Cramér's V under 0.05)"),
        ("cramers_v", 30, "moderate association (Cramér's V about 0.30)"),
        ("cramers_v", 50, "strong association (Cramér's V about 0.50)"),
    ],
)
def test_an_effect_is_told_in_coarse_steps(view: View, kind: str, percent: int, words: str) -> None:
    row = {"effect_kind": kind, "effect_percent": percent, "band": None, "n": None}
    (found,) = findings(view, world.results(row))
    assert found.how_much == words


def test_where_nothing_may_be_told_nothing_is_said_of_how_much(view: View) -> None:
    (found,) = findings(view, world.results({"effect_percent": None, "band": None, "n": None}))
    assert found.how_much == ""


def test_the_place_names_year_bydel_and_what_it_is_held_against(view: View) -> None:
    rows = world.results(
        {"column": None, "table": "programme", "population": None, "against": "only_in_nir"},
        {"year": 2020, "period": "year"},
        {"bydel": "01", "period": "latest"},
        {"against": "refers_to_case", "table": "programme", "column": "case_id", "population": None},
    )
    bydel = codes.BYDEL.labels("en")["01"]
    places = {finding.place for finding in findings(view, rows)}
    assert places == {
        "Introduction programme, only in NIR",
        "“Level of education” (Background), participants, 2020",
        f"“Level of education” (Background), participants, bydel {bydel}, latest 3 years",
        "“Case number” (Introduction programme), rule: “Case number” points to something that is there",
    }


def test_what_must_be_decided_comes_first_and_what_a_steward_has_decided_is_off_the_first_screen(
    view: View,
) -> None:
    late = {"check": "registration_delay", "flag": "late", "effect_kind": "expected_final"}
    rows = world.results(
        {"result_id": "1" * 16, **late, "severity": "know"},
        {"result_id": "2" * 16, **late},
        {"result_id": "3" * 16, **late, "column": "school_years"},
        {"result_id": "4" * 16, **late, "table": "person", "column": "sex", "stewardship": "acknowledged",
         "decided_by": "Socio-forvalter"},
        {"result_id": "5" * 16, **late, "table": "person", "column": "sex", "stewardship": "expired",
         "decided_by": "Socio-forvalter", "until": date(2025, 1, 31)},
    )  # fmt: skip
    found = findings(view, rows)
    assert [f.severity for f in found] == ["decide"] * 4 + ["know"]
    first = needs_deciding(view, found)
    (group,) = first.groups  # one flag: its reason and its next step are said once
    assert [line.places.count(";") for line in group.lines] == [0, 1]  # one line for two fields of one table
    assert first.left_out == 0
    assert {f.standing for f in found} == {
        "open",
        "taken on by Socio-forvalter",
        "exception expired 2025-01-31",
    }


def test_the_first_screen_stays_short(view: View) -> None:
    rows = [
        {"result_id": f"{n:016x}", "check": check, "flag": "contradictory", "effect_kind": "share"}
        for n, check in enumerate(codes.QUALITY_CHECK.values())
    ]
    first = needs_deciding(view, findings(view, world.results(*rows)))
    assert sum(len(group.lines) for group in first.groups) == MOST_SENTENCES
    assert first.left_out == len(rows) - MOST_SENTENCES > 0


def many_asking() -> pl.DataFrame:
    """Findings of every flag, most of them to be decided about, some of one check and table."""
    every = world.every_flag().to_dicts()
    more = [
        {
            **row,
            "result_id": f"{n:x}" * 16,
            "column": name,
            "table": "background",
            "population": "participants",
        }
        for n, (row, name) in enumerate(
            (row, name) for row in every[:4] for name in ("school_years", "education_level", "occupation")
        )
    ]
    kept = {"stewardship": "acknowledged", "decided_by": "Eier"}
    settled = [{**row, "result_id": f"e{place:015x}", **kept} for place, row in enumerate(every)]
    return world.results(*every, *more, *settled, {"result_id": "f" * 16, "severity": "know"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_needs_a_decision_is_the_sum_of_its_parts_and_each_can_be_found(
    tmp_path: Path, language: str
) -> None:
    html = page(night_of(inputs(tmp_path), replace(world.checked(), results=many_asking())), language)
    asking = 12 + 4 * 3  # one of every check, and three more of each of four
    first = html.split('<p class="first">')[1].split("</p>")[0]
    assert first.startswith(f"{asking} ")
    # By kind: each part links to its place, where as many findings are marked.
    parts = re.findall(r'<li><a href="#(flag-\w+)">[^<]+</a> <b>(\d+)</b></li>', html)
    assert sum(int(count) for _, count in parts) == asking
    for anchor, count in parts:
        place = html.split(f'id="{anchor}"')[1].split('<div class="flag"')[0].split("</section>")[0]
        assert place.count('class="thin asks"') == int(count) > 0
    assert html.count('class="thin asks"') == asking
    # And the lines of the first screen, what has no room there, and what has a list of its own.
    view = View(language=language, shown=night_of(inputs(tmp_path / "2")).shown, as_of=AS_OF)
    deciding = needs_deciding(view, findings(view, many_asking()))
    lines = sum(line.count for group in deciding.groups for line in group.lines)
    assert lines + deciding.left_out + deciding.elsewhere == deciding.total == asking
    assert (lines > MOST_SENTENCES, deciding.left_out > 0, deciding.elsewhere) == (True, True, 2)
    told = say("deciding_rest", language, shown="A", total="B", rest="C")
    assert told.replace("A", str(lines)).replace("B", str(asking)).split("C")[0] in html
    for key, count in (("deciding_left_out", deciding.left_out), ("deciding_elsewhere", deciding.elsewhere)):
        assert say(key, language, count=count) in html


TEXT_THERE = {
    "check": "text_for_code", "flag": "free_text", "effect_kind": "share", "table": "activity",
    "column": "activity", "population": None, "result_id": "1" * 16,
}  # fmt: skip
HELD_THERE = TEXT_THERE | {"check": "held_back", "flag": "invalid", "against": "code", "result_id": "2" * 16}


def test_of_one_fact_told_by_two_checks_one_tells_the_next_step(view: View) -> None:
    """Codes nobody knows are a text for a code, and a rule that holds rows back."""

    def steps(*rows: dict[str, object]) -> dict[str, str]:
        return {f.kind: f.to_do for f in findings(view, world.results(*rows))}

    label = codes.QUALITY_CHECK.labels("en")["text_for_code"]
    both = steps(TEXT_THERE, HELD_THERE)
    assert both["held_back"] == (
        f"The same as the finding “{label}” of the field: the next step stands there."
    )
    assert both["text_for_code"] == TEXT["todo_free_text"].en
    alone = TEXT["todo_invalid"].en
    assert steps(HELD_THERE)["held_back"] == alone
    assert steps(TEXT_THERE | {"status": "passed"}, HELD_THERE)["held_back"] == alone
    assert steps(TEXT_THERE | {"table": "case", "column": "bydel"}, HELD_THERE)["held_back"] == alone
    assert steps(TEXT_THERE, HELD_THERE | {"against": "required"})["held_back"] == alone
    # It is said of that finding, and not of all that rules hold back.
    other = HELD_THERE | {"against": "required", "result_id": "3" * 16}
    (group,) = by_flag(view, findings(view, world.results(HELD_THERE, other, TEXT_THERE)))[-1:]
    assert (group.flag, group.to_do) == ("invalid", alone)
    assert sorted(bool(f.told_there) for f in group.findings) == [False, True]


def test_what_may_reveal_persons_comes_first_and_then_what_touches_most(view: View) -> None:
    large = {"check": "differs_from_nir", "flag": "contradictory", "effect_kind": "share", "affected": 900}
    rows = world.results(
        {"result_id": "1" * 16, **large, "effect_percent": 10, "against": "only_in_nir"},
        {"result_id": "2" * 16, **large, "check": "end_before_start", "affected": 50, "effect_percent": 90},
        {"result_id": "3" * 16, "check": "text_for_code", "flag": "free_text", "effect_kind": "share",
         "affected": 5, "effect_percent": 0},
    )  # fmt: skip
    checks = codes.QUALITY_CHECK.labels("en")
    said = [line.check for group in needs_deciding(view, findings(view, rows)).groups for line in group.lines]
    assert said == [checks[name] for name in ("text_for_code", "differs_from_nir", "end_before_start")]


@pytest.mark.parametrize(
    ("table", "asks"), [("nir_participant", "supplier"), ("programme", "worklist"), ("person", "worklist")]
)
@pytest.mark.parametrize("flag", ["invalid", "contradictory"])
def test_only_the_case_systems_own_tables_are_said_to_have_a_worklist(
    view: View, table: str, asks: str, flag: str
) -> None:
    row = {"table": table, "column": None, "population": None, "flag": flag, "check": "held_back"}
    (found,) = findings(view, world.results(row))
    assert {word for word in ("supplier", "worklist") if word in found.to_do} == {asks}


def test_every_finding_stands_under_its_flag_once(view: View) -> None:
    found = findings(view, world.every_flag())
    groups = by_flag(view, found)
    assert [g.flag for g in groups] == list(codes.QUALITY_FLAG.values())
    assert sum(len(g.findings) for g in groups) == len(found) == world.every_flag().height
    assert all(words for g in groups for _, words in g.meanings)


def test_what_is_new_since_the_last_night_is_counted(view: View) -> None:
    said = check_figures(view, world.checked())["findings_said"]
    assert said[1:] == [
        "Since 2025-02-28: 2 new, 1 resolved, 1 still standing.",
        "Could not be measured tonight, and not counted as resolved: 1.",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["persisting", "returned"], "1 back, 1 still standing"),
        (
            ["resolved", "held_back"],
            "1 resolved, 1 gone because rows were held back in quarantine, and not counted as resolved",
        ),
        (["persisting", "persisting"], "nothing has changed, 2 still standing"),
        ([], "nothing has changed"),
        (["decided"], "1 decided about"),
    ],
)
def test_what_has_become_of_findings_is_told_without_what_there_is_none_of(
    view: View, changes: list[str], told: str
) -> None:
    between = pl.DataFrame({"change": changes}, schema={"change": pl.String})
    said = check_figures(view, replace(world.checked(), changes=between))["findings_said"]
    assert said[1] == f"Since 2025-02-28: {told}."


def test_where_nothing_else_became_of_findings_no_empty_sentence_is_said(view: View) -> None:
    between = pl.DataFrame({"change": ["not_measured"]})
    said = check_figures(view, replace(world.checked(), changes=between))["findings_said"]
    assert said[1:] == ["Could not be measured tonight, and not counted as resolved: 1."]


DECIDED = {"decided_by": "Socio-forvalter", "until": date(2025, 12, 31)}
SPREAD = {"check": "bydel_spread", "flag": "uneven", "effect_kind": "spread", "effect_percent": 40}


def test_what_has_become_worse_is_told_by_itself_and_what_was_acknowledged_asks_again(view: View) -> None:
    rows = world.results(
        {**SPREAD, "result_id": "1" * 16, "severity": "know", "change": "worse"},
        {**SPREAD, **DECIDED, "result_id": "2" * 16, "severity": "know", "worse": True,
         "stewardship": "worsened"},
        {**SPREAD, **DECIDED, "result_id": "3" * 16, "worse": True, "stewardship": "excepted"},
        {**SPREAD, **DECIDED, "result_id": "5" * 16, "worse": False, "stewardship": "acknowledged"},
    )  # fmt: skip
    told = check_figures(view, replace(world.checked(), results=rows))
    (heading, worse, more) = told["moved"][0]
    assert heading == "Become worse: 1 since the night before, 2 since the decision"
    assert [f.asks for f in worse] == [True, False, False]
    assert {(f.worse, f.asks) for f in worse} == {
        ("worse than the night before", False),
        ("worse than when Socio-forvalter took it on", True),
        ("worse than when Socio-forvalter made an exception, which holds until 2025-12-31", False),
    }
    assert (more, len(told["moved"])) == (0, 1)
    assert told["findings_said"][0] == "One finding needs a decision."
    (group,) = told["deciding"].groups  # the lifted one alone, though it is only to be known
    assert len(group.lines) == 1


WORSE = [
    {**SPREAD, "result_id": "1" * 16, "change": "worse"},
    {**SPREAD, **DECIDED, "result_id": "2" * 16, "change": "worse", "worse": True, "stewardship": "worsened"},
    {**SPREAD, **DECIDED, "result_id": "3" * 16, "change": "persisting", "worse": True,
     "stewardship": "excepted"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "heading", "since"),
    [
        (WORSE, "Become worse: 2 since the night before, 1 since the decision", "2 worse"),
        (WORSE[:2], "Become worse", "2 worse"),
        (WORSE[2:], "Become worse: 1 since the decision", "1 still standing"),
    ],
)
def test_what_is_worse_is_counted_once_for_the_whole_screen(
    view: View, rows: list[dict[str, object]], heading: str, since: str
) -> None:
    results = world.results(*rows)
    between = results.select("change")
    told = check_figures(view, replace(world.checked(), results=results, changes=between))
    assert (told["moved"][0][0], len(told["moved"][0][1])) == (heading, len(rows))
    assert since in told["findings_said"][1]
    assert ("worse" in told["findings_said"][1]) is ("worse" in between["change"].to_list())
    assert worse_counted(results) == (2 if len(rows) > 1 else 0, 1 if len(rows) != 2 else 0)


def test_of_what_is_worse_both_ways_both_are_said(view: View) -> None:
    (found,) = findings(view, world.results(WORSE[1]))
    assert found.worse == "worse than the night before; worse than when Socio-forvalter took it on"
    assert found.standing == "worse than when Socio-forvalter took it on; worse than the night before"


def test_only_so_many_that_have_become_worse_stand_on_the_first_screen(tmp_path: Path) -> None:
    rows = [{**SPREAD, "result_id": f"{n:016x}", "change": "worse"} for n in range(MOST_SENTENCES + 3)]
    night = replace(world.checked(), results=world.results(*rows))
    html = page(night_of(inputs(tmp_path), night), "en")
    worse = html.split(">Become worse</h3>")[1].split("</ul>")[0]
    assert worse.count("<li>") == MOST_SENTENCES
    assert worse.count("Worse than the night before.") == MOST_SENTENCES
    # Only who has decided can decide anew.
    assert "Decide anew." not in worse
    lifted = [row | {"stewardship": "worsened", "decided_by": "Eier"} for row in rows[:2]]
    again = page(night_of(inputs(tmp_path), replace(night, results=world.results(*lifted))), "en")
    assert again.count("Decide anew.") == 2
    assert "More, which stand only in the list of all findings: 3." in html
    assert "Become worse</h3>" not in page(night_of(inputs(tmp_path / "2"), world.checked()), "en")


def test_what_is_new_is_told_by_itself_and_marked_in_the_list(tmp_path: Path) -> None:
    rows = world.results(
        {**SPREAD, "result_id": "1" * 16, "change": "new"},
        {**SPREAD, "result_id": "2" * 16, "change": "persisting"},
        {**SPREAD, "result_id": "3" * 16, "change": "new", "severity": "note"},
    )
    html = page(night_of(inputs(tmp_path), replace(world.checked(), results=rows)), "en")
    new = html.split(">New findings</h3>")[1].split("</ul>")[0]
    assert new.count("<li>") == 1 and "<b>Settle one practice" in new
    assert html.count('<span class="thin">new</span>') == 1 and "Become worse</h3>" not in html


def test_the_list_says_of_a_finding_that_stands_decided_that_it_is_worse(view: View) -> None:
    said = {
        row["stewardship"]: f.standing
        for row in (
            {**SPREAD, **DECIDED, "worse": True, "stewardship": "excepted"},
            {**SPREAD, **DECIDED, "worse": True, "stewardship": "worsened"},
            {**SPREAD, "change": "worse", "stewardship": "open"},
        )
        for f in findings(view, world.results(row))
    }
    assert said == {
        "excepted": "exception until 2025-12-31 (Socio-forvalter); worse since then",
        "worsened": "worse than when Socio-forvalter took it on",
        "open": "open; worse than the night before",
    }


def test_the_first_line_says_how_many_findings_need_a_decision(tmp_path: Path) -> None:
    html = page(night_of(inputs(tmp_path), world.checked()), "nb")
    assert '<p class="first">12 funn krever en avgjørelse.</p>' in html
    assert html.index('class="first"') < html.index('class="lead"') and html.count('class="first"') == 1
    settled = world.results({**world.DEMANDED, "stewardship": "acknowledged", "decided_by": "Eier"})
    html = page(night_of(inputs(tmp_path / "2"), replace(world.checked(), results=settled)), "nb")
    assert '<p class="first">Ingen funn krever en avgjørelse.</p>' in html


# --- the first sentences ----------------------------------------------------------------------------------


def lead(tmp_path: Path, *rows: dict[str, object]) -> str:
    """The first sentences of a night with these results."""
    night = night_of(inputs(tmp_path), replace(world.checked(), results=world.results(*rows)))
    return page(night, "en").split('<div class="lead">')[1].split("</div>")[0]


def test_a_sparse_field_a_steward_has_decided_about_is_no_decision_of_today(tmp_path: Path) -> None:
    latest = {**world.DEMANDED, "period": "latest"}
    assert "one field that the grant" in lead(tmp_path / "1", latest)
    said = lead(tmp_path / "2", latest | {"stewardship": "excepted"})
    assert "no field that the grant" in said and "One sparse field the stewards have decided about" in said
    two = [latest | {"stewardship": "excepted"}, latest | {"stewardship": "excepted", "result_id": "b" * 16,
           "population": "participants"}]  # fmt: skip
    assert "2 sparse fields the stewards have decided about" in lead(tmp_path / "5", *two)
    run_out = lead(tmp_path / "3", latest | {"stewardship": "expired"})
    assert "one field that the grant" in run_out and "stewards have decided" not in run_out
    half = [latest | {"stewardship": "acknowledged"}, {**world.DEMANDED, "result_id": "b" * 16}]
    assert "one field that the grant" in lead(tmp_path / "4", *half)


def test_a_field_sparse_in_two_populations_is_said_to_count_for_each(tmp_path: Path) -> None:
    latest = {**world.DEMANDED, "period": "latest"}
    both = [latest, latest | {"result_id": "b" * 16, "population": "participants"}]
    said = lead(tmp_path, *both)
    assert "2 fields that the grant" in said and "counted per group" in said


def test_a_field_is_better_now_only_where_the_latest_years_could_be_judged(view: View) -> None:
    over_all = {**world.DEMANDED, "result_id": "1" * 16}
    latest = {**world.DEMANDED, "result_id": "2" * 16, "period": "latest"}

    def now(*rows: dict[str, object]) -> list[bool]:
        shown = as_published(view.shown, world.results(*rows))
        return [field.now for field in sparse_fields(replace(view, shown=shown))]

    assert now(over_all, latest | {"status": "passed"}) == [False]
    assert now(over_all, latest | {"status": "could_not_run", "reason": "not_ripe"}) == [True]
    assert now(over_all, latest | {"status": None, "marker": "suppressed"}) == [True]
    assert now(over_all, latest) == now(latest) == now(over_all) == [True]
    assert now(over_all, latest | {"status": "passed", "population": "participants"}) == [True]


def test_a_sparse_field_is_shown_with_what_its_promise_was_judged_by(view: View) -> None:
    """The page's own cells have years that are still filling up; without checks they are all there is."""
    over_all = {**world.DEMANDED, "result_id": "1" * 16, "n": 110, "band": "10-25"}
    latest = {**world.DEMANDED, "result_id": "2" * 16, "period": "latest", "n": 45, "band": "0-25"}

    def cells(*rows: dict[str, object]) -> list[tuple[int | None, str | None, str]]:
        shown = as_published(view.shown, world.results(*rows))
        (field,) = sparse_fields(replace(view, shown=shown))
        return [(c.n, c.band.code if c.band else None, c.mark) for c in (field.latest, field.overall)]

    assert cells(over_all, latest) == [(45, "0-25", ""), (110, "10-25", "")]
    assert cells(over_all, latest | {"status": "passed"}) == [(45, "0-25", ""), (110, "10-25", "")]
    waits = latest | {"status": "could_not_run", "reason": "not_ripe", "n": None, "band": None}
    assert cells(over_all, waits) == [(None, None, "filling"), (110, "10-25", "")]


@pytest.mark.parametrize(
    ("latest", "asks"),
    [
        ({"status": "passed"}, False),
        ({"status": "could_not_run", "reason": "not_ripe"}, True),
        ({"status": None, "marker": "suppressed"}, True),
        ({"status": "failed"}, True),
        ({"status": "passed", "population": "participants"}, True),
    ],
)
@pytest.mark.parametrize("standing", ["open", "worsened"])
def test_what_needs_a_decision_stands_in_the_table_of_decisions_and_nothing_else_does(
    view: View, latest: dict[str, object], asks: bool, standing: str
) -> None:
    over_all = {**world.DEMANDED, "result_id": "1" * 16, "stewardship": standing}
    rows = world.results(over_all, {**world.DEMANDED, "result_id": "2" * 16, "period": "latest"} | latest)
    in_table = [f for f in sparse_fields(replace(view, shown=as_published(view.shown, rows))) if f.now]
    asked = to_decide(rows).filter(pl.col("population") == world.DEMANDED["population"])
    assert bool(in_table) == asks == (not asked.is_empty())
    assert ("1" * 16 in to_decide(rows)["result_id"]) == asks


def test_no_field_is_said_to_be_even_that_could_not_be_judged(tmp_path: Path) -> None:
    spread = {"check": "bydel_spread", "flag": "uneven", "effect_kind": "spread", "period": "latest"}
    passed = spread | {"status": "passed"}
    unable = spread | {"result_id": "b" * 16, "status": "could_not_run", "population": "grant_only"}
    hidden = spread | {"result_id": "c" * 16, "status": None, "table": "person", "column": "sex"}
    assert "No field is filled very differently" in lead(tmp_path / "1", passed)
    some = lead(tmp_path / "2", passed, unable, hidden)
    assert "No field that could be judged" in some and "judged for 1 of 3" in some
    none = lead(tmp_path / "3", unable)
    assert "could not be judged" in none and "No field" not in none.split("Whether")[1].split("</p>")[0]
    uneven = lead(tmp_path / "4", spread, unable)
    assert "Practice varies: 1 field" in uneven and "judged for 1 of 2" in uneven


# --- grades and paragraphs --------------------------------------------------------------------------------


def test_a_grade_stands_in_its_year_and_says_why(view: View) -> None:
    rows = {(r.field, r.population): r for r in grade_rows(view, world.checked().fields, [2022, 2023, 2024])}
    education = rows["Level of education", "Participants"]
    why = "Under 60 % have a value, Uneven between bydeler"
    nothing = GradeCell("", "", "hidden")
    assert education.grades == [nothing, GradeCell("D", "", why), GradeCell("B", "", why)]
    assert education.overall == GradeCell("C", "", why)
    assert education.reasons == "Under 60 % have a value, Uneven between bydeler"
    assert ("Sex (person)", "Grant only") not in rows  # no grade may be told


WITHHELD = {"grade": None, "n": 400, "band": "25-50"}


@pytest.mark.parametrize(
    ("cell", "mark", "words"),
    [
        (
            {"reasons": "not_ripe below_60"},
            "filling",
            "no grade: the share is low, and the year is still filling",
        ),
        ({"reasons": "empty_answers"}, "answer", "an empty field is an answer"),
        ({"reasons": "empty_answers", "n": None}, "answer", "an empty field is an answer"),
        ({"reasons": "nobody_asked"}, "–", "no grade: nobody should have a value"),
        ({"reasons": None, "n": 95}, "few", "no grade: fewer than 100 expected values"),
        ({"reasons": None, "n": None, "band": None}, "", "hidden"),
    ],
)
def test_in_place_of_a_grade_that_is_withheld_stands_why(
    tmp_path: Path, cell: dict[str, object], mark: str, words: str
) -> None:
    fields = world.fields({}, {"place": "2023", **WITHHELD, **cell})
    html = page(night_of(inputs(tmp_path), replace(world.checked(), fields=fields)), "en")
    section = html.split('<section id="grades"')[1].split("</section>")[0]
    row = section.split("<tbody>")[1].split("</tr>")[0]
    said = re.findall(r"<td class=.*?</td>", row)
    (told,) = [cell for cell in said if words in cell and "title" in cell and "gC" not in cell][-1:]
    if mark:
        # As text, not only as a title that no key can reach; and the legend says it too.
        assert re.search(f'class="c g0 [a-z]+" title="[^"]+">{mark}<span class="vh">: {words}', told)
        assert f'<span class="chip mark g0">{mark}</span> {words}' in section
    else:
        assert "hide" in told and f'<span class="vh">{words}</span>' in told


def test_a_field_whose_empty_values_are_answers_is_in_the_table_of_grades(view: View) -> None:
    about = {"table": "grant_claim", "column": "refusal", "population": "grant_only"}
    cells = world.fields({**about, **WITHHELD, "band": None, "reasons": "empty_answers"})
    (row,) = grade_rows(view, cells, [])
    assert (row.overall.grade, row.overall.mark) == ("", "answer")
    assert grade_rows(view, world.fields(WITHHELD | {"reasons": None}), []) == []


def test_a_year_that_is_still_filling_up_is_marked_in_the_heat_map_and_not_held_against_the_promise(
    tmp_path: Path,
) -> None:
    exact = inputs(tmp_path)
    shown = night_of(exact).shown
    below = [
        (key, cell) for key, cell in all_cells(View(language="en", shown=shown, as_of=AS_OF)) if cell.below
    ]
    (table, name, population, year), _ = below[0]
    waits = {
        "result_id": "9" * 16, "check": "break_between_years", "flag": "shifted", "table": table,
        "column": name, "population": population, "period": "year", "year": int(year),
        "status": "could_not_run", "reason": "not_ripe",
    }  # fmt: skip
    results = world.results(world.DEMANDED, waits)
    waiting = unripe_cells(results)
    assert waiting == {(table, name, population, year)}
    after = dict(all_cells(View(language="en", shown=shown, as_of=AS_OF, waiting=waiting)))
    cell = after[table, name, population, year]
    assert (cell.below, cell.mark) == (False, "…") and "still filling up" in cell.title
    assert sum(cell.mark == "…" for cell in after.values()) == 1
    assert sum(cell.below for cell in after.values()) == len(below) - 1
    html = page(night_of(exact, replace(world.checked(), results=results)), "en")
    legend = html.split('<section id="heat"')[1].split("</ul>")[0]
    assert "but the year is still filling up" in legend
    assert html.count('<span aria-hidden="true">…</span><span class="vh"> below what is promised, but') == 1
    without = page(night_of(exact, world.checked()), "en").split('<section id="heat"')[1].split("</ul>")[0]
    assert "still filling up" not in without


def all_cells(view: View) -> list[tuple[tuple[str, str, str, str], Cell]]:
    """Every cell of the heat map by (table, column, population, year)."""
    keys = view.shown.cells.filter((pl.col("by") == "year") & pl.col("key").is_not_null())
    return [
        ((t, c, who, key), view.cell(column(BY_NAME[t], c), who, By.YEAR, key))
        for t, c, who, key in keys.select(*FIELD, "key").rows()
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_that_is_told_of_has_a_paragraph(view: View, language: str) -> None:
    night = world.checked()
    told = paragraphs(
        View(language=language, shown=view.shown, as_of=AS_OF), night.fields, night.results, (MARK,)
    )
    assert len(told) == 2 and all(len(p.text) > 100 for p in told)
    assert [MARK.nb in p.text or MARK.en in p.text for p in told] == [True, False]


# --- curves -----------------------------------------------------------------------------------------------


def test_a_delay_is_told_in_steps_of_five_and_never_none_or_all() -> None:
    shown = protected_delays(world.delays((0, 500, 0), (1, 500, 12), (2, 500, 13), (3, 500, 100)), Memory())
    assert shown["percent"].to_list() == [5, 10, 15, 95]
    assert shown["followed"].to_list() == [500] * 4


def test_months_that_few_were_followed_to_are_left_out() -> None:
    shown = protected_delays(world.delays((0, FEWEST, 50), (1, FEWEST - 1, 50)), Memory())
    assert shown["months"].to_list() == [0]


def test_a_curve_stands_until_it_has_moved_by_a_step() -> None:
    memory = Memory()
    protected_delays(world.delays((0, 500, 48)), memory)
    near = protected_delays(world.delays((0, 504, 52)), Memory(memory.after()))
    assert near.select("percent", "followed").rows() == [(50, 500)]
    far = protected_delays(world.delays((0, 505, 53)), Memory(memory.after()))
    assert far.select("percent", "followed").rows() == [(55, 505)]


def test_every_late_field_has_its_curve_with_what_is_there_now_and_in_the_end(view: View) -> None:
    curve = world.delays((0, 500, 10), (1, 400, 50), (2, 300, 90))
    fields = [("result", "nir_exit"), ("result", "result"), ("person", "sex")]
    delays = pl.concat(
        protected_delays(curve.with_columns(table=pl.lit(t), column=pl.lit(c)), Memory()) for t, c in fields
    )
    late = {
        "check": "registration_delay", "flag": "late", "effect_kind": "expected_final", "table": "result",
        "effect_percent": 90,
    }  # fmt: skip
    found = world.results(
        *({**late, "result_id": c * 16, "column": name} for c, name in (("1", "nir_exit"), ("2", "result"))),
        {**late, "result_id": "3" * 16, "table": "person", "column": "sex", "status": "passed"},
    )
    figures = delay_figures(view, delays, found.with_columns(now_percent=pl.lit(60)))
    told = "Latest 24 months: now about 60 %, expected in the end at least about 90 %."
    # The two that are late, then the other table's.
    assert [figure.now.replace("\N{NO-BREAK SPACE}", " ") for figure in figures] == [told, told, ""]


def test_curves_are_drawn_to_the_first_whole_year_in_which_all_have_reached_their_top(view: View) -> None:
    def drawn(*curves: list[tuple[int, int, int]]) -> list[str]:
        fields = [("result", "nir_exit"), ("person", "sex")]
        delays = pl.concat(
            protected_delays(world.delays(*curve).with_columns(table=pl.lit(t), column=pl.lit(c)), Memory())
            for curve, (t, c) in zip(curves, fields, strict=False)
        )
        figures = delay_figures(view, delays, world.results().clear())
        assert all(figure.points[-1][0] == "36" for figure in figures)  # the table has every month
        return [figure.chart for figure in figures]

    fast = [(month, 500, min(95, 30 * (month + 1))) for month in range(37)]
    slow = [(month, 500, min(95, 6 * (month + 1))) for month in range(37)]  # its top after 15 months
    (chart,) = drawn(fast)
    assert ">12 months<" in chart and ">3<" in chart and ">6<" in chart and ">24<" not in chart
    charts = drawn(fast, slow)
    assert len(charts) == 2 and all(">24 months<" in chart and ">12<" in chart for chart in charts)


def test_a_curve_is_told_in_words_and_as_a_table(view: View) -> None:
    (figure,) = delay_figures(view, world.checked().delays, world.results().clear())
    assert not figure.now
    assert figure.said == "Half are registered within one month, 90\N{NO-BREAK SPACE}% within 2 months."
    assert figure.points == [("0", "10 %", "500"), ("1", "50 %", "400"), ("2", "90 %", "300")]
    assert f"Final result: h{figure.said[1:]}" in figure.chart  # the picture's title


def test_a_trend_is_drawn_from_the_bands_of_the_heat_map(view: View) -> None:
    row = {"table": "settlement", "column": "settlement_form", "population": "grant_only", "flag": "shifted"}
    assert trend_figures(view, world.results(row | {"year": 2023})) == []  # one year alone is no trend
    assert trend_figures(view, world.results({})) == []  # sparse is no change


# --- the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_every_flag_every_grade_and_every_curve(tmp_path: Path, language: str) -> None:
    exact = inputs(tmp_path)
    html = page(night_of(exact, world.checked()), language)
    for flag in codes.QUALITY_FLAG.values():
        assert f"findings-{flag}-{AS_OF}" in html
    for key in ("findings", "grades", "delay", "trends"):
        assert f'<section id="{key}"' in html and f'href="#{key}"' in html
    assert 'class="c gD"' in html and 'class="curve"' in html
    without = page(night_of(exact), language)
    assert 'id="findings"' not in without and 'href="#grades"' not in without


def test_nothing_of_the_checks_is_exact() -> None:
    night = world.checked()
    for frame, count in ((night.results, "n"), (night.fields, "n"), (night.delays, "followed")):
        assert (frame[count].drop_nulls() % BASE == 0).all()
    assert isinstance(night.changes, pl.DataFrame)
