"""A stored recoding by class, taken again on other rows: against a follower in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.disclosure.engine import lattice
from pipeline.disclosure.engine.again import Stored, again, anew
from pipeline.disclosure.engine.cuts import Cuts, tidied
from pipeline.disclosure.engine.encode import Encoded
from pipeline.disclosure.engine.lattice import search
from pipeline.disclosure.engine.local import refine
from pipeline.disclosure.engine.targets import Sensitive
from pipeline.errors import TargetUnreachable
from tests.disclosure_cases import HOMES, Case, capped, cases, posed
from tests.disclosure_reference import Row, holds, nodes, optimum

laws = settings(max_examples=200, derandomize=True)
Labels = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What became of each row: its levels, the labels of its class, and whether it is kept."""

    levels: list[tuple[int, ...]]
    labels: list[Labels]
    kept: list[bool]


def told(case: Case, encoded: Encoded, found: Stored) -> Told:
    levels = [tuple(map(int, found.recoding.levels[at])) for at in encoded.combination]
    kept = [bool(found.recoding.kept[at]) for at in encoded.combination]
    return Told(levels, [at_levels(case, *one) for one in zip(case.rows, levels, strict=True)], kept)


def at_levels(case: Case, row: Row, levels: tuple[int, ...]) -> Labels:
    parents = [{line[0]: line for line in lines} for lines in case.hierarchies]
    return tuple(p[str(value)][level] for p, value, level in zip(parents, row, levels, strict=False))


def followed(case: Case, cuts: Cuts, row: Row) -> tuple[int, ...]:
    """The levels a row comes to by the cuts, from their description alone."""
    top = [len(lines[0]) - 1 for lines in case.hierarchies]
    levels = [min(pair) for pair in zip(top, case.coarsest or top, strict=True)]
    roots = {labels: place for place, labels in enumerate(cuts.roots)}
    place, passed = roots.get(at_levels(case, row, tuple(levels))), -1
    while place is not None:
        left = sorted((child.cut, at) for at, child in enumerate(cuts.children) if child.of == place)
        for cut, at in left:
            child = cuts.children[at]
            by = cuts.variables.index(child.by)
            finer = [*levels[:by], levels[by] - 1, *levels[by + 1 :]]
            if cut > passed and at_levels(case, row, tuple(finer))[by] == child.value:
                if child.back:
                    return tuple(levels)
                place, levels, passed = len(cuts.roots) + at, finer, -1
                break
        else:
            place = None
    return tuple(levels)


def stored(case: Case) -> Stored:
    try:
        return anew(posed(case).problem)
    except TargetUnreachable:
        assume(False)
        raise


def classes(case: Case, rows: Told) -> dict[Labels, list[Row]]:
    found = defaultdict(list)
    for row, labels, kept in zip(case.rows, rows.labels, rows.kept, strict=True):
        if kept:
            found[labels].append(row)
    return found


def hold(case: Case, rows: Told) -> bool:
    """Whether every class that is told meets the targets, and no more is left out than may be."""
    width = len(case.hierarchies)
    met = all(holds(members, case.rows, width, case.targets) for members in classes(case, rows).values())
    return met and rows.kept.count(False) <= case.targets.suppression * len(case.rows)


any_case = st.one_of(cases(), capped())


@laws
@given(any_case)
def test_a_stored_recoding_meets_the_targets_and_taken_again_it_is_the_same(case: Case) -> None:
    first, encoded = stored(case), posed(case)
    now = told(case, encoded, first)
    assert hold(case, now)
    assert now.levels == [followed(case, first.cuts, row) for row in case.rows]
    once_more = again(encoded.problem, first.cuts)
    assert once_more.cuts == first.cuts
    assert told(case, encoded, once_more) == now


@laws
@given(any_case)
def test_what_is_stored_leads_to_persons_who_are_kept_alone(case: Case) -> None:
    """What the file tells of classes must not be more than the classes themselves tell."""
    first = stored(case)
    now = told(case, posed(case), first)
    names = first.cuts.variables
    for child in first.cuts.children:
        assert not child.back
        at = names.index(child.by)
        released = {line[0] for line in case.hierarchies[at] if any(value == child.value for value in line)}
        assert any(kept and row[at] in released for row, kept in zip(case.rows, now.kept, strict=True))


@laws
@given(any_case)
def test_where_nobody_is_left_out_for_what_classes_tell_storing_changes_nothing(case: Case) -> None:
    """Only cuts that lead to nobody are not stored: without sensitive columns there are none."""
    plain = replace(
        case,
        rows=[row[: len(case.hierarchies)] for row in case.rows],
        targets=replace(case.targets, sensitive=(), households=False),
    )
    problem = posed(plain).problem
    first, found = stored(plain), refine(problem)
    assert (first.recoding.kept == (found.classes >= 0)).all()
    assert (first.recoding.levels[first.recoding.kept] == found.levels[found.classes >= 0]).all()


