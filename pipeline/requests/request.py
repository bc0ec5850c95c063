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
from pipeline.disclosure.coarsen import K, quasi_identifiers
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


class Output(_Strict):
    """One output of a request: its kind, which variables of which tables, and whose."""

    kind: OutputKind
    tables: Annotated[dict[str, Annotated[list[str], Field(min_length=1)]], Field(min_length=1)]
    k: Annotated[int, Field(ge=K, le=1000)] = K
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
        if "k" in self.model_fields_set and self.kind is not OutputKind.COARSENED:
            raise ValueError("k belongs to a coarsened output")
        if self.population is not Whose.EVERYONE and self.kind is not OutputKind.PSEUDONYMISED:
            raise ValueError("population belongs to a pseudonymised output")
        return self

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
        for output in plain["outputs"]:
            if output["kind"] != OutputKind.COARSENED:
                del output["k"]
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
            fields = {*Request.model_fields, *Output.model_fields, *Bilingual.model_fields}
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
