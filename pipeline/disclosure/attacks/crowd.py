"""A released table as an attacker reads it: the class and the values of each row, as whole numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.attacks.attack import Ints
from pipeline.disclosure.engine.hierarchy import BLANK as NO_TEXT
from pipeline.disclosure.engine.hierarchy import spelt
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.disclosure.registered import counted, registered

# The number of a value that was not registered.
BLANK = -1


@dataclass(frozen=True)
class Crowd:
    """Rows in a canonical order; `classes` numbers each row's class, `values` each row's value by column.

    `whole` numbers the rows that are alike in everything. A blank value is `BLANK`, and `texts` are what the
    others are called, by column and number.
    """

    classes: Ints
    whole: Ints
    values: dict[str, Ints]
    texts: dict[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        return len(self.classes)

    def knowing(self, known: Sequence[str]) -> Ints:
        """The class of each row for whoever knows these columns too; that a value is blank can be known."""
        classes = self.classes
        for name in known:
            values = self.values[name] + 1
            classes = renumbered(classes * (int(values.max(initial=0)) + 1) + values)
        return classes


def crowd(
    frame: pl.DataFrame, quasi: Sequence[str], sensitive: Sequence[str], blanks: Collection[str] = ()
) -> Crowd:
    """The rows of `frame` with classes made of `quasi`; missing, empty and `blanks` are no value."""
    names = [*quasi, *(name for name in sensitive if name not in quasi)]
    # Named by number, so that no name of the table's can clash with ours.
    # A missing value and an empty one are alike, and stand last.
    told_as = [spelt(frame[name]).replace(NO_TEXT, None) for name in names]
    text = pl.DataFrame([column.alias(str(at)) for at, column in enumerate(told_as)])
    rows = text.sort(text.columns, nulls_last=True)
    values, texts = {}, {}
    for name in sensitive:
        column = rows[str(names.index(name))]
        told = registered(column, blanks)
        numbers = column.rank("dense").cast(pl.Int64)
        values[name] = np.where(told.to_numpy(), numbers.fill_null(BLANK).to_numpy(), BLANK)
        values[name] = _from_zero(values[name])
        texts[name] = tuple(column.filter(told).unique().sort().to_list())
    return Crowd(_numbered(rows, len(quasi)), _numbered(rows, len(names)), values, texts)


def usual_of(
    frame: pl.DataFrame, original: pl.DataFrame, name: str, blanks: Collection[str] = ()
) -> tuple[Ints, int]:
    """How many rows of `original` have each value that `crowd` numbers in `frame`, and how many any value."""
    there, whole = (counted(each[name], blanks) for each in (frame, original))
    aligned = there.select("value").join(whole, on="value", how="left", maintain_order="left")["rows"]
    return aligned.fill_null(0).to_numpy(), int(whole["rows"].sum())


def usual_as_said(told: Crowd, rule: Sensitive) -> tuple[Ints, int]:
    """The parts that the rule says are usual of each value of the crowd, and of all values."""
    parts = [rule.usual.get(text, 0) for text in told.texts[rule.name]]
    return np.array(parts, dtype=np.int64), sum(rule.usual.values())


def renumbered(numbers: Ints) -> Ints:
    """The same classes, numbered from 0 without a gap."""
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _from_zero(values: Ints) -> Ints:
    told = values != BLANK
    answer = np.full(len(values), BLANK, dtype=np.int64)
    answer[told] = renumbered(values[told])
    return answer


def _numbered(rows: pl.DataFrame, width: int) -> Ints:
    """The number of each run of rows that are alike in the first `width` columns."""
    if not width or not rows.height:
        return np.zeros(rows.height, dtype=np.int64)
    return rows.select(pl.struct(rows.columns[:width]).rle_id()).to_series().cast(pl.Int64).to_numpy()
