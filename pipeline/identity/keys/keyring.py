"""The only door to keys: the master key, each project's own keys wrapped by it, and the pseudonyms they make.

A project's key is 32 random bytes for each epoch, not derived from the master, so that destroying it is
final: nobody can derive it again. What is wrapped is bound to its project, epoch and demo flag. The newest
epoch is in force; where that one is destroyed, none is. A key is never shown by `repr`, never pickled,
never part of a message. What does not belong here: who may be in a release; making, rotating and destroying
keys on purpose (`identity.keys.care`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.errors import KeyUnusable
from pipeline.identity.keys import files
from pipeline.identity.keys.records import Epoch, ProjectRecord, Wrap, parse

MASTER_FILE = "master.key"
PROJECTS_FOLDER = "projects"
DESTROYED_FILE = "destroyed.jsonl"
PROJECT_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 8
PSEUDONYM_BYTES = 16
_WRAP, _IDENTIFY, _PSEUDONYM = "wrap project keys", "identify this key", "pseudonyms of persons"


class _Secret:
    """Bytes that never show themselves and never travel to another process."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    @property
    def id(self) -> str:
        """What the key is called in manifests and records; it tells nothing about the key."""
        return self.subkey(_IDENTIFY)[:ID_BYTES].hex()

    def subkey(self, purpose: str) -> bytes:
        """A key for one purpose, from which neither this one nor another purpose's follows."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"uttrekk: {purpose}".encode()).derive(self._value)

    def wrapped(self, by: _Secret, nonce: bytes, bound_to: bytes) -> bytes:
        """This secret, encrypted and bound to `bound_to`."""
        return AESGCM(by.subkey(_WRAP)).encrypt(nonce, self._value, bound_to)

    def for_its_file(self) -> str:
        """The bytes as the master's own private file holds them, and nothing else may."""
        return self._value.hex()

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled")


@dataclass(frozen=True)
class ProjectKey:
    """One project's key in one epoch. `id` names the key without telling anything about it."""

    project: str
    epoch: int
    id: str
    secret: _Secret = field(repr=False, compare=False)


