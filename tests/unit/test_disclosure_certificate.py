"""The certificate: what it says, what it never says, and that no small count can be read from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.disclosure import certificate_cost_text as cost
from pipeline.disclosure import certificate_text as text
from pipeline.disclosure import policy
from pipeline.disclosure.attacks.attack import Attack, Kind
from pipeline.disclosure.attacks.limits import HELD, judged
from pipeline.disclosure.certificate import certificates, render, sections, summary
from pipeline.disclosure.certificate_parts import GOOD as GOOD_TONE
from pipeline.disclosure.certificate_parts import NEUTRAL, Cell, Section, targets_met
from pipeline.disclosure.evidence import Decision, Evidence, gather
from pipeline.disclosure.in_words import utility_in_words
from pipeline.disclosure.roles import Roles
from pipeline.disclosure.shown import at_most, share
from pipeline.identity.usable import OutputKind
from pipeline.releases.words import KIND_LABELS, LANGUAGES
from pipeline.requests.request import Bilingual

ROLES = Roles.model_validate(
    {
        "k": 5,
        "columns": {
            "town": {"role": "quasi"},
            "ill": {"role": "sensitive", "distinct": 2, "t": 0.2, "adverse": ["f"]},
        },
    }
)


def classes(**ill: str) -> pl.DataFrame:
    rows = [(town, letter) for town, letters in ill.items() for letter in letters]
    return pl.DataFrame(rows, schema={"town": pl.String, "ill": pl.String}, orient="row")


GOOD = classes(a="fn" * 100, b="fn" * 100)


def evidence(after: pl.DataFrame = GOOD, **more: Any) -> Evidence:
    return gather("out.parquet", after, ROLES, policy.packaged(), **more)


TITLE = Bilingual(nb="Et uttrekk", en="An extract")
PERSONAL = Evidence(name="person", kind=OutputKind.PSEUDONYMISED)


def said(*of: Evidence, language: str = "en") -> str:
    return render(of, TITLE, language, "md").decode()


def test_targets_that_are_met_are_said_to_be_met_and_nothing_is_called_anonymous() -> None:
    good = evidence(before=GOOD)
    assert targets_met(good) is True
    assert text.MET.en in said(good) and text.UNDECIDED.en in said(good) and "low risk" in said(good)
    assert text.MET.nb in said(good, language="nb") and text.UNDECIDED.nb in said(good, language="nb")


@pytest.mark.parametrize(
    "after",
    [
        classes(a="fn" * 100, b="fnfn"),  # a class of four
        classes(a="fn" * 100, b="f" * 6),  # one value, and that the adverse one
        classes(a="fn" * 100, b="fn" * 10 + "n" * 190),  # a: 0.5 of f, where all have 0.268
    ],
)
def test_a_target_that_is_missed_is_told_and_takes_the_label_away(after: pl.DataFrame) -> None:
    bad = evidence(after)
    assert targets_met(bad) is False
    assert text.MET.en not in said(bad) and "low risk" not in said(bad) and "| no |" in said(bad)
    assert summary(bad)["label"] is None


def test_too_many_left_out_is_told_and_without_the_original_not_measured() -> None:
    assert targets_met(evidence(before=pl.concat([GOOD, GOOD]))) is False
    assert text.NOT_MEASURED.en in said(evidence())


def test_an_attack_that_comes_too_far_takes_the_label_away() -> None:
    limited = policy.packaged().model_copy(update={"differencing": 0.2})
    bad = gather("out.parquet", GOOD, ROLES, limited, last=GOOD.head(399))
    assert targets_met(bad) is False and "low risk" not in said(bad)
    assert targets_met(evidence(last=GOOD.head(399))) is True  # measured, and no limit set


@pytest.mark.parametrize(("alike", "met"), [(5, True), (4, False)])
def test_what_is_passed_on_as_it_is_is_named_and_takes_the_label_away_where_it_leaves_few(
    alike: int, met: bool
) -> None:
    columns = ROLES.model_dump()["columns"] | {"note": {"role": "kept"}}
    roles = Roles.model_validate({"k": 5, "columns": columns})
    after = GOOD.with_columns(pl.Series("note", ["x"] * alike + ["y"] * (GOOD.height - alike)))
    found = gather("out.parquet", after, roles, policy.packaged(), before=after)
    assert found.measured is not None and found.measured.kept is not None
    assert (found.measured.kept.names, found.measured.kept.k) == (("note",), alike)
    assert targets_met(found) is met and "in no other measurement here: note" in said(found)


def test_personal_data_are_called_that_whatever_is_measured() -> None:
    told = said(PERSONAL, language="nb")
    assert "pseudonymisert – personopplysninger" in told and text.PERSONAL.nb in told
    assert text.MET.nb not in told and text.UNDECIDED.nb not in told
    assert summary(PERSONAL)["targets_met"] is None


def test_a_release_of_both_kinds_has_one_certificate_that_says_which_is_which() -> None:
    told = said(evidence(before=GOOD), PERSONAL)
    conclusion = told.split("\n## ")[1]
    personal, coarsened = conclusion.split("\n### ")[1:]
    assert personal.startswith("person\n") and KIND_LABELS[OutputKind.PSEUDONYMISED].en in personal
    assert coarsened.startswith("out.parquet\n") and KIND_LABELS[OutputKind.COARSENED].en in coarsened
    assert text.MET.en in coarsened and text.MET.en not in personal
    assert text.PERSON_LEVEL[0].en in told


def test_only_a_named_humans_decision_calls_it_anonymous() -> None:
    decided = evidence(decision=Decision(by="Kari Ombud", on=date(2025, 3, 1), why="few *variables*"))
    assert "Kari Ombud decided on 2025-03-01 that the data are anonymous" in said(decided)
    assert "few \\*variables\\*" in said(decided)
    assert "**anonymous by decision of Kari Ombud**" in said(decided)
    missed = evidence(classes(a="fn" * 100, b="fnfn"), decision=decided.decision)
    assert "anonymous by decision" not in said(missed) and text.BEYOND.en in said(missed)
    assert summary(decided)["anonymous_by_decision_of"]["by"] == "Kari Ombud"
    assert summary(evidence())["anonymous_by_decision_of"] is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_three_tests_stand_in_it_and_what_was_not_tried(language: str) -> None:
    told = said(evidence(), language=language)
    for title, _, _ in text.SECTIONS:
        assert getattr(title, language) in told
    assert getattr(text.ATTACKS[Kind.JOURNALIST], language) in told  # named as not tried
    assert getattr(text.UNTRIED[Kind.JOURNALIST], language) in told


def test_every_attack_has_words_a_limit_and_one_place() -> None:
    assert set(text.ATTACKS) == set(Kind)
    assert sorted(kind for _, _, kinds in text.SECTIONS for kind in kinds) == sorted(Kind)
    assert {figure.value for figure in HELD.values()} == set(text.LIMITS)


def test_equal_evidence_gives_equal_bytes_and_a_name_is_only_text() -> None:
    made = certificates([evidence()], TITLE, "demo, 1")
    assert list(made) == [f"certificate.{one}.{form}" for one in LANGUAGES for form in ("md", "html")]
    assert made == certificates([evidence(GOOD.reverse())], TITLE, "demo, 1")
    named = gather("<b>x</b>|y", GOOD, ROLES, policy.packaged())
    for form in ("html", "md"):
        assert b"<b>" not in render([named], Bilingual(nb="<b>", en="<b>"), "en", form, "<b>")


def card(of: Evidence, language: str = "en") -> Section:
    """The conclusion of the one file."""
    return next(section for section in sections([of], language) if section.badge)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("went", "exposed"), [("f" * 4, True), ("f" * 5, False)])
def test_versions_that_show_the_few_who_went_say_so_first_of_all(
    language: str, went: str, exposed: bool
) -> None:
    last = classes(a="fn" * 100 + went, b="fn" * 100, c="fn" * 100)  # a whole class went too
    found = card(evidence(before=GOOD, last=last), language)
    assert (getattr(text.EXPOSED, language) in found.paragraphs) is exposed
    label = getattr(KIND_LABELS[OutputKind.COARSENED], language)
    assert found.badge == Cell(label, NEUTRAL if exposed else GOOD_TONE)


def linked(right: float, guesses: int = 200) -> Evidence:
    """Good in all that is limited, and `right` of the guesses of linkage, where 2 % would be by chance."""
    one = Attack(
        kind=Kind.LINKAGE, guesses=guesses, right=right, controls=200, control_right=4, known=("ill",)
    )
    found = evidence(before=GOOD)
    others = [verdict.attack for verdict in found.verdicts if verdict.attack.kind is not Kind.LINKAGE]
    assert found.targets is not None
    return replace(found, verdicts=judged([*others, one], found.targets, policy.packaged()))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "«Find as many as possible, knowing the other sensitive values»: 50% of the guesses are right",
        ),
        ("nb", "«Finne så mange som mulig, med de andre sensitive opplysningene kjent»: 50 % av gjetningene"),
    ],
)
def test_the_unlimited_attack_that_gains_most_stands_in_the_conclusion(language: str, told: str) -> None:
    found = card(linked(100), language)
    (said,) = [one for one in found.paragraphs if told in one.replace("\N{NO-BREAK SPACE}", " ")]
    assert "2.5%" in said or "under 2,5" in said  # fewer than five of 200
    assert found.badge == Cell(getattr(KIND_LABELS[OutputKind.COARSENED], language), NEUTRAL)


def test_an_unlimited_attack_that_gains_little_leaves_the_conclusion_green() -> None:
    assert card(linked(24)).badge == Cell("low risk", GOOD_TONE)  # 12 %, 10 points above 2 %
    assert card(linked(25)).badge == Cell("low risk", NEUTRAL)


def test_a_decision_does_not_colour_what_an_unlimited_attack_gains() -> None:
    decided = Decision(by="Kari Ombud", on=date(2025, 3, 1), why="few")
    for right, tone in ((24, GOOD_TONE), (100, NEUTRAL)):
        found = card(replace(linked(right), decision=decided))
        assert found.badge == Cell("anonymous by decision of Kari Ombud", tone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_compared_is_not_said_to_stand_still(language: str) -> None:
    more = {"age": ROLES.columns["town"]}
    roles = ROLES.model_copy(update={"columns": more | ROLES.columns})
    before = pl.concat([GOOD, GOOD]).with_columns(age=pl.Series(["young", "old"] * 400))
    some = before.with_columns(age=pl.lit("*"))
    none = some.with_columns(town=pl.lit("*"))
    covers = getattr(cost.COMPARED, language)
    figures = [getattr(words, language).split("{")[0] for words in (cost.MOVED_LARGE, cost.PMSE)]
    for after, compared in ((before, "age; town"), (some, "town"), (none, None)):
        found = gather("out", after.head(-10), roles, policy.packaged(), before=before)
        told = said(found, language=language)
        assert (covers.format(names=compared) in told) is (compared is not None)
        assert [words in told for words in figures] == [compared is not None] * 2
        assert (getattr(cost.NOT_MEASURABLE, language) in told) is (compared is None)
        assert found.utility is not None
        assert ("not measurable" in " ".join(utility_in_words(found.utility))) is (compared is None)


def test_the_loss_is_named_apart_from_the_codebooks() -> None:
    assert "Lost detail in the rows that are there, unweighted: 0.00" in said(evidence(before=GOOD))
    assert "Tapt detalj i radene som er med, uvektet: 0,00" in said(evidence(before=GOOD), language="nb")


def test_of_several_sensitive_columns_the_one_most_at_risk_stands_in_the_test_and_all_at_the_end() -> None:
    roles = ROLES.model_copy(update={"columns": ROLES.columns | {"poor": ROLES.columns["ill"]}})
    # Of ill nothing is told; poor is one more often in town a than in town b.
    frame = GOOD.with_columns(poor=pl.Series(["f"] * 110 + ["n"] * 90 + ["f"] * 90 + ["n"] * 110))
    told = said(
        gather("out", frame, roles, policy.packaged(), labels={"poor": Bilingual(nb="x", en="Poverty")})
    )
    test, everything = told.split(f"### {text.INFERENCE.en}")[1].split(f"### {text.EVERYTHING.en}")
    skewed = text.ATTACKS[Kind.SKEWNESS].en
    assert text.WORST.en.format(what=skewed.format(about="Poverty"), n=2) in test
    assert skewed.format(about="ill") not in test and skewed.format(about="ill") in everything


@pytest.mark.parametrize(
    ("alike", "shown"),
    [(4, "above 20%"), (5, "at most 20%"), (9, "at most 20%"), (10, "at most 10%"), (51, "at most 2%")],
)
def test_how_many_are_alike_cannot_be_counted_from_the_risk(alike: int, shown: str) -> None:
    assert at_most(1 / alike, "en") == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (3, 9, text.TOO_FEW.en),
        (4, 10, "below 50%"),
        (6, 10, "above 50%"),
        (5, 10, "50%"),
        (0, 1000, "below 0.5%"),
        (4, 1000, "below 0.5%"),
        (5, 1000, "0.5%"),
        (996, 1000, "above 99.5%"),
        (123, 1002, "12.5%"),  # 125 of 1000
    ],
)
def test_a_share_of_few_is_not_told(part: float, whole: int, shown: str) -> None:
    assert share(part, whole, "en") == shown


def test_few_are_alike_on_both_sides_whatever_the_few_are() -> None:
    wholes = range(998, 1003)  # all of them are shown as 1,000
    assert {share(few, whole, "en") for few in range(5) for whole in wholes} == {"below 0.5%"}
    assert {share(whole - few, whole, "en") for few in range(5) for whole in wholes} == {"above 99.5%"}
