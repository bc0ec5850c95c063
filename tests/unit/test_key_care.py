"""Keys cared for: epochs, a rotation that can be killed anywhere, a final destruction, the commands."""

from __future__ import annotations

import errno
import json
import os
import pwd
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest
from click.testing import CliRunner

from pipeline.cli_keys import keys as commands
from pipeline.errors import KeyUnusable, PipelineError, SettingWrong
from pipeline.identity.keys import Keys, ProjectKey, create_master, pseudonyms
from pipeline.identity.keys import files as key_files
from pipeline.identity.keys.care import (
    DESTROYED,
    EARLIER,
    IN_FORCE,
    add_project,
    check,
    destroy,
    listed,
    rotate,
)
from tests.release_world import demo_keys

PROJECTS = ("alfa", "bravo")
PERSONS = pl.Series([1, 2, 30_000])


def made(folder: Path) -> Keys:
    """Two projects; alfa has two epochs."""
    keys = demo_keys(folder)
    for project in PROJECTS:
        keys.project_key(project)
    add_project(keys, "alfa", further=True)
    return keys


def told(keys: Keys) -> dict[tuple[str, int], list[str]]:
    """The pseudonyms that every live key makes, earlier epochs too."""
    found = {}
    for project in keys.projects():
        record = keys.record(project)
        assert record is not None
        for epoch in record.live:
            secret = keys.master.open(project, epoch)
            key = ProjectKey(project=project, epoch=epoch.number, id=secret.id, secret=secret)
            found[project, epoch.number] = pseudonyms(PERSONS, key)["pseudonym"].to_list()
    return found


def states(keys: Keys) -> list[tuple[str, int, str]]:
    return [(line.project, line.epoch, line.state) for line in listed(keys)]


# --- epochs ---------------------------------------------------------------------------------------------


def test_the_newest_epoch_is_in_force_and_the_old_stays_readable(tmp_path: Path) -> None:
    keys = demo_keys(tmp_path)
    first = keys.project_key("alfa")
    line, new = add_project(keys, "alfa", further=True)
    second = Keys(tmp_path).project_key("alfa")
    assert (first.epoch, second.epoch, line.epoch, new) == (1, 2, 2, True)
    assert states(keys) == [("alfa", 1, EARLIER), ("alfa", 2, IN_FORCE)]
    assert not set(told(keys)["alfa", 1]) & set(told(keys)["alfa", 2])
    assert told(keys)["alfa", 1] == pseudonyms(PERSONS, first)["pseudonym"].to_list()


def test_a_projects_key_that_stands_is_not_made_again(tmp_path: Path) -> None:
    keys = demo_keys(tmp_path)
    line, new = add_project(keys, "alfa", further=False)
    again, anew = add_project(keys, "alfa", further=False)
    assert (new, anew, again) == (True, False, line)


def test_the_list_names_every_key_and_shows_none(tmp_path: Path) -> None:
    keys = made(tmp_path)
    shown = repr(listed(keys))
    assert len({line.id for line in listed(keys)}) == 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line.made_at) for line in listed(keys))
    for secret in _secrets(keys):
        assert secret.hex() not in shown


def _secrets(keys: Keys) -> list[bytes]:
    master = bytes.fromhex(json.loads(keys.master_path.read_text())["key"])
    records = [keys.record(project) for project in keys.projects()]
    return [master, *(keys.master.open(r.project, e)._value for r in records if r for e in r.live)]


def test_a_key_of_the_first_form_still_opens_and_its_pseudonyms_stay(tmp_path: Path) -> None:
    """One epoch in the file itself, without the master's id: how the first version wrote it."""
    keys = demo_keys(tmp_path)
    key = keys.project_key("alfa")
    path = keys.project_path("alfa")
    wrap = json.loads(path.read_text())["epochs"][0]["wraps"][0]
    old = {"project": "alfa", "epoch": 1, "nonce": wrap["nonce"], "wrapped": wrap["wrapped"]}
    path.write_text(json.dumps(old))
    assert keys.project_key("alfa").id == key.id
    rotated, count = rotate(keys)
    assert count == 1 and rotated.project_key("alfa").id == key.id
    assert listed(rotated)[0].id == key.id


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": []},
        {"epochs": "x"},
        {"epochs": [{"epoch": 1}]},
        {"epochs": [{"epoch": True, "id": None, "made_at": None, "wraps": []}]},
        {"more": 1},
    ],
)
def test_a_projects_file_that_we_did_not_write_so_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    keys = demo_keys(tmp_path)
    keys.project_key("alfa")
    path = keys.project_path("alfa")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(KeyUnusable, match="does not hold what this program wrote"):
        keys.project_key("alfa")


