"""The coarsened table at its finest level: whose rows, which of several, and a code for every value."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure.coarsen import quasi_identifiers, roles_of
from pipeline.disclosure.roles import Mode
from pipeline.errors import TableRejected, TargetUnreachable
from pipeline.releases.coarsened import Levels, finest, recode
from pipeline.releases.sources import Sources
from schemas import codes
from schemas.case_system.background import Background, Family, Health
from schemas.core import in_core
from schemas.linked import ExitCohort, MonthStatus
from schemas.registers.population import PopulationStatus
from schemas.research import CoarsenedOutcome
from schemas.rules import FIRST_PLAUSIBLE_YEAR, FIRST_PROGRAMME_YEAR
from schemas.variable import Table, column, columns, polars_schema
from tests.release_world import sources

LEFT = date(2012, 6, 15)
MONTH = date(2012, 6, 1)


def rows_of(table: type[Table], *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of that table about person 1; what is not said is blank, and a flag is no."""
    schema = polars_schema(table)
    flags = {name: False for name, kind in schema.items() if kind == pl.Boolean()}
    blank = dict.fromkeys(schema)
    return pl.DataFrame([blank | flags | {"person_key": 1} | row for row in rows], schema=schema)


def one(
    *,
    person: dict[str, Any] | None = None,
    cohort: dict[str, Any] | None = None,
    background: tuple[dict[str, Any], ...] = (),
    family: tuple[dict[str, Any], ...] = (),
    health: tuple[dict[str, Any], ...] = (),
    months: tuple[dict[str, Any], ...] = (),
    statuses: dict[str, str | None] | None = None,
) -> dict[str, Any]:
    """The one row of a world with one person."""
    about = {"person_key": 1, "sex": "1", "birth_date": date(1980, 6, 15), "country_of_birth": "346"}
    left = {"bydel": "01", "started_on": date(2010, 8, 20), "ended_on": LEFT, "left_on": LEFT}
    exits = left | {"exit_year": LEFT.year, "nir_exit": "01"} | (cohort or {})
    told = [(1, window, status) for window, status in (statuses or {}).items()]
    kinds = {"sex": pl.String, "birth_date": pl.Date, "country_of_birth": pl.String}
    world = Sources(
        person=pl.DataFrame([about | (person or {})], schema={"person_key": pl.Int64, **kinds}),
        settlement=pl.DataFrame(),
        background=rows_of(in_core(Background), *background),
        programme_spell=pl.DataFrame(),
        exit_cohort=rows_of(ExitCohort, {"programme_key": 1} | exits),
        outcome=pl.DataFrame(
            told,
            schema={"person_key": pl.Int64, "outcome": pl.String, "status": pl.String},
            orient="row",
        ),
        population_status=rows_of(in_core(PopulationStatus)),
        family=rows_of(in_core(Family), *family),
        health=rows_of(in_core(Health), *health),
        month_status=rows_of(MonthStatus, *months),
    )
    return finest(world).row(0, named=True)


# --- whose rows, which columns ---------------------------------------------------------------------------


def test_there_is_a_row_for_each_person_of_the_exit_cohort_in_the_declared_columns() -> None:
    world = sources(40)
    made = finest(world)
    assert made.schema == polars_schema(CoarsenedOutcome)
    assert made.height == world.exit_cohort.height == 20


def test_persons_who_may_not_be_used_are_not_in_the_table() -> None:
    world = sources(40)
    usable = world.person.select("person_key").filter(pl.col("person_key") != 2)
    assert finest(world.only(usable)).height == 19


def test_what_may_be_known_of_a_person_is_never_null() -> None:
    made = finest(sources(40))
    assert not made.select(pl.any_horizontal(pl.col(*quasi_identifiers()).is_null().any())).item()


# --- values ----------------------------------------------------------------------------------------------


def test_dates_become_years_and_months() -> None:
    row = one()
    assert (row["birth_year"], row["start_month"], row["exit_year"]) == ("1980", "2010-08", "2012")


