"""Counts that people look at: small ones suppressed so that nobody can compute them back, the rest rounded.

What is promised, and tested by attacking it with linear programmes: whoever knows every published figure
*before* rounding, and that a count is never negative, cannot narrow a suppressed count to an interval
shorter than `THRESHOLD`. Rounding comes on top. A zero is suppressed like any small count: a bydel with
three persons and one with none look equally silent. What is not promised: protection against joining two
tables over the same persons that cut them differently.

From night to night a table is made of counts as they are *held* (`steady`): a held count stands until the
true one is `BASE` away from it. What is shown, and which figures are hidden, is worked out from held counts
alone, so a night in which every count moved by less looks exactly like the one before, and two nights cannot
be subtracted to find fewer than `BASE` persons. It follows that a true count may be up to `BASE` - 1 away
from the held one, also across `THRESHOLD`: hiding a figure because one person left would tell that one did.

A held figure that disappears has moved down by at least `BASE`. Hidden below `THRESHOLD`, one made of 5
would leave only nobody. Held counts are therefore hidden below `HELD_THRESHOLD`, 9: the smallest that is
shown leaves 0 to 4 when it disappears, `THRESHOLD` counts, and a larger one leaves more.

Not promised: that a held count stays open to whoever knows how many came and left each night. What is taken
anew is rounded anew, so of six who are known to have come at once he sees whether they took the count over
a bound, and may find what it was, of all those he does not know. Nor that a band stays open to him: it is
worked out from held counts, and he sees between which two counts it turned as its denominator moved. To
move by whole multiples of `BASE` (`steady_in_steps`) would not close it: what has been hidden, and is shown,
tells where it stood above the last multiple; and a figure could then change for one person, the night after
six.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas import codes
from schemas.codes import lower_bounds

THRESHOLD = 5
BASE = 5
# Below it a held count is hidden.
HELD_THRESHOLD = THRESHOLD + BASE - 1
# A band leaves at least so many counts possible, whatever count its rounded denominator stands for.
COUNTS_IN_A_BAND = 2
# A curve is told in steps of so many percent, and of so many that a step is THRESHOLD of them.
PERCENT_STEP = 5
# A share of two counts that both move is told in steps of so many percent, and each is held until it has
# moved by so many.
SHARE_STEP = 10
SHARE_BASE = 2 * BASE
FEWEST_FOR_STEPS = THRESHOLD * 100 // PERCENT_STEP

Count = TypeVar("Count", int, pl.Expr)
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Marker(StrEnum):
    """Whether a figure is shown. Suppressed is a state of its own: never 0, never a bare null."""

    SHOWN = "shown"
    SUPPRESSED = "suppressed"


class Level(StrEnum):
    """What a row of a protected table is: a cell, or one of the table's margins."""

    CELL = "cell"
    ROW_TOTAL = "row_total"
    COLUMN_TOTAL = "column_total"
    TOTAL = "total"


MARKER = pl.Enum(Marker)
LEVEL = pl.Enum(Level)
_SHOWN, _SUPPRESSED = pl.lit(Marker.SHOWN), pl.lit(Marker.SUPPRESSED)

# What a complementary cell costs: a margin more than any inner cells, one more cell than any counts.
_CELL, _MARGIN, _TOTAL = 10**9, 10**11, 10**13
_LARGEST_COUNT_COSTED = 10**8


