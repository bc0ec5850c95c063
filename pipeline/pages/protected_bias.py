"""Whether those who cannot be linked are different, as it may be seen: none dropped, none solvable.

Categories with a count below `THRESHOLD` are put together, and compared together, before anything is said of
them. So every category stands in one line, every line's verdict and interval are worked out from counts that
may be shown, and neither tells more than those do. Whoever knows every line exactly knows of the categories
in a joined line only their sum, at least `THRESHOLD` in each group and of at least two categories: each of
them can be anything from none to that sum.
"""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from pipeline.disclosure.tables import THRESHOLD, rounded
from pipeline.linkage.matching import CONFIDENCE

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
    """BIAS_SCHEMA of the table LinkageBias, by characteristic: every category in exactly one line.

    `low` and `high` bound the difference in whole percentage points, those who cannot be linked less those
    who can; null where nothing is compared. Counts are rounded, null where hidden. The verdict is
    `TOO_FEW` where all categories had to be put together.
    """
    lines = [_lines(part) for part in bias.partition_by("characteristic", maintain_order=True)]
    return pl.concat(lines) if lines else pl.DataFrame(schema=BIAS_SCHEMA)


def _lines(part: pl.DataFrame) -> pl.DataFrame:
    together = _together(part)
    joined = pl.col("category").is_in(together)
    apart = part.filter(~joined).with_columns(categories=pl.concat_list("category"))
    columns = ["characteristic", "categories", *_GROUPS, "low", "high"]
    lines = apart.select(columns)
    if together:
        whole = part.select(pl.col(*_GROUPS).sum()).row(0)
        sums = part.filter(joined).select(
            pl.col("characteristic").first(),
            pl.col("category").sort().alias("categories").implode(),
            *_sums(),
        )
        lines = lines.vstack(sums.with_columns(*difference_interval(*whole)).select(columns))
    return _told(lines, compared=lines.height > 1 or not together)


def _sums() -> list[pl.Expr]:
    return [pl.col(name).sum() for name in _GROUPS]


def _together(part: pl.DataFrame) -> list[str]:
    """The categories to put together: the small ones and, where they are too few alone, the largest other.

    The largest changes least by what joins it, and every other category keeps a verdict of its own.
    """
    is_small = _SMALLEST < THRESHOLD
    small = part.filter(is_small)
    if not small.height:
        return []
    largest = part.filter(~is_small).sort(_SMALLEST, "category", descending=[True, False]).head(1)
    enough = small.height > 1 and min(small.select(_sums()).row(0)) >= THRESHOLD
    joined = small if enough else small.vstack(largest)
    return joined.sort("category")["category"].to_list()


def _told(lines: pl.DataFrame, *, compared: bool) -> pl.DataFrame:
    """The lines with their counts rounded and their exact interval in one word and in whole points."""
    verdict = (
        pl.when(not compared)
        .then(pl.lit(TOO_FEW))
        .when(pl.col("low") > 0)
        .then(pl.lit(LESS))
        .when(pl.col("high") < 0)
        .then(pl.lit(MORE))
        .otherwise(pl.lit(UNCERTAIN))
    )
    # Both or neither: elsewhere the page tells how many have begun a programme, and so the other of the two.
    enough = _SMALLEST >= THRESHOLD

    def points(bound: str) -> pl.Expr:
        """The other way round: what those who cannot be linked have more of."""
        return pl.when(compared).then((-_PERCENT * pl.col(bound)).round().cast(pl.Int64))

    return lines.select(
        "characteristic",
        "categories",
        *(pl.when(enough).then(rounded(pl.col(name))).alias(name) for name in _GROUPS),
        low=points("high"),
        high=points("low"),
        verdict=verdict,
    ).cast(BIAS_SCHEMA)  # type: ignore[arg-type]


def difference_interval(n: int, m: int) -> tuple[pl.Expr, pl.Expr]:
    """`low` and `high` of the share `linkable` of `n` less the share `not_linkable` of `m`.

    Newcombe's hybrid score interval (1998, method 10), as `linkage_bias.sql` has it for one category.
    """
    if not n or not m:
        return pl.lit(None, pl.Float64).alias("low"), pl.lit(None, pl.Float64).alias("high")
    (p, p_low, p_high), (q, q_low, q_high) = _wilson("linkable", n), _wilson("not_linkable", m)
    low = p - q - ((p - p_low) ** 2 + (q_high - q) ** 2).sqrt()
    high = p - q + ((p_high - p) ** 2 + (q - q_low) ** 2).sqrt()
    return low.clip(-1, 1).alias("low"), high.clip(-1, 1).alias("high")


def _wilson(count: str, n: int) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """A share and its score interval."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = pl.col(count) / n
    middle, scale = 2 * pl.col(count) + z**2, 2 * (n + z**2)
    spread = z * (z**2 + 4 * pl.col(count) * (1 - share)).sqrt()
    return share, (middle - spread) / scale, (middle + spread) / scale
