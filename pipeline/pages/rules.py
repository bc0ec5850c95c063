"""A broken rule in words a steward understands, with the field's label instead of its name.

What does not belong here: which rules there are (the schemas, `validate` and `sources` have them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline.pages.text import TEXT, say
from schemas import BY_NAME
from schemas.variable import column, columns, facts

PREFIXES = {"parse_": "rule_parse", "refers_to_": "rule_refers_to"}


@dataclass(frozen=True)
class Words:
    """The words of the pages in one language, for who has no page."""

    language: str

    def say(self, key: str, **values: object) -> str:
        """A phrase."""
        return say(key, self.language, **values)

    def field(self, table: str, name: str) -> str:
        """A field's label."""
        words: str = getattr(column(BY_NAME[table], name).about, self.language)
        return words


class Speaker(Protocol):
    """Whoever has words in one language: a page, or a list."""

    @property
    def language(self) -> str:
        """`nb` or `en`."""

    def say(self, key: str, **values: object) -> str:
        """A phrase."""

    def field(self, table: str, name: str) -> str:
        """A field's label."""


def rule_in_words(view: Speaker, table: str, rule: str, name: str | None) -> str:
    """The declared sentence of a rule over a row, else the phrase for its kind, else its name."""
    labels = {c.name: view.say("quoted", words=view.field(table, c.name)) for c in columns(BY_NAME[table])}
    for declared in facts(BY_NAME[table]).rules:
        if declared.name == rule:
            words: str = getattr(declared, view.language)
            for name in sorted(declared.columns, key=len, reverse=True):
                words = words.replace(name, labels[name])
            return _sentence(words)
    key = next((phrase for start, phrase in PREFIXES.items() if rule.startswith(start)), f"rule_{rule}")
    label = labels.get(name or "", "")
    return _sentence(view.say(key, column=label) if key in TEXT else f"{rule} {label}".strip())


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
