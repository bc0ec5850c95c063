"""How every asset is declared: key by zone and table, columns from the schema, values kept out of events.

Dagster stores the text of every exception in its event log, and its pages have no login. So nothing but
a `PipelineError` - which never quotes a value - reaches Dagster, and every count shown is rounded.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any, ParamSpec, TypeVar

import dagster as dg

from assets.resources import House
from pipeline.errors import PipelineError, StepFailed
from pipeline.tables import Stored
from schemas.variable import Column, Table, columns, facts, table_name

P = ParamSpec("P")
R = TypeVar("R")

EXIT_CODE = "exit_code"
# What stops a process on purpose, and never carries a value.
PASSED_ON = (KeyboardInterrupt, SystemExit, GeneratorExit, dg.DagsterExecutionInterruptedError)
Result = dg.MaterializeResult[None]


def withheld(step: str, work: Callable[P, R]) -> Callable[P, R]:
    """`work`, failing only with messages that quote no value: the chain of exceptions is cut."""

    @functools.wraps(work)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except PipelineError as error:
            failure = error
        except PASSED_ON:
            raise
        except BaseException as error:  # a panic of a Rust library is no Exception
            failure = StepFailed(step, error)
        # Raised outside the handler: Dagster records __context__ too, even behind `from None`.
        raise dg.Failure(
            description=str(failure), metadata={EXIT_CODE: failure.exit_code}, allow_retries=False
        )

    return guarded


def asset_key(zone: str, name: str) -> dg.AssetKey:
    """A zone's table as Dagster names it."""
    return dg.AssetKey([zone, name])


def spec(
    zone: str, table: type[Table], *, deps: Iterable[dg.AssetKey] = (), skippable: bool = False
) -> dg.AssetSpec:
    """A table in a zone: its description and its columns, read from the schema.

    A skippable one may be left out of a run, and what is made of it is left out with it.
    """
    return dg.AssetSpec(
        key=asset_key(zone, table_name(table).removeprefix("core_")),
        deps=list(deps),
        group_name=zone,
        skippable=skippable,
        description=f"{table.__doc__}\n\n{facts(table).nb}. Source: {facts(table).source}.",
        metadata={"dagster/column_schema": column_view(table)},
        kinds={"parquet"},
    )


def house_asset(
    about: dg.AssetSpec, *, hooks: AbstractSet[dg.HookDefinition] = frozenset()
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Declare one asset: `about` says what it is, the function does it, and no value leaves by its errors.

    `hooks` are of this step alone: one of the whole job leaves an event behind for every step it skips.
    """
    name = "__".join(about.key.path)

    def declare(work: Callable[..., Any]) -> dg.AssetsDefinition:
        return dg.multi_asset(specs=[about], name=name, hooks=hooks)(withheld("/".join(about.key.path), work))

    return declare


def column_view(table: type[Table]) -> dg.TableSchema:
    """The schema's columns as Dagster shows them."""
    return dg.TableSchema(columns=[_column(c) for c in columns(table)])


def _column(column: Column) -> dg.TableColumn:
    about = column.about
    return dg.TableColumn(
        name=column.name,
        type=str(column.dtype),
        description=f"{about.en} / {about.nb}",
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable,
            other=[f"code list: {about.codes.name}"] if about.codes else [],
        ),
        tags={
            "identifiability": about.identifiability.value,
            "demand": about.demand.value,
            **({"special_category": "true"} if about.special_category else {}),
        },
    )


def row_counts(house: House, name: str, parts: Iterable[Stored]) -> dict[str, Any]:
    """The rows of a table's stored parts; `name` is the asset's."""
    stored = list(parts)
    return {
        "rows (rounded)": house.figure(f"{name}/rows", sum(part.rows for part in stored)),
        "files": len(stored),
    }
