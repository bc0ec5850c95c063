"""`uttrekk quality`: what it says, in both languages and to programs, and how it ends."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest
import yaml
from click.testing import CliRunner, Result

from pipeline.cli_quality import quality
from pipeline.config import Settings
from pipeline.errors import FindingsOpen, PipelineError, RequestRefused, SettingWrong, StewardshipWrong
from pipeline.night.forgotten import refuse_forgotten
from pipeline.night.memory import MEMORIES
from pipeline.night.published import (
    PROFILE,
    changes,
    facts_for,
    history_file,
    log_of,
    night_folder,
    published_nights,
)
from pipeline.pages.alert import alert, moved_line, schema_lines
from pipeline.pages.memory import Memory
from pipeline.pages.terminal_text import TERMINAL
from pipeline.quality import history, night_states
from pipeline.quality.export import parquet
from pipeline.quality.judgement import (
    as_now_decided,
    findings,
    gravest_first,
    judgement,
    to_decide,
    undecided,
)
from pipeline.quality.stewardship import load as load_decisions
from pipeline.releases.fitness import refuse_version
from pipeline.releases.manifest import REQUEST
from pipeline.remembered import remember
from pipeline.requests.request import load, request_files
from pipeline.summary import releases
from schemas.case_system import Person
from tests import published_world
from tests.factories import settings_at
from tests.published_world import AS_OF, ID

BEFORE = date(2025, 2, 28)
OTHER = {
    "result_id": "f" * 16,
    "severity": "decide",
    "check": "bydel_spread",
    "flag": "uneven",
    "table": "result",
    "column": "nir_exit",
    "effect_kind": "spread",
    "effect_percent": 40,
}
DECIDED = {
    "result_id": "e" * 16,
    "stewardship": "excepted",
    "decided_by": "Seksjonen",
    "until": date(2025, 12, 31),
    "decision_nb": "Ført på papir.",
    "decision_en": "Kept on paper.",
}
QUIET = {"result_id": "d" * 16, "status": "could_not_run", "reason": "too_few"}
SUPPRESSED = {"result_id": "c" * 16, "status": None, "marker": "suppressed"}


def publish(settings: Settings, night: date, *rows: dict[str, Any]) -> None:
    """A published night with these results."""
    folder = night_folder(settings, night)
    folder.mkdir(parents=True)
    results = published_world.results(*rows)
    (folder / "quality.results.parquet").write_bytes(parquet(results))
    (folder / "quality.fields.parquet").write_bytes(parquet(published_world.fields({})))
    (folder / "quality.en.html").write_text("page", "utf-8")
    states = [night_states.finding_states(results), night_states.size_states(results)]
    history.update(settings.linked / PROFILE, night, pl.concat(states))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_at(tmp_path)
    monkeypatch.setenv("UTTREKK_DATA", str(settings.data))
    for name in ("REQUESTS", "STEWARDSHIP", "KEYS"):
        monkeypatch.delenv(f"UTTREKK_{name}", raising=False)
    publish(settings, BEFORE, {}, {"result_id": "b" * 16})
    publish(
        settings, AS_OF, {}, OTHER, DECIDED, QUIET, SUPPRESSED, {"result_id": "b" * 16, "status": "passed"}
    )
    return settings


def typed(*words: str) -> Result:
    return CliRunner().invoke(quality, list(words))


def said(*words: str) -> str:
    done = typed(*words)
    assert done.exit_code == 0, done.exception
    return done.output


def refused(*words: str) -> PipelineError:
    error = typed(*words).exception
    assert isinstance(error, PipelineError)
    return error


COMMANDS = {
    "report": [],
    "findings": [],
    "diff": [],
    "explain": ["background.education_level"],
    "preview": [str(request_files(None)[0])],
}


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_both_languages_shows_examples_and_names_the_next_step(command: str) -> None:
    assert set(quality.commands) == set(COMMANDS)
    english, norwegian = (said(command, *COMMANDS[command], "--lang", lang) for lang in ("en", "nb"))
    assert "Next: " in english and "Neste: " in norwegian
    alike = set(english.splitlines()) & set(norwegian.splitlines()) - {""}
    # A path, a table's line and the name of a field are the same in both.
    assert not {line for line in alike if "/" not in line and "`" not in line and not line.startswith("|")}
    shown = said(command, "--help")
    assert "Example" in shown and f"uttrekk quality {command}" in shown


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_one_json_object_for_programs(command: str) -> None:
    told = json.loads(said(command, *COMMANDS[command], "--json"))
    assert told.get("as_of", told.get("after")) == "2025-03-01"


@pytest.mark.usefixtures("house")
def test_the_report_counts_what_is_open_and_never_counts_silence_as_passed() -> None:
    told = json.loads(said("report", "--json"))
    assert {name: told[name] for name in ("decide", "know", "decided", "could_not_run", "suppressed")} == {
        "decide": 1,
        "know": 1,
        "decided": 1,
        "could_not_run": 1,
        "suppressed": 1,
    }
    shown = said("report")
    assert (
        "Checks without an answer, never counted as passed: 1 could not run, 1 are hidden." in shown
        and "quality.en.html" in shown
    )


@pytest.mark.usefixtures("house")
def test_findings_are_listed_the_gravest_first_and_those_decided_about_only_when_asked() -> None:
    listed = re.findall(r"^([0-9a-f]{16})", said("findings"), re.M)
    assert listed == ["f" * 16, ID]
    every = said("findings", "--all")
    assert (
        "e" * 16 in every and "Excepted for the time being (Seksjonen → 2025-12-31): Kept on paper." in every
    )
    assert "b" * 16 not in every  # it passed
    assert re.findall(r"^([0-9a-f]{16})", said("findings", "--flag", "uneven"), re.M) == ["f" * 16]
    assert re.findall(r"^([0-9a-f]{16})", said("findings", "--field", "result.nir_exit"), re.M) == ["f" * 16]
    assert "No findings without a decision." in said("findings", "--flag", "late")
    assert ", about 40 percentage points between highest and lowest" in said("findings")


@pytest.mark.usefixtures("house")
def test_an_open_finding_that_needs_a_decision_can_fail_a_job() -> None:
    error = refused("findings", "--check")
    assert isinstance(error, FindingsOpen) and error.exit_code == 24
    assert "1 finding needs a decision" in error.happened
    said("findings", "--check", "--flag", "sparse")  # to be known, not decided


def decided(path: Path, *findings: str, kind: str = "acknowledge") -> str:
    """A stewards' file, and where it is, with a decision about each of these findings."""
    each = "".join(
        f"  - decide: {kind}\n    finding: '{number}'\n    reason: {{nb: Ja., en: Yes.}}\n"
        "    owner: Eier\n    since: 2025-01-01\n"
        for number in findings
    )
    path.write_text(f"decisions:\n{each}" if findings else "decisions: []\n", "utf-8")
    return str(path)


