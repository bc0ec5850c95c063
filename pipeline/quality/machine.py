"""Values that no person weighed: many on one day, dates set to 1 January, round numbers, one value for all.

Each is held against what evenly spread values would give, and against the figure in `thresholds.py`. What
does not belong here: values that contradict each other (`contradictions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipeline.disclosure.tables import HELD_THRESHOLD
from pipeline.quality import thresholds
from pipeline.quality.evidence import Evidence
from pipeline.quality.populations import NO_BYDEL, Populations, scan
from pipeline.quality.profile import link, profiled_tables
from pipeline.quality.results import COUNTED, PERMILLE, counted
from pipeline.quality.statistics import binomial_at_least, hypergeometric_at_least
from schemas.rules import FIRST_PLAUSIBLE_YEAR
from schemas.variable import Column, Table, columns, facts, table_name

DAYS_A_YEAR = 365
ROUND = 5  # people round to fives and tens; both are divisible by five
MONEY = "kr"  # amounts are rounded by habit, and nothing is concluded from it
CLOSES = (("programme", "ended_on"), ("case", "closed_on"))
_FEWEST = thresholds.FEWEST_TO_JUDGE
_YEAR = ("table", "column", "year")


def machine_filled(evidence: Evidence) -> list[pl.DataFrame]:
    """COUNTED rows of every check of values that a machine, or a habit, filled."""
    who = evidence.who()
    checks: dict[str, list[dict[str, object]]] = {check: [] for check in _JUDGES}
    for table in profiled_tables():
        rows = _rows(evidence, table, who)
        for c, values in _columns(table, rows):
            for check, judge in _JUDGES.items():
                judged = judge(table, c, values)
                if judged is not None:
                    checks[check].append({"table": c.table, "column": c.name, **judged})
    made = [_counted(check, found) for check, found in checks.items()]
    return [*made, batch_closed(evidence, who)]


def _counted(check: str, found: list[dict[str, object]]) -> pl.DataFrame:
    return counted(check, pl.DataFrame(found, schema_overrides=COUNTED, infer_schema_length=None))


def _rows(evidence: Evidence, table: type[Table], who: Populations) -> pl.DataFrame:
    """The usable persons' rows of a core table, with the bydel they are counted in."""
    key = str(link(table))
    units = {"person_key": who.persons, "case_key": who.cases, "programme_key": who.programmes}[key]
    of = units.select(key, pl.col("bydel").alias("in:bydel"))
    return scan(evidence.cores, table_name(table)).join(of.lazy(), on=key).collect()


def _columns(table: type[Table], rows: pl.DataFrame) -> Iterator[tuple[Column, pl.DataFrame]]:
    """Each column that holds a value of its own, with (value, bydel) where one is filled."""
    for c in columns(table):
        if c.core_name and not c.about.key:
            yield c, rows.select(value=c.core_name, bydel="in:bydel").drop_nulls("value")


def _reason(few: bool) -> str | None:
    return "too_few" if few else None


def one_moment(table: type[Table], column: Column, values: pl.DataFrame) -> dict[str, object] | None:
    """The day with the most registrations, out of the days that have any."""
    if not (facts(table).dates_registration and column.name == facts(table).dated_by):
        return None
    each = values["value"].value_counts()["count"].to_list()
    n, most, days = values.height, max(each, default=0), len(each)
    few = n < _FEWEST.value or days < 2
    p = None if few else min(1.0, days * binomial_at_least(most, n, 1 / days))
    return {
        "numerator": most,
        "denominator": n,
        "effect": most / n if n else None,
        "p": p,
        "over": not few and most * PERMILLE >= thresholds.ONE_MOMENT.value * n,
        "reason": _reason(few),
    }


def first_of_january(table: type[Table], column: Column, values: pl.DataFrame) -> dict[str, object] | None:
    """Dates on 1 January out of all; not of a column that holds months, of which each is the first day."""
    if column.dtype != pl.Date or values.schema["value"] != pl.Date:
        return None
    value = pl.col("value").dt
    sums = values.filter(value.year() >= FIRST_PLAUSIBLE_YEAR).select(
        n=pl.len(), first=(value.day() == 1).sum(), new_year=((value.day() == 1) & (value.month() == 1)).sum()
    )
    n, first, new_year = (int(v) for v in sums.row(0))
    if first * 2 > n:
        return None
    few = n < _FEWEST.value
    return {
        "numerator": new_year,
        "denominator": n,
        "effect": new_year / n if n else None,
        "p": None if few else binomial_at_least(new_year, n, 1 / DAYS_A_YEAR),
        "over": not few and new_year * PERMILLE >= thresholds.FIRST_OF_JANUARY.value * n,
        "reason": _reason(few),
    }


def heaping(table: type[Table], column: Column, values: pl.DataFrame) -> dict[str, object] | None:
    """Numbers divisible by five, out of them and the numbers just below and above them: a third by rights."""
    if column.dtype != pl.Int64 or column.about.unit in (MONEY, None) or column.name == "calendar_year":
        return None
    value = pl.col("value")
    beside = pl.Series([ROUND - 1, 0, 1])
    known = ~value.is_in(list(column.about.unknown)) if column.about.unknown else pl.lit(True)
    near = values.filter(known & (value >= ROUND - 1) & (value % ROUND).is_in(beside.implode()))
    n, fives = near.height, near.filter(value % ROUND == 0).height
    few = n < _FEWEST.value
    return {
        "numerator": fives,
        "denominator": n,
        "effect": fives / n - 1 / 3 if n else None,
        "p": None if few else binomial_at_least(fives, n, 1 / 3),
        "over": not few and (3 * fives - n) * PERMILLE >= thresholds.HEAPING.value * 3 * n,
        "reason": _reason(few),
    }


