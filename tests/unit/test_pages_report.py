"""What the report shows and hides: the same words in both languages, and no figure that was not protected."""

from __future__ import annotations

import dataclasses
import re
import string
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from pipeline.config import Settings
from pipeline.disclosure.tables import BASE, THRESHOLD, Marker
from pipeline.night.report import write_report
from pipeline.pages.bands import Band, by_code, finest
from pipeline.pages.checks import Checked
from pipeline.pages.heat import heat_maps
from pipeline.pages.memory import Memory
from pipeline.pages.outcomes import drawn_shares
from pipeline.pages.phrase import LANGUAGES, number
from pipeline.pages.protected import By, fill_cells, outcome_shares, protected
from pipeline.pages.quarantine import HeldBack, needs_someone, only_known
from pipeline.pages.report import Night, ReportInputs, page, protect_night
from pipeline.pages.rules import rule_in_words
from pipeline.pages.text import TEXT, say
from pipeline.pages.views import View, sparse_fields
from pipeline.quality.outcomes import CENSORED
from pipeline.quality.profile import QualityProfile, profile
from pipeline.quality.results import FIELD
from schemas import BY_NAME, codes
from schemas.variable import Population, ValueState, facts
from tests import published_world
from tests.factories import settings_at
from tests.matching_world import matching
from tests.quality_world import AS_OF, cases, persons, programmes, settled, store, usable

pytestmark = pytest.mark.slow

PARTICIPANTS = Population.PARTICIPANTS.value
STYLE = Path(__file__).resolve().parents[2] / "pipeline/pages/templates/report.css"
ENOUGH_CONTRAST = 4.5  # WCAG 2.1 AA


def a_profile(folder: Path) -> QualityProfile:
    """90 grant-only persons and 60 participants in two bydeler, and three lonely persons in a third."""
    everybody, taking_part, lonely = range(1, 151), range(1, 61), range(151, 154)
    settlements = [
        *settled(*range(1, 101), bydel="01", settlement_form="1"),
        *settled(*range(101, 151), bydel="02"),
        *settled(*lonely, bydel="03", settlement_form="1"),
    ]
    return profile(
        store(
            folder,
            person=persons(*everybody, *lonely, sex="1"),
            settlement=settlements,
            case=cases(*taking_part),
            programme=programmes(*taking_part, adviser_key=1, ended_on=date(2024, 6, 1)),
        ),
        usable(*everybody, *lonely),
        AS_OF,
    )


def inputs(folder: Path, **changes: object) -> ReportInputs:
    facts_of_night = {
        "profile": a_profile(folder),
        "flow": pl.DataFrame(
            {
                # What hides the settlements' none is the programmes' seventeen.
                "table": ["person", "programme", "settlement"],
                "landed": [1237, 411, 988],
                "passed": [1201, 394, 988],
                "quarantined": [36, 17, 0],
            }
        ),
        "rules": pl.DataFrame(
            [
                ("person", "code", "sex", "convention", 33),
                ("person", "birth_date_not_after_as_of", None, "convention", 3),
                ("person", "pattern", "sex", "convention", 7),
                ("programme", "refers_to_case", "case_id", "convention", 17),
            ],
            schema=["table", "rule", "column", "severity", "rows"],
            orient="row",
        ),
        "linkage": pl.DataFrame(
            [("nir_participant", "linked", 812), ("nir_participant", "ambiguous", 2)],
            schema=["table", "status", "rows"],
            orient="row",
        ),
        "outcomes": outcomes((2020, "y0", 33, 78), (2021, "y0", 41, 83), (2021, "y1", 2, 61)),
        "matching": matching(),
        "published": ("demo 1",),
        "invented": True,
    }
    return ReportInputs(**{**facts_of_night, **changes})  # type: ignore[arg-type]


def night_of(exact: ReportInputs, checked: Checked | None = None) -> Night:
    return protect_night(exact, AS_OF, Memory(), checked)