def test_missing_values_become_the_lists_own_unknown_and_an_exact_field_stays_blank() -> None:
    row = one(
        person={"sex": None, "birth_date": None, "country_of_birth": None},
        cohort={"bydel": None, "started_on": None},
    )
    unknown = {"sex": "9", "birth_year": "X", "country_of_birth": "990", "bydel": "99"}
    unknown |= {"start_month": "X", "children": "X", "education_level": "9"}
    assert {name: row[name] for name in unknown} == unknown
    assert [row[name] for name in ("disability", "chronic_illness", "on_benefit", "status_y1")] == [None] * 4


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0"), (1, "1"), (2, "2"), (3, "3+"), (20, "3+"), (None, "X")]
)
def test_many_children_are_told_as_many(number: int | None, told: str) -> None:
    row = one(family=({"registered_on": date(2010, 1, 1), "children_under_18": number},))
    assert row["children"] == told


@pytest.mark.parametrize("order", [1, -1])
def test_the_latest_registration_is_the_one_told(order: int) -> None:
    early, late = {"registered_on": date(2010, 1, 1)}, {"registered_on": date(2012, 1, 1)}
    row = one(
        background=({**early, "education_level": "1"}, {**late, "education_level": "4"})[::order],
        family=({**early, "children_under_18": 1}, {**late, "children_under_18": 2})[::order],
        health=({**early, "chronic_illness": "J"}, {**late, "chronic_illness": "N"})[::order],
    )
    assert (row["education_level"], row["children"], row["chronic_illness"]) == ("4", "2", "N")


@pytest.mark.parametrize(
    ("months", "told"),
    [
        ((), None),
        (({"month": MONTH, "on_benefit": True},), "J"),
        (({"month": MONTH, "on_benefit": False},), "N"),
        (({"month": date(2012, 5, 1), "on_benefit": True},), None),  # the month before
    ],
)
def test_a_benefit_is_that_of_the_month_of_exit_and_blank_where_no_register_knows(
    months: tuple[dict[str, Any], ...], told: str | None
) -> None:
    assert one(months=months)["on_benefit"] == told


def test_the_month_of_exit_is_that_after_care_leave() -> None:
    row = one(
        cohort={"left_on": date(2013, 3, 9), "exit_year": 2013},
        months=({"month": MONTH, "on_benefit": True}, {"month": date(2013, 3, 1), "on_benefit": False}),
    )
    assert (row["on_benefit"], row["exit_year"]) == ("N", "2013")


@pytest.mark.parametrize(
    ("status", "group"),
    [
        ("work_education", "work_or_education"),
        ("work", "work_or_education"),
        ("education", "work_or_education"),
        ("unemployed_measure", "something_else"),
        ("other", "something_else"),
        ("unknown", "not_known"),
        ("not_registered", "not_known"),
        ("dead", "not_resident"),
        ("emigrated", "not_resident"),
    ],
)
def test_a_status_after_the_exit_climbs_to_its_group_and_that_at_exit_does_not(
    status: str, group: str
) -> None:
    row = one(statuses={"y0": "work", "y1": status, "y5": status, "baerum_12": status})
    assert (row["status_y0"], row["status_y1"], row["status_y5"]) == ("work", group, group)
    assert (row["status_baerum_12"], row["status_baerum_60"]) == (group, None)


def test_an_outcome_that_is_not_observed_is_null() -> None:
    row = one(statuses={"y0": "work", "y1": None})
    assert (row["status_y0"], row["status_y1"], row["status_y5"]) == ("work", None, None)


# --- a code for every value ------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(year, month, 28) for year in (2003, 2034) for month in (1, 12)])
def test_every_month_of_a_programme_has_a_code_from_the_first_to_the_last(day: date) -> None:
    row = one(cohort={"started_on": day, "left_on": day, "exit_year": day.year})
    assert (row["start_month"], row["exit_year"]) == (f"{day.year}-{day.month:02}", str(day.year))


def test_the_ladders_begin_where_the_rules_of_the_sources_do() -> None:
    """So that no row that keeps the rules of its own table is refused here."""
    assert codes.YEAR.values()[0] == str(FIRST_PROGRAMME_YEAR)
    assert codes.BIRTH_YEAR.values()[0] == str(FIRST_PLAUSIBLE_YEAR)


