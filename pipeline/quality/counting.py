"""One pass over a stored table: how many rows, and how often each field is filled and says «ukjent».

Rows are counted by the class of the unit they belong to, a number: whatever is true of a unit (its year, its
bydel, whether a field is asked of it) is looked at once for each class and never for each row. DuckDB reads
the files within a bound of memory. What does not belong here: which units there are, and what a count means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.config import Settings, private_folder
from pipeline.linkage.engine import BATCH_ROWS, SCRATCH_FOLDER, bounded
from pipeline.quality.populations import Cores, paths
from pipeline.quality.states import said_by
from pipeline.quality.tally import WORD_BITS, Places, added, tally
from schemas.variable import Column

UNIT, CLASS, YEAR, ROWS = "unit", "unit_class", "year", "rows"
FILLED = "filled"
EMPTY = "empty"  # of a field: rows in which an empty value is an answer (`EmptyMeans`)
# Prefixed, so that a measured `bydel` is not taken for the bydel it is counted in; the queries name them too.
_VALUE, _REASON, _WORD = "value:", "reason:", "word:"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much memory and how many threads counting may take, and where what does not fit is put meanwhile.

    Without `scratch` what does not fit fails.
    """

    memory_limit: str = Settings.memory_limit
    threads: int = Settings.threads
    scratch: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """The bounds that linking has."""
        return cls(
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            scratch=private_folder(settings.data / SCRATCH_FOLDER),
        )


IN_MEMORY = Bounds()


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A table's stored rows: its files, the core key of their unit, what dates them, what is counted.

    `columns` are at least one, each of them in core.
    """

    stored: Sequence[Path]
    key: str
    dated_by: str
    columns: tuple[Column, ...]


@contextmanager
def reading(cores: Cores, names: Sequence[str], bounds: Bounds) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may read the named tables of `cores` and nothing else."""
    parts = [path for name in names for path in paths(cores, name)]
    with bounded(
        parts, memory_limit=bounds.memory_limit, threads=bounds.threads, scratch=bounds.scratch
    ) as connection:
        yield connection


def count_all(connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame) -> pl.DataFrame:
    """CLASS, YEAR (of the row; null where it is not dated), ROWS; of each field FILLED, its states and EMPTY.

    `units` (UNIT, CLASS) has the units whose rows are counted. A state that no value says is left out, and
    EMPTY where an empty value never is an answer.
    """
    _show(connection, rows)
    return _added(rows, _of_each(connection, rows, units, "every_row"), (CLASS, YEAR))


def count_latest(connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame) -> pl.DataFrame:
    """As `count_all`, without YEAR, of each unit only the row that `populations.latest` takes."""
    _show(connection, rows)
    told = _of_each if _stands_once(connection) else _of_last
    return _added(rows, told(connection, rows, units), (CLASS,))


