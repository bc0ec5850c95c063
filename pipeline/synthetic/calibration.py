"""How the seed's totals are counted on the case system's own tables, dirty as they are.

The counting rule, the same for a generated world and a real one:

* a programme's start is `started_on` where its year is possible, else the day it was decided;
* its end is `ended_on` where it is possible and not before the start, else the day of the final result,
  else the planned end; with none of them it is still going on;
* a participant is a person with a programme that started from 2006-08-01 up to the cut; «deltakere i
  2011» are persons active in a programme on any day of 2011;
* registered is a person whose record was made on or before the cut;
* grants are `paid_kr` by the claim's calendar year; a claim not paid counts nothing.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipeline.synthetic import model
from schemas.rules import FIRST_PROGRAMME_YEAR

LAST_POSSIBLE_YEAR = 2099


def calibration(tables: Mapping[str, pl.DataFrame], cut: date = model.CUT) -> dict[str, int]:
    """The totals at `cut`: persons, participants, active in the year before, kroner paid.

    `tables` are the raw case-system tables `person`, `programme`, `result`, `grant_claim`, by our names.
    """
    year = cut.year - 1
    counted = flags(counted_programmes(tables["programme"], tables["result"]), cut, year)
    paid = tables["grant_claim"].group_by("calendar_year").agg(pl.col("paid_kr").sum())
    return {
        "persons": int((tables["person"]["created_on"] <= cut).sum()),
        "participants": counted.filter("participant")["person_id"].n_unique(),
        f"active_in_{year}": counted.filter("active")["person_id"].n_unique(),
        f"paid_kr_{year}": int(paid.filter(calendar_year=year)["paid_kr"].sum()),
        f"paid_kr_{model.WORLD_BEGINS.year}_{year}": int(
            paid.filter(pl.col("calendar_year").is_between(model.WORLD_BEGINS.year, year))["paid_kr"].sum()
        ),
    }


def counted_programmes(programme: pl.DataFrame, result: pl.DataFrame) -> pl.DataFrame:
    """Each programme row's start and end by the counting rule, in the rows' order."""
    possible = {
        name: pl.when(pl.col(name).dt.year().is_between(FIRST_PROGRAMME_YEAR, LAST_POSSIBLE_YEAR)).then(name)
        for name in ("started_on", "decided_on", "ended_on", "dated_on", "planned_end_on")
    }
    ends = [possible[name] for name in ("ended_on", "dated_on", "planned_end_on")]
    return (
        programme.join(
            result.select("programme_id", "dated_on"), on="programme_id", how="left", maintain_order="left"
        )
        .with_columns(start=pl.coalesce(possible["started_on"], possible["decided_on"]))
        .with_columns(end=pl.coalesce(pl.when(end >= pl.col("start")).then(end) for end in ends))
        .select("programme_id", "person_id", "start", "end")
    )


def flags(counted: pl.DataFrame, cut: date, year: int) -> pl.DataFrame:
    """Whether each programme makes its person a participant by the cut, and active in the year."""
    starts_by = pl.col("start") <= cut
    return counted.select(
        "person_id",
        participant=(starts_by & (pl.col("start") >= model.WORLD_BEGINS)).fill_null(False),
        active=(
            (pl.col("start") <= date(year, 12, 31))
            & (pl.col("end").is_null() | (pl.col("end") >= date(year, 1, 1)))
        ).fill_null(False),
    )
