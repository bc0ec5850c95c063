"""The step of the steward's page, and what it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import UNLINKED, Settings, private_folder
from pipeline.core import PERSON_KEY, REASON, core_model
from pipeline.durable import EVERYBODY, put
from pipeline.identity.keys import Keys
from pipeline.identity.spine.best import IDENTIFIED, LINKABLE
from pipeline.identity.spine.review import review_counts
from pipeline.identity.usable import (
    OutputKind,
    stored_unusable,
    usable_persons,
)
from pipeline.linkage import matching, reconcile
from pipeline.night.counted import flow_of, rule_counts
from pipeline.night.forgotten import refuse_forgotten
from pipeline.night.made import make_profile
from pipeline.night.memory import (
    earlier,
    night_before,
    recall,
    remember,
    remembered,
)
from pipeline.night.published import PROFILE, Changes, NightFindings, changes, night_folder, stored_findings
from pipeline.night.standing import EXTRACTED, cores, only, seen
from pipeline.pages.checks import Checked
from pipeline.pages.delays import protected_delays
from pipeline.pages.matching import first_year_shown
from pipeline.pages.memory import Memory
from pipeline.pages.protected import LINKED
from pipeline.pages.protected_matching import Matching, latest_by_bydel
from pipeline.pages.report import Night, ReportInputs, files, protect_night
from pipeline.quality.outcomes import summary_of
from pipeline.quality.stewardship import load, unfit_fields
from pipeline.summary import releases
from pipeline.tables import Stored, step_key
from pipeline.validate.stored import stored_counts
from schemas import REGISTERS, codes
from schemas.linked import WorkYear
from schemas.quality import Delay
from schemas.variable import polars_schema, table_name

_NOTES = "pages"


def make_report(settings: Settings, as_of: date) -> list[Path]:
    """The steward's page for tonight; made again only when something it is made of has changed.

    Fill and outcomes are those of persons who may stand behind them; rows received, held back and linked
    are work done by the pipeline, on everybody's rows.
    """
    found = seen(settings, as_of)
    validated = [part for table in EXTRACTED for part in stored_counts(settings, table)]
    outcome, unusable = only(settings.linked, "outcome"), stored_unusable(settings, as_of)
    published = [f"{release.request} {release.version}" for release in releases(settings)]
    linked = [only(settings.linked, name).key for name in ("reconciliation", "programme_flag", "match_rate")]
    listed = review_counts(settings).rows()
    last_night = night_before(settings, as_of)
    told = stored_findings(settings, as_of)
    between = changes(settings, as_of)
    key = step_key(
        "report",
        as_of,
        last_night.key if last_night else "",
        [_digest(frame.write_json().encode()) for frame in (told.results, told.fields)],
        [between.before, _digest(between.findings.write_json().encode())] if between else None,
        unusable.key,
        outcome.key,
        linked,
        listed,
        published,
        [p.passed.key for p in validated],
    )
    folder = settings.reports / as_of.isoformat()
    standing = _standing(settings, as_of, folder, key)
    if standing:
        return standing
    persons = tables.read(only(settings.table_folder("core", "person"), "person"))
    countable = usable_persons(persons, tables.read(unusable), OutputKind.TABLES)
    refuse_forgotten(settings, as_of)
    inputs = ReportInputs(
        profile=make_profile(settings, as_of),
        flow=flow_of(found, validated),
        rules=rule_counts(validated),
        linkage=_linkage(settings),
        outcomes=summary_of(tables.read(outcome), countable),
        matching=_matching(settings, countable, first_year_shown(as_of.year)),
        published=published,
        invented=Keys(settings.keys, settings.master_key).demo,
    )
    memory = recall(earlier(settings, as_of))
    checked = _checked(settings, told, between, memory)
    night = protect_night(inputs, as_of, memory, checked)
    remember(settings, as_of, memory)  # before anything is seen: a run that ends here is held against too
    paths = write_report(settings, night)
    put(_note_of(settings, as_of), _note(settings, as_of, key, paths).encode())
    return paths


def write_report(settings: Settings, night: Night) -> list[Path]:
    """Write the night's page and its cells under `reports/<as_of>`; each appears whole or not at all."""
    folder = night_folder(settings, night.as_of)
    folder.mkdir(parents=True, exist_ok=True)
    return [put(folder / name, content, mode=EVERYBODY) for name, content in files(night).items()]


def _standing(settings: Settings, as_of: date, folder: Path, key: str) -> list[Path]:
    """The pages, where all stand as this step left them, and the memory it left too; else none."""
    try:
        noted = _note_of(settings, as_of).read_text("utf-8")
        pages = [folder / line.partition("  ")[2] for line in noted.splitlines()[2:]]
        return pages if noted == _note(settings, as_of, key, pages) else []
    except (OSError, ValueError):  # gone, or not what was written: they are made again
        return []


def _note_of(settings: Settings, as_of: date) -> Path:
    """The memory's key is a hash of exact counts: it stays where those are."""
    return private_folder(settings.restricted / _NOTES) / as_of.isoformat()


def _note(settings: Settings, as_of: date, key: str, pages: Sequence[Path]) -> str:
    """What is noted of the pages: the step, the memory, and each page's SHA-256 and name."""
    memory = remembered(settings, as_of)
    lines = [key, memory.key if memory else "", *(f"{_digest(p.read_bytes())}  {p.name}" for p in pages)]
    return "\n".join(lines) + "\n"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checked(settings: Settings, told: NightFindings, between: Changes | None, memory: Memory) -> Checked:
    """What is published of the night, and what has changed since the night before it."""
    return Checked(
        results=told.results,
        fields=told.fields,
        delays=protected_delays(tables.read(only(settings.linked / PROFILE, table_name(Delay))), memory),
        changes=between.findings if between else None,
        since=between.before if between else None,
        unfit=unfit_fields(load(settings.stewardship), told.as_of),
    )


def _matching(settings: Settings, countable: pl.DataFrame, first_year: int) -> Matching:
    """Linkage quality over the persons who may be counted; of the review list, how long it is, by kind."""
    found = cores(settings)

    def of_countable(name: str) -> pl.DataFrame:
        rows = tables.read(only(settings.linked, name))
        return rows.join(countable.select("person_key").unique(), on="person_key", how="semi")

    spells, flags, differences = map(of_countable, ("programme_spell", "programme_flag", "reconciliation"))
    identified, linkable = (tables.read(only(settings.core, name)) for name in (IDENTIFIED, LINKABLE))
    every = pl.DataFrame({"flag": codes.PROGRAMME_FLAG.values()})
    found_differing = reconcile.reconciliation_summary(settings, differences=differences)
    compared = reconcile.compared(differences)
    return Matching(
        rates=matching.match_rate(
            settings,
            spells=spells,
            work=tables.parts(settings.linked / table_name(WorkYear)),
            registers=found,
            identified=identified,
            linkable=linkable,
        ),
        bias=matching.linkage_bias(settings, spells=spells, person=found["person"], linkable=linkable),
        differences=found_differing,
        compared=compared,
        local=latest_by_bydel(found_differing, first_year=first_year),
        local_compared=latest_by_bydel(compared, first_year=first_year),
        flags=every.join(flags, on="flag", how="left", maintain_order="left")
        .group_by("flag", maintain_order=True)
        .agg(programmes=pl.col("programme_key").count().cast(pl.Int64)),
        review=review_counts(settings),
    )


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
