"""The typed callers of the `.sql` files beside this one: one file, one caller, one checked result.

DuckDB reads the stored Parquet itself, from the folders of the tables it is handed and from nowhere
else. Every result has exactly the columns of its schema, keeps its rules, is unique by primary key and
totally ordered. What does not belong here: where results are stored, and when a step may be skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
import polars as pl
from pandera.errors import SchemaErrors

from pipeline.config import Settings, private_folder
from pipeline.errors import SchemaChanged, TableRejected
from pipeline.linkage import outcomes
from pipeline.linkage.limits import CARE_LEAVE_MONTHS, RUNNING
from pipeline.tables import Stored
from schemas import BY_NAME, codes
from schemas.core import in_core
from schemas.linked import (
    CohortExclusion,
    ExitCohort,
    MonthStatus,
    Outcome,
    OutcomeSummary,
    Panel,
    ProgrammeSpell,
    WorkMonth,
)
from schemas.linked.outcome import PANEL_MONTHS
from schemas.registers.employment import FIRST_A_MELDING_YEAR
from schemas.variable import Table, facts, fingerprint, polars_schema, table_name

Source = Sequence[Stored] | pl.DataFrame
Keep = Callable[[pl.DataFrame], None]  # where the batches of a large result go

MOVED_BYDEL = "6"  # of codes.PROGRAMME_STATUS
ENDED = tuple(s for s in codes.PROGRAMME_STATUS.values() if s not in (*RUNNING, MOVED_BYDEL))
(NOT_REGISTERED,) = codes.NIR_EXIT.unknown
CARE_LEAVE = "OMS"  # of codes.NIR_LEAVE: care leave after birth
UNDER_WAY = "igang"  # of codes.EDUCATION_STATUS
STARTED, STOPPED = codes.BENEFIT_EVENT.values()
DAYS_APART = 31  # how far two registrations of one event may lie from each other

CORE_PREFIX = "core_"
SCRATCH_FOLDER = "scratch"  # where DuckDB puts what does not fit in memory
BATCH_ROWS = 250_000  # of a large result at a time; a constant, so that the same rows make the same file


def programme_spell(
    settings: Settings,
    *,
    programme: Source,
    case: Source,
    result: Source,
    nir: Source,
) -> pl.DataFrame:
    """Every programme with its bydel, the day it was left and the reason of exit that counts."""
    params = {
        "moved": MOVED_BYDEL,
        "ended": list(ENDED),
        "not_registered": NOT_REGISTERED,
        "days": DAYS_APART,
    }
    return run(
        settings,
        ProgrammeSpell,
        params,
        core_programme=programme,
        core_case=case,
        core_result=result,
        core_nir_participant=nir,
    )


def exit_cohort(settings: Settings, as_of: date, *, spells: Source, leave: Source) -> pl.DataFrame:
    """Every person's last exit by `as_of`, moved to the end of care leave after birth."""
    params = {
        "as_of": as_of,
        "not_registered": NOT_REGISTERED,
        "days": DAYS_APART,
        "care_leave": CARE_LEAVE,
        "care_leave_months": CARE_LEAVE_MONTHS,
    }
    return run(settings, ExitCohort, params, programme_spell=spells, core_nir_leave=leave)


def cohort_exclusion(settings: Settings, as_of: date, *, spells: Source, cohort: Source) -> pl.DataFrame:
    """Everybody else with a programme, and why they are in no exit cohort."""
    params = {"as_of": as_of, "running": list(RUNNING)}
    return run(settings, CohortExclusion, params, programme_spell=spells, exit_cohort=cohort)


