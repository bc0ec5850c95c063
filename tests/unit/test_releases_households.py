"""Households in the coarsened extract: who lives with whom, and that k counts them and not rows."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.homes import Homes
from pipeline.disclosure.engine.problem import Bools
from pipeline.errors import NotVerified
from pipeline.releases.build import Built, Chosen, build
from pipeline.releases.coarsened import Recoded, recode
from pipeline.releases.data_files import path_of
from pipeline.releases.households import TOLD, households
from pipeline.releases.sources import Sources
from pipeline.requests.request import Request
from tests.release_world import coarsened_request, registered, released, sources

BEFORE, NOW = date(2010, 1, 1), date(2012, 1, 1)
ASKED = ("sex", "country_of_birth", "start_month", "children")
TOLD_OF = ("chronic_illness", "on_benefit", "status_y0")
MODES = ("level", "class")


def family(*rows: tuple[int, date, int | None]) -> pl.DataFrame:
    kinds = {"person_key": pl.Int64, "registered_on": pl.Date, "spouse_key": pl.Int64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def lives(told: pl.DataFrame, *persons: int) -> list[set[int]]:
    """Who of the persons lives together, the alone left out."""
    numbers = households(pl.Series(persons, dtype=pl.Int64), told)
    found = pl.DataFrame({"who": persons, "home": numbers}).group_by("home").agg("who")
    return sorted((set(who) for who in found["who"].to_list() if len(who) > 1), key=min)


# --- who lives with whom ---------------------------------------------------------------------------------


def test_spouses_are_one_household_whichever_named_the_other_and_nobody_else_is() -> None:
    told = family((1, NOW, 2), (4, NOW, 3), (5, NOW, None))
    assert lives(told, 5, 4, 3, 2, 1) == [{1, 2}, {3, 4}]


def test_the_spouse_registered_last_counts() -> None:
    assert lives(family((1, BEFORE, 2), (1, NOW, 3)), 1, 2, 3) == [{1, 3}]
    assert lives(family((1, BEFORE, 2), (1, NOW, None)), 1, 2) == []


def test_of_two_spouses_registered_on_one_day_the_greater_key_counts_in_whatever_order_they_stand() -> None:
    told = family((1, NOW, 3), (1, NOW, 2), (1, BEFORE, 4))
    assert lives(told, 1, 2, 3, 4) == lives(told.reverse(), 1, 2, 3, 4) == [{1, 3}]


def test_spouses_of_one_person_are_one_household_however_long_the_chain() -> None:
    # 1 names 5, 5 names 2, 2 names 4, 4 names 3: from its ends to its middle nobody is left out.
    told = family((1, NOW, 5), (5, NOW, 2), (2, NOW, 4), (4, NOW, 3))
    assert lives(told, 1, 2, 3, 4, 5, 6) == [{1, 2, 3, 4, 5}]
    assert lives(told, 1, 3) == [{1, 3}]  # those between them may not be in the extract


def test_the_number_of_a_household_is_nobodys_key() -> None:
    numbers = households(pl.Series([907, 511, 803, 604]), family((907, NOW, 511)))
    assert numbers.to_list() == [1, 1, 3, 2]


# --- k counts them ---------------------------------------------------------------------------------------


def request(mode: str) -> Request:
    return coarsened_request(mode=mode, tables={"coarsened_outcome": [*ASKED, *TOLD_OF]})


def world_with_a_large_family() -> Sources:
    """Everybody of one sex and country who began in one year is of one family."""
    world = registered(sources(2000))
    alike = (
        world.exit_cohort.filter(pl.col("started_on").dt.year() == 2009)
        .join(world.person.filter(sex="1", country_of_birth="241"), on="person_key")
        .join(world.family.select("person_key"), on="person_key")
    )["person_key"].sort()
    assert len(alike) > 5
    spouse = (
        pl.when(pl.col("person_key").is_in(alike.to_list()))
        .then(pl.lit(alike[0], pl.Int64))
        .alias("spouse_key")
    )
    return dataclasses.replace(world, family=world.family.with_columns(spouse))


@pytest.fixture(scope="module")
def large() -> Sources:
    return world_with_a_large_family()


def made(world: Sources, mode: str) -> Built:
    (built,) = build(request(mode), world, [Chosen(world.person.select("person_key"))], None)
    return built


def fewest(built: Built) -> int:
    """The fewest households in a class, counted one by one."""
    assert built.recoded is not None and built.recoded.made.homes is not None
    classes: dict[tuple[str, ...], set[int]] = {}
    for key, home in zip(built.frame.select(ASKED).rows(), built.recoded.made.homes, strict=True):
        classes.setdefault(key, set()).add(home)
    return min(len(homes) for homes in classes.values())


def counts_rows(self: Homes, classes: object, sizes: Ints, k: int) -> Bools:
    """What the engine would ask of classes if it forgot that some live together."""
    few: Bools = sizes < k
    return few


def as_if_alone(*given: Any) -> Recoded:
    """What the engine would say of its rows if it took everybody for a household of one."""
    done = recode(*given)
    alone = pl.int_range(1, done.made.rows.height + 1, eager=True).alias(done.homes.name)
    return dataclasses.replace(done, made=dataclasses.replace(done.made, homes=alone))


@pytest.mark.parametrize("mode", MODES)
def test_a_class_has_rows_of_k_households_and_the_verifier_passes_it(
    tmp_path: Path, large: Sources, mode: str
) -> None:
    (built,) = released(tmp_path, made_of=large, request=request(mode)).built
    assert fewest(built) >= 5


@pytest.mark.parametrize("mode", MODES)
def test_an_engine_that_counts_rows_and_not_households_is_caught(
    tmp_path: Path, large: Sources, mode: str
) -> None:
    with patch.object(Homes, "too_few", counts_rows):
        mutant = made(large, mode)
        assert fewest(mutant) < 5 <= min(mutant.frame.group_by(ASKED).len()["len"])
        with pytest.raises(NotVerified, match="a class has rows of fewer than 5 households"):
            released(tmp_path, made_of=large, request=request(mode))
    assert not list((tmp_path / "releases").rglob("*.parquet"))


@pytest.mark.parametrize("mode", MODES)
def test_an_engine_that_says_of_a_family_that_each_lives_alone_is_caught(
    tmp_path: Path, large: Sources, mode: str
) -> None:
    with (
        patch.object(Homes, "too_few", counts_rows),
        patch("pipeline.releases.build.recode", as_if_alone),
        pytest.raises(NotVerified, match="no row of the source has"),
    ):
        released(tmp_path, made_of=large, request=request(mode))


def test_what_households_are_called_changes_nothing(large: Sources) -> None:
    calling = pl.col("spouse_key").is_not_null()
    least = large.family.filter(calling)["person_key"].max()
    renamed = dataclasses.replace(
        large,
        family=large.family.with_columns(spouse_key=pl.when(calling).then(pl.lit(least, pl.Int64))),
    )
    for mode in MODES:
        one, other = made(large, mode), made(renamed, mode)
        assert one.frame.equals(other.frame)


def test_no_household_is_written_and_what_k_counts_is_told(tmp_path: Path, large: Sources) -> None:
    done = released(tmp_path, made_of=large, request=request("class"))
    (built,) = done.built
    folder = done.published.folder
    assert pl.read_parquet(folder / path_of(built)).columns == [*ASKED, *TOLD_OF]
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (described,) = manifest["outputs"][0]["files"]
    assert described["k_counts"] == "households"
    for language, said in (("nb", "minst 5 ulike husstander"), ("en", "at least 5 different households")):
        certificate = (folder / f"certificate.{language}.md").read_text("utf-8")
        assert said in certificate
        assert getattr(TOLD, language) in certificate
    assert "persons of at least 5 households" in (folder / "codebook.en.html").read_text("utf-8")
