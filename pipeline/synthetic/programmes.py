"""The true programmes, and what became of the persons: exits, work month by month.

At the cut the counts are exact: so many persons with a programme since the case system began, so many of
them active on any day of the last whole year. Programmes under way when the case system began were
entered with the day of entry as their start, so that «participants since autumn 2006» and «programmes
started since autumn 2006» are the same persons.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from pipeline.synthetic import model
from pipeline.synthetic.people import People, by_year, scale
from pipeline.synthetic.streams import (
    NEVER,
    Floats,
    Ints,
    Mask,
    Streams,
    Strings,
    day,
    first_day,
    month_of,
    pick,
    year_of,
)

FIRST_STARTS = first_day(2004, 8)


@dataclass(frozen=True)
class Programmes:
    """One entry a true programme; `person` is a position in People, `end` is NEVER while it goes on."""

    person: Ints
    start: Ints
    end: Ints
    planned: Ints
    collective: Mask
    exit_code: Strings  # "" while it goes on

    @property
    def size(self) -> int:
        """How many."""
        return int(self.person.size)


def programmes(streams: Streams, people: People, as_of: date) -> Programmes:
    """All true programmes, in order of start; exit codes are filled in by `exits`."""
    first = _candidates(streams, people)
    known = first.person < people.at_cut
    by_cut = known & (first.start <= day(model.CUT))
    wanted = round(model.PARTICIPANTS * scale(people.at_cut))
    if by_cut.sum() < wanted:
        raise ValueError("too few persons of the right age for the participants: ask for more persons")
    luck = streams.of("programme/chosen").random(first.size)
    threshold = np.sort(luck[by_cut])[wanted - 1]
    chosen = np.where(by_cut, luck <= threshold, luck < model.TAKES_PART)
    kept = _take(first, chosen & (first.start <= day(as_of) - 7))
    kept = _exactly_active(streams, people, kept)
    ended = replace(kept, end=np.where(kept.end <= day(as_of), kept.end, NEVER))
    both = _with_second(streams, people, ended, as_of)
    return _take(both, np.lexsort((people.person_id[both.person], both.start)))


def _take(programmes: Programmes, rows: Mask | Ints) -> Programmes:
    return Programmes(**{name: column[rows] for name, column in programmes.__dict__.items()})


def _candidates(streams: Streams, people: People) -> Programmes:
    """A programme for each person of the right age, start within three months of settlement or so."""
    generator = streams.of("programme/candidates")
    start = people.settled + 10 + generator.gamma(2.0, 30.0, people.size).astype(np.int64)
    age = people.age_at(start)
    low, high = model.PROGRAMME_AGES
    collective = people.permit == model.COLLECTIVE_PERMIT
    length = _lengths(streams, start, collective)
    end = np.minimum(start + length, people.leaves)
    begins = day(model.WORLD_BEGINS)
    entered = np.minimum(begins + generator.integers(0, model.TAKEOVER_DAYS, people.size), end - 30)
    usable = (age >= low) & (age <= high) & (start >= FIRST_STARTS) & (people.leaves > start + 60)
    usable &= (start >= begins) | (end >= begins + 45)
    planned = np.minimum(start + np.where(collective, 365, np.maximum(365, length // 365 * 365)), end + 400)
    return _take(
        Programmes(
            person=np.arange(people.size),
            start=np.where(start < begins, np.maximum(entered, begins), start),
            end=end,
            planned=planned,
            collective=collective,
            exit_code=np.full(people.size, "", dtype=object),
        ),
        usable,
    )


def _lengths(streams: Streams, start: Ints, collective: Mask) -> Ints:
    generator = streams.of("programme/lengths")
    size = start.size
    share, within = generator.random(size), generator.random(size)

    def years(pieces: tuple[tuple[float, float, float], ...]) -> Floats:
        piece = np.searchsorted(np.cumsum([p[0] for p in pieces])[:-1], share, side="right")
        low, high = np.array([p[1] for p in pieces])[piece], np.array([p[2] for p in pieces])[piece]
        return np.asarray(low + within * (high - low))

    under_2021 = year_of(start) >= model.FIRST_YEAR_2021_ACT
    length = np.where(under_2021, years(model.LENGTHS_2021), years(model.LENGTHS_2003))
    length = np.where(collective, years(model.LENGTHS_COLLECTIVE), length)
    long_leave = generator.random(size) < model.LONG_LEAVE
    length = np.where(long_leave & ~collective, 3.1 + within * 0.8, length)
    return np.asarray((length * 365.25).astype(np.int64))


def active_in(programmes: Programmes, year: int) -> Mask:
    """Active on any day of the year."""
    return (programmes.start < first_day(year + 1)) & (programmes.end >= first_day(year))


def _exactly_active(streams: Streams, people: People, kept: Programmes) -> Programmes:
    """Move the ends nearest to New Year, so that exactly the wanted number was active in the last year."""
    year = model.LAST_YEAR
    known = kept.person < people.at_cut
    active = known & active_in(kept, year)
    new_year = first_day(year)
    surplus = int(active.sum()) - round(model.ACTIVE_IN_LAST_YEAR * scale(people.at_cut))
    generator = streams.of("programme/moved ends")
    end = kept.end.copy()
    if surplus > 0:
        movable = np.flatnonzero(active & (kept.start < new_year - 40))
        nearest = movable[np.argsort(kept.end[movable], kind="stable")][:surplus]
        earliest = np.maximum(kept.start[nearest] + 30, new_year - 180)
        end[nearest] = (earliest + generator.random(nearest.size) * (new_year - earliest)).astype(np.int64)
    elif surplus < 0:
        stays = people.leaves[kept.person] > new_year + 60
        movable = np.flatnonzero(known & ~active & (kept.start < new_year) & stays)
        nearest = movable[np.argsort(-kept.end[movable], kind="stable")][:-surplus]
        end[nearest] = new_year + generator.integers(0, 59, nearest.size)
    moved = replace(kept, end=end)
    if int((known & active_in(moved, year)).sum()) - int(active.sum()) != -surplus:
        raise ValueError("the active participants could not be made exact: ask for more persons")
    return moved


def _with_second(streams: Streams, people: People, first: Programmes, as_of: date) -> Programmes:
    """A few re-enter, after the cut's years (their first programme is then not their last exit)."""
    generator = streams.of("programme/second")
    start = first.end + generator.integers(90, 500, first.size)
    length = generator.integers(90, 400, first.size)
    again = generator.random(first.size) < model.REENTERS
    again &= (start > day(model.CUT) + 3) & (start < day(as_of) - 30) & (first.end < NEVER)
    again &= people.leaves[first.person] > start + 60
    end = np.minimum(start + length, people.leaves[first.person])
    second = _take(
        replace(first, start=start, end=np.where(end <= day(as_of), end, NEVER), planned=start + 365), again
    )
    return Programmes(
        **{name: np.concatenate([column, getattr(second, name)]) for name, column in first.__dict__.items()}
    )


