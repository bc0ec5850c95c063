"""From `restricted` to `core`: every key becomes an internal number, direct identifiers and free text go.

What becomes of a column is declared (`Column.core_name`); here it is only carried out. A register's row
whose person cannot be told is set aside in `restricted` with the reason, and counted: never guessed,
never dropped on the quiet. Where a table has one row for each person and a person is registered twice, the
oldest record stands, and the others are set aside in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

import polars as pl

from pipeline import tables
from pipeline.config import UNLINKED, Settings
from pipeline.errors import TableRejected
from pipeline.identity.identifiers import Kind, kind, normalise
from pipeline.identity.spine import Status
from pipeline.identity.spine.ledger import current, owned_keys
from pipeline.parallel import in_order
from pipeline.tables import Stored, step_key
from pipeline.validate import validate
from schemas.core import in_core, is_rekeyed_by_identifier, stand_in
from schemas.variable import (
    Column,
    Entity,
    Table,
    columns,
    facts,
    fingerprint,
    polars_schema,
    table_name,
)

REASON = "reason"
PERSON_KEY = "person_key"


class Unlinked(StrEnum):
    """Why a register's row has no person of ours, or a record no row of its own."""

    NOT_IN_POPULATION = "not_in_population"  # a valid identifier that nobody of ours has
    AMBIGUOUS = "ambiguous"  # several of ours claim it
    REVIEW = "review"  # its conflict is on the review list
    INVALID = "invalid"
    DUMMY = "dummy"
    REGISTERED_TWICE = "registered_twice"  # an older record of the same person stands in core


_REASON_OF = {
    Status.AMBIGUOUS.value: Unlinked.AMBIGUOUS.value,
    Status.REVIEW.value: Unlinked.REVIEW.value,
    Status.INVALID.value: Unlinked.INVALID.value,
    Status.DUMMY.value: Unlinked.DUMMY.value,
    Kind.INVALID.value: Unlinked.INVALID.value,
    Kind.DUMMY.value: Unlinked.DUMMY.value,
}


@dataclass(frozen=True)
class CoreResult:
    """A part of a table as `core` holds it, and the rows set aside with their `reason`."""

    core: pl.DataFrame
    unlinked: pl.DataFrame


@dataclass(frozen=True)
class Lookups:
    """What re-keying needs: the key of each source key now, and the person of each identifier."""

    keys: pl.DataFrame
    persons: pl.DataFrame


@dataclass(frozen=True)
class CoreTable:
    """A stored part of a table of `core`, and its rows set aside."""

    table: str
    part: str
    core: Stored
    unlinked: Stored


@cache
def core_model(table: type[Table]) -> type[Table]:
    """The table as it is declared for `core`; one class for each table, whoever asks."""
    return in_core(table)


def lookups(ledger: pl.DataFrame, spine: pl.DataFrame) -> Lookups:
    """What `to_core` needs of tonight's ledger and spine."""
    keys = current(ledger)
    return Lookups(keys=keys, persons=_persons(keys, spine))


def to_core(
    table: type[Table], frame: pl.DataFrame, known: Lookups, named: Sequence[pl.DataFrame] | None = None
) -> CoreResult:
    """Re-key passed rows of `table`: own keys by the ledger, official identifiers by the spine.

    Sorted by person, then by the table's date, then by all else, so that two runs agree. Rows with an
    own key that the ledger does not have are a fault of ours and raise TableRejected. `named` is what
    `who_is_named` gives for these rows and others, where somebody has asked already.
    """
    judged = frame.with_columns(pl.lit(None, pl.String).alias(REASON))
    for asked in who_is_named(table, [frame], known) if named is None else named:
        judged = _by_identifier(judged, asked)
    linked = judged.filter(pl.col(REASON).is_null())
    for column in owned_keys(table):
        linked = _by_own_key(linked, column, known.keys)
    linked = _one_row_each(table, linked)
    aside = [rows.filter(pl.col(REASON).is_not_null()) for rows in (judged, linked)]
    unlinked = pl.concat(rows.select(list(unlinked_schema(table))) for rows in aside)
    core = linked.filter(pl.col(REASON).is_null()).select(list(polars_schema(core_model(table))))
    return CoreResult(core.sort(_order(table)), unlinked.sort(unlinked.columns))


