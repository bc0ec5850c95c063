"""What DuckDB joins in `linked`: programmes, cohorts, months, outcomes, and how well it all was linked."""

from schemas.linked.matching import LinkageBias, MatchRate
from schemas.linked.outcome import (
    CohortExclusion,
    ExitCohort,
    MonthStatus,
    Outcome,
    OutcomeSummary,
    Panel,
    ProgrammeSpell,
    WorkMonth,
)
from schemas.linked.reconciliation import (
    ProgrammeChain,
    ProgrammeFlag,
    Reconciliation,
    ReconciliationSummary,
)
from schemas.linked.years import WorkYear, YearStatus
from schemas.variable import Table

LINKED: tuple[type[Table], ...] = (
    ProgrammeSpell,
    ExitCohort,
    CohortExclusion,
    WorkMonth,
    YearStatus,
    MonthStatus,
    Outcome,
    OutcomeSummary,
    Panel,
    ProgrammeChain,
    Reconciliation,
    ReconciliationSummary,
    ProgrammeFlag,
    MatchRate,
    LinkageBias,
)
# What is kept of a register between nights, in parts: read by linking alone.
KEPT: tuple[type[Table], ...] = (WorkYear,)

__all__ = [
    "KEPT",
    "LINKED",
    "CohortExclusion",
    "ExitCohort",
    "LinkageBias",
    "MatchRate",
    "MonthStatus",
    "Outcome",
    "OutcomeSummary",
    "Panel",
    "ProgrammeChain",
    "ProgrammeFlag",
    "ProgrammeSpell",
    "Reconciliation",
    "ReconciliationSummary",
    "WorkMonth",
    "WorkYear",
    "YearStatus",
]
