"""The only door to keys: the master key, each project's own key wrapped by it, and the pseudonyms they make.

A project's key is 32 random bytes, not derived from the master, so that destroying it is final: nobody can
derive it again. What is wrapped is bound to its project, epoch and demo flag. A key is never shown by `repr`,
never pickled, never part of a message. What does not belong here: who may be in a release.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.errors import KeyUnusable

MASTER_FILE = "master.key"
PROJECTS_FOLDER = "projects"
PROJECT_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
KEY_BYTES = 32
NONCE_BYTES = 12
PSEUDONYM_BYTES = 16
FIRST_EPOCH = 1
HOW_TO_MAKE = "export UTTREKK_KEYS=FOLDER; uttrekk keys create"
_WRAP, _IDENTIFY, _PSEUDONYM = "wrap project keys", "identify this key", "pseudonyms of persons"


class _Secret:
    """Bytes that never show themselves and never travel to another process."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def subkey(self, purpose: str) -> bytes:
        """A key for one purpose, from which neither this one nor another purpose's follows."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"uttrekk: {purpose}".encode()).derive(self._value)

    def wrapped(self, by: _Secret, nonce: bytes, bound_to: bytes) -> bytes:
        """This secret, encrypted and bound to `bound_to`."""
        return AESGCM(by.subkey(_WRAP)).encrypt(nonce, self._value, bound_to)

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


class Keys:
    """The keys in a folder that only its owner can read.

    Raises KeyUnusable where the folder or a file is missing, readable by others or not ours, where others
    could put another folder in its place, and where a real key lies in a git work tree (a demo key may lie
    in ./data, which git ignores).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _check_private(folder, directory=True)
        _check_parents(folder)
        master = _read(folder / MASTER_FILE)
        if not isinstance(master.get("demo"), bool):
            raise _damaged(folder / MASTER_FILE)
        self.demo: bool = master["demo"]
        self._secret = _Secret(_bytes_of(master, "key", folder / MASTER_FILE))
        if not self.demo:
            _refuse_work_tree(folder)

    def __repr__(self) -> str:
        return f"Keys(demo={self.demo})"

    def project_key(self, project: str) -> ProjectKey:
        """The project's key; made, at random, the first time it is asked for."""
        if not PROJECT_PATTERN.fullmatch(project):
            raise KeyUnusable(
                "A project's name must be lower-case letters, digits, - and _.",
                instead="No key was made.",
                do="Correct `project:` in the request file.",
            )
        path = self._folder / PROJECTS_FOLDER / f"{project}.json"
        if not path.exists():
            self._make(path, project)
        return self._unwrap(path, project)

    def _make(self, path: Path, project: str) -> None:
        _private_folder(path.parent)
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound_to = self._bound_to(project, FIRST_EPOCH)
        wrapped = _Secret(secrets.token_bytes(KEY_BYTES)).wrapped(self._secret, nonce, bound_to)
        _create(
            path,
            {"project": project, "epoch": FIRST_EPOCH, "nonce": nonce.hex(), "wrapped": wrapped.hex()},
        )

    def _unwrap(self, path: Path, project: str) -> ProjectKey:
        _check_private(path.parent, directory=True)
        record = _read(path)
        nonce, wrapped = (_bytes_of(record, name, path) for name in ("nonce", "wrapped"))
        epoch = record.get("epoch")
        if record.get("project") != project or not isinstance(epoch, int):
            raise _damaged(path)
        try:
            cipher = AESGCM(self._secret.subkey(_WRAP))
            secret = _Secret(cipher.decrypt(nonce, wrapped, self._bound_to(project, epoch)))
        except (InvalidTag, ValueError):
            raise KeyUnusable(
                f"{path.name} was not wrapped by this master key.",
                instead="No pseudonym was made.",
                do="Put back the master key it was made with; nothing else can open it.",
            ) from None
        return ProjectKey(project=project, epoch=epoch, id=secret.subkey(_IDENTIFY)[:8].hex(), secret=secret)

    def _bound_to(self, project: str, epoch: int) -> bytes:
        return json.dumps([project, epoch, self.demo]).encode()


