"""A request: a YAML file that says which variables a project gets, for what, and until when.

It is read strictly: an unknown key, table or variable is refused with the nearest one that exists. A direct
identifier cannot be asked for, because only the tables of `schemas.research` can be.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline import strict_yaml
from pipeline.disclosure.coarsen import K, level_lists, quasi_identifiers
from pipeline.disclosure.policy import packaged
from pipeline.disclosure.roles import MOST_WEIGHT, Mode
from pipeline.errors import RequestRefused
from pipeline.identity.keys import PROJECT_PATTERN
from pipeline.identity.usable import OutputKind
from schemas.research import RESEARCH, Crosswalk
from schemas.variable import Column, Identifiability, Table, columns, facts

SUFFIXES = (".yaml", ".yml")
OFFERED = (OutputKind.PSEUDONYMISED, OutputKind.COARSENED)
BY_ITSELF: tuple[type[Table], ...] = (Crosswalk,)  # comes with a pseudonymised output, and is not asked for
Name = Annotated[str, Field(pattern=f"^{PROJECT_PATTERN.pattern}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
_POLICY = packaged()
# What only a coarsened output can ask for; a request may ask for more than the policy, never for less.
TARGETS = ("k", "suppression", "t", "mode")
_OF_COARSENED = (*TARGETS, "weights", "coarsest", "anonymous", "renewed")


class Whose(StrEnum):
    """Whose rows an output holds, of those who may be used: everybody's, or residents' on the as_of alone."""

    EVERYONE = "everyone"
    RESIDENTS = "residents"


def released_name(table: type[Table]) -> str:
    """What a research table is called in requests and releases."""
    return facts(table).source_name


def is_pseudonymised(table: type[Table]) -> bool:
    """Whether rows of the table carry the project's pseudonym."""
    return any(c.about.identifiability is Identifiability.PSEUDONYM for c in columns(table))


def tables_of(kind: OutputKind) -> dict[str, type[Table]]:
    """The tables that may be asked for in an output of that kind, by released name."""
    wanted = kind is OutputKind.PSEUDONYMISED
    offered = [table for table in RESEARCH if table not in BY_ITSELF]
    return {released_name(t): t for t in offered if is_pseudonymised(t) is wanted}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Bilingual(_Strict):
    """The same text in Norwegian and English."""

    nb: Text
    en: Text


class Decided(_Strict):
    """What a named human has decided about an output: who (two names at least), when, and why."""

    by: Annotated[str, Field(pattern=r"^\p{L}[\p{L}.'’-]*( \p{L}[\p{L}.'’-]*)+$", max_length=200)]
    on: date
    why: Annotated[str, Field(pattern=r"^\p{L}", min_length=10, max_length=2000)]


