"""The case system as it is promised: every field filled at its promise, alike in every bydel and every year.

What a check finds in such a world is a false discovery. Dates are all there, since what stands between two
dates is a fact about them, and so is what NIR is told, which would else say more than the case system in
truth; everything else that has a promise below one is blanked by chance alone. What does not belong here: the
fill-rate model (`fill.py`), and the errors (`dirt.py`), of which this world has none.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from pipeline.synthetic.streams import Streams
from schemas import CASE_SYSTEM
from schemas.variable import Column, Demand, Entity, Table, columns, facts, table_name

IN_TIME = timedelta(days=45)  # after the end of the programme: well within the two months
UNITS = {Entity.PERSON: ("person", "person_id"), Entity.PROGRAMME: ("programme", "programme_id")}


def as_promised(streams: Streams, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with a row for whoever one is expected of, each field at its promise, nothing late."""
    made = dict(tables)
    for table in CASE_SYSTEM:
        name = table_name(table)
        if facts(table).extracted and name not in ("code_list_entry", "change_log"):
            made[name] = _filled(streams, table, _with_rows(streams, table, made))
    ends = made["programme"].select("programme_id", "ended_on")
    result = made["result"].join(ends, on="programme_id", how="left", maintain_order="left")
    made["result"] = result.with_columns(
        dated_on=pl.min_horizontal("dated_on", pl.col("ended_on") + IN_TIME)
    ).drop("ended_on")
    made["change_log"] = tables["change_log"].clear()
    return made


def _with_rows(streams: Streams, table: type[Table], tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The table with a row for every unit; one that is lacking says what another's row says, by lot."""
    rows, per = tables[table_name(table)], facts(table).expected_per
    if per is None or facts(table).due is not None:
        return rows
    source, key = UNITS[per]
    lacking = tables[source].select(key).join(rows, on=key, how="anti").sort(key)
    lot = streams.of(f"promised/{table_name(table)}").integers(0, max(rows.height, 1), lacking.height)
    others = rows[lot].with_columns(lacking[key]) if rows.height else rows
    return pl.concat([rows, others]).sort(*facts(table).primary_key)


def _filled(streams: Streams, table: type[Table], rows: pl.DataFrame) -> pl.DataFrame:
    made = rows
    bound = {name for rule in facts(table).rules if len(rule.columns) > 1 for name in rule.columns}
    for c in columns(table):
        measured = c.core_name and not c.about.key and c.name not in {*facts(table).primary_key, *bound}
        if measured and 0 < c.about.min_filled < 1 and c.dtype != pl.Date:
            made = made.with_columns(_at_promise(streams, c, made))
    return made


def _at_promise(streams: Streams, column: Column, rows: pl.DataFrame) -> pl.Series:
    """A value for everybody, then blanked by lot; what is no code, or «ukjent», takes another's."""
    values, codes = rows[column.name], column.about.codes
    nothing = [*column.about.unknown, *(codes.unknown | codes.not_applicable if codes else ())]
    known = values.is_not_null()
    if nothing:
        known &= ~values.is_in(nothing).fill_null(False)
    if codes:
        known &= values.is_in(list(codes.values())).fill_null(False)
    there = values.filter(known)
    if there.is_empty():  # as a goal before there was one to have
        return values
    generator = streams.of(f"promised/{column.path}")
    lot = there.gather(pl.Series(generator.integers(0, there.len(), rows.height)))
    share = 1.0 if column.about.demand is Demand.NIR else column.about.min_filled
    blank = pl.Series(generator.random(rows.height) >= share)
    allowed = pl.lit(True)
    if column.about.acts:
        allowed = pl.col("law").is_in(list(column.about.acts)).fill_null(False)
    return rows.select(
        pl.when(~blank & allowed).then(pl.when(known).then(values).otherwise(lot)).alias(column.name)
    ).to_series()
