"""How well two registers of the same programmes agree, and how well persons could be linked."""

from schemas.codes.base import CodeList, codes_of

# What the rules ask for by name: each code of the two lists below is written once, here.
ONLY_IN_CASE_SYSTEM, ONLY_IN_NIR = "only_in_case_system", "only_in_nir"
START_DIFFERS, END_DIFFERS = "start_differs", "end_differs"
REASON_DIFFERS, ACTIVITY_DIFFERS = "reason_differs", "activity_differs"
NOT_DELIVERED, NOT_IDENTIFIED = "not_delivered", "not_identified"
OVERLAP, END_BEFORE_START, TOO_LONG = "overlap", "end_before_start", "too_long"  # of PROGRAMME_FLAG

RECONCILIATION_KIND = CodeList(
    name="reconciliation_kind",
    nb="Avvik mellom fagsystemet og NIR",
    en="Difference between the case system and NIR",
    source="project's own (P); the municipality is asked to check that NIR equals its case system (F38, F6b)",
    codes=codes_of(
        ("agrees", "Ingen avvik", "No difference"),
        (ONLY_IN_CASE_SYSTEM, "Bare i fagsystemet", "Only in the case system"),
        (ONLY_IN_NIR, "Bare i NIR", "Only in NIR"),
        (START_DIFFERS, "Ulik start", "Start differs"),
        (END_DIFFERS, "Ulik slutt", "End differs"),
        (REASON_DIFFERS, "Ulik avslutningsårsak", "Reason of exit differs"),
        (ACTIVITY_DIFFERS, "Ulike aktiviteter", "Activities differ"),
        (NOT_DELIVERED, "NIR er ikke levert for perioden", "NIR not delivered for the period"),
        (NOT_IDENTIFIED, "Kan ikke søkes i NIR: ingen ident", "Cannot be sought in NIR: no identifier"),
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
        (OVERLAP, "Overlapper et annet program", "Overlaps another programme"),
        (END_BEFORE_START, "Slutt før start", "Ends before it starts"),
        (TOO_LONG, "Lengre enn loven tillater", "Longer than the law allows"),
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

NO_IDENTIFIER = "NONE"  # of BEST_IDENTIFIER: what the rules ask for by name

BEST_IDENTIFIER = CodeList(
    name="best_identifier",
    nb="Beste ident",
    en="Best identifier",
    source="project's own order (P): the identifier that most registers know",
    codes=codes_of(
        ("FNR", "Fødselsnummer", "Fødselsnummer"),
        ("DNR", "D-nummer", "D-number"),
        ("DUF", "Bare DUF-nummer", "DUF number only"),
        (NO_IDENTIFIER, "Ingen brukbar ident", "No usable identifier"),
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

# --- the quality report's own lists -----------------------------------------------------------------------

QUALITY_FLAG = CodeList(
    name="quality_flag",
    nb="Merke",
    en="Flag",
    source="project's own (P)",
    codes=codes_of(
        ("sparse", "Tynt", "Sparse"),
        ("uneven", "Ujevnt mellom bydeler", "Uneven between bydeler"),
        ("uneven_advisers", "Ujevnt mellom rådgivere", "Uneven between advisers"),
        ("shifted", "Brudd", "Shifted"),
        ("decaying", "Svekkes", "Decaying"),
        ("late", "Sent", "Late"),
        ("machine_filled", "Fylt av maskin", "Machine-filled"),
        ("informative", "Skjevt frafall", "Informative"),
        ("contradictory", "Motstrid", "Contradictory"),
        ("free_text", "Fritekst der det skulle stått en kode", "Free text where a code belongs"),
        ("invalid", "Ugyldig", "Invalid"),
    ),
)

# Every rule that can raise a flag; what each says and needs stands in `pipeline/quality/rules.py`.
QUALITY_CHECK = CodeList(
    name="quality_check",
    nb="Kontroll",
    en="Check",
    source="project's own (P)",
    codes=codes_of(
        ("below_promise", "Fylt mindre enn lovet", "Filled less than promised"),
        ("bydel_spread", "Spredning mellom bydeler", "Spread between bydeler"),
        ("adviser_spread", "Spredning mellom rådgivere", "Spread between advisers"),
        ("break_between_years", "Brudd mellom to år", "Break between two years"),
        ("falling_trend", "Fallende i de siste årene", "Falling in recent years"),
        ("registration_delay", "Registrert etter fristen", "Registered after the time limit"),
        ("one_moment", "Mange verdier på én dag", "Many values on one day"),
        ("first_of_january", "Datoer 1. januar", "Dates on 1 January"),
        ("heaping", "Runde tall", "Round numbers"),
        ("one_default", "Én verdi for nesten alle", "One value for nearly all"),
        ("batch_closed", "Avsluttet i bunke", "Closed in a batch"),
        ("missing_by_outcome", "Mangler etter utfall", "Missing by outcome"),
        ("missing_by_background", "Mangler etter bakgrunn", "Missing by background"),
        ("end_before_start", "Slutt før start", "Ends before it starts"),
        ("overlapping_programmes", "Overlappende programmer", "Overlapping programmes"),
        ("too_long", "Lengre enn loven tillater", "Longer than the law allows"),
        ("differs_from_nir", "Avvik fra NIR", "Differs from NIR"),
        ("sex_against_number", "Kjønn mot ident", "Sex against identifier"),
        ("birth_date_against_number", "Fødselsdato mot ident", "Birth date against identifier"),
        ("one_sided_spouse", "Ektefelle bare på én side", "Spouse on one side only"),
        ("duplicate_case", "To åpne saker i én bydel", "Two cases open in one bydel"),
        ("claim_without_settlement", "Krav uten bosetting", "Claim without settlement"),
        ("participant_without_claim", "Deltaker uten krav", "Participant without a claim"),
        ("text_for_code", "Ukjent kode eller tekst i et kodefelt", "Unknown code or text in a coded field"),
        ("person_in_text", "Personopplysning i feil felt", "Personal data in the wrong field"),
        ("held_back", "Holdt tilbake av en regel", "Held back by a rule"),
    ),
)

KAHN_CATEGORY = CodeList(
    name="kahn_category",
    nb="Kahns kategori",
    en="Kahn's category",
    source="Kahn et al. 2016, eGEMs 4(1):1244 (K)",
    codes=codes_of(
        ("conformance", "Samsvar", "Conformance"),
        ("completeness", "Fullstendighet", "Completeness"),
        ("plausibility", "Rimelighet", "Plausibility"),
    ),
)

KAHN_CONTEXT = CodeList(
    name="kahn_context",
    nb="Kahns kontekst",
    en="Kahn's context",
    source="Kahn et al. 2016, eGEMs 4(1):1244 (K)",
    codes=codes_of(
        ("verification", "Mot egne regler", "Verification: against our own rules"),
        ("validation", "Mot en annen kilde", "Validation: against another source"),
    ),
)

QUALITY_SEVERITY = CodeList(
    name="quality_severity",
    nb="Alvor",
    en="Severity",
    source="project's own (P)",
    codes=codes_of(
        ("decide", "Alvorlig", "Grave"),
        ("know", "Verdt å vite", "Worth knowing"),
        ("note", "Til orientering", "For the record"),
    ),
)

# What does not apply and what could not run are never counted as passed.
CHECK_STATUS = CodeList(
    name="check_status",
    nb="Utfall av kontrollen",
    en="Status of the check",
    source="project's own (P), after OHDSI's DataQualityDashboard",
    not_applicable=frozenset({"not_applicable"}),
    codes=codes_of(
        ("passed", "Bestått", "Passed"),
        ("failed", "Ikke bestått", "Failed"),
        ("not_applicable", "Gjelder ikke", "Not applicable"),
        ("could_not_run", "Kunne ikke kjøres", "Could not run"),
    ),
)

# Why a check does not apply or could not run: null where it passed or failed.
CHECK_REASON = CodeList(
    name="check_reason",
    nb="Hvorfor kontrollen ikke ble kjørt",
    en="Why the check was not run",
    source="project's own (P)",
    codes=codes_of(
        ("no_promise", "Ingen har krevd feltet fylt", "Nobody promises that the field is filled"),
        ("names_the_bydel", "Feltet sier selv hvilken bydel", "The field itself says which bydel"),
        ("too_few", "For få å bedømme", "Too few to judge"),
        ("too_few_groups", "For få bydeler eller rådgivere", "Too few bydeler or advisers"),
        ("too_few_years", "For få år", "Too few years"),
        ("not_ripe", "Året fylles fortsatt", "The year is still filling up"),
        ("nobody_missing", "Ingen mangler verdi", "Nobody lacks a value"),
        ("nobody_filled", "Ingen har verdi", "Nobody has a value"),
        (
            "not_comparable",
            "Ingen grupper kan sammenlignes innen samme år",
            "No groups can be compared within one year",
        ),
        ("no_delay_known", "Ingen dato sier når verdien kom", "No date says when the value came"),
        ("source_not_delivered", "Kilden er ikke levert", "The source was not delivered"),
    ),
)

EFFECT_KIND = CodeList(
    name="effect_kind",
    nb="Hva effekten er",
    en="What the effect is",
    source="project's own (P)",
    codes=codes_of(
        ("gap", "Avstand til det lovede", "Distance to what is promised"),
        ("spread", "Forskjell mellom høyeste og laveste", "Difference between highest and lowest"),
        ("middle_half", "Bredden av den midterste halvparten", "Width of the middle half"),
        ("change", "Endring fra året før", "Change from the year before"),
        ("yearly_change", "Endring per år", "Change a year"),
        ("expected_final", "Ventet til slutt", "Expected in the end"),
        ("cramers_v", "Cramérs V", "Cramér's V"),
        ("risk_difference", "Forskjell i andel som mangler", "Difference in share missing"),
        ("share", "Andel rammet", "Share affected"),
    ),
)

MEASURED_PERIOD = CodeList(
    name="measured_period",
    nb="Målt over",
    en="Measured over",
    source="project's own (P)",
    codes=codes_of(
        ("all", "Alle år", "All years"),
        ("latest", "Siste år", "Latest years"),
        ("year", "Ett år", "One year"),
    ),
)

GRADE = CodeList(
    name="grade",
    nb="Karakter",
    en="Grade",
    source="project's own (P)",
    codes=codes_of(
        ("A", "Kan brukes", "Fit for use"),
        ("B", "Kan brukes med forbehold", "Fit for use with care"),
        ("C", "Bare med behandling av manglende verdier", "Only with treatment of what is missing"),
        ("D", "Ikke egnet", "Not fit for use"),
    ),
)

# A grade starts at A; each reason lowers it or keeps it from being given: see `pipeline/quality/grades.py`.
GRADE_REASON = CodeList(
    name="grade_reason",
    nb="Grunn for karakteren",
    en="Reason of the grade",
    source="project's own (P)",
    codes=codes_of(
        ("few", "For få ventede verdier til å bedømme", "Too few expected values to judge"),
        ("not_placed", "Uten år eller bydel", "Without a year or a bydel"),
        ("nobody_asked", "Ingen skulle hatt verdi", "Nobody should have a value"),
        ("not_ripe", "Året fylles fortsatt", "The year is still filling up"),
        ("empty_answers", "Tom er et svar", "An empty value is an answer"),
        ("below_90", "Under 90 % har verdi", "Under 90 % have a value"),
        ("below_60", "Under 60 % har verdi", "Under 60 % have a value"),
        ("below_20", "Under 20 % har verdi", "Under 20 % have a value"),
        ("many_unknown", "Mange er registrert som ukjent", "Many are registered as unknown"),
        ("not_due", "Mange er ikke forfalt ennå", "Many are not due yet"),
        ("sparse", "Tynt", "Sparse"),
        ("uneven", "Ujevnt mellom bydeler", "Uneven between bydeler"),
        ("shifted", "Brudd fra året før", "Shifted since the year before"),
        ("decaying", "Svekkes", "Decaying"),
        ("late", "Registreres sent", "Registered late"),
        ("machine_filled", "Fylt av maskin", "Machine-filled"),
        ("informative", "Skjevt frafall", "Missing is not at random"),
        ("contradictory", "Motsagt av en annen kilde", "Contradicted by another source"),
        ("free_text", "Fritekst der det skulle stått en kode", "Free text where a code belongs"),
        ("invalid", "Verdier holdt tilbake", "Values held back"),
    ),
)

# A suppressed figure is a state of its own: never 0, never blank.
MARKER = CodeList(
    name="marker",
    nb="Vist eller prikket",
    en="Shown or suppressed",
    source="project's own (P): `pipeline/disclosure/tables.py`",
    codes=codes_of(
        ("shown", "Vist", "Shown"),
        ("suppressed", "Prikket", "Suppressed"),
    ),
)

FINDING_CHANGE = CodeList(
    name="finding_change",
    nb="Siden natten før",
    en="Since the night before",
    source="project's own (P): `pipeline/quality/history.py`",
    codes=codes_of(
        ("new", "Nytt", "New"),
        ("worse", "Blitt verre", "Become worse"),
        ("returned", "Tilbake: ingen avgjørelse gjelder lenger", "Back: no decision stands any more"),
        ("persisting", "Står som før", "Stands as before"),
        ("decided", "Avgjort av en forvalter", "Decided by a steward"),
        ("resolved", "Borte", "Gone"),
        (
            "held_back",
            "Borte, fordi rader er holdt tilbake i karantene",
            "Gone, because rows were held back in quarantine",
        ),
        (
            "judged_otherwise",
            "Borte, fordi grensen, løftet eller årene er andre",
            "Gone, because the limit, the promise or the years are others",
        ),
        ("too_few", "Nå ingen, eller for få til å vises", "Now none, or too few to show"),
        ("not_measured", "Kan ikke måles nå", "Cannot be measured now"),
    ),
)

STEWARDSHIP = CodeList(
    name="stewardship",
    nb="Forvalterens avgjørelse",
    en="The steward's decision",
    source="project's own (P)",
    codes=codes_of(
        ("open", "Ingen avgjørelse", "No decision"),
        ("acknowledged", "Kjent, arbeides med", "Known, being worked on"),
        ("worsened", "Verre enn da noen tok tak i det", "Worse than when somebody took it on"),
        ("excepted", "Unntatt inntil videre", "Excepted for the time being"),
        ("expired", "Unntaket er utløpt", "The exception has run out"),
        ("unfit", "Feltet er uegnet til bruk", "The field is unfit for use"),
    ),
)
