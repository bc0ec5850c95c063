"""How a variable is declared: once, in the class of its table, with every fact that others read.

`variable()` is what a table's class is written with, `Variable` is what the declaration becomes,
`columns()` is how everything else reads it back - the only reader of Pandera's insides. What does
not belong here: any policy (k = 5 is `pipeline`'s), any reading or writing of data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

import pandera.polars as pa
import polars as pl

from schemas.codes import ANY, CodeList

# What a rule that fails widely may collect: uncapped failure cases cost 72 s and 12 GB at 5 M rows.
FAILURE_CASES_KEPT = 10


class Identifiability(StrEnum):
    """How much a column alone says about who the row is about."""

    DIRECT = "direct"
    PSEUDONYM = "pseudonym"
    INDIRECT = "indirect"
    NONE = "none"


class Demand(StrEnum):
    """Who asks for the value: what nobody asks for is hardly registered."""

    GRANT = "grant"
    NIR = "nir"
    LAW = "law"
    NOBODY = "nobody"


class Population(StrEnum):
    """The two populations of one database, and both together: their fill rates differ."""

    EVERYONE = "everyone"
    GRANT_ONLY = "grant_only"
    PARTICIPANTS = "participants"


class ValueState(StrEnum):
    """What stands, or does not stand, where a value was expected."""

    VALUE = "value"
    UNKNOWN = "unknown"  # asked, and the answer is «ukjent»
    NOT_APPLICABLE = "not_applicable"
    NOT_ASKED = "not_asked"  # blank: nobody can tell why


class Severity(StrEnum):
    """What a broken rule does: stop the table, quarantine the row, or only be counted."""

    FATAL = "fatal"
    CONVENTION = "convention"
    CHARACTERISATION = "characterisation"


class Entity(StrEnum):
    """What a key points to."""

    PERSON = "person"
    CASE = "case"
    PROGRAMME = "programme"
    EMPLOYEE = "employee"
    CLAIM = "claim"
    ACTIVITY = "activity"
    ORGANISATION = "organisation"


class InCore(StrEnum):
    """What becomes of a column on its way from `restricted` to `core`."""

    KEPT = "kept"
    REKEYED = "rekeyed"
    DROPPED = "dropped"


class KeyKind(StrEnum):
    """Whether a key is the source's own number or an official identifier (fnr, D-number, DUF)."""

    OWN = "own"
    OFFICIAL = "official"


@dataclass(frozen=True, kw_only=True)
class Key:
    """A column that points to a person, a case, an employee: a kind of its own, never a value.

    `references` names the table whose primary key it must be found in (a foreign key); `in_core`
    is REKEYED or DROPPED, never KEPT. `stands_in_for` names the identifier of the same table that this one
    is asked instead of, where that holds a stand-in which names nobody.
    """

    entity: Entity
    kind: KeyKind = KeyKind.OWN
    references: str | None = None
    in_core: InCore = InCore.REKEYED
    stands_in_for: str | None = None

    def __post_init__(self) -> None:
        if self.in_core is InCore.KEPT:
            raise TypeError("a key is re-keyed or dropped in core, never kept")


@dataclass(frozen=True, kw_only=True)
class Due:
    """By when a value is asked for: so many months after the day in column `after` of the unit.

    Where that day is not known, the value is due only if `unknown_is_due`.
    """

    after: str
    months: int = 0
    unknown_is_due: bool = False


@dataclass(frozen=True, kw_only=True)
class EmptyMeans:
    """What an empty value says where it is an answer and no gap: what the field tells of has not happened.

    `nb` and `en` say it in words. With `where` it says so only in rows whose column of that name has one of
    the codes in `among`, and is a gap in the others; without, it always does.
    """

    nb: str
    en: str
    where: str | None = None
    among: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.where is None) != (not self.among):
            raise TypeError("what an empty value rests on is a column and some of its codes, or nothing")


