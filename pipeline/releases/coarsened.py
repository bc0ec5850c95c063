"""The coarsened table of a release: its rows at their finest level, and what the engine makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from pipeline.disclosure.anonymise import Anonymised, recoded
from pipeline.disclosure.coarsen import hierarchies, quasi_identifiers
from pipeline.disclosure.engine.cuts import Cuts
from pipeline.disclosure.roles import Roles
from pipeline.disclosure.usual import Usual
from pipeline.errors import TableRejected
from pipeline.releases.households import households
from pipeline.releases.sources import Sources, latest
from schemas import codes
from schemas.research import CoarsenedOutcome
from schemas.variable import Column, column, columns, polars_schema

_STATUS = "status_"
# What a version stores for the next: a level for each variable, or cuts where levels differ by class.
Recoding = Mapping[str, int] | Cuts


class Levels(StrEnum):
    """How the levels of a version came about, or the cuts where they differ by class."""

    NEW = "new"  # nothing was stored that fits this request and these declarations
    KEPT = "kept"  # those of the version before
    COARSER = "coarser"  # those of the version before did not meet the targets any more


@dataclass(frozen=True)
class Recoded:
    """How a coarsened file was made.

    `before` are the same columns of everybody, usable and asked for, at the finest level, and `homes` numbers
    their households, row by row: exact, so both stay in the house. `levels` is what became of `made.levels`,
    or of `made.cuts`.
    """

    before: pl.DataFrame
    homes: pl.Series
    roles: Roles
    made: Anonymised
    levels: Levels


def recode(
    sources: Sources,
    approved: Sequence[Column],
    roles: Roles,
    stored: Recoding | None,
    usual: Usual | None = None,
) -> Recoded:
    """The approved columns coarsened until they meet the targets of `roles`, whose k counts households.

    `stored` is the recoding of the version before, None where there is none, and `usual` what was stored with
    it of what is usual; what is not usual any more is counted anew. Raises TargetUnreachable where nothing
    was found that meets the targets.
    """
    cohort = _cohort(sources)
    before = _coded(cohort).select(c.name for c in approved)
    homes = households(cohort["person_key"], sources.family)
    roles = roles.model_copy(update={"household": homes.name}).with_usual(usual or {})
    above = hierarchies(approved, before)
    made = recoded(before.with_columns(homes), roles, above, storing=True, stored=stored)
    return Recoded(before, homes, roles.with_usual(made.usual or {}), made, _came_about(made, stored))


def _came_about(made: Anonymised, stored: Recoding | None) -> Levels:
    if stored is None:
        return Levels.NEW
    return Levels.KEPT if stored == (made.cuts if made.levels is None else made.levels) else Levels.COARSER


def finest(sources: Sources) -> pl.DataFrame:
    """`CoarsenedOutcome` with every variable at its finest level: a row for each person of the exit cohort.

    Who has no value gets the code list's «ukjent»; a status is null where it is not observed, and a health
    or benefit field where nothing is registered. A value without a code is refused, never guessed.
    """
    return _coded(_cohort(sources))


def _cohort(sources: Sources) -> pl.DataFrame:
    """Everything about the persons of the exit cohort, each by its key."""
    spells = sources.exit_cohort.select(
        "person_key",
        "bydel",
        _text(pl.col("exit_year")).alias("exit_year"),
        pl.col("started_on").dt.strftime("%Y-%m").alias("start_month"),
        pl.col("left_on").dt.truncate("1mo").alias("month"),
    )
    persons = sources.person.select(
        "person_key", "sex", "country_of_birth", _text(pl.col("birth_date").dt.year()).alias("birth_year")
    )
    whole = spells.join(persons, on="person_key").join(
        _on_benefit(sources), on=["person_key", "month"], how="left"
    )
    for beside in (_background(sources), _family(sources), _health(sources), _statuses(sources)):
        whole = whole.join(beside, on="person_key", how="left")
    return whole


def _coded(cohort: pl.DataFrame) -> pl.DataFrame:
    known = quasi_identifiers()
    made = cohort.select(
        pl.col(c.name).fill_null(_unknown(c)) if c.name in known else pl.col(c.name)
        for c in columns(CoarsenedOutcome)
    ).cast(polars_schema(CoarsenedOutcome))  # type: ignore[arg-type]
    _refuse_strangers(made)
    return made


def _background(sources: Sources) -> pl.DataFrame:
    rows = latest(sources.background, "registered_on", ["education_level", "school_years"])
    return rows.select("person_key", "education_level")


def _family(sources: Sources) -> pl.DataFrame:
    """How many children; the highest code of the list is that many or more."""
    most = max(codes.CHILDREN.values(), key=lambda code: code.endswith("+"))
    least = int(most.removesuffix("+"))
    number = pl.col("children_under_18")
    told = pl.when(number >= least).then(pl.lit(most)).otherwise(_text(number))
    rows = latest(sources.family, "registered_on", ["children_under_18"])
    return rows.select("person_key", told.alias("children"))


def _health(sources: Sources) -> pl.DataFrame:
    rows = latest(sources.health, "registered_on", ["disability", "chronic_illness"])
    return rows.select("person_key", "disability", "chronic_illness")


def _on_benefit(sources: Sources) -> pl.DataFrame:
    """Whether a register says that a benefit ran, for each person and month that any register knows of."""
    yes, no, _ = codes.YES_NO.values()
    told = pl.when("on_benefit").then(pl.lit(yes)).otherwise(pl.lit(no))
    return sources.month_status.select("person_key", "month", told.alias("on_benefit"))


def _statuses(sources: Sources) -> pl.DataFrame:
    """A column for each outcome that is offered, at the level of the column's codes."""
    wide = sources.outcome.pivot(
        on="outcome", on_columns=codes.OUTCOME.values(), index="person_key", values="status"
    )
    offered = [c for c in columns(CoarsenedOutcome) if c.name.startswith(_STATUS)]
    return wide.select("person_key", *(_status(c) for c in offered))


def _status(declared: Column) -> pl.Expr:
    status = pl.col(declared.name.removeprefix(_STATUS))
    if declared.about.codes == codes.OUTCOME_STATUS.parent:
        parents = codes.OUTCOME_STATUS.parents()
        status = status.replace_strict(parents, default=None, return_dtype=pl.String)
    return status.alias(declared.name)


def _unknown(declared: Column) -> str:
    """The one code of the column's list that says «ukjent»."""
    assert declared.about.codes is not None
    (code,) = sorted(declared.about.codes.unknown)
    return code


def _text(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int64).cast(pl.String)


def _refuse_strangers(made: pl.DataFrame) -> None:
    strange = [
        name
        for name in made.columns
        if (listed := column(CoarsenedOutcome, name).about.codes) is not None
        and not made[name].drop_nulls().is_in(list(listed.values())).all()
    ]
    if strange:
        raise TableRejected(
            f"coarsened_outcome: there are values that no declared hierarchy knows ({', '.join(strange)}).",
            instead="Nothing was coarsened or published. Values are withheld on purpose.",
            do="Add the code, with its parent, to schemas/codes.",
        )