def outcomes(*rows: tuple[int, str, int, int]) -> pl.DataFrame:
    """The summary of (exit year, outcome, numerator, denominator), nobody censored."""
    frame = pl.DataFrame(rows, schema=["exit_year", "outcome", "numerator", "denominator"], orient="row")
    zero = pl.lit(0, pl.Int64)
    return frame.with_columns(dead=zero, emigrated=zero, not_due=zero, not_loaded=zero, not_linkable=zero)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ReportInputs:
    return inputs(tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="module")
def pages(made: ReportInputs) -> dict[str, str]:
    night = night_of(made)
    return {language: page(night, language) for language in LANGUAGES}


def test_every_phrase_is_said_in_both_languages_with_the_same_blanks() -> None:
    for key, phrase in TEXT.items():
        blanks = [
            sorted(name for _, name, _, _ in string.Formatter().parse(getattr(phrase, language)) if name)
            for language in LANGUAGES
        ]
        assert phrase.nb and phrase.en, key
        assert blanks[0] == blanks[1], key


def test_numbers_are_grouped_as_the_language_groups_them() -> None:
    assert (number(1234567, "nb"), number(1234567, "en")) == ("1\u00a0234\u00a0567", "1,234,567")


def test_no_phrase_is_left_unused() -> None:
    room = Path(__file__).resolve().parents[2] / "pipeline/pages"
    code = "".join(
        p.read_text("utf-8")
        for p in room.rglob("*")
        if p.suffix in {".py", ".j2"} and "text.py" not in p.name
    )
    built = (
        "broken_",
        "next_",
        "demand_",
        "do_",
        "pop_",
        "severity_",
        "rule_",
        "status_",
        "figure_",
        "conflict_",
        "settle_",
        "js_",
        "effect_",
        "standing_",
        "mark_",
        "strength_",
        "todo_",
        "why_",
        *CENSORED,
    )
    unused = [
        key for key in TEXT if f'"{key}"' not in code and f"'{key}'" not in code and not key.startswith(built)
    ]
    assert unused == []


def test_a_band_reads_its_limits_from_its_code() -> None:
    assert [band.short for band in finest()] == ["<10", "10–25", "25–50", "50–75", "75–90", "≥90"]
    for lower, upper in pairwise(finest()):
        assert lower.high == upper.low


@pytest.mark.parametrize(
    ("code", "promise", "is_below"),
    [
        ("50-75", 799, False),
        ("50-75", 800, True),
        ("50-75", 850, True),
        ("75-90", 850, False),
        ("90-100", 1000, False),
    ],
)
def test_a_cell_is_marked_only_when_its_whole_band_falls_short_by_the_margin(
    code: str, promise: int, is_below: bool
) -> None:
    assert by_code()[code].is_below(promise) is is_below


def test_denominators_are_rounded_small_ones_are_hidden_and_so_is_a_partner(made: ReportInputs) -> None:
    cells = fill_cells(made.profile).filter(table="settlement", column="settlement_form", by=By.BYDEL.value)
    grant_only = cells.filter(population=Population.GRANT_ONLY.value)
    shown = {row["key"]: (row["n"], row["n_marker"]) for row in grant_only.to_dicts()}
    assert shown["03"] == (None, Marker.SUPPRESSED.value)  # three persons
    # A bydel without anybody is as silent as the one with three; of the two others the smaller is a partner.
    assert {key for key, (_, marker) in shown.items() if marker == Marker.SHOWN.value} == {"02", None}
    assert set(shown) == {*codes.BYDEL.values(), None}
    assert shown[None] == (95, Marker.SHOWN.value)  # 93
    assert (fill_cells(made.profile)["n"].drop_nulls() % BASE == 0).all()


def test_a_year_with_too_few_is_counted_with_the_year_before_and_hides_no_other(tmp_path: Path) -> None:
    years = {2022: range(1, 41), 2023: range(41, 101), 2025: range(101, 104)}
    settlements = [row for year, keys in years.items() for row in settled(*keys, on=date(year, 2, 1))]
    everybody = range(1, 104)
    cores = store(tmp_path, person=persons(*everybody), settlement=settlements)
    cells = fill_cells(profile(cores, usable(*everybody), AS_OF))
    found = cells.filter(table="settlement", column="settlement_form", by=By.YEAR.value)
    assert found.select("key", "n").rows() == [("2022", 40), ("2023", 65), (None, 105)]