@dataclass(frozen=True, kw_only=True)
class Variable:
    """Every fact about one column.

    `min_filled` is the share of the rows that apply which the field's demand promises to fill
    (1.0 also makes the column non-nullable); `applies_to` is the population that is asked;
    `source_name` is the source's own name of the column; `unknown` lists the values that mean
    «ukjent» where no code list says so; `demanded_from` is the day the demand began; `unit` is
    given for every number. `due` says when a value is asked for, where that is later than the row itself;
    `acts` are the acts (codes of `law`) under which it is registered at all: under another it must not be,
    and none named is any. `empty_means` says what an empty value tells, where it is no gap. With
    `coarsened` a value may stand at any level of the ladder of `codes`, or be `ANY`. `synthetic` holds hints
    for invented data: it may narrow a rule, never loosen it, and is no promise about real data.
    """

    nb: str
    en: str
    identifiability: Identifiability
    source: str
    source_name: str
    demand: Demand
    demanded_from: date | None = None
    applies_to: Population = Population.EVERYONE
    due: Due | None = None
    acts: tuple[str, ...] = ()
    empty_means: EmptyMeans | None = None
    min_filled: float = 1.0
    special_category: bool = False
    key: Key | None = None
    free_text: bool = False
    unit: str | None = None
    codes: CodeList | None = None
    coarsened: bool = False
    unknown: tuple[int | str, ...] = ()
    derived_from: tuple[str, ...] = ()
    less_identifying_because: str | None = None
    evidence: str = "P"  # evidence tag of the declaration, as in the domain paper: F, S0, K, P
    synthetic: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.min_filled <= 1:
            raise TypeError("min_filled is a share between 0 and 1")
        if self.free_text and self.key:
            raise TypeError("a column is a key or free text, not both")
        if self.key and self.identifiability is Identifiability.NONE:
            raise TypeError("a key says who the row is about: direct, pseudonym or indirect")
        if self.empty_means and self.min_filled == 1:
            raise TypeError("what is always filled is never empty: an empty value means nothing there")
        if self.coarsened and self.codes is None:
            raise TypeError("what may be coarsened has a code list, whose ladder says how")

    @property
    def possible(self) -> tuple[str, ...] | None:
        """Every code that may stand in the column, each once; None where it has no code list."""
        if self.codes is None or not self.coarsened:
            return None if self.codes is None else self.codes.values()
        found = [code for level in self.codes.ladder() for code in level.values()]
        return tuple(dict.fromkeys([*found, ANY]))

    @property
    def in_core(self) -> InCore:
        """What becomes of this column in `core`: decided by the facts, here and nowhere else."""
        if self.key:
            return self.key.in_core
        if self.free_text or self.identifiability is Identifiability.DIRECT:
            return InCore.DROPPED
        return InCore.KEPT


@dataclass(frozen=True, kw_only=True)
class RowRule:
    """A rule over several columns of one row.

    `holds` takes the night's as_of and gives an expression: true where the row keeps the rule, null
    where the rule says nothing about the row (a null never breaks a rule). `columns` are those it
    reads.
    """

    name: str
    nb: str
    en: str
    columns: tuple[str, ...]
    holds: Callable[[date], pl.Expr]
    severity: Severity = Severity.CONVENTION


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What is true of a table as a whole.

    `unit` is what one row stands for. `dated_by` is the column that places a row in a year.
    `expected_per` says for whom a row is *expected* at all (one background row for each person):
    without it the rows themselves are the denominator of a fill rate. `extracted=False` tables are
    declared so that nobody asks again, and are never read from the source. `due` says when a row, or what
    stands in it, is asked for; `dates_registration` that `dated_by` is the day somebody wrote it down.
    """

    source: str
    source_name: str
    nb: str
    en: str
    unit: Entity
    primary_key: tuple[str, ...]
    dated_by: str | None = None
    expected_per: Entity | None = None
    due: Due | None = None
    dates_registration: bool = False
    applies_to: Population = Population.EVERYONE
    extracted: bool = True
    why_not_extracted: str | None = None
    rules: tuple[RowRule, ...] = ()

    def __post_init__(self) -> None:
        if not self.extracted and not self.why_not_extracted:
            raise TypeError("a table that is never extracted says why")


class Table(pa.DataFrameModel):
    """A table of ours: exactly the declared columns, each with all its facts."""

    __facts__: ClassVar[TableFacts]

    class Config:
        """Pandera's settings: an undeclared column is an error, nothing is cast on the quiet."""

        strict = True
        coerce = False


