"""The words about how they fare, in nb and en.

What does not belong here: what an outcome is called and means (`linkage.outcomes` and the code list have it).
"""

from __future__ import annotations

from pipeline.pages.phrase import Phrase

OUTCOME_TEXT: dict[str, Phrase] = {
    "outcomes": Phrase("Hvordan går det?", "How do they fare?"),
    "outcomes_lead": Phrase(
        "Andel av avgangskohorten som nådde målet, slik hvert mål er definert. Målene har ulike "
        "kilder og nevnere og skal ikke blandes. Åpne merker: under {few} i nevneren. Linjen er brutt der "
        "registeret skiftet form, og der et år er skjult. {year} er ikke omme og er ikke tegnet. "
        "Personer som ikke kan brukes, er ikke med. Andelene er regnet av de avrundede tallene.",
        "Share of the exit cohort that reached the aim, as defined for each measure. The measures "
        "have different sources and denominators and must not be mixed. Open marks: fewer than {few} in "
        "the denominator. The line is broken where the register changed, and where a year is hidden. {year} "
        "is not over and is not drawn. Persons who may not be used are left out. The shares are "
        "computed from the rounded counts.",
    ),
    "figure_national": Phrase("Slik det måles nasjonalt", "As it is measured nationally"),
    "figure_local": Phrase(
        "Lokale mål: 0, 12 og 60 måneder, med to måter å telle utdanning på",
        "Local targets: 0, 12 and 60 months, with two ways of counting education",
    ),
    "outcomes_alt": Phrase(
        "Linjediagram etter avgangsår {first}–{last}. {parts}.",
        "Line chart by year of exit {first}–{last}. {parts}.",
    ),
    "outcomes_part": Phrase("{outcome}: {percent} % i {year}", "{outcome}: {percent} % in {year}"),
    "outcomes_none": Phrase("Ingen utfall er forfalt ennå.", "No outcome is due yet."),
    "break": Phrase(
        "Arbeidsregisteret skiftet form i {year}: brudd ved avgangsår {first}.",
        "The employment register changed in {year}: a break at exit year {first}.",
    ),
    "so_far": Phrase("{year} (hittil)", "{year} (so far)"),
    "nobody_left_out": Phrase(
        "Ved avslutning er alle med i nevneren.",
        "At exit everybody is in the denominator.",
    ),
    "outcome": Phrase("Mål", "Measure"),
    "exit_year": Phrase("Avgangsår", "Year of exit"),
    "share": Phrase("Andel", "Share"),
    "outcomes_table": Phrase("Tallene bak, med nevner", "The figures behind it, with denominators"),
    "censoring_table": Phrase("Hvem som ikke er med i nevneren", "Who is not in the denominator"),
    "denominator": Phrase("I nevneren", "In the denominator"),
    "dead": Phrase("Døde", "Dead"),
    "emigrated": Phrase("Utvandret", "Emigrated"),
    "not_due": Phrase("Ikke forfalt", "Not yet due"),
    "not_loaded": Phrase("Register ikke lastet", "Register not loaded"),
    "not_linkable": Phrase("Uten brukbar ident", "No usable identifier"),
}
