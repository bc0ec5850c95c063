"""Which municipality number became which, and when: dated changes, splits only with a declared share.

A number is text. `NUMBERS` says from which 1 January a number was in use, `CHANGES` what took its place on
the day it went out: one number (a new number, or a merger), or several with the share of each (a split,
which nobody can undo and no rule can guess). All numbers are (K) but those of facts §2.4 (F36), and are to
be checked against Statistics Norway's classification before use on real figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

# The year the introduction act came: numbers of before are not needed.
BEGINNING = 2003


@dataclass(frozen=True, kw_only=True)
class Change:
    """On 1 January of `year` the number `old` went out of use, and `new` took its place.

    `new` maps each number to its share of what `old` had, and the shares add up to 1. More than one is a
    split, and `allocation` then says where the shares come from. `old` may be among `new` (a part left).
    """

    year: int
    old: str
    new: dict[str, Fraction]
    source: str
    allocation: str | None = None

    def __post_init__(self) -> None:
        if sum(self.new.values()) != 1:
            raise TypeError(f"{self.old} in {self.year}: the shares do not add up to 1")
        if self.is_split and not self.allocation:
            raise TypeError(f"{self.old} in {self.year}: a split says where its shares come from")

    @property
    def is_split(self) -> bool:
        """Whether what was one municipality's is several's."""
        return len(self.new) > 1


def _became(year: int, new: str, *old: str, source: str = "K") -> tuple[Change, ...]:
    """One number for one or for several: a new number, or a merger."""
    return tuple(Change(year=year, old=number, new={new: Fraction(1)}, source=source) for number in old)


CHANGES: tuple[Change, ...] = (
    *_became(2020, "3024", "0219", source="F36, new number K"),  # Bærum
    *_became(2024, "3201", "3024"),
    *_became(2020, "3806", "0805", source="F31, numbers K"),  # Porsgrunn
    *_became(2024, "4001", "3806"),
    *_became(2020, "3005", "0602", "0711", "0625"),  # Drammen, Svelvik, Nedre Eiker
    *_became(2024, "3301", "3005"),
    *_became(2020, "3003", "0105"),  # Sarpsborg
    *_became(2024, "3105", "3003"),
    *_became(2020, "1103", "1141", "1142"),  # Finnøy and Rennesøy into Stavanger, which kept its number
    *_became(2020, "4601", "1201"),  # Bergen
    *_became(2018, "5001", "1601"),  # Trondheim
    *_became(2018, "5030", "1662"),  # Klæbu
    *_became(2020, "5001", "5030"),
    *_became(2020, "5401", "1902"),  # Tromsø
    *_became(2024, "5501", "5401"),
    *_became(2020, "1577", "1519", "1444"),  # Volda and Hornindal
    # Ålesund with Haram, Skodje, Ørskog and Sandøy
    *_became(2020, "1507", "1504", "1534", "1529", "1523", "1546"),
    Change(
        year=2024,
        old="1507",
        new={"1508": Fraction(86, 100), "1580": Fraction(14, 100)},  # Ålesund and Haram
        source="F36, numbers K",
        allocation="share of inhabitants at the split, about 58,500 and 9,500 (P)",
    ),
)

# Numbers that have been in use all the time.
_UNCHANGED = ("0301", "1103")
NUMBERS: frozenset[str] = frozenset(
    {*_UNCHANGED, *(c.old for c in CHANGES), *(number for c in CHANGES for number in c.new)}
)

NAMES: dict[str, str] = {
    "0301": "Oslo",
    "1103": "Stavanger",
    "3201": "Bærum",
    "4001": "Porsgrunn",
    "3301": "Drammen",
    "3105": "Sarpsborg",
    "4601": "Bergen",
    "5001": "Trondheim",
    "5501": "Tromsø",
    "1577": "Volda",
    "1508": "Ålesund",
    "1580": "Haram",
}


def in_use(number: str, year: int) -> bool:
    """Whether a number we know was a municipality's in that year."""
    begun = [c.year for c in CHANGES if number in c.new and number != c.old]
    # Others were merged into some numbers that were there already.
    first = min(begun) if begun and number not in _UNCHANGED else BEGINNING
    ended = [c.year for c in CHANGES if c.old == number]
    return number in NUMBERS and first <= year and (not ended or year < min(ended))


def shares(number: str, *, from_year: int, to_year: int) -> dict[str, Fraction]:
    """What `number`, as it was in `from_year`, is in `to_year`: each number with its share.

    Empty for a number that is unknown, or that was not in use in `from_year`. Only forwards: what was
    merged cannot be told apart again (ValueError).
    """
    if to_year < from_year:
        raise ValueError("municipalities are converted forwards only: a merger cannot be undone")
    if not in_use(number, from_year):
        return {}
    found = {number: Fraction(1)}
    for year in sorted({c.year for c in CHANGES if from_year < c.year <= to_year}):
        now = {c.old: c.new for c in CHANGES if c.year == year}
        after: dict[str, Fraction] = {}
        for old, share in found.items():
            for new, part in now.get(old, {old: Fraction(1)}).items():
                after[new] = after.get(new, Fraction(0)) + share * part
        found = after
    return found


def same_place(number: str) -> frozenset[str]:
    """Every number the municipality has had or been merged into, with the number itself; splits left out."""
    found = {number}
    while (
        more := {
            other for c in CHANGES if not c.is_split for other in (c.old, *c.new) if ({c.old, *c.new} & found)
        }
        - found
    ):
        found |= more
    return frozenset(found)
