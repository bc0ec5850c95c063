"""The steps up to `restricted`: land, validate, and tell who is whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import polars as pl

from pipeline import tables
from pipeline.config import QUARANTINE, UNLINKED, Settings
from pipeline.identity.disagreement import disagreements
from pipeline.identity.keys import Keys, check_key_fits
from pipeline.identity.series import Series, series_of
from pipeline.identity.spine import COMPONENT, StoredSpine, update_spine
from pipeline.identity.spine.ledger_file import update_ledger
from pipeline.landing import Observation, land_case_system, land_deliveries, observe
from pipeline.night.forgotten import refuse_forgotten
from pipeline.night.standing import EXTRACTED, only, passed_rows, seen, snapshots_of
from pipeline.parallel import in_order
from pipeline.tables import Stored, step_key
from pipeline.validate import ValidatedTable, validate_snapshot
from pipeline.validate.stored import COUNTS, referred_to
from schemas import CASE_SYSTEM
from schemas.case_system.person import Identifier, Person
from schemas.registers.identity import IdentifierLink
from schemas.variable import KeyKind, Table, columns, facts, table_name


def land(settings: Settings, as_of: date, *, from_observation: bool = False) -> Observation:
    """Land everything and note it as the night's observation, or find what that night landed.

    Raises SettingWrong, and lands nothing, where `refuse_forgotten` does: before anything else of the night.
    """
    refuse_forgotten(settings, as_of)
    if from_observation:
        return seen(settings, as_of, verify=True)
    return observe(settings, as_of, {**land_case_system(settings, as_of), **land_deliveries(settings, as_of)})


def validate_table(settings: Settings, table: type[Table], as_of: date) -> list[ValidatedTable]:
    """Every part of a table, split into passed and quarantined rows."""
    known = _parents(settings, table)
    found = snapshots_of(seen(settings, as_of), table)
    made = in_order(
        lambda snapshot: validate_snapshot(settings, table, snapshot, as_of, known), found, settings.threads
    )
    _prune(settings, table_name(table), [part.part for part in made])
    return made


def _parents(settings: Settings, table: type[Table]) -> dict[str, Stored]:
    return {name: only(settings.table_folder("restricted", name), name) for name in referred_to(table)}


def _prune(settings: Settings, name: str, kept: Sequence[str]) -> None:
    """A period that is not delivered any more leaves no part behind, in any zone."""
    for folder in (
        settings.table_folder("restricted", name),
        settings.restricted / QUARANTINE / name,
        settings.restricted / COUNTS / name,
        settings.restricted / UNLINKED / name,
        settings.table_folder("core", name),
    ):
        tables.prune(folder, kept)


def check_key(settings: Settings) -> None:
    """Refuse a night whose key does not fit its persons: before anybody is given a number of ours."""
    found = _series(settings)
    check_key_fits(
        Keys(settings.keys, settings.master_key), any_tenor=found.any_invented, all_tenor=found.every_invented
    )


def _series(settings: Settings) -> Series:
    """Whether the night's persons are invented; judged again only when a part has changed."""
    named = {
        column: tables.parts(settings.table_folder("restricted", table_name(table)))
        for table in EXTRACTED
        for column in columns(table)
        if column.about.key and column.about.key.kind is KeyKind.OFFICIAL
    }
    key = step_key("series", [(c.path, part.name, part.key) for c, parts in named.items() for part in parts])
    stored = tables.reusable(settings.restricted, "series", key)
    if stored is None:
        found = series_of(tables.distinct(parts, c.name) for c, parts in named.items() if parts)
        stored = tables.write(settings.restricted, "series", pl.DataFrame([asdict(found)]), key=key)
    return Series(**tables.read(stored).row(0, named=True))


def make_spine(settings: Settings) -> StoredSpine:
    """Who is whom: identifiers and the persons they name, and what nobody can tell."""
    links = tables.parts(settings.table_folder("restricted", table_name(IdentifierLink)))
    return update_spine(settings, passed_rows(settings, Identifier), passed_rows(settings, Person), links)


def identity_warnings(settings: Settings) -> dict[str, int]:
    """How many identifiers disagree with the record that has them, by what disagrees: never acted upon."""
    found = disagreements(
        tables.read(passed_rows(settings, Identifier)), tables.read(passed_rows(settings, Person))
    )
    return dict(found.select("warning", "disagree").rows())


def make_ledger(settings: Settings, as_of: date) -> Stored:
    """The ledger of internal keys, with everybody who is new and whatever turned out to be one, or two."""
    extracted = [table for table in CASE_SYSTEM if facts(table).extracted]
    passed = {table_name(table): passed_rows(settings, table) for table in extracted}
    return update_ledger(settings, passed, only(settings.restricted, COMPONENT), as_of)
