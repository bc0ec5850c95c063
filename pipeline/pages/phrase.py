"""One phrase in two languages, and how a language writes numbers.

What does not belong here: the phrases (`text.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

LANGUAGES = ("nb", "en")


@dataclass(frozen=True)
class Phrase:
    """One phrase in both languages; `{name}` is filled in with `say`."""

    nb: str
    en: str

    def say(self, language: str, **values: object) -> str:
        """The phrase in `language`, filled in."""
        text: str = getattr(self, language)
        return text.format(**values)


def number(value: int, language: str) -> str:
    """A whole number as the language groups it; the space does not break a line."""
    return f"{value:,}".replace(",", "\u00a0" if language == "nb" else ",")


_COUNTS = {2: ("to", "two"), 3: ("tre", "three"), 4: ("fire", "four"), 5: ("fem", "five")}


def count_in_words(value: int, language: str) -> str:
    """A small count as it is written in a sentence."""
    return _COUNTS[value][LANGUAGES.index(language)] if value in _COUNTS else str(value)


def day(value: date, language: str) -> str:
    """A date as the language writes it."""
    return value.strftime("%d.%m.%Y") if language == "nb" else value.isoformat()


def years(values: Iterable[int]) -> str:
    """Years as they are written together: 2009, 2011–2014; of a gap nothing is said."""
    runs: list[list[int]] = []
    for year in sorted(set(values)):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}\N{EN DASH}{run[-1]}" for run in runs)


def sentence(words: str) -> str:
    """Words as a sentence of their own; none of none."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
