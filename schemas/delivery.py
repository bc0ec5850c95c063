"""How a register's delivery is written: facts about a file, read by the one door that opens files."""

from dataclasses import dataclass, field
from enum import StrEnum

from schemas.variable import Table


class Layout(StrEnum):
    """The shape of a delivered file."""

    SEPARATED = "separated"
    FIXED_WIDTH = "fixed_width"
    PARQUET = "parquet"
    STATA = "stata"  # .dta
    SPSS = "spss"  # .sav
    SAS_TRANSPORT = "sas_transport"  # .xpt
    SAS = "sas"  # .sas7bdat


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where a field stands in a fixed-width line: first and last position, counted from 1."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class YearLayout:
    """A fixed-width line as it was from one year to another (None: still is).

    `spans` gives the positions by our column name; what stands between them is not asked for and never
    read. `period` is where the line says the year again in two digits, if it does.
    """

    first_year: int
    last_year: int | None = None
    line_length: int
    spans: dict[str, Span]
    period: Span | None = None

    def holds_in(self, year: int) -> bool:
        """Whether a file of that year is written so."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@dataclass(frozen=True, kw_only=True)
class Flag:
    """How a yes-or-no is written as text; where `blank_is_no`, nothing written says no as well."""

    yes: str = "1"
    no: str = "0"
    blank_is_no: bool = False


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One register's files: the name's pattern, the encoding, and how dates and decimals are written.

    `file_name` is a pattern with `{year}` (four digits) and, for monthly files, `{month}` (two).
    `spans` gives the positions in a fixed-width line by our column name and `line_length` the length of
    every line; where they shift between years, `layouts` has them instead, and `line_of` answers for both.
    `date_format` is strftime's. `decimal_comma` says that 37,5 is a number. `flags` say how a yes-or-no
    is written, by our column name, where it is not 1 and 0. `period_column` is our column that says the
    period again; where the file does not carry it, the file's name fills it. Where a source withholds
    figures, `marks` gives what it writes in their place (mark -> code of the figure's state), and `states`
    names, by the column of each such figure, the column of its state.
    """

    table: type[Table]
    file_name: str
    period_column: str
    layout: Layout
    encoding: str = "utf-8"
    separator: str = ";"
    date_format: str = "%Y-%m-%d"
    decimal_comma: bool = False
    spans: dict[str, Span] = field(default_factory=dict)
    line_length: int = 0
    layouts: tuple[YearLayout, ...] = ()
    flags: dict[str, Flag] = field(default_factory=dict)
    first_period: tuple[int, int] = (2006, 1)
    last_period: tuple[int, int] | None = None
    states: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """What the name of every file of this delivery begins with, without the mark before the period."""
        return self.file_name.partition("{")[0].rstrip("_")

    @property
    def monthly(self) -> bool:
        """Whether there is one file a month; otherwise one a year."""
        return "{month}" in self.file_name

    def line_of(self, year: int) -> YearLayout:
        """The fixed-width line of that year's file; LookupError for a year that has none, or two."""
        layouts = self.layouts or (
            YearLayout(first_year=self.first_period[0], line_length=self.line_length, spans=self.spans),
        )
        found = [layout for layout in layouts if layout.holds_in(year)]
        if len(found) != 1:
            raise LookupError(f"{self.file_name} has {len(found)} layouts in {year}")
        return found[0]

    def flag(self, name: str) -> Flag:
        """How our column `name`, a yes-or-no, is written."""
        return self.flags.get(name, Flag())
