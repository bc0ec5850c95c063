"""Who is counted, and where and when they belong: the denominators of every fill rate.

A person who has any programme is a participant, everybody else is grant-only. A person belongs to the year
and bydel of the first settlement, a programme to the year it started and the bydel of its case. The
persons who may not be used are out before this file sees a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from pipeline.linkage.queries import DAYS_APART
from pipeline.tables import Stored
from schemas import codes
from schemas.codes.programme import MOVED_BYDEL
from schemas.variable import Population

# A bydel that nobody registered is the code list's own «uoppgitt», never an empty label.
NO_BYDEL = min(codes.BYDEL.unknown)

# The field that dates the year of a programme.
DATES_PROGRAMME = "started_on"

_AT = "at"

# Core table -> its stored parts, as the night or a test has them.
Cores = Mapping[str, Sequence[Stored | Path]]


@dataclass(frozen=True)
class Populations:
    """Each frame has its key once, then population, bydel and adviser_key.

    `persons` and `programmes` also have the year they belong to, `programmes` also person_key, law,
    started_on, ended_on and is_continued (a move between bydeler split it, and another programme of the
    person goes on with it).
    """

    persons: pl.DataFrame
    cases: pl.DataFrame
    programmes: pl.DataFrame


def scan(cores: Cores, table: str) -> pl.LazyFrame:
    """A core table, all its parts, nothing read yet."""
    return pl.scan_parquet(paths(cores, table), hive_partitioning=False)


def paths(cores: Cores, table: str) -> list[Path]:
    """The files of a core table."""
    return [part if isinstance(part, Path) else part.path for part in cores[table]]


def latest(rows: pl.LazyFrame, key: str, dated_by: str) -> pl.LazyFrame:
    """One row for each key: the one dated last; of two on one day, the last in the order of all columns."""
    names = rows.collect_schema().names()
    order = [key, dated_by, *(name for name in names if name not in (key, dated_by))]
    several = rows.filter(pl.col(key).is_duplicated()).sort(order)
    # Most keys stand once and need no sorting.
    once = rows.filter(pl.col(key).is_unique())
    return pl.concat([once, several.unique(subset=[key], keep="last", maintain_order=True)])


def populations(cores: Cores, usable: pl.DataFrame) -> Populations:
    """The usable persons, and the programmes and cases that are theirs, each in its year and bydel."""
    cases = _first_of_each(
        _theirs(usable, scan(cores, "case").select("case_key", "person_key", _bydel())), "case_key"
    )
    read = scan(cores, "programme").select(
        "programme_key",
        "person_key",
        "case_key",
        "adviser_key",
        "started_on",
        "ended_on",
        "programme_status",
        "law",
    )
    programmes = (
        _theirs(usable, read)
        .pipe(_known_order, "case_key")
        .join(_known_order(cases.select("case_key", "bydel"), "case_key"), on="case_key", how="left")
        .drop("case_key")
        .with_columns(
            _bydel(),
            year=pl.col(DATES_PROGRAMME).dt.year(),
            population=pl.lit(Population.PARTICIPANTS.value),
        )
    )
    persons = _persons(cores, usable, programmes)
    of_person = persons.select("person_key", "population", "adviser_key")
    return Populations(
        persons=persons,
        cases=_known_order(cases, "person_key")
        .join(of_person, on="person_key", how="inner")
        .drop("person_key"),
        programmes=_with_continued(programmes).drop("programme_status"),
    )


def _theirs(usable: pl.DataFrame, rows: pl.LazyFrame) -> pl.DataFrame:
    """The rows of the usable persons. Looked up, not joined, at a quarter of the cost."""
    read = rows.collect()
    return read.filter(read["person_key"].is_in(usable["person_key"].implode()))


def _with_continued(programmes: pl.DataFrame) -> pl.DataFrame:
    """`programmes` with is_continued, as `linkage/rules.sql` and `exit_cohort.sql` have it."""
    is_moved = pl.col("programme_status") == MOVED_BYDEL
    moved = programmes.filter(is_moved)["person_key"].unique()
    of_person = (
        programmes.filter(pl.col("person_key").is_in(moved.implode()))
        .select("person_key", "programme_key", "programme_status", "started_on", "ended_on")
        # Where both dates are missing the place in the order is of no use, and none is taken of it below.
        .sort("person_key", pl.coalesce("started_on", "ended_on"), "programme_key")
        .with_row_index("number")
    )
    apart = (pl.col("started_on_later") - pl.col("ended_on")).dt.total_days().abs()
    continued = (
        of_person.filter(is_moved)
        .join(of_person, on="person_key", suffix="_later")
        .filter((pl.col("number_later") > pl.col("number")) & (apart <= DAYS_APART))
    )
    return programmes.with_columns(
        is_continued=pl.col("programme_key").is_in(continued["programme_key"].implode())
    )


def _persons(cores: Cores, usable: pl.DataFrame, programmes: pl.DataFrame) -> pl.DataFrame:
    adviser = _one_of_each(programmes.select("person_key", "started_on", "adviser_key"), keep="last")
    joined = _one_each(scan(cores, "person").select("person_key", "created_on").collect())
    # One at a time, each let go before the next is read.
    joined = joined.join(_marked(usable, "is_usable"), on="person_key", how="left").filter("is_usable")
    joined = joined.join(_one_each(_first_settled(cores)), on="person_key", how="left")
    joined = joined.join(_marked(adviser, "takes_part"), on="person_key", how="left")
    return joined.select(
        "person_key",
        "adviser_key",
        _bydel(),
        population=pl.when(pl.col("takes_part").is_not_null())
        .then(pl.lit(Population.PARTICIPANTS.value))
        .otherwise(pl.lit(Population.GRANT_ONLY.value)),
        year=pl.coalesce("settled_on", "created_on").dt.year(),
    )


def _marked(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    names = [n for n in ("person_key", "adviser_key") if n in rows.columns]
    return _one_each(rows.select(names)).with_columns(pl.lit(True).alias(name))


def _one_each(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each person, in the order of persons and known to be: joined at a tenth of the cost.

    Stored tables are in that order; others are put in it.
    """
    each = _first_of_each(rows, "person_key")
    return _known_order(each if each["person_key"].is_sorted() else each.sort("person_key"), "person_key")


