"""What the coarsened table of a release must hold, read from the declarations: roles, hierarchies, rules.

Which columns single a person out is decided here, once, from the facts (`quasi_identifiers`): every indirect
column that is no special category. A special category is what classes must not tell; it is not what they are
made of. What does not belong here: the engine, and how the rows come about (`releases.coarsened`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy, hierarchy
from pipeline.disclosure.policy import packaged
from pipeline.disclosure.roles import ColumnRole, Role, Roles
from schemas.codes import ANY
from schemas.research import CoarsenedOutcome
from schemas.variable import Column, Identifiability, columns

# The least k a request may ask for; the policy says it, and the verifier has its own on purpose.
K = packaged().k or 1


def quasi_identifiers(names: Iterable[str] | None = None) -> tuple[str, ...]:
    """The columns of the coarsened table (of `names` only, if given) that a class is made of."""
    kept = None if names is None else set(names)
    return tuple(
        c.name for c in columns(CoarsenedOutcome) if _singles_out(c) and (kept is None or c.name in kept)
    )


def _singles_out(candidate: Column) -> bool:
    about = candidate.about
    return about.identifiability is not Identifiability.NONE and not about.special_category


def roles_of(
    approved: Sequence[Column],
    weights: Mapping[str, int],
    coarsest: Mapping[str, str] | None = None,
    **asked: Any,
) -> Roles:
    """The roles of the approved columns, and the targets that were `asked` for (k, suppression, t, mode).

    `coarsest` names, for columns that may only become so coarse, the code list of their ladder that is the
    limit. A special category gets the one-sided rule; a code for «ukjent» is no registered value. What is not
    asked for is left open, for the policy to fill in.
    """
    limits = coarsest or {}
    t = {"t": asked.pop("t")} if "t" in asked else {}
    roles = {}
    blanks: set[str] = set()
    for c in approved:
        if _singles_out(c):
            limit = level_lists(c).index(limits[c.name]) if c.name in limits else None
            roles[c.name] = ColumnRole(role=Role.QUASI, weight=weights.get(c.name, 1), coarsest=limit)
        elif c.about.special_category and c.about.codes is not None:
            blanks |= c.about.codes.unknown
            adverse = sorted(c.about.codes.adverse)
            roles[c.name] = ColumnRole(role=Role.SENSITIVE, adverse=adverse, **t)
        else:
            roles[c.name] = ColumnRole(role=Role.KEPT)
    return Roles(columns=roles, blank=sorted(blanks), **asked)


def hierarchies(approved: Sequence[Column], frame: pl.DataFrame) -> dict[str, Hierarchy]:
    """For each quasi-identifier its ladder of code lists, of the codes that stand in `frame`.

    Codes that nobody has would make every coarsening look small.
    """
    found = {}
    for c in approved:
        if _singles_out(c) and c.about.codes is not None:
            there = set(frame[c.name].unique())
            found[c.name] = hierarchy(c.name, [line for line in c.about.codes.lines() if line[0] in there])
    return found


def level_lists(column: Column) -> tuple[str, ...]:
    """The names of the code lists a column can stand in, by level; the level of `ANY` above them has none."""
    return () if column.about.codes is None else tuple(each.name for each in column.about.codes.ladder())


def level_name(column: Column, level: int) -> str:
    """What a level of the column is called: its code list's name, or `ANY` where all codes are one."""
    named = level_lists(column)
    return named[level] if level < len(named) else ANY