@pytest.mark.parametrize("field", ["epoch", "id"])
def test_a_wrapped_key_under_another_epoch_or_name_is_refused(tmp_path: Path, field: str) -> None:
    keys = demo_keys(tmp_path)
    keys.project_key("alfa")
    path = keys.project_path("alfa")
    record = json.loads(path.read_text())
    record["epochs"][0][field] = {"epoch": 2, "id": "00" * 8}[field]
    path.write_text(json.dumps(record))
    with pytest.raises(KeyUnusable, match="not wrapped by this master key"):
        keys.project_key("alfa")


# --- the master's file ----------------------------------------------------------------------------------


def mounted(tmp_path: Path, mode: int = 0o400) -> tuple[Path, Path]:
    """A folder of keys, and a master in a file elsewhere."""
    master = tmp_path / "mount" / "uttrekk_master"
    create_master(tmp_path / "keys", demo=True, master=master)
    master.chmod(mode)
    return tmp_path / "keys", master


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_the_master_may_lie_in_a_file_elsewhere(tmp_path: Path, mode: int) -> None:
    folder, master = mounted(tmp_path, mode)
    keys = Keys(folder, master)
    assert keys.project_key("alfa").id == Keys(folder, master).project_key("alfa").id
    assert not (folder / "master.key").exists()
    assert not create_master(folder, demo=True, master=master)  # it stands


@pytest.mark.parametrize("where", ["mount/other", "nowhere/uttrekk_master"])
def test_a_master_that_is_not_there_is_said_to_be_missing(tmp_path: Path, where: str) -> None:
    folder, _ = mounted(tmp_path)
    with pytest.raises(KeyUnusable, match="is missing"):
        Keys(folder, tmp_path / where)


def test_a_link_to_a_master_is_refused(tmp_path: Path) -> None:
    folder, master = mounted(tmp_path)
    link = tmp_path / "link"
    link.symlink_to(master)
    with pytest.raises(KeyUnusable, match="not a plain file"):
        Keys(folder, link)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700, 0o500])
def test_a_master_of_another_mode_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeyUnusable, match="chmod 600"):
        Keys(*mounted(tmp_path, mode))


def test_a_master_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, master = mounted(tmp_path)
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    with pytest.raises(KeyUnusable, match="of the user who runs this"):
        Keys(folder, master)


def test_a_master_in_a_folder_that_anybody_could_exchange_is_refused(tmp_path: Path) -> None:
    folder, master = mounted(tmp_path)
    master.parent.chmod(0o777)
    with pytest.raises(KeyUnusable, match="written by everybody"):
        Keys(folder, master)


def test_a_real_master_in_a_git_work_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mount" / ".git").mkdir(parents=True)
    with pytest.raises(KeyUnusable, match="git work tree"):
        create_master(tmp_path / "keys", demo=False, master=tmp_path / "mount" / "m")
    assert not (tmp_path / "keys").exists()


# --- rotation -------------------------------------------------------------------------------------------


def test_rotating_changes_the_master_and_no_pseudonym(tmp_path: Path) -> None:
    keys = made(tmp_path)
    before, old = told(keys), keys.master_path.read_bytes()
    rotated, count = rotate(keys)
    assert count == 3 and told(Keys(tmp_path)) == told(rotated) == before
    assert rotated.master.id != keys.master.id and rotated.demo
    assert check(rotated).notes == () and not list(tmp_path.rglob("*.staged"))
    keys.master_path.write_bytes(old)  # the old master opens nothing any more
    with pytest.raises(KeyUnusable, match="not wrapped by this master key"):
        Keys(tmp_path).project_key("alfa")


