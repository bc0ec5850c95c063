"""FACTS: what every table and every variable is. Imports nothing of ours, acts on nothing.

Start here: `SOURCE_TABLES` are read from outside, `LINKED`, `QUALITY` and `RESEARCH` are made by us,
`TABLES` is all of them. Adding a variable is one line in the class of its table; everything else reads it.
"""

from schemas.case_system import CASE_SYSTEM
from schemas.delivery import Delivery
from schemas.linked import KEPT, LINKED
from schemas.municipal import MUNICIPAL, MUNICIPAL_DELIVERIES
from schemas.quality import QUALITY
from schemas.registers import DELIVERIES as REGISTER_DELIVERIES
from schemas.registers import REGISTERS
from schemas.research import RESEARCH
from schemas.variable import Table, table_name

SOURCE_TABLES: tuple[type[Table], ...] = (*CASE_SYSTEM, *REGISTERS, *MUNICIPAL)
TABLES: tuple[type[Table], ...] = (*SOURCE_TABLES, *KEPT, *LINKED, *QUALITY, *RESEARCH)
DELIVERIES: tuple[Delivery, ...] = (*REGISTER_DELIVERIES, *MUNICIPAL_DELIVERIES)
BY_NAME: dict[str, type[Table]] = {table_name(table): table for table in TABLES}

__all__ = [
    "BY_NAME",
    "CASE_SYSTEM",
    "DELIVERIES",
    "KEPT",
    "LINKED",
    "MUNICIPAL",
    "QUALITY",
    "REGISTERS",
    "RESEARCH",
    "SOURCE_TABLES",
    "TABLES",
    "Table",
    "table_name",
]
