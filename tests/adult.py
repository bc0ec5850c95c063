"""The Adult census data with ARX's hierarchies: read where they lie, never copied in."""

from __future__ import annotations

import csv
import os
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest

QUASI = [
    "sex", "age", "race", "marital-status", "education", "native-country", "workclass", "salary-class",
]  # fmt: skip
SENSITIVE = "occupation"
VARIABLE = "UTTREKK_ADULT"


@cache
def found() -> Path | None:
    """Where the data lies: named in the environment, or beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / "adult"
    place = Path(os.environ.get(VARIABLE, beside))
    return place if (place / "adult.csv").exists() else None


def folder() -> Path:
    """Where the data lies; without it, the test is skipped."""
    place = found()
    if place is None:
        pytest.skip(f"the Adult data is not here: set {VARIABLE} to the folder of adult.csv")
    return place


def table() -> pl.DataFrame:
    return pl.read_csv(folder() / "adult.csv", separator=";", infer_schema=False)


def lines(name: str) -> list[list[str]]:
    with (folder() / f"adult_hierarchy_{name}.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file, delimiter=";"))


def loss(released: pl.DataFrame, rows: int) -> Fraction:
    """The loss of a released table of Adult, from nothing but its labels and the hierarchies' files.

    The mean over all `rows` and the quasi-identifiers of (leaves under the value - 1) / (leaves - 1); a row
    that is not there counts as 1.
    """
    total = Fraction((rows - released.height) * len(QUASI))
    for name in QUASI:
        known = lines(name)
        for label, times in released[name].value_counts().iter_rows():
            under = {line[0] for line in known if label in line}
            assert under, "a released value stands in no hierarchy"
            total += times * Fraction(len(under) - 1, len(known) - 1)
    return total / (rows * len(QUASI))
