"""The risk in a table as it stands: how many share a person's quasi-identifiers, and what a class tells.

Measured on whatever table is given, coarsened or not. Three attackers: the *prosecutor* knows that a person
is in the table; the *journalist* looks for anybody, with the population as the file to search; the
*marketer* wants as many right as possible. A missing quasi-identifier is a value of its own; a missing
sensitive value is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.engine.hierarchy import BLANK, spelt
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.disclosure.registered import counted, registered
from pipeline.errors import RequestRefused

_ROWS, _THERE, _VALUE, _SURPLUS = "rows", "there", "value", "surplus"
_KINDS, _DISTANCE, _ADVERSE, _HOME = "kinds", "distance", "adverse", "home"


@dataclass(frozen=True)
class Told:
    """What classes tell of one sensitive attribute.

    `distinct` is the fewest different registered values in a class, `furthest` the greatest distance of a
    class from the whole table (total variation over registered values, between 0 and 1), `one_sided`
    how many classes have adverse values only; None where no value was called adverse.
    """

    name: str
    distinct: int
    furthest: float
    one_sided: int | None


@dataclass(frozen=True)
class Attacked:
    """The chance that a guess is right: of the person most at risk, and of the mean person."""

    highest: float
    mean: float


@dataclass(frozen=True)
class Kept:
    """The columns `names` are passed on as they are, and no other figure counts them.

    To whoever knows them too, `k` is the fewest rows alike, and `uniques` so many are alone.
    """

    names: tuple[str, ...]
    k: int
    uniques: int


@dataclass(frozen=True)
class Risk:
    """Classes and risks. `journalist` and `marketer` are None where no population was given.

    `k` is the fewest rows of a class, or with `households` the fewest households that a class has rows of:
    attackers are those who know no more of a household than of anybody. `uniques` are rows alone in their
    class; `population_uniques` those alone in the population too. `kept` is None where no column is passed on
    as it is.
    """

    rows: int
    classes: int
    k: int
    uniques: int
    prosecutor: Attacked
    journalist: Attacked | None
    population_uniques: int | None
    told: tuple[Told, ...]
    households: bool = False
    kept: Kept | None = None

    @property
    def marketer(self) -> float:
        """The share of rows that an attacker who guesses every one gets right, on average."""
        return (self.journalist or self.prosecutor).mean


def measure(
    frame: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[Sensitive] = (),
    *,
    blanks: Collection[str] = (),
    population: pl.DataFrame | None = None,
    original: pl.DataFrame | None = None,
    homes: pl.Series | None = None,
    kept: Sequence[str] = (),
) -> Risk:
    """The risk of `frame`. `population` is coded as the table is, and holds everybody who could be meant.

    With `homes`, the household of each row, k counts households; whose is blank lives alone. How far a class
    is from the whole table is measured from the `original`, where that is given. The columns `kept` are
    passed on as they are.
    """
    if not quasi or not frame.height:
        raise _refused("There is no row, or no quasi-identifier.", "Name at least one column as quasi.")
    people = _people(frame, quasi)
    classes = people.group_by(people.columns).agg(pl.len().cast(pl.Int64).alias(_ROWS))
    sizes = classes[_ROWS].to_numpy()
    journalist, alone = (None, None)
    if population is not None:
        journalist, alone = _in_population(classes, _people(population, quasi))
    return Risk(
        rows=frame.height,
        classes=len(sizes),
        k=int(sizes.min()) if homes is None else _fewest_households(people, homes),
        uniques=int((sizes == 1).sum()),
        prosecutor=Attacked(1 / int(sizes.min()), len(sizes) / frame.height),
        journalist=journalist,
        population_uniques=alone,
        told=tuple(
            _told(people, frame[rule.name], None if original is None else original[rule.name], rule, blanks)
            for rule in sensitive
        ),
        households=homes is not None,
        kept=passed_on(frame, quasi, kept),
    )


def passed_on(frame: pl.DataFrame, quasi: Sequence[str], kept: Sequence[str]) -> Kept | None:
    """What the columns `kept` make of the classes of `frame`, which has a row; None where there is none."""
    if not kept:
        return None
    known = [frame[name].alias(f"kept {at}") for at, name in enumerate(kept)]
    alike = _people(frame, quasi).with_columns(known)
    sizes = alike.group_by(alike.columns).len(_ROWS)[_ROWS].to_numpy()
    return Kept(tuple(kept), int(sizes.min()), int((sizes == 1).sum()))


def _fewest_households(people: pl.DataFrame, homes: pl.Series) -> int:
    """The fewest households that a class has rows of."""
    home = pl.col(_HOME)
    households = home.drop_nulls().n_unique() + home.null_count()
    named = spelt(homes).replace(BLANK, None).alias(_HOME)
    by_class = people.with_columns(named).group_by(people.columns).agg(households.alias(_ROWS))
    return int(by_class[_ROWS].to_numpy().min())


def _people(frame: pl.DataFrame, quasi: Sequence[str]) -> pl.DataFrame:
    """The quasi-identifiers as text, named by number, so that no name can clash with ours."""
    missing = [name for name in quasi if name not in frame.columns]
    if missing:
        raise _refused(
            f"There is no column {', '.join(missing)}.",
            "Give a table, and a population, with every quasi-identifier.",
        )
    return pl.DataFrame([spelt(frame[name]).alias(str(at)) for at, name in enumerate(quasi)])


def _in_population(classes: pl.DataFrame, population: pl.DataFrame) -> tuple[Attacked, int]:
    """The journalist's risks, and how many rows alone in their class are alone in the population."""
    there = population.group_by(population.columns).agg(pl.len().cast(pl.Int64).alias(_THERE))
    both = classes.join(there, on=population.columns, how="left", nulls_equal=True)
    rows, persons = both[_ROWS].to_numpy(), both[_THERE].fill_null(0).to_numpy()
    strangers = int((persons < rows).sum())
    if strangers:
        raise _refused(
            f"{strangers} classes of the table have more rows than the population has persons.",
            "Give a population that is coded as the table is, and holds everybody in it.",
        )
    # Sorted before they are summed: the same table must give the same figure.
    right = float(np.sort(rows / persons).sum()) / int(rows.sum())
    return Attacked(1 / int(persons.min()), right), int(((rows == 1) & (persons == 1)).sum())


