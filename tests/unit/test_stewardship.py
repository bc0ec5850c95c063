"""What stewards decide: a file that is read fail-closed, and what becomes of results on a night."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import StewardshipWrong
from pipeline.landing import Observation
from pipeline.quality.stewardship import (
    STANDING,
    Decided,
    Decision,
    Reason,
    Stewardship,
    about_nothing,
    apply,
    load,
    unfit_fields,
)
from pipeline.settled import is_settled, note
from pipeline.strict_yaml import LARGEST_FILE
from schemas import codes
from schemas.quality import CheckResult
from schemas.variable import polars_schema
from tests.factories import settings_at

EXAMPLE = Path("pipeline/quality/examples/stewardship.yaml")
FINDING = "0123456789abcdef"
AS_OF = date(2025, 3, 1)

ONE = f"""decisions:
  - decide: acknowledge
    finding: {FINDING}
    reason:
      nb: Vi vet det.
      en: We know.
    owner: Fagsystemavdelingen
    since: 2025-03-01
"""
WIDE = ONE.replace(f"finding: {FINDING}", "flag: sparse\n    field: background.education_level")
UNFIT = ONE.replace("acknowledge", "unfit").replace(f"finding: {FINDING}", "field: economy.expense_kr")


def written(folder: Path, text: str) -> Path:
    path = folder / "stewardship.yaml"
    path.write_text(text, "utf-8")
    return path


def excepted(until: str) -> str:
    return ONE.replace("acknowledge", "except") + f"    expires_on: {until}\n"


def results(*rows: dict[str, Any]) -> pl.DataFrame:
    """Results, each given by what is particular about it."""
    usual = {
        "result_id": FINDING,
        "flag": "sparse",
        "table": "background",
        "column": "education_level",
        "population": "participants",
        "year": None,
        "bydel": None,
    }
    schema = {name: kind for name, kind in polars_schema(CheckResult).items() if name in usual}
    return pl.DataFrame([usual | row for row in rows], schema=schema)


def standing(folder: Path, text: str, *rows: dict[str, Any], as_of: date = AS_OF) -> list[str]:
    return apply(results(*rows), load(written(folder, text)), as_of)[STANDING].to_list()


def test_the_example_is_read_and_shows_every_kind_of_decision() -> None:
    assert {decision.decide for decision in load(EXAMPLE)} == set(Decided)


def test_without_a_file_nothing_is_decided_and_all_is_open() -> None:
    assert load(None) == ()
    told = apply(results({}), (), AS_OF)
    assert told[STANDING].to_list() == [Stewardship.OPEN]
    assert told["decided_by"].to_list() == [None]


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        (date(2025, 2, 28), Stewardship.OPEN),  # before since
        (date(2025, 3, 1), Stewardship.EXCEPTED),
        (date(2025, 6, 30), Stewardship.EXCEPTED),  # the last day is still inside
        (date(2025, 7, 1), Stewardship.EXPIRED),
    ],
)
def test_an_exception_ends_by_the_nights_date(tmp_path: Path, as_of: date, told: Stewardship) -> None:
    assert standing(tmp_path, excepted("2025-06-30"), {}, as_of=as_of) == [told]


def test_a_decision_is_about_its_own_finding_alone_and_keeps_the_order_of_results(tmp_path: Path) -> None:
    other = {"result_id": "f" * 16}
    assert standing(tmp_path, ONE, other, {}, other) == ["open", "acknowledged", "open"]


@pytest.mark.parametrize(
    ("more", "row", "told"),
    [
        ("", {"bydel": "03", "year": 2010}, "acknowledged"),  # of every place, where none is named
        ("", {"flag": "uneven"}, "open"),
        ("", {"column": "school_years"}, "open"),
        ("", {"table": "family"}, "open"),
        ("    year: 2010\n", {"year": 2010}, "acknowledged"),
        ("    year: 2010\n", {"year": 2011}, "open"),
        ("    year: 2010\n", {"year": None}, "open"),
        ("    bydel: '03'\n", {"bydel": "03"}, "acknowledged"),
        ("    bydel: '03'\n", {"bydel": None}, "open"),
        ("    population: grant_only\n", {}, "open"),
    ],
)
def test_a_decision_about_a_flag_and_a_field_is_of_its_place(
    tmp_path: Path, more: str, row: dict[str, Any], told: str
) -> None:
    assert standing(tmp_path, WIDE + more, row) == [told]


def test_a_result_of_a_whole_table_is_no_fields(tmp_path: Path) -> None:
    assert standing(tmp_path, WIDE, {"column": None}) == ["open"]


def test_of_several_decisions_the_gravest_is_told_and_of_those_alike_the_first(tmp_path: Path) -> None:
    again = ONE.replace("decisions:\n", "").replace("Fagsystemavdelingen", "Another")
    assert standing(tmp_path, excepted("2025-06-30") + again, {}) == ["excepted"]
    assert standing(tmp_path, ONE + excepted("2025-06-30").replace("decisions:\n", ""), {}) == ["excepted"]
    # An exception that has run out does not hide that somebody works on it.
    late = date(2025, 8, 1)
    assert standing(tmp_path, excepted("2025-06-30") + again, {}, as_of=late) == ["acknowledged"]
    told = apply(results({}), load(written(tmp_path, ONE + again)), AS_OF)
    assert told["decided_by"].to_list() == ["Fagsystemavdelingen"]


def test_to_acknowledge_anew_a_later_decision_is_added_wherever_it_stands() -> None:
    """The older entry may stay in the file: the newer is what a finding is held against."""
    about: dict[str, Any] = {
        "decide": Decided.ACKNOWLEDGE,
        "finding": "a" * 16,
        "reason": Reason(nb="n", en="e"),
    }
    old = Decision(owner="first", since=date(2025, 1, 1), **about)
    new = Decision(owner="second", since=date(2025, 2, 1), **about)
    for file in ([old, new], [new, old]):
        told = apply(results({"result_id": "a" * 16}), file, date(2025, 3, 1))
        assert told.select("decided_by", "decided_on").rows() == [("second", date(2025, 2, 1))]


def test_a_field_marked_unfit_is_so_for_all_its_results_and_listed(tmp_path: Path) -> None:
    row = {"table": "economy", "column": "expense_kr", "flag": "uneven", "bydel": "01"}
    assert standing(tmp_path, UNFIT, row, {}) == ["unfit", "open"]
    decisions = load(written(tmp_path, UNFIT))
    (unfit,) = unfit_fields(decisions, AS_OF)
    assert (unfit.table, unfit.column, unfit.population) == ("economy", "expense_kr", None)
    assert (unfit.nb, unfit.en, unfit.since) == ("Vi vet det.", "We know.", AS_OF)
    assert unfit_fields(decisions, date(2025, 2, 28)) == ()


@pytest.mark.parametrize("flag", ["free_text", "invalid"])
def test_a_field_marked_unfit_still_asks_about_what_may_reveal_persons_and_what_is_held_back(
    tmp_path: Path, flag: str
) -> None:
    """That nobody should use a field does not take a name out of it."""
    row = {"table": "economy", "column": "expense_kr"}
    assert standing(tmp_path, UNFIT, row | {"flag": flag}, row) == ["open", "unfit"]
    said_of_it = UNFIT.replace("unfit", "acknowledge").replace("field:", f"flag: {flag}\n    field:")
    assert standing(tmp_path, said_of_it, row | {"flag": flag}, row) == ["acknowledged", "open"]


def test_a_decision_about_nothing_is_told_by_its_place(tmp_path: Path) -> None:
    text = ONE.replace(FINDING, "f" * 16) + WIDE.replace("decisions:\n", "")
    assert about_nothing(results({}), load(written(tmp_path, text))) == [1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("acknowledge", "ignore", "line 2: decisions.1.decide: is one of acknowledge, except, unfit"),
        ("owner: ", "owners: ", "line 7: decisions.1.owners: is not a field of a decision - did you mean"),
        ("    owner: Fagsystemavdelingen\n", "", "line 2: decisions.1.owner: is missing"),
        ("      en: We know.\n", "", "line 4: decisions.1.reason.en: is missing"),
        ("2025-03-01", "soon", "line 8: decisions.1.since: is a date"),
        ("2025-03-01", "2025-02-30", "line 8: this value cannot be read"),
        (FINDING, "abc", "line 3: decisions.1.finding: is a finding's number"),
        (f"finding: {FINDING}", "flag: sparse", "name either a finding, or a flag and a field"),
        (f"finding: {FINDING}", f"finding: {FINDING}\n    flag: sparse", "a finding has its flag"),
        (f"finding: {FINDING}", "flag: spars\n    field: case.bydel", "did you mean sparse?"),
        (f"finding: {FINDING}", "flag: sparse\n    field: case.bydl", "did you mean case.bydel?"),
        # A field is named with its table; whatever was written, the nearest there is comes with it.
        (
            f"finding: {FINDING}",
            "flag: sparse\n    field: bydl",
            "did you mean adviser.bydel or case.bydel or settl",
        ),
        (
            f"finding: {FINDING}",
            "flag: sparse\n    field: education_level",
            "mean background.education_level?",
        ),
        (
            f"finding: {FINDING}",
            "flag: sparse\n    field: utdanning.nivå",
            "there is no 'utdanning.nivå' - did",
        ),
        (
            f"finding: {FINDING}",
            "flag: tynt\n    field: case.bydel",
            "there is no 'tynt' - there are contradictory,",
        ),
        ("since: 2025-03-01", "since: 2025-03-01\n    expires_on: 2025-04-01", "belongs to an exception"),
        ("acknowledge", "except", "every exception has one"),
        ("acknowledge", "unfit", "unfit is said of a field"),
        ("decisions:", "decision:", "line 1: decision: is not a field of a decision - did you mean"),
        ("decide: acknowledge", "decide: acknowledge\n    decide: except", "line 3: decide stands twice"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in ONE
    with pytest.raises(StewardshipWrong) as refused:
        load(written(tmp_path, ONE.replace(old, new)))
    assert said in refused.value.happened
    assert refused.value.happened[-1] in ".?" and "?." not in refused.value.happened


@pytest.mark.parametrize("more", ["flag: sparse", "year: 2010", "bydel: '01'"])
def test_unfit_is_said_of_the_whole_field(tmp_path: Path, more: str) -> None:
    with pytest.raises(StewardshipWrong, match="unfit is said of a field"):
        load(written(tmp_path, UNFIT + f"    {more}\n"))
    load(written(tmp_path, UNFIT + "    population: grant_only\n"))


def test_an_exception_does_not_end_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(StewardshipWrong, match="expires_on is before since"):
        load(written(tmp_path, excepted("2025-02-28")))


@pytest.mark.parametrize("text", ["", "[]", "decisions", "decisions: {}", "decisions:\n  - sparse"])
def test_a_file_that_holds_no_decisions_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(StewardshipWrong):
        load(written(tmp_path, text))


def test_a_file_of_another_shape_is_told_what_it_takes(tmp_path: Path) -> None:
    with pytest.raises(StewardshipWrong, match="line 1: decisions: is a list"):
        load(written(tmp_path, "decisions: 1"))
    with pytest.raises(StewardshipWrong, match=r"line 2: decisions\.1: has fields"):
        load(written(tmp_path, "decisions:\n  - sparse"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StewardshipWrong, match="cannot be read"):
        load(tmp_path / "missing.yaml")
    with pytest.raises(StewardshipWrong, match="larger than"):
        load(written(tmp_path, ONE + "#" * LARGEST_FILE))


NUMBERS = [
    "01819012345",  # eleven digits
    "018190 12345",
    "01.81.90 12345",
    "203012345678",  # a DUF number's twelve
    "00012345",  # a case number as the invented case system has them
    "S-12345",
    "2010/12345",
    "01819_012345",
    "018190/12345",
    "01 - 81 - 90 - 12345",
    "2025 / 123 45",
    "2025 / 123 4567",
    "sak_12345",
    "sak12345",
    "\uff10\uff11\uff18\uff11\uff19\uff10\uff11\uff12\uff13\uff14\uff15",  # full width
]
# As YAML reads them, and nobody who looks at the line.
HIDDEN_NUMBERS = [r"\x30181\x39012345", r"0181\x39\t0123\x345", r"0181\x39\n\n0123\x345", r"S-12\x3345"]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("where", ["We know.", "Fagsystemavdelingen", "comment"])
def test_what_looks_like_a_number_of_somebody_is_refused_wherever_it_stands(
    tmp_path: Path, where: str, number: str
) -> None:
    text = ONE + f"# {number}\n" if where == "comment" else ONE.replace(where, f"Se {number} her")
    with pytest.raises(StewardshipWrong) as refused:
        load(written(tmp_path, text))
    assert "looks like a person's or a case's number" in refused.value.happened
    assert number not in str(refused.value)


@pytest.mark.parametrize("number", HIDDEN_NUMBERS)
@pytest.mark.parametrize("where", ["We know.", "Fagsystemavdelingen"])
def test_a_number_that_an_escape_hides_is_refused_with_its_line(
    tmp_path: Path, where: str, number: str
) -> None:
    with pytest.raises(StewardshipWrong) as refused:
        load(written(tmp_path, ONE.replace(where, f'"Se {number}"')))
    line = 6 if where == "We know." else 7
    assert f"line {line}: something there looks" in refused.value.happened


def test_a_number_for_a_key_is_refused_and_not_quoted(tmp_path: Path) -> None:
    hidden = r'    "\x30181\x39012345": 1' + "\n"
    for text in (ONE + hidden, ONE + hidden + hidden, ONE + "    01819012345: 1\n" * 2):
        with pytest.raises(StewardshipWrong) as refused:
            load(written(tmp_path, text))
        assert "01819012345" not in str(refused.value)


@pytest.mark.parametrize("sign", [r"\e[2J", r"\a", r"\u202e", r"\u2066", r"\u200b", "\u202e", "\u200b"])
@pytest.mark.parametrize("where", ["We know.", "Fagsystemavdelingen"])
def test_what_would_steer_a_terminal_or_turn_a_line_round_is_refused(
    tmp_path: Path, where: str, sign: str
) -> None:
    with pytest.raises(StewardshipWrong, match=r"line [67]: a character there cannot be seen"):
        load(written(tmp_path, ONE.replace(where, f'"Se {sign} her"')))


def test_a_text_is_one_line_however_it_is_broken_and_says_something(tmp_path: Path) -> None:
    broken = ONE.replace("en: We know.", "en: |\n        We\n\n        # know.")
    assert load(written(tmp_path, broken))[0].reason.en == "We # know."
    with pytest.raises(StewardshipWrong, match=r"reason\.en: says nothing"):
        load(written(tmp_path, ONE.replace("We know.", '" "')))


def test_dates_years_shares_and_findings_of_digits_alone_are_no_such_number(tmp_path: Path) -> None:
    text = ONE.replace(FINDING, "'1234567890123456'").replace("We know.", "From 2025-01-31, 2008-2011, 97 %.")
    assert len(load(written(tmp_path, text))) == 1


@pytest.mark.parametrize("flag", codes.QUALITY_FLAG.values())
def test_every_flag_can_be_decided_about(tmp_path: Path, flag: str) -> None:
    text = WIDE.replace("flag: sparse", f"flag: {flag}")
    assert standing(tmp_path, text, {"flag": flag}) == ["acknowledged"]


def test_a_changed_decision_makes_the_night_due_again(tmp_path: Path) -> None:
    settings = replace(settings_at(tmp_path), stewardship=written(tmp_path, ONE))
    seen = Observation(AS_OF, 1, {})
    note(settings, seen)
    assert is_settled(settings, seen)
    written(tmp_path, WIDE)
    assert not is_settled(settings, seen)
