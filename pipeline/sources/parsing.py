"""Values as they were delivered, read strictly into declared types: what is not plainly a value is set aside.

    parse_<column>       not a date, number, whole number or yes-or-no as agreed («-», «<5», 1.000, 37.5 for
                         37,5), or a day that no calendar of four-digit years has (typed files can hold one)
    leading_zero_lost    an identifier of ten digits, or a municipality of three: a spreadsheet ate the zero
    spreadsheet_number   an identifier as 1,23E+10: a spreadsheet ate the digits
    wrong_period         the row's year or month is not the one in the file's name

A blank is a null; that a null may not stand there is for the schema's rules to say. Nothing is mended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.sources.days import is_day
from pipeline.sources.lines import LINE, RAW, RULE, WRONG_PERIOD, wrong
from schemas.delivery import Delivery
from schemas.municipal.base import BLANK, STATED
from schemas.variable import Column, KeyKind, columns

LEADING_ZERO_LOST, SPREADSHEET_NUMBER = "leading_zero_lost", "spreadsheet_number"
IDENTIFIER_WITHOUT_ZERO = 10  # digits: a fødselsnummer or D-number has eleven, a DUF number twelve
FAILURES: dict[str, pl.DataType] = {
    LINE: pl.Int64(),
    "column": pl.String(),
    RULE: pl.String(),
    RAW: pl.String(),
}
_READ = "read:"  # before a column's name: what was read, beside what was given
_DATE_PARTS = {"%d": "[0-9]{2}", "%m": "[0-9]{2}", "%Y": "[0-9]{4}"}
_DIGITS_ONLY = re.compile(r"\^\[0-9\]\{(\d+)\}\$")


@dataclass(frozen=True)
class FromFile:
    """What is known about a file besides its rows."""

    delivery: Delivery
    year: int
    month: int | None


def parsed(source: FromFile, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every row in declared types (null where it could not be read), and every failure by line and rule."""
    declared = columns(source.delivery.table)
    told = _told_apart(source.delivery, raw)
    given = told.with_columns(
        _text_or_null(name) for name, dtype in told.schema.items() if _is_text(name, dtype)
    )
    values = given.select(LINE, *(_value(source, c, given.schema) for c in declared))
    both = given.with_columns(values.drop(LINE).select(pl.all().name.prefix(_READ)))
    was_read = pl.col(RULE).is_null()
    rules = [("", pl.col(RULE), ~was_read)]
    for column in declared:
        for rule, broken in _broken(source, column, given.columns):
            rules.append((column.name, pl.lit(rule), broken.fill_null(False) & was_read))
    # One look tells which of the many rules any row breaks: seldom more than none.
    found = both.select(broken.any().alias(str(number)) for number, (_, _, broken) in enumerate(rules)).row(0)
    failures = [
        _failed(raw.filter(both.select(broken).to_series()), column, rule)
        for (column, rule, broken), any_row in zip(rules, found, strict=True)
        if any_row
    ]
    if not failures:
        return values, pl.DataFrame(schema=FAILURES)
    return values, pl.concat(failures).sort(LINE, "column", RULE)


def _is_text(name: str, dtype: pl.DataType) -> bool:
    return dtype == pl.String() and name not in (RAW, RULE)


def _text_or_null(name: str) -> pl.Expr:
    """The text without blanks around it; null where nothing is left."""
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


def _told_apart(delivery: Delivery, raw: pl.DataFrame) -> pl.DataFrame:
    """`raw` with the state of each figure that may be withheld; a mark is no figure, and never becomes 0."""
    told = []
    for name, state in delivery.states.items():
        text = pl.col(name).cast(pl.String).str.strip_chars()
        is_mark = text.is_in(list(delivery.marks))
        # What is no mark and no blank is a figure, also one that cannot be read: its row is set aside.
        stated = pl.when(text.fill_null("") == "").then(pl.lit(BLANK)).otherwise(pl.lit(STATED))
        told.append(pl.when(is_mark).then(text.replace(delivery.marks)).otherwise(stated).alias(state))
        told.append(pl.when(~is_mark).then(pl.col(name)).alias(name))
    return raw.with_columns(told)


def check_type(path: Path, column: Column, dtype: pl.DataType) -> None:
    """Refuse a typed file whose column cannot hold the declared values: an identifier stored as a number."""
    fits = dtype == pl.String() or {
        pl.Int64: dtype.is_numeric(),
        pl.Float64: dtype.is_numeric(),
        pl.Boolean: dtype == pl.Boolean() or dtype.is_numeric(),
        pl.Date: dtype == pl.Date() or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None),
        pl.String: isinstance(dtype, pl.Categorical | pl.Enum),
    }.get(column.dtype.base_type(), dtype == column.dtype)
    if not fits:
        raise wrong(path, f"the column {column.about.source_name} ({column.name}) is of type {dtype}.")


