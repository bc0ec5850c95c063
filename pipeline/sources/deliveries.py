"""The folder where registers deliver: which files are there, and what stands in them.

A file is known by its name (schemas, `DELIVERIES`); one that begins like a delivery's and is none, such as
`atmlto2016.txt` or `NIR_deltaker_2012.CSV`, is a mistake in the name and stops the landing. A file named in
`retired.txt`, one name a line, is withdrawn on purpose: it is not read and not missed.

What makes a file unusable as a whole (encoding, a column missing or extra, the wrong year, most rows
unreadable) raises DeliveryWrong with the file and the line or column, never a value. What makes a row
unreadable sets the row aside with its line and a rule: see `lines` for lines that cannot be cut, `parsing`
for values that cannot be read, `statistical` for files of Stata, SPSS and SAS. Rows in = rows read + rows set
aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as arrow

from pipeline.errors import DeliveryWrong
from pipeline.sources.lines import (
    LINE,
    RAW,
    RULE,
    SHAPE_RULES,
    WRONG_PERIOD,
    fixed_width,
    numbered_lines,
    separated,
    wrong,
)
from pipeline.sources.parsing import FromFile, check_type, parsed
from pipeline.sources.statistical import StatisticalFile
from schemas import DELIVERIES
from schemas.delivery import Delivery, Layout
from schemas.variable import Table, columns, table_name

RETIRED = "retired.txt"
NONE_OF = "it has none of"  # what is told of a file whose columns are not in a line
# A file in which more than this share of the rows is unreadable or of another period is another file.
MOST_ROWS = 0.5
_ARROW_TEXTS = (arrow.is_string, arrow.is_large_string)
_ARROW_TYPES = (
    arrow.is_integer,
    arrow.is_floating,
    arrow.is_decimal128,
    arrow.is_boolean,
    arrow.is_date,
    arrow.is_timestamp,
)
# What a header may be quoted as in a message: a line of data that stands in its place must not be.
_HEADER_NAME = re.compile(r"[a-zæøå][a-zæøå_]*[0-9]{0,4}", re.IGNORECASE)


@dataclass(frozen=True)
class Delivered:
    """A file of a register, and the period its name says it is for."""

    delivery: Delivery
    path: Path
    year: int
    month: int | None = None

    @property
    def table(self) -> type[Table]:
        """The table it fills."""
        return self.delivery.table

    @property
    def part(self) -> str:
        """The period as a part's name: `2012` or `2015-01`."""
        return f"{self.year}" if self.month is None else f"{self.year}-{self.month:02}"

    @property
    def name(self) -> str:
        """`table/part`."""
        return f"{table_name(self.table)}/{self.part}"

    @property
    def last_day(self) -> date:
        """The last day of the period: before it is over, nobody can have delivered it."""
        if self.month is None or self.month == 12:
            return date(self.year, 12, 31)
        return date(self.year, self.month + 1, 1) - timedelta(days=1)


