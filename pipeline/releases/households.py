"""Who lives together, as far as the case system tells: spouses, by what was registered last.

It has no number of a household, and names neither the children of a person nor the parents: those count each
for themselves. What does not belong here: what a household is used for.
"""

from __future__ import annotations

import polars as pl

from pipeline.requests.request import Bilingual

HOUSEHOLD = "household"
_PERSON, _SPOUSE = "person_key", "spouse_key"

TOLD = Bilingual(
    nb="Ektefeller er én husstand, slik fagsystemet sist har registrert dem. Barn, foreldre og søsken er "
    "ikke registrert der, og teller hver for seg.",
    en="Spouses are one household, as the case system registered them last. Children, parents and siblings "
    "are not registered there, and count each for themselves.",
)


def households(persons: pl.Series, family: pl.DataFrame) -> pl.Series:
    """A number for the household of each of `persons` (person keys), in their order.

    `family` as in `core`. Who lives with nobody has a number alone; a number says nothing of the keys but
    their order, and stays in the house.
    """
    everybody = persons.alias(_PERSON).to_frame()
    found = everybody.join(together(family), on=_PERSON, how="left", maintain_order="left")
    return found[HOUSEHOLD].fill_null(persons).rank("dense").cast(pl.Int64).alias(HOUSEHOLD)


def together(family: pl.DataFrame) -> pl.DataFrame:
    """`person_key` and `household` of everybody who is, or has, the spouse registered last.

    Whichever of the two named the other. Where several name one person they are one household, which is
    called by its least key.
    """
    last = family.sort(_PERSON, "registered_on", _SPOUSE).unique(_PERSON, keep="last")
    couples = last.select(_PERSON, _SPOUSE).drop_nulls()
    both = pl.concat(
        [couples, couples.select(pl.col(_SPOUSE).alias(_PERSON), pl.col(_PERSON).alias(_SPOUSE))]
    )
    found = both.select(_PERSON, pl.col(_PERSON).alias(HOUSEHOLD)).unique()
    while True:
        # Everybody takes the least of what their spouses are called, until nothing changes any more.
        named = both.join(found.rename({_PERSON: _SPOUSE}), on=_SPOUSE)
        least = pl.concat([found, named.select(found.columns)]).group_by(_PERSON).agg(pl.col(HOUSEHOLD).min())
        if least[HOUSEHOLD].sum() == found[HOUSEHOLD].sum():
            return found.sort(_PERSON)
        found = least