def test_a_hidden_denominator_hides_its_band(made: ReportInputs) -> None:
    cells = fill_cells(made.profile)
    hidden = cells.filter(pl.col("n_marker") == Marker.SUPPRESSED.value)
    assert hidden.height
    assert hidden["band"].null_count() == hidden.height


def test_fields_of_a_table_that_are_asked_of_the_same_have_the_same_denominator(made: ReportInputs) -> None:
    """Where not, the figures of each are protected alone: none of them is another's total."""
    cells = fill_cells(made.profile).filter(table="settlement")
    groups = cells.group_by("population", "by", "key").agg(pl.col("n").n_unique())
    assert groups["n"].max() == 1


def test_the_report_sees_no_exact_count(pages: dict[str, str], made: ReportInputs) -> None:
    for html in pages.values():
        words = re.sub(
            r"[\u00a0,]", "", re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]*>", " ", html, flags=re.S)
        )
        numbers = {int(n) for n in re.findall(r"(?<![\d.–-])\d+(?![\d.]*[\d–-])", words)}
        assert {1235, 2635, 55, 95} <= numbers  # what is there instead: the numbers are found at all
        for exact in (1237, 988, 1201, 36, 33, 812, 814, 93, 78, 83, 61, 153, 17, 411, 394, 2636, 53):
            assert exact not in numbers


def test_numerator_and_the_rest_are_hidden_together_so_neither_tells_the_other() -> None:
    shown = outcome_shares(outcomes((2019, "y0", 40, 80), (2020, "y0", 2, 60), (2021, "y0", 40, 80)))
    by_year = {row["exit_year"]: row for row in shown.to_dicts()}
    assert by_year[2020]["numerator"] is None
    visible = [row for row in by_year.values() if row["numerator"] is not None]
    assert len(visible) <= 2  # a partner went with it, or the total did
    assert all(row["numerator"] % BASE == 0 for row in visible)


def test_a_year_nobody_is_due_in_hides_no_other_year() -> None:
    alone = outcome_shares(outcomes((2019, "y1", 40, 80), (2020, "y1", 30, 60)))
    beside = outcome_shares(outcomes((2019, "y1", 40, 80), (2020, "y1", 30, 60), (2024, "y1", 0, 0)))
    assert beside.equals(alone)


def test_the_two_populations_are_never_mixed(made: ReportInputs) -> None:
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    assert set(shown.cells["population"]) == {p.value for p in Population if p is not Population.EVERYONE}
    maps = heat_maps(View(language="en", shown=shown, as_of=AS_OF))
    assert [m.label for m in maps] == ["Participants", "Grant only"]
    programme_groups = [facts(BY_NAME[name]).en for name in ("programme", "activity", "result")]
    assert not {group.label for group in maps[1].groups} & set(programme_groups)


def test_a_sparse_field_stands_once_for_each_population_with_its_denominators(made: ReportInputs) -> None:
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    found = sparse_fields(View(language="en", shown=shown, as_of=AS_OF))
    keys = [(s.table, s.field, s.population) for s in found]
    assert len(keys) == len(set(keys)) == shown.sparse.select(FIELD).unique().height
    assert all(s.overall.n is not None for s in found)


def test_a_broken_rule_is_told_with_labels_in_the_readers_language(made: ReportInputs) -> None:
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    view = View(language="nb", shown=shown, as_of=AS_OF)
    assert rule_in_words(view, "person", "code", "sex") == "«Kjønn» er i kodelisten"
    declared = rule_in_words(view, "programme", "ended_on_not_before_started_on", None)
    assert declared == "«Slutt» er ikke før «Start»"
    assert rule_in_words(view, "person", "refers_to_case", "person_id").startswith(
        "«Personnummer i fagsystemet»"
    )
    assert rule_in_words(view, "person", "rule_of_tomorrow", None) == "Rule_of_tomorrow"


