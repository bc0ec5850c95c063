"""How far an attack may come, by the targets and the policy, and the gate that holds a release to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.disclosure.attacks.attack import Attack, Kind
from pipeline.disclosure.engine.targets import Targets
from pipeline.errors import NotVerified

Share = Annotated[float, Field(ge=0, le=1)]


class Figure(StrEnum):
    """Which figure of an attack is held to its limit."""

    HIGHEST = "highest"
    RATE = "rate"
    GAIN = "gain"


# What is held against the limit. Identity is a matter of the person most at risk; of what a class tells, only
# that counts which an attacker would not know of persons who are not in the release.
HELD: dict[Kind, Figure] = {
    Kind.PROSECUTOR: Figure.HIGHEST,
    Kind.JOURNALIST: Figure.HIGHEST,
    Kind.MARKETER: Figure.RATE,
    Kind.LINKAGE: Figure.RATE,
    Kind.SINGLING_OUT: Figure.GAIN,
    Kind.INFERENCE: Figure.GAIN,
    Kind.HOMOGENEITY: Figure.GAIN,
    Kind.HOMOGENEITY_ADVERSE: Figure.GAIN,
    Kind.SKEWNESS: Figure.HIGHEST,
    Kind.MEMBERSHIP: Figure.GAIN,
    Kind.DIFFERENCING: Figure.HIGHEST,
    Kind.DIFFERENCING_INFERENCE: Figure.GAIN,
}


class Limits(BaseModel):
    """The most that an attack's figure (`HELD`) may be; None: it is measured and not held to anything.

    Prosecutor, journalist and marketer are held to 1 / k and skewness to t, as the targets say them
    (`limit_of`), so they have no line here. `inference` is of whoever knows the quasi-identifiers alone,
    `inference_knowing` of whoever knows the other sensitive columns too. `homogeneity` is of being certain of
    what is adverse, and of any value in a column that calls none adverse; `homogeneity_any` is of being
    certain of any value in a column that does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    linkage: Share | None = None
    singling_out: Share | None = None
    inference: Share | None = None
    inference_knowing: Share | None = None
    homogeneity: Share | None = None
    homogeneity_any: Share | None = None
    membership: Share | None = None
    differencing: Share | None = None
    differencing_inference: Share | None = None


@dataclass(frozen=True)
class Verdict:
    """An attack and what it is held to; `limit` is None where nothing was asked for."""

    attack: Attack
    figure: Figure
    limit: float | None

    @property
    def measured(self) -> float | None:
        """The figure that is held to the limit; None where nothing could be attacked."""
        figures = {Figure.HIGHEST: self.attack.highest, Figure.RATE: self.attack.rate}
        return figures.get(self.figure, self.attack.gain)

    @property
    def held(self) -> bool:
        """Whether the figure is within its limit; also where there is none."""
        return self.limit is None or self.measured is None or self.measured <= self.limit


def limit_of(attack: Attack, targets: Targets, limits: Limits) -> float | None:
    """What an attack's figure may be at most."""
    if attack.kind in (Kind.PROSECUTOR, Kind.JOURNALIST, Kind.MARKETER):
        return 1 / targets.k
    if attack.kind is Kind.SKEWNESS:
        asked = {rule.name: rule.closeness for rule in targets.sensitive}
        closeness = asked.get(attack.about or "")
        return None if closeness is None else float(closeness)
    if attack.kind is Kind.INFERENCE and attack.known:
        return limits.inference_knowing
    if attack.kind is Kind.HOMOGENEITY_ADVERSE:
        return limits.homogeneity
    if attack.kind is Kind.HOMOGENEITY and any(
        r.adverse for r in targets.sensitive if r.name == attack.about
    ):
        return limits.homogeneity_any
    limit: float | None = getattr(limits, attack.kind.value)
    return limit


def judged(attacks: Sequence[Attack], targets: Targets, limits: Limits) -> tuple[Verdict, ...]:
    """Each attack beside its limit, in the order given."""
    return tuple(Verdict(each, HELD[each.kind], limit_of(each, targets, limits)) for each in attacks)


def exposing(verdicts: Sequence[Verdict]) -> bool:
    """Whether two versions show somebody: fewer than k of a class came or went between them."""
    return any(one.attack.kind is Kind.DIFFERENCING and one.attack.guesses for one in verdicts)


def unlimited(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The attacks on the table alone that nobody limited and that have a gain to tell.

    Skewness is a distance, and what two versions show is told by `exposing`, whatever it gains.
    """
    apart = (Kind.SKEWNESS, Kind.DIFFERENCING, Kind.DIFFERENCING_INFERENCE)
    return [one for one in verdicts if one.limit is None and one.attack.kind not in apart]


def refuse_beyond(verdicts: Sequence[Verdict]) -> None:
    """NotVerified naming every attack that comes further than its limit, without a figure of the data's."""
    beyond = [verdict for verdict in verdicts if not verdict.held]
    if beyond:
        told = "; ".join(
            " ".join(filter(None, [v.attack.kind.value, v.attack.about and f"of {v.attack.about}"]))
            + f": its {v.figure.value} is above {v.limit:g}"
            for v in beyond
        )
        raise NotVerified(
            f"Attacks come further than they may: {told}.",
            instead="Nothing was written or published.",
            do="Ask for coarser variables, a larger k or a smaller t, or leave the variable out.",
        )
