"""Check a published release: every byte against its checksums, its version, and its classes measured anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.disclosure.verify import class_columns, measure
from pipeline.releases.data_files import FOLDER
from pipeline.releases.manifest import (
    CERTIFICATE,
    CHECKSUMS,
    MANIFEST,
    REQUEST,
    checksums,
    sha256,
    version_of,
)
from schemas import BY_NAME
from schemas.variable import columns, fingerprint


@dataclass(frozen=True)
class Verified:
    """What was found: no `problems` means the release is what was published. `facts` are for the reader."""

    problems: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)


def verify(folder: Path) -> Verified:
    """Read everything in the release's folder and compare; nothing is written and nothing raised."""
    if not (folder / MANIFEST).is_file() or not (folder / CHECKSUMS).is_file():
        return Verified(problems=(f"{folder} is not a release: it has no {MANIFEST} or no {CHECKSUMS}",))
    files, strange = _files(folder)
    hashes = {name: sha256(content) for name, content in files.items()}
    problems = [*strange, *_against_checksums(files, hashes)]
    try:
        manifest = json.loads(files[MANIFEST])
        certificates = {c["file"]: c for c in json.loads(files[CERTIFICATE])}
        problems += _against_manifest(folder, manifest, hashes, files.get(REQUEST, b""))
        smallest, measured = _remeasured(folder, manifest, certificates)
        problems += measured
        facts = _facts(manifest, len(files)) | {"smallest_class": smallest}
    except (ValueError, KeyError, TypeError, AttributeError):
        return Verified(problems=(*problems, "its description cannot be read"))
    return Verified(problems=tuple(problems), facts=facts)


def _files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Every plain file by its path in the release, and what should not be there at all."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    strange = [f"{path.relative_to(folder)} is a link or no plain file" for path in found if not _plain(path)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if _plain(path)}, strange


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _against_checksums(files: Mapping[str, bytes], hashes: Mapping[str, str]) -> list[str]:
    listed = files[CHECKSUMS].decode("utf-8", "replace")
    pairs = [line.split("  ", 1) for line in listed.splitlines()]
    promised = {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
    here = {name: digest for name, digest in hashes.items() if name != CHECKSUMS}
    problems = [f"{name} is missing" for name in sorted(set(promised) - set(here))]
    problems += [f"{name} is not in {CHECKSUMS}" for name in sorted(set(here) - set(promised))]
    problems += [
        f"{name} is not what was published"
        for name in sorted(set(here) & set(promised))
        if here[name] != promised[name]
    ]
    if not problems and checksums(here) != files[CHECKSUMS]:
        problems.append(f"{CHECKSUMS} is not written as it was published")
    return problems


def _against_manifest(
    folder: Path, manifest: dict[str, Any], hashes: Mapping[str, str], request: bytes
) -> list[str]:
    promised = {f["path"]: f["sha256"] for output in manifest["outputs"] for f in output["files"]}
    here = {name: digest for name, digest in hashes.items() if name.startswith(f"{FOLDER}/")}
    problems = [] if promised == here else [f"the data files are not those of {MANIFEST}"]
    if version_of(here, request, manifest["schemas"]) != manifest["version"]:
        problems.append("the version is not that of these data files, this request and these schemas")
    if folder.name != f"{manifest['version']}+{manifest['as_of']}":
        problems.append(f"the folder is not called {manifest['version']}+{manifest['as_of']}")
    return problems


def _remeasured(
    folder: Path, manifest: dict[str, Any], certificates: Mapping[str, dict[str, Any]]
) -> tuple[dict[str, int], list[str]]:
    """The smallest class of each coarsened file, measured again, and what is wrong with the files."""
    smallest: dict[str, int] = {}
    problems = []
    for described in (f for output in manifest["outputs"] for f in output["files"]):
        name = described["path"]
        certificate = certificates.get(Path(name).name)
        if certificate is None or certificate["sha256"] != described["sha256"]:
            problems.append(f"{name} has no certificate")
            continue
        try:
            if pq.read_metadata(folder / name).num_rows != described["rows"]:
                problems.append(f"{name} has another number of rows than {MANIFEST} says")
            if "k" in described and described["rows"]:
                smallest[name] = _smallest_class(folder / name, certificate)
        except (duckdb.Error, pa.ArrowException, OSError):
            problems.append(f"{name} cannot be read")
        if smallest.get(name, described.get("k", 0)) < described.get("k", 0):
            problems.append(f"{name} has classes of fewer than {described['k']}")
    return smallest, problems


def _smallest_class(path: Path, certificate: dict[str, Any]) -> int:
    """By today's declaration; a table declared otherwise since is measured by what its certificate says."""
    table = BY_NAME.get(certificate["table"])
    if table is None or fingerprint(table) != certificate["schema"]:
        return int(measure(path, certificate["class_by"])["k_measured"])
    declared = {c.name: c for c in columns(table)}
    return int(
        measure(path, class_columns([declared[name] for name in certificate["columns"]]))["k_measured"]
    )


def _facts(manifest: dict[str, Any], files: int) -> dict[str, Any]:
    """What the reader is told. Another schema now is no fault of the release, but worth knowing."""
    now = {name: fingerprint(BY_NAME[name]) for name in manifest["schemas"] if name in BY_NAME}
    return {
        "request": manifest["request"],
        "version": manifest["version"],
        "as_of": manifest["as_of"],
        "files": files,
        "rows": {f["path"]: f["rows"] for output in manifest["outputs"] for f in output["files"]},
        "labels": {output["kind"]: output["label"] for output in manifest["outputs"]},
        "schemas_unchanged": now == manifest["schemas"],
    }
