"""A code list, and what a code of it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# What stands for every code of a list: the coarsest level of any hierarchy.
ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Code:
    """One code: its labels, its parent in the list above, and when it was in use."""

    value: str
    nb: str
    en: str
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """A named list of codes.

    `unknown` are the codes that say «ukjent»: nothing is known of whoever has one, so no rule for classes
    takes it for a value. `not_applicable` are those that say «ikke relevant». `adverse` are those that tell
    of somebody what may be held against them (an illness, a benefit); none of them is among `unknown`.
    With a `parent` list, every code has a parent there: a code without one is an error at load. A code of a
    list may be a code of the list above too, if it stands for the same there.
    """

    name: str
    nb: str
    en: str
    source: str
    codes: tuple[Code, ...]
    unknown: frozenset[str] = frozenset()
    not_applicable: frozenset[str] = frozenset()
    adverse: frozenset[str] = frozenset()
    parent: CodeList | None = None

    def __post_init__(self) -> None:
        values = [code.value for code in self.codes]
        if len(set(values)) != len(values):
            raise TypeError(f"{self.name}: a code stands twice")
        if not (self.unknown | self.not_applicable | self.adverse) <= set(values):
            raise TypeError(f"{self.name}: unknown, not_applicable and adverse are codes of the list")
        if self.unknown & self.adverse:
            raise TypeError(f"{self.name}: what is not known is not adverse")
        if ANY in values:
            raise TypeError(f"{self.name}: {ANY} is what stands for every code, and none itself")
        if self.parent is not None:
            above = set(self.parent.values())
            orphans = [code.value for code in self.codes if code.parent not in above]
            if orphans:
                raise TypeError(f"{self.name}: codes without a parent in {self.parent.name}: {orphans}")

    def values(self) -> tuple[str, ...]:
        """All codes of the list, of every period, in declared order."""
        return tuple(code.value for code in self.codes)

    def labels(self, language: str) -> dict[str, str]:
        """Code -> label in `nb` or `en`."""
        return {code.value: getattr(code, language) for code in self.codes}

    def parents(self) -> dict[str, str]:
        """Code -> parent code in the list above; empty where there is no list above."""
        return {code.value: code.parent for code in self.codes if code.parent is not None}

    def ladder(self) -> tuple[CodeList, ...]:
        """This list and every list above it, finest first."""
        return (self,) if self.parent is None else (self, *self.parent.ladder())

    def lines(self) -> tuple[tuple[str, ...], ...]:
        """For each code a line: the code, the code above it in each list of the ladder, and last `ANY`."""
        found: list[tuple[str, ...]] = [(code,) for code in self.values()]
        for level in self.ladder():
            parents = level.parents()
            found = [(*line, parents[line[-1]] if parents else ANY) for line in found]
        return tuple(found)


def codes_of(*rows: tuple[str, ...]) -> tuple[Code, ...]:
    """Codes from (value, nb, en[, parent]) rows."""
    return tuple(Code(value=r[0], nb=r[1], en=r[2], parent=r[3] if len(r) > 3 else None) for r in rows)
