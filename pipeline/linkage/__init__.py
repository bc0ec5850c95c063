"""Programmes, cohorts, months, outcomes at windows and the panel, made from `core` by DuckDB.

One `.sql` file for each join, its typed caller in `queries.py`, the outcomes declared in `outcomes.py`
(what a declaration is: `measures.py`); `link` runs them in order and stores what they give. What does not
belong here: identifiers (there are none left), and who may be used (a release and a report ask
`identity.usable`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.identity.identifiers import Kind
from pipeline.linkage import outcomes, queries
from pipeline.linkage.checks import checks
from pipeline.linkage.outcomes import Register
from pipeline.linkage.steps import digest, identity, large_step, names, step
from pipeline.tables import Stored
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
from schemas.variable import table_name

__all__ = ["READS", "link", "outcomes", "queries"]

Cores = Mapping[str, Sequence[Stored]]

# The core tables that linking reads.
READS = (
    "programme",
    "case",
    "result",
    "nir_participant",
    "nir_leave",
    "population_status",
    "employment_annual",
    "employment_monthly",
    "education",
    "benefit",
    "social_assistance",
    "activity",
    "absence",
    "residence_permit",
    "person",
    "nir_measure",
    "language_test",
)


def link(
    settings: Settings,
    cores: Cores,
    *,
    as_of: date,
    linkable: pl.DataFrame,
    identified: pl.DataFrame | None = None,
    changes: pl.DataFrame | None = None,
) -> dict[str, Stored]:
    """Make and store the linked tables; a step whose inputs have not changed is not run again.

    `cores` gives the stored parts of each core table by its name; the name of a register's part is the
    period it covers, and a table that is missing has no rows. `linkable` has the `person_key` of every
    person with an identifier a register can be asked about; `identified` everybody's best_identifier (where
    it is not given, a fødselsnummer for each who is linkable); `changes` the last day a programme was changed
    (programme_key, changed_on), if any log says so.
    """
    read = {name: sorted(cores.get(name, ()), key=lambda part: part.name) for name in READS}
    spell, cohort, excluded = _programmes(settings, read, as_of)
    work = _work_years(settings, read, spell)
    years, *months = _years(settings, read, spell, work)
    measured = _outcomes(settings, read, as_of, cohort, years, linkable)
    known = _identified(identified, linkable)
    checked = checks(settings, read, as_of, spell, work, linkable, known, _changes(changes))
    steps = (spell, cohort, excluded, years, *months, *measured, *checked)
    made = {stored.name: stored for stored in steps}
    tables.prune(settings.linked, made)
    return made


def _identified(identified: pl.DataFrame | None, linkable: pl.DataFrame) -> pl.DataFrame:
    if identified is not None:
        return identified
    return linkable.select("person_key", best_identifier=pl.lit(Kind.FNR.value)).unique()


def _changes(changes: pl.DataFrame | None) -> pl.DataFrame:
    return (
        pl.DataFrame(schema={"programme_key": pl.Int64, "changed_on": pl.Date})
        if changes is None
        else changes
    )


def _programmes(settings: Settings, read: Cores, as_of: date) -> tuple[Stored, Stored, Stored]:
    spell = step(
        settings,
        ProgrammeSpell,
        identity(read["programme"], read["case"], read["result"], read["nir_participant"]),
        lambda: queries.programme_spell(
            settings,
            programme=read["programme"],
            case=read["case"],
            result=read["result"],
            nir=read["nir_participant"],
        ),
    )
    cohort = step(
        settings,
        ExitCohort,
        [as_of, *identity([spell], read["nir_leave"])],
        lambda: queries.exit_cohort(settings, as_of, spells=[spell], leave=read["nir_leave"]),
    )
    excluded = step(
        settings,
        CohortExclusion,
        [as_of, *identity([spell], [cohort])],
        lambda: queries.cohort_exclusion(settings, as_of, spells=[spell], cohort=[cohort]),
    )
    return spell, cohort, excluded


def _work_years(settings: Settings, read: Cores, spell: Stored) -> list[Stored]:
    """What is kept of the employment register, a part for each year.

    A part is made again of other deliveries of its year, or for other participants: a new month costs the
    reading of its year, not of the history.
    """
    annual, monthly = read["employment_annual"], read["employment_monthly"]
    participants = tables.read(spell, columns=["person_key"]).unique().sort("person_key")
    sought = digest(participants)

    def of_year(year: str) -> Stored:
        its = [[part for part in side if part.name.startswith(year)] for side in (annual, monthly)]
        ask = partial(queries.work_year, settings, annual=its[0], monthly=its[1], participants=participants)
        return large_step(
            settings, WorkYear, [sought, *identity(*its)], lambda into: ask(into=into), part=year
        )

    parts = [of_year(year) for year in sorted({part.name[:4] for part in (*annual, *monthly)})]
    tables.prune(settings.linked / table_name(WorkYear), names(parts))
    return parts


def _years(
    settings: Settings, read: Cores, spell: Stored, work: Sequence[Stored]
) -> tuple[Stored, Stored, Stored]:
    years = large_step(
        settings,
        YearStatus,
        identity(work, [spell], read["education"], read["benefit"], read["social_assistance"]),
        lambda into: queries.year_status(
            settings,
            work=work,
            education=read["education"],
            benefit=read["benefit"],
            assistance=read["social_assistance"],
            spells=[spell],
            delivered_to=outcomes.last_day_of(names(read["benefit"])),
            into=into,
        ),
    )
    worked = large_step(
        settings,
        WorkMonth,
        identity(work),
        lambda into: queries.work_month(settings, years=work, into=into),
    )
    months = large_step(
        settings,
        MonthStatus,
        identity([years]),
        lambda into: queries.month_status(settings, years=[years], into=into),
    )
    return years, worked, months


def _outcomes(
    settings: Settings, read: Cores, as_of: date, cohort: Stored, years: Stored, linkable: pl.DataFrame
) -> tuple[Stored, Stored, Stored]:
    answerable = outcomes.answerable_frame(delivered(read))
    asked: dict[str, Any] = {
        "cohort": [cohort],
        "years": [years],
        "population": read["population_status"],
        "answerable": answerable,
        "linkable": linkable,
    }
    inputs = [
        as_of,
        answerable.rows(),
        digest(linkable.select("person_key")),
        *identity([cohort], [years], read["population_status"]),
    ]
    outcome = large_step(
        settings, Outcome, inputs, lambda into: queries.outcome(settings, as_of, **asked, into=into)
    )
    panel = large_step(
        settings, Panel, inputs, lambda into: queries.panel(settings, as_of, **asked, into=into)
    )
    summary = step(
        settings,
        OutcomeSummary,
        identity([outcome]),
        lambda: queries.outcome_summary(settings, outcomes=[outcome]),
    )
    return outcome, panel, summary


def delivered(read: Cores) -> dict[Register, list[str]]:
    """The periods each register of `outcomes` has been delivered for."""
    return {
        Register.EMPLOYMENT: names(read["employment_annual"]) + names(read["employment_monthly"]),
        Register.EDUCATION: names(read["education"]),
        Register.BENEFIT: names(read["benefit"]),
        Register.SOCIAL_ASSISTANCE: names(read["social_assistance"]),
        Register.POPULATION: names(read["population_status"]),
    }
