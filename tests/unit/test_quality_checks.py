"""Every check fires on the fault it is for, and on nothing else but what it declares to follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.quality.assess import Assessment, assess
from pipeline.quality.evidence import Evidence
from pipeline.quality.export import published_results
from pipeline.quality.profile import profile
from pipeline.quality.results import COULD_NOT_RUN, FAILED, FIELD, PASSED, counted, results
from pipeline.quality.rules import CHECKS
from pipeline.quality.stewardship import apply
from schemas import codes
from schemas.quality import CheckResult, Delay, ExpectedValues, FieldGrade
from schemas.variable import facts, polars_schema
from tests.quality_injectors import AS_OF, INJECTORS, Municipality, faultless

pytestmark = pytest.mark.slow


def assessed(world: Municipality, folder: Path) -> Assessment:
    cores = world.store(folder)
    usable = world.core["person"].select("person_key")
    evidence = Evidence(
        as_of=AS_OF,
        usable=usable,
        cores=cores,
        linked=world.linked,
        restricted=world.restricted,
        keys=world.keys,
        refused=world.refused,
        held=world.held,
    )
    return assess(profile(cores, usable, AS_OF, world.refused), evidence)


def failed(made: Assessment) -> set[str]:
    return set(made.results.filter(pl.col("status") == FAILED)["check"])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return assessed(faultless(), tmp_path_factory.mktemp("faultless"))


def test_every_check_has_a_fault_to_find() -> None:
    assert set(INJECTORS) == set(CHECKS) == set(codes.QUALITY_CHECK.values())


def test_nothing_is_found_where_there_is_no_fault_and_every_check_was_run(clean: Assessment) -> None:
    assert failed(clean) == set()
    ran = clean.results.filter(pl.col("status") == PASSED)["check"].unique()
    # A rule that no row broke is no result, and where nobody lacks a value nothing is missing by anything.
    assert set(CHECKS) - set(ran) == {"held_back", "missing_by_outcome", "missing_by_background"}
    silent = clean.results.filter(pl.col("check").str.starts_with("missing_by"))
    assert set(silent["reason"]) == {"nobody_missing"}


@pytest.mark.parametrize("check", CHECKS)
def test_a_fault_sets_off_its_own_check_and_only_what_the_check_declares(check: str, tmp_path: Path) -> None:
    world = faultless()
    INJECTORS[check](world)
    made = assessed(world, tmp_path)
    found = failed(made)
    assert check in found
    assert found <= {check, *CHECKS[check].implies}
    assert told_of(check, made)


def told_of(check: str, made: Assessment) -> bool:
    """Whether what the check found reaches anybody where it is of many, and the page shows every figure."""
    mine = made.results.filter((pl.col("check") == check) & (pl.col("status") == FAILED))
    many = mine.with_columns(numerator=pl.lit(2000, pl.Int64), denominator=pl.lit(4000, pl.Int64))
    places = made.states.select(*FIELD, pl.col("year").cast(pl.String)).unique()
    figures = pl.concat(
        [
            places.select(*FIELD, by=pl.lit("year"), key="year"),
            places.select(*FIELD, by=pl.lit("year"), key=pl.lit(None, pl.String)).unique(),
            places.select(*FIELD, by=pl.lit("bydel"), key=pl.lit(None, pl.String)).unique(),
        ]
    ).with_columns(n=pl.lit(4000, pl.Int64), n_marker=pl.lit("shown"), band=pl.lit("50-75"))
    told = published_results(apply(many, (), AS_OF), figures)
    return told.height == mine.height and set(told["status"]) == {FAILED}


def test_a_check_of_a_place_that_is_never_told_is_refused() -> None:
    """Of one bydel's year the page has no figure: whatever is found there would reach nobody."""
    place = pl.DataFrame({"table": ["case"], "column": ["closed_on"], "year": [2022], "bydel": ["02"]})
    for check, where in (
        ("batch_closed", place),
        ("batch_closed", place.drop("year", "bydel")),
        ("heaping", place.drop("bydel")),
    ):
        with pytest.raises(ValueError, match=f"{check} is judged at places"):
            results([counted(check, where)])
    assert results([counted("batch_closed", place.drop("bydel"))]).height == 1


def test_one_bydels_batch_is_told_of_its_year_and_one_more_or_less_moves_no_count_by_more(
    tmp_path: Path,
) -> None:
    """In 2022 one bydel ended half its programmes on one day: the counts are over all bydeler."""
    world = faultless()
    INJECTORS["batch_closed"](world)
    rows = assessed(world, tmp_path).results.filter(check="batch_closed", table="programme", status=FAILED)
    (row,) = rows.to_dicts()
    assert (row["year"], row["bydel"], row["column"]) == (2022, None, "ended_on")
    ends = world.core["programme"].filter(pl.col("ended_on").dt.year() == 2022)
    assert row["denominator"] == ends.height
    assert row["numerator"] >= ends.filter(pl.col("ended_on") == date(2022, 12, 15)).height > 30


def test_what_was_not_delivered_could_not_be_checked_and_has_not_passed(tmp_path: Path) -> None:
    world = faultless()
    world.linked, world.restricted = {}, {}
    made = assessed(world, tmp_path).results
    needs = {
        "overlapping_programmes",
        "end_before_start",
        "too_long",
        "differs_from_nir",
        "missing_by_outcome",
    }
    needs |= {"sex_against_number", "birth_date_against_number", "person_in_text"}
    told = made.filter(pl.col("check").is_in(list(needs)))
    assert set(told["check"]) == needs
    assert set(told["status"]) == {COULD_NOT_RUN}
    assert set(told["reason"]) == {"source_not_delivered"}


def test_the_tables_are_as_declared_and_no_key_stands_twice(clean: Assessment) -> None:
    for table, frame in (
        (ExpectedValues, clean.states),
        (CheckResult, clean.results),
        (Delay, clean.delays),
        (FieldGrade, clean.grades),
    ):
        assert dict(frame.schema) == polars_schema(table)
        table.validate(frame, lazy=True)
        assert not frame.select(facts(table).primary_key).is_duplicated().any()


def test_the_same_evidence_gives_the_same_bytes_and_the_same_numbers(
    clean: Assessment, tmp_path: Path
) -> None:
    again = assessed(faultless(), tmp_path / "again")
    assert all(getattr(again, name).equals(getattr(clean, name)) for name in vars(clean))
    world = faultless()
    INJECTORS["below_promise"](world)
    other = assessed(world, tmp_path / "other").results
    assert set(other["result_id"]) == set(clean.results["result_id"])


def test_a_check_implies_checks_that_there_are(clean: Assessment) -> None:
    for check in CHECKS.values():
        assert set(check.implies) <= set(CHECKS) - {check.name} | {check.name}
        assert check.nb and check.en and check.nb != check.en


@pytest.fixture
def inject(tmp_path: Path) -> Callable[[str], Assessment]:
    def made(check: str) -> Assessment:
        world = faultless()
        INJECTORS[check](world)
        return assessed(world, tmp_path / check)

    return made


def test_a_field_that_somebody_demands_asks_for_a_decision(inject: Callable[[str], Assessment]) -> None:
    late = inject("registration_delay").results.filter(pl.col("status") == FAILED)
    assert set(late.filter(pl.col("check") == "registration_delay")["severity"]) == {"decide"}
    sparse = inject("below_promise").results.filter(pl.col("status") == FAILED)
    assert set(sparse.filter(pl.col("check") == "below_promise")["severity"]) == {"know"}
