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
from pipeline.releases.recoding import (
    SaidUsual,
    recoding_files,
    stored_recodings,
    stored_usual,
    usual_as_written,
)
from pipeline.releases.renewal import forget_waiting, note_waiting, waits
from pipeline.releases.sources import Sources
from pipeline.requests.preview import QualityFacts, unfit_variables
from pipeline.requests.request import Request
from schemas.research import Crosswalk
from schemas.variable import table_name


@dataclass(frozen=True)
class Released:
    """What became of a request: where its version stands, whether it is new, and what is in it.

    Where it `waits`, nothing was published: `published` is the version that stands, `built` what waits.
    """

    published: Published
    built: tuple[Built, ...]
    waits: bool = False


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
    chosen = _chosen(request, sources, unusable, as_of)
    pseudonymised = any(output.kind is OutputKind.PSEUDONYMISED for output in request.outputs)
    key = keys.project_key(request.project) if pseudonymised else None
    # A backfill before every version takes the cuts of the one in force: two nights cut alike tell less.
    folder = releases / request.id
    standing = before(folder, as_of) or in_force(folder)
    held_to = of_releases(policy)
    stored = stored_recodings(standing, request)
    built = build(request, sources, chosen, key, held_to, stored, stored_usual(standing, stored))
    if standing is not None and waits(request, built, folder, as_of):
        note_waiting(folder, as_of)
        return Released(Published(standing.folder, standing.version, new=False), tuple(built), waits=True)
    if key is not None and succession is not None:
        built += _crosswalk(request, chosen, sources, succession, held, built, key, releases)
    homes = homes_of(sources.family, pseudonyms(sources.person["person_key"], key)) if key else None
    evidence = evidence_of(request, built, sources, held_to, standing, as_of, homes)
    data = {path_of(b): parquet(b) for b in built}
    cuts, asked_for = recoding_files(built), request_text(request)
    hashes = {path: sha256(content) for path, content in (data | cuts).items()}
    version = version_of({path: hashes[path] for path in data}, asked_for, schemas_of(built))
    marks = unfit_variables(quality) if quality is not None else []
    number = next_number(folder)
    about = manifest(
        request, version, as_of, built, hashes, chosen, unusable, inputs, key, number, ledger, marks, evidence
    )
    files = data | cuts | {REQUEST: asked_for, MANIFEST: as_bytes(about)}
    files |= _texts(request, version, as_of, about) | certificate_files(request, version, as_of, evidence)
    files |= quality_files(quality, as_of) if quality is not None else {}
    done = publish(files, folder, version, as_of, lambda staged: {CERTIFICATE: certify(staged, built)}, fs)
    forget_waiting(folder)
    return Released(published=done, built=tuple(built))


def _chosen(request: Request, sources: Sources, unusable: pl.DataFrame, as_of: date) -> list[Chosen]:
    """Whose rows each output holds, in the request's order."""
    usable = {o.kind: usable_persons(sources.person, unusable, o.kind) for o in request.outputs}
    return [choose(output, usable[output.kind], sources, as_of) for output in request.outputs]


def _texts(request: Request, version: str, as_of: date, about: Mapping[str, Any]) -> dict[str, bytes]:
    """What a reader opens, by what the manifest is `about`: the README and the codebooks."""
    described = [file for output in about["outputs"] for file in output["files"]]
    crosswalk = table_name(Crosswalk) in [file["table"] for file in described]
    books = codebook(request, crosswalk=crosswalk, unfit=about["unfit"], described=described)
    return books | {README: readme(request, version, as_of)}


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

    A coarsened file is also compared with what it was made from, by a verifier that reads both. What is usual
    is read from the manifest as written: nobody who reads the release knows of any other.
    """
    told = usual_as_written(staged) if any(b.recoded for b in built) else {}
    nothing = SaidUsual({}, ())
    return as_bytes([_certificate(staged / path_of(b), b, told.get(path_of(b), nothing)) for b in built])


def _certificate(path: Path, built: Built, said: SaidUsual) -> dict[str, Any]:
    done = built.recoded
    if done is None:
        return verifier.verify(path, built.table, coarsened=False, rows=built.frame.height)
    lines = {c.name: c.about.codes.lines() for c in built.columns if c.about.coarsened and c.about.codes}
    must_hold = asked(done.roles, path.parent)
    rules = {
        name: replace(rule, usual=said.usual.get(name, {})) for name, rule in must_hold.sensitive.items()
    }
    told = replace(must_hold, lines=lines, levels=done.made.levels, sensitive=rules)
    homes = None if done.made.homes is None else done.made.homes.to_frame()
    verify_engine.verify(done.before.with_columns(done.homes), path, told, homes)
    return verifier.verify(
        path,
        built.table,
        coarsened=True,
        rows=built.frame.height,
        k=done.roles.k,
        t=done.roles.least_t(),
        levels=done.made.levels,
        coarsest=done.roles.coarsest(),
        usual=said.usual,
        anew=said.anew,
    )
