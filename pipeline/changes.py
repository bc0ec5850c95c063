"""When a programme or its final result was last changed in the case system, from its change log.

The log names the row by the source's own number, which core drops; here it becomes the programme's key,
and nothing of what was changed is read. What does not belong here: what the change was.
"""

from __future__ import annotations

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.spine.ledger import current
from pipeline.tables import Stored, step_key
from schemas.case_system.programme import Programme
from schemas.case_system.result import Result
from schemas.variable import Entity, facts

PROGRAMME_CHANGE = "programme_change"
_KEYED_BY_PROGRAMME = (Programme, Result)
_READ = ["changed_table", "row_key_id", "changed_on"]


def programme_changes(change_log: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """(programme_key, changed_on): the last change of each programme that has any, by programme key."""
    names = [facts(table).source_name for table in _KEYED_BY_PROGRAMME]
    programmes = current(ledger).filter(pl.col("entity") == Entity.PROGRAMME.value)
    return (
        change_log.filter(pl.col("changed_table").is_in(names))
        .select("changed_on", source_key=pl.col("row_key_id").cast(pl.String))
        .join(programmes, on="source_key")
        .group_by(programme_key="key")
        .agg(pl.col("changed_on").max())
        .sort("programme_key")
    )


def update_changes(settings: Settings, change_log: Stored, ledger: Stored) -> Stored:
    """The last changes, stored in `core`; made again only when the log or the ledger has changed."""
    key = step_key(PROGRAMME_CHANGE, change_log.key, ledger.key)
    found = tables.reusable(settings.core, PROGRAMME_CHANGE, key)
    if found is not None:
        return found
    made = programme_changes(tables.read(change_log, columns=_READ), tables.read(ledger))
    return tables.write(settings.core, PROGRAMME_CHANGE, made, key=key)
