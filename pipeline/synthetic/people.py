"""The true persons: who they are, when they were settled and registered, when they left."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.synthetic import model
from pipeline.synthetic.streams import (
    NEVER,
    Floats,
    Ints,
    Mask,
    Streams,
    Strings,
    day,
    first_day,
    pick,
    year_of,
)


@dataclass(frozen=True)
class People:
    """One entry a person, in order of person number; the first `at_cut` were registered at the cut."""

    person_id: Ints
    at_cut: int
    settled: Ints
    created: Ints
    birth: Ints
    birth_on_first_of_january: Mask
    male: Mask
    country: Strings
    permit: Strings
    education: Strings
    bydel: Strings
    adviser: Ints  # number of the person's adviser within the bydel
    leaves: Ints  # emigrates or dies; NEVER where not
    dies: Mask  # whether that leaving is a death
    protection: Strings
    reserved: Mask

    @property
    def size(self) -> int:
        """How many."""
        return int(self.person_id.size)

    def age_at(self, days: Ints) -> Ints:
        """Whole years, to within a day."""
        return np.asarray(((days - self.birth) / 365.25).astype(np.int64))


def scale(persons: int) -> float:
    """How large the world is beside the full size."""
    return persons / model.FULL_SIZE


def by_year(knots: tuple[tuple[float, float], ...], years: Ints) -> Floats:
    """Straight lines between the knots, level outside them."""
    return np.interp(years, [k for k, _ in knots], [v for _, v in knots])


def by_epoch(streams: Streams, name: str, mixes: dict[int, dict[str, float]], years: Ints) -> Strings:
    """A code for each person, by the mix of the epoch the year falls in."""
    drawn = np.empty(years.size, dtype=object)
    epochs = np.array(sorted(mixes))
    which = np.searchsorted(epochs, years, side="right") - 1
    for i, epoch in enumerate(epochs.tolist()):
        here = np.flatnonzero(which == i)
        drawn[here] = pick(streams.of(f"{name}/{epoch}"), mixes[epoch], here.size)
    return drawn


def people(
    streams: Streams, persons: int, as_of: date, first_of_january_share: float = model.FIRST_OF_JANUARY
) -> People:
    """The persons of the world, settled up to `as_of`."""
    settled = _settled(streams, persons, as_of)
    created = _created(streams, settled, persons, as_of)
    order = np.concatenate(
        [np.argsort(created[:persons], kind="stable"), persons + np.argsort(created[persons:], kind="stable")]
    )
    settled, created = settled[order], created[order]
    years = year_of(settled)
    size = settled.size
    male = streams.of("person/sex").random(size) < by_year(model.MEN, years)
    birth, first_of_january = _birth(streams, settled, first_of_january_share)
    advisers = advisers_per_bydel(persons)
    bydel = pick(streams.of("person/bydel"), model.BYDELER, size)
    most = np.array([advisers[b] for b in bydel])
    leaves, dies = _leaving(streams, settled, birth, as_of)
    return People(
        person_id=np.arange(size, dtype=np.int64) + 100_001,
        at_cut=persons,
        settled=settled,
        created=created,
        birth=birth,
        birth_on_first_of_january=first_of_january,
        male=male,
        country=by_epoch(streams, "person/country", model.COUNTRIES, years),
        permit=by_epoch(streams, "person/permit", model.PERMITS, years),
        education=by_epoch(streams, "person/education", model.EDUCATION, years),
        bydel=bydel,
        adviser=(streams.of("person/adviser").random(size) * most).astype(np.int64),
        leaves=leaves,
        dies=dies,
        protection=_protection(streams, size),
        reserved=streams.of("person/reserved").random(size) < model.RESERVED,
    )


def permit_days(streams: Streams, people: People) -> tuple[Ints, Ints]:
    """The day each person's permit holds from, and the day it was decided: before the settlement."""
    valid_from = people.settled - streams.of("permit").integers(20, 400, people.size)
    return valid_from, valid_from - streams.of("permit/decided").integers(0, 30, people.size)


