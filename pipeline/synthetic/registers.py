"""What the registers deliver: NIR and population by year, employment by year to 2014 and by month after.

A register names a person by the number it used then: a D-number before the fnr took over, DUF where the
case system that reports to NIR knows nothing else. Every delivery also holds persons of other
municipalities, whom the case system does not know.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import Planted, declared, strings
from pipeline.synthetic.identifiers import organisation_numbers
from pipeline.synthetic.identity_tables import Identity
from pipeline.synthetic.people import People
from pipeline.synthetic.programme_tables import ACT_2003, ACT_2021, ENTITLED, MAY
from pipeline.synthetic.programmes import Programmes, Work
from pipeline.synthetic.streams import (
    NEVER,
    Ints,
    Mask,
    Streams,
    dates,
    first_day,
    pick,
    year_of,
)
from schemas import codes
from schemas.registers.employment import FIRST_A_MELDING_YEAR, EmploymentAnnual, EmploymentMonthly
from schemas.registers.nir import NirParticipant
from schemas.registers.population import PopulationStatus
from schemas.variable import Table

RESIDENT, EMIGRATED, DEAD = codes.RESIDENCE.values()
ELSEWHERE = {"0219": 4, "1103": 2, "1201": 3, "5001": 2}  # other municipalities, by weight
CUT_OFF_DAYS = 58  # 28 February of the year after
NUMBER_OF_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class World:
    """What the deliveries are drawn from."""

    streams: Streams
    people: People
    programmes: Programmes
    known: Identity
    work: Work
    as_of: int

    def years(self) -> range:
        """The whole years the world has behind it."""
        return range(model.WORLD_BEGINS.year, int(year_of(np.array([self.as_of]))[0]))

    def months(self) -> list[int]:
        """Months since 1970 that have been delivered: a month comes two months after it began."""
        first = (FIRST_A_MELDING_YEAR - 1970) * NUMBER_OF_MONTHS_A_YEAR
        return list(range(first, self.work.first_month + self.work.months - 1))


def nir_year(world: World, year: int, late: Mask, forgotten: Mask, planted: Planted) -> pl.DataFrame:
    """NIR as delivered after the cut-off of `year`: programmes active in it, and late corrections.

    A programme that ended the year before stands again where its reason of exit came after that year's
    cut-off. `late` and `forgotten` say which programmes' reasons came late, and never.
    """
    programmes = world.programmes
    first, after = first_day(year), first_day(year + 1)
    active = (programmes.start < after) & (programmes.end >= first)
    corrected = late & (programmes.end < first) & (programmes.end >= first_day(year - 1))
    rows = np.flatnonzero(active | corrected)
    person, end = programmes.person[rows], programmes.end[rows]
    delivered = after + CUT_OFF_DAYS
    ended = end < min(after, world.as_of)
    missing = forgotten[rows] | (late[rows] & (end >= first))
    codes_now = np.where(missing, model.NOT_REGISTERED, programmes.exit_code[rows])
    generator = world.streams.of(f"nir/{year}")
    official = world.known.at(np.full(rows.size, delivered), person)
    only_duf = pl.Series(world.known.only_duf[person])
    number = pl.select(
        pl.when(only_duf).then(world.known.duf.gather(pl.Series(person))).otherwise(official)
    ).to_series()
    hours = generator.integers(40, 76, rows.size) / 2
    own = {
        "person_identifier": number,
        "municipality": pl.Series([model.OSLO] * rows.size, dtype=pl.String),
        "law": _law(programmes.start[rows]),
        "entitlement": strings(np.where(generator.random(rows.size) < 0.9, ENTITLED, MAY).astype(object)),
        "decided_on": dates(programmes.start[rows] - 20),
        "started_on": dates(programmes.start[rows]),
        "ended_on": dates(np.where(ended, end, NEVER)),
        "nir_exit": strings(np.where(ended, codes_now, "").astype(object)),
        "hours_per_week": pl.Series(hours).set(pl.Series(generator.random(rows.size) > 0.9), None),
    }
    mine = pl.DataFrame(own).with_columns(delivery_year=pl.lit(year, pl.Int64))
    frame = pl.concat([declared(NirParticipant, mine), _nir_outsiders(world, year, mine.height)])
    frame = frame.unique(
        ["person_identifier", "municipality", "started_on"], keep="first", maintain_order=True
    )
    return _lose_zeros(world, frame.sort("person_identifier", "started_on"), year, planted)


def _law(start: Ints) -> pl.Series:
    return strings(np.where(year_of(start) >= model.FIRST_YEAR_2021_ACT, ACT_2021, ACT_2003).astype(object))


def _nir_outsiders(world: World, year: int, size: int) -> pl.DataFrame:
    """Participants of other municipalities."""
    generator = world.streams.of(f"nir/outsiders/{year}")
    count = min(round(size * model.OUTSIDERS), world.known.outsiders.len())
    start = first_day(year) - generator.integers(0, 500, count)
    start = np.maximum(start, first_day(2004))
    ended = generator.random(count) < 0.4
    reason = pick(generator, model.OTHER_EXITS | model.WORK_EXITS, count)
    return declared(
        NirParticipant,
        {
            "person_identifier": world.known.outsiders.head(count),
            "municipality": strings(pick(generator, ELSEWHERE, count)),
            "law": _law(start),
            "entitlement": [ENTITLED] * count,
            "decided_on": dates(start - 20),
            "started_on": dates(start),
            "ended_on": dates(np.where(ended, first_day(year) + generator.integers(1, 360, count), NEVER)),
            "nir_exit": strings(np.where(ended, reason, "").astype(object)),
            "hours_per_week": [30.0] * count,
            "delivery_year": [year] * count,
        },
    )


def _lose_zeros(world: World, frame: pl.DataFrame, year: int, planted: Planted) -> pl.DataFrame:
    """A spreadsheet has eaten the leading zero of a few identifiers."""
    luck = world.streams.of(f"nir/leading zero/{year}").random(frame.height)
    leading = frame["person_identifier"].str.starts_with("0")
    share = model.LEADING_ZERO_LOST / max(float(leading.mean() or 0), model.LEADING_ZERO_LOST)  # type: ignore[arg-type]
    lost = leading & pl.Series(luck < share)
    planted.add(
        "leading_zero_lost",
        "nir_participant",
        pl.select(pl.format("{}|{}", frame["person_identifier"].filter(lost), year)).to_series(),
    )
    number = pl.col("person_identifier")
    return frame.with_columns(
        pl.when(lost).then(number.str.slice(1)).otherwise(number).alias("person_identifier")
    )


def population_year(world: World, year: int) -> pl.DataFrame:
    """Status on 1 January after `year`, of everybody settled by then who has an official number."""
    people = world.people
    on = first_day(year + 1)
    rows = np.flatnonzero(people.settled < on)
    left = people.leaves[rows] < on
    status = np.where(left, np.where(people.dies[rows], DEAD, EMIGRATED), RESIDENT).astype(object)
    home = pick(world.streams.of("population/home"), {model.OSLO: 85, **ELSEWHERE}, people.size)[rows]
    outside = world.known.outsiders
    generator = world.streams.of(f"population/outsiders/{year}")
    count = min(round(rows.size * model.OUTSIDERS), outside.len())
    own = pl.DataFrame(
        {
            "person_identifier": world.known.at(np.full(rows.size, on), rows),
            "year": [year] * rows.size,
            "residence": strings(status),
            "status_on": dates(np.where(left, people.leaves[rows], NEVER)),
            "municipality": strings(np.where(left, "", home).astype(object)),
        }
    )
    others = pl.DataFrame(
        {
            "person_identifier": outside.head(count),
            "year": [year] * count,
            "residence": [RESIDENT] * count,
            "status_on": dates(np.full(count, NEVER)),
            "municipality": strings(pick(generator, ELSEWHERE, count)),
        }
    )
    both = pl.concat([declared(PopulationStatus, own), declared(PopulationStatus, others)])
    return both.sort("person_identifier")


@dataclass(frozen=True)
class Jobs:
    """What a person's jobs are like: employers change with the years, hours and pay are the person's."""

    employers: pl.Series
    employer: Ints
    half_hours: Ints
    pay_month: Ints
    second: Mask
    idle: Mask  # stands with hours and no pay while not in work


def jobs(world: World) -> Jobs:
    """Drawn once for all persons and outsiders."""
    generator = world.streams.of("jobs")
    size = world.people.size + world.known.outsiders.len()
    half_hours = np.where(generator.random(size) < 0.55, 75, generator.integers(4, 72, size))
    return Jobs(
        employers=organisation_numbers(world.streams.of("employers"), model.EMPLOYERS),
        employer=generator.integers(0, model.EMPLOYERS, size),
        half_hours=half_hours,
        pay_month=(half_hours * generator.normal(420, 60, size).clip(250, 900)).astype(np.int64),
        second=generator.random(size) < model.SECOND_JOB,
        idle=generator.random(size) < model.HOURS_WITHOUT_PAY,
    )


def _in_work(world: World, month: int) -> tuple[Ints, Ints]:
    """Positions (persons, then outsiders) in work in the month, and those idle with hours but no pay."""
    column = world.work.in_work[:, month - world.work.first_month]
    outside = world.known.outsiders.len()
    luck = world.streams.of(f"work/outsiders/{month // 12}").random(outside)
    present = (world.work.present_from <= month) & (month < world.work.present_to)
    return np.flatnonzero(np.concatenate([column, luck < 0.55])), np.flatnonzero(present & ~column)


def _numbers(world: World, rows: Ints, on: int) -> pl.Series:
    size = world.people.size
    mine = rows[rows < size]
    return pl.concat(
        [
            world.known.at(np.full(mine.size, on), mine),
            world.known.outsiders.gather(pl.Series(rows[rows >= size] - size)),
        ]
    )


def employment_month(world: World, work: Jobs, month: int) -> pl.DataFrame:
    """One row for each job in the month; a few jobs have hours and no pay."""
    year = 1970 + month // NUMBER_OF_MONTHS_A_YEAR
    working, out = _in_work(world, month)
    idle = out[work.idle[out]]
    second = working[work.second[working]]
    rows = np.concatenate([working, idle, second])
    kind = np.repeat([0, 1, 2], [working.size, idle.size, second.size])
    on = first_day(year, month % NUMBER_OF_MONTHS_A_YEAR + 1)
    growth = 1.03 ** (year - FIRST_A_MELDING_YEAR)
    half_hours = np.where(kind == 2, 10, work.half_hours[rows])
    pay = np.where(kind == 1, 0, np.where(kind == 2, 4200, work.pay_month[rows]) * growth).astype(np.int64)
    blocks = (year + rows) // 3  # the employer changes every third year
    return declared(
        EmploymentMonthly,
        {
            "person_identifier": _kinds_of_numbers(world, rows, kind, on),
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


def _kinds_of_numbers(world: World, rows: Ints, kind: Ints, on: int) -> pl.Series:
    """The numbers of each kind of job's rows, in order."""
    return pl.concat([_numbers(world, rows[kind == k], on) for k in (0, 1, 2)])


