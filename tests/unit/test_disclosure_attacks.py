"""Each attack against its definition, by hand and by trying every guess one at a time."""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from pipeline.disclosure import policy, risk
from pipeline.disclosure.attacks.attack import Attack, Kind, dealt
from pipeline.disclosure.attacks.battery import attack
from pipeline.disclosure.attacks.crowd import crowd, usual_of
from pipeline.disclosure.attacks.differencing import differencing
from pipeline.disclosure.attacks.identity import by_quasi, linkage, singling_out
from pipeline.disclosure.attacks.inference import FOLDS, homogeneity, homogeneity_adverse, inference, skewness
from pipeline.disclosure.attacks.limits import HELD, Limits, judged, refuse_beyond
from pipeline.disclosure.attacks.membership import membership
from pipeline.disclosure.engine.targets import Sensitive, Targets
from pipeline.errors import NotVerified

QUASI = ["town", "age"]
ILL = "illness"


def table(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Rows of town, age, illness and, where it is given, job."""
    names = [*QUASI, ILL, "job"][: len(rows[0])]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def of_classes(**classes: str) -> pl.DataFrame:
    """A class for each word, with a row for each letter of it; `.` is blank."""
    return table(
        *((town, "x", None if letter == "." else letter) for town, ill in classes.items() for letter in ill)
    )


def random_table(seed: int, rows: int = 60) -> pl.DataFrame:
    chance = random.Random(seed)
    towns, kinds = chance.randint(1, 9), chance.randint(1, 5)
    return table(
        *(
            (
                str(chance.randrange(towns)),
                chance.choice(["old", "young", None]),
                chance.choice([*map(str, range(kinds)), None, "", "?"]),
                chance.choice("abc"),
            )
            for _ in range(chance.randint(1, rows))
        )
    )


SEEDS = range(25)
BLANK = (None, "", "?")


def in_order(frame: pl.DataFrame, *columns: str) -> list[tuple[str | None, ...]]:
    """The rows as they are dealt; a missing value and an empty one are alike, and stand last."""
    rows = [tuple(value or None for value in row) for row in frame.select(columns).rows()]
    return sorted(rows, key=lambda row: [(value is None, value or "") for value in row])


def told(frame: pl.DataFrame, *sensitive: str) -> Any:
    return crowd(frame, QUASI, sensitive or [ILL], ["?"])


# --- who is it --------------------------------------------------------------------------------------------


def test_the_prosecutor_is_right_once_a_class_and_the_marketer_on_average() -> None:
    frame = of_classes(a="xxxxx", b="xx")
    prosecutor, marketer = by_quasi(risk.measure(frame, QUASI))
    # Seven guesses, one right in each of two classes; at random one in seven.
    assert (prosecutor.guesses, prosecutor.right, prosecutor.highest) == (7, 2, 1 / 2)
    assert prosecutor.rate == 2 / 7 and prosecutor.baseline == 1 / 7
    assert marketer.rate == 2 / 7 and marketer.highest is None


def test_the_journalist_searches_the_population() -> None:
    frame, everybody = of_classes(a="xx", b="xx"), of_classes(a="xxxx", b="xxxxxxxx", c="x")
    attacks = {one.kind: one for one in by_quasi(risk.measure(frame, QUASI, population=everybody))}
    # Two rows among four persons, two among eight: 1/2 + 1/4 right of four.
    assert attacks[Kind.JOURNALIST].right == pytest.approx(0.75)
    assert attacks[Kind.JOURNALIST].highest == 1 / 4
    assert attacks[Kind.MARKETER].rate == attacks[Kind.JOURNALIST].rate


def test_an_outcome_that_is_known_parts_the_classes() -> None:
    linked = linkage(told(of_classes(a="ffn.", b="nn")), [ILL])
    # a with flu (two rows), a with none, a with a blank, b: four of six, where classes alone give two.
    assert (linked.guesses, linked.right, linked.control_right, linked.highest) == (6, 4, 2, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_linking_is_one_right_for_each_kind_of_row(seed: int) -> None:
    frame = random_table(seed)
    found = linkage(told(frame, ILL, "job"), [ILL, "job"])
    rows = [(t, a, None if i in BLANK else i, j) for t, a, i, j in frame.rows()]
    sizes = Counter(rows)
    assert found.right == pytest.approx(float(sum(Fraction(1, sizes[row]) for row in rows)))
    assert found.highest == 1 / min(sizes.values())


def test_a_description_that_fits_one_alone_singles_out_and_one_that_fits_twins_never() -> None:
    assert singling_out(told(of_classes(**{f"t{n}": "x" for n in range(50)}))).rate == 1
    twins = singling_out(told(of_classes(a="x" * 40)))
    assert (twins.right, twins.control_right) == (0, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_singling_out_counts_one_row_at_a_time(seed: int) -> None:
    frame = random_table(seed)
    found = singling_out(told(frame))
    rows = in_order(frame, *QUASI, ILL)
    half = [int(n) & 1 for n in dealt(len(rows))]
    own = sum(
        sum(rows[j] == row and half[j] == half[i] for j in range(len(rows))) == 1
        for i, row in enumerate(rows)
    )
    other = sum(
        sum(rows[j] == row and half[j] != half[i] for j in range(len(rows))) == 1
        for i, row in enumerate(rows)
    )
    assert (found.guesses, found.right, found.control_right) == (len(rows), own, other)


# --- what is true of them ---------------------------------------------------------------------------------


def test_the_commonest_value_of_a_class_is_guessed_and_a_tie_is_drawn() -> None:
    # Class a: f is guessed, two right of three. Class b: either, one right of two on average. c is blank.
    found = inference(told(of_classes(a="ffn", b="fn", c=".")), ILL)
    assert (found.guesses, found.right, found.uninformed) == (5, 3, 3 / 5)


@pytest.mark.parametrize("known", [[], ["job"]])
@pytest.mark.parametrize("seed", SEEDS)
def test_inference_is_what_guessing_row_by_row_gives(seed: int, known: list[str]) -> None:
    frame = random_table(seed)
    found = inference(told(frame, ILL, "job"), ILL, known)
    ordered = [*QUASI, ILL, "job"]
    rows = in_order(frame, *ordered)
    fold = [int(n) % FOLDS for n in dealt(len(rows))]
    people = [(row[:2] + (row[3:] if known else ()), row[2], f) for row, f in zip(rows, fold, strict=True)]
    people = [one for one in people if one[1] not in BLANK]

    def right(held_out: bool) -> float:
        total = Fraction(0)
        for group, value, part in people:
            others = [(g, v) for g, v, p in people if not held_out or p != part]
            seen = Counter(v for g, v in others if g == group) or Counter(v for _, v in others)
            best = [v for v, n in seen.items() if n == max(seen.values())]
            total += Fraction(value in best, max(len(best), 1))
        return float(total)

    assert found.guesses == found.controls == len(people)
    assert found.right == pytest.approx(right(held_out=False))
    assert found.control_right == pytest.approx(right(held_out=True))


def test_where_the_class_says_nothing_of_the_value_guessing_gains_little_on_those_held_out() -> None:
    chance = random.Random(7)
    nothing = table(*((str(n % 200), "x", chance.choice("abcd")) for n in range(8000)))
    told_by_class = table(*((str(n % 200), "x", "abcd"[n % 200 % 4]) for n in range(8000)))
    known_of_all = inference(told(told_by_class), ILL)
    assert known_of_all.rate == 1 and known_of_all.baseline == 1  # nothing comes of being in it
    by_chance = inference(told(nothing), ILL)
    assert by_chance.rate > 0.3 and by_chance.baseline == pytest.approx(0.25, abs=0.02)
    leaking = inference(told(table(*((str(n), "x", chance.choice("abcd")) for n in range(2000)))), ILL)
    assert leaking.rate == 1 and leaking.gain > 0.7  # everybody alone in a class: all of it is gain


def test_a_class_with_one_registered_value_is_certain() -> None:
    found = homogeneity(told(of_classes(a="ff.", b="fn", c="n")), ILL)
    assert (found.guesses, found.right) == (5, 3)
    # Three f and two n. A pair is alike with 3/10 + 1/10, a single row always: 2·0.4 + 2·0.4 + 1.
    assert found.control_right == pytest.approx(2.6)


def test_a_class_with_only_adverse_values_is_certain_of_them_whichever_they_are() -> None:
    # Certain: a (f and g), d (one f). b has an n, c has no adverse one, e no value at all.
    frame = of_classes(a="fg.", b="fn", c="nn", d="f", e="..")
    found = homogeneity_adverse(told(frame), ILL, {"f", "g", "x"})
    assert (found.guesses, found.right) == (7, 3)
    # Four of seven are adverse: a pair is so with 4/7·3/6, one alone with 4/7. Three pairs and one alone.
    assert found.control_right == pytest.approx(6 * (4 / 7) * (3 / 6) + 4 / 7)


@pytest.mark.parametrize("seed", SEEDS)
def test_certainty_of_what_is_adverse_agrees_with_the_measured_risk(seed: int) -> None:
    frame, bad = random_table(seed), frozenset({"0", "3"})
    measured = risk.measure(frame, QUASI, [Sensitive(name=ILL, adverse=bad)], blanks=["?"]).told[0]
    assert (homogeneity_adverse(told(frame), ILL, bad).right == 0) == (measured.one_sided == 0)


def test_certainty_by_chance_is_the_hypergeometrics() -> None:
    frame = of_classes(a="f" * 7 + "n", b="fffnn", c="nnnfff")
    usual, sizes = Counter(frame[ILL].to_list()), [8, 5, 6]
    expected = sum(
        size * stats.hypergeom(19, count, size).pmf(size) for size in sizes for count in usual.values()
    )
    assert homogeneity(told(frame), ILL).control_right == pytest.approx(expected)


def test_a_class_is_skewed_beyond_its_limit_and_not_at_it() -> None:
    # Half of all have f. Class a: 3/4, so 1/4 away; b: 1/4, as far.
    frame = of_classes(a="fffn", b="fnnn")
    at, beyond = (skewness(told(frame), ILL, limit) for limit in (0.25, 0.2499))
    assert (at.right, beyond.right, beyond.guesses, beyond.highest) == (0, 8, 8, 0.25)


def test_the_distance_is_from_the_original_where_that_is_given() -> None:
    original = of_classes(a="fffn", b="fnnn", c="nnnnnnnn", d="?.")
    frame = original.filter(pl.col("town").is_in(["a", "b"]))
    # A quarter of the sixteen have f; class a has three quarters, class b a quarter.
    usual = usual_of(frame, original, ILL, ["?"])
    assert (usual[0].tolist(), usual[1]) == ([4, 12], 16)
    assert skewness(told(frame), ILL, 0.2, usual).highest == 0.5
    rules = [Sensitive(name=ILL, distinct=1)]
    assert risk.measure(frame, QUASI, rules, blanks=["?"], original=original).told[0].furthest == 0.5
    assert risk.measure(frame, QUASI, rules, blanks=["?"]).told[0].furthest == 0.25


def test_small_classes_are_skewed_by_chance_and_a_real_difference_more_than_that() -> None:
    chance = random.Random(11)
    mixed = of_classes(**{f"t{n}": "".join(chance.choice("fn") for _ in range(8)) for n in range(400)})
    apart = of_classes(**{f"t{n}": ("f" if n % 2 else "n") * 8 for n in range(400)})
    by_chance, real = skewness(told(mixed), ILL, 0.2), skewness(told(apart), ILL, 0.2)
    assert abs(by_chance.gain) < 0.05
    # A class of eight is within 0.2 of one half with 3, 4 or 5.
    assert by_chance.baseline == pytest.approx(1 - sum(stats.binom(8, 0.5).pmf([3, 4, 5])), abs=0.02)
    assert real.rate == 1 and real.gain > 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_homogeneity_and_skewness_agree_with_the_measured_risk(seed: int) -> None:
    frame = random_table(seed)
    measured = risk.measure(frame, QUASI, [Sensitive(name=ILL, distinct=1)], blanks=["?"]).told[0]
    found = told(frame)
    assert skewness(found, ILL, 0.2).highest == pytest.approx(measured.furthest)
    if measured.distinct > 1:
        assert homogeneity(found, ILL).right == 0


# --- is somebody in it, and who came or went --------------------------------------------------------------


def test_membership_is_guessed_by_the_share_of_the_class() -> None:
    frame, everybody = of_classes(a="xxx", b="x"), of_classes(a="xxxx", b="xxxxx", c="xx")
    found = membership(frame, everybody, QUASI)
    # a: yes, 3 of 4 right; b: no, 4 of 5; c: no, 2 of 2. Everybody no: 7 of 11.
    assert (found.guesses, found.right, found.control_right, found.highest) == (11, 9, 7, 0.75)


def test_a_class_that_is_whole_in_the_release_is_certain() -> None:
    frame = of_classes(a="xx")
    assert membership(frame, frame, QUASI).highest == 1


def test_the_one_who_came_is_found_and_their_illness_told() -> None:
    before, after = of_classes(a="nnnnn", b="nnnnnn"), of_classes(a="nnnnnf", b="nnnnnn")
    linked, guessed = differencing(before, after, QUASI, [ILL], k=5)
    assert (linked.guesses, linked.right, linked.highest) == (1, 1, 1)
    assert linked.baseline == pytest.approx(1 / 6)  # in the newer version alone, among six
    assert (guessed.rate, guessed.baseline) == (1, 0)  # in one version alone n would be guessed


def test_who_went_is_looked_for_in_the_older_version_and_a_change_counts_both_ways() -> None:
    before, after = of_classes(a="nnnff", b="nnnn"), of_classes(a="nnnf", b="nnnf")
    linked, _ = differencing(before, after, QUASI, [ILL], k=5)
    # Gone: an f of a (among 5), an n of b (among 4). Come: an f of b (among 4).
    assert (linked.guesses, linked.right) == (3, 3)
    assert linked.control_right == pytest.approx(1 / 5 + 1 / 4 + 1 / 4)


def test_two_who_came_together_are_told_half_the_time() -> None:
    linked, guessed = differencing(of_classes(a="nnnnn"), of_classes(a="nnnnnfn"), QUASI, [ILL], k=5)
    assert (linked.guesses, linked.right, linked.highest) == (2, 1, 0.5)
    assert guessed.right == 1


@pytest.mark.parametrize("same", [of_classes(a="nf."), of_classes(a="n")])
def test_equal_versions_tell_nothing(same: pl.DataFrame) -> None:
    for one in differencing(same, same.reverse(), QUASI, [ILL], k=5):
        assert (one.guesses, one.rate, one.gain) == (0, 0, 0)


@pytest.mark.parametrize("older", [True, False])
def test_a_version_without_rows_is_all_difference(older: bool) -> None:
    whole = of_classes(a="nnf")
    versions = (whole, whole.head(0)) if older else (whole.head(0), whole)
    linked, guessed = differencing(*versions, QUASI, [ILL], k=5)
    assert (linked.guesses, linked.right, linked.control_right, guessed.right) == (3, 1, 1, 2)


def test_whole_classes_that_dropped_out_do_not_drown_the_two_who_withdrew() -> None:
    gone = {str(town): "nf" * 20 for town in range(50)}
    before, after = of_classes(a="nnnnnff", **gone), of_classes(a="nnnnn")
    linked, guessed = differencing(before, after, QUASI, [ILL], k=5)
    assert (linked.guesses, linked.right, linked.highest) == (2, 1, 0.5)
    # Both had f, where n is what one version alone would have guessed.
    assert (guessed.guesses, guessed.rate, guessed.baseline) == (2, 1, 0)


@pytest.mark.parametrize(("came", "exposed"), [("nfnf", 4), ("nfnfn", 0)])
def test_as_many_as_a_class_must_have_hide_each_other(came: str, exposed: int) -> None:
    for one in differencing(of_classes(a="nnnnn"), of_classes(a="nnnnn" + came), QUASI, [ILL], k=5):
        assert one.guesses == exposed
        assert one.highest in (None, 1 / len(came))


@pytest.mark.parametrize("seed", SEEDS)
def test_differencing_is_the_difference_of_multisets(seed: int) -> None:
    before, after = random_table(seed), random_table(seed + 1000)
    both = pl.concat([before.tail(20), after.tail(20)]), pl.concat([before.tail(20), after.head(5)])
    k = seed % 4 + 2
    linked, guessed = differencing(*both, QUASI, [ILL], ["?"], k=k)
    counts = [Counter((t, a, None if i in BLANK else i) for t, a, i, _ in frame.rows()) for frame in both]
    sides = [(counts[0] - counts[1], counts[0]), (counts[1] - counts[0], counts[1])]
    right = base = hit = Fraction(0)
    exposed, fewest = 0, []
    for gone, there in sides:
        for place in {row[:2] for row in gone}:
            here = [row for row in gone.elements() if row[:2] == place]
            fewest.append(len(here))
            if len(here) >= k:
                continue
            exposed += len(here)
            size = sum(n for row, n in there.items() if row[:2] == place)
            right, base = right + 1, base + Fraction(len(here), size)
            values = Counter(row[2] for row in here if row[2] is not None)
            if values:
                best = max(values.values())
                hit += Fraction(best)  # among tied values each is right as often
    assert linked.guesses == exposed
    assert linked.highest == (1 / min(fewest) if fewest else None)
    assert (linked.right, linked.control_right) == (pytest.approx(float(right)), pytest.approx(float(base)))
    assert guessed.right == pytest.approx(float(hit))


# --- figures, limits, order -------------------------------------------------------------------------------


def an_attack(kind: Kind = Kind.INFERENCE, **figures: Any) -> Attack:
    of = {"guesses": 100, "right": 40.0, "controls": 100, "control_right": 30.0, "about": ILL}
    return Attack(kind=kind, **(of | figures))


def test_a_rate_has_wilsons_interval_and_a_gain_newcombes() -> None:
    one = an_attack()
    assert one.interval == pytest.approx((0.3094, 0.4980), abs=1e-4)
    low, high = stats.binomtest(40, 100).proportion_ci(method="wilson")
    assert one.interval == pytest.approx((low, high))
    b = stats.binomtest(30, 100).proportion_ci(method="wilson")
    expected = (0.1 - math.hypot(0.4 - low, b.high - 0.3), 0.1 + math.hypot(high - 0.4, 0.3 - b.low))
    assert one.gain_interval == pytest.approx(expected)


TARGETS = Targets(
    k=5,
    suppression=Fraction(1, 20),
    sensitive=(
        Sensitive(name=ILL, closeness=Fraction(1, 5)),
        Sensitive(name="job", distinct=2),
        Sensitive(name="benefit", adverse=frozenset({"yes"})),
    ),
)


@pytest.mark.parametrize(
    ("one", "limit", "held"),
    [
        (an_attack(Kind.PROSECUTOR, highest=0.2), 0.2, True),
        (an_attack(Kind.PROSECUTOR, highest=0.25), 0.2, False),
        (an_attack(Kind.JOURNALIST, highest=0.25), 0.2, False),
        (an_attack(Kind.MARKETER, right=20.0), 0.2, True),
        (an_attack(Kind.MARKETER, right=21.0), 0.2, False),
        (an_attack(Kind.DIFFERENCING, highest=1.0), None, True),
        (an_attack(Kind.DIFFERENCING, highest=None, guesses=0, right=0.0), None, True),
        (an_attack(Kind.SKEWNESS, highest=0.2), 0.2, True),
        (an_attack(Kind.SKEWNESS, highest=0.21), 0.2, False),
        (an_attack(Kind.SKEWNESS, highest=0.9, about="job"), None, True),
        (an_attack(right=39.0), 0.1, True),
        (an_attack(right=41.0), 0.1, False),
        (an_attack(Kind.HOMOGENEITY, right=41.0), 0.1, False),
        (an_attack(Kind.HOMOGENEITY, right=41.0, about="benefit"), None, True),
        (an_attack(Kind.HOMOGENEITY_ADVERSE, right=41.0, about="benefit"), 0.1, False),
        (an_attack(Kind.HOMOGENEITY_ADVERSE, right=39.0, about="benefit"), 0.1, True),
        (an_attack(Kind.MEMBERSHIP, right=41.0), 0.1, False),
        (an_attack(right=100.0, known=("job",)), None, True),
        (an_attack(Kind.DIFFERENCING_INFERENCE, right=100.0), None, True),
        (an_attack(Kind.LINKAGE, right=100.0), None, True),
        (an_attack(Kind.SINGLING_OUT, right=100.0), None, True),
    ],
)
def test_an_attack_is_held_to_the_targets_and_the_policy(
    one: Attack, limit: float | None, held: bool
) -> None:
    (verdict,) = judged([one], TARGETS, policy.packaged())
    assert (verdict.limit, verdict.held) == (limit, held)


STRICT = policy.packaged().model_copy(
    update={
        "differencing": 0.2,
        "differencing_inference": 0.1,
        "inference_knowing": 0.3,
        "linkage": 0.5,
        "homogeneity_any": 0.2,
    }
)


@pytest.mark.parametrize(
    ("one", "limit", "held"),
    [
        (an_attack(Kind.DIFFERENCING, highest=0.2), 0.2, True),
        (an_attack(Kind.DIFFERENCING, highest=1.0), 0.2, False),
        (an_attack(Kind.DIFFERENCING_INFERENCE, right=41.0), 0.1, False),
        (an_attack(right=59.0, known=("job",)), 0.3, True),
        (an_attack(right=61.0, known=("job",)), 0.3, False),
        (an_attack(right=41.0), 0.1, False),
        (an_attack(Kind.LINKAGE, right=51.0), 0.5, False),
        (an_attack(Kind.HOMOGENEITY, right=51.0, about="benefit"), 0.2, False),
        (an_attack(Kind.HOMOGENEITY, right=41.0), 0.1, False),
    ],
)
def test_a_municipality_may_limit_what_the_packaged_policy_does_not(
    one: Attack, limit: float, held: bool
) -> None:
    (verdict,) = judged([one], TARGETS, STRICT)
    assert (verdict.limit, verdict.held) == (limit, held)


def test_a_gain_is_over_whoever_knows_the_commonest_answer_if_that_is_the_better_comparison() -> None:
    assert an_attack(right=80.0, uninformed=0.7).gain == pytest.approx(0.1)
    assert an_attack(right=80.0, uninformed=0.2).gain == pytest.approx(0.5)


def test_every_kind_of_attack_says_what_is_held() -> None:
    assert set(HELD) == set(Kind)
    assert {kind.value for kind in Kind} | {"inference_knowing", "homogeneity_any"} >= set(
        Limits.model_fields
    )


def test_the_gate_names_the_attack_and_the_column_and_no_figure_of_the_data() -> None:
    verdicts = judged(
        [an_attack(right=41.0), an_attack(Kind.PROSECUTOR, highest=0.5)], TARGETS, policy.packaged()
    )
    with pytest.raises(NotVerified) as caught:
        refuse_beyond(verdicts)
    said = str(caught.value)
    assert "inference of illness: its gain is above 0.1" in said and "prosecutor" in said
    assert "0.11" not in said and "0.5" not in said
    refuse_beyond(judged([an_attack(right=35.0)], TARGETS, policy.packaged()))


def test_the_order_of_the_rows_changes_no_figure() -> None:
    frame, before = random_table(3, 300), random_table(4, 300)
    rules = [Sensitive(name=ILL, distinct=1, adverse=frozenset({"0"})), Sensitive(name="job", distinct=1)]

    def battery(rows: pl.DataFrame) -> tuple[Attack, ...]:
        everybody = pl.concat([rows, before])
        measured = risk.measure(rows, QUASI, rules, population=everybody)
        return attack(measured, rows, QUASI, rules, k=5, blanks=["?"], population=everybody, before=before)

    once = battery(frame)
    assert {one.kind for one in once} == set(Kind)
    for seed in range(3):
        assert battery(frame.sample(fraction=1, shuffle=True, seed=seed)) == once


def test_rows_are_dealt_evenly_and_every_turn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = dealt(100_000) % np.uint64(FOLDS)
    spread = np.bincount(numbers.astype(np.int64), minlength=FOLDS)
    assert stats.chisquare(spread).pvalue > 0.001
    assert not (dealt(1000) == dealt(1000, 1)).any()
    # The first number that SplitMix64 gives from the seed 0.
    monkeypatch.setattr("pipeline.disclosure.attacks.attack.SEED", 0)
    assert int(dealt(2)[1]) == 0xE220A8397B1DCDAF


def test_a_table_of_blanks_alone_can_be_attacked() -> None:
    frame = of_classes(a="..", b="..")
    found = told(frame)
    certain = homogeneity(found, ILL), homogeneity_adverse(found, ILL, {"f"})
    for one in (inference(found, ILL), *certain, skewness(found, ILL, 0.2)):
        assert (one.guesses, one.rate, one.gain) == (0, 0, 0)
        assert one.interval == (0, 1)
