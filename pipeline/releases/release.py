"""One request, from frames to a published version: what the steps of this room are called in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.disclosure import verify as verifier
from pipeline.identity.keys import Keys, ProjectKey
from pipeline.identity.usable import OutputKind, usable_persons
from pipeline.releases.build import Built, Chosen, Sources, build, choose
from pipeline.releases.codebook import codebook
from pipeline.releases.crosswalk import crosswalk
from pipeline.releases.data_files import parquet, path_of
from pipeline.releases.fitness import refuse_version
from pipeline.releases.manifest import (
    CERTIFICATE,
    MANIFEST,
    README,
    REQUEST,
    Input,
    as_bytes,
    manifest,
    readme,
    request_text,
    schemas_of,
    sha256,
    version_of,
)
from pipeline.releases.publish import FileSystem, Published, next_number, publish
from pipeline.releases.quality_facts import quality_files
from pipeline.requests.preview import QualityFacts, unfit_variables
from pipeline.requests.request import Request
from schemas.research import Crosswalk


@dataclass(frozen=True)
class Released:
    """What became of a request: where its version stands, whether it is new, and what is in it."""

    published: Published
    built: tuple[Built, ...]


def release(
    request: Request,
    sources: Sources,
    unusable: pl.DataFrame,
    keys: Keys,
    inputs: Sequence[Input],
    releases: Path,
    as_of: date,
    fs: FileSystem | None = None,
    *,
    succession: pl.DataFrame | None = None,
    held: pl.DataFrame | None = None,
    ledger: Mapping[str, Any] | None = None,
    quality: QualityFacts | None = None,
) -> Released:
    """Build, describe, certify and publish the request's version of `as_of` under `releases/<request id>`.

    `unusable` holds (person_key, reason) for everybody with a reason not to be used, `succession` the keys
    that persons had before, `held` the keys that records have now beside those of `sources`, `ledger` what
    the manifest tells of the ledger of keys, `quality` what the night knows of the fields behind the request.
    Raises RequestRefused where the grant has run out, too much would be suppressed, or a variable is new
    in it that a steward has marked unfit; and NotVerified where the verifier does not pass the files as
    written. Nothing is published then.
    """
    refuse_version(request, quality, releases, as_of)
    kinds = [output.kind for output in request.outputs]
    usable = {kind: usable_persons(sources.person, unusable, kind) for kind in kinds}
    chosen = [choose(output, usable[output.kind], sources, as_of) for output in request.outputs]
    key = keys.project_key(request.project) if OutputKind.PSEUDONYMISED in kinds else None
    built = build(request, sources, chosen, key)
    if key is not None and succession is not None:
        built += _crosswalk(request, chosen, sources, succession, held, built, key, releases)
    files = {path_of(b): parquet(b) for b in built} | {REQUEST: request_text(request)}
    hashes = {path_of(b): sha256(files[path_of(b)]) for b in built}
    version = version_of(hashes, files[REQUEST], schemas_of(built))
    folder = releases / request.id
    number = next_number(folder)
    marks = unfit_variables(quality) if quality is not None else []
    about = manifest(
        request, version, as_of, built, hashes, chosen, unusable, inputs, key, number, ledger, marks
    )
    files |= {MANIFEST: as_bytes(about), README: readme(request, version, as_of)}
    files |= codebook(request, crosswalk=Crosswalk in [b.table for b in built], unfit=marks)
    files |= quality_files(quality, as_of) if quality is not None else {}
    done = publish(files, folder, version, as_of, lambda staged: {CERTIFICATE: certify(staged, built)}, fs)
    return Released(published=done, built=tuple(built))


def _crosswalk(
    request: Request,
    chosen: Sequence[Chosen],
    sources: Sources,
    succession: pl.DataFrame,
    held: pl.DataFrame | None,
    built: Sequence[Built],
    key: ProjectKey,
    releases: Path,
) -> list[Built]:
    """The table of pseudonyms that ended, where any did."""
    pseudonymised = [output.kind is OutputKind.PSEUDONYMISED for output in request.outputs]
    of_them = [c.persons for c, holds in zip(chosen, pseudonymised, strict=True) if holds]
    everybody = [sources.person, *([] if held is None else [held])]
    all_held = pl.concat(frame.select("person_key") for frame in everybody).unique()
    told = crosswalk(succession, pl.concat(of_them).unique(), all_held, built, key, releases)
    return [told] if told is not None else []


def certify(staged: Path, built: Sequence[Built]) -> bytes:
    """The verifier's certificates of all data files as written, or NotVerified."""
    return as_bytes(
        [
            verifier.verify(
                staged / path_of(b),
                b.table,
                coarsened=b.kind is OutputKind.COARSENED,
                rows=b.frame.height,
                k=b.k or verifier.LEAST_K,
            )
            for b in built
        ]
    )