def test_a_rule_few_rows_broke_is_as_silent_as_one_nobody_broke(made: ReportInputs) -> None:
    broken = made.rules.filter(rule="code")
    without_few = protected(made.profile, made.flow, broken, made.linkage, made.outcomes)
    fewer = made.rules.with_columns(rows=pl.when(rule="code").then("rows").otherwise(2))
    with_few = protected(made.profile, made.flow, fewer, made.linkage, made.outcomes)
    assert without_few.rules["rule"].to_list() == ["code"]
    assert not set(with_few.rules["rule"]) - {"code"}


def test_a_rule_is_hidden_where_its_tables_quarantine_is(made: ReportInputs) -> None:
    """The programmes' seventeen are hidden beside the settlements' none, and so is the rule they broke."""
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    open_tables = set(shown.quarantined.drop_nulls("shown")["table"])
    assert "programme" not in open_tables and "person" in open_tables
    assert set(shown.rules["table"]) == {"person"}


def test_a_rule_that_only_counts_tells_nothing_of_the_quarantine_and_is_shown(made: ReportInputs) -> None:
    counted = made.rules.with_columns(severity=pl.lit("characterisation"))
    shown = protected(made.profile, made.flow, counted, made.linkage, made.outcomes)
    assert "programme" in set(shown.rules["table"])


def held_back(
    made: ReportInputs,
    *rules: tuple[str, str, str, str, int],
    texts: frozenset[tuple[str, str]] = frozenset(),
    known: frozenset[tuple[str, str | None, str]] = frozenset(),
) -> list[HeldBack]:
    """The lines of a night in which only these rules were broken, in a table of 10 000 rows each."""
    names = sorted({rule[0] for rule in rules})
    flow = pl.DataFrame({"table": names, "landed": [10_000] * len(names), "quarantined": [2000] * len(names)})
    broken = pl.DataFrame(rules, schema=["table", "rule", "column", "severity", "rows"], orient="row")
    shown = protected(made.profile, flow, broken, made.linkage, made.outcomes)
    return needs_someone(View(language="en", shown=shown, as_of=AS_OF), texts, known)


def test_a_line_of_the_quarantine_says_where_it_needs_no_decision(made: ReportInputs) -> None:
    rule = {"check": "held_back", "flag": "invalid", "population": None, "column": "activity"}
    results = published_world.results(
        {**rule, "table": "activity", "against": "code", "severity": "know"},
        {**rule, "table": "programme", "against": "code", "severity": "decide", "result_id": "b" * 16},
        {**rule, "table": "programme", "against": "required", "severity": "decide", "result_id": "c" * 16,
         "stewardship": "acknowledged"},
    )  # fmt: skip
    known = only_known(results)
    assert known == {("activity", "activity", "code"), ("programme", "activity", "required")}
    told = held_back(
        made,
        ("activity", "code", "activity", "convention", 768),
        ("programme", "ended_on_not_before_started_on", "", "convention", 610),
        known=known,
    )
    assert [line.only_known for line in told] == ["Needs no decision.", ""]


@pytest.mark.parametrize(("rows", "lines"), [(47, 0), (48, 1), (53, 1)])  # rounded: 45, 50, 55
def test_the_quarantine_needs_someone_when_a_rule_holds_back_half_a_percent(
    made: ReportInputs, rows: int, lines: int
) -> None:
    assert len(held_back(made, ("activity", "code", "activity", "convention", rows))) == lines


def test_a_line_of_the_quarantine_is_rounded_and_ends_in_the_next_step(made: ReportInputs) -> None:
    ours, theirs, other = held_back(
        made,
        ("activity", "code", "activity", "convention", 768),
        ("nir_participant", "leading_zero_lost", "person_identifier", "convention", 98),
        ("programme", "ended_on_not_before_started_on", "", "convention", 61),
    )
    assert ours.what == (
        "Activity: 770 of 10,000 rows (8 %) have a code in “Activity” that the code list does not know."
    )
    assert ours.next_step == "Extend the code list, or correct the codes in Socio."
    assert "100 of 10,000 rows (1 %) have lost the leading zero" in theirs.what
    assert theirs.next_step == "Ask the supplier for a new file."
    assert "60 of 10,000 rows (under 1 %) break the rule: " in other.what
    assert other.next_step == "Correct the values in Socio."


