"""Write the world: the case system's DuckDB file, and each delivery as its declaration says it comes."""

from pathlib import Path

import duckdb
import polars as pl

from schemas.delivery import Delivery, Layout
from schemas.registers import DELIVERIES
from schemas.variable import Column, Table, columns, facts

SQL_TYPES: dict[pl.DataType | type[pl.DataType], str] = {
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.String: "VARCHAR",
    pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
}


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
    """One delivered file, with the source's own column names."""
    about = delivery_of(table)
    path = folder / about.file_name.format(year=f"{period[0]:04}", month=f"{period[1]:02}")
    in_file = [c for c in columns(table) if c.about.source_name]
    match about.layout:
        case Layout.PARQUET:
            frame.select(pl.col(c.name).alias(c.about.source_name) for c in in_file).write_parquet(
                path, compression="zstd", compression_level=1, statistics=False
            )
        case Layout.SEPARATED:
            text = frame.select(_text(c, about).alias(c.about.source_name) for c in in_file)
            path.write_bytes(
                text.write_csv(separator=about.separator, quote_style="necessary").encode(about.encoding)
            )
        case Layout.FIXED_WIDTH:
            line = pl.concat_str([_fitted(c, about) for c in in_file])
            lines = frame.select(line).write_csv(include_header=False, quote_style="never")
            path.write_bytes(lines.encode(about.encoding))
    return path


def _text(column: Column, about: Delivery) -> pl.Expr:
    """The column as text in the delivery's formats; null where there is nothing."""
    value = pl.col(column.name)
    if column.dtype == pl.Date:
        value = value.dt.strftime(about.date_format)
    elif column.dtype == pl.Float64:
        value = value.cast(pl.Decimal(10, 1)).cast(pl.String)
        value = value.str.replace(".", ",", literal=True) if about.decimal_comma else value
    return value.cast(pl.String)


def _fitted(column: Column, about: Delivery) -> pl.Expr:
    """The column as text in its positions: text to the left, numbers to the right."""
    span = about.spans[column.name]
    width = span.last - span.first + 1
    value = _text(column, about).fill_null("")
    return value.str.pad_end(width) if column.dtype in (pl.String, pl.Date) else value.str.pad_start(width)