def protect(
    frame: pl.DataFrame, rows: str, columns: str, count: str, *, least: int = THRESHOLD
) -> pl.DataFrame:
    """The two-way table of `frame` with its margins, protected.

    `frame` holds one row for each cell with a count; a missing cell is a count of 0. The answer holds
    every cell and margin: `rows`, `columns` (null in a margin), `level`, `shown` (Int64, rounded; null
    where suppressed) and `marker`. It does not depend on the order of `frame`. Counts below `least` are
    hidden: `HELD_THRESHOLD` where they are held.
    """
    down, across = (frame.get_column(name).unique().sort() for name in (rows, columns))
    if not down.len() or not across.len():
        return _empty(frame, rows, columns)
    inner = _matrix(frame, rows, columns, count, down, across)
    extended = np.block([[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]])
    hidden = _suppress(extended, least)
    keys = pl.DataFrame({rows: _with_margin(down)}).join(
        pl.DataFrame({columns: _with_margin(across)}), how="cross", maintain_order="left_right"
    )
    margin = pl.col(rows).is_null(), pl.col(columns).is_null()
    level = (
        pl.when(margin[0] & margin[1])
        .then(pl.lit(Level.TOTAL))
        .when(margin[1])
        .then(pl.lit(Level.ROW_TOTAL))
        .when(margin[0])
        .then(pl.lit(Level.COLUMN_TOTAL))
        .otherwise(pl.lit(Level.CELL))
    )
    return keys.with_columns(level.cast(LEVEL).alias("level"), *_shown(extended.ravel(), hidden.ravel()))


def protect_list(frame: pl.DataFrame, key: str, count: str, *, least: int = THRESHOLD) -> pl.DataFrame:
    """The counts of `frame` (one for each `key`) and their total, protected like a two-way table.

    The answer: `key` (null in the total), `level` (cell or total), `shown`, `marker`.
    """
    ordered = frame.select(key, pl.col(count).cast(pl.Int64)).sort(key)
    _refuse_repeats(ordered, [key])
    counts = ordered.get_column(count).to_numpy()
    hidden = _suppress_list(counts, least)
    levels = pl.Series("level", [Level.CELL] * ordered.height + [Level.TOTAL], dtype=LEVEL)
    return pl.DataFrame({key: _with_margin(ordered.get_column(key)), "level": levels}).with_columns(
        *_shown(np.append(counts, counts.sum()), hidden)
    )


def bands(
    frame: pl.DataFrame, value: str, n: str, marker: str = "marker", *, least: int = THRESHOLD
) -> pl.DataFrame:
    """`frame` with `band`: how much of `n` the count `value` is, as a code of the fill bands.

    Null where `marker` (that of the denominator) says suppressed or `n` is below `least`, and the
    marker then says suppressed. The finest level of bands is chosen in which every band leaves at least
    `COUNTS_IN_A_BAND` counts possible for each denominator that rounds to the same figure: so a band
    never tells a count, never says «all» or «none», and its level tells no more than the rounded n. Not
    promised: that a line of bands added up and held against its total's band leaves as much open.
    """
    if frame.filter((pl.col(value) > pl.col(n)) | (pl.col(value) < 0)).height:
        raise ValueError("a filled count lies between 0 and its denominator")
    told = frame.select(
        pl.col(value).fill_null(0).cast(pl.Int64),
        pl.col(n).fill_null(0).cast(pl.Int64),
        seen=((pl.col(n) >= least) & (pl.col(marker).cast(pl.String) == Marker.SHOWN)).fill_null(False),
    )
    values, of = (told[name].to_numpy() for name in (value, n))
    answer = np.full(told.height, None, dtype=object)
    for level in reversed(codes.FILL_BAND.ladder()):
        bounds = lower_bounds(level)
        # The highest band that is reached: the bounds ascend.
        reached = values[:, None] * 100 >= np.array(list(bounds.values())) * of[:, None]
        names = np.array([None, *bounds], dtype=object)[reached.sum(axis=1)]
        answer = np.where(_wide_enough(list(bounds.values()), of), names, answer)
    answer[~told["seen"].to_numpy()] = None
    state = pl.when(pl.col("band").is_null()).then(_SUPPRESSED).otherwise(_SHOWN).cast(MARKER)
    band = pl.Series("band", answer.tolist(), dtype=pl.String)
    return frame.with_columns(band).with_columns(state.alias(marker))


def steady(held: Count | None, true: Count, base: int = BASE) -> Count:
    """The count to make tonight's figure of: the `held` one until `true` is `base` away, then `true`.

    `held` is the answer of the night before. It is None on the first night, and null where a figure is new
    or its memory is lost: then it is `true`, and the figure is plainly rounded.
    """
    if isinstance(true, pl.Expr):
        stands = (true - held).abs() < base
        return pl.when(stands.fill_null(False)).then(held).otherwise(true)
    return held if held is not None and abs(true - held) < base else true


