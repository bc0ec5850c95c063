"""The steps that tell how far the linked tables can be trusted: chains, reconciliation, flags, match rates.

What does not belong here: their SQL and its callers (`reconcile`, `matching`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from pipeline.config import Settings
from pipeline.linkage import matching, reconcile
from pipeline.linkage.steps import digest, identity, names, step
from pipeline.tables import Stored
from schemas.linked import (
    LinkageBias,
    MatchRate,
    ProgrammeChain,
    ProgrammeFlag,
    Reconciliation,
    ReconciliationSummary,
)

Cores = Mapping[str, Sequence[Stored]]
_OF_CASE_SYSTEM = ("programme", "case", "result", "activity")


def checks(
    settings: Settings,
    read: Cores,
    as_of: date,
    spell: Stored,
    work: Sequence[Stored],
    linkable: pl.DataFrame,
    identified: pl.DataFrame,
    changes: pl.DataFrame,
) -> tuple[Stored, ...]:
    """Every check's table, stored: of each core table in `read`, the programme spells, and WorkYear."""
    chain = step(
        settings,
        ProgrammeChain,
        identity([spell]),
        lambda: reconcile.programme_chain(settings, spells=[spell]),
    )
    return (
        chain,
        *_reconciled(settings, read, chain, identified, changes),
        _flags(settings, read, as_of, spell, chain),
        *_matched(settings, read, spell, work, linkable, identified),
    )


def _reconciled(
    settings: Settings, read: Cores, chain: Stored, identified: pl.DataFrame, changes: pl.DataFrame
) -> tuple[Stored, Stored]:
    nir, measures = read["nir_participant"], read["nir_measure"]
    sources = [read[name] for name in _OF_CASE_SYSTEM]
    differences = step(
        settings,
        Reconciliation,
        [digest(identified), digest(changes), *identity([chain], *sources, nir, measures)],
        lambda: reconcile.reconciliation(
            settings,
            chains=[chain],
            programme=read["programme"],
            case=read["case"],
            result=read["result"],
            activity=read["activity"],
            nir=nir,
            measures=measures,
            nir_years=[int(name) for name in names(nir)],
            identified=identified,
            changes=changes,
        ),
    )
    summary = step(
        settings,
        ReconciliationSummary,
        identity([differences]),
        lambda: reconcile.reconciliation_summary(settings, differences=[differences]),
    )
    return differences, summary


def _flags(settings: Settings, read: Cores, as_of: date, spell: Stored, chain: Stored) -> Stored:
    sources = [read[name] for name in ("programme", "residence_permit", "absence", "nir_leave")]
    return step(
        settings,
        ProgrammeFlag,
        [as_of, *identity([spell], [chain], *sources)],
        lambda: reconcile.programme_flag(
            settings,
            as_of,
            spells=[spell],
            chains=[chain],
            programme=read["programme"],
            residence_permit=read["residence_permit"],
            absence=read["absence"],
            leave=read["nir_leave"],
        ),
    )


def _matched(
    settings: Settings,
    read: Cores,
    spell: Stored,
    work: Sequence[Stored],
    linkable: pl.DataFrame,
    identified: pl.DataFrame,
) -> tuple[Stored, Stored]:
    sought = digest(linkable.select("person_key"))
    rate = step(
        settings,
        MatchRate,
        [sought, digest(identified), *identity([spell], work, *(read[name] for name in matching.KNOWN_BY))],
        lambda: matching.match_rate(
            settings, spells=[spell], work=work, registers=read, identified=identified, linkable=linkable
        ),
    )
    bias = step(
        settings,
        LinkageBias,
        [sought, *identity([spell], read["person"])],
        lambda: matching.linkage_bias(settings, spells=[spell], person=read["person"], linkable=linkable),
    )
    return rate, bias
