"""Whether those who cannot be linked are different, as it may be seen: none dropped, none solvable.

Categories with a held count below `HELD_THRESHOLD` are put together, and compared together, before anything
is said of them. So every category stands in one line, and whoever knows every line exactly knows of the
categories in a joined line only their sum, at least `HELD_THRESHOLD` in each group and of at least two
categories: each of them can be anything from none to that sum. Every line's verdict and interval are worked
out from the rounded counts beside them, so that neither tells more than those do.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.disclosure.tables import HELD_THRESHOLD, rounded
from pipeline.quality import statistics

MORE, LESS, UNCERTAIN, TOO_FEW = "more", "less", "uncertain", "too_few"
BIAS_SCHEMA = {
    "characteristic": pl.String(),
    "categories": pl.List(pl.String()),
    "linkable": pl.Int64(),
    "not_linkable": pl.Int64(),
    "low": pl.Int64(),
    "high": pl.Int64(),
    "verdict": pl.String(),
}
_GROUPS = ("linkable", "not_linkable")
_SMALLEST = pl.min_horizontal(*_GROUPS)
_PERCENT = 100


def protected_bias(bias: pl.DataFrame) -> pl.DataFrame:
    """BIAS_SCHEMA of held counts by `characteristic` and `category`: every category in exactly one line.

    `low` and `high` bound the difference in whole percentage points, those who cannot be linked less those
    who can (95 %, Newcombe); null where nothing is compared. Counts are rounded, null where hidden. The
    verdict is `TOO_FEW` where all categories had to be put together.
    """
    lines = [_lines(part) for part in bias.partition_by("characteristic", maintain_order=True)]
    return pl.concat(lines) if lines else pl.DataFrame(schema=BIAS_SCHEMA)


def _lines(part: pl.DataFrame) -> pl.DataFrame:
    together = _together(part)
    joined = pl.col("category").is_in(together)
    columns = ["characteristic", "categories", *_GROUPS]
    lines = part.filter(~joined).with_columns(categories=pl.concat_list("category")).select(columns)
    if together:
        sums = part.filter(joined).select(
            pl.col("characteristic").first(),
            pl.col("category").sort().alias("categories").implode(),
            *_sums(),
        )
        lines = lines.vstack(sums.select(columns))
    return _told(lines, compared=lines.height > 1 or not together)


def _sums() -> list[pl.Expr]:
    return [pl.col(name).sum() for name in _GROUPS]


def _together(part: pl.DataFrame) -> list[str]:
    """The categories to put together: the small ones and, where they are too few alone, the largest other.

    The largest changes least by what joins it, and every other category keeps a verdict of its own.
    """
    is_small = _SMALLEST < HELD_THRESHOLD
    small = part.filter(is_small)
    if not small.height:
        return []
    largest = part.filter(~is_small).sort(_SMALLEST, "category", descending=[True, False]).head(1)
    enough = small.height > 1 and min(small.select(_sums()).row(0)) >= HELD_THRESHOLD
    joined = small if enough else small.vstack(largest)
    return joined.sort("category")["category"].to_list()


def _told(lines: pl.DataFrame, *, compared: bool) -> pl.DataFrame:
    """The lines with their counts rounded, and what follows from these: an interval, and it in one word."""
    # Both or neither: elsewhere the page tells how many have begun a programme, and so the other of the two.
    enough = _SMALLEST >= HELD_THRESHOLD
    shown = lines.with_columns(pl.when(enough).then(rounded(pl.col(name))).alias(name) for name in _GROUPS)
    if not compared or not all(shown.select(_sums()).row(0)):
        nothing = [pl.lit(None).alias(name) for name in ("low", "high")]
        verdict = pl.lit(UNCERTAIN if compared else TOO_FEW).alias("verdict")
        return shown.with_columns(*nothing, verdict).cast(BIAS_SCHEMA)  # type: ignore[arg-type]
    counts = [shown[name].to_numpy().astype(np.float64) for name in _GROUPS]
    of_all = [np.full_like(count, count.sum()) for count in counts]
    _, low, high = statistics.difference(counts[0], of_all[0], counts[1], of_all[1])
    told = shown.with_columns(
        low=pl.Series(np.round(_PERCENT * low)),
        high=pl.Series(np.round(_PERCENT * high)),
        verdict=pl.Series(np.where(low > 0, MORE, np.where(high < 0, LESS, UNCERTAIN))),
    )
    return told.cast(BIAS_SCHEMA)  # type: ignore[arg-type]
