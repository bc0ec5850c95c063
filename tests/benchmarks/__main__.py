"""`python -m tests.benchmarks [--persons 13000 200000] [--rows 20000000] [--only linkage] [--quick]`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.measure import HEADING, QUICK, Scale, in_words, measure, outgrown
from tests.benchmarks.stages import STAGES


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each comparison as soon as it is measured."""
    asked = _parser().parse_args(arguments)
    scale = QUICK if asked.quick else Scale(runs=asked.runs)
    if asked.persons:
        scale = replace(scale, persons=tuple(asked.persons))
    if asked.rows:
        scale = replace(scale, register_rows=asked.rows, profiled_rows=asked.rows)
    print(HEADING, flush=True)
    for name in asked.only or STAGES:
        with tempfile.TemporaryDirectory(prefix="uttrekk-bench-") as folder:
            for turn in STAGES[name](scale, Path(folder)):
                for measured in measure(turn, scale.runs):
                    print(in_words(measured), flush=True)
                    if measured.comparison.nightly:
                        print(outgrown(measured), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--persons", type=int, nargs="+", help="sizes of the invented municipality")
    parser.add_argument("--rows", type=int, help="rows of the employment register, and of the profiled table")
    parser.add_argument("--only", nargs="+", choices=sorted(STAGES), help="measure these stages alone")
    parser.add_argument("--runs", type=int, default=Scale.runs, help="counted runs of each")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one run: does it still work?")
    return parser


if __name__ == "__main__":
    main()
