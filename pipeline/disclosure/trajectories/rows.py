"""Courses from a table of events, and back: a row for each event of a person on a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.files import refuse_what_is_no_value
from pipeline.disclosure.texts import as_text
from pipeline.disclosure.trajectories.control import Controlled
from pipeline.disclosure.trajectories.events import EVENT, PERIOD, PERSON, Source, Step, gathered
from pipeline.errors import RequestRefused

COURSE = "course"
_START, _HOME = "@start", "@home"
_DAY = r"^\d{4}-\d{1,2}-\d{1,2}$"


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

    Rows without a day are no events. RequestRefused where a column is missing, named twice or has no values,
    a person or an event is blank, a day is none, a person has two starts or two households, or there is no
    event at all.
    """
    _refuse_columns(frame, named)
    # Under names of our own: those of the table may be any.
    given = {role: frame.get_column(name) for role, name in vars(named).items() if name is not None}
    days = {role: _days(given[role]) for role in ("day", "start") if role in given}
    lost = [given[role].name for role in days if days[role].null_count() > _blank(given[role]).sum()]
    if lost:
        raise _refused(
            f"{' and '.join(lost)} holds what is no day", "Write days as 2025-03-01, without a time zone"
        )
    for role in ("person", "event"):
        if _blank(given[role]).any():
            raise _refused(f"{given[role].name} is blank in a row", "Fill it, or leave the row out")
    texts = {role: as_text(given[role]) for role in ("person", "event", "household") if role in given}
    told = pl.DataFrame(given | days | texts).drop_nulls("day")
    if told.is_empty():
        raise _refused("No row of the table has a day: there is no event", "Give a table of events")
    # The event's own text alone names it: there is one source, and its name goes again.
    source = Source(told, "person", "day", ("event",))
    gone = gathered({"": source}, _starts(told, named), person="person", start=_START, household=_HOME)
    return gone.with_columns(pl.col(EVENT).str.strip_prefix(": "))


def _refuse_columns(frame: pl.DataFrame, named: Named) -> None:
    if missing := [name for name in named.columns() if name not in frame.columns]:
        raise _refused(f"The table lacks {', '.join(missing)}", "Name columns of the table")
    if len(set(named.columns())) < len(named.columns()):
        twice = sorted(name for name, often in Counter(named.columns()).items() if often > 1)
        raise _refused(f"More than one option names {', '.join(twice)}", "Name a column of its own with each")
    refuse_what_is_no_value(frame, named.columns())


def _starts(told: pl.DataFrame, named: Named) -> pl.DataFrame:
    """Each person's start and household, where they have one of each."""
    start = pl.col("start") if named.start else pl.col("day").min().over("person")
    home = pl.col("household").replace("", None) if named.household else pl.lit(None)
    starts = told.select("person", start.alias(_START), home.cast(pl.String).alias(_HOME)).unique()
    if named.start and starts[_START].null_count():
        raise _refused(f"A {named.person} has no {named.start}", "Give each person one, or leave it out")
    if starts["person"].is_duplicated().any():
        names = " and ".join(name for name in (named.start, named.household) if name)
        raise _refused(f"A {named.person} has more than one {names}", "Give each person one")
    return starts


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


def _days(column: pl.Series) -> pl.Series:
    """The days of a column, null where there is none: a time, or a moment of a time zone, has none."""
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        return text.set(~text.str.contains(_DAY), None).str.to_date("%Y-%m-%d", strict=False)
    if column.dtype == pl.Date or (isinstance(column.dtype, pl.Datetime) and not column.dtype.time_zone):
        return column.cast(pl.Date)
    return pl.repeat(None, len(column), dtype=pl.Date, eager=True)


def _blank(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.str.strip_chars().replace("", None).is_null()
    return column.is_null()


def _refused(what: str, do: str) -> RequestRefused:
    return RequestRefused(f"{what}.", instead="Nothing was coarsened.", do=f"{do}.")
