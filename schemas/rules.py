"""Row rules that several tables share: two dates in order, a date not after the night, a plausible year."""

from datetime import date

import polars as pl

from schemas.codes import CodeList
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


def in_use(name: str, on: str, codes: CodeList, *, severity: Severity = Severity.CONVENTION) -> RowRule:
    """The code in `name` was in use on the day in `on`; says nothing of a code that is not of the list."""
    first = {code.value: code.valid_from or date.min for code in codes.codes}
    last = {code.value: code.valid_to or date.max for code in codes.codes}

    def holds(_: date) -> pl.Expr:
        code = pl.col(name)
        return pl.col(on).is_between(
            code.replace_strict(first, default=None, return_dtype=pl.Date),
            code.replace_strict(last, default=None, return_dtype=pl.Date),
        )

    return RowRule(
        name=f"{name}_in_use_on_{on}",
        nb=f"koden i {name} var i bruk den dagen {on} sier",
        en=f"the code in {name} was in use on the day in {on}",
        columns=(name, on),
        holds=holds,
        severity=severity,
    )


def belongs_to(
    name: str, parent: str, codes: CodeList, *, severity: Severity = Severity.CONVENTION
) -> RowRule:
    """The code in `name` has the code in `parent` above it in the list `codes`."""
    above = codes.parents()
    return RowRule(
        name=f"{name}_belongs_to_{parent}",
        nb=f"koden i {name} hører til koden i {parent}",
        en=f"the code in {name} belongs to the code in {parent}",
        columns=(name, parent),
        holds=lambda _: (
            pl.col(name).replace_strict(above, default=None, return_dtype=pl.String) == pl.col(parent)
        ),
        severity=severity,
    )