class Master:
    """A master key: it wraps projects' keys and opens them again, and does nothing else."""

    def __init__(self, secret: _Secret, *, demo: bool, made_at: str | None = None) -> None:
        self._secret = secret
        self.demo, self.made_at, self.id = demo, made_at, secret.id

    def __repr__(self) -> str:
        return f"Master(demo={self.demo})"

    @classmethod
    def new(cls, *, demo: bool) -> Master:
        """A master key of random bytes, on no disk yet."""
        return cls(_Secret(secrets.token_bytes(KEY_BYTES)), demo=demo, made_at=now())

    @classmethod
    def read(cls, path: Path) -> Master:
        """The master key in that private file."""
        record = files.read(path)
        made_at = record.get("made_at")
        try:
            value = bytes.fromhex(record["key"])
        except (KeyError, TypeError, ValueError):
            raise files.damaged(path) from None
        if len(value) != KEY_BYTES or not isinstance(record.get("demo"), bool):
            raise files.damaged(path)
        return cls(_Secret(value), demo=record["demo"], made_at=made_at if isinstance(made_at, str) else None)

    def as_record(self) -> Mapping[str, Any]:
        """As its file holds it: the key itself."""
        return {"demo": self.demo, "made_at": self.made_at, "key": self._secret.for_its_file()}

    def wrap(self, secret: _Secret, project: str, epoch: int) -> Wrap:
        """A project's key, encrypted by this master."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return Wrap(self.id, nonce, secret.wrapped(self._secret, nonce, self._bound_to(project, epoch)))

    def new_epoch(self, project: str, number: int) -> Epoch:
        """An epoch with a key of random bytes."""
        secret = _Secret(secrets.token_bytes(KEY_BYTES))
        return Epoch(number, secret.id, now(), (self.wrap(secret, project, number),))

    def open(self, project: str, epoch: Epoch) -> _Secret:
        """The key of a live epoch, or KeyUnusable where this master does not open it."""
        cipher = AESGCM(self._secret.subkey(_WRAP))
        for wrap in epoch.wraps:
            if wrap.master not in (None, self.id):
                continue
            try:
                opened = cipher.decrypt(wrap.nonce, wrap.wrapped, self._bound_to(project, epoch.number))
            except (InvalidTag, ValueError):
                continue
            secret = _Secret(opened)
            if epoch.id in (None, secret.id):
                return secret
        raise KeyUnusable(
            f"The key of {project}, epoch {epoch.number}, was not wrapped by this master key.",
            instead="No pseudonym was made.",
            do="Put back the master key it was made with; nothing else can open it.",
        )

    def _bound_to(self, project: str, epoch: int) -> bytes:
        return json.dumps([project, epoch, self.demo]).encode()


class Keys:
    """The keys in a folder that only its owner can read; the master may lie in a file elsewhere.

    `master` is that file where it is not `folder/master.key`: a secret mount's, which may be read-only.
    Raises KeyUnusable where the folder or a file is missing, readable by others or not ours, where others
    could put another in its place, and where a real key lies in a git work tree (a demo key may lie in
    ./data, which git ignores).
    """

    def __init__(self, folder: Path, master: Path | None = None) -> None:
        self.folder, self.master_path = folder, master_file(folder, master)
        files.check_folder(folder)
        files.check_parents(folder)
        files.check_file(self.master_path)
        files.check_parents(self.master_path)
        self.master = Master.read(self.master_path)
        if not self.demo:
            files.refuse_work_tree(folder)
            files.refuse_work_tree(self.master_path)

    def __repr__(self) -> str:
        return f"Keys(demo={self.demo})"

    @property
    def demo(self) -> bool:
        """Whether the keys are for invented persons only."""
        return self.master.demo

    def projects(self) -> list[str]:
        """Every project that has, or has had, a key."""
        folder = self.folder / PROJECTS_FOLDER
        if not folder.exists():
            return []
        files.check_folder(folder)
        return sorted(path.stem for path in folder.glob("*.json") if PROJECT_PATTERN.fullmatch(path.stem))

    def project_path(self, project: str) -> Path:
        """The file that holds all epochs of the project."""
        if not PROJECT_PATTERN.fullmatch(project):
            raise KeyUnusable(
                "A project's name must be lower-case letters, digits, - and _.",
                instead="No key was made.",
                do="Correct `project:` in the request file.",
            )
        return self.folder / PROJECTS_FOLDER / f"{project}.json"

    def record(self, project: str) -> ProjectRecord | None:
        """What is known of the project's keys; None where there has never been one."""
        path = self.project_path(project)
        if not path.exists():
            return None
        files.check_folder(path.parent)
        return parse(files.read(path), project, path)

    def project_key(self, project: str) -> ProjectKey:
        """The project's key in force; made, at random, the first time it is asked for."""
        record = self.record(project)
        if record is None:
            with self.held():
                record = self.add_epoch(project)
        epoch = record.newest
        if epoch not in record.live:
            raise _destroyed(project)
        secret = self.master.open(project, epoch)
        if self.was_destroyed(project, epoch.number, secret.id):
            raise _destroyed(project)
        return ProjectKey(project=project, epoch=epoch.number, id=secret.id, secret=secret)

    def held(self) -> AbstractContextManager[None]:
        """The lock on this folder: whoever makes, wraps anew or destroys keys holds it."""
        return files.locked(self.folder)

    def add_epoch(self, project: str, *, further: bool = False) -> ProjectRecord:
        """The project's record after its first epoch has been made, or, if asked, a `further` one.

        Under the lock. Where an epoch stands and no further one is asked for, nothing is made; a project
        whose key was destroyed gets none unless asked for.
        """
        self.refuse_rotated()
        record, path = self.record(project), self.project_path(project)
        gone = [line for line in self.destroyed() if line.get("project") == project]
        if not further and record is not None and record.newest in record.live:
            return record
        if not further and (record is not None or gone):
            raise _destroyed(project)
        numbers = [epoch.number for epoch in record.epochs] if record else []
        numbers += [line["epoch"] for line in gone if isinstance(line.get("epoch"), int)]
        epoch = self.master.new_epoch(project, 1 + max(numbers, default=0))
        made = record.with_epoch(epoch) if record else ProjectRecord(project, (epoch,))
        files.private_folder(path.parent)
        files.replace(path, made.as_record())
        return made

    def destroyed(self) -> list[dict[str, Any]]:
        """Who destroyed which key when: every line of the record."""
        return files.read_lines(self.folder / DESTROYED_FILE)

    def was_destroyed(self, project: str, epoch: int, key_id: str) -> bool:
        """Whether that key must not be used again, even where a copy has brought it back.

        `key_id` is the opened key's own: a file of the first form does not say it.
        """
        return any(
            line.get("id") == key_id or (line.get("project"), line.get("epoch")) == (project, epoch)
            for line in self.destroyed()
        )

    def refuse_rotated(self) -> None:
        """A key wrapped by a master that is gone could never be opened."""
        if Master.read(self.master_path).id != self.master.id:
            raise KeyUnusable(
                "The master key was rotated while this was running.",
                instead="No key was made.",
                do="Type the same command again.",
            )


