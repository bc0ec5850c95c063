"""The engine's independent verifier: opens what was written, and measures it again in SQL.

It shares no code with the engine, with what reads role files, or with what writes tables. It is told what was
asked for, reads the file the engine read and the file the engine wrote, and answers with what it measured or
raises NotVerified naming every rule that is broken, without a value or a count of anybody's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from pipeline.disclosure.verify_files import columns_of, hierarchy_lines, is_parquet, quoted, read, renamed
from pipeline.disclosure.verify_households import fewest, housed
from pipeline.disclosure.verify_rules import Rule, one_nought, rule_problems, spelt, typed
from pipeline.disclosure.verify_under import stands_under
from pipeline.errors import NotVerified

Lines = Sequence[Sequence[str]]
Frame = Any  # whatever DuckDB can read in memory


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the written file must hold.

    `suppression` and each rule's `t` are decimals as text, compared exactly. `hierarchies` are the files
    of the quasi-identifiers that have one, `lines` those that come as lines. With `one_level`, all values
    of a quasi-identifier stand at one level: that of `levels`, where it is told; none is above `coarsest`.
    With the column `household` of the source k counts households; who has none there is one alone.
    """

    k: int
    suppression: str
    quasi: tuple[str, ...]
    kept: tuple[str, ...]
    sensitive: dict[str, Rule]
    hierarchies: dict[str, Path] = field(default_factory=dict)
    lines: Mapping[str, Lines] = field(default_factory=dict)
    blanks: tuple[str, ...] = ()
    one_level: bool
    levels: dict[str, int] | None = None
    coarsest: dict[str, int] = field(default_factory=dict)
    household: str | None = None


def verify(source: Path | Frame, written: Path, asked: Asked, homes: Frame | None = None) -> dict[str, Any]:
    """What was measured in the written file, or NotVerified; `source` is a file, or a frame in memory.

    `homes` has one column, the household of each written row in the file's order; it is never written. It is
    not believed either: every row must be one of the source's with that household and coarser values, and no
    household of the source can be claimed by more rows than it has.
    """
    with duckdb.connect() as connection:
        read(connection, "written", written)
        if isinstance(source, Path):
            read(connection, "source", source)
        else:
            connection.register("handed", source)
            rows = renamed(connection, "handed", list(source.columns))
            connection.execute(f"create table source as select * from {rows}")
        one_nought(connection, "source")
        problems = list(_column_problems(connection, asked))
        if not problems and not _told_alike(source, written):
            problems = list(typed(connection, [*asked.kept, *asked.sensitive]))
        if not problems:
            unknown = [] if asked.household is None else list(housed(connection, asked.household, homes))
            one_nought(connection, "written")
            asked = replace(asked, household=None) if unknown else asked
            problems = [*unknown, *_problems(connection, asked)]
        if not problems:
            problems = list(_generalised_problems(connection, asked))
        if problems:
            raise NotVerified(
                f"What was coarsened did not pass the verifier: {'; '.join(problems)}.",
                instead="Nothing was written.",
                do="Report it: the engine and its verifier disagree.",
            )
        return _measured(connection, asked)


def _problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """Every rule that the written rows break, their origin aside."""
    yield from _left_out_problems(connection, asked)
    yield from _made_up_problems(connection, asked)
    yield from _class_problems(connection, asked)
    for name, rule in asked.sensitive.items():
        yield from rule_problems(connection, asked.quasi, asked.blanks, name, rule)
    for name in asked.quasi:
        yield from _level_problems(connection, asked, name)


