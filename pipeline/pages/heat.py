"""How much of each field is filled, through the years: one heat map for each population.

What does not belong here: what a cell shows (`views.py`), and its markup.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.pages.protected import By
from pipeline.pages.views import POPULATIONS, Cell, View, promise_text, sparse_fields, years
from pipeline.quality.profile import DUE, fields, profiled_tables
from schemas.variable import Entity, Table, facts, table_name


@dataclass(frozen=True)
class HeatRow:
    """One field through the years; the last cell is all years. `sparse` says that it is flagged today."""

    label: str
    sparse: bool
    demand: str
    promise: str
    cells: list[Cell]


@dataclass(frozen=True)
class HeatGroup:
    """One table: what its rows are counted per, its denominators by year, and its fields."""

    label: str
    per: str
    n: list[str]
    rows: list[HeatRow]


@dataclass(frozen=True)
class HeatMap:
    """Field × year for one population."""

    population: str
    label: str
    explained: str
    years: list[int]
    groups: list[HeatGroup]


def heat_maps(view: View) -> list[HeatMap]:
    """One heat map for each population: the two are never mixed."""
    columns = years(view)
    flagged = {s.key for s in sparse_fields(view) if s.now}
    return [
        HeatMap(
            population=who.value,
            label=view.population(who.value),
            explained=view.say(f"pop_{who.value}_is"),
            years=columns,
            groups=[
                group
                for table in profiled_tables()
                if (group := _group(view, table, who.value, columns, flagged)) is not None
            ],
        )
        for who in POPULATIONS
    ]


def _group(
    view: View,
    table: type[Table],
    population: str,
    columns: list[int],
    flagged: set[tuple[str, str, str]],
) -> HeatGroup | None:
    name = table_name(table)
    asked = [c for c in fields(table) if view.measures(c, population)]
    if not asked:
        return None
    keys = [*(str(year) for year in columns), ""]
    return HeatGroup(
        label=view.table(name),
        per=_per(view, table),
        n=[view.number(view.denominator(name, population, By.YEAR, key)) for key in keys],
        rows=[
            HeatRow(
                label=view.full_field(name, c.name),
                sparse=(name, c.name, population) in flagged,
                demand=view.say(f"demand_{c.about.demand.value}"),
                promise=promise_text(view, c),
                cells=[view.cell(c, population, By.YEAR, key) for key in keys],
            )
            for c in asked
        ],
    )


def _per(view: View, table: type[Table]) -> str:
    about = facts(table)
    due = DUE.get(table_name(table))
    if about.expected_per is Entity.PERSON:
        words = [view.say("per_person"), view.say("year_person")]
    elif about.expected_per is Entity.PROGRAMME:
        words = [view.say("per_programme"), view.say("year_programme")]
    else:
        dated = view.field(table_name(table), str(about.dated_by))
        words = [view.say("per_row"), view.say("year_row", column=dated)]
    return ", ".join([*words, *([getattr(due, view.language).rstrip(",")] if due else [])])
