"""The door to Parquet: whole or not at all, and never under another schema."""

import os
import stat
from pathlib import Path

import polars as pl
import pytest

from pipeline import tables
from schemas.case_system import Adviser, Health
from schemas.variable import fingerprint, polars_schema

FRAME = pl.DataFrame({"a": [1, 2, 3]})


def test_a_written_table_reads_back_with_the_key_of_its_step(tmp_path: Path) -> None:
    stored = tables.write(tmp_path, "numbers", FRAME, key="k1")

    assert tables.read(stored).equals(FRAME)
    assert (stored.key, stored.rows, stored.name) == ("k1", 3, "numbers")


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    first = tables.write(tmp_path / "1", "numbers", FRAME, key="k").path.read_bytes()
    second = tables.write(tmp_path / "2", "numbers", FRAME, key="k").path.read_bytes()

    assert first == second


def test_a_step_of_other_inputs_is_not_reused(tmp_path: Path) -> None:
    tables.write(tmp_path, "numbers", FRAME, key="k1")

    assert tables.reusable(tmp_path, "numbers", "k1") is not None
    assert tables.reusable(tmp_path, "numbers", "k2") is None
    assert tables.reusable(tmp_path, "letters", "k1") is None


def test_a_writer_that_fails_leaves_the_old_table_and_nothing_staged(tmp_path: Path) -> None:
    tables.write(tmp_path, "numbers", FRAME, key="old")

    with (
        pytest.raises(RuntimeError),
        tables.TableWriter(tmp_path, "numbers", schema=dict(FRAME.schema), key="new") as w,
    ):
        w.write(FRAME)
        raise RuntimeError

    stored = tables.stored(tmp_path, "numbers")
    assert stored is not None and stored.key == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["numbers.parquet"]


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    stored = tables.write(
        tmp_path, "health", pl.DataFrame(schema=polars_schema(Health)), key="k", table=Health
    )

    assert dict(tables.read(stored).schema) == polars_schema(Health)


def test_a_table_tells_the_schema_it_was_written_under(tmp_path: Path) -> None:
    stored = tables.write(
        tmp_path, "health", pl.DataFrame(schema=polars_schema(Health)), key="k", table=Health
    )

    assert stored.schema == fingerprint(Health)
    assert stored.schema != fingerprint(Adviser)


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "zone"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        stored = tables.write(folder, "numbers", FRAME, key="k")
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_batches_are_the_table_in_order(tmp_path: Path, rows: int) -> None:
    stored = tables.write(tmp_path, "numbers", FRAME, key="k")

    batches = list(tables.batches(stored, rows))

    assert pl.concat(batches).equals(FRAME)
    assert all(batch.height <= rows for batch in batches)


def test_pruning_keeps_what_is_named_and_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    for name in ("2013", "2014"):
        tables.write(tmp_path, name, FRAME, key="k")
    (tmp_path / ".2014.parquet.1.staged").write_bytes(b"half")

    tables.prune(tmp_path, keep=["2014"])

    assert [path.name for path in tmp_path.iterdir()] == ["2014.parquet"]


def test_the_parts_of_a_folder_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("2015-02", "2014", "2015-01"):
        tables.write(tmp_path, name, FRAME, key="k")

    assert [part.name for part in tables.parts(tmp_path)] == ["2014", "2015-01", "2015-02"]
    assert tables.parts(tmp_path / "nowhere") == []
