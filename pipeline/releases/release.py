"""One request, from frames to a published version: what the steps of this room are called in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.disclosure import verify as verifier
from pipeline.disclosure import verify_engine
from pipeline.disclosure.policy import of_releases
from pipeline.disclosure.roles import asked
from pipeline.identity.keys import Keys, ProjectKey, pseudonyms
from pipeline.identity.usable import OutputKind, usable_persons
from pipeline.releases.build import Built, Chosen, build, choose
from pipeline.releases.certified import certificate_files, evidence_of
from pipeline.releases.codebook import codebook
from pipeline.releases.courses import homes_of
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
from pipeline.releases.publish import FileSystem, Published, before, in_force, next_number, publish
from pipeline.releases.quality_facts import quality_files
from pipeline.releases.recoding import recoding_files, stored_recodings
from pipeline.releases.sources import Sources
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
    policy: Path | None = None,
) -> Released:
    """Build, describe, certify and publish the request's version of `as_of` under `releases/<request id>`.

    `unusable` holds (person_key, reason) for everybody with a reason not to be used, `succession` the keys
    that persons had before, `held` the keys that records have now beside those of `sources`, `ledger` what
    the manifest tells of the ledger of keys, `quality` what the night knows of the fields behind the request,
    `policy` the municipality's own policy of disclosure where it has one. Raises RequestRefused where the
    grant has run out, the policy demands more than is asked for, or a variable is new in it that a steward
    has marked unfit; TargetUnreachable where no coarsening meets the targets; and NotVerified where an attack
    comes further than the policy lets it, or the verifier does not pass the files as written. Nothing is
    published then.
    """
    refuse_version(request, quality, releases, as_of)
    kinds = [output.kind for output in request.outputs]
    usable = {kind: usable_persons(sources.person, unusable, kind) for kind in kinds}
    chosen = [choose(output, usable[output.kind], sources, as_of) for output in request.outputs]
    key = keys.project_key(request.project) if OutputKind.PSEUDONYMISED in kinds else None
    # A backfill before every version takes the cuts of the one in force: two nights cut alike tell less.
    standing = before(releases / request.id, as_of) or in_force(releases / request.id)
    held_to = of_releases(policy)
    built = build(request, sources, chosen, key, held_to, stored_recodings(standing, request))
    if key is not None and succession is not None:
        built += _crosswalk(request, chosen, sources, succession, held, built, key, releases)
    homes = homes_of(sources.family, pseudonyms(sources.person["person_key"], key)) if key else None
    evidence = evidence_of(request, built, sources, held_to, standing, as_of, homes)
    files = {path_of(b): parquet(b) for b in built} | {REQUEST: request_text(request)}
    hashes = {path_of(b): sha256(files[path_of(b)]) for b in built}
    version = version_of(hashes, files[REQUEST], schemas_of(built))
    cuts = recoding_files(built)
    files |= cuts
    hashes |= {path: sha256(content) for path, content in cuts.items()}
    folder = releases / request.id
    number = next_number(folder)
    marks = unfit_variables(quality) if quality is not None else []
    about = manifest(
        request, version, as_of, built, hashes, chosen, unusable, inputs, key, number, ledger, marks, evidence
    )
    files |= {MANIFEST: as_bytes(about), README: readme(request, version, as_of)}
    described = [file for output in about["outputs"] for file in output["files"]]
    files |= codebook(
        request, crosswalk=Crosswalk in [b.table for b in built], unfit=marks, described=described
    )
    files |= certificate_files(request, version, as_of, evidence)
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
    """The verifier's certificates of all data files as written, or NotVerified.

    A coarsened file is also compared with what it was made from, by a verifier that reads both.
    """
    return as_bytes([_certificate(staged / path_of(b), b) for b in built])


def _certificate(path: Path, built: Built) -> dict[str, Any]:
    done = built.recoded
    if done is None:
        return verifier.verify(path, built.table, coarsened=False, rows=built.frame.height)
    lines = {c.name: c.about.codes.lines() for c in built.columns if c.about.coarsened and c.about.codes}
    must_hold = asked(done.roles, path.parent)
    told = replace(must_hold, lines=lines, levels=done.made.levels)
    verify_engine.verify(done.before, path, told)
    return verifier.verify(
        path,
        built.table,
        coarsened=True,
        rows=built.frame.height,
        k=done.roles.k,
        t=done.roles.least_t(),
        levels=done.made.levels,
        coarsest=done.roles.coarsest(),
    )
