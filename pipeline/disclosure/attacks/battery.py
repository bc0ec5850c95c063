"""All attacks on one table, in one order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from pipeline.disclosure.attacks.attack import Attack
from pipeline.disclosure.attacks.crowd import crowd, usual_as_said, usual_of
from pipeline.disclosure.attacks.differencing import differencing
from pipeline.disclosure.attacks.identity import by_quasi, linkage, singling_out
from pipeline.disclosure.attacks.inference import homogeneity, homogeneity_adverse, inference, skewness
from pipeline.disclosure.attacks.membership import membership
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.disclosure.policy import packaged
from pipeline.disclosure.risk import Risk

# A class is told as skewed from here on where no t was asked for: the t that special categories have.
SKEWED = packaged().t or 0.0


def attack(
    measured: Risk,
    frame: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[Sensitive],
    *,
    k: int,
    blanks: Collection[str] = (),
    population: pl.DataFrame | None = None,
    before: pl.DataFrame | None = None,
    original: pl.DataFrame | None = None,
) -> tuple[Attack, ...]:
    """Every attack on the released rows; `measured` is their risk (`risk.measure`, of the same frames).

    Identity first, then for each sensitive column what its class tells, also to whoever knows the other
    sensitive columns. With a `population` (coded alike) membership, with the version `before` differencing
    (of classes where fewer than `k` rows differ); with the `original` table, skewness is how far a class is
    from that.
    """
    names = [rule.name for rule in sensitive]
    told = crowd(frame, quasi, names, blanks)
    attacks = [*by_quasi(measured)]
    if names:
        attacks += [linkage(told, names), singling_out(told)]
    for rule in sensitive:
        others = [name for name in names if name != rule.name]
        limit = SKEWED if rule.closeness is None else float(rule.closeness)
        attacks.append(inference(told, rule.name))
        attacks += [inference(told, rule.name, others)] if others else []
        usual = None if original is None else usual_of(frame, original, rule.name, blanks)
        usual = usual_as_said(told, rule) if rule.usual else usual
        attacks += [homogeneity_adverse(told, rule.name, rule.adverse)] if rule.adverse else []
        attacks += [homogeneity(told, rule.name), skewness(told, rule.name, limit, usual)]
    if population is not None:
        attacks.append(membership(frame, population, quasi))
    if before is not None:
        attacks += differencing(before, frame, quasi, names, blanks, k=k)
    return tuple(attacks)
