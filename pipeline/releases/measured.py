"""The risk in a published release, measured again from its folder alone.

What a column is, and which targets hold, comes from the request that lies in the folder and from today's
declarations. The table before coarsening is not there, so what needs it is not measured: its certificate has
that. What does not belong here: whether the release is what was published (`verify`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.disclosure.coarsen import roles_of
from pipeline.disclosure.evidence import Evidence, gather
from pipeline.disclosure.policy import Policy
from pipeline.errors import ReleaseDamaged, RequestRefused, SettingWrong
from pipeline.identity.usable import OutputKind
from pipeline.releases.manifest import MANIFEST, REQUEST
from pipeline.requests.request import Output, Request, load


def measured(folder: Path, policy: Policy, population: pl.DataFrame | None = None) -> list[Evidence]:
    """The evidence of each data file of the release, in the order of its manifest.

    Of pseudonymised files there is nothing to measure. `population` is everybody who could be meant, coded as
    the release is. Raises SettingWrong where the folder is no release or is declared otherwise than today,
    ReleaseDamaged where it cannot be read.
    """
    if not (folder / MANIFEST).is_file():
        raise SettingWrong(
            f"{folder} is not a release: it has no {MANIFEST}.",
            instead="Nothing was measured.",
            do="Name a version's folder or its request; see what has been published with: uttrekk status",
        )
    request = _request(folder)
    asked = {name: output for output in request.outputs for name in output.tables}
    return [_evidence(folder, kind, path, asked, policy, population) for kind, path in _files(folder)]


def _request(folder: Path) -> Request:
    try:
        return load(folder / REQUEST)
    except RequestRefused:
        raise SettingWrong(
            f"What {folder.name} was asked for is not declared today: older code made it.",
            instead="Nothing was measured.",
            do=f"Give a data file of it and its roles: uttrekk risk {folder}/data/NAME.parquet --roles FILE",
        ) from None


def _files(folder: Path) -> Iterator[tuple[OutputKind, Path]]:
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        listed = [(o["kind"], file["path"]) for o in told["outputs"] for file in o["files"]]
        yield from ((OutputKind(kind), folder / path) for kind, path in listed)
    except (OSError, ValueError, LookupError, TypeError):
        raise _damaged(folder, MANIFEST) from None


def _evidence(
    folder: Path,
    kind: OutputKind,
    path: Path,
    asked: dict[str, Output],
    policy: Policy,
    population: pl.DataFrame | None,
) -> Evidence:
    name = path.relative_to(folder).as_posix()
    if kind is not OutputKind.COARSENED:
        return Evidence(name=name, kind=kind)
    output = asked[path.stem]
    # How far a class may be from the table before coarsening cannot be held against the file alone.
    targets: dict[str, Any] = {each: said for each, said in output.targets().items() if each != "t"}
    roles = roles_of(output.approved(path.stem), output.weights, **targets)
    roles = roles.model_copy(update={"k": max(roles.k, policy.k or 1)})
    try:
        frame = pl.read_parquet(path, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError):
        raise _damaged(folder, name) from None
    return gather(name, frame, roles, policy, population=population)


def _damaged(folder: Path, name: str) -> ReleaseDamaged:
    return ReleaseDamaged(
        f"{name} of {folder.name} cannot be read.",
        instead="Nothing was measured.",
        do=f"See what is wrong with it: uttrekk verify {folder}",
    )
