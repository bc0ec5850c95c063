"""Every stage that is measured, in the order of a night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import linkage, municipality, pseudonym, validation
from tests.benchmarks.measure import Comparison, Scale

Stage = Callable[[Scale, Path], Iterator[Comparison]]

STAGES: dict[str, Stage] = {
    "municipality": municipality.comparisons,
    "validation": validation.comparisons,
    "linkage": linkage.comparisons,
    "pseudonyms": pseudonym.comparisons,
}
