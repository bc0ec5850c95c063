"""What a release says is usual of its special categories, held against the file, in SQL.

Part of the release's verifier, and like it without a line of what made the file, or a figure of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

import duckdb

from pipeline.disclosure.verify_files import quoted
from schemas.variable import Column

# Shares are told in the least of these steps (percents) that FEW rows are within; never of fewer rows.
STEPS, FEW, PARTS = (1, 2, 5, 10), 5, 100
# What is said to be usual may be of an earlier version: a file may have moved so far since.
MOST_MOVED = 0.1


def usual_problems(
    connection: duckdb.DuckDBPyConnection,
    sensitive: Mapping[str, Column],
    usual: Any,
    anew: Collection[str],
) -> list[str]:
    """All that is wrong with what is said to be usual in the view `data`; no value is quoted.

    It is said of columns that are `sensitive`, each by its declaration, in whole parts of registered values
    that somebody has, in no finer steps than there are rows for, and no further from the file than
    `MOST_MOVED`. Of the columns `anew`, which are some of them, it is what can be counted in the file.
    """
    if not isinstance(usual, Mapping) or not usual.keys() <= sensitive.keys():
        return ["what is usual is said of what is no special category of it"]
    listed = all(name in usual for name in anew)
    return ([] if listed else ["what was counted in it is not among what is said to be usual"]) + [
        f"what is said to be usual of {name} {problem}"
        for name, parts in usual.items()
        for problem in _problems(parts, _counted(connection, sensitive[name]), name in anew)
    ]


def _problems(parts: Any, counts: Mapping[str, int], is_new: bool) -> Iterator[str]:
    if not isinstance(parts, Mapping) or not parts or not all(map(_is_part, parts.values())):
        yield f"is not told in whole parts of {PARTS}"
        return
    if not parts.keys() <= counts.keys():
        yield "names what nobody has registered"
        return
    step = next((each for each in STEPS if each * sum(counts.values()) >= FEW * PARTS), None)
    if step is None:
        yield "is told of too few"
        return
    if any(part % step for part in parts.values()):
        yield "is told in finer steps than there are rows for"
    if is_new and parts != _in_steps(counts, step):
        yield "is not what stands in the file"
    if _distance(parts, counts) > Fraction(str(MOST_MOVED)):
        yield "is too far from the file"


def _is_part(part: Any) -> bool:
    return type(part) is int and 0 < part <= PARTS


def _in_steps(counts: Mapping[str, int], step: int) -> dict[str, int]:
    """Each value's share in steps, halves upwards, without those that are none."""
    whole = sum(counts.values())
    half = Fraction(1, 2)
    steps = {value: int(Fraction(PARTS * n, whole * step) + half) for value, n in counts.items()}
    return {value: number * step for value, number in steps.items() if number}


def _distance(parts: Mapping[str, int], counts: Mapping[str, int]) -> Fraction:
    """Half the sum of differences between the shares."""
    said, there = sum(parts.values()), sum(counts.values())
    gaps = (abs(Fraction(parts.get(value, 0), said) - Fraction(n, there)) for value, n in counts.items())
    return sum(gaps, Fraction(0)) / 2


def _counted(connection: duckdb.DuckDBPyConnection, declared: Column) -> dict[str, int]:
    """The rows with each registered code; what is no code, or one for «ukjent», is none."""
    assert declared.about.codes is not None
    registered = sorted(set(declared.about.codes.values()) - declared.about.codes.unknown)
    name = quoted(declared.name)
    return dict(
        connection.execute(
            f"select {name}, count(*) from data where list_contains(?, {name}) group by all", [registered]
        ).fetchall()
    )


def from_usual(
    connection: duckdb.DuckDBPyConnection,
    class_by: list[str],
    declared: Column,
    usual: Mapping[str, int],
    t: float,
) -> tuple[float, int]:
    """How far the furthest class is from what is said to be usual, and how many are beyond `t`, exactly."""
    assert declared.about.codes is not None
    by, value = ", ".join(map(quoted, class_by)) or "0", quoted(declared.name)
    furthest, beyond = connection.execute(
        f"""
        with said as (
            select unnest($values) as value, unnest($parts)::hugeint as usual
        ), cells as (
            select row({by}) as class, {value} as value, count(*)::hugeint as n from data
            where {value} is not null and not list_contains($unknown, {value}) group by all
        ), compared as (
            select class, n, coalesce(usual, 0) as usual, sum(n) over (partition by class)::hugeint as here,
                   (select sum(usual) from said)::hugeint as everybody
            from cells left join said using (value)
        ), classes as (
            select sum(greatest(n * everybody - usual * here, 0))::hugeint as surplus,
                   any_value(here * everybody)::hugeint as whole
            from compared group by class
        )
        select coalesce(max(surplus / whole), 0),
               count(*) filter (surplus * 10000 > whole * cast(cast($t as decimal(9, 4)) * 10000 as bigint))
        from classes
        """,
        {
            "values": [*usual],
            "parts": [*usual.values()],
            "unknown": [*declared.about.codes.unknown],
            "t": str(t),
        },
    ).fetchone() or (0, 0)
    return round(float(furthest), 6), int(beyond)
