"""The parts of a privacy certificate: targets, the three tests, what it costs, every figure.

What does not belong here: the conclusion (`certificate_conclusion`), the words (`certificate_text`), how
figures are made fit to be shown (`shown`), and the files (`certificate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.disclosure import certificate_cost_text as cost
from pipeline.disclosure import certificate_text as text
from pipeline.disclosure.attacks.attack import Kind
from pipeline.disclosure.attacks.limits import Figure, Verdict
from pipeline.disclosure.coarsen import K
from pipeline.disclosure.evidence import Evidence
from pipeline.disclosure.shown import at_most, count, left_out, number, of_kept, percent, share, told_of
from pipeline.disclosure.tables import THRESHOLD
from pipeline.disclosure.utility.measure import Utility
from pipeline.disclosure.utility.shares import LARGE
from pipeline.identity.usable import OutputKind
from pipeline.releases import courses
from pipeline.releases.courses import Found
from pipeline.requests.request import Bilingual

# How a verdict or a conclusion is coloured; the words say the same.
GOOD, BAD, NEUTRAL = "good", "bad", "neutral"


@dataclass(frozen=True)
class Cell:
    """What stands in one cell of a table, and how it is coloured; `tone` is blank where it is not."""

    text: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A headline of `level` 2 or 3, a badge, paragraphs, and a table whose first column names its rows."""

    title: str
    level: int = 2
    paragraphs: tuple[str, ...] = ()
    badge: Cell | None = None
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


def say(words: Bilingual, language: str, **filled: Any) -> str:
    """The words in one language, with what is to be filled in."""
    said: str = getattr(words, language)
    return said.format(**filled) if filled else said


def targets_met(evidence: Evidence) -> bool | None:
    """Whether everything asked for was measured and met, and no attack comes too far; None: nothing asked."""
    if evidence.targets is None:
        return None
    met = [met for _, met in targets_in_words(evidence, "en")]
    return all(one is not False for one in met) and all(verdict.held for verdict in evidence.verdicts)


def may_be_labelled(evidence: Evidence) -> bool:
    """Whether the kind's label may be used: what misses a target is not of low risk."""
    return evidence.kind is OutputKind.PSEUDONYMISED or targets_met(evidence) is True


def targets_in_words(evidence: Evidence, language: str) -> list[tuple[str, bool | None]]:
    """Each target in words, and whether it is met (None: not measured); columns with one answer together."""
    targets, measured = evidence.targets, evidence.measured
    if targets is None or measured is None:
        return []
    gone = evidence.utility.detail.suppressed_share if evidence.utility else None
    allowed = float(targets.suppression)
    rules: dict[tuple[str, bool | None], list[str]] = {}
    for words, name, met in _rules(evidence, language):
        rules.setdefault((words, met), []).append(label(evidence, name, language))
    kept = measured.kept
    return [
        (
            say(text.K_HOUSEHOLDS if targets.households else text.K, language, k=targets.k),
            measured.k >= targets.k,
        ),
        *(
            [(say(text.K_KEPT, language, k=targets.k, names=_kept(evidence, language)), kept.k >= targets.k)]
            if kept
            else []
        ),
        *((words.format(names="; ".join(names)), met) for (words, met), names in rules.items()),
        (
            say(text.SUPPRESSION, language, share=percent(allowed, language)),
            None if gone is None else gone <= allowed,
        ),
    ]


def _kept(evidence: Evidence, language: str) -> str:
    """The columns that are passed on as they are."""
    kept = evidence.measured.kept if evidence.measured else None
    return "; ".join(label(evidence, name, language) for name in kept.names) if kept else ""


def _rules(evidence: Evidence, language: str) -> Iterable[tuple[str, str, bool]]:
    """Each rule of a sensitive column: its words with a place for names, the column, and whether it holds."""
    assert evidence.targets is not None and evidence.measured is not None
    told = {one.name: one for one in evidence.measured.told}
    keep = "{names}"
    for asked in evidence.targets.sensitive:
        found = told[asked.name]
        if asked.distinct is not None:
            words = say(text.DISTINCT, language, n=asked.distinct, names=keep)
            yield words, asked.name, found.distinct >= asked.distinct
        if asked.closeness is not None:
            limit = float(asked.closeness)
            words = say(text.CLOSE, language, t=number(limit, 2, language), names=keep)
            yield words, asked.name, found.furthest <= limit
        if asked.adverse:
            yield say(text.ONE_SIDED, language, names=keep), asked.name, found.one_sided == 0


