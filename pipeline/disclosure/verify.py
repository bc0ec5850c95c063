"""The independent verifier: opens a file as written and measures for itself what may stand in it.

It shares no code with what made the file: only the facts of `schemas`, and SQL. It answers with a
certificate or raises NotVerified, whose message quotes neither values nor counts. Publishing waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipeline.disclosure.verify_files import columns_of, parquet, quoted
from pipeline.disclosure.verify_usual import MOST_MOVED, from_usual, usual_problems
from pipeline.errors import NotVerified
from schemas.codes import ANY
from schemas.variable import Column, Identifiability, Table, columns, facts, fingerprint, table_name

# The verifier's own policy: whatever anybody says, no less is asked for. It shares no figure with the maker.
LEAST_K, MOST_T, MOST_SUPPRESSED = 5, 0.2, 0.05
# Distances are compared in floating point; rounding must not refuse what is exactly at the limit.
_ROUNDING = 1e-9
_TYPES = {
    "String": {"VARCHAR"},
    "Date": {"DATE"},
    "Boolean": {"BOOLEAN"},
    "Int8": {"TINYINT"},
    "Int16": {"SMALLINT"},
    "Int32": {"INTEGER"},
    "Int64": {"BIGINT"},
}


def verify(
    path: Path,
    table: type[Table],
    *,
    coarsened: bool,
    rows: int,
    k: int = LEAST_K,
    t: float = MOST_T,
    levels: Mapping[str, int] | None = None,
    coarsest: Mapping[str, int] | None = None,
    usual: Mapping[str, Mapping[str, int]] | None = None,
    anew: Collection[str] = (),
) -> dict[str, Any]:
    """The certificate of one written data file, or NotVerified naming every rule it breaks.

    `rows` is how many rows the maker says it wrote. A coarsened file must have classes of at least `k`, no
    class that tells of a special category only what is adverse or is further than `t` from what is `usual`,
    every variable at its level in `levels` (any one of its ladder where there is none) and no coarser than in
    `coarsest`, no pseudonym and no date; a pseudonymised file has its whole primary key, unique, and no exact
    date. What is usual is said in parts by code, and not believed: of the columns `anew` it must be what can
    be counted in the file, of the others near it (`usual_problems`). No class may be further than t and
    `MOST_MOVED` from the file itself; than t and `MOST_SUPPRESSED` where what is usual is of this file.
    """
    declared = {c.name: c for c in columns(table)}
    with _opened(path) as connection:
        found = columns_of(connection, "data")
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
            # A column of another type is a problem already, and cannot be held against its codes.
            kept = [c for c in kept if _is_of_its_type(c, found[c.name])]
            measured, wrong = _coarsened(
                path, connection, kept, max(k, LEAST_K), min(t, MOST_T), levels, usual or {}, anew
            )
            problems += [problem for c in kept for problem in _too_coarse(connection, c, coarsest or {})]
            problems += wrong
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
    } | measured


def _coarsened(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    kept: list[Column],
    k: int,
    t: float,
    levels: Mapping[str, int] | None,
    usual: Mapping[str, Mapping[str, int]],
    anew: Collection[str],
) -> tuple[dict[str, Any], list[str]]:
    """What is measured in a coarsened file, and every rule it breaks."""
    problems = [*_too_exact(kept)]
    problems += [problem for c in kept if c.about.coarsened for problem in _level(connection, c, levels)]
    class_by = class_columns(kept)
    measured = measure(path, class_by)
    if _count(connection, "true") and measured["k_measured"] < k:
        problems.append(f"the smallest class has fewer than {k} rows")
    sensitive = {c.name: c for c in kept if c.about.special_category and c.about.codes}
    told = {name: _told(connection, class_by, c) for name, c in sensitive.items()}
    wrong = usual_problems(connection, sensitive, usual, anew)
    problems += wrong
    for name, found in told.items():
        if found["one_sided_classes"]:
            problems.append(f"a class has only adverse values of {name}")
        # What was left out does not stand here, and what is usual may have moved since: by so much at most.
        room = MOST_MOVED if name in usual and name not in anew else MOST_SUPPRESSED
        if found["t_measured"] > t + room + _ROUNDING:
            problems.append(f"a class is further than t from the whole file in {name}")
        if name in usual and not wrong:
            counted = from_usual(connection, class_by, sensitive[name], usual[name], t)
            found["t_from_usual"], beyond = counted
            problems += [f"a class is further than t from what is usual in {name}"] if beyond else []
    return {"k_required": k, "t_required": t, **measured, "special_categories": told}, problems


def class_columns(kept: list[Column]) -> list[str]:
    """What an outsider may know about a person: all that says anything and is no special category."""
    return [
        c.name
        for c in kept
        if c.about.identifiability is not Identifiability.NONE and not c.about.special_category
    ]


def measure(path: Path, class_by: list[str]) -> dict[str, Any]:
    """Classes of the file by `class_by`: how many, the smallest, and how few outcomes a class may have."""
    with _opened(path) as connection:
        names = list(columns_of(connection, "data"))
        others = [name for name in names if name not in class_by]
        by = ", ".join(map(quoted, class_by)) or "()"
        distinct = f"count(distinct row({', '.join(map(quoted, others))}))" if others else "0"
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


def _level(
    connection: duckdb.DuckDBPyConnection, declared: Column, levels: Mapping[str, int] | None
) -> Iterator[str]:
    """Whether a variable is always there, and stands at the level it is said to."""
    name = quoted(declared.name)
    if _count(connection, f"{name} is null"):
        yield f"{declared.name} is missing in rows of a coarsened file"
    if levels is None or declared.about.codes is None:
        return
    ladder = declared.about.codes.ladder()
    level = levels.get(declared.name, -1)
    if not 0 <= level <= len(ladder):
        yield f"{declared.name} has no level"
        return
    allowed = [*ladder[level].values()] if level < len(ladder) else [ANY]
    if _count(connection, f"not list_contains(?, {name})", allowed):
        yield f"{declared.name} has values of another level than told"


def _too_coarse(
    connection: duckdb.DuckDBPyConnection, declared: Column, coarsest: Mapping[str, int]
) -> Iterator[str]:
    """Whether a variable is coarser than it was asked to become at most."""
    ladder = declared.about.codes.ladder() if declared.about.codes is not None else ()
    limit = coarsest.get(declared.name, len(ladder))
    allowed = [value for each in ladder[: limit + 1] for value in each.values()]
    if limit < len(ladder) and _count(connection, f"not list_contains(?, {quoted(declared.name)})", allowed):
        yield f"{declared.name} has values coarser than was asked for"


def _told(connection: duckdb.DuckDBPyConnection, class_by: list[str], declared: Column) -> dict[str, Any]:
    """What the classes tell of a special category: how far the furthest is from the whole file, and how
    many have adverse values only. A blank and a code for «ukjent» are no values.
    """
    assert declared.about.codes is not None
    name = quoted(declared.name)
    by = ", ".join(map(quoted, class_by)) or "0"
    furthest, one_sided = connection.execute(
        f"""
        with registered as (
            select row({by}) as class, {name} as value from data
            where {name} is not null and not list_contains($unknown, {name})
        ), cells as (
            select class, value, count(*) as n from registered group by all
        ), compared as (
            select class, value, n, sum(n) over (partition by class) as here,
                   sum(n) over (partition by value) as usual, sum(n) over () as everybody
            from cells
        ), classes as (
            select sum(greatest(n / here - usual / everybody, 0)) as distance,
                   bool_and(list_contains($adverse, value)) as adverse
            from compared group by class
        )
        select coalesce(max(distance), 0), count(*) filter (adverse) from classes
        """,
        {"unknown": sorted(declared.about.codes.unknown), "adverse": sorted(declared.about.codes.adverse)},
    ).fetchone() or (0, 0)
    # Rounded, so that it does not depend on the order the distances were summed in.
    return {"t_measured": round(float(furthest), 6), "one_sided_classes": int(one_sided)}


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file as the view `data`, in a database that can open nothing outside the file's folder."""
    with duckdb.connect() as connection:
        connection.execute("set allowed_directories = [?]", [str(path.parent.resolve())])
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        connection.execute(f"create view data as select * from {parquet(connection, path)}")
        yield connection


