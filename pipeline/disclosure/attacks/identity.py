"""Who is this row? Prosecutor, journalist and marketer, and whoever knows an outcome too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.disclosure.attacks.attack import Attack, Kind, dealt
from pipeline.disclosure.attacks.crowd import Crowd
from pipeline.disclosure.risk import Attacked, Risk


def by_quasi(measured: Risk) -> tuple[Attack, ...]:
    """The three attackers of a measured table, each beside a row drawn at random.

    The prosecutor's `highest` is 1 / k. The journalist searches the population; where none was given, that
    attack is left out, and the marketer's is as high as the prosecutor's. (Dankar and El Emam 2010.)
    """
    attacks = [_tried(Kind.PROSECUTOR, measured, measured.prosecutor, measured.prosecutor.highest)]
    if measured.journalist is not None:
        attacks.append(_tried(Kind.JOURNALIST, measured, measured.journalist, measured.journalist.highest))
    everybody = measured.journalist or measured.prosecutor
    return (*attacks, _tried(Kind.MARKETER, measured, everybody, None))


def _tried(kind: Kind, measured: Risk, attacked: Attacked, highest: float | None) -> Attack:
    rows = measured.rows
    return Attack(
        kind=kind,
        guesses=rows,
        right=attacked.mean * rows,
        controls=rows,
        control_right=1.0,
        highest=highest,
    )


def linkage(told: Crowd, known: Sequence[str]) -> Attack:
    """Linking every row by quasi-identifiers and `known` columns; the baseline links without those."""
    sizes = np.bincount(told.knowing(known))
    return Attack(
        kind=Kind.LINKAGE,
        guesses=told.rows,
        right=float((sizes > 0).sum()),
        controls=told.rows,
        control_right=float(len(np.unique(told.classes))),
        highest=1 / int(sizes.min()),
        known=tuple(known),
    )


def singling_out(told: Crowd) -> Attack:
    """Describing somebody so that it fits nobody else: every row is a guess, with all its values.

    The rows are dealt into two halves. A row's description is right when it fits one row of its own half; the
    comparison is how often it fits exactly one of the other half, which it was not made from. So the gain is
    what comes of being in the release (the control of Giomi et al. 2023, «A unified framework for quantifying
    privacy risk in synthetic data», with every row for a guess). A half has fewer rows than the release, and
    more that are alone.
    """
    half = (dealt(told.rows) & np.uint64(1)).astype(np.int64)
    kinds = int(told.whole.max(initial=-1)) + 1
    own = np.bincount(told.whole * 2 + half, minlength=2 * kinds)
    return Attack(
        kind=Kind.SINGLING_OUT,
        guesses=told.rows,
        right=float((own[told.whole * 2 + half] == 1).sum()),
        controls=told.rows,
        control_right=float((own[told.whole * 2 + 1 - half] == 1).sum()),
        known=tuple(told.values),
    )
