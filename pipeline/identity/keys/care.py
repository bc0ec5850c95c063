"""Making, listing, checking, rotating and destroying keys on purpose; every change is under the keys' lock.

Rotating: every project's key gets a second wrap, by the new master, beside the old; then the new master
takes the old one's place, in one step; then the old wraps go. Killed at any moment, every key opens under
whichever master stands, and the next command that changes keys clears up. Destroying: the wraps are taken
out of the project's file in one step, and who did it stands there and in the record of destroyed keys.
"""

from __future__ import annotations

import errno
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import KeyUnusable
from pipeline.identity.keys import files
from pipeline.identity.keys.keyring import DESTROYED_FILE, PROJECTS_FOLDER, Keys, Master, now
from pipeline.identity.keys.records import Epoch, ProjectRecord

# What a disk answers that cannot be written, or a mounted file that cannot be replaced.
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EBUSY}
IN_FORCE, EARLIER, DESTROYED = "in force", "earlier", "destroyed"


@dataclass(frozen=True)
class KeyLine:
    """One key as it may be shown: never a byte of it."""

    project: str
    epoch: int
    id: str
    made_at: str
    state: str


@dataclass(frozen=True)
class Checked:
    """What a check of the keys found: how many open, and what is only worth knowing."""

    keys: int
    notes: tuple[str, ...]


def add_project(keys: Keys, project: str, *, further: bool) -> tuple[KeyLine, bool]:
    """The project's key in force, and whether it was made now: its first one, or, if asked, a further one."""
    with keys.held():
        before = keys.record(project)
        record = keys.add_epoch(project, further=further)
    return _line(record, record.newest), record != before


def listed(keys: Keys) -> list[KeyLine]:
    """Every epoch of every project, by project and epoch."""
    return [_line(record, epoch) for record in _records(keys) for epoch in record.epochs]


def check(keys: Keys) -> Checked:
    """Open every key and look at every file; KeyUnusable naming all that is wrong."""
    problems, opened, notes = [], 0, []
    try:
        keys.destroyed()
        told = True
    except KeyUnusable as error:
        problems, told = [error.happened], False
    for project in keys.projects():
        try:
            record = keys.record(project)
            assert record is not None
            for epoch in record.live:
                secret = keys.master.open(project, epoch)
                opened += 1
                if told and keys.was_destroyed(project, epoch.number, secret.id):
                    problems.append(f"The destroyed key of {project}, epoch {epoch.number}, is back.")
                if len(epoch.wraps) > 1:
                    notes.append(f"{project}: a rotation was cut off; end it with: uttrekk keys rotate")
            if record.newest not in record.live:
                notes.append(
                    f"{project}: its newest key is destroyed, and a night with its request is refused. "
                    f"Take the request away, or: uttrekk keys create --project {project} --new-epoch"
                )
        except KeyUnusable as error:
            problems.append(error.happened)
    if problems:
        raise KeyUnusable(
            " ".join(problems),
            instead=f"{opened} other keys open.",
            do="Put right what is named, or put back a copy of the folder; then: uttrekk keys check",
        )
    return Checked(keys=opened, notes=tuple(notes))


def rotate(keys: Keys) -> tuple[Keys, int]:
    """A new master in the place of the old, every live key wrapped by it: the keys, and how many there are.

    No key changes, and so no pseudonym. Raises KeyUnusable, and changes nothing, where a key does not open
    or the master's file cannot be replaced.
    """
    with keys.held():
        keys.refuse_rotated()
        _tidy(keys)
        records = list(_records(keys))
        opened = {
            (record.project, epoch.number): keys.master.open(record.project, epoch)
            for record in records
            for epoch in record.live
        }
        new = Master.new(demo=keys.demo)
        with _replaceable(keys.master_path):
            staged = files.stage(keys.master_path, new.as_record())
        try:
            for record in records:
                doubled = record
                for epoch in record.live:
                    wrap = new.wrap(opened[record.project, epoch.number], record.project, epoch.number)
                    doubled = doubled.with_epoch(replace(epoch, wraps=(*epoch.wraps, wrap)))
                _write(keys, doubled)
            with _replaceable(keys.master_path):
                files.put(staged, keys.master_path)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
        rotated = Keys(keys.folder, keys.master_path)
        _tidy(rotated)
    return rotated, len(opened)