class Output(_Strict):
    """One output of a request: its kind, which variables of which tables, and whose.

    Of a coarsened one also: the targets it asks for beyond the policy's, whether a variable has one level or
    levels that differ by class (`mode`), how much more a variable matters than others (`weights`), and the
    code list of its ladder that a variable may become no coarser than (`coarsest`); and that somebody has
    decided that it is `anonymous`, or that it may be `renewed` although few differ between its versions.
    """

    kind: OutputKind
    tables: Annotated[dict[str, Annotated[list[str], Field(min_length=1)]], Field(min_length=1)]
    k: Annotated[int, Field(ge=K, le=1000)] = K
    suppression: Annotated[float, Field(ge=0, le=_POLICY.suppression)] | None = None
    t: Annotated[float, Field(gt=0, le=_POLICY.t)] | None = None
    mode: Mode = Mode.LEVEL
    weights: dict[str, Annotated[int, Field(ge=1, le=MOST_WEIGHT)]] = {}
    coarsest: dict[str, str] = {}
    anonymous: Decided | None = None
    renewed: Decided | None = None
    population: Whose = Whose.EVERYONE

    @field_validator("kind", mode="before")
    @classmethod
    def _kind(cls, value: Any) -> OutputKind:
        try:
            kind = OutputKind(value)
        except ValueError:
            raise ValueError(_nearest(value, [k.value for k in OFFERED])) from None
        if kind not in OFFERED:
            raise ValueError(_nearest(value, [k.value for k in OFFERED]))
        return kind

    @field_validator("population", mode="before")
    @classmethod
    def _population(cls, value: Any) -> Whose:
        try:
            return Whose(value)
        except ValueError:
            raise ValueError(_nearest(value, [each.value for each in Whose])) from None

    @field_validator("mode", mode="before")
    @classmethod
    def _mode(cls, value: Any) -> Mode:
        try:
            return Mode(value)
        except ValueError:
            raise ValueError(_nearest(value, [each.value for each in Mode])) from None

    @model_validator(mode="after")
    def _known(self) -> Output:
        offered = tables_of(self.kind)
        for name, variables in self.tables.items():
            if name in map(released_name, BY_ITSELF):
                raise ValueError(f"{name} is not asked for: it comes with a pseudonymised output by itself")
            if name not in offered:
                raise ValueError(_nearest(name, offered))
            known = [c.name for c in columns(offered[name])]
            for variable in variables:
                if variable not in known:
                    raise ValueError(f"{name}: {_nearest(variable, known)}")
            if len(set(variables)) != len(variables):
                raise ValueError(f"{name}: a variable stands twice")
            if self.kind is OutputKind.COARSENED and not quasi_identifiers(variables):
                raise ValueError(
                    f"{name}: a table of outcomes alone is a table of counts; ask for a variable"
                )
        asked = [name for name in _OF_COARSENED if name in self.model_fields_set]
        if empty := [name for name in asked if getattr(self, name) is None]:
            raise ValueError(f"{empty[0]}: leave the line out, or give a value")
        if asked and self.kind is not OutputKind.COARSENED:
            raise ValueError(f"{asked[0]} belongs to a coarsened output")
        self._refuse_strangers()
        if self.population is not Whose.EVERYONE and self.kind is not OutputKind.PSEUDONYMISED:
            raise ValueError("population belongs to a pseudonymised output")
        return self

    def _refuse_strangers(self) -> None:
        """Refuse a weight or a limit of what is not asked for, and a limit that is not of the ladder."""
        asked = quasi_identifiers(v for variables in self.tables.values() for v in variables)
        for field in ("weights", "coarsest"):
            if strange := [name for name in getattr(self, field) if name not in asked]:
                raise ValueError(f"{field}: {_nearest(strange[0], asked)}")
        ladders = {
            c.name: level_lists(c) for name in self.tables for c in columns(tables_of(self.kind)[name])
        }
        for variable, limit in self.coarsest.items():
            if limit not in ladders[variable]:
                raise ValueError(f"coarsest.{variable}: {_nearest(limit, ladders[variable])}")

    def decisions(self) -> dict[str, Decided]:
        """What named humans have decided about the output, by the line that says so."""
        said = {"anonymous": self.anonymous, "renewed": self.renewed}
        return {name: decided for name, decided in said.items() if decided is not None}

    def targets(self) -> dict[str, Any]:
        """The targets that are asked for; what is not is the policy's to say."""
        said = {name: getattr(self, name) for name in TARGETS if name in self.model_fields_set}
        return {name: value for name, value in said.items() if value is not None}

    def coarsest_of(self, name: str) -> dict[str, str]:
        """Of that table's variables that have one: the code list they may become no coarser than."""
        return {
            variable: self.coarsest[variable] for variable in self.tables[name] if variable in self.coarsest
        }

    def approved(self, name: str) -> tuple[Column, ...]:
        """The columns of that table which are released: its primary key and what was asked for."""
        table = tables_of(self.kind)[name]
        wanted = {*facts(table).primary_key, *self.tables[name]}
        return tuple(c for c in columns(table) if c.name in wanted)


