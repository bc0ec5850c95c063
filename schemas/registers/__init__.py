"""The outcome registers, one file for each, and how each is delivered.

A register's rows name a person by an official identifier; nothing here is keyed by our own numbers.
"""

from schemas.delivery import Delivery
from schemas.registers.benefits import BENEFIT_DELIVERY, Benefit
from schemas.registers.education import EDUCATION_DELIVERY, Education
from schemas.registers.employment import (
    EMPLOYMENT_DELIVERIES,
    EmploymentAnnual,
    EmploymentMonthly,
)
from schemas.registers.identity import IDENTITY_DELIVERY, IdentifierLink
from schemas.registers.language_test import LANGUAGE_TEST_DELIVERY, LanguageTest
from schemas.registers.nir import NIR_DELIVERY, NirParticipant
from schemas.registers.nir_spells import NIR_SPELL_DELIVERIES, NIR_SPELLS
from schemas.registers.population import POPULATION_DELIVERY, PopulationStatus
from schemas.registers.welfare import SOCIAL_ASSISTANCE_DELIVERY, SocialAssistance
from schemas.variable import Table

REGISTERS: tuple[type[Table], ...] = (
    NirParticipant,
    PopulationStatus,
    IdentifierLink,
    EmploymentAnnual,
    EmploymentMonthly,
    Education,
    SocialAssistance,
    Benefit,
    LanguageTest,
    *NIR_SPELLS,
)
DELIVERIES: tuple[Delivery, ...] = (
    NIR_DELIVERY,
    POPULATION_DELIVERY,
    IDENTITY_DELIVERY,
    *EMPLOYMENT_DELIVERIES,
    EDUCATION_DELIVERY,
    SOCIAL_ASSISTANCE_DELIVERY,
    BENEFIT_DELIVERY,
    LANGUAGE_TEST_DELIVERY,
    *NIR_SPELL_DELIVERIES,
)

__all__ = ["DELIVERIES", "REGISTERS"]
