"""The quality results as anybody may see them: no exact figure, and nothing about fewer than five.

What a program reads beside the steward's page. A row that is about a bydel or a year too small to show is
not there at all, so that few and none look alike.
"""

from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.linked.reconciliation import declare_year
from schemas.quality.finding import (
    RESULT_ID_PATTERN,
    CheckResult,
    FieldGrade,
    declare_population,
    declare_table_name,
    quality,
    quality_table,
)
from schemas.variable import Identifiability, Table, TableFacts, derived


def declare_shown(nb: str, en: str) -> Any:
    """A count as it may be seen: rounded to five, empty where it is withheld."""
    return quality(nb=nb, en=en, ge=0, unit="number", min_filled=0.0)


def declare_band() -> Any:
    """A share as it may be seen: the coarsest band that tells no count, empty where it is withheld."""
    return quality(nb="Andel med verdi (bånd)", en="Share with a value (band)", min_filled=0.0)


def declare_marker() -> Any:
    """Whether the row's figures are shown: suppressed is a state of its own, never 0 and never blank."""
    return quality(nb="Vist eller prikket", en="Shown or suppressed", codes=codes.MARKER)


def declare_standing() -> Any:
    """How it stands with the stewards."""
    return quality(nb="Forvalterens avgjørelse", en="The steward's decision", codes=codes.STEWARDSHIP)


class PublishedResult(Table):
    """One row for each result of a check that may be seen; `result_id` is that of `CheckResult`.

    Where `marker` says suppressed, nobody is told whether the check passed. `n` is how many should have
    had a value there by now, `band` the share of them that had one, `effect_percent` the effect in steps of
    ten. Held against a promise, neither counts the years that are still filling up, as the check does not;
    both are empty where it had to wait for them. `affected` is how many a contradiction or a text in the
    wrong place was found for, over all together, and how many rows a rule holds back, as the page has them.
    Of what comes late `effect_percent` is the share expected in the end, and `now_percent` the share there is
    now, of the same events: in steps of ten, 10 for 10 or less and 90 for 90 or more, and never more than
    `effect_percent`. `change` is what became of the finding since the night before, `worse` whether it is
    worse than when a steward decided about it: an acknowledgement is then lifted (`stewardship` says
    worsened), an exception stands.
    """

    __facts__: ClassVar[TableFacts] = quality_table(
        source_name="published_result",
        nb="Kontrollresultat, vist",
        en="Check result, as shown",
        primary_key=("result_id",),
    )

    result_id: str = derived(CheckResult, "result_id", matches=RESULT_ID_PATTERN)
    check: str = derived(CheckResult, "check")
    flag: str = derived(CheckResult, "flag")
    kahn_category: str = derived(CheckResult, "kahn_category")
    kahn_context: str = derived(CheckResult, "kahn_context")
    severity: str = derived(CheckResult, "severity")
    status: str = derived(CheckResult, "status", min_filled=0.0)
    marker: str = declare_marker()
    reason: str = derived(CheckResult, "reason")
    table: str = declare_table_name()
    column: str = derived(CheckResult, "column")
    population: str = declare_population(min_filled=0.0)
    period: str = derived(CheckResult, "period")
    year: int = declare_year(ge=1900, identifiability=Identifiability.INDIRECT, min_filled=0.0)
    bydel: str = derived(CheckResult, "bydel")
    against: str = derived(CheckResult, "against")
    n: int = declare_shown("Skulle hatt verdi (avrundet til 5)", "Should have a value (rounded to 5)")
    band: str = declare_band()
    affected: int = declare_shown("Rammet (avrundet til 5)", "Affected (rounded to 5)")
    effect_kind: str = derived(CheckResult, "effect_kind")
    effect_percent: int = quality(
        nb="Effekt, i trinn på 10", en="Effect, in steps of 10", unit="percent", min_filled=0.0
    )
    now_percent: int = quality(
        nb="Har verdi nå, av det som kommer sent (trinn på 10, fra 10 til 90)",
        en="Have a value now, of what comes late (steps of 10, from 10 to 90)",
        ge=0,
        le=100,
        unit="percent",
        min_filled=0.0,
    )
    change: str = quality(
        nb="Siden natten før", en="Since the night before", codes=codes.FINDING_CHANGE, min_filled=0.0
    )
    stewardship: str = declare_standing()
    decided_by: str = quality(nb="Avgjort av", en="Decided by", min_filled=0.0)
    decided_on: pl.Date = quality(nb="Avgjort dato", en="Decided on", min_filled=0.0)
    worse: bool = quality(
        nb="Verre enn da det ble avgjort", en="Worse than when it was decided about", min_filled=0.0
    )
    until: pl.Date = quality(nb="Gjelder til og med", en="In force until", min_filled=0.0)
    decision_nb: str = quality(nb="Begrunnelse (norsk)", en="Reason (Norwegian)", min_filled=0.0)
    decision_en: str = quality(nb="Begrunnelse (engelsk)", en="Reason (English)", min_filled=0.0)


class PublishedField(Table):
    """One row for each field, population and year (of all) or bydel (of the latest years), and their totals.

    `by` says which of the two; `place` is the year or the bydel, `all` in the total. `n` is how many should
    have a value by now, `band` the share of them that has one: those of whom the field is not asked are in
    neither. Where an empty value always is an answer `n` is how many are filled, and there is neither a band
    nor a grade. `grade` is of the year
    over all bydeler; `unfit` says that a steward has marked the field as unfit for use.
    """

    __facts__: ClassVar[TableFacts] = quality_table(
        source_name="published_field",
        nb="Felt, vist",
        en="Field, as shown",
        primary_key=("table", "column", "population", "by", "place"),
    )

    table: str = declare_table_name()
    column: str = quality(nb="Felt", en="Field")
    population: str = declare_population()
    by: str = quality(nb="Delt etter (year eller bydel)", en="Divided by (year or bydel)")
    place: str = quality(nb="År eller bydel (all: til sammen)", en="Year or bydel (all: together)")
    n: int = declare_shown("Skulle hatt verdi (avrundet til 5)", "Should have a value (rounded to 5)")
    n_marker: str = declare_marker()
    band: str = declare_band()
    marker: str = declare_marker()
    grade: str = derived(FieldGrade, "grade", min_filled=0.0)
    reasons: str = derived(FieldGrade, "reasons", min_filled=0.0)
    unfit: bool = quality(nb="Merket som uegnet", en="Marked as unfit")
