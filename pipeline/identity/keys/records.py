"""What stands in a project's key file: every epoch, its key wrapped by a master, or that it was destroyed.

    {"project": "p", "epochs": [
        {"epoch": 1, "id": "…", "made_at": "…", "destroyed_at": "…", "destroyed_by": "…"},
        {"epoch": 2, "id": "…", "made_at": "…", "wraps": [{"master": "…", "nonce": "…", "wrapped": "…"}]}]}

`id` names a key and tells nothing about it. While a master is being rotated an epoch has two wraps, so that
its key opens under whichever master stands. Nothing here can open a wrap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.identity.keys.files import damaged

_PROJECT = {"project", "epochs"}
_EPOCH = {"epoch", "id", "made_at"}
_LIVE, _DESTROYED = _EPOCH | {"wraps"}, _EPOCH | {"destroyed_at", "destroyed_by"}
_WRAP = {"master", "nonce", "wrapped"}
# The form of the first version: one epoch, and not said by which master it was wrapped.
_FIRST_FORM = {"project", "epoch", "nonce", "wrapped"}


@dataclass(frozen=True)
class Wrap:
    """A key encrypted by the master of that id; an id of None is any master's."""

    master: str | None
    nonce: bytes
    wrapped: bytes

    def as_record(self) -> dict[str, Any]:
        """As the file holds it."""
        return {"master": self.master, "nonce": self.nonce.hex(), "wrapped": self.wrapped.hex()}


@dataclass(frozen=True)
class Epoch:
    """One key of a project; without wraps it is destroyed for good."""

    number: int
    id: str | None
    made_at: str | None
    wraps: tuple[Wrap, ...] = ()
    destroyed_at: str | None = None
    destroyed_by: str | None = None

    def as_record(self) -> dict[str, Any]:
        """As the file holds it."""
        told = {"epoch": self.number, "id": self.id, "made_at": self.made_at}
        if self.destroyed_at is not None:
            return told | {"destroyed_at": self.destroyed_at, "destroyed_by": self.destroyed_by}
        return told | {"wraps": [wrap.as_record() for wrap in self.wraps]}

    def destroyed(self, at: str, by: str) -> Epoch:
        """The same epoch, its key gone."""
        return replace(self, wraps=(), destroyed_at=at, destroyed_by=by)


@dataclass(frozen=True)
class ProjectRecord:
    """All epochs of a project, the oldest first."""

    project: str
    epochs: tuple[Epoch, ...]

    @property
    def newest(self) -> Epoch:
        """The epoch in force, also where it has been destroyed."""
        return self.epochs[-1]

    @property
    def live(self) -> tuple[Epoch, ...]:
        """The epochs whose key is still there."""
        return tuple(epoch for epoch in self.epochs if epoch.destroyed_at is None)

    def with_epoch(self, changed: Epoch) -> ProjectRecord:
        """The record with that epoch in the place of the one of its number, or after all others."""
        kept = [epoch for epoch in self.epochs if epoch.number != changed.number]
        return replace(self, epochs=tuple(sorted([*kept, changed], key=lambda epoch: epoch.number)))

    def as_record(self) -> dict[str, Any]:
        """As the file holds it."""
        return {"project": self.project, "epochs": [epoch.as_record() for epoch in self.epochs]}


def parse(record: dict[str, Any], project: str, path: Path) -> ProjectRecord:
    """The record of that project's file, or KeyUnusable where we did not write it so."""
    try:
        if set(record) == _FIRST_FORM:
            wrap = _wrap({"master": None} | {name: record[name] for name in ("nonce", "wrapped")})
            found = [Epoch(_number(record["epoch"]), None, None, (wrap,))]
        elif set(record) == _PROJECT:
            found = [_epoch(epoch) for epoch in record["epochs"]]
        else:
            raise ValueError
        numbers = [epoch.number for epoch in found]
        if record["project"] != project or not numbers or numbers != sorted(set(numbers)):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError):
        raise damaged(path) from None
    return ProjectRecord(project, tuple(found))


def _epoch(record: dict[str, Any]) -> Epoch:
    number, key_id, made_at = _number(record["epoch"]), _text(record["id"]), _text(record["made_at"])
    if set(record) == _DESTROYED:
        at, by = str(_text(record["destroyed_at"])), str(_text(record["destroyed_by"]))
        return Epoch(number, key_id, made_at, destroyed_at=at, destroyed_by=by)
    if set(record) != _LIVE or not record["wraps"]:
        raise ValueError
    return Epoch(number, key_id, made_at, tuple(_wrap(wrap) for wrap in record["wraps"]))


def _wrap(record: dict[str, Any]) -> Wrap:
    if set(record) != _WRAP:
        raise ValueError
    nonce, wrapped = bytes.fromhex(record["nonce"]), bytes.fromhex(record["wrapped"])
    return Wrap(_text(record["master"]), nonce, wrapped)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError
    return value


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError
    return value
