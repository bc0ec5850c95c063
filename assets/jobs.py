"""The nightly job, when it runs, and what is said when it fails."""

import dagster as dg

from assets.resources import TIME_ZONE
from assets.run import house_config
from assets.table import EXIT_CODE

NIGHT_AT = "0 2 * * *"


@dg.failure_hook
def tell_failure(context: dg.HookContext) -> None:
    """One line in the run's log: the step's own words, which quote no value."""
    failure = context.op_exception
    if isinstance(failure, dg.Failure):
        code = failure.metadata[EXIT_CODE].value if EXIT_CODE in failure.metadata else "unknown"
        context.log.error(f"exit code {code}: {failure.description}")


nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    hooks={tell_failure},
    description="Land, validate, identify, link, measure and publish: one night.",
)


@dg.schedule(
    job=nightly,
    cron_schedule=NIGHT_AT,
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every night, off until switched on; the night's date is the day it was due."""
    due = context.scheduled_execution_time.date()
    return dg.RunRequest(run_key=due.isoformat(), run_config=house_config(due))
