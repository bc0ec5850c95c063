"""One night, step by step: which stored tables each step reads, and what it leaves.

Every function here takes the settings and the night's as_of, finds its inputs where the step before left
them, and calls the room that does the work. What stays out: the order (that is `assets`) and the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.changes import PROGRAMME_CHANGE, update_changes
from pipeline.config import QUARANTINE, UNLINKED, Settings
from pipeline.core import PERSON_KEY, REASON, CoreTable, core_model, core_tables
from pipeline.core import part_key as core_part_key
from pipeline.errors import RequestRefused, SettingWrong
from pipeline.identity.best import IDENTIFIED, linkable, update_identified
from pipeline.identity.disagreement import disagreements
from pipeline.identity.keys import Keys, check_key_fits
from pipeline.identity.ledger_file import update_ledger
from pipeline.identity.review import review_counts
from pipeline.identity.series import Series, series_of
from pipeline.identity.spine import COMPONENT, StoredSpine, update_spine
from pipeline.identity.succession import SUCCESSION, update_succession
from pipeline.identity.usable import (
    OutputKind,
    stored_unusable,
    unmatched,
    update_unusable,
    usable_persons,
)
from pipeline.landing import Observation, Snapshot, land_case_system, land_deliveries, observation, observe
from pipeline.linkage import link, matching, reconcile
from pipeline.pages.protected import LINKED
from pipeline.pages.protected_matching import Matching
from pipeline.pages.report import ReportInputs, write_report
from pipeline.quality.flags import FlagSeverity, Period, sparse
from pipeline.quality.outcomes import summary_of
from pipeline.quality.profile import QualityProfile, profile
from pipeline.releases.build import NEEDED_LINKED, Sources
from pipeline.releases.manifest import Input
from pipeline.releases.release import Released, release
from pipeline.requests.request import load_all
from pipeline.summary import releases
from pipeline.tables import Stored, step_key
from pipeline.validate import ValidatedTable, validate_snapshot
from pipeline.validate.stored import COUNTS, part_key, referred_to, stored_counts
from schemas import CASE_SYSTEM, REGISTERS, SOURCE_TABLES, codes
from schemas.case_system.administration import ChangeLog
from schemas.case_system.person import Identifier, Person
from schemas.registers.identity import IdentifierLink
from schemas.variable import KeyKind, Table, columns, facts, polars_schema, table_name

PROFILE = "quality"
PROFILE_PARTS = ("fill", "by_adviser")

EXTRACTED: tuple[type[Table], ...] = tuple(table for table in SOURCE_TABLES if facts(table).extracted)


def land(settings: Settings, as_of: date, *, from_observation: bool = False) -> Observation:
    """Land everything and note it as the night's observation, or find what that night landed."""
    if from_observation:
        return seen(settings, as_of, verify=True)
    return observe(settings, as_of, {**land_case_system(settings, as_of), **land_deliveries(settings, as_of)})


def seen(settings: Settings, as_of: date, *, verify: bool = False) -> Observation:
    """The night's observation, its snapshots hashed again if asked; an error where none was landed."""
    found = observation(settings, as_of, verify=verify)
    if found is None:
        raise SettingWrong(
            f"No observation of {as_of} stands under this data root.",
            instead="Nothing was made.",
            do=f"Land it with: uttrekk run --as-of {as_of}",
        )
    return found


def snapshots_of(found: Observation, table: type[Table]) -> list[Snapshot]:
    """The table's snapshots: one of the case system's, one for each delivered period of a register's."""
    name = table_name(table)
    return [snapshot for key, snapshot in sorted(found.snapshots.items()) if key.split("/")[0] == name]


def validate_table(settings: Settings, table: type[Table], as_of: date) -> list[ValidatedTable]:
    """Every part of a table, split into passed and quarantined rows."""
    known = _parents(settings, table)
    made = [
        validate_snapshot(settings, table, snapshot, as_of, known)
        for snapshot in snapshots_of(seen(settings, as_of), table)
    ]
    _prune(settings, table_name(table), [part.part for part in made])
    return made


