"""Programmes, cohorts, months of work and outcomes at windows, made from `core` by DuckDB.

One `.sql` file for each join, its typed caller in `queries.py`, the windows declared in `outcomes.py`;
`link` runs them in order and stores what they give. What does not belong here: identifiers (there are
none left), and who may be used (a release and a report ask `identity.usable`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.linkage import outcomes, queries
from pipeline.tables import Stored
from schemas.linked import ExitCohort, Outcome, OutcomeSummary, ProgrammeSpell, WorkMonth
from schemas.variable import Table, table_name

__all__ = ["READS", "link", "outcomes", "queries"]

Cores = Mapping[str, Sequence[Stored]]

# The core tables that linking reads, in the order `link` takes them.
READS = (
    "programme",
    "case",
    "result",
    "nir_participant",
    "population_status",
    "employment_annual",
    "employment_monthly",
)


def link(settings: Settings, cores: Cores, *, as_of: date, linkable: pl.DataFrame) -> dict[str, Stored]:
    """Make and store the linked tables; a step whose inputs have not changed is not run again.

    `cores` gives the stored parts of each core table by its name; the name of a register's part is the
    period it covers, and a table that is missing has no rows. `linkable` has the `person_key` of every
    person with an identifier a register can be asked about.
    """
    programme, case, result, nir, population, annual, monthly = (
        sorted(cores.get(name, ()), key=lambda part: part.name) for name in READS
    )
    loaded = outcomes.loaded_years(
        annual=_names(annual), monthly=_names(monthly), population=_names(population)
    )

    spell = _step(
        settings,
        ProgrammeSpell,
        _identity(programme, case, result, nir),
        lambda: queries.programme_spell(settings, programme=programme, case=case, result=result, nir=nir),
    )
    work = _step(
        settings,
        WorkMonth,
        _identity(annual, monthly, [spell]),
        lambda: queries.work_month(settings, annual=annual, monthly=monthly, spells=[spell]),
    )
    cohort = _step(
        settings,
        ExitCohort,
        [as_of, *_identity([spell])],
        lambda: queries.exit_cohort(settings, as_of, spells=[spell]),
    )
    outcome = _step(
        settings,
        Outcome,
        [as_of, loaded["year"].to_list(), _digest(linkable), *_identity([cohort], [work], population)],
        lambda: queries.outcome(
            settings,
            as_of,
            cohort=[cohort],
            work=[work],
            population=population,
            loaded=loaded,
            linkable=linkable,
        ),
    )
    summary = _step(
        settings,
        OutcomeSummary,
        _identity([outcome]),
        lambda: queries.outcome_summary(settings, outcomes=[outcome]),
    )
    made = {stored.name: stored for stored in (spell, cohort, work, outcome, summary)}
    tables.prune(settings.linked, made)
    return made


def _step(
    settings: Settings, table: type[Table], inputs: Sequence[object], make: Callable[[], pl.DataFrame]
) -> Stored:
    """The stored result of a step, made only where it was not already made of the same inputs."""
    name = table_name(table)
    key = tables.step_key(name, *inputs)
    found = tables.reusable(settings.linked, name, key)
    return found or tables.write(settings.linked, name, make(), key=key, table=table)


def _identity(*sources: Sequence[Stored]) -> list[list[tuple[str, str]]]:
    return [[(part.name, part.key) for part in parts] for parts in sources]


def _names(parts: Sequence[Stored]) -> list[str]:
    return [part.name for part in parts]


def _digest(linkable: pl.DataFrame) -> str:
    keys = linkable["person_key"].unique().sort().cast(pl.Int64)
    return hashlib.sha256(keys.to_numpy().tobytes()).hexdigest()
