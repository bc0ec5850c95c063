"""The same work on several things at once."""

from __future__ import annotations

import threading
import time

import pytest

from pipeline.parallel import in_order


def test_what_is_made_keeps_the_order_of_the_things_whichever_ends_first():
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * 10

    assert in_order(slow_first, range(5), threads=2) == [0, 10, 20, 30, 40]


def test_two_are_under_way_at_once():
    both = threading.Barrier(2, timeout=10)
    assert sorted(in_order(lambda _: both.wait(), range(2), threads=2)) == [0, 1]


def test_never_more_than_the_threads_allowed():
    now, most, lock = 0, 0, threading.Lock()

    def count(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1

    in_order(count, range(8), threads=3)
    assert most <= 3


def test_of_two_failures_the_first_in_the_order_is_raised():
    def fails(number: int) -> None:
        time.sleep(0.05 if number == 0 else 0)
        raise ValueError(f"number {number}")

    with pytest.raises(ValueError, match="number 0"):
        in_order(fails, range(2), threads=2)


def test_after_a_failure_nothing_more_is_begun_however_long_the_first_takes():
    begun, failed = [], threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            failed.wait(10)
            time.sleep(0.2)
        elif number == 1:
            failed.set()
            raise ValueError("number 1")
        else:
            time.sleep(0.05)

    with pytest.raises(ValueError, match="number 1"):
        in_order(work, range(100), threads=2)
    assert len(begun) < 10
