"""The step of the steward's page, and what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import UNLINKED, Settings
from pipeline.core import PERSON_KEY, REASON, core_model
from pipeline.identity.best import IDENTIFIED
from pipeline.identity.keys import Keys
from pipeline.identity.review import review_counts
from pipeline.identity.usable import (
    OutputKind,
    stored_unusable,
    usable_persons,
)
from pipeline.landing import Observation
from pipeline.linkage import matching, reconcile
from pipeline.night.made import make_profile
from pipeline.night.standing import EXTRACTED, cores, only, seen
from pipeline.pages.protected import LINKED
from pipeline.pages.protected_matching import Matching
from pipeline.pages.report import ReportInputs, write_report
from pipeline.quality.outcomes import summary_of
from pipeline.summary import releases
from pipeline.tables import Stored, step_key
from pipeline.validate import ValidatedTable
from pipeline.validate.stored import stored_counts
from schemas import REGISTERS, codes
from schemas.variable import polars_schema, table_name


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
    identified, linkable = (tables.read(only(settings.core, name)) for name in (IDENTIFIED, "linkable"))
    every = pl.DataFrame({"flag": codes.PROGRAMME_FLAG.values()})
    return Matching(
        rates=matching.match_rate(
            settings, spells=spells, registers=found, identified=identified, linkable=linkable
        ),
        bias=matching.linkage_bias(settings, spells=spells, person=found["person"], linkable=linkable),
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
