"""Tables for release: counts and sums with everything hidden that must be, or counts rounded together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy
from pipeline.disclosure.suppression import cells
from pipeline.disclosure.suppression.cells import CELL, Bools, Ints, System
from pipeline.disclosure.suppression.highs import Highs
from pipeline.disclosure.suppression.problem import Engine, Problem, Solution
from pipeline.disclosure.suppression.rounding import controlled
from pipeline.disclosure.suppression.rules import Contributions, Frequency, Magnitude, Needs
from pipeline.disclosure.tables import BASE, MARKER, Marker
from pipeline.errors import RequestRefused

# The dimensions of each table by its name; or of each dimension the finest level of its hierarchy to tell.
Tables = Mapping[str, Sequence[str] | Mapping[str, int]]
# What stands beside a cell's dimensions: its figure, and whether it is shown.
SHOWN, MARKED = "shown", "marker"
# What stands beside the dimensions of the rows: who contributes, numbered, and what.
_UNIT, _VALUE = "unit", "value"
# What all values may add up to: beyond it the attacker's arithmetic is not exact.
MOST = 2**53


@dataclass(frozen=True)
class Protected:
    """Tables as they may be seen, by name, and what protecting them cost.

    Each frame has the table's dimensions (null is the total), `shown` (Int64; null where suppressed) and
    `marker`, ordered by the cells. Nothing tells a cell hidden for its own sake from one hidden for
    another's. `cells` and `hidden` count the cells of all tables, a shared one once. `best`: no cheaper
    way of hiding exists.
    """

    tables: dict[str, pl.DataFrame]
    cells: int
    hidden: int
    best: bool


@dataclass(frozen=True)
class Common:
    """What all ways of protecting have in common.

    `hierarchies` by dimension (a dimension without one has its values and a total); `known` names cells
    that everybody knows: values that cannot occur, and figures that are published already. It has columns
    of dimensions, null is the total, and no figure. `engine` finds what to hide. `base`: shown figures are
    rounded to its nearest multiple, 1 leaves them.
    """

    hierarchies: Mapping[str, Hierarchy] | None = None
    known: pl.DataFrame | None = None
    engine: Engine | None = None
    base: int = BASE


def frequency(
    rows: pl.DataFrame,
    tables: Tables,
    rule: Frequency | None = None,
    how: Common | None = None,
    *,
    unit: str | None = None,
) -> Protected:
    """The counts of `rows` in `tables`, protected together.

    A row is a person, unless `unit` names the column of persons: then rows are counted, a count behind
    which stand fewer persons than the rule's least is sensitive, and who is alone in a cell knows its count
    and cannot work out another from it. TargetUnreachable where a sensitive count can be worked out from
    known cells alone; RequestRefused where rows and hierarchies do not fit.
    """
    rule, how = rule or Frequency(), how or Common()
    system = _system(rows, tables, how)
    if unit is None:
        counts = _counts(system, rows)
        return _hide(system, tables, counts, _nobody(system), rule.needs(counts, counts), how)
    leaves = cells.leaves(system, rows, **{_UNIT: _numbered(rows.get_column(unit))})
    persons = {"n": pl.len(), "units": pl.col(_UNIT).n_unique(), "holder": pl.col(_UNIT).first()}
    found = cells.figures(system, leaves, lambda r: r.group_by(CELL).agg(**persons))
    counts, units = (cells.per_cell(system, found, name) for name in ("n", "units"))
    return _hide(system, tables, counts, _holder(system, found, units), rule.needs(counts, units), how)


def magnitude(
    rows: pl.DataFrame,
    tables: Tables,
    value: str,
    unit: str,
    rule: Magnitude | None = None,
    how: Common | None = None,
) -> Protected:
    """The sums of `value` over `rows` in `tables`, protected together.

    `value` holds whole numbers, none negative and no more than `MOST` in all (RequestRefused otherwise); a
    row where it is blank counts nothing, though the table tells the row's dimensions. Rows of one `unit` in
    one cell are one contribution. A unit that is alone in a cell knows that cell, and cannot work out another
    from it. TargetUnreachable and RequestRefused as for `frequency`.
    """
    rule, how = rule or Magnitude(), how or Common()
    system = _system(rows, tables, how)
    rows = rows.filter(rows.get_column(value).is_not_null())
    _refuse_values(rows.get_column(value), rows.get_column(unit))
    values, units = rows.get_column(value).cast(pl.Int64), _numbered(rows.get_column(unit))
    leaves = cells.leaves(system, rows, **{_VALUE: values, _UNIT: units})
    found = cells.figures(system, leaves, lambda r: _contributions(r, rule.largest))
    behind = Contributions(
        *(cells.per_cell(system, found, name) for name in ("total", "units", "first", "second", "top"))
    )
    needs = rule.needs(behind, float(values.sum()) / max(units.n_unique(), 1))
    return _hide(system, tables, behind.total, _holder(system, found, behind.units), needs, how)


def rounding(rows: pl.DataFrame, tables: Tables, how: Common | None = None) -> Protected:
    """The counts of `rows` in `tables`, all multiples of the base that still add up; nothing is hidden.

    Every count becomes a neighbouring multiple (one that is a multiple stays), with the least change in
    all; only where no such table adds up, counts move one base further. TargetUnreachable where even that
    does not. `known` and `engine` of `how` play no part.
    """
    how = how or Common()
    system = _system(rows, tables, how)
    counts = controlled(_counts(system, rows), system.sums, how.base)
    none = Solution(hidden=np.zeros(system.size, dtype=bool), best=True)
    return _protected(system, tables, counts, none, base=1)


def _system(rows: pl.DataFrame, tables: Tables, how: Common) -> System:
    names = {name for table in tables.values() for name in table}
    missing = sorted(names - set(rows.columns))
    if not tables or missing:
        raise RequestRefused(
            f"The rows lack the dimensions {', '.join(missing)}." if missing else "No table is asked for.",
            instead="No table was made.",
            do="Name columns of the rows.",
        )
    told = {
        name: table if isinstance(table, Mapping) else dict.fromkeys(table, 0)
        for name, table in tables.items()
    }
    return cells.system(cells.dimensions_of(rows, sorted(names), how.hierarchies or {}), told)


def _counts(system: System, rows: pl.DataFrame) -> Ints:
    leaves = cells.leaves(system, rows)
    found = cells.figures(system, leaves, lambda r: r.group_by(CELL).agg(n=pl.len()))
    return cells.per_cell(system, found, "n")


def _contributions(spread: pl.LazyFrame, largest: int) -> pl.LazyFrame:
    each = spread.group_by(CELL, _UNIT).agg(pl.col(_VALUE).sum())
    ordered = pl.col(_VALUE).sort(descending=True)
    return each.group_by(CELL).agg(
        total=pl.col(_VALUE).sum(),
        units=pl.len(),
        first=ordered.head(1).sum(),
        second=ordered.slice(1, 1).sum(),
        top=ordered.head(largest).sum(),
        holder=pl.col(_UNIT).first(),
    )


def _numbered(units: pl.Series) -> pl.Series:
    """Each unit's number from 1 up; those that are blank are one unit, 0."""
    return units.rank("dense").cast(pl.Int64).fill_null(0)


