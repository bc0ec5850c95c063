"""The words about how well persons and programmes could be linked, in nb and en.

What does not belong here: labels of code lists and registers (their declarations have them).
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

MATCHING_TEXT: dict[str, Phrase] = {
    "matching": Phrase("Koblingskvalitet", "Linkage quality"),
    "matching_lead": Phrase(
        "Hvor stor andel av deltakerne hvert register kan spørres om, og hvor stor andel av dem det har "
        "opplysninger om. Den som ikke kan kobles, har ingen ident registeret kjenner; den som kan, men ikke "
        "har opplysninger, ble søkt etter og ikke funnet, og det kan være helt riktig. NIR ventes å kjenne "
        "dem som var i program det året, de andre alle som har begynt. Personer som ikke kan brukes, er ikke "
        "med.",
        "What share of the participants each register can be asked about, and of how many of those it has a "
        "record. Whoever cannot be linked has no identifier the register knows; whoever can but has no "
        "record was sought and not found, which may be quite right. NIR is expected to know who was in a "
        "programme that year, the others everybody who has begun one. Persons who may not be used are left "
        "out.",
    ),
    "matching_latest": Phrase("Siste leverte år, prosent", "Latest year delivered, per cent"),
    "expected": Phrase("Deltakere", "Participants"),
    "matching_none": Phrase(
        "Ingen registre er levert for noe år med deltakere.",
        "No register has been delivered for a year with participants.",
    ),
    "with_record": Phrase("Med opplysninger", "With a record"),
    "cannot_be_linked": Phrase("Kan ikke kobles", "Cannot be linked"),
    "register_in_year": Phrase("{table}, {year}", "{table}, {year}"),
    "matching_table": Phrase(
        "Alle år: med opplysninger, prosent av dem som kan kobles",
        "All years: with a record, per cent of those who can be linked",
    ),
    "bias": Phrase("Er de som ikke kan kobles, annerledes?", "Are those who cannot be linked different?"),
    "bias_lead": Phrase(
        "Deltakere som kan kobles til registrene (fødselsnummer eller D-nummer), mot dem som ikke kan. Der "
        "95 %-intervallet for forskjellen ikke rommer 0, er forskjellen sikker (Newcombe), og utfallene er "
        "skjeve for gruppen.",
        "Participants who can be linked to the registers (fødselsnummer or D-number) against those who "
        "cannot. Where the 95 % interval of the difference does not include 0, the difference is certain "
        "(Newcombe), and the outcomes are skewed for the group.",
    ),
    "bias_none": Phrase(
        "For få kan ikke kobles til at noe kan sammenlignes.",
        "Too few cannot be linked for anything to be compared.",
    ),
    "characteristic": Phrase("Kjennetegn", "Characteristic"),
    "can_be_linked": Phrase("Kan kobles", "Can be linked"),
    "difference": Phrase("Blant dem som ikke kan kobles", "Among those who cannot be linked"),
    "more_often": Phrase("flere", "more"),
    "less_often": Phrase("færre", "fewer"),
    "no_certain_difference": Phrase("ingen sikker forskjell", "no certain difference"),
    "reconciliation": Phrase("Fagsystemet mot NIR", "The case system against NIR"),
    "reconciliation_lead": Phrase(
        "Prosent av programmene etter startår. Det bydelene flyttet mellom seg, er ett program. Et program "
        "med flere avvik er talt under hvert av dem.",
        "Per cent of programmes by year of start. What bydeler moved between them is one programme. A "
        "programme with several differences is counted under each.",
    ),
    "compared": Phrase("Programmer i alt", "Programmes in all"),
    "reconciliation_none": Phrase("Ingen programmer å avstemme.", "No programmes to reconcile."),
    "earlier_years": Phrase("før {year}", "before {year}"),
    "to_look_at": Phrase("Programmer å se på", "Programmes to look at"),
    "flag": Phrase("Merknad", "Flag"),
    "programmes": Phrase("Programmer", "Programmes"),
    "review": Phrase("Identer til gjennomgang", "Identifiers for review"),
    "review_lead": Phrase(
        "Konflikter der ingen kan si hvem som er hvem. De kobles ikke før de er rettet i kilden. Listen "
        "ligger i den skjermede sonen.",
        "Conflicts where nobody can tell who is who. They are not linked before they are put right in the "
        "source. The list is in the restricted zone.",
    ),
    "conflict": Phrase("Konflikt", "Conflict"),
    "conflicts": Phrase("Antall", "Number"),
    "conflict_two_successors": Phrase("To numre har tatt over for ett", "Two numbers took over from one"),
    "conflict_two_numbers": Phrase(
        "En person med to numre av samme slag", "One person with two numbers of a kind"
    ),
    "conflict_shared": Phrase("Flere personer med ett nummer", "Several persons with one number"),
    "conflict_link_disagrees": Phrase(
        "Kilder kobler numre som ikke kan være én person",
        "Sources link numbers that cannot be one person",
    ),
}
