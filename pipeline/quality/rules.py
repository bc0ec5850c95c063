"""Every check that can raise a flag: what it says, by which threshold, and what it may set off besides.

A check's labels stand in `codes.QUALITY_CHECK`; here is what it means. What does not belong here: carrying
a check out (the other files of this room), and deciding (`results.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.disclosure.tables import HELD_THRESHOLD
from pipeline.quality import thresholds
from pipeline.quality.thresholds import Threshold
from schemas import codes


class FlagSeverity(StrEnum):
    """What a finding asks of the steward: a decision, to be known by readers, or only for the record."""

    DECIDE = "decide"
    KNOW = "know"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule. `severity` is None where a demanded field asks for a decision and another is to be known.

    `effect` is the kind of effect it judges. `implies` are checks that the same fault may set off too, and no
    others. A check `by_year` judges each year, and any other the whole field or table.
    """

    name: str
    flag: str
    category: str
    context: str
    effect: str
    threshold: Threshold
    nb: str
    en: str
    severity: FlagSeverity | None = None
    implies: tuple[str, ...] = ()
    by_year: bool = False

    def __post_init__(self) -> None:
        for value, listed in (
            (self.name, codes.QUALITY_CHECK),
            (self.flag, codes.QUALITY_FLAG),
            (self.category, codes.KAHN_CATEGORY),
            (self.context, codes.KAHN_CONTEXT),
            (self.effect, codes.EFFECT_KIND),
        ):
            if value not in listed.values():
                raise TypeError(f"{value} is not in {listed.name}")


CONFORMANCE, COMPLETENESS, PLAUSIBILITY = codes.KAHN_CATEGORY.values()
VERIFICATION, VALIDATION = codes.KAHN_CONTEXT.values()
_KNOW, _NOTE = FlagSeverity.KNOW, FlagSeverity.NOTE
BELOW_PROMISE, BYDEL_SPREAD, TEXT_FOR_CODE = "below_promise", "bydel_spread", "text_for_code"
HELD_BACK, BREAK = "held_back", "break_between_years"

_FILL = (
    Check(
        name=BELOW_PROMISE,
        flag="sparse",
        category=COMPLETENESS,
        context=VERIFICATION,
        effect="gap",
        threshold=thresholds.SPARSE_MARGIN,
        nb="Andelen med verdi ligger mer enn marginen under det som er lovet, og mer enn tilfeldigheter "
        "forklarer (eksakt binomisk test mot løftet).",
        en="The share with a value lies more than the margin below the promise, and more than chance "
        "explains (exact binomial test against the promise).",
        # What is filled too little may have been filled too little in one bydel or since one year.
        implies=(BYDEL_SPREAD, "adviser_spread", BREAK, "falling_trend"),
    ),
    Check(
        name=BYDEL_SPREAD,
        flag="uneven",
        category=COMPLETENESS,
        context=VERIFICATION,
        effect="spread",
        threshold=thresholds.UNEVEN_SPREAD,
        severity=_KNOW,
        nb="Bydelene fyller feltet ulikt mye, mer enn tilfeldigheter forklarer (kjikvadrattest over "
        "bydelene) og med minst grensens avstand mellom høyeste og laveste.",
        en="The bydeler fill the field unequally, beyond chance (chi-square test over the bydeler) and "
        "with at least the limit's distance between highest and lowest.",
        implies=(BELOW_PROMISE, "adviser_spread", "missing_by_background"),
    ),
    Check(
        name="adviser_spread",
        flag="uneven_advisers",
        category=COMPLETENESS,
        context=VERIFICATION,
        effect="middle_half",
        threshold=thresholds.ADVISER_SPREAD,
        severity=_KNOW,
        nb="Den midterste halvparten av rådgiverne er spredt, mer enn tilfeldigheter forklarer. Ingen "
        "rådgiver vises.",
        en="The middle half of the advisers is spread, beyond chance. No adviser is shown.",
        implies=(BELOW_PROMISE, BYDEL_SPREAD),
    ),
    Check(
        name=BREAK,
        flag="shifted",
        category=COMPLETENESS,
        context=VERIFICATION,
        effect="change",
        threshold=thresholds.SHIFT_LEAST,
        severity=_KNOW,
        nb="Andelen med verdi endrer seg fra ett år til det neste, mer enn tilfeldigheter forklarer (test "
        "av to andeler) og minst så mye som grensen.",
        en="The share with a value changes from one year to the next, beyond chance (test of two shares) "
        "and by at least the limit.",
        implies=(BELOW_PROMISE, "falling_trend"),
        by_year=True,
    ),
    Check(
        name="falling_trend",
        flag="decaying",
        category=COMPLETENESS,
        context=VERIFICATION,
        effect="yearly_change",
        threshold=thresholds.DECAY_LEAST,
        nb="Andelen med verdi faller over de siste hele årene (Cochran og Armitages test av trend).",
        en="The share with a value falls over the last whole years (Cochran and Armitage's test of trend).",
        implies=(BELOW_PROMISE, BREAK),
    ),
    Check(
        name="registration_delay",
        flag="late",
        category=COMPLETENESS,
        context=VERIFICATION,
        effect="expected_final",
        threshold=thresholds.LATE_SHARE,
        nb="Verdien kom etter fristen for mange, eller er ventet ennå. Ventet til slutt er regnet av hvor "
        "fort de tidligere kom (kjedestigen).",
        en="The value came after the time limit for many, or is still to come. What is expected in the end "
        "is "
        "worked out from how fast earlier ones came (chain ladder).",
        implies=(BELOW_PROMISE, BREAK, "falling_trend"),
    ),
)

