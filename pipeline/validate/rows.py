"""Judge rows by their table's declaration: find what is broken, split and count.

The declaration is Pandera's; splitting and counting is one pass of Polars over all rules of a table, for
Pandera takes several passes for each and quotes values in its messages. Pandera then judges what passed,
before it is written (`stored.confirmed`). What a column's bounds, code list and
pattern say is told once, in `_column_rules`; a check that has no branch there stops the table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import polars as pl

from pipeline.errors import TableRejected
from pipeline.sources.days import is_day
from schemas.variable import (
    Column,
    RowRule,
    Severity,
    Table,
    columns,
    facts,
    polars_schema,
    table_name,
)

REQUIRED = "required"
NOT_A_NUMBER = "not_a_number"
NO_DATE = "no_date"
UNIQUE = "unique"
REPEATED = "repeated"
REFERS_PREFIX = "refers_to_"

_NO_VALUE = (NOT_A_NUMBER, NO_DATE)
_BITS = 30  # of masks packed into an Int64 at a time, beside the number of a row
# Our names of Pandera's checks: what a steward reads, and stable when the library renames its own.
_RULE_OF_CHECK = {
    "isin": "code",
    "greater_than_or_equal_to": "at_least",
    "less_than_or_equal_to": "at_most",
    "str_matches": "pattern",
}

# What a quarantined row carries beside its own columns: where it stood in the delivery, the line as it
# was received where it could not be read, and every rule it broke.
LINE, RAW, RULES = "line", "raw", "rules"
QUARANTINE_COLUMNS: dict[str, pl.DataType] = {
    LINE: pl.Int64(),
    RAW: pl.String(),
    RULES: pl.List(pl.String),
}


@dataclass(frozen=True, order=True)
class Rule:
    """A rule of a table; `column` is empty for a rule over several columns."""

    table: str
    column: str
    name: str
    severity: Severity = Severity.CONVENTION


@dataclass(frozen=True)
class RuleCount:
    """How many rows broke a rule. Only broken rules are counted: a rule without a count held."""

    table: str
    rule: str
    column: str
    severity: Severity
    rows: int


@dataclass(frozen=True)
class Validated:
    """A frame, split: `quarantined` has the table's columns and `QUARANTINE_COLUMNS`."""

    passed: pl.DataFrame
    quarantined: pl.DataFrame
    counts: tuple[RuleCount, ...]


@cache
def rules_of(table: type[Table]) -> tuple[Rule, ...]:
    """Every rule the table declares, the keys' rules too; what reading a delivery may find is not here."""
    name = table_name(table)
    found = []
    for column in columns(table):
        if not column.nullable:
            found.append(Rule(name, column.name, REQUIRED))
        found += [Rule(name, column.name, _RULE_OF_CHECK[check]) for check, _ in column.rules]
        if column.dtype.is_float():
            found.append(Rule(name, column.name, NOT_A_NUMBER))
        if column.dtype == pl.Date():
            found.append(Rule(name, column.name, NO_DATE))
        if column.about.key and column.about.key.references:
            found.append(Rule(name, column.name, REFERS_PREFIX + column.about.key.references))
    found += [Rule(name, _columns_of(rule), rule.name, rule.severity) for rule in facts(table).rules]
    if facts(table).primary_key:
        found += [Rule(name, "", UNIQUE), Rule(name, "", REPEATED)]
    return tuple(found)


@lru_cache(maxsize=256)
def rules_that_night(table: type[Table], as_of: date) -> str:
    """A hash of the rules of a row as they are asked that night: many are the same every night of a year."""
    asked = b"".join(rule.holds(as_of).meta.serialize() for rule in facts(table).rules)
    return hashlib.sha256(asked).hexdigest()


def quarantine_schema(table: type[Table]) -> dict[str, pl.DataType]:
    """The columns of the table's quarantined rows."""
    return polars_schema(table) | QUARANTINE_COLUMNS


def validate(
    table: type[Table],
    frame: pl.DataFrame,
    as_of: date,
    parse_failures: pl.DataFrame | None = None,
) -> Validated:
    """Split `frame` into rows that keep every rule and rows that break one, and count each rule.

    `frame` has exactly the declared columns and types, and may carry `line`, its place in a delivery:
    passed rows carry it too. `parse_failures` are the lines that `frame` does not have because they could
    not be read (`line`, `column`, `rule`, `raw`; one row for each rule a line breaks). A table of another
    shape, or a broken fatal rule, raises TableRejected. A day outside the years 1 to 9999 (`infinity`) is
    null in the quarantined row: it has no name, and Polars cannot tell it.
    """
    lines = frame.select(LINE) if LINE in frame.columns else frame.select()
    rows = frame.drop(lines.columns)
    _check_shape(table, rows)
    ordered = rows.select(list(polars_schema(table)))
    no_date = _no_date(table, ordered)
    ordered = ordered.with_columns(
        pl.when(~mask).then(pl.col(rule.column)).alias(rule.column) for rule, mask in no_date.items()
    )
    broken = _told_once(no_date | _broken(table, ordered, as_of))
    _stop_at_fatal(table, broken)
    passed, refused = _split(table, pl.concat([ordered, lines], how="horizontal"), broken)
    unread = _unread(table, parse_failures)
    counts = (*_counts(broken), *_counts_of_unread(table, parse_failures))
    if passed.height + refused.height != frame.height:
        raise AssertionError("rows in are not rows passed + rows quarantined")
    return Validated(passed, pl.concat([refused, unread]), merged_counts(counts))


