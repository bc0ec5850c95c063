"""Benefits from the state, and what KOSTRA form 11F says of those who receive social assistance."""

from datetime import date

from schemas.codes.base import Code, CodeList, codes_of

# Rehabilitation and attføring became the work assessment allowance that day (K).
FIRST_DAY_OF_AAP = date(2010, 3, 1)

BENEFIT_GROUP = CodeList(
    name="benefit_group",
    nb="Ytelse, tre grupper",
    en="Benefit, three groups",
    source="facts §3.2 (F51), grouping (P)",
    codes=codes_of(
        ("LEDIG", "Registrert ledig eller på tiltak", "Registered unemployed or on a measure"),
        ("HELSE", "Helserelatert ytelse", "Health-related benefit"),
        ("ANNEN", "Annen ytelse", "Other benefit"),
    ),
)

BENEFIT = CodeList(
    name="benefit",
    nb="Ytelse",
    en="Benefit",
    source="FD-Trygd's shape (F73), TRYGDESIT (F15); ATT to 2010, then AAP (K); coding (P)",
    parent=BENEFIT_GROUP,
    codes=(
        *codes_of(
            ("DAG", "Dagpenger", "Unemployment benefit", "LEDIG"),
            ("TIL", "Arbeidsmarkedstiltak", "Labour market measure", "LEDIG"),
            ("LED", "Registrert ledig", "Registered unemployed", "LEDIG"),
            ("UFO", "Uføretrygd", "Disability benefit", "HELSE"),
            ("OVE", "Overgangsstønad", "Transitional benefit", "ANNEN"),
            ("SYK", "Sykepenger", "Sickness benefit", "HELSE"),
        ),
        Code(
            value="AAP",
            nb="Arbeidsavklaringspenger",
            en="Work assessment allowance",
            parent="HELSE",
            valid_from=FIRST_DAY_OF_AAP,
        ),
        Code(
            value="ATT",
            nb="Attføring eller rehabilitering",
            en="Vocational or medical rehabilitation",
            parent="HELSE",
            valid_to=date(2010, 2, 28),
        ),
    ),
)

BENEFIT_EVENT = CodeList(
    name="benefit_event",
    nb="Hendelse",
    en="Event",
    source="FD-Trygd's shape (F73), coding (P)",
    codes=codes_of(("START", "Start", "Start"), ("STOPP", "Stopp", "Stop")),
)

# Of MAIN_INCOME and of WORK_SITUATION: what a rule asks for by name.
INTRODUCTION_BENEFIT, INTRODUCTION_PROGRAMME = "6", "09"

MAIN_INCOME = CodeList(
    name="main_income",
    nb="Viktigste kilde til livsopphold",
    en="Main source of income",
    source="KOSTRA 11F VKLO (F15)",
    codes=codes_of(
        ("1", "Arbeidsinntekt", "Income from work"),
        ("2", "Kursstønad eller lønn i arbeidsmarkedstiltak", "Allowance or pay on a labour market measure"),
        ("3", "Trygd eller pensjon", "National insurance or pension"),
        ("4", "Stipend eller lån", "Grant or loan"),
        ("5", "Sosialhjelp", "Social assistance"),
        (INTRODUCTION_BENEFIT, "Introduksjonsstønad", "Introduction benefit"),
        ("7", "Ektefelles eller samboers arbeidsinntekt", "Partner's income from work"),
        ("8", "Kvalifiseringsstønad", "Qualification benefit"),
        ("9", "Annen inntekt", "Other income"),
    ),
)

BENEFIT_SITUATION = CodeList(
    name="benefit_situation",
    nb="Trygd eller pensjon av størst verdi",
    en="Benefit or pension of most value",
    source="KOSTRA 11F TRYGDESIT (F15); 13 from 2024",
    codes=(
        *codes_of(
            ("01", "Sykepenger", "Sickness benefit"),
            ("02", "Dagpenger", "Unemployment benefit"),
            ("04", "Uføretrygd", "Disability benefit"),
            ("05", "Overgangsstønad", "Transitional benefit"),
            ("06", "Omstillings- eller etterlattepensjon", "Survivor's benefit"),
            ("07", "Alderspensjon", "Old-age pension"),
            ("09", "Supplerende stønad (kort botid)", "Supplementary benefit (short residence)"),
            ("10", "Annen trygd", "Other benefit"),
            ("11", "Arbeidsavklaringspenger", "Work assessment allowance"),
            ("12", "Har ingen trygd eller pensjon", "Has none"),
        ),
        Code(value="13", nb="Barnetrygd", en="Child benefit", valid_from=date(2024, 1, 1)),
    ),
)

WORK_SITUATION = CodeList(
    name="work_situation",
    nb="Viktigste arbeids- eller livssituasjon",
    en="Main situation in work or life",
    source="KOSTRA 11F ARBSIT (F15)",
    codes=codes_of(
        ("01", "Arbeid, heltid", "Work, full time"),
        ("02", "Arbeid, deltid", "Work, part time"),
        ("03", "Under utdanning", "In education"),
        ("04", "Ikke arbeidssøker", "Not seeking work"),
        ("05", "Arbeidsmarkedstiltak (statlig)", "Labour market measure (state)"),
        ("06", "Kommunalt tiltak", "Municipal measure"),
        ("07", "Registrert arbeidsledig", "Registered unemployed"),
        ("08", "Arbeidsledig, ikke registrert", "Unemployed, not registered"),
        (INTRODUCTION_PROGRAMME, "Introduksjonsordning", "Introduction programme"),
        ("10", "Kvalifiseringsprogram", "Qualification programme"),
    ),
)
