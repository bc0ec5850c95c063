"""Schooling, skills, family and housing."""

from schemas.codes.base import CodeList, codes_of

EDUCATION_STAGE = CodeList(
    name="education_stage",
    nb="Utdanning, tre trinn",
    en="Education, three stages",
    source="NUS2000, first digit grouped (F54)",
    unknown=frozenset({"X"}),
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
        ("1", "Leid privat", "Rented, private"),
        ("2", "Leid kommunal", "Rented, municipal"),
        ("3", "Eid", "Owned"),
        ("4", "Uten bolig", "Without housing"),
        ("5", "Annet", "Other"),
        ("6", "Institusjon", "Institution"),
    ),
)
