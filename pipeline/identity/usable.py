"""Who may not be used, for what, and by which law: one filter, before every population is counted.

A person is left out by the row of `POLICY` for the reason and the kind of output. A withdrawal binds all
that is made from the day it is on the list, of nights before it too. A blank reservation was not asked for
and is no reason; a blank protection is one, for the law demands it and the address may be graded. A code
that nobody knows never comes this far (it is quarantined with its row). What does not belong here: any
other selection of persons.
"""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.config import Settings
from pipeline.errors import SettingWrong
from pipeline.identity.identifiers import Kind, kind, normalise
from pipeline.tables import Stored, step_key
from schemas.variable import Entity

WITHDRAWALS_FILE = "withdrawals.csv"
APPLIED = "withdrawn"  # every line that has ever bound, in `restricted`
WITHDRAWALS_HEADER = ("identifier", "withdrawn_on")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IDENTIFYING = (Kind.FNR.value, Kind.DNR.value, Kind.DUF.value)
NOT_PROTECTED = "0"  # of schemas.codes.PROTECTION


class Reason(StrEnum):
    """Why a person may not be used."""

    RESERVED_RESEARCH = "reserved_research"
    PROTECTED_IDENTITY = "protected_identity"
    PROTECTION_UNKNOWN = "protection_unknown"
    WITHDRAWN = "withdrawn"


class OutputKind(StrEnum):
    """What is made of the data."""

    PSEUDONYMISED = "pseudonymised"
    COARSENED = "coarsened"
    TABLES = "tables"
    QUALITY_REPORT = "quality_report"


@dataclass(frozen=True, kw_only=True)
class PolicyRow:
    """Whether persons with `reason` may stand behind `output`, and on which legal source that rests."""

    reason: Reason
    output: OutputKind
    allowed: bool
    source_nb: str
    source_en: str
    evidence: str


# The reservation is against research use of directly identifying data (name, number). The enacted
# section has not been checked, and the linkage behind every research output uses such data, so it is
# read widely for research. The quality report is the controller's own control of its records.
_RESERVATION = {
    "source_nb": (
        "Høringsnotat til integreringsforskriften (26.06.2020) pkt. 15.3.3, jf. Prop. 89 L (2019–2020) "
        "pkt. 11.4.4: reservasjon mot forskning på direkte identifiserende opplysninger; "
        "vedtatt paragraf er ikke kontrollert"
    ),
    "source_en": (
        "Hearing note to the Integration Regulations (26 June 2020) 15.3.3, cf. Prop. 89 L (2019–2020) "
        "11.4.4: reservation against research on directly identifying data; "
        "the enacted section has not been checked"
    ),
    "evidence": "F12, K",
}
_OWN_CONTROL = {
    "source_nb": "Personvernforordningen art. 5 nr. 1 d og nr. 2: den behandlingsansvarliges egen kontroll "
    "av at opplysningene er riktige; ikke forskning",
    "source_en": "GDPR art. 5(1)(d) and 5(2): the controller's own control that its records are accurate; "
    "not research",
    "evidence": "K",
}
_PROTECTION = {
    "source_nb": "Gradert adresse: IMDi viser skjermede personer bare i landstall (F8); "
    "personvernforordningen art. 32",
    "source_en": "Graded address: IMDi shows protected persons in national totals only (F8); GDPR art. 32",
    "evidence": "F8, K",
}
_PROTECTION_UNKNOWN = {
    "source_nb": "Adressesperre er ikke fylt ut, og adressen kan være gradert (F8); "
    "personvernforordningen art. 32",
    "source_en": "Protection is not filled in, and the address may be graded (F8); GDPR art. 32",
    "evidence": "F8, K",
}
_WITHDRAWAL = {
    "source_nb": "Personvernforordningen art. 7 nr. 3, art. 18 og art. 21: tilbaketrukket samtykke, "
    "begrensning, protest",
    "source_en": "GDPR art. 7(3), art. 18 and art. 21: consent withdrawn, restriction, objection",
    "evidence": "K",
}


def _row(reason: Reason, output: OutputKind, allowed: bool, source: dict[str, str]) -> PolicyRow:
    return PolicyRow(reason=reason, output=output, allowed=allowed, **source)