def answers(language: str) -> Section:
    """The three questions of pseudonymised files, whose answers no measurement changes."""
    rows = tuple(
        (Cell(say(title, language)), Cell(say(said, language)))
        for (title, _, _), said in zip(text.SECTIONS, text.PERSON_LEVEL, strict=True)
    )
    header = tuple(say(head, language) for head in text.ANSWER_HEADER)
    return Section(title=say(text.ANSWERS, language), header=header, rows=rows)


def known_events(found: Sequence[Found], language: str) -> Section:
    """What somebody who knows a few dated events of a person finds in the pseudonymised files."""
    counted = courses.HOMES if any(one.homes for one in found) else courses.PERSONS
    return Section(
        title=say(courses.TITLE, language),
        paragraphs=(say(courses.ABOUT, language), say(counted, language)),
        header=tuple(say(head, language, k=K) for head in courses.HEADER),
        rows=tuple(tuple(map(Cell, line)) for line in courses.rows(found, language)),
    )


def measurements(evidence: Evidence, language: str) -> Iterable[Section]:
    """Everything about one coarsened file, from its targets to every figure."""
    name = label(evidence, evidence.name, language)
    quasi = "; ".join(label(evidence, each, language) for each in evidence.quasi)
    about = [say(text.CLASS, language, quasi=quasi)]
    if evidence.household is not None:
        about.append(say(text.ABOUT_HOUSEHOLDS, language, about=say(evidence.household, language)))
    if kept := _kept(evidence, language):
        about.append(say(text.KEPT, language, names=kept))
    yield Section(title=say(text.DETAILS, language, name=name), paragraphs=tuple(about))
    rows = tuple((Cell(what), _yes(met, language)) for what, met in targets_in_words(evidence, language))
    header = tuple(say(head, language) for head in text.TARGET_HEADER)
    yield Section(title=say(text.TARGETS, language), level=3, header=header, rows=rows)
    for title, said, kinds in text.SECTIONS:
        yield _test(evidence, title, said, kinds, language)
    if evidence.utility:
        yield _useful(evidence, evidence.utility, language)
    every = tuple(_row(evidence, [verdict], language) for verdict in evidence.verdicts)
    yield Section(title=say(text.EVERYTHING, language), level=3, header=_attack_header(language), rows=every)


def caveats(language: str) -> Section:
    """What the certificate does not say."""
    said = tuple(say(one, language) for one in text.ABOUT_CAVEATS)
    return Section(title=say(text.CAVEATS, language), paragraphs=said)


def label(evidence: Evidence, name: str, language: str) -> str:
    """What the file or column of that name is called."""
    return say(evidence.labels[name], language) if name in evidence.labels else name


def _yes(met: bool | None, language: str) -> Cell:
    if met is None:
        return Cell(say(text.NOT_MEASURED, language))
    return Cell(say(text.YES if met else text.NO, language), GOOD if met else BAD)


def _attack_header(language: str) -> tuple[str, ...]:
    return tuple(say(head, language) for head in text.ATTACK_HEADER)


def _test(
    evidence: Evidence, title: Bilingual, about: Bilingual, kinds: tuple[Kind, ...], language: str
) -> Section:
    """One of the three tests: each kind of attack once, with what is most at risk of it."""
    alike: dict[tuple[Kind, bool], list[Verdict]] = {}
    for verdict in evidence.verdicts:
        if verdict.attack.kind in kinds:
            alike.setdefault((verdict.attack.kind, bool(verdict.attack.known)), []).append(verdict)
    untried: dict[str, list[str]] = {}
    for kind in kinds:
        if kind not in {found for found, _ in alike}:
            why = say(text.UNTRIED.get(kind, text.UNTRIED_OTHERWISE), language)
            untried.setdefault(why, []).append(say(text.ATTACKS[kind], language, about="…"))
    left = (say(text.NOT_TRIED, language, what="; ".join(what), why=why) for why, what in untried.items())
    return Section(
        title=say(title, language),
        level=3,
        paragraphs=(say(about, language), *left),
        header=_attack_header(language),
        rows=tuple(_row(evidence, group, language) for group in alike.values()),
    )


def _row(evidence: Evidence, group: Sequence[Verdict], language: str) -> tuple[Cell, ...]:
    """The one of the group that is most at risk."""
    worst = max(group, key=lambda verdict: (not verdict.held, verdict.measured or 0.0))
    what = tried(evidence, worst, language)
    if len(group) > 1:
        what = say(text.WORST, language, what=what, n=len(group))
    return (
        Cell(what),
        Cell(reached(worst, language)),
        Cell(without(worst, language)),
        Cell(_limit(worst, language)),
        Cell("–") if worst.limit is None else _yes(worst.held, language),
    )


