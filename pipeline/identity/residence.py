"""Who is dead or has emigrated by a day, by the population register; everybody else counts as resident.

Not a reason for anybody not to be used: a request may ask for residents only.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas import codes
from schemas.codes.registers import RESIDENT

NOT_RESIDENT_SCHEMA: dict[str, pl.DataType] = {"person_key": pl.Int64(), "residence": pl.String()}


def not_resident(population_status: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """(person_key, residence) of everybody who is dead or has emigrated at `as_of`, by person.

    `population_status` is the table of `core`. The last status known by then decides: a status holds from
    its date, or, where that is blank, from 1 January of its year; of one day the later year's, then the one
    later in the list of codes, as for the outcomes. Who is in no file is resident.
    """
    holds_from = pl.coalesce("status_on", pl.date(pl.col("year"), 1, 1))
    known = population_status.with_columns(holds_from=holds_from).filter(pl.col("holds_from") <= as_of)
    places = {code: place for place, code in enumerate(codes.RESIDENCE.values())}
    weight = pl.col("residence").replace_strict(places, return_dtype=pl.Int8)
    last = known.with_columns(weight=weight).sort("person_key", "holds_from", "year", "weight")
    decided = last.unique("person_key", keep="last", maintain_order=True)
    return decided.filter(pl.col("residence") != RESIDENT).select(list(NOT_RESIDENT_SCHEMA))
