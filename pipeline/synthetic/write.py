"""Write the world: the case system's DuckDB file, and each delivery as its declaration says it comes."""

import re
from pathlib import Path

import duckdb
import polars as pl
import pyreadstat

from schemas import DELIVERIES
from schemas.delivery import Delivery, Layout, Span
from schemas.municipal.base import STATED
from schemas.variable import Column, Table, columns, facts

SQL_TYPES: dict[pl.DataType | type[pl.DataType], str] = {
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.String: "VARCHAR",
    pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
}
HEADER_BYTES = 2_000
# The moment of writing, as each format's header has it -> one moment, so that a world is the same bytes.
_DAY, _TIME = rb"[0-3 ][0-9]", rb"[0-9]{2}:[0-9]{2}"
CLOCKS = (
    (re.compile(_DAY + rb" [A-Z][a-z]{2} [0-9]{4} " + _TIME), b"01 Jan 2000 00:00"),  # .dta
    (re.compile(_DAY + rb" [A-Z][a-z]{2} [0-9]{2}" + _TIME + rb":[0-9]{2}"), b"01 Jan 0000:00:00"),  # .sav
    (re.compile(_DAY + rb"[A-Z]{3}[0-9]{2}:" + _TIME + rb":[0-9]{2}"), b"01JAN00:00:00:00"),  # .xpt
)


def case_system(path: Path, tables: list[tuple[type[Table], pl.DataFrame]]) -> None:
    """A DuckDB file with every table under the source's own names and the declared types."""
    with duckdb.connect(str(path), config={"threads": 1}) as con:
        for table, frame in tables:
            name = facts(table).source_name
            declared = ", ".join(f'"{c.about.source_name}" {_sql_type(c)}' for c in columns(table))
            con.execute(f'CREATE TABLE "{name}" ({declared})')
            con.register("rows", frame.to_arrow())
            con.execute(f'INSERT INTO "{name}" SELECT * FROM rows')
            con.unregister("rows")
        con.execute("CHECKPOINT")


def _sql_type(column: Column) -> str:
    return SQL_TYPES[column.dtype if isinstance(column.dtype, type) else type(column.dtype)]


def delivery_of(table: type[Table]) -> Delivery:
    """How the table's deliveries are written."""
    return next(d for d in DELIVERIES if d.table is table)


def delivery(folder: Path, table: type[Table], period: tuple[int, int], frame: pl.DataFrame) -> Path:
    """One delivered file, with the source's own column names.

    A column that is text already, though declared a number, is written as it stands: it was damaged.
    """
    about = delivery_of(table)
    path = folder / about.file_name.format(year=f"{period[0]:04}", month=f"{period[1]:02}")
    in_file = [c for c in columns(table) if c.about.source_name]
    match about.layout:
        case Layout.PARQUET:
            frame.select(pl.col(c.name).alias(c.about.source_name) for c in in_file).write_parquet(
                path, compression="zstd", compression_level=1, statistics=False
            )
        case Layout.SEPARATED:
            text = frame.select(_marked(c, about, frame).alias(c.about.source_name) for c in in_file)
            path.write_bytes(
                text.write_csv(separator=about.separator, quote_style="necessary").encode(about.encoding)
            )
        case Layout.FIXED_WIDTH:
            path.write_bytes(_fixed_width(frame, in_file, about, period[0]).encode(about.encoding))
        case Layout.STATA | Layout.SPSS | Layout.SAS_TRANSPORT:
            _statistical(frame, in_file, about.layout, path)
        case _:
            raise ValueError(f"nothing here writes {about.layout}")
    return path


def _statistical(frame: pl.DataFrame, in_file: list[Column], layout: Layout, path: Path) -> None:
    """A file of a statistics package: a yes or no as 1 or 0, and the same clock in every header."""
    rows = frame.select(
        (pl.col(c.name).cast(pl.Int64) if c.dtype == pl.Boolean else pl.col(c.name)).alias(
            c.about.source_name
        )
        for c in in_file
    )
    if layout is Layout.STATA:
        pyreadstat.write_dta(rows, str(path))
    elif layout is Layout.SPSS:
        pyreadstat.write_sav(rows, str(path))
    else:
        pyreadstat.write_xport(rows, str(path), file_format_version=8)
    written = path.read_bytes()
    head = written[:HEADER_BYTES]
    for clock, fixed in CLOCKS:
        head = clock.sub(fixed, head)
    path.write_bytes(head + written[HEADER_BYTES:])


def _marked(column: Column, about: Delivery, frame: pl.DataFrame) -> pl.Expr:
    """The column as text; where a figure is not stated, the mark the source writes in its place."""
    value = _text(column, about, frame)
    state = about.states.get(column.name)
    if state is None:
        return value
    marks = {said: mark for mark, said in about.marks.items()}
    mark = pl.col(state).replace_strict(marks, default="", return_dtype=pl.String)
    return pl.when(pl.col(state) == STATED).then(value).otherwise(mark)


def _text(column: Column, about: Delivery, frame: pl.DataFrame) -> pl.Expr:
    """The column as text in the delivery's formats; null where there is nothing."""
    value = pl.col(column.name)
    if frame.schema[column.name] == pl.String:
        return value
    if column.dtype == pl.Date:
        value = value.dt.strftime(about.date_format)
    elif column.dtype == pl.Boolean:
        flag = about.flag(column.name)
        value = (
            pl.when(value)
            .then(pl.lit(flag.yes))
            .when(~value)
            .then(pl.lit("" if flag.blank_is_no else flag.no))
        )
    elif column.dtype == pl.Float64:
        value = value.cast(pl.Decimal(10, 1)).cast(pl.String)
        value = value.str.replace(".", ",", literal=True) if about.decimal_comma else value
    return value.cast(pl.String)


def _fixed_width(frame: pl.DataFrame, in_file: list[Column], about: Delivery, year: int) -> str:
    """Lines in the layout of the year: text to the left, numbers to the right, blanks between the fields."""
    line = about.line_of(year)
    placed = [(line.spans[c.name], _padded(c, _text(c, about, frame), line.spans[c.name])) for c in in_file]
    if line.period is not None:
        placed.append((line.period, pl.lit(f"{year % 100:02}")))
    parts: list[pl.Expr] = []
    at = 1
    for span, text in sorted(placed, key=lambda field: field[0].first):
        parts += [pl.lit(" " * (span.first - at)), text]
        at = span.last + 1
    parts.append(pl.lit(" " * (line.line_length - at + 1)))
    return frame.select(pl.concat_str(parts)).write_csv(include_header=False, quote_style="never")


def _padded(column: Column, text: pl.Expr, span: Span) -> pl.Expr:
    width, filled = span.last - span.first + 1, text.fill_null("")
    left = column.dtype in (pl.String, pl.Date, pl.Boolean)
    return filled.str.pad_end(width) if left else filled.str.pad_start(width)
