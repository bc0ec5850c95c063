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
from schemas.codes.crosswalk import SUCCESSION
from schemas.codes.municipal import FIGURE_STATE, SURVEY_DIMENSION, SURVEY_SCALE
from schemas.codes.outcome import (
    CENSORING,
    EMPLOYMENT_SERIES,
    OUTCOME,
    OUTCOME_STATUS,
    OUTCOME_STATUS_GROUP,
)
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
from schemas.codes.quality import (
    ACTIVITY_OF_MEASURE,
    APPLIED_LAW,
    BEST_IDENTIFIER,
    CHANGED_LAST,
    CHARACTERISTIC,
    PROGRAMME_FLAG,
    RECONCILIATION_KIND,
)
from schemas.codes.registers import (
    EDUCATION_STATUS,
    LINK_CAUSE,
    NIR_ABSENCE,
    NIR_LEAVE,
    NIR_MEASURE,
    RESIDENCE,
    TEST_ENROLMENT,
    TEST_LEVEL,
    TEST_PART,
    TEST_REGIME,
)
from schemas.codes.welfare import (
    BENEFIT,
    BENEFIT_EVENT,
    BENEFIT_GROUP,
    BENEFIT_SITUATION,
    MAIN_INCOME,
    WORK_SITUATION,
)

CODE_LISTS: tuple[CodeList, ...] = tuple(v for v in list(globals().values()) if isinstance(v, CodeList))


__all__ = [
    "ABSENCE_CAUSE",
    "ACTIVITY",
    "ACTIVITY_OF_MEASURE",
    "AGE_BAND",
    "APPLIED_LAW",
    "BENEFIT",
    "BENEFIT_EVENT",
    "BENEFIT_GROUP",
    "BENEFIT_SITUATION",
    "BEST_IDENTIFIER",
    "BIRTH_DATE_SOURCE",
    "BYDEL",
    "BYDEL_GROUP",
    "CASE_STATUS",
    "CENSORING",
    "CHANGED_LAST",
    "CHARACTERISTIC",
    "CIVIL_STATUS",
    "CLAIM_TYPE",
    "CODE_LISTS",
    "COUNTRY",
    "COUNTRY_GROUP",
    "EDUCATION_LEVEL",
    "EDUCATION_STAGE",
    "EDUCATION_STATUS",
    "EMPLOYMENT_SERIES",
    "ENTITLEMENT",
    "FIGURE_STATE",
    "FILL_BAND",
    "FILL_HALF",
    "FILL_QUARTER",
    "HOUSING_TYPE",
    "IDENTIFIER_TYPE",
    "INFORMATION_SOURCE",
    "LAW",
    "LINK_CAUSE",
    "MAIN_INCOME",
    "NIR_ABSENCE",
    "NIR_EXIT",
    "NIR_LEAVE",
    "NIR_MEASURE",
    "OUTCOME",
    "OUTCOME_STATUS",
    "OUTCOME_STATUS_GROUP",
    "PARTIAL_RESULT",
    "PERIOD",
    "PERMIT_GROUND",
    "PROGRAMME_FLAG",
    "PROGRAMME_GOAL",
    "PROGRAMME_STATUS",
    "PROTECTION",
    "RECONCILIATION_KIND",
    "REFUSAL",
    "RESIDENCE",
    "RESULT",
    "SETTLEMENT_FORM",
    "SEX",
    "SKILL",
    "SUCCESSION",
    "SURVEY_DIMENSION",
    "SURVEY_SCALE",
    "TEST_ENROLMENT",
    "TEST_LEVEL",
    "TEST_PART",
    "TEST_REGIME",
    "TEST_RESULT",
    "VALUE_STATE",
    "WORK_SITUATION",
    "WORLD_REGION",
    "YES_NO",
    "Code",
    "CodeList",
    "lower_bounds",
]
