"""The typed callers of the `.sql` files beside this one: one file, one caller, one checked result.

What does not belong here: how a query is run and its result checked (`engine`), where results are stored,
and when a step may be skipped (`steps`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.config import Settings
from pipeline.linkage import outcomes
from pipeline.linkage.engine import Keep, Source, run
from pipeline.linkage.limits import CARE_LEAVE_MONTHS
from schemas import codes
from schemas.codes.programme import MOVED_BYDEL, RUNNING
from schemas.codes.registers import CARE_LEAVE, UNDER_WAY
from schemas.linked import (
    CohortExclusion,
    ExitCohort,
    MonthStatus,
    Outcome,
    OutcomeSummary,
    Panel,
    ProgrammeSpell,
    WorkMonth,
    WorkYear,
    YearStatus,
)
from schemas.linked.outcome import PANEL_MONTHS
from schemas.registers.employment import FIRST_A_MELDING_YEAR

ENDED = tuple(s for s in codes.PROGRAMME_STATUS.values() if s not in (*RUNNING, MOVED_BYDEL))
(NOT_REGISTERED,) = codes.NIR_EXIT.unknown
STARTED, STOPPED = codes.BENEFIT_EVENT.values()
DAYS_APART = 31  # how far two registrations of one event may lie from each other


def programme_spell(
    settings: Settings,
    *,
    programme: Source,
    case: Source,
    result: Source,
    nir: Source,
) -> pl.DataFrame:
    """Every programme with its bydel, the day it was left and the reason of exit that counts."""
    params = {
        "moved": MOVED_BYDEL,
        "ended": list(ENDED),
        "not_registered": NOT_REGISTERED,
        "days": DAYS_APART,
    }
    return run(
        settings,
        ProgrammeSpell,
        params,
        core_programme=programme,
        core_case=case,
        core_result=result,
        core_nir_participant=nir,
    )


def exit_cohort(settings: Settings, as_of: date, *, spells: Source, leave: Source) -> pl.DataFrame:
    """Every person's last exit by `as_of`, moved to the end of care leave after birth."""
    params = {
        "as_of": as_of,
        "not_registered": NOT_REGISTERED,
        "days": DAYS_APART,
        "care_leave": CARE_LEAVE,
        "care_leave_months": CARE_LEAVE_MONTHS,
    }
    return run(settings, ExitCohort, params, programme_spell=spells, core_nir_leave=leave)


def cohort_exclusion(settings: Settings, as_of: date, *, spells: Source, cohort: Source) -> pl.DataFrame:
    """Everybody else with a programme, and why they are in no exit cohort."""
    params = {"as_of": as_of, "running": list(RUNNING)}
    return run(settings, CohortExclusion, params, programme_spell=spells, exit_cohort=cohort)


def work_year(
    settings: Settings,
    *,
    annual: Source,
    monthly: Source,
    participants: pl.DataFrame,
    into: Keep | None = None,
) -> pl.DataFrame:
    """The one pass over the employment register: participants' years with a record, and the months in work.

    `participants` has their `person_key`, each once.
    """
    return run(
        settings,
        WorkYear,
        {},
        into,
        core_employment_annual=annual,
        core_employment_monthly=monthly,
        participant=participants,
    )


def work_month(settings: Settings, *, years: Source, into: Keep | None = None) -> pl.DataFrame:
    """Every participant's months with hours and pay, of `years` (WorkYear)."""
    return run(settings, WorkMonth, {"first_monthly_year": FIRST_A_MELDING_YEAR}, into, work_year=years)


def year_status(
    settings: Settings,
    *,
    work: Source,
    education: Source,
    benefit: Source,
    assistance: Source,
    spells: Source,
    delivered_to: date | None,
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every participant's years in which a register says anything of them; `work` are their WorkYear.

    `delivered_to` is the last day benefits are delivered for: what has not stopped is known to run so far.
    """
    return run(
        settings,
        YearStatus,
        {
            "under_way": UNDER_WAY,
            "started": STARTED,
            "stopped": STOPPED,
            "delivered_to": delivered_to,
        },
        into,
        work_year=work,
        core_education=education,
        core_benefit=benefit,
        core_social_assistance=assistance,
        programme_spell=spells,
        education_flag=outcomes.education_flag_frame(),
        benefit_flag=outcomes.benefit_flag_frame(),
    )


def month_status(settings: Settings, *, years: Source, into: Keep | None = None) -> pl.DataFrame:
    """Every participant's months in which a register says anything of them, of `years` (YearStatus)."""
    return run(settings, MonthStatus, {}, into, year_status=years)


def outcome(
    settings: Settings,
    as_of: date,
    *,
    cohort: Source,
    years: Source,
    population: Source,
    answerable: pl.DataFrame,
    linkable: pl.DataFrame,
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every person of the cohort at every window of `outcomes.WINDOWS`.

    `years` is what the registers say (YearStatus), `answerable` the months each outcome can be read for,
    `linkable` the persons with a usable identifier.
    """
    return run(
        settings,
        Outcome,
        {"as_of": as_of, "first_monthly_year": FIRST_A_MELDING_YEAR},
        into,
        exit_cohort=cohort,
        year_status=years,
        core_population_status=population,
        residence_code=outcomes.residence_frame(),
        outcome_window=outcomes.window_frame(),
        outcome_numerator=outcomes.numerator_frame(),
        status_of_flags=outcomes.status_frame(),
        exit_status=outcomes.exit_status_frame(),
        answerable=answerable,
        linkable_person=linkable.select("person_key").unique(),
    )


def panel(
    settings: Settings,
    as_of: date,
    *,
    cohort: Source,
    years: Source,
    population: Source,
    answerable: pl.DataFrame,
    linkable: pl.DataFrame,
    into: Keep | None = None,
) -> pl.DataFrame:
    """Every person of the cohort in every month since the exit, by `outcomes.PANEL`."""
    of_panel = pl.col("outcome") == outcomes.PANEL.id
    return run(
        settings,
        Panel,
        {"as_of": as_of, "months": PANEL_MONTHS},
        into,
        exit_cohort=cohort,
        year_status=years,
        core_population_status=population,
        residence_code=outcomes.residence_frame(),
        status_of_flags=outcomes.status_frame([outcomes.PANEL]),
        answerable=answerable.filter(of_panel),
        linkable_person=linkable.select("person_key").unique(),
    )


def outcome_summary(settings: Settings, *, outcomes: Source) -> pl.DataFrame:
    """Numerator, denominator and what was left out, by exit year and outcome."""
    return run(settings, OutcomeSummary, {}, outcome=outcomes)