def test_what_was_opened_before_a_rotation_makes_no_key_after_it(tmp_path: Path) -> None:
    """Wrapped by a master that is gone, it could never be opened again."""
    keys = made(tmp_path)
    rotate(Keys(tmp_path))
    with pytest.raises(KeyUnusable, match="rotated while this was running"):
        keys.project_key("charlie")
    with pytest.raises(KeyUnusable, match="rotated while this was running"):
        rotate(keys)
    assert check(Keys(tmp_path)).keys == 3


def test_a_key_that_does_not_open_stops_the_rotation_before_anything_changes(tmp_path: Path) -> None:
    keys = made(tmp_path)
    demo_keys(tmp_path / "other").project_key("charlie")
    os.replace(tmp_path / "other/projects/charlie.json", keys.project_path("charlie"))
    before = content(tmp_path)
    with pytest.raises(KeyUnusable, match="charlie, epoch 1, was not wrapped"):
        rotate(keys)
    assert content(tmp_path) == before


def content(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".lock"}


@pytest.mark.parametrize("refused", [errno.EROFS, errno.EACCES, errno.EBUSY])
def test_a_read_only_master_is_not_rotated_and_the_message_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """A mounted folder refuses the file beside it; a file mounted by itself refuses to be replaced."""
    folder, master = mounted(tmp_path)
    keys = Keys(folder, master)
    keys.project_key("alfa")
    before = told(keys)
    name = "replace" if refused == errno.EBUSY else "open"
    real = getattr(os, name)

    def read_only(path: Any, *more: Any, **named: Any) -> Any:
        writes = name == "replace" or (more and more[0] & os.O_CREAT)
        if writes and master.parent in Path(more[0] if name == "replace" else path).parents:
            raise OSError(refused, "no")
        return real(path, *more, **named)

    monkeypatch.setattr(os, name, read_only)
    with pytest.raises(KeyUnusable, match=r"cannot be replaced.*UTTREKK_MASTER_KEY set to the copy"):
        rotate(keys)
    monkeypatch.undo()
    assert told(Keys(folder, master)) == before
    assert [path.name for path in master.parent.iterdir()] == [master.name]


def test_a_copy_of_a_mounted_master_is_rotated_and_put_in_its_place(tmp_path: Path) -> None:
    """What the message tells to do."""
    folder, master = mounted(tmp_path)
    Keys(folder, master).project_key("alfa")
    before = told(Keys(folder, master))
    copy = tmp_path / "private" / "copy"
    copy.parent.mkdir(mode=0o700)
    copy.write_bytes(master.read_bytes())
    copy.chmod(0o600)
    rotate(Keys(folder, copy))
    os.replace(copy, master)
    assert told(Keys(folder, master)) == before


# Every call by which a key file is made, synced, named or removed.
OPERATIONS = ("open", "fsync", "replace", "link")


class Killed(BaseException):
    """As if the process had ended."""


def operations(monkeypatch: pytest.MonkeyPatch, at: int, strike: Callable[[], None]) -> list[str]:
    """Let `strike` happen before the `at`th operation on a disk; which there were."""
    seen: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if len(seen) == at:
                strike()
            seen.append(name)
            return real(*args, **named)

        return call

    for name in OPERATIONS:
        monkeypatch.setattr(os, name, counted(name, getattr(os, name)))
    monkeypatch.setattr(Path, "unlink", counted("unlink", Path.unlink))
    return seen


def raised() -> None:
    raise Killed


def in_a_child(do: Callable[[], object]) -> int:
    """Do it in a process of its own, which may end anywhere; its exit code."""
    child = os.fork()
    if child == 0:
        try:
            do()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("how", ["an error", "a kill"])