POLICY: tuple[PolicyRow, ...] = (
    _row(Reason.RESERVED_RESEARCH, OutputKind.PSEUDONYMISED, False, _RESERVATION),
    _row(Reason.RESERVED_RESEARCH, OutputKind.COARSENED, False, _RESERVATION),
    _row(Reason.RESERVED_RESEARCH, OutputKind.TABLES, False, _RESERVATION),
    _row(Reason.RESERVED_RESEARCH, OutputKind.QUALITY_REPORT, True, _OWN_CONTROL),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.PSEUDONYMISED, False, _PROTECTION),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.COARSENED, False, _PROTECTION),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.TABLES, False, _PROTECTION),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.QUALITY_REPORT, False, _PROTECTION),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.PSEUDONYMISED, False, _PROTECTION_UNKNOWN),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.COARSENED, False, _PROTECTION_UNKNOWN),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.TABLES, False, _PROTECTION_UNKNOWN),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.QUALITY_REPORT, True, _OWN_CONTROL),
    _row(Reason.WITHDRAWN, OutputKind.PSEUDONYMISED, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.COARSENED, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.TABLES, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.QUALITY_REPORT, False, _WITHDRAWAL),
)

UNUSABLE_SCHEMA: dict[str, pl.DataType] = {"person_key": pl.Int64(), "reason": pl.String()}
_WITHDRAWALS_SCHEMA: dict[str, pl.DataType] = {"identifier": pl.String(), "withdrawn_on": pl.Date()}


def policy(reason: Reason, output: OutputKind) -> PolicyRow:
    """The row that decides; a pair without one is an error, never a permission."""
    (row,) = [p for p in POLICY if p.reason is reason and p.output is output]
    return row


def unusable(
    person: pl.DataFrame,
    withdrawals: pl.DataFrame,
    spine: pl.DataFrame,
    ledger: pl.DataFrame,
) -> pl.DataFrame:
    """(person_key, reason) for everybody with a reason not to be used; `person` is the table of `core`."""
    reserved = person.filter(pl.col("research_reservation"))
    protected = person.filter(pl.col("protection") != NOT_PROTECTED)
    unknown = person.filter(pl.col("protection").is_null())
    found = [
        _with_reason(reserved, Reason.RESERVED_RESEARCH),
        _with_reason(protected, Reason.PROTECTED_IDENTITY),
        _with_reason(unknown, Reason.PROTECTION_UNKNOWN),
        _with_reason(_withdrawn(withdrawals, spine, ledger), Reason.WITHDRAWN),
    ]
    return pl.concat(found).unique().sort("person_key", "reason")


def unmatched_withdrawals(withdrawals: pl.DataFrame, spine: pl.DataFrame) -> int:
    """How many identifiers on the list name nobody we know: counted, never listed."""
    listed = withdrawals.select("identifier").unique()
    return listed.join(_nameable(spine), on="identifier", how="anti").height


def unmatched(settings: Settings, spine: Stored) -> int:
    """How many identifiers on the stored list of withdrawals name nobody in the stored spine."""
    return unmatched_withdrawals(read_withdrawals(settings), tables.read(spine))


def usable_persons(persons: pl.DataFrame, unusable: pl.DataFrame, output: OutputKind) -> pl.DataFrame:
    """The `person_key` of everybody in `persons` who may stand behind that kind of output, sorted."""
    barring = [reason.value for reason in Reason if not policy(reason, output).allowed]
    barred = unusable.filter(pl.col("reason").is_in(barring))
    return persons.select("person_key").unique().join(barred, on="person_key", how="anti").sort("person_key")


def read_withdrawals(settings: Settings) -> pl.DataFrame:
    """The operator's list in `restricted`: (identifier, withdrawn_on); `withdrawn_on` is for the record.

    A withdrawal must not be lost. So a file that cannot be read to the last line stops the run, and so does
    a line that names nobody, a line that bound once and is not there now, and a link instead of a file. No
    file is an empty list only where there has never been a line.
    """
    path = settings.restricted / WITHDRAWALS_FILE
    listed = _listed(path) if os.path.lexists(path) else _no_list(settings.restricted)
    applied = tables.stored(settings.restricted, APPLIED)
    if applied is not None and tables.read(applied).join(listed, on="identifier", how="anti").height:
        raise SettingWrong(
            "A withdrawal that has been applied is not on the list any more.",
            instead="Nothing was run, for the person would be used again.",
            do=f"Put the line back in restricted/{WITHDRAWALS_FILE}; to end a withdrawal on purpose, "
            f"take out its line, remove restricted/{APPLIED}.parquet yourself, then: uttrekk run",
        )
    return listed