def employment_year(world: World, work: Jobs, year: int) -> pl.DataFrame:
    """One row for each spell of work in the year, with the year's pay."""
    size = world.people.size
    low = max((year - 1970) * 12 - world.work.first_month, 0)
    months = world.work.in_work[:, low : low + 12]
    first_month = (year - 1970) * 12 + 12 - months.shape[1]
    begun = months & ~np.pad(months, ((0, 0), (1, 0)))[:, :-1]
    person, start = np.nonzero(begun)
    length = _lengths(months, person, start)
    to_go = start + length == months.shape[1]
    outside = world.streams.of(f"work/outsiders annual/{year}").random(world.known.outsiders.len()) < 0.55
    others = np.flatnonzero(outside) + size
    present = (world.work.present_from <= first_month) & (first_month + 12 <= world.work.present_to)
    idle = np.flatnonzero(~months.any(axis=1) & work.idle[:size] & present)
    rows = np.concatenate([person, others, idle])
    kind = np.repeat([0, 1, 2], [person.size, others.size, idle.size])
    begins = np.concatenate([first_month + start, np.full(others.size + idle.size, first_month)])
    ends = np.where(
        kind == 0, begins + np.concatenate([length, np.zeros(others.size + idle.size, dtype=np.int64)]), 0
    )
    open_end = np.concatenate([to_go, np.ones(others.size + idle.size, dtype=bool)])
    worked = np.concatenate([length, np.full(others.size, 12), np.zeros(idle.size, dtype=np.int64)])
    last_day = _month_start(ends) - 1
    numbers = pl.concat([_numbers(world, rows[kind == k], first_day(year + 1) - 1) for k in (0, 1, 2)])
    return declared(
        EmploymentAnnual,
        {
            "person_identifier": numbers,
            "organisation_id": work.employers.gather(
                pl.Series((work.employer[rows] + (year + rows) // 3 * 17) % model.EMPLOYERS)
            ),
            "year": [year] * rows.size,
            "started_on": dates(_month_start(begins)),
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


def _month_start(months: Ints) -> Ints:
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def work_spells(world: World) -> pl.DataFrame:
    """Truth: each person's months of work as spells, first and last month."""
    months = world.work.in_work
    padded = np.pad(months, ((0, 0), (1, 1)))
    person, first = np.nonzero(~padded[:, :-1] & padded[:, 1:])
    _, after = np.nonzero(padded[:, :-1] & ~padded[:, 1:])
    origin = world.work.first_month
    return pl.DataFrame(
        {
            "person_id": world.people.person_id[person],
            "first_month": dates(_month_start(origin + first)),
            "last_month": dates(_month_start(origin + after - 1)),
        }
    )


def deliveries(
    world: World, late: Mask, forgotten: Mask, planted: Planted
) -> Iterator[tuple[type[Table], tuple[int, int], pl.DataFrame]]:
    """Every delivery in turn: table, (year, month), frame; memory is bounded by the largest."""
    for year in world.years():
        yield NirParticipant, (year, 1), nir_year(world, year, late, forgotten, planted)
        yield PopulationStatus, (year, 1), population_year(world, year)
    work = jobs(world)
    for year in range(model.WORLD_BEGINS.year, min(FIRST_A_MELDING_YEAR, world.years().stop)):
        yield EmploymentAnnual, (year, 1), employment_year(world, work, year)
    for month in world.months():
        yield EmploymentMonthly, (1970 + month // 12, month % 12 + 1), employment_month(world, work, month)
