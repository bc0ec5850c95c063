"""Results of the quality checks, the states of expected values they rest on, and the grades of fields.

Shares, effects and probabilities are whole millionths (ppm), so that the same data gives the same bytes.
"""

from functools import partial
from typing import Any, ClassVar

from schemas import codes
from schemas.case_system.case import Case
from schemas.linked.reconciliation import NO_YEAR, declare_year
from schemas.variable import Demand, Entity, Identifiability, Population, Table, TableFacts, derived, variable

PPM = 1_000_000
RESULT_ID_PATTERN = r"^[0-9a-f]{16}$"

quality = partial(
    variable,
    source="uttrekk",
    source_name="",
    demand=Demand.NOBODY,
    applies_to=Population.EVERYONE,
    identifiability=Identifiability.NONE,
)
quality_table = partial(TableFacts, source="uttrekk", unit=Entity.ORGANISATION)


def declare_ppm(nb: str, en: str, *, ge: int = 0, le: int | None = PPM) -> Any:
    """A share, an effect or a probability in millionths; null where it was not measured."""
    return quality(nb=nb, en=en, ge=ge, le=le, unit="ppm", min_filled=0.0)


def declare_number(nb: str, en: str, *, min_filled: float = 1.0) -> Any:
    """A count of expected values, exact: for `disclosure` before anybody sees it."""
    return quality(nb=nb, en=en, ge=0, unit="number", min_filled=min_filled)


def declare_table_name() -> Any:
    """Our name of the table that is judged."""
    return quality(nb="Tabell", en="Table")


def declare_column_name() -> Any:
    """Our name of the column that is judged."""
    return quality(nb="Felt", en="Field")


def declare_population(*, min_filled: float = 1.0) -> Any:
    """Who is counted: a `schemas.variable.Population`."""
    return quality(nb="Populasjon", en="Population", min_filled=min_filled)


class ExpectedValues(Table):
    """One row for each field, population, year and bydel: what became of every value that was expected.

    `expected` is the sum of the seven states. The share filled is `registered` of `expected` less
    `not_applicable`, `must_not` and `not_due`: nobody is asked what does not apply.
    """

    __facts__: ClassVar[TableFacts] = quality_table(
        source_name="expected_values",
        nb="Ventede verdier",
        en="Expected values",
        primary_key=("table", "column", "population", "year", "bydel"),
    )

    table: str = declare_table_name()
    column: str = declare_column_name()
    population: str = declare_population()
    year: int = declare_year(ge=NO_YEAR)  # 0 for what no date places in a year
    bydel: str = derived(Case, "bydel", min_filled=1.0)
    expected: int = declare_number("Ventet", "Expected")
    registered: int = declare_number("Registrert", "Registered")
    unknown: int = declare_number("Registrert som ukjent", "Registered as unknown")
    not_applicable: int = declare_number("Ikke relevant", "Not applicable")
    must_not: int = declare_number("Skal ikke registreres", "Must not be registered")
    not_due: int = declare_number("Ikke forfalt ennå", "Not due yet")
    missing: int = declare_number("Mangler", "Missing")
    invalid: int = declare_number("Ugyldig (i karantene)", "Invalid (quarantined)")


