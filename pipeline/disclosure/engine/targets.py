"""What a coarsened table must hold: how large classes are, and what they may tell of sensitive values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from pipeline.errors import RequestRefused

# t is compared in whole numbers: with so many parts at most, five million rows stay below 2 to the 63rd.
MOST_PARTS = 10_000
# So many parts may be told of what is usual: no more than rows were thought of above.
MOST_USUAL = 5_000_000


@dataclass(frozen=True, kw_only=True)
class Sensitive:
    """The rules for one sensitive attribute; a rule that is None is not asked for.

    `distinct`: each class has at least so many different registered values. `closeness`: the distribution
    of the registered values in a class differs from that in the whole table by at most this (total
    variation, half the sum of differences; between 0 and 1). `adverse`: in no class are all registered values
    among these. A blank is never a value: a class with none registered has 0 distinct values, and tells
    nothing that `closeness` or `adverse` could forbid. `usual` tells how many parts have each value (what it
    does not name has none) where `closeness` is not to be from the whole table: what stands still while rows
    come and go.
    """

    name: str
    distinct: int | None = None
    closeness: Fraction | None = None
    adverse: frozenset[str] = frozenset()
    usual: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.distinct is None and self.closeness is None and not self.adverse:
            raise _refused(f"{self.name} is sensitive, and no rule is given for it")
        if self.distinct is not None and self.distinct < 1:
            raise _refused(f"{self.name}: distinct must be at least 1")
        if self.closeness is not None and not 0 <= self.closeness <= 1:
            raise _refused(f"{self.name}: t must lie between 0 and 1")
        if self.closeness is not None and self.closeness.denominator > MOST_PARTS:
            raise _refused(f"{self.name}: t may have four decimals at most")
        if self.usual and not (min(self.usual.values()) >= 0 and 0 < sum(self.usual.values()) <= MOST_USUAL):
            raise _refused(f"{self.name}: what is usual is told in 1 to {MOST_USUAL:,} parts")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """At least `k` rows in a class; at most `suppression` (a share of the rows) left out to get there.

    With `households` it is rows of at least `k` different households.
    """

    k: int
    suppression: Fraction
    sensitive: tuple[Sensitive, ...] = ()
    households: bool = False

    def __post_init__(self) -> None:
        if self.k < 1:
            raise _refused("k must be at least 1")
        if not 0 <= self.suppression <= 1:
            raise _refused("the share that may be suppressed must lie between 0 and 1")

    def in_words(self) -> str:
        """The targets in one phrase, without a value of anybody's."""
        said = [f"k = {self.k} households" if self.households else f"k = {self.k}"]
        for rule in self.sensitive:
            if rule.distinct is not None:
                said.append(f"{rule.distinct} distinct values of {rule.name}")
            if rule.closeness is not None:
                said.append(f"t = {float(rule.closeness):g} for {rule.name}")
            if rule.adverse:
                said.append(f"no class with only adverse values of {rule.name}")
        return f"{', '.join(said)}, at most {float(self.suppression):.1%} suppressed"


def _refused(why: str) -> RequestRefused:
    return RequestRefused(
        f"The targets cannot be used: {why}.",
        instead="Nothing was coarsened.",
        do="Correct the targets, and type the command again.",
    )
