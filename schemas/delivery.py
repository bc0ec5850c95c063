"""How a register's delivery is written: facts about a file, read by the one door that opens files."""

from dataclasses import dataclass, field
from enum import StrEnum

from schemas.variable import Table


class Layout(StrEnum):
    """The shape of a delivered file."""

    SEPARATED = "separated"
    FIXED_WIDTH = "fixed_width"
    PARQUET = "parquet"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where a field stands in a fixed-width line: first and last position, counted from 1."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One register's files: the name's pattern, the encoding, and how dates and decimals are written.

    `file_name` is a pattern with `{year}` (four digits) and, for monthly files, `{month}` (two).
    `spans` gives the positions in a fixed-width line by our column name; `line_length` the length of
    every line. `date_format` is strftime's. `decimal_comma` says that 37,5 is a number. `period_column` is
    our column that says the period again; where the file does not carry it, the file's name fills it.
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
    first_period: tuple[int, int] = (2006, 1)
    last_period: tuple[int, int] | None = None

    @property
    def stem(self) -> str:
        """What the name of every file of this delivery begins with, without the mark before the period."""
        return self.file_name.partition("{")[0].rstrip("_")

    @property
    def monthly(self) -> bool:
        """Whether there is one file a month; otherwise one a year."""
        return "{month}" in self.file_name
