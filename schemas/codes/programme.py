"""The introduction programme: its acts, activities, absences, and how it ended."""

from schemas.codes.base import CodeList, codes_of

LAW = CodeList(
    name="law",
    nb="Lov",
    en="Act that applies",
    source="introduksjonsloven 2003, integreringsloven 2021 (facts §3.4)",
    codes=codes_of(
        ("2003", "Introduksjonsloven", "Introduction Act"),
        ("2021", "Integreringsloven", "Integration Act"),
    ),
)

ENTITLEMENT = CodeList(
    name="entitlement",
    nb="Rett og plikt",
    en="Right and duty",
    source="facts §5.1 (P)",
    codes=codes_of(("1", "Rett og plikt", "Right and duty"), ("2", "Kan delta", "May take part")),
)

# What the rules ask for by name: each code of a list below is written once, here.
IN_PROGRAMME, ON_LEAVE, MOVED_BYDEL = "1", "2", "6"  # of PROGRAMME_STATUS
RUNNING = (IN_PROGRAMME, ON_LEAVE)  # a programme of such a status has no end yet
BIRTH_OR_CARE, LEAVE_FOR_WORK = "FOD", "PER"  # of ABSENCE_CAUSE
UPPER_SECONDARY = "V"  # of PROGRAMME_GOAL

PROGRAMME_STATUS = CodeList(
    name="programme_status",
    nb="Programstatus",
    en="Status of the programme",
    source="Statistics Norway's status list for KVP (F15)",
    codes=codes_of(
        (IN_PROGRAMME, "Fortsatt i program", "Still in programme"),
        (ON_LEAVE, "Permisjon eller avtalt avbrudd", "Leave or agreed break"),
        ("3", "Fullført eller avsluttet etter avtale", "Completed or ended as agreed"),
        ("4", "Varig avbrutt, uteblivelse", "Ended for good, absent"),
        ("5", "Avbrutt, flyttet kommune", "Ended, moved municipality"),
        (MOVED_BYDEL, "Flyttet bydel (Oslo)", "Moved bydel (Oslo)"),
        ("7", "Avsluttet etter avbrudd", "Ended after a break"),
    ),
)

PROGRAMME_GOAL = CodeList(
    name="programme_goal",
    nb="Sluttmål",
    en="Goal of the programme",
    source="facts §3.4 (F62), coding (P)",
    codes=codes_of(
        ("A", "Arbeid", "Work"),
        (UPPER_SECONDARY, "Fullført videregående", "Upper secondary completed"),
        ("H", "Høyere utdanning", "Higher education"),
        ("G", "Grunnskole", "Compulsory school"),
    ),
)

ACTIVITY = CodeList(
    name="activity",
    nb="Aktivitet",
    en="Activity",
    source="Socio's six kinds (S0), coding (P)",
    codes=codes_of(
        ("ARB", "Arbeidsrettet", "Work-oriented"),
        ("HEL", "Helserettet", "Health-oriented"),
        ("SPR", "Språkopplæring", "Language training"),
        ("SAM", "Samfunnsliv", "Society"),
        ("UTD", "Utdanning/kurs", "Education/course"),
        ("GOD", "Godkjenning av kompetanse", "Recognition of competence"),
    ),
)

ABSENCE_CAUSE = CodeList(
    name="absence_cause",
    nb="Fraværsårsak",
    en="Cause of absence",
    source="facts §5.1 (P)",
    codes=codes_of(
        ("SYK", "Sykdom", "Illness"),
        ("BSY", "Barns sykdom", "Child's illness"),
        (BIRTH_OR_CARE, "Fødsel eller omsorg", "Birth or care"),
        (LEAVE_FOR_WORK, "Permisjon til arbeid", "Leave for work"),
        ("UGY", "Ugyldig", "Without a valid reason"),
        ("ANN", "Annet", "Other"),
    ),
)

PARTIAL_RESULT = CodeList(
    name="partial_result",
    nb="Delresultat",
    en="Partial result",
    source="Socio (S0); test regimes before and after 2014 are never compared (F19)",
    codes=codes_of(
        ("NP2", "Norskprøve 2 (til 2013)", "Norwegian test 2 (to 2013)"),
        ("NP3", "Norskprøve 3 (til 2013)", "Norwegian test 3 (to 2013)"),
        ("NP14", "Norskprøve (fra 2014)", "Norwegian test (from 2014)"),
        ("UTD", "Godkjent utdanning", "Recognised education"),
        ("KUR", "Gjennomført kurs", "Course completed"),
    ),
)

TEST_RESULT = CodeList(
    name="test_result",
    nb="Prøveresultat",
    en="Test result",
    source="facts §3.2 (F19, F55)",
    codes=codes_of(
        ("B", "Bestått (til 2013)", "Passed (to 2013)"),
        ("I", "Ikke bestått (til 2013)", "Not passed (to 2013)"),
        ("UA1", "Under A1", "Below A1"),
        ("A1", "A1", "A1"),
        ("A2", "A2", "A2"),
        ("B1", "B1", "B1"),
        ("B2", "B2", "B2"),
        ("G", "Gjennomført", "Completed"),
    ),
)

RESULT = CodeList(
    name="result",
    nb="Sluttresultat",
    en="Final result",
    source="Socio's six results (S0), coding (P)",
    codes=codes_of(
        ("A", "Arbeid", "Work"),
        ("U", "Utdanning", "Education"),
        ("T", "Trygd", "National insurance benefit"),
        ("S", "Sosialhjelp", "Social assistance"),
        ("H", "Helsemessige årsaker", "Health reasons"),
        ("X", "Annet", "Other"),
        ("N", "Ikke registrert", "Not registered"),
    ),
)

# Main activity at exit, as the municipality reports it. 98 stays in the official denominator (F6).
NIR_EXIT = CodeList(
    name="nir_exit",
    nb="Avslutningsårsak i NIR",
    en="Reason of exit in NIR",
    source="facts §3.1 (P: the register's real code values were not found); map to Socio's six (P)",
    unknown=frozenset({"98"}),
    parent=RESULT,
    codes=codes_of(
        ("01", "Ordinært arbeid, heltid", "Ordinary work, full time", "A"),
        ("02", "Ordinært arbeid, deltid", "Ordinary work, part time", "A"),
        ("03", "Selvstendig næringsdrivende", "Self-employed", "A"),
        ("10", "Grunnskole", "Compulsory school", "X"),
        ("11", "Videregående opplæring", "Upper secondary", "U"),
        ("12", "Høyere utdanning", "Higher education", "U"),
        ("13", "Annen utdanning", "Other education", "U"),
        ("20", "Arbeidsmarkedstiltak", "Labour market measure", "X"),
        ("21", "Registrert arbeidsledig", "Registered unemployed", "X"),
        ("30", "Kvalifiseringsprogram", "Qualification programme", "X"),
        ("31", "Sosialhjelp", "Social assistance", "S"),
        ("40", "Arbeidsavklaringspenger", "Work assessment allowance", "T"),
        ("41", "Uføretrygd eller annen trygd", "Disability or other benefit", "T"),
        ("50", "Helsemessige årsaker", "Health reasons", "H"),
        ("51", "Svangerskap eller omsorg", "Pregnancy or care", "X"),
        ("60", "Flyttet", "Moved", "X"),
        ("61", "Avbrutt eller uteblitt", "Broken off or absent", "X"),
        ("62", "Utvandret eller død", "Emigrated or dead", "X"),
        ("90", "Annet", "Other", "X"),
        (
            "98",
            "Avslutningsårsak ikke registrert",
            "Reason of exit not registered",
            "N",
        ),
    ),
)
