"""Employment as delivered: one file a year to 2014, one a month after; and the true months of work."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import declared
from pipeline.synthetic.identifiers import organisation_numbers
from pipeline.synthetic.municipality import MONTHS_A_YEAR, Municipality
from pipeline.synthetic.streams import NEVER, Ints, Mask, dates, first_day, month_start
from schemas.registers.employment import FIRST_A_MELDING_YEAR, EmploymentAnnual, EmploymentMonthly


@dataclass(frozen=True)
class Jobs:
    """What a person's jobs are like: employers change with the years, hours and pay are the person's."""

    employers: pl.Series
    employer: Ints
    half_hours: Ints
    pay_month: Ints
    second: Mask
    idle: Mask  # stands with hours and no pay while not in work


def jobs(place: Municipality) -> Jobs:
    """Drawn once for all persons and outsiders."""
    generator = place.streams.of("jobs")
    size = place.people.size + place.known.outsiders.len()
    half_hours = np.where(generator.random(size) < 0.55, 75, generator.integers(4, 72, size))
    return Jobs(
        employers=organisation_numbers(place.streams.of("employers"), model.EMPLOYERS),
        employer=generator.integers(0, model.EMPLOYERS, size),
        half_hours=half_hours,
        pay_month=(half_hours * generator.normal(420, 60, size).clip(250, 900)).astype(np.int64),
        second=generator.random(size) < model.SECOND_JOB,
        idle=generator.random(size) < model.HOURS_WITHOUT_PAY,
    )


def _in_work(place: Municipality, month: int) -> tuple[Ints, Ints]:
    """Positions (persons, then outsiders) in work in the month, and those idle with hours but no pay."""
    column = place.work.in_work[:, month - place.work.first_month]
    outside = place.known.outsiders.len()
    luck = place.streams.of(f"work/outsiders/{month // 12}").random(outside)
    present = (place.work.present_from <= month) & (month < place.work.present_to)
    return np.flatnonzero(np.concatenate([column, luck < 0.55])), np.flatnonzero(present & ~column)


def _numbers(place: Municipality, rows: Ints, on: int) -> pl.Series:
    size = place.people.size
    mine = rows[rows < size]
    return pl.concat(
        [
            place.known.at(np.full(mine.size, on), mine),
            place.known.outsiders.gather(pl.Series(rows[rows >= size] - size)),
        ]
    )


def employment_month(place: Municipality, work: Jobs, month: int) -> pl.DataFrame:
    """One row for each job in the month; a few jobs have hours and no pay."""
    year = 1970 + month // MONTHS_A_YEAR
    working, out = _in_work(place, month)
    idle = out[work.idle[out]]
    second = working[work.second[working]]
    rows = np.concatenate([working, idle, second])
    kind = np.repeat([0, 1, 2], [working.size, idle.size, second.size])
    on = first_day(year, month % MONTHS_A_YEAR + 1)
    growth = 1.03 ** (year - FIRST_A_MELDING_YEAR)
    half_hours = np.where(kind == 2, 10, work.half_hours[rows])
    pay = np.where(kind == 1, 0, np.where(kind == 2, 4200, work.pay_month[rows]) * growth).astype(np.int64)
    blocks = (year + rows) // 3  # the employer changes every third year
    return declared(
        EmploymentMonthly,
        {
            "person_identifier": _kinds_of_numbers(place, rows, kind, on),
            "organisation_id": work.employers.gather(
                pl.Series((work.employer[rows] + blocks * 17 + (kind == 2)) % model.EMPLOYERS)
            ),
            "month": dates(np.full(rows.size, on)),
            "hours_per_week": half_hours / 2,
            "position_percent": pl.Series((half_hours * 100 // 75).clip(0, 100)).set(
                pl.Series(rows % 25 == 3), None
            ),
            "pay_month_kr": pay,
        },
    ).sort("person_identifier", "organisation_id")


def _kinds_of_numbers(place: Municipality, rows: Ints, kind: Ints, on: int) -> pl.Series:
    """The numbers of each kind of job's rows, in order."""
    return pl.concat([_numbers(place, rows[kind == k], on) for k in (0, 1, 2)])


def employment_year(place: Municipality, work: Jobs, year: int) -> pl.DataFrame:
    """One row for each spell of work in the year, with the year's pay."""
    size = place.people.size
    low = max((year - 1970) * 12 - place.work.first_month, 0)
    months = place.work.in_work[:, low : low + 12]
    first_month = (year - 1970) * 12 + 12 - months.shape[1]
    begun = months & ~np.pad(months, ((0, 0), (1, 0)))[:, :-1]
    person, start = np.nonzero(begun)
    length = _lengths(months, person, start)
    to_go = start + length == months.shape[1]
    outside = place.streams.of(f"work/outsiders annual/{year}").random(place.known.outsiders.len()) < 0.55
    others = np.flatnonzero(outside) + size
    present = (place.work.present_from <= first_month) & (first_month + 12 <= place.work.present_to)
    idle = np.flatnonzero(~months.any(axis=1) & work.idle[:size] & present)
    rows = np.concatenate([person, others, idle])
    kind = np.repeat([0, 1, 2], [person.size, others.size, idle.size])
    begins = np.concatenate([first_month + start, np.full(others.size + idle.size, first_month)])
    ends = np.where(
        kind == 0, begins + np.concatenate([length, np.zeros(others.size + idle.size, dtype=np.int64)]), 0
    )
    open_end = np.concatenate([to_go, np.ones(others.size + idle.size, dtype=bool)])
    worked = np.concatenate([length, np.full(others.size, 12), np.zeros(idle.size, dtype=np.int64)])
    last_day = month_start(ends) - 1
    numbers = pl.concat([_numbers(place, rows[kind == k], first_day(year + 1) - 1) for k in (0, 1, 2)])
    return declared(
        EmploymentAnnual,
        {
            "person_identifier": numbers,
            "organisation_id": work.employers.gather(
                pl.Series((work.employer[rows] + (year + rows) // 3 * 17) % model.EMPLOYERS)
            ),
            "year": [year] * rows.size,
            "started_on": dates(month_start(begins)),
            "ended_on": dates(np.where(open_end, NEVER, last_day)),
            "hours_per_week": work.half_hours[rows] / 2,
            "pay_kr": (worked * work.pay_month[rows] * 0.8).astype(np.int64),
        },
    ).sort("person_identifier", "organisation_id", "started_on")


def _lengths(months: Mask, person: Ints, start: Ints) -> Ints:
    """How many months each spell lasts within the year."""
    width = months.shape[1]
    idle = np.where(~months, np.arange(width), width)
    following = np.minimum.accumulate(idle[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(following[person, start] - start)


def work_spells(place: Municipality) -> pl.DataFrame:
    """Truth: each person's months of work as spells, first and last month."""
    months = place.work.in_work
    padded = np.pad(months, ((0, 0), (1, 1)))
    person, first = np.nonzero(~padded[:, :-1] & padded[:, 1:])
    _, after = np.nonzero(padded[:, :-1] & ~padded[:, 1:])
    origin = place.work.first_month
    return pl.DataFrame(
        {
            "person_id": place.people.person_id[person],
            "first_month": dates(month_start(origin + first)),
            "last_month": dates(month_start(origin + after - 1)),
        }
    )
