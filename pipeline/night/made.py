"""The steps after `core`: linked tables, the quality profile, releases."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline import tables
from pipeline.changes import PROGRAMME_CHANGE
from pipeline.config import Settings
from pipeline.core import part_key as core_part_key
from pipeline.errors import RequestRefused, SettingWrong
from pipeline.identity.keys import Keys
from pipeline.identity.spine.best import IDENTIFIED, LINKABLE
from pipeline.identity.spine.ledger_file import ledger_facts
from pipeline.identity.spine.succession import SUCCESSION, held_keys
from pipeline.identity.usable import (
    OutputKind,
    stored_unusable,
    usable_persons,
)
from pipeline.linkage import link
from pipeline.night.published import PROFILE, facts_for, stored_findings
from pipeline.night.refusals import refusal_keys, refused
from pipeline.night.standing import EXTRACTED, cores, only, part_keys, part_paths, seen, snapshots_of
from pipeline.quality.counting import Bounds
from pipeline.quality.judgement import still_sparse
from pipeline.quality.profile import QualityProfile, profile
from pipeline.quality.rules import FlagSeverity
from pipeline.releases.manifest import Input
from pipeline.releases.release import Released, release
from pipeline.releases.sources import NEEDED_LINKED, Sources
from pipeline.requests.request import load_all
from pipeline.tables import Stored, step_key
from pipeline.validate.stored import part_key, referred_to
from schemas.variable import table_name

PROFILE_PARTS = ("fill", "by_adviser")


def refuse_other_nights(settings: Settings, as_of: date) -> None:
    """Stop unless all of core is made of what `as_of` landed: a manifest names the night's snapshots."""
    found, spine, ledger = (
        seen(settings, as_of),
        only(settings.restricted, "spine"),
        only(settings.restricted, "ledger"),
    )
    for table in EXTRACTED:
        name = table_name(table)
        known = {
            parent: only(settings.table_folder("restricted", parent), parent) for parent in referred_to(table)
        }
        for snapshot in snapshots_of(found, table):
            part = snapshot.name.rpartition("/")[2]
            passed = tables.stored(settings.table_folder("restricted", name), part)
            core = tables.stored(settings.table_folder("core", name), part)
            if (
                passed is None
                or core is None
                or passed.key != part_key(table, part, snapshot.id, as_of, known)
                or core.key != core_part_key(table, part, passed, ledger, spine)
            ):
                raise SettingWrong(
                    f"{name} in core is not made of what {as_of} landed.",
                    instead="Nothing was published.",
                    do=f"Make the whole night, in order: uttrekk run --as-of {as_of}",
                )


def make_linked(settings: Settings, as_of: date) -> dict[str, Stored]:
    """Programmes, exit cohorts, months, outcomes at their windows, and how well all of it could be linked."""
    linkable, identified, changes = (
        tables.read(only(settings.core, name)) for name in (LINKABLE, IDENTIFIED, PROGRAMME_CHANGE)
    )
    return link(
        settings, cores(settings), as_of=as_of, linkable=linkable, identified=identified, changes=changes
    )


def make_profile(settings: Settings, as_of: date) -> QualityProfile:
    """How often each field is filled, over the persons who may stand behind the quality report."""
    found, unusable = cores(settings), stored_unusable(settings, as_of)
    key = step_key("profile", as_of, unusable.key, part_keys(found), refusal_keys(settings))
    folder = settings.linked / PROFILE
    stored = [tables.reusable(folder, name, key) for name in PROFILE_PARTS]
    if not all(stored):
        persons = tables.read(only(settings.table_folder("core", "person"), "person"))
        usable = usable_persons(persons, tables.read(unusable), OutputKind.QUALITY_REPORT)
        made = profile(part_paths(found), usable, as_of, refused(settings), Bounds.of(settings))
        stored = [tables.write(folder, name, getattr(made, name), key=key) for name in PROFILE_PARTS]
    fill, by_adviser = (tables.read(part) for part in stored if part is not None)
    return QualityProfile(as_of=as_of, fill=fill, by_adviser=by_adviser)


def make_release(settings: Settings, request_id: str, as_of: date) -> Released:
    """The request's version of tonight, published if it says anything new.

    The request is read as it stands now. The built-in one is for invented persons alone: its legal basis
    is nobody's.
    """
    keys = Keys(settings.keys, settings.master_key)
    if settings.requests is None and not keys.demo:
        raise RequestRefused(
            "The built-in request is for invented persons.",
            instead="Nothing was published.",
            do="Name the folder with your requests: export UTTREKK_REQUESTS=FOLDER",
        )
    refuse_other_nights(settings, as_of)
    (request,) = [r for r in load_all(settings.requests) if r.id == request_id]
    linked = {name: only(settings.linked, name) for name in NEEDED_LINKED}
    inputs = [Input(s.source, s.name, s.id) for _, s in sorted(seen(settings, as_of).snapshots.items())]
    ledger = only(settings.restricted, "ledger")
    return release(
        request,
        Sources.read(part_paths(cores(settings)), linked),
        tables.read(stored_unusable(settings, as_of)),
        keys,
        inputs,
        settings.releases,
        as_of,
        succession=tables.read(only(settings.core, SUCCESSION)),
        held=held_keys(tables.read(ledger)),
        ledger=ledger_facts(ledger),
        quality=facts_for(settings, request, as_of),
        policy=settings.policy,
    )


def sparse_fields(settings: Settings, as_of: date) -> dict[str, list[str]]:
    """Table -> its fields that are published as filled less than their demand promises (`still_sparse`)."""
    found = _sparse(settings, as_of).select("table", "column").unique().sort("table", "column")
    return {name: rows["column"].to_list() for (name,), rows in found.group_by("table", maintain_order=True)}


def sparse_in_night(settings: Settings, as_of: date) -> tuple[list[str], list[str]]:
    """Every field published as sparse, as `table.column`: those demanded, and those nobody asks for."""
    named = _sparse(settings, as_of).select(
        pl.format("{}.{}", "table", "column").alias("field"),
        demanded=pl.col("severity") == FlagSeverity.DECIDE.value,
    )
    demanded = named.filter("demanded")["field"].unique().sort().to_list()
    return demanded, [f for f in named["field"].unique().sort() if f not in demanded]


def _sparse(settings: Settings, as_of: date) -> pl.DataFrame:
    """What is published of it, which is held from night to night: the exact profile turns for one person."""
    return still_sparse(stored_findings(settings, as_of).results)