@dataclass(frozen=True)
class Work:
    """Whether each person was in work each month from 2006-01: a matrix, persons down, months across."""

    first_month: int
    in_work: Mask
    present_from: Ints  # months since 1970: of working age and resident
    present_to: Ints  # the first month after

    @property
    def months(self) -> int:
        """How many months."""
        return int(self.in_work.shape[1])


def work(
    streams: Streams, people: People, programmes: Programmes, as_of: date, lift: Floats | float = 0.0
) -> Work:
    """True work month by month, up to the month before `as_of`'s month.

    Who is in work is decided by rank within exit year, sex and part in the programme, so that each exit
    cohort has the calibrated shares at exit, one year and five years after; a person's rank keeps over the
    years. `lift` is added to each person's share after the exit: the effect of a network, where one is
    planted.
    """
    reference = reference_day(people, programmes)
    years = year_of(reference)
    men = by_year(model.WORK_AFTER_ONE_YEAR, years)
    one = np.where(people.male, men, men - by_year(model.SEX_GAP, years)) + lift
    keys = ("men", "women")
    at_once = one * np.where(people.male, *(model.DIRECT_WORK[k] for k in keys))
    five = one + np.where(people.male, *(model.GROWTH_TO_FIVE_YEARS[k] for k in keys))
    first = (model.WORLD_BEGINS.year - 1970) * 12
    months = (as_of.year - 1970) * 12 + as_of.month - 1 - first
    since = month_of(reference)
    present = _present(people)
    participant = np.isin(np.arange(people.size), programmes.person)
    group = years * 4 + participant * 2 + people.male
    in_work = np.zeros((people.size, months), dtype=bool, order="F")  # filled month by month
    rank: Floats = np.zeros(people.size)
    for month in range(months):
        if month % 12 == 0:
            year = model.WORLD_BEGINS.year + month // 12
            rank = rank_within(group, _likelihood(streams, people, year))
        in_work[:, month] = rank < _level(first + month - since, at_once, one, five)
        in_work[:, month] &= (present[0] <= first + month) & (first + month < present[1])
    return Work(first, in_work, *present)


