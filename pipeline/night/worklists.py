"""The step of the worklists: for each bydel, what to correct in its own cases, in `restricted` alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import QUARANTINE, Settings
from pipeline.identity.spine.ledger import current
from pipeline.identity.usable import OutputKind, stored_unusable, usable_persons
from pipeline.identity.withdrawals import binding, bound_records, read_withdrawals
from pipeline.night.assessment import evidence_of
from pipeline.night.standing import EXTRACTED, only
from pipeline.pages.phrase import LANGUAGES
from pipeline.pages.rules import Words, rule_in_words
from pipeline.pages.worklist_text import CITYS, HEADINGS, LOOK_AT, ROW_THERE, WIDTHS
from pipeline.quality import worklist
from pipeline.quality.contradictions import faults
from pipeline.quality.evidence import Evidence
from pipeline.quality.held_back import IN_TEXT, text_fields, told_of_person
from pipeline.quality.missing_rows import MISSING, ROW_MISSING, missing
from pipeline.quality.rules import CHECKS
from pipeline.quality.workbook import as_workbook
from pipeline.quality.worklist import FOUND, Book
from pipeline.validate.rows import REQUIRED, RULES
from schemas import BY_NAME, CASE_SYSTEM, codes
from schemas.case_system.case import Case
from schemas.case_system.person import Person
from schemas.case_system.programme import Programme
from schemas.codes.person import NOT_PROTECTED
from schemas.variable import Entity, Table, column, facts, table_name

AGAINST = "/"  # between a check and what it held the row against
CASE_TABLES = tuple(table for table in CASE_SYSTEM if table in EXTRACTED and worklist.keys_of(table))


def make_worklists(settings: Settings, as_of: date) -> list[Path]:
    """Write the night's lists under `restricted/worklists/<as_of>`, one for each bydel and the city's own."""
    ledger = current(tables.read(only(settings.restricted, "ledger")))
    evidence = evidence_of(settings, as_of)
    by_key = [*_faults(evidence), missing(evidence)]
    cases, programmes = (
        _ids(ledger, entity, f"{entity.value}_key", f"{entity.value}_id")
        for entity in (Entity.CASE, Entity.PROGRAMME)
    )
    told = (worklist.of_keys(lines, cases, programmes) for lines in by_key)
    found = [*_held_back(settings), *persons_told_of(evidence), *told]
    lines = worklist.placed(found, _book(settings, ledger, as_of))
    words = in_words(lines.select(FOUND).unique().rows())
    files: dict[str, bytes] = {}
    for name, mine in worklist.lists(lines).items():
        cells = worklist.sheet(mine, words, HEADINGS)
        files[f"{name}.csv"] = worklist.as_csv(cells)
        files[f"{name}.xlsx"] = as_workbook(cells, WIDTHS, name=_owner(name), as_of=as_of)
    return worklist.write(settings.restricted / worklist.WORKLISTS, as_of, files)


def _owner(name: str) -> str:
    """Whose list it is, in words."""
    return CITYS.nb if name == worklist.CITY else codes.BYDEL.labels("nb")[name]


def _held_back(settings: Settings) -> Iterator[pl.DataFrame]:
    for table in CASE_TABLES:
        for part in tables.parts(settings.restricted / QUARANTINE / table_name(table)):
            yield worklist.held_back(table, tables.read(part), RULES)


def _faults(evidence: Evidence) -> Iterator[pl.DataFrame]:
    """The faulty of every check of contradictions, under the check's name and what it was held against."""
    for fault in faults(evidence):
        if fault.rows is not None:
            rule = f"{fault.check}{AGAINST}{fault.against}" if fault.against else fault.check
            names = {"table": fault.table, "column": fault.column or "", "rule": rule}
            yield fault.rows.with_columns(pl.lit(value).alias(name) for name, value in names.items())


def persons_told_of(evidence: Evidence) -> Iterator[pl.DataFrame]:
    """person_id and FOUND of every record with a text that tells of a person; the text goes nowhere."""
    for table, name in text_fields():
        if table in evidence.restricted:
            names = {"table": table, "column": name, "rule": IN_TEXT}
            yield told_of_person(evidence, table, name).select(
                pl.col("person_id").cast(pl.String),
                *(pl.lit(value).alias(called) for called, value in names.items()),
            )


def _book(settings: Settings, ledger: pl.DataFrame, as_of: date) -> Book:
    persons = _ids(ledger, Entity.PERSON, "person_key", "person_id")
    unusable = tables.read(stored_unusable(settings, as_of))
    allowed = usable_persons(unusable, unusable, OutputKind.QUALITY_REPORT)
    barred = persons.join(unusable, on="person_key", how="semi").join(allowed, on="person_key", how="anti")
    records = _rows(settings, Person, "person_id", "protection")
    protected = records.filter(pl.col("protection") != NOT_PROTECTED)
    # A record of which no row passed has no key: its withdrawal is noted by the record itself.
    withdrawn = bound_records(settings).join(
        binding(read_withdrawals(settings), as_of), on="identifier", how="semi"
    )
    return worklist.book(
        persons,
        _rows(settings, Case, "case_id", "person_id", "bydel", "opened_on"),
        _rows(settings, Programme, "programme_id", "case_id", "person_id"),
        pl.concat(
            [
                barred.select("person_id"),
                protected.select("person_id"),
                withdrawn.select(person_id="source_key"),
            ]
        ).unique(),
    )


def _ids(ledger: pl.DataFrame, entity: Entity, key: str, number: str) -> pl.DataFrame:
    """The source's own numbers of the ledger's keys."""
    mine = ledger.filter(pl.col("entity") == entity.value)
    return mine.select(pl.col("key").alias(key), pl.col("source_key").alias(number))


def _rows(settings: Settings, table: type[Table], *names: str) -> pl.DataFrame:
    """Those columns of every row the source has, passed or quarantined; numbers as text."""
    name = table_name(table)
    folders = (settings.table_folder("restricted", name), settings.restricted / QUARANTINE / name)
    parts = [part for folder in folders for part in tables.parts(folder)]
    ids = [pl.col(n).cast(pl.String) for n in names if n.endswith("_id")]
    return pl.concat(tables.read(part, columns=list(names)).with_columns(ids) for part in parts)


def in_words(found: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    """FOUND, the labels of its table and field, and what must hold, in Norwegian and English."""
    told = [
        (
            *line,
            facts(BY_NAME[line[0]]).nb,
            column(BY_NAME[line[0]], line[1]).about.nb if line[1] else None,
            *(_holds(Words(language), *line) for language in LANGUAGES),
        )
        for line in sorted(found)
    ]
    names = [*FOUND, "table_nb", "column_nb", *LANGUAGES]
    return pl.DataFrame(told, schema=dict.fromkeys(names, pl.String()), orient="row")


def _holds(words: Words, table: str, name: str, rule: str) -> str:
    language = words.language
    check, _, against = rule.partition(AGAINST)
    if check in CHECKS:
        what = codes.QUALITY_CHECK.labels(language)[check]
        against = codes.RECONCILIATION_KIND.labels(language).get(against, against)
        return LOOK_AT.say(language, what=_inside(f"{what}: {_inside(against)}" if against else what))
    if rule == ROW_MISSING:
        return ROW_THERE.say(language, table=getattr(facts(BY_NAME[table]), language))
    return rule_in_words(words, table, REQUIRED if rule == MISSING else rule, name)


def _inside(text: str) -> str:
    """A label as it stands inside a sentence; an abbreviation stays as it is."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