def create_master(folder: Path, *, demo: bool) -> bool:
    """Make a master key, once, and say whether it was made: one that stands is left, whichever kind it is.

    A demo key is for invented persons only: `check_key_fits` refuses it for anybody else.
    """
    if not demo:
        _refuse_work_tree(folder)
    _private_folder(folder)
    _check_parents(folder)
    return _create(folder / MASTER_FILE, {"demo": demo, "key": secrets.token_bytes(KEY_BYTES).hex()})


def check_key_fits(keys: Keys, *, any_tenor: bool, all_tenor: bool) -> None:
    """Refuse a demo key on real persons and a real key on invented ones.

    `any_tenor` and `all_tenor`: whether any, and whether every, fødselsnummer and D-number of the night
    is of the invented series (month + 80).
    """
    if keys.demo and not all_tenor:
        raise KeyUnusable(
            "The key is the demo's, and not every identifier is invented (month + 80).",
            instead="Nothing was pseudonymised or published.",
            do=f"Point UTTREKK_KEYS at a real key's folder; make one with: {HOW_TO_MAKE}",
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
            do="Start a new epoch for the project.",
        )
    return frame


def _create(path: Path, record: dict[str, Any]) -> bool:
    """Write a key file whole or not at all; whoever came first wins, and the loser's key is thrown away.

    Returns whether this call made it.
    """
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}.staged")
    descriptor = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(record, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(staged, path)
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True
    finally:
        staged.unlink()


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_private(folder, directory=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_private(path: Path, *, directory: bool) -> None:
    """Refuse what is missing, a link, somebody else's, or open to others."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        raise KeyUnusable(
            f"There is no key: {path.name} is missing in {path.parent}.",
            instead="Nothing was pseudonymised or published.",
            do=f"For the demo: uttrekk synthesise; for real persons: {HOW_TO_MAKE}",
        ) from None
    kind = stat.S_ISDIR(found.st_mode) if directory else stat.S_ISREG(found.st_mode)
    if not kind or found.st_uid != os.geteuid():
        raise KeyUnusable(
            f"{path} is not a plain {'folder' if directory else 'file'} of the user who runs this.",
            instead="The key was not read.",
            do=f"Look at it with: ls -ld {path}",
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyUnusable(
            f"{path} can be read by others.",
            instead="The key was not used.",
            do=f"If nobody else has read it: chmod {'700' if directory else '600'} {path}",
        )


def _check_parents(folder: Path) -> None:
    """Refuse a folder above which anybody may rename and replace what is not theirs."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise KeyUnusable(
                f"{parent}, above the key, can be written by everybody.",
                instead="The key was not used.",
                do=f"Move the key, or if nobody has exchanged it: chmod o-w {parent}",
            )


def _read(path: Path) -> dict[str, Any]:
    _check_private(path, directory=False)
    try:
        record = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(record, dict):
        raise _damaged(path)
    return record


def _bytes_of(record: dict[str, Any], name: str, path: Path) -> bytes:
    try:
        value = bytes.fromhex(record[name])
    except (KeyError, TypeError, ValueError):
        raise _damaged(path) from None
    if name == "key" and len(value) != KEY_BYTES:
        raise _damaged(path)
    return value


def _damaged(path: Path) -> KeyUnusable:
    return KeyUnusable(
        f"{path} does not hold what this program wrote there.",
        instead="The key was not used.",
        do="Put back the file from a copy.",
    )


def _refuse_work_tree(folder: Path) -> None:
    """A real key never lies where `git add` could take it."""
    resolved = folder.resolve()
    if any((parent / ".git").exists() for parent in (resolved, *resolved.parents)):
        raise KeyUnusable(
            f"{folder} lies in a git work tree.",
            instead="The key was not used.",
            do="Move the folder out of the repository and set UTTREKK_KEYS to where it is.",
        )
