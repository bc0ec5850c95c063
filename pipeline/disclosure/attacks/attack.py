"""What an attack comes to: how many guesses, how many right, and what a fair comparison gets right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pipeline.quality.statistics import difference, wilson

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Rows are dealt by it where an attack needs chance; another seed deals otherwise, and nothing else changes.
SEED = 20_061
_STEP, _MIX, _FINISH = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


class Kind(StrEnum):
    """What the attacker tries."""

    PROSECUTOR = "prosecutor"
    JOURNALIST = "journalist"
    MARKETER = "marketer"
    LINKAGE = "linkage"
    SINGLING_OUT = "singling_out"
    INFERENCE = "inference"
    HOMOGENEITY = "homogeneity"
    HOMOGENEITY_ADVERSE = "homogeneity_adverse"
    SKEWNESS = "skewness"
    MEMBERSHIP = "membership"
    DIFFERENCING = "differencing"
    DIFFERENCING_INFERENCE = "differencing_inference"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack: `right` of `guesses` are right, and `control_right` of `controls` without the release.

    The numbers of right guesses are expectations: among rows that cannot be told apart an attacker guesses
    evenly. `highest` is the greatest chance (of skewness, the greatest distance) for any one person, where it
    is known, `uninformed` the share right for whoever only knows the commonest answer. `about` is the column
    attacked, `known` what the attacker knows beside the quasi-identifiers.
    """

    kind: Kind
    guesses: int
    right: float
    controls: int
    control_right: float
    highest: float | None = None
    uninformed: float | None = None
    about: str | None = None
    known: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """The share of guesses that is right; 0 where nothing could be guessed."""
        return self.right / self.guesses if self.guesses else 0.0

    @property
    def baseline(self) -> float:
        """The share that the comparison gets right: without the release, or by the commonest answer alone.

        Whichever is the better: classes that tell little make the guess of those held out the worse one.
        """
        compared = self.control_right / self.controls if self.controls else 0.0
        return max(compared, self.uninformed or 0.0)

    @property
    def gain(self) -> float:
        """How much more often the attack is right than its baseline, as a difference of shares."""
        return self.rate - self.baseline

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the rate: how far as many guesses would vary."""
        low, high = wilson(np.array([self.right]), np.array([float(self.guesses)]))
        return float(low[0]), float(high[0])

    @property
    def gain_interval(self) -> tuple[float, float]:
        """Newcombe's 95 % interval of the gain, as if attack and comparison were tried on other persons."""
        of = (self.control_right, self.controls, self.right, self.guesses)
        _, low, high = difference(*(np.array([float(figure)]) for figure in of))
        return float(low[0]), float(high[0])


def dealt(rows: int, turn: int = 0) -> npt.NDArray[np.uint64]:
    """A number for each row that nobody can foresee from the row: SplitMix64 of its place.

    Rows stand in a canonical order, so equal tables are dealt alike. Each `turn` deals anew. Written out, so
    that no library's new version deals otherwise (Steele, Lea and Flood 2014).
    """
    place = np.arange(rows, dtype=np.uint64) + np.uint64(turn) * np.uint64(1 << 40)
    state = place * np.uint64(_STEP) + np.uint64(SEED)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_MIX)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_FINISH)
    return state ^ (state >> np.uint64(31))
