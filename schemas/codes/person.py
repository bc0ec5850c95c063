"""What the case system and the registers know of a person as such."""

from schemas.codes.base import CodeList, codes_of

SEX = CodeList(
    name="sex",
    nb="Kjønn",
    en="Sex",
    source="facts §5.1 (P)",
    unknown=frozenset({"9"}),
    codes=codes_of(("1", "Mann", "Male"), ("2", "Kvinne", "Female"), ("9", "Ukjent", "Unknown")),
)

YES_NO = CodeList(
    name="yes_no",
    nb="Ja/nei",
    en="Yes/no",
    source="facts §5.2 (P): blank is not «nei»",
    unknown=frozenset({"9"}),
    adverse=frozenset({"J"}),  # what is asked so is an illness, a disability or a benefit
    codes=codes_of(("J", "Ja", "Yes"), ("N", "Nei", "No"), ("9", "Ukjent", "Unknown")),
)

WORLD_REGION = CodeList(
    name="world_region",
    nb="Verdensregion",
    en="World region",
    source="after Statistics Norway's grouping by continent (K)",
    unknown=frozenset({"X"}),
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
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

BIRTH_DATE_SOURCE = CodeList(
    name="birth_date_source",
    nb="Kilde for fødselsdato",
    en="Source of the birth date",
    source="facts §5.1 (P)",
    codes=codes_of(
        ("dok", "Dokumentert", "Documented"),
        ("oppgitt", "Oppgitt av personen", "Stated by the person"),
        ("0101", "Satt til 1. januar", "Set to 1 January"),
    ),
)

NOT_PROTECTED = "0"  # of PROTECTION: what the rules ask for by name

PROTECTION = CodeList(
    name="protection",
    nb="Adressesperre",
    en="Protected address",
    source="the population register's graded addresses (K)",
    codes=codes_of(
        (NOT_PROTECTED, "Ingen", "None"),
        ("6", "Strengt fortrolig", "Strictly confidential"),
        ("7", "Fortrolig", "Confidential"),
    ),
)

IDENTIFIER_TYPE = CodeList(
    name="identifier_type",
    nb="Identtype",
    en="Type of identifier",
    source="facts §2.1, §5.1",
    codes=codes_of(
        ("DUF", "DUF-nummer", "DUF number"),
        ("DNR", "D-nummer", "D-number"),
        ("FNR", "Fødselsnummer", "Fødselsnummer"),
        ("DUMMY", "Hjelpenummer uten person", "Stand-in that identifies nobody"),
    ),
)
