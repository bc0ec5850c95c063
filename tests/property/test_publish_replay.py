"""The publisher survives a power failure after any of its operations, whatever was not synced being lost."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.releases.manifest import CHECKSUMS, checksums, sha256
from pipeline.releases.publish import CURRENT, Disk, in_force, publish

OLD, NEW = date(2025, 3, 1), date(2025, 4, 1)
FILES = {
    "old": {"manifest.json": b"old manifest", "data/person.parquet": b"old persons"},
    "new": {
        "manifest.json": b"new manifest",
        "data/person.parquet": b"new persons",
        "data/outcome.parquet": b"outcomes",
    },
}
CERTIFICATE = {"certificate.json": b"passed"}
LOSSES = 12


def whole(version: str) -> dict[str, bytes]:
    files = {**FILES[version], **CERTIFICATE}
    return files | {CHECKSUMS: checksums({name: sha256(content) for name, content in files.items()})}


def publish_version(releases: Path, version: str, fs: Any = None) -> None:
    day = {"old": OLD, "new": NEW}[version]
    publish(FILES[version], releases / "demo", version, day, lambda _: CERTIFICATE, fs)


class Recorder(Disk):
    """The real disk, and a list of what was asked of it."""

    def __init__(self, root: Path, leave_out: str = "") -> None:
        self._root, self._leave_out = root, leave_out
        self.operations: list[tuple[Any, ...]] = []

    def _record(self, name: str, *paths: Path, content: bytes = b"") -> None:
        if name != self._leave_out:
            self.operations.append((name, *(p.relative_to(self._root).parts for p in paths), content))

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        self._record("make_folder", path)

    def write(self, path: Path, content: bytes) -> None:
        super().write(path, content)
        self._record("write", path, content=content)

    def sync(self, path: Path) -> None:
        super().sync(path)
        self._record("sync", path)

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        self._record("sync_folder", path)

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self._record("rename", old, new)

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._record("remove", path)


@dataclass
class File:
    """What was written, and how much of it the disk has promised to keep."""

    content: bytes
    kept: bytes = b""


@dataclass
class Folder:
    """Names now, and the names the disk has promised to keep."""

    names: dict[str, File | Folder] = field(default_factory=dict)
    kept: dict[str, File | Folder] = field(default_factory=dict)

    def at(self, parts: tuple[str, ...]) -> File | Folder:
        here: File | Folder = self
        for part in parts:
            assert isinstance(here, Folder)
            here = here.names[part]
        return here


def apply(root: Folder, operation: tuple[Any, ...]) -> None:
    name, *paths, content = operation
    parent, last = root.at(paths[0][:-1]), paths[0][-1] if paths[0] else ""
    assert isinstance(parent, Folder)
    match name:
        case "make_folder":
            parent.names[last] = Folder()
        case "write":
            parent.names[last] = File(content)
        case "sync":
            file = parent.names[last]
            assert isinstance(file, File)
            file.kept = file.content
        case "sync_folder":
            folder = root.at(paths[0])
            assert isinstance(folder, Folder)
            folder.kept = dict(folder.names)
        case "rename":
            parent.names[paths[1][-1]] = parent.names.pop(last)
        case "remove":
            del parent.names[last]


# How a power failure decides: given what is now and what was promised, what is found afterwards.
Loss = Callable[[Any, Any], Any]


def nothing_unsynced_survives(now: Any, promised: Any) -> Any:
    return promised


def everything_survives(now: Any, promised: Any) -> Any:
    return now


def some_survives(seed: int) -> Loss:
    chance = random.Random(seed)

    def loss(now: Any, promised: Any) -> Any:
        if isinstance(now, bytes):
            torn = now[: chance.randrange(len(now) + 1)]
            return promised if promised == now else chance.choice([now, promised, torn])
        names = sorted(set(now) | set(promised))
        chosen = {name: chance.choice([now, promised]).get(name) for name in names}
        return {name: inside for name, inside in chosen.items() if inside is not None}

    return loss


def found_after(root: Folder, loss: Loss) -> dict[str, Any]:
    """The tree the next start finds: folders as dicts, files as bytes."""
    names: Mapping[str, File | Folder] = loss(root.names, root.kept)
    return {
        name: found_after(inside, loss) if isinstance(inside, Folder) else loss(inside.content, inside.kept)
        for name, inside in names.items()
    }


def on_disk(tree: Mapping[str, Any], folder: Path) -> None:
    for name, inside in tree.items():
        if isinstance(inside, bytes):
            (folder / name).write_bytes(inside)
        else:
            (folder / name).mkdir()
            on_disk(inside, folder / name)


def visible(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The versions a reader sees in the request's folder."""
    inside = tree.get("demo", {})
    return {name: i for name, i in inside.items() if not name.startswith(".") and name != CURRENT}


