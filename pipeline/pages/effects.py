"""How large an effect is, in coarse steps and in words: one for the page, articles and the terminal.

What does not belong here: measuring an effect, and deciding whether it may be told (`quality`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.pages.text import say

_LEAST = 5  # what is under it rounds to 0
# Cohen's bounds of a weak, a moderate and a strong association, in hundredths.
_MODERATE, _STRONG = 30, 50


def effect_of(row: Mapping[str, Any], language: str) -> str:
    """The effect of a `PublishedResult`; empty where it may not be told."""
    percent = row["effect_percent"]
    return "" if percent is None else effect_in_words(row["effect_kind"], percent, language)


def effect_in_words(kind: str, percent: int, language: str) -> str:
    """An effect of that EFFECT_KIND, `percent` rounded and signed; 0 is under 5."""
    if kind == "cramers_v":
        strength = "strong" if percent >= _STRONG else "moderate" if percent >= _MODERATE else "weak"
        size = _size(_hundredths(percent or _LEAST, language), percent, language)
        return say("effect_cramers_v", language, size=size, strength=say(f"strength_{strength}", language))
    size = _size(str(abs(percent) or _LEAST), percent, language)
    if kind == "change":
        return say("effect_change_up" if percent > 0 else "effect_change_down", language, size=size)
    return say(f"effect_{kind}", language, size=size)


def _size(figure: str, percent: int, language: str) -> str:
    return say("size_about" if percent else "size_under", language, figure=figure)


def _hundredths(value: int, language: str) -> str:
    """A measure between 0 and 1 with two decimals, as the language writes them."""
    return f"{value / 100:.2f}".replace(".", "," if language == "nb" else ".")
