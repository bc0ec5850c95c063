"""A model of an outcome on the quasi-identifiers, fitted before and after: how far do coefficients move?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.engine.problem import Bools
from pipeline.quality.statistics import Z_95, Floats

_ITERATIONS, _CLOSE, _LEAST_WEIGHT = 60, 1e-12, 1e-12


@dataclass(frozen=True)
class Design:
    """One line of `matrix` for each distinct combination of the factors, in their order.

    The first term is the constant, the others are one for each value of a factor but its commonest.
    """

    cells: pl.DataFrame
    matrix: Floats
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fit:
    """Coefficients and their standard errors, one for each term; NaN where the rows cannot tell one."""

    coefficients: Floats
    errors: Floats


def design(before: pl.DataFrame, factors: Sequence[str], counts: Sequence[pl.Expr]) -> Design:
    """The distinct combinations of `factors` in `before`, each with `counts` (aggregates over its rows)."""
    cells = before.group_by(factors).agg(*counts, pl.len().alias("rows")).sort(factors)
    rows = cells["rows"].cast(pl.Int64)
    columns, terms = [np.ones(cells.height)], [("", "")]
    for name in factors:
        by_value = cells.select(name, rows=rows).group_by(name).agg(pl.col("rows").sum())
        values = by_value.sort(["rows", name], descending=[True, False])[name].to_list()
        for value in sorted(values[1:]):
            columns.append((cells[name] == value).cast(pl.Float64).to_numpy())
            terms.append((name, value))
    return Design(cells, np.stack(columns, axis=1), tuple(terms))


def linear(matrix: Floats, trials: Floats, successes: Floats) -> Fit:
    """The linear probability model by least squares, with White's (1980) standard errors.

    All sums are of whole numbers, so no order decides a digit of the coefficients' equations.
    """
    told, kept = _told(matrix, trials)
    gram = _gram(told, trials)
    if np.linalg.matrix_rank(gram) < len(gram):
        return _nothing(len(kept))
    beta = np.linalg.solve(gram, np.einsum("np,n->p", told, successes))
    fitted = told @ beta
    squares = successes * (1 - fitted) ** 2 + (trials - successes) * fitted**2
    inverse = _inverse(gram)
    return _placed(kept, beta, inverse @ _gram(told, squares) @ inverse)


def logistic(matrix: Floats, trials: Floats, successes: Floats) -> Fit:
    """The logistic model by iteratively reweighted least squares; errors from the information."""
    told, kept = _told(matrix, trials)
    beta, fitted = _fitted(told, trials, successes)
    information = _gram(told, np.maximum(trials * fitted * (1 - fitted), _LEAST_WEIGHT))
    if np.linalg.matrix_rank(information) < len(information):
        return _nothing(len(kept))
    return _placed(kept, beta, _inverse(information))


def probabilities(matrix: Floats, trials: Floats, successes: Floats) -> Floats:
    """The logistic model's probability of a success in each cell.

    Also where a cell is all of one kind, and its coefficient runs away: the probability then settles.
    """
    return _fitted(matrix, trials, successes)[1]


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
        linear(whole.matrix, *(cells[name].fill_null(0).cast(pl.Float64).to_numpy() for name in ("n", "k")))
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


def _told(matrix: Floats, trials: Floats) -> tuple[Floats, Bools]:
    """The terms that some row has, and which those are."""
    kept = np.asarray((matrix * (trials > 0)[:, None]).any(axis=0), dtype=np.bool_)
    return matrix[:, kept], kept


def _gram(matrix: Floats, weights: Floats) -> Floats:
    # Not by BLAS: its threads may add up in another order the next time.
    answer: Floats = np.einsum("np,nq,n->pq", matrix, matrix, weights, optimize=False)
    return answer


def _inverse(gram: Floats) -> Floats:
    return np.asarray(np.linalg.inv(gram), dtype=np.float64)


def _fitted(matrix: Floats, trials: Floats, successes: Floats) -> tuple[Floats, Floats]:
    beta, deviance = np.zeros(matrix.shape[1]), np.inf
    for _ in range(_ITERATIONS):
        fitted = _inverse_logit(np.einsum("np,p->n", matrix, beta))
        now = _deviance(trials, successes, fitted)
        if deviance - now < _CLOSE * (abs(now) + 1):
            break
        deviance = now
        weights = np.maximum(trials * fitted * (1 - fitted), _LEAST_WEIGHT)
        score = np.einsum("np,n->p", matrix, successes - trials * fitted)
        beta = beta + np.linalg.lstsq(_gram(matrix, weights), score, rcond=None)[0]
    return beta, fitted


def _inverse_logit(eta: Floats) -> Floats:
    answer: Floats = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
    return answer


def _deviance(trials: Floats, successes: Floats, fitted: Floats) -> float:
    with np.errstate(divide="ignore"):
        yes = np.where(successes > 0, -successes * np.log(fitted), 0.0)
        no = np.where(trials > successes, -(trials - successes) * np.log1p(-fitted), 0.0)
    return float((yes + no).sum())


def _placed(kept: Bools, beta: Floats, variance: Floats) -> Fit:
    coefficients, errors = np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    coefficients[kept], errors[kept] = beta, np.sqrt(np.maximum(np.diag(variance), 0.0))
    return Fit(coefficients, errors)


def _nothing(terms: int) -> Fit:
    return Fit(np.full(terms, np.nan), np.full(terms, np.nan))