@laws
@given(any_case, st.data())
def test_on_other_rows_it_meets_the_targets_is_never_finer_and_is_stored_as_it_became(
    case: Case, data: st.DataObject
) -> None:
    first = stored(case)
    other = replace(case, rows=other_rows(case, data))
    encoded = posed(other)
    try:
        found = again(encoded.problem, first.cuts)
    except TargetUnreachable as refusal:
        proven = optimum(other.rows, other.hierarchies, other.targets, other.weights, other.coarsest) is None
        assert proven or "under a new request id" in str(refusal)
        return
    now = told(other, encoded, found)
    assert hold(other, now)
    assert now.levels == [followed(other, found.cuts, row) for row in other.rows]
    for row, levels in zip(other.rows, now.levels, strict=True):
        assert all(a >= b for a, b in zip(levels, followed(case, first.cuts, row), strict=True))
    once_more = again(encoded.problem, found.cuts)
    assert once_more.cuts == found.cuts == tidied(found.cuts)
    assert told(other, encoded, once_more) == now


def other_rows(case: Case, data: st.DataObject) -> list[Row]:
    """Some of the rows, and some of other values."""
    strangers = data.draw(cases_like(case))
    stay = data.draw(st.lists(st.sampled_from(case.rows), max_size=20))
    return (stay + strangers) or case.rows


def cases_like(case: Case) -> st.SearchStrategy[list[Row]]:
    leaf = [st.sampled_from([line[0] for line in lines]) for lines in case.hierarchies]
    value = [st.sampled_from([None, "a", "b", "c"])] * len(case.targets.sensitive)
    home = [HOMES] if case.targets.households else []
    return st.lists(st.tuples(*leaf, *value, *home), max_size=12)


@laws
@given(any_case, st.data())
def test_who_joins_changes_no_class_of_others_while_their_own_holds_and_not_too_many_go(
    case: Case, data: st.DataObject
) -> None:
    first = stored(case)
    before = told(case, posed(case), first)
    joined = replace(case, rows=[*case.rows, data.draw(cases_like(case).filter(bool))[0]])
    by_the_cuts = [at_levels(joined, row, followed(joined, first.cuts, row)) for row in joined.rows]
    members = defaultdict(list)
    for row, labels in zip(joined.rows, by_the_cuts, strict=True):
        members[labels].append(row)
    width = len(case.hierarchies)
    good = [holds(members[labels], joined.rows, width, case.targets) for labels in by_the_cuts]
    assume(good.count(False) <= case.targets.suppression * len(joined.rows))
    encoded = posed(joined)
    now = told(joined, encoded, again(encoded.problem, first.cuts))
    sizes = {labels: len(rows) for labels, rows in classes(case, before).items()}
    sizes_now = {labels: len(rows) for labels, rows in classes(joined, now).items()}
    for at, stayed in enumerate(before.kept):
        if stayed and good[at]:
            assert now.kept[at] and now.labels[at] == before.labels[at]
            assert sizes_now[now.labels[at]] >= sizes[before.labels[at]]


def frozen(case: Case) -> Case:
    """The case with what is usual said once and for all: the shares of its own rows."""
    width = len(case.hierarchies)
    rules = []
    for at, rule in enumerate(case.targets.sensitive):
        usual = Counter(row[width + at] for row in case.rows if row[width + at] is not None)
        rules.append(replace(rule, usual=dict(usual)) if rule.closeness is not None else rule)
    return replace(case, targets=replace(case.targets, sensitive=tuple(rules)))


def meets(case: Case, members: list[Row]) -> bool:
    """Whether a class meets every target, t from what is said to be usual."""
    width, targets = len(case.hierarchies), case.targets
    others = replace(
        targets, sensitive=tuple(r if r.closeness is None else none_of_t(r) for r in targets.sensitive)
    )
    if not holds(members, case.rows, width, others):
        return False
    for at, rule in enumerate(targets.sensitive):
        here = Counter(row[width + at] for row in members if row[width + at] is not None)
        usual = Counter(rule.usual)
        if rule.closeness is not None and here and usual:
            gaps = [Fraction(here[v], here.total()) - Fraction(usual[v], usual.total()) for v in here | usual]
            if sum(map(abs, gaps), Fraction(0)) / 2 > rule.closeness:
                return False
    return True


def none_of_t(rule: Sensitive) -> Sensitive:
    """The same rule with a t that nothing misses."""
    return replace(rule, closeness=Fraction(1))


