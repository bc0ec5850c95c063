"""What stewards have decided about findings and fields: a YAML file in git, read fail-closed, and applied.

A decision acknowledges a finding, makes an exception with an end, or marks a field as unfit for use. It is
held against the night's as_of, never the clock: an exception that has run out comes back by itself. The
file is kept and reviewed in git, so nothing in it may look like a person's or a case's number. What does not
belong here: measuring (`checks` and `flags`), and refusing a request (`requests.preview`).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from pipeline import strict_yaml
from pipeline.errors import StewardshipWrong
from schemas import SOURCE_TABLES, codes
from schemas.quality.finding import RESULT_ID_PATTERN
from schemas.variable import Population, columns


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("says nothing")
    return " ".join(text.split())


# One line, however the file breaks it: no text can look like a line, a heading or a table of ours.
Text = Annotated[str, Field(max_length=2000), AfterValidator(_one_line)]
STANDING = "stewardship"
# What a decision adds to a result.
COLUMNS: dict[str, pl.DataType] = {
    STANDING: pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
    "until": pl.Date(),
    "decision_nb": pl.String(),
    "decision_en": pl.String(),
}
MOST_QUOTED = 64
FEW_ENOUGH_TO_LIST = 20
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_FINDING = re.compile(r"^\s*-?\s*finding:\s*[\"']?[0-9a-f]{16}[\"']?\s*(#|$)")
_RESULT_ID = re.compile(RESULT_ID_PATTERN)
# Eleven or twelve digits however they are spaced, or letters and digits as case systems number their cases.
_NUMBERED = re.compile(
    r"(?:\d[\s._/-]{0,3}){10,}\d"
    r"|(?<![^\W_])[A-ZÆØÅ]{0,4}[-/\s_]?\d{5,}(?![^\W_])"
    r"|(?<!\d)(?:19|20)\d{2}\s?[/_]\s?(?:\d\s?){4,}\d",
    re.IGNORECASE,
)


class Decided(StrEnum):
    """What a steward can decide."""

    ACKNOWLEDGE = "acknowledge"  # somebody knows, and works on it
    EXCEPT = "except"  # it is as it must be, until a day
    UNFIT = "unfit"  # nobody should use the field


class Stewardship(StrEnum):
    """How a result stands with the stewards."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXCEPTED = "excepted"
    WORSENED = "worsened"  # acknowledged, and worse since: as open as ever
    EXPIRED = "expired"  # an exception that has run out: as open as ever
    UNFIT = "unfit"


