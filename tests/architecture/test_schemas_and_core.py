"""Walks every declared table: no fact is missing, every key is re-keyed or dropped, nobody is named."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from pipeline.core import core_model, lookups, to_core
from pipeline.identity.spine import spine
from pipeline.identity.spine.ledger import empty, mint, owned_keys
from schemas import BY_NAME, CASE_SYSTEM, DELIVERIES, LINKED, RESEARCH, SOURCE_TABLES, TABLES, codes
from schemas.case_system import Identifier, Person
from schemas.variable import (
    Column,
    Identifiability,
    InCore,
    KeyKind,
    Table,
    columns,
    facts,
    polars_schema,
    table_name,
)
from tests.factories import AS_OF, an_identifier, frame_of

COLUMNS = [column for table in TABLES for column in columns(table)]
SOURCE_COLUMNS = [column for table in SOURCE_TABLES for column in columns(table)]
BY_PATH = {column.path: column for column in COLUMNS}
KEYS = [column for column in SOURCE_COLUMNS if column.about.key]
FROM_NONE_TO_DIRECT = [
    Identifiability.NONE,
    Identifiability.INDIRECT,
    Identifiability.PSEUDONYM,
    Identifiability.DIRECT,
]
EXTRACTED = [table for table in SOURCE_TABLES if facts(table).extracted]

# Periods that the file's name says and its rows do not.
TOLD_BY_THE_FILE_NAME = {
    "nir_participant.delivery_year",
    "nir_measure.delivery_year",
    "nir_leave.delivery_year",
    "nir_absence.delivery_year",
    "nir_language_hours.delivery_year",
    "social_assistance.year",
}

# Read from the same field as the figure they are of.
STATES_OF_FIGURES = {f"{table_name(d.table)}.{state}" for d in DELIVERIES for state in d.states.values()}

every_table = pytest.mark.parametrize("table", TABLES, ids=table_name)
every_source_table = pytest.mark.parametrize("table", SOURCE_TABLES, ids=table_name)
every_column = pytest.mark.parametrize("column", COLUMNS, ids=lambda c: c.path)


# --- facts ----------------------------------------------------------------------------------------------


@every_column
def test_every_column_has_all_its_facts(column: Column) -> None:
    about = column.about
    assert about.nb.strip()
    assert about.en.strip()
    assert about.source.strip()
    assert about.evidence.strip()
    assert column.nullable == (about.min_filled < 1)
    if column.dtype.is_numeric() and about.key is None:
        assert about.unit, "a number says in what it counts"


@pytest.mark.parametrize("column", SOURCE_COLUMNS, ids=lambda c: c.path)
def test_a_source_column_says_what_the_source_calls_it(column: Column) -> None:
    made_by_us = column.path in TOLD_BY_THE_FILE_NAME | STATES_OF_FIGURES
    assert bool(column.about.source_name) != made_by_us


@every_source_table
def test_no_two_columns_of_a_table_have_one_source_name(table: type[Table]) -> None:
    names = [c.about.source_name for c in columns(table) if c.path not in STATES_OF_FIGURES]
    assert len(set(names)) == len(names)


@every_table
def test_what_a_table_says_of_itself_is_true_of_its_columns(table: type[Table]) -> None:
    about, schema = facts(table), polars_schema(table)
    assert about.nb
    assert about.en
    assert about.source_name
    assert set(about.primary_key) <= set(schema)
    assert about.dated_by is None or schema[about.dated_by] == pl.Date
    assert BY_NAME[table_name(table)] is table


@every_table
def test_what_makes_a_primary_key_is_always_filled(table: type[Table]) -> None:
    required = {c.name for c in columns(table) if not c.nullable}
    assert set(facts(table).primary_key) <= required


@every_table
def test_a_rule_reads_columns_of_its_table_and_has_a_name_of_its_own(table: type[Table]) -> None:
    frame = pl.DataFrame(schema=polars_schema(table))
    names = [rule.name for rule in facts(table).rules]
    assert len(set(names)) == len(names)
    for rule in facts(table).rules:
        assert rule.nb
        assert rule.en
        held = rule.holds(AS_OF)
        assert set(held.meta.root_names()) == set(rule.columns)
        assert frame.select(held).dtypes == [pl.Boolean]


@every_column
def test_codes_are_of_a_list_that_is_declared_once(column: Column) -> None:
    if column.about.codes:
        assert [known for known in codes.CODE_LISTS if known.name == column.about.codes.name] == [
            column.about.codes
        ]


@pytest.mark.parametrize("code_list", codes.CODE_LISTS, ids=lambda c: c.name)
def test_every_code_has_labels_and_every_hierarchy_leads_to_its_top(code_list: codes.CodeList) -> None:
    assert all(code.nb and code.en for code in code_list.codes)
    for below, above in pairwise(code_list.ladder()):
        assert set(below.parents()) == set(below.values())
        assert set(below.parents().values()) <= set(above.values())


# --- keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", KEYS, ids=lambda c: c.path)
def test_every_key_is_rekeyed_or_dropped_in_core(column: Column) -> None:
    core = {c.name: c for c in columns(core_model(BY_NAME[column.table]))}
    if column.about.in_core is InCore.REKEYED:
        rekeyed = core[str(column.core_name)]
        assert rekeyed.name.endswith("_key")
        assert rekeyed.dtype == pl.Int64
        assert column.name not in core
    else:
        assert column.about.in_core is InCore.DROPPED
        assert column.core_name is None
        assert not {column.name, f"{column.name.removesuffix('_id')}_key"} & set(core)


def test_a_column_named_like_a_key_is_declared_as_one() -> None:
    named = [c for c in SOURCE_COLUMNS if c.name.endswith(("_id", "_identifier", "_key"))]
    assert [c.path for c in named if not c.about.key] == []


def test_every_foreign_key_points_to_the_one_key_of_a_table_that_is_read_before() -> None:
    position = {table_name(table): at for at, table in enumerate(CASE_SYSTEM)}
    for column in KEYS:
        key = column.about.key
        if key is None or key.references is None:
            continue
        parent = BY_NAME[key.references]
        (parent_key,) = facts(parent).primary_key
        assert position[key.references] < position[column.table], column.path
        assert BY_PATH[f"{key.references}.{parent_key}"].about.key.entity is key.entity, column.path
        assert BY_PATH[f"{key.references}.{parent_key}"].dtype == column.dtype, column.path


def test_only_registers_name_persons_by_official_identifiers_but_for_the_table_of_identifiers() -> None:
    official = {c.table for c in KEYS if c.about.key and c.about.key.kind is KeyKind.OFFICIAL}
    assert official & {table_name(table) for table in CASE_SYSTEM} == {"identifier"}


# --- nobody is named ------------------------------------------------------------------------------------


@every_source_table
def test_core_has_no_direct_identifier_and_no_free_text(table: type[Table]) -> None:
    kept = {c.name for c in columns(table) if c.core_name == c.name}
    for column in columns(table):
        if column.about.identifiability is Identifiability.DIRECT or column.about.free_text:
            assert column.name not in kept
    for column in columns(core_model(table)):
        assert not column.about.free_text
        assert column.about.key or column.about.identifiability is not Identifiability.DIRECT


@pytest.mark.parametrize("table", [*LINKED, *RESEARCH], ids=table_name)
def test_no_table_of_ours_has_a_direct_identifier_or_free_text(table: type[Table]) -> None:
    for column in columns(table):
        assert column.about.identifiability is not Identifiability.DIRECT
        assert not column.about.free_text


@pytest.mark.parametrize("table", RESEARCH, ids=table_name)
def test_no_internal_key_leaves_the_house(table: type[Table]) -> None:
    keys = [c.name for c in columns(table) if c.about.key or c.name.endswith(("_key", "_id"))]
    assert set(keys) <= {"pseudonym", "former_pseudonym"}


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.about.derived_from], ids=lambda c: c.path)
def test_deriving_does_not_launder(column: Column) -> None:
    parents = [BY_PATH[path] for path in column.about.derived_from]  # KeyError: names no column
    rank = FROM_NONE_TO_DIRECT.index
    most = max(rank(parent.about.identifiability) for parent in parents)
    assert rank(column.about.identifiability) >= most or column.about.less_identifying_because
    assert column.about.special_category >= any(p.about.special_category for p in parents)


# --- and so it is carried out ----------------------------------------------------------------------------

MARK = "CANARY"


def marked(table: type[Table]) -> pl.DataFrame:
    """One row whose every direct identifier and free text holds a mark or a known identifier."""
    changes: dict[str, Any] = {}
    for column in columns(table):
        about = column.about
        if about.key and about.key.kind is KeyKind.OFFICIAL:
            changes[column.name] = an_identifier(1)
        elif (
            about.identifiability is Identifiability.DIRECT or about.free_text
        ) and column.dtype == pl.String:
            changes[column.name] = MARK
        elif about.key and column.dtype == pl.Int64:
            changes[column.name] = 987654
    return frame_of(table, changes)


@pytest.mark.parametrize("table", EXTRACTED, ids=table_name)
def test_no_key_and_no_name_of_any_table_comes_through_to_core(table: type[Table]) -> None:
    frame = marked(table)
    ledger = empty()
    for column in owned_keys(table):
        assert column.about.key
        ledger = mint(ledger, column.about.key.entity, frame[column.name])
    person = columns(Person)[0].about.key
    assert person
    ledger = mint(ledger, person.entity, pl.Series([987654]))
    ids = spine(
        frame_of(Identifier, {"person_id": 987654, "identifier": an_identifier(1)}),
        frame_of(Person, {"person_id": 987654}),
    )
    result = to_core(table, frame, lookups(ledger, ids))
    assert result.core.height == 1
    written = result.core.write_csv()
    assert not any(value in written for value in (MARK, an_identifier(1), "987654"))
    keys = [c.name for c in columns(core_model(table)) if c.about.key]
    assert result.core.select(pl.col(keys)).rows() in ([()], [], [(1,) * len(keys)])
