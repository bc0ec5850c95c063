"""What DuckDB joins in `linked`: programmes, cohorts, months of work, outcomes. Keyed by person key."""

from schemas.linked.outcome import (
    ExitCohort,
    Outcome,
    OutcomeSummary,
    ProgrammeSpell,
    WorkMonth,
)
from schemas.variable import Table

LINKED: tuple[type[Table], ...] = (
    ProgrammeSpell,
    ExitCohort,
    WorkMonth,
    Outcome,
    OutcomeSummary,
)

__all__ = [
    "LINKED",
    "ExitCohort",
    "Outcome",
    "OutcomeSummary",
    "ProgrammeSpell",
    "WorkMonth",
]
