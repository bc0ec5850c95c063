"""What two versions of a release tell when one is subtracted from the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.attacks.attack import Attack, Ints, Kind
from pipeline.disclosure.attacks.cells import counted
from pipeline.disclosure.attacks.crowd import BLANK, Crowd, crowd
from pipeline.disclosure.attacks.inference import guessed
from pipeline.disclosure.engine.hierarchy import spelt


@dataclass(frozen=True)
class _Difference:
    """The rows of both versions, `told`, and the places `of` those that only one of them has.

    `side` is 2 * the row's class, and 1 more in the older version. `exposed` are those of `of` that differ
    together with fewer than k of their side.
    """

    told: Crowd
    side: Ints
    of: Ints
    exposed: Ints


def differencing(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    blanks: Collection[str] = (),
    *,
    k: int,
) -> tuple[Attack, ...]:
    """The rows that came and the rows that went, class by class: who are they, and what is true of them?

    An attacker who knows that somebody came, went or changed between the versions finds it among the rows of
    its class that only one of them has. Where k or more differ, they hide each other as a class does; guesses
    are counted where fewer do, so that whole classes that came or went do not drown the few. First the
    linking of each such row, beside the linking in one version alone; `highest` is 1 / the fewest rows that
    differ in any class, also where nobody is exposed. Then for each sensitive column the guess of the
    commonest value among them, beside the commonest of the class in one version. Versions are compared as
    they are labelled: where a recoding has moved between them, all rows of a class differ.
    """
    found = _difference(before, after, quasi, sensitive, blanks, k)
    sizes, differing = _sizes(found, found.side), _sizes(found, found.side[found.of])
    exposed = _sizes(found, found.side[found.exposed])
    linked = Attack(
        kind=Kind.DIFFERENCING,
        guesses=len(found.exposed),
        right=float((exposed > 0).sum()),
        controls=len(found.exposed),
        control_right=float((exposed / np.maximum(sizes, 1)).sum()),
        highest=1 / int(differing[differing > 0].min()) if differing.any() else None,
    )
    return (linked, *(_guessed(found, name) for name in sensitive))


def _difference(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    blanks: Collection[str],
    k: int,
) -> _Difference:
    names = list(dict.fromkeys([*quasi, *sensitive]))
    version = "older " + " ".join(names)  # a name that no column has; blank in the newer version
    versions = [
        pl.DataFrame([spelt(frame[name]) for name in names]).with_columns(
            pl.lit(said, dtype=pl.String).alias(version)
        )
        for said, frame in ((None, after), (version, before))
    ]
    told = crowd(pl.concat(versions), quasi, [*sensitive, version], blanks)
    older = (told.values[version] != BLANK).astype(np.int64)
    group = told.knowing(sensitive) * 2 + older
    each = np.bincount(group, minlength=2 * (int(group.max(initial=0)) // 2 + 1))
    # Of rows alike in all but the version, those differ that the other version has no partner for.
    differing = _place_within(group) >= np.minimum(each[group], each[group ^ 1])
    side, of = told.classes * 2 + older, np.flatnonzero(differing)
    together = np.bincount(side[of], minlength=1)
    return _Difference(told, side, of, of[together[side[of]] < k])


def _sizes(found: _Difference, sides: Ints) -> Ints:
    """How many of `sides` are of each side that there is."""
    return np.bincount(sides, minlength=int(found.side.max(initial=0)) + 1)


def _place_within(groups: Ints) -> Ints:
    """The place of each row among those of its group, from 0."""
    order = np.argsort(groups, kind="stable")
    first = np.searchsorted(groups[order], groups[order])
    place = np.empty(len(groups), dtype=np.int64)
    place[order] = np.arange(len(order)) - first
    return place


def _guessed(found: _Difference, about: str) -> Attack:
    values = found.told.values[about]
    registered = values != BLANK
    of = found.exposed[registered[found.exposed]]
    side, value = found.side[of], values[of]
    usual = np.bincount(values[registered])
    whole = counted(found.side[registered], values[registered])
    return Attack(
        kind=Kind.DIFFERENCING_INFERENCE,
        guesses=len(of),
        right=guessed(counted(side, value), side, value, usual),
        controls=len(of),
        control_right=guessed(whole, side, value, usual),
        about=about,
    )
