"""The rules for what a class tells of one sensitive column, as the engine's verifier measures them, in SQL.

Part of the engine's verifier, and like it without a line of the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from pipeline.disclosure.verify_files import columns_of, quoted


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What was asked for one sensitive column; None or empty: not asked for.

    `usual` are the parts that have each value where t is from what was said, not from the source's own.
    """

    distinct: int | None = None
    t: str | None = None
    adverse: tuple[str, ...] = ()
    usual: Mapping[str, int] = field(default_factory=dict)


def typed(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> Iterator[str]:
    """Let the columns `names` of `written`, all text, have the types that `source` has; what does not fit.

    A CSV of typed values writes times and numbers otherwise than whoever reads them back: as text the same
    value would be another. Each value is read as one of the source's kind, and compared as that.
    """
    kinds = {name: kind for name, kind in columns_of(connection, "source").items() if name in names}
    for name, kind in kinds.items():
        column = quoted(name)
        if _one(
            connection,
            f"select count(*) from written where coalesce({column}, '') <> '' "
            f"and try_cast({column} as {kind}) is null",
        ):
            yield f"{name} has values that the source has not"
        cast = f"try_cast(nullif({column}, '') as {kind})" if kind != "VARCHAR" else column
        connection.execute(
            f"create or replace table written as select * replace ({cast} as {column}) from written"
        )


def one_nought(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Let a nought have no sign in any column of `table`: as text there would be two."""
    kinds = columns_of(connection, table)
    floats = [quoted(name) for name, kind in kinds.items() if kind in ("DOUBLE", "FLOAT")]
    if floats:
        changed = ", ".join(f"{column} + 0 as {column}" for column in floats)
        connection.execute(f"create or replace table {table} as select * replace ({changed}) from {table}")


def spelt(text: str, kind: str) -> str:
    """In SQL a value's text as this reader spells it, where its type has more than one spelling."""
    if not kind.startswith(("TIME", "DOUBLE", "FLOAT", "DECIMAL")):
        return text
    nought = " + 0" if kind in ("DOUBLE", "FLOAT") else ""
    return f"coalesce(cast(try_cast({text} as {kind}){nought} as varchar), {text})"


def rule_problems(
    connection: duckdb.DuckDBPyConnection, by: Sequence[str], blanks: Sequence[str], name: str, rule: Rule
) -> Iterator[str]:
    """Every rule of one sensitive column that a class of `written` breaks; classes are made of `by`.

    Shares are over registered values, and those of `source` where the rule says of none that they are usual.
    """
    kind = columns_of(connection, "source")[name]
    blanks, adverse = (_spelt_alike(connection, kind, values) for values in (blanks, rule.adverse))
    parts = dict(zip(_spelt_alike(connection, kind, [*rule.usual]), rule.usual.values(), strict=True))
    rule = replace(rule, adverse=tuple(adverse), usual=parts)
    blank, value = _blank(blanks, name), f"cast({quoted(name)} as varchar)"
    _count_usual(connection, blank, value, rule)
    connection.execute(f"create or replace temp table cells as {_cells(by, blank, value)}")
    if rule.distinct is not None:
        kinds, classes = f"count(distinct {value}) filter (not {blank})", ", ".join(map(quoted, by))
        query = (
            f"select coalesce(min(kinds), 0) from (select {kinds} as kinds from written group by {classes})"
        )
        if _one(connection, query) < rule.distinct:
            yield f"a class has fewer than {rule.distinct} values of {name}"
    if rule.adverse:
        bad = "select bool_and(list_contains(?, value)) as bad from cells group by class"
        query = f"select count(*) from ({bad}) where bad"
        if _one(connection, query, list(rule.adverse)):
            yield f"a class has only adverse values of {name}"
    there = f"select {value} from source where not {blank}"
    if _one(connection, f"select count(*) from cells where value not in ({there})"):
        yield f"{name} has values that the source has not"
    if rule.t is not None and _one(
        connection,
        "select count(*) from (select class, sum(greatest(n * everybody - usual * here, 0)) as surplus, "
        "any_value(here)::hugeint * any_value(everybody) as whole from cells group by class) "
        "where surplus * 10000 > whole * cast(cast(? as decimal(9, 4)) * 10000 as bigint)",
        rule.t,
    ):
        yield f"a class is further than t from the whole table in {name}"


def _spelt_alike(connection: duckdb.DuckDBPyConnection, kind: str, values: Sequence[str]) -> list[str]:
    """The values as they were said, spelt as those of a column of that type are."""
    said = f"select {spelt('value', kind)} from (select unnest(?::varchar[]) as value)"
    return [value for (value,) in connection.execute(said, [list(values)]).fetchall()]


def _blank(blanks: Sequence[str], name: str) -> str:
    none = ", ".join("'" + blank.replace("'", "''") + "'" for blank in ("", *blanks))
    return f"coalesce(cast({quoted(name)} as varchar), '') in ({none})"


def _count_usual(connection: duckdb.DuckDBPyConnection, blank: str, value: str, rule: Rule) -> None:
    """The table `usual`: the rows of the source by registered value, or the parts as they were said."""
    connection.execute("create or replace temp table usual (value varchar, usual hugeint)")
    if rule.usual:
        connection.executemany("insert into usual values (?, ?)", list(rule.usual.items()))
        return
    connection.execute(
        f"insert into usual select {value}, count(*) from source where not {blank} group by all"
    )


def _cells(by: Sequence[str], blank: str, value: str) -> str:
    """Class and registered value: rows here, registered rows of the class, of the value, and of everybody."""
    classes = ", ".join(f"cast({quoted(name)} as varchar)" for name in by)
    return f"""
        with here as (
            select row({classes}) as class, {value} as value, count(*)::hugeint as n
            from written where not {blank} group by all
        )
        select class, value, n, coalesce(usual, 0)::hugeint as usual,
               sum(n) over (partition by class)::hugeint as here,
               (select sum(usual) from usual)::hugeint as everybody
        from here left join usual using (value)
    """


def _one(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> Any:
    return connection.execute(query, list(values)).fetchall()[0][0]