def reference_day(people: People, programmes: Programmes) -> Ints:
    """Last exit; two years after settlement for those without a programme; NEVER while it goes on."""
    reference = people.settled + 730
    order = np.argsort(programmes.start, kind="stable")
    reference[programmes.person[order]] = programmes.end[order]
    return reference


def _present(people: People) -> tuple[Ints, Ints]:
    """First month of working age and residence, and the first month after them."""
    low, high = (people.birth + int(365.25 * age) for age in (model.WORKING_AGES[0], model.WORKING_AGES[1]))
    first = np.maximum(low, people.settled + 60)
    last = np.minimum(high, people.leaves)
    return month_of(first), month_of(last)


def _level(months: Ints, at_once: Floats, one: Floats, five: Floats) -> Floats:
    """Share in work so many months after the exit; before it, work beside the programme."""
    start, end, fifth = model.NOVEMBER_AFTER
    level = at_once + (one - at_once) * np.clip(months / start, 0, 1)
    level = level + (five - one) * np.clip((months - end) / (fifth - end), 0, 1)
    return np.where(months < 0, model.WORK_BESIDE_PROGRAMME, level)


def _likelihood(streams: Streams, people: People, year: int) -> Floats:
    """Who is least likely to be in work comes last: mostly the person's own, a little the year's luck."""
    own = streams.of("work/person").normal(size=people.size)
    luck = streams.of(f"work/{year}").normal(size=people.size)
    schooled = (people.education >= str(model.HIGHER_FROM)) * 1.0
    return np.asarray(0.85 * own + 0.45 * luck - 0.5 * schooled)


def rank_within(group: Ints, latent: Floats) -> Floats:
    """Rank from 0 to 1 within the group, the lowest `latent` first."""
    order = np.lexsort((latent, group))
    sorted_group = group[order]
    starts = np.searchsorted(sorted_group, sorted_group, side="left")
    sizes = np.searchsorted(sorted_group, sorted_group, side="right") - starts
    rank = np.empty(group.size)
    rank[order] = (np.arange(group.size) - starts + 0.5) / sizes
    return rank


def exits(streams: Streams, people: People, programmes: Programmes, work: Work) -> Programmes:
    """The same programmes with the true reason of exit: work where the person was in work at the exit."""
    size = programmes.size
    ended = programmes.end < NEVER
    month = month_of(np.where(ended, programmes.end, 0))
    column = (month - work.first_month).clip(0, work.months - 1)
    working = work.in_work[programmes.person, column]
    age = (programmes.start - people.birth[programmes.person]) / 365.25
    bounds = [a for a, _ in model.DIRECT_EDUCATION]
    chance = np.array([c for _, c in model.DIRECT_EDUCATION])[
        np.searchsorted(bounds, age).clip(0, len(bounds) - 1)
    ]
    studying = streams.of("exit/education").random(size) < chance
    reason = np.where(
        working,
        pick(streams.of("exit/work code"), model.WORK_EXITS, size),
        np.where(
            studying,
            pick(streams.of("exit/education code"), model.EDUCATION_EXITS, size),
            pick(streams.of("exit/other code"), model.OTHER_EXITS, size),
        ),
    )
    left = programmes.end == people.leaves[programmes.person]
    return replace(
        programmes, exit_code=np.where(ended, np.where(left, model.LEFT_COUNTRY, reason), "").astype(object)
    )