_MACHINE = (
    Check(
        name="one_moment",
        flag="machine_filled",
        category=PLAUSIBILITY,
        context=VERIFICATION,
        effect="share",
        threshold=thresholds.ONE_MOMENT,
        severity=_KNOW,
        nb="Én dag har langt flere registreringer enn dager flest: de er skrevet i bunke, og dagen sier ikke "
        "når noe ble kjent.",
        en="One day has far more registrations than most: they were written in a batch, and the day does not "
        "say when anything became known.",
    ),
    Check(
        name="first_of_january",
        flag="machine_filled",
        category=PLAUSIBILITY,
        context=VERIFICATION,
        effect="share",
        threshold=thresholds.FIRST_OF_JANUARY,
        severity=_KNOW,
        nb="Flere datoer enn tilfeldigheter forklarer er 1. januar: bare året er kjent.",
        en="More dates than chance explains are 1 January: only the year is known.",
        implies=("one_moment",),
    ),
    Check(
        name="heaping",
        flag="machine_filled",
        category=PLAUSIBILITY,
        context=VERIFICATION,
        effect="spread",
        threshold=thresholds.HEAPING,
        severity=_NOTE,
        nb="Runde tall forekommer oftere enn nabotallene: verdiene er anslag.",
        en="Round numbers are more frequent than their neighbours: the values are estimates.",
    ),
    Check(
        name="one_default",
        flag="machine_filled",
        category=PLAUSIBILITY,
        context=VERIFICATION,
        effect="share",
        threshold=thresholds.ONE_DEFAULT,
        severity=_KNOW,
        nb="Nesten alle har samme verdi: den kan være forhåndsvalgt, og sier da ikke at noen har spurt.",
        en="Nearly all have the same value: it may be a default, and does then not say that anybody asked.",
    ),
    Check(
        name="batch_closed",
        flag="machine_filled",
        category=PLAUSIBILITY,
        context=VERIFICATION,
        effect="share",
        threshold=thresholds.BATCH_CLOSED,
        severity=_KNOW,
        nb=f"Minst {HELD_THRESHOLD} forløp er avsluttet samme dag i samme bydel, mer enn tilfeldigheter "
        "forklarer: dagen er saksbehandlerens, ikke deltakerens. Hvilken bydel sies ikke.",
        en=f"At least {HELD_THRESHOLD} spells ended on one day in one bydel, beyond chance: the day is the "
        "case worker's, not the participant's. Which bydel is not told.",
        implies=("one_moment",),
        by_year=True,
    ),
)

_BIAS = tuple(
    Check(
        name=name,
        flag="informative",
        category=COMPLETENESS,
        context=VALIDATION if name == "missing_by_outcome" else VERIFICATION,
        effect="risk_difference" if name == "missing_by_outcome" else "cramers_v",
        threshold=thresholds.INFORMATIVE_LEAST,
        severity=_KNOW,
        nb=f"Om verdien mangler henger sammen med {nb}, mer enn tilfeldigheter forklarer (kjikvadrattest): "
        "en "
        "analyse av bare dem med verdi er skjev.",
        en=f"Whether the value is missing is associated with {en}, beyond chance (chi-square test): an "
        "analysis "
        "of those with a value alone is biased.",
        implies=("missing_by_outcome", "missing_by_background"),
    )
    for name, nb, en in (
        ("missing_by_outcome", "utfallet etter programmet", "the outcome after the programme"),
        ("missing_by_background", "personens bakgrunn", "the person's background"),
    )
)


