"""How many of whom each register should know were found in it, and whether those who cannot be are alike."""

from typing import Any, ClassVar

from schemas import codes
from schemas.case_system.case import Case
from schemas.linked.outcome import linked, linked_table
from schemas.linked.reconciliation import declare_count, declare_year
from schemas.variable import Entity, Table, TableFacts, derived


def declare_share(nb: str, en: str, *, ge: float = 0.0) -> Any:
    """A share or a difference of shares, null where there is nobody to take it of."""
    return linked(nb=nb, en=en, ge=ge, le=1.0, unit="share", min_filled=0.0)


class MatchRate(Table):
    """One row for each register, year, bydel and type of identifier that participants were sought by.

    expected >= linkable >= with_record. Expected is who was resident on some day of the year. expected -
    linkable have no identifier by which the register's silence would mean anything, as where outcomes are
    counted;
    linkable - with_record were sought and have no record. The two are never one figure.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="match_rate",
        nb="Treff per register",
        en="Match rate",
        unit=Entity.ORGANISATION,
        primary_key=("register", "year", "bydel", "best_identifier"),
    )

    register: str = linked(nb="Register", en="Register")
    year: int = declare_year(ge=2003)
    bydel: str = derived(Case, "bydel", min_filled=1.0)
    best_identifier: str = linked(nb="Beste ident", en="Best identifier", codes=codes.BEST_IDENTIFIER)
    expected: int = declare_count("Ventet", "Expected")
    linkable: int = declare_count("Kan kobles", "Linkable")
    with_record: int = declare_count("Med opplysninger i registeret", "With a record")


class LinkageBias(Table):
    """One row for each category of a characteristic: its share among the linkable and among the others.

    `low` and `high` bound the difference with 95 % confidence (Newcombe's hybrid score interval): where
    they do not include 0, leaving out those who cannot be linked changes the composition.
    """

    __facts__: ClassVar[TableFacts] = linked_table(
        source_name="linkage_bias",
        nb="Skjevhet i kobling",
        en="Linkage bias",
        unit=Entity.ORGANISATION,
        primary_key=("characteristic", "category"),
    )

    characteristic: str = linked(nb="Kjennetegn", en="Characteristic", codes=codes.CHARACTERISTIC)
    category: str = linked(nb="Kategori", en="Category")
    linkable: int = declare_count("Kan kobles", "Linkable")
    not_linkable: int = declare_count("Kan ikke kobles", "Not linkable")
    share_linkable: float = declare_share("Andel av dem som kan kobles", "Share of the linkable")
    share_not_linkable: float = declare_share("Andel av de andre", "Share of the others")
    difference: float = declare_share("Forskjell", "Difference", ge=-1.0)
    low: float = declare_share("Nedre grense (95 %)", "Lower bound (95 %)", ge=-1.0)
    high: float = declare_share("Øvre grense (95 %)", "Upper bound (95 %)", ge=-1.0)
