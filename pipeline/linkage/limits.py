"""How long a programme, and leave from it, may last by the rules: declared here and nowhere else.

What does not belong here: how a programme is held against its limit (`programme_flag.sql`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas import codes
from schemas.codes.programme import BIRTH_OR_CARE, LEAVE_FOR_WORK, UPPER_SECONDARY

# integreringsloven in force; permits decided before it stay under the act of 2003 (facts §3.4, F75)
ACT_OF_2021_FROM = date(2021, 1, 1)
CHAPTER_6A_FROM = date(2022, 6, 15)  # of that act, for collective protection (K)
CARE_LEAVE_MONTHS = 10  # the most that care leave in the child's first year may last (facts §3.4, F64)
LEAVE_CAUSES = (BIRTH_OR_CARE, LEAVE_FOR_WORK)


@dataclass(frozen=True, kw_only=True)
class ProgrammeLimit:
    """The months a programme may last, leave not counted, under `law` with one of `goals`.

    None among the goals is a goal nobody registered: it has the widest limit of its law, so that nothing
    is flagged for what is not known.
    """

    law: str
    goals: tuple[str | None, ...]
    months: int
    nb: str
    en: str
    source: str

    def __post_init__(self) -> None:
        if self.law not in codes.APPLIED_LAW.values():
            raise TypeError(f"{self.law} is not in the list of rules")
        if not set(self.goals) <= {*codes.PROGRAMME_GOAL.values(), None}:
            raise TypeError(f"{self.law}: a goal is in the list of goals")


_ANY_GOAL: tuple[str | None, ...] = (*codes.PROGRAMME_GOAL.values(), None)
_UPPER_SECONDARY: tuple[str | None, ...] = (UPPER_SECONDARY, None)

LIMITS: tuple[ProgrammeLimit, ...] = (
    ProgrammeLimit(
        law="2003",
        goals=_ANY_GOAL,
        months=36,
        nb="Inntil to år, i særlige tilfeller tre, og permisjon i tillegg.",
        en="Up to two years, three in special cases, and leave on top.",
        source="introduksjonsloven 4.7.2003 nr 80 (facts §3.4: S0, F61)",
    ),
    ProgrammeLimit(
        law="2021",
        goals=_UPPER_SECONDARY,
        months=48,
        nb="Med fullført videregående som sluttmål inntil fire år, og permisjon i tillegg.",
        en="Up to four years where the goal is upper secondary, and leave on top.",
        source="integreringsloven, in force 1.1.2021 (facts §3.4: F41)",
    ),
    ProgrammeLimit(
        law="2021",
        goals=tuple(goal for goal in _ANY_GOAL if goal not in _UPPER_SECONDARY),
        months=36,
        nb="Med et annet sluttmål inntil tre år, og permisjon i tillegg.",
        en="Up to three years with another goal, and leave on top.",
        source="integreringsloven, in force 1.1.2021 (facts §3.4: F48)",
    ),
    ProgrammeLimit(
        law="6A",
        goals=_ANY_GOAL,
        months=12,
        nb="Kollektiv beskyttelse (§ 34): inntil ett år, og permisjon i tillegg.",
        en="Collective protection (section 34): up to one year, and leave on top.",
        source="integreringsloven chapter 6A (facts §3.4: F33b, F40)",
    ),
)


def limit_frame() -> pl.DataFrame:
    """The limits as `programme_flag.sql` reads them: one row for each law and goal."""
    return pl.DataFrame(
        [(limit.law, goal, limit.months) for limit in LIMITS for goal in limit.goals],
        schema={"law": pl.String, "programme_goal": pl.String, "months": pl.Int64},
        orient="row",
    )