@pytest.mark.usefixtures("house")
def test_a_finding_is_decided_about_from_when_the_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stewardship.yaml"
    monkeypatch.setenv("UTTREKK_STEWARDSHIP", decided(file, "f" * 16, "e" * 16))
    shown = said("findings", "--check")
    assert (
        "f" * 16 not in shown and "Findings that stand otherwise now: 2." in shown and "uttrekk run" in shown
    )
    # Everything known of the field is so as it stands now.
    told = said("explain", "result.nir_exit")
    assert "Known, being worked on (Eier): Yes." in told and "Findings that stand otherwise now: 2." in told
    # What the night had an exception for, and the file has none for any more, is open.
    decided(file, "f" * 16)
    assert re.findall(r"^([0-9a-f]{16})", said("findings", "--check"), re.M) == [ID, "e" * 16]
    decided(file)
    assert refused("findings", "--check").exit_code == 24


def test_what_got_worse_than_when_it_was_acknowledged_stays_open(tmp_path: Path) -> None:
    decisions = load_decisions(Path(decided(tmp_path / "stewardship.yaml", ID)))
    since = {"decided_by": "Eier", "decided_on": date(2025, 1, 1)}
    night = published_world.results({**since, "stewardship": "worsened"}, {"result_id": "b" * 16})
    assert as_now_decided(night, decisions, AS_OF)["stewardship"].to_list() == ["worsened", "open"]
    # That it is worse is said by the decision the night knew, and by no other.
    marked = night.with_columns(worse=pl.lit(True))
    assert as_now_decided(marked, decisions, AS_OF)["worse"].to_list() == [True, None]
    assert as_now_decided(marked, (), AS_OF).select("worse", "stewardship").rows() == [(None, "open")] * 2
    # Acknowledged anew, on a later day.
    before = night.with_columns(decided_on=pl.lit(date(2024, 12, 1)))
    assert as_now_decided(before, decisions, AS_OF)["stewardship"].to_list() == ["acknowledged", "open"]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("more", [[], ["--check"], ["--json"], ["--check", "--json"], ["--all"]])
