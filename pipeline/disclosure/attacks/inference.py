"""What does the class tell? Guessing a sensitive value, being certain of it, and what is merely likely."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from pipeline.disclosure.attacks.attack import Attack, Bools, Ints, Kind, dealt
from pipeline.disclosure.attacks.cells import Cells, count, counted
from pipeline.disclosure.attacks.crowd import BLANK, Crowd, renumbered

# The rows are dealt into so many parts; each is guessed from the others.
FOLDS = 10
# How often values are dealt anew to see how far classes of these sizes lie from the whole by chance.
DEALS = 20


def inference(told: Crowd, about: str, known: Sequence[str] = ()) -> Attack:
    """Guessing the commonest registered value of the target's class, for every registered row.

    The comparison guesses for persons who are held out: one tenth of the rows at a time, from the classes of
    the others (a class that nobody else is in: from all of them). What holds for those too is known of the
    population and not by being in the release; the gain is what is.
    """
    registered = told.values[about] != BLANK
    value = told.values[about][registered]
    classes = renumbered(told.knowing(known)[registered])
    rows = len(value)
    fold = (dealt(told.rows)[registered] % np.uint64(FOLDS)).astype(np.int64)
    usual = np.bincount(value)
    return Attack(
        kind=Kind.INFERENCE,
        guesses=rows,
        right=guessed(counted(classes, value), classes, value, usual),
        controls=rows,
        control_right=_held_out(classes, value, fold),
        uninformed=float(usual.max(initial=0) / rows) if rows else None,
        about=about,
        known=tuple(known),
    )


def homogeneity(told: Crowd, about: str) -> Attack:
    """Being certain of a value: rows in classes whose registered values are all the same, whichever it is.

    The comparison is how many such rows classes of the same sizes have when values are drawn without regard
    to the class, exactly (hypergeometric). (Machanavajjhala et al. 2007.)
    """
    cells = _by_class(told, about)
    uniform = np.bincount(cells.group, minlength=cells.classes) == 1
    return _certain(Kind.HOMOGENEITY, about, cells, uniform, count(cells.value, cells.rows))


def homogeneity_adverse(told: Crowd, about: str, adverse: Collection[str]) -> Attack:
    """Being certain of what is adverse: rows in classes whose registered values are all `adverse` ones.

    They need not be the same one: who knows the class knows what may be held against everybody in it. The
    comparison is that of `homogeneity`, with all adverse values for one.
    """
    cells = _by_class(told, about)
    bad = np.isin(cells.value, [n for n, text in enumerate(told.texts[about]) if text in adverse])
    only = count(cells.group[bad], cells.rows[bad], cells.classes) == cells.sizes
    return _certain(Kind.HOMOGENEITY_ADVERSE, about, cells, only, cells.rows[bad].sum(keepdims=True))


def _by_class(told: Crowd, about: str) -> Cells:
    """The registered rows by class and value."""
    registered = told.values[about] != BLANK
    return counted(renumbered(told.classes[registered]), told.values[about][registered])


def _certain(kind: Kind, about: str, cells: Cells, certain: Bools, usual: Ints) -> Attack:
    """The attack that is right of the classes `certain`, beside chance: values have the counts `usual`."""
    rows = int(cells.sizes.sum())
    return Attack(
        kind=kind,
        guesses=rows,
        right=float(cells.sizes[certain].sum()),
        controls=rows,
        control_right=_alike_by_chance(cells.sizes, usual),
        about=about,
    )


def skewness(told: Crowd, about: str, limit: float, usual: tuple[Ints, int] | None = None) -> Attack:
    """Learning that something is likelier: rows in classes further than `limit` from the whole table.

    The distance is total variation over registered values, and `highest` the greatest. `usual` is the whole
    table's count of each value, and of all (`crowd.usual_of`); the released rows' own where it is None. The
    comparison deals the values anew over the rows: small classes lie far from the whole by chance alone. (Li
    et al. 2007.)
    """
    registered = told.values[about] != BLANK
    value, classes = told.values[about][registered], renumbered(told.classes[registered])
    rows = len(value)
    whole = usual or (np.bincount(value), rows)
    found, highest = _beyond(counted(classes, value), whole, limit)
    by_chance = 0.0
    for turn in range(DEALS):
        order = np.argsort(dealt(rows, turn + 1), kind="stable")
        by_chance += _beyond(counted(classes, value[order]), whole, limit)[0]
    return Attack(
        kind=Kind.SKEWNESS,
        guesses=rows,
        right=found,
        controls=rows * DEALS,
        control_right=by_chance,
        highest=highest,
        about=about,
    )


def guessed(cells: Cells, classes: Ints, value: Ints, usual: Ints) -> float:
    """How many of the rows are right when the commonest value of their class in `cells` is guessed.

    A class without a row in `cells` is guessed by `usual`, the counts of all; where those are none, nothing
    is guessed. Equals are drawn among evenly.
    """
    greatest, shared = cells.commonest()
    overall = int(usual.max(initial=0))
    empty = greatest[classes] == 0
    by_all = (usual[value] == overall) & (overall > 0)
    hit = np.where(empty, by_all, cells.at(classes, value) == greatest[classes])
    among = np.where(empty, (usual == overall).sum(), shared[classes])
    # Counted by how many share, so that no order of rows decides a last digit.
    return math.fsum(rows / share for share, rows in enumerate(np.bincount(among[hit])) if share)


def _held_out(classes: Ints, value: Ints, fold: Ints) -> float:
    everything = counted(classes, value)
    place = everything.place(classes, value)
    right = []
    for part in range(FOLDS):
        out = fold == part
        others = everything.without(place[out])
        usual = count(others.value, others.rows)
        right.append(guessed(others, classes[out], value[out], usual))
    return math.fsum(right)


def _alike_by_chance(sizes: Ints, usual: Ints) -> float:
    """The expected rows in classes of `sizes` that get one value only, of those with the counts `usual`.

    Drawn without return from all rows, of which `usual` may be some. Equal sizes are taken together, and so
    are equal counts: of n rows there are less than 2 n pairs of the two.
    """
    whole = int(sizes.sum())
    by_size, by_count = (zip(*np.unique(each, return_counts=True), strict=True) for each in (sizes, usual))
    counts = [(int(rows), int(values)) for rows, values in by_count]
    return math.fsum(
        int(times)
        * int(size)
        * values
        * math.exp(_log_choose(rows, int(size)) - _log_choose(whole, int(size)))
        for size, times in by_size
        for rows, values in counts
        if size and rows >= size
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _beyond(cells: Cells, whole: tuple[Ints, int], limit: float) -> tuple[float, float]:
    """The rows in classes further than `limit` from the whole, and the greatest distance."""
    sizes, (usual, everybody) = cells.sizes, whole
    if not everybody or not cells.classes:
        return 0.0, 0.0
    # In whole numbers crosswise until the one division: a class at the limit is not beyond it.
    surplus = cells.summed(np.maximum(cells.rows * everybody - sizes[cells.group] * usual[cells.value], 0))
    distance = surplus / (sizes * everybody)
    return float(sizes[distance > limit].sum()), float(distance.max())
