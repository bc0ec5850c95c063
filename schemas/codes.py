"""Dated code lists with labels (nb, en) and parents: a code's meaning is a fact with a period.

A parent is the code one level up in the list's hierarchy (`CodeList.parent`), so a recoding is read
from the declaration and never written a second time. What does not belong here: which level a
release uses (a request says that).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Code:
    """One code: its labels, its parent in the list above, and when it was in use."""

    value: str
    nb: str
    en: str
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """A named list of codes.

    `unknown` are the codes that say «ukjent», `not_applicable` those that say «ikke relevant».
    With a `parent` list, every code has a parent there: a code without one is an error at load.
    `top` is the code that stands for everything (the coarsest level of any hierarchy).
    """

    name: str
    nb: str
    en: str
    source: str
    codes: tuple[Code, ...]
    unknown: frozenset[str] = frozenset()
    not_applicable: frozenset[str] = frozenset()
    parent: CodeList | None = None

    def __post_init__(self) -> None:
        values = [code.value for code in self.codes]
        if len(set(values)) != len(values):
            raise TypeError(f"{self.name}: a code stands twice")
        if not (self.unknown | self.not_applicable) <= set(values):
            raise TypeError(f"{self.name}: unknown and not_applicable are codes of the list")
        if self.parent is not None:
            above = set(self.parent.values())
            orphans = [code.value for code in self.codes if code.parent not in above]
            if orphans:
                raise TypeError(f"{self.name}: codes without a parent in {self.parent.name}: {orphans}")

    def values(self) -> tuple[str, ...]:
        """All codes of the list, of every period, in declared order."""
        return tuple(code.value for code in self.codes)

    def labels(self, language: str) -> dict[str, str]:
        """Code -> label in `nb` or `en`."""
        return {code.value: getattr(code, language) for code in self.codes}

    def parents(self) -> dict[str, str]:
        """Code -> parent code in the list above; empty where there is no list above."""
        return {code.value: code.parent for code in self.codes if code.parent is not None}

    def ladder(self) -> tuple[CodeList, ...]:
        """This list and every list above it, finest first."""
        return (self,) if self.parent is None else (self, *self.parent.ladder())


def _codes(*rows: tuple[str, ...]) -> tuple[Code, ...]:
    """Codes from (value, nb, en[, parent]) rows."""
    return tuple(Code(value=r[0], nb=r[1], en=r[2], parent=r[3] if len(r) > 3 else None) for r in rows)


SEX = CodeList(
    name="sex",
    nb="Kjønn",
    en="Sex",
    source="facts §5.1 (P)",
    unknown=frozenset({"9"}),
    codes=_codes(("1", "Mann", "Male"), ("2", "Kvinne", "Female"), ("9", "Ukjent", "Unknown")),
)

YES_NO = CodeList(
    name="yes_no",
    nb="Ja/nei",
    en="Yes/no",
    source="facts §5.2 (P): blank is not «nei»",
    unknown=frozenset({"9"}),
    codes=_codes(("J", "Ja", "Yes"), ("N", "Nei", "No"), ("9", "Ukjent", "Unknown")),
)

WORLD_REGION = CodeList(
    name="world_region",
    nb="Verdensregion",
    en="World region",
    source="after Statistics Norway's grouping by continent (K)",
    unknown=frozenset({"X"}),
    codes=_codes(
        ("EU", "Europa", "Europe"),
        ("AF", "Afrika", "Africa"),
        ("AS", "Asia", "Asia"),
        ("AM", "Amerika og Oseania", "The Americas and Oceania"),
        ("X", "Uoppgitt eller statsløs", "Not stated or stateless"),
    ),
)

COUNTRY_GROUP = CodeList(
    name="country_group",
    nb="Landgruppe",
    en="Country group",
    source="project's own grouping of countries of origin (P)",
    unknown=frozenset({"XX"}),
    parent=WORLD_REGION,
    codes=_codes(
        ("HA", "Afrikas horn", "Horn of Africa", "AF"),
        ("CA", "Sentral- og Øst-Afrika", "Central and East Africa", "AF"),
        ("OA", "Afrika ellers", "Other Africa", "AF"),
        ("ME", "Midtøsten", "Middle East", "AS"),
        ("SA", "Sør- og Sentral-Asia", "South and Central Asia", "AS"),
        ("EA", "Øst- og Sørøst-Asia", "East and South-East Asia", "AS"),
        ("EE", "Øst-Europa", "Eastern Europe", "EU"),
        ("OE", "Europa ellers", "Other Europe", "EU"),
        ("LA", "Amerika og Oseania", "The Americas and Oceania", "AM"),
        ("XX", "Uoppgitt eller statsløs", "Not stated or stateless", "X"),
    ),
)

COUNTRY = CodeList(
    name="country",
    nb="Land",
    en="Country",
    source="Statistics Norway's three-digit country codes (K, check before use on real data)",
    unknown=frozenset({"990"}),
    parent=COUNTRY_GROUP,
    codes=_codes(
        ("000", "Norge", "Norway", "OE"),
        ("140", "Russland", "Russia", "EE"),
        ("143", "Tyrkia", "Türkiye", "ME"),
        ("148", "Ukraina", "Ukraine", "EE"),
        ("155", "Bosnia-Hercegovina", "Bosnia and Herzegovina", "EE"),
        ("161", "Kosovo", "Kosovo", "EE"),
        ("216", "Burundi", "Burundi", "CA"),
        ("241", "Eritrea", "Eritrea", "HA"),
        ("246", "Etiopia", "Ethiopia", "HA"),
        (
            "279",
            "Kongo (Den demokratiske republikken)",
            "Congo (Democratic Republic)",
            "CA",
        ),
        ("329", "Rwanda", "Rwanda", "CA"),
        ("346", "Somalia", "Somalia", "HA"),
        ("356", "Sudan", "Sudan", "OA"),
        ("359", "Marokko", "Morocco", "OA"),
        ("386", "Uganda", "Uganda", "CA"),
        ("404", "Afghanistan", "Afghanistan", "SA"),
        ("420", "Myanmar (Burma)", "Myanmar (Burma)", "EA"),
        ("424", "Sri Lanka", "Sri Lanka", "SA"),
        ("452", "Irak", "Iraq", "ME"),
        ("456", "Iran", "Iran", "ME"),
        ("484", "Kina", "China", "EA"),
        ("508", "Libanon", "Lebanon", "ME"),
        ("524", "Palestina", "Palestine", "ME"),
        ("534", "Pakistan", "Pakistan", "SA"),
        ("564", "Syria", "Syria", "ME"),
        ("568", "Thailand", "Thailand", "EA"),
        ("575", "Vietnam", "Viet Nam", "EA"),
        ("730", "Colombia", "Colombia", "LA"),
        ("980", "Statsløs", "Stateless", "XX"),
        ("990", "Uoppgitt", "Not stated", "XX"),
    ),
)

BYDEL_GROUP = CodeList(
    name="bydel_group",
    nb="Bydelsgruppe",
    en="Group of city districts",
    source="project's own grouping (P)",
    unknown=frozenset({"X"}),
    codes=_codes(
        ("IO", "Indre øst", "Inner east"),
        ("IV", "Indre vest", "Inner west"),
        ("YV", "Ytre vest", "Outer west"),
        ("YO", "Ytre øst", "Outer east"),
        ("SO", "Ytre sør", "Outer south"),
        ("X", "Utenfor Oslo eller uoppgitt", "Outside Oslo or not stated"),
    ),
)

BYDEL = CodeList(
    name="bydel",
    nb="Bydel",
    en="City district (bydel)",
    source="KOSTRA codes 01-15 (F15), names (K)",
    unknown=frozenset({"99"}),
    parent=BYDEL_GROUP,
    codes=_codes(
        ("01", "Gamle Oslo", "Gamle Oslo", "IO"),
        ("02", "Grünerløkka", "Grünerløkka", "IO"),
        ("03", "Sagene", "Sagene", "IO"),
        ("04", "St. Hanshaugen", "St. Hanshaugen", "IV"),
        ("05", "Frogner", "Frogner", "IV"),
        ("06", "Ullern", "Ullern", "YV"),
        ("07", "Vestre Aker", "Vestre Aker", "YV"),
        ("08", "Nordre Aker", "Nordre Aker", "YV"),
        ("09", "Bjerke", "Bjerke", "YO"),
        ("10", "Grorud", "Grorud", "YO"),
        ("11", "Stovner", "Stovner", "YO"),
        ("12", "Alna", "Alna", "YO"),
        ("13", "Østensjø", "Østensjø", "SO"),
        ("14", "Nordstrand", "Nordstrand", "SO"),
        ("15", "Søndre Nordstrand", "Søndre Nordstrand", "SO"),
        ("99", "Uoppgitt", "Not stated", "X"),
    ),
)

BIRTH_DATE_SOURCE = CodeList(
    name="birth_date_source",
    nb="Kilde for fødselsdato",
    en="Source of the birth date",
    source="facts §5.1 (P)",
    codes=_codes(
        ("dok", "Dokumentert", "Documented"),
        ("oppgitt", "Oppgitt av personen", "Stated by the person"),
        ("0101", "Satt til 1. januar", "Set to 1 January"),
    ),
)

PROTECTION = CodeList(
    name="protection",
    nb="Adressesperre",
    en="Protected address",
    source="the population register's graded addresses (K)",
    codes=_codes(
        ("0", "Ingen", "None"),
        ("6", "Strengt fortrolig", "Strictly confidential"),
        ("7", "Fortrolig", "Confidential"),
    ),
)

IDENTIFIER_TYPE = CodeList(
    name="identifier_type",
    nb="Identtype",
    en="Type of identifier",
    source="facts §2.1, §5.1",
    codes=_codes(
        ("DUF", "DUF-nummer", "DUF number"),
        ("DNR", "D-nummer", "D-number"),
        ("FNR", "Fødselsnummer", "Fødselsnummer"),
        ("DUMMY", "Hjelpenummer uten person", "Stand-in that identifies nobody"),
    ),
)

CASE_STATUS = CodeList(
    name="case_status",
    nb="Saksstatus",
    en="Case status",
    source="facts §5.1 (P)",
    codes=_codes(
        ("A", "Åpen", "Open"),
        ("L", "Lukket", "Closed"),
        ("O", "Overført", "Transferred"),
    ),
)

PERMIT_GROUND = CodeList(
    name="permit_ground",
    nb="Oppholdsgrunnlag",
    en="Ground of the permit",
    source="utlendingsloven 2008 (F57); the 1988 act's grounds are coded together (K)",
    codes=_codes(
        ("28", "Flyktning (§ 28)", "Refugee (section 28)"),
        ("34", "Kollektiv beskyttelse (§ 34)", "Collective protection (section 34)"),
        ("35", "Overføringsflyktning (§ 35)", "Resettled refugee (section 35)"),
        (
            "38",
            "Sterke menneskelige hensyn (§ 38)",
            "Strong humanitarian grounds (section 38)",
        ),
        ("38B", "Humanitært, begrenset (§ 38)", "Humanitarian, limited (section 38)"),
        ("6K", "Familieinnvandring (kap. 6)", "Family immigration (chapter 6)"),
        ("53", "Selvstendig grunnlag (§ 53)", "Independent ground (section 53)"),
        ("1988", "Etter utlendingsloven av 1988", "Under the Immigration Act of 1988"),
    ),
)

SETTLEMENT_FORM = CodeList(
    name="settlement_form",
    nb="Bosettingsform",
    en="Form of settlement",
    source="facts §5.1 (P); unreliable across units (S3)",
    unknown=frozenset({"9"}),
    codes=_codes(
        ("A", "Avtale med IMDi", "By agreement with IMDi"),
        ("S", "Avtalt selvbosatt", "Agreed self-settlement"),
        ("B", "Selvbosatt", "Self-settled"),
        ("F", "Sekundærflytting", "Secondary move"),
        ("9", "Ukjent", "Unknown"),
    ),
)

CLAIM_TYPE = CodeList(
    name="claim_type",
    nb="Tilskuddstype",
    en="Type of grant",
    source="facts §3.3, §5.1",
    codes=_codes(
        ("ORD", "Ordinært", "Ordinary"),
        ("EM", "Enslig mindreårig", "Unaccompanied minor"),
        ("ELD", "Eldre", "Elderly"),
        ("BHG", "Barnehage", "Kindergarten"),
        ("FU1", "Funksjonshemming, tilskudd 1", "Disability, grant 1"),
        ("FU2", "Funksjonshemming, tilskudd 2", "Disability, grant 2"),
        ("SKO", "Skole", "School"),
    ),
)

REFUSAL = CodeList(
    name="refusal",
    nb="Avslagsgrunn",
    en="Reason of refusal",
    source="facts §5.1 (P)",
    codes=_codes(
        ("FL", "Flyttet", "Moved"),
        ("FR", "Fristen oversittet", "Past the deadline"),
        ("VI", "Vilkår ikke oppfylt", "Conditions not met"),
    ),
)

EDUCATION_STAGE = CodeList(
    name="education_stage",
    nb="Utdanning, tre trinn",
    en="Education, three stages",
    source="NUS2000, first digit grouped (F54)",
    unknown=frozenset({"X"}),
    codes=_codes(
        ("L", "Grunnskole eller mindre", "Compulsory school or less"),
        ("M", "Videregående", "Upper secondary"),
        ("H", "Høyere", "Higher"),
        ("X", "Uoppgitt", "Not stated"),
    ),
)

EDUCATION_LEVEL = CodeList(
    name="education_level",
    nb="Utdanningsnivå",
    en="Level of education",
    source="NUS2000, first digit (F54); 9 (K)",
    unknown=frozenset({"9"}),
    parent=EDUCATION_STAGE,
    codes=_codes(
        ("0", "Ingen utdanning", "No education", "L"),
        ("1", "Barneskole", "Primary", "L"),
        ("2", "Ungdomsskole", "Lower secondary", "L"),
        ("3", "Videregående, grunnutdanning", "Upper secondary, basic", "M"),
        ("4", "Videregående, avsluttende", "Upper secondary, final", "M"),
        ("5", "Påbygging til videregående", "Post-secondary", "M"),
        ("6", "Universitet og høgskole, lavere", "Higher, lower degree", "H"),
        ("7", "Universitet og høgskole, høyere", "Higher, higher degree", "H"),
        ("8", "Forskerutdanning", "Doctoral", "H"),
        ("9", "Uoppgitt", "Not stated", "X"),
    ),
)

SKILL = CodeList(
    name="skill",
    nb="Ferdighet",
    en="Skill",
    source="facts §5.1 (P)",
    unknown=frozenset({"9"}),
    codes=_codes(
        ("1", "God", "Good"),
        ("2", "Noe", "Some"),
        ("3", "Ikke", "None"),
        ("9", "Ukjent", "Unknown"),
    ),
)

INFORMATION_SOURCE = CodeList(
    name="information_source",
    nb="Kilde for opplysningen",
    en="Source of the information",
    source="facts §1.1 (S3), §5.1 (P)",
    codes=_codes(
        ("selvregistrert", "Selvregistrert", "Self-registered"),
        ("samtale", "Kartleggingssamtale", "Interview"),
        ("dokument", "Dokument", "Document"),
    ),
)

CIVIL_STATUS = CodeList(
    name="civil_status",
    nb="Sivilstand",
    en="Civil status",
    source="KOSTRA 11F (F15)",
    unknown=frozenset({"9"}),
    codes=_codes(
        ("1", "Ugift", "Never married"),
        ("2", "Gift", "Married"),
        ("3", "Samboer", "Cohabitant"),
        ("4", "Skilt eller separert", "Divorced or separated"),
        ("5", "Enke eller enkemann", "Widowed"),
        ("9", "Ukjent", "Unknown"),
    ),
)

HOUSING_TYPE = CodeList(
    name="housing_type",
    nb="Boligtype",
    en="Type of housing",
    source="KOSTRA 11F BOSIT (F15)",
    codes=_codes(
        ("1", "Leid privat", "Rented, private"),
        ("2", "Leid kommunal", "Rented, municipal"),
        ("3", "Eid", "Owned"),
        ("4", "Uten bolig", "Without housing"),
        ("5", "Annet", "Other"),
        ("6", "Institusjon", "Institution"),
    ),
)

LAW = CodeList(
    name="law",
    nb="Lov",
    en="Act that applies",
    source="introduksjonsloven 2003, integreringsloven 2021 (facts §3.4)",
    codes=_codes(
        ("2003", "Introduksjonsloven", "Introduction Act"),
        ("2021", "Integreringsloven", "Integration Act"),
    ),
)

ENTITLEMENT = CodeList(
    name="entitlement",
    nb="Rett og plikt",
    en="Right and duty",
    source="facts §5.1 (P)",
    codes=_codes(("1", "Rett og plikt", "Right and duty"), ("2", "Kan delta", "May take part")),
)

PROGRAMME_STATUS = CodeList(
    name="programme_status",
    nb="Programstatus",
    en="Status of the programme",
    source="Statistics Norway's status list for KVP (F15)",
    codes=_codes(
        ("1", "Fortsatt i program", "Still in programme"),
        ("2", "Permisjon eller avtalt avbrudd", "Leave or agreed break"),
        ("3", "Fullført eller avsluttet etter avtale", "Completed or ended as agreed"),
        ("4", "Varig avbrutt, uteblivelse", "Ended for good, absent"),
        ("5", "Avbrutt, flyttet kommune", "Ended, moved municipality"),
        ("6", "Flyttet bydel (Oslo)", "Moved bydel (Oslo)"),
        ("7", "Avsluttet etter avbrudd", "Ended after a break"),
    ),
)

PROGRAMME_GOAL = CodeList(
    name="programme_goal",
    nb="Sluttmål",
    en="Goal of the programme",
    source="facts §3.4 (F62), coding (P)",
    codes=_codes(
        ("A", "Arbeid", "Work"),
        ("V", "Fullført videregående", "Upper secondary completed"),
        ("H", "Høyere utdanning", "Higher education"),
        ("G", "Grunnskole", "Compulsory school"),
    ),
)

ACTIVITY = CodeList(
    name="activity",
    nb="Aktivitet",
    en="Activity",
    source="Socio's six kinds (S0), coding (P)",
    codes=_codes(
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
    codes=_codes(
        ("SYK", "Sykdom", "Illness"),
        ("BSY", "Barns sykdom", "Child's illness"),
        ("FOD", "Fødsel eller omsorg", "Birth or care"),
        ("PER", "Permisjon til arbeid", "Leave for work"),
        ("UGY", "Ugyldig", "Without a valid reason"),
        ("ANN", "Annet", "Other"),
    ),
)

PARTIAL_RESULT = CodeList(
    name="partial_result",
    nb="Delresultat",
    en="Partial result",
    source="Socio (S0); test regimes before and after 2014 are never compared (F19)",
    codes=_codes(
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
    codes=_codes(
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
    codes=_codes(
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
    codes=_codes(
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

RESIDENCE = CodeList(
    name="residence",
    nb="Bosettingsstatus",
    en="Residence status",
    source="facts §5.3",
    codes=_codes(
        ("bosatt", "Bosatt", "Resident"),
        ("utvandret", "Utvandret", "Emigrated"),
        ("dod", "Død", "Dead"),
    ),
)

OUTCOME = CodeList(
    name="outcome",
    nb="Utfall",
    en="Outcome",
    source="declarations in pipeline/linkage/outcomes.py",
    codes=_codes(
        ("y0", "Hovedaktivitet ved avslutning", "Main activity at exit"),
        ("y1", "Status i november året etter", "Status in November of the year after"),
        ("y5", "Status i november fem år etter", "Status in November five years after"),
    ),
)

OUTCOME_STATUS = CodeList(
    name="outcome_status",
    nb="Status",
    en="Status",
    source="facts §3.2; education after exit is not told apart before its register is linked",
    codes=_codes(
        ("work", "Arbeid", "Work"),
        ("education", "Utdanning", "Education"),
        ("other", "Annet", "Other"),
        ("not_registered", "Ikke registrert", "Not registered"),
        ("not_in_work", "Ikke i arbeid", "Not in work"),
    ),
)

CENSORING = CodeList(
    name="censoring",
    nb="Hvorfor utfallet ikke telles",
    en="Why the outcome is not counted",
    source="architecture, «link»",
    codes=_codes(
        ("observed", "Observert", "Observed"),
        ("dead", "Død", "Dead"),
        ("emigrated", "Utvandret", "Emigrated"),
        ("not_due", "Ikke forfalt ennå", "Not yet due"),
        (
            "not_loaded",
            "Registeret er ikke lastet så langt",
            "Register not loaded so far",
        ),
        ("not_linkable", "Ingen brukbar ident", "No usable identifier"),
    ),
)

VALUE_STATE = CodeList(
    name="value_state",
    nb="Verditilstand",
    en="State of the value",
    source="facts §5.2",
    codes=_codes(
        ("value", "Verdi", "Value"),
        ("unknown", "Ukjent", "Unknown"),
        ("not_applicable", "Ikke relevant", "Not applicable"),
        ("not_asked", "Ikke spurt", "Not asked"),
    ),
)

# Bands of whole numbers: the code starts with its lower bound, and a band ends where the next begins.
AGE_BAND = CodeList(
    name="age_band",
    nb="Aldersgruppe",
    en="Age group",
    source="project's own bands (P)",
    unknown=frozenset({"X"}),
    codes=_codes(
        ("00-24", "Under 25 år", "Under 25"),
        ("25-34", "25-34 år", "25-34"),
        ("35-44", "35-44 år", "35-44"),
        ("45-99", "45 år og over", "45 and over"),
        ("X", "Uoppgitt", "Not stated"),
    ),
)

PERIOD = CodeList(
    name="period",
    nb="Periode",
    en="Period",
    source="project's own bands of four years (P)",
    codes=_codes(
        *((f"{y}-{y + 3}", f"{y}-{y + 3}", f"{y}-{y + 3}") for y in range(2003, 2035, 4)),
    ),
)


# How much of what is expected is filled, in per cent; the coarser levels serve small denominators.
FILL_HALF = CodeList(
    name="fill_half",
    nb="Fyllingsgrad, halvdeler",
    en="Fill rate, halves",
    source="project's own bands (P)",
    codes=_codes(
        ("0-50", "Under 50 %", "Under 50 %"),
        ("50-100", "50 % eller mer", "50 % or more"),
    ),
)

FILL_QUARTER = CodeList(
    name="fill_quarter",
    nb="Fyllingsgrad, fjerdedeler",
    en="Fill rate, quarters",
    source="project's own bands (P)",
    parent=FILL_HALF,
    codes=_codes(
        ("0-25", "Under 25 %", "Under 25 %", "0-50"),
        ("25-50", "25-50 %", "25-50 %", "0-50"),
        ("50-75", "50-75 %", "50-75 %", "50-100"),
        ("75-100", "75 % eller mer", "75 % or more", "50-100"),
    ),
)

FILL_BAND = CodeList(
    name="fill_band",
    nb="Fyllingsgrad",
    en="Fill rate",
    source="project's own bands (P)",
    parent=FILL_QUARTER,
    codes=_codes(
        ("0-10", "Under 10 %", "Under 10 %", "0-25"),
        ("10-25", "10-25 %", "10-25 %", "0-25"),
        ("25-50", "25-50 %", "25-50 %", "25-50"),
        ("50-75", "50-75 %", "50-75 %", "50-75"),
        ("75-90", "75-90 %", "75-90 %", "75-100"),
        ("90-100", "90 % eller mer", "90 % or more", "75-100"),
    ),
)


def lower_bounds(bands: CodeList) -> dict[str, int]:
    """Band -> its lowest whole number, in ascending order; a code for «unknown» has none."""
    return {code: int(code.split("-")[0]) for code in bands.values() if code not in bands.unknown}


CODE_LISTS: tuple[CodeList, ...] = tuple(v for v in list(globals().values()) if isinstance(v, CodeList))
