"""What a privacy certificate rests on: all that is measured and attacked of one table, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from pipeline.disclosure import risk
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
    classes are made of, `verdicts` the attacks beside their limits. `utility` is None where the table before
    coarsening is not at hand; suppression is not measured then. `courses`, of the first pseudonymised file,
    is what a few known events give away in all of them together.
    """

    name: str
    kind: OutputKind
    labels: Mapping[str, Bilingual] = field(default_factory=dict)
    quasi: tuple[str, ...] = ()
    targets: Targets | None = None
    measured: Risk | None = None
    verdicts: tuple[Verdict, ...] = ()
    utility: Utility | None = None
    decision: Decision | None = None
    courses: tuple[Found, ...] = ()


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
) -> Evidence:
    """The evidence of the released rows `after`, called `name`.

    With the table `before` coarsening and its `hierarchies` the utility is measured, and how far classes are
    from that table; with a `population`, coded as the release is, who could be meant by a row; with the
    `last` version, what comes of subtracting the two.
    """
    quasi, targets = roles.named(Role.QUASI), roles.targets()
    blanks, sensitive = roles.blank, targets.sensitive
    measured = risk.measure(after, quasi, sensitive, blanks=blanks, population=population, original=before)
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
    useful = None
    if before is not None:
        useful = utility.measure(
            before, after, quasi, sensitive, hierarchies=hierarchies or {}, k=roles.k, blanks=blanks
        )
    return Evidence(
        name=name,
        kind=OutputKind.COARSENED,
        quasi=tuple(quasi),
        targets=targets,
        measured=measured,
        verdicts=judged(attacks, targets, limits),
        utility=useful,
        decision=decision,
        labels=labels or {},
    )
