"""The same work on several things at once, as many as the setting `threads` allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")


def in_order(work: Callable[[Thing], Made], things: Iterable[Thing], threads: int) -> list[Made]:
    """`work` of each thing, in the order of `things`, at most `threads` at a time.

    The things must not depend on each other. After a failure nothing more is begun; once what is under way
    has ended, the first failure in the order is raised.
    """
    with ThreadPoolExecutor(max_workers=threads) as pool:
        begun = [pool.submit(work, thing) for thing in things]
        try:
            wait(begun, return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    for failure in (one.exception() for one in begun if not one.cancelled()):
        if failure is not None:
            raise failure
    return [one.result() for one in begun]
