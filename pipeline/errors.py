"""The tree of errors a reader can put right, each with an exit code of its own.

A message is one line: what happened, what did not happen, what to type next. It never quotes a value
from a person's row, and whoever raises one from a library's error raises it `from None`, because
Polars, DuckDB, Pandera and database drivers quote values in theirs.
"""

from pathlib import Path


class PipelineError(Exception):
    """Something the reader can put right; shown without a traceback."""

    exit_code = 10

    def __init__(self, happened: str, *, instead: str, do: str) -> None:
        """`happened`, what did `instead` not happen, and what to `do` next: three sentences, one line."""
        self.happened, self.instead, self.do = happened, instead, do
        super().__init__(f"{happened} {instead} {do}")


class SettingWrong(PipelineError):
    """A setting is missing or cannot be read."""

    exit_code = 11


class SourceUnreachable(PipelineError):
    """The case system's database does not answer."""

    exit_code = 12


class SchemaChanged(PipelineError):
    """The source has another shape than declared: a table or column is missing, extra or of another type."""

    exit_code = 13


class DeliveryWrong(PipelineError):
    """A delivered file cannot be used as it is: wrong year, encoding, columns or length of line."""

    exit_code = 14


class TableRejected(PipelineError):
    """A fatal rule does not hold, so the whole table stops."""

    exit_code = 15


class KeyUnusable(PipelineError):
    """The key is missing, readable by others, or does not fit the data (demo key on real persons)."""

    exit_code = 16


class RequestRefused(PipelineError):
    """The request asks for what it may not have, or cannot be read."""

    exit_code = 17


class NotVerified(PipelineError):
    """The independent verifier did not pass the files as written; nothing is published."""

    exit_code = 18


class StillRunning(PipelineError):
    """Another run holds the lock on the data root."""

    exit_code = 19


class ReleaseDamaged(PipelineError):
    """A published release does not verify against its own checksums."""

    exit_code = 20


class StepFailed(PipelineError):
    """Something nobody foresaw: the place is told, the library's message is withheld."""

    exit_code = 21

    def __init__(self, step: str, error: BaseException) -> None:
        """Names the error's type and the innermost line of ours it passed, never its text."""
        super().__init__(
            f"{step} failed with {type(error).__name__} at {_place(error)}.",
            instead="Its output was not written; the library's message may quote values and is withheld.",
            do="Report the place, or rerun with: uttrekk run",
        )


class StewardshipWrong(PipelineError):
    """The file of stewards' decisions cannot be read, or says what it may not."""

    exit_code = 22


class TargetUnreachable(PipelineError):
    """No recoding meets the disclosure targets that were asked for; nothing is written."""

    exit_code = 23


class FindingsOpen(PipelineError):
    """A finding needs a decision that no steward has taken (`uttrekk quality findings --check`)."""

    exit_code = 24


class Stopped(PipelineError):
    """Somebody stopped the command from the keyboard."""

    exit_code = 130

    def __init__(self) -> None:
        """Says that nothing half is left."""
        super().__init__(
            "Stopped.",
            instead="The step that was running wrote nothing; what was whole before stands.",
            do="Go on with the same command.",
        )


def _place(error: BaseException) -> str:
    place = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if {"pipeline", "schemas", "assets"} & set(path.parts) and "site-packages" not in path.parts:
            place = f"{path.parent.name}/{path.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
