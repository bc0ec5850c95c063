"""The outcome registers, one file for each, and how each is delivered.

A register's rows name a person by an official identifier; nothing here is keyed by our own numbers.
"""

from schemas.delivery import Delivery
from schemas.registers.employment import (
    EMPLOYMENT_DELIVERIES,
    EmploymentAnnual,
    EmploymentMonthly,
)
from schemas.registers.nir import NIR_DELIVERY, NirParticipant
from schemas.registers.population import POPULATION_DELIVERY, PopulationStatus
from schemas.variable import Table

REGISTERS: tuple[type[Table], ...] = (
    NirParticipant,
    PopulationStatus,
    EmploymentAnnual,
    EmploymentMonthly,
)
DELIVERIES: tuple[Delivery, ...] = (
    NIR_DELIVERY,
    POPULATION_DELIVERY,
    *EMPLOYMENT_DELIVERIES,
)

__all__ = ["DELIVERIES", "REGISTERS"]
