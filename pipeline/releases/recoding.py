"""The recoding that stands: what a version stores of how it was coarsened, and the next version takes again.

Levels of variables, and what is usual of the sensitive ones, stand in the manifest; cuts, where levels
differ by class, in a file of the version beside it. All are read as they were published. A recoding is
another one as soon as the variables of the table, their declarations, the mode or how coarse a variable may
become are others: then nothing is stored for it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.disclosure.coarsen import quasi_identifiers
from pipeline.disclosure.engine.cuts import Child, Cuts
from pipeline.disclosure.roles import Mode
from pipeline.disclosure.usual import PARTS, Usual
from pipeline.errors import ReleaseDamaged
from pipeline.identity.usable import OutputKind
from pipeline.releases.build import Built
from pipeline.releases.coarsened import Recoding
from pipeline.releases.data_files import cuts_path
from pipeline.releases.manifest import CHECKSUMS, MANIFEST, as_bytes, sha256
from pipeline.releases.publish import Standing
from pipeline.requests.request import Output, Request, tables_of
from schemas.variable import fingerprint

_UNREADABLE = (OSError, ValueError, LookupError, TypeError)


def recoding_files(built: Sequence[Built]) -> dict[str, bytes]:
    """The cuts of each file whose levels differ by class, by their path in the release."""
    return {
        cuts_path(b): cuts_text(b.recoded.made.cuts)
        for b in built
        if b.recoded is not None and b.recoded.made.cuts is not None
    }


def cuts_text(cuts: Cuts) -> bytes:
    """Cuts as JSON, the same bytes every time: labels of classes alone, and nothing of persons."""
    return as_bytes(
        {
            "variables": cuts.variables,
            "coarsest": cuts.roots,
            "left": [child._asdict() for child in cuts.children],
        }
    )


def stored_recodings(standing: Standing | None, request: Request) -> dict[str, Recoding]:
    """The recoding of each coarsened file of the version in force that is asked for again, by its name.

    Raises ReleaseDamaged where what stands there cannot be read, or is not what was published.
    """
    coarsened = [output for output in request.outputs if output.kind is OutputKind.COARSENED]
    if standing is None or not coarsened:
        return {}
    try:
        _refuse_changed(standing.folder)
        described = _described(standing.folder)
        found = {
            name: _stored(standing.folder, described[name], output, name)
            for output in coarsened
            for name in output.tables
            if name in described
        }
    except _UNREADABLE:
        raise _unreadable(standing) from None
    return {name: recoding for name, recoding in found.items() if recoding is not None}


def stored_usual(standing: Standing | None, stored: Collection[str]) -> dict[str, Usual]:
    """What was usual in each of the files of the version in force that are named in `stored`.

    Nothing of a version that stored none: it is found then, and the recoding stands. Raises ReleaseDamaged
    where what stands there cannot be read.
    """
    if standing is None or not stored:
        return {}
    told = usual_as_written(standing.folder)
    return {Path(path).stem: said.usual for path, said in told.items() if Path(path).stem in stored}


@dataclass(frozen=True)
class SaidUsual:
    """What a manifest says is usual in a file, and of which columns it was counted in that very file."""

    usual: Usual
    anew: tuple[str, ...]


def usual_as_written(folder: Path) -> dict[str, SaidUsual]:
    """What the manifest in `folder` says is usual in its files, by path; absent where it says nothing.

    Raises ReleaseDamaged where it is not told in whole parts.
    """
    try:
        outputs = json.loads((folder / MANIFEST).read_bytes())["outputs"]
        described = [file for output in outputs for file in output["files"] if file.get("usual")]
        return {file["path"]: _said(file) for file in described}
    except (*_UNREADABLE, AttributeError):
        raise ReleaseDamaged(
            f"What {MANIFEST} says is usual of its columns cannot be read ({folder.name}).",
            instead="Nothing was published or measured.",
            do=f"See what is wrong with it: uttrekk verify {folder}",
        ) from None


def _said(file: Mapping[str, Any]) -> SaidUsual:
    """Raises ValueError where shares are anything but whole numbers from 1 to `PARTS`."""
    usual = {column: dict(parts.items()) for column, parts in file["usual"].items()}
    parts = [part for shares in usual.values() for part in shares.values()]
    if not all(usual.values()) or not all(type(part) is int and 0 < part <= PARTS for part in parts):
        raise ValueError
    return SaidUsual(usual, tuple(file.get("usual_anew", ())))


def _unreadable(standing: Standing) -> ReleaseDamaged:
    # Without it cuts would move unseen: whoever reads two versions would compare what cannot be.
    return ReleaseDamaged(
        f"What the version in force says of its levels cannot be read ({standing.folder.name}).",
        instead="No new version was published.",
        do=f"See what is wrong with it: uttrekk verify {standing.folder}",
    )


def _stored(folder: Path, described: Mapping[str, Any], output: Output, name: str) -> Recoding | None:
    """What is stored of that file, if it is of the same variables, declarations, mode and coarsest lists."""
    limits = {variable: told["codes"] for variable, told in described.get("coarsest", {}).items()}
    if (described.get("mode"), limits) != (output.mode, output.coarsest_of(name)):
        return None
    if described["schema"] != fingerprint(tables_of(output.kind)[name]):
        return None
    stored = _levels(described) if output.mode is Mode.LEVEL else _cuts(folder, described)
    variables = stored.variables if isinstance(stored, Cuts) else stored or ()
    return stored if set(variables) == set(quasi_identifiers(output.tables[name])) else None


def _levels(described: Mapping[str, Any]) -> dict[str, int]:
    return {variable: told["level"] for variable, told in described["levels"].items()}


def _cuts(folder: Path, described: Mapping[str, Any]) -> Cuts | None:
    """The cuts as published; None of a version that stored none. Raises ValueError where they are others."""
    if described.get("cuts") is None:
        return None
    content = (folder / described["cuts"]["path"]).read_bytes()
    if sha256(content) != described["cuts"]["sha256"]:
        raise ValueError
    told = json.loads(content)
    cuts = Cuts(
        tuple(told["variables"]),
        tuple(tuple(labels) for labels in told["coarsest"]),
        tuple(Child(**child) for child in told["left"]),
    )
    if any(child.of not in range(place) for place, child in enumerate(cuts.children, len(cuts.roots))):
        raise ValueError
    return cuts


def _refuse_changed(folder: Path) -> None:
    """Raises ValueError where the manifest is not the one that the checksums list."""
    listed = (folder / CHECKSUMS).read_text("utf-8").splitlines()
    if f"{sha256((folder / MANIFEST).read_bytes())}  {MANIFEST}" not in listed:
        raise ValueError


def _described(folder: Path) -> dict[str, dict[str, Any]]:
    """The files of a version by name, each with its schema's fingerprint."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    schemas = manifest["schemas"]
    return {
        Path(file["path"]).stem: file | {"schema": schemas[file["table"]]}
        for output in manifest["outputs"]
        for file in output["files"]
    }
