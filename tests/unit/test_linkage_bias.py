"""The test of linkage bias: Newcombe's published intervals, and who is counted where."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.linkage.matching import KNOWN_BY, linkage_bias, register_years
from pipeline.linkage.reconcile import NO_BYDEL, compared
from schemas import REGISTERS, codes
from schemas.linked.outcome import ProgrammeSpell
from schemas.variable import columns, polars_schema, table_name
from tests.linkage_world import frame_of, settings_at

BEGAN = date(2015, 6, 1)


def bias(folder: Path, persons: list[tuple[dict[str, Any], bool]]) -> pl.DataFrame:
    """LinkageBias of persons given as (what core knows, whether they are linkable)."""
    numbered = list(enumerate(persons, start=1))
    spells = pl.DataFrame(
        [
            {"person_key": key, "programme_key": key, "programme_number": 1, "started_on": BEGAN}
            | {name: None for name in ("bydel", "law", "ended_on", "programme_status", "nir_exit")}
            for key, _ in numbered
        ],
        schema=polars_schema(ProgrammeSpell),
    )
    keys = [key for key, (_, is_linkable) in numbered if is_linkable]
    return linkage_bias(
        settings_at(folder),
        spells=spells,
        person=frame_of("person", [{"person_key": key} | known for key, (known, _) in numbered]),
        linkable=pl.DataFrame({"person_key": keys}, schema={"person_key": pl.Int64}),
    )


def of(made: pl.DataFrame, characteristic: str) -> dict[str, tuple[int, int]]:
    rows = made.filter(pl.col("characteristic") == characteristic)
    return {r["category"]: (r["linkable"], r["not_linkable"]) for r in rows.to_dicts()}


# Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10: a/n, b/m, lower, upper.
PUBLISHED = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]


@pytest.mark.parametrize(("linked", "unlinked", "low", "high"), PUBLISHED)
def test_the_interval_is_newcombes(
    tmp_path: Path, linked: tuple[int, int], unlinked: tuple[int, int], low: float, high: float
) -> None:
    persons: list[tuple[dict[str, Any], bool]] = []
    for (women, everybody), is_linkable in ((linked, True), (unlinked, False)):
        persons += [({"sex": "2" if n < women else "1"}, is_linkable) for n in range(everybody)]
    made = bias(tmp_path, persons).filter(pl.col("characteristic") == "sex")
    if not linked[0] and not unlinked[0]:
        row = made.filter(pl.col("category") == "1").row(0, named=True)  # nobody is "2": the mirror image
        assert (round(-row["high"], 4), round(-row["low"], 4)) == (low, high)
        return
    row = made.filter(pl.col("category") == "2").row(0, named=True)
    assert (round(row["low"], 4), round(row["high"], 4)) == (low, high)
    assert row["difference"] == pytest.approx(linked[0] / linked[1] - unlinked[0] / unlinked[1])


def test_everybody_is_in_one_category_of_each_characteristic(tmp_path: Path) -> None:
    persons = [
        ({"sex": "1", "birth_date": date(1990, 6, 1), "country_of_birth": "241"}, True),  # 25 on the day
        ({"sex": "2", "birth_date": date(1990, 6, 2), "country_of_birth": "564"}, True),  # 24 until tomorrow
        ({"sex": None, "birth_date": None, "country_of_birth": None}, False),
        ({"sex": "9", "birth_date": date(1940, 1, 1), "country_of_birth": "990"}, False),
        ({"sex": "1", "birth_date": date(1970, 6, 1), "country_of_birth": "148"}, False),
    ]
    made = bias(tmp_path, persons)
    assert of(made, "sex") == {"1": (1, 1), "2": (1, 0), "9": (0, 2)}
    assert of(made, "age_band") == {"25-34": (1, 0), "00-24": (1, 0), "45-99": (0, 2), "X": (0, 1)}
    assert of(made, "world_region") == {"AF": (1, 0), "AS": (1, 0), "X": (0, 2), "EU": (0, 1)}
    for characteristic in codes.CHARACTERISTIC.values():
        linked, not_linked = zip(*of(made, characteristic).values(), strict=True)
        assert (sum(linked), sum(not_linked)) == (2, 3)


def test_where_everybody_can_be_linked_there_is_nothing_to_compare(tmp_path: Path) -> None:
    row = bias(tmp_path, [({"sex": "1"}, True)]).row(0, named=True)
    assert (row["linkable"], row["not_linkable"]) == (1, 0)
    assert [row[n] for n in ("share_not_linkable", "difference", "low", "high")] == [None] * 4


def test_every_register_of_persons_is_sought() -> None:
    spells = {"nir_measure", "nir_leave", "nir_absence", "nir_language_hours"}  # of those NIR has already
    of_persons = {table_name(t) for t in REGISTERS if any(c.core_name == "person_key" for c in columns(t))}
    assert set(KNOWN_BY) == of_persons - spells


def test_a_year_is_sought_for_when_any_part_of_it_was_delivered() -> None:
    found = register_years({"employment_monthly": ["2015-01", "2015-02"], "nir_participant": ["2014"]})
    assert found.rows() == [("employment_monthly", 2015, False), ("nir_participant", 2014, True)]


def test_a_programme_with_two_differences_is_compared_once() -> None:
    rows = [
        (1, "start_differs", 1, 2012, "01"),
        (1, "end_differs", 1, 2012, "01"),
        (1, "agrees", 2, 2014, "01"),
        (1, "only_in_nir", 1, 2012, "01"),  # another programme: NIR's first of the person, not the chain's
        (2, "only_in_case_system", 1, None, None),
    ]
    names = {
        "person_key": pl.Int64,
        "kind": pl.String,
        "number": pl.Int64,
        "year": pl.Int64,
        "bydel": pl.String,
    }
    assert compared(pl.DataFrame(rows, schema=names, orient="row")).rows() == [
        (0, NO_BYDEL, 1),
        (2012, "01", 2),
        (2014, "01", 1),
    ]
