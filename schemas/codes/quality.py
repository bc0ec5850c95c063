"""How well two registers of the same programmes agree, and how well persons could be linked."""

from schemas.codes.base import CodeList, codes_of

RECONCILIATION_KIND = CodeList(
    name="reconciliation_kind",
    nb="Avvik mellom fagsystemet og NIR",
    en="Difference between the case system and NIR",
    source="project's own (P); the municipality is asked to check that NIR equals its case system (F38, F6b)",
    codes=codes_of(
        ("agrees", "Ingen avvik", "No difference"),
        ("only_in_case_system", "Bare i fagsystemet", "Only in the case system"),
        ("only_in_nir", "Bare i NIR", "Only in NIR"),
        ("start_differs", "Ulik start", "Start differs"),
        ("end_differs", "Ulik slutt", "End differs"),
        ("reason_differs", "Ulik avslutningsårsak", "Reason of exit differs"),
        ("activity_differs", "Ulike aktiviteter", "Activities differ"),
        ("not_delivered", "NIR er ikke levert for perioden", "NIR not delivered for the period"),
        ("not_identified", "Kan ikke søkes i NIR: ingen ident", "Cannot be sought in NIR: no identifier"),
    ),
)

CHANGED_LAST = CodeList(
    name="changed_last",
    nb="Hvem som endret sist",
    en="Who changed it last",
    source="project's own (P): the case system's dates against the cut-off of NIR's delivery",
    unknown=frozenset({"unknown"}),
    codes=codes_of(
        ("case_system", "Fagsystemet", "The case system"),
        ("nir", "NIR", "NIR"),
        ("unknown", "Ikke kjent", "Not known"),
    ),
)

PROGRAMME_FLAG = CodeList(
    name="programme_flag",
    nb="Merknad til programmet",
    en="Flag on the programme",
    source="facts §5.4",
    codes=codes_of(
        ("overlap", "Overlapper et annet program", "Overlaps another programme"),
        ("end_before_start", "Slutt før start", "Ends before it starts"),
        ("too_long", "Lengre enn loven tillater", "Longer than the law allows"),
    ),
)

# Chapter 6A came into the act of 2021 for persons with collective protection, and has limits of its own.
APPLIED_LAW = CodeList(
    name="applied_law",
    nb="Regler som gjaldt ved start",
    en="Rules that applied at the start",
    source="facts §3.4; chapter 6A (K)",
    codes=codes_of(
        ("2003", "Introduksjonsloven", "Introduction Act"),
        ("2021", "Integreringsloven", "Integration Act"),
        ("6A", "Integreringsloven kap. 6A (§ 34)", "Integration Act, chapter 6A (section 34)"),
    ),
)

BEST_IDENTIFIER = CodeList(
    name="best_identifier",
    nb="Beste ident",
    en="Best identifier",
    source="project's own order (P): the identifier that most registers know",
    codes=codes_of(
        ("FNR", "Fødselsnummer", "Fødselsnummer"),
        ("DNR", "D-nummer", "D-number"),
        ("DUF", "Bare DUF-nummer", "DUF number only"),
        ("NONE", "Ingen brukbar ident", "No usable identifier"),
    ),
)

CHARACTERISTIC = CodeList(
    name="characteristic",
    nb="Kjennetegn",
    en="Characteristic",
    source="what a test of linkage bias compares (P)",
    codes=codes_of(
        ("sex", "Kjønn", "Sex"),
        ("age_band", "Alder ved start", "Age at start"),
        ("world_region", "Landbakgrunn", "World region"),
    ),
)

# Facts §3.1's crosswalk (P): which of Socio's kinds of activity a measure in NIR may be. Language practice
# is either; «other» says nothing, and a measure that is not here is not compared.
ACTIVITY_OF_MEASURE: tuple[tuple[str, str], ...] = (
    ("NOR", "SPR"),
    ("SAM", "SAM"),
    ("SPP", "SPR"),
    ("SPP", "ARB"),
    ("ARP", "ARB"),
    ("ARB", "ARB"),
    ("YRK", "ARB"),
    ("GOD", "GOD"),
    ("KUR", "UTD"),
    ("GRS", "UTD"),
    ("VGO", "UTD"),
    ("HEL", "HEL"),
)
