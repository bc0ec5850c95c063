"""What a privacy certificate rests on: all that is measured and attacked of one table, in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from pipeline.disclosure import risk
from pipeline.disclosure.attacks.attack import Attack
from pipeline.disclosure.attacks.battery import attack
from pipeline.disclosure.attacks.limits import Limits, Verdict, judged
from pipeline.disclosure.engine.hierarchy import Hierarchy
from pipeline.disclosure.engine.targets import Targets
from pipeline.disclosure.risk import Risk
from pipeline.disclosure.roles import Role, Roles
from pipeline.disclosure.utility import measure as utility
from pipeline.disclosure.utility.measure import Utility
from pipeline.identity.usable import OutputKind
from pipeline.releases.courses import Found
from pipeline.requests.request import Bilingual


@dataclass(frozen=True)
class Decision:
    """What a named human decided: that the data are anonymous, on which day, and why."""

    by: str
    on: date
    why: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a certificate rests on; of pseudonymised data its name, kind and courses alone.

    `labels` is what the file and its columns are called, where that is known, by name. `quasi` are what
    classes are made of, `household` what a household is where k counts households, `verdicts` the attacks
    beside their limits. `utility` is None where the table before coarsening is not at hand; suppression is
    not measured then. `courses`, of the first pseudonymised file, is what a few known events give away in
    all of them together.
    """

    name: str
    kind: OutputKind
    labels: Mapping[str, Bilingual] = field(default_factory=dict)
    quasi: tuple[str, ...] = ()
    targets: Targets | None = None
    household: Bilingual | None = None
    measured: Risk | None = None
    verdicts: tuple[Verdict, ...] = ()
    utility: Utility | None = None
    decision: Decision | None = None
    courses: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Homes:
    """The household of each row of a table, in its order, and what a household is."""

    of_rows: pl.Series
    about: Bilingual


def gather(
    name: str,
    after: pl.DataFrame,
    roles: Roles,
    limits: Limits,
    *,
    before: pl.DataFrame | None = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    population: pl.DataFrame | None = None,
    last: pl.DataFrame | None = None,
    decision: Decision | None = None,
    labels: Mapping[str, Bilingual] | None = None,
    homes: Homes | None = None,
    levels: Mapping[str, Sequence[int]] | None = None,
) -> Evidence:
    """The evidence of the released rows `after`, called `name`; k counts households where `homes` tells them.

    With the table `before` coarsening and its `hierarchies` the utility is measured, and how far classes are
    from that table; `levels` are those that released rows have, where they are known. With a `population`,
    coded as the release is, who could be meant by a row; with the `last` version, what comes of subtracting
    the two.
    """
    targets = replace(roles.targets(), households=homes is not None)
    measured, attacks = _attacked(after, roles, targets, before, population, last, homes)
    return Evidence(
        name=name,
        kind=OutputKind.COARSENED,
        quasi=tuple(roles.named(Role.QUASI)),
        targets=targets,
        household=None if homes is None else homes.about,
        measured=measured,
        verdicts=judged(attacks, targets, limits),
        utility=None if before is None else useful(before, after, roles, hierarchies or {}, levels),
        decision=decision,
        labels=labels or {},
    )


def _attacked(
    after: pl.DataFrame,
    roles: Roles,
    targets: Targets,
    before: pl.DataFrame | None,
    population: pl.DataFrame | None,
    last: pl.DataFrame | None,
    homes: Homes | None,
) -> tuple[Risk, tuple[Attack, ...]]:
    """The risk of the released rows, and every attack that can be tried with what is at hand."""
    quasi, blanks, sensitive = roles.named(Role.QUASI), roles.blank, targets.sensitive
    measured = risk.measure(
        after,
        quasi,
        sensitive,
        blanks=blanks,
        population=population,
        original=before,
        homes=None if homes is None else homes.of_rows,
        kept=roles.named(Role.KEPT),
    )
    attacks = attack(
        measured,
        after,
        quasi,
        sensitive,
        k=targets.k,
        blanks=blanks,
        population=population,
        before=last,
        original=before,
    )
    return measured, attacks


def useful(
    before: pl.DataFrame,
    after: pl.DataFrame,
    roles: Roles,
    hierarchies: Mapping[str, Hierarchy],
    levels: Mapping[str, Sequence[int]] | None = None,
) -> Utility:
    """What is left of the table `before` coarsening."""
    quasi, sensitive = roles.named(Role.QUASI), roles.targets().sensitive
    return utility.measure(
        before,
        after,
        quasi,
        sensitive,
        hierarchies=hierarchies,
        k=roles.k,
        blanks=roles.blank,
        levels=levels,
    )
