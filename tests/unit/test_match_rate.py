"""Corners of the match rate: which table is read for a register, whom it expects, who is linkable."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.linkage import link
from pipeline.linkage.matching import ANNUAL, KNOWN_BY, MONTHLY, match_rate
from pipeline.tables import parts as parts_of
from pipeline.tables import read
from schemas.linked import WorkYear
from schemas.variable import table_name
from tests.linkage_world import AS_OF, World, settings_at

pytestmark = pytest.mark.slow

YEAR = 2015
PROGRAMME = {
    "person_key": 1,
    "programme_key": 11,
    "started_on": date(2012, 2, 1),
    "ended_on": date(2015, 6, 1),
    "programme_status": "3",
}
SECOND = PROGRAMME | {"person_key": 2, "programme_key": 21}
RESIDENT = {"residence": "bosatt", "status_on": date(2010, 1, 1)}


def part_of(register: str) -> str:
    return f"{YEAR}-03" if register == "employment_monthly" else f"{YEAR}"


def dated(register: str) -> dict[str, Any]:
    if register == "employment_monthly":
        return {"month": date(YEAR, 3, 1)}
    if register == "population_status":
        return {"year": YEAR} | RESIDENT
    return {"delivery_year" if register == "nir_participant" else "year": YEAR}


def rates(folder: Path, world: World) -> dict[tuple[str, int], tuple[int, int, int]]:
    """(register, year) -> expected, linkable, with a record, over every bydel and identifier."""
    made = world.linked(folder)["match_rate"].group_by("register", "year").agg(pl.col(pl.Int64).sum())
    return {
        (r["register"], r["year"]): (r["expected"], r["linkable"], r["with_record"]) for r in made.to_dicts()
    }


@pytest.mark.parametrize("register", KNOWN_BY)
def test_a_record_is_found_in_its_own_register_alone_and_only_a_participants_counts(
    tmp_path: Path, register: str
) -> None:
    """Persons 1 and 2 are participants, 9 is not; person 1 and 9 have records, in one register."""
    parts: dict[str, dict[str, Any]] = {name: {part_of(name): []} for name in KNOWN_BY}
    parts[register][part_of(register)] = [{"person_key": key} | dated(register) for key in (1, 9)]
    world = World({"programme": {"programme": [PROGRAMME, SECOND]}} | parts, linkable=[1, 9])
    assert rates(tmp_path, world) == {(name, YEAR): (2, 1, 1 if name == register else 0) for name in KNOWN_BY}


@pytest.mark.parametrize(
    ("residence", "status_on", "years"),
    [
        ("utvandret", date(2014, 1, 1), {2013}),
        ("utvandret", date(2014, 1, 2), {2013, 2014}),  # resident on one day of the year
        ("dod", date(2013, 12, 31), {2013}),
        ("dod", None, {2013, 2014}),  # for the whole of the file's year, which is 2015
        ("bosatt", date(2014, 1, 1), {2013, 2014, 2015}),
    ],
)
def test_whoever_was_resident_on_no_day_of_a_year_is_not_expected(
    tmp_path: Path, residence: str, status_on: date | None, years: set[int]
) -> None:
    status = {"person_key": 1, "year": 2015, "residence": residence, "status_on": status_on}
    education = {"education": {str(year): [] for year in (2013, 2014, 2015)}}
    parts: dict[str, Any] = {"programme": {"programme": [PROGRAMME]}, "population_status": {"2015": [status]}}
    found = rates(tmp_path, World(parts | education, linkable=[1]))
    assert {year for register, year in found if register == "education"} == years


def test_whoever_came_back_in_the_year_is_expected_again(tmp_path: Path) -> None:
    told = [
        {"person_key": 1, "year": 2013, "residence": "utvandret", "status_on": date(2013, 1, 1)},
        {"person_key": 1, "year": 2015, "residence": "bosatt", "status_on": date(2015, 12, 31)},
    ]
    parts: dict[str, Any] = {
        "programme": {"programme": [PROGRAMME]},
        "population_status": {str(row["year"]): [row] for row in told},
        "education": {str(year): [] for year in (2012, 2013, 2014, 2015)},
    }
    found = rates(tmp_path, World(parts, linkable=[1]))
    assert {year for register, year in found if register == "education"} == {2012, 2015}


def test_what_is_kept_of_the_employment_register_is_enough(tmp_path: Path) -> None:
    """The register itself is gone, and the rates are the same: persons 1 and 2 each in one side of it."""
    parts = {
        ANNUAL: {str(YEAR): [{"person_key": 1} | dated(ANNUAL)]},
        MONTHLY: {part_of(MONTHLY): [{"person_key": 2} | dated(MONTHLY)]},
    }
    world = World({"programme": {"programme": [PROGRAMME, SECOND]}} | parts, linkable=[1, 2])
    stored, linkable = world.stored(tmp_path), pl.DataFrame({"person_key": [1, 2]})
    made = link(settings_at(tmp_path), stored, as_of=AS_OF, linkable=linkable)
    for side in (ANNUAL, MONTHLY):
        stored[side][0].path.unlink()
    again = match_rate(
        settings_at(tmp_path),
        spells=[made["programme_spell"]],
        work=parts_of(tmp_path / "linked" / table_name(WorkYear)),
        registers=stored,
        identified=linkable.with_columns(best_identifier=pl.lit("FNR")),
        linkable=linkable,
    )
    assert again.equals(read(made["match_rate"]))
    assert again.select("register", "with_record").rows() == [(ANNUAL, 1), (MONTHLY, 1)]


def test_who_is_linkable_is_linkable_everywhere(tmp_path: Path) -> None:
    """Persons 1 and 2 are best known by a D-number, but of 2 another is in doubt; 3 has a DUF number."""
    persons = (1, 2, 3)
    programmes = [PROGRAMME | {"person_key": key, "programme_key": 10 * key} for key in persons]
    registers = ("education", "nir_participant", "employment_annual", "benefit", "social_assistance")
    parts: dict[str, Any] = {
        "programme": {"programme": programmes},
        "person": {"person": [{"person_key": key, "sex": str(key % 2 + 1)} for key in persons]},
        **{name: {"2015": []} for name in registers},
        "employment_monthly": {f"{year}-{m:02}": [] for year in (2015, 2016) for m in range(1, 13)},
        "population_status": {"2017": []},
    }
    made = link(
        settings_at(tmp_path),
        World(parts).stored(tmp_path),
        as_of=AS_OF,
        linkable=pl.DataFrame({"person_key": [1]}),
        identified=pl.DataFrame({"person_key": persons, "best_identifier": ["DNR", "DNR", "DUF"]}),
    )
    of_2015 = read(made["match_rate"]).filter(pl.col("year") == YEAR)
    linkable = {
        (row["register"], row["best_identifier"]): (row["expected"], row["linkable"])
        for row in of_2015.to_dicts()
    }
    assert linkable["education", "DNR"] == linkable["nir_participant", "DNR"] == (2, 1)
    assert (linkable["education", "DUF"], linkable["nir_participant", "DUF"]) == ((1, 0), (1, 1))
    bias = read(made["linkage_bias"]).filter(pl.col("characteristic") == "sex").sort("category")
    assert bias.select("category", "linkable", "not_linkable").rows() == [("1", 0, 1), ("2", 1, 1)]
    outcomes = read(made["outcome"]).filter(pl.col("outcome") == "baerum_0")
    assert dict(outcomes.select("person_key", "censoring").rows()) == {
        1: "observed",
        2: "not_linkable",
        3: "not_linkable",
    }