def _known_order(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The same rows; where they are in the order of `key`, known to be."""
    return rows.with_columns(pl.col(key).set_sorted()) if rows[key].is_sorted() else rows


def _first_settled(cores: Cores) -> pl.DataFrame:
    """person_key, settled_on and bydel of the first settlement of each person."""
    rows = scan(cores, "settlement").select("person_key", "settled_on", "bydel").collect()
    # Two settlements on one day: the lowest bydel, so that reruns agree. No day is after every day.
    return _one_of_each(rows, keep="first", nulls_last=True)


def _one_of_each(
    rows: pl.DataFrame, keep: Literal["first", "last"], nulls_last: bool = False
) -> pl.DataFrame:
    """Of each person's rows the first, or the last, in the order of all columns; persons as they stand."""
    several = _stands_again(rows["person_key"])
    chosen = (
        rows.with_row_index(_AT)
        .filter(several)
        .sort(rows.columns, nulls_last=nulls_last)
        .unique("person_key", keep=keep, maintain_order=True)
    )
    return rows.filter((~several).scatter(chosen[_AT], values=True))


def _first_of_each(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    if not _stands_again(rows[key]).any():
        return rows
    return rows.unique(key, keep="first", maintain_order=True)


def _stands_again(keys: pl.Series) -> pl.Series:
    """Whether each key is there more than once; told by its neighbours where they are sorted, as stored."""
    before = keys.shift()
    if not (keys >= before).slice(1).fill_null(False).all():
        return keys.is_duplicated()
    again = (keys == before).fill_null(False)
    return again | again.shift(-1, fill_value=False)


def _bydel() -> pl.Expr:
    return pl.col("bydel").fill_null(NO_BYDEL)
