"""What a release is measured and attacked for before it is published, and the certificate that says so.

Evidence is gathered of every coarsened file; of pseudonymised ones there is nothing to measure: they are
personal data. The gate is here too: a release whose attacks come further than the policy lets them, or that
somebody has called anonymous without its targets being met, is refused. What comes of subtracting a version
from the one in force is measured and told, and limited only where a municipality's own policy says so. What
does not belong here: whether a version waits because of that (`releases.renewal`), what is measured
(`disclosure.evidence`) and how it is told (`disclosure.certificate`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from pipeline.disclosure.attacks.limits import refuse_beyond
from pipeline.disclosure.certificate import certificates
from pipeline.disclosure.certificate_parts import targets_met
from pipeline.disclosure.coarsen import hierarchies
from pipeline.disclosure.evidence import Decision, Evidence, Homes, gather
from pipeline.disclosure.policy import Policy
from pipeline.disclosure.population import coded_alike
from pipeline.errors import NotVerified, ReleaseDamaged, RequestRefused
from pipeline.releases import households
from pipeline.releases.build import Built
from pipeline.releases.coarsened import Recoded, finest
from pipeline.releases.courses import courses_in
from pipeline.releases.data_files import path_of
from pipeline.releases.publish import Standing
from pipeline.releases.sources import Sources
from pipeline.requests.request import Bilingual, Output, Request
from schemas.variable import facts


def evidence_of(
    request: Request,
    built: Sequence[Built],
    sources: Sources,
    policy: Policy,
    standing: Standing | None,
    as_of: date,
    homes: pl.DataFrame | None = None,
) -> dict[str, Evidence]:
    """The evidence of each data file, by its path in the release.

    `sources` are of everybody, those who may not be used too: they are the population that an attacker
    searches. `standing` is the version in force, which the new one is subtracted from. `homes` tells which
    pseudonyms live together (`courses.homes_of`). Raises NotVerified
    where an attack comes further than it may, or a decision is not borne out; RequestRefused where a
    decision is of a day that has not come.
    """
    asked = {name: output for output in request.outputs for name in output.tables}
    everybody = finest(sources) if any(b.recoded for b in built) else pl.DataFrame()
    found = courses_in({b.name: b.frame for b in built if b.recoded is None}, homes)
    evidence = {}
    for b in built:
        if b.recoded is None:
            evidence[path_of(b)] = Evidence(name=b.name, kind=b.kind, labels=_labels(b), courses=found)
            found = ()  # told once of all pseudonymised files together
            continue
        evidence[path_of(b)] = told = gather(
            b.name,
            b.frame,
            b.recoded.roles,
            policy,
            before=b.recoded.before,
            hierarchies=hierarchies(b.columns, b.recoded.before),
            levels=b.recoded.made.stand_at,
            population=_population(everybody, b, b.recoded),
            last=None if standing is None else file_of(standing, b),
            decision=_decision(asked[b.name], request, as_of),
            labels=_labels(b),
            homes=None if b.recoded.made.homes is None else Homes(b.recoded.made.homes, households.TOLD),
        )
        _refuse_decision(told)
        refuse_beyond(told.verdicts)
    return evidence


def certificate_files(
    request: Request, version: str, as_of: date, evidence: Mapping[str, Evidence]
) -> dict[str, bytes]:
    """The privacy certificate of the whole release, in each language and form, by name of file."""
    cited = f"{request.id}, {version}, {as_of.isoformat()}"
    return certificates(list(evidence.values()), request.title, cited)


def _population(everybody: pl.DataFrame, built: Built, done: Recoded) -> pl.DataFrame | None:
    """The whole exit cohort, coded as the release is."""
    same = everybody.select(c.name for c in built.columns)
    return coded_alike(same, done.made, done.roles, hierarchies(built.columns, same))


def file_of(earlier: Standing, built: Built) -> pl.DataFrame | None:
    """The file of that name in an earlier version; None where there is none, or it has other columns.

    Raises ReleaseDamaged where it cannot be read.
    """
    path = earlier.folder / path_of(built)
    if not path.is_file():
        return None
    try:
        last = pl.read_parquet(path, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError):
        raise ReleaseDamaged(
            f"{path_of(built)} of an earlier version cannot be read ({path.parents[1].name}).",
            instead="No new version was published: the two could not be compared.",
            do=f"See what is wrong with it: uttrekk verify {path.parents[1]}",
        ) from None
    return last if last.columns == built.frame.columns else None


def _decision(output: Output, request: Request, as_of: date) -> Decision | None:
    said = output.anonymous
    if said is None:
        return None
    if said.on > as_of:
        raise RequestRefused(
            f"Request {request.id} calls an output anonymous from {said.on}, and the night is of {as_of}.",
            instead="No version of it was published; the versions published before stand.",
            do="Correct anonymous.on: it is the day on which somebody decided.",
        )
    return Decision(by=said.by, on=said.on, why=said.why)


def _refuse_decision(told: Evidence) -> None:
    if told.decision is not None and targets_met(told) is not True:
        raise NotVerified(
            f"{told.decision.by} has called {told.name} anonymous, and it misses what is measured of it.",
            instead="Nothing was published.",
            do="Take `anonymous` out of the request, publish, and read what its certificate says.",
        )


def _labels(built: Built) -> dict[str, Bilingual]:
    told = {c.name: Bilingual(nb=c.about.nb, en=c.about.en) for c in built.columns}
    about = facts(built.table)
    return told | {built.name: Bilingual(nb=about.nb, en=about.en)}