def _count(connection: duckdb.DuckDBPyConnection, condition: str, *values: Any) -> int:
    (counted,) = connection.execute(
        f"select count(*) from data where {condition}", list(values)
    ).fetchone() or (0,)
    return int(counted)


def _column_problems(connection: duckdb.DuckDBPyConnection, declared: Column, kind: str) -> Iterator[str]:
    """Every way one column differs from its declaration, and every value that could be more than a code."""
    name, rules = quoted(declared.name), dict(declared.rules)
    if declared.about.identifiability is Identifiability.DIRECT or declared.about.free_text:
        yield f"{declared.name} is a direct identifier or free text"
    if not _is_of_its_type(declared, kind):
        yield f"{declared.name} is {kind}, declared {declared.dtype}"
        return
    if not declared.nullable and _count(connection, f"{name} is null"):
        yield f"{declared.name} is missing in rows that must have it"
    yield from _value_problems(connection, declared, name, rules, kind)


def _is_of_its_type(declared: Column, kind: str) -> bool:
    return kind in _TYPES.get(str(declared.dtype), set())


def _value_problems(
    connection: duckdb.DuckDBPyConnection, declared: Column, name: str, rules: dict[str, Any], kind: str
) -> Iterator[str]:
    pattern = dict(rules.get("str_matches", ())).get("pattern")
    if declared.about.possible is not None and declared.about.codes is not None:
        allowed = list(declared.about.possible)
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
    by = ", ".join(map(quoted, key))
    query = f"select count(*) from (select {by} from data group by {by} having count(*) > 1)"
    (repeated,) = connection.execute(query).fetchone() or (0,)
    if repeated:
        yield "the primary key is not unique"
