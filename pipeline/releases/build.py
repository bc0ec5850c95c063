"""The frames of a release: usable persons, approved columns, project pseudonyms or coarsened classes.

Frames in, frames out; every frame obeys its research schema before anybody sees it. Which persons may be
used is handed in (`identity.usable` decides), and so are the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from pandera.errors import SchemaErrors

from pipeline import tables
from pipeline.disclosure.coarsen import coarsen, quasi_identifiers, suppress
from pipeline.errors import RequestRefused, TableRejected
from pipeline.identity.keys import ProjectKey, pseudonyms
from pipeline.identity.residence import not_resident
from pipeline.identity.usable import OutputKind
from pipeline.requests.request import Output, Request, Whose, tables_of
from pipeline.tables import Stored
from schemas.case_system.background import Background
from schemas.codes.registers import DEAD, EMIGRATED
from schemas.core import in_core
from schemas.registers.population import PopulationStatus
from schemas.research import CoarsenedOutcome, ExtractOutcome, ExtractPerson, ExtractProgramme
from schemas.variable import Column, Table, ValueState, column, facts, polars_schema

NEEDED_CORES = ("person", "settlement", "background", "population_status")
NEEDED_LINKED = ("programme_spell", "exit_cohort", "outcome")
_STATE = "_state"


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema=polars_schema(in_core(PopulationStatus)))


@dataclass(frozen=True)
class Sources:
    """The frames a release is made from, whole: core tables and linked tables by name."""

    person: pl.DataFrame
    settlement: pl.DataFrame
    background: pl.DataFrame
    programme_spell: pl.DataFrame
    exit_cohort: pl.DataFrame
    outcome: pl.DataFrame
    population_status: pl.DataFrame = field(default_factory=_nobody)

    @classmethod
    def read(cls, cores: Mapping[str, Iterable[Path]], linked: Mapping[str, Stored]) -> Sources:
        """From the stored tables of `core` (parts by table) and `linked`."""
        parts = {name: [tables.read(path) for path in sorted(cores[name])] for name in NEEDED_CORES}
        # A register that was never delivered has no part, and says nothing of anybody.
        core = {name: pl.concat(frames) for name, frames in parts.items() if frames}
        return cls(**core, **{name: tables.read(linked[name]) for name in NEEDED_LINKED})

    def only(self, persons: pl.DataFrame) -> Sources:
        """The same, of those persons alone."""
        return Sources(
            **{name: frame.join(persons, on="person_key", how="semi") for name, frame in vars(self).items()}
        )


@dataclass(frozen=True)
class Chosen:
    """The persons of an output, and how many of those who may be used are left out as not resident.

    `not_resident` counts them by residence, exactly: `manifest` rounds. None where nobody is left out so.
    """

    persons: pl.DataFrame
    not_resident: dict[str, int] | None = None


@dataclass(frozen=True)
class Built:
    """One data file of a release before it is written: what it is called, what it is, its rows.

    `suppressed` counts the rows taken out because their class was too small: exact, so it stays in the
    house; `manifest` rounds it.
    """

    name: str
    table: type[Table]
    columns: tuple[Column, ...]
    kind: OutputKind
    frame: pl.DataFrame
    k: int | None = None
    suppressed: int = 0


def choose(output: Output, usable: pl.DataFrame, sources: Sources, as_of: date) -> Chosen:
    """Whose rows an output holds, of the persons who are `usable` in it."""
    persons = usable.select("person_key")
    if output.population is Whose.EVERYONE:
        return Chosen(persons)
    if sources.population_status.is_empty():
        raise RequestRefused(
            "Residents are asked for, and no status of the population register has been delivered.",
            instead="Nothing was published: the dead and the emigrated could not be told apart.",
            do="Put the register's files into the deliveries, or take `population` out of the request.",
        )
    gone = not_resident(sources.population_status, as_of).join(persons, on="person_key", how="semi")
    counts = {each: gone.filter(pl.col("residence") == each).height for each in (EMIGRATED, DEAD)}
    return Chosen(persons.join(gone, on="person_key", how="anti"), counts)


def build(
    request: Request,
    sources: Sources,
    chosen: Sequence[Chosen],
    key: ProjectKey | None,
) -> list[Built]:
    """Every data file that the request asks for, in the order it names them.

    `chosen` holds the persons of each output, in the same order: nobody else stands in it. `key` may be
    None where the request has no pseudonymised output.
    """
    built = []
    for output, whose in zip(request.outputs, chosen, strict=True):
        mine = sources.only(whose.persons)
        if output.kind is OutputKind.COARSENED:
            built += [_coarsened(output, name, mine) for name in output.tables]
        else:
            assert key is not None
            made = pseudonyms(mine.person.get_column("person_key"), key)
            built += [_pseudonymised(output, name, mine, made) for name in output.tables]
    return built


def _pseudonymised(output: Output, name: str, sources: Sources, made: pl.DataFrame) -> Built:
    table, approved = tables_of(output.kind)[name], output.approved(name)
    maker = {ExtractPerson: _person, ExtractProgramme: _programme, ExtractOutcome: _outcome}[table]
    # Sorted by the pseudonym, so that the order of rows says nothing of the internal key.
    frame = maker(sources).join(made, on="person_key").sort(*facts(table).primary_key)
    return Built(
        name=name,
        table=table,
        columns=approved,
        kind=output.kind,
        frame=checked(table, approved, _cast(frame, table, approved)),
    )


def _coarsened(output: Output, name: str, sources: Sources) -> Built:
    approved = output.approved(name)
    names = [c.name for c in approved]
    coarse = coarsen(sources.person, sources.exit_cohort, sources.outcome)
    left = suppress(_cast(coarse, CoarsenedOutcome, approved), quasi_identifiers(names), output.k)
    return Built(
        name=name,
        table=CoarsenedOutcome,
        columns=approved,
        kind=output.kind,
        frame=checked(CoarsenedOutcome, approved, left.kept),
        k=output.k,
        suppressed=left.rows,
    )


def _person(sources: Sources) -> pl.DataFrame:
    """One row for each person: the first settlement, the latest background."""
    settled = first(sources.settlement, "settled_on", ["settlement_form", "bydel"])
    background = latest(sources.background, "registered_on", ["education_level", "school_years"])
    participants = sources.programme_spell.select("person_key").unique()
    return (
        sources.person.select("person_key", "sex", "birth_date", "country_of_birth")
        .join(settled, on="person_key", how="left")
        .join(background, on="person_key", how="left")
        .join(participants.with_columns(is_participant=True), on="person_key", how="left")
        .select(
            "person_key",
            "sex",
            "country_of_birth",
            "settlement_form",
            "bydel",
            pl.col("birth_date").dt.year().alias("birth_year"),
            pl.col("is_participant").fill_null(False),
            pl.col("settled_on").dt.year().alias("settled_year"),
            *_value_and_state("education_level"),
            *_value_and_state("school_years"),
        )
    )


def _programme(sources: Sources) -> pl.DataFrame:
    """One row for each programme, its days exchanged for months."""
    return sources.programme_spell.select(
        "person_key",
        "programme_number",
        "law",
        "bydel",
        "programme_status",
        "nir_exit",
        _month("started_on").alias("started_month"),
        _month("ended_on").alias("ended_month"),
    )


def _outcome(sources: Sources) -> pl.DataFrame:
    """One row for each person of the exit cohort and outcome; measured in a month, not on a day."""
    return sources.outcome.with_columns(_month("due_on"))


def first(frame: pl.DataFrame, by: str, ties: list[str]) -> pl.DataFrame:
    """Each person's earliest row; of several that day, the one that sorts first by `ties`, blanks last."""
    return frame.sort("person_key", by, *ties, nulls_last=True).unique("person_key", keep="first")