@pytest.mark.parametrize(("rows", "told"), [(95, "under 1 %"), (100, "1 %"), (145, "1 %"), (150, "2 %")])
def test_a_share_of_the_quarantine_is_told_to_the_nearest_percent(
    made: ReportInputs, rows: int, told: str
) -> None:
    (line,) = held_back(made, ("activity", "code", "activity", "convention", rows))
    assert f"({told})" in line.what


def test_what_a_finding_tells_too_has_its_next_step_there(made: ReportInputs) -> None:
    rules = [("activity", rule, "activity", "convention", 768) for rule in ("code", "required")]
    for rule, there in zip(rules, (True, False), strict=True):
        (line,) = held_back(made, rule, texts=frozenset({("activity", "activity")}))
        assert ("the next step stands there" in line.next_step) is there
        (alone,) = held_back(made, rule, texts=frozenset({("activity", "person_id")}))
        assert "the next step stands there" not in alone.next_step


def test_two_rules_about_one_field_are_one_line_and_what_is_only_counted_is_none(made: ReportInputs) -> None:
    lines = held_back(
        made,
        ("grant_claim", "claimed_on_not_after_as_of", "claimed_on", "convention", 230),
        ("grant_claim", "claimed_on_year_plausible", "claimed_on", "convention", 230),
        ("activity", "code", "activity", "characterisation", 900),
    )
    assert len(lines) == 1


def test_the_sentences_count_the_lines_of_the_lists_they_open(made: ReportInputs) -> None:
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    listed = [s for s in sparse_fields(View(language="en", shown=shown, as_of=AS_OF)) if s.now]
    html = page(night_of(made), "en")
    for severity, words in (
        ("decide", "fields that the grant"),
        ("know", "fields that nobody asks for fall"),
    ):
        count = sum(s.severity == severity for s in listed)
        assert count > 1
        assert f"{count} {words}" in html


def test_a_field_of_the_lists_is_marked_in_the_heat_map_and_no_other_is(made: ReportInputs) -> None:
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    view = View(language="nb", shown=shown, as_of=AS_OF)
    listed = {(s.population, s.field) for s in sparse_fields(view) if s.now}
    marked = {(m.label, row.label) for m in heat_maps(view) for g in m.groups for row in g.rows if row.sparse}
    assert marked == listed


def test_a_label_that_does_not_say_of_what_is_shown_with_its_table(made: ReportInputs) -> None:
    shown = protected(made.profile, made.flow, made.rules, made.linkage, made.outcomes)
    view = View(language="nb", shown=shown, as_of=AS_OF)
    assert view.full_field("absence", "ended_on") == "Til (fravær)"
    assert view.full_field("identifier", "evidence").startswith("Kilde (")
    assert view.full_field("programme", "programme_goal") == "Sluttmål"


def drawn_runs(*years: tuple[int, str], as_of: date = AS_OF) -> dict[str, list[list[int]]]:
    """Outcome -> the years that one line joins, of a summary with 40 of 80 in each of `years`."""
    shares = outcome_shares(outcomes(*((year, outcome, 40, 80) for year, outcome in years)))
    found: dict[str, list[list[int]]] = {}
    for part in drawn_shares(shares, as_of).partition_by("outcome", "run", maintain_order=True):
        found.setdefault(part["outcome"][0], []).append(part["exit_year"].to_list())
    return found


def test_a_line_breaks_where_the_register_changed_and_where_a_year_is_missing() -> None:
    assert drawn_runs(*((year, "y1") for year in range(2012, 2017))) == {
        "y1": [[2012, 2013], [2014, 2015, 2016]]
    }
    assert drawn_runs(*((year, "y5") for year in range(2008, 2012))) == {"y5": [[2008, 2009], [2010, 2011]]}
    assert drawn_runs(*((year, "y0") for year in (2013, 2014, 2016))) == {"y0": [[2013, 2014], [2016]]}