def merged_counts(counts: Iterable[RuleCount]) -> tuple[RuleCount, ...]:
    """The counts of several batches as one, in a fixed order."""
    total: dict[Rule, int] = {}
    for count in counts:
        rule = Rule(count.table, count.column, count.rule, count.severity)
        total[rule] = total.get(rule, 0) + count.rows
    return tuple(_count(rule, rows) for rule, rows in sorted(total.items()) if rows)


def shown(rule: Rule) -> str:
    """A rule as a quarantined row names it: with its column where the name alone does not say which."""
    return rule.name if rule.column in rule.name else f"{rule.column}:{rule.name}"


def rule_as_shown() -> pl.Expr:
    """As `shown`, for a frame with a `column` and a `rule`."""
    says_which = pl.col("rule").str.contains(pl.col("column"), literal=True)
    return pl.when(says_which).then("rule").otherwise(pl.concat_str("column", "rule", separator=":"))


def as_quarantined(table: type[Table], rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every column that quarantined rows have; what they lack is null."""
    schema = quarantine_schema(table)
    lacking = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return rows.with_columns(*lacking).select(list(schema))


def _check_shape(table: type[Table], frame: pl.DataFrame) -> None:
    """The declared columns in the declared types, in any order; only names and types are told."""
    declared, found = polars_schema(table), dict(frame.schema)
    missing = sorted(set(declared) - set(found))
    extra = sorted(set(found) - set(declared))
    wrong = sorted(name for name in set(declared) & set(found) if declared[name] != found[name])
    problems = [
        f"{what}: {', '.join(names)}"
        for what, names in (("missing", missing), ("undeclared", extra), ("of another type", wrong))
        if names
    ]
    if problems:
        raise TableRejected(
            f"{table_name(table)} has columns {'; '.join(problems)}.",
            instead="None of its rows were used.",
            do=f"Compare the source with schemas, {table.__name__}, then: uttrekk run",
        )


@dataclass(frozen=True)
class _Judged:
    """A rule as Polars asks it: which rows break it, and, cheaper, whether any row can."""

    rule: Rule
    breaks: pl.Expr
    can_break: pl.Expr


def _broken(table: type[Table], frame: pl.DataFrame, as_of: date) -> dict[Rule, pl.Series]:
    """Rule -> one Boolean for each row: whether the row breaks it. Rules that hold may be left out."""
    judged = _judged(table, as_of)
    try:
        asked = _that_can_break(frame, judged)
        masks = frame.select(
            rule.breaks.fill_null(False).alias(str(number)) for number, rule in enumerate(asked)
        )
    except pl.exceptions.PolarsError:  # its message may quote a value
        raise AssertionError(f"{table_name(table)}: a rule could not be carried out") from None
    return {rule.rule: masks[str(number)] for number, rule in enumerate(asked)}


def _that_can_break(frame: pl.DataFrame, judged: tuple[_Judged, ...]) -> list[_Judged]:
    """A column's least and greatest value acquit it of its bounds, in a fraction of what its rows cost."""
    if not judged:
        return []
    found = frame.select(rule.can_break.alias(str(number)) for number, rule in enumerate(judged)).row(0)
    return [rule for rule, can_break in zip(judged, found, strict=True) if can_break]


@lru_cache(maxsize=256)
def _judged(table: type[Table], as_of: date) -> tuple[_Judged, ...]:
    """Every rule of a row, of that night; built once, for it is asked often."""
    name = table_name(table)
    found = [_judged_column(column, *told) for column in columns(table) for told in _column_rules(column)]
    for rule in facts(table).rules:
        of_row = Rule(name, _columns_of(rule), rule.name, rule.severity)
        found.append(_Judged(of_row, ~rule.holds(as_of), pl.lit(True)))
    return tuple(found)


def _judged_column(column: Column, name: str, breaks: pl.Expr, can_break: pl.Expr) -> _Judged:
    return _Judged(Rule(column.table, column.name, name), breaks, can_break)


def _column_rules(column: Column) -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """The name of each rule the column declares, what breaks it, and whether anything can."""
    value, maybe = pl.col(column.name), pl.lit(True)
    if not column.nullable:
        yield REQUIRED, value.is_null(), value.null_count() > 0
    if column.dtype.is_float():
        # NaN is above every number to Polars and so would pass a lower bound.
        yield NOT_A_NUMBER, value.is_nan(), maybe
    for check, statistics in column.rules:
        limit = dict(statistics)
        match check:
            case "isin":
                yield _RULE_OF_CHECK[check], ~value.is_in(list(limit["allowed_values"])), maybe
            case "greater_than_or_equal_to":
                least = limit["min_value"]
                yield _RULE_OF_CHECK[check], value < least, value.min() < least
            case "less_than_or_equal_to":
                most = limit["max_value"]
                yield _RULE_OF_CHECK[check], value > most, value.max() > most
            case "str_matches":
                yield _RULE_OF_CHECK[check], ~value.str.contains(limit["pattern"]), maybe
            case _:
                raise AssertionError(f"{column.path}: nobody judges {check}")


def _no_date(table: type[Table], frame: pl.DataFrame) -> dict[Rule, pl.Series]:
    """Which rows hold a day without a name. No rule may see one: writing it out makes Polars panic."""
    dates = [column.name for column in columns(table) if column.dtype == pl.Date()]
    unnamed = frame.select((~is_day(pl.col(name), pl.Date())).fill_null(False).alias(name) for name in dates)
    rules = {Rule(table_name(table), name, NO_DATE): unnamed[name] for name in dates}
    return {rule: mask for rule, mask in rules.items() if mask.any()}


def _told_once(broken: dict[Rule, pl.Series]) -> dict[Rule, pl.Series]:
    """What is no value is told as that, once.

    NaN is null to one check and above every bound to another; a day without a name has become null.
    """
    is_none = {rule.column: mask for rule, mask in broken.items() if rule.name in _NO_VALUE}
    told = {
        rule: mask & ~is_none[rule.column] if rule.column in is_none and rule.name not in _NO_VALUE else mask
        for rule, mask in broken.items()
    }
    return {rule: mask for rule, mask in told.items() if mask.any()}


def _columns_of(rule: RowRule) -> str:
    return rule.columns[0] if len(rule.columns) == 1 else ""


def _stop_at_fatal(table: type[Table], broken: dict[Rule, pl.Series]) -> None:
    fatal = sorted(rule.name for rule in broken if rule.severity is Severity.FATAL)
    if fatal:
        raise TableRejected(
            f"{table_name(table)} breaks {', '.join(fatal)}, which stops the whole table.",
            instead="None of its rows were used.",
            do="Have the source corrected, then: uttrekk run",
        )


def _split(
    table: type[Table], frame: pl.DataFrame, broken: dict[Rule, pl.Series]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    refusing = {r: m for r, m in sorted(broken.items()) if r.severity is not Severity.CHARACTERISATION}
    if not refusing:
        return frame, pl.DataFrame(schema=quarantine_schema(table))
    masks = pl.DataFrame([mask.alias(str(number)) for number, mask in enumerate(refusing.values())])
    refused = masks.select(pl.any_horizontal(pl.all())).to_series()
    names = _named(masks.filter(refused), [shown(rule) for rule in refusing])
    return frame.filter(~refused), as_quarantined(table, frame.filter(refused).hstack([names]))


def _named(masks: pl.DataFrame, names: list[str]) -> pl.Series:
    """The names of the rules each row breaks. There are few combinations: each is put into words once."""
    which = _combination(masks)
    told = [
        pl.when(pl.col(column)).then(pl.lit(name)) for column, name in zip(masks.columns, names, strict=True)
    ]
    first_rows = masks[which.arg_unique().sort()]
    words = first_rows.select(pl.concat_list(told).list.drop_nulls().alias(RULES)).to_series()
    return words.gather(which)


def _combination(masks: pl.DataFrame) -> pl.Series:
    """A number for each row, the same for rows with the same masks: 0, 1, ... in the order they come."""
    which = pl.zeros(masks.height, dtype=pl.Int64, eager=True)
    for first in range(0, masks.width, _BITS):
        for mask in masks.get_columns()[first : first + _BITS]:
            which = which * 2 + mask.cast(pl.Int64)
        seen = which.unique(maintain_order=True)
        which = which.replace_strict(seen, pl.int_range(seen.len(), eager=True))
    return which


def _unread(table: type[Table], failures: pl.DataFrame | None) -> pl.DataFrame:
    """Lines that could not be read: kept as received, every column empty."""
    if failures is None or failures.is_empty():
        return pl.DataFrame(schema=quarantine_schema(table))
    rows = failures.group_by(LINE, maintain_order=True).agg(
        pl.col(RAW).first(), rule_as_shown().unique().sort().alias(RULES)
    )
    return as_quarantined(table, rows)


def _counts_of_unread(table: type[Table], failures: pl.DataFrame | None) -> list[RuleCount]:
    if failures is None or failures.is_empty():
        return []
    per_rule = failures.group_by("column", "rule").agg(pl.col(LINE).n_unique())
    return [_count(Rule(table_name(table), c, rule), rows) for c, rule, rows in per_rule.rows()]


def _counts(broken: dict[Rule, pl.Series]) -> list[RuleCount]:
    return [_count(rule, int(mask.sum())) for rule, mask in broken.items()]


def _count(rule: Rule, rows: int) -> RuleCount:
    return RuleCount(rule.table, rule.name, rule.column, rule.severity, rows)