def latest(frame: pl.DataFrame, by: str, ties: list[str]) -> pl.DataFrame:
    """Each person's latest row; of several that day, the one that sorts first by `ties`, blanks last."""
    descending = [False, True, *(False for _ in ties)]
    ordered = frame.sort("person_key", by, *ties, descending=descending, nulls_last=True)
    return ordered.unique("person_key", keep="first")


def _month(name: str) -> pl.Expr:
    return pl.col(name).dt.truncate("1mo")


def _value_and_state(name: str) -> tuple[pl.Expr, pl.Expr]:
    """A background value, and which of the four states it is in; the declaration says what means «ukjent».

    A number that stands for «ukjent» becomes null, for it would be added up; a code stays a code.
    """
    about = column(Background, name).about
    listed = about.codes
    unknown: list[int | str] = sorted(listed.unknown) if listed else list(about.unknown)
    not_applicable = sorted(listed.not_applicable) if listed else []
    state = (
        pl.when(pl.col(name).is_null())
        .then(pl.lit(ValueState.NOT_ASKED))
        .when(pl.col(name).is_in(unknown))
        .then(pl.lit(ValueState.UNKNOWN))
        .when(pl.col(name).is_in(not_applicable) if not_applicable else pl.lit(False))
        .then(pl.lit(ValueState.NOT_APPLICABLE))
        .otherwise(pl.lit(ValueState.VALUE))
    )
    value = pl.col(name) if listed else pl.when(~pl.col(name).is_in(unknown)).then(pl.col(name))
    return value, state.alias(f"{name}{_STATE}")


def _cast(frame: pl.DataFrame, table: type[Table], approved: tuple[Column, ...]) -> pl.DataFrame:
    """The approved columns alone, in declared order and type."""
    schema = polars_schema(table)
    return frame.select(pl.col(c.name).cast(schema[c.name]) for c in approved)


def checked(table: type[Table], approved: tuple[Column, ...], frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` as it came, or TableRejected by rule and count: what leaves obeys its research schema."""
    schema = table.to_schema()
    names = {c.name for c in approved}
    try:
        schema.remove_columns([name for name in schema.columns if name not in names]).validate(
            frame, lazy=True
        )
    except SchemaErrors as errors:
        broken = sorted({f"{e.schema.name}: {e.check}" for e in errors.schema_errors if e.schema is not None})
        raise TableRejected(
            f"{facts(table).source_name} does not obey its research schema ({'; '.join(broken)}).",
            instead="Nothing was published. Values are withheld on purpose.",
            do="Correct the table in `linked`, or the declaration in schemas/research.",
        ) from None
    return frame