def _told(
    people: pl.DataFrame,
    column: pl.Series,
    whole: pl.Series | None,
    rule: Sensitive,
    blanks: Collection[str],
) -> Told:
    by = people.columns
    rows = registered(column, blanks)
    cells = (
        people.with_columns(spelt(column).alias(_VALUE))
        .filter(rows)
        .group_by(*by, _VALUE)
        .agg(pl.len().cast(pl.Int64).alias(_ROWS))
    )
    usual = counted(column if whole is None else whole, blanks).rename({_ROWS: _THERE})
    if rule.usual:
        usual = pl.DataFrame({_VALUE: list(rule.usual), _THERE: list(rule.usual.values())})
    everybody = int(usual[_THERE].sum())
    # Half the sum of differences is the sum of what is above the usual share; crosswise, in whole numbers.
    surplus = pl.col(_ROWS) * everybody - pl.col(_THERE) * pl.col(_ROWS).sum().over(by)
    by_class = (
        cells.join(usual, on=_VALUE, how="left")
        .with_columns(pl.col(_THERE).fill_null(0))
        .with_columns(surplus.clip(0).alias(_SURPLUS))
        .group_by(by)
        .agg(
            pl.len().alias(_KINDS),
            (pl.col(_SURPLUS).sum() / (pl.col(_ROWS).sum() * everybody)).alias(_DISTANCE),
            pl.col(_VALUE).is_in(list(rule.adverse)).all().alias(_ADVERSE),
        )
    )
    silent = people.n_unique() > by_class.height
    return Told(
        name=rule.name,
        distinct=0 if silent else int(by_class[_KINDS].to_numpy().min()),
        furthest=float(by_class[_DISTANCE].to_numpy().max(initial=0.0)),
        one_sided=int(by_class[_ADVERSE].sum()) if rule.adverse else None,
    )


def _refused(happened: str, do: str) -> RequestRefused:
    return RequestRefused(happened, instead="Nothing was measured.", do=do)