def test_a_year_that_is_not_over_is_not_drawn() -> None:
    assert drawn_runs((2023, "y0"), (2024, "y0"), (2025, "y0")) == {"y0": [[2023, 2024]]}


def test_a_status_no_row_has_is_as_silent_as_one_few_have(made: ReportInputs) -> None:
    told = [
        protected(made.profile, made.flow, made.rules, linkage, made.outcomes).linkage
        for linkage in (made.linkage, made.linkage.filter(status="linked"))
    ]
    assert told[0].filter(pl.col("status") != "linked").equals(told[1].filter(pl.col("status") != "linked"))


def test_a_reason_that_cannot_occur_is_not_told_of_and_takes_no_other_with_it(made: ReportInputs) -> None:
    """A register's row is never one of a person registered twice: NIR has a row for each programme."""
    counts = {
        "linked": 812,
        "not_in_population": 30,
        "ambiguous": 20,
        "review": 10,
        "invalid": 9,
        "dummy": 12,
    }
    rows = [("nir_participant", status, n) for status, n in counts.items()]
    linkage = pl.DataFrame(rows, schema=["table", "status", "rows"], orient="row")
    told = protected(made.profile, made.flow, made.rules, linkage, made.outcomes).linkage
    assert dict(told.select("status", "shown").rows()) == {
        "linked": 810,
        "not_in_population": 30,
        "ambiguous": 20,
        "review": 10,
        "invalid": 10,
        "dummy": 10,
    }


@pytest.mark.parametrize(("outcome", "counted"), [("y5", True), ("y5_all", False)])
def test_nobody_is_left_out_of_an_outcome_among_all_for_being_dead_or_abroad(
    made: ReportInputs, outcome: str, counted: bool
) -> None:
    left_out = {"not_due": 20, "not_loaded": 30, "not_linkable": 12} | ({"dead": 10} if counted else {})
    summary = outcomes((2018, outcome, 33, 78)).with_columns(**{k: pl.lit(n) for k, n in left_out.items()})
    told = protected(made.profile, made.flow, made.rules, made.linkage, summary).censoring
    shown = dict(told.select("reason", "shown").rows())
    assert ("dead" in shown, "emigrated" in shown) == (counted, counted)
    # Of residents nobody had emigrated: that hides itself and the smallest beside it.
    hidden = {"emigrated", "dead"} if counted else set()
    assert {reason for reason, figure in shown.items() if figure is None} == hidden


def test_a_cell_that_cannot_be_is_a_dash(made: ReportInputs) -> None:
    due = outcomes((2018, "y5_all", 33, 78), (2018, "y5", 33, 78))
    told = page(night_of(dataclasses.replace(made, outcomes=due)), "en")
    table = re.search(r"not-in-denominator.*?</table>", told, re.S)
    assert table is not None and table[0].count("\N{EN DASH}</td>") == 2


def test_both_languages_have_the_same_structure(pages: dict[str, str]) -> None:
    tags = [
        re.findall(r"<(/?[a-z][a-z0-9]*)", re.sub(r"<svg.*?</svg>", "<svg>", html, flags=re.S))
        for html in pages.values()
    ]
    assert tags[0] == tags[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone(pages: dict[str, str], language: str) -> None:
    html = pages[language]
    without_script = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    addresses = re.findall(r'(?:href|src|url)\s*[=(]\s*["\']?([^"\')\s>]+)', without_script)
    other = next(name for name in LANGUAGES if name != language)
    local = {f"quality.{other}.html", "quality.csv", "data:,"}
    assert {a for a in addresses if not a.startswith("#")} == local
    assert html.count("<script>") == html.count("<script") == 1 and "@import" not in html
    assert f'<html lang="{language}">' in html
    assert len(html.encode()) < 3_000_000


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, made: ReportInputs) -> None:
    settings = [settings_at(tmp_path / name) for name in ("one", "two")]
    written = [[path.read_bytes() for path in write_report(s, night_of(made))] for s in settings]
    assert written[0] == written[1]


