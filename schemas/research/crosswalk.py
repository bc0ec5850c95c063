"""Which pseudonym a person had before: the one table of a release that nobody asks for by name."""

from typing import ClassVar

from schemas import codes
from schemas.research.extract import declare_pseudonym, research, research_table
from schemas.variable import Entity, Table, TableFacts


class Crosswalk(Table):
    """One row for each pseudonym of earlier versions that another has come instead of, or beside.

    It comes with a pseudonymised output where there is something to tell, and holds the project's own
    pseudonyms alone.
    """

    __facts__: ClassVar[TableFacts] = research_table(
        source_name="crosswalk",
        nb="Pseudonymer som er endret",
        en="Pseudonyms that have changed",
        unit=Entity.PERSON,
        primary_key=("former_pseudonym", "pseudonym"),
    )

    former_pseudonym: str = declare_pseudonym(
        nb="Pseudonym i tidligere versjoner", en="Pseudonym in earlier versions"
    )
    pseudonym: str = declare_pseudonym()
    reason: str = research(
        nb="Grunn til nytt pseudonym", en="Reason for another pseudonym", codes=codes.SUCCESSION
    )
