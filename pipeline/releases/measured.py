"""The risk in a published release, measured again from its folder alone.

What a column is, and which targets hold, comes from the request that lies in the folder and from today's
declarations; what is usual from the manifest. The table before coarsening is not there, nor who lives with
whom, so what needs those is not measured: its certificate has that, and k counts rows here. What does not
belong here: whether the release is what was published (`verify`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.disclosure.coarsen import roles_of
from pipeline.disclosure.evidence import Evidence, gather
from pipeline.disclosure.policy import Policy
from pipeline.disclosure.roles import Role, Roles
from pipeline.disclosure.usual import Usual
from pipeline.errors import ReleaseDamaged, RequestRefused, SettingWrong
from pipeline.identity.usable import OutputKind
from pipeline.releases.manifest import HOUSEHOLDS, MANIFEST, REQUEST
from pipeline.releases.recoding import usual_as_written
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
    files = list(_files(folder))
    usual = {path: said.usual for path, said in usual_as_written(folder).items()}
    return [_evidence(folder, kind, path, asked, usual, policy, population) for kind, path in files]


def counts_households(folder: Path) -> frozenset[str]:
    """The files of which the manifest promises that k counts households, which cannot be counted here."""
    described = _described(folder)
    return frozenset(file["path"] for _, file in described if file.get("k_counts") == HOUSEHOLDS)


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
    yield from ((kind, folder / file["path"]) for kind, file in _described(folder))


def _described(folder: Path) -> list[tuple[OutputKind, dict[str, Any]]]:
    """Each data file as the manifest describes it, and the kind of its output."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        files = [(OutputKind(o["kind"]), dict(file)) for o in told["outputs"] for file in o["files"]]
        return [(kind, file | {"path": str(file["path"])}) for kind, file in files]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise _damaged(folder, MANIFEST) from None


def _evidence(
    folder: Path,
    kind: OutputKind,
    path: Path,
    asked: dict[str, Output],
    usual: Mapping[str, Usual],
    policy: Policy,
    population: pl.DataFrame | None,
) -> Evidence:
    name = path.relative_to(folder).as_posix()
    if kind is not OutputKind.COARSENED:
        return Evidence(name=name, kind=kind)
    output = asked[path.stem]
    targets: dict[str, Any] = dict(output.targets())
    t = min(targets.pop("t", 1.0), policy.t or 1.0)
    roles = roles_of(output.approved(path.stem), output.weights, **targets)
    roles = roles.model_copy(update={"k": max(roles.k, policy.k or 1)})
    # How far a class may be from the table before coarsening cannot be held against the file alone.
    roles = _with_t(roles, usual.get(name, {}), t)
    try:
        frame = pl.read_parquet(path, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError):
        raise _damaged(folder, name) from None
    return gather(name, frame, roles, policy, population=population)


def _with_t(roles: Roles, usual: Usual, t: float) -> Roles:
    """The roles with that t of the sensitive columns of which the manifest says what is usual."""
    said = {name for name in roles.named(Role.SENSITIVE) if name in usual}
    columns = {
        name: column.model_copy(update={"t": t}) if name in said else column
        for name, column in roles.columns.items()
    }
    return roles.model_copy(update={"columns": columns}).with_usual(usual)


def _damaged(folder: Path, name: str) -> ReleaseDamaged:
    return ReleaseDamaged(
        f"{name} of {folder.name} cannot be read.",
        instead="Nothing was measured.",
        do=f"See what is wrong with it: uttrekk verify {folder}",
    )
