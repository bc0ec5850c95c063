"""Sources that carry municipalities and years, never a person, and how each is delivered.

Anonymous surveys (KS) and cost figures can be joined by municipality and year only: a table here that
could be joined to a person cannot be defined (`MunicipalTable`).
"""

from schemas.delivery import Delivery
from schemas.municipal.base import MunicipalTable
from schemas.municipal.tables import (
    INDICATOR_DELIVERY,
    NETWORK_DELIVERY,
    USER_SURVEY_DELIVERY,
    MunicipalIndicator,
    NetworkRound,
    UserSurvey,
)

MUNICIPAL: tuple[type[MunicipalTable], ...] = (UserSurvey, MunicipalIndicator, NetworkRound)
MUNICIPAL_DELIVERIES: tuple[Delivery, ...] = (USER_SURVEY_DELIVERY, INDICATOR_DELIVERY, NETWORK_DELIVERY)

__all__ = [
    "MUNICIPAL",
    "MUNICIPAL_DELIVERIES",
    "MunicipalIndicator",
    "MunicipalTable",
    "NetworkRound",
    "UserSurvey",
]
