"""A small invented municipality as release frames, for the tests of keys, releases and disclosure.

Nobody in it has an identifier: releases are made of what has none.
"""

from __future__ import annotations

import dataclasses
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.identity.keys import Keys, create_master
from pipeline.identity.usable import OutputKind
from pipeline.releases.build import Sources
from pipeline.releases.manifest import Input
from pipeline.releases.release import Released, release
from pipeline.requests.request import Output, Request, load_all
from schemas import codes
from schemas.case_system.background import Family, Health
from schemas.core import in_core
from schemas.linked import MonthStatus
from schemas.variable import Table, polars_schema

AS_OF = date(2025, 3, 1)
NOBODY = pl.DataFrame(schema={"person_key": pl.Int64, "reason": pl.String})
# Uneven, as outcomes are: of two as frequent ones a small class would tell by chance what attacks would find.
_STATUSES = ("work", "work", "work", "other")
INPUTS = (Input(source="socio", name="person", id="ab" * 32),)


def sources(persons: int = 300, seed: int = 1) -> Sources:
    """Every second person has ended a programme; every third has a background row."""
    chance = random.Random(seed)
    keys = list(range(1, persons + 1))
    some = [k for k in keys if k % 3 == 0]
    left = [(k, date(2011, 1, 1) + timedelta(days=chance.randrange(700))) for k in keys if k % 2 == 0]
    person = pl.DataFrame(
        {
            "person_key": keys,
            "sex": [chance.choice(["1", "2"]) for _ in keys],
            "birth_date": [date(1965, 1, 1) + timedelta(days=chance.randrange(9000)) for _ in keys],
            "country_of_birth": [chance.choice(["346", "241"]) for _ in keys],
        }
    )
    settlement = pl.DataFrame(
        {
            "person_key": keys,
            "settled_on": [date(2008, 1, 1) + timedelta(days=chance.randrange(900)) for _ in keys],
            "settlement_form": ["A" for _ in keys],
            "bydel": [chance.choice(["01", "02"]) for _ in keys],
        }
    )
    background = pl.DataFrame(
        {
            "person_key": some,
            "registered_on": [date(2010, 1, 1) for _ in some],
            "education_level": [chance.choice(["1", "4", "9", None]) for _ in some],
            "school_years": [chance.choice([0, 9, 99, None]) for _ in some],
        }
    )
    return Sources(person, settlement, background, *_programmes(left, chance))


def registered(world: Sources, seed: int = 1) -> Sources:
    """The world with families, health and months: of a fifth of the persons nothing is registered."""
    chance = random.Random(seed)
    keys = [k for k in world.person["person_key"] if k % 5]
    asked = [date(2010, 1, 1) for _ in keys]
    about = {"person_key": keys, "registered_on": asked}
    families = about | {"children_under_18": [chance.randrange(5) for _ in keys]}
    ill = [[chance.choice("JNNN") for _ in keys] for _ in ("disability", "chronic_illness")]
    health = about | {"disability": ill[0], "chronic_illness": ill[1]}
    months = world.exit_cohort.select(
        "person_key",
        pl.col("left_on").dt.truncate("1mo").alias("month"),
        pl.Series("on_benefit", [chance.random() < 0.25 for _ in range(world.exit_cohort.height)]),
    )
    return dataclasses.replace(
        world,
        family=_blank_but(in_core(Family), families),
        health=_blank_but(in_core(Health), health),
        month_status=_blank_but(MonthStatus, months.to_dict(as_series=False)),
    )


def _blank_but(table: type[Table], told: dict[str, list[Any]]) -> pl.DataFrame:
    """Rows of that table in which nothing but `told` is said."""
    schema = polars_schema(table)
    typed = {name: schema[name] for name in told}
    return pl.DataFrame(told, schema=typed).select(
        pl.col(name) if name in told else pl.lit(None, kind).alias(name) for name, kind in schema.items()
    )


RENEWED = {"by": "Kari Nordmann", "on": date(2020, 1, 1), "why": "The versions go to nobody but us."}


def without_decision(request: Request) -> Request:
    """The same request, which nobody has decided about."""
    return request.model_copy(
        update={"outputs": [output.model_copy(update={"renewed": None}) for output in request.outputs]}
    )


def coarsened_request(**asked: Any) -> Request:
    """The demo's coarsened output alone, with these fields asked for and no others of its own.

    Somebody has decided that its versions may follow one another (`without_decision` takes that away).
    """
    whole = demo_request()
    (output,) = [o for o in whole.outputs if o.kind is OutputKind.COARSENED]
    kind = {"kind": output.kind.value, "tables": output.tables, "renewed": RENEWED}
    return whole.model_copy(update={"outputs": [Output.model_validate(kind | asked)]})


def _programmes(
    left: list[tuple[int, date]], chance: random.Random
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    spell = pl.DataFrame(
        {
            "person_key": [k for k, _ in left],
            "programme_key": [k for k, _ in left],
            "programme_number": [1 for _ in left],
            "bydel": [chance.choice(["01", "02"]) for _ in left],
            "law": ["2003" for _ in left],
            "started_on": [day - timedelta(days=700) for _, day in left],
            "ended_on": [day for _, day in left],
            "programme_status": ["3" for _ in left],
            "nir_exit": [chance.choice(["01", "11", "90"]) for _ in left],
        }
    )
    cohort = spell.select(
        "person_key",
        "programme_key",
        "bydel",
        "started_on",
        "ended_on",
        pl.col("ended_on").alias("left_on"),
        pl.col("ended_on").dt.year().cast(pl.Int64).alias("exit_year"),
        "nir_exit",
    )
    outcome = pl.DataFrame(
        [
            (
                *(k, day.year, code, day.replace(day=17), chance.choice(_STATUSES)),
                *("observed", "annual", True, True),
            )
            for k, day in left
            for code in codes.OUTCOME.values()
        ],
        schema={
            "person_key": pl.Int64,
            "exit_year": pl.Int64,
            "outcome": pl.String,
            "due_on": pl.Date,
            "status": pl.String,
            "censoring": pl.String,
            "series": pl.String,
            "in_numerator": pl.Boolean,
            "in_denominator": pl.Boolean,
        },
        orient="row",
    )
    return spell, cohort, outcome


def demo_request() -> Request:
    """The request that comes with the package."""
    (request,) = load_all(None)
    return request


def demo_keys(folder: Path) -> Keys:
    """Keys for invented persons, made in `folder`."""
    create_master(folder, demo=True)
    return Keys(folder)


def released(
    folder: Path,
    *,
    made_of: Sources | None = None,
    unusable: pl.DataFrame = NOBODY,
    as_of: date = AS_OF,
    request: Request | None = None,
    succession: pl.DataFrame | None = None,
    held: pl.DataFrame | None = None,
    policy: Path | None = None,
) -> Released:
    """The demo's request, or another, published under `folder/releases`."""
    (folder / "releases").mkdir(exist_ok=True)
    return release(
        request or demo_request(),
        sources() if made_of is None else made_of,
        unusable,
        demo_keys(folder / "keys"),
        INPUTS,
        folder / "releases",
        as_of,
        succession=succession,
        held=held,
        policy=policy,
    )
