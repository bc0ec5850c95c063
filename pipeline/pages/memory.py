"""What tonight's figures are made of, night by night: a count is held until the true one moves by a base.

What does not belong here: where a memory is kept (`night.memory`), when a count is taken anew
(`disclosure.tables.steady`), and what of it may be shown (`protected.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.disclosure.tables import BASE, steady

_SCHEMA = {"cell": pl.String(), "held": pl.Int64()}
_BETWEEN = "|"


class Memory:
    """The held counts of one night: what the night before left, and what this one has asked for.

    A cell that is not asked for tonight is kept, so that a table that was missing for one night comes back
    with the figures it had.
    """

    def __init__(self, before: pl.DataFrame | None = None) -> None:
        """`before` has `cell` and `held`, as `after` gave them; None where there is no earlier night."""
        self._before = pl.DataFrame(schema=_SCHEMA) if before is None else before
        self._asked: list[pl.DataFrame] = []

    def hold(
        self, name: str, frame: pl.DataFrame, keys: Sequence[str], *counts: str, base: int = BASE
    ) -> pl.DataFrame:
        """`frame` with each of `counts` as it is held; the order of rows is kept.

        `keys` tell the rows of `frame` apart, `name` this list from every other; a null count stays null.
        Refuses a list in which two rows have the same keys, and a name that was asked for before.

        A row that an earlier night had and this one has not comes back, last, with counts of 0 (and null
        elsewhere), and one that no earlier night of the list had was held at 0: whoever is alone in a row
        would otherwise move the list's total by coming or leaving. A list with a `base` of its own is not
        one of counts, and none of this holds for it.
        """
        if base == BASE:
            frame = self._with_gone(name, frame, keys, counts)
        for count in counts:
            frame = self._held(f"{name}{_BETWEEN}{count}", frame, keys, count, base)
        return frame

    def after(self) -> pl.DataFrame:
        """All that the next night needs: `cell`, `held`."""
        asked = pl.concat([pl.DataFrame(schema=_SCHEMA), *self._asked])
        if asked["cell"].is_duplicated().any():
            raise ValueError("every figure has one name")
        return pl.concat([asked, self._before.join(asked, on="cell", how="anti")]).sort("cell")

    def _held(
        self, name: str, frame: pl.DataFrame, keys: Sequence[str], count: str, base: int
    ) -> pl.DataFrame:
        parts = [pl.lit(name), *(pl.col(key).cast(pl.String).fill_null("") for key in keys)]
        named = frame.with_columns(cell=pl.concat_str(parts, separator=_BETWEEN))
        joined = named.join(self._before, on="cell", how="left", maintain_order="left")
        if base == BASE and self._of(name).height:
            joined = joined.with_columns(pl.col("held").fill_null(0))
        joined = joined.with_columns(steady(pl.col("held"), pl.col(count).cast(pl.Int64), base).alias(count))
        self._asked.append(joined.drop_nulls(count).select("cell", held=count))
        return joined.drop("cell", "held")

    def _of(self, name: str) -> pl.DataFrame:
        """What is remembered of one list."""
        return self._before.filter(pl.col("cell").str.starts_with(f"{name}{_BETWEEN}"))

    def _with_gone(
        self, name: str, frame: pl.DataFrame, keys: Sequence[str], counts: Sequence[str]
    ) -> pl.DataFrame:
        """`frame`, and after its rows those that only the memory has."""
        names = [f"{name}{_BETWEEN}{count}" for count in counts]
        cells = pl.concat(
            self._of(n).select(pl.col("cell").str.strip_prefix(f"{n}{_BETWEEN}")) for n in names
        ).unique()
        parts = cells.select(pl.col("cell").str.split(_BETWEEN).alias("part")).filter(
            pl.col("part").list.len() == len(keys)
        )
        known = parts.select(
            pl.col("part").list.get(place).replace("", None).cast(frame.schema[key]).alias(key)
            for place, key in enumerate(keys)
        )
        gone = known.join(frame, on=list(keys), how="anti", nulls_equal=True).sort(keys)
        zero = [pl.lit(0).cast(frame.schema[count]).alias(count) for count in counts]
        return pl.concat([frame, gone.with_columns(zero)], how="diagonal")
