"""The role file: what each column of a table is, and which targets the coarsened table must meet.

    k: 5
    suppression: 0.05                 # at most this share of the rows is left out
    mode: level                       # one level for each column; or class: levels that differ by class
    blank: ["?"]                      # written for a missing value, beside an empty cell
    household: home                   # rows with one value of that column count as one; empty: alone
    columns:
      age: {role: quasi, hierarchy: age.csv, weight: 2, coarsest: 2}   # level 2 at most; 0 is as it is
      sex: {role: quasi}              # no hierarchy: the value, or *
      diagnosis: {role: sensitive, distinct: 2, t: 0.2, adverse: [psychosis]}
      name: {role: direct}            # never passed on
      comment: {role: kept}           # passed on as it is

Every column of the table must have a role: nothing is passed on because nobody thought of it. Without
`household` k counts rows; with it, households: that column's role is this one, and it has no line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import strict_yaml
from pipeline.disclosure.engine.targets import MOST_USUAL, Sensitive, Targets
from pipeline.disclosure.tables import THRESHOLD
from pipeline.disclosure.verify_engine import Asked
from pipeline.disclosure.verify_rules import Rule
from pipeline.errors import RequestRefused

Model = TypeVar("Model", bound=BaseModel)
MOST_SUPPRESSED = 0.05
MOST_WEIGHT = 100
MOST_PLACES = 10


class Role(StrEnum):
    """What a column is to whoever might recognise somebody."""

    DIRECT = "direct"
    QUASI = "quasi"
    SENSITIVE = "sensitive"
    KEPT = "kept"


class Mode(StrEnum):
    """One level for each column, with the least possible loss; or levels by class, with less loss still."""

    LEVEL = "level"
    CLASS = "class"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnRole(_Strict):
    """One column's role, and what goes with it.

    `usual` are the shares that t is from where they are stored, in parts by value: no role file has it.
    """

    role: Role
    hierarchy: str | None = None
    weight: Annotated[int, Field(ge=1, le=MOST_WEIGHT)] = 1
    coarsest: Annotated[int, Field(ge=0)] | None = None
    distinct: Annotated[int, Field(ge=1)] | None = None
    t: Annotated[float, Field(ge=0, le=1)] | None = None
    adverse: list[str] = []
    usual: dict[str, Annotated[int, Field(ge=0)]] = {}

    @model_validator(mode="after")
    def _fits(self) -> ColumnRole:
        rules = self.distinct is not None or self.t is not None or bool(self.adverse)
        if rules and self.role is not Role.SENSITIVE:
            raise ValueError("distinct, t and adverse belong to a sensitive column")
        if not rules and self.role is Role.SENSITIVE:
            raise ValueError("a sensitive column needs a rule: distinct, t or adverse")
        if self.usual and (self.t is None or not 0 < sum(self.usual.values()) <= MOST_USUAL):
            raise ValueError(f"usual goes with t, and is told in 1 to {MOST_USUAL} parts")
        of_quasi = self.hierarchy is not None or self.weight != 1 or self.coarsest is not None
        if of_quasi and self.role is not Role.QUASI:
            raise ValueError("hierarchy, weight and coarsest belong to a quasi-identifier")
        return self


class Roles(_Strict):
    """A role file as read."""

    k: Annotated[int, Field(ge=1)] = THRESHOLD
    suppression: Annotated[float, Field(ge=0, le=1)] = MOST_SUPPRESSED
    mode: Mode = Mode.LEVEL
    blank: list[str] = []
    household: Annotated[str, Field(min_length=1)] | None = None
    columns: Annotated[dict[str, ColumnRole], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_role(self) -> Roles:
        if self.household in self.columns:
            raise ValueError("the household's column has its role by that line: take it out of columns")
        if any(
            name == "*" or (name[:1], name[-1:]) == ("^", "$")
            for name in {*self.columns, self.household or ""}
        ):
            # Polars reads such a name as a pattern, and takes other columns for it.
            raise ValueError("a column cannot be called *, nor begin with ^ and end with $: rename it")
        return self

    def named(self, *roles: Role) -> list[str]:
        """The columns of those roles, in the file's order."""
        return [name for name, column in self.columns.items() if column.role in roles]

    def counted(self) -> list[str]:
        """The columns whose values are counted: those that make classes, what these tell, the household."""
        household = [] if self.household is None else [self.household]
        return [*self.named(Role.QUASI, Role.SENSITIVE), *household]

    def weights(self) -> dict[str, int]:
        """What the researcher said matters, by quasi-identifier."""
        return {name: self.columns[name].weight for name in self.named(Role.QUASI)}

    def coarsest(self) -> dict[str, int]:
        """The highest level a quasi-identifier may have, of those that have one."""
        asked = {name: self.columns[name].coarsest for name in self.named(Role.QUASI)}
        return {name: level for name, level in asked.items() if level is not None}

    def targets(self) -> Targets:
        """The targets, in exact fractions of the decimals as written."""
        return Targets(
            k=self.k,
            suppression=Fraction(str(self.suppression)),
            sensitive=tuple(
                Sensitive(
                    name=name,
                    distinct=column.distinct,
                    closeness=None if column.t is None else Fraction(str(column.t)),
                    adverse=frozenset(column.adverse),
                    usual=column.usual,
                )
                for name, column in self.columns.items()
                if column.role is Role.SENSITIVE
            ),
            households=self.household is not None,
        )

    def least_t(self) -> float:
        """The strictest t of any sensitive column; 1, which forbids nothing, where none has any."""
        return min((c.t for c in self.columns.values() if c.t is not None), default=1.0)

    def with_usual(self, usual: Mapping[str, Mapping[str, int]]) -> Roles:
        """The same roles with this alone said to be `usual` of those of its columns that have a t."""
        told = {
            name: column.model_copy(update={"usual": dict(usual.get(name, {}))})
            if column.t is not None
            else column
            for name, column in self.columns.items()
        }
        return self.model_copy(update={"columns": told})

    def without_direct(self, there: Iterable[str]) -> Roles:
        """The same roles for a table that direct identifiers and households may have been taken out of."""
        names = set(there)
        kept = {name: c for name, c in self.columns.items() if c.role is not Role.DIRECT or name in names}
        household = self.household if self.household in names else None
        return self.model_copy(update={"columns": kept, "household": household})

    def refuse_strangers(self, columns: Iterable[str]) -> None:
        """Refuse a table that has a column without a role, or lacks one that has.

        A name is told only where the role file has it: of a CSV without a header the names are a person's
        row, so those are told by their places, from 1.
        """
        there = list(columns)
        known = [*self.columns, *([] if self.household is None else [self.household])]
        extra = [str(place) for place, name in enumerate(there, 1) if name not in known]
        missing = [name for name in known if name not in there]
        if extra or missing:
            places = ", ".join(extra[:MOST_PLACES]) + (" ..." if len(extra) > MOST_PLACES else "")
            said = [f"columns without a role: {len(extra)}, in place {places}"] if extra else []
            said += [f"with a role, and not in the table: {', '.join(missing)}"] if missing else []
            raise RequestRefused(
                f"The role file and the table do not fit ({'; '.join(said)}).",
                instead="Nothing was read further, and nothing was written.",
                do="Give every column of the table's header a role; direct leaves it out, kept passes it on.",
            )


