"""Small files appear whole, open to whom they are meant for, and are left alone where nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.durable import EVERYBODY, OWNER_ONLY, put


@pytest.mark.parametrize("mode", [OWNER_ONLY, EVERYBODY])
def test_a_file_is_open_to_whom_it_is_meant_for(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path / "note", b"one", mode=mode)
    assert path.read_bytes() == b"one" and path.stat().st_mode & 0o777 == mode


def test_what_says_the_same_is_left_as_it_is_and_what_says_else_takes_its_place(tmp_path: Path) -> None:
    path = put(tmp_path / "note", b"one")
    first = path.stat().st_ino
    assert put(path, b"one").stat().st_ino == first
    assert put(path, b"two").read_bytes() == b"two"


def test_a_file_that_was_opened_to_others_is_closed_again(tmp_path: Path) -> None:
    path = put(tmp_path / "note", b"one")
    path.chmod(0o644)
    assert put(path, b"one").stat().st_mode & 0o777 == OWNER_ONLY


def test_what_a_killed_run_staged_is_removed_and_another_files_is_not(tmp_path: Path) -> None:
    for name in (".note.1.staged", ".note.b.1.staged.kept", ".other.1.staged"):
        (tmp_path / name).write_bytes(b"half")
    put(tmp_path / "note", b"one")
    assert {path.name for path in tmp_path.iterdir()} == {"note", ".note.b.1.staged.kept", ".other.1.staged"}
