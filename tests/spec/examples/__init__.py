"""The chapters of the manual, in order."""

from tests.spec.example import Chapter
from tests.spec.examples import exit_cohort, outcome, reason_of_exit, work_month

CHAPTERS: tuple[Chapter, ...] = (
    exit_cohort.CHAPTER,
    reason_of_exit.CHAPTER,
    work_month.CHAPTER,
    outcome.CHAPTER,
)
