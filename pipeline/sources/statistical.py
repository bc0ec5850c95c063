"""Files of the statistical packages: Stata (.dta), SPSS (.sav) and SAS (.xpt, .sas7bdat), in bounded pieces.

A file gives texts and numbers as they stand in it: value labels are not applied, and what the package calls
missing (`.`, `.a` to `.z`, values declared missing) is a null, whichever kind it was. A column whose format
is a date's becomes text as the delivery writes dates; a number there that is no day stays a number in text,
so that reading it sets the row aside. Dates are counted here and not by the library, which fails on the year
10,000 and knows few of Stata's formats.

A file that is cut off, damaged or in another encoding raises DeliveryWrong without a value. Stata and SPSS
say how many rows there are, and their data are measured against it (`wholeness`). SAS transport does not: it
is known by its padding, blanks to a whole record of 80 bytes, so a file cut off exactly between two rows and
two records passes as a shorter one.
"""

from __future__ import annotations

import codecs
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from pipeline.errors import DeliveryWrong
from pipeline.sources.days import is_day
from pipeline.sources.lines import FOREIGN_LETTERS, is_latin_1, wrong
from pipeline.sources.wholeness import NotWhole, check_spss, check_stata
from schemas.delivery import Delivery, Layout

_UNIX_DAY_OF_1960 = -3_653
_UNIX_DAY_OF_1582 = -141_428  # 14 October, the first day of SPSS
_SECONDS_OF_A_DAY = 86_400
_FAILURES = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError, OSError, ValueError)
_RECORD = 80  # bytes, in SAS transport
_OBSERVATIONS = re.compile(rb"HEADER RECORD\*{7}OBS(?:V8)? +HEADER RECORD!{7}")
_STATA_END = b"</stata_dta>"  # of the versions since 13, which are written between tags


@dataclass(frozen=True)
class _Package:
    """How a package's file is read: its name for people, its door, and how it counts days."""

    name: str
    read: Callable[..., tuple[Any, Any]]
    date_format: re.Pattern[str]
    first_day: int  # the day it counts from, counted from 1970
    unit: int  # how many of its units a day has


_SAS_DATE = re.compile(
    r"(DATE|DDMMYY[BCDNPS]?|MMDDYY[BCDNPS]?|YYMMDD[BDNPS]?|(IS|E|B)8601DA|WEEKDAT[EX])\d*(\.\d*)?"
)
_PACKAGES = {
    Layout.STATA: _Package("Stata", pyreadstat.read_dta, re.compile(r"%-?t?d.*"), _UNIX_DAY_OF_1960, 1),
    Layout.SPSS: _Package(
        "SPSS", pyreadstat.read_sav, re.compile(r"[AEJS]?DATE\d*"), _UNIX_DAY_OF_1582, _SECONDS_OF_A_DAY
    ),
    Layout.SAS_TRANSPORT: _Package("SAS transport", pyreadstat.read_xport, _SAS_DATE, _UNIX_DAY_OF_1960, 1),
    Layout.SAS: _Package("SAS", pyreadstat.read_sas7bdat, _SAS_DATE, _UNIX_DAY_OF_1960, 1),
}