@dataclass(frozen=True)
class Left:
    """Something in the folder that was not taken, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Found:
    """What stands in the folder: deliveries in the order of table and period, and what was left."""

    delivered: tuple[Delivered, ...]
    left: tuple[Left, ...]


def find(folder: Path, as_of: date) -> list[Delivered]:
    """The deliveries in `folder` whose period was over on `as_of`."""
    return list(survey(folder, as_of).delivered)


def survey(folder: Path, as_of: date) -> Found:
    """Everything in `folder`, looked at by name only; links are not followed, nor folders entered.

    A name that begins like a delivery's but is of no declared period or form is refused.
    """
    if not folder.is_dir():
        raise DeliveryWrong(
            f"The folder of deliveries ({folder}) is not there.",
            instead="No delivery was landed.",
            do="Try: export UTTREKK_DELIVERIES=/path/to/folder",
        )
    taken, left, withdrawn = [], [], retired(folder)
    for path in sorted(folder.iterdir()):
        if path.name == RETIRED:
            continue
        if path.name in withdrawn:
            left.append(Left(path.name, f"named in {RETIRED}"))
        elif path.is_symlink() or not path.is_file():
            left.append(Left(path.name, "not a file of its own"))
        elif (delivered := known(path)) is None:
            _refuse_almost_known(path)
            left.append(Left(path.name, "no delivery has such a name"))
        elif delivered.last_day > as_of:
            left.append(Left(path.name, f"its period was not over on {as_of}"))
        else:
            taken.append(delivered)
    order = {id(delivery): place for place, delivery in enumerate(DELIVERIES)}
    return Found(tuple(sorted(taken, key=lambda d: (order[id(d.delivery)], d.part))), tuple(left))


def retired(folder: Path) -> frozenset[str]:
    """The files that were withdrawn on purpose: the lines of `retired.txt`, where there is one."""
    path = folder / RETIRED
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise DeliveryWrong(
            f"The list {path} cannot be read ({type(error).__name__}).",
            instead="No delivery was landed.",
            do="Write one file name a line, in UTF-8; then: uttrekk run",
        ) from None
    return frozenset(line.strip() for line in lines if line.strip())


def _refuse_almost_known(path: Path) -> None:
    name = path.name.strip().casefold()
    if any(name.startswith(delivery.stem.casefold()) for delivery in DELIVERIES):
        raise DeliveryWrong(
            f"The file {path.name} is named almost as a delivery, but no delivery has that name and period.",
            instead="No delivery was landed: a period would have been left out in silence.",
            do=f"Give it the name agreed, move it out of the folder, or list it in {RETIRED}; "
            "then: uttrekk run",
        )


def known(path: Path) -> Delivered | None:
    """What a file is by its name; None where no declared delivery has such a name and period."""
    for delivery in DELIVERIES:
        pattern = re.escape(delivery.file_name)
        pattern = pattern.replace(r"\{year\}", r"(?P<year>[0-9]{4})")
        pattern = pattern.replace(r"\{month\}", r"(?P<month>0[1-9]|1[0-2])")
        if found := re.fullmatch(pattern, path.name):
            period = {name: int(text) for name, text in found.groupdict().items()}
            delivered = Delivered(delivery, path, period["year"], period.get("month"))
            if _in_time(delivered):
                return delivered
    return None


def _in_time(delivered: Delivered) -> bool:
    delivery, period = delivered.delivery, (delivered.year, delivered.month or 1)
    return period >= delivery.first_period and (
        delivery.last_period is None or period <= delivery.last_period
    )


def check(delivered: Delivered, batch_rows: int) -> int:
    """Read the whole file once, refuse it if it is not what its name says, and count its rows."""
    rows = unreadable = other_layout = elsewhere = 0
    for frame, failures in delivery_batches(delivered, batch_rows):
        rows += frame.height
        if failures.is_empty():
            continue
        set_aside = failures[LINE].n_unique()
        rows += set_aside
        unreadable += set_aside
        other_layout += failures.filter(pl.col(RULE).is_in(SHAPE_RULES))[LINE].n_unique()
        elsewhere += failures.filter(pl.col(RULE) == WRONG_PERIOD)[LINE].n_unique()
    if rows == 0:
        raise wrong(delivered.path, "it holds no rows.")
    if other_layout > rows * MOST_ROWS:
        raise wrong(delivered.path, "most of its lines do not have the agreed layout.")
    if elsewhere > rows * MOST_ROWS:
        raise wrong(delivered.path, f"most of its rows are not of {delivered.part}, the period in its name.")
    if unreadable > rows * MOST_ROWS:
        raise wrong(delivered.path, "most of its rows hold something that cannot be read as agreed.")
    return rows


def delivery_batches(delivered: Delivered, batch_rows: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """(rows read, rows set aside) in batches of at most `batch_rows` rows; see `typed`."""
    for raw in read_raw(delivered, batch_rows):
        yield typed(delivered, raw)


def read_raw(delivered: Delivered, batch_rows: int) -> Iterator[pl.DataFrame]:
    """The file under our column names, nothing read yet: `line`, `raw`, `rule`, then text for each column.

    Parquet keeps its own types, and so do the numbers of the statistical packages: such files have no `raw`,
    and their rows are numbered from 1. `rule` is set where a line could not be cut into fields.
    """
    match delivered.delivery.layout:
        case Layout.PARQUET:
            yield from _parquet(delivered, batch_rows)
        case Layout.FIXED_WIDTH:
            layout = delivered.delivery.line_of(delivered.year)
            for lines in numbered_lines(delivered.path, delivered.delivery.encoding):
                for batch in lines.iter_slices(batch_rows):
                    yield fixed_width(batch, layout, delivered.year)
        case Layout.SEPARATED:
            yield from _separated(delivered, batch_rows)
        case Layout.STATA | Layout.SPSS | Layout.SAS_TRANSPORT | Layout.SAS:
            yield from _statistical(delivered, batch_rows)


def typed(delivered: Delivered, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split raw rows into those that could be read and those set aside.

    The first has `line` and the declared columns in declared types; the second has `line`, `column`, `rule`
    and `raw` (the row as it was received), one row for each rule a line breaks.
    """
    delivery = delivered.delivery
    source = FromFile(delivery, delivered.year, delivered.month)
    values, failures = parsed(source, raw)
    if failures.is_empty():
        return values, failures
    return values.filter(~pl.col(LINE).is_in(failures[LINE].unique().implode())), failures


