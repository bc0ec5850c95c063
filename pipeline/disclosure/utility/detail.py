"""How much detail is left: rows, levels, and how many a row cannot be told from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.disclosure.engine.hierarchy import Hierarchy, flat, spelt


@dataclass(frozen=True)
class Detail:
    """What is left of `rows`: shares between 0 and 1, class sizes in rows.

    `loss` is the mean over all rows and quasi-identifiers of the normalised certainty penalty, (leaves under
    the value - 1) / (leaves - 1), 1 for a row left out (Xu et al. 2006), and `by_column` each column's.
    `discernibility` is the mean number of rows that a row cannot be told from, a row left out alike to all
    (Bayardo and Agrawal 2005, divided by rows). `mean_class` is in rows, and `mean_class_of_k` in times k
    (LeFevre et al. 2006).
    """

    rows: int
    suppressed: int
    loss: float
    by_column: dict[str, float]
    classes: int
    mean_class: float
    mean_class_of_k: float
    discernibility: float

    @property
    def suppressed_share(self) -> float:
        """The share of rows left out."""
        return self.suppressed / self.rows if self.rows else 0.0


def detail(
    before: pl.DataFrame,
    after: pl.DataFrame,
    quasi: Sequence[str],
    hierarchies: Mapping[str, Hierarchy],
    k: int,
    levels: Mapping[str, Sequence[int]] | None = None,
) -> Detail:
    """Measured from the labels that are released; a column without a hierarchy has its values, and `*`.

    `levels` are those that a column's labels stand at, any where it is not told. A label of several counts as
    the coarsest.
    """
    rows, gone = before.height, before.height - after.height
    by_column = {
        name: (_lost(before[name], after[name], hierarchies.get(name), (levels or {}).get(name)) + gone)
        / max(rows, 1)
        for name in quasi
    }
    sizes = np.sort(after.group_by(quasi).len()["len"].cast(pl.Int64).to_numpy())
    mean = float(sizes.mean()) if len(sizes) else 0.0
    return Detail(
        rows=rows,
        suppressed=gone,
        loss=sum(by_column.values()) / max(len(by_column), 1),
        by_column=by_column,
        classes=len(sizes),
        mean_class=mean,
        mean_class_of_k=mean / k,
        discernibility=(int(sizes @ sizes) + gone * rows) / max(rows, 1),
    )


def _lost(
    before: pl.Series, after: pl.Series, above: Hierarchy | None, levels: Sequence[int] | None
) -> float:
    """The summed penalty of the released rows."""
    if above is None:
        above = flat(before.name, spelt(before).unique().to_list())
    under: dict[str, int] = {}
    for level in range(above.levels) if levels is None else sorted(levels):
        counts = zip(above.codes[level], above.under[level], strict=True)
        under |= {above.labels[level][code]: int(count) for code, count in counts}
    told = spelt(after).value_counts(name="n").rows()
    # A whole number until the one division, so that no order of values decides a last digit.
    lost: int = sum((under[label] - 1) * times for label, times in told)
    return lost / max(len(above.leaves) - 1, 1)
