"""Disclosure measured from its definitions, in plain Python over rows: what the engine must agree with."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.disclosure.engine.targets import Targets

# A hierarchy is a list of lines: leaf, parent, grandparent ... A row has its quasi-identifiers first, then
# one value (None is blank) for each sensitive attribute, and last its household where k counts those.
Lines = list[tuple[str, ...]]
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Solution:
    loss: Fraction
    suppressed: int
    node: tuple[int, ...]


def holds(members: Sequence[Row], everybody: Sequence[Row], quasi: int, targets: Targets) -> bool:
    """Whether one class meets every target."""
    if (households(members) if targets.households else len(members)) < targets.k:
        return False
    for at, rule in enumerate(targets.sensitive):
        here = Counter(row[quasi + at] for row in members if row[quasi + at] is not None)
        usual = Counter(row[quasi + at] for row in everybody if row[quasi + at] is not None)
        if rule.distinct is not None and len(here) < rule.distinct:
            return False
        if here and rule.adverse and set(here) <= rule.adverse:
            return False
        if here and rule.closeness is not None and distance(here, usual) > rule.closeness:
            return False
    return True


def households(members: Sequence[Row]) -> int:
    """How many households: whoever has none is one alone."""
    named = [row[-1] for row in members if row[-1]]
    return len(set(named)) + len(members) - len(named)


def distance(here: Counter[str | None], usual: Counter[str | None]) -> Fraction:
    shares = (Fraction(here[v], here.total()) - Fraction(usual[v], usual.total()) for v in usual)
    return sum((abs(share) for share in shares), Fraction(0)) / 2


def cell_loss(lines: Lines, label: str, level: int) -> Fraction:
    """(leaves under the value - 1) / (leaves - 1)."""
    under = sum(line[level] == label for line in lines)
    return Fraction(under - 1, max(len(lines) - 1, 1))


def nodes(
    rows: Sequence[Row],
    hierarchies: Sequence[Lines],
    targets: Targets,
    weights: Sequence[int],
    coarsest: Sequence[int] | None = None,
) -> Iterator[Solution]:
    """Every node, none of its levels above `coarsest`, that leaves out no more than it may."""
    parents = [{line[0]: line for line in lines} for lines in hierarchies]
    limits = coarsest or [len(lines[0]) - 1 for lines in hierarchies]
    for node in itertools.product(*(range(limit + 1) for limit in limits)):
        classes: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            classes[tuple(p[str(v)][level] for p, v, level in zip(parents, row, node, strict=False))].append(
                row
            )
        loss, suppressed = Fraction(0), 0
        for key, members in classes.items():
            cells = [cell_loss(*one) for one in zip(hierarchies, key, node, strict=True)]
            if not holds(members, rows, len(hierarchies), targets):
                suppressed += len(members)
                cells = [Fraction(1)] * len(cells)
            loss += len(members) * sum(w * c for w, c in zip(weights, cells, strict=True))
        if suppressed <= targets.suppression * len(rows):
            yield Solution(loss / (len(rows) * sum(weights)), suppressed, node)


def optimum(
    rows: Sequence[Row],
    hierarchies: Sequence[Lines],
    targets: Targets,
    weights: Sequence[int],
    coarsest: Sequence[int] | None = None,
) -> Solution | None:
    """The best node of all; among equals fewest left out, then the finest of the first attribute."""
    found = nodes(rows, hierarchies, targets, weights, coarsest)
    return min(found, key=lambda s: (s.loss, s.suppressed, s.node), default=None)
