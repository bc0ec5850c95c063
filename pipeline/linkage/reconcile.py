"""The case system held against NIR, and programmes held against the law: typed callers of their `.sql` files.

What does not belong here: showing any of it (`disclosure` and `pages` protect the counts).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from pipeline.config import Settings
from pipeline.linkage import limits
from pipeline.linkage.engine import Source, run
from pipeline.linkage.queries import DAYS_APART, NOT_REGISTERED
from schemas import codes
from schemas.codes.case import COLLECTIVE
from schemas.codes.programme import MOVED_BYDEL, RUNNING
from schemas.codes.quality import NO_IDENTIFIER, ONLY_IN_NIR
from schemas.demands import NIR_CUT_OFF
from schemas.linked.reconciliation import (
    NO_YEAR,
    ProgrammeChain,
    ProgrammeFlag,
    Reconciliation,
    ReconciliationSummary,
)
from schemas.municipal.correspondence import NUMBERS, same_place

NO_BYDEL = min(codes.BYDEL.unknown)
# Nothing earlier than the day NIR closes a year tells when it was told.
CUT_OFF_MONTH, CUT_OFF_DAY = NIR_CUT_OFF


def programme_chain(settings: Settings, *, spells: Source) -> pl.DataFrame:
    """Every programme with the chain of programmes it is a part of."""
    params = {"moved": MOVED_BYDEL, "days": DAYS_APART}
    return run(settings, ProgrammeChain, params, programme_spell=spells)


def reconciliation(
    settings: Settings,
    *,
    chains: Source,
    programme: Source,
    case: Source,
    result: Source,
    activity: Source,
    nir: Source,
    measures: Source,
    nir_years: Collection[int],
    identified: pl.DataFrame,
    changes: pl.DataFrame,
) -> pl.DataFrame:
    """What differs between each chain and NIR's report of it, and what only one of them has.

    `nir_years` are those NIR was delivered for, `identified` has everybody's best_identifier, `changes`
    the last day a programme or its result was changed (programme_key, changed_on).
    """
    params = {
        "not_registered": NOT_REGISTERED,
        "days": DAYS_APART,
        "no_identifier": NO_IDENTIFIER,
        "cut_off_month": CUT_OFF_MONTH,
        "cut_off_day": CUT_OFF_DAY,
    }
    return run(
        settings,
        Reconciliation,
        params,
        programme_chain=chains,
        core_programme=programme,
        core_case=case,
        core_result=result,
        core_activity=activity,
        core_nir_participant=nir,
        core_nir_measure=measures,
        same_place=_same_place_frame(),
        nir_year=pl.DataFrame({"year": sorted(set(nir_years))}, schema={"year": pl.Int64}),
        identified_person=identified.select("person_key", "best_identifier"),
        programme_change=changes.select("programme_key", "changed_on"),
        activity_of_measure=pl.DataFrame(
            codes.ACTIVITY_OF_MEASURE, schema={"measure": pl.String, "activity": pl.String}, orient="row"
        ),
    )


def reconciliation_summary(settings: Settings, *, differences: Source) -> pl.DataFrame:
    """How many programmes, by difference, year and bydel."""
    params = {"no_year": NO_YEAR, "no_bydel": NO_BYDEL}
    return run(settings, ReconciliationSummary, params, reconciliation=differences)


def compared(differences: pl.DataFrame) -> pl.DataFrame:
    """(year, bydel, programmes): what the differences there are a share of - its chains, and NIR's alone."""
    one = differences.select(
        "person_key",
        "number",
        only_nir=pl.col("kind") == ONLY_IN_NIR,
        bydel=pl.col("bydel").fill_null(NO_BYDEL),
        year=pl.col("year").fill_null(NO_YEAR),
    )
    where = ["year", "bydel"]
    return one.unique().group_by(where).agg(programmes=pl.len().cast(pl.Int64)).sort(where)


def programme_flag(
    settings: Settings,
    as_of: date,
    *,
    spells: Source,
    chains: Source,
    programme: Source,
    residence_permit: Source,
    absence: Source,
    leave: Source,
) -> pl.DataFrame:
    """Programmes that overlap, end before they start, or last longer than the law allowed."""
    params = {
        "as_of": as_of,
        "moved": MOVED_BYDEL,
        "days": DAYS_APART,
        "running": list(RUNNING),
        "leave_causes": list(limits.LEAVE_CAUSES),
        "act_of_2021": limits.ACT_OF_2021_FROM,
        "chapter_6a": limits.CHAPTER_6A_FROM,
        "collective": COLLECTIVE,
    }
    return run(
        settings,
        ProgrammeFlag,
        params,
        programme_spell=spells,
        programme_chain=chains,
        core_programme=programme,
        core_residence_permit=residence_permit,
        core_absence=absence,
        core_nir_leave=leave,
        programme_limit=limits.limit_frame(),
    )


def _same_place_frame() -> pl.DataFrame:
    """Each municipality number with every number the municipality has had."""
    return pl.DataFrame(
        [(number, other) for number in sorted(NUMBERS) for other in sorted(same_place(number))],
        schema={"number": pl.String, "other": pl.String},
        orient="row",
    )
