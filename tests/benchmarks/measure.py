"""A stage against its floor: run by turns, in one process, medians compared."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
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
    profiled_rows: int = 5_000_000
    pseudonyms: int = 200_000
    runs: int = 5


QUICK = Scale(
    persons=(300,),
    register_rows=20_000,
    validated_rows=2_000,
    profiled_rows=2_000,
    pseudonyms=200,
    runs=1,
)


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


# What is measured together has one floor, which is run once a turn.
Turn = Comparison | tuple[Comparison, ...]


@dataclass(frozen=True)
class Seconds:
    """How long something took, and how long the processors worked for it: all threads of the process."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """The medians of a comparison, and the peak memory of the stage alone."""

    comparison: Comparison
    subject: Seconds
    floor: Seconds
    peak_mib: float | None

    @property
    def ratio(self) -> float:
        return self.subject.wall / self.floor.wall

    @property
    def cpu_ratio(self) -> float:
        """The fairer of the two where the machine has other work: waiting for a turn is no work."""
        return self.subject.cpu / self.floor.cpu

    @property
    def rows_a_second(self) -> float:
        return self.comparison.rows / self.subject.wall


def measure(turn: Turn, runs: int) -> list[Measured]:
    """Run the floor and then each subject, `runs` times after one turn that is not counted."""
    comparisons = (turn,) if isinstance(turn, Comparison) else turn
    floor: list[Seconds] = []
    subjects: list[list[Seconds]] = [[] for _ in comparisons]
    for _ in range(runs + 1 if runs > 1 else 1):
        floor.append(_seconds(comparisons[0].floor))
        for comparison, subject in zip(comparisons, subjects, strict=True):
            comparison.prepare()
            subject.append(_seconds(comparison.subject))
    counted = slice(1, None) if runs > 1 else slice(None)
    return [
        Measured(comparison, _median(subject[counted]), _median(floor[counted]), _peak_of(comparison, runs))
        for comparison, subject in zip(comparisons, subjects, strict=True)
    ]


def _peak_of(comparison: Comparison, runs: int) -> float | None:
    if comparison.apart is None or runs == 1:
        return None
    comparison.prepare()
    return peak_mib(*comparison.apart)


def peak_mib(work: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    """The peak memory of `work` in a fresh process, all that it imports included."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (work, arguments))


def _peak(work: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    work(*arguments)
    # Not `ru_maxrss`: a process that was started by a large one has that one's peak for its own.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].removesuffix("kB")) / 1024


def _seconds(work: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def _median(runs: Sequence[Seconds]) -> Seconds:
    return Seconds(statistics.median(r.wall for r in runs), statistics.median(r.cpu for r in runs))


def in_words(measured: Measured) -> str:
    """One line of the table."""
    comparison = measured.comparison
    aim = f"<= {comparison.aim:g}" if comparison.aim is not None else ""
    peak = f"{measured.peak_mib:,.0f}" if measured.peak_mib is not None else ""
    return (
        f"{comparison.stage:<40} {measured.ratio:>7.2f} {measured.cpu_ratio:>7.2f} {aim:>8}  "
        f"{measured.subject.wall:>8.3f} s {measured.floor.wall:>8.3f} s "
        f"{measured.subject.cpu:>8.3f} s {measured.floor.cpu:>8.3f} s "
        f"{measured.rows_a_second:>14,.0f} {peak:>9}  {comparison.floor_is}"
    )


def outgrown(measured: Measured) -> str:
    """At what size of register, and of country, this machine is no longer enough."""
    a_day = measured.rows_a_second * 24 * 60 * 60
    return (
        f"  One machine like this reads {a_day / 1e9:,.1f} thousand million register rows in 24 hours: "
        f"{a_day / ROWS_A_PERSON / 1e6:,.0f} million persons with {YEARS_OF_JOBS} years of monthly rows each."
    )


HEADING = (
    f"{'stage':<40} {'ratio':>7} {'of cpu':>7} {'aim':>8}  {'stage':>10} {'floor':>10} "
    f"{'stage cpu':>10} {'floor cpu':>10} "
    f"{'rows/s':>14} {'peak MiB':>9}  the floor"
)


def size_of(folder: Path) -> int:
    """Bytes of all files under `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
