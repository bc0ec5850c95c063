"""Keys: made once, private, bound to their project, never shown."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import KeyUnusable
from pipeline.identity.keys import Keys, check_key_fits, create_master, pseudonyms
from pipeline.identity.keys import keyring as room
from schemas.research.extract import PSEUDONYM_PATTERN
from tests.release_world import demo_keys


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_key_files_are_their_owners_alone(tmp_path: Path) -> None:
    demo_keys(tmp_path / "keys").project_key("demo")
    assert mode(tmp_path / "keys") == mode(tmp_path / "keys" / "projects") == 0o700
    assert mode(tmp_path / "keys" / "master.key") == mode(tmp_path / "keys/projects/demo.json") == 0o600


def test_without_a_key_the_message_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="uttrekk synthesise"):
        Keys(tmp_path / "keys")


@pytest.mark.parametrize("opened", [".", "master.key", "projects", "projects/demo.json"])
@pytest.mark.parametrize("bit", [0o040, 0o004, 0o020])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, opened: str, bit: int) -> None:
    demo_keys(tmp_path).project_key("demo")
    path = tmp_path / opened
    path.chmod(mode(path) | bit)
    with pytest.raises(KeyUnusable, match="can be read by others"):
        Keys(tmp_path).project_key("demo")


def test_a_link_to_a_key_is_refused(tmp_path: Path) -> None:
    create_master(tmp_path / "keys", demo=True)
    master = tmp_path / "keys" / "master.key"
    master.rename(tmp_path / "elsewhere")
    master.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyUnusable, match="not a plain file"):
        Keys(tmp_path / "keys")


@pytest.mark.parametrize(("mode", "refused"), [(0o777, True), (0o1777, False), (0o775, False)])
def test_a_key_whose_folder_anybody_could_exchange_is_refused(
    tmp_path: Path, mode: int, refused: bool
) -> None:
    open_folder = tmp_path / "open"
    (open_folder / "between").mkdir(parents=True)
    keys = open_folder / "between" / "keys"
    create_master(keys, demo=True)
    open_folder.chmod(mode)
    try:
        if refused:
            for attempt in (lambda: Keys(keys), lambda: create_master(keys.with_name("new"), demo=True)):
                with pytest.raises(KeyUnusable, match="written by everybody"):
                    attempt()
        else:
            assert Keys(keys).demo
    finally:
        open_folder.chmod(0o700)


def test_making_a_key_says_whether_it_was_made(tmp_path: Path) -> None:
    assert [create_master(tmp_path, demo=demo) for demo in (True, True, False)] == [True, False, False]


def test_making_a_key_twice_keeps_the_first(tmp_path: Path) -> None:
    first = demo_keys(tmp_path).project_key("demo")
    create_master(tmp_path, demo=True)
    assert Keys(tmp_path).project_key("demo").id == first.id
    assert not list(tmp_path.rglob("*.staged"))


def test_a_demo_key_never_becomes_a_real_one(tmp_path: Path) -> None:
    create_master(tmp_path, demo=True)
    create_master(tmp_path, demo=False)
    assert Keys(tmp_path).demo


def test_a_real_key_is_refused_in_a_git_work_tree_and_the_demos_is_not(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(KeyUnusable, match="git work tree"):
        create_master(tmp_path / "data" / "keys", demo=False)
    assert demo_keys(tmp_path / "data" / "keys").demo


def test_a_real_key_moved_into_a_git_work_tree_is_refused(tmp_path: Path) -> None:
    create_master(tmp_path / "keys", demo=False)
    assert not Keys(tmp_path / "keys").demo
    (tmp_path / ".git").mkdir()
    with pytest.raises(KeyUnusable, match="git work tree"):
        Keys(tmp_path / "keys")


@pytest.mark.parametrize("change", [{"project": "other"}, {"epoch": 2}, {"wrapped": "00" * 48}])
def test_a_wrapped_key_is_bound_to_its_project_and_epoch(tmp_path: Path, change: dict[str, object]) -> None:
    demo_keys(tmp_path).project_key("demo")
    path = tmp_path / "projects" / "demo.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(KeyUnusable):
        Keys(tmp_path).project_key("demo")


def test_a_projects_key_under_another_name_is_refused(tmp_path: Path) -> None:
    demo_keys(tmp_path).project_key("demo")
    os.rename(tmp_path / "projects" / "demo.json", tmp_path / "projects" / "other.json")
    with pytest.raises(KeyUnusable):
        Keys(tmp_path).project_key("other")


def test_another_master_key_cannot_open_a_projects_key(tmp_path: Path) -> None:
    demo_keys(tmp_path / "a").project_key("demo")
    demo_keys(tmp_path / "b").project_key("demo")
    os.replace(tmp_path / "a/projects/demo.json", tmp_path / "b/projects/demo.json")
    with pytest.raises(KeyUnusable, match="not wrapped by this master key"):
        Keys(tmp_path / "b").project_key("demo")


def test_turning_a_demo_key_into_a_real_one_by_hand_closes_its_projects(tmp_path: Path) -> None:
    demo_keys(tmp_path).project_key("demo")
    master = tmp_path / "master.key"
    master.write_text(master.read_text().replace("true", "false"))
    with pytest.raises(KeyUnusable, match="not wrapped by this master key"):
        Keys(tmp_path).project_key("demo")


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"demo": true}', '{"demo": true, "key": "00"}', '{"demo": true, "key": 1}'),
        '{"demo": true, "key": "zz"}',
        f'{{"key": "{"00" * 32}"}}',  # says not whose it is
        f'{{"demo": 1, "key": "{"00" * 32}"}}',
        "[" * 200_000,
        f'{{"demo": true, "key": {"1" * 5000}}}',
    ],
    ids=range(11),
)
def test_a_damaged_master_key_is_refused(tmp_path: Path, content: str) -> None:
    create_master(tmp_path, demo=True)
    (tmp_path / "master.key").write_text(content)
    with pytest.raises(KeyUnusable):
        Keys(tmp_path)


@pytest.mark.parametrize("project", ["", "../demo", "Demo", "a/b", "-a", "a" * 65])
def test_a_projects_name_is_a_safe_file_name(tmp_path: Path, project: str) -> None:
    with pytest.raises(KeyUnusable):
        demo_keys(tmp_path).project_key(project)


def test_a_key_shows_nothing_of_itself(tmp_path: Path) -> None:
    keys = demo_keys(tmp_path)
    key = keys.project_key("demo")
    planted = bytes.fromhex(json.loads((tmp_path / "master.key").read_text())["key"])
    for secret in (planted, key.secret._value, key.secret.subkey("pseudonyms of persons")):
        for shown in (repr(keys), str(keys), repr(key), f"{key}", repr(key.secret), repr(vars(keys))):
            assert secret.hex() not in shown and repr(secret)[2:-1] not in shown


def test_a_key_is_not_pickled(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(demo_keys(tmp_path).project_key("demo"))


def test_subkeys_of_two_purposes_differ(tmp_path: Path) -> None:
    secret = demo_keys(tmp_path).project_key("demo").secret
    assert secret.subkey("a") != secret.subkey("b")


def test_the_demo_key_is_refused_unless_every_person_is_invented(tmp_path: Path) -> None:
    keys = demo_keys(tmp_path)
    check_key_fits(keys, any_tenor=True, all_tenor=True)
    for any_tenor in (True, False):
        with pytest.raises(KeyUnusable, match="demo"):
            check_key_fits(keys, any_tenor=any_tenor, all_tenor=False)


def test_a_real_key_is_refused_when_anybody_is_invented(tmp_path: Path) -> None:
    create_master(tmp_path, demo=False)
    keys = Keys(tmp_path)
    check_key_fits(keys, any_tenor=False, all_tenor=False)
    for all_tenor in (True, False):
        with pytest.raises(KeyUnusable, match="real one"):
            check_key_fits(keys, any_tenor=True, all_tenor=all_tenor)


def test_pseudonyms_have_the_declared_form(tmp_path: Path) -> None:
    frame = pseudonyms(pl.Series([3, 1, 3, None]), demo_keys(tmp_path).project_key("demo"))
    assert frame["person_key"].to_list() == [1, 3]
    assert frame["pseudonym"].str.contains(PSEUDONYM_PATTERN).all()


def test_a_collision_of_pseudonyms_stops_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PSEUDONYM_BYTES", 0)
    with pytest.raises(KeyUnusable, match="same pseudonym"):
        pseudonyms(pl.Series([1, 2]), demo_keys(tmp_path).project_key("demo"))
