"""Every stage that is measured, in the order of a night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import disclosure, linkage, municipality, pseudonym, quality, validation
from tests.benchmarks.measure import Scale, Turn

Stage = Callable[[Scale, Path], Iterator[Turn]]

STAGES: dict[str, Stage] = {
    "municipality": municipality.comparisons,
    "validation": validation.comparisons,
    "quality": quality.comparisons,
    "linkage": linkage.comparisons,
    "pseudonyms": pseudonym.comparisons,
    "disclosure": disclosure.comparisons,
}
