"""Tables that may leave the house. None may hold a direct identifier; a test walks them."""

from schemas.research.coarsened import CoarsenedOutcome
from schemas.research.crosswalk import Crosswalk
from schemas.research.extract import ExtractOutcome, ExtractPerson, ExtractProgramme
from schemas.variable import Table

RESEARCH: tuple[type[Table], ...] = (
    ExtractPerson,
    ExtractProgramme,
    ExtractOutcome,
    CoarsenedOutcome,
    Crosswalk,
)

__all__ = [
    "RESEARCH",
    "CoarsenedOutcome",
    "Crosswalk",
    "ExtractOutcome",
    "ExtractPerson",
    "ExtractProgramme",
]
