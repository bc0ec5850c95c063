"""The words about how well persons and programmes could be linked, in nb and en.

What does not belong here: labels of code lists and registers (their declarations have them).
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

MATCHING_TEXT: dict[str, Phrase] = {
    "matching": Phrase("Koblingskvalitet", "Linkage quality"),
    "matching_lead": Phrase(
        "Hvor stor andel av deltakerne hvert register kan spørres om, og hvor stor andel av dem det har "
        "opplysninger om. Den som ikke kan kobles, har ingen sikker ident registeret kjenner; den som kan, "
        "men ikke har opplysninger, ble søkt etter og ikke funnet, og det kan være helt riktig. NIR ventes å "
        "kjenne dem som var i program det året, de andre alle som har begynt; den som var død eller "
        "utvandret hele året, ventes ingen steder. Personer som ikke kan brukes, er ikke med.",
        "What share of the participants each register can be asked about, and of how many of those it has a "
        "record. Whoever cannot be linked has no certain identifier the register knows; whoever can but has "
        "no record was sought and not found, which may be quite right. NIR is expected to know who was in a "
        "programme that year, the others everybody who has begun one; whoever was dead or abroad all year is "
        "expected nowhere. Persons who may not be used are left out.",
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
        "Deltakere som kan kobles til registrene (sikkert fødselsnummer eller D-nummer), mot dem som ikke "
        "kan. Der 95 %-intervallet for forskjellen (i prosentpoeng) ikke rommer 0, er forskjellen sikker "
        "(Newcombe), og utfallene er skjeve for gruppen. Kategorier med få er slått sammen før de er "
        "sammenlignet; alle står i en linje.",
        "Participants who can be linked to the registers (a certain fødselsnummer or D-number) against "
        "those who cannot. Where the 95 % interval of the difference (in percentage points) does not "
        "include 0, the difference is certain (Newcombe), and the outcomes are skewed for the group. "
        "Categories with few are put together before they are compared; every one stands in a line.",
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
    "too_few": Phrase("for få til å sammenligne", "too few to compare"),
    "together": Phrase("{names} (samlet)", "{names} (together)"),
    "points": Phrase("{low} til {high} prosentpoeng", "{low} to {high} percentage points"),
    "reconciliation": Phrase("Fagsystemet mot NIR", "The case system against NIR"),
    "reconciliation_lead": Phrase(
        "Prosent av programmene etter startår. Det bydelene flyttet mellom seg, er ett program. Et program "
        "med flere avvik er talt under hvert av dem.",
        "Per cent of programmes by year of start. What bydeler moved between them is one programme. A "
        "programme with several differences is counted under each.",
    ),
    "reconciliation_local": Phrase(
        "Etter bydel, startår fra og med {year}, prosent", "By bydel, years of start from {year} on, per cent"
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
    "conflict_two_successors_is": Phrase(
        "Kildene sier at to numre har avløst det samme nummeret. Folkeregisteret avgjør hvilket som gjelder; "
        "det andre rettes i kilden som sa det.",
        "The sources say that two numbers have taken over from the same one. The population register "
        "decides which holds; the other is corrected in the source that said it.",
    ),
    "conflict_two_numbers_is": Phrase(
        "En registrering har for eksempel to fødselsnumre som ingen kilde kobler. Den som eier fagsystemet, "
        "tar bort det som hører til en annen.",
        "One record has for instance two fødselsnumre that no source links. Whoever owns the case system "
        "removes the one that is somebody else's.",
    ),
    "conflict_shared_is": Phrase(
        "Flere registreringer bruker det samme nummeret og er ikke vist å være én person: de kan være "
        "tvillinger. Den som eier fagsystemet, bekrefter nummeret mot Folkeregisteret og slår dem sammen, "
        "eller retter det hos den som har feil.",
        "Several records use the same number and are not shown to be one person: they may be twins. Whoever "
        "owns the case system has the number confirmed by the population register and merges them, or "
        "corrects it where it is wrong.",
    ),
    "conflict_link_disagrees_is": Phrase(
        "En kobling av numre fører sammen registreringer som ikke kan være, eller ikke er vist å være, samme "
        "person. Den som eier kilden koblingen kom fra, retter den, eller bekrefter numrene mot "
        "Folkeregisteret.",
        "A link between numbers brings together records that cannot be, or are not shown to be, the same "
        "person. Whoever owns the source the link came from corrects it, or has the numbers confirmed by the "
        "population register.",
    ),
    "settle": Phrase("Identer og NIR", "Identifiers and NIR"),
    "settle_review": Phrase(
        "Konflikter om identer venter på gjennomgang. Det vanligste slaget er {kind}: {count}.",
        "Conflicts of identifiers wait for review. The most frequent kind is {kind}: {count}.",
    ),
    "next_review": Phrase(
        "De står i restricted/review.parquet. Den som eier {source}, retter dem der; neste natt leser "
        "rettelsen.",
        "They are in restricted/review.parquet. Whoever owns {source} corrects them there; the next night "
        "reads what was put right.",
    ),
    "settle_differs": Phrase(
        "Fagsystemet mot NIR, «{kind}»: {band} av programmene som startet i {year}, der det er flest.",
        "The case system against NIR, “{kind}”: {band} of the programmes begun in {year}, the year with "
        "most.",
    ),
    "settle_differs_some_years": Phrase(
        "Fagsystemet mot NIR, «{kind}»: {band} av programmene i hvert av de {years} årene med flest.",
        "The case system against NIR, “{kind}”: {band} of the programmes in each of the {years} years with "
        "most.",
    ),
    "settle_only_in_case_system": Phrase(
        "Rapporter dem til NIR, eller rett startdato og ident i fagsystemet hvis programmet er rapportert "
        "under andre.",
        "Report them to NIR, or correct the start and the identifier in the case system where the programme "
        "was reported under others.",
    ),
    "settle_only_in_nir": Phrase(
        "Registrer programmet i fagsystemet, eller be om at rapporten rettes i NIR hvis den gjelder en "
        "annen.",
        "Register the programme in the case system, or have the report corrected in NIR if it is somebody "
        "else's.",
    ),
    "settle_reason_differs": Phrase(
        "Avgjør hvilken årsak som gjelder, og rett den andre; avstemmingen sier hvem som endret sist.",
        "Settle which reason holds and correct the other; the reconciliation says who changed it last.",
    ),
}
