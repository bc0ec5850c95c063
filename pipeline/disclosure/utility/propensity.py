"""Can a model tell released rows from original ones? The propensity score's mean squared error, pMSE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.utility.regression import design, probabilities

_RELEASED = "released"


@dataclass(frozen=True)
class Propensity:
    """`pmse` lies between 0, the model cannot tell, and c (1 - c), it always can, with c the share released.

    `expected` is its mean, and `spread` its standard deviation, where the released rows are drawn anew from
    the distribution of the original ones; `by_chance` the mean where they are some of the original ones,
    chosen at random. (Snoke, Raab, Nowok, Dibben and Slavkovic 2018, «General and specific utility measures
    for synthetic data», JRSS A 181; the last: the same, times the share of the original left out.)
    """

    pmse: float
    expected: float
    spread: float
    by_chance: float
    terms: int

    @property
    def ratio(self) -> float | None:
        """`pmse` in times what is expected (Snoke et al.): about 1 is as good as a draw from the original."""
        return self.pmse / self.expected if self.expected else None

    @property
    def standardised(self) -> float | None:
        """`pmse` less what is expected, in spreads."""
        return (self.pmse - self.expected) / self.spread if self.spread else None

    @property
    def ratio_by_chance(self) -> float | None:
        """`pmse` in times that of leaving out as many rows at random; None where none is left out."""
        return self.pmse / self.by_chance if self.by_chance else None


def propensity(before: pl.DataFrame, after: pl.DataFrame, factors: Sequence[str]) -> Propensity:
    """The pMSE of the logistic model with the main effects of `factors`, of frames that are coded alike.

    All rows of both frames are put together, and the model guesses which are released. Terms are told by
    distinct values, the constant included; a missing value is a value.
    """
    both = pl.concat(
        frame.select(pl.col(name).cast(pl.String).fill_null("") for name in factors).with_columns(
            pl.lit(mark).alias(_released(factors))
        )
        for frame, mark in ((before, 0), (after, 1))
    )
    counts = [pl.len().alias("n"), pl.col(_released(factors)).sum().alias("k")]
    told = design(both, factors, counts)
    trials, successes = (told.cells[name].cast(pl.Float64).to_numpy() for name in ("n", "k"))
    fitted = probabilities(told, trials, successes)
    # As many terms as are told apart: the rank of the terms is that of their products.
    terms = int(np.linalg.matrix_rank(told.gram(np.ones(told.cells.height))))
    whole = before.height + after.height
    share = after.height / whole
    expected = (terms - 1) * (1 - share) ** 2 * share / whole
    return Propensity(
        pmse=float((trials * (fitted - share) ** 2).sum() / whole),
        expected=expected,
        spread=float(np.sqrt(2 * (terms - 1))) * (1 - share) ** 2 * share / whole,
        by_chance=expected * (1 - after.height / before.height),
        terms=terms,
    )


def _released(factors: Sequence[str]) -> str:
    """A name that no factor has."""
    return " ".join([_RELEASED, *factors])
