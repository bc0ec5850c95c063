"""Dated code lists with labels (nb, en) and parents: a code's meaning is a fact with a period.

A parent is the code one level up in the list's hierarchy (`CodeList.parent`), so a recoding is read
from the declaration and never written a second time. What does not belong here: which level a
release uses (a request says that).
"""

from schemas.codes.background import (
    CIVIL_STATUS,
    EDUCATION_LEVEL,
    EDUCATION_STAGE,
    HOUSING_TYPE,
    INFORMATION_SOURCE,
    SKILL,
)
from schemas.codes.base import Code, CodeList
from schemas.codes.case import (
    BYDEL,
    BYDEL_GROUP,
    CASE_STATUS,
    CLAIM_TYPE,
    PERMIT_GROUND,
    REFUSAL,
    SETTLEMENT_FORM,
)
from schemas.codes.coarse import (
    AGE_BAND,
    FILL_BAND,
    FILL_HALF,
    FILL_QUARTER,
    PERIOD,
    VALUE_STATE,
    lower_bounds,
)
from schemas.codes.outcome import CENSORING, OUTCOME, OUTCOME_STATUS
from schemas.codes.person import (
    BIRTH_DATE_SOURCE,
    COUNTRY,
    COUNTRY_GROUP,
    IDENTIFIER_TYPE,
    PROTECTION,
    SEX,
    WORLD_REGION,
    YES_NO,
)
from schemas.codes.programme import (
    ABSENCE_CAUSE,
    ACTIVITY,
    ENTITLEMENT,
    LAW,
    NIR_EXIT,
    PARTIAL_RESULT,
    PROGRAMME_GOAL,
    PROGRAMME_STATUS,
    RESULT,
    TEST_RESULT,
)
from schemas.codes.registers import RESIDENCE

CODE_LISTS: tuple[CodeList, ...] = tuple(v for v in list(globals().values()) if isinstance(v, CodeList))


__all__ = [
    "ABSENCE_CAUSE",
    "ACTIVITY",
    "AGE_BAND",
    "BIRTH_DATE_SOURCE",
    "BYDEL",
    "BYDEL_GROUP",
    "CASE_STATUS",
    "CENSORING",
    "CIVIL_STATUS",
    "CLAIM_TYPE",
    "CODE_LISTS",
    "COUNTRY",
    "COUNTRY_GROUP",
    "EDUCATION_LEVEL",
    "EDUCATION_STAGE",
    "ENTITLEMENT",
    "FILL_BAND",
    "FILL_HALF",
    "FILL_QUARTER",
    "HOUSING_TYPE",
    "IDENTIFIER_TYPE",
    "INFORMATION_SOURCE",
    "LAW",
    "NIR_EXIT",
    "OUTCOME",
    "OUTCOME_STATUS",
    "PARTIAL_RESULT",
    "PERIOD",
    "PERMIT_GROUND",
    "PROGRAMME_GOAL",
    "PROGRAMME_STATUS",
    "PROTECTION",
    "REFUSAL",
    "RESIDENCE",
    "RESULT",
    "SETTLEMENT_FORM",
    "SEX",
    "SKILL",
    "TEST_RESULT",
    "VALUE_STATE",
    "WORLD_REGION",
    "YES_NO",
    "Code",
    "CodeList",
    "lower_bounds",
]
