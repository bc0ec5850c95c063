"""When a finding has become worse: graver, or with an effect that is larger than rounding can explain.

Made of published figures alone, which are rounded and held from night to night. A rounded figure stands for
an interval, and a finding is worse only where the whole interval has moved: so what is said of two nights
tells no more than both of them did. What does not belong here: which nights are compared (`history`), and
what becomes of a decision (`lifted`).
"""

from __future__ import annotations

import polars as pl

from pipeline.disclosure.tables import BASE
from pipeline.quality import thresholds
from pipeline.quality.export import EFFECT_STEP, EXPECTED, TOLD_BY_THE_BAND
from pipeline.quality.results import PERMILLE
from pipeline.quality.rules import FlagSeverity

_PERCENT = 100
# A count is told to the nearest BASE, and held until it has moved by BASE.
STRAYS = BASE // 2 + BASE - 1
_NOTHING, _BETWEEN = "-", " "
_BY_BAND = "band"  # the last word of a size whose effect is told by the band
_BOUNDS = "-"  # a band's code is its bounds: 25-50
_GRAVITY = {severity.value: place for place, severity in enumerate(FlagSeverity)}


def size() -> pl.Expr:
    """How bad a `PublishedResult` is, as one short text: severity, least and most of the effect, affected.

    The effect is in percent, turned so that more is worse; what may not be told is a dash. A last word says
    that the effect is told by a band.
    """
    parts = [
        p.cast(pl.String).fill_null(_NOTHING) for p in (pl.col("severity"), *_interval(), pl.col("affected"))
    ]
    by_band = pl.when(pl.col("effect_kind") == TOLD_BY_THE_BAND).then(pl.lit(_BY_BAND))
    return pl.concat_str([*parts, by_band], separator=_BETWEEN, ignore_nulls=True)


def is_worse(was: pl.Expr, now: pl.Expr) -> pl.Expr:
    """Whether one `size` is worse than another by what `thresholds` says; of a note it never is.

    A band is held from night to night, so a lower one is worse however near the two are. Null where neither
    the effect nor how many it is about is known of both, unless it is graver.
    """
    (was_gravity, _, most, were), (gravity, least, _, affected) = _parts(was), _parts(now)
    more = PERMILLE + thresholds.WORSE_AFFECTED.value
    by_band = _is_by_band(was) & _is_by_band(now)
    least_grown = pl.when(by_band).then(0).otherwise(thresholds.WORSE_EFFECT.value * _PERCENT)
    each = (
        gravity < was_gravity,
        (least - most) * PERMILLE >= least_grown,
        (affected - STRAYS) * PERMILLE >= (were + STRAYS) * more,
    )
    known = each[1].is_not_null() | each[2].is_not_null()
    found = pl.any_horizontal(part.fill_null(False) for part in each)
    counts = (gravity != _GRAVITY[FlagSeverity.NOTE.value]).fill_null(True)
    return pl.when(found | known).then(found & counts)


def _interval() -> tuple[pl.Expr, pl.Expr]:
    """Between which percents the effect of a result lies: the more, the worse."""
    low, high = (pl.col("band").str.split(_BOUNDS).list.get(place).cast(pl.Int64) for place in (0, 1))
    percent, kind = pl.col("effect_percent"), pl.col("effect_kind")
    bad = pl.when(kind == EXPECTED).then(_PERCENT - percent).otherwise(percent.abs())
    by_band = kind == TOLD_BY_THE_BAND
    return (
        pl.when(by_band).then(_PERCENT - high).otherwise(bad - EFFECT_STEP // 2),
        pl.when(by_band).then(_PERCENT - low).otherwise(bad + EFFECT_STEP // 2),
    )


def _is_by_band(size: pl.Expr) -> pl.Expr:
    return (size.str.split(_BETWEEN).list.last() == _BY_BAND).fill_null(False)


def _parts(size: pl.Expr) -> list[pl.Expr]:
    """The severity (0 is the gravest), least and most of the effect, and affected; null where not known."""
    severity, *figures = (size.str.split(_BETWEEN).list.get(place, null_on_oob=True) for place in range(4))
    return [
        severity.replace_strict(_GRAVITY, default=None, return_dtype=pl.Int64),
        *(figure.cast(pl.Int64, strict=False) for figure in figures),
    ]
