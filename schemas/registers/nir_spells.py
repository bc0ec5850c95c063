"""NIR's spells within a programme: measures, leave, absence and hours of Norwegian, one file a year each.

Spells may overlap: several measures run side by side. Each delivery holds everything reported until then,
so that the same spell stands in the files of several years. The codes and the layout are invented (P).
"""

from typing import Any, ClassVar

import polars as pl

from schemas import codes
from schemas.delivery import Delivery, Layout
from schemas.registers.common import day, file_year, municipality_number, person_identifier
from schemas.registers.nir import nir
from schemas.rules import FIRST_PROGRAMME_YEAR, in_order, not_after_as_of, plausible_year
from schemas.variable import Entity, Identifiability, Population, Table, TableFacts

MAX_HOURS = 10_000  # of one spell: four years of full weeks and more


def _hours(nb: str, en: str) -> Any:
    return nir(
        nb=nb,
        en=en,
        source_name="timer",
        ge=0,
        le=MAX_HOURS,
        unit="hours",
        identifiability=Identifiability.NONE,
        min_filled=0.0,
    )


def _spell(source_name: str, nb: str, en: str, *, code: tuple[str, ...] = ()) -> TableFacts:
    return TableFacts(
        source="NIR",
        source_name=source_name,
        nb=nb,
        en=en,
        unit=Entity.PROGRAMME,
        primary_key=("person_identifier", "municipality", *code, "started_on", "delivery_year"),
        dated_by="started_on",
        applies_to=Population.PARTICIPANTS,
        rules=(
            plausible_year("started_on", first=FIRST_PROGRAMME_YEAR),
            not_after_as_of("started_on"),
            in_order("started_on", "ended_on"),
        ),
    )


class _Spell(Table):
    """What every spell has; a spell without an end still ran when it was delivered."""

    person_identifier: str = person_identifier(nir, source_name="ident")
    municipality: str = municipality_number(nir, source_name="kommunenr")
    started_on: pl.Date = day(nir, source_name="fra", nb="Fra", en="From")
    ended_on: pl.Date = day(nir, source_name="til", nb="Til", en="To", min_filled=0.0)
    delivery_year: int = file_year(nir, source_name="", nb="Leveranseår", en="Year of the delivery")


class NirMeasure(_Spell):
    """One row for each measure a participant took part in, as of the delivery."""

    __facts__: ClassVar[TableFacts] = _spell("NIR_tiltak", "NIR-tiltak", "NIR measures", code=("measure",))

    measure: str = nir(
        nb="Tiltak",
        en="Measure",
        source_name="kode",
        codes=codes.NIR_MEASURE,
        identifiability=Identifiability.INDIRECT,
        # A health-oriented measure says something of health (GDPR art. 9).
        special_category=True,
    )
    hours: float = _hours(nb="Timer i tiltaket", en="Hours of the measure")


class NirLeave(_Spell):
    """One row for each leave from a programme, as of the delivery."""

    __facts__: ClassVar[TableFacts] = _spell(
        "NIR_permisjon", "NIR-permisjon", "NIR leave", code=("leave_cause",)
    )

    leave_cause: str = nir(
        nb="Permisjonsårsak",
        en="Cause of leave",
        source_name="kode",
        codes=codes.NIR_LEAVE,
        identifiability=Identifiability.INDIRECT,
        special_category=True,
    )


class NirAbsence(_Spell):
    """One row for each absence from a programme, as of the delivery."""

    __facts__: ClassVar[TableFacts] = _spell(
        "NIR_fravaer", "NIR-fravær", "NIR absence", code=("absence_cause",)
    )

    absence_cause: str = nir(
        nb="Fraværsårsak",
        en="Cause of absence",
        source_name="kode",
        codes=codes.NIR_ABSENCE,
        identifiability=Identifiability.INDIRECT,
        special_category=True,
    )


class NirLanguageHours(_Spell):
    """One row for each period of Norwegian training and the hours taken in it, as of the delivery."""

    __facts__: ClassVar[TableFacts] = _spell("NIR_norsktimer", "NIR-norsktimer", "NIR hours of Norwegian")

    hours: float = _hours(nb="Timer norskopplæring", en="Hours of Norwegian training")


NIR_SPELLS: tuple[type[Table], ...] = (NirMeasure, NirLeave, NirAbsence, NirLanguageHours)

NIR_SPELL_DELIVERIES = tuple(
    Delivery(
        table=table,
        file_name=f"{table.__facts__.source_name}_{{year}}.csv",
        period_column="delivery_year",
        layout=Layout.SEPARATED,
        encoding="latin-1",
        separator=";",
        date_format="%d.%m.%Y",
        decimal_comma=True,
    )
    for table in NIR_SPELLS
)