def one_default(table: type[Table], column: Column, values: pl.DataFrame) -> dict[str, object] | None:
    """The bydel where nearly all have one value that clearly fewer have elsewhere: what it has it not asked.

    Where a value is as common everywhere, it may be so in truth.
    """
    if not (column.about.codes or column.dtype == pl.Boolean) or "bydel" in (
        column.name,
        *_code_name(column),
    ):
        return None
    counts = (
        values.filter(pl.col("bydel") != NO_BYDEL)
        .group_by("bydel", "value")
        .agg(k=pl.len().cast(pl.Int64))
        .with_columns(n=pl.col("k").sum().over("bydel"), everywhere=pl.col("k").sum().over("value"))
        .with_columns(whole=pl.col("k").sum())
    )
    judged = counts.filter((pl.col("n") >= _FEWEST.value) & (pl.col("whole") - pl.col("n") >= _FEWEST.value))
    if judged.is_empty():
        return {"numerator": None, "denominator": values.height, "over": False, "reason": "too_few_groups"}
    elsewhere = (pl.col("everywhere") - pl.col("k")) / (pl.col("whole") - pl.col("n"))
    top = (
        judged.with_columns(elsewhere=elsewhere, here=pl.col("k") / pl.col("n"))
        .sort(pl.col("here") - pl.col("elsewhere"), "bydel", "value", descending=[True, False, False])
        .sort(
            pl.col("k") * PERMILLE >= thresholds.ONE_DEFAULT.value * pl.col("n"),
            descending=True,
            maintain_order=True,
        )
        .row(0, named=True)
    )
    nearly_all = top["k"] * PERMILLE >= thresholds.ONE_DEFAULT.value * top["n"]
    others, others_have = top["whole"] - top["n"], top["everywhere"] - top["k"]
    gap = top["k"] * others - others_have * top["n"]
    chance = hypergeometric_at_least(top["k"], top["n"], top["everywhere"], top["whole"])
    return {
        "numerator": top["k"],
        "denominator": top["n"],
        "effect": gap / (top["n"] * others),
        # Any value of any bydel could have been the one.
        "p": min(1.0, judged.height * chance),
        "over": nearly_all and gap * PERMILLE >= thresholds.HEAPING.value * top["n"] * others,
        "reason": None,
    }


def _code_name(column: Column) -> tuple[str, ...]:
    return (column.about.codes.name,) if column.about.codes else ()


def batch_closed(evidence: Evidence, who: Populations) -> pl.DataFrame:
    """COUNTED rows: for each year, the bydel whose busiest day stands out most among those with enough ends.

    The counts are over all bydeler, of the busiest day of each, and of all ends: the page has figures of a
    year, and none of a bydel's year, and whoever ends a spell moves a sum by no more than themselves.
    """
    by_name = {table_name(table): table for table in profiled_tables()}
    found = pl.concat(_busiest(_rows(evidence, by_name[name], who), name, column) for name, column in CLOSES)
    p = [
        min(1.0, DAYS_A_YEAR * binomial_at_least(most, n, 1 / DAYS_A_YEAR))
        for most, n in found.select("most", "ends").rows()
    ]
    # Fewer are no batch: that they stand out could be told of nobody's year.
    over = (pl.col("most") >= HELD_THRESHOLD) & (
        pl.col("most") * PERMILLE >= thresholds.BATCH_CLOSED.value * pl.col("ends")
    )
    enough = pl.col("ends") >= _FEWEST.value
    judged = found.with_columns(pl.Series("p", p, dtype=pl.Float64), enough=enough, over=over & enough)
    # Any bydel of the year could have been the one.
    worst = pl.when("enough").then(pl.min_horizontal(1.0, pl.col("p") * pl.col("enough").sum().over(_YEAR)))
    in_order = judged.with_columns(p=worst, effect=pl.col("most") / pl.col("ends")).sort(
        *_YEAR,
        "over",
        "enough",
        "p",
        "effect",
        "bydel",
        descending=[False] * 3 + [True] * 2 + [False, True, False],
    )
    return counted(
        "batch_closed",
        in_order.group_by(_YEAR, maintain_order=True)
        .agg(
            pl.col("p", "over", "effect", "enough").first(),
            numerator=pl.sum("most"),
            denominator=pl.sum("ends"),
        )
        .with_columns(period=pl.lit("year"), reason=pl.when(~pl.col("enough")).then(pl.lit("too_few"))),
    )


def _busiest(rows: pl.DataFrame, name: str, column: str) -> pl.DataFrame:
    """Of each year and bydel: how many spells ended, and how many of them on the day with the most."""
    ends = rows.select(bydel="in:bydel", day=column).drop_nulls().filter(pl.col("bydel") != NO_BYDEL)
    return (
        ends.group_by("bydel", "day")
        .len("most")
        .group_by("bydel", year=pl.col("day").dt.year().cast(pl.Int64))
        .agg(pl.col("most").max().cast(pl.Int64), ends=pl.col("most").sum().cast(pl.Int64))
        .with_columns(table=pl.lit(name), column=pl.lit(column))
    )


_JUDGES = {
    "one_moment": one_moment,
    "first_of_january": first_of_january,
    "heaping": heaping,
    "one_default": one_default,
}
