"""What the quality measurement leaves: states of expected values, results of checks, delays, grades.

Exact figures, which never leave the zone; what leaves has passed `pipeline/disclosure/tables.py`, and is
declared in `published`.
"""

from schemas.quality.finding import CheckResult, Delay, ExpectedValues, FieldGrade
from schemas.quality.published import PublishedField, PublishedResult
from schemas.variable import Table

QUALITY: tuple[type[Table], ...] = (
    ExpectedValues,
    CheckResult,
    Delay,
    FieldGrade,
    PublishedResult,
    PublishedField,
)

__all__ = [
    "QUALITY",
    "CheckResult",
    "Delay",
    "ExpectedValues",
    "FieldGrade",
    "PublishedField",
    "PublishedResult",
]