def _parents(settings: Settings, table: type[Table]) -> dict[str, Stored]:
    return {name: only(settings.table_folder("restricted", name), name) for name in referred_to(table)}


def _prune(settings: Settings, name: str, kept: Sequence[str]) -> None:
    """A period that is not delivered any more leaves no part behind, in any zone."""
    for folder in (
        settings.table_folder("restricted", name),
        settings.restricted / QUARANTINE / name,
        settings.restricted / COUNTS / name,
        settings.restricted / UNLINKED / name,
        settings.table_folder("core", name),
    ):
        tables.prune(folder, kept)


def only(folder: Path, name: str) -> Stored:
    """A table that has one part, which must be there."""
    found = tables.stored(folder, name)
    if found is None:
        raise SettingWrong(
            f"{name} has not been made under this data root.",
            instead="The step that reads it was not run.",
            do="Make everything in order with: uttrekk run",
        )
    return found


def _passed(settings: Settings, table: type[Table]) -> Stored:
    return only(settings.table_folder("restricted", table_name(table)), table_name(table))


def make_spine(settings: Settings) -> StoredSpine:
    """Who is whom: identifiers and the persons they name, and what nobody can tell."""
    links = tables.parts(settings.table_folder("restricted", table_name(IdentifierLink)))
    return update_spine(settings, _passed(settings, Identifier), _passed(settings, Person), links)


def identity_warnings(settings: Settings) -> dict[str, int]:
    """How many identifiers disagree with the record that has them, by what disagrees: never acted upon."""
    found = disagreements(tables.read(_passed(settings, Identifier)), tables.read(_passed(settings, Person)))
    return dict(found.select("warning", "disagree").rows())


def make_ledger(settings: Settings, as_of: date) -> Stored:
    """The ledger of internal keys, with everybody who is new and whatever turned out to be one, or two."""
    extracted = [table for table in CASE_SYSTEM if facts(table).extracted]
    passed = {table_name(table): _passed(settings, table) for table in extracted}
    return update_ledger(settings, passed, only(settings.restricted, COMPONENT), as_of)


def make_core(settings: Settings, table: type[Table]) -> list[CoreTable]:
    """Every part of a table, re-keyed; rows whose person is unknown stay in `restricted`, counted."""
    spine, ledger = only(settings.restricted, "spine"), only(settings.restricted, "ledger")
    name = table_name(table)
    parts = tables.parts(settings.table_folder("restricted", name))
    return core_tables(settings, table, parts, ledger, spine)


def make_unusable(settings: Settings, as_of: date) -> Stored:
    """Who may not be used in whatever is made of `as_of` now, and why."""
    return update_unusable(
        settings,
        _passed(settings, Person),
        only(settings.restricted, "spine"),
        only(settings.restricted, "ledger"),
        as_of,
    )


def make_succession(settings: Settings) -> Stored:
    """The keys that persons had before, for the projects that have published under them."""
    return update_succession(settings, only(settings.restricted, "ledger"))


def cores(settings: Settings) -> dict[str, list[Stored]]:
    """Every core table's stored parts, by table name."""
    names = [table_name(table) for table in EXTRACTED]
    return {name: tables.parts(settings.table_folder("core", name)) for name in names}


def check_key(settings: Settings) -> None:
    """Refuse a night whose key does not fit its persons: before anybody is given a number of ours."""
    found = _series(settings)
    check_key_fits(
        Keys(settings.keys, settings.master_key), any_tenor=found.any_invented, all_tenor=found.every_invented
    )


