"""What a release says about itself: its version, where it comes from, what was left out, how to check it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl
import yaml

from pipeline.config import code_version
from pipeline.disclosure.certificate import summary
from pipeline.disclosure.certificate_text import DECIDED
from pipeline.disclosure.coarsen import level_name
from pipeline.disclosure.evidence import Evidence
from pipeline.disclosure.shown import of_kept
from pipeline.disclosure.tables import BASE, THRESHOLD, protect_list
from pipeline.identity.keys import ProjectKey
from pipeline.identity.usable import POLICY, OutputKind
from pipeline.releases.build import Built, Chosen
from pipeline.releases.coarsened import Recoded
from pipeline.releases.data_files import cuts_path, path_of
from pipeline.releases.words import KIND_LABELS, WHAT_IT_MEANS, WHOSE
from pipeline.requests.request import Output, Request
from schemas.variable import Column, Identifiability, fingerprint, table_name

VERSION_DIGITS = 12
ROWS, HOUSEHOLDS = "rows", "households"  # what k counts
LOSS_PLACES = 2
MANIFEST, CERTIFICATE, REQUEST, CHECKSUMS, README = (
    "manifest.json",
    "certificate.json",
    "request.yaml",
    "checksums.txt",
    "README.txt",
)


@dataclass(frozen=True)
class Input:
    """A snapshot the release was made from; `id` is the hash of its content. No row counts: with those of
    the release, they would tell how many were left out."""

    source: str
    name: str
    id: str


def sha256(content: bytes) -> str:
    """The hash by which a file is known."""
    return hashlib.sha256(content).hexdigest()


def request_text(request: Request) -> bytes:
    """The request as it goes into the release: it depends on what was asked for, not on a file's layout.

    It can be read as a request again.
    """
    plain = json.loads(request.canonical) | {"expires_on": request.expires_on}
    for output, asked in zip(plain["outputs"], request.outputs, strict=True):
        for name, decided in asked.decisions().items():
            output[name]["on"] = decided.on
    return yaml.safe_dump(plain, sort_keys=True, allow_unicode=True).encode()


def version_of(data: Mapping[str, str], request: bytes, schemas: Mapping[str, str]) -> str:
    """The identity of a version: data files (path -> SHA-256), request, schemas (table -> fingerprint)."""
    told = [sorted(data.items()), sha256(request), sorted(schemas.items())]
    return sha256(json.dumps(told).encode())[:VERSION_DIGITS]


def schemas_of(built: Sequence[Built]) -> dict[str, str]:
    """Table -> fingerprint for every table of the release."""
    return {table_name(b.table): fingerprint(b.table) for b in built}


def manifest(
    request: Request,
    version: str,
    as_of: date,
    built: Sequence[Built],
    hashes: Mapping[str, str],
    chosen: Sequence[Chosen],
    unusable: pl.DataFrame,
    inputs: Sequence[Input],
    key: ProjectKey | None,
    number: int,
    ledger: Mapping[str, Any] | None = None,
    unfit: Sequence[Mapping[str, Any]] = (),
    evidence: Mapping[str, Evidence] | None = None,
) -> dict[str, Any]:
    """Everything the release says about itself.

    `chosen` holds the persons of each output, in the request's order, `unusable` (person_key, reason).
    `number` is the version's place in the order of publishing; it is no part of the version. `ledger` is
    about how long the ledger of internal keys was, and its hash: a shorter one is known for a lost one by
    it. `unfit` are the stewards' marks on fields that its variables rest on, on the day it was published; no
    part of the version either. `evidence` is what was measured of each file, by path.
    """
    return {
        "request": request.id,
        "project": request.project,
        "version": version,
        "number": number,
        "as_of": as_of.isoformat(),
        "title": request.title.model_dump(),
        "legal_basis": request.legal_basis,
        "expires_on": request.expires_on.isoformat(),
        "outputs": [
            _output(output, whose, _files(request, output, built), hashes, unusable, evidence or {})
            for output, whose in zip(request.outputs, chosen, strict=True)
        ],
        "inputs": sorted((asdict(i) for i in inputs), key=lambda i: (i["source"], i["name"])),
        "code": code_version(),
        "schemas": schemas_of(built),
        "key": {"id": key.id, "epoch": key.epoch} if key else None,
        "ledger": dict(ledger) if ledger else None,
        "disclosure_control": {"threshold": THRESHOLD, "rounded_to": BASE},
        "unfit": [dict(mark) for mark in unfit],
    }


def as_bytes(content: Any) -> bytes:
    """JSON, the same bytes every time."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def readme(request: Request, version: str, as_of: date) -> bytes:
    """The first file a reader opens, in Norwegian and English."""
    cite = f"{request.id}, {version}, {as_of.isoformat()}"
    lines = [request.title.nb, request.title.en, ""]
    for output in request.outputs:
        kind, whose = output.kind, WHOSE.get(output.population)
        lines += [
            f"{KIND_LABELS[kind].nb}: {WHAT_IT_MEANS[kind].nb}" + (f" {whose.nb}" if whose else ""),
            f"{KIND_LABELS[kind].en}: {WHAT_IT_MEANS[kind].en}" + (f" {whose.en}" if whose else ""),
            *_who_decided(output),
            "",
        ]
    lines += [
        "Data: data/*.parquet. Kodebok: codebook.nb.html. Opphav: manifest.json.",
        "Data: data/*.parquet. Codebook: codebook.en.html. Origin: manifest.json.",
        "Personvern, målt og angrepet: certificate.nb.html.",
        "Privacy, measured and attacked: certificate.en.html.",
        "",
        f"Siter som / cite as: {cite}",
        f"Kontroller / verify: sha256sum -c {CHECKSUMS}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _who_decided(output: Output) -> list[str]:
    """Who has decided that an output is anonymous, in both languages."""
    said = output.anonymous
    if said is None:
        return []
    return [
        words.format(by=said.by, on=said.on.isoformat(), why=said.why) for words in (DECIDED.nb, DECIDED.en)
    ]


def checksums(hashes: Mapping[str, str]) -> bytes:
    """Path -> SHA-256 as `sha256sum -c` reads it."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items())).encode()


def _files(request: Request, output: Output, built: Sequence[Built]) -> list[Built]:
    """The output's files; what nobody asks for by name stands under the first output of its kind."""
    asked_for = {name for each in request.outputs for name in each.tables}
    first = next(each for each in request.outputs if each.kind is output.kind)
    return [
        b
        for b in built
        if b.name in output.tables or (b.kind is output.kind and b.name not in asked_for and output is first)
    ]


def _output(
    output: Output,
    whose: Chosen,
    built: Sequence[Built],
    hashes: Mapping[str, str],
    unusable: pl.DataFrame,
    evidence: Mapping[str, Evidence],
) -> dict[str, Any]:
    counts = whose.not_resident
    return {
        "kind": output.kind.value,
        "label": KIND_LABELS[output.kind].model_dump(),
        "files": [_file(b, hashes) | _measured(evidence.get(path_of(b))) for b in built],
        "left_out": left_out_by_reason(output.kind, unusable),
        "population": output.population.value,
    } | ({"not_resident": _protected(counts)} if counts is not None else {})


def _file(built: Built, hashes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "path": path_of(built),
        "sha256": hashes[path_of(built)],
        "table": table_name(built.table),
        "rows": built.frame.height,
        "columns": [c.name for c in built.columns],
        "special_category": [c.name for c in built.columns if c.about.special_category],
        "pseudonym": any(c.about.identifiability is Identifiability.PSEUDONYM for c in built.columns),
    } | (_recoding(built, built.recoded, hashes) if built.recoded else {})


def _measured(evidence: Evidence | None) -> dict[str, Any]:
    """What was measured of a coarsened file, and who decided; of a pseudonymised one nothing is."""
    if evidence is None or evidence.kind is not OutputKind.COARSENED:
        return {}
    return {"measured": summary(evidence)}


def _recoding(built: Built, done: Recoded, hashes: Mapping[str, str]) -> dict[str, Any]:
    """The targets of a coarsened file, and what it took to meet them.

    `levels` has each variable's level and what it is called, None where levels differ by class: then `cuts`
    says where those stand. `usual` are the shares that t is from, in parts by column and code: of the columns
    `usual_anew` those that can be counted in this version, of others in an earlier one. `coarsest` is the
    highest level that was asked for, of the variables that have one. Losses are between 0 (every detail) and
    1 (none), of the rows that are there: with those left out in them, those could be counted.
    """
    cost, levels = done.made.cost, done.made.levels

    def loss(mean: float) -> float:
        return round(of_kept(mean, 1, cost.rows, cost.rows - cost.suppressed), LOSS_PLACES)

    named = {c.name: c for c in built.columns}
    return {
        "k": done.roles.k,
        "k_counts": ROWS if done.roles.household is None else HOUSEHOLDS,
        "t": done.roles.least_t(),
        "suppression": done.roles.suppression,
        "mode": done.roles.mode.value,
        "coarsest": _levels(named, done.roles.coarsest()),
        "suppressed_rows": _figure(cost.suppressed),
        "recoding": done.levels.value,
        "levels": None if levels is None else _levels(named, levels),
        "usual": done.made.usual,
        "usual_anew": list(done.made.usual_anew),
        "cuts": None
        if done.made.cuts is None
        else {"path": cuts_path(built), "sha256": hashes[cuts_path(built)]},
        "loss": loss(cost.loss),
        "loss_by_variable": {name: loss(lost) for name, lost in cost.by_attribute.items()},
    }


def _levels(named: Mapping[str, Column], levels: Mapping[str, int]) -> dict[str, Any]:
    """Levels by variable, each with what it is called."""
    return {name: {"level": level, "codes": level_name(named[name], level)} for name, level in levels.items()}


def _figure(count: int) -> dict[str, Any]:
    """One count as readers may see it: below the threshold, and a zero, suppressed; otherwise rounded."""
    shown = protect_list(pl.DataFrame({"what": [""], "n": [count]}), "what", "n").row(0, named=True)
    return {"shown": shown["shown"], "marker": shown["marker"]}


def left_out_by_reason(kind: OutputKind, unusable: pl.DataFrame) -> list[dict[str, Any]]:
    """For each reason that bars persons from this kind of output: how many, protected, and by which law."""
    barring = [p for p in POLICY if p.output is kind and not p.allowed]
    found = dict(unusable.group_by("reason").len("n").rows())
    figures = _protected({p.reason.value: found.get(p.reason.value, 0) for p in barring})
    return [
        {
            "reason": p.reason.value,
            "persons": figures[p.reason.value],
            "source": {"nb": p.source_nb, "en": p.source_en},
        }
        for p in barring
    ]


def _protected(counts: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Counts by what they count as readers may see them: suppressed, or rounded, and together as one list.

    Where any is suppressed, so is the smallest of the others, for whoever knows their sum. Which one that is
    depends on no suppressed count: what is hidden beside it would tell of it.
    """
    few = {what for what, count in counts.items() if count < THRESHOLD}
    others = sorted((count, what) for what, count in counts.items() if what not in few)
    hidden = few | {what for _, what in others[:1] if few}
    return {what: _figure(0 if what in hidden else count) for what, count in counts.items()}