def reasons_possible(table: type[Table]) -> tuple[Unlinked, ...]:
    """Why a row of the table may be set aside; by its declaration the other reasons cannot occur."""
    by_identifier = any(is_rekeyed_by_identifier(column) for column in columns(table))
    once = {Unlinked.REGISTERED_TWICE} if _is_one_row_each(table) else set()
    others = set(Unlinked) - {Unlinked.REGISTERED_TWICE} if by_identifier else set()
    return tuple(reason for reason in Unlinked if reason in once | others)


def core_tables(
    settings: Settings, table: type[Table], parts: Sequence[Stored], ledger: Stored, spine: Stored
) -> list[CoreTable]:
    """Every part of the table, stored in `core`; unlinked rows stay in `restricted`.

    Whom the rows name is asked once for all parts: a register names the same persons again and again.
    """
    made = [_made(settings, table, part, ledger, spine) for part in parts]
    if None not in made:
        return [part for part in made if part is not None]
    known = _lookups(ledger, spine)
    named = who_is_named(table, _asked_in(table, parts), known)

    def make(part: Stored, found: CoreTable | None) -> CoreTable:
        key = part_key(table, part.name, part, ledger, spine)
        return found or _make(settings, table, part, key, known, named)

    return in_order(lambda pair: make(*pair), zip(parts, made, strict=True), settings.threads)


def _made(
    settings: Settings, table: type[Table], part: Stored, ledger: Stored, spine: Stored
) -> CoreTable | None:
    name, key = table_name(table), part_key(table, part.name, part, ledger, spine)
    core = tables.reusable(settings.table_folder("core", name), part.name, key)
    aside = tables.reusable(settings.restricted / UNLINKED / name, part.name, key)
    return None if core is None or aside is None else CoreTable(name, part.name, core, aside)


def _make(
    settings: Settings,
    table: type[Table],
    part: Stored,
    key: str,
    known: Lookups,
    named: Sequence[pl.DataFrame],
) -> CoreTable:
    name = table_name(table)
    result = to_core(table, tables.read(part), known, named)
    _check(table, result.core)
    aside = tables.write(settings.restricted / UNLINKED / name, part.name, result.unlinked, key=key)
    core = tables.write(
        settings.table_folder("core", name), part.name, result.core, key=key, table=core_model(table)
    )
    return CoreTable(name, part.name, core, aside)


def part_key(table: type[Table], part: str, passed: Stored, ledger: Stored, spine: Stored) -> str:
    """The step key of a part in core: of which passed rows, by which ledger and spine."""
    return step_key("core", fingerprint(table), part, passed.key, ledger.key, spine.key)


def unlinked_schema(table: type[Table]) -> dict[str, pl.DataType]:
    """The columns of rows set aside: as they passed, with the reason."""
    return polars_schema(table) | {REASON: pl.String()}


@lru_cache(maxsize=1)
def _lookups(ledger: Stored, spine: Stored) -> Lookups:
    """Read once for all parts of a night."""
    return lookups(tables.read(ledger), tables.read(spine))


def _is_one_row_each(table: type[Table]) -> bool:
    """Whether core has at most one row of the table for each person."""
    return facts(core_model(table)).primary_key == (PERSON_KEY,)


