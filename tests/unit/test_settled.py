"""A finished night is not made again; whatever it read or left, changed in any way, makes it due again."""

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.landing import Observation, Snapshot
from pipeline.requests.request import request_files
from pipeline.settled import NOTE, is_settled, note

SEEN = Observation(date(2025, 3, 1), 1, {"person": Snapshot("case_system", "person", "a" * 64, 5, Path())})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    requests = tmp_path / "requests"
    requests.mkdir()
    for path in request_files(None):
        shutil.copy(path, requests)
    made = Settings.from_environment({"UTTREKK_DATA": str(tmp_path / "data")})
    made = replace(made, requests=requests)
    for folder in (made.restricted, made.core, made.linked, made.releases, made.reports, made.keys):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "part").write_text("as it was left")
    note(made, SEEN)
    return made


def test_an_untouched_night_is_settled(settings: Settings) -> None:
    assert is_settled(settings, SEEN)


def test_no_night_has_ended(tmp_path: Path) -> None:
    assert not is_settled(Settings.from_environment({"UTTREKK_DATA": str(tmp_path)}), SEEN)


def test_another_night_is_due(settings: Settings) -> None:
    assert not is_settled(settings, replace(SEEN, as_of=date(2025, 3, 2)))


def test_another_snapshot_is_due(settings: Settings) -> None:
    changed = {"person": replace(SEEN.snapshots["person"], id="b" * 64)}
    assert not is_settled(settings, replace(SEEN, snapshots=changed))


ROOMS: list[Callable[[Settings], Path]] = [
    lambda s: s.restricted,
    lambda s: s.core,
    lambda s: s.linked,
    lambda s: s.releases,
    lambda s: s.reports,
    lambda s: s.keys,
]


@pytest.mark.parametrize("room", ROOMS)
def test_what_stands_was_edited_in_place(settings: Settings, room: Callable[[Settings], Path]) -> None:
    (room(settings) / "part").write_text("AS IT WAS LEFT")
    assert not is_settled(settings, SEEN)


@pytest.mark.parametrize("room", ROOMS)
def test_what_stood_is_gone(settings: Settings, room: Callable[[Settings], Path]) -> None:
    (room(settings) / "part").unlink()
    assert not is_settled(settings, SEEN)


@pytest.mark.parametrize("room", ROOMS)
def test_something_was_added(settings: Settings, room: Callable[[Settings], Path]) -> None:
    (room(settings) / "withdrawals.csv").write_text("")
    assert not is_settled(settings, SEEN)


def test_a_master_key_that_lies_elsewhere_was_exchanged(settings: Settings, tmp_path: Path) -> None:
    master = tmp_path / "uttrekk_master"
    master.write_text("one")
    mounted = replace(settings, master_key=master)
    assert not is_settled(mounted, SEEN)
    note(mounted, SEEN)
    assert is_settled(mounted, SEEN)
    master.write_text("other")
    assert not is_settled(mounted, SEEN)


def test_a_request_was_edited(settings: Settings) -> None:
    assert settings.requests is not None
    (path, *_) = request_files(settings.requests)
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert not is_settled(settings, SEEN)


@pytest.mark.parametrize("named", ["policy", "stewardship"])
def test_a_policy_or_decisions_were_named_edited_or_lost(
    settings: Settings, tmp_path: Path, named: str
) -> None:
    """Or a municipality would set UTTREKK_POLICY, and its night would say that nothing is new."""
    path = tmp_path / "ours.yaml"
    path.write_text("k: 10")
    changed = Settings(**{**vars(settings), named: path})
    assert not is_settled(changed, SEEN)
    note(changed, SEEN)
    assert is_settled(changed, SEEN)
    path.write_text("k: 20")
    assert not is_settled(changed, SEEN)
    note(changed, SEEN)
    path.unlink()
    assert not is_settled(changed, SEEN)


@pytest.mark.parametrize("room", [*ROOMS, lambda s: s.keys.parent])
def test_what_stands_was_opened_to_others(settings: Settings, room: Callable[[Settings], Path]) -> None:
    """Its content, and every time of change, is as it was: `chmod 644 keys/master.key`."""
    path = room(settings) / ("part" if room in ROOMS else "keys")
    path.chmod(path.stat().st_mode ^ 0o010)
    assert not is_settled(settings, SEEN)


def test_what_stands_is_somebody_elses(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    lstat, part = Path.lstat, settings.keys / "part"

    def another_owner(path: Path) -> os.stat_result:
        found = list(lstat(path))
        if path == part:
            found[stat.ST_UID] += 1
        return os.stat_result(found)

    monkeypatch.setattr(Path, "lstat", lambda path: os.stat_result(list(lstat(path))))
    note(settings, SEEN)
    assert is_settled(settings, SEEN)
    monkeypatch.setattr(Path, "lstat", another_owner)
    assert not is_settled(settings, SEEN)


def test_a_note_that_cannot_be_read_settles_nothing(settings: Settings) -> None:
    (settings.restricted / NOTE).write_bytes(b"\xff\xfe")
    assert not is_settled(settings, SEEN)
