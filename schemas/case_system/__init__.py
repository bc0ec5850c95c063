"""The case system's tables (Oslo's Socio), one file for each subject, in the order they are read.

The order is the order of validation too: a table stands after every table its keys point to.
"""

from schemas.case_system.administration import ChangeLog, CodeListEntry, Note
from schemas.case_system.background import Background, Economy, Family, Health, Housing
from schemas.case_system.case import Adviser, Case
from schemas.case_system.grant import GrantClaim
from schemas.case_system.person import Identifier, Person
from schemas.case_system.programme import Absence, Activity, Programme
from schemas.case_system.result import PartialResult, Result
from schemas.case_system.settlement import ResidencePermit, Settlement
from schemas.variable import Table

CASE_SYSTEM: tuple[type[Table], ...] = (
    Person,
    Identifier,
    Adviser,
    Case,
    ResidencePermit,
    Settlement,
    GrantClaim,
    Background,
    Family,
    Health,
    Economy,
    Housing,
    Programme,
    Activity,
    Absence,
    PartialResult,
    Result,
    Note,
    CodeListEntry,
    ChangeLog,
)

__all__ = ["CASE_SYSTEM"]
