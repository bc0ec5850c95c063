"""The step of the quality measurement: gathers the night's evidence, keeps what was found by the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.spine.ledger import current
from pipeline.identity.usable import OutputKind, stored_unusable, usable_persons
from pipeline.night.forgotten import refuse_forgotten
from pipeline.night.made import make_profile
from pipeline.night.published import PROFILE
from pipeline.night.refusals import refused
from pipeline.night.ripened import held_unripe, is_held
from pipeline.night.standing import EXTRACTED, cores, only, part_keys, part_paths
from pipeline.quality import thresholds
from pipeline.quality.assess import Assessment, assess
from pipeline.quality.evidence import HELD, Evidence
from pipeline.quality.ripeness import unripe, years_of
from pipeline.tables import step_key
from pipeline.validate import ValidatedTable
from pipeline.validate.stored import stored_counts
from schemas.quality import CheckResult, Delay, ExpectedValues, FieldGrade
from schemas.variable import Severity, fingerprint, table_name

MEASURED = (ExpectedValues, CheckResult, Delay, FieldGrade)
LINKED_READ = ("programme_flag", "reconciliation", "outcome")
# The source's own rows that some check reads: numbers, texts and the log are not in core.
RESTRICTED_READ = ("person", "identifier", "background", "health", "change_log")


def make_assessment(settings: Settings, as_of: date) -> Assessment:
    """Every check of the night, over the persons who may stand behind the quality report.

    Stored under `linked/quality`, and made again only when something it is made of has changed. Raises
    SettingWrong where `refuse_forgotten` does.
    """
    refuse_forgotten(settings, as_of)
    found, unusable = cores(settings), stored_unusable(settings, as_of)
    validated = [part for table in EXTRACTED for part in stored_counts(settings, table)]
    linked = {name: tables.stored(settings.linked, name) for name in LINKED_READ}
    ledger = only(settings.restricted, "ledger")
    key = step_key(
        "assessment",
        as_of,
        unusable.key,
        part_keys(found),
        [part.quarantined.key for part in validated],
        {name: part and part.key for name, part in linked.items()},
        ledger.key,
        [(t.value, thresholds.name_of(t)) for t in thresholds.THRESHOLDS],
        [fingerprint(table) for table in MEASURED],
    )
    folder = settings.linked / PROFILE
    stored = [tables.reusable(folder, table_name(table), key) for table in MEASURED]
    if not (all(stored) and is_held(settings, as_of)):
        measured, evidence = make_profile(settings, as_of), evidence_of(settings, as_of)
        waiting = held_unripe(settings, as_of, years_of(measured), unripe(measured, evidence))
        made = assess(measured, evidence, waiting)
        frames = (made.states, made.results, made.delays, made.grades)
        stored = [
            tables.write(folder, table_name(table), frame, key=key, table=table)
            for table, frame in zip(MEASURED, frames, strict=True)
        ]
    return Assessment(*(tables.read(part) for part in stored if part is not None))


def evidence_of(settings: Settings, as_of: date) -> Evidence:
    """What the checks of the night are carried out on, over the persons the quality report may count."""
    persons = tables.read(only(settings.table_folder("core", "person"), "person"))
    unusable = tables.read(stored_unusable(settings, as_of))
    linked = {name: tables.stored(settings.linked, name) for name in LINKED_READ}
    return Evidence(
        as_of=as_of,
        usable=usable_persons(persons, unusable, OutputKind.QUALITY_REPORT),
        cores=part_paths(cores(settings)),
        linked={name: tables.read(part) for name, part in linked.items() if part is not None},
        restricted={name: rows for name in RESTRICTED_READ if (rows := _passed(settings, name)) is not None},
        keys=current(tables.read(only(settings.restricted, "ledger"))),
        refused=refused(settings),
        held=_held([part for table in EXTRACTED for part in stored_counts(settings, table)]),
    )


def _passed(settings: Settings, name: str) -> pl.DataFrame | None:
    parts = tables.parts(settings.table_folder("restricted", name))
    return pl.concat([tables.read(part) for part in parts]) if parts else None


def _held(validated: Sequence[ValidatedTable]) -> pl.DataFrame:
    """How many rows each rule held back, and each table received; what is only counted holds nothing back."""
    counts = pl.DataFrame(
        [
            (count.table, count.rule, count.column or None, count.rows)
            for part in validated
            for count in part.counts
            if count.severity is not Severity.CHARACTERISATION
        ],
        schema=["table", "rule", "column", "rows"],
        orient="row",
        schema_overrides=HELD,
    )
    received = pl.DataFrame(
        [(part.table, part.rows_in) for part in validated],
        schema={"table": pl.String, "rows_in": pl.Int64},
        orient="row",
    )
    whole = received.group_by("table").agg(pl.col("rows_in").sum())
    by_rule = counts.group_by("table", "rule", "column").agg(pl.col("rows").sum())
    return (
        whole.join(by_rule, on="table", how="left")
        .select(list(HELD))
        .sort("table", "rule", "column", nulls_last=True)
    )
