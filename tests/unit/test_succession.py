"""Which keys a person's records had before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.identity.spine.ledger import LEDGER_SCHEMA
from pipeline.identity.spine.succession import held_keys, succession, update_succession
from schemas import codes
from schemas.codes.crosswalk import MERGE, SPLIT
from schemas.variable import Entity
from tests.factories import settings_at

FIRST, SECOND, THIRD = date(2024, 1, 1), date(2024, 6, 1), date(2025, 1, 1)


def ledger(*rows: tuple[str, int, date]) -> pl.DataFrame:
    """Rows of persons, in the order they were appended: record, key, first night of the key."""
    found = [(Entity.PERSON.value, record, key, since, "-") for record, key, since in rows]
    other = (Entity.CASE.value, "a", 9, FIRST, "-"), (Entity.CASE.value, "a", 1, SECOND, "-")
    return pl.DataFrame([*found, *other], schema=LEDGER_SCHEMA, orient="row")


MINTED = (("a", 1, FIRST), ("b", 2, FIRST), ("c", 3, FIRST))


def told(*more: tuple[str, int, date]) -> list[tuple[int, int, str, date]]:
    return succession(ledger(*MINTED, *more)).rows()


def test_the_reasons_are_codes() -> None:
    assert {MERGE, SPLIT} == set(codes.SUCCESSION.values())


def test_nobody_has_had_another_key_before_a_merge_or_a_split() -> None:
    assert told() == []


def test_after_a_merge_the_younger_key_is_nobodys() -> None:
    assert told(("b", 1, SECOND)) == [(2, 1, MERGE, SECOND)]


def test_after_a_split_both_keys_are_in_use() -> None:
    one = (("a", 1, FIRST), ("b", 1, FIRST))
    assert succession(ledger(*one, ("b", 4, SECOND))).rows() == [(1, 4, SPLIT, SECOND)]


def test_a_chain_of_merges_ends_where_the_record_is_now() -> None:
    """c joins b's key, and then both a's."""
    assert told(("c", 2, SECOND), ("b", 1, THIRD), ("c", 1, THIRD)) == [
        (2, 1, MERGE, THIRD),
        (3, 1, MERGE, THIRD),
    ]


def test_a_record_that_was_joined_by_mistake_is_followed_to_its_new_key() -> None:
    """b joined a and was parted again: its first pseudonym is now the new one's, and some of a's too."""
    assert told(("b", 1, SECOND), ("b", 4, THIRD)) == [(1, 4, SPLIT, THIRD), (2, 4, MERGE, THIRD)]


def test_a_record_that_has_its_first_key_again_has_no_other() -> None:
    assert told(("b", 1, SECOND), ("b", 2, THIRD)) == [(1, 2, SPLIT, THIRD)]


def test_a_key_whose_records_went_two_ways_was_split_though_nobody_has_it() -> None:
    both = (("a", 1, FIRST), ("b", 1, FIRST))
    rows = succession(ledger(*both, ("a", 4, SECOND), ("b", 5, THIRD))).rows()
    assert rows == [(1, 4, SPLIT, SECOND), (1, 5, SPLIT, THIRD)]


def test_a_key_is_held_while_the_last_row_of_any_record_says_so() -> None:
    assert held_keys(ledger(*MINTED))["person_key"].to_list() == [1, 2, 3]
    assert held_keys(ledger(*MINTED, ("a", 3, SECOND)))["person_key"].to_list() == [2, 3]


def test_the_successions_are_stored_once_and_without_a_source_key(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    kept = tables.write(settings.restricted, "ledger", ledger(*MINTED, ("b", 1, SECOND)), key="k")
    stored = update_succession(settings, kept)
    assert update_succession(settings, kept) == stored
    assert stored.path.parent == settings.core
    assert tables.read(stored).rows() == [(2, 1, MERGE, SECOND)]
    assert "source_key" not in tables.read(stored).columns
