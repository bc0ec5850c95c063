"""Aggregate-only sources: what cannot be defined, what cannot be joined, and figures that are withheld."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import new_class
from typing import Any

import polars as pl
import pytest

from pipeline.core import core_model, lookups, to_core
from pipeline.identity.spine import SPINE_SCHEMA
from pipeline.identity.spine.ledger import empty
from pipeline.linkage.municipality import Converted, MunicipalJoin, NotConverted, convert, counts_of, merged
from pipeline.sources.deliveries import delivery_batches, known
from pipeline.validate import validate
from schemas import BY_NAME, DELIVERIES, MUNICIPAL, SOURCE_TABLES, codes
from schemas.linked import ExitCohort, OutcomeSummary
from schemas.municipal import MunicipalIndicator, MunicipalTable, NetworkRound, UserSurvey
from schemas.municipal.base import BLANK, MARKS, STATED, municipal_table, state_of
from schemas.municipal.base import municipality as declare_municipality
from schemas.municipal.base import year as declare_year
from schemas.municipal.tables import indicator
from schemas.registers import PopulationStatus
from schemas.variable import (
    Entity,
    Identifiability,
    Key,
    Table,
    columns,
    derived,
    facts,
    polars_schema,
    table_name,
)
from tests.factories import AS_OF, frame_of

LABELS = {"nb": "Noe", "en": "Something", "source_name": "noe"}


def define(body: dict[str, Any], types: dict[str, Any], **about: Any) -> type[Table]:
    """A class of aggregates by municipality and year, with `body` besides."""
    usual = {
        "source": "A source",
        "source_name": "FILE",
        "nb": "Tabell",
        "en": "Table",
        "primary_key": ("municipality", "year"),
    }
    members = {
        "__module__": __name__,
        "__facts__": municipal_table(**(usual | about)),
        "__annotations__": {"municipality": str, "year": int} | types,
        "municipality": declare_municipality(indicator),
        "year": declare_year(indicator),
        **body,
    }
    return new_class("Aggregate", (MunicipalTable,), exec_body=lambda ns: ns.update(members))


def test_an_aggregate_by_municipality_and_year_can_be_defined() -> None:
    assert issubclass(define({}, {}), MunicipalTable)


@pytest.mark.parametrize("entity", Entity, ids=lambda entity: entity.value)
def test_a_key_to_anything_is_refused_when_the_class_is_defined(entity: Entity) -> None:
    key = indicator(**LABELS, identifiability=Identifiability.INDIRECT, key=Key(entity=entity))
    with pytest.raises(TypeError, match=f"a key to a {entity}; this source cannot be joined to persons"):
        define({"somebody": key}, {"somebody": int})


@pytest.mark.parametrize("level", [Identifiability.DIRECT, Identifiability.PSEUDONYM])
def test_an_identifier_is_refused_when_the_class_is_defined(level: Identifiability) -> None:
    with pytest.raises(TypeError, match=f"a {level} identifier"):
        define({"somebody": indicator(**LABELS, identifiability=level)}, {"somebody": str})


@pytest.mark.parametrize("name", ["person_key", "case_id", "person_identifier", "pseudonym"])
def test_a_name_that_keys_have_is_refused_when_the_class_is_defined(name: str) -> None:
    with pytest.raises(TypeError, match="a name that keys have"):
        define({name: indicator(**LABELS)}, {name: str})


def test_free_text_is_refused_when_the_class_is_defined() -> None:
    with pytest.raises(TypeError, match="free text"):
        define({"words": indicator(**LABELS, free_text=True)}, {"words": str})


def test_a_column_of_another_table_is_refused_when_the_class_is_defined() -> None:
    taken = derived(PopulationStatus, "residence")
    with pytest.raises(TypeError, match="derived from another table"):
        define({"residence": taken}, {"residence": str})


@pytest.mark.parametrize("key", [(), ("municipality",), ("year", "municipality"), ("year",)])
def test_a_table_that_is_not_by_municipality_and_year_is_refused(key: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="the primary key begins with municipality and year"):
        define({}, {}, primary_key=key)


def test_a_row_for_each_person_is_refused() -> None:
    with pytest.raises(TypeError, match="never a person's"):
        define({}, {}, unit=Entity.PERSON)
    with pytest.raises(TypeError, match="a row is a municipality's"):
        define({}, {}, expected_per=Entity.PERSON)


def test_a_municipality_that_is_a_whole_number_is_refused() -> None:
    with pytest.raises(TypeError, match="the number of a municipality is text"):
        define({"municipality": indicator(**LABELS, unit="number")}, {"municipality": int})


def test_every_municipal_table_is_one_that_cannot_hold_a_person_and_is_read_with_the_others() -> None:
    assert MUNICIPAL
    for table in MUNICIPAL:
        assert issubclass(table, MunicipalTable)
        assert table in SOURCE_TABLES
        assert [d.table for d in DELIVERIES].count(table) == 1
        assert not [c for c in columns(core_model(table)) if c.about.key]


def test_no_other_source_table_claims_to_hold_no_person() -> None:
    assert {t for t in BY_NAME.values() if issubclass(t, MunicipalTable)} == set(MUNICIPAL)


# --- joins ------------------------------------------------------------------------------------------------


def test_a_join_to_a_table_with_persons_is_refused_when_it_is_declared() -> None:
    for table in BY_NAME.values():
        if not issubclass(table, MunicipalTable):
            with pytest.raises(TypeError):
                MunicipalJoin(left=table, right=NetworkRound, as_of_year=2024)


def test_a_join_of_rows_by_municipality_and_year_that_hold_a_person_is_refused() -> None:
    class Resident(PopulationStatus):
        __facts__ = municipal_table(
            source="A source",
            source_name="FILE",
            nb="Bosatt",
            en="Resident",
            primary_key=("municipality", "year", "person_identifier"),
        )

    with pytest.raises(TypeError, match="person_identifier: a key to a person"):
        MunicipalJoin(left=Resident, right=NetworkRound, as_of_year=2024)


@pytest.mark.parametrize("right", [ExitCohort, OutcomeSummary, PopulationStatus])
def test_only_an_aggregate_only_source_can_be_joined_so(right: type[Table]) -> None:
    with pytest.raises(TypeError, match="no aggregate-only source"):
        MunicipalJoin(left=NetworkRound, right=right, as_of_year=2024)  # type: ignore[arg-type]


def test_a_join_picks_one_row_of_the_right_side_for_each_municipality_and_year() -> None:
    with pytest.raises(TypeError, match="`only` picks one row"):
        MunicipalJoin(left=NetworkRound, right=UserSurvey, as_of_year=2024)
    MunicipalJoin(left=NetworkRound, right=UserSurvey, as_of_year=2024, only={"dimension": "HEL"})


def survey(*rows: dict[str, Any]) -> pl.DataFrame:
    usual = {
        "dimension": "HEL",
        "survey_scale": "1-6",
        "respondents_state": STATED,
        "mean_score_state": STATED,
    }
    return frame_of(UserSurvey, *(usual | row for row in rows))


def test_a_join_is_made_under_the_numbers_of_one_year_and_loses_nothing() -> None:
    join = MunicipalJoin(left=NetworkRound, right=UserSurvey, as_of_year=2024, only={"dimension": "HEL"})
    left = frame_of(
        NetworkRound,
        {"municipality": "0219", "year": 2015, "network_round": 3},
        {"municipality": "1601", "year": 2016, "network_round": 4},
        {"municipality": "7777", "year": 2015, "network_round": 3},
    )
    right = survey(
        {"municipality": "0219", "year": 2015, "respondents": 40, "mean_score": 4.5},
        {"municipality": "0219", "year": 2015, "dimension": "INN", "respondents": 39, "mean_score": 3.0},
        {"municipality": "0301", "year": 2015, "respondents": 90, "mean_score": 4.0},
    )
    mine, theirs = join.run(left, right)
    shown = ("municipality", "year", "network_round", "user_survey_respondents", "user_survey_mean_score")
    assert mine.rows.select(shown).rows() == [
        ("3201", 2015, 3, Decimal(40), 4.5),
        ("5001", 2016, 4, None, None),
    ]
    assert mine.set_aside.select("municipality", "reason").rows() == [("7777", "unknown_number")]
    assert theirs.rows.height == 2 and theirs.set_aside.height == 0


# --- conversion (its laws: tests/property/test_municipality_laws.py) ------------------------------------


def rows_of(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"municipality": pl.String, "year": pl.Int64, "n": pl.Int64}, orient="row"
    )


def converted(found: Converted) -> list[tuple[Any, ...]]:
    return found.rows.rows()


def test_a_number_follows_every_reform() -> None:
    old = rows_of(
        ("0219", 2015, 1), ("3024", 2020, 2), ("3024", 2023, 3), ("3201", 2024, 4), ("0301", 2004, 5)
    )
    assert converted(convert(old, to_year=2024)) == [
        ("3201", 2015, 1),
        ("3201", 2020, 2),
        ("3201", 2023, 3),
        ("3201", 2024, 4),
        ("0301", 2004, 5),
    ]
    assert converted(convert(old.head(1), to_year=2019)) == [("0219", 2015, 1)]
    assert converted(convert(old.head(1), to_year=2020)) == [("3024", 2015, 1)]


def test_merged_municipalities_get_one_number() -> None:
    old = rows_of(
        ("0602", 2019, 1), ("0711", 2019, 2), ("0625", 2019, 3), ("1662", 2017, 4), ("1601", 2017, 5)
    )
    assert [row[0] for row in converted(convert(old, to_year=2020))] == [
        "3005",
        "3005",
        "3005",
        "5001",
        "5001",
    ]


def test_a_split_shares_counts_out_by_the_declared_allocation() -> None:
    found = convert(rows_of(("1507", 2022, 50)), to_year=2024, counts=["n"])
    assert converted(found) == [("1508", 2022, Decimal("43.000000")), ("1580", 2022, Decimal("7.000000"))]
    assert found.rows.schema["n"] == pl.Decimal(38, 6)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("1507", 2022, 1), NotConverted.SPLIT),  # a person is not shared out
        (("4999", 2015, 1), NotConverted.UNKNOWN),
        (("219", 2015, 1), NotConverted.UNKNOWN),  # a whole number that lost its zero
        (("0219", 2020, 1), NotConverted.NOT_IN_USE),
        (("3024", 2019, 1), NotConverted.NOT_IN_USE),
        (("3201", 2025, 1), NotConverted.LATER),
        ((None, 2015, 1), NotConverted.UNKNOWN),
    ],
)
def test_what_cannot_be_converted_is_set_aside_with_the_reason(
    row: tuple[Any, ...], reason: NotConverted
) -> None:
    found = convert(rows_of(row), to_year=2024)
    assert found.rows.height == 0
    assert found.set_aside.rows() == [(*row, reason.value)]


def test_merged_counts_are_added_up_only_where_every_part_is_stated() -> None:
    parts = frame_of(
        MunicipalIndicator,
        *(
            {"municipality": "3005", "year": 2019}
            | {state_of(n): STATED for n in ("intro_participants", "unemployment_percent", "decided")}
            | row
            for row in (
                {"requested": 40, "requested_state": STATED, "settled": 30, "settled_state": STATED},
                {"requested": 7, "requested_state": STATED, "settled": None, "settled_state": "below_5"},
            )
        ),
    )
    (row,) = merged(MunicipalIndicator, parts, counts_of(MunicipalIndicator)).to_dicts()
    assert (row["requested"], row["requested_state"]) == (47, STATED)
    assert (row["settled"], row["settled_state"]) == (None, "withheld")
    assert (row["unemployment_percent"], row["unemployment_percent_state"]) == (None, "withheld")
    assert row["cost_per_refugee_kr"] is None


# --- figures that are withheld ----------------------------------------------------------------------------

HEADER = "kommunenr;aar;anmodet;vedtatt;bosatt;introdeltakere;ledige_pst;kostnad_kr"


def indicators(folder: Path, *rows: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    path = folder / "KOMMUNE_indikator_2015.csv"
    path.write_bytes(("\n".join([HEADER, *rows]) + "\n").encode("latin-1"))
    delivered = known(path)
    assert delivered is not None
    ((read, failures),) = delivery_batches(delivered, 100)
    return read, failures


def test_a_withheld_figure_is_neither_zero_nor_missing(tmp_path: Path) -> None:
    read, failures = indicators(tmp_path, "0301;2015;0;<5; : ;;2,4;")
    row = read.to_dicts()[0]
    told = {
        name: (row[name], row[state_of(name)])
        for name in ("requested", "decided", "settled", "intro_participants", "unemployment_percent")
    }
    assert told == {
        "requested": (0, "stated"),
        "decided": (None, "below_5"),
        "settled": (None, "withheld"),
        "intro_participants": (None, "blank"),
        "unemployment_percent": (2.4, "stated"),
    }
    assert failures.height == 0
    assert validate(MunicipalIndicator, read.drop("line"), AS_OF).quarantined.height == 0


@pytest.mark.parametrize("text", ["-", "..", "< 5", "<10", "5.0", "1 200"])
def test_a_mark_that_was_not_agreed_sets_the_row_aside(tmp_path: Path, text: str) -> None:
    read, failures = indicators(tmp_path, f"0301;2015;1;{text};3;4;2,4;", "0219;2015;1;2;3;4;2,4;")
    assert read["municipality"].to_list() == ["0219"]
    assert failures.select("line", "column", "rule").rows() == [(2, "decided", "parse_decided")]


def test_a_figure_that_does_not_agree_with_its_state_is_quarantined() -> None:
    row = {state_of(n): STATED for n in ("decided", "settled", "intro_participants", "unemployment_percent")}
    good = {"requested": None, "requested_state": "below_5"}
    zeroed = {"requested": 0, "requested_state": "below_5"}  # somebody replaced the mark by 0
    found = validate(MunicipalIndicator, frame_of(MunicipalIndicator, row | good, row | zeroed), AS_OF)
    assert found.passed.height == 1
    assert {count.rule for count in found.counts} == {"requested_agrees_with_state"}


def test_answers_that_are_no_scale_have_no_mean() -> None:
    yes_no = {"survey_scale": "JN", "mean_score": 1.4}
    without = {"survey_scale": "JN", "mean_score": None, "mean_score_state": BLANK, "dimension": "INN"}
    found = validate(UserSurvey, survey(yes_no, without), AS_OF)
    assert found.passed["dimension"].to_list() == ["INN"]
    assert {count.rule for count in found.counts} == {"a_mean_needs_a_scale"}


def test_the_states_are_codes_and_every_figure_has_one() -> None:
    assert {STATED, BLANK, *MARKS.values()} == set(codes.FIGURE_STATE.values())
    for delivery in DELIVERIES:
        for figure, state in delivery.states.items():
            assert {figure, state} <= set(polars_schema(delivery.table))
            assert f"{figure}_agrees_with_state" in {rule.name for rule in facts(delivery.table).rules}


@pytest.mark.parametrize("table", MUNICIPAL, ids=table_name)
def test_it_comes_to_core_as_it_is_without_anybody(table: type[Table]) -> None:
    frame = frame_of(table, {})
    made = to_core(table, frame, lookups(empty(), pl.DataFrame(schema=SPINE_SCHEMA)))
    assert made.core.to_dicts() == frame.to_dicts()
    assert made.unlinked.height == 0


def test_a_network_is_joined_in_a_year_of_its_own_for_each_municipality() -> None:
    joined = frame_of(NetworkRound, {"year": 2016}, {"municipality": "0219", "year": 2017})
    assert validate(NetworkRound, joined, date(2025, 3, 1)).passed.height == 2
