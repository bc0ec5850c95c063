"""The ledger: a key once given stays, and the same sources give the same ledger."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import tables
from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.identity.spine import COMPONENT_SCHEMA
from pipeline.identity.spine.ledger import LEDGER_SCHEMA, empty, mint, owned_keys
from pipeline.identity.spine.ledger_file import WITNESS, ledger_facts, update_ledger
from pipeline.tables import Stored
from schemas import SOURCE_TABLES
from schemas.case_system import Case, Person, Programme
from schemas.variable import Entity, InCore, KeyKind, columns
from tests.factories import AS_OF, frame_of, settings_at


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


def updated(
    settings: Settings,
    stored: dict[str, Stored],
    *components: tuple[int, int, date | None],
    as_of: date = AS_OF,
) -> Stored:
    """The ledger after a night with these components; who is in none is a person alone."""
    made = pl.DataFrame(list(components), schema=COMPONENT_SCHEMA, orient="row")
    return update_ledger(
        settings, stored, tables.write(settings.restricted, "component", made, key="c"), as_of
    )


def test_every_key_in_any_table_is_in_the_ledger(settings: Settings) -> None:
    ledger = tables.read(updated(settings, passed(settings, persons=(3, 2))))
    assert keys(ledger) == {"2": 1, "3": 2}
    assert keys(ledger, Entity.CASE) == {"A": 1, "B": 2}  # A is only pointed to
    assert keys(ledger, Entity.PROGRAMME) == {"1": 1}
    assert keys(ledger, Entity.EMPLOYEE) == {"R1": 1}  # the case worker's is dropped


def test_a_night_without_newcomers_leaves_the_same_file(settings: Settings) -> None:
    first = updated(settings, passed(settings, persons=(3, 2)))
    stamp, content = first.path.stat().st_mtime_ns, first.path.read_bytes()
    again = updated(settings, passed(settings, persons=(2, 3)))
    assert (again, first.path.stat().st_mtime_ns) == (first, stamp)
    assert updated(settings, passed(settings, persons=(2,))) == first
    assert first.path.read_bytes() == content


def test_the_same_sources_make_the_same_ledger_on_a_new_data_root(settings: Settings, tmp_path: Path) -> None:
    other = settings_at(tmp_path / "other")
    first, second = (updated(s, passed(s, persons=(3, 2))).path for s in (settings, other))
    assert first.read_bytes() == second.read_bytes()


def refused(settings: Settings) -> None:
    """No key is given for these rows, and what stands is not touched."""
    path = settings.restricted / "ledger.parquet"
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(SettingWrong, match=r"Nobody was given a key\. Restore restricted/ledger\.parquet"):
        updated(settings, passed(settings, persons=(9, 2, 1)))
    assert (path.read_bytes() if path.exists() else None) == before


def witness(settings: Settings) -> Path:
    return settings.core / f"{WITNESS}.parquet"


def test_a_lost_ledger_is_never_begun_again(settings: Settings) -> None:
    updated(settings, passed(settings, persons=(3, 2))).path.unlink()
    refused(settings)
    (settings.restricted / "ledger.parquet").symlink_to(settings.restricted / "gone.parquet")
    refused(settings)


@pytest.mark.parametrize("left", ["core/person/person.parquet", "releases/demo/1+2025-03-01/manifest.json"])
def test_what_was_made_with_keys_stands_for_a_lost_ledger_where_the_witness_is_lost_too(
    settings: Settings, left: str
) -> None:
    (settings.data / left).parent.mkdir(parents=True)
    (settings.data / left).touch()
    refused(settings)


@pytest.mark.parametrize(
    "left",
    [
        "core/person/person.parquet",
        "core/linkable.parquet",
        "linked/outcome.parquet",
        "releases/demo/1+2025-03-01/manifest.json",
    ],
)
def test_a_ledger_without_a_witness_is_refused_where_keys_are_in_use(settings: Settings, left: str) -> None:
    """Else an older ledger put back would be taken for whole once `core` is removed and made again."""
    updated(settings, passed(settings, persons=(3, 2)))
    (settings.data / left).parent.mkdir(parents=True, exist_ok=True)
    (settings.data / left).touch()
    assert updated(settings, passed(settings, persons=(3, 2))).rows == 6
    witness(settings).unlink()
    with pytest.raises(SettingWrong, match=r"its witness is gone.*Nobody was given a key\. Restore"):
        updated(settings, passed(settings, persons=(3, 2)))


def told_in_a_release(settings: Settings, ledger: Stored, version: str = "1") -> None:
    manifest = settings.releases / "demo" / f"{version}+2025-03-01" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"ledger": ledger_facts(ledger)}))


def test_an_older_ledger_put_back_with_its_witness_is_refused_by_what_a_release_tells(
    settings: Settings,
) -> None:
    older = updated(settings, passed(settings, persons=(3, 2)))
    told_in_a_release(settings, older)
    both = [(path, path.read_bytes()) for path in (older.path, witness(settings))]
    newer = updated(settings, passed(settings, persons=(3, 2, 1)))  # it continues what was released
    told_in_a_release(settings, newer, "2")
    assert updated(settings, passed(settings, persons=(3, 2, 1))) == newer
    for path, content in both:
        path.write_bytes(content)
    refused(settings)


def test_a_ledger_that_lost_its_last_row_alone_is_refused_by_what_a_release_tells(settings: Settings) -> None:
    whole = updated(settings, passed(settings, persons=(3, 2)))
    told_in_a_release(settings, whole)
    rows = tables.read(whole)
    tables.write(settings.restricted, "ledger", rows.head(rows.height - 1), key="k")
    nothing = {"rows": [0], "sha256": [hashlib.sha256(b"entity,source_key,key\n").hexdigest()]}
    tables.write(settings.core, WITNESS, pl.DataFrame(nothing), key="k")
    refused(settings)


def test_what_a_release_tells_of_the_ledger_is_about_how_long_it_is_and_a_hash(settings: Settings) -> None:
    ledger = updated(settings, passed(settings, persons=(3, 2)))
    told = ledger_facts(ledger)
    lines = tables.read(ledger).select("entity", "source_key", "key").rows()
    text = "".join(f"{','.join(map(str, line))}\n" for line in [("entity", "source_key", "key"), *lines])
    assert told == {"rows": 5, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert ledger.rows == 6  # nobody can subtract two releases to see how many came


@pytest.mark.parametrize(("persons", "told"), [(1, 5), (5, 5), (6, 10)])
def test_the_length_a_release_tells_moves_by_five(settings: Settings, persons: int, told: int) -> None:
    ledger = updated(settings, passed(settings, persons=tuple(range(1, persons + 1))))
    assert ledger.rows == persons + 4  # two cases, a programme and an adviser
    assert ledger_facts(ledger)["rows"] == told


def test_an_older_ledger_put_back_is_refused(settings: Settings) -> None:
    older = updated(settings, passed(settings, persons=(3, 2)))
    content = older.path.read_bytes()
    updated(settings, passed(settings, persons=(3, 2, 1)))
    older.path.write_bytes(content)
    refused(settings)


def test_a_ledger_that_does_not_begin_as_it_did_is_refused(settings: Settings) -> None:
    ledger = tables.read(updated(settings, passed(settings, persons=(3, 2))))
    people = pl.col("entity") == Entity.PERSON.value
    swapped = ledger.with_columns(
        source_key=pl.when(people)
        .then(pl.col("source_key").replace({"2": "3", "3": "2"}))
        .otherwise("source_key")
    )
    tables.write(settings.restricted, "ledger", mint(swapped, Entity.PERSON, pl.Series([7])), key="k")
    refused(settings)


def test_a_run_killed_between_the_ledger_and_its_witness_goes_on(settings: Settings) -> None:
    updated(settings, passed(settings, persons=(3, 2)))
    content = witness(settings).read_bytes()
    newer = updated(settings, passed(settings, persons=(3, 2, 1)))
    caught_up = witness(settings).read_bytes()
    for seen in (content, None):
        witness(settings).unlink()
        if seen:
            witness(settings).write_bytes(seen)
        assert updated(settings, passed(settings, persons=(3, 2, 1))) == newer
        assert witness(settings).read_bytes() == caught_up


def test_the_witness_is_written_after_the_ledger(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    order, write = [], tables.write

    def noting(folder: Path, name: str, *args: Any, **options: Any) -> Stored:
        order.append(name)
        return write(folder, name, *args, **options)

    stored = passed(settings, persons=(3, 2))
    monkeypatch.setattr(tables, "write", noting)
    updated(settings, stored)
    assert order == ["component", "ledger", WITNESS]


def test_a_newcomer_makes_a_new_ledger_with_the_old_at_its_head(settings: Settings) -> None:
    first = updated(settings, passed(settings, persons=(3, 2)))
    before = tables.read(first)
    second = updated(settings, passed(settings, persons=(1, 2, 3)))
    assert second.key != first.key
    assert tables.read(second).head(before.height).equals(before)


def test_records_of_one_component_have_one_key_and_a_night_that_brings_nothing_leaves_the_file(
    settings: Settings,
) -> None:
    together = ((2, 2, None), (3, 2, None))
    first = updated(settings, passed(settings, persons=(3, 2)), *together)
    assert keys(tables.read(first)) == {"2": 1, "3": 1}
    content = first.path.read_bytes()
    later = updated(settings, passed(settings, persons=(3, 2)), *together, as_of=date(2025, 4, 1))
    assert later.path.read_bytes() == content


def test_the_day_of_an_event_is_noted_and_is_in_no_key_of_what_is_made(tmp_path: Path) -> None:
    houses = settings_at(tmp_path / "one"), settings_at(tmp_path / "other")
    days = date(2025, 3, 1), date(2025, 4, 1)
    made = [updated(h, passed(h, persons=(3, 2)), as_of=d) for h, d in zip(houses, days, strict=True)]
    assert [tables.read(ledger)["since"].unique().to_list() for ledger in made] == [[d] for d in days]
    assert made[0].key == made[1].key


def test_a_ledger_from_before_there_were_merges_goes_on_with_its_keys(settings: Settings) -> None:
    first = updated(settings, passed(settings, persons=(3, 2)))
    old = tables.read(first).select("entity", "source_key", "key")
    tables.write(settings.restricted, "ledger", old, key=first.key)
    assert updated(settings, passed(settings, persons=(3, 2))).key == first.key
    after = tables.read(updated(settings, passed(settings, persons=(3, 2, 1))))
    assert keys(after) == {"2": 1, "3": 2, "1": 3}
    assert after.schema == pl.Schema(LEDGER_SCHEMA)


def test_all_own_keys_that_core_keeps_are_minted_for() -> None:
    rekeyed = {
        c.path
        for table in SOURCE_TABLES
        for c in columns(table)
        if c.about.key and c.about.key.kind is KeyKind.OWN and c.about.in_core is InCore.REKEYED
    }
    assert {c.path for table in SOURCE_TABLES for c in owned_keys(table)} == rekeyed