def _contradiction(
    name: str, nb: str, en: str, *, context: str = VERIFICATION, implies: tuple[str, ...] = ()
) -> Check:
    return Check(
        name=name,
        flag="contradictory",
        category=PLAUSIBILITY,
        context=context,
        effect="share",
        threshold=thresholds.CONTRADICTED_SHARE,
        nb=nb,
        en=en,
        implies=implies,
    )


_CONTRADICTIONS = (
    _contradiction(
        "overlapping_programmes",
        "Et program begynner før et tidligere program for samme person er slutt.",
        "A programme begins before an earlier one of the same person has ended.",
    ),
    _contradiction(
        "end_before_start", "Programmet slutter før det starter.", "The programme ends before it starts.",
        implies=(HELD_BACK,),
    ),
    _contradiction(
        "too_long",
        "Programmet er lengre enn loven tillater, permisjon trukket fra.",
        "The programme is longer than the law allows, leave taken off.",
        implies=("overlapping_programmes",),
    ),
    _contradiction(
        "differs_from_nir",
        "NIR sier noe annet om programmet enn fagsystemet.",
        "NIR says something else of the programme than the case system.",
        context=VALIDATION,
        implies=("overlapping_programmes",),
    ),
    _contradiction(
        "sex_against_number",
        "Registrert kjønn er et annet enn identen sier. Begge kan være riktige.",
        "The registered sex is another than the identifier says. Both may be right.",
        context=VALIDATION,
    ),
    _contradiction(
        "birth_date_against_number",
        "Registrert fødselsdato er en annen enn identen sier. Begge kan være riktige.",
        "The registered birth date is another than the identifier says. Both may be right.",
        context=VALIDATION,
    ),
    _contradiction(
        "one_sided_spouse",
        "Den registrerte ektefellen har en annen ektefelle.",
        "The registered spouse has another spouse.",
    ),
    _contradiction(
        "duplicate_case",
        "Personen har to saker åpne samtidig i samme bydel.",
        "The person has two cases open at once in one bydel.",
        implies=("overlapping_programmes",),
    ),
    _contradiction(
        "claim_without_settlement",
        "Det er krevd tilskudd for en person uten bosetting.",
        "A grant is claimed for a person without a settlement.",
    ),
    _contradiction(
        "participant_without_claim",
        "Det er aldri krevd tilskudd for en deltaker som ble bosatt i perioden.",
        "No grant was ever claimed for a participant who was settled in the period.",
    ),
)  # fmt: skip

_TEXTS = (
    Check(
        name=TEXT_FOR_CODE,
        flag="free_text",
        category=CONFORMANCE,
        context=VERIFICATION,
        effect="share",
        threshold=thresholds.FREE_TEXT_SHARE,
        nb="Feltet skal ha en kode fra en liste, og det står noe annet der.",
        en="The field takes a code of a list, and something else stands there.",
        implies=(HELD_BACK, BELOW_PROMISE, BYDEL_SPREAD),
    ),
    Check(
        name="person_in_text",
        flag="free_text",
        category=CONFORMANCE,
        context=VERIFICATION,
        effect="share",
        threshold=thresholds.FREE_TEXT_SHARE,
        severity=FlagSeverity.DECIDE,
        nb="Et navn eller et nummer står i et tekstfelt som ikke er for det.",
        en="A name or a number stands in a text field that is not for it.",
    ),
)

_INVALID = Check(
    name=HELD_BACK,
    flag="invalid",
    category=CONFORMANCE,
    context=VERIFICATION,
    effect="share",
    threshold=thresholds.QUARANTINE_SHARE,
    nb="En regel holder tilbake rader av tabellen.",
    en="A rule holds back rows of the table.",
    implies=(BELOW_PROMISE,),
)

CHECKS: dict[str, Check] = {
    c.name: c for c in (*_FILL, *_MACHINE, *_BIAS, *_CONTRADICTIONS, *_TEXTS, _INVALID)
}
