"""The ledger: a key once given stays, and the same sources give the same ledger."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.ledger import LEDGER_SCHEMA, empty, mint, owned_keys, update_ledger
from pipeline.tables import Stored
from schemas import SOURCE_TABLES
from schemas.case_system import Case, Person, Programme
from schemas.variable import Entity, InCore, KeyKind, columns
from tests.factories import frame_of, settings_at


def keys(ledger: pl.DataFrame, entity: Entity = Entity.PERSON) -> dict[str, int]:
    return dict(ledger.filter(entity=entity.value).select("source_key", "key").rows())


def test_keys_start_at_one_in_the_order_of_the_source_keys() -> None:
    assert keys(mint(empty(), Entity.PERSON, pl.Series([30, 4, 30, None]))) == {"30": 1, "4": 2}


def test_a_key_once_given_never_changes_and_newcomers_come_after_the_highest() -> None:
    first = mint(empty(), Entity.PERSON, pl.Series([5, 7]))
    second = mint(first, Entity.PERSON, pl.Series([1, 7]))
    assert keys(second) == {"5": 1, "7": 2, "1": 3}
    assert second.head(2).equals(first)


def test_each_kind_of_key_is_numbered_by_itself() -> None:
    ledger = mint(mint(empty(), Entity.PERSON, pl.Series([9])), Entity.CASE, pl.Series(["9"]))
    assert (keys(ledger), keys(ledger, Entity.CASE)) == ({"9": 1}, {"9": 1})
    assert ledger.schema == pl.Schema(LEDGER_SCHEMA)


def test_a_key_that_has_gone_keeps_its_number_for_when_it_comes_back() -> None:
    ledger = mint(empty(), Entity.PERSON, pl.Series([1, 2]))
    ledger = mint(ledger, Entity.PERSON, pl.Series([2]))
    assert keys(mint(ledger, Entity.PERSON, pl.Series([1, 3]))) == {"1": 1, "2": 2, "3": 3}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path)


def passed(settings: Settings, *, persons: tuple[int, ...]) -> dict[str, Stored]:
    frames = {
        "person": frame_of(Person, *({"person_id": p} for p in persons)),
        "case": frame_of(Case, {"case_id": "B", "person_id": persons[0], "transferred_from_case_id": "A"}),
        "programme": frame_of(Programme, {"case_id": "B", "person_id": persons[0], "adviser_id": "R1"}),
    }
    return {
        name: tables.write(settings.table_folder("restricted", name), name, frame, key="k")
        for name, frame in frames.items()
    }


def test_every_key_in_any_table_is_in_the_ledger(settings: Settings) -> None:
    ledger = tables.read(update_ledger(settings, passed(settings, persons=(3, 2))))
    assert keys(ledger) == {"2": 1, "3": 2}
    assert keys(ledger, Entity.CASE) == {"A": 1, "B": 2}  # A is only pointed to
    assert keys(ledger, Entity.PROGRAMME) == {"1": 1}
    assert keys(ledger, Entity.EMPLOYEE) == {"R1": 1}  # the case worker's is dropped


def test_a_night_without_newcomers_leaves_the_same_file(settings: Settings) -> None:
    first = update_ledger(settings, passed(settings, persons=(3, 2)))
    stamp, content = first.path.stat().st_mtime_ns, first.path.read_bytes()
    again = update_ledger(settings, passed(settings, persons=(2, 3)))
    assert (again, first.path.stat().st_mtime_ns) == (first, stamp)
    assert update_ledger(settings, passed(settings, persons=(2,))) == first
    first.path.unlink()
    assert update_ledger(settings, passed(settings, persons=(3, 2))) == first
    assert first.path.read_bytes() == content


def test_a_newcomer_makes_a_new_ledger_with_the_old_at_its_head(settings: Settings) -> None:
    first = update_ledger(settings, passed(settings, persons=(3, 2)))
    before = tables.read(first)
    second = update_ledger(settings, passed(settings, persons=(1, 2, 3)))
    assert second.key != first.key
    assert tables.read(second).head(before.height).equals(before)


def test_all_own_keys_that_core_keeps_are_minted_for() -> None:
    rekeyed = {
        c.path
        for table in SOURCE_TABLES
        for c in columns(table)
        if c.about.key and c.about.key.kind is KeyKind.OWN and c.about.in_core is InCore.REKEYED
    }
    assert {c.path for table in SOURCE_TABLES for c in owned_keys(table)} == rekeyed
