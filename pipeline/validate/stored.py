"""Validate a landed snapshot part by part: bounded memory, the same result for any size of batch.

Rows are judged batch by batch (`rows`), what passes once more by Pandera, then the whole part by its keys
(`keys`). Three files are
written for a part, passed rows, quarantined rows and counts, the counts last: a part is reused only
when all three carry the key of the same step, so a run killed between them is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import polars as pl
from pandera.errors import SchemaError
from pandera.polars import DataFrameSchema

from pipeline import tables
from pipeline.config import PASSED, QUARANTINE, Settings
from pipeline.errors import SettingWrong, TableRejected
from pipeline.landing import Snapshot, snapshot_batches
from pipeline.tables import Stored, TableWriter, step_key
from pipeline.validate.keys import ROW_NUMBER, broken_keys
from pipeline.validate.rows import (
    LINE,
    QUARANTINE_COLUMNS,
    RULES,
    RuleCount,
    as_quarantined,
    merged_counts,
    quarantine_schema,
    rule_as_shown,
    rules_that_night,
    validate,
)
from schemas.variable import Severity, Table, columns, fingerprint, polars_schema, table_name

COUNTS, CHECKING = "counts", "checking"
Batch = tuple[pl.DataFrame, pl.DataFrame | None]


@dataclass(frozen=True)
class ValidatedTable:
    """One part of a table, split on disk; `counts` are of every rule some row broke."""

    table: str
    part: str
    passed: Stored
    quarantined: Stored
    counts: tuple[RuleCount, ...]

    @property
    def rows_in(self) -> int:
        """How many rows came: every one of them passed or was quarantined."""
        return self.passed.rows + self.quarantined.rows


def validate_snapshot(
    settings: Settings,
    table: type[Table],
    snapshot: Snapshot,
    as_of: date,
    parents: Mapping[str, Stored],
) -> ValidatedTable:
    """Split a landed snapshot; `parents` has the passed rows of the tables its foreign keys name."""
    made = validate_batches(
        settings,
        table,
        snapshot.name.rpartition("/")[2],
        snapshot_batches(snapshot, table, settings.batch_rows),
        as_of,
        parents,
        made_from=snapshot.id,
        fits_in_memory=snapshot.rows <= settings.batch_rows,
    )
    if made.rows_in != snapshot.rows:
        raise TableRejected(
            f"The snapshot of {snapshot.name} no longer has the rows it was landed with.",
            instead="None of its rows were used.",
            do="Land it again with: uttrekk run",
        )
    return made


def stored_counts(settings: Settings, table: type[Table]) -> list[ValidatedTable]:
    """Every part of the table as it stands, in the order of their names: read, nothing judged or removed.

    A part that lacks one of its three files, or has them of different steps, was not finished.
    """
    name = table_name(table)
    folders = [settings.restricted / kind / name for kind in (COUNTS, PASSED, QUARANTINE)]
    names = sorted({part.name for folder in folders for part in tables.parts(folder)})
    return [_as_it_stands(settings, table, part) for part in names]


def _as_it_stands(settings: Settings, table: type[Table], part: str) -> ValidatedTable:
    counts = tables.stored(settings.restricted / COUNTS / table_name(table), part)
    found = _made_already(settings, table, part, counts.key) if counts is not None else None
    if found is None:
        raise SettingWrong(
            f"{table_name(table)}, part {part}, was not validated to its end.",
            instead="It was not counted.",
            do="Make everything in order with: uttrekk run",
        )
    return found


def validate_batches(
    settings: Settings,
    table: type[Table],
    part: str,
    batches: Iterable[Batch],
    as_of: date,
    parents: Mapping[str, Stored],
    *,
    made_from: str,
    fits_in_memory: bool,
) -> ValidatedTable:
    """As `validate_snapshot`, for batches from anywhere; they are not read if the part is made already."""
    needed = {name: parents[name] for name in referred_to(table)}
    key = part_key(table, part, made_from, as_of, parents)
    found = _made_already(settings, table, part, key)
    if found is not None:
        return found
    counts: list[RuleCount] = []
    folders = {kind: settings.restricted / kind / table_name(table) for kind in (PASSED, QUARANTINE)}
    with TableWriter(
        folders[QUARANTINE], part, schema=quarantine_schema(table), key=key, table=table
    ) as refused:
        judged = _judged(table, batches, as_of, refused, counts)
        candidate = _candidate(settings, table, part, key, judged, fits_in_memory)
        broken = broken_keys(table, candidate, needed, settings)
        with TableWriter(folders[PASSED], part, schema=polars_schema(table), key=key, table=table) as passed:
            _split_by_keys(table, candidate, broken, passed, refused, settings.batch_rows)
    if isinstance(candidate, Stored):
        candidate.path.unlink()
    all_counts = merged_counts([*counts, *_key_counts(table, broken)])
    tables.write(settings.restricted / COUNTS / table_name(table), part, _as_frame(all_counts), key=key)
    return ValidatedTable(table_name(table), part, passed.stored(), refused.stored(), all_counts)


def part_key(
    table: type[Table], part: str, made_from: str, as_of: date, parents: Mapping[str, Stored]
) -> str:
    """The step key of a validated part: of which snapshot, by which rules that night, against which parents.

    A night whose rules ask nothing else than the last one's finds the part made.
    """
    needed = {name: parents[name].key for name in referred_to(table)}
    asked = rules_that_night(table, as_of)
    return step_key("validate", fingerprint(table), part, made_from, asked, needed)


def referred_to(table: type[Table]) -> list[str]:
    """The tables that the foreign keys of `table` point to."""
    keys = [column.about.key for column in columns(table)]
    return sorted({key.references for key in keys if key and key.references})


def _made_already(settings: Settings, table: type[Table], part: str, key: str) -> ValidatedTable | None:
    name = table_name(table)
    found = {
        kind: tables.reusable(settings.restricted / kind / name, part, key)
        for kind in (COUNTS, PASSED, QUARANTINE)
    }
    counts, passed, refused = found[COUNTS], found[PASSED], found[QUARANTINE]
    if counts is None or passed is None or refused is None:
        return None
    return ValidatedTable(name, part, passed, refused, _counted(name, counts))


def _judged(
    table: type[Table],
    batches: Iterable[Batch],
    as_of: date,
    refused: TableWriter,
    counts: list[RuleCount],
) -> Iterator[pl.DataFrame]:
    """The rows of each batch that keep the rules of a row; the others go to `refused` and `counts`."""
    for frame, failures in batches:
        result = validate(table, frame, as_of, failures)
        refused.write(result.quarantined)
        counts += result.counts
        yield confirmed(table, result.passed)


def confirmed(table: type[Table], passed: pl.DataFrame) -> pl.DataFrame:
    """The rows, once Pandera too has found that they keep the table's declaration: before they are written.

    We split and count in one pass; the declaration is Pandera's, and so is the last word. A row it refuses
    that we let through is a fault of ours, and stops the table.
    """
    try:
        _model(table).validate(passed.select(list(polars_schema(table))))
    except SchemaError:  # its message quotes values
        raise TableRejected(
            f"{table_name(table)} has rows that passed and break its declaration.",
            instead="The table was not stored. Values are withheld on purpose.",
            do="This is a fault of the program: report it with the line above.",
        ) from None
    return passed


@cache
def _model(table: type[Table]) -> DataFrameSchema:
    return table.to_schema()


def _candidate(
    settings: Settings,
    table: type[Table],
    part: str,
    key: str,
    judged: Iterator[pl.DataFrame],
    fits_in_memory: bool,
) -> pl.DataFrame | Stored:
    """All rows whose keys remain to be judged: in memory if they fit, else in a file of their own."""
    schema = polars_schema(table) | {LINE: QUARANTINE_COLUMNS[LINE]}
    if fits_in_memory:
        return pl.concat([pl.DataFrame(schema=schema), *(_with_line(frame) for frame in judged)])
    folder = settings.restricted / CHECKING / table_name(table)
    with TableWriter(folder, part, schema=schema, key=key) as writer:
        for frame in judged:
            writer.write(_with_line(frame))
    return writer.stored()


def _with_line(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with their line in the delivery, so that a broken key can name it; null in other sources."""
    known = LINE in frame.columns
    return frame if known else frame.with_columns(pl.lit(None, QUARANTINE_COLUMNS[LINE]).alias(LINE))