def _one_row_each(table: type[Table], linked: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table that has one for each person: all but the person's oldest get the reason."""
    if not _is_one_row_each(table):
        return linked
    dated_by = [name for name in (facts(table).dated_by,) if name]
    oldest_first = linked.sort(*dated_by, *facts(table).primary_key, nulls_last=True)
    later = pl.int_range(pl.len()).over(PERSON_KEY) > 0
    return oldest_first.with_columns(
        pl.when(later).then(pl.lit(Unlinked.REGISTERED_TWICE.value)).otherwise(REASON).alias(REASON)
    )


def who_is_named(table: type[Table], frames: Iterable[pl.DataFrame], known: Lookups) -> list[pl.DataFrame]:
    """For each column that names a person: as written, and the person key, or the reason there is none.

    Where such a column holds a stand-in that names nobody, the number beside it is asked instead. `frames`
    are rows of the table, or of those columns alone.
    """
    found = list(frames)
    rekeyed = filter(is_rekeyed_by_identifier, columns(table))
    return [_named(column, _asked(table, column), found, known.persons) for column in rekeyed]


def _asked_in(table: type[Table], parts: Iterable[Stored]) -> Iterator[pl.DataFrame]:
    """The distinct numbers of each part, read one after the other."""
    names = [name for c in filter(is_rekeyed_by_identifier, columns(table)) for name in _asked(table, c)]
    if names:
        yield from (tables.read(part, columns=names).unique() for part in parts)


def _asked(table: type[Table], column: Column) -> list[str]:
    """The column, and the one that is asked where it names nobody."""
    other = stand_in(table, column)
    return [column.name, *([other.name] if other else [])]


def _named(
    column: Column, asked: Sequence[str], frames: Sequence[pl.DataFrame], persons: pl.DataFrame
) -> pl.DataFrame:
    plain, *others = (normalise(pl.col(name)) for name in asked)
    for other in others:
        is_stand_in = kind(plain) == Kind.DUMMY.value
        plain = pl.when(is_stand_in).then(pl.coalesce(other, plain)).otherwise(plain)
    reason = pl.coalesce("status", kind(pl.col("plain"))).replace_strict(
        _REASON_OF, default=Unlinked.NOT_IN_POPULATION.value
    )
    nobody = pl.col(column.name).is_not_null() & pl.col(PERSON_KEY).is_null()
    return (
        pl.concat([frame.lazy().select(asked) for frame in frames])
        .unique()
        .with_columns(plain=plain)
        .join(persons.lazy(), left_on="plain", right_on="identifier", how="left")
        .select(*asked, pl.col(PERSON_KEY).alias(str(column.core_name)), because=pl.when(nobody).then(reason))
        .collect()
    )


def _by_identifier(frame: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The rows with the person key, or with the reason why there is none."""
    asked = [name for name in named.columns if name in frame.columns]
    joined = frame.join(named, on=asked, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.coalesce(REASON, "because").alias(REASON)).drop("because")


def _persons(keys: pl.DataFrame, spine: pl.DataFrame) -> pl.DataFrame:
    """One row for each identifier: its person key where it links one person, and its status."""
    return (
        spine.with_columns(source_key=pl.col("person_id").cast(pl.String))
        .join(_keys(keys, Entity.PERSON), on="source_key", how="left")
        .group_by("identifier")
        .agg(
            # Several records, one person: all that link have one key.
            pl.col("key").filter(pl.col("status") == Status.LINKED.value).min().alias(PERSON_KEY),
            pl.col("status").min(),
        )
    )


def _by_own_key(frame: pl.DataFrame, column: Column, known: pl.DataFrame) -> pl.DataFrame:
    key = column.about.key
    assert key is not None
    name, new = column.name, str(column.core_name)
    keys = _keys(known, key.entity).rename({"key": new})
    joined = frame.with_columns(_source_key=pl.col(name).cast(pl.String)).join(
        keys, left_on="_source_key", right_on="source_key", how="left", maintain_order="left"
    )
    if joined.select((pl.col(new).is_null() & pl.col(name).is_not_null()).any()).item():
        raise TableRejected(
            f"{column.path} holds a key that the ledger does not have.",
            instead="The table was not made.",
            do="Make the ledger again with: uttrekk run",
        )
    return joined.drop("_source_key")


def _keys(known: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    return known.filter(pl.col("entity") == entity.value).select("source_key", "key")


def _order(table: type[Table]) -> list[str]:
    """Person, then the table's date, then everything else in declared order: a total order."""
    names = list(polars_schema(core_model(table)))
    dated_by = facts(core_model(table)).dated_by
    first = [name for name in (PERSON_KEY, dated_by) if name in names]
    return [*first, *(name for name in names if name not in first)]


def _check(table: type[Table], core: pl.DataFrame) -> None:
    """What we made keeps its own declaration; no rule of `core` reads the night."""
    result = validate(core_model(table), core, date.min)
    if result.quarantined.height:
        broken = ", ".join(sorted({count.rule for count in result.counts}))
        raise TableRejected(
            f"core.{table_name(table)} breaks its own declaration ({broken}).",
            instead="The table was not stored.",
            do="This is a fault of the program: report it with the line above.",
        )
