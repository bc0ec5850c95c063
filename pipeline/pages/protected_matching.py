"""From exact figures of linkage quality to figures that may be seen: nothing exact leaves this file.

Shares are told as bands, like every fill rate, and their denominators as one list for each register. What
a page says is made from what this file returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.disclosure.tables import HELD_THRESHOLD, bands, protect_list, rounded
from pipeline.pages.protected_bias import protected_bias

EARLIER = 0  # the year that stands for all before the latest ones


@dataclass(frozen=True)
class Matching:
    """Linkage quality, exact: nothing of it is shown before it is protected.

    `rates`, `bias` and `differences` are the tables MatchRate, LinkageBias and ReconciliationSummary,
    `compared` has `year` and `programmes` (those that any difference is a share of). `local` (kind, bydel,
    programmes) and `local_compared` (bydel, programmes) are the same of the latest years, by bydel. `flags`
    has `flag` and `programmes`, `review` has `kind` and `conflicts`.
    """

    rates: pl.DataFrame
    bias: pl.DataFrame
    differences: pl.DataFrame
    compared: pl.DataFrame
    local: pl.DataFrame
    local_compared: pl.DataFrame
    flags: pl.DataFrame
    review: pl.DataFrame


@dataclass(frozen=True)
class ProtectedMatching:
    """Nothing here is exact.

    `rates`: register, year, n (expected), linkable (the band of it among the expected), found (the band of
    those with a record among the linkable). `bias`: BIAS_SCHEMA. `differences`: kind, year (EARLIER
    before the latest), n (compared), band. `local`: kind, bydel, n (compared), band. `flags`: flag, shown.
    `review`: kind, shown. A null figure or band is hidden.
    """

    rates: pl.DataFrame
    bias: pl.DataFrame
    differences: pl.DataFrame
    local: pl.DataFrame
    flags: pl.DataFrame
    review: pl.DataFrame


def latest_by_bydel(programmes: pl.DataFrame, *, first_year: int) -> pl.DataFrame:
    """`programmes` from `first_year` on, the years together: by bydel, and by kind where it has kinds."""
    by = [name for name in ("kind", "bydel") if name in programmes.columns]
    latest = programmes.filter(pl.col("year") >= first_year)
    return latest.group_by(by).agg(pl.col("programmes").sum()).sort(by)


def protected_matching(exact: Matching, *, first_year: int) -> ProtectedMatching:
    """Everything the report may show; differences before `first_year` are one.

    The latest years are a list of their own, without those before: its total is that of the list of bydeler
    too, and each of the two is protected as if everybody knew it.
    """
    years = pl.when(pl.col("year") >= first_year).then("year").otherwise(EARLIER)
    differences, compared = (rows.with_columns(year=years) for rows in (exact.differences, exact.compared))
    kinds = exact.differences.select("kind").unique()
    return ProtectedMatching(
        rates=_rates(exact.rates),
        bias=protected_bias(exact.bias),
        differences=pl.concat(
            _differences(kinds, differences.filter(part), compared.filter(part), "year")
            for part in (pl.col("year") == EARLIER, pl.col("year") != EARLIER)
        ).sort("kind", "year"),
        local=_differences(kinds, exact.local, exact.local_compared, "bydel"),
        flags=_list(exact.flags, "flag", "programmes"),
        review=_list(exact.review, "kind", "conflicts"),
    )


def _rates(rates: pl.DataFrame) -> pl.DataFrame:
    """Each register's years, over bydeler and identifiers."""
    shown = []
    for part in rates.partition_by("register", maintain_order=True):
        years = part.group_by("register", "year").agg(pl.col("expected", "linkable", "with_record").sum())
        told = years.join(_denominators(years, "year", "expected"), on="year")
        among = bands(told, "linkable", "expected", least=HELD_THRESHOLD).rename({"band": "linkable_band"})
        found = bands(among, "with_record", "linkable", least=HELD_THRESHOLD)
        shown.append(
            found.select("register", "year", "n", linkable="linkable_band", found="band").sort("year")
        )
    columns = ["register", "year", "n", "linkable", "found"]
    return pl.concat(shown) if shown else pl.DataFrame(schema=dict.fromkeys(columns, pl.Null))


def _differences(
    kinds: pl.DataFrame, differences: pl.DataFrame, compared: pl.DataFrame, key: str
) -> pl.DataFrame:
    """Each of `kinds` in every `key` as a band of the programmes there: none and few look alike."""
    whole = compared.group_by(key).agg(of=pl.col("programmes").sum())
    counts = differences.group_by("kind", key).agg(pl.col("programmes").sum())
    grid = (
        kinds.join(whole.join(_denominators(whole, key, "of"), on=key), how="cross")
        .join(counts, on=["kind", key], how="left")
        .with_columns(pl.col("programmes").fill_null(0))
    )
    return (
        bands(grid, "programmes", "of", least=HELD_THRESHOLD)
        .select("kind", key, "n", "band")
        .sort("kind", key)
    )


def _denominators(counts: pl.DataFrame, key: str, count: str) -> pl.DataFrame:
    """`key`, n (rounded, null where hidden) and its marker."""
    return (
        protect_list(counts, key, count, least=HELD_THRESHOLD)
        .drop_nulls(key)
        .select(key, "marker", n="shown")
    )


def _list(counts: pl.DataFrame, key: str, count: str) -> pl.DataFrame:
    """Each count on its own: below `HELD_THRESHOLD` hidden, else rounded.

    No count is hidden for another's sake, because nothing tells what these add up to: the total of a list
    of flags or of conflicts is shown nowhere, one programme may have several flags, and no other section
    counts either. Of a hidden count everything else says nothing, so it stays anything from none to
    `HELD_THRESHOLD` - 1, more than the threshold promises. A kind that never occurs therefore hides no
    other. A list whose total is shown or can be worked out (rows received less quarantined; the cohort)
    does not belong here: `protect_list` takes a complement.
    """
    figure = pl.when(pl.col(count) >= HELD_THRESHOLD).then(rounded(pl.col(count)))
    return counts.sort(key).select(key, shown=figure)
