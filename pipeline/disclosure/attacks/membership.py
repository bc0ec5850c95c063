"""Is somebody in the release? Asked of a population that is coded as the release is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipeline.disclosure.attacks.attack import Attack, Kind
from pipeline.disclosure.engine.hierarchy import spelt

_ROWS, _THERE = "rows", "there"


def membership(frame: pl.DataFrame, population: pl.DataFrame, quasi: Sequence[str]) -> Attack:
    """Guessing of each person in the population whether it stands in the release, by its class.

    In a class where more than half of the persons have a row, the guess is yes. The baseline makes the same
    guess of everybody. `highest` is the greatest share of a class that is in the release, δ of δ-presence
    (Nergiz et al. 2007): at 1 it is certain. A class has at most as many rows as persons
    (`risk.measure` refuses others).
    """
    released, everybody = _counted(frame, quasi, _ROWS), _counted(population, quasi, _THERE)
    both = everybody.join(released, on=[str(at) for at in range(len(quasi))], how="left", nulls_equal=True)
    rows, there = both[_ROWS].fill_null(0).to_numpy(), both[_THERE].to_numpy()
    persons, inside = int(there.sum()), int(rows.sum())
    return Attack(
        kind=Kind.MEMBERSHIP,
        guesses=persons,
        right=float(np.maximum(rows, there - rows).sum()),
        controls=persons,
        control_right=float(max(inside, persons - inside)),
        highest=float((rows / there).max(initial=0.0)),
    )


def _counted(frame: pl.DataFrame, quasi: Sequence[str], name: str) -> pl.DataFrame:
    text = pl.DataFrame([spelt(frame[column]).alias(str(at)) for at, column in enumerate(quasi)])
    return text.group_by(text.columns).agg(pl.len().cast(pl.Int64).alias(name))