def _one(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> Any:
    return connection.execute(query, list(values)).fetchall()[0][0]


def _column_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """Exactly the columns that may be there, and no other, and in the source all that is asked about."""
    allowed = {*asked.quasi, *asked.kept, *asked.sensitive}
    there = set(columns_of(connection, "written"))
    for name in sorted(there - allowed):
        yield f"the column {name} must not be there"
    for name in sorted(allowed - there):
        yield f"the column {name} is not there"
    household = set() if asked.household is None else {asked.household}
    for name in sorted((allowed | household) - set(columns_of(connection, "source"))):
        yield f"the source has no column {name}"


def _told_alike(source: Path | Frame, written: Path) -> bool:
    """Whether both files have types, or both have none: a CSV of a Parquet has lost them."""
    return is_parquet(written) or (isinstance(source, Path) and not is_parquet(source))


def _passed(asked: Asked) -> list[str]:
    """The columns that written rows have as the source has them."""
    household = [] if asked.household is None else [asked.household]
    return [*asked.kept, *asked.sensitive, *household]


def _left_out_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """Not too many rows left out."""
    few = _one(
        connection,
        "select (select count(*) from written) "
        "< (1 - cast(? as decimal(18, 9))) * (select count(*) from source)",
        asked.suppression,
    )
    if few or not _one(connection, "select count(*) from written"):
        yield "more rows are left out than may be"


def _made_up_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """No row is invented, and what is passed on as it is, is as it was."""
    passed = _passed(asked)
    if passed:
        names = ", ".join(f"coalesce(cast({quoted(name)} as varchar), '')" for name in passed)
        made_up = f"select count(*) from (select {names} from written except all select {names} from source)"
        if _one(connection, made_up):
            yield "rows hold values that no row of the source has together"


def _class_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    by = ", ".join(map(quoted, asked.quasi))
    if (
        _one(connection, f"select coalesce(min(n), 0) from (select count(*) as n from written group by {by})")
        < asked.k
    ):
        yield f"a class has fewer than {asked.k} rows"
    elif asked.household is not None and _households(connection, asked) < asked.k:
        yield f"a class has rows of fewer than {asked.k} households"


def _households(connection: duckdb.DuckDBPyConnection, asked: Asked) -> int:
    """The fewest households of a class."""
    assert asked.household is not None
    return fewest(connection, asked.household, asked.quasi)


def _level_problems(connection: duckdb.DuckDBPyConnection, asked: Asked, name: str) -> Iterator[str]:
    """Every value stands in the hierarchy; with one level for each column, all at one and the same level."""
    there = f"select distinct coalesce(cast({quoted(name)} as varchar), '') as value from written"
    lines = _lines(asked, name)
    if lines is None:
        stars = _one(connection, f"select count(*) from ({there}) where value = '*'")
        if asked.one_level and stars and _one(connection, f"select count(*) from ({there})") > 1:
            yield f"{name} has values of more than one level"
        if stars and asked.coarsest.get(name) == 0:
            yield f"{name} has values coarser than was asked for"
        return
    levels = _levels(lines)
    if any(len(set(pairs)) > len(set(below)) for below, pairs in _parents(lines)):
        yield f"{name} has a value with two parents in its hierarchy"
    values = {value for (value,) in connection.execute(there).fetchall()}
    if not values <= set().union(*levels):
        yield f"{name} has values that stand in no level of its hierarchy"
    elif not values <= set().union(*levels[: asked.coarsest.get(name, len(levels)) + 1]):
        yield f"{name} has values coarser than was asked for"
    elif asked.one_level and not any(values <= level for level in levels):
        yield f"{name} has values of more than one level"
    elif asked.levels is not None and not values <= levels[asked.levels[name]]:
        yield f"{name} has values of another level than told"


def _levels(lines: Lines) -> list[set[str]]:
    """The values of each level of a hierarchy."""
    return [set(column) for column in zip(*lines, strict=True)]


def _parents(lines: Lines) -> Iterator[tuple[tuple[str, ...], list[tuple[str, str]]]]:
    """The values of each level, and each with the value above it."""
    for below, above in itertools.pairwise(zip(*lines, strict=True)):
        yield below, list(zip(below, above, strict=True))


def _lines(asked: Asked, name: str) -> Lines | None:
    """A hierarchy's lines; a file's are split at the sign that the first has most of. None: it has none."""
    if name not in asked.hierarchies:
        return asked.lines.get(name)
    return hierarchy_lines(asked.hierarchies[name])


def _generalised_problems(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """Every row is one of the source's with coarser values, and its other columns as they were.

    With one level for each column no row of the source may stand for two. With levels by class rows of the
    source stand under several values, and it is enough that there is one for each.
    """
    _prepare_rows(connection, asked, _passed(asked))
    if asked.one_level:
        told = asked.levels
        choices = [
            [told[name]] if told is not None else _levels_told(connection, at)
            for at, name in enumerate(asked.quasi)
        ]
        held = any(_is_of_levels(connection, chosen) for chosen in itertools.product(*choices))
    else:
        held = stands_under(connection, len(asked.quasi))
    if not held:
        yield "rows hold values that no row of the source has, or comes to by its hierarchies"


def _prepare_rows(connection: duckdb.DuckDBPyConnection, asked: Asked, passed: Sequence[str]) -> None:
    """Tables of text: `raw` and `told` (p: what is passed on; q0, q1 ...), and for each q `up`.

    `up0`, `up1` ... have each leaf, each level and the value there. A leaf whose type has more than one
    spelling is brought to the source's.
    """
    types = columns_of(connection, "source")
    same = ", ".join(f"coalesce(cast({quoted(name)} as varchar), '')" for name in passed) or "''"
    raw, told = [f"row({same}) as p"], [f"row({same}) as p"]
    for at, name in enumerate(asked.quasi):
        text = f"coalesce(cast({quoted(name)} as varchar), '')"
        raw.append(f"{text} as q{at}")
        lines = _lines(asked, name)
        told.append(f"{spelt(text, types[name]) if lines is None else text} as q{at}")
        connection.execute(f"create temp table up{at} (leaf varchar, level integer, value varchar)")
        if lines is None:
            leaves = f"select distinct {text} as leaf from source"
            connection.execute(
                f"insert into up{at} select leaf, 0, leaf from ({leaves}) union all "
                f"select leaf, 1, '*' from ({leaves})"
            )
        else:
            columns = [list(column) for column in zip(*lines, strict=True)]
            for level, values in enumerate(columns):
                connection.execute(
                    f"insert into up{at} select {spelt('leaf', types[name])}, ?, value "
                    "from (select unnest(?::varchar[]) as leaf, unnest(?::varchar[]) as value)",
                    [level, columns[0], values],
                )
    connection.execute(f"create temp table raw as select {', '.join(raw)} from source")
    connection.execute(f"create temp table told as select {', '.join(told)} from written")


def _levels_told(connection: duckdb.DuckDBPyConnection, at: int) -> list[int]:
    """The levels at which all values of a column stand, one of those that are alike for every leaf told."""
    found = connection.execute(
        f"with here as (select distinct q{at} as value from told), "
        f"full_levels as (select level from here join up{at} using (value) group by level "
        "having count(distinct value) = (select count(*) from here)) "
        f"select min(level) from (select level, list(row(leaf, value) order by leaf, value) as leaves "
        f"from full_levels join up{at} using (level) semi join here using (value) group by level) "
        "group by leaves order by 1"
    ).fetchall()
    return [level for (level,) in found]


def _is_of_levels(connection: duckdb.DuckDBPyConnection, chosen: Sequence[int]) -> bool:
    """Whether the written rows are among the source's rows with each column at its chosen level."""
    joins = " ".join(
        f"join up{at} on up{at}.leaf = raw.q{at} and up{at}.level = {level}"
        for at, level in enumerate(chosen)
    )
    values = ", ".join(f"up{at}.value" for at in range(len(chosen)))
    strangers = f"select * from told except all select raw.p, {values} from raw {joins}"
    return not _one(connection, f"select count(*) from ({strangers})")


def _measured(connection: duckdb.DuckDBPyConnection, asked: Asked) -> dict[str, Any]:
    by = ", ".join(map(quoted, asked.quasi))
    classes, smallest, uniques = connection.execute(
        f"select count(*), min(n), count(*) filter (n = 1) "
        f"from (select count(*) as n from written group by {by})"
    ).fetchall()[0]
    counted = {} if asked.household is None else {"households": _households(connection, asked)}
    return {
        "rows": _one(connection, "select count(*) from written"),
        "left_out": _one(connection, "select (select count(*) from source) - (select count(*) from written)"),
        "classes": classes,
        "k_measured": smallest,
        "uniques": uniques,
    } | counted
