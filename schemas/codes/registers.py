"""What the outcome registers say of a person."""

from datetime import date, timedelta

from schemas.codes.base import Code, CodeList, codes_of

# What the rules ask for by name: each code of a list below is written once, here.
RESIDENT, EMIGRATED, DEAD = "bosatt", "utvandret", "dod"  # of RESIDENCE
CARE_LEAVE = "OMS"  # of NIR_LEAVE: after birth
UNDER_WAY = "igang"  # of EDUCATION_STATUS

# In the order of which holds of two that began the same day: the last.
RESIDENCE = CodeList(
    name="residence",
    nb="Bosettingsstatus",
    en="Residence status",
    source="facts §5.3",
    codes=codes_of(
        (RESIDENT, "Bosatt", "Resident"),
        (EMIGRATED, "Utvandret", "Emigrated"),
        (DEAD, "Død", "Dead"),
    ),
)

LINK_CAUSE = CodeList(
    name="link_cause",
    nb="Årsak til ny ident",
    en="Cause of a new identifier",
    source="facts §2.3 (P)",
    codes=codes_of(
        ("tildelt_fnr", "Fødselsnummer tildelt", "Fødselsnummer assigned"),
        ("endret_fodselsdato", "Fødselsdato endret", "Birth date changed"),
        ("endret_kjonn", "Kjønn endret", "Sex changed"),
        ("duf", "DUF-nummer kjent i Folkeregisteret", "DUF number known to the population register"),
    ),
)

EDUCATION_STATUS = CodeList(
    name="education_status",
    nb="Status for utdanningen",
    en="Status of the education",
    source="facts §5.3 (NUDB), coding (P)",
    codes=codes_of(
        (UNDER_WAY, "I gang", "Under way"),
        ("fullfort", "Fullført", "Completed"),
        ("avbrutt", "Avbrutt", "Broken off"),
    ),
)

NIR_MEASURE = CodeList(
    name="nir_measure",
    nb="Tiltak i NIR",
    en="Measure in NIR",
    source="elements of the programme in NIR (F39) and KOSTRA's ten (F7), coding (P)",
    codes=codes_of(
        ("NOR", "Norskopplæring", "Norwegian training"),
        ("SAM", "Samfunnskunnskap", "Social studies"),
        ("SPP", "Språkpraksis", "Language practice"),
        ("ARP", "Arbeidspraksis", "Work practice"),
        ("ARB", "Arbeid", "Work"),
        ("YRK", "Yrkesprøving", "Trial in a trade"),
        ("GOD", "Godkjenning av utdanning", "Recognition of education"),
        ("KUR", "Kurs i regi av kommune eller stat", "Municipal or state course"),
        ("GRS", "Grunnskole", "Compulsory school"),
        ("VGO", "Videregående opplæring", "Upper secondary"),
        ("HEL", "Helserettet tiltak", "Health-oriented measure"),
        ("ANN", "Annet", "Other"),
    ),
)

# CARE_LEAVE alone moves the end of a programme: leave that ends without return belongs to its day
# (facts §0.6).
NIR_LEAVE = CodeList(
    name="nir_leave",
    nb="Permisjonsårsak i NIR",
    en="Cause of leave in NIR",
    source="facts §3.1 and §5.3, coding (P)",
    codes=codes_of(
        (CARE_LEAVE, "Omsorgspermisjon ved fødsel", "Care leave after birth"),
        ("SYK", "Sykdom", "Illness"),
        ("ARB", "Arbeid", "Work"),
        ("VEL", "Velferdspermisjon", "Leave for welfare reasons"),
        ("ANN", "Annet", "Other"),
    ),
)

NIR_ABSENCE = CodeList(
    name="nir_absence",
    nb="Fraværsårsak i NIR",
    en="Cause of absence in NIR",
    source="facts §3.1 and §5.3, coding (P)",
    codes=codes_of(
        ("SYK", "Egen sykdom", "Own illness"),
        ("BSY", "Barns sykdom", "Child's illness"),
        ("VEL", "Velferdsgrunner", "Welfare reasons"),
        ("UGY", "Ugyldig fravær", "Without a valid reason"),
        ("ANN", "Annet", "Other"),
    ),
)

LAST_DAY_OF_PASS_OR_FAIL = date(2013, 12, 31)

TEST_REGIME = CodeList(
    name="test_regime",
    nb="Prøveordning",
    en="Test regime",
    source="F19, F55: results before and after are not comparable; the day itself (P: spring 2014)",
    codes=(
        Code(
            value="NP23",
            nb="Norskprøve 2 og 3, bestått eller ikke",
            en="Norwegian tests 2 and 3, pass or fail",
            valid_to=LAST_DAY_OF_PASS_OR_FAIL,
        ),
        Code(
            value="NP14",
            nb="Norskprøve med nivå",
            en="Norwegian test with levels",
            valid_from=LAST_DAY_OF_PASS_OR_FAIL + timedelta(days=1),
        ),
    ),
)

TEST_PART = CodeList(
    name="test_part",
    nb="Delprøve",
    en="Part of the test",
    source="F19: four or five part skills; coding (P)",
    codes=codes_of(
        ("lese", "Leseforståelse", "Reading"),
        ("lytte", "Lytteforståelse", "Listening"),
        ("skrive", "Skriftlig framstilling", "Writing"),
        ("muntlig", "Muntlig kommunikasjon", "Speaking"),
        ("samlet", "Samlet", "The whole test"),
    ),
)

# A result's parent is the regime it belongs to: no list of results spans both, and no order either.
TEST_LEVEL = CodeList(
    name="test_level",
    nb="Resultat på norskprøve",
    en="Result of a Norwegian test",
    source="F19, F55; C1 from autumn 2020 (F56), the day (P); coding (P)",
    parent=TEST_REGIME,
    codes=(
        *codes_of(
            ("B", "Bestått", "Passed", "NP23"),
            ("I", "Ikke bestått", "Not passed", "NP23"),
            ("UA1", "Under A1", "Below A1", "NP14"),
            ("A1", "A1", "A1", "NP14"),
            ("A2", "A2", "A2", "NP14"),
            ("B1", "B1", "B1", "NP14"),
            ("B2", "B2", "B2", "NP14"),
        ),
        Code(value="C1", nb="C1", en="C1", parent="NP14", valid_from=date(2020, 8, 1)),
    ),
)

TEST_ENROLMENT = CodeList(
    name="test_enrolment",
    nb="Prøven det er meldt opp til",
    en="Test enrolled for",
    source="F19; coding (P)",
    parent=TEST_REGIME,
    codes=codes_of(
        ("N2", "Norskprøve 2", "Norwegian test 2", "NP23"),
        ("N3", "Norskprøve 3", "Norwegian test 3", "NP23"),
        ("A1", "Norskprøve på nivå A1", "Norwegian test, level A1", "NP14"),
        ("A2", "Norskprøve på nivå A2", "Norwegian test, level A2", "NP14"),
        ("B1", "Norskprøve på nivå B1", "Norwegian test, level B1", "NP14"),
        ("B2", "Norskprøve på nivå B2", "Norwegian test, level B2", "NP14"),
        ("C1", "Norskprøve på nivå C1", "Norwegian test, level C1", "NP14"),
    ),
)