def steady_in_steps(held: pl.Expr, true: pl.Expr, base: pl.Expr) -> pl.Expr:
    """As `steady`, but a count that moves does so by whole multiples of `base`; `true` where `held` is null.

    So whatever it is shown beside, what is shown of it tells no more than what was shown of the first
    night's count, and what came and went since.
    """
    moved = true - held
    return pl.coalesce(held + moved.sign() * (moved.abs() // base) * base, true)


def rounded(count: Count) -> Count:
    """`count`, a number or an expression, to the nearest multiple of `BASE`: the same every time."""
    return (count + BASE // 2) // BASE * BASE


def percent_in_steps(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """What percent `part` is of `whole`, in steps of `SHARE_STEP`; null where it may not be told.

    It is worked out of the range of `THRESHOLD` or more counts that the part lies in, not of the part.
    Whoever knows the whole and sees the percent move as it does learns at most that range. The counts
    are to be held by whole steps of `SHARE_BASE` (`steady_in_steps`): the ranges are as wide, and move
    along. Where they begin is chosen by the whole, so that those of none and of all are no narrower than
    `THRESHOLD`. A
    whole below `FEWEST_FOR_STEPS` has no percent; what is at an end is told as the last but one.
    """
    fives = (whole + 1) // BASE  # of the whole too no more than this is used
    before = pl.when(fives % 2 == 0).then(BASE).otherwise(0)
    middle = (part + before) // SHARE_BASE * SHARE_BASE - before + SHARE_BASE // 2
    steps = (middle * 100 * 2 + SHARE_STEP * fives * BASE) // (2 * SHARE_STEP * fives * BASE) * SHARE_STEP
    return pl.when(whole >= FEWEST_FOR_STEPS).then(steps.clip(SHARE_STEP, 100 - SHARE_STEP))


def figure(count: int, *, least: int = THRESHOLD) -> str:
    """A single count as anybody may see it: rounded, and none and few alike below `least`."""
    return f"< {least}" if count < least else f"{rounded(count):,}"


def _wide_enough(bounds: list[int], n: Counts) -> Mask:
    """Whether each band leaves enough counts possible for every denominator that rounds as `n` does."""
    holds = np.full(n.shape, True)
    for away in range(-(BASE // 2), BASE - BASE // 2):
        whole = np.maximum((n + BASE // 2) // BASE * BASE + away, THRESHOLD)
        for lowest, above in zip(bounds, [*bounds[1:], None], strict=True):
            first = -(-whole * lowest // 100)  # the smallest count that reaches the band
            past = whole + 1 if above is None else -(-whole * above // 100)
            holds &= past - first >= COUNTS_IN_A_BAND
    return holds


def _suppress(extended: Counts, least: int = THRESHOLD) -> Mask:
    """Which cells of a table with margins to hide: the small ones, and partners that protect each.

    The hypercube method with margins as cells like any other: a hidden cell is safe when it is a corner
    of a rectangle whose four corners are all hidden and whose counts can slide together, none below
    zero, over at least `THRESHOLD`. The rectangle through the grand total slides without end, so there
    is always an answer; in the worst case the margins go with it.
    """
    hidden = extended < least
    primary = np.argwhere(hidden)
    order = np.lexsort((primary[:, 1], primary[:, 0], extended[primary[:, 0], primary[:, 1]]))
    weight = np.minimum(extended, _LARGEST_COUNT_COSTED) + _CELL
    weight[:, -1] += _MARGIN
    weight[-1, :] += _MARGIN
    weight[-1, -1] += _TOTAL
    for i, j in primary[order]:
        _protect_cell(extended, hidden, weight, int(i), int(j))
    return hidden


def _protect_cell(extended: Counts, hidden: Mask, weight: Counts, i: int, j: int) -> None:
    """Hide the cheapest rectangle through (i, j) that slides far enough; nothing if one is hidden already."""
    cost = np.where(hidden, 0, weight)
    rectangle = cost[i, :][None, :] + cost[:, j][:, None] + cost
    rectangle = np.where(_sliding_width(extended, i, j) >= THRESHOLD, rectangle, np.iinfo(np.int64).max)
    rectangle[i, :] = rectangle[:, j] = np.iinfo(np.int64).max
    k, m = np.unravel_index(int(rectangle.argmin()), rectangle.shape)  # ties: the first in key order
    hidden[i, m] = hidden[k, j] = hidden[k, m] = True


def _sliding_width(extended: Counts, i: int, j: int) -> npt.NDArray[np.float64]:
    """For each opposite corner (k, m): how far the rectangle's counts can slide, up and down together.

    A line's cells less its margin are zero, so a margin moves with the sign opposite to that of a cell.
    """
    down, across = np.ones(extended.shape[0]), np.ones(extended.shape[1])
    down[-1] = across[-1] = -1
    counts = extended.astype(np.float64)
    same_row = np.where(-across * across[j] > 0, 1, -1)[None, :], counts[i, :][None, :]
    same_column = np.where(-down * down[i] > 0, 1, -1)[:, None], counts[:, j][:, None]
    opposite = np.outer(down * down[i], across * across[j]), counts
    # Moving the target up by d moves a corner by d times its direction: those with -1 bound the way up.
    up, below = np.full(extended.shape, np.inf), np.full(extended.shape, counts[i, j])
    for direction, value in (same_row, same_column, opposite):
        up = np.minimum(up, np.where(direction < 0, value, np.inf))
        below = np.minimum(below, np.where(direction > 0, value, np.inf))
    width: npt.NDArray[np.float64] = up + below
    return width


def _suppress_list(counts: Counts, least: int = THRESHOLD) -> Mask:
    """Which entries of a list, and last its total, to hide.

    The hidden entries' sum S is known from the total, and each of them lies between 0 and S: so there
    are two at least and S is at least `THRESHOLD`, or the total is hidden too.
    """
    hidden = np.append(counts < least, counts.sum() < least)
    entries = hidden[:-1]
    if not entries.any():
        return hidden
    for position in np.argsort(counts, kind="stable"):
        if entries.sum() > 1 and counts[entries].sum() >= THRESHOLD:
            return hidden
        entries[position] = True
    hidden[-1] |= entries.sum() < 2 or counts[entries].sum() < THRESHOLD
    return hidden


def _matrix(
    frame: pl.DataFrame, rows: str, columns: str, count: str, down: pl.Series, across: pl.Series
) -> Counts:
    """The counts as a matrix, rows and columns in key order, 0 where `frame` has no cell."""
    _refuse_repeats(frame, [rows, columns])
    places = frame.select(
        (pl.col(name).rank("dense").cast(pl.Int64) - 1).alias(place)
        for name, place in ((rows, "down"), (columns, "across"))
    )
    matrix = np.zeros((down.len(), across.len()), dtype=np.int64)
    filled = places["down"].to_numpy(), places["across"].to_numpy()
    matrix[filled] = frame.get_column(count).cast(pl.Int64).to_numpy()
    return matrix


def _refuse_repeats(frame: pl.DataFrame, keys: list[str]) -> None:
    if frame.select(keys).is_duplicated().any() or any(frame[key].null_count() for key in keys):
        raise ValueError("a protected table has one count for each key, and no key is null")


def _with_margin(keys: pl.Series) -> pl.Series:
    return keys.extend_constant(None, 1)


def _shown(counts: Counts, hidden: Mask) -> list[pl.Series]:
    """The `shown` and `marker` columns: no true count leaves this room."""
    figures = pl.DataFrame({"count": counts, "hidden": hidden}).select(
        pl.when(~pl.col("hidden")).then(rounded(pl.col("count"))).alias("shown"),
        pl.when("hidden").then(_SUPPRESSED).otherwise(_SHOWN).cast(MARKER).alias("marker"),
    )
    return figures.get_columns()


def _empty(frame: pl.DataFrame, rows: str, columns: str) -> pl.DataFrame:
    """A table without a cell has nothing to show, not even a total."""
    schema = {rows: frame.schema[rows], columns: frame.schema[columns]}
    return pl.DataFrame(schema=schema | {"level": LEVEL, "shown": pl.Int64(), "marker": MARKER})
