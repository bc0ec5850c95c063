"""The fill-rate model - invented, not measured - and the list of what was planted.

logit p = field's level (by year, by whether the person takes part) + bydel + adviser + the row's own
shift. Half of a bydel's effect is common to all fields, half is the field's.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.dirt import Dirt
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import Floats, Ints, Mask, Streams, Strings
from schemas.variable import Table, polars_schema


@dataclass(frozen=True)
class Fill:
    """Draws which rows have a field filled; `every` fills them all (`promised.py` then blanks by its own "
    "lot)."""

    streams: Streams
    people: People
    participant: Mask
    every: bool = False

    def rate(self, name: str, year: Floats | Ints, participant: Mask) -> Floats:
        """The model's share filled, before bydel and adviser."""
        shares, grant_only = model.FILL[name]
        share = _inverse(np.interp(year, model.FILL_YEARS, _logit(np.array(shares))))
        return np.where(participant, share, share if grant_only is None else grant_only)

    def drawn(self, name: str, row: str, person: Ints, year: Ints, shift: Floats | float = 0.0) -> Mask:
        """Whether the field is filled, for rows of `person` in `year`; `row` names the column."""
        if self.every:
            return np.ones(person.size, dtype=bool)
        level = _logit(self.rate(name, year + 0.5, self.participant[person]))
        spread = self._bydel(name)[person] + self._adviser()[person]
        # A logistic mean shrinks under normal effects; the usual correction keeps the field's level.
        variance = model.BYDEL_SPREAD**2 + model.ADVISER_SPREAD**2
        level = level * np.sqrt(1 + 0.346 * variance)
        chance = _inverse(level + spread + shift)
        return np.asarray(self.streams.of(f"fill/{row}").random(person.size) < chance)

    def _bydel(self, name: str) -> Floats:
        names = list(model.BYDELER)
        scale = model.BYDEL_SPREAD / np.sqrt(2)
        common = self.streams.of("fill/bydel").normal(0, scale, len(names))
        own = self.streams.of(f"fill/bydel/{name}").normal(0, scale, len(names))
        return np.asarray((common + own)[np.searchsorted(names, self.people.bydel.astype(str))])

    def _adviser(self) -> Floats:
        most = int(self.people.adviser.max()) + 1
        effects = self.streams.of("fill/adviser").normal(0, model.ADVISER_SPREAD, (len(model.BYDELER), most))
        return np.asarray(
            effects[np.searchsorted(list(model.BYDELER), self.people.bydel.astype(str)), self.people.adviser]
        )


def _logit(share: Floats) -> Floats:
    return np.log(share / (1 - share))


def _inverse(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)))


@dataclass
class Planted:
    """At what rates things go wrong, and what was planted: by pattern, table and primary key."""

    rates: Dirt = field(default_factory=Dirt)
    rows: list[pl.DataFrame] = field(default_factory=list)

    def add(self, pattern: str, table: str, keys: pl.Series | Ints | Strings) -> None:
        """Note a pattern for the rows with these keys (several key columns joined by `|`)."""
        series = keys if isinstance(keys, pl.Series) else pl.Series(keys)
        self.rows.append(
            pl.DataFrame({"key": series.cast(pl.String)}).select(
                pattern=pl.lit(pattern), table=pl.lit(table), key="key"
            )
        )

    def frame(self) -> pl.DataFrame:
        """All of it, sorted."""
        return pl.concat(self.rows).sort("pattern", "table", "key")


def declared(table: type[Table], given: dict[str, object] | pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the declared columns, in their order and types."""
    frame = given if isinstance(given, pl.DataFrame) else pl.DataFrame(given, strict=False)
    schema = polars_schema(table)
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def blank(frame: pl.DataFrame, name: str, filled: Mask) -> pl.DataFrame:
    """The frame with `name` empty where it was not filled."""
    return frame.with_columns(pl.when(pl.Series(filled)).then(pl.col(name)).alias(name))


def strings(values: Strings, filled: Mask | None = None) -> pl.Series:
    """Codes as a column; empty where not filled, or where the code is the empty string."""
    there = values != "" if filled is None else filled & (values != "")
    series = pl.Series(values.tolist(), dtype=pl.String)
    return series.set(~pl.Series(there), None)
