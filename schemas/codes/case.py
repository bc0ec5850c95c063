"""Where and how somebody was settled, and what was claimed for it."""

from schemas.codes.base import CodeList, codes_of

BYDEL_GROUP = CodeList(
    name="bydel_group",
    nb="Bydelsgruppe",
    en="Group of city districts",
    source="project's own grouping (P)",
    unknown=frozenset({"X"}),
    codes=codes_of(
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
    codes=codes_of(
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

OPEN_CASE = "A"  # of CASE_STATUS

CASE_STATUS = CodeList(
    name="case_status",
    nb="Saksstatus",
    en="Case status",
    source="facts §5.1 (P)",
    codes=codes_of(
        (OPEN_CASE, "Åpen", "Open"),
        ("L", "Lukket", "Closed"),
        ("O", "Overført", "Transferred"),
    ),
)

COLLECTIVE = "34"  # of PERMIT_GROUND: what the rules ask for by name

PERMIT_GROUND = CodeList(
    name="permit_ground",
    nb="Oppholdsgrunnlag",
    en="Ground of the permit",
    source="utlendingsloven 2008 (F57); the 1988 act's grounds are coded together (K)",
    codes=codes_of(
        ("28", "Flyktning (§ 28)", "Refugee (section 28)"),
        (COLLECTIVE, "Kollektiv beskyttelse (§ 34)", "Collective protection (section 34)"),
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
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
        ("FL", "Flyttet", "Moved"),
        ("FR", "Fristen oversittet", "Past the deadline"),
        ("VI", "Vilkår ikke oppfylt", "Conditions not met"),
    ),
)
