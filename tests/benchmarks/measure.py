"""A stage against its floor: run by turns, in one process, medians compared."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

YEARS_OF_JOBS = 10
ROWS_A_PERSON = 12 * YEARS_OF_JOBS  # of a register by month, for somebody always employed


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much of everything: persons of the invented municipalities, rows of the registers."""

    persons: tuple[int, ...] = (13_000, 200_000)
    register_rows: int = 20_000_000
    validated_rows: int = 5_000_000
    pseudonyms: int = 200_000
    runs: int = 5


QUICK = Scale(persons=(300,), register_rows=20_000, validated_rows=2_000, pseudonyms=200, runs=1)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is run against what, on how many rows.

    `prepare` runs before each run of `subject` and is not timed: it takes away what the last run left.
    `aim` is the ratio we want to stay below, where there is one. `apart` is a function of a module and
    its arguments that does what `subject` does: run once more in a process of its own, for its memory.
    `nightly` is a stage that reads a register every night: told too is what a whole day of it would read.
    """

    stage: str
    subject: Callable[[], object]
    floor: Callable[[], object]
    floor_is: str
    rows: int
    prepare: Callable[[], object] = lambda: None
    aim: float | None = None
    apart: tuple[Callable[..., object], tuple[Any, ...]] | None = None
    nightly: bool = False


@dataclass(frozen=True)
class Measured:
    """The medians of a comparison, in seconds, and the peak memory of the stage alone."""

    comparison: Comparison
    subject: float
    floor: float
    peak_mib: float | None

    @property
    def ratio(self) -> float:
        return self.subject / self.floor

    @property
    def rows_a_second(self) -> float:
        return self.comparison.rows / self.subject


def measure(comparison: Comparison, runs: int) -> Measured:
    """Run floor and subject by turns, `runs` times each after one of each that is not counted."""
    subject, floor = [], []
    for _ in range(runs + 1 if runs > 1 else 1):
        floor.append(_seconds(comparison.floor))
        comparison.prepare()
        subject.append(_seconds(comparison.subject))
    counted = slice(1, None) if runs > 1 else slice(None)
    peak = None
    if comparison.apart is not None and runs > 1:
        comparison.prepare()
        peak = peak_mib(*comparison.apart)
    return Measured(comparison, statistics.median(subject[counted]), statistics.median(floor[counted]), peak)


def peak_mib(work: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    """The peak memory of `work` in a fresh process, all that it imports included."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (work, arguments))


def _peak(work: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    work(*arguments)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_words(measured: Measured) -> str:
    """One line of the table."""
    comparison = measured.comparison
    aim = f"<= {comparison.aim:g}" if comparison.aim is not None else ""
    peak = f"{measured.peak_mib:,.0f}" if measured.peak_mib is not None else ""
    return (
        f"{comparison.stage:<34} {measured.ratio:>7.2f} {aim:>8}  {measured.subject:>8.3f} s "
        f"{measured.floor:>8.3f} s {measured.rows_a_second:>14,.0f} {peak:>9}  {comparison.floor_is}"
    )


def outgrown(measured: Measured) -> str:
    """At what size of register, and of country, this machine is no longer enough."""
    a_day = measured.rows_a_second * 24 * 60 * 60
    return (
        f"  One machine like this reads {a_day / 1e9:,.1f} thousand million register rows in 24 hours: "
        f"{a_day / ROWS_A_PERSON / 1e6:,.0f} million persons with {YEARS_OF_JOBS} years of monthly rows each."
    )


HEADING = (
    f"{'stage':<34} {'ratio':>7} {'aim':>8}  {'stage':>10} {'floor':>10} "
    f"{'rows/s':>14} {'peak MiB':>9}  the floor"
)


def size_of(folder: Path) -> int:
    """Bytes of all files under `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
