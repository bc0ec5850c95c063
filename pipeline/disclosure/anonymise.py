"""One table in, one coarsened table out that meets its targets: the engine behind `uttrekk anonymise`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.disclosure.engine import lattice, local, recode
from pipeline.disclosure.engine.encode import Encoded, encode
from pipeline.disclosure.engine.recode import Cost
from pipeline.disclosure.engine.unreachable import unreachable
from pipeline.disclosure.files import read_hierarchy
from pipeline.disclosure.roles import Mode, Role, Roles


@dataclass(frozen=True)
class Anonymised:
    """The coarsened rows, what they cost, and how they were found.

    `levels` has the level of each quasi-identifier where it is the same in all classes. `optimal` says
    whether no other choice of levels loses less; it is None of levels by class, where nobody can know.
    `bound` is what the loss of any choice of levels cannot be below.
    """

    rows: pl.DataFrame
    cost: Cost
    levels: dict[str, int] | None
    optimal: bool | None
    bound: float | None


def anonymise(frame: pl.DataFrame, roles: Roles, folder: Path) -> Anonymised:
    """Coarsen a table by its role file; hierarchies stand in `folder`.

    Direct identifiers are left out, and the rows come sorted. Raises RequestRefused where the role file,
    a hierarchy and the table do not fit, and TargetUnreachable where no recoding was found that meets
    the targets.
    """
    roles.refuse_strangers(frame.columns)
    quasi = roles.named(Role.QUASI)
    named = {name: roles.columns[name].hierarchy for name in quasi}
    hierarchies = {name: read_hierarchy(folder / file, name) for name, file in named.items() if file}
    encoded = encode(
        frame.select(roles.named(Role.QUASI, Role.SENSITIVE)),
        quasi,
        roles.targets(),
        hierarchies=hierarchies,
        weights=roles.weights(),
        blanks=roles.blank,
    )
    columns = [name for name in frame.columns if roles.columns[name].role is not Role.DIRECT]
    made = (_by_level if roles.mode is Mode.LEVEL else _by_class)(frame, encoded, columns)
    if made.rows.is_empty():
        raise unreachable(encoded.problem, searched=bool(made.optimal))
    return made


def _by_level(frame: pl.DataFrame, encoded: Encoded, columns: list[str]) -> Anonymised:
    problem = encoded.problem
    found = lattice.search(problem)
    recoding = recode.by_level(problem, found)
    return Anonymised(
        rows=recode.apply(frame, encoded, recoding, columns),
        cost=recode.cost(problem, recoding),
        levels={a.name: level for a, level in zip(problem.attributes, found.node, strict=True)},
        optimal=found.optimal,
        bound=float(problem.loss(found.bound)),
    )


def _by_class(frame: pl.DataFrame, encoded: Encoded, columns: list[str]) -> Anonymised:
    recoding = recode.by_class(local.refine(encoded.problem))
    return Anonymised(
        rows=recode.apply(frame, encoded, recoding, columns),
        cost=recode.cost(encoded.problem, recoding),
        levels=None,
        optimal=None,
        bound=None,
    )
