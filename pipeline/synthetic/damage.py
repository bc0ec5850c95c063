"""What happens to a delivery on its way: spreadsheets, separators, old numbers. Each with its truth."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.synthetic.fill import Planted
from pipeline.synthetic.places import NETWORK_ROUNDS, number_in
from pipeline.synthetic.streams import Mask, Streams

NUMBER, MUNICIPALITY, HOURS = "person_identifier", "municipality", "hours"
CALENDAR_DAYS = 6  # digits before the separator of a fødselsnummer


def lose_zeros(streams: Streams, frame: pl.DataFrame, name: str, year: int, planted: Planted) -> pl.DataFrame:
    """A spreadsheet has eaten the leading zero of a few identifiers."""
    luck = streams.of(f"nir/leading zero/{year}").random(frame.height)
    leading = frame[NUMBER].str.starts_with("0")
    rate = planted.rates.leading_zero_lost
    among = max(float(leading.sum()) / max(frame.height, 1), rate, 1e-9)
    lost = leading & pl.Series(luck < rate / among)
    _plant(planted, "leading_zero_lost", name, frame, lost, year)
    return _write(frame, NUMBER, lost, pl.col(NUMBER).str.slice(1))


def as_spreadsheet_number(
    streams: Streams, frame: pl.DataFrame, name: str, year: int, planted: Planted
) -> pl.DataFrame:
    """A spreadsheet has turned a few identifiers into 1,23E+10: the digits are gone."""
    luck = streams.of(f"{name}/spreadsheet/{year}").random(frame.height)
    hit = pl.Series(luck < planted.rates.spreadsheet_number) & frame[NUMBER].is_not_null()
    _plant(planted, "spreadsheet_number", name, frame, hit, year)
    written = [f"{float(text):.2E}".replace(".", ",") for text in frame[NUMBER].filter(hit).to_list()]
    if not written:
        return frame
    return frame.with_columns(frame[NUMBER].scatter(hit.arg_true(), pl.Series(written)))


def separate(streams: Streams, frame: pl.DataFrame, name: str, year: int, planted: Planted) -> pl.DataFrame:
    """A few fødselsnummer and D-numbers with a space or a hyphen after the date."""
    luck = streams.of(f"{name}/separated/{year}").random((2, frame.height))
    eleven = frame[NUMBER].str.len_chars() == 11
    hit = pl.Series(luck[0] < planted.rates.separated_number) & eleven.fill_null(False)
    _plant(planted, "separated_number", name, frame, hit, year)
    mark = pl.Series(np.where(luck[1] < 0.5, " ", "-").tolist())
    number = pl.col(NUMBER)
    parts = pl.concat_str(number.str.head(CALENDAR_DAYS), mark, number.str.slice(CALENDAR_DAYS))
    return _write(frame, NUMBER, hit, parts)


def keep_old_numbers(
    streams: Streams, frame: pl.DataFrame, name: str, year: int, planted: Planted
) -> pl.DataFrame:
    """A few rows still carry the number the municipality had before it was renumbered."""
    before = former_numbers(year)
    renumbered = frame[MUNICIPALITY].is_in(list(before)).fill_null(False)
    luck = streams.of(f"{name}/old municipality/{year}").random(frame.height)
    hit = renumbered & pl.Series(luck < planted.rates.old_municipality)
    _plant(planted, "old_municipality", name, frame, hit, year)
    return _write(frame, MUNICIPALITY, hit, pl.col(MUNICIPALITY).replace(before))


def former_numbers(year: int) -> dict[str, str]:
    """The number in use that year -> the one before it, for every municipality that was renumbered."""
    found = {}
    for place in NETWORK_ROUNDS:
        now = number_in(place, year)
        older = [n for y in range(2006, year) if (n := number_in(place, y)) != now]
        if older:
            found[now] = older[-1]
    return found


def shorten_municipality(
    streams: Streams, frame: pl.DataFrame, name: str, year: int, planted: Planted
) -> pl.DataFrame:
    """A few municipality numbers of three digits: a spreadsheet ate the zero."""
    luck = streams.of(f"{name}/short municipality/{year}").random(frame.height)
    leading = frame[MUNICIPALITY].str.starts_with("0").fill_null(False)
    hit = leading & pl.Series(luck < planted.rates.short_municipality)
    _plant(planted, "short_municipality", name, frame, hit, year)
    return _write(frame, MUNICIPALITY, hit, pl.col(MUNICIPALITY).str.slice(1))


def damage_hours(
    streams: Streams, frame: pl.DataFrame, name: str, year: int, planted: Planted
) -> pl.DataFrame:
    """Hours as text; a few with a thousands separator, a decimal point or a unit: nobody may guess."""
    luck = streams.of(f"{name}/hours/{year}").random((2, frame.height))
    hit = pl.Series(luck[0] < planted.rates.damaged_hours) & frame[HOURS].is_not_null()
    _plant(planted, "damaged_hours", name, frame, hit, year)
    comma = pl.col(HOURS).cast(pl.Decimal(10, 1)).cast(pl.String).str.replace(".", ",", literal=True)
    kind = pl.Series(luck[1])
    damaged = (
        pl.when(kind < 0.4)
        .then(pl.format("1 {}", comma.str.zfill(5)))  # 1 037,5
        .when(kind < 0.8)
        .then(comma.str.replace(",", ".", literal=True))
        .otherwise(pl.format("{} t", comma))
    )
    return frame.with_columns(pl.when(hit).then(damaged).otherwise(comma).alias(HOURS))


def _write(frame: pl.DataFrame, column: str, hit: pl.Series, written: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(pl.when(hit).then(written).otherwise(pl.col(column)).alias(column))


def _plant(
    planted: Planted, pattern: str, name: str, frame: pl.DataFrame, hit: pl.Series | Mask, year: int
) -> None:
    """Note the rows by the true identifier, the day the spell began where there is one, and the year."""
    parts = [pl.col(NUMBER), *(pl.col(c).cast(pl.String) for c in ("started_on",) if c in frame.columns)]
    key = pl.concat_str(*parts, pl.lit(str(year)), separator="|")
    planted.add(pattern, name, frame.filter(hit).select(key.alias("key"))["key"])