def test_the_files_of_a_night_stand_together_and_nothing_staged_is_left(
    tmp_path: Path, made: ReportInputs
) -> None:
    settings: Settings = settings_at(tmp_path)
    paths = write_report(settings, night_of(made))
    folder = settings.reports / AS_OF.isoformat()
    assert paths == [folder / name for name in ("quality.nb.html", "quality.en.html", "quality.csv")]
    assert sorted(folder.iterdir()) == sorted(paths)


def test_the_csv_holds_only_protected_figures(tmp_path: Path, made: ReportInputs) -> None:
    read = pl.read_csv(
        write_report(settings_at(tmp_path), night_of(made))[2], schema_overrides={"key": pl.String}
    )
    assert read.columns == [*FIELD, "by", "key", "n", "n_marker", "band", "marker"]
    assert read.filter((pl.col("n") < THRESHOLD) | (pl.col("n") % BASE != 0)).is_empty()
    assert not {state.value for state in ValueState} & set(read.columns)


def test_a_night_with_nothing_to_tell_still_makes_a_page(tmp_path: Path) -> None:
    empty = ReportInputs(
        profile=profile(store(tmp_path / "core"), usable(), AS_OF),
        flow=pl.DataFrame(
            schema={"table": pl.String, "landed": pl.Int64, "passed": pl.Int64, "quarantined": pl.Int64}
        ),
        rules=pl.DataFrame(
            schema={
                "table": pl.String,
                "rule": pl.String,
                "column": pl.String,
                "severity": pl.String,
                "rows": pl.Int64,
            }
        ),
        linkage=pl.DataFrame(schema={"table": pl.String, "status": pl.String, "rows": pl.Int64}),
        outcomes=outcomes().cast(
            {"exit_year": pl.Int64, "outcome": pl.String, "numerator": pl.Int64, "denominator": pl.Int64}
        ),
    )
    html = write_report(settings_at(tmp_path), night_of(empty))[1].read_text("utf-8")
    for key in (
        "know_none",
        "uneven_none",
        "bydel_none",
        "flow_none",
        "linkage_none",
        "outcomes_none",
    ):
        assert say(key, "en") in html
    assert say("decide_none", "en", latest="three") in html


# --- colours --------------------------------------------------------------------------------------------


def colours(css: str) -> dict[str, tuple[str, str]]:
    """Class -> (background, ink) of every band in the style sheet."""
    found: dict[str, tuple[str, str]] = {}
    for selectors, ground, ink in re.findall(
        r"((?:\.b\d+-\d+,? ?)+)\{ background: (#\w+); color: (#\w+)", css
    ):
        found |= {name: (ground, ink) for name in re.findall(r"b\d+-\d+", selectors)}
    return found


def luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])
    parts = [int(full[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_band_has_a_colour_its_text_can_be_read_on() -> None:
    found = colours(STYLE.read_text("utf-8"))
    levels = codes.FILL_BAND.ladder()
    assert set(found) == {by_code()[code].css for level in levels for code in level.values()}
    for name, (ground, ink) in found.items():
        assert contrast(ground, ink) >= ENOUGH_CONTRAST, name


def test_fuller_bands_are_darker_so_that_they_are_told_apart_without_colour() -> None:
    found = colours(STYLE.read_text("utf-8"))
    shades = [luminance(found[band.css][0]) for band in finest()]
    assert shades == sorted(shades, reverse=True)
    assert all(darker < lighter * 0.9 for lighter, darker in pairwise(shades))


@pytest.mark.parametrize("name", ["ink", "soft", "link", "warn"])
def test_text_can_be_read_on_paper_and_on_the_wash(name: str) -> None:
    variables = dict(re.findall(r"--(\w+): (#\w+);", STYLE.read_text("utf-8")))
    for ground in ("paper", "wash"):
        assert contrast(variables[name], variables[ground]) >= ENOUGH_CONTRAST


def test_a_band_is_a_value_of_its_own() -> None:
    assert all(isinstance(band, Band) and band.low < band.high for band in by_code().values())