# A finding that no decision stands for.
UNDECIDED = (Stewardship.OPEN.value, Stewardship.WORSENED.value, Stewardship.EXPIRED.value)
# Which decision is told where several say something of one result: the gravest first.
_ORDER = (Stewardship.UNFIT, Stewardship.EXCEPTED, Stewardship.ACKNOWLEDGED, Stewardship.EXPIRED)
# That a field is unfit says nothing of whom its text may reveal, nor of the rows that are held back.
STANDS_WHERE_UNFIT = ("free_text", "invalid")
_IN_FORCE = {
    Decided.ACKNOWLEDGE: Stewardship.ACKNOWLEDGED,
    Decided.EXCEPT: Stewardship.EXCEPTED,
    Decided.UNFIT: Stewardship.UNFIT,
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reason(_Strict):
    """Why, in Norwegian and English: codebooks carry it in both."""

    nb: Text
    en: Text


def _fields() -> dict[str, tuple[str, str]]:
    """`table.column` of every column that is read from a source -> (table, column)."""
    return {c.path: (c.table, c.name) for table in SOURCE_TABLES for c in columns(table)}


def _nearest(name: Any, known: Iterable[str]) -> str:
    """That there is no such thing, and the nearest there is, or all where none is near and they are few."""
    listed = sorted(known)
    word = str(name)[:MOST_QUOTED]
    by_name: dict[str, list[str]] = {}  # a field may be written without its table
    for path in listed:
        by_name.setdefault(path.rpartition(".")[2], []).append(path)
    near = difflib.get_close_matches(word, [*listed, *by_name], n=1)
    if not near and len(listed) <= FEW_ENOUGH_TO_LIST:
        return f"there is no {word!r} - there are {', '.join(listed)}"
    nearest = (near or difflib.get_close_matches(word, listed, n=1, cutoff=0.0))[0]
    return f"there is no {word!r} - did you mean {' or '.join(by_name.get(nearest, [nearest]))}?"


class Decision(_Strict):
    """One decision: about one finding by its number, or about all of a flag, a field and a place."""

    decide: Decided
    finding: Annotated[str, Field(pattern=RESULT_ID_PATTERN)] | None = None
    flag: str | None = None
    field: str | None = None
    population: str | None = None
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    bydel: str | None = None
    reason: Reason
    owner: Text
    since: date
    expires_on: date | None = None

    @field_validator("decide", mode="before")
    @classmethod
    def _decide(cls, value: Any) -> Decided:
        if value not in list(Decided):
            raise ValueError(f"is one of {', '.join(Decided)}")
        return Decided(value)

    @field_validator("flag", "field", "population", "bydel")
    @classmethod
    def _known(cls, value: str | None, info: Any) -> str | None:
        known = {
            "flag": codes.QUALITY_FLAG.values(),
            "field": _fields(),
            "population": list(Population),
            "bydel": codes.BYDEL.values(),
        }[info.field_name]
        if value is not None and value not in known:
            raise ValueError(_nearest(value, known))
        return value

    @model_validator(mode="after")
    def _whole(self) -> Decision:
        place = [n for n in ("flag", "population", "year", "bydel") if getattr(self, n) is not None]
        if self.decide is Decided.UNFIT:
            if self.field is None or self.finding or [n for n in place if n != "population"]:
                raise ValueError("unfit is said of a field, and at most of one population")
        elif (self.finding is None) == (self.flag is None or self.field is None):
            raise ValueError("name either a finding, or a flag and a field")
        elif self.finding and (self.field or place):
            raise ValueError("a finding has its flag, field and place already")
        if (self.expires_on is not None) != (self.decide is Decided.EXCEPT):
            raise ValueError("expires_on belongs to an exception, and every exception has one")
        if self.expires_on is not None and self.expires_on < self.since:
            raise ValueError("expires_on is before since")
        return self

    def standing(self, as_of: date) -> Stewardship | None:
        """How what it is about stands by it on `as_of`; None before `since`. The last day is still inside."""
        if as_of < self.since:
            return None
        if self.expires_on is not None and as_of > self.expires_on:
            return Stewardship.EXPIRED
        return _IN_FORCE[self.decide]

    def about(self) -> pl.Expr:
        """Whether a result is one it is about."""
        if self.finding is not None:
            return pl.col("result_id") == self.finding
        table, name = _fields()[str(self.field)]
        holds = (pl.col("table") == table) & (pl.col("column") == name)
        if self.decide is Decided.UNFIT:
            holds = holds & ~pl.col("flag").is_in(STANDS_WHERE_UNFIT)
        for column in ("flag", "population", "year", "bydel"):
            asked = getattr(self, column)
            holds = holds & (pl.col(column) == asked) if asked is not None else holds
        return holds.fill_null(False)


class _File(_Strict):
    decisions: list[Decision]


@dataclass(frozen=True)
class Unfit:
    """A field nobody should use, who says so, since when and why; a `population` of None is everybody."""

    table: str
    column: str
    population: str | None
    owner: str
    since: date
    nb: str
    en: str


def load(path: Path | None) -> tuple[Decision, ...]:
    """The decisions in the file, in its order; none where no file is set. Raises StewardshipWrong."""
    if path is None:
        return ()
    try:
        text = strict_yaml.text_of(path)
        _refuse_written(path, text)
        found = strict_yaml.parse(text)
    except strict_yaml.Unreadable as why:
        raise _refused(path, str(why)) from None
    _refuse_meant(path, text, found)
    try:
        return tuple(_File.model_validate(found).decisions)
    except ValidationError as error:
        raise _refused(path, "; ".join(_in_words(text, error))) from None


def apply(results: pl.DataFrame, decisions: Sequence[Decision], as_of: date) -> pl.DataFrame:
    """`results` (with result_id, flag, table, column, population, year, bydel) and `COLUMNS`.

    A result that nobody has decided about is open. Of several decisions the gravest is told: unfit,
    excepted, acknowledged, expired; of those alike, the one of the latest `since`, then the first in
    the file.
    """
    told = [(d, standing) for d in decisions if (standing := d.standing(as_of)) is not None]
    # Stable: the file's order among alike. To acknowledge anew is to add a decision.
    ordered = sorted(told, key=lambda pair: (_ORDER.index(pair[1]), -pair[0].since.toordinal()))
    chosen = pl.lit(None, pl.Int64)
    for place, (decision, _) in reversed(list(enumerate(ordered))):
        chosen = pl.when(decision.about()).then(pl.lit(place, pl.Int64)).otherwise(chosen)
    words = pl.DataFrame(
        [(i, s.value, d.owner, d.since, d.expires_on, d.reason.nb, d.reason.en)
         for i, (d, s) in enumerate(ordered)],
        schema={"_decision": pl.Int64(), **COLUMNS},
        orient="row",
    )  # fmt: skip
    return (
        results.with_columns(chosen.alias("_decision"))
        .join(words, on="_decision", how="left", maintain_order="left")
        .drop("_decision")
        .with_columns(pl.col(STANDING).fill_null(Stewardship.OPEN.value))
    )


def about_nothing(results: pl.DataFrame, decisions: Sequence[Decision]) -> list[int]:
    """The places in the file, from 1, of decisions about results that the night does not have."""
    return [
        place
        for place, d in enumerate(decisions, 1)
        if d.decide is not Decided.UNFIT and results.filter(d.about()).is_empty()
    ]


def unfit_fields(decisions: Sequence[Decision], as_of: date) -> tuple[Unfit, ...]:
    """Every field marked unfit by `as_of`, by table and column; a field marked twice as first written."""
    found: dict[tuple[str, str, str | None], Unfit] = {}
    for d in decisions:
        if d.standing(as_of) is Stewardship.UNFIT:
            table, name = _fields()[str(d.field)]
            made = Unfit(table, name, d.population, d.owner, d.since, d.reason.nb, d.reason.en)
            found.setdefault((table, name, d.population), made)
    return tuple(sorted(found.values(), key=lambda u: (u.table, u.column, u.population or "")))


def _refuse_written(path: Path, text: str) -> None:
    """Refuse a file in which a line as it stands, comments too, holds what no decision may."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not _FINDING.match(line) and (why := _unwanted(line)):
            raise _refused(path, f"line {number}: {why}")


def _refuse_meant(path: Path, text: str, found: Any) -> None:
    """Refuse a file in which a text as YAML reads it does: an escape or a broken line hides it from above."""
    for place, word in _words((), found):
        if place[-1:] == ("finding",) and _RESULT_ID.fullmatch(word):
            continue
        if why := _unwanted(word):
            raise _refused(path, f"line {strict_yaml.line_of(text, place)}: {why}")


def _words(place: tuple[str | int, ...], found: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in what a file says, keys too, and the place where it stands."""
    if isinstance(found, str):
        yield place, found
    elif isinstance(found, dict):
        for key, value in found.items():
            yield place, str(key)
            yield from _words((*place, key), value)
    elif isinstance(found, list):
        for number, value in enumerate(found):
            yield from _words((*place, number), value)


def _unwanted(text: str) -> str | None:
    """Why the text may not stand there: somebody's number, or what a terminal or reader obeys unseen."""
    if any(unicodedata.category(sign).startswith("C") and not sign.isspace() for sign in text):
        return "a character there cannot be seen, and could change how the rest is shown"
    if _NUMBERED.search(_DATE.sub(" ", unicodedata.normalize("NFKC", text))):
        return "something there looks like a person's or a case's number"
    return None


def _in_words(text: str, error: ValidationError) -> Iterable[str]:
    words = {
        "missing": "is missing",
        "extra_forbidden": "is not a field of a decision",
        "date_type": "is a date, written 2030-12-31",
        "list_type": "is a list, each entry with a - before it",
        "model_type": "has fields, each with a : after it",
        "string_type": "is text; put it in quotation marks",
        "string_pattern_mismatch": "is a finding's number, as `uttrekk quality findings` shows it",
    }
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in problem["loc"])
        told = words.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        if problem["type"] == "extra_forbidden":
            known = sorted({*_File.model_fields, *Decision.model_fields, *Reason.model_fields})
            near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
            told += f" - did you mean {near[0]}?" if near else ""
        yield f"line {strict_yaml.line_of(text, problem['loc'])}: {where or 'the file'}: {told}"


def _refused(path: Path, why: str) -> StewardshipWrong:
    return StewardshipWrong(
        f"{path.name}: {why}{'' if why.endswith('?') else '.'}",
        instead="No decision of a steward was used, and nothing was measured or published.",
        do=f"Correct {path} and see: uttrekk quality findings",
    )
