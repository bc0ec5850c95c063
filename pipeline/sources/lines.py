"""Text files line by line: decoded strictly, numbered, cut into fields, in bounded pieces.

A record is one line. A field may be quoted with " and then hold the separator, and "" for a quote; it cannot
hold a line's end. A line that cannot be cut carries the rule it breaks instead of fields:

    field_count        other than the header's number of fields: a line cut off, or two run together
    line_length        a fixed-width line longer or shorter than declared
    quotes             quotes that do not close, or stand inside an unquoted field
    wrong_period       a fixed-width line that says another year than the file's name
    line_end_missing   the file's last line does not end, and nothing else tells whether its last field does

A file in another encoding than agreed stops as a whole: no letter in it can be trusted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.errors import DeliveryWrong
from schemas.delivery import Span, YearLayout

BLOCK_BYTES = 4 << 20
LINE, RAW, RULE = "line", "raw", "rule"
FIELD_COUNT, LINE_LENGTH, QUOTES = "field_count", "line_length", "quotes"
LINE_END_MISSING = "line_end_missing"
WRONG_PERIOD = "wrong_period"
SHAPE_RULES = (FIELD_COUNT, LINE_LENGTH, QUOTES, LINE_END_MISSING)
_FIELDS = "fields"

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What a letter becomes when UTF-8 is read as latin-1 (æ: Ã¦), and the mark of the opposite mistake.
# Latin-1 has no printed character between 80 and 9F; Windows has, and then the file is not latin-1.
_NOT_LATIN_1 = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|[\0\u0080-\u009f]")
_NOT_UTF_8 = re.compile("\u00c3[\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]|[\0\ufffd\u0080-\u009f]")
FOREIGN_LETTERS = {True: _NOT_LATIN_1, False: _NOT_UTF_8}  # by whether the encoding agreed is latin-1


def wrong(path: Path, what: str) -> DeliveryWrong:
    """The delivery is refused as a whole. `what` never holds anything from a row."""
    return DeliveryWrong(
        f"The delivery {path.name} cannot be used: {what}",
        instead="Nothing of it was used.",
        do="Ask the register for a correct file in the same name, or move it out of the folder; "
        "then: uttrekk run",
    )


def numbered_lines(path: Path, encoding: str) -> Iterator[pl.DataFrame]:
    """(line, raw, rule) in pieces of some megabytes; `rule` tells only of a last line that does not end."""
    first = 1
    for data, ended in _whole_lines(path):
        text = _decoded(path, data, encoding, first)
        lines = pl.Series(RAW, [text.removesuffix("\n")]).str.split("\n").explode(empty_as_null=False)
        frame = lines.str.strip_suffix("\r").to_frame().with_row_index(LINE, offset=first)
        is_last = pl.col(LINE) == first + lines.len() - 1
        rule = pl.when(is_last & (not ended)).then(pl.lit(LINE_END_MISSING)).alias(RULE)
        yield frame.select(pl.col(LINE).cast(pl.Int64), RAW, rule)
        first += lines.len()


def _whole_lines(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The file in pieces that end where a line ends, and whether the last one does."""
    rest = b""
    with path.open("rb") as file:
        while data := file.read(BLOCK_BYTES):
            whole, newline, rest = (rest + data).rpartition(b"\n")
            if newline:
                yield whole + newline, True
    if rest:
        yield rest, False


def _decoded(path: Path, data: bytes, encoding: str, first_line: int) -> str:
    if first_line == 1 and data.startswith(_BYTE_ORDER_MARKS):
        raise wrong(path, f"line 1 begins with a byte-order mark; agreed is plain {encoding}.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = first_line + data.count(b"\n", 0, error.start)
        raise wrong(path, f"line {line} is not {encoding}.") from None
    if found := FOREIGN_LETTERS[is_latin_1(encoding)].search(text):
        line = first_line + text.count("\n", 0, found.start())
        raise wrong(path, f"line {line} holds letters of another encoding than {encoding}.")
    return text


def is_latin_1(encoding: str) -> bool:
    """Whether that is a name of latin-1."""
    return codecs.lookup(encoding).name == "iso8859-1"


def separated(lines: pl.DataFrame, separator: str, names: list[str]) -> pl.DataFrame:
    """Lines cut at `separator` into the columns `names`; a line that cannot be has its rule."""
    quoted = lines[RAW].str.contains('"', literal=True)
    if quoted.any():
        cut = pl.concat([_plain(lines.filter(~quoted), separator), _quoted(lines.filter(quoted), separator)])
        cut = cut.sort(LINE)
    else:
        cut = _plain(lines, separator)
    too_many_or_few = pl.col(_FIELDS).list.len() != len(names)
    found = pl.when(too_many_or_few).then(pl.lit(FIELD_COUNT))
    cut = cut.with_columns(pl.coalesce(pl.when(pl.col(RULE) == QUOTES).then(RULE), found, RULE).alias(RULE))
    fields = pl.when(pl.col(RULE).is_null()).then(_FIELDS)
    picked = [fields.list.get(i, null_on_oob=True).alias(name) for i, name in enumerate(names)]
    return cut.select(LINE, RAW, RULE, *picked)


def _plain(lines: pl.DataFrame, separator: str) -> pl.DataFrame:
    return lines.with_columns(pl.col(RAW).str.split(separator).alias(_FIELDS))


def _quoted(lines: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Every field ends in a separator, once one is added: so an empty last field is found too."""
    mark = re.escape(separator)
    ended = pl.col(RAW) + separator
    field = pl.element().str.strip_suffix(separator)
    inside = field.str.slice(1, field.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    unquoted = pl.when(field.str.starts_with('"')).then(inside).otherwise(field)
    pieces = ended.str.extract_all(f'(?:"(?:[^"]|"")*"|[^"{mark}]*){mark}')
    return lines.with_columns(pieces.alias(_FIELDS)).with_columns(
        pl.when(pl.col(_FIELDS).list.join("") != ended).then(pl.lit(QUOTES)).otherwise(RULE).alias(RULE),
        pl.col(_FIELDS).list.eval(unquoted),
    )


def fixed_width(lines: pl.DataFrame, layout: YearLayout, year: int) -> pl.DataFrame:
    """Lines cut at the declared positions, counted in characters. A line of full length has ended.

    A line that says another year than the file's name was written in that year's layout, and is not cut.
    """
    has_length = pl.col(RAW).str.len_chars() == layout.line_length
    same_year = _cut(layout.period) == f"{year % 100:02}" if layout.period else pl.lit(True)
    rule = pl.when(~has_length).then(pl.lit(LINE_LENGTH)).when(~same_year).then(pl.lit(WRONG_PERIOD))
    ruled = lines.with_columns(rule.alias(RULE))
    fields = pl.when(pl.col(RULE).is_null())
    return ruled.select(
        LINE, RAW, RULE, *(fields.then(_cut(span)).alias(name) for name, span in layout.spans.items())
    )


def _cut(span: Span) -> pl.Expr:
    return pl.col(RAW).str.slice(span.first - 1, span.last - span.first + 1)
