"""Courses from a table of events, and back: a row for each event of a person on a day."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.files import refuse_what_is_no_value
from pipeline.disclosure.trajectories.control import Controlled
from pipeline.disclosure.trajectories.events import EVENT, PERIOD, PERSON, Source, Step, gathered
from pipeline.errors import RequestRefused

COURSE = "course"
_START, _HOME = "@start", "@home"


@dataclass(frozen=True)
class Named:
    """Which columns of a table hold the person, the day and what happened.

    `start` is the day from which the person's time is counted (None: that of the person's first event),
    `household` who lives together (None: everybody alone).
    """

    person: str
    day: str
    event: str
    start: str | None = None
    household: str | None = None

    def columns(self) -> tuple[str, ...]:
        """All columns that are named."""
        return tuple(name for name in vars(self).values() if name is not None)


@dataclass(frozen=True)
class Told:
    """Courses as they are written, and whose they are.

    `rows` have `course`, the time and `event`; `time` is what that column is called (None: there is none).
    `whose` has a row for each `course`, with its `person`: it stays in the house.
    """

    rows: pl.DataFrame
    time: str | None
    whose: pl.DataFrame


def events_of(frame: pl.DataFrame, named: Named) -> pl.DataFrame:
    """The events of the table as `events.gathered` makes them, each named by its own text alone.

    Rows without a day are no events. RequestRefused where a column is missing or has no values, a person or
    an event is blank, a day is none, or a person has two starts or two households.
    """
    if missing := [name for name in named.columns() if name not in frame.columns]:
        raise _refused(f"The table lacks {', '.join(missing)}", "Name columns of the table")
    refuse_what_is_no_value(frame, named.columns())
    days = [name for name in (named.day, named.start) if name]
    told = frame.select(named.columns()).with_columns(_day(frame, name) for name in days)
    lost = [name for name in days if told[name].null_count() > _blank(frame[name]).sum()]
    if lost:
        raise _refused(f"{' and '.join(lost)} holds what is no day", "Write days as 2025-03-01")
    for name in (named.person, named.event):
        if _blank(told[name]).any():
            raise _refused(f"{name} is blank in a row", "Fill it, or leave the row out")
    told = told.drop_nulls(named.day).with_columns(pl.col(named.event).cast(pl.String))
    first = pl.col(named.day).min().over(named.person)
    start = pl.col(named.start) if named.start else first
    home = pl.col(named.household).cast(pl.String).replace("", None) if named.household else pl.lit(None)
    starts = told.select(named.person, start.alias(_START), home.cast(pl.String).alias(_HOME)).unique()
    if named.start and starts[_START].null_count():
        raise _refused(f"A {named.person} has no {named.start}", "Give each person one, or leave it out")
    if starts[named.person].is_duplicated().any():
        names = " and ".join(name for name in (named.start, named.household) if name)
        raise _refused(f"A {named.person} has more than one {names}", "Give each person one")
    # The event's own text alone names it: there is one source, and its name goes again.
    source = Source(told, named.person, named.day, (named.event,))
    gone = gathered({"": source}, starts, person=named.person, start=_START, household=_HOME)
    return gone.with_columns(pl.col(EVENT).str.strip_prefix(": "))


def told_by(done: Controlled) -> Told:
    """The rows to write: a course for each person who has any event left.

    Courses are numbered from 1 in the order of what they hold, so a number says nothing of a person. The
    time is called after its step (`month`, `quarter`, `year`, from 0 at the start).
    """
    time = None if done.step is Step.WHOLE else done.step.name.lower()
    one = pl.format("{}\t{}", pl.col(PERIOD).fill_null(0), EVENT)
    whole = done.events.sort(PERSON, PERIOD, EVENT).group_by(PERSON).agg(one.alias("@"))
    whose = whole.sort(pl.col("@").list.join("\n"), PERSON).select(
        pl.int_range(1, pl.len() + 1).alias(COURSE), PERSON
    )
    ordered = done.events.join(whose, on=PERSON).sort(COURSE, PERIOD, EVENT)
    rows = ordered.select(COURSE, *([pl.col(PERIOD).alias(time)] if time else []), EVENT)
    return Told(rows=rows, time=time, whose=whose)


def _day(frame: pl.DataFrame, name: str) -> pl.Expr:
    if frame.schema[name] == pl.String:
        return pl.col(name).str.strip_chars().str.to_date("%Y-%m-%d", strict=False)
    if frame.schema[name].is_temporal():
        return pl.col(name).cast(pl.Date)
    return pl.lit(None, pl.Date).alias(name)


def _blank(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.str.strip_chars().replace("", None).is_null()
    return column.is_null()


def _refused(what: str, do: str) -> RequestRefused:
    return RequestRefused(f"{what}.", instead="Nothing was coarsened.", do=f"{do}.")
