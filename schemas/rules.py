"""Row rules that several tables share: two dates in order, a date not after the night, a plausible year."""

import polars as pl

from schemas.variable import RowRule, Severity

FIRST_PLAUSIBLE_YEAR = 1900
LAST_PLAUSIBLE_YEAR = 2100
FIRST_PROGRAMME_YEAR = 2003  # introduksjonsloven 4.7.2003 nr 80
PLANNED_YEARS_AHEAD = 6


def in_order(first: str, last: str, *, severity: Severity = Severity.CONVENTION) -> RowRule:
    """`last` is not before `first`."""
    return RowRule(
        name=f"{last}_not_before_{first}",
        nb=f"{last} er ikke før {first}",
        en=f"{last} is not before {first}",
        columns=(first, last),
        holds=lambda _: pl.col(last) >= pl.col(first),
        severity=severity,
    )


def not_after_as_of(name: str, *, severity: Severity = Severity.CONVENTION) -> RowRule:
    """`name` is not after the night's as_of: the future has not been registered."""
    return RowRule(
        name=f"{name}_not_after_as_of",
        nb=f"{name} er ikke etter nattens dato",
        en=f"{name} is not after the night's date",
        columns=(name,),
        holds=lambda as_of: pl.col(name) <= pl.lit(as_of),
        severity=severity,
    )


def plausible_year(name: str, *, years_ahead: int = 0, first: int = FIRST_PLAUSIBLE_YEAR) -> RowRule:
    """The year of `name` lies between `first` and the night's year + `years_ahead`: 0012, 2102 do not."""
    return RowRule(
        name=f"{name}_year_plausible",
        nb=f"årstallet i {name} er rimelig",
        en=f"the year of {name} is plausible",
        columns=(name,),
        holds=lambda as_of: pl.col(name).dt.year().is_between(first, as_of.year + years_ahead),
    )
