"""The quality profile counted one unit and one field at a time: slow, plain, and sharing no code with it."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from schemas import BY_NAME, codes
from schemas.variable import Column, Due, Entity, Population, columns, facts

Row = dict[str, Any]
World = dict[str, list[Row]]
# table, column, population, year, bydel
Place = tuple[str, str, str, int | None, str]

NOBODY_KNOWS = min(codes.BYDEL.unknown)


def filled(
    world: World, usable: Iterable[int], as_of: date, tables: Iterable[str]
) -> dict[Place, Counter[str]]:
    """For each place, how many were expected (`n`), not due yet (`undue`), and in each state."""
    units = _units(world, set(usable))
    found: dict[Place, Counter[str]] = {}
    for name in tables:
        for unit, row in _expected(world, name, units):
            due = _is_due(facts(BY_NAME[name]).due, unit, as_of)
            for column in _measured(name):
                asked = {facts(BY_NAME[name]).applies_to, column.about.applies_to} - {Population.EVERYONE}
                if all(unit["population"] == who.value for who in asked):
                    place = (name, column.name, unit["population"], unit["year"], unit["bydel"])
                    states = _states(column, unit, row, as_of) if due else ("undue",)
                    found.setdefault(place, Counter()).update(states)
    return found


def _units(world: World, usable: set[int]) -> dict[str, dict[int, Row]]:
    """Key column -> key -> the unit: population, year, bydel, and a programme's own days and act."""
    cases = {r["case_key"]: r for r in world.get("case", []) if r["person_key"] in usable}
    programmes = [r for r in world.get("programme", []) if r["person_key"] in usable]
    taking_part = {r["person_key"] for r in programmes}
    persons: dict[int, Row] = {}
    for row in world["person"]:
        if row["person_key"] in usable:
            first = min(
                (s for s in world.get("settlement", []) if s["person_key"] == row["person_key"]),
                key=lambda s: (s["settled_on"] or date.max, s["bydel"] or "~"),
                default={"settled_on": None, "bydel": None},
            )
            on = first["settled_on"] or row["created_on"]
            persons[row["person_key"]] = {
                "population": _population(row["person_key"] in taking_part),
                "year": on.year if on else None,
                "bydel": first["bydel"] or NOBODY_KNOWS,
            }
    return {
        "person_key": persons,
        "case_key": {
            key: {**persons[case["person_key"]], "bydel": case["bydel"] or NOBODY_KNOWS, "year": None}
            for key, case in cases.items()
        },
        "programme_key": {
            p["programme_key"]: {
                **p,
                "population": _population(True),
                "year": p["started_on"].year if p["started_on"] else None,
                "bydel": cases.get(p["case_key"], {}).get("bydel") or NOBODY_KNOWS,
            }
            for p in programmes
        },
    }


def _population(takes_part: bool) -> str:
    return (Population.PARTICIPANTS if takes_part else Population.GRANT_ONLY).value


def _expected(world: World, name: str, units: dict[str, dict[int, Row]]) -> Iterator[tuple[Row, Row | None]]:
    """Each unit with the row that says what is registered of it, if any."""
    about, own = facts(BY_NAME[name]), {c.core_name for c in columns(BY_NAME[name])}
    key = next(k for k in ("programme_key", "case_key", "person_key") if k in own)
    rows = [row for row in world.get(name, []) if row[key] in units[key]]
    dated_by = str(about.dated_by)
    if about.expected_per is None:
        for row in rows:
            on = row.get(dated_by)
            yield {**units[key][row[key]], "year": on.year if on else None}, row
        return
    assert about.expected_per in (Entity.PERSON, Entity.PROGRAMME)
    for number, unit in units[key].items():
        mine = [row for row in rows if row[key] == number]
        order = [dated_by, *(c.name for c in _measured(name))]
        yield unit, max(mine, key=lambda row: [_rank(row.get(n)) for n in order], default=None)


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _measured(name: str) -> list[Column]:
    keys = facts(BY_NAME[name]).primary_key
    return [c for c in columns(BY_NAME[name]) if c.core_name and not c.about.key and c.name not in keys]


def _states(column: Column, unit: Row, row: Row | None, as_of: date) -> tuple[str, ...]:
    value = row.get(column.name) if row else None
    about = column.about
    if about.acts and unit["law"] is not None and unit["law"] not in about.acts:
        return ("n", "must_not", "not_applicable") if value is None else ("n", "invalid", "not_asked")
    if about.due and not _is_due(about.due, unit, as_of):
        return ("n", "not_due", "not_applicable")
    if value is None:
        empty = about.empty_means
        answers = empty and row and (empty.where is None or row.get(empty.where) in empty.among)
        return ("n", "not_applicable") if answers else ("n", "not_asked")
    unknown = {*about.unknown, *(about.codes.unknown if about.codes else ())}
    return ("n", "unknown" if value in unknown else "value")


def _is_due(due: Due | None, unit: Row, as_of: date) -> bool:
    if due is None:
        return True
    after = unit[due.after]
    if after is None:
        return due.unknown_is_due
    month = after.month - 1 + due.months
    year, month = after.year + month // 12, month % 12 + 1
    return date(year, month, min(after.day, calendar.monthrange(year, month)[1])) <= as_of
