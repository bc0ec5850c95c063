"""The few statistics the flags rest on, written out: intervals, tail probabilities, tests, many at once.

Everything is a function of counts, gives the same on every run, and is checked against an independent
library in the tests. What does not belong here: thresholds, and what a figure means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z_95 = 1.959963984540054
_SMALL, _STEPS, _CLOSE, _ROUNDING = 1e-300, 10_000, 1e-15, 1e-9


def wilson(successes: Floats, trials: Floats, z: float = Z_95) -> tuple[Floats, Floats]:
    """Wilson's score interval of each share; (0, 1) where nothing was tried."""
    n = np.maximum(trials, 1)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    tried = trials > 0
    low = np.where(tried, np.where(successes <= 0, 0.0, np.maximum(centre - half, 0)), 0.0)
    high = np.where(tried, np.where(successes >= trials, 1.0, np.minimum(centre + half, 1)), 1.0)
    return low, high


def difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> tuple[Floats, Floats, Floats]:
    """Second share minus first, with Newcombe's hybrid score interval (95 %)."""
    p1, p2 = k1 / np.maximum(n1, 1), k2 / np.maximum(n2, 1)
    (l1, u1), (l2, u2) = wilson(k1, n1), wilson(k2, n2)
    gap = p2 - p1
    return gap, gap - np.hypot(p2 - l2, u1 - p1), gap + np.hypot(u2 - p2, p1 - l1)


def normal_above(z: float) -> float:
    """P(Z > z) of a standard normal."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def chi_square_above(x: float, df: int) -> float:
    """P(X > x) of a chi-square with `df` degrees of freedom: the upper incomplete gamma function."""
    if x <= 0 or df <= 0:
        return 1.0
    a, x = df / 2, x / 2
    scale = math.exp(-x + a * math.log(x) - math.lgamma(a)) if x < 700 + a * 10 else 0.0
    if x < a + 1:  # the series for the lower one
        term = total = 1 / a
        for n in range(1, _STEPS):
            term *= x / (a + n)
            total += term
            if term < total * _CLOSE:
                break
        return max(0.0, 1 - total * scale)
    b, c, d = x + 1 - a, 1 / _SMALL, 1 / (x + 1 - a)  # Lentz's continued fraction for the upper one
    h = d
    for n in range(1, _STEPS):
        an = -n * (n - a)
        b += 2
        d = 1 / _off_zero(an * d + b)
        c = _off_zero(b + an / c)
        h *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return min(1.0, scale * h)


def binomial_at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) of a binomial, exactly up to rounding: through the incomplete beta function."""
    if k >= n or p <= 0:
        return 1.0
    if k < 0 or p >= 1:
        return 0.0
    return _beta_below(1 - p, n - k, k + 1)


def binomial_at_least(k: int, n: int, p: float) -> float:
    """P(X >= k) of a binomial."""
    return 1.0 if k <= 0 else _beta_below(p, k, n - k + 1) if k <= n and p > 0 else 0.0