@laws
@given(any_case, st.data())
def test_who_joins_another_class_worsens_nobodys(case: Case, data: st.DataObject) -> None:
    """Whatever the targets: k, distinct values, one-sided rule and t.

    Who joins is unrelated where their own class still meets the targets with them (or had nobody who was
    kept), and what is left out stays within its limit: then the class of everybody else is what it was.
    """
    standing = frozen(case)
    assume(all(rule.usual or rule.closeness is None for rule in standing.targets.sensitive))
    first = stored(standing)
    before = told(standing, posed(standing), first)
    joined = replace(standing, rows=[*standing.rows, data.draw(cases_like(case).filter(bool))[0]])
    by_the_cuts = [at_levels(joined, row, followed(joined, first.cuts, row)) for row in joined.rows]
    mine = [row for row, labels in zip(joined.rows, by_the_cuts, strict=True) if labels == by_the_cuts[-1]]
    kept_there = any(
        kept for kept, labels in zip(before.kept, by_the_cuts[:-1], strict=True) if labels == by_the_cuts[-1]
    )
    good = meets(joined, mine)
    assume(good or not kept_there)
    gone = before.kept.count(False) + (not good)
    assume(gone <= joined.targets.suppression * len(joined.rows))
    now = told(joined, posed(joined), again(posed(joined).problem, first.cuts))
    sizes = {labels: len(rows) for labels, rows in classes(standing, before).items()}
    sizes_now = {labels: len(rows) for labels, rows in classes(joined, now).items()}
    for at, stayed in enumerate(before.kept):
        if stayed:
            assert now.kept[at] and now.labels[at] == before.labels[at]
            assert sizes_now[now.labels[at]] >= sizes[before.labels[at]]


@laws
@given(any_case, st.data())
def test_what_is_usual_is_what_was_said_and_not_what_the_rows_have(case: Case, data: st.DataObject) -> None:
    standing = frozen(case)
    first = stored(standing)
    other = replace(standing, rows=other_rows(case, data))
    assume(all(rule.usual or rule.closeness is None for rule in standing.targets.sensitive))
    try:
        found = again(posed(other).problem, first.cuts)
    except TargetUnreachable:
        return
    now = told(other, posed(other), found)
    assert all(meets(other, members) for members in classes(other, now).values())
    once_more = again(posed(other).problem, found.cuts)
    assert once_more.cuts == found.cuts
    assert told(other, posed(other), once_more) == now


@laws
@given(any_case, st.data())
def test_stored_levels_are_taken_again_where_they_meet_the_targets_and_else_the_best_that_are_coarser(
    case: Case, data: st.DataObject
) -> None:
    try:
        node = search(posed(case).problem).node
    except TargetUnreachable:
        assume(False)
    other = replace(case, rows=other_rows(case, data))
    solutions = nodes(other.rows, other.hierarchies, other.targets, other.weights, other.coarsest)
    coarser = [each for each in solutions if all(a >= b for a, b in zip(each.node, node, strict=True))]
    problem = posed(other).problem
    same, taken = [each for each in coarser if each.node == node], lattice.kept(problem, node)
    assert (taken is not None) == bool(same)
    if taken is not None:
        assert (problem.loss(taken.cost), taken.suppressed) == (same[0].loss, same[0].suppressed)
    elif coarser:
        best = min(coarser, key=lambda each: (each.loss, each.suppressed, each.node))
        assert search(problem, least=node).node == best.node
    else:
        with pytest.raises(TargetUnreachable):
            search(problem, least=node)


@laws
@given(any_case, st.data(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case: Case, data: st.DataObject, random) -> None:
    first = stored(case)
    rows = other_rows(case, data)
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert stored(replace(case, rows=random.sample(case.rows, len(case.rows)))).cuts == first.cuts
    assert outcome(replace(case, rows=rows), first.cuts) == outcome(replace(case, rows=shuffled), first.cuts)


def outcome(case: Case, cuts: Cuts) -> object:
    """What becomes of each combination, and what is stored; or the refusal."""
    encoded = posed(case)
    try:
        found = again(encoded.problem, cuts)
    except TargetUnreachable as refusal:
        return str(refusal)
    now = told(case, encoded, found)
    width = len(case.hierarchies)
    each = {row[:width]: (*one,) for row, *one in zip(case.rows, now.labels, now.kept, strict=True)}
    return each, found.cuts


@laws
@given(any_case, st.randoms(use_true_random=False))
def test_cuts_are_told_in_one_order_and_what_went_back_is_forgotten_where_it_decides_nothing(
    case: Case, random
) -> None:
    cuts = stored(case).cuts
    backed = [child._replace(back=True) if random.random() < 0.3 else child for child in cuts.children]
    tidy = tidied(replace(cuts, children=tuple(backed)))
    assert tidied(tidy) == tidy
    last = {child.of: child.cut for child in tidy.children if not child.back}
    assert all(child.cut < last[child.of] for child in tidy.children if child.back)
    marked = replace(cuts, children=tuple(backed))
    for row in case.rows:
        assert followed(case, tidy, row) == followed(case, marked, row)
