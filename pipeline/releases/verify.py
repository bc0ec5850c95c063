"""Check a published release: every byte against its checksums, its version, and its classes measured anew.

The manifest is not believed. What was asked for is read from the request, what a kind of output is called
from `words`, how large a class must be from the request and the verifier, and the rest is measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import code_version
from pipeline.disclosure import verify as verifier
from pipeline.disclosure.roles import Mode
from pipeline.disclosure.tables import BASE, Marker
from pipeline.errors import NotVerified, PipelineError
from pipeline.identity.usable import OutputKind
from pipeline.releases.coarsened import Levels
from pipeline.releases.codebook import codebook
from pipeline.releases.crosswalk import NAME as CROSSWALK
from pipeline.releases.data_files import CUTS_FOLDER, FOLDER
from pipeline.releases.manifest import (
    CERTIFICATE,
    CHECKSUMS,
    HOUSEHOLDS,
    MANIFEST,
    README,
    REQUEST,
    checksums,
    readme,
    sha256,
    version_of,
)
from pipeline.releases.words import KIND_LABELS
from pipeline.requests.request import Whose, load, read
from schemas import BY_NAME
from schemas.variable import fingerprint

# What a description of another shape than ours leads to; a verifier reports, it does not fall over.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, OSError)


@dataclass(frozen=True)
class Verified:
    """What was found: no `problems` means the release is what was published. `facts` are for the reader.

    `is_release` is False where the folder is none at all, so that nothing can be said of it.
    """

    problems: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    is_release: bool = True


def verify(folder: Path) -> Verified:
    """Read everything in the release's folder and compare; nothing is written and nothing raised."""
    try:
        folder = folder.resolve()
        if not any((folder / name).is_file() for name in (MANIFEST, CHECKSUMS)):
            told = f"{folder} is not a release: it has no {MANIFEST} and no {CHECKSUMS}"
            return Verified(problems=(told,), is_release=False)
        files, problems = _files(folder)
        problems += _against_checksums(files)
    except _UNREADABLE:
        return Verified(problems=("its files cannot be read",))
    try:
        manifest = json.loads(files[MANIFEST])
        request = read(folder / REQUEST)
        problems += _against_manifest(folder, manifest, files)
        if not all(map(_is_protected, _figures(manifest))):
            problems.append(f"{MANIFEST} shows a count that is not rounded, or one that is suppressed")
        problems += _against_request(manifest, request)
        smallest, measured = _remeasured(folder, manifest, request, json.loads(files[CERTIFICATE]))
        problems += measured
        facts = _facts(manifest, len(files)) | {"smallest_class": smallest}
        if facts["schemas_unchanged"] and manifest["code"] == code_version():
            problems += _against_today(folder, manifest, files)
    except (*_UNREADABLE, PipelineError):
        return Verified(problems=(*problems, "its description cannot be read"))
    return Verified(problems=tuple(problems), facts=facts)


