"""The independent verifier of courses: opens what was written, and measures it again in SQL.

It shares no code with what coarsens courses. It is told what was asked for, reads the table of events and the
file as written, and answers with what it measured or raises NotVerified, without a value of anybody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.disclosure.verify_files import columns_of, hierarchy_lines, quoted, read, text
from pipeline.errors import NotVerified

# Months of each step; what is told without a time has none.
STEPS = {"month": 1, "quarter": 3, "year": 12}
# Combinations that are counted at once.
MOST_AT_ONCE = 20_000_000
# What the written file calls whose an event is, and what happened.
_COLUMNS = ("course", "event")
Frame = Any  # whatever DuckDB can read in memory


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the written file must hold: the columns of the source, the target, and how it is told.

    `suppression` is the share of the events that may be left out, as text. `step` is a key of `STEPS`, None
    where no time is told; `level` that of the events' `hierarchy`.
    """

    person: str
    day: str
    event: str
    start: str | None
    household: str | None
    k: int
    m: int
    suppression: str
    step: str | None
    level: int = 0
    hierarchy: Path | None = None


def verify(source: Path, written: Path, whose: Frame, asked: Asked) -> None:
    """NotVerified unless `written` holds courses of `source` that meet the target.

    `whose` has a row for each `course` of the file and the `person` whose it is: that is not believed either,
    for each course must be a part of that person's. Households are read from the source.
    """
    with duckdb.connect() as connection:
        read(connection, "written", written)
        read(connection, "source", source)
        connection.register("handed", whose)
        connection.execute(
            "create table whose as select course, cast(person as varchar) as person from handed"
        )
        problems = list(_form_problems(connection, asked))
        if not problems:
            _prepare(connection, asked)
            problems = [*_origin_problems(connection, asked), *_rare_problems(connection, asked)]
    if problems:
        raise NotVerified(
            f"What was coarsened did not pass the verifier: {'; '.join(problems)}.",
            instead="Nothing was written.",
            do="Report it: what coarsens courses and its verifier disagree.",
        )


def _one(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> Any:
    return connection.execute(query, list(values)).fetchall()[0][0]


def _form_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    course, event = map(quoted, _COLUMNS)
    if list(columns_of(connection, "written")) != [_COLUMNS[0], *filter(None, [asked.step]), _COLUMNS[1]]:
        yield "its columns are not the course, the time and the event"
    elif _one(connection, f"select count(*) from written where {event} is null or {course} is null"):
        yield "an event is told without its course or text"


def _prepare(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """`true_events` and `told_events`: person or course, event, period, and the how-manieth of its kind."""
    lines = _lines(asked)
    connection.execute("create table up (leaf varchar, value varchar)")
    if lines:
        leaves, values = [line[0] for line in lines], [line[asked.level] for line in lines]
        connection.execute(
            "insert into up select unnest(?::varchar[]), unnest(?::varchar[])", [leaves, values]
        )
    kinds = columns_of(connection, "source")
    said = text(asked.event, kinds[asked.event])
    event = "coalesce(up.value, '')" if lines else said
    joined = f"left join up on up.leaf = {said}" if lines else ""
    day, person = _day(asked.day), text(asked.person, kinds[asked.person])
    start = _day(asked.start) if asked.start else f"min({day}) over (partition by {person})"
    home = text(asked.household, kinds[asked.household]) if asked.household else "null"
    connection.execute(
        f"create table dated as select {person} as person, {event} as event, {day} as day, {start} as start, "
        f"{home} as home from source {joined} where {day} is not null"
    )
    months = (
        "(year(day) - year(start)) * 12 + month(day) - month(start) - "
        "case when day(day) < day(start) then 1 else 0 end"
    )
    period = f"cast(floor(({months}) / {STEPS[asked.step]}.0) as bigint)" if asked.step else "0"
    connection.execute(f"create table true_events as {_numbered('person', 'event', period, 'dated')}")
    told = f"cast({quoted(asked.step)} as bigint)" if asked.step else "0"
    course, happened = map(quoted, _COLUMNS)
    numbered = _numbered(f"cast({course} as bigint)", happened, told, "written")
    connection.execute(f"create table told_events as {numbered}")


def _lines(asked: Asked) -> list[list[str]]:
    return [] if asked.hierarchy is None else hierarchy_lines(asked.hierarchy)


def _day(name: str) -> str:
    return f"try_cast(trim(cast({quoted(name)} as varchar)) as date)"


def _numbered(whose: str, event: str, period: str, table: str) -> str:
    return (
        f"select {whose} as whose, {event} as event, {period} as period, row_number() over "
        f"(partition by {whose}, {event}, {period}) as nth from {table}"
    )


def _origin_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """Each course is a part of its person's, no person has two, and not too much is left out."""
    courses = _one(connection, "select count(distinct whose) from told_events")
    if courses != _one(connection, "select count(distinct person) from whose") or courses != _one(
        connection, "select count(*) from whose"
    ):
        yield "courses and persons do not belong together one by one"
    strangers = (
        "select count(*) from told_events t join whose on whose.course = t.whose anti join true_events s "
        "on s.whose = whose.person and s.event = t.event and s.period = t.period and s.nth = t.nth"
    )
    if _one(connection, strangers):
        yield "a course holds what did not happen to its person"
    if _one(
        connection,
        "select (select count(*) from told_events) "
        "< (1 - cast(? as decimal(18, 9))) * (select count(*) from true_events)",
        asked.suppression,
    ):
        yield "more events are left out than may be"


def _rare_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """No combination of so many events is shared by persons of fewer than k households."""
    connection.execute(
        "create table items as select t.whose as course, "
        "dense_rank() over (order by event, period, nth) as item, "
        "dense_rank() over (order by coalesce('h' || home, 'p' || person)) as unit from told_events t "
        "join whose on whose.course = t.whose "
        "join (select person, any_value(home) as home from dated group by person) using (person)"
    )
    shared = _one(connection, "select count(distinct course) > count(distinct unit) from items")
    units = "count(distinct a1.unit)" if shared else "count(*)"
    for size in range(1, asked.m + 1):
        joins = " ".join(
            f"join items a{at} on a{at}.course = a1.course and a{at}.item > a{at - 1}.item"
            for at in range(2, size + 1)
        )
        by = ", ".join(f"a{at}.item" for at in range(1, size + 1))
        parts = 1 + int(_one(connection, _HOW_MANY, size) // MOST_AT_ONCE)
        for part in range(parts):
            few = (
                f"select 1 from items a1 {joins} where a1.item % {parts} = {part} group by {by} "
                f"having {units} < ?"
            )
            if _one(connection, f"select count(*) from ({few} limit 1)", asked.k):
                yield f"a combination of {size} events is shared by fewer than {asked.k} households"
                return


_HOW_MANY = (
    "select coalesce(sum(n ** cast(? as integer)), 0) from (select count(*) as n from items group by course)"
)