def advisers_per_bydel(persons: int) -> dict[str, int]:
    """How many advisers each bydel has: by its share of the persons, never fewer than two."""
    total = sum(model.BYDELER.values())
    return {
        bydel: max(2, round(persons * share / total / model.PERSONS_PER_ADVISER))
        for bydel, share in model.BYDELER.items()
    }


def _settled(streams: Streams, persons: int, as_of: date) -> Ints:
    """Day of settlement: first those known at the cut, then the inflow year by year."""
    generator = streams.of("person/settled")
    spans = list(model.SETTLED_BEFORE_CUT)
    shares = np.cumsum(list(model.SETTLED_BEFORE_CUT.values()))
    which = np.searchsorted(shares[:-1], generator.random(persons), side="right")
    low = np.array([first_day(first) for first, _ in spans])[which]
    high = np.array([min(first_day(last + 1), day(model.CUT) - 7) for _, last in spans])[which]
    known = (low + generator.random(persons) * (high - low)).astype(np.int64)
    years = range(model.CUT.year, as_of.year + 1)
    last = model.INFLOW[max(model.INFLOW)]
    later = []
    for year in years:
        inflow = streams.of(f"person/settled/{year}")
        count = round(model.INFLOW.get(year, last) * scale(persons))
        start = max(first_day(year), day(model.CUT) + 1)
        days = (start + inflow.random(count) * (first_day(year + 1) - start)).astype(np.int64)
        later.append(days[(days <= day(as_of) - 14) & (year <= max(model.INFLOW))])
    return np.concatenate([known, *later])


def _created(streams: Streams, settled: Ints, persons: int, as_of: date) -> Ints:
    """Day of registration: late (median one month, one in ten seven), the takeover in autumn 2006."""
    generator = streams.of("person/created")
    lag = np.minimum(generator.lognormal(np.log(30), 1.52, settled.size), 900).astype(np.int64)
    takeover = day(model.WORLD_BEGINS) + generator.integers(0, model.TAKEOVER_DAYS, settled.size)
    created = np.where(settled < day(model.WORLD_BEGINS), takeover, settled + lag)
    last = np.where(np.arange(settled.size) < persons, day(model.CUT), day(as_of) - 1)
    within = (settled + generator.random(settled.size) * (last - settled)).astype(np.int64)
    return np.where(created > last, within, created)


def _birth(streams: Streams, settled: Ints, on_first: float) -> tuple[Ints, Mask]:
    generator = streams.of("person/birth")
    shares = np.cumsum([share for _, _, share in model.AGES])
    band = np.searchsorted(shares[:-1], generator.random(settled.size), side="right")
    low = np.array([low for low, _, _ in model.AGES])[band]
    high = np.array([high + 1 for _, high, _ in model.AGES])[band]
    birth = (settled - 365.25 * (low + generator.random(settled.size) * (high - low))).astype(np.int64)
    first = generator.random(settled.size) < on_first
    new_year = birth.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return np.where(first, new_year, birth), first


def _leaving(streams: Streams, settled: Ints, birth: Ints, as_of: date) -> tuple[Ints, Mask]:
    """The first of emigration and death after settlement; NEVER where it falls after `as_of`."""
    generator = streams.of("person/leaving")
    ages = (settled - birth) / 365.25 + 10
    risk = np.array([r for _, r in model.DIES_A_YEAR])[
        np.searchsorted([a for a, _ in model.DIES_A_YEAR], ages).clip(0, len(model.DIES_A_YEAR) - 1)
    ]
    # Nobody who is registered had left before the case system began.
    begins = np.maximum(settled, day(model.WORLD_BEGINS)) + 30
    emigrates = begins + generator.exponential(365.25 / model.EMIGRATES_A_YEAR, settled.size)
    dies = begins + generator.exponential(365.25 / risk)
    first = np.minimum(emigrates, dies)
    leaves = np.where(first < day(as_of), first, NEVER).astype(np.int64)
    return leaves, (dies < emigrates) & (leaves < NEVER)


def _protection(streams: Streams, size: int) -> Strings:
    none, strict, confidential = ("0", "6", "7")
    return pick(
        streams.of("person/protection"),
        {none: 1 - model.PROTECTED, strict: model.PROTECTED / 2, confidential: model.PROTECTED / 2},
        size,
    )
