"""Levels we make ourselves: states of a value, bands, periods, and the ladders of time and numbers."""

from schemas.codes.base import Code, CodeList, codes_of

_NOT_STATED = ("X", "Uoppgitt", "Not stated")
_UNKNOWN = frozenset({"X"})

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

# A programme can have begun in these years, and a person been born in those.
_YEARS = range(2003, 2035)
_BIRTH_YEARS = range(1900, 2040)
_PERIOD, _HALF_DECADE, _DECADE = 4, 5, 10


def _selves(*values: tuple[str, str | None]) -> tuple[Code, ...]:
    """Codes that are their own labels, from (value, parent), and the one that is not stated."""
    stated = tuple(Code(value=v, nb=v, en=v, parent=parent) for v, parent in values)
    above = "X" if stated[0].parent else None
    value, nb, en = _NOT_STATED
    return (*stated, Code(value=value, nb=nb, en=en, parent=above))


def _band(year: int, width: int, first: int = 0) -> str:
    """The years from a multiple of `width` after `first`, as `1985-1989`."""
    low = first + (year - first) // width * width
    return f"{low}-{low + width - 1}"


PERIOD = CodeList(
    name="period",
    nb="Periode",
    en="Period",
    source="project's own bands of four years (P)",
    unknown=_UNKNOWN,
    codes=_selves(*((_band(y, _PERIOD, _YEARS[0]), None) for y in _YEARS[::_PERIOD])),
)

YEAR = CodeList(
    name="year",
    nb="År",
    en="Year",
    source="the calendar",
    unknown=_UNKNOWN,
    parent=PERIOD,
    codes=_selves(*((str(y), _band(y, _PERIOD, _YEARS[0])) for y in _YEARS)),
)

QUARTER = CodeList(
    name="quarter",
    nb="Kvartal",
    en="Quarter",
    source="the calendar",
    unknown=_UNKNOWN,
    parent=YEAR,
    codes=_selves(*((f"{y}-Q{q}", str(y)) for y in _YEARS for q in range(1, 5))),
)

MONTH = CodeList(
    name="month",
    nb="Måned",
    en="Month",
    source="the calendar",
    unknown=_UNKNOWN,
    parent=QUARTER,
    codes=_selves(*((f"{y}-{m:02}", f"{y}-Q{(m + 2) // 3}") for y in _YEARS for m in range(1, 13))),
)

BIRTH_DECADE = CodeList(
    name="birth_decade",
    nb="Fødselsår, ti år",
    en="Year of birth, ten years",
    source="project's own bands (P)",
    unknown=_UNKNOWN,
    codes=_selves(*((_band(y, _DECADE), None) for y in _BIRTH_YEARS[::_DECADE])),
)

BIRTH_HALF_DECADE = CodeList(
    name="birth_half_decade",
    nb="Fødselsår, fem år",
    en="Year of birth, five years",
    source="project's own bands (P)",
    unknown=_UNKNOWN,
    parent=BIRTH_DECADE,
    codes=_selves(*((_band(y, _HALF_DECADE), _band(y, _DECADE)) for y in _BIRTH_YEARS[::_HALF_DECADE])),
)

BIRTH_YEAR = CodeList(
    name="birth_year",
    nb="Fødselsår",
    en="Year of birth",
    source="the calendar",
    unknown=_UNKNOWN,
    parent=BIRTH_HALF_DECADE,
    codes=_selves(*((str(y), _band(y, _HALF_DECADE)) for y in _BIRTH_YEARS)),
)

HAS_CHILDREN = CodeList(
    name="has_children",
    nb="Barn",
    en="Children",
    source="project's own bands (P)",
    unknown=_UNKNOWN,
    codes=codes_of(
        ("0", "Ingen barn", "No children"),
        ("1+", "Ett barn eller flere", "One child or more"),
        _NOT_STATED,
    ),
)

CHILDREN = CodeList(
    name="children",
    nb="Antall barn",
    en="Number of children",
    source="project's own bands (P)",
    unknown=_UNKNOWN,
    parent=HAS_CHILDREN,
    codes=codes_of(
        ("0", "Ingen barn", "No children", "0"),
        ("1", "Ett barn", "One child", "1+"),
        ("2", "To barn", "Two children", "1+"),
        ("3+", "Tre barn eller flere", "Three children or more", "1+"),
        (*_NOT_STATED, "X"),
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
