"""The only maker of solvers for linear programmes: HiGHS, silent, on one thread."""

from __future__ import annotations

import highspy


class _Silent(highspy.Highs):
    """HiGHS without the banner that it prints while it is made, before it can be told to be quiet."""

    def enableCallbacks(self) -> None:
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def solver() -> highspy.Highs:
    """A new solver: the same programme has the same answer, and nothing is printed."""
    made = _Silent()  # type: ignore[no-untyped-call]
    for option, value in (("threads", 1), ("random_seed", 0), ("parallel", "off")):
        made.setOptionValue(option, value)
    return made
