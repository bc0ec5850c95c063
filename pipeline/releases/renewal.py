"""Whether a request's next version may stand beside those before it, or waits.

Whoever holds two versions subtracts them: where fewer than k rows of a class came, went or changed, he finds
them, however well each version hides them by itself. Versions of coarsened outputs alone therefore wait until
every class that differs from an earlier version differs by k rows or more, or until a named human has decided
that they may follow (`renewed` in the request). Whoever gets pseudonymised rows too has a row for each person
anyway, so such requests do not wait. What does not belong here: how the difference is attacked
(`disclosure.attacks.differencing`) and how it is told (the certificate).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pipeline.disclosure.attacks.differencing import differencing
from pipeline.disclosure.roles import Role
from pipeline.durable import put
from pipeline.identity.usable import OutputKind
from pipeline.releases.build import Built
from pipeline.releases.certified import file_of
from pipeline.releases.manifest import as_bytes
from pipeline.releases.publish import READ_ONLY_FILE, Standing, published
from pipeline.requests.request import Request

WAITING = "waiting.json"
# What the operator is told, and what comes next.
WAITS = (
    "waits: beside an earlier version it would show the few who came, went or changed. It is published when "
    "more have, or when a named human has decided it in the request: renewed: {by, on, why}"
)


def waits(request: Request, built: Sequence[Built], folder: Path, as_of: date) -> bool:
    """Whether the files `built` for `as_of` wait, for they tell of few beside a version in `folder`."""
    if any(output.kind is not OutputKind.COARSENED for output in request.outputs):
        return False
    decided = {
        name
        for output in request.outputs
        if output.renewed is not None and output.renewed.on <= as_of
        for name in output.tables
    }
    held = [b for b in built if b.name not in decided]
    versions = published(folder) if held else []
    return any(_exposes(version, b) for version in versions for b in held)


def _exposes(earlier: Standing, made: Built) -> bool:
    """Whether fewer than k rows of some class differ between an earlier version's file and this one."""
    assert made.recoded is not None
    roles, last = made.recoded.roles, file_of(earlier, made)
    if last is None:
        return False
    quasi, sensitive = (roles.named(role) for role in (Role.QUASI, Role.SENSITIVE))
    linked, *_ = differencing(last, made.frame, quasi, sensitive, roles.blank, k=roles.k)
    return linked.guesses > 0


def note_waiting(folder: Path, as_of: date) -> None:
    """Remember that the request's version of `as_of` waits."""
    put(folder / WAITING, as_bytes({"as_of": as_of.isoformat()}), mode=READ_ONLY_FILE)


def forget_waiting(folder: Path) -> None:
    """Remember that none of the request's versions waits."""
    (folder / WAITING).unlink(missing_ok=True)


def waiting_in_words(folder: Path, now: Standing) -> str:
    """That a version after the one in force waits, and what comes next; empty where none does."""
    try:
        as_of = str(json.loads((folder / WAITING).read_bytes())["as_of"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return f"{folder.name}: the version of {as_of} {WAITS}" if as_of >= now.as_of else ""