def _series(settings: Settings) -> Series:
    """Whether the night's persons are invented; judged again only when a part has changed."""
    named = [
        (part, column.name)
        for table in EXTRACTED
        for column in columns(table)
        if column.about.key and column.about.key.kind is KeyKind.OFFICIAL
        for part in tables.parts(settings.table_folder("restricted", table_name(table)))
    ]
    key = step_key("series", [(str(part.path.name), part.key) for part, _ in named])
    stored = tables.reusable(settings.restricted, "series", key)
    if stored is None:
        found = series_of(tables.read(part, columns=[name])[name] for part, name in named)
        stored = tables.write(settings.restricted, "series", pl.DataFrame([asdict(found)]), key=key)
    return Series(**tables.read(stored).row(0, named=True))


def make_linkable(settings: Settings) -> Stored:
    """Persons with an identifier a register can be asked about, of whom its silence means something."""
    spine, ledger = only(settings.restricted, "spine"), only(settings.restricted, "ledger")
    key = step_key("linkable", spine.key, ledger.key)
    found = tables.reusable(settings.core, "linkable", key)
    return found or tables.write(
        settings.core, "linkable", linkable(tables.read(spine), tables.read(ledger)), key=key
    )


def make_identified(settings: Settings) -> Stored:
    """Everybody's best identifier: what kind of number a register can be asked about them by."""
    spine, ledger = only(settings.restricted, "spine"), only(settings.restricted, "ledger")
    return update_identified(settings, spine, ledger)


def make_changes(settings: Settings) -> Stored:
    """When each programme was last changed in the case system, by its change log."""
    return update_changes(settings, _passed(settings, ChangeLog), only(settings.restricted, "ledger"))


def refuse_other_nights(settings: Settings, as_of: date) -> None:
    """Stop unless all of core is made of what `as_of` landed: a manifest names the night's snapshots."""
    found, spine, ledger = (
        seen(settings, as_of),
        only(settings.restricted, "spine"),
        only(settings.restricted, "ledger"),
    )
    for table in EXTRACTED:
        name = table_name(table)
        known = {
            parent: only(settings.table_folder("restricted", parent), parent) for parent in referred_to(table)
        }
        for snapshot in snapshots_of(found, table):
            part = snapshot.name.rpartition("/")[2]
            passed = tables.stored(settings.table_folder("restricted", name), part)
            core = tables.stored(settings.table_folder("core", name), part)
            if (
                passed is None
                or core is None
                or passed.key != part_key(table, part, snapshot.id, as_of, known)
                or core.key != core_part_key(table, part, passed, ledger, spine)
            ):
                raise SettingWrong(
                    f"{name} in core is not made of what {as_of} landed.",
                    instead="Nothing was published.",
                    do=f"Make the whole night, in order: uttrekk run --as-of {as_of}",
                )


def make_linked(settings: Settings, as_of: date) -> dict[str, Stored]:
    """Programmes, exit cohorts, months, outcomes at their windows, and how well all of it could be linked."""
    linkable, identified, changes = (
        tables.read(only(settings.core, name)) for name in ("linkable", IDENTIFIED, PROGRAMME_CHANGE)
    )
    return link(
        settings, cores(settings), as_of=as_of, linkable=linkable, identified=identified, changes=changes
    )


def make_profile(settings: Settings, as_of: date) -> QualityProfile:
    """How often each field is filled, over the persons who may stand behind the quality report."""
    found, unusable = cores(settings), stored_unusable(settings, as_of)
    key = step_key("profile", as_of, unusable.key, _keys(found))
    folder = settings.linked / PROFILE
    stored = [tables.reusable(folder, name, key) for name in PROFILE_PARTS]
    if not all(stored):
        persons = tables.read(only(settings.table_folder("core", "person"), "person"))
        usable = usable_persons(persons, tables.read(unusable), OutputKind.QUALITY_REPORT)
        made = profile(_paths(found), usable, as_of)
        stored = [tables.write(folder, name, getattr(made, name), key=key) for name in PROFILE_PARTS]
    fill, by_adviser = (tables.read(part) for part in stored if part is not None)
    return QualityProfile(as_of=as_of, fill=fill, by_adviser=by_adviser)


def _keys(found: Mapping[str, Sequence[Stored]]) -> dict[str, list[str]]:
    return {name: [part.key for part in parts] for name, parts in found.items()}