def _failed(rows: pl.DataFrame, column: str, rule: pl.Expr) -> pl.DataFrame:
    told = {LINE: pl.col(LINE), "column": pl.lit(column), RULE: rule, RAW: _as_received(rows)}
    return rows.select(told[name].cast(dtype).alias(name) for name, dtype in FAILURES.items())


def _as_received(rows: pl.DataFrame) -> pl.Expr:
    """The line; of a typed file, which has none, the row's values as JSON."""
    if RAW in rows.columns:
        return pl.col(RAW)
    values = {name: dtype for name, dtype in rows.schema.items() if name not in (LINE, RULE)}
    return pl.struct(_told(name, dtype) for name, dtype in values.items()).struct.json_encode()


def _told(name: str, dtype: pl.DataType) -> pl.Expr:
    """The value as JSON can hold it: a day without a name as the number that the file holds."""
    value = pl.col(name)
    if not dtype.is_temporal():
        return value
    text = pl.when(is_day(value, dtype)).then(value).cast(pl.String)
    return pl.coalesce(text, value.to_physical().cast(pl.String)).alias(name)


def _value(source: FromFile, column: Column, given: Mapping[str, pl.DataType]) -> pl.Expr:
    """The column in its declared type; null where the text is not plainly such a value."""
    if column.name == source.delivery.period_column and column.name not in given:
        return pl.lit(_period(source), column.dtype).alias(column.name)
    value, dtype = pl.col(column.name), column.dtype
    if given[column.name] == pl.String() and dtype != pl.String():
        value = _from_text(source.delivery, column.name, dtype)
    elif given[column.name] != dtype:
        value = _from_typed(value, given[column.name], dtype)
    value = value.cast(dtype, strict=False)
    return (pl.when(is_day(value, dtype)).then(value) if dtype == pl.Date() else value).alias(column.name)


def _from_text(delivery: Delivery, name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if dtype == pl.Boolean():
        flag = delivery.flag(name)
        yes_or_no = pl.when(text == flag.yes).then(True).when(text == flag.no).then(False)
        return yes_or_no.when(text.is_null() & flag.blank_is_no).then(False)
    if dtype == pl.Date():
        pattern = re.escape(delivery.date_format)
        for part, digits in _DATE_PARTS.items():
            pattern = pattern.replace(part, digits)
        # chrono alone would take 1.2.2012 for %d.%m.%Y.
        return (
            pl.when(text.str.contains(f"^{pattern}$"))
            .then(text)
            .str.to_date(delivery.date_format, strict=False, exact=True)
        )
    if dtype == pl.Int64():
        return pl.when(text.str.contains("^-?[0-9]{1,18}$")).then(text)
    mark = "," if delivery.decimal_comma else r"\."
    number = pl.when(text.str.contains(f"^-?[0-9]{{1,15}}({mark}[0-9]{{1,9}})?$")).then(text)
    return number.str.replace(",", ".", literal=True)


def _from_typed(value: pl.Expr, found: pl.DataType, dtype: pl.DataType) -> pl.Expr:
    """A number or a date of another width; 37.5 is no whole number, 2 no yes or no, nor made one."""
    if dtype == pl.Boolean():
        return pl.when((value == 0) | (value == 1)).then(value)
    if dtype == pl.Int64() and not found.is_integer():
        return pl.when(value == value.floor()).then(value)
    return value


def _broken(source: FromFile, column: Column, given: Sequence[str]) -> list[tuple[str, pl.Expr]]:
    """(rule, which rows break it) for one column, as it was given and as it was read."""
    if column.name not in given:
        return []
    value = pl.col(_READ + column.name)
    found = [(f"parse_{column.name}", pl.col(column.name).is_not_null() & value.is_null())]
    if column.dtype == pl.String():
        found += _spreadsheet(column, value)
    if column.name == source.delivery.period_column:
        found.append((WRONG_PERIOD, value.is_not_null() & (value != _period(source))))
    return found


def _spreadsheet(column: Column, value: pl.Expr) -> list[tuple[str, pl.Expr]]:
    """What a spreadsheet does to text that looks like a number."""
    key = column.about.key
    if key and key.kind is KeyKind.OFFICIAL:
        return [
            (LEADING_ZERO_LOST, value.str.contains(f"^[0-9]{{{IDENTIFIER_WITHOUT_ZERO}}}$")),
            (SPREADSHEET_NUMBER, value.str.contains(r"^[0-9][.,]?[0-9]*[eE]\+?[0-9]{1,2}$")),
        ]
    digits = _DIGITS_ONLY.fullmatch(_pattern(column))
    # Numbers of organisations never begin with zero: a short one is something else.
    if digits is None or key:
        return []
    return [(LEADING_ZERO_LOST, value.str.contains(f"^[0-9]{{{int(digits[1]) - 1}}}$"))]


def _pattern(column: Column) -> str:
    statistics = dict(dict(column.rules).get("str_matches", ()))
    return str(getattr(statistics.get("pattern"), "pattern", statistics.get("pattern", "")))


def _period(source: FromFile) -> int | date:
    return source.year if source.month is None else date(source.year, source.month, 1)
