"""Run a job in this process, telling each step as it ends; the command line's way into Dagster."""

from __future__ import annotations

import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType

import dagster as dg

from assets.table import EXIT_CODE
from pipeline.config import Settings, private_folder
from pipeline.errors import PipelineError, StepFailed, Stopped

INSTANCE_FILE = Path(__file__).resolve().parent.parent / "dagster.yaml"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class StepEnded:
    """A step that ended: its name, and how many of how many have."""

    name: str
    done: int
    of: int


class NightFailed(PipelineError):
    """The run failed; the message and the exit code are those of the step that failed."""

    def __init__(self, message: str, exit_code: int) -> None:
        Exception.__init__(self, message)
        self.exit_code = exit_code


def instance_home(settings: Settings) -> Path:
    """Dagster's own folder, under the data root, with the root's dagster.yaml as its configuration."""
    home = private_folder(settings.data / "dagster")
    configuration = home / INSTANCE_FILE.name
    configuration.unlink(missing_ok=True)  # it may be a link to the file it is copied from
    shutil.copyfile(INSTANCE_FILE, configuration)
    return home


def run_job(
    settings: Settings,
    *,
    as_of: date,
    from_observation: bool = False,
    skip_settled: bool = False,
    job: str = "nightly",
    ended: Callable[[StepEnded], None] = lambda _: None,
) -> bool:
    """Run `job` to its end, or raise NightFailed with the failing step's one line and exit code.

    True if the steps after landing were skipped, because the same night already stood.
    """
    os.environ["DAGSTER_HOME"] = str(instance_home(settings))
    from assets.definitions import defs  # the import reads the environment just set

    definition = defs.resolve_job_def(job)
    steps = len(definition.all_node_defs)
    done: list[str] = []

    def heard(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is not None and event.is_step_success and event.step_key:
            done.append(event.step_key)
            ended(StepEnded(event.step_key, len(done), steps))

    run_id = str(uuid.uuid4())
    with stopped_from_keyboard() as stopped, dg.DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, heard)
        result = definition.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_id=run_id,
            run_config=QUIET
            | house_config(as_of, from_observation=from_observation, skip_settled=skip_settled),
        )
    if stopped:
        raise Stopped
    if not result.success:
        raise _failure(result)
    return len(done) < steps


@contextmanager
def stopped_from_keyboard() -> Iterator[list[int]]:
    """A list that is not empty once somebody has typed Ctrl-C; who handled it before still does."""
    stopped: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        stopped.append(number)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield stopped
    except KeyboardInterrupt:
        raise Stopped from None
    finally:
        signal.signal(signal.SIGINT, before)


def house_config(
    as_of: date, *, from_observation: bool = False, skip_settled: bool = False
) -> dict[str, object]:
    """The run configuration that settles the night."""
    config = {
        "as_of": as_of.isoformat(),
        "from_observation": from_observation,
        "skip_settled": skip_settled,
    }
    return {"resources": {"house": {"config": config}}}


def _failure(result: dg.ExecuteInProcessResult) -> PipelineError:
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data.user_failure_data
            if data is not None:
                code = data.metadata[EXIT_CODE].value if EXIT_CODE in data.metadata else StepFailed.exit_code
                return NightFailed(str(data.description), int(str(code)))
            return StepFailed(str(event.step_key), RuntimeError())
    codes = {kind.__name__: kind.exit_code for kind in PipelineError.__subclasses__()}
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None:
            if error.cls_name in codes:
                return NightFailed(error.message.split(": ", 1)[-1].strip(), codes[error.cls_name])
            error = error.cause
    return StepFailed("the run", RuntimeError())