def _files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Every plain file by its path in the release, and what should not be there at all."""
    found = sorted(folder.rglob("*"))
    folders = [path for path in found if path.is_dir() and not path.is_symlink()]
    plain = [path for path in found if path.is_file() and not path.is_symlink()]
    strange = [
        f"{path.relative_to(folder)} is a link or no plain file"
        for path in found
        if path not in folders and path not in plain
    ]
    needed = {parent for path in plain for parent in path.parents}
    strange += [f"{path.relative_to(folder)} is an empty folder" for path in folders if path not in needed]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in plain}, strange


def _against_checksums(files: Mapping[str, bytes]) -> list[str]:
    if CHECKSUMS not in files:
        return [f"{CHECKSUMS} is missing"]
    listed = files[CHECKSUMS].decode("utf-8", "replace")
    pairs = [line.split("  ", 1) for line in listed.splitlines()]
    promised = {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
    here = {name: sha256(content) for name, content in files.items() if name != CHECKSUMS}
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


def _against_manifest(folder: Path, manifest: dict[str, Any], files: Mapping[str, bytes]) -> list[str]:
    promised = {f["path"]: f["sha256"] for output in manifest["outputs"] for f in output["files"]}
    here = {name: sha256(content) for name, content in files.items() if name.startswith(f"{FOLDER}/")}
    problems = [] if promised == here else [f"the data files are not those of {MANIFEST}"]
    cuts = [f["cuts"] for output in manifest["outputs"] for f in output["files"] if f.get("cuts")]
    stored = {name: sha256(content) for name, content in files.items() if name.startswith(f"{CUTS_FOLDER}/")}
    if {told["path"]: told["sha256"] for told in cuts} != stored:
        problems.append(f"the stored recodings are not those of {MANIFEST}")
    if version_of(here, files[REQUEST], manifest["schemas"]) != manifest["version"]:
        problems.append("the version is not that of these data files, this request and these schemas")
    if folder.name != f"{manifest['version']}+{manifest['as_of']}":
        problems.append(f"the folder is not called {manifest['version']}+{manifest['as_of']}")
    return problems


def _figures(described: Any) -> Iterator[dict[str, Any]]:
    """Every count that is told of persons or rows left out, however deep it stands."""
    if isinstance(described, dict):
        if "marker" in described:
            yield described
        described = list(described.values())
    if isinstance(described, list):
        for each in described:
            yield from _figures(each)


def _is_protected(figure: dict[str, Any]) -> bool:
    """Whether it is suppressed, which no number says, or so rounded that few are never told from none."""
    shown = figure["shown"]
    if figure["marker"] == Marker.SUPPRESSED:
        return shown is None
    return bool(shown) and shown % BASE == 0


def _against_request(manifest: dict[str, Any], request: dict[str, Any]) -> list[str]:
    """Where the manifest says something else than was asked for, or calls it something else than it is."""
    told = {"request": "id"} | {name: name for name in ("project", "title", "legal_basis")}
    asked = {name: request[field] for name, field in told.items()}
    asked["expires_on"] = str(request["expires_on"])
    problems = [f"{name} is not that of {REQUEST}" for name in asked if manifest[name] != asked[name]]
    wanted = {_path(name): _of(output) for output in request["outputs"] for name in output["tables"]}
    described = {f["path"]: _of(output) for output in manifest["outputs"] for f in output["files"]}
    by_itself = described.pop(_path(CROSSWALK), None)
    if wanted != described or by_itself not in (None, *wanted.values()) or _is_coarsened(by_itself):
        problems.append(f"the outputs are not those of {REQUEST}")
    labels = {kind.value: label.model_dump() for kind, label in KIND_LABELS.items()}
    problems += [
        f"the label of {output['kind']} is not the one such an output has"
        for output in manifest["outputs"]
        if labels.get(output["kind"]) != output["label"]
    ]
    return [*problems, *_decided(manifest, request)]


def _decided(manifest: dict[str, Any], request: dict[str, Any]) -> Iterator[str]:
    """Files that are called anonymous by whom the request does not name, or are not called so as it says."""
    asked = {
        _path(name): output.get("anonymous") for output in request["outputs"] for name in output["tables"]
    }
    for described in (f for output in manifest["outputs"] for f in output["files"] if "measured" in f):
        said = asked.get(described["path"])
        decision = said and {"by": said["by"], "on": said["on"].isoformat(), "why": said["why"]}
        if described["measured"]["anonymous_by_decision_of"] != decision:
            yield f"{described['path']} is called anonymous otherwise than {REQUEST} says"


def _of(output: dict[str, Any]) -> tuple[str, str]:
    """What kind of output it is, and whose."""
    return output["kind"], output.get("population", Whose.EVERYONE.value)


def _is_coarsened(of: tuple[str, str] | None) -> bool:
    return of is not None and of[0] == OutputKind.COARSENED


def _path(name: str) -> str:
    return f"{FOLDER}/{name}.parquet"


def _remeasured(
    folder: Path, manifest: dict[str, Any], request: dict[str, Any], certificates: list[dict[str, Any]]
) -> tuple[dict[str, int], list[str]]:
    """The smallest class of each coarsened file, measured again, and what is wrong with the files."""
    smallest: dict[str, int] = {}
    problems = []
    certified = {certificate["file"]: certificate for certificate in certificates}
    least = {
        _path(name): max(verifier.LEAST_K, output.get("k", verifier.LEAST_K))
        for output in request["outputs"]
        if output["kind"] == OutputKind.COARSENED
        for name in output["tables"]
    }
    for described in (f for output in manifest["outputs"] for f in output["files"]):
        name, k = described["path"], least.get(described["path"])
        certificate = certified.get(Path(name).name)
        if certificate is None or certificate["sha256"] != described["sha256"]:
            problems.append(f"{name} has no certificate")
            continue
        problems += _looser(described, name, request) if k is not None else []
        try:
            found, wrong = _measured(folder / name, described, certificate, k)
        except (duckdb.Error, pa.ArrowException, OSError):
            problems.append(f"{name} cannot be read")
            continue
        problems += wrong
        if found is not None and described["rows"]:
            smallest[name] = found
    return smallest, problems


def _looser(described: dict[str, Any], name: str, request: dict[str, Any]) -> list[str]:
    """Where the manifest has looser targets than the request or the verifier, or left too much out."""
    (asked,) = [output for output in request["outputs"] if Path(name).stem in output["tables"]]
    limits = {
        "k": max(verifier.LEAST_K, asked.get("k", verifier.LEAST_K)),
        "t": min(verifier.MOST_T, asked.get("t", verifier.MOST_T)),
        "suppression": min(verifier.MOST_SUPPRESSED, asked.get("suppression", verifier.MOST_SUPPRESSED)),
    }
    looser = [
        target
        for target, limit in limits.items()
        if (described[target] < limit if target == "k" else described[target] > limit)
    ]
    problems = [f"{name} is described with another {target} than was asked for" for target in looser]
    # What is shown is rounded to the nearest BASE: so many rows may be told that were not left out.
    out = (described["suppressed_rows"]["shown"] or 0) - BASE
    if out > limits["suppression"] * (described["rows"] + out):
        problems.append(f"{name} leaves more rows out than may be")
    limits = {variable: told["codes"] for variable, told in described["coarsest"].items()}
    if limits != asked.get("coarsest", {}):
        problems.append(f"{name} is described with other coarsest levels than were asked for")
    if described["k_counts"] != HOUSEHOLDS:
        problems.append(f"{name} is described with a k that counts something else than {HOUSEHOLDS}")
    if (described["levels"] is None) is not (asked.get("mode") == Mode.CLASS):
        problems.append(f"{name} is described with another mode than was asked for")
    if described["recoding"] == Levels.NEW and described["usual_anew"] != sorted(described["usual"] or ()):
        problems.append(f"{name} has a new recoding, and tells of shares that were not counted in it")
    return problems


def _told(described: dict[str, Any], k: int | None) -> dict[str, Any]:
    """What a coarsened file is measured against: the targets and levels that the manifest says it meets."""
    if k is None:
        return {}
    levels = described["levels"]
    return {
        "k": max(k, described["k"]),
        "t": described["t"],
        "levels": None if levels is None else {name: told["level"] for name, told in levels.items()},
        "coarsest": {name: told["level"] for name, told in described["coarsest"].items()},
        "usual": described.get("usual"),
        "anew": described["usual_anew"],
    }


def _measured(
    path: Path, described: dict[str, Any], certificate: dict[str, Any], k: int | None
) -> tuple[int | None, list[str]]:
    """One file's smallest class, and what is wrong with it; `k` is None where it is not coarsened.

    By today's declaration, with every rule of the verifier; a table declared otherwise since is measured
    by what its certificate says its classes are made of.
    """
    table = BY_NAME.get(described["table"])
    if table is not None and fingerprint(table) == certificate["schema"]:
        try:
            now = verifier.verify(
                path, table, coarsened=k is not None, rows=described["rows"], **_told(described, k)
            )
        except NotVerified as refused:
            return None, [refused.happened.rstrip(".")]
        wrong = [] if now == certificate else [f"{path.name} is not what its certificate says"]
        wrong += (
            [] if now["columns"] == described["columns"] else [f"{path.name} has other columns than told"]
        )
        return now.get("k_measured"), wrong
    wrong = []
    if not pq.read_metadata(path).num_rows == described["rows"] == certificate["rows"]:
        wrong.append(f"{path.name} has another number of rows than {MANIFEST} says")
    if k is None:
        return None, wrong
    found = int(verifier.measure(path, certificate["class_by"])["k_measured"])
    if described["rows"] and found < k:
        wrong.append(f"{path.name} has classes of fewer than {k}")
    return found, wrong


def _against_today(folder: Path, manifest: dict[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """Where the texts are not those this code writes; asked only of a release of this code and schema."""
    request = load(folder / REQUEST)
    described = [f for output in manifest["outputs"] for f in output["files"]]
    texts = codebook(
        request, crosswalk=_path(CROSSWALK) in files, unfit=manifest["unfit"], described=described
    )
    texts[README] = readme(request, manifest["version"], date.fromisoformat(manifest["as_of"]))
    return [f"{name} is not that of this release" for name in sorted(texts) if files.get(name) != texts[name]]


def _facts(manifest: dict[str, Any], files: int) -> dict[str, Any]:
    """What the reader is told. Another schema now is no fault of the release, but worth knowing."""
    now = {name: fingerprint(BY_NAME[name]) for name in manifest["schemas"] if name in BY_NAME}
    return {
        "request": manifest["request"],
        "version": manifest["version"],
        "as_of": manifest["as_of"],
        "files": files,
        "rows": {f["path"]: f["rows"] for output in manifest["outputs"] for f in output["files"]},
        "outputs": [_told_of(output) for output in manifest["outputs"]],
        "schemas_unchanged": now == manifest["schemas"],
    }


def _told_of(output: dict[str, Any]) -> dict[str, Any]:
    """What an output is called, its files, and who decided that which of them is anonymous."""
    measured = {file["path"]: file["measured"] for file in output["files"] if "measured" in file}
    decided = {path: found["anonymous_by_decision_of"] for path, found in measured.items()}
    return {
        "kind": output["kind"],
        "label": output["label"],
        "files": [file["path"] for file in output["files"]],
        "decided": {path: decision for path, decision in decided.items() if decision},
    }
