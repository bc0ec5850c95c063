"""The spine: which identifiers lead to a person, and which lead nowhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import tables
from pipeline.identity.spine import spine, update_spine
from schemas.case_system import Identifier, Person
from tests.factories import a_duf, an_identifier, frame_of, settings_at

FNR, DNR, DUF = an_identifier(1), an_identifier(2, days=40), a_duf(3)


def spine_of(*rows: dict[str, Any], persons: tuple[int, ...] = (1, 2, 3)) -> pl.DataFrame:
    return spine(frame_of(Identifier, *rows), frame_of(Person, *({"person_id": p} for p in persons)))


def leads_to(made: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for identifier, person, status in made.select("identifier", "person_id", "status").rows():
        found.setdefault(identifier, []).append((person, status))
    return found


def test_every_identifier_a_person_has_had_leads_to_the_person() -> None:
    made = spine_of(
        *({"person_id": 1, "identifier": i, "identifier_type": "FNR"} for i in (DUF, DNR, FNR)),
        {"person_id": 2, "identifier": an_identifier(9), "is_valid": False},
    )
    assert leads_to(made) == {
        DUF: [(1, "linked")],
        DNR: [(1, "linked")],
        FNR: [(1, "linked")],
        an_identifier(9): [(2, "linked")],
    }
    assert dict(made.select("identifier", "kind").rows())[DUF] == "DUF"  # by its digits, not as typed


def test_an_identifier_of_two_persons_links_neither() -> None:
    made = spine_of({"person_id": 1, "identifier": FNR}, {"person_id": 2, "identifier": FNR})
    assert leads_to(made) == {FNR: [(1, "ambiguous"), (2, "ambiguous")]}


def test_one_identifier_written_in_two_ways_is_one_and_was_theirs_from_the_first_day() -> None:
    made = spine_of(
        {"person_id": 1, "identifier": FNR, "valid_from": date(2012, 5, 1)},
        {"person_id": 1, "identifier": f"{FNR[:6]} {FNR[6:]}", "valid_from": date(2011, 5, 1)},
    )
    assert made.select("identifier", "valid_from", "status").rows() == [(FNR, date(2011, 5, 1), "linked")]


def test_a_wrong_number_links_nobody() -> None:
    wrong = f"{FNR[:-1]}{(int(FNR[-1]) + 1) % 10}"
    assert leads_to(spine_of({"person_id": 1, "identifier": wrong})) == {wrong: [(1, "invalid")]}


def test_a_stand_in_links_nobody_by_its_digits_or_by_what_the_case_system_says() -> None:
    made = spine_of(
        {"person_id": 1, "identifier": "01818000100", "identifier_type": "FNR"},
        {"person_id": 1, "identifier": FNR, "identifier_type": "DUMMY"},
        {"person_id": 2, "identifier": FNR, "identifier_type": "FNR"},
    )
    assert leads_to(made) == {"01818000100": [(1, "dummy")], FNR: [(1, "dummy"), (2, "dummy")]}


def test_an_identifier_of_a_person_we_do_not_have_is_not_in_the_spine() -> None:
    assert spine_of({"person_id": 7, "identifier": FNR}).height == 0


def test_the_order_of_rows_in_does_not_matter() -> None:
    rows = [{"person_id": p, "identifier": an_identifier(i)} for p, i in ((2, 5), (1, 5), (1, 6), (3, 7))]
    assert spine_of(*rows).equals(spine_of(*reversed(rows)))


def test_the_stored_spine_is_made_again_only_for_other_rows(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)

    def stored(name: str, frame: pl.DataFrame, key: str) -> tables.Stored:
        return tables.write(settings.restricted / name, name, frame, key=key)

    person = stored("person", frame_of(Person, {"person_id": 1}), "a")
    first = update_spine(
        settings, stored("identifier", frame_of(Identifier, {"identifier": FNR}), "b"), person
    )
    assert leads_to(tables.read(first)) == {FNR: [(1, "linked")]}
    stamp = first.path.stat().st_mtime_ns
    assert update_spine(settings, stored("identifier", frame_of(Identifier), "b"), person) == first
    assert first.path.stat().st_mtime_ns == stamp
    assert update_spine(settings, stored("identifier", frame_of(Identifier), "c"), person).rows == 0