def hypergeometric_at_least(k: int, n: int, marked: int, whole: int) -> float:
    """P(X >= k) of how many are marked among `n` drawn from `whole` of which `marked` are (Fisher's test)."""
    of_all = _log_choose(whole, n)
    least = max(k, 0, n + marked - whole)
    return min(
        1.0,
        math.fsum(
            math.exp(_log_choose(marked, i) + _log_choose(whole - marked, n - i) - of_all)
            for i in range(least, min(n, marked) + 1)
        ),
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _beta_below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _beta_fraction(x, a, b) / a)
    return max(0.0, 1 - front * _beta_fraction(1 - x, b, a) / b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    h = d
    for m in range(1, _STEPS):
        for an in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _off_zero(1 + an * d)
            c = _off_zero(1 + an / c)
            h *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return h


def _off_zero(value: float) -> float:
    return value if abs(value) > _SMALL else _SMALL


def homogeneity(successes: Floats, trials: Floats) -> tuple[float, int]:
    """Pearson's chi-square that all groups have one share, and its degrees of freedom (0: no test)."""
    whole = trials.sum()
    share = successes.sum() / whole if whole else 0.0
    if not 0 < share < 1 or trials.size < 2:
        return 0.0, 0
    expected = trials * share
    return float(((successes - expected) ** 2 / (expected * (1 - share))).sum()), trials.size - 1


def homogeneity_within(successes: Floats, trials: Floats) -> tuple[float, int]:
    """The chi-square of Cochran, Mantel and Haenszel that all groups (rows) have one share within every
    stratum (columns), and its degrees of freedom (0: no test)."""
    whole = trials.sum(axis=0)
    share = successes.sum(axis=0) / np.maximum(whole, 1)
    excess = (successes - trials * share).sum(axis=1)
    weight = np.where(whole > 1, share * (1 - share) / np.maximum(whole - 1, 1), 0.0)
    alone = (trials * (weight * whole)).sum(axis=1)
    spread = np.diag(alone) - (trials * weight) @ trials.T
    # A group that meets no other has no spread; rounding leaves it one.
    told = np.diag(spread) > _ROUNDING * alone
    if told.sum() < 2:
        return 0.0, 0
    # The last group is what the others leave.
    left = np.flatnonzero(told)[:-1]
    rank = int(np.linalg.matrix_rank(spread[np.ix_(left, left)]))
    solved = np.linalg.lstsq(spread[np.ix_(left, left)], excess[left], rcond=None)[0]
    return float(excess[left] @ solved), rank


def difference_within(successes: Floats, trials: Floats) -> tuple[float, float, float] | None:
    """Second row's share less the first's, strata weighted by Mantel and Haenszel, and its 95 % interval.

    None where no stratum has both.
    """
    both = (trials > 0).all(axis=0)
    if not both.any():
        return None
    (k1, k2), (n1, n2) = successes[:, both], trials[:, both]
    weight = n1 * n2 / (n1 + n2)
    p1, p2 = k1 / n1, k2 / n2
    gap = float((weight * (p2 - p1)).sum() / weight.sum())
    variance = (weight**2 * (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)).sum() / weight.sum() ** 2
    half = Z_95 * math.sqrt(float(variance))
    return gap, gap - half, gap + half


def two_shares(k1: float, n1: float, k2: float, n2: float) -> float:
    """The two-sided p-value that two shares are one: z-test with a continuity correction."""
    share = (k1 + k2) / (n1 + n2)
    spread = math.sqrt(share * (1 - share) * (1 / n1 + 1 / n2))
    if spread == 0:
        return 1.0
    gap = max(0.0, abs(k1 / n1 - k2 / n2) - (1 / n1 + 1 / n2) / 2)
    return min(1.0, 2 * normal_above(gap / spread))


def trend(times: Floats, successes: Floats, trials: Floats) -> tuple[float, float, float]:
    """Cochran-Armitage: (slope a unit of time, its standard error, one-sided p that it does not fall)."""
    whole = trials.sum()
    share = successes.sum() / whole if whole else 0.0
    centred = times - (times * trials).sum() / max(whole, 1)
    across = (trials * centred**2).sum()
    if across == 0 or not 0 < share < 1:
        return 0.0, 0.0, 1.0
    slope = float((centred * (successes - trials * share)).sum() / across)
    error = math.sqrt(share * (1 - share) / across)
    return slope, error, normal_above(-slope / error)


def cramers_v(chi_square: float, df: int, n: float) -> tuple[float, float, float]:
    """Cramér's V of a 2 × k table and its 95 % interval, through the non-centrality of the chi-square.

    V is without the degrees of freedom that chance alone gives the chi-square, and held inside the interval.
    """
    if n <= 0 or df <= 0:
        return 0.0, 0.0, 1.0
    low, high = (_non_centrality(chi_square, df, tail) for tail in (0.025, 0.975))
    middle = min(max(chi_square - df, low), high)
    return tuple(min(1.0, math.sqrt(value / n)) for value in (middle, low, high))  # type: ignore[return-value]


def _non_centrality(x: float, df: int, above: float) -> float:
    """The non-centrality under which a chi-square exceeds `x` with probability `above`; 0 if none does.

    By Sankaran's normal approximation, halving an interval: good to the third digit of V.
    """
    low, high = 0.0, max(4 * x, 50.0)
    for _ in range(80):
        middle = (low + high) / 2
        if _non_central_above(x, df, middle) < above:
            low = middle
        else:
            high = middle
    return low


def _non_central_above(x: float, df: int, shift: float) -> float:
    mean, spread = df + shift, df + 2 * shift
    h = 1 - 2 * mean * (df + 3 * shift) / (3 * spread**2)
    p, m = spread / mean**2, (h - 1) * (1 - 3 * h)
    centre = 1 + h * p * (h - 1 - (2 - h) * m * p / 2)
    width = h * math.sqrt(2 * p) * (1 + m * p / 2)
    return normal_above(((x / mean) ** h - centre) / width)


def benjamini_hochberg(p_values: Sequence[float] | Floats) -> Floats:
    """The p-values adjusted so that judging at 5 % keeps false discoveries at 5 % (step-up)."""
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    ranked = given[order] * given.size / np.arange(1, given.size + 1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted
