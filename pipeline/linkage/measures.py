"""What an outcome's declaration is: registers, what they say of a month, rules by priority, windows.

A `Measure` says how a month is read: rules in order, each a status and what the registers must (or must
not) say. An `OutcomeWindow` is a measure at a day. What does not belong here: the outcomes themselves
(`outcomes.py`), how they are computed (the `.sql` files), anything about a person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from schemas import codes
from schemas.registers.employment import FIRST_A_MELDING_YEAR

MONTHS_OF_YEAR = range(1, 13)
NOT_RESIDENT = ("dead", "emigrated")  # of codes.OUTCOME_STATUS and of codes.CENSORING


class Reference(StrEnum):
    """What a window's offset counts from."""

    EXIT = "exit"  # the month the programme was left
    NOVEMBER = "november"  # November of the exit year


class Reading(StrEnum):
    """What a status is read from."""

    REASON = "reason"  # the reason of exit, on the day of the exit
    MONTH = "month"  # what the registers say of a calendar month


class Among(StrEnum):
    """Who is in the denominator."""

    RESIDENTS = "residents"
    ALL = "all"  # the dead and the emigrated too, each with a status of their own


class Figure(StrEnum):
    """The figure a window is drawn in: what has one source and one purpose stands together."""

    NATIONAL = "national"
    LOCAL = "local"


class Flag(StrEnum):
    """What may hold of a person in a month: the columns of `schemas.linked.MonthStatus`."""

    IN_WORK = "in_work"
    IN_EDUCATION = "in_education"
    IN_COMPULSORY_SCHOOL = "in_compulsory_school"
    UNEMPLOYED_OR_MEASURE = "unemployed_or_measure"
    SOCIAL_ASSISTANCE = "social_assistance"
    ON_BENEFIT = "on_benefit"


class Register(StrEnum):
    """What must be delivered before a month can be read."""

    EMPLOYMENT = "employment"
    EDUCATION = "education"
    BENEFIT = "benefit"
    SOCIAL_ASSISTANCE = "social_assistance"
    POPULATION = "population"


REGISTER_OF = {
    Flag.IN_WORK: Register.EMPLOYMENT,
    Flag.IN_EDUCATION: Register.EDUCATION,
    Flag.IN_COMPULSORY_SCHOOL: Register.EDUCATION,
    Flag.UNEMPLOYED_OR_MEASURE: Register.BENEFIT,
    Flag.SOCIAL_ASSISTANCE: Register.SOCIAL_ASSISTANCE,
    Flag.ON_BENEFIT: Register.BENEFIT,
}
# The stage of an education, and what enrolment in it is. Not stated (X) is neither: it is not known to be
# above compulsory school, and not known to be it (P).
FLAG_OF_STAGE = {"L": Flag.IN_COMPULSORY_SCHOOL, "M": Flag.IN_EDUCATION, "H": Flag.IN_EDUCATION}
FLAG_OF_BENEFIT_GROUP = {
    "LEDIG": Flag.UNEMPLOYED_OR_MEASURE,
    "HELSE": Flag.ON_BENEFIT,
    "ANNEN": Flag.ON_BENEFIT,
}
# Main activity at exit by Socio's six results: what is neither work nor education is «other».
STATUS_OF_RESULT = {"A": "work", "U": "education", "N": "not_registered"}
OTHER_RESULT = "other"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A status, had by whoever has all of `needs` and none of `without` in the month."""

    status: str
    needs: tuple[Flag, ...] = ()
    without: tuple[Flag, ...] = ()

    def holds(self, flags: Collection[Flag]) -> bool:
        """Whether the rule gives its status to a month with exactly these flags."""
        return set(self.needs) <= set(flags) and not set(self.without) & set(flags)


def by_priority(*, compulsory_school: bool = False, self_financed: bool = False) -> tuple[Rule, ...]:
    """Statistics Norway's priority: work and education, work, education, unemployed, other, unknown.

    With `compulsory_school` grunnskole counts as education too. With `self_financed` education counts
    only in a month without social assistance (P): who pays is not registered, who is paid for is.
    """
    schools = (Flag.IN_EDUCATION, *((Flag.IN_COMPULSORY_SCHOOL,) if compulsory_school else ()))
    paid_for = (Flag.SOCIAL_ASSISTANCE,) if self_financed else ()
    known = (Flag.ON_BENEFIT, Flag.SOCIAL_ASSISTANCE, Flag.IN_COMPULSORY_SCHOOL, Flag.IN_EDUCATION)
    return (
        *(Rule(status="work_education", needs=(Flag.IN_WORK, s), without=paid_for) for s in schools),
        Rule(status="work", needs=(Flag.IN_WORK,)),
        *(Rule(status="education", needs=(school,), without=paid_for) for school in schools),
        Rule(status="unemployed_measure", needs=(Flag.UNEMPLOYED_OR_MEASURE,)),
        *(Rule(status="other", needs=(flag,)) for flag in known),
        Rule(status="unknown"),
    )


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How a month becomes a status: the first of `rules` that holds, the last of which always does."""

    id: str
    rules: tuple[Rule, ...]
    among: Among = Among.RESIDENTS

    def __post_init__(self) -> None:
        if not set(self.priority) <= set(codes.OUTCOME_STATUS.values()):
            raise TypeError(f"{self.id}: a status is in the list of statuses")
        if self.rules and (self.rules[-1].needs or self.rules[-1].without):
            raise TypeError(f"{self.id}: the last rule gives everybody else their status")

    @property
    def priority(self) -> tuple[str, ...]:
        """Every status that can be had, the one that wins first."""
        apart = NOT_RESIDENT if self.among is Among.ALL else ()
        return tuple(dict.fromkeys((*apart, *(rule.status for rule in self.rules))))

    @property
    def registers(self) -> tuple[Register, ...]:
        """Every register that must be delivered for the month: those the rules ask, and who is resident."""
        asked = {REGISTER_OF[flag] for rule in self.rules for flag in (*rule.needs, *rule.without)}
        return tuple(r for r in Register if r in asked or (r is Register.POPULATION and asked))

    def status_of(self, flags: Collection[Flag]) -> str:
        """The status of a month with exactly these flags."""
        return next(rule.status for rule in self.rules if rule.holds(flags))


@dataclass(frozen=True, kw_only=True)
class OutcomeWindow(Measure):
    """One outcome: a measure `months_after` the `reference`, in whole years.

    `numerator` are the statuses that count as reaching the aim; the dead and the emigrated never do.
    `nb` and `en` define the outcome in a sentence for whoever reads a figure of it.
    """

    reading: Reading = Reading.MONTH
    reference: Reference
    months_after: int
    numerator: tuple[str, ...]
    figure: Figure
    nb: str
    en: str
    source: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.id not in codes.OUTCOME.values():
            raise TypeError(f"{self.id} is not in the list of outcomes")
        if not set(self.numerator) <= set(self.priority) - set(NOT_RESIDENT):
            raise TypeError(f"{self.id}: what counts is a status of the outcome, and of somebody resident")
        if self.months_after % len(MONTHS_OF_YEAR):
            raise TypeError(f"{self.id}: a window is whole years after its reference")
        if bool(self.rules) is (self.reading is Reading.REASON):
            raise TypeError(f"{self.id}: a month is read by rules, a reason of exit by its code list")

    @property
    def years_after(self) -> int:
        """The offset in years."""
        return self.months_after // len(MONTHS_OF_YEAR)

    @property
    def priority(self) -> tuple[str, ...]:
        """Every status that can be had, the one that wins first; at exit each reason gives one."""
        if self.reading is Reading.MONTH:
            return super().priority
        return tuple(
            s for s in codes.OUTCOME_STATUS.values() if s in {*STATUS_OF_RESULT.values(), OTHER_RESULT}
        )

    @property
    def first_exit_year_after_break(self) -> int | None:
        """The first exit year that is read from a-meldingen; None where no employment register is read."""
        if Register.EMPLOYMENT not in self.registers:
            return None
        return FIRST_A_MELDING_YEAR - self.years_after
