"""How large an effect is, in coarse steps and in words: one for the page, articles and the terminal.

What does not belong here: measuring an effect, and deciding whether it may be told (`quality`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.disclosure.tables import SHARE_STEP
from pipeline.pages.bands import by_code
from pipeline.pages.phrase import number
from pipeline.pages.text import say
from pipeline.quality.thresholds import LATE_SHARE, NOWCAST_MONTHS

PERMILLE_IN_PERCENT = 10
_LEAST = 5  # what is under it rounds to 0
# Cohen's bounds of a weak, a moderate and a strong association, in hundredths.
_MODERATE, _STRONG = 30, 50


def effect_of(row: Mapping[str, Any], language: str) -> str:
    """The effect of a `PublishedResult`; of what comes late, beside what is there now. Empty where untold."""
    percent, now = row["effect_percent"], row["now_percent"]
    if percent is None:
        return ""
    if now is None:
        return effect_in_words(row["effect_kind"], percent, language)
    told = {"months": NOWCAST_MONTHS.value, "now": _end(now, language)}
    if still_to_come(row) == 0:  # the steps tell no difference: what is found is that they came late
        return say("effect_came", language, limit=LATE_SHARE.value // PERMILLE_IN_PERCENT, **told)
    return say("effect_now", language, then=_end(percent, language), **told)


def still_to_come(row: Mapping[str, Any]) -> int:
    """How many percentage points more are expected in the end, as both are told, of what comes late."""
    percent, now = row["effect_percent"], row["now_percent"]
    return int(percent - now)


def how_much(row: Mapping[str, Any], language: str) -> str:
    """Of a `PublishedResult`: how many it is about, its effect, how many have a value; empty where untold."""
    said = []
    if row["affected"] is not None:
        said.append(say("affected", language, count=number(row["affected"], language)))
    if effect := effect_of(row, language):
        said.append(effect)
    band = by_code().get(row["band"] or "")
    # What is there now and in the end is of the latest months: the band is of all years.
    if band is not None and row["now_percent"] is None:
        label = band.label(language)
        share = {"band": label[:1].lower() + label[1:], "count": number(row["n"], language)}
        said.append(say("band_of", language, **share))
    return "; ".join(said)


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


def _end(percent: int, language: str) -> str:
    """A percent in words: the ends of the scale stand for all that is beyond them (`percent_in_steps`)."""
    ends = {SHARE_STEP: "size_most", 100 - SHARE_STEP: "size_least"}
    return say(ends.get(percent, "size_about"), language, figure=percent)


def _size(figure: str, percent: int, language: str) -> str:
    return say("size_about" if percent else "size_under", language, figure=figure)


def _hundredths(value: int, language: str) -> str:
    """A measure between 0 and 1 with two decimals, as the language writes them."""
    return f"{value / 100:.2f}".replace(".", "," if language == "nb" else ".")
