"""The privacy certificate of a release or a file: what was measured, attacked and lost, in words, nb and en.

It says at most that the measured targets are met. Person-level data with a living key is personal data
whatever is measured, and only a named human's decision, which the manifest records, calls anything anonymous.
No exact count of persons stands in it: shares are those of rounded counts (`shown`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.disclosure import certificate_text as text
from pipeline.disclosure.certificate_conclusion import conclusions
from pipeline.disclosure.certificate_parts import (
    Section,
    answers,
    caveats,
    known_events,
    may_be_labelled,
    measurements,
    say,
    targets_in_words,
    targets_met,
)
from pipeline.disclosure.evidence import Evidence
from pipeline.identity.usable import OutputKind
from pipeline.releases.words import KIND_LABELS, LANGUAGES
from pipeline.requests.request import Bilingual
from pipeline.templates import environment

SUFFIXES = ("md", "html")


def certificates(evidence: Sequence[Evidence], title: Bilingual, cited: str = "") -> dict[str, bytes]:
    """`certificate.nb.md`, `certificate.nb.html` and the same in English, by name of file.

    One certificate of everything in `evidence`: a data protection officer opens one file. `cited` is how the
    release is cited.
    """
    return {
        f"certificate.{language}.{suffix}": render(evidence, title, language, suffix, cited)
        for language in LANGUAGES
        for suffix in SUFFIXES
    }


def render(
    evidence: Sequence[Evidence], title: Bilingual, language: str, suffix: str, cited: str = ""
) -> bytes:
    """The certificate in one language, as `md` or `html`."""
    content = {
        "language": language,
        "title": say(text.TITLE, language),
        "about": say(title, language),
        "cited": say(text.CITED, language, cited=cited) if cited else "",
        "sections": sections(evidence, language),
    }
    return (
        environment("pipeline.disclosure").get_template(f"certificate.{suffix}.j2").render(**content).encode()
    )


def sections(evidence: Sequence[Evidence], language: str) -> list[Section]:
    """What the certificate says, headline by headline: the conclusion of every file first."""
    personal = [each for each in evidence if each.kind is OutputKind.PSEUDONYMISED]
    coarsened = [each for each in evidence if each.kind is OutputKind.COARSENED]
    return [
        *conclusions(personal, coarsened, language),
        *([answers(language)] if personal else []),
        *(known_events(each.courses, language) for each in personal if each.courses),
        *(section for each in coarsened for section in measurements(each, language)),
        caveats(language),
    ]


def summary(evidence: Evidence) -> dict[str, Any]:
    """What the manifest records: what was asked for and met, each attack and its limit, and who decided.

    Nothing is counted in it. `targets_met` is None, and the lists are empty, of pseudonymised data.
    """
    decided = evidence.decision
    return {
        "label": KIND_LABELS[evidence.kind].model_dump() if may_be_labelled(evidence) else None,
        "targets_met": targets_met(evidence),
        "targets": [{"target": what, "met": met} for what, met in targets_in_words(evidence, "en")],
        "attacks": [
            {
                "attack": verdict.attack.kind.value,
                "about": verdict.attack.about,
                "known": list(verdict.attack.known),
                "limited": verdict.figure.value,
                "limit": verdict.limit,
                "held": verdict.held if verdict.limit is not None else None,
            }
            for verdict in evidence.verdicts
        ],
        "anonymous_by_decision_of": decided
        and {"by": decided.by, "on": decided.on.isoformat(), "why": decided.why},
    }