def _paths(found: Mapping[str, Sequence[Stored]]) -> dict[str, list[Path]]:
    return {name: [part.path for part in parts] for name, parts in found.items()}


def make_release(settings: Settings, request_id: str, as_of: date) -> Released:
    """The request's version of tonight, published if it says anything new.

    The request is read as it stands now. The built-in one is for invented persons alone: its legal basis
    is nobody's.
    """
    keys = Keys(settings.keys, settings.master_key)
    if settings.requests is None and not keys.demo:
        raise RequestRefused(
            "The built-in request is for invented persons.",
            instead="Nothing was published.",
            do="Name the folder with your requests: export UTTREKK_REQUESTS=FOLDER",
        )
    refuse_other_nights(settings, as_of)
    (request,) = [r for r in load_all(settings.requests) if r.id == request_id]
    linked = {name: only(settings.linked, name) for name in NEEDED_LINKED}
    inputs = [Input(s.source, s.name, s.id) for _, s in sorted(seen(settings, as_of).snapshots.items())]
    return release(
        request,
        Sources.read(_paths(cores(settings)), linked),
        tables.read(stored_unusable(settings, as_of)),
        keys,
        inputs,
        settings.releases,
        as_of,
        succession=tables.read(only(settings.core, SUCCESSION)),
    )


def make_report(settings: Settings, as_of: date) -> list[Path]:
    """The steward's page for tonight; made again only when something it is made of has changed.

    Fill and outcomes are those of persons who may stand behind them; rows received, held back and linked
    are work done by the pipeline, on everybody's rows.
    """
    found = seen(settings, as_of)
    validated = [part for table in EXTRACTED for part in stored_counts(settings, table)]
    outcome, unusable = only(settings.linked, "outcome"), stored_unusable(settings, as_of)
    published = [f"{release.request} {release.version}" for release in releases(settings)]
    checked = [only(settings.linked, name).key for name in ("reconciliation", "programme_flag", "match_rate")]
    listed = review_counts(settings).rows()
    key = step_key(
        "report",
        as_of,
        unusable.key,
        outcome.key,
        checked,
        listed,
        published,
        [p.passed.key for p in validated],
    )
    folder = settings.reports / as_of.isoformat()
    made = folder / ".key"
    if made.exists() and made.read_text("utf-8") == key:
        return sorted(path for path in folder.iterdir() if path != made)
    persons = tables.read(only(settings.table_folder("core", "person"), "person"))
    countable = usable_persons(persons, tables.read(unusable), OutputKind.TABLES)
    paths = write_report(
        settings,
        ReportInputs(
            profile=make_profile(settings, as_of),
            flow=_flow(found, validated),
            rules=rule_counts(validated),
            linkage=_linkage(settings),
            outcomes=summary_of(tables.read(outcome), countable),
            matching=_matching(settings, countable),
            published=published,
            invented=Keys(settings.keys, settings.master_key).demo,
        ),
        as_of,
    )
    made.write_text(key, "utf-8")
    return paths


def _matching(settings: Settings, countable: pl.DataFrame) -> Matching:
    """Linkage quality over the persons who may be counted; of the review list, how long it is, by kind."""
    found = cores(settings)

    def of_countable(name: str) -> pl.DataFrame:
        rows = tables.read(only(settings.linked, name))
        return rows.join(countable.select("person_key").unique(), on="person_key", how="semi")

    spells, flags, differences = map(of_countable, ("programme_spell", "programme_flag", "reconciliation"))
    identified = tables.read(only(settings.core, IDENTIFIED))
    every = pl.DataFrame({"flag": codes.PROGRAMME_FLAG.values()})
    return Matching(
        rates=matching.match_rate(settings, spells=spells, registers=found, identified=identified),
        bias=matching.linkage_bias(settings, spells=spells, person=found["person"], identified=identified),
        differences=reconcile.reconciliation_summary(settings, differences=differences),
        compared=reconcile.compared(differences),
        flags=every.join(flags, on="flag", how="left", maintain_order="left")
        .group_by("flag", maintain_order=True)
        .agg(programmes=pl.col("programme_key").count().cast(pl.Int64)),
        review=review_counts(settings),
    )