class Request(_Strict):
    """What one project asks for."""

    id: Name
    project: Name
    title: Bilingual
    purpose: Bilingual
    legal_basis: Annotated[list[Text], Field(min_length=1)]
    expires_on: date
    outputs: Annotated[list[Output], Field(min_length=1)]
    # `table.variable` of those it wants although a steward has marked what they rest on as unfit.
    accepts_unfit: list[str] = []

    @model_validator(mode="after")
    def _once(self) -> Request:
        names = [name for output in self.outputs for name in output.tables]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{repeated[0]} stands in two outputs")
        asked = [
            f"{name}.{v}" for output in self.outputs for name in output.tables for v in output.tables[name]
        ]
        if strange := [path for path in self.accepts_unfit if path not in asked]:
            raise ValueError(f"accepts_unfit: {_nearest(strange[0], asked)}")
        return self

    @cached_property
    def canonical(self) -> str:
        """The request as text that depends on what it says only, not on how its file is laid out."""
        plain = self.model_dump(mode="json")
        for output, asked in zip(plain["outputs"], self.outputs, strict=True):
            for name in _OF_COARSENED:
                if name not in asked.model_fields_set:
                    del output[name]
            if output["population"] == Whose.EVERYONE:
                del output["population"]
        if not self.accepts_unfit:
            del plain["accepts_unfit"]
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, indent=1) + "\n"

    def expired(self, as_of: date) -> bool:
        """Whether the grant has run out: its last day is still inside."""
        return as_of > self.expires_on


def refuse_expired(request: Request, as_of: date) -> None:
    """Raise where the grant has run out by the night's as_of."""
    if request.expired(as_of):
        raise RequestRefused(
            f"Request {request.id} expired on {request.expires_on}.",
            instead="No version of it was published; the versions published before stand.",
            do="If the project goes on: have it granted anew and correct expires_on.",
        )


def request_files(folder: Path | None) -> list[Path]:
    """The request files of `folder`, or the package's own examples, by name; a folder of none is refused."""
    if folder is not None and not folder.is_dir():
        raise RequestRefused(
            f"There is no folder of requests at {folder}.",
            instead="Nothing was released.",
            do="Set UTTREKK_REQUESTS to a folder with request files, or unset it for the built-in example.",
        )
    where = folder or Path(str(files("pipeline.requests") / "examples"))
    found = sorted(path for path in where.iterdir() if path.suffix in SUFFIXES)
    if not found:
        raise RequestRefused(
            f"There is no request file in {where}.",
            instead="Nothing was released.",
            do=f"Put a request there; its name ends in {' or '.join(SUFFIXES)}.",
        )
    return found


def load_all(folder: Path | None) -> list[Request]:
    """All requests of `folder` (or the built-in example), by id; two with one id are refused."""
    requests = sorted((load(path) for path in request_files(folder)), key=lambda request: request.id)
    ids = [request.id for request in requests]
    if repeated := sorted({i for i in ids if ids.count(i) > 1}):
        raise RequestRefused(
            f"Two request files have the id {repeated[0]}.",
            instead="Nothing was released.",
            do="Give one of them another id.",
        )
    return requests


def load(path: Path) -> Request:
    """The request in that file, or RequestRefused naming the line or the field."""
    try:
        return Request.model_validate(read(path))
    except ValidationError as error:
        raise _refused(path, "; ".join(_in_words(error))) from None


def read(path: Path) -> Any:
    """What the file says, not yet held against what a request may say; RequestRefused where it is no YAML."""
    try:
        return strict_yaml.parse(strict_yaml.text_of(path))
    except strict_yaml.Unreadable as why:
        raise _refused(path, str(why)) from None


_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a request",
    "date_type": "is a date, written 2030-12-31",
    "string_type": "is text; put it in quotation marks",
    "string_pattern_mismatch": "has only lower-case letters, digits, - and _, and at most 64",
}


def _in_words(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"]) or "the request"
        words = _WORDS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        if problem["type"] == "extra_forbidden":
            models = (Request, Output, Bilingual, Decided)
            fields = {name for model in models for name in model.model_fields}
            words += _suggestion(str(problem["loc"][-1]), fields)
        yield f"{where}: {words}"


def _nearest(name: Any, known: Iterable[str]) -> str:
    return (
        f"there is no {str(name)[:64]!r}{_suggestion(str(name), known)}; there are {', '.join(sorted(known))}"
    )


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f" - did you mean {near[0]}?" if near else ""


def _refused(path: Path, why: str) -> RequestRefused:
    return RequestRefused(
        f"{path.name}: {why}.",
        instead="Nothing was released.",
        do=f"Correct {path} and run again: uttrekk run",
    )
