"""The bydeler's worklists: whose a line is, what a spreadsheet makes of it, and who may read it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.night.worklists import AGAINST, in_words, persons_told_of
from pipeline.pages.worklist_text import HEADINGS
from pipeline.quality.contradictions import DIFFERS
from pipeline.quality.evidence import Evidence
from pipeline.quality.held_back import IN_TEXT, text_fields
from pipeline.quality.missing_rows import KEYS, MISSING, ROW_MISSING
from pipeline.quality.rules import CHECKS
from pipeline.quality.worklist import (
    CITY,
    FOUND,
    NIGHTS_KEPT,
    Book,
    as_csv,
    book,
    held_back,
    keys_of,
    lists,
    name_of,
    of_keys,
    placed,
    sheet,
    write,
)
from pipeline.validate import validate
from schemas import BY_NAME, CASE_SYSTEM, codes
from schemas.case_system.case import Case
from schemas.case_system.grant import GrantClaim
from schemas.case_system.person import Person
from schemas.case_system.programme import Activity, Programme
from schemas.variable import facts, table_name
from tests.factories import AS_OF, frame_of

DAY = date(2020, 1, 1)
TEXTS = dict.fromkeys(("case_id", "programme_id", "person_id", "person"), pl.String)


def whose(
    cases: list[tuple[str, str | None, str | None, date | None]],
    programmes: list[tuple[str, str | None, str | None]] = (),
    keys: dict[str, int] | None = None,
    barred: tuple[str, ...] = (),
) -> Book:
    """The book of these cases (number, person, bydel, day), programmes (number, case, person) and keys."""
    return book(
        pl.DataFrame(
            list((keys or {}).items()), {"person_id": pl.String, "person_key": pl.Int64}, orient="row"
        ),
        pl.DataFrame(
            cases,
            {"case_id": pl.String, "person_id": pl.String, "bydel": pl.String, "opened_on": pl.Date},
            orient="row",
        ),
        pl.DataFrame(
            list(programmes),
            {"programme_id": pl.String, "case_id": pl.String, "person_id": pl.String},
            orient="row",
        ),
        pl.DataFrame({"person_id": list(barred)}, {"person_id": pl.String}),
    )


def found(**names: str | None) -> pl.DataFrame:
    """One line about the start of a programme, with these keys."""
    told = {"table": "programme", "column": "started_on", "rule": "required"} | names
    return pl.DataFrame([told], schema=dict.fromkeys(told, pl.String))


def where(line: pl.DataFrame, by: Book) -> tuple[str | None, str | None]:
    """The bydel and the case number of one line."""
    return placed([line], by).select("bydel", "case_id").row(0)


TWO = [("A1", "1", "01", DAY), ("B1", "2", "02", DAY)]


def test_a_row_is_the_bydels_that_has_its_case() -> None:
    assert where(found(case_id="A1"), whose(TWO)) == ("01", "A1")
    # Its own case counts, also where the person is somebody else's.
    assert where(found(case_id="A1", person_id="2"), whose(TWO)) == ("01", "A1")


def test_a_row_of_a_programme_is_its_cases() -> None:
    by = whose(TWO, [("P1", "B1", "2")])
    assert where(found(programme_id="P1"), by) == ("02", "B1")


def test_no_bydel_reads_the_number_of_a_programme_in_anothers_case() -> None:
    by = whose(TWO, [("P1", "A1", "1"), ("P2", "B1", "2"), ("P3", None, "2")])
    lines = [found(case_id="B1", programme_id=number) for number in ("P1", "P2", "P3")]
    told = placed(lines, by).select("case_id", "programme_id", "bydel").rows()
    # P3 is in no case of anybody's: its number says nothing of another's.
    assert told == [("B1", None, "02"), ("B1", "P2", "02"), ("B1", "P3", "02")]


def test_a_row_of_a_person_is_of_the_newest_case() -> None:
    moved = [("A1", "1", "01", DAY), ("A2", "1", "03", date(2021, 1, 1)), ("A0", "1", "02", None)]
    assert where(found(person_id="1"), whose(moved)) == ("03", "A2")
    # Of two opened on one day the last number; an undated one is the oldest.
    assert where(found(person_id="1"), whose([*TWO, ("A3", "1", "04", DAY)])) == ("04", "A3")


def test_records_of_one_person_are_one_person() -> None:
    by = whose([("A1", "1", "01", DAY), ("A2", "2", "02", date(2021, 1, 1))], keys={"1": 7, "2": 7})
    assert where(found(person_id="1"), by) == ("02", "A2")
    line = found().with_columns(person=name_of(pl.lit(7)))
    assert where(line, by) == ("02", "A2")


@pytest.mark.parametrize(
    "cases",
    [
        [("A1", "1", None, DAY)],  # no bydel
        [("A1", "1", "99", DAY)],  # «uoppgitt» is none
        [("A1", "1", "x", DAY)],  # a code that nobody knows
        [("A1", "1", "01", DAY), ("A1", "1", "02", DAY)],  # the number stands twice, and they disagree
    ],
)
def test_a_case_without_a_bydel_is_the_citys(cases: list[Any]) -> None:
    lines = placed([found(case_id="A1")], whose(cases))
    sheets = lists(lines)
    assert sheets[CITY]["case_id"].to_list() == ["A1"]
    assert sum(sheet.height for sheet in sheets.values()) == 1


def test_a_case_that_stands_twice_alike_is_its_bydels() -> None:
    assert where(found(case_id="A1"), whose([TWO[0], TWO[0]])) == ("01", "A1")


def test_a_row_that_points_to_no_case_is_the_citys() -> None:
    assert where(found(case_id="Z9"), whose(TWO)) == (None, None)
    assert where(found(programme_id="Z9"), whose(TWO)) == (None, None)
    assert where(found(), whose(TWO)) == (None, None)


@pytest.mark.parametrize("line", [{"case_id": "B1"}, {"programme_id": "P1"}, {"person_id": "2"}])
def test_who_may_not_be_used_is_in_no_list(line: dict[str, str]) -> None:
    by = whose(TWO, [("P1", "B1", "2")], barred=("2",))
    assert placed([found(**line)], by).is_empty()
    assert placed([found(case_id="A1")], by).height == 1


def test_a_bar_on_one_record_of_a_person_is_one_on_all_and_on_what_points_to_them() -> None:
    by = whose(TWO, keys={"1": 7, "2": 7}, barred=("2",))
    assert placed([found(person_id="1"), found(case_id="A1")], by).is_empty()
    # The row's own word for whose it is binds too, whatever its case says.
    assert placed([found(case_id="A1", person_id="9")], whose(TWO, barred=("9",))).is_empty()


def test_a_line_stands_once() -> None:
    assert placed([found(case_id="A1"), found(case_id="A1")], whose(TWO)).height == 1


def test_no_bydel_sees_anothers_cases() -> None:
    """Over every bydel, two cases and a programme in each, and every way a line can point to them."""
    known = [code for code in codes.BYDEL.values() if code not in codes.BYDEL.unknown]
    cases = [(f"{code}-{n}", f"{code}{n}", code, DAY) for code in known for n in (1, 2)]
    programmes = [(f"P{number}", number, person) for number, person, _, _ in cases]
    by = whose(cases, programmes)
    lines = [found(case_id=number) for number, _, _, _ in cases]
    lines += [found(programme_id=number) for number, _, _ in programmes]
    lines += [found(person_id=person) for _, person, _, _ in cases]
    sheets = lists(placed(lines, by))
    assert set(sheets) == {*known, CITY} and sheets[CITY].is_empty()
    for code in known:
        assert set(sheets[code]["case_id"]) == {f"{code}-1", f"{code}-2"}
        assert set(sheets[code]["programme_id"].drop_nulls()) == {f"P{code}-1", f"P{code}-2"}


# --- what is wrong ---------------------------------------------------------------------------------------


def quarantined(table: Any, **row: Any) -> pl.DataFrame:
    return validate(table, frame_of(table, row), AS_OF).quarantined


def test_every_rule_a_quarantined_row_broke_is_a_line_with_its_field() -> None:
    rows = quarantined(Programme, programme_id=4, case_id="A1", person_id=1, law="x", started_on=None)
    lines = held_back(Programme, rows.with_columns(rules=pl.lit(["law:code", "unique"])), "rules")
    assert set(lines.select(FOUND).rows()) == {("programme", "law", "code"), ("programme", "", "unique")}
    assert set(lines.select("programme_id", "case_id", "person_id").rows()) == {("4", "A1", "1")}


def test_a_rule_over_a_row_is_told_under_the_field_it_names_first() -> None:
    rows = quarantined(GrantClaim, person_id=1, claimed_on=date(2102, 1, 1))
    lines = held_back(GrantClaim, rows, "rules")
    assert set(lines.select(FOUND).rows()) == {
        ("grant_claim", "claimed_on", "claimed_on_year_plausible"),
        ("grant_claim", "claimed_on", "claimed_on_not_after_as_of"),
    }


def test_rows_find_their_case_by_their_own_keys() -> None:
    assert keys_of(Case) == {"case_id": "case_id", "person_id": "person_id"}
    assert keys_of(Activity) == {"programme_id": "programme_id"}
    assert keys_of(Person) == {"person_id": "person_id"}
    assert keys_of(BY_NAME["adviser"]) == {}


def test_lines_by_internal_keys_are_told_by_the_sources_numbers() -> None:
    rows = pl.DataFrame(
        [
            ("result", "", ROW_MISSING, None, None, 3),
            ("person", "sex", MISSING, 7, None, None),
            ("case", "", "duplicate_case", 7, 5, None),
        ],
        schema={**dict.fromkeys(FOUND, pl.String), **dict.fromkeys(KEYS, pl.Int64)},
        orient="row",
    )
    cases = pl.DataFrame({"case_key": [5], "case_id": ["A1"]})
    programmes = pl.DataFrame({"programme_key": [3], "programme_id": ["P1"]})
    told = of_keys(rows, cases, programmes)
    assert told.select("table", "case_id", "programme_id", "person").rows() == [
        ("result", None, "P1", None),
        ("person", None, None, "key 7"),
        ("case", "A1", None, "key 7"),
    ]


def test_a_text_that_tells_of_a_person_is_a_line_about_its_case_and_never_the_text() -> None:
    texts = {"person_id": [1, 2, 3], "occupation": ["navn1 er kokk", "kokk", "ring 99 88 77 66"]}
    evidence = Evidence(
        as_of=AS_OF,
        usable=pl.DataFrame({"person_key": [1]}),
        cores={},
        restricted={
            "background": pl.DataFrame(texts),
            "person": pl.DataFrame({"person_id": [1, 2, 3]}).with_columns(
                first_name=pl.format("navn{}", "person_id"), last_name=pl.lit("Prøvesen")
            ),
        },
    )
    (lines,) = persons_told_of(evidence)  # health was not delivered
    assert lines.columns == ["person_id", *FOUND]
    assert lines.rows() == [(n, "background", "occupation", IN_TEXT) for n in ("1", "3")]
    assert where(lines.head(1), whose(TWO)) == ("01", "A1")


# --- the file --------------------------------------------------------------------------------------------


def cells(*numbers: str | None) -> pl.DataFrame:
    """The sheet about these cases."""
    lines = pl.concat(
        found().with_columns(
            pl.lit(n, pl.String).alias("case_id"), pl.lit(None, pl.String).alias("programme_id")
        )
        for n in numbers
    )
    return sheet(lines, in_words([("programme", "started_on", "required")]), HEADINGS)


def read_back(*numbers: str | None) -> list[list[str]]:
    """The cells of a list about these cases, as a spreadsheet reads the file of text."""
    content = as_csv(cells(*numbers))
    assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_the_list_says_which_case_what_and_what_must_hold() -> None:
    assert read_back("A1") == [
        list(HEADINGS.values()),
        ["A1", "", "Introduksjonsprogram", "Start", "«Start» er utfylt", "“Started on” is filled in"],
    ]


@pytest.mark.parametrize(
    ("number", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+47", "'+47"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("|cmd", "'|cmd"),
        ("\uff1d1+1", "'\uff1d1+1"),  # = + - @ in full width
        ("\uff0b47", "'\uff0b47"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20SUM(A1)", "'\uff20SUM(A1)"),
        ("\ufeff=1", "'\ufeff=1"),  # a mark, and spaces of no width and no break
        ("\u200b=1", "'\u200b=1"),
        ("\u200b \ufeff\u00a0=1", "'\u200b \ufeff\u00a0=1"),
        ("00012345", "'00012345"),  # would lose its zeros
        ("123456789012", "'123456789012"),  # would become 1,23E+11
        ("1E5", "'1E5"),
        ("1-2", "'1-2"),  # would become the first of February
        ("12345", "12345"),
        ("S-12345", "S-12345"),
        ('a";b', 'a";b'),
        ("a\nb", "a\nb"),
    ],
)
def test_no_cell_is_run_or_rewritten_by_a_spreadsheet(number: str, cell: str) -> None:
    assert read_back(number)[1][0] == cell


def test_lines_come_in_order_whatever_order_they_were_found_in() -> None:
    assert read_back("B", "A", None) == read_back(None, "B", "A")
    assert [row[0] for row in read_back("B", "A", None)[1:]] == ["A", "B", ""]


def test_every_rule_that_may_stand_in_a_list_has_words_in_both_languages() -> None:
    lines = [("programme", "", f"differs_from_nir{AGAINST}{kind}") for kind in DIFFERS]
    lines += [("programme", "", check) for check, about in CHECKS.items() if about.flag == "contradictory"]
    lines += [("result", "", ROW_MISSING), ("result", "nir_exit", MISSING)]
    lines += [(table, name, IN_TEXT) for table, name in text_fields()]
    lines += [(table_name(t), rule.columns[0], rule.name) for t in CASE_SYSTEM for rule in facts(t).rules]
    words = in_words(lines)
    assert words.height == len(set(lines))
    assert not words.select("table_nb", "nb", "en").null_count().sum_horizontal().item()
    assert words.filter(pl.col("nb") == pl.col("en")).is_empty()
    by_rule = dict(words.select("rule", "nb").rows())
    assert by_rule["differs_from_nir/only_in_nir"] == "Se på dette: avvik fra NIR: bare i NIR"


# --- the folder ------------------------------------------------------------------------------------------


def test_lists_are_their_owners_alone_and_a_rerun_changes_nothing(tmp_path: Path) -> None:
    paths = write(tmp_path / "lists", AS_OF, {"01.csv": b"a", "city.csv": b"b"})
    assert [path.name for path in paths] == ["01.csv", "city.csv"]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert {f.stat().st_mode & 0o777 for f in (tmp_path / "lists", paths[0].parent)} == {0o700}
    before = [(path.stat().st_mtime_ns, path.stat().st_ino) for path in paths]
    write(tmp_path / "lists", AS_OF, {"01.csv": b"a", "city.csv": b"b"})
    assert before == [(path.stat().st_mtime_ns, path.stat().st_ino) for path in paths]


def test_a_list_opened_to_others_is_closed_and_one_of_before_is_gone(tmp_path: Path) -> None:
    (first, second) = write(tmp_path, AS_OF, {"01.csv": b"a", "02.csv": b"b"})
    first.chmod(0o644)
    (first.parent / ".01.csv.1.staged").write_bytes(b"half")
    write(tmp_path, AS_OF, {"01.csv": b"a"})
    assert first.stat().st_mode & 0o777 == 0o600
    assert sorted(first.parent.iterdir()) == [first] and not second.exists()


def test_the_newest_nights_are_kept_and_an_old_one_run_again_leaves_none(tmp_path: Path) -> None:
    nights = [date(2025, 1, day) for day in range(1, NIGHTS_KEPT + 3)]
    for night in nights:
        write(tmp_path, night, {"01.csv": b"a"})
    kept = [night.isoformat() for night in nights[-NIGHTS_KEPT:]]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
    assert write(tmp_path, nights[0], {"01.csv": b"a"}) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