def tried(evidence: Evidence, verdict: Verdict, language: str) -> str:
    """What the attacker tries, and knows beside the quasi-identifiers."""
    attack = verdict.attack
    what = say(text.ATTACKS[attack.kind], language, about=label(evidence, attack.about or "", language))
    return say(text.KNOWING, language, what=what) if attack.known else what


def reached(verdict: Verdict, language: str) -> str:
    """How far the attack comes: as a distance, or a share of the guesses, and of the person most at risk."""
    attack = verdict.attack
    if attack.kind is Kind.SKEWNESS:
        return number(attack.highest or 0.0, 2, language)
    mean = share(attack.right, attack.guesses, language)
    if verdict.figure is not Figure.HIGHEST or attack.highest is None:
        return mean
    highest = at_most(attack.highest, language)
    words = text.AT_RISK if told_of(attack.guesses) else text.MOST_AT_RISK
    return say(words, language, highest=highest, mean=mean)


def without(verdict: Verdict, language: str) -> str:
    """How far the attack's comparison comes; of a distance there is none."""
    attack = verdict.attack
    if attack.kind is Kind.SKEWNESS:
        return "–"
    return share(attack.baseline * attack.guesses, attack.guesses, language)


def _limit(verdict: Verdict, language: str) -> str:
    if verdict.limit is None:
        return say(text.NO_LIMIT, language)
    if verdict.attack.kind is Kind.SKEWNESS:
        return say(text.AT_MOST, language, limit=number(verdict.limit, 2, language))
    if verdict.figure is Figure.GAIN:
        limit = number(100 * verdict.limit, 0, language)
    else:
        limit = percent(verdict.limit, language)
    return say(text.LIMITS[verdict.figure.value], language, limit=limit)


def _useful(evidence: Evidence, utility: Utility, language: str) -> Section:
    detail = utility.detail
    kept = detail.rows - detail.suppressed
    loss = number(of_kept(detail.loss, 1, detail.rows, kept), 2, language)
    alike = count(of_kept(detail.discernibility, detail.rows, detail.rows, kept), language)
    said = [
        say(cost.LEFT_OUT, language, share=left_out(detail.rows, kept, language)),
        say(cost.LOSS, language, loss=loss, alike=alike),
    ]
    if utility.uncompared:
        names = "; ".join(label(evidence, name, language) for name in utility.uncompared)
        said.append(say(cost.UNCOMPARED, language, names=names))
    if not utility.factors:
        said.append(say(cost.NOT_MEASURABLE, language))
    elif detail.suppressed < THRESHOLD:
        said.append(say(cost.FEW_LEFT_OUT, language))
    else:
        covered = "; ".join(label(evidence, name, language) for name in utility.factors)
        said.append(say(cost.COMPARED, language, names=covered))
        if utility.grouped:
            names = "; ".join(label(evidence, name, language) for name in utility.grouped)
            said.append(say(cost.GROUPED, language, names=names))
        said += [*_moved(utility, language), *_models(utility, language)]
    return Section(
        title=say(cost.USEFUL, language),
        level=3,
        paragraphs=tuple(said),
        header=tuple(say(head, language) for head in cost.LOSS_HEADER),
        rows=tuple(
            (
                Cell(label(evidence, name, language)),
                Cell(number(of_kept(lost, 1, detail.rows, kept), 2, language)),
            )
            for name, lost in detail.by_column.items()
        ),
    )


def _moved(utility: Utility, language: str) -> list[str]:
    said, moved = [], utility.moved
    if moved.large:
        points = {
            "mean": number(100 * moved.mean, 1, language),
            "most": number(100 * moved.most, 1, language),
        }
        said.append(say(cost.MOVED_LARGE, language, large=LARGE, **points))
    if moved.small:
        said.append(say(cost.MOVED_SMALL, language, small=moved.small, far=moved.far))
    return said


def _models(utility: Utility, language: str) -> list[str]:
    said, told = [], utility.coefficients
    estimated = told.drop_nulls("overlap") if told.width else told
    if estimated.height:
        most = number(100 * float(estimated["change"].abs().to_numpy().max()), 1, language)
        overlap = percent(float(estimated["overlap"].to_numpy().mean()), language)
        said.append(say(cost.COEFFICIENTS, language, most=most, overlap=overlap))
    fitted = utility.propensity
    if fitted is not None and fitted.ratio is not None:
        pmse, ratio = number(fitted.pmse, 4, language), number(fitted.ratio, 1, language)
        said.append(say(cost.PMSE, language, pmse=pmse, ratio=ratio))
    return said