def test_a_rotation_that_ends_anywhere_leaves_keys_that_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    before = told(made(tmp_path))
    masters = {Keys(tmp_path).master.id}
    ended = 0
    for at in range(200):
        keys = Keys(tmp_path)
        with monkeypatch.context() as patched:
            if how == "a kill":

                def run(at: int = at, keys: Keys = keys, patched: Any = patched) -> None:
                    operations(patched, at, lambda: os._exit(9))
                    rotate(keys)

                whole = in_a_child(run) == 0
            else:
                operations(patched, at, raised)
                try:
                    rotate(keys)
                    whole = True
                except Killed:
                    whole = False
        assert told(Keys(tmp_path)) == before, at
        assert check(Keys(tmp_path)).keys == 3
        masters.add(Keys(tmp_path).master.id)
        if whole:
            break
        ended += 1
    assert ended > 20  # three files written twice, the master once, each synced
    assert len(masters) > 2  # some ends were before the switch and some after it
    assert check(Keys(tmp_path)).notes == () and not list(tmp_path.rglob("*.staged"))


def test_a_rotation_that_was_cut_off_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = made(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(key_files, "put", _only_projects)
        rotate(keys)
    assert len(check(Keys(tmp_path)).notes) == 3
    rotate(Keys(tmp_path))
    assert check(Keys(tmp_path)).notes == ()


def _only_projects(staged: Path, path: Path) -> None:
    if path.name == "master.key":
        raise Killed
    os.replace(staged, path)


# --- destruction ----------------------------------------------------------------------------------------


def test_a_destroyed_key_is_gone_and_who_did_it_is_recorded(tmp_path: Path) -> None:
    keys = made(tmp_path)
    wrapped = re.findall(r'"wrapped": "([0-9a-f]+)"', keys.project_path("alfa").read_text())
    ids = {line.epoch: line.id for line in listed(keys) if line.project == "alfa"}
    gone = destroy(keys, "alfa")
    assert [(line.epoch, line.state) for line in gone] == [(1, DESTROYED), (2, DESTROYED)]
    everything = b"".join(content(tmp_path).values()).decode()
    assert len(wrapped) == 2 and not any(each in everything for each in wrapped)
    record = tmp_path / "destroyed.jsonl"
    assert record.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [(line["project"], line["epoch"], line["id"]) for line in lines] == [
        ("alfa", 1, ids[1]),
        ("alfa", 2, ids[2]),
    ]
    assert {line["destroyed_by"] for line in lines} == {pwd.getpwuid(os.getuid()).pw_name}
    assert all(line["destroyed_at"].endswith("+00:00") for line in lines)


def test_a_project_whose_key_is_destroyed_is_refused_until_it_has_a_new_epoch(tmp_path: Path) -> None:
    keys = made(tmp_path)
    before = told(keys)
    destroy(keys, "bravo")
    for _ in range(2):  # by its own file, and then, that lost, by the record of destroyed keys
        with pytest.raises(KeyUnusable, match=r"bravo has been destroyed.*--project bravo --new-epoch"):
            Keys(tmp_path).project_key("bravo")
        with pytest.raises(KeyUnusable, match="has been destroyed"):
            add_project(keys, "bravo", further=False)
        keys.project_path("bravo").unlink(missing_ok=True)
    line, _ = add_project(keys, "bravo", further=True)
    assert line.epoch == 2 and Keys(tmp_path).project_key("bravo").epoch == 2
    assert not set(told(keys)["bravo", 2]) & set(before["bravo", 1])
    assert Keys(tmp_path).project_key("alfa").epoch == 2  # another project's keys stand


def test_destroying_an_earlier_epoch_leaves_the_one_in_force(tmp_path: Path) -> None:
    keys = made(tmp_path)
    destroy(keys, "alfa", 1)
    assert states(keys)[:2] == [("alfa", 1, DESTROYED), ("alfa", 2, IN_FORCE)]
    assert keys.project_key("alfa").epoch == 2


def test_destroying_the_epoch_in_force_does_not_bring_the_earlier_one_back(tmp_path: Path) -> None:
    keys = made(tmp_path)
    destroy(keys, "alfa", 2)
    with pytest.raises(KeyUnusable, match="has been destroyed"):
        keys.project_key("alfa")


def test_a_key_that_comes_back_from_a_copy_is_not_used(tmp_path: Path) -> None:
    keys = made(tmp_path)
    copy = keys.project_path("bravo").read_bytes()
    destroy(keys, "bravo")
    keys.project_path("bravo").write_bytes(copy)
    with pytest.raises(KeyUnusable, match="has been destroyed"):
        keys.project_key("bravo")
    with pytest.raises(KeyUnusable, match="bravo, epoch 1, is back"):
        check(keys)


def of_the_first_form(keys: Keys, project: str) -> bytes:
    """The project's file as the first version wrote it: without the key's id and its master's."""
    wrap = json.loads(keys.project_path(project).read_text())["epochs"][0]["wraps"][0]
    first = {"project": project, "epoch": 1, "nonce": wrap["nonce"], "wrapped": wrap["wrapped"]}
    return json.dumps(first).encode()


@pytest.mark.parametrize("destroyed_as", ["first", "now"])
@pytest.mark.parametrize("back_as", ["first", "now"])
def test_a_destroyed_key_does_not_come_back_in_any_form(
    tmp_path: Path, destroyed_as: str, back_as: str
) -> None:
    keys = made(tmp_path)
    key_id = keys.project_key("bravo").id
    forms = {"now": keys.project_path("bravo").read_bytes(), "first": of_the_first_form(keys, "bravo")}
    keys.project_path("bravo").write_bytes(forms[destroyed_as])
    destroy(keys, "bravo")
    assert keys.destroyed()[0]["id"] == key_id
    keys.project_path("bravo").write_bytes(forms[back_as])
    with pytest.raises(KeyUnusable, match="has been destroyed"):
        keys.project_key("bravo")
    with pytest.raises(KeyUnusable, match="bravo, epoch 1, is back"):
        check(keys)


@pytest.mark.parametrize("kept", ["id", "epoch"])
def test_either_its_id_or_its_epoch_is_enough_to_know_a_destroyed_key(tmp_path: Path, kept: str) -> None:
    keys = made(tmp_path)
    copy = of_the_first_form(keys, "bravo")
    destroy(keys, "bravo")
    record = keys.folder / "destroyed.jsonl"
    line = json.loads(record.read_text())
    record.write_text(json.dumps(line | ({"epoch": None} if kept == "id" else {"id": None})) + "\n")
    keys.project_path("bravo").write_bytes(copy)
    with pytest.raises(KeyUnusable, match="has been destroyed"):
        keys.project_key("bravo")


@pytest.mark.parametrize(("project", "epoch"), [("charlie", None), ("alfa", 3), ("../alfa", None)])
def test_destroying_what_is_not_there_says_so(tmp_path: Path, project: str, epoch: int | None) -> None:
    keys = made(tmp_path)
    before = content(tmp_path)
    with pytest.raises(KeyUnusable):
        destroy(keys, project, epoch)
    assert content(tmp_path) == before


def test_a_destruction_that_ends_anywhere_is_not_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the key opens, or it is gone and its own file tells by whom; then the next one records it."""
    whole, at, ends = False, 0, set()
    while not whole:
        keys = made(tmp_path / str(at))

        def run(at: int = at, keys: Keys = keys) -> None:
            with monkeypatch.context() as patched:
                operations(patched, at, lambda: os._exit(9))
                destroy(keys, "bravo")

        whole = in_a_child(run) == 0
        told_now = states(Keys(keys.folder))
        ends.add(told_now[2][2])
        assert told_now[2][2] in (IN_FORCE, DESTROYED)
        destroy(Keys(keys.folder), "bravo")
        (line,) = (keys.folder / "destroyed.jsonl").read_text().splitlines()
        assert json.loads(line)["project"] == "bravo"
        at += 1
    assert ends == {IN_FORCE, DESTROYED} and at > 5


def test_a_cut_off_line_of_the_record_is_written_over(tmp_path: Path) -> None:
    keys = made(tmp_path)
    destroy(keys, "alfa", 1)
    record = tmp_path / "destroyed.jsonl"
    record.write_text(record.read_text() + '{"project": "al' + "x" * 500)
    destroy(keys, "bravo")
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [(line["project"], line["epoch"]) for line in lines] == [("alfa", 1), ("bravo", 1)]


# --- check ----------------------------------------------------------------------------------------------


def test_a_check_opens_every_key(tmp_path: Path) -> None:
    assert check(made(tmp_path)).keys == 3


def test_a_check_says_which_project_a_night_will_be_refused_for(tmp_path: Path) -> None:
    keys = made(tmp_path / "keys")
    assert check(keys).notes == ()

    destroy(keys, "bravo")
    (note,) = check(keys).notes

    assert note.startswith("bravo: ")
    assert "uttrekk keys create --project bravo --new-epoch" in note


def test_a_check_names_everything_that_is_wrong(tmp_path: Path) -> None:
    keys = made(tmp_path)
    keys.project_path("alfa").chmod(0o644)
    path = keys.project_path("bravo")
    path.write_text(path.read_text().replace('"wrapped": "', '"wrapped": "00'))
    with pytest.raises(KeyUnusable) as refused:
        check(keys)
    assert refused.value.exit_code == 16
    assert "alfa.json can be read by others" in str(refused.value)
    assert "bravo, epoch 1, was not wrapped by this master key" in str(refused.value)


# --- the command line -----------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("UTTREKK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("UTTREKK_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("UTTREKK_MASTER_KEY", raising=False)
    yield tmp_path


def typed(*words: str, answer: str = "") -> str:
    done = CliRunner().invoke(commands, words, input=answer, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


def test_every_command_says_what_to_do_next(house: Path) -> None:
    for words in (
        ["create"],
        ["create"],
        ["list"],
        ["create", "--project", "alfa"],
        ["create", "--project", "alfa"],
        ["create", "--project", "alfa", "--new-epoch"],
        ["list"],
        ["check"],
        ["rotate"],
        ["destroy", "--project", "alfa", "--yes"],
        ["destroy", "--project", "alfa", "--yes"],
        ["list"],
    ):
        said = typed(*words)
        assert "Next: " in said.splitlines()[-1], words
        assert not any(secret.hex() in said for secret in _secrets(Keys(house / "keys")))
    assert "destroyed" in said and "a real one" in said


def test_destroying_wants_the_projects_name_typed(house: Path) -> None:
    typed("create")
    typed("create", "--project", "alfa")
    with pytest.raises(SettingWrong, match="not the project's name"):
        typed("destroy", "--project", "alfa", answer="alpha\n")
    with pytest.raises(click.Abort):
        typed("destroy", "--project", "alfa")
    assert states(Keys(house / "keys")) == [("alfa", 1, IN_FORCE)]
    typed("destroy", "--project", "alfa", answer="alfa\n")
    assert states(Keys(house / "keys")) == [("alfa", 1, DESTROYED)]


def test_a_new_epoch_is_one_projects(house: Path) -> None:
    with pytest.raises(SettingWrong, match="--project P --new-epoch"):
        typed("create", "--new-epoch")


@pytest.mark.parametrize("setting", ["UTTREKK_KEYS", "UTTREKK_MASTER_KEY"])
def test_no_key_is_made_beside_the_data(house: Path, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(setting, str(house / "data" / "here"))
    with pytest.raises(SettingWrong, match="beside what it protects"):
        typed("create")
    assert not list(house.rglob("*"))


def test_the_master_is_made_where_the_setting_says(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UTTREKK_MASTER_KEY", str(house / "secrets" / "uttrekk_master"))
    assert "uttrekk_master" in typed("create")
    assert (house / "secrets" / "uttrekk_master").stat().st_mode & 0o777 == 0o600
    assert "already stands" in typed("create")
    assert "1 keys" not in typed("check") and "0 keys" in typed("check")


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_command_has_help_with_an_example(name: str) -> None:
    said = typed(name, "--help")
    assert "Example" in said and "uttrekk keys " in said


def test_no_command_takes_a_key(house: Path) -> None:
    """A key on a command line would stand in the list of processes."""
    options = {option for c in commands.commands.values() for p in c.params for option in p.opts}
    assert options == {"--project", "--new-epoch", "--epoch", "--yes"}
    with pytest.raises(PipelineError):
        typed("check")