def _stands_once(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether each row's key is above the one before it, as stored tables are: no unit has two rows."""
    last = None
    for batch in _batches(connection, "select unit from rows"):
        keys = batch[UNIT]
        before = keys.shift(fill_value=last)
        above = keys > before
        if not (above if last is not None else above.slice(1)).fill_null(False).all():
            return False
        last = keys[-1]
    return True


def _of_each(
    connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame, which: str = "one_row"
) -> Iterator[pl.DataFrame]:
    """The counts of every row of the units."""
    places = Places(units[UNIT], units[CLASS])
    for batch in _batches(connection, _in_words(rows, which)):
        yield _tallied(rows, batch, places.of(batch[UNIT].to_numpy()))


def _of_last(
    connection: duckdb.DuckDBPyConnection, rows: Rows, units: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """The counts of the last row of each unit."""
    connection.register("given", units)
    # A table of its own has a known size: the engine then keeps the units at hand, not the rows.
    connection.execute("create or replace temp table units as from given")
    connection.unregister("given")
    connection.execute(_sql("last_rows"))
    tied = connection.sql("from tied limit 1").fetchall()
    for which in ("last_told", "last_of_tied") if tied else ("last_told",):
        for batch in _batches(connection, _in_words(rows, which)):
            yield _tallied(rows, batch, batch[CLASS].to_numpy().astype(np.int32))


def _show(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """The view `rows`: UNIT, dated, the value of each field, and of some the value that explains a blank."""
    stored = connection.read_parquet([str(path.resolve()) for path in rows.stored], hive_partitioning=False)
    shown = [f'"{rows.key}" as {UNIT}', f'"{rows.dated_by}" as dated']
    for column in rows.columns:
        shown.append(f'"{column.core_name}" as "{_VALUE}{column.name}"')
        if (empty := column.about.empty_means) and empty.where:
            shown.append(f'"{empty.where}" as "{_REASON}{column.name}"')
    stored.project(", ".join(shown)).create_view("rows", replace=True)


def _in_words(rows: Rows, which: str) -> str:
    """The query of that name, what is true of each row in words of so many bits instead of the values.

    As floating numbers: the engine adds them at a third of the cost of whole ones, whose overflow it watches.
    """
    asked, words = list(_asked(rows).values()), []
    for start in range(0, len(asked), WORD_BITS):
        bits = asked[start : start + WORD_BITS]
        word = " + ".join(f"({said})::float * {2**bit}::float" for bit, said in enumerate(bits))
        words.append(f'{word} as "{_WORD}{start}"')
    return f"select columns('^[a-z_]+$'), {', '.join(words)} from ({_sql(which)})"


def _asked(rows: Rows) -> dict[str, str]:
    """The name of each count -> SQL, never null: whether a row counts. Declared names and codes alone."""
    asked: dict[str, str] = {}
    for column in rows.columns:
        value = f"{_VALUE}{column.name}"
        asked[f"{FILLED}:{column.name}"] = f'"{value}" is not null'
        for state, members in said_by(column).items():
            if members:
                asked[f"{state.value}:{column.name}"] = _one_of(value, members)
        if empty := column.about.empty_means:
            among = f" and ({_one_of(_REASON + column.name, empty.among)})" if empty.where else ""
            asked[f"{EMPTY}:{column.name}"] = f'"{value}" is null{among}'
    return asked


def _one_of(column: str, members: Sequence[int | str]) -> str:
    return " or ".join(f'"{column}" is not distinct from {duckdb.ConstantExpression(m)}' for m in members)


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pl.DataFrame]:
    """The rows of the query, so many at a time."""
    for batch in connection.sql(query).to_arrow_reader(BATCH_ROWS):
        if batch.num_rows:
            yield pl.DataFrame(batch)


def _tallied(rows: Rows, batch: pl.DataFrame, classes: NDArray[np.int32]) -> pl.DataFrame:
    """The counts of a batch whose rows are of these classes; a row of none (-1) is left out."""
    if (outside := classes < 0).any():
        batch, classes = batch.filter(~pl.Series(outside)), classes[~outside]
    years = batch[YEAR] if YEAR in batch.columns else pl.zeros(batch.height, pl.Int32, eager=True)
    first = int(years.min() or 0)  # type: ignore[arg-type]
    # The year of no day stands before the first.
    of_first = (years - (first - 1)).cast(pl.Int64).fill_null(0)
    span = int(of_first.max() or 0) + 1  # type: ignore[arg-type]
    words = [batch[name].to_numpy() for name in batch.columns if name.startswith(_WORD)]
    at, height, counts = tally(classes.astype(np.int64) * span + of_first.to_numpy(), words)
    year = pl.Series(at % span)
    return pl.DataFrame(
        {
            CLASS: at // span,
            YEAR: pl.select(pl.when(year > 0).then(year + (first - 1)).cast(pl.Int32)).to_series(),
            ROWS: height,
            **{name: counts[:, place] for place, name in enumerate(_asked(rows))},
        }
    )


def _added(rows: Rows, told: Iterator[pl.DataFrame], by: tuple[str, ...]) -> pl.DataFrame:
    """All batches' counts as one."""
    names = {CLASS: pl.Int64, YEAR: pl.Int32, ROWS: pl.Int64, **dict.fromkeys(_asked(rows), pl.Int64)}
    kept = [name for name in names if name in by or name not in (CLASS, YEAR)]
    found = added((part.select(kept) for part in told), by)
    found = pl.DataFrame(schema={name: names[name] for name in kept}) if found is None else found
    return found.with_columns(pl.col(CLASS).cast(pl.get_index_type()))


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
