"""The chapters of the manual, in order."""

from tests.spec.example import Chapter
from tests.spec.examples import (
    censoring,
    exit_cohort,
    month_status,
    outcome,
    panel,
    reason_of_exit,
    reconciliation,
    work_month,
)

CHAPTERS: tuple[Chapter, ...] = (
    exit_cohort.CHAPTER,
    reason_of_exit.CHAPTER,
    work_month.CHAPTER,
    month_status.CHAPTER,
    outcome.CHAPTER,
    censoring.CHAPTER,
    panel.CHAPTER,
    reconciliation.RECONCILIATION,
    reconciliation.FLAGS,
    reconciliation.MATCHING,
)