@pytest.mark.parametrize("number", range(21))  # as many as the field may hold
def test_every_number_of_children_has_a_code(number: int) -> None:
    most = dict(dict(column(Family, "children_under_18").rules)["less_than_or_equal_to"])["max_value"]
    assert most == 20
    row = one(family=({"registered_on": date(2010, 1, 1), "children_under_18": number},))
    assert row["children"] in codes.CHILDREN.values()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("country_of_birth", {"person": {"country_of_birth": "777"}}),
        ("birth_year", {"person": {"birth_date": date(1777, 7, 7)}}),
        ("start_month", {"cohort": {"started_on": date(1777, 7, 7)}}),
        ("exit_year", {"cohort": {"exit_year": 2035}}),
        ("sex", {"person": {"sex": "777"}}),
        ("chronic_illness", {"health": ({"registered_on": date(2010, 1, 1), "chronic_illness": "777"},)}),
    ],
)
def test_a_value_without_a_place_in_the_hierarchy_is_refused_and_not_quoted(
    name: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(TableRejected, match=name) as refused:
        one(**changed)
    assert "777" not in str(refused.value) and "2035" not in str(refused.value)


# --- recoded ---------------------------------------------------------------------------------------------

ASKED = [column(CoarsenedOutcome, name) for name in ("sex", "birth_year", "start_month", "status_y1")]


def roles(**asked: Any) -> Any:
    return roles_of(ASKED, {}, **asked)


def test_what_is_recoded_is_what_was_asked_for_of_everybody() -> None:
    world = sources(300)
    done = recode(world, ASKED, roles(), None)
    assert done.before.columns == done.made.rows.columns == [c.name for c in ASKED]
    assert done.before.equals(finest(world).select(c.name for c in ASKED))
    assert done.made.cost.suppressed == 150 - done.made.rows.height


def test_levels_are_new_kept_or_coarser_and_never_finer() -> None:
    world = sources(300)
    new = recode(world, ASKED, roles(), None)
    assert new.levels is Levels.NEW and new.made.levels is not None
    kept = recode(world, ASKED, roles(), new.made.levels)
    assert kept.levels is Levels.KEPT and kept.made.rows.equals(new.made.rows)
    # Fewer persons to hide among: those levels do not do any more.
    few = world.only(world.person.select("person_key").head(60))
    coarser = recode(few, ASKED, roles(), new.made.levels)
    assert coarser.levels is Levels.COARSER and coarser.made.levels is not None
    assert all(coarser.made.levels[name] >= level for name, level in new.made.levels.items())
    # And of the many again: coarser ones stand, though finer would do.
    assert recode(world, ASKED, roles(), coarser.made.levels).made.levels == coarser.made.levels


def test_where_nothing_meets_the_targets_nothing_is_made() -> None:
    """Two persons cannot be five."""
    two = sources(300).only(pl.DataFrame({"person_key": [2, 4]}))
    for mode in Mode:
        with pytest.raises(TargetUnreachable):
            recode(two, ASKED, roles(mode=mode), None)


def test_the_order_of_rows_says_nothing() -> None:
    world = sources(300)
    turned = dataclasses.replace(world, **{name: frame.reverse() for name, frame in vars(world).items()})
    for mode in Mode:
        one_way, other = (recode(each, ASKED, roles(mode=mode), None) for each in (world, turned))
        assert one_way.made.rows.equals(other.made.rows)


def test_every_offered_column_is_made() -> None:
    """A column nobody fills would be a column of blanks."""
    row = one(
        background=({"registered_on": date(2010, 1, 1), "education_level": "4"},),
        family=({"registered_on": date(2010, 1, 1), "children_under_18": 1},),
        health=({"registered_on": date(2010, 1, 1), "disability": "N", "chronic_illness": "N"},),
        months=({"month": MONTH, "on_benefit": False},),
        statuses=dict.fromkeys(codes.OUTCOME.values(), "work"),
    )
    assert [c.name for c in columns(CoarsenedOutcome) if row[c.name] is None] == []