def update_unusable(settings: Settings, person: Stored, spine: Stored, ledger: Stored) -> Stored:
    """The list of everybody with a reason, by person key, stored in `core` for those who make outputs.

    Every line of the operator's list is noted in `restricted` first, so that it cannot be lost later.
    """
    withdrawals = read_withdrawals(settings)
    _note_applied(settings, withdrawals)
    made = unusable(
        tables.read(person, columns=["person_key", "research_reservation", "protection"]),
        withdrawals,
        tables.read(spine),
        tables.read(ledger),
    )
    key = step_key("unusable", made.rows())
    found = tables.reusable(settings.core, "unusable", key)
    return found or tables.write(settings.core, "unusable", made, key=key)


def _with_reason(persons: pl.DataFrame, reason: Reason) -> pl.DataFrame:
    return persons.select("person_key", pl.lit(reason.value).alias("reason"))


def _withdrawn(withdrawals: pl.DataFrame, spine: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Everybody who has, or claims, an identifier on the list: in doubt about whom, all of them."""
    keys = ledger.filter(pl.col("entity") == Entity.PERSON.value).select("source_key", person_key="key")
    return (
        _nameable(spine)
        .join(withdrawals, on="identifier", how="semi")
        .join(keys, on="source_key")
        .select("person_key")
    )


def _nameable(spine: pl.DataFrame) -> pl.DataFrame:
    return spine.filter(pl.col("kind") != Kind.DUMMY.value).with_columns(
        source_key=pl.col("person_id").cast(pl.String)
    )


def _note_applied(settings: Settings, withdrawals: pl.DataFrame) -> None:
    """Append what is new on the list to the lines that have bound; what stands there is never taken out."""
    before = tables.stored(settings.restricted, APPLIED)
    earlier = tables.read(before) if before else pl.DataFrame(schema=_WITHDRAWALS_SCHEMA)
    new = withdrawals.join(earlier, on=list(_WITHDRAWALS_SCHEMA), how="anti").sort(*_WITHDRAWALS_SCHEMA)
    if new.height:
        noted = pl.concat([earlier, new])
        tables.write(settings.restricted, APPLIED, noted, key=step_key(APPLIED, noted.height))


def _no_list(folder: Path) -> pl.DataFrame:
    """An empty list, where nothing in the folder looks like one under another name."""
    if any(path.name.casefold().startswith("withdrawal") for path in folder.iterdir()):
        raise _wrong_withdrawals("a file like it stands under another name")
    return pl.DataFrame(schema=_WITHDRAWALS_SCHEMA)


def _listed(path: Path) -> pl.DataFrame:
    """Every line of the file, its identifier normalised."""
    if path.is_symlink() or not path.is_file():
        raise _wrong_withdrawals("it is not a plain file")
    header, *rows = _rows(path)
    if tuple(header) != WITHDRAWALS_HEADER:
        raise _wrong_withdrawals("its first line is not " + ";".join(WITHDRAWALS_HEADER))
    found = [(*_withdrawal(row, line), line) for line, row in enumerate(rows, start=2) if row]
    lines = pl.DataFrame(found, schema={**_WITHDRAWALS_SCHEMA, "line": pl.Int64()}, orient="row")
    lines = lines.with_columns(normalise(pl.col("identifier")))
    nobody = lines.filter(~kind(pl.col("identifier")).is_in(_IDENTIFYING))["line"].to_list()
    if nobody:
        raise _wrong_withdrawals(f"the identifier in line {nobody[0]} can be nobody's")
    return lines.select(list(_WITHDRAWALS_SCHEMA)).unique().sort(*_WITHDRAWALS_SCHEMA)


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong_withdrawals("it is not UTF-8") from None
    # A quotation mark is no way to write a line: it could swallow the lines after it.
    return list(csv.reader(text.splitlines(), delimiter=";", quoting=csv.QUOTE_NONE)) or [[]]


def _withdrawal(row: list[str], line: int) -> tuple[str, date]:
    if len(row) != len(WITHDRAWALS_HEADER) or not row[0].strip():
        raise _wrong_withdrawals(f"line {line} does not hold an identifier and a date")
    written = row[1].strip()
    try:
        if not _DAY.fullmatch(written):
            raise ValueError
        return row[0], date.fromisoformat(written)
    except ValueError:
        raise _wrong_withdrawals(f"the date in line {line} is not written yyyy-mm-dd") from None


def _wrong_withdrawals(why: str) -> SettingWrong:
    return SettingWrong(
        f"The list of withdrawals cannot be used: {why}.",
        instead="Nothing was run, for a withdrawal might be missed.",
        do=f"Correct restricted/{WITHDRAWALS_FILE}, then: uttrekk run",
    )
