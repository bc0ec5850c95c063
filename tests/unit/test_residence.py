"""Who is dead or has emigrated by a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.core import core_model
from pipeline.identity.residence import not_resident
from schemas import codes
from schemas.codes.registers import DEAD, EMIGRATED, RESIDENT
from schemas.registers.population import PopulationStatus
from tests.factories import frame_of

AS_OF = date(2020, 6, 1)
LEFT = date(2019, 3, 15)


def status(*rows: dict[str, Any]) -> pl.DataFrame:
    usual = {"person_key": 1, "year": 2019, "status_on": LEFT}
    return frame_of(core_model(PopulationStatus), *(usual | row for row in rows))


def found(*rows: dict[str, Any], as_of: date = AS_OF) -> list[tuple[int, str]]:
    """What is decided, whichever order the rows come in."""
    one, other = (not_resident(status(*order), as_of).rows() for order in (rows, rows[::-1]))
    assert one == other
    return one


def test_the_codes_are_those_of_the_register() -> None:
    assert {RESIDENT, EMIGRATED, DEAD} == set(codes.RESIDENCE.values())


@pytest.mark.parametrize(("residence", "gone"), [(RESIDENT, False), (EMIGRATED, True), (DEAD, True)])
def test_the_dead_and_the_emigrated_are_not_resident(residence: str, gone: bool) -> None:
    assert found({"residence": residence}) == ([(1, residence)] if gone else [])


@pytest.mark.parametrize(("days", "gone"), [(-1, False), (0, True), (1, True)])
def test_a_status_holds_from_its_day(days: int, gone: bool) -> None:
    assert bool(found({"residence": DEAD}, as_of=LEFT + timedelta(days=days))) is gone


@pytest.mark.parametrize(("as_of", "gone"), [(date(2018, 12, 31), False), (date(2019, 1, 1), True)])
def test_without_a_date_it_holds_from_the_first_day_of_its_year(as_of: date, gone: bool) -> None:
    assert bool(found({"residence": EMIGRATED, "status_on": None}, as_of=as_of)) is gone


def test_whoever_has_come_back_is_resident() -> None:
    back = {"residence": RESIDENT, "year": 2020, "status_on": date(2020, 2, 1)}
    assert found({"residence": EMIGRATED}, back) == []
    assert found({"residence": EMIGRATED}, back, as_of=date(2020, 1, 31)) == [(1, EMIGRATED)]


def test_of_one_day_the_later_years_file_decides_and_of_one_file_death() -> None:
    assert found({"residence": DEAD}, {"residence": RESIDENT, "year": 2020}) == []
    assert found({"residence": DEAD}, {"residence": EMIGRATED}, {"residence": RESIDENT}) == [(1, DEAD)]
    assert found({"residence": EMIGRATED}, {"residence": RESIDENT}) == [(1, EMIGRATED)]


def test_everybody_stands_once_and_in_order() -> None:
    rows = [{"person_key": key, "residence": DEAD} for key in (3, 1, 2, 3)]
    assert found(*rows) == [(1, DEAD), (2, DEAD), (3, DEAD)]


def test_who_is_in_no_file_is_resident() -> None:
    assert not_resident(status().clear(), AS_OF).rows() == []
