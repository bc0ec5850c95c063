"""The conclusion of a privacy certificate: what can be said of each kind of file, before anything else.

What does not belong here: the words (`certificate_text`), and the figures behind it (`certificate_parts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.disclosure import certificate_text as text
from pipeline.disclosure.attacks.limits import Verdict, exposing, unlimited
from pipeline.disclosure.certificate_parts import (
    BAD,
    GOOD,
    NEUTRAL,
    Cell,
    Section,
    label,
    may_be_labelled,
    reached,
    say,
    tried,
    without,
)
from pipeline.disclosure.evidence import Evidence
from pipeline.disclosure.shown import told_of
from pipeline.identity.usable import OutputKind
from pipeline.releases.words import KIND_LABELS

# What an attack that nobody limited may gain before the conclusion is no longer coloured as good.
TELLING = 0.1


def conclusions(
    personal: Sequence[Evidence], coarsened: Sequence[Evidence], language: str
) -> Iterable[Section]:
    """What can be said of each kind of file, before anything else."""
    yield Section(title=say(text.STATUS, language))
    if personal:
        kind = say(KIND_LABELS[OutputKind.PSEUDONYMISED], language)
        names = "; ".join(label(each, each.name, language) for each in personal)
        about = (say(text.PERSONAL, language),)
        yield Section(title=names, level=3, badge=Cell(kind, NEUTRAL), paragraphs=about)
    for each in coarsened:
        said = (*_targets(each, language), *_attacks(each, language), *_decision(each, language))
        yield Section(
            title=label(each, each.name, language), level=3, badge=_badge(each, language), paragraphs=said
        )


def _badge(evidence: Evidence, language: str) -> Cell:
    if not may_be_labelled(evidence):
        return Cell(say(text.BEYOND, language), BAD)
    gained = [verdict.attack.gain for verdict in unlimited(evidence.verdicts)]
    good = not exposing(evidence.verdicts) and max(gained, default=0.0) <= TELLING
    decided = evidence.decision
    words = KIND_LABELS[evidence.kind] if decided is None else text.ANONYMOUS
    return Cell(say(words, language, by=decided and decided.by), GOOD if good else NEUTRAL)


def _targets(evidence: Evidence, language: str) -> Iterable[str]:
    if may_be_labelled(evidence):
        yield say(text.MET, language)
    else:
        yield say(text.NOT_MET, language, no=say(text.NO, language))


def _attacks(evidence: Evidence, language: str) -> Iterable[str]:
    """What no limit holds back: who can be read from two versions, and the attacks without a limit."""
    if exposing(evidence.verdicts):
        yield say(text.EXPOSED, language)
    if any(verdict.limit is None for verdict in evidence.verdicts):
        yield say(text.UNLIMITED, language, no_limit=say(text.NO_LIMIT, language))
    worst = max(_telling(evidence), key=lambda verdict: verdict.attack.gain, default=None)
    if worst is not None:
        yield say(
            text.FURTHEST,
            language,
            what=tried(evidence, worst, language),
            reached=reached(worst, language),
            without=without(worst, language),
        )


def _telling(evidence: Evidence) -> list[Verdict]:
    """The unlimited attacks that gain anything, and whose shares may be shown."""
    found = unlimited(evidence.verdicts)
    return [verdict for verdict in found if verdict.attack.gain > 0 and told_of(verdict.attack.guesses)]


def _decision(evidence: Evidence, language: str) -> Iterable[str]:
    decided = evidence.decision
    if decided is None:
        yield say(text.UNDECIDED, language)
    else:
        on = decided.on.isoformat()
        yield say(text.DECIDED, language, by=decided.by, on=on, why=decided.why)
        yield say(text.DECIDED_FOR, language)
