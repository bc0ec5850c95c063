"""The same work on several things at once, as many as the setting `threads` allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")


def in_order(work: Callable[[Thing], Made], things: Iterable[Thing], threads: int) -> list[Made]:
    """`work` of each thing, in the order of `things`, at most `threads` at a time.

    The things must not depend on each other. Of several failures the first in the order is raised, once
    what is under way has ended; what had not begun is left undone.
    """
    with ThreadPoolExecutor(max_workers=threads) as pool:
        under_way = [pool.submit(work, thing) for thing in things]
        try:
            return [one.result() for one in under_way]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