def variable(*, ge: Any = None, le: Any = None, matches: str | None = None, **facts: Any) -> Any:
    """Declare a column: its rule (bounds, pattern, code list) and the facts of `Variable`.

    `matches` must be anchored at both ends, because Pandera anchors only the start.
    """
    about = Variable(**facts)
    if matches is not None and not (matches.startswith("^") and matches.endswith("$")):
        raise TypeError("a pattern is anchored: ^...$")
    return pa.Field(
        isin=sorted(about.possible) if about.possible else None,
        ge=ge,
        le=le,
        str_matches=matches,
        nullable=about.min_filled < 1,
        n_failure_cases=FAILURE_CASES_KEPT,
        metadata={"about": about},
    )


@dataclass(frozen=True, kw_only=True)
class Column:
    """A declared column as everything else reads it."""

    table: str
    name: str
    dtype: pl.DataType
    nullable: bool
    rules: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]
    about: Variable

    @property
    def path(self) -> str:
        """`table.column`, the name a derived column names its parent by."""
        return f"{self.table}.{self.name}"

    @property
    def core_name(self) -> str | None:
        """The column's name in `core`; None where it is dropped. A key's name ends in `_key` there."""
        match self.about.in_core:
            case InCore.KEPT:
                return self.name
            case InCore.DROPPED:
                return None
            case InCore.REKEYED:
                return f"{self.name.removesuffix('_identifier').removesuffix('_id')}_key"


def facts(table: type[Table]) -> TableFacts:
    """What is true of the table as a whole."""
    return table.__facts__


def table_name(table: type[Table]) -> str:
    """The snake_case name of a table: `GrantClaim` is `grant_claim`."""
    name = table.__name__
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


@cache
def columns(table: type[Table]) -> tuple[Column, ...]:
    """All columns of `table` in declared order, with every fact."""
    return tuple(_columns(table))


def column(table: type[Table], name: str) -> Column:
    """The column of that name, or KeyError."""
    return {c.name: c for c in columns(table)}[name]


def _columns(table: type[Table]) -> Iterator[Column]:
    for name, declared in table.to_schema().columns.items():
        rules = tuple(
            (
                str(check.name),
                tuple(sorted((k, _hashable(v)) for k, v in check.statistics.items())),
            )
            for check in declared.checks
        )
        yield Column(
            table=table_name(table),
            name=name,
            dtype=declared.dtype.type,
            nullable=declared.nullable,
            rules=rules,
            about=declared.metadata["about"],
        )


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def polars_schema(table: type[Table]) -> dict[str, pl.DataType]:
    """Column name -> Polars type, in declared order."""
    return {c.name: c.dtype for c in columns(table)}


@cache
def fingerprint(table: type[Table]) -> str:
    """SHA-256 over every declared fact: old data under a new schema is refused, not guessed at."""
    described = [
        {
            "name": c.name,
            "dtype": str(c.dtype),
            "nullable": c.nullable,
            "rules": c.rules,
            "about": {f.name: _plain(getattr(c.about, f.name)) for f in fields(c.about)},
        }
        for c in columns(table)
    ]
    text = json.dumps(
        [
            table_name(table),
            facts(table).primary_key,
            [r.name for r in facts(table).rules],
            described,
        ],
        sort_keys=True,
        default=str,
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, CodeList):
        return [
            value.name,
            [(code.value, code.nb, code.en, code.parent) for code in value.codes],
            sorted(value.adverse),
            _plain(value.parent),
        ]
    return value


def derived(table: type[Table], name: str, *, ge: Any = None, le: Any = None, **changed: Any) -> Any:
    """Declare a column derived from `table.name`: it inherits the parent's facts, `changed` differ.

    A derived column may be less identifying than its parent only with `less_identifying_because`;
    it is never less special.
    """
    parent = column(table, name)
    inherited = {f.name: getattr(parent.about, f.name) for f in fields(parent.about)}
    inherited |= {
        "derived_from": (parent.path,),
        "key": None,
        "empty_means": None,  # what it rests on is of the parent's rows
        "less_identifying_because": None,
    }
    return variable(ge=ge, le=le, **(inherited | changed))