def test_a_broken_file_of_decisions_ends_it_before_anything_is_shown(
    more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stewardship.yaml"
    monkeypatch.setenv("UTTREKK_STEWARDSHIP", decided(file, "f" * 16))
    said("findings", *more)
    file.write_text(file.read_text("utf-8").replace("finding:", "findings:"), "utf-8")
    done = typed("findings", *more)
    error = done.exception
    assert isinstance(error, StewardshipWrong) and error.exit_code == 22 and not done.output
    assert "\n" not in str(error) and "line 3" in error.happened
    assert "No decision" in error.instead and str(file) in error.do


@pytest.mark.usefixtures("house")
def test_diff_tells_what_is_new_and_gone_since_the_night_before_or_any_night(house: Settings) -> None:
    shown = said("diff")
    assert "New finding: Spread between bydeler: Final result – Reason of exit in NIR" in shown
    assert "The finding is gone: Filled less than promised" in shown
    assert "Findings that stand as before: 1." in shown
    assert said("diff", "--since", "2025-02-28") == shown
    same = json.loads(said("diff", "--since", "2025-03-01", "--json"))
    assert {row["change"] for row in same["findings"]} == {"persisting"}
    version = house.releases / "demo" / "1a2b3c4d5e6f+2025-02-28"
    version.mkdir(parents=True)
    for name in ("1a2b3c4d5e6f", "1a2b", "demo/1a2b3c4d5e6f+2025-02-28"):
        assert said("diff", "--since", name) == shown
    assert "no night in the history" in refused("diff", "--since", "2024-01-01").happened
    assert "no night in the history" in refused("diff", "--since", "").happened
    backwards = refused("diff", "--as-of", "2025-02-28", "--since", "2025-03-01")
    assert isinstance(backwards, SettingWrong) and "2025-03-01 is after 2025-02-28" in backwards.happened
    assert said(*backwards.do.partition("uttrekk quality ")[2].split()) == shown
    assert "There is no night before 2025-02-28" in said("diff", "--as-of", "2025-02-28")


@pytest.mark.usefixtures("house")
def test_a_version_of_two_nights_is_not_guessed_at(house: Settings) -> None:
    for night in ("2025-02-28", "2025-03-01"):
        (house.releases / "demo" / f"1a2b3c4d5e6f+{night}").mkdir(parents=True)
    assert "several nights" in refused("diff", "--since", "1a2b").happened


@pytest.mark.usefixtures("house")
def test_explain_says_who_asks_how_it_is_filled_and_by_which_rule_it_is_judged() -> None:
    shown = said("explain", "background.education_level")
    assert "asked for by nobody" in shown and "25–50 % had one" in shown
    assert "exact binomial test" in shown and "5 percentage points" in shown


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "background.education_levels"), "Did you mean background.education_level?"),
        (("findings", "--field", "nothing"), "There is no measured field"),
        (("findings", "--flag", "sparce"), "Did you mean sparse?"),
        (("report", "--as-of", "2020-01-01"), "No results of 2020-01-01"),
        (("explain", "person.person_id"), "person.person_id is not measured"),
        (("findings", "--flag", "zzz"), "uneven, uneven_advisers."),
    ],
)
def test_a_slip_is_told_with_what_was_likely_meant(words: tuple[str, ...], told: str) -> None:
    error = refused(*words)
    assert isinstance(error, SettingWrong) and told in error.happened and error.do


def test_before_the_first_night_every_command_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UTTREKK_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    for command, words in COMMANDS.items():
        assert "uttrekk run" in refused(command, *words).do


@pytest.mark.usefixtures("house")
def test_preview_refuses_what_is_unfit_with_the_requests_own_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions = tmp_path / "stewardship.yaml"
    decisions.write_text(
        "decisions:\n  - decide: unfit\n    field: background.education_level\n"
        "    reason: {nb: Tomt., en: Empty.}\n    owner: Eier\n    since: 2025-01-01\n",
        "utf-8",
    )
    monkeypatch.setenv("UTTREKK_STEWARDSHIP", str(decisions))
    error = refused("preview", *COMMANDS["preview"])
    assert isinstance(error, RequestRefused) and "unfit for use since 2025-01-01: Empty." in error.happened
    assert "unfit for use" in said("explain", "background.education_level")
    decisions.write_text("decisions: 1\n", "utf-8")
    assert isinstance(refused("findings"), StewardshipWrong)