class StatisticalFile:
    """A file of a delivery of such a layout: the types of its columns, and its rows in pieces."""

    def __init__(self, path: Path, delivery: Delivery) -> None:
        self._path, self._delivery, self._package = path, delivery, _PACKAGES[delivery.layout]
        _, about = self._read(metadataonly=True)
        self._rows: int | None = about.number_rows
        formats = {name: str(found or "") for name, found in about.original_variable_types.items()}
        self.schema: dict[str, pl.DataType] = {
            name: self._type(about.readstat_variable_types[name], formats[name])
            for name in about.column_names
        }
        if delivery.layout is Layout.SAS_TRANSPORT:
            self._check_padding(sum(about.variable_storage_width.values()))
        elif delivery.layout is Layout.STATA:
            self._check_end()
        self._check_rows(delivery.layout)

    def batches(self, batch_rows: int) -> Iterator[pl.DataFrame]:
        """All rows in the file's order, at most `batch_rows` at a time: texts, dates as text, and floats."""
        at = 0
        while self._rows is None or at < self._rows:
            frame, _ = self._read(row_offset=at, row_limit=batch_rows)
            if frame.is_empty():
                break
            yield self._plain(frame, at)
            at += frame.height
        if self._rows is not None and at != self._rows:
            raise self._damaged("it has fewer rows than it says")

    def _type(self, stored: str, written_as: str) -> pl.DataType:
        if stored == "string":
            return pl.String()
        return pl.Date() if self._package.date_format.fullmatch(written_as) else pl.Float64()

    def _read(self, **how: Any) -> tuple[pl.DataFrame, Any]:
        # The library's words quote what it could not convert.
        try:
            return self._package.read(
                str(self._path),
                output_format="polars",
                encoding=codecs.lookup(self._delivery.encoding).name,
                disable_datetime_conversion=True,
                **how,
            )
        except _FAILURES as error:
            raise self._damaged(type(error).__name__) from None

    def _plain(self, frame: pl.DataFrame, first: int) -> pl.DataFrame:
        """A piece of only nulls, or of only whole numbers, has the types of the other pieces."""
        plain = frame.select(
            self._date(name) if dtype == pl.Date() else pl.col(name).cast(dtype)
            for name, dtype in self.schema.items()
        )
        foreign = FOREIGN_LETTERS[is_latin_1(self._delivery.encoding)].pattern
        for name, dtype in self.schema.items():
            spoilt = plain[name].str.contains(foreign) if dtype == pl.String() else None
            if spoilt is not None and spoilt.any():
                row = first + (spoilt.arg_true()[0] or 0) + 1
                raise wrong(
                    self._path,
                    f"row {row} holds letters of another encoding than {self._delivery.encoding}.",
                )
        return plain

    def _date(self, name: str) -> pl.Expr:
        number = pl.col(name).cast(pl.Float64)
        days = number / self._package.unit + self._package.first_day
        whole = pl.when((days == days.floor()) & (days.abs() < 2**31)).then(days)
        day = whole.cast(pl.Int32).cast(pl.Date)
        text = pl.when(is_day(day, pl.Date())).then(day).dt.strftime(self._delivery.date_format)
        return pl.coalesce(text, number.cast(pl.String)).alias(name)

    def _check_padding(self, row_bytes: int) -> None:
        with self._path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            header = [found.end() for found in _OBSERVATIONS.finditer(data)]
            if len(header) != 1:
                raise self._damaged(f"it has {len(header)} tables")
            rows_from = (header[0] // _RECORD + 1) * _RECORD
            left_over = (len(data) - rows_from) % row_bytes
            padding, odd = data[len(data) - left_over :], len(data) % _RECORD
        if odd or len(padding) >= _RECORD or padding.strip(b" "):
            raise self._damaged("it is cut off")

    def _check_end(self) -> None:
        with self._path.open("rb") as file:
            between_tags = file.read(len(b"<stata_dta>")) == b"<stata_dta>"
            file.seek(-min(len(_STATA_END) + 2, file.seek(0, 2)), 2)
            if between_tags and not file.read().rstrip().endswith(_STATA_END):
                raise self._damaged("it is cut off")

    def _check_rows(self, layout: Layout) -> None:
        try:
            if layout is Layout.STATA and self._rows is not None:
                check_stata(self._path, self._rows)
            elif layout is Layout.SPSS:
                check_spss(self._path, self._rows)
        except (NotWhole, struct.error, zlib.error, LookupError, OSError, ValueError):
            raise self._damaged("its data are not the rows it says") from None

    def _damaged(self, why: str) -> DeliveryWrong:
        return wrong(self._path, f"it is not a whole {self._package.name} file ({why}).")
