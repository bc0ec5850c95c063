"""One table in, one coarsened table out that meets its targets: behind `uttrekk anonymise` and releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from pipeline.disclosure.engine import again, lattice, local, recode
from pipeline.disclosure.engine.cuts import Cuts
from pipeline.disclosure.engine.encode import Encoded, encode
from pipeline.disclosure.engine.hierarchy import BLANK, Hierarchy
from pipeline.disclosure.engine.problem import Problem
from pipeline.disclosure.engine.recode import Cost
from pipeline.disclosure.engine.unreachable import unreachable
from pipeline.disclosure.files import read_hierarchy, refuse_what_is_no_value
from pipeline.disclosure.roles import Mode, Role, Roles
from pipeline.disclosure.usual import Usual, settled
from pipeline.errors import RequestRefused


@dataclass(frozen=True)
class Anonymised:
    """The coarsened rows, what they cost, and how they were found.

    `levels` has the level of each quasi-identifier where it is the same in all classes. `optimal` says
    whether no other choice of levels loses less (than stored levels that did not do: no coarser one); it is
    None of levels by class, where nobody can know, and of stored levels that were taken again.
    `bound` is what the loss of any such choice of levels cannot be below. `cuts` are those of levels by class
    that are to be stored, and `usual` what is usual of the columns with a t, to be stored too; of those in
    `usual_anew` it was counted in these rows, of others it was stored before. `homes` has
    the household of each of `rows`, in their order, where k counts households: for the verifier alone, and
    never written anywhere. `stand_at` has the levels that the rows stand at, by quasi-identifier.
    """

    rows: pl.DataFrame
    cost: Cost
    levels: dict[str, int] | None
    optimal: bool | None
    bound: float | None
    cuts: Cuts | None = None
    homes: pl.Series | None = None
    usual: Usual | None = None
    usual_anew: tuple[str, ...] = ()
    stand_at: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def anonymise(frame: pl.DataFrame, roles: Roles, folder: Path) -> Anonymised:
    """Coarsen a table by its role file; hierarchies stand in `folder`.

    Direct identifiers and the household are left out, and the rows come sorted. Raises RequestRefused where
    the role file, a hierarchy and the table do not fit, also where none of a column's adverse values is in
    it, and TargetUnreachable where no recoding was found that meets the targets.
    """
    roles.refuse_strangers(frame.columns)
    refuse_what_is_no_value(frame, roles.counted())
    _refuse_idle_rules(frame, roles)
    named = {name: roles.columns[name].hierarchy for name in roles.named(Role.QUASI)}
    hierarchies = {name: read_hierarchy(folder / file, name) for name, file in named.items() if file}
    return recoded(frame, roles, hierarchies)


def _refuse_idle_rules(frame: pl.DataFrame, roles: Roles) -> None:
    """A slip in an adverse value would switch its rule off, and the targets would be called met.

    Of role files only: releases take adverse values from code lists, and a night may lack them all.
    """
    idle = []
    for rule in roles.targets().sensitive:
        there = set(frame[rule.name].unique().cast(pl.String).to_list()) - {BLANK, *roles.blank}
        if rule.adverse and there.isdisjoint(rule.adverse):
            idle.append(rule.name)
    if idle:
        raise RequestRefused(
            f"None of the adverse values that the role file gives is in the table: {', '.join(idle)}.",
            instead="Nothing was coarsened or written.",
            do="Write adverse values as the column does, capitals and all, or leave adverse out.",
        )


def recoded(
    frame: pl.DataFrame,
    roles: Roles,
    hierarchies: Mapping[str, Hierarchy],
    *,
    storing: bool = False,
    stored: Mapping[str, int] | Cuts | None = None,
) -> Anonymised:
    """`anonymise`, with the hierarchies at hand.

    `storing` says whether the recoding is to be stored, and `stored` is what was: the level each
    quasi-identifier had before, or the cuts. Those are taken again while they meet the targets; otherwise
    what is coarser: the best levels, or with some of the cuts undone. Levels above what the roles allow are
    not taken again. What is usual of a column is stored too (`usual.settled`): what the roles say of it was.
    """
    roles.refuse_strangers(frame.columns)
    if not storing:
        return _recoded(frame, roles, hierarchies, storing, stored)
    found = settled(
        frame, roles, lambda held: _recoded(frame, held, hierarchies, storing, stored), lambda made: made.rows
    )
    return replace(found.made, usual=found.usual, usual_anew=found.anew)


def _recoded(
    frame: pl.DataFrame,
    roles: Roles,
    hierarchies: Mapping[str, Hierarchy],
    storing: bool,
    stored: Mapping[str, int] | Cuts | None,
) -> Anonymised:
    """`recoded` by these roles as they are."""
    quasi = roles.named(Role.QUASI)
    encoded = encode(
        frame.select(roles.named(Role.QUASI, Role.SENSITIVE)),
        quasi,
        roles.targets(),
        hierarchies=hierarchies,
        weights=roles.weights(),
        coarsest=roles.coarsest(),
        blanks=roles.blank,
        household=None if roles.household is None else frame[roles.household],
    )
    columns = _passed_on(frame, roles)
    if roles.mode is Mode.CLASS:
        cuts = stored if isinstance(stored, Cuts) else None
        made = _by_class(frame, encoded, columns, cuts, storing)
    else:
        levels = stored if isinstance(stored, Mapping) else None
        made = _by_level(frame, encoded, columns, _allowed(encoded.problem, levels))
    if made.rows.is_empty():
        raise unreachable(encoded.problem, searched=bool(made.optimal))
    if roles.household is None:
        return made
    return replace(made, rows=made.rows.drop(roles.household), homes=made.rows[roles.household])


def _passed_on(frame: pl.DataFrame, roles: Roles) -> list[str]:
    """The columns that are written, and behind them the household: who sorts by it last changes nothing."""
    left = {*roles.named(Role.DIRECT), roles.household}
    household = [] if roles.household is None else [roles.household]
    return [*(name for name in frame.columns if name not in left), *household]


def _allowed(problem: Problem, stored: Mapping[str, int] | None) -> tuple[int, ...] | None:
    """Stored levels as a node, unless one of them lies above what there is."""
    if stored is None or any(stored[a.name] >= a.levels for a in problem.attributes):
        return None
    return tuple(stored[a.name] for a in problem.attributes)


def _by_level(
    frame: pl.DataFrame, encoded: Encoded, columns: list[str], least: tuple[int, ...] | None
) -> Anonymised:
    problem = encoded.problem
    again = None if least is None else lattice.kept(problem, least)
    found = again or lattice.search(problem, least=least)
    recoding = recode.by_level(problem, found)
    return Anonymised(
        rows=recode.apply(frame, encoded, recoding, columns),
        cost=recode.cost(problem, recoding),
        levels={a.name: level for a, level in zip(problem.attributes, found.node, strict=True)},
        optimal=None if again else found.optimal,
        bound=None if again else float(problem.loss(found.bound)),
        stand_at=recode.levels_kept(problem, recoding),
    )


def _by_class(
    frame: pl.DataFrame, encoded: Encoded, columns: list[str], stored: Cuts | None, storing: bool
) -> Anonymised:
    cuts = None
    if stored is not None:
        found = again.again(encoded.problem, stored)
        recoding, cuts = found.recoding, found.cuts
    elif storing:
        found = again.anew(encoded.problem)
        recoding, cuts = found.recoding, found.cuts
    else:
        recoding = recode.by_class(local.refine(encoded.problem))
    return Anonymised(
        rows=recode.apply(frame, encoded, recoding, columns),
        cost=recode.cost(encoded.problem, recoding),
        levels=None,
        optimal=None,
        bound=None,
        cuts=cuts,
        stand_at=recode.levels_kept(encoded.problem, recoding),
    )