def _names(delivery: Delivery) -> dict[str, str]:
    """The file's column -> ours; a column without a name in the source is told by the file's name."""
    return {c.about.source_name: c.name for c in columns(delivery.table) if c.about.source_name}


def _separated(delivered: Delivered, batch_rows: int) -> Iterator[pl.DataFrame]:
    delivery, path = delivered.delivery, delivered.path
    header: list[str] | None = None
    for lines in numbered_lines(path, delivery.encoding):
        at = 0
        if header is None:
            header, at = _header(path, lines[RAW][0].split(delivery.separator), _names(delivery)), 1
        for batch in lines.slice(at).iter_slices(batch_rows):
            yield separated(batch, delivery.separator, header)


def _header(
    path: Path, cells: list[str], names: dict[str, str], *, none: str = "line 1 is not a header with"
) -> list[str]:
    """Our name for each column of the file, in the file's order; refused if one is missing or extra."""
    found = [cell.strip().removeprefix('"').removesuffix('"') for cell in cells]
    if not set(found) & set(names):
        raise wrong(path, f"{none} the agreed columns.")
    for theirs, ours in names.items():
        if found.count(theirs) != 1:
            often = "is missing" if theirs not in found else "stands there twice"
            raise wrong(path, f"the column {theirs} ({ours}) {often}.")
    for place, cell in enumerate(found, 1):
        if cell not in names:
            told = f"{cell} " if _HEADER_NAME.fullmatch(cell) else ""
            raise wrong(path, f"the column {told}(number {place}) is extra.")
    return [names[cell] for cell in found]


def _parquet(delivered: Delivered, batch_rows: int) -> Iterator[pl.DataFrame]:
    path, names = delivered.path, _names(delivered.delivery)
    try:
        with pq.ParquetFile(path) as file:
            _header(path, file.schema_arrow.names, names, none=NONE_OF)
            _check_arrow_types(path, file.schema_arrow, names)
            first = 1
            for batch in file.iter_batches(batch_size=batch_rows, columns=list(names)):
                batch.validate(full=True)  # text that is not UTF-8 would pass, and fail much later
                frame = pl.from_arrow(pa.Table.from_batches([batch]))
                assert isinstance(frame, pl.DataFrame)
                for column in columns(delivered.table):
                    if column.about.source_name:
                        check_type(path, column, frame.schema[column.about.source_name])
                yield _numbered(frame.rename(names), first)
                first += frame.height
    except (pa.ArrowException, OSError) as error:
        raise wrong(path, f"it is not a whole Parquet file ({type(error).__name__}).") from None


def _statistical(delivered: Delivered, batch_rows: int) -> Iterator[pl.DataFrame]:
    path, names = delivered.path, _names(delivered.delivery)
    file = StatisticalFile(path, delivered.delivery)
    _header(path, list(file.schema), names, none=NONE_OF)
    for column in columns(delivered.table):
        if column.about.source_name:
            check_type(path, column, file.schema[column.about.source_name])
    first = 1
    for frame in file.batches(batch_rows):
        yield _numbered(frame.rename(names), first)
        first += frame.height


def _check_arrow_types(path: Path, schema: pa.Schema, names: dict[str, str]) -> None:
    """Refuse what Polars has no type for, before it panics; which of the others fit, `check_type` tells."""
    for theirs, ours in names.items():
        kind = schema.field(theirs).type
        texts = arrow.is_dictionary(kind) and any(fits(kind.value_type) for fits in _ARROW_TEXTS)
        if not texts and not any(fits(kind) for fits in (*_ARROW_TEXTS, *_ARROW_TYPES)):
            raise wrong(path, f"the column {theirs} ({ours}) is of type {kind}.")


def _numbered(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    """The rows of a typed file with their numbers; every one of them could be cut."""
    rule = pl.lit(None, pl.String).alias(RULE)
    return frame.select(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(LINE), rule, pl.all())
