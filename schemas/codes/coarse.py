"""Levels we make ourselves: states of a value, bands and periods."""

from schemas.codes.base import CodeList, codes_of

VALUE_STATE = CodeList(
    name="value_state",
    nb="Verditilstand",
    en="State of the value",
    source="facts §5.2",
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
        *((f"{y}-{y + 3}", f"{y}-{y + 3}", f"{y}-{y + 3}") for y in range(2003, 2035, 4)),
    ),
)


# How much of what is expected is filled, in per cent; the coarser levels serve small denominators.
FILL_HALF = CodeList(
    name="fill_half",
    nb="Fyllingsgrad, halvdeler",
    en="Fill rate, halves",
    source="project's own bands (P)",
    codes=codes_of(
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
    codes=codes_of(
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
    codes=codes_of(
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
