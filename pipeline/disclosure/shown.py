"""Figures of the certificate as anybody may see them: shares of rounded counts, none of few."""

from __future__ import annotations

import math

from pipeline.disclosure.certificate_text import AT_MOST, OVER, TOO_FEW, UNDER
from pipeline.disclosure.tables import BASE, THRESHOLD, figure, rounded

# The same whole numbers divided in another order must not differ.
_EXACT = 9
_NO_BREAK = "\N{NO-BREAK SPACE}"


def told_of(whole: int) -> bool:
    """Whether shares of so many may be shown at all."""
    return whole >= 2 * THRESHOLD


def share(part: float, whole: int, language: str) -> str:
    """`part` of `whole` in percent, from rounded counts; nothing exact where either side of it is few."""
    count = round(part)
    if not told_of(whole):
        return str(getattr(TOO_FEW, language))
    of = rounded(whole)
    # To the tenth of a percent that leaves all few counts possible.
    few = math.ceil(1000 * THRESHOLD / of) / 1000
    if count < THRESHOLD:
        return str(getattr(UNDER, language).format(share=percent(few, language)))
    if whole - count < THRESHOLD:
        return str(getattr(OVER, language).format(share=percent(1 - few, language)))
    return percent(min(rounded(count) / of, 1.0), language)


def left_out(rows: int, kept: int, language: str) -> str:
    """The share of `rows` that is left out, by what is kept: who counts that learns nothing of the rest."""
    gone = rows - kept
    told = rounded(gone) if gone >= THRESHOLD else 0
    return share(told, kept + told, language)


def of_kept(mean: float, counted: float, rows: int, kept: int) -> float:
    """The mean over the `kept` rows, of a mean over all `rows` in which one left out was `counted` so much.

    Over all rows it would tell how many were left out.
    """
    return round((mean * rows - counted * (rows - kept)) / max(kept, 1), _EXACT) + 0.0


def at_most(chance: float, language: str) -> str:
    """A chance of one of so many, as a bound: the many are rounded down, so that they cannot be counted."""
    alike = int(1 / chance + 1e-9)
    if alike < THRESHOLD:
        return str(getattr(OVER, language).format(share=percent(1 / THRESHOLD, language)))
    return str(getattr(AT_MOST, language).format(limit=percent(1 / (alike // BASE * BASE), language)))


def percent(value: float, language: str) -> str:
    """A share as each language writes it: 97,5 % in Norwegian, 97.5% in English."""
    sign = f"{_NO_BREAK}%" if language == "nb" else "%"
    return number(100 * value, 1, language).removesuffix(",0").removesuffix(".0") + sign


def number(value: float, decimals: int, language: str) -> str:
    """A number with the language's decimal sign."""
    text = f"{value:.{decimals}f}"
    return text.replace(".", ",") if language == "nb" else text


def count(persons: float, language: str) -> str:
    """A number of persons: rounded, none and few alike."""
    text = figure(round(persons))
    return text.replace(",", _NO_BREAK) if language == "nb" else text
