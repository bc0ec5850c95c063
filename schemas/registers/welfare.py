"""Social assistance: KOSTRA form 11F, one fixed-width file a year, with a layout of its own each few years.

Positions as Statistics Norway describes them for 2022, 2023, 2024 and 2025 (F15); that 2006-2021 were
written as 2022, and that the years after 2025 still are as 2025, is assumed (P). The 324 characters became
338 in 2025. Of some eighty fields only those below are read; the birth date, the partner, the children and
the adviser are never asked for.

Social assistance is told in confidence and is not a special category in the sense of GDPR article 9; the
benefit somebody lives on may be, where it is for sickness or disability.
"""

from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.codes.welfare import INTRODUCTION_BENEFIT, INTRODUCTION_PROGRAMME
from schemas.delivery import Delivery, Flag, Layout, Span, YearLayout
from schemas.registers.common import file_year, municipality_number, person_identifier
from schemas.variable import (
    Demand,
    Entity,
    Identifiability,
    InCore,
    Key,
    KeyKind,
    RowRule,
    Severity,
    Table,
    TableFacts,
    variable,
)

kostra = partial(variable, source="KOSTRA 11F", demand=Demand.LAW, evidence="F15")

MONTHS = 12
MAX_KR = 9_999_999  # seven digits

INTRODUCTION_BENEFIT_IN_PROGRAMME = RowRule(
    name="introduction_benefit_in_programme",
    nb="hvem som lever av introduksjonsstønad, er i introduksjonsordningen",
    en="who lives on the introduction benefit is in the introduction programme",
    columns=("main_income", "work_situation"),
    holds=lambda _: (
        (pl.col("main_income") != INTRODUCTION_BENEFIT) | (pl.col("work_situation") == INTRODUCTION_PROGRAMME)
    ),
    severity=Severity.CHARACTERISATION,
)


def _month(number: int) -> Any:
    return kostra(
        nb=f"Stønad i måned {number}",
        en=f"Assistance in month {number}",
        source_name=f"STMND_{number}",
        identifiability=Identifiability.INDIRECT,
    )


def _amount(source_name: str, nb: str, en: str) -> Any:
    return kostra(
        nb=nb,
        en=en,
        source_name=source_name,
        ge=0,
        le=MAX_KR,
        unit="kr",
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )


class SocialAssistance(Table):
    """One row for each case record and year; a person may have several, in one municipality or in more."""

    __facts__: ClassVar[TableFacts] = TableFacts(
        source="KOSTRA 11F",
        source_name="KOSTRA_11F",
        nb="Økonomisk sosialhjelp",
        en="Social assistance",
        unit=Entity.PERSON,
        primary_key=("person_identifier", "municipality", "journal_number", "year"),
        rules=(INTRODUCTION_BENEFIT_IN_PROGRAMME,),
    )

    year: int = file_year(kostra, source_name="")
    municipality: str = municipality_number(kostra, source_name="KOMMUNE_NR")
    bydel: str = kostra(
        nb="Bydel",
        en="Bydel",
        source_name="BYDELSNR",
        codes=codes.BYDEL,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.0,
    )
    journal_number: str = kostra(
        nb="Journalnummer",
        en="Number of the case record",
        source_name="JOURNALNR",
        identifiability=Identifiability.DIRECT,
    )
    duf: str = person_identifier(
        kostra,
        source_name="DUF",
        nb="DUF-nummer",
        en="DUF number",
        key=Key(
            entity=Entity.PERSON,
            kind=KeyKind.OFFICIAL,
            in_core=InCore.DROPPED,
            stands_in_for="person_identifier",
        ),
        min_filled=0.0,
    )
    # May end in 00100, 00200 or 99999 where the municipality knows no number: not an identifier.
    person_identifier: str = person_identifier(kostra, source_name="FNR")
    main_income: str = kostra(
        nb="Viktigste kilde til livsopphold",
        en="Main source of income",
        source_name="VKLO",
        codes=codes.MAIN_INCOME,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.8,
    )
    benefit_situation: str = kostra(
        nb="Trygd eller pensjon av størst verdi",
        en="Benefit or pension of most value",
        source_name="TRYGDESIT",
        codes=codes.BENEFIT_SITUATION,
        identifiability=Identifiability.INDIRECT,
        special_category=True,
        min_filled=0.5,
    )
    work_situation: str = kostra(
        nb="Viktigste arbeids- eller livssituasjon",
        en="Main situation in work or life",
        source_name="ARBSIT",
        codes=codes.WORK_SITUATION,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.8,
    )
    month_01: bool = _month(1)
    month_02: bool = _month(2)
    month_03: bool = _month(3)
    month_04: bool = _month(4)
    month_05: bool = _month(5)
    month_06: bool = _month(6)
    month_07: bool = _month(7)
    month_08: bool = _month(8)
    month_09: bool = _month(9)
    month_10: bool = _month(10)
    month_11: bool = _month(11)
    month_12: bool = _month(12)
    contribution_kr: int = _amount("BIDRAG", "Bidrag i året (kr)", "Contribution in the year (NOK)")
    loan_kr: int = _amount("LAAN", "Lån i året (kr)", "Loan in the year (NOK)")
    housing_situation: str = kostra(
        nb="Bosituasjon",
        en="Housing situation",
        source_name="BOSIT",
        codes=codes.HOUSING_TYPE,
        identifiability=Identifiability.INDIRECT,
        min_filled=0.5,
    )


