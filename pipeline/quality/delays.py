"""When values came: how long after the event, by when nearly all are in, and how many to expect in the end.

A value came on the day that dates its registration, or on the day the change log says it was first filled in,
and what tells a day itself not before that day (`first_there.py`).
Of recent events fewer have been seen for long, so the curve is worked out backwards (reverse hazard, as in
a chain ladder): of those registered by the m-th month, who came in it? What does not belong here: how much
is filled now (`flags.py`).
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.evidence import Evidence
from pipeline.quality.first_there import first_there_on, first_values
from pipeline.quality.populations import Populations, latest, scan
from pipeline.quality.profile import fields, link, profiled_tables
from pipeline.quality.results import PERMILLE, counted
from pipeline.quality.states import in_state
from pipeline.quality.statistics import Z_95, Floats, binomial_at_least
from schemas.quality import Delay
from schemas.quality.finding import PPM
from schemas.variable import Column, Entity, Population, Table, ValueState, facts, polars_schema, table_name

LONGEST = 36  # months; what comes later still is counted as if it came then
DAYS_A_MONTH = 30.4375
_CREATED = "created_on"
# `age` is the whole months seen since the event, `delay` the month by whose end the value had come (0: the
# same day; null: no value yet). `late` is null where nothing was due.
_SEEN: dict[str, pl.DataType] = {
    "table": pl.String(), "column": pl.String(), "population": pl.String(),
    "unit": pl.Int64(), "age": pl.Int64(), "delay": pl.Int64(), "late": pl.Boolean(),
}  # fmt: skip


def delays(evidence: Evidence) -> tuple[pl.DataFrame, pl.DataFrame]:
    """COUNTED rows of the check, and the Delay table."""
    rows = seen(evidence)
    judged, drawn = [], []
    for (table, column, population), part in sorted(
        rows.partition_by("table", "column", "population", as_dict=True).items()
    ):
        named = {"table": table, "column": column, "population": population}
        ages, came = triangle(part)
        curve = arrived_by(came)
        drawn.append(_drawn(ages, came, curve).with_columns(pl.lit(v).alias(k) for k, v in named.items()))
        if part["late"].null_count() < part.height:
            judged.append(named | _judged(part, ages, came, curve))
        else:
            judged.append(named | {"reason": "no_promise"})
    schema = polars_schema(Delay)
    table = pl.concat([pl.DataFrame(schema=schema), *(d.select(list(schema)) for d in drawn)])
    found = pl.DataFrame(judged, schema_overrides={"reason": pl.String}, infer_schema_length=None)
    return counted("registration_delay", found), table.sort("table", "column", "population", "months")


def seen(evidence: Evidence) -> pl.DataFrame:
    """_SEEN: one row for each unit whose event has come and each field that somebody dates."""
    who = evidence.who()
    tables = [t for t in profiled_tables() if facts(t).dates_registration and facts(t).expected_per]
    return pl.concat([pl.DataFrame(schema=_SEEN), *(_seen(evidence, table, who) for table in tables)])


def arrived_by(came: Floats, fewest: int = 1) -> Floats:
    """The share of all who come in the end that have come by each month, 0 to as long as `came` goes.

    `came[a, d]` counts those of age a (months since the event) who came in month d. A month that fewer than
    `fewest` are known to have come by tells nothing.
    """
    share = np.ones(came.shape[0])
    for month in range(share.size - 1, 0, -1):
        by_now = came[month:, : month + 1].sum()
        in_month = came[month:, month].sum()
        share[month - 1] = share[month] * (1 - in_month / by_now if by_now >= fewest else 1.0)
    return share


def expected_final(ages: Floats, came: Floats, curve: Floats, window: int) -> tuple[float, float, float]:
    """The share expected in the end of the events of the last `window` months, and its 95 % interval.

    What is still to come of an age is that age's size by the share that comes in the end (of all ages of the
    window, each by how much of it has come) by what the curve has left.
    """
    n, now = ages[:window], came[:window].sum(axis=1)
    had = curve[np.minimum(np.arange(window), LONGEST)]
    seen = float((n * had).sum())
    if seen == 0 or n.sum() == 0:
        return 0.0, 0.0, 1.0
    ever = min(1.0, float(now.sum()) / seen)
    left = np.maximum(n - now, 0)
    chance = np.minimum(ever * (1 - had) / np.maximum(1 - ever * had, 1e-12), 1.0)
    to_come = float((left * chance).sum())
    spread = math.sqrt(
        float((left * chance * (1 - chance)).sum())
        + ever * (1 - ever) / seen * float((n * (1 - had)).sum()) ** 2
    )
    whole, final = float(n.sum()), float(now.sum()) + to_come
    spread = math.hypot(spread, final * _doubt_of_curve(came, n * had))
    low, high = (final + sign * Z_95 * spread for sign in (-1, 1))
    return final / whole, max(float(now.sum()), low) / whole, min(whole, high) / whole


def _doubt_of_curve(came: Floats, had: Floats) -> float:
    """The relative standard error that the curve's own uncertainty (Greenwood's) puts on what is expected.

    `had` is how many of each age have come by the curve: a month that few were seen in is a doubt about all
    that are younger.
    """
    total = 0.0
    for month in range(1, LONGEST + 1):
        by_now = float(came[month:, : month + 1].sum())
        in_month = float(came[month:, month].sum())
        if 0 < in_month < by_now:
            younger = float(had[:month].sum()) / float(had.sum())
            total += in_month / (by_now * (by_now - in_month)) * younger**2
    return math.sqrt(total)


def _seen(evidence: Evidence, table: type[Table], who: Populations) -> pl.DataFrame:
    """_SEEN rows of each field of the table: everybody of whom the event has come."""
    key = str(link(table))
    begun = began(evidence, table, who).select(key, "population", "event")
    dated = str(facts(table).dated_by)
    rows = latest(
        scan(evidence.cores, table_name(table))
        .select(
            key,
            pl.col(dated).alias("dated:"),
            *(pl.col(str(c.core_name)).alias(f"value:{c.name}") for c in fields(table)),
        )
        .join(begun.lazy(), on=key, how="semi"),
        key,
        "dated:",
    ).collect()
    measured = [c for c in fields(table) if c.name != dated and c.about.min_filled > 0]
    both = begun.join(rows, on=key, how="left").join(
        first_values(evidence, table, measured), on=key, how="left"
    )
    asked = {facts(table).applies_to} - {Population.EVERYONE}
    return pl.concat(
        _of_field(
            evidence,
            table,
            c,
            both.filter([pl.col("population") == w.value for w in asked]) if asked else both,
        )
        for c in measured
    )


def began(evidence: Evidence, table: type[Table], who: Populations) -> pl.DataFrame:
    """Each unit of `who` that the table's rows are of and whose event has come, with the day of the `event`.

    The event is what the table's demand counts from, else that the person came into the case system. A part
    of a programme that a move split off is left out: the part that continues it is followed.
    """
    due = facts(table).due
    units = who.programmes if link(table) == "programme_key" else _with_created(evidence, who)
    event = due.after if due else _CREATED
    continued = pl.col("is_continued") if "is_continued" in units.columns else pl.lit(False)
    return units.filter((pl.col(event) <= evidence.as_of) & ~continued).with_columns(event=pl.col(event))


def _with_created(evidence: Evidence, who: Populations) -> pl.DataFrame:
    created = scan(evidence.cores, "person").select("person_key", _CREATED).collect()
    return who.persons.join(created.unique("person_key", keep="first", maintain_order=True), on="person_key")


def _of_field(evidence: Evidence, table: type[Table], column: Column, rows: pl.DataFrame) -> pl.DataFrame:
    key, due = str(link(table)), facts(table).due
    filled = in_state(column, f"value:{column.name}")[ValueState.VALUE]
    with_log = rows.join(first_filled(evidence, table, column), on=key, how="left")
    first = pl.when(filled).then(first_there_on(column))
    by = pl.col("event").dt.offset_by(f"{due.months}mo") if due else None
    return (
        with_log.with_columns(came=first)
        .with_columns(
            age=months_seen(pl.lit(evidence.as_of) - pl.col("event")),
            delay=month_by(pl.col("came") - pl.col("event")),
            late=pl.when(by <= evidence.as_of).then((pl.col("came") > by).fill_null(False))
            if by is not None
            else pl.lit(None, pl.Boolean),
            table=pl.lit(column.table),
            column=pl.lit(column.name),
            unit=pl.col(key),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in _SEEN.items())
    )


def months_seen(passed: pl.Expr, longest: int = LONGEST) -> pl.Expr:
    """The months of a duration that are over: the one that is running has been seen in part only."""
    return (passed.dt.total_days() / DAYS_A_MONTH).floor().clip(0, longest).cast(pl.Int64)


def month_by(passed: pl.Expr, longest: int = LONGEST) -> pl.Expr:
    """The month by whose end a duration is over."""
    return (passed.dt.total_days() / DAYS_A_MONTH).ceil().clip(0, longest).cast(pl.Int64)


def first_filled(evidence: Evidence, table: type[Table], column: Column) -> pl.DataFrame:
    """(key of the unit, filled_on): the day the log says that a value first came where none was."""
    key, log = str(link(table)), evidence.restricted.get("change_log")
    entity = {"programme_key": Entity.PROGRAMME, "person_key": Entity.PERSON}[key]
    if log is None:
        return pl.DataFrame(schema={key: pl.Int64, "filled_on": pl.Date})
    of_field = log.filter(
        (pl.col("changed_table") == facts(table).source_name) & (pl.col("field") == column.about.source_name)
    ).select("row_key_id", "changed_on", old="old_value", new="new_value")
    nothing = [
        str(v) for v in {*column.about.unknown, *(column.about.codes.unknown if column.about.codes else ())}
    ]
    is_value = {name: pl.col(name).is_not_null() & ~pl.col(name).is_in(nothing) for name in ("old", "new")}
    return (
        of_field.filter(~is_value["old"] & is_value["new"])
        .join(evidence.keys_of(entity.value, "row_key_id", key), on="row_key_id")
        .group_by(key)
        .agg(filled_on=pl.col("changed_on").min())
    )


def triangle(part: pl.DataFrame, longest: int = LONGEST) -> tuple[Floats, Floats]:
    """Everybody by age, and those with a value by age and delay, in months up to `longest`.

    Who came in a month that is not over for their age is left out: the others of that month are not seen yet.
    """
    size = longest + 1
    ages = np.bincount(part["age"].to_numpy(), minlength=size).astype(np.float64)
    there = part.filter(pl.col("delay") <= pl.col("age"))
    place = there["age"].to_numpy() * size + there["delay"].to_numpy()
    came = np.bincount(place, minlength=size * size).astype(np.float64).reshape(size, size)
    return ages, came


def _drawn(ages: Floats, came: Floats, curve: Floats) -> pl.DataFrame:
    months = range(LONGEST + 1)
    return pl.DataFrame(
        {
            "months": list(months),
            "at_risk": [int(ages[m:].sum()) for m in months],
            "registered": [int(came[m:, : m + 1].sum()) for m in months],
            "share": [round(float(curve[m]) * PPM) for m in months],
        },
        schema={"months": pl.Int64, "at_risk": pl.Int64, "registered": pl.Int64, "share": pl.Int64},
    )


def _judged(part: pl.DataFrame, ages: Floats, came: Floats, curve: Floats) -> dict[str, object]:
    """Late where many values came after the limit, or many of the recent ones are still to come.

    That values came late is tested against the limit; what is still to come is an estimate, and no test.
    """
    window, fewest = thresholds.NOWCAST_MONTHS.value, thresholds.FEWEST_TO_JUDGE.value
    recent = part.filter(pl.col("age") < window)
    n, now = recent.height, recent["delay"].count()
    filled = part.filter(pl.col("delay").is_not_null() & pl.col("late").is_not_null())
    if n < fewest or filled.height < fewest:
        return {"numerator": now, "denominator": n, "over": False, "reason": "too_few"}
    # Who came in the running month is not in the triangle, but has come.
    final, low, high = (max(share, now / n) for share in expected_final(ages, came, curve, window))
    late, limit = int(filled["late"].sum()), thresholds.LATE_SHARE.value
    awaited = (final - now / n) * PERMILLE > limit
    return {
        "numerator": now,
        "denominator": n,
        "effect": final,
        "effect_low": low,
        "effect_high": high,
        "p": None if awaited else binomial_at_least(late, filled.height, limit / PERMILLE),
        "over": awaited or late * PERMILLE > limit * filled.height,
    }
