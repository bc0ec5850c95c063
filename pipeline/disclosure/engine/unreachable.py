"""The refusal of targets that are not met: which variables and how many classes stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.disclosure.engine.hierarchy import Ints
from pipeline.disclosure.engine.judge import Verdict, judge
from pipeline.disclosure.engine.nodes import numbered_anew, pack
from pipeline.disclosure.engine.problem import Problem
from pipeline.errors import TargetUnreachable

OTHER_MODE = "try the other mode (level or class), "


def coarsest(problem: Problem) -> tuple[Ints, int]:
    """The class of each combination when every attribute is at its coarsest level, and how many there are."""
    top = [(a.hierarchy.codes[-1], len(a.hierarchy.labels[-1])) for a in problem.attributes]
    columns = [codes[a.leaves] for (codes, _), a in zip(top, problem.attributes, strict=True)]
    return numbered_anew(pack(columns, [card for _, card in top])[0])


def unreachable(problem: Problem, *, searched: bool = False) -> TargetUnreachable:
    """What to tell when nothing was found that meets the targets, and whether that proves there is nothing.

    It is proven of every recoding where too many rows go at the coarsest levels and whatever is finer, and
    of one level for each variable where all choices were `searched`.
    """
    classes, number = coarsest(problem)
    verdict = judge(problem.crowd, problem.targets, classes, number)
    capped = [attribute.name for attribute in problem.attributes if attribute.hierarchy.capped]
    stays = [
        attribute.name
        for attribute, level in zip(problem.attributes, problem.top, strict=True)
        if len(attribute.hierarchy.labels[level]) > 1
    ]
    in_the_way = [*stays, *_missed(problem, classes, verdict.sizes)]
    named = f" In the way: {', '.join(in_the_way)}." if in_the_way else ""
    if capped:
        named += f" Kept from becoming coarser, as was asked for: {', '.join(capped)}."
    raising = f"let {' or '.join(capped)} become coarser (coarsest), " if capped else ""
    if _is_proven(problem, verdict):
        what, also = "No recoding meets the targets", ""
    elif searched:
        what, also = "No choice of one level for each variable meets the targets", "try mode: class, "
    else:
        what, also = "No recoding that meets the targets was found, though there may be one", OTHER_MODE
    return TargetUnreachable(
        f"{what} ({problem.targets.in_words()}): with every variable at its coarsest "
        f"level, {int(verdict.bad.sum())} of {number} classes still miss them.{named}",
        instead="Nothing was written.",
        do=f"Ask for less strict targets, {also}{raising}add a coarser level to a hierarchy, "
        "or leave a variable out.",
    )


def _missed(problem: Problem, classes: Ints, sizes: Ints) -> Iterator[str]:
    """The targets that some class misses, each judged as if it were the only one."""
    crowd, targets = problem.crowd, problem.targets
    few = sizes < targets.k
    if few.any():
        yield "too few rows"
    if crowd.homes is not None and (crowd.homes.too_few(classes, sizes, targets.k) & ~few).any():
        yield "too few households"
    for cells, rule in zip(crowd.cells, targets.sensitive, strict=True):
        alone = replace(crowd, cells=(cells,), homes=None)
        # Every class there is has a row; of rows this asks for no more.
        if judge(alone, replace(targets, k=1, sensitive=(rule,)), classes, len(sizes)).bad.any():
            yield rule.name


def _is_proven(problem: Problem, verdict: Verdict) -> bool:
    """Whether the verdict on the coarsest classes proves that nothing meets the targets."""
    least_out = int(verdict.sizes.sum(where=verdict.hopeless) + verdict.forced.sum())
    return least_out > problem.most_suppressed or least_out == problem.rows


def stored_unreachable(problem: Problem) -> TargetUnreachable:
    """What to tell when a stored recoding, and whatever is coarser, does not meet the targets any more."""
    if _is_proven(problem, judge(problem.crowd, problem.targets, *coarsest(problem))):
        return unreachable(problem)
    return TargetUnreachable(
        f"The stored recoding does not meet the targets any more ({problem.targets.in_words()}), and none "
        "that is coarser was found.",
        instead="Nothing was written: a finer one is not chosen, for two versions could then be compared.",
        do="Ask for the output under a new request id: its recoding is found anew. Or ask for less strict "
        "targets.",
    )
