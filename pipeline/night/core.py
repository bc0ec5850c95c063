"""The steps of `core`: re-keyed tables, and what is known of persons by key."""

from __future__ import annotations

from datetime import date

from pipeline import tables
from pipeline.changes import update_changes
from pipeline.config import Settings
from pipeline.core import CoreTable, core_tables
from pipeline.identity.spine.best import LINKABLE, linkable, update_identified
from pipeline.identity.spine.succession import update_succession
from pipeline.identity.usable import (
    unmatched,
    update_unusable,
)
from pipeline.night.standing import only, passed_rows
from pipeline.tables import Stored, step_key
from schemas.case_system.administration import ChangeLog
from schemas.case_system.person import Person
from schemas.variable import Table, table_name


def make_core(settings: Settings, table: type[Table]) -> list[CoreTable]:
    """Every part of a table, re-keyed; rows whose person is unknown stay in `restricted`, counted."""
    spine, ledger = only(settings.restricted, "spine"), only(settings.restricted, "ledger")
    name = table_name(table)
    parts = tables.parts(settings.table_folder("restricted", name))
    return core_tables(settings, table, parts, ledger, spine)


def make_unusable(settings: Settings, as_of: date) -> Stored:
    """Who may not be used in whatever is made of `as_of` now, and why."""
    return update_unusable(
        settings,
        passed_rows(settings, Person),
        only(settings.restricted, "spine"),
        only(settings.restricted, "ledger"),
        as_of,
    )


def make_succession(settings: Settings) -> Stored:
    """The keys that persons had before, for the projects that have published under them."""
    return update_succession(settings, only(settings.restricted, "ledger"))


def make_linkable(settings: Settings) -> Stored:
    """Persons with an identifier a register can be asked about, of whom its silence means something."""
    spine, ledger = only(settings.restricted, "spine"), only(settings.restricted, "ledger")
    key = step_key(LINKABLE, spine.key, ledger.key)
    found = tables.reusable(settings.core, LINKABLE, key)
    return found or tables.write(
        settings.core, LINKABLE, linkable(tables.read(spine), tables.read(ledger)), key=key
    )


def make_identified(settings: Settings) -> Stored:
    """Everybody's best identifier: what kind of number a register can be asked about them by."""
    spine, ledger = only(settings.restricted, "spine"), only(settings.restricted, "ledger")
    return update_identified(settings, spine, ledger)


def make_changes(settings: Settings) -> Stored:
    """When each programme was last changed in the case system, by its change log."""
    return update_changes(settings, passed_rows(settings, ChangeLog), only(settings.restricted, "ledger"))


def unmatched_withdrawals(settings: Settings) -> int:
    """How many persons on the list of withdrawals are nobody the case system knows."""
    return unmatched(settings, only(settings.restricted, "spine"), passed_rows(settings, Person))
