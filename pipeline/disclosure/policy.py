"""The policy that role files are held to: what each may ask for more of, and never for less.

    k: 10               # no class may be smaller
    suppression: 0.05   # no larger share of the rows may be left out
    t: 0.2              # of every sensitive column
    distinct: 2         # of every sensitive column

A line that is not there is not asked for. What a role file leaves open, the policy fills in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from pipeline.disclosure.roles import Role, Roles, read
from pipeline.errors import RequestRefused


class Policy(BaseModel):
    """The least that must be held; None where the policy says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    k: Annotated[int, Field(ge=1)] | None = None
    suppression: Annotated[float, Field(ge=0, le=1)] | None = None
    t: Annotated[float, Field(ge=0, le=1)] | None = None
    distinct: Annotated[int, Field(ge=1)] | None = None


def load(path: Path) -> Policy:
    """The policy in that file, or RequestRefused naming the line or the field."""
    return read(Policy, path, "policy")


def held_to(roles: Roles, policy: Policy) -> Roles:
    """The roles with the policy's targets where they name none; RequestRefused where they ask for less."""
    loosened = list(_loosened(roles, policy))
    if loosened:
        raise RequestRefused(
            f"The role file asks for less than the policy demands: {'; '.join(loosened)}.",
            instead="Nothing was written.",
            do="Ask for as much or more, or leave the line out: then the policy's holds.",
        )
    filled = {
        name: column.model_copy(update=_demanded(column, policy, ("t", "distinct")))
        if column.role is Role.SENSITIVE
        else column
        for name, column in roles.columns.items()
    }
    return roles.model_copy(update=_demanded(roles, policy, ("k", "suppression")) | {"columns": filled})


def _demanded(asked: BaseModel, policy: Policy, names: tuple[str, ...]) -> dict[str, Any]:
    """What the policy demands and `asked` does not say."""
    demanded = {name: getattr(policy, name) for name in names if name not in asked.model_fields_set}
    return {name: value for name, value in demanded.items() if value is not None}


def _loosened(roles: Roles, policy: Policy) -> Iterator[str]:
    """Every target that is said and is less strict than the policy's."""
    places: list[tuple[str, BaseModel]] = [("", roles)]
    places += [(f"{name}: ", roles.columns[name]) for name in roles.named(Role.SENSITIVE)]
    for place, asked in places:
        for name, least in policy:
            if least is None or name not in asked.model_fields_set:
                continue
            said = getattr(asked, name)
            if said is None or (said < least if name in ("k", "distinct") else said > least):
                yield f"{place}{name}, where the policy has {least:g}"
