"""What is known of the fields a request asks for, before it is granted and beside each of its versions.

A variable of a release is derived from fields of the sources (`derived_from`); what the night measured of
those is what a researcher has to know. The figures are the published ones. What does not belong here: the
words (`pages`), and measuring.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.errors import RequestRefused
from pipeline.quality.stewardship import Unfit
from pipeline.requests.request import Request, tables_of
from schemas import BY_NAME, SOURCE_TABLES
from schemas.variable import column, facts, table_name

_SOURCES = {table_name(table) for table in SOURCE_TABLES}
VARIABLES = {"variable": pl.String(), "table": pl.String(), "column": pl.String()}


@dataclass(frozen=True)
class QualityFacts:
    """What is published of the fields of one request.

    `variables`: variable (`table.column` as asked for), table and column of a source field it rests on.
    `fields`, `results`: the rows of `PublishedField` and `PublishedResult` about those. `unfit`: the marks.
    """

    variables: pl.DataFrame
    fields: pl.DataFrame
    results: pl.DataFrame
    unfit: tuple[Unfit, ...]


def fields_behind(request: Request) -> pl.DataFrame:
    """`VARIABLES`: every variable asked for, once for each source field it rests on; keys are left out."""
    rows = [
        (f"{name}.{variable}", *source)
        for output in request.outputs
        for name, variables in output.tables.items()
        for variable in variables
        if variable not in facts(tables_of(output.kind)[name]).primary_key
        for source in _sources(table_name(tables_of(output.kind)[name]), variable)
    ]
    return pl.DataFrame(rows, schema=VARIABLES, orient="row").unique().sort(list(VARIABLES))


def _sources(table: str, name: str) -> set[tuple[str, str]]:
    """The source fields a column rests on, through whatever it is derived from; itself where it is one."""
    about = column(BY_NAME[table], name).about
    if table in _SOURCES:
        return set() if about.key else {(table, name)}
    return {source for path in about.derived_from for source in _sources(*path.split(".", 1))}


def quality_facts(
    request: Request, results: pl.DataFrame, fields: pl.DataFrame, unfit: Sequence[Unfit]
) -> QualityFacts:
    """Of a night's published results and fields, and the stewards' marks, those that concern the request."""
    variables = fields_behind(request)
    named = variables.select("table", "column").unique()
    marked = set(named.rows())
    return QualityFacts(
        variables=variables,
        fields=fields.join(named, on=["table", "column"], how="semi", maintain_order="left"),
        results=results.join(named, on=["table", "column"], how="semi", maintain_order="left"),
        unfit=tuple(u for u in unfit if (u.table, u.column) in marked),
    )


def unfit_variables(told: QualityFacts) -> list[dict[str, Any]]:
    """Every variable asked for that rests on a field marked unfit: variable, field, owner, since, nb, en."""
    marks: Mapping[tuple[str, str], Unfit] = {(u.table, u.column): u for u in reversed(told.unfit)}
    return [
        {
            "variable": variable,
            "field": f"{table}.{name}",
            "population": mark.population,
            "owner": mark.owner,
            "since": mark.since.isoformat(),
            "nb": mark.nb,
            "en": mark.en,
        }
        for variable, table, name in told.variables.rows()
        if (mark := marks.get((table, name))) is not None
    ]


def refuse_unfit(request: Request, told: QualityFacts, standing: Collection[str] = ()) -> None:
    """Raise where the request asks for what a steward has marked unfit, and does not say that it may.

    `standing` are the variables of the project's version in force: a mark does not stop a series.
    """
    allowed = {*request.accepts_unfit, *standing}
    asked = [u for u in unfit_variables(told) if u["variable"] not in allowed]
    if asked:
        first = asked[0]
        raise RequestRefused(
            f"Request {request.id} asks for {', '.join(sorted({u['variable'] for u in asked}))}, which "
            f"{first['owner']} has marked as unfit for use since {first['since']}: {first['en']}",
            instead="It was not granted a version.",
            do="Take the variables out, or accept it in the request: accepts_unfit: "
            f"[{', '.join(sorted({u['variable'] for u in asked}))}]",
        )