def _flow(found: Observation, validated: Sequence[ValidatedTable]) -> pl.DataFrame:
    landed = pl.DataFrame(
        [(name.split("/")[0], snapshot.rows) for name, snapshot in found.snapshots.items()],
        schema={"table": pl.String(), "landed": pl.Int64()},
        orient="row",
    )
    split = pl.DataFrame(
        [(part.table, part.passed.rows, part.quarantined.rows) for part in validated],
        schema={"table": pl.String(), "passed": pl.Int64(), "quarantined": pl.Int64()},
        orient="row",
    )
    flow = landed.group_by("table").sum().join(split.group_by("table").sum(), on="table", how="left")
    return flow.sort("table")


def rule_counts(validated: Sequence[ValidatedTable]) -> pl.DataFrame:
    """How many rows broke each rule, over all parts of a table."""
    counts = [
        (count.table, count.rule, count.column or None, count.severity.value, count.rows)
        for part in validated
        for count in part.counts
    ]
    schema = {"table": pl.String(), "rule": pl.String(), "column": pl.String(), "severity": pl.String()}
    frame = pl.DataFrame(counts, schema={**schema, "rows": pl.Int64()}, orient="row")
    return frame.group_by(list(schema)).agg(pl.col("rows").sum()).sort(list(schema), nulls_last=True)


def _linkage(settings: Settings) -> pl.DataFrame:
    """What became of each register's rows: linked, or why not."""
    found = [(name, LINKED, sum(part.rows for part in parts)) for name, parts in _registers(settings)]
    for name, _ in _registers(settings):
        reasons: dict[str, int] = {}
        for part in tables.parts(settings.restricted / UNLINKED / name):
            for reason, rows in tables.read(part, columns=[REASON])[REASON].value_counts().rows():
                reasons[reason] = reasons.get(reason, 0) + rows
        found += [(name, reason, rows) for reason, rows in sorted(reasons.items())]
    schema = {"table": pl.String(), "status": pl.String(), "rows": pl.Int64()}
    return pl.DataFrame(found, schema=schema, orient="row")


def _registers(settings: Settings) -> list[tuple[str, list[Stored]]]:
    """The registers' tables in core that say anything of a person; the identifier history does not there."""
    found = cores(settings)
    of_persons = [table for table in REGISTERS if PERSON_KEY in polars_schema(core_model(table))]
    return [(table_name(table), found[table_name(table)]) for table in of_persons]


def sparse_fields(settings: Settings, as_of: date) -> dict[str, list[str]]:
    """Table -> its fields that are filled less than their demand promises, over all years."""
    found = _sparse(settings, as_of).select("table", "column").unique().sort("table", "column")
    return {name: rows["column"].to_list() for (name,), rows in found.group_by("table", maintain_order=True)}


def sparse_in_night(settings: Settings, as_of: date) -> tuple[list[str], list[str]]:
    """Every sparse field as `table.column`: those that somebody demands, and those that nobody asks for."""
    named = _sparse(settings, as_of).select(
        pl.format("{}.{}", "table", "column").alias("field"),
        demanded=pl.col("severity") == FlagSeverity.DECIDE.value,
    )
    demanded = named.filter("demanded")["field"].unique().sort().to_list()
    return demanded, [f for f in named["field"].unique().sort() if f not in demanded]


def _sparse(settings: Settings, as_of: date) -> pl.DataFrame:
    return sparse(make_profile(settings, as_of)).filter(pl.col("period") == Period.ALL.value)


def unmatched_withdrawals(settings: Settings) -> int:
    """How many persons on the list of withdrawals are nobody the case system knows."""
    return unmatched(settings, only(settings.restricted, "spine"))
