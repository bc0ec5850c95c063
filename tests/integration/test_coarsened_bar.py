"""A typical request on a whole invented municipality: what coarsening costs whoever compares groups.

Compared are the shares in work or education by sex and country group, in the file as published and among
everybody who may be used. Leaving rows out at random would move a share too: that is what a small group is
held against.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.identity.keys import create_master
from pipeline.identity.usable import OutputKind, usable_persons
from pipeline.releases.coarsened import finest
from pipeline.releases.sources import NEEDED_CORES, NEEDED_LINKED, Sources
from pipeline.synthetic import synthesise
from schemas import codes
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

TABLE, REQUEST = "coarsened_outcome", "typical"
OUTCOMES = ("status_baerum_0", "status_baerum_12", "status_baerum_60")
KNOWN = ("sex", "birth_year", "country_of_birth", "bydel", "start_month", "children", "education_level")
HEALTH = ("chronic_illness", "on_benefit")
ASKED: dict[str, Any] = {
    "kind": "coarsened",
    "mode": "class",
    "weights": {"sex": 10, "country_of_birth": 10},
    "coarsest": {"sex": codes.SEX.name, "country_of_birth": codes.COUNTRY_GROUP.name},
    "tables": {TABLE: [*KNOWN, *HEALTH, *OUTCOMES]},
}
# The bar: so large a group moves by less than a percentage point on average; a smaller one by no more than
# two standard deviations of leaving as many out at random.
LARGE, POINTS, DEVIATIONS = 400, 1.0, 2.0
ROUNDING = 1e-9


@dataclass(frozen=True)
class Typical:
    """The file as published, how the manifest describes it, and what it was made from."""

    before: pl.DataFrame
    after: pl.DataFrame
    described: dict[str, Any]


@pytest.fixture(scope="module")
def typical(tmp_path_factory: pytest.TempPathFactory) -> Typical:
    folder = tmp_path_factory.mktemp("typical")
    house = House(folder / "data", {"UTTREKK_REQUESTS": str(asked_in(folder / "requests"))})
    synthesise(house.data / "world")
    create_master(house.data / "keys", demo=True)
    done = house.uttrekk("run")
    assert done.returncode == 0, done.stdout + done.stderr
    (version,) = house.data.glob(f"releases/{REQUEST}/*+*")
    (output,) = json.loads((version / "manifest.json").read_bytes())["outputs"]
    after = pl.read_parquet(version / "data" / f"{TABLE}.parquet")
    return Typical(everybody(house.data).select(after.columns), after, output["files"][0])


def asked_in(folder: Path) -> Path:
    folder.mkdir()
    request = {
        "id": REQUEST,
        "project": REQUEST,
        "title": {"nb": "Typisk", "en": "Typical"},
        "purpose": {"nb": "Sammenligne grupper.", "en": "Compare groups."},
        "legal_basis": ["forvaltningsloven § 13 d"],
        "expires_on": date(2030, 12, 31),
        "outputs": [ASKED],
    }
    (folder / "typical.yaml").write_text(yaml.safe_dump(request, allow_unicode=True), "utf-8")
    return folder


def everybody(data: Path) -> pl.DataFrame:
    """Everybody of the exit cohort who may be used, at the finest level."""
    cores = {
        name: pl.read_parquet(data / "core" / name / "*.parquet", hive_partitioning=False)
        for name in NEEDED_CORES
    }
    linked = {name: pl.read_parquet(data / "linked" / f"{name}.parquet") for name in NEEDED_LINKED}
    sources = Sources(**cores, **linked)
    unusable = pl.read_parquet(data / "core" / "unusable.parquet")
    return finest(sources.only(usable_persons(sources.person, unusable, OutputKind.COARSENED)))


def shares(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each sex, country group and outcome: `n` observed, and the share in work or education."""
    groups = codes.COUNTRY.parents()
    (positive,) = {codes.OUTCOME_STATUS.parents()[status] for status in ("work", "education")}
    grouped = rows.with_columns(group=pl.col("country_of_birth").replace(groups))
    return pl.concat(
        grouped.filter(pl.col(name).is_not_null())
        .group_by("sex", "group")
        .agg(n=pl.len(), share=(pl.col(name) == positive).mean())
        .with_columns(outcome=pl.lit(name))
        for name in OUTCOMES
    )


@pytest.fixture(scope="module")
def compared(typical: Typical) -> pl.DataFrame:
    """Each group's share before and after, how far it moved, and what leaving as many out at random does.

    The deviation is that of a mean of `left` drawn from `n` without putting back.
    """
    after = shares(typical.after).rename({"n": "left", "share": "told"})
    joined = shares(typical.before).join(after, on=["sex", "group", "outcome"], how="left", validate="1:1")
    n, left, share = pl.col("n"), pl.col("left"), pl.col("share")
    spread = (share * (1 - share) / left * (n - left) / (n - 1)).sqrt()
    return joined.with_columns(moved=(pl.col("told") - share).abs() * 100, deviation=spread * 100)


def test_the_targets_are_met_with_a_loss_that_is_named_and_small(typical: Typical) -> None:
    described = typical.described
    assert (described["k"], described["t"], described["suppression"]) == (5, 0.2, 0.05)
    assert typical.after.group_by(KNOWN).len()["len"].min() >= 5  # type: ignore[operator]
    assert typical.after.height >= 0.95 * typical.before.height
    # Measured: 0.17.
    assert described["loss"] <= 0.2


def test_no_groups_that_are_to_be_compared_are_merged(typical: Typical) -> None:
    assert set(typical.after["sex"]) <= set(codes.SEX.values())
    told = {*codes.COUNTRY.values(), *codes.COUNTRY_GROUP.values()}
    assert set(typical.after["country_of_birth"]) <= told


def test_large_groups_are_all_told_and_move_less_than_a_point_on_average(compared: pl.DataFrame) -> None:
    large = compared.filter(pl.col("n") >= LARGE)
    assert large.height and large["told"].null_count() == 0
    assert float(large["moved"].mean()) < POINTS  # type: ignore[arg-type]


def test_small_groups_move_no_more_than_chance_would_move_them(compared: pl.DataFrame) -> None:
    small = compared.filter(pl.col("n") < LARGE, pl.col("left").is_not_null(), pl.col("n") > 1)
    assert small.height
    far = small.filter(pl.col("moved") > DEVIATIONS * pl.col("deviation") + ROUNDING)
    assert far.is_empty(), far.height
