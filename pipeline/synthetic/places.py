"""The municipalities: their numbers year by year, which network each joined and when, and who moved where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.synthetic import model
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import Floats, Ints, Streams, Strings, pick, year_of
from schemas.municipal.correspondence import shares

# By the number of 2006. The round and year each joined a network are invented; staggered, and some never.
NETWORK_ROUNDS: dict[str, tuple[int, int] | None] = {
    model.OSLO: (3, 2015),
    "0219": (4, 2016), "1103": (1, 2011), "1201": None, "1601": (2, 2013), "0602": (3, 2015),
    "0105": None, "0805": (1, 2011), "1902": (2, 2013), "1504": None, "1519": (4, 2016),
}  # fmt: skip
ELSEWHERE = {"0219": 4, "1103": 2, "1201": 3, "1601": 2}  # where the others live, by weight
MOST_PLACES = len(NETWORK_ROUNDS)
STAYS_AT_HOME = 85
MOVES_A_YEAR = 0.01
FIRST_YEAR = model.WORLD_BEGINS.year


def places(municipalities: int) -> tuple[str, ...]:
    """The first so many municipalities, Oslo first, by the number each had in 2006."""
    if not 1 <= municipalities <= MOST_PLACES:
        raise ValueError(f"a world has from 1 to {MOST_PLACES} municipalities")
    return tuple(NETWORK_ROUNDS)[:municipalities]


@cache
def number_in(place: str, year: int) -> str:
    """The number in use that year; where a municipality was split, the largest part's."""
    parts = shares(place, from_year=FIRST_YEAR, to_year=max(year, FIRST_YEAR))
    return max(parts, key=lambda number: (parts[number], number))


def numbers_in(where: Strings, year: int) -> Strings:
    """The numbers in use that year, "" where there is none."""
    found, which = np.unique(where.astype(str), return_inverse=True)
    return np.array([number_in(p, year) if p else "" for p in found.tolist()], dtype=object)[which]


def lift(place: str, reference: Ints, effect: float) -> Floats:
    """What a network adds to the share in work of those who end their programme after the place joined."""
    joined = joined_in(place)
    if joined is None:
        return np.zeros(reference.size)
    return np.where(year_of(reference) >= joined, effect, 0.0)


def joined_in(place: str) -> int | None:
    """The year the municipality joined a network, if it did."""
    network = NETWORK_ROUNDS[place]
    return None if network is None else network[1]


@dataclass(frozen=True)
class Homes:
    """Where each person lives, by the number of 2006, and the year some of them moved on."""

    first: Strings
    second: Strings
    moved: Ints

    def in_year(self, year: int, rows: Ints) -> Strings:
        """Where those at `rows` live at the end of `year`."""
        return np.asarray(np.where(self.moved[rows] <= year, self.second[rows], self.first[rows]), object)


def homes(streams: Streams, people: People, place: str) -> Homes:
    """Most live where they were settled; one in a hundred moves in a year."""
    weights = {place: STAYS_AT_HOME} | {p: w for p, w in ELSEWHERE.items() if p != place}
    generator = streams.of("population/moves")
    begins = np.maximum(year_of(people.settled), FIRST_YEAR)
    return Homes(
        first=pick(streams.of("population/home"), weights, people.size),
        second=pick(generator, {model.OSLO: 30, **ELSEWHERE}, people.size),
        moved=begins + generator.geometric(MOVES_A_YEAR, people.size),
    )
