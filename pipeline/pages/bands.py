"""How a band of fill is written, coloured and compared: read from the band's own code.

What does not belong here: which band a share is in (`disclosure.tables` says that).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.quality.thresholds import SPARSE_MARGIN
from schemas import codes
from schemas.codes import lower_bounds


@dataclass(frozen=True)
class Band:
    """A band from `low` up to `high` percent, with its label in words and its class in the style sheet."""

    code: str
    low: int
    high: int
    nb: str
    en: str

    @property
    def short(self) -> str:
        """The band in a small cell."""
        if self.low == 0:
            return f"<{self.high}"
        return f"≥{self.low}" if self.high == WHOLE else f"{self.low}–{self.high}"

    @property
    def css(self) -> str:
        """The class that colours it."""
        return f"b{self.code}"

    def label(self, language: str) -> str:
        """The band in words."""
        return typeset(self.nb if language == "nb" else self.en)

    def is_below(self, promise: int) -> bool:
        """Whether the whole band falls short of the promise (permille) by the margin of a sparse field."""
        return self.high < WHOLE and self.high * 10 <= promise - SPARSE_MARGIN.value


WHOLE = 100


def typeset(label: str) -> str:
    """A band's label with the dash that stands between two numbers."""
    return label.replace("-", "\N{EN DASH}")


@cache
def by_code() -> dict[str, Band]:
    """Every band of every level, finest level first."""
    found: dict[str, Band] = {}
    for level in codes.FILL_BAND.ladder():
        lows = lower_bounds(level)
        highs = [*list(lows.values())[1:], WHOLE]
        for (code, low), high in zip(lows.items(), highs, strict=True):
            labels = {language: level.labels(language)[code] for language in ("nb", "en")}
            found.setdefault(code, Band(code=code, low=low, high=high, **labels))
    return found


def finest() -> list[Band]:
    """The bands of the finest level, lowest first: what the legend explains."""
    return [by_code()[code] for code in codes.FILL_BAND.values()]
