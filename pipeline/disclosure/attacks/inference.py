"""What does the class tell? Guessing a sensitive value, being certain of it, and what is merely likely."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from pipeline.disclosure.attacks.attack import Attack, Bools, Ints, Kind, dealt
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
    values = int(value.max(initial=0)) + 1
    fold = (dealt(told.rows)[registered] % np.uint64(FOLDS)).astype(np.int64)
    usual = np.bincount(value, minlength=values)
    return Attack(
        kind=Kind.INFERENCE,
        guesses=rows,
        right=guessed(table(classes, value, values), classes, value, usual),
        controls=rows,
        control_right=_held_out(classes, value, values, fold),
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
    uniform = (cells > 0).sum(axis=1) == 1
    return _certain(Kind.HOMOGENEITY, about, cells, uniform, cells.sum(axis=0))


def homogeneity_adverse(told: Crowd, about: str, adverse: Collection[str]) -> Attack:
    """Being certain of what is adverse: rows in classes whose registered values are all `adverse` ones.

    They need not be the same one: who knows the class knows what may be held against everybody in it. The
    comparison is that of `homogeneity`, with all adverse values for one.
    """
    cells = _by_class(told, about)
    bad = np.isin(
        np.arange(cells.shape[1]), [n for n, text in enumerate(told.texts[about]) if text in adverse]
    )
    only = cells[:, bad].sum(axis=1) == cells.sum(axis=1)
    return _certain(Kind.HOMOGENEITY_ADVERSE, about, cells, only, cells[:, bad].sum(keepdims=True).ravel())


def _by_class(told: Crowd, about: str) -> Ints:
    """The registered rows by class and value."""
    registered = told.values[about] != BLANK
    value, classes = told.values[about][registered], renumbered(told.classes[registered])
    return table(classes, value, int(value.max(initial=0)) + 1)


def _certain(kind: Kind, about: str, cells: Ints, certain: Bools, usual: Ints) -> Attack:
    """The attack that is right of the classes `certain`, beside chance: values have the counts `usual`."""
    sizes = cells.sum(axis=1)
    rows = int(sizes.sum())
    return Attack(
        kind=kind,
        guesses=rows,
        right=float(sizes[certain].sum()),
        controls=rows,
        control_right=_alike_by_chance(sizes, usual),
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
    values, rows = int(value.max(initial=0)) + 1, len(value)
    whole = usual or (np.bincount(value, minlength=values), rows)
    found, highest = _beyond(table(classes, value, values), whole, limit)
    by_chance = 0.0
    for turn in range(DEALS):
        order = np.argsort(dealt(rows, turn + 1), kind="stable")
        by_chance += _beyond(table(classes, value[order], values), whole, limit)[0]
    return Attack(
        kind=Kind.SKEWNESS,
        guesses=rows,
        right=found,
        controls=rows * DEALS,
        control_right=by_chance,
        highest=highest,
        about=about,
    )


def table(classes: Ints, value: Ints, values: int) -> Ints:
    """Rows by class and value."""
    number = int(classes.max(initial=-1)) + 1
    return np.bincount(classes * values + value, minlength=number * values).reshape(number, values)


def guessed(cells: Ints, classes: Ints, value: Ints, usual: Ints) -> float:
    """How many of the rows are right when the commonest value of their class in `cells` is guessed.

    A class without a row in `cells` is guessed by `usual`, the counts of all; where those are none, nothing
    is guessed. Equals are drawn among evenly.
    """
    greatest, shared = _commonest(cells)
    overall, overall_shared = _commonest(usual[None, :])
    empty = greatest[classes] == 0
    by_all = (usual[value] == overall[0]) & (overall[0] > 0)
    hit = np.where(empty, by_all, cells[classes, value] == greatest[classes])
    among = np.where(empty, overall_shared[0], shared[classes])
    # Counted by how many share, so that no order of rows decides a last digit.
    return math.fsum(count / share for share, count in enumerate(np.bincount(among[hit])) if share)


def _commonest(cells: Ints) -> tuple[Ints, Ints]:
    """The greatest count in each line of a table of counts, and how many values share it."""
    greatest = cells.max(axis=1, initial=0)
    return greatest, (cells == greatest[:, None]).sum(axis=1)


def _held_out(classes: Ints, value: Ints, values: int, fold: Ints) -> float:
    everything = table(classes, value, values)
    number = len(everything)
    right = []
    for part in range(FOLDS):
        out = fold == part
        held = np.bincount(classes[out] * values + value[out], minlength=number * values)
        others = everything - held.reshape(number, values)
        right.append(guessed(others, classes[out], value[out], others.sum(axis=0)))
    return math.fsum(right)


def _alike_by_chance(sizes: Ints, usual: Ints) -> float:
    """The expected rows in classes of `sizes` that get one value only, of those with the counts `usual`.

    Drawn without return from all rows, of which `usual` may be some.
    """
    whole = int(sizes.sum())
    times = np.bincount(sizes) if len(sizes) else np.zeros(1, dtype=np.int64)
    return math.fsum(
        int(times[size]) * size * math.exp(_log_choose(int(count), size) - _log_choose(whole, size))
        for size in map(int, np.flatnonzero(times))
        for count in usual
        if size and count >= size
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _beyond(cells: Ints, whole: tuple[Ints, int], limit: float) -> tuple[float, float]:
    """The rows in classes further than `limit` from the whole, and the greatest distance."""
    sizes, (usual, everybody) = cells.sum(axis=1), whole
    if not everybody or not len(cells):
        return 0.0, 0.0
    # In whole numbers crosswise until the one division: a class at the limit is not beyond it.
    surplus = np.maximum(cells * everybody - np.outer(sizes, usual), 0).sum(axis=1)
    distance = surplus / (sizes * everybody)
    return float(sizes[distance > limit].sum()), float(distance.max())