def load(path: Path) -> Roles:
    """The role file, or RequestRefused naming the line or the field."""
    roles = read(Roles, path, "role file")
    if any(column.usual for column in roles.columns.values()):
        # Whoever could say what is usual could call any class close to it.
        raise _refused(path, "role file", "what is usual is counted in the table, and not said")
    return roles


def read(model: type[Model], path: Path, kind: str) -> Model:
    """The file as `model` understands it; `kind` is what to call it where it cannot be read."""
    try:
        return model.model_validate(strict_yaml.parse(strict_yaml.text_of(path)))
    except strict_yaml.Unreadable as why:
        raise _refused(path, kind, str(why)) from None
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        told = (
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg'].removeprefix('Value error, ')}"
            for one in problems
        )
        raise _refused(path, kind, "; ".join(told)) from None


def asked(roles: Roles, folder: Path) -> Asked:
    """What the verifier must find in a table made by these roles; hierarchies stand in `folder`."""
    sensitive = {
        name: Rule(
            distinct=column.distinct,
            t=None if column.t is None else str(column.t),
            adverse=tuple(column.adverse),
            usual=column.usual,
        )
        for name, column in roles.columns.items()
        if column.role is Role.SENSITIVE
    }
    named = {name: roles.columns[name].hierarchy for name in roles.named(Role.QUASI)}
    return Asked(
        k=roles.k,
        suppression=str(roles.suppression),
        quasi=tuple(named),
        kept=tuple(roles.named(Role.KEPT)),
        sensitive=sensitive,
        hierarchies={name: folder / file for name, file in named.items() if file},
        blanks=tuple(roles.blank),
        one_level=roles.mode is Mode.LEVEL,
        coarsest=roles.coarsest(),
        household=roles.household,
    )


def _refused(path: Path, kind: str, why: str) -> RequestRefused:
    return RequestRefused(
        f"The {kind} {path.name} cannot be used: {why}.",
        instead="Nothing was written.",
        do="Correct it; an example stands in: uttrekk anonymise --help",
    )
