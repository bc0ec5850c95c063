"""Each statistic against an independent library, or by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from pipeline.quality.statistics import (
    benjamini_hochberg,
    binomial_at_least,
    binomial_at_most,
    chi_square_above,
    cramers_v,
    difference,
    difference_within,
    homogeneity,
    homogeneity_within,
    hypergeometric_at_least,
    trend,
    two_shares,
    wilson,
)


@pytest.mark.parametrize("df", [1, 2, 14, 100, 500])
@pytest.mark.parametrize("factor", [0.01, 0.5, 1.0, 1.5, 3.0, 10.0])
def test_the_tail_of_chi_square(df: int, factor: float) -> None:
    expected = stats.chi2.sf(df * factor, df)
    assert chi_square_above(df * factor, df) == pytest.approx(expected, rel=1e-9, abs=1e-250)


def test_a_chi_square_of_nothing_proves_nothing_and_one_of_everything_everything() -> None:
    assert chi_square_above(0.0, 3) == 1.0
    assert chi_square_above(5.0, 0) == 1.0
    assert chi_square_above(1e7, 3) == 0.0


@pytest.mark.parametrize("n", [1, 5, 30])
@pytest.mark.parametrize("p", [0.03, 0.5, 0.97])
def test_the_tails_of_the_binomial_sum_every_outcome(n: int, p: float) -> None:
    chance = [math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1)]
    for k in range(n + 1):
        assert binomial_at_most(k, n, p) == pytest.approx(sum(chance[: k + 1]), rel=1e-9)
        assert binomial_at_least(k, n, p) == pytest.approx(sum(chance[k:]), rel=1e-9)


def test_the_tail_of_a_large_binomial() -> None:
    assert binomial_at_most(84_500, 100_000, 0.85) == pytest.approx(
        stats.binom.cdf(84_500, 100_000, 0.85), rel=1e-6
    )


def test_a_promise_of_everything_or_nothing_needs_no_sum() -> None:
    assert [binomial_at_most(9, 10, 1.0), binomial_at_most(10, 10, 1.0)] == [0.0, 1.0]
    assert [binomial_at_most(0, 10, 0.0), binomial_at_least(1, 10, 0.0)] == [1.0, 0.0]


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (850, 1000)])
def test_wilsons_interval(k: int, n: int) -> None:
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    low, high = wilson(np.array([float(k)]), np.array([float(n)]))
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_nothing_tried_is_anything() -> None:
    low, high = wilson(np.zeros(1), np.zeros(1))
    assert (low[0], high[0]) == (0.0, 1.0)


def test_newcombes_interval_of_a_difference_is_the_published_one() -> None:
    # Newcombe 1998, example (a): 56/70 - 48/80 = 0.2, method 10: (0.0524, 0.3339)
    gap, low, high = difference(*(np.array([float(v)]) for v in (48, 80, 56, 70)))
    assert (gap[0], low[0], high[0]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_homogeneity_is_pearsons_chi_square() -> None:
    k, n = np.array([10.0, 20.0, 5.0]), np.array([40.0, 40.0, 30.0])
    expected = stats.chi2_contingency(np.array([k, n - k]), correction=False)
    assert homogeneity(k, n) == (pytest.approx(expected.statistic), expected.dof)


@pytest.mark.parametrize(("k", "n"), [((0, 0), (10, 10)), ((10, 10), (10, 10)), ((3,), (10,))])
def test_where_all_are_alike_there_is_no_test(k: tuple[int, ...], n: tuple[int, ...]) -> None:
    assert homogeneity(np.array(k, float), np.array(n, float)) == (0.0, 0)


def test_two_shares_with_the_correction_of_yates() -> None:
    expected = stats.chi2_contingency(np.array([[30, 70], [50, 60]]), correction=True)
    assert two_shares(30, 100, 50, 110) == pytest.approx(expected.pvalue)
    assert two_shares(5, 10, 5, 10) == two_shares(0, 10, 0, 10) == 1.0


def test_the_trend_is_the_slope_of_the_weighted_line_and_its_test_one_sided() -> None:
    t, k, n = np.arange(5.0), np.array([90.0, 85, 80, 80, 70]), np.full(5, 100.0)
    slope, error, p = trend(t, k, n)
    assert slope == pytest.approx(stats.linregress(t, k / n).slope)
    share = k.sum() / n.sum()
    assert p == pytest.approx(stats.norm.cdf(slope / math.sqrt(share * (1 - share) / 1000)))
    assert error > 0
    assert trend(t, k[::-1], n)[2] > 0.99
    assert trend(t, n, n) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(("chi", "df", "n"), [(50.0, 4, 500.0), (10.0, 1, 100.0), (2.0, 5, 300.0)])
def test_the_interval_of_cramers_v_inverts_the_non_central_chi_square(chi: float, df: int, n: float) -> None:
    value, low, high = cramers_v(chi, df, n)
    assert value == pytest.approx(min(max(math.sqrt(max(chi - df, 0) / n), low), high))
    assert low <= value <= high
    assert stats.ncx2.sf(chi, df, high**2 * n) == pytest.approx(0.975, abs=0.004)
    if low:
        assert stats.ncx2.sf(chi, df, low**2 * n) == pytest.approx(0.025, abs=0.004)
    else:
        assert stats.chi2.sf(chi, df) > 0.02


def test_adjusting_for_many_checks_is_the_step_up_of_benjamini_and_hochberg() -> None:
    p = [0.01, 0.04, 0.03, 0.005, 0.5, 0.04]
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    assert benjamini_hochberg([]).size == 0


def test_one_stratum_is_pearsons_chi_square_but_for_one_person() -> None:
    k, n = np.array([[10.0], [20], [5]]), np.array([[40.0], [40], [30]])
    expected, df = homogeneity(k[:, 0], n[:, 0])
    assert homogeneity_within(k, n) == (pytest.approx(expected * 109 / 110), df)


def test_strata_are_compared_within_themselves_as_mantel_and_haenszel_do() -> None:
    tables = [np.array([[12, 5], [16, 16]]), np.array([[27, 10], [20, 25]])]
    n = np.array([t.sum(axis=1) for t in tables], float).T
    k = np.array([t[:, 0] for t in tables], float).T
    excess = sum(t[0, 0] - t[0].sum() * t[:, 0].sum() / t.sum() for t in tables)
    variance = sum(
        t[0].sum() * t[1].sum() * t[:, 0].sum() * t[:, 1].sum() / (t.sum() ** 2 * (t.sum() - 1))
        for t in tables
    )
    assert homogeneity_within(k, n) == (pytest.approx(excess**2 / variance), 1)


def test_what_only_the_years_explain_is_no_association() -> None:
    # Half of each group lacks the value in the first year and nobody in the second; the groups come apart.
    n, k = np.array([[100.0, 10], [10, 100]]), np.array([[50.0, 0], [5, 0]])
    assert homogeneity_within(k, n)[0] == pytest.approx(0.0, abs=1e-12)
    found = difference_within(k, n)
    assert found is not None
    assert found[0] == pytest.approx(0.0)
    assert homogeneity(k.sum(axis=1), n.sum(axis=1))[0] > 10


def test_groups_that_never_meet_in_a_year_have_no_test() -> None:
    assert homogeneity_within(np.array([[5.0, 0], [0, 5]]), np.array([[9.0, 0], [0, 9]])) == (0.0, 0)


def test_groups_that_never_meet_have_no_test_however_the_shares_round() -> None:
    generator = np.random.default_rng(0)
    for _ in range(300):
        n = np.zeros((2, 10))
        n[np.arange(10) % 2, np.arange(10)] = generator.integers(5, 60, 10)
        k = np.floor(n * generator.random((2, 10)))
        assert homogeneity_within(k, n) == (0.0, 0)
        assert difference_within(k, n) is None


def test_where_nothing_is_associated_v_is_near_nothing_however_many_groups() -> None:
    # A chi-square of its degrees of freedom is what chance gives.
    assert cramers_v(99.0, 100, 1000.0)[0] == 0.0
    assert cramers_v(200.0, 100, 1000.0)[0] == pytest.approx(math.sqrt(0.1))


@pytest.mark.parametrize(("k", "n", "marked", "whole"), [(8, 10, 15, 30), (0, 5, 3, 9), (5, 5, 6, 40)])
def test_the_tail_of_fishers_test(k: int, n: int, marked: int, whole: int) -> None:
    expected = stats.hypergeom.sf(k - 1, whole, marked, n)
    assert hypergeometric_at_least(k, n, marked, whole) == pytest.approx(expected)


def test_one_stratum_of_two_groups_is_their_plain_difference() -> None:
    assert difference_within(np.array([[30.0], [50]]), np.array([[100.0], [100]])) == pytest.approx(
        (0.2, 0.2 - 1.96 * 0.0678, 0.2 + 1.96 * 0.0678), abs=1e-3
    )
