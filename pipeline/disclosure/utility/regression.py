"""A model of an outcome on the quasi-identifiers, fitted before and after: how far do coefficients move?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import polars as pl

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.quality.statistics import Z_95, Floats

_ITERATIONS, _CLOSE, _LEAST_WEIGHT = 60, 1e-12, 1e-12


@dataclass(frozen=True)
class Design:
    """One line for each distinct combination of the factors, in their order.

    The first of the `terms` is the constant, the others are one for each value of a factor but its commonest.
    `codes` has a column for each factor: the place of its value, from 1, among those of its terms, 0 where
    it is the commonest; `first` is where a factor's terms begin. A line thus has one entry for each factor
    and not one for each term: sums over lines cost as many steps as there are factors, or pairs of factors.
    """

    cells: pl.DataFrame
    codes: Ints
    first: tuple[int, ...]
    terms: tuple[tuple[str, str], ...]

    def fitted(self, beta: Floats) -> Floats:
        """The sum of each line's coefficients."""
        answer = np.full(len(self.codes), beta[0])
        for codes, mine in self._factors():
            answer += np.concatenate([[0.0], beta[mine]])[codes]
        return answer

    def summed(self, amounts: Floats) -> Floats:
        """For each term the sum over its lines."""
        answer = np.empty(len(self.terms))
        answer[0] = amounts.sum()
        for codes, mine in self._factors():
            answer[mine] = np.bincount(codes, weights=amounts, minlength=mine.stop - mine.start + 1)[1:]
        return answer

    def gram(self, weights: Floats) -> Floats:
        """For each pair of terms the sum of the weights of the lines that have both.

        In the lines' order, and not by BLAS, whose threads may add up in another one the next time.
        """
        answer = np.diag(self.summed(weights))
        answer[0] = answer[:, 0] = np.diag(answer)
        factors = list(self._factors())
        for (one, mine), (other, theirs) in combinations(factors, 2):
            shape = (mine.stop - mine.start + 1, theirs.stop - theirs.start + 1)
            pairs = np.bincount(one * shape[1] + other, weights=weights, minlength=shape[0] * shape[1])
            answer[mine, theirs] = pairs.reshape(shape)[1:, 1:]
            answer[theirs, mine] = answer[mine, theirs].T
        return answer

    def _factors(self) -> Iterator[tuple[Ints, slice]]:
        """Each factor's codes, and where its terms are."""
        for at, (first, last) in enumerate(pairwise([*self.first, len(self.terms)])):
            yield self.codes[:, at], slice(first, last)


@dataclass(frozen=True)
class Fit:
    """Coefficients and their standard errors, one for each term; NaN where the rows cannot tell one."""

    coefficients: Floats
    errors: Floats


def design(before: pl.DataFrame, factors: Sequence[str], counts: Sequence[pl.Expr]) -> Design:
    """The distinct combinations of `factors` in `before`, each with `counts` (aggregates over its rows)."""
    cells = before.group_by(factors).agg(*counts, pl.len().alias("rows")).sort(factors)
    rows = cells["rows"].cast(pl.Int64)
    codes, first, terms = [], [], [("", "")]
    for name in factors:
        by_value = cells.select(name, rows=rows).group_by(name).agg(pl.col("rows").sum())
        values = by_value.sort(["rows", name], descending=[True, False])[name].to_list()
        order = [*values[:1], *sorted(values[1:])]
        places = pl.Series(range(len(order)), dtype=pl.Int64)
        codes.append(cells[name].replace_strict(order, places, return_dtype=pl.Int64).to_numpy())
        first.append(len(terms))
        terms += [(name, value) for value in order[1:]]
    lines = np.stack(codes, axis=1) if codes else np.zeros((cells.height, 0))
    return Design(cells, np.asfortranarray(lines, dtype=np.int64), tuple(first), tuple(terms))


def linear(told: Design, trials: Floats, successes: Floats) -> Fit:
    """The linear probability model by least squares, with White's (1980) standard errors.

    All sums are of whole numbers, so no order decides a digit of the coefficients' equations.
    """
    gram = told.gram(trials)
    kept = np.diag(gram) > 0  # the terms that some row has
    both = np.ix_(kept, kept)
    if np.linalg.matrix_rank(gram[both]) < int(kept.sum()):
        return Fit(np.full(len(kept), np.nan), np.full(len(kept), np.nan))
    beta = np.zeros(len(kept))
    beta[kept] = np.linalg.solve(gram[both], told.summed(successes)[kept])
    fitted = told.fitted(beta)
    squares = successes * (1 - fitted) ** 2 + (trials - successes) * fitted**2
    inverse = np.asarray(np.linalg.inv(gram[both]), dtype=np.float64)
    variance = np.full(len(kept), np.nan)
    variance[kept] = np.maximum(np.diag(inverse @ told.gram(squares)[both] @ inverse), 0.0)
    beta[~kept] = np.nan
    return Fit(beta, np.sqrt(variance))


def probabilities(told: Design, trials: Floats, successes: Floats) -> Floats:
    """The logistic model's probability of a success in each cell, by iteratively reweighted least squares.

    Also where a cell is all of one kind, and its coefficient runs away: the probability then settles.
    """
    beta, deviance = np.zeros(len(told.terms)), np.inf
    for _ in range(_ITERATIONS):
        fitted = _inverse_logit(told.fitted(beta))
        now = _deviance(trials, successes, fitted)
        if deviance - now < _CLOSE * (abs(now) + 1):
            break
        deviance = now
        weights = np.maximum(trials * fitted * (1 - fitted), _LEAST_WEIGHT)
        score = told.summed(successes - trials * fitted)
        beta = beta + np.linalg.lstsq(told.gram(weights), score, rcond=None)[0]
    return fitted


def changes(
    before: pl.DataFrame, after: pl.DataFrame, factors: Sequence[str], outcome: str, values: Sequence[str]
) -> pl.DataFrame:
    """The linear probability model of `outcome` being among `values`, before and after.

    One row for each term: `factor`, `value`, `before`, `after`, `error_before`, `error_after`, `change`, and
    `overlap`, the mean share of each 95 % interval that the other covers: 1 is all of it, below 0 they are
    apart (Karr et al. 2006). Null where the rows cannot tell a coefficient. Rows without an answer are out.
    """
    counts = [pl.len().cast(pl.Float64).alias("n"), pl.col(outcome).is_in(values).sum().alias("k")]
    whole = design(before, factors, counts)
    kept = whole.cells.select(factors).join(
        after.group_by(factors).agg(counts), on=list(factors), how="left", maintain_order="left"
    )
    fits = [
        linear(whole, *(cells[name].fill_null(0).cast(pl.Float64).to_numpy() for name in ("n", "k")))
        for cells in (whole.cells, kept)
    ]
    old, new = fits
    figures = {
        "before": old.coefficients,
        "after": new.coefficients,
        "error_before": old.errors,
        "error_after": new.errors,
        "change": new.coefficients - old.coefficients,
        "overlap": _overlap(old, new),
    }
    names = pl.DataFrame(whole.terms, schema=["factor", "value"], orient="row")
    return names.with_columns(pl.Series(name, value).fill_nan(None) for name, value in figures.items())


def _overlap(old: Fit, new: Fit) -> Floats:
    low = [fit.coefficients - Z_95 * fit.errors for fit in (old, new)]
    high = [fit.coefficients + Z_95 * fit.errors for fit in (old, new)]
    common = np.minimum(*high) - np.maximum(*low)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [common / (top - bottom) for top, bottom in zip(high, low, strict=True)]
    answer: Floats = np.where(np.isfinite(parts[0] + parts[1]), (parts[0] + parts[1]) / 2, np.nan)
    return answer


def _inverse_logit(eta: Floats) -> Floats:
    answer: Floats = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
    return answer


def _deviance(trials: Floats, successes: Floats, fitted: Floats) -> float:
    with np.errstate(divide="ignore"):
        yes = np.where(successes > 0, -successes * np.log(fitted), 0.0)
        no = np.where(trials > successes, -(trials - successes) * np.log1p(-fitted), 0.0)
    return float((yes + no).sum())