def _holder(system: System, found: pl.DataFrame, units: Ints) -> Ints:
    """The number of the unit that is alone in a cell, -1 where there are others or none."""
    return np.where(units == 1, cells.per_cell(system, found, "holder"), -1)


def _nobody(system: System) -> Ints:
    return np.full(system.size, -1, dtype=np.int64)


def _refuse_values(values: pl.Series, units: pl.Series) -> None:
    blank = units.null_count() or (units.dtype == pl.String and (units == "").any())
    if not values.dtype.is_integer() or bool((values < 0).any()) or blank:
        raise RequestRefused(
            f"{values.name} is not a whole number from 0 up in every row, or a row has no {units.name}.",
            instead="No table was made.",
            do="Round the values, leave negative ones out, and name every row's unit.",
        )
    if int(values.cast(pl.Int128).sum()) > MOST:
        raise RequestRefused(
            f"The values of {values.name} add up to more than {MOST:,}, beyond which sums are not exact.",
            instead="No table was made.",
            do="Give the values in thousands or millions.",
        )


def _hide(system: System, tables: Tables, values: Ints, holder: Ints, needs: Needs, how: Common) -> Protected:
    known = np.zeros(system.size, dtype=bool)
    if how.known is not None:
        known[cells.cell_numbers(system, how.known)] = True
    sensitive = needs.sensitive & ~(known & (values == 0))  # what cannot occur tells nothing
    problem = Problem(
        values=values,
        sums=system.sums,
        sensitive=sensitive,
        lower=np.where(sensitive, needs.lower, 0.0),
        upper=np.where(sensitive, needs.upper, 0.0),
        known=known,
        holder=holder,
        cost=np.maximum(values, 1).astype(np.float64),
    )
    solution = (how.engine or Highs()).suppress(problem)
    return _protected(system, tables, values, solution, how.base)


def _protected(system: System, tables: Tables, values: Ints, solution: Solution, base: int) -> Protected:
    return Protected(
        tables={
            name: _frame(system, name, list(names), values, solution.hidden, base)
            for name, names in tables.items()
        },
        cells=system.size,
        hidden=int(solution.hidden.sum()),
        best=solution.best,
    )


def _frame(
    system: System, table: str, names: list[str], values: Ints, hidden: Bools, base: int
) -> pl.DataFrame:
    """One table as it may be seen: no true value of a hidden cell leaves this room."""
    at = system.tables[table]
    nearest = (values[at] + base // 2) // base * base
    figures = pl.DataFrame({"@value": nearest, "@hidden": hidden[at]}).select(
        pl.when(~pl.col("@hidden")).then("@value").cast(pl.Int64).alias(SHOWN),
        pl.when("@hidden")
        .then(pl.lit(Marker.SUPPRESSED))
        .otherwise(pl.lit(Marker.SHOWN))
        .cast(MARKER)
        .alias(MARKED),
    )
    return pl.concat([cells.labelled(system, table, names), figures], how="horizontal")