class CheckResult(Table):
    """One row for each check of a field (and population, year or bydel where the check has one).

    `numerator` of `denominator` is what the check counts; `share`, `low` and `high` are it with its Wilson
    interval (95 %). `effect` is what the check judges, in the kind it says. `q_value` is the p-value after
    Benjamini and Hochberg over all results of the flag. `threshold` names the figure it was judged by.
    `reason` says why a check does not apply or could not run.
    """

    __facts__: ClassVar[TableFacts] = quality_table(
        source_name="check_result",
        nb="Kontrollresultat",
        en="Check result",
        primary_key=("result_id",),
    )

    result_id: str = quality(
        nb="Resultatets nummer (det samme fra natt til natt)",
        en="Number of the result (the same from night to night)",
        matches=RESULT_ID_PATTERN,
    )
    check: str = quality(nb="Kontroll", en="Check", codes=codes.QUALITY_CHECK)
    flag: str = quality(nb="Merke", en="Flag", codes=codes.QUALITY_FLAG)
    kahn_category: str = quality(nb="Kahns kategori", en="Kahn's category", codes=codes.KAHN_CATEGORY)
    kahn_context: str = quality(nb="Kahns kontekst", en="Kahn's context", codes=codes.KAHN_CONTEXT)
    severity: str = quality(nb="Alvor", en="Severity", codes=codes.QUALITY_SEVERITY)
    status: str = quality(nb="Utfall av kontrollen", en="Status of the check", codes=codes.CHECK_STATUS)
    reason: str = quality(
        nb="Hvorfor kontrollen ikke ble kjørt",
        en="Why the check was not run",
        codes=codes.CHECK_REASON,
        min_filled=0.0,
    )
    table: str = declare_table_name()
    column: str = quality(nb="Felt (tom: hele tabellen)", en="Field (empty: the whole table)", min_filled=0.0)
    population: str = declare_population(min_filled=0.0)
    period: str = quality(nb="Målt over", en="Measured over", codes=codes.MEASURED_PERIOD)
    year: int = declare_year(ge=1900, identifiability=Identifiability.INDIRECT, min_filled=0.0)
    bydel: str = derived(Case, "bydel", min_filled=0.0)  # null for all of them together
    against: str = quality(
        nb="Sett mot (felt, regel eller utfall)",
        en="Seen against (field, rule or outcome)",
        min_filled=0.0,
    )
    numerator: int = declare_number("Teller", "Numerator", min_filled=0.0)
    denominator: int = declare_number("Nevner", "Denominator", min_filled=0.0)
    share: int = declare_ppm("Andel", "Share")
    low: int = declare_ppm("Andel, nedre grense (95 %)", "Share, lower bound (95 %)")
    high: int = declare_ppm("Andel, øvre grense (95 %)", "Share, upper bound (95 %)")
    effect_kind: str = quality(
        nb="Hva effekten er", en="What the effect is", codes=codes.EFFECT_KIND, min_filled=0.0
    )
    effect: int = declare_ppm("Effekt", "Effect", ge=-PPM)
    effect_low: int = declare_ppm("Effekt, nedre grense (95 %)", "Effect, lower bound (95 %)", ge=-PPM)
    effect_high: int = declare_ppm("Effekt, øvre grense (95 %)", "Effect, upper bound (95 %)", ge=-PPM)
    p_value: int = declare_ppm("p-verdi", "p-value")
    q_value: int = declare_ppm("p-verdi justert for mange kontroller", "p-value adjusted for many checks")
    threshold: str = quality(nb="Terskel", en="Threshold", min_filled=0.0)


class Delay(Table):
    """One row for each field, population and month since the event: how many had been registered by then.

    `at_risk` are those who have been seen that long; `registered` of them within `months` months or less.
    `share` is what the delay curve shows, and the nowcast goes by.
    """

    __facts__: ClassVar[TableFacts] = quality_table(
        source_name="delay",
        nb="Forsinkelse",
        en="Delay",
        primary_key=("table", "column", "population", "months"),
    )

    table: str = declare_table_name()
    column: str = declare_column_name()
    population: str = declare_population()
    months: int = quality(nb="Måneder etter hendelsen", en="Months after the event", ge=0, unit="months")
    at_risk: int = declare_number("Fulgt så lenge", "Followed that long")
    registered: int = declare_number("Registrert innen da", "Registered by then")
    share: int = declare_ppm(
        "Andel av dem som til slutt er registrert", "Share of those registered in the end"
    )


class FieldGrade(Table):
    """One row for each field, population, year and bydel: how far it can be used, and why not further.

    `reasons` are codes of `grade_reason`, in the list's order with a space between. `grade` is empty where
    none can be given; the reasons say why.
    """

    __facts__: ClassVar[TableFacts] = quality_table(
        source_name="field_grade",
        nb="Karakter for feltet",
        en="Grade of the field",
        primary_key=("table", "column", "population", "year", "bydel"),
    )

    table: str = declare_table_name()
    column: str = declare_column_name()
    population: str = declare_population()
    year: int = declare_year(ge=NO_YEAR)  # 0 for what no date places in a year
    bydel: str = derived(Case, "bydel", min_filled=1.0)
    grade: str = quality(nb="Karakter", en="Grade", codes=codes.GRADE, min_filled=0.0)
    reasons: str = quality(nb="Grunner", en="Reasons")
    expected: int = declare_number("Ventet", "Expected")
    applicable: int = declare_number("Skulle hatt verdi nå", "Should have a value by now")
    registered: int = declare_number("Registrert", "Registered")
    share: int = declare_ppm("Andel med verdi", "Share with a value")
    low: int = declare_ppm("Andel, nedre grense (95 %)", "Share, lower bound (95 %)")
    high: int = declare_ppm("Andel, øvre grense (95 %)", "Share, upper bound (95 %)")