def told_in_force(tree: Mapping[str, Any]) -> str | None:
    """The version the request's folder says is in force; None where it does not say."""
    content = tree.get("demo", {}).get(CURRENT)
    if content is None:
        return None
    told = json.loads(content)
    return f"{told['version']}+{told['as_of']}"


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, inside in tree.items():
        files |= {prefix + name: inside} if isinstance(inside, bytes) else flat(inside, f"{prefix}{name}/")
    return files


def half_versions(tree: Mapping[str, Any]) -> list[str]:
    """The versions a reader would see that are not whole."""
    return [name for name, inside in visible(tree).items() if flat(inside) != whole(name.partition("+")[0])]


def recorded(tmp_path: Path, *, standing: bool, leave_out: str = "") -> tuple[Folder, list[tuple[Any, ...]]]:
    """The disk before, all of it promised, and what publishing the new version asks of it."""
    releases = tmp_path / "releases"
    releases.mkdir()
    before = Folder()
    if standing:
        first = Recorder(releases)
        publish_version(releases, "old", first)
        for operation in first.operations:
            apply(before, operation)
    recorder = Recorder(releases, leave_out)
    publish_version(releases, "new", recorder)
    return before, recorder.operations


def trees_after_failures(
    before: Folder, operations: list[tuple[Any, ...]]
) -> list[tuple[int, dict[str, Any]]]:
    """What is found after each prefix, under every loss."""
    found = []
    for done in range(len(operations) + 1):
        if done:
            apply(before, operations[done - 1])
        losses = [nothing_unsynced_survives, everything_survives, *map(some_survives, range(LOSSES))]
        found += [(done, found_after(before, loss)) for loss in losses]
    return found


@pytest.mark.parametrize("standing", [True, False])
def test_a_power_failure_after_any_operation_leaves_old_or_new_and_never_half(
    tmp_path: Path, standing: bool
) -> None:
    before, operations = recorded(tmp_path, standing=standing)
    for _, tree in trees_after_failures(before, operations):
        assert half_versions(tree) == []
        assert not standing or f"old+{OLD}" in visible(tree)


@pytest.mark.parametrize("standing", [True, False])
def test_what_is_said_to_be_in_force_stands_after_any_power_failure(tmp_path: Path, standing: bool) -> None:
    before, operations = recorded(tmp_path, standing=standing)
    for done, tree in trees_after_failures(before, operations):
        told = told_in_force(tree)
        assert told in visible(tree) or (told is None and not standing)
        assert done < len(operations) or told == f"new+{NEW}"


@pytest.mark.parametrize("standing", [True, False])
def test_what_was_published_stays_after_the_last_operation(tmp_path: Path, standing: bool) -> None:
    before, operations = recorded(tmp_path, standing=standing)
    for done, tree in trees_after_failures(before, operations):
        assert done < len(operations) or f"new+{NEW}" in visible(tree)


def test_a_rerun_finishes_after_a_power_failure_at_any_operation(tmp_path: Path) -> None:
    before, operations = recorded(tmp_path, standing=True)
    for number, (_, tree) in enumerate(trees_after_failures(before, operations)):
        again = tmp_path / str(number)
        again.mkdir()
        on_disk(tree, again)
        publish_version(again, "new")
        names = sorted(path.name for path in (again / "demo").iterdir())
        assert names == [CURRENT, f"new+{NEW}", f"old+{OLD}"]
        standing = in_force(again / "demo")
        assert standing is not None and standing.version == "new"


@pytest.mark.parametrize("left_out", ["sync", "sync_folder"])
def test_a_publisher_that_did_not_sync_would_be_caught(tmp_path: Path, left_out: str) -> None:
    """The test of the test."""
    before, operations = recorded(tmp_path, standing=True, leave_out=left_out)
    trees = [tree for _, tree in trees_after_failures(before, operations)]
    assert any(half_versions(tree) for tree in trees) or any(
        f"new+{NEW}" not in visible(t) for t in trees[-14:]
    )


def test_a_publisher_that_wrote_in_place_would_be_caught(tmp_path: Path) -> None:
    before, operations = recorded(tmp_path, standing=True)
    final = f"new+{NEW}"
    in_place = [
        (name, *(tuple(final if p.startswith(".staging-") else p for p in path) for path in paths), content)
        for name, *paths, content in operations
        if name != "rename" or CURRENT in paths[1]
    ]
    assert any(half_versions(tree) for _, tree in trees_after_failures(before, in_place))