def _split_by_keys(
    table: type[Table],
    candidate: pl.DataFrame | Stored,
    broken: pl.DataFrame,
    passed: TableWriter,
    refused: TableWriter,
    batch_rows: int,
) -> None:
    if broken.is_empty():  # as in most parts
        for frame in _batches(candidate, batch_rows):
            passed.write(frame)
        return
    rules = broken.group_by(ROW_NUMBER).agg(rule_as_shown().alias(RULES))
    first_row = 0
    for frame in _batches(candidate, batch_rows):
        numbers = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64, eager=True)
        judged = frame.with_columns(numbers.alias(ROW_NUMBER)).join(
            rules, on=ROW_NUMBER, how="left", maintain_order="left"
        )
        passed.write(judged.filter(pl.col(RULES).is_null()))
        refused.write(as_quarantined(table, judged.filter(pl.col(RULES).is_not_null())))
        first_row += frame.height


def _batches(candidate: pl.DataFrame | Stored, rows: int) -> Iterable[pl.DataFrame]:
    return [candidate] if isinstance(candidate, pl.DataFrame) else tables.batches(candidate, rows)


def _key_counts(table: type[Table], broken: pl.DataFrame) -> list[RuleCount]:
    if broken.is_empty():
        return []
    per_rule = broken.group_by("column", "rule").len().sort("column", "rule")
    return [
        RuleCount(table_name(table), rule, column, Severity.CONVENTION, rows)
        for column, rule, rows in per_rule.rows()
    ]


def _as_frame(counts: tuple[RuleCount, ...]) -> pl.DataFrame:
    schema = {"rule": pl.String, "column": pl.String, "severity": pl.String, "rows": pl.Int64}
    rows = [(c.rule, c.column, c.severity.value, c.rows) for c in counts]
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(maxsize=8192)
def _counted(table: str, counts: Stored) -> tuple[RuleCount, ...]:
    """Read once while it is of the same step: several steps of a night ask what each part's counts are."""
    return tuple(
        RuleCount(table, rule, column, Severity(severity), rows)
        for rule, column, severity, rows in tables.read(counts).rows()
    )
