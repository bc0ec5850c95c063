"""Everybody who could be meant by a row of a coarsened table, coded as that table is: the attacker's file."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipeline.disclosure.anonymise import Anonymised
from pipeline.disclosure.engine import recode
from pipeline.disclosure.engine.again import placed
from pipeline.disclosure.engine.encode import encode
from pipeline.disclosure.engine.hierarchy import Hierarchy
from pipeline.disclosure.roles import Role, Roles


def coded_alike(
    everybody: pl.DataFrame, made: Anonymised, roles: Roles, hierarchies: Mapping[str, Hierarchy]
) -> pl.DataFrame | None:
    """The quasi-identifiers of `everybody` as the recoding of `made` codes them; nobody is left out.

    `everybody` has the columns that the table was made of, and `hierarchies` know its values. None where
    levels differ by class and the cuts are not known: somebody outside stands under several classes then.
    """
    quasi = roles.named(Role.QUASI)
    if made.levels is not None:
        return everybody.select(_raised(hierarchies[name], made.levels[name]) for name in quasi)
    if made.cuts is None:
        return None
    encoded = encode(
        everybody.select(roles.named(Role.QUASI, Role.SENSITIVE)),
        quasi,
        roles.targets(),
        hierarchies=hierarchies,
        coarsest=roles.coarsest(),
        blanks=roles.blank,
    )
    return recode.apply(everybody, encoded, placed(encoded.problem, made.cuts), quasi)


def _raised(above: Hierarchy, level: int) -> pl.Expr:
    told = [above.labels[level][code] for code in above.codes[level]]
    return pl.col(above.name).replace_strict(list(above.leaves), told)