def master_file(folder: Path, master: Path | None) -> Path:
    """Where the master key lies."""
    return master if master is not None else folder / MASTER_FILE


def create_master(folder: Path, *, demo: bool, master: Path | None = None) -> bool:
    """Make a master key, once, and say whether it was made: one that stands is left, whichever kind it is.

    A demo key is for invented persons only: `check_key_fits` refuses it for anybody else.
    """
    path = master_file(folder, master)
    if not demo:
        files.refuse_work_tree(folder)
        files.refuse_work_tree(path)
    files.private_folder(folder)
    files.check_parents(folder)
    if not path.parent.exists():
        files.private_folder(path.parent)
    files.check_parents(path)
    if path.exists():  # on a read-only mount nothing could be staged beside it
        return False
    return files.create(path, Master.new(demo=demo).as_record())


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _destroyed(project: str) -> KeyUnusable:
    return KeyUnusable(
        f"The key of project {project} has been destroyed.",
        instead="Nothing was pseudonymised or published for it, and its pseudonyms can never be made again.",
        do=f"To go on under new pseudonyms: uttrekk keys create --project {project} --new-epoch",
    )


def check_key_fits(keys: Keys, *, any_tenor: bool, all_tenor: bool) -> None:
    """Refuse a demo key on real persons and a real key on invented ones.

    `any_tenor` and `all_tenor`: whether any, and whether every, fødselsnummer and D-number of the night
    is of the invented series (month + 80).
    """
    if keys.demo and not all_tenor:
        raise KeyUnusable(
            "The key is the demo's, and not every identifier is invented (month + 80).",
            instead="Nothing was pseudonymised or published.",
            do=f"Point UTTREKK_KEYS at a real key's folder; make one with: {files.HOW_TO_MAKE}",
        )
    if not keys.demo and any_tenor:
        raise KeyUnusable(
            "The key is a real one, and some identifiers are invented (month + 80).",
            instead="Nothing was pseudonymised or published.",
            do="Take the invented persons out of the source, or use the demo's key.",
        )


def pseudonyms(person_keys: pl.Series, key: ProjectKey) -> pl.DataFrame:
    """`person_key` and the project's `pseudonym` of each distinct person, in the order of `person_key`.

    The same person has the same pseudonym in every version under one key; two projects' pseudonyms cannot
    be joined without both keys.
    """
    distinct = person_keys.drop_nulls().unique().sort().cast(pl.Int64).alias("person_key")
    subkey = key.secret.subkey(_PSEUDONYM)
    # One keyed hash for each distinct person: the one place where Python walks persons.
    made = [
        hmac.digest(subkey, number.to_bytes(8, "big", signed=True), hashlib.sha256)[:PSEUDONYM_BYTES].hex()
        for number in distinct.to_list()
    ]
    frame = pl.DataFrame({"person_key": distinct, "pseudonym": pl.Series(made, dtype=pl.String)})
    if frame.get_column("pseudonym").n_unique() != frame.height:
        raise KeyUnusable(
            "Two persons got the same pseudonym under this key.",
            instead="Nothing was published.",
            do=f"Start a new epoch with: uttrekk keys create --project {key.project} --new-epoch",
        )
    return frame
