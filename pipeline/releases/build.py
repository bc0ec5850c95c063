"""The frames of a release: usable persons, approved columns, project pseudonyms or coarsened classes.

Frames in, frames out; every frame obeys its research schema before anybody sees it. Which persons may be
used is handed in (`identity.usable` decides), and so are the keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from pandera.errors import SchemaErrors

from pipeline.disclosure.coarsen import roles_of
from pipeline.disclosure.policy import Policy, held_to, packaged
from pipeline.disclosure.usual import Usual
from pipeline.errors import RequestRefused, TableRejected
from pipeline.identity.keys import ProjectKey, pseudonyms
from pipeline.identity.residence import not_resident
from pipeline.identity.usable import OutputKind
from pipeline.releases.coarsened import Recoded, Recoding, recode
from pipeline.releases.sources import Sources, first, latest
from pipeline.requests.request import Output, Request, Whose, tables_of
from schemas.case_system.background import Background
from schemas.codes.registers import DEAD, EMIGRATED
from schemas.research import CoarsenedOutcome, ExtractOutcome, ExtractPerson, ExtractProgramme
from schemas.variable import Column, Table, ValueState, column, facts, polars_schema

_STATE = "_state"


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

    `recoded` is how a coarsened file was made, None of any other.
    """

    name: str
    table: type[Table]
    columns: tuple[Column, ...]
    kind: OutputKind
    frame: pl.DataFrame
    recoded: Recoded | None = None

    @property
    def suppressed(self) -> int:
        """The rows taken out because their class missed a target: exact, so it stays in the house."""
        return self.recoded.made.cost.suppressed if self.recoded else 0


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
    policy: Policy | None = None,
    stored: Mapping[str, Recoding] | None = None,
    usual: Mapping[str, Usual] | None = None,
) -> list[Built]:
    """Every data file that the request asks for, in the order it names them.

    `chosen` holds the persons of each output, in the same order: nobody else stands in it. `key` may be
    None where the request has no pseudonymised output. Coarsened outputs are held to `policy`, the packaged
    one where none is given; `stored` are the recodings that their files had in the version before, by name,
    and `usual` what was usual in them.
    """
    built = []
    for output, whose in zip(request.outputs, chosen, strict=True):
        mine = sources.only(whose.persons)
        if output.kind is OutputKind.COARSENED:
            built += [
                _coarsened(
                    output,
                    name,
                    mine,
                    policy or packaged(),
                    (stored or {}).get(name),
                    (usual or {}).get(name),
                )
                for name in output.tables
            ]
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


def _coarsened(
    output: Output,
    name: str,
    sources: Sources,
    policy: Policy,
    stored: Recoding | None,
    usual: Usual | None,
) -> Built:
    approved = output.approved(name)
    roles = roles_of(approved, output.weights, output.coarsest_of(name), **output.targets())
    held = held_to(roles, policy, rows=sources.exit_cohort.height, what="request")
    done = recode(sources, approved, held, stored, usual)
    return Built(
        name=name,
        table=CoarsenedOutcome,
        columns=approved,
        kind=output.kind,
        frame=checked(CoarsenedOutcome, approved, done.made.rows),
        recoded=done,
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
