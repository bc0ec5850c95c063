"""The independent verifier: opens a file as written and measures for itself what may stand in it.

It shares no code with what made the file: only the facts of `schemas`, and SQL. It answers with a
certificate or raises NotVerified, whose message quotes neither values nor counts. Publishing waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import NotVerified
from schemas.codes import OUTCOME_STATUS
from schemas.variable import Column, Identifiability, Table, columns, facts, fingerprint, table_name

LEAST_K = 5
_TYPES = {
    "String": {"VARCHAR"},
    "Date": {"DATE"},
    "Boolean": {"BOOLEAN"},
    "Int8": {"TINYINT"},
    "Int16": {"SMALLINT"},
    "Int32": {"INTEGER"},
    "Int64": {"BIGINT"},
}


def verify(path: Path, table: type[Table], *, coarsened: bool, rows: int, k: int = LEAST_K) -> dict[str, Any]:
    """The certificate of one written data file, or NotVerified naming every rule it breaks.

    `rows` is how many rows the maker says it wrote. A coarsened file must have classes of at least `k`,
    no pseudonym and no date; a pseudonymised file has its whole primary key, unique, and no exact date.
    """
    declared = {c.name: c for c in columns(table)}
    with _opened(path) as connection:
        found = _columns_of(connection)
        problems = [
            f"{name} is not declared in {table_name(table)}" for name in sorted(set(found) - set(declared))
        ]
        kept = [declared[name] for name in found if name in declared]
        problems += [problem for c in kept for problem in _column_problems(connection, c, found[c.name])]
        counted = _count(connection, "true")
        if counted != rows:
            problems.append("it has another number of rows than its maker wrote")
        measured: dict[str, Any] = {}
        if coarsened:
            problems += _too_exact(kept)
            measured = measure(path, class_columns(kept))
            if rows and measured["k_measured"] < max(k, LEAST_K):
                problems.append(f"the smallest class has fewer than {max(k, LEAST_K)} rows")
        else:
            problems += _key_problems(connection, table, found)
    if problems:
        raise NotVerified(
            f"{path.name} did not pass the verifier: {'; '.join(problems)}.",
            instead="Nothing was published.",
            do="Correct what makes the file; its rules are in schemas/research.",
        )
    return {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "table": table_name(table),
        "schema": fingerprint(table),
        "columns": list(found),
        "rows": counted,
        **({"k_required": max(k, LEAST_K)} | measured if coarsened else {}),
    }


def class_columns(kept: list[Column]) -> list[str]:
    """What an outsider may know about a person: all that says anything, except what was measured later."""
    return [
        c.name
        for c in kept
        if c.about.identifiability is not Identifiability.NONE
        and c.about.codes not in OUTCOME_STATUS.ladder()
    ]


def measure(path: Path, class_by: list[str]) -> dict[str, Any]:
    """Classes of the file by `class_by`: how many, the smallest, and how few outcomes a class may have."""
    with _opened(path) as connection:
        names = list(_columns_of(connection))
        others = [name for name in names if name not in class_by]
        by = ", ".join(map(_quoted, class_by)) or "()"
        distinct = f"count(distinct row({', '.join(map(_quoted, others))}))" if others else "0"
        classes, smallest, fewest = connection.execute(
            f"select count(*), coalesce(min(n), 0), coalesce(min(kinds), 0) "
            f"from (select count(*) as n, {distinct} as kinds from data group by {by})"
        ).fetchone() or (0, 0, 0)
    return {
        "class_by": class_by,
        "classes": classes,
        "k_measured": smallest,
        "fewest_distinct_outcomes_in_a_class": fewest,
    }


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file as the view `data`, in a database that can open nothing outside the file's folder."""
    with duckdb.connect() as connection:
        connection.execute("set allowed_directories = [?]", [str(path.parent.resolve())])
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        literal = str(path.resolve()).replace("'", "''")
        connection.execute(
            f"create view data as select * from read_parquet('{literal}', hive_partitioning = false)"
        )
        yield connection


def _columns_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {name: kind for name, kind, *_ in connection.execute("describe data").fetchall()}


def _count(connection: duckdb.DuckDBPyConnection, condition: str, *values: Any) -> int:
    (counted,) = connection.execute(
        f"select count(*) from data where {condition}", list(values)
    ).fetchone() or (0,)
    return int(counted)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _column_problems(connection: duckdb.DuckDBPyConnection, declared: Column, kind: str) -> Iterator[str]:
    """Every way one column differs from its declaration, and every value that could be more than a code."""
    name, rules = _quoted(declared.name), dict(declared.rules)
    if declared.about.identifiability is Identifiability.DIRECT or declared.about.free_text:
        yield f"{declared.name} is a direct identifier or free text"
    if kind not in _TYPES.get(str(declared.dtype), set()):
        yield f"{declared.name} is {kind}, declared {declared.dtype}"
        return
    if not declared.nullable and _count(connection, f"{name} is null"):
        yield f"{declared.name} is missing in rows that must have it"
    yield from _value_problems(connection, declared, name, rules, kind)


def _value_problems(
    connection: duckdb.DuckDBPyConnection, declared: Column, name: str, rules: dict[str, Any], kind: str
) -> Iterator[str]:
    pattern = dict(rules.get("str_matches", ())).get("pattern")
    if declared.about.codes is not None:
        allowed = list(declared.about.codes.values())
        if _count(connection, f"{name} is not null and not list_contains(?, {name})", allowed):
            yield f"{declared.name} holds what is no code of {declared.about.codes.name}"
    elif kind == "VARCHAR" and pattern is None:
        yield f"{declared.name} is text without a code list or a pattern"
    if pattern is not None and _count(connection, f"not regexp_full_match({name}, ?)", pattern):
        yield f"{declared.name} holds values of another form than declared"
    if kind == "DATE" and _count(connection, f"day({name}) <> 1"):
        yield f"{declared.name} holds exact dates; a release has months"
    for rule, operator, bound in (
        ("greater_than_or_equal_to", "<", "min_value"),
        ("less_than_or_equal_to", ">", "max_value"),
    ):
        limit = dict(rules.get(rule, ())).get(bound)
        if limit is not None and _count(connection, f"{name} {operator} ?", limit):
            yield f"{declared.name} holds values outside its declared bounds"


def _too_exact(kept: list[Column]) -> Iterator[str]:
    for c in kept:
        if c.about.key or c.about.identifiability is Identifiability.PSEUDONYM:
            yield f"{c.name} is a key, and a coarsened file has none"
        if str(c.dtype) == "Date":
            yield f"{c.name} is a date, and a coarsened file has none"


def _key_problems(
    connection: duckdb.DuckDBPyConnection, table: type[Table], found: dict[str, str]
) -> Iterator[str]:
    key = facts(table).primary_key
    absent = [name for name in key if name not in found]
    if absent or not key:
        yield f"the primary key is not whole: {', '.join(absent) or 'none is declared'}"
        return
    by = ", ".join(map(_quoted, key))
    query = f"select count(*) from (select {by} from data group by {by} having count(*) > 1)"
    (repeated,) = connection.execute(query).fetchone() or (0,)
    if repeated:
        yield "the primary key is not unique"
