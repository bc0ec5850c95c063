"""The delay curve and the nowcast, against counting by hand and against worlds whose end is known."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.quality.delays import LONGEST, arrived_by, expected_final

SIZE = LONGEST + 1


def triangle(*seen: tuple[int, int, int]) -> np.ndarray:
    """came[age, delay] from (age, delay, how many)."""
    came = np.zeros((SIZE, SIZE))
    for age, delay, many in seen:
        came[age, delay] = many
    return came


def test_everything_at_once_is_a_curve_at_its_top() -> None:
    assert (arrived_by(triangle(*((a, 0, 10) for a in range(SIZE)))) == 1).all()


def test_the_curve_corrects_for_what_has_not_been_seen_for_long() -> None:
    # Of the old, half came at once and half in the second month. The young have only come at once so far.
    came = triangle((10, 0, 40), (10, 2, 40), (0, 0, 40), (1, 0, 40))
    curve = arrived_by(came)
    assert (curve[0], curve[1], curve[2]) == pytest.approx((0.5, 0.5, 1.0))


def test_what_is_still_to_come_is_of_the_ages_that_have_not_seen_it() -> None:
    # 100 events two years ago all came, half of them late; of 100 of this month half have come.
    ages = np.zeros(SIZE)
    ages[23], ages[0] = 100, 100
    came = triangle((23, 0, 50), (23, 2, 50), (0, 0, 50))
    final, low, high = expected_final(ages, came, arrived_by(came), 24)
    assert final == pytest.approx(1.0)
    assert low <= final <= high


def test_what_never_comes_is_not_expected() -> None:
    ages = np.zeros(SIZE)
    ages[20] = 100
    came = triangle((20, 0, 60))
    assert expected_final(ages, came, arrived_by(came), 24)[0] == pytest.approx(0.6)


def test_nothing_seen_says_nothing() -> None:
    none = np.zeros(SIZE)
    assert expected_final(none, triangle(), np.ones(SIZE), 24) == (0.0, 0.0, 1.0)


def drawn(
    generator: np.random.Generator, each: int, ever: float, slow: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """`each` events a month: `ever` of them come, after a geometric delay. The true end, ages, and came."""
    age = np.repeat(np.arange(SIZE), each)
    comes = generator.random(age.size) < ever
    delay = np.minimum(generator.geometric(1 - slow, age.size) - 1, LONGEST)
    came = np.zeros((SIZE, SIZE))
    np.add.at(came, (age[comes & (delay <= age)], delay[comes & (delay <= age)]), 1)
    return float(comes[age < 24].mean()), np.full(SIZE, float(each)), came


@pytest.mark.parametrize(("ever", "slow"), [(0.92, 0.6), (0.6, 0.8)])
def test_the_nowcast_finds_the_end_and_its_interval_holds_it_nineteen_times_in_twenty(
    ever: float, slow: float
) -> None:
    generator = np.random.default_rng(3)
    inside, off = 0, []
    for _ in range(200):
        true, ages, came = drawn(generator, 40, ever, slow)
        final, low, high = expected_final(ages, came, arrived_by(came), 24)
        inside += low <= true <= high
        off.append(final - true)
    assert inside >= 180
    assert abs(float(np.mean(off))) < 0.01