def test_preview_and_release_judge_a_mark_by_the_version_in_force(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions = tmp_path / "stewardship.yaml"
    decisions.write_text(
        "decisions:\n  - decide: unfit\n    field: background.education_level\n"
        "    reason: {nb: Tomt., en: Empty.}\n    owner: Eier\n    since: 2025-01-01\n",
        "utf-8",
    )
    monkeypatch.setenv("UTTREKK_STEWARDSHIP", str(decisions))
    wanted = request_files(None)[0]
    version = house.releases / "demo" / "0123456789ab+2025-02-28"
    version.mkdir(parents=True)
    asked = yaml.safe_load(wanted.read_text("utf-8"))
    (version / REQUEST).write_text(yaml.safe_dump(asked), "utf-8")
    said("preview", str(wanted))  # the series has it: the nightly run goes on with it
    told = facts_for(replace(house, stewardship=decisions), load(wanted))
    assert told.unfit
    refuse_version(load(wanted), told, house.releases, AS_OF)

    for output in asked["outputs"]:
        output["tables"] = {
            name: [v for v in variables if "education" not in v]
            for name, variables in output["tables"].items()
        }
    (version / REQUEST).write_text(yaml.safe_dump(asked), "utf-8")
    assert "unfit" in refused("preview", str(wanted)).happened
    with pytest.raises(RequestRefused, match="unfit"):
        refuse_version(load(wanted), told, house.releases, AS_OF)


@pytest.mark.usefixtures("house")
def test_preview_refuses_a_grant_that_has_run_out(tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_text(request_files(None)[0].read_text("utf-8").replace("2030-12-31", "2025-02-28"), "utf-8")
    assert "expired on 2025-02-28" in refused("preview", str(path)).happened
    said("preview", str(path), "--as-of", "2025-02-28")  # its last day


@pytest.mark.usefixtures("house")
def test_preview_of_what_is_no_request_says_what_a_preview_leaves_undone(tmp_path: Path) -> None:
    gone, wrong = tmp_path / "gone.yaml", tmp_path / "wrong.yaml"
    wrong.write_text("id: [", "utf-8")
    for path, happened in ((gone, "gone.yaml: the file cannot be read."), (wrong, "wrong.yaml: line ")):
        error = refused("preview", str(path))
        assert error.happened.startswith(happened)
        assert error.do == f"See that {path} is there and right, and try: uttrekk quality preview {path}"
        assert (error.instead, error.exit_code) == ("Nothing is shown.", RequestRefused.exit_code)


@pytest.mark.usefixtures("house")
def test_a_decision_about_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions = tmp_path / "stewardship.yaml"
    decisions.write_text(
        f"decisions:\n  - decide: acknowledge\n    finding: '{'0' * 16}'\n"
        "    reason: {nb: Ja., en: Yes.}\n    owner: Eier\n    since: 2025-01-01\n",
        "utf-8",
    )
    monkeypatch.setenv("UTTREKK_STEWARDSHIP", str(decisions))
    assert "Decision number 1" in said("findings")


def test_every_phrase_is_in_both_languages_with_the_same_gaps() -> None:
    for name, phrase in TERMINAL.items():
        gaps = [set(re.findall(r"{(\w+)}", words)) for words in (phrase.nb, phrase.en)]
        assert gaps[0] == gaps[1], name


def test_every_command_is_under_the_roof() -> None:
    from pipeline.cli import uttrekk

    assert isinstance(uttrekk, click.Group) and uttrekk.commands["quality"] is quality


# --- what the results come to ----------------------------------------------------------------------------


def test_what_nobody_has_decided_about_is_open_and_an_exception_that_ran_out_too() -> None:
    standings = ("open", "acknowledged", "excepted", "expired", "unfit", "worsened")
    rows = published_world.results(*({"result_id": s.ljust(16, "0"), "stewardship": s} for s in standings))
    assert undecided(rows)["stewardship"].to_list() == ["open", "expired", "worsened"]
    assert findings(rows).height == 6
    assert judgement(rows, "background").decided == 3


def test_what_is_for_the_record_asks_nobody_and_only_some_need_a_decision() -> None:
    rows = published_world.results({"severity": "note"}, {"severity": "know"}, {"severity": "decide"})
    assert undecided(rows)["severity"].to_list() == ["know", "decide"]
    assert to_decide(rows)["severity"].to_list() == ["decide"]
    assert gravest_first(rows)["severity"].to_list() == ["decide", "know", "note"]


def test_what_has_outgrown_its_acknowledgement_needs_a_decision_however_grave_it_is() -> None:
    rows = published_world.results(
        {"severity": "know", "stewardship": "worsened"},
        {"severity": "know", "stewardship": "open"},
        {"severity": "note", "stewardship": "worsened"},
    )
    assert to_decide(rows).select("severity", "stewardship").rows() == [("know", "worsened")]


def test_what_is_worse_than_the_night_before_or_than_when_decided_about_is_named_by_table() -> None:
    rows = published_world.results(
        {"change": "worse"},
        {"column": "school_years", "worse": True, "stewardship": "excepted"},
        {"column": "read", "worse": False, "change": "persisting"},
        {"column": "written", "change": "worse", "status": "passed"},
        {"table": "housing", "column": "rooms", "worse": True},
    )
    assert judgement(rows, "background").worse == ["education_level", "school_years"]
    assert judgement(rows, "housing").worse == ["rooms"] and judgement(rows, "person").worse == []


def test_a_tables_judgement_names_its_fields_by_flag_and_nothing_of_another_table() -> None:
    rows = published_world.results(OTHER, {}, {"column": None, "flag": "invalid"})
    told = judgement(rows, "background")
    assert told.open == {"invalid": ["the whole table"], "sparse": ["education_level"]}
    assert not told.to_decide and told.next_step == "uttrekk quality findings"
    assert judgement(rows, "result").to_decide
    assert judgement(rows, "person").open == {} and judgement(rows, "person").next_step == "none"


# --- alerts ----------------------------------------------------------------------------------------------


def test_an_alert_goes_out_only_on_change(house: Settings) -> None:
    found = changes(house, AS_OF)
    assert found is not None
    told = alert(found.findings, found.schema, "en")
    assert [line.split(":")[0] for line in told] == ["New finding", "The finding is gone"]
    same = changes(house, AS_OF, "2025-03-01")
    assert same is not None and alert(same.findings, same.schema, "en") == []


def test_what_becomes_worse_is_alerted_and_shown_also_where_an_exception_stands(house: Settings) -> None:
    spread = {**OTHER, "severity": "know"}
    excepted = {**OTHER, **DECIDED, "result_id": "a" * 16, "severity": "know"}
    small, large = ([{**row, "effect_percent": p} for row in (spread, excepted)] for p in (20, 40))
    for night, rows in ((date(2025, 3, 2), small), (date(2025, 3, 3), large)):
        publish(house, night, *rows)
    found = changes(house, date(2025, 3, 3))
    assert found is not None
    told = alert(found.findings, found.schema, "nb")
    assert [line.split(":")[0] for line in told] == ["Funnet er blitt verre"] * 2
    assert said("diff").count("The finding has become worse: Spread between bydeler") == 2
    assert said("diff").endswith("Findings that stand as before: 0.\nNext: uttrekk quality findings\n")
    kinds = {row["change"] for row in json.loads(said("diff", "--json"))["findings"]}
    assert kinds == {"worse"}


def test_findings_say_that_they_are_worse_and_how_large(house: Settings) -> None:
    owner = {"decided_by": "Seksjonen", "decision_nb": "Vi vet.", "decision_en": "We know."}
    publish(
        house,
        date(2025, 3, 4),
        {**OTHER, "change": "worse"},
        {**owner, "stewardship": "worsened", "worse": True},
        {**owner, **DECIDED, "worse": True},
    )
    shown = said("findings", "--all").splitlines()
    assert "    Worse than the night before." in shown
    assert "    Worse than when somebody took it on (Seksjonen): We know." in shown
    assert "    Worse than when Seksjonen made an exception, which holds until 2025-12-31." in shown
    assert any(line.endswith(", 25–50 % have a value, of 200") for line in shown)
    assert json.loads(said("report", "--json"))["worse"] == 3
    assert json.loads(said("report", "--json"))["decide"] == 2  # the lifted one asks again


def test_rows_and_values_are_told_by_their_labels_and_tables_declared_otherwise_in_one_line() -> None:
    rows = pl.DataFrame({"table": ["person", "case"], "shown": [1200, None]})
    values = {"place": "all", "by": "year"}
    before, after = (
        pl.concat(
            [
                night_states.row_states(rows.with_columns(pl.col("shown") + more), "landed"),
                night_states.value_states(published_world.fields({**values, "n": 200 + more, "band": band})),
                night_states.schema_states((Person,)).with_columns(pl.col("state") + sign),
            ]
        )
        for more, band, sign in ((0, "25-50", ""), (5, None, "x"))
    )
    log = history.record(history.record(history.empty(), BEFORE, before), AS_OF, after)
    moved = {k: history.others_between(log, BEFORE, AS_OF, k) for k in history.Kind if k not in ("night",)}
    assert [moved_line("rows", row, "nb") for row in moved[history.Kind.ROWS].to_dicts()] == [
        "Rader: Person, mottatt: 1\N{NO-BREAK SPACE}200 → 1\N{NO-BREAK SPACE}205"
    ]
    assert [moved_line("values", row, "en") for row in moved[history.Kind.VALUES].to_dicts()] == [
        "Values: Background – Level of education (participants in the programme): 200 (25–50 %) → 205"
    ]
    lines = schema_lines(moved[history.Kind.SCHEMA], "en")
    assert lines[-1] == "Schema: the description has changed of person"
    assert "Schema: person.sex: String? → String?x" in lines and len(lines) == len(moved["schema"])


def test_a_changed_schema_is_alerted_by_column() -> None:
    states = night_states.schema_states((Person,))
    log = history.record(history.empty(), BEFORE, states.filter(states["id"] != "person.sex"))
    log = history.record(log, AS_OF, states)
    moved = history.others_between(log, BEFORE, AS_OF, history.Kind.SCHEMA)
    none = history.findings_between(log, BEFORE, AS_OF)
    assert alert(none, moved, "en") == ["Schema: person.sex: not there → String?"]


@pytest.mark.parametrize("stray", ["2025-03-01-copy", "20250302", "2025-W10-1", "old"])
def test_a_folder_that_is_no_nights_stops_no_command(house: Settings, stray: str) -> None:
    before = {command: said(command, *COMMANDS[command]) for command in COMMANDS}
    shutil.copytree(night_folder(house, AS_OF), house.reports / stray)
    (house.releases / "demo" / f"1a2b3c4d5e6f+{stray}").mkdir(parents=True)
    assert {command: said(command, *COMMANDS[command]) for command in COMMANDS} == before
    assert published_nights(house) == [BEFORE, AS_OF]
    assert releases(house) == []


@pytest.mark.parametrize("name", ["quality.results.parquet", "quality.fields.parquet"])
@pytest.mark.parametrize("left", [0, 100])
def test_a_night_that_cannot_be_read_is_told_with_how_to_make_it_again(
    house: Settings, name: str, left: int
) -> None:
    file = night_folder(house, AS_OF) / name
    file.write_bytes(file.read_bytes()[:left])
    for command in ("report", "findings", "explain", "preview"):
        error = refused(command, *COMMANDS[command])
        assert isinstance(error, SettingWrong) and "uttrekk run --as-of 2025-03-01" in error.do


def test_without_the_history_of_published_nights_no_night_is_made(house: Settings) -> None:
    """Else the next would be the first, and an acknowledgement of a finding that is worse would stand."""
    tonight = date(2025, 3, 2)
    for name in MEMORIES:
        for night in (BEFORE, AS_OF):
            remember(house.restricted / name, night, Memory().after())
    refuse_forgotten(house, tonight)
    file = history_file(house)
    whole = file.read_bytes()
    log = log_of(house)
    file.unlink()
    for night in (tonight, AS_OF):
        with pytest.raises(SettingWrong, match="history of nights has nothing of 2025-0") as told:
            refuse_forgotten(house, night)
        assert str(file) in told.value.do and str(house.reports) in told.value.do
    history.update(
        house.linked / PROFILE, AS_OF, log.filter(pl.col("kind") == "none").select(list(history.STATES))
    )
    with pytest.raises(SettingWrong, match="nothing of 2025-02-28"):
        refuse_forgotten(house, tonight)  # lost, and begun anew since
    shutil.move(night_folder(house, BEFORE), house.data / "away")
    refuse_forgotten(house, tonight)
    file.write_bytes(whole[:50])
    with pytest.raises(SettingWrong, match="cannot be read"):
        refuse_forgotten(house, tonight)
    assert "cannot be read" in refused("diff").happened
