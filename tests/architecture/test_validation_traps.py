"""What our validation works around in Pandera, and that it judges as Pandera does. When one of these fails,
the library has changed: read `pipeline/validate/rows.py` again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaErrors

from pipeline.errors import TableRejected
from pipeline.validate import validate
from pipeline.validate.stored import confirmed
from schemas import SOURCE_TABLES
from schemas.case_system import Person
from schemas.variable import FAILURE_CASES_KEPT, Table, columns, table_name
from tests.factories import AS_OF, frame_of

CANARY = "01819012345"


def errors_of(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> SchemaErrors:
    with pytest.raises(SchemaErrors) as caught:
        schema.validate(frame, lazy=True)
    return caught.value


def test_bad_data_in_a_lazyframe_passes_silently_so_only_dataframes_are_validated() -> None:
    bad = frame_of(Person, {"sex": CANARY})
    Person.to_schema().validate(bad.lazy(), lazy=True).collect()
    errors_of(Person.to_schema(), bad)


def test_panderas_message_quotes_values_so_nothing_is_raised_from_it() -> None:
    assert CANARY in str(errors_of(Person.to_schema(), frame_of(Person, {"sex": CANARY})))


def test_capped_failure_cases_cannot_be_counted_but_check_output_can() -> None:
    rows = 10 * FAILURE_CASES_KEPT
    found = errors_of(Person.to_schema(), frame_of(Person, *[{"sex": CANARY}] * rows))
    (error,) = found.schema_errors
    assert error.failure_cases.height == FAILURE_CASES_KEPT
    assert (~error.check_output.to_series()).sum() == rows


def test_every_kind_of_check_gives_one_boolean_for_each_row() -> None:
    frame = frame_of(Person, {"person_id": None}, {"sex": "7"}, {"mother_tongue": "x"}, {})
    found = errors_of(Person.to_schema(), frame).schema_errors
    assert {(e.schema.name, tuple(e.check_output.to_series())) for e in found} == {
        ("person_id", (False, True, True, True)),
        ("sex", (True, False, True, True)),
        ("mother_tongue", (True, True, False, True)),
    }


def test_pattern_checks_are_anchored_only_at_the_start() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(str, pa.Check.str_matches(r"\d{3}"))})
    schema.validate(pl.DataFrame({"a": ["123x"]}))


def test_nan_passes_a_lower_bound() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(float, pa.Check.ge(0), nullable=True)})
    schema.validate(pl.DataFrame({"a": [float("nan")]}))


@pytest.mark.parametrize("table", SOURCE_TABLES, ids=table_name)
def test_no_check_of_a_source_table_collects_all_it_finds(table: type[Table]) -> None:
    checks = [check for column in table.to_schema().columns.values() for check in column.checks]
    assert {check.n_failure_cases for check in checks} <= {FAILURE_CASES_KEPT}


RULES_OF_PANDERA = {
    "not_nullable": "required",
    "isin": "code",
    "greater_than_or_equal_to": "at_least",
    "less_than_or_equal_to": "at_most",
    "str_matches": "pattern",
}
ODD: dict[type[pl.DataType], list[Any]] = {
    pl.String: [None, "", "x", " 1", "1\n", "0301 ", "ø"],
    pl.Int64: [None, -1, 0, 10**9, -(10**9)],
    pl.Int32: [None, -1, 0, 10**9, -(10**9)],
    pl.Float64: [None, -1.0, -0.0, 1e9, float("inf")],
    pl.Date: [None, date(1, 1, 1), date(1899, 12, 31), date(9999, 12, 31)],
    pl.Boolean: [None, True, False],
}


@pytest.mark.parametrize("table", SOURCE_TABLES, ids=table_name)
def test_our_one_pass_finds_what_pandera_finds_in_every_column(table: type[Table]) -> None:
    for column in columns(table):
        usual = frame_of(table, {})
        values = [usual[column.name][0], *ODD[column.dtype.base_type()]]
        spoilt = pl.concat([usual] * len(values)).with_columns(
            pl.Series(column.name, values, dtype=column.dtype)
        )
        try:
            table.to_schema().validate(spoilt, lazy=True)
            expected = {}
        except SchemaErrors as errors:
            expected = {
                (e.schema.name, RULES_OF_PANDERA[e.check if isinstance(e.check, str) else e.check.name]): (
                    ~e.check_output.to_series().fill_null(True)
                ).sum()
                for e in errors.schema_errors
            }
        names = set(RULES_OF_PANDERA.values())
        try:
            counts = validate(table, spoilt, AS_OF).counts
        except TableRejected:  # a fatal rule of the table's; what its columns say is told elsewhere
            continue
        assert {(c.column, c.rule): c.rows for c in counts if c.rule in names} == expected, column.name


def test_what_we_let_through_by_mistake_is_stopped_by_pandera_before_it_is_written() -> None:
    good = frame_of(Person, {})
    assert confirmed(Person, good).equals(good)

    bad = frame_of(Person, {"sex": CANARY})
    with pytest.raises(TableRejected) as caught:
        confirmed(Person, bad)

    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