def destroy(keys: Keys, project: str, epoch: int | None = None) -> list[KeyLine]:
    """Destroy the project's key in that epoch, or in all of them; those that were destroyed now.

    Copies of the folder elsewhere are not reached. KeyUnusable where there is no such key.
    """
    with keys.held():
        record = keys.record(project)
        epochs = [e for e in record.epochs if epoch in (None, e.number)] if record else []
        if record is None or not epochs:
            raise KeyUnusable(
                f"There is no key of project {project}{f', epoch {epoch}' if epoch else ''}.",
                instead="Nothing was destroyed.",
                do="See which keys there are with: uttrekk keys list",
            )
        at, by = now(), _user()
        gone = [_named(keys, project, e).destroyed(at, by) for e in epochs if e in record.live]
        for each in gone:
            record = record.with_epoch(each)
        _write(keys, record)
        _note_destroyed(keys, record)
    return [_line(record, each) for each in gone]


class _replaceable:
    """Turns a disk's refusal to replace the master's file into what the reader can do about it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in _READ_ONLY:
            raise KeyUnusable(
                f"{self._path} lies where it cannot be replaced (a read-only mount?).",
                instead="No key was changed; the old master stands.",
                do="Copy it to a private folder, rotate with UTTREKK_MASTER_KEY set to the copy, put the new "
                "file into the secret store in its place, and remove the copy.",
            ) from None


def _records(keys: Keys) -> Iterator[ProjectRecord]:
    for project in keys.projects():
        record = keys.record(project)
        if record is not None:
            yield record


def _line(record: ProjectRecord, epoch: Epoch) -> KeyLine:
    state = IN_FORCE if epoch == record.newest else EARLIER
    return KeyLine(
        project=record.project,
        epoch=epoch.number,
        id=epoch.id or "",
        made_at=epoch.made_at or "",
        state=state if epoch in record.live else DESTROYED,
    )


def _write(keys: Keys, record: ProjectRecord) -> None:
    files.replace(keys.project_path(record.project), record.as_record())


def _tidy(keys: Keys) -> None:
    """End what a killed command began: staged files, wraps of another master, unrecorded destructions.

    Only wraps beside one by the master that stands are taken away, so no key is lost here.
    """
    files.clear_staged(keys.master_path.parent, keys.master_path.name)
    files.clear_staged(keys.folder / PROJECTS_FOLDER)
    for record in _records(keys):
        tidied = record
        for epoch in record.live:
            tidied = tidied.with_epoch(_own_wrap(keys, record.project, epoch))
        if tidied != record:
            _write(keys, tidied)
        _note_destroyed(keys, record)


def _note_destroyed(keys: Keys, record: ProjectRecord) -> None:
    """Add to the record of destroyed keys what the project's file tells and the record does not."""
    noted = {(line.get("project"), line.get("epoch")) for line in keys.destroyed()}
    for epoch in record.epochs:
        if epoch not in record.live and (record.project, epoch.number) not in noted:
            told = epoch.as_record() | {"project": record.project}
            files.append(keys.folder / DESTROYED_FILE, told)


def _own_wrap(keys: Keys, project: str, epoch: Epoch) -> Epoch:
    """The epoch with the wrap of the standing master alone; as it is where there is none."""
    own = tuple(wrap for wrap in epoch.wraps if wrap.master == keys.master.id)
    if own:
        return replace(epoch, wraps=own)
    try:
        secret = keys.master.open(project, epoch)
    except KeyUnusable:
        return epoch
    # The first form did not say by which master it was wrapped, nor what the key is called.
    return replace(epoch, id=secret.id, wraps=(keys.master.wrap(secret, project, epoch.number),))


def _named(keys: Keys, project: str, epoch: Epoch) -> Epoch:
    """The epoch with its key's id, which the first form lacks; as it is where the key does not open."""
    try:
        return replace(epoch, id=keys.master.open(project, epoch).id)
    except KeyUnusable:
        return epoch


def _user() -> str:
    """The operating system's name of who runs this; its number where it has none."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
