"""The typed callers of the `.sql` files beside this one: one file, one caller, one checked result.

DuckDB reads the stored Parquet itself, from the folders of the tables it is handed and from nowhere
else. Every result has exactly the columns of its schema, keeps its rules, is unique by primary key and
totally ordered. What does not belong here: where results are stored, and when a step may be skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from pipeline.tables import Stored
from schemas import BY_NAME, codes
from schemas.core import in_core
from schemas.linked import ExitCohort, Outcome, OutcomeSummary, ProgrammeSpell, WorkMonth
from schemas.variable import Table, facts, fingerprint, polars_schema, table_name

Source = Sequence[Stored] | pl.DataFrame

MOVED_BYDEL = "6"  # of codes.PROGRAMME_STATUS
(NOT_REGISTERED,) = codes.NIR_EXIT.unknown
DEAD, EMIGRATED = "dod", "utvandret"  # of codes.RESIDENCE
DAYS_APART = 31  # how far two registrations of one event may lie from each other

CORE_PREFIX = "core_"
SCRATCH_FOLDER = "scratch"  # where DuckDB puts what does not fit in memory


def programme_spell(
    settings: Settings,
    *,
    programme: Source,
    case: Source,
    result: Source,
    nir: Source,
) -> pl.DataFrame:
    """Every programme with its bydel and the reason of exit that counts."""
    return _run(
        settings,
        ProgrammeSpell,
        {"moved": MOVED_BYDEL, "not_registered": NOT_REGISTERED, "days": DAYS_APART},
        core_programme=programme,
        core_case=case,
        core_result=result,
        core_nir_participant=nir,
    )


def exit_cohort(settings: Settings, as_of: date, *, spells: Source) -> pl.DataFrame:
    """Every person's last exit by `as_of`."""
    params = {"as_of": as_of, "moved": MOVED_BYDEL, "not_registered": NOT_REGISTERED, "days": DAYS_APART}
    return _run(settings, ExitCohort, params, programme_spell=spells)


def work_month(
    settings: Settings, *, annual: Source, monthly: Source, spells: Sequence[Stored]
) -> pl.DataFrame:
    """Every participant's months with hours and pay."""
    return _run(
        settings,
        WorkMonth,
        {},
        core_employment_annual=annual,
        core_employment_monthly=monthly,
        programme_spell=spells,
    )


def outcome(
    settings: Settings,
    as_of: date,
    *,
    cohort: Source,
    work: Source,
    population: Source,
    loaded: pl.DataFrame,
    linkable: pl.DataFrame,
) -> pl.DataFrame:
    """Every person of the cohort at every window of `outcomes.WINDOWS`.

    `loaded` are the years whose November can be answered, `linkable` the persons with a usable
    identifier.
    """
    return _run(
        settings,
        Outcome,
        {"as_of": as_of, "month": outcomes.NOVEMBER, "dead": DEAD, "emigrated": EMIGRATED},
        exit_cohort=cohort,
        work_month=work,
        core_population_status=population,
        outcome_window=outcomes.window_frame(),
        outcome_numerator=outcomes.numerator_frame(),
        exit_status=outcomes.exit_status_frame(),
        loaded_year=loaded,
        linkable_person=linkable.select("person_key").unique(),
    )


def outcome_summary(settings: Settings, *, outcomes: Source) -> pl.DataFrame:
    """Numerator, denominator and what was left out, by exit year and outcome."""
    return _run(settings, OutcomeSummary, {}, outcome=outcomes)


def _run(
    settings: Settings, result: type[Table], params: Mapping[str, Any], **sources: Source
) -> pl.DataFrame:
    with connected(settings, sources) as connection:
        connection.execute(_sql("rules"))
        relation = connection.sql(_sql(table_name(result)), params=dict(params))
        return _checked(result, relation.pl())


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
    name, key = table_name(table), list(facts(table).primary_key)
    try:
        checked = table.validate(_typed(table, frame), lazy=True)
    except SchemaErrors as errors:
        rules = sorted({f"{e.schema.name}: {e.reason_code.name.lower()}" for e in errors.schema_errors})
        raise _rejected(name, ", ".join(rules)) from None
    if frame.select(key).is_duplicated().any():
        raise _rejected(name, "primary key is not unique")
    return pl.DataFrame(checked)


def _typed(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in polars_schema(table).items())


def _rejected(name: str, rules: str) -> TableRejected:
    return TableRejected(
        f"What was linked is not a valid {name} ({rules}).",
        instead="It was not stored.",
        do=f"Look at what came in with: uttrekk status, and at pipeline/linkage/{name}.sql.",
    )
