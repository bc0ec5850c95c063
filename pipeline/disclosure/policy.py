"""The policy that role files and requests are held to: what each may ask for more of, and never for less.

    k: 10               # no class may be smaller
    suppression: 0.05   # no larger share of the rows may be left out
    t: 0.2              # of every sensitive column
    distinct: 2         # of every sensitive column
    inference: 0.1      # no attack of that name may gain more (the names: `attacks.limits.Limits`)
    small: {rows: 100, k: 10}  # a table of fewer rows is held to so much (k, t, distinct)

A line that is not there is not asked for. What a role file leaves open, the policy fills in. Releases are
held to the policy that comes with the package (`policy.yaml`), or to a municipality's own, which may only
be stricter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from pipeline.disclosure.attacks.limits import Limits
from pipeline.disclosure.roles import Role, Roles, read
from pipeline.errors import RequestRefused, SettingWrong

MORE = ("k", "distinct", "rows")  # of these the larger figure is the stricter


class Small(BaseModel):
    """What a table of fewer than `rows` rows is held to; None where it is held to no more than any other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Annotated[int, Field(ge=1)]
    k: Annotated[int, Field(ge=1)] | None = None
    t: Annotated[float, Field(ge=0, le=1)] | None = None
    distinct: Annotated[int, Field(ge=1)] | None = None


class Policy(Limits):
    """The least that must be held; None where the policy says nothing."""

    small: Small | None = None
    k: Annotated[int, Field(ge=1)] | None = None
    suppression: Annotated[float, Field(ge=0, le=1)] | None = None
    t: Annotated[float, Field(ge=0, le=1)] | None = None
    distinct: Annotated[int, Field(ge=1)] | None = None


def load(path: Path) -> Policy:
    """The policy in that file, or RequestRefused naming the line or the field."""
    return read(Policy, path, "policy")


@cache
def packaged() -> Policy:
    """The policy that comes with the package."""
    return load(Path(str(files("pipeline.disclosure") / "policy.yaml")))


def of_releases(path: Path | None) -> Policy:
    """What releases are held to: the packaged policy, and what the municipality's own demands beyond it."""
    ours = packaged()
    if path is None:
        return ours
    theirs = load(path)
    if looser := [said for said in _less(theirs, ours)]:
        raise SettingWrong(
            f"The policy {path.name} demands less than the packaged one: {'; '.join(looser)}.",
            instead="Nothing was released.",
            do="A municipality may only be stricter: correct the lines, or leave them out.",
        )
    said = {name: value for name, value in theirs if value is not None}
    if theirs.small is not None and ours.small is not None:
        said["small"] = ours.small.model_copy(update={n: v for n, v in theirs.small if v is not None})
    return ours.model_copy(update=said)


def held_to(roles: Roles, policy: Policy, *, rows: int, what: str = "role file") -> Roles:
    """The roles with the policy's targets where they name none; RequestRefused where they ask for less.

    `what` is what asks, in the refusal. Where the policy calls so many `rows` few, its stricter targets hold
    whatever was asked for: whoever asks cannot know how many there will be.
    """
    loosened = list(_loosened(roles, policy))
    if loosened:
        raise RequestRefused(
            f"The {what} asks for less than the policy demands: {'; '.join(loosened)}.",
            instead="Nothing was written.",
            do="Ask for as much or more, or leave the line out: then the policy's holds.",
        )
    filled = {
        name: column.model_copy(update=_demanded(column, policy, ("t", "distinct")))
        if column.role is Role.SENSITIVE
        else column
        for name, column in roles.columns.items()
    }
    held = roles.model_copy(update=_demanded(roles, policy, ("k", "suppression")) | {"columns": filled})
    few = policy.small
    return held if few is None or rows >= few.rows else _of_few(held, few)


def _of_few(roles: Roles, few: Small) -> Roles:
    columns = {
        name: column.model_copy(update=_stricter(column, few, ("t", "distinct")))
        if column.role is Role.SENSITIVE
        else column
        for name, column in roles.columns.items()
    }
    return roles.model_copy(update=_stricter(roles, few, ("k",)) | {"columns": columns})


def _stricter(asked: BaseModel, few: Small, names: tuple[str, ...]) -> dict[str, Any]:
    """Of each name that is said, the stricter of both."""
    said = {name: (getattr(asked, name), getattr(few, name)) for name in names}
    return {
        name: least if mine is None else (max if name in MORE else min)(mine, least)
        for name, (mine, least) in said.items()
        if least is not None
    }


def _demanded(asked: BaseModel, policy: Policy, names: tuple[str, ...]) -> dict[str, Any]:
    """What the policy demands and `asked` does not say."""
    demanded = {name: getattr(policy, name) for name in names if name not in asked.model_fields_set}
    return {name: value for name, value in demanded.items() if value is not None}


def _loosened(roles: Roles, policy: Policy) -> Iterator[str]:
    """Every target that is said and is less strict than the policy's."""
    yield from _less(roles, policy)
    for name in roles.named(Role.SENSITIVE):
        yield from (f"{name}: {said}" for said in _less(roles.columns[name], policy))


def _less(asked: BaseModel, policy: BaseModel) -> Iterator[str]:
    """Every line of `asked` that is said and is less strict than the policy's."""
    for name, least in policy:
        if least is None or name not in asked.model_fields_set:
            continue
        said = getattr(asked, name)
        if isinstance(least, Small):
            yield from (
                ["small, where the policy has it"]
                if said is None
                else (f"small: {one}" for one in _less(said, least))
            )
        elif said is None or (said < least if name in MORE else said > least):
            yield f"{name}, where the policy has {least:g}"