_MONTH_COLUMNS = tuple(f"month_{number:02}" for number in range(1, MONTHS + 1))

# Fields that stand side by side in every version, and how wide each is.
_CASE = (("journal_number", 8), ("person_identifier", 11), ("duf", 12))
_SITUATION = (
    ("main_income", 1),
    ("benefit_situation", 2),
    ("work_situation", 2),
    *((month, 2) for month in _MONTH_COLUMNS),
    ("contribution_kr", 7),
    ("loan_kr", 7),
)


def _side_by_side(first: int, fields: tuple[tuple[str, int], ...]) -> dict[str, Span]:
    """The spans of `fields`, the first of which begins at `first`."""
    starts = [first]
    for _, width in fields:
        starts.append(starts[-1] + width)
    return {
        name: Span(first=start, last=following - 1)
        for (name, _), (start, following) in zip(fields, pairwise(starts), strict=True)
    }


def _version(
    first_year: int, last_year: int | None, line_length: int, *, case: int, situation: int, housing: int
) -> YearLayout:
    """A version of the form by where its three groups of fields begin."""
    return YearLayout(
        first_year=first_year,
        last_year=last_year,
        line_length=line_length,
        period=Span(first=5, last=6),
        spans={
            "municipality": Span(first=1, last=4),
            "bydel": Span(first=7, last=8),
            **_side_by_side(case, _CASE),
            **_side_by_side(situation, _SITUATION),
            "housing_situation": Span(first=housing, last=housing),
        },
    )


SOCIAL_ASSISTANCE_DELIVERY = Delivery(
    table=SocialAssistance,
    file_name="KOSTRA_11F_{year}.txt",
    period_column="year",
    layout=Layout.FIXED_WIDTH,
    encoding="latin-1",
    layouts=(
        _version(2006, 2023, 324, case=11, situation=47, housing=270),  # ARBSIT 50-51
        _version(2024, 2024, 324, case=9, situation=45, housing=268),  # ARBSIT 48-49
        _version(2025, None, 338, case=17, situation=53, housing=276),  # ARBSIT 56-57
    ),
    # A month is told by its own number, or by nothing.
    flags={
        name: Flag(yes=f"{number:02}", no="00", blank_is_no=True)
        for number, name in enumerate(_MONTH_COLUMNS, 1)
    },
)