def work_month(
    settings: Settings,
    *,
    annual: Source,
    monthly: Source,
    spells: Sequence[Stored],
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every participant's months with hours and pay."""
    return run(
        settings,
        WorkMonth,
        {"first_monthly_year": FIRST_A_MELDING_YEAR},
        into,
        core_employment_annual=annual,
        core_employment_monthly=monthly,
        programme_spell=spells,
    )


def month_status(
    settings: Settings,
    *,
    work: Source,
    education: Source,
    benefit: Source,
    assistance: Source,
    spells: Source,
    delivered_to: date | None,
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every participant's months in which a register says anything of them.

    `delivered_to` is the last day benefits are delivered for: what has not stopped is known to run so far.
    """
    return run(
        settings,
        MonthStatus,
        {
            "under_way": UNDER_WAY,
            "started": STARTED,
            "stopped": STOPPED,
            "delivered_to": delivered_to,
        },
        into,
        work_month=work,
        core_education=education,
        core_benefit=benefit,
        core_social_assistance=assistance,
        programme_spell=spells,
        education_flag=outcomes.education_flag_frame(),
        benefit_flag=outcomes.benefit_flag_frame(),
    )


def outcome(
    settings: Settings,
    as_of: date,
    *,
    cohort: Source,
    months: Source,
    population: Source,
    answerable: pl.DataFrame,
    linkable: pl.DataFrame,
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every person of the cohort at every window of `outcomes.WINDOWS`.

    `months` is what the registers say (MonthStatus), `answerable` the months each outcome can be read for,
    `linkable` the persons with a usable identifier.
    """
    return run(
        settings,
        Outcome,
        {"as_of": as_of, "first_monthly_year": FIRST_A_MELDING_YEAR},
        into,
        exit_cohort=cohort,
        month_status=months,
        core_population_status=population,
        residence_code=outcomes.residence_frame(),
        outcome_window=outcomes.window_frame(),
        outcome_numerator=outcomes.numerator_frame(),
        status_of_flags=outcomes.status_frame(),
        exit_status=outcomes.exit_status_frame(),
        answerable=answerable,
        linkable_person=linkable.select("person_key").unique(),
    )


def panel(
    settings: Settings,
    as_of: date,
    *,
    cohort: Source,
    months: Source,
    population: Source,
    answerable: pl.DataFrame,
    linkable: pl.DataFrame,
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every person of the cohort in every month since the exit, by `outcomes.PANEL`."""
    of_panel = pl.col("outcome") == outcomes.PANEL.id
    return run(
        settings,
        Panel,
        {"as_of": as_of, "months": PANEL_MONTHS},
        into,
        exit_cohort=cohort,
        month_status=months,
        core_population_status=population,
        residence_code=outcomes.residence_frame(),
        status_of_flags=outcomes.status_frame([outcomes.PANEL]),
        answerable=answerable.filter(of_panel),
        linkable_person=linkable.select("person_key").unique(),
    )


def outcome_summary(settings: Settings, *, outcomes: Source) -> pl.DataFrame:
    """Numerator, denominator and what was left out, by exit year and outcome."""
    return run(settings, OutcomeSummary, {}, outcome=outcomes)


def run(
    settings: Settings,
    result: type[Table],
    params: Mapping[str, Any],
    into: Keep | None = None,
    /,
    **sources: Source,
) -> pl.DataFrame:
    """The result as one frame; or, where it may be large, batch by batch `into` a place, and no rows here."""
    with connected(settings, sources) as connection:
        connection.execute(_sql("rules"))
        if "residence_code" in sources:
            connection.execute(_sql("residence"))
        relation = connection.sql(_sql(table_name(result)), params=dict(params))
        if into is None:
            return _checked(result, relation.pl())
        return _checked_in_batches(result, relation, into)


@contextmanager
def connected(settings: Settings, sources: Mapping[str, Source]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees `sources` as views, may read the folders they stand in, and nothing else.

    A stored source is a list of parts; an empty list is a table without rows.
    """
    parts = [part for source in sources.values() if not isinstance(source, pl.DataFrame) for part in source]
    folders = sorted({str(part.path.resolve().parent) for part in parts})
    scratch = private_folder(settings.data / SCRATCH_FOLDER)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=config) as connection:
        connection.execute(f"set allowed_directories = [{', '.join(map(_quoted, folders))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        for name, source in sources.items():
            _show(connection, name, source)
        yield connection


def _show(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> None:
    if isinstance(source, pl.DataFrame):
        connection.register(name, source)
        return
    table = _declared(name)
    expected = fingerprint(table)
    for part in source:
        if part.schema != expected:
            raise SchemaChanged(
                f"{name}/{part.name} was stored under another schema.",
                instead="Nothing was linked.",
                do="Make it again with: uttrekk run",
            )
    if source:
        paths = [str(part.path.resolve()) for part in source]
        connection.read_parquet(paths, hive_partitioning=False).create_view(name)
    else:
        connection.register(name, pl.DataFrame(schema=polars_schema(table)))


def _declared(name: str) -> type[Table]:
    """The schema a view of that name is read under: `core_person` is `person` as it stands in core."""
    if name.startswith(CORE_PREFIX):
        return in_core(BY_NAME[name.removeprefix(CORE_PREFIX)])
    return BY_NAME[name]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _checked(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` if it keeps its schema and is unique by primary key; our own mistake otherwise, so fatal."""
    key = list(facts(table).primary_key)
    checked = _valid(table, frame)
    if key and not _ascends(frame, key) and frame.select(key).is_duplicated().any():
        raise _rejected(table, "primary key is not unique")
    return checked


def _checked_in_batches(table: type[Table], relation: duckdb.DuckDBPyRelation, into: Keep) -> pl.DataFrame:
    """As `_checked`; what is kept batch by batch must come in the order of its key to be known unique."""
    key = list(facts(table).primary_key)
    last = pl.DataFrame(schema=polars_schema(table))
    for batch in _in_batches(relation):
        checked = _valid(table, batch)
        if not _ascends(pl.concat([last, checked]), key):
            raise _rejected(table, "primary key is not unique, or rows are out of its order")
        into(checked)
        last = checked.tail(1)
    return last.clear()


def _in_batches(relation: duckdb.DuckDBPyRelation) -> Iterator[pl.DataFrame]:
    """The rows of the relation, `BATCH_ROWS` at a time, however the engine hands them over."""
    waiting: list[pl.DataFrame] = []
    for chunk in relation.to_arrow_reader(BATCH_ROWS):
        waiting.append(pl.DataFrame(chunk))
        while (rows := sum(frame.height for frame in waiting)) >= BATCH_ROWS:
            whole = pl.concat(waiting)
            yield whole.head(BATCH_ROWS)
            waiting = [whole.tail(rows - BATCH_ROWS)]
    if waiting:
        yield pl.concat(waiting)


def _ascends(frame: pl.DataFrame, key: list[str]) -> bool:
    """Whether every row's key is above the one before it: so none is there twice, at a tenth of the cost."""
    above = pl.lit(False)
    for name in reversed(key):
        now, before = pl.col(name), pl.col(name).shift()
        above = (now > before) | ((now == before) & above)
    return bool(frame.select(above.slice(1).fill_null(False).all()).item())


def _valid(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the declared columns and types, if every column keeps its rules."""
    try:
        return pl.DataFrame(table.validate(_typed(table, frame), lazy=True))
    except SchemaErrors as errors:
        rules = sorted({f"{e.schema.name}: {e.reason_code.name.lower()}" for e in errors.schema_errors})
        raise _rejected(table, ", ".join(rules)) from None


def _typed(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in polars_schema(table).items())


def _rejected(table: type[Table], rules: str) -> TableRejected:
    name = table_name(table)
    return TableRejected(
        f"What was linked is not a valid {name} ({rules}).",
        instead="It was not stored.",
        do=f"Look at what came in with: uttrekk status, and at pipeline/linkage/{name}.sql.",
    )
