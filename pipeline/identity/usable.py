"""Who may not be used, for what, and by which law: one filter, before every population is counted.

A person is left out by the row of `POLICY` for the reason and the kind of output. A withdrawal binds all
that is made from the day it is on the list, of nights before it too; one that was taken back binds no night
from that day on. What is true of any of a person's records or identifiers is true of the person, whether its
row passed or was quarantined. A blank reservation was not asked for and is no reason; a blank protection is
one, for the law demands it and the address may be graded; a code that nobody knows is taken for a graded
address. A withdrawal binds everybody whose row holds the number, also where a row calls it a stand-in, and
for good the records it once bound, whatever the source says of the number later. The operator's list is
`withdrawals`; who lives here is `residence`. What does not belong here: any other selection of persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from pipeline import tables
from pipeline.config import QUARANTINE, Settings
from pipeline.errors import SettingWrong
from pipeline.identity.identifiers import kind, normalise
from pipeline.identity.spine.ledger import as_source_key, current
from pipeline.identity.withdrawals import (
    BOUND_SCHEMA,
    IDENTIFYING,
    binding,
    bound_records,
    note_applied,
    note_bound,
    read_withdrawals,
)
from pipeline.tables import Stored, step_key
from schemas.case_system.person import Identifier, Person
from schemas.codes.person import NOT_PROTECTED
from schemas.variable import Entity, Table, polars_schema, table_name


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
    TABLES = "tables"  # below national level
    NATIONAL_TABLES = "national_tables"
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
_NATIONAL_TOTAL = {
    "source_nb": "IMDi viser skjermede personer i landstallet, og ikke under det (F8); "
    "personvernforordningen art. 89",
    "source_en": "IMDi shows protected persons in the national total, and not below it (F8); GDPR art. 89",
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
    _row(Reason.RESERVED_RESEARCH, OutputKind.NATIONAL_TABLES, False, _RESERVATION),
    _row(Reason.RESERVED_RESEARCH, OutputKind.QUALITY_REPORT, True, _OWN_CONTROL),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.PSEUDONYMISED, False, _PROTECTION),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.COARSENED, False, _PROTECTION),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.TABLES, False, _PROTECTION),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.NATIONAL_TABLES, True, _NATIONAL_TOTAL),
    _row(Reason.PROTECTED_IDENTITY, OutputKind.QUALITY_REPORT, False, _PROTECTION),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.PSEUDONYMISED, False, _PROTECTION_UNKNOWN),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.COARSENED, False, _PROTECTION_UNKNOWN),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.TABLES, False, _PROTECTION_UNKNOWN),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.NATIONAL_TABLES, True, _NATIONAL_TOTAL),
    _row(Reason.PROTECTION_UNKNOWN, OutputKind.QUALITY_REPORT, True, _OWN_CONTROL),
    _row(Reason.WITHDRAWN, OutputKind.PSEUDONYMISED, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.COARSENED, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.TABLES, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.NATIONAL_TABLES, False, _WITHDRAWAL),
    _row(Reason.WITHDRAWN, OutputKind.QUALITY_REPORT, False, _WITHDRAWAL),
)

UNUSABLE = "unusable"
_RECORD = ("research_reservation", "protection")


def policy(reason: Reason, output: OutputKind) -> PolicyRow:
    """The row that decides; a pair without one is an error, never a permission."""
    (row,) = [p for p in POLICY if p.reason is reason and p.output is output]
    return row


def unusable(
    records: pl.DataFrame,
    withdrawals: pl.DataFrame,
    claimed: pl.DataFrame,
    ledger: pl.DataFrame,
    as_of: date,
    noted: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """(person_key, reason) for everybody with a reason not to be used in what is made of `as_of`.

    `records` holds (person_key, research_reservation, protection) of every record of a person, for several
    may be one person's: what any of them says binds. `withdrawals` is the whole list, `claimed` (person_id,
    identifier) whoever has or claims one, `noted` (identifier, source_key) what lines bound before.
    """
    reserved = records.filter(pl.col("research_reservation"))
    protected = records.filter(pl.col("protection") != NOT_PROTECTED)
    unknown = records.filter(pl.col("protection").is_null())
    lines = binding(withdrawals, as_of)
    bound = [_named(lines, claimed), *([] if noted is None else [_of(lines, noted)])]
    withdrawn = pl.concat(bound).join(_person_keys(ledger), on="source_key")
    found = [
        _with_reason(reserved, Reason.RESERVED_RESEARCH),
        _with_reason(protected, Reason.PROTECTED_IDENTITY),
        _with_reason(unknown, Reason.PROTECTION_UNKNOWN),
        _with_reason(withdrawn, Reason.WITHDRAWN),
    ]
    return pl.concat(found).unique().sort("person_key", "reason")


def unmatched_withdrawals(
    withdrawals: pl.DataFrame, claimed: pl.DataFrame, noted: pl.DataFrame | None = None
) -> int:
    """How many identifiers on the list name nobody we know: counted, never listed.

    `noted` are the records that lines bound before and that the source still has.
    """
    known = [_named(withdrawals, claimed), *([] if noted is None else [_of(withdrawals, noted)])]
    listed = withdrawals.select("identifier").unique()
    return listed.join(pl.concat(known), on="identifier", how="anti").height


def unmatched(settings: Settings, spine: Stored, person: Stored) -> int:
    """How many identifiers on the stored list of withdrawals name nobody in the source.

    `person` holds the passed rows of `restricted`.
    """
    rows = [tables.read(person, columns=["person_id"]), _quarantined(settings, Person, ["person_id"])]
    standing = pl.DataFrame({"source_key": as_source_key(pl.concat(rows)["person_id"])})
    noted = bound_records(settings).join(standing, on="source_key", how="semi")
    return unmatched_withdrawals(read_withdrawals(settings), _claimed(settings, spine), noted)


def usable_persons(persons: pl.DataFrame, unusable: pl.DataFrame, output: OutputKind) -> pl.DataFrame:
    """The `person_key` of everybody in `persons` who may stand behind that kind of output, sorted."""
    barring = [reason.value for reason in Reason if not policy(reason, output).allowed]
    barred = unusable.filter(pl.col("reason").is_in(barring))
    return persons.select("person_key").unique().join(barred, on="person_key", how="anti").sort("person_key")


def update_unusable(settings: Settings, person: Stored, spine: Stored, ledger: Stored, as_of: date) -> Stored:
    """The list of everybody with a reason, by person key, stored in `core` for those who make outputs.

    `person` holds the passed rows of `restricted`: all records, also where several are one person's; the
    quarantined ones are read beside it. Every line of the operator's list, and whose records it binds, is
    noted in `restricted` first, so that it cannot be lost later.
    """
    withdrawals = read_withdrawals(settings)
    note_applied(settings, withdrawals)
    keys, claimed, columns = tables.read(ledger), _claimed(settings, spine), ["person_id", *_RECORD]
    noted = note_bound(settings, _binds(binding(withdrawals, as_of), claimed, keys))
    said = pl.concat([tables.read(person, columns=columns), _quarantined(settings, Person, columns)])
    made = unusable(records(said, keys), withdrawals, claimed, keys, as_of, noted)
    key = _key(made, as_of)
    found = tables.reusable(settings.core, UNUSABLE, key)
    return found or tables.write(settings.core, UNUSABLE, made, key=key)


def stored_unusable(settings: Settings, as_of: date) -> Stored:
    """The stored list, or SettingWrong where it was not made for `as_of`: another may be bound that night."""
    found = tables.stored(settings.core, UNUSABLE)
    if found is None or found.key != _key(tables.read(found), as_of):
        raise SettingWrong(
            f"Who may not be used has not been told for {as_of}.",
            instead="Nothing was made of anybody.",
            do=f"Make the whole night, in order: uttrekk run --as-of {as_of}",
        )
    return found


def _key(made: pl.DataFrame, as_of: date) -> str:
    return step_key(UNUSABLE, as_of, made.rows())


def records(person: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """What every record of the table of persons says, under the key its person has now."""
    said = person.select(pl.col("person_id").cast(pl.String).alias("source_key"), *_RECORD)
    return said.join(_person_keys(ledger), on="source_key").select("person_key", *_RECORD)


def _with_reason(persons: pl.DataFrame, reason: Reason) -> pl.DataFrame:
    return persons.select("person_key", pl.lit(reason.value).alias("reason"))


def _claimed(settings: Settings, spine: Stored) -> pl.DataFrame:
    """(person_id, identifier) of every row of the source: those of the spine and the quarantined ones."""
    columns = ["person_id", "identifier"]
    aside = _quarantined(settings, Identifier, columns).with_columns(normalise(pl.col("identifier")))
    return pl.concat([tables.read(spine, columns=columns).select(columns), aside]).drop_nulls().unique()


def _quarantined(settings: Settings, table: type[Table], columns: list[str]) -> pl.DataFrame:
    """Those columns of the table's rows that the night has quarantined."""
    parts = tables.parts(settings.restricted / QUARANTINE / table_name(table))
    schema = polars_schema(table)
    none = pl.DataFrame(schema={name: schema[name] for name in columns})
    return pl.concat([none, *(tables.read(part, columns=columns).select(columns) for part in parts)])


def _binds(lines: pl.DataFrame, claimed: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """(identifier, source_key) of all records of everybody whom a line names tonight."""
    named, persons = _named(lines, claimed), _person_keys(ledger)
    theirs = named.join(persons, on="source_key").drop("source_key").join(persons, on="person_key")
    return pl.concat([named, theirs.select(list(BOUND_SCHEMA))]).unique()


def _named(lines: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
    """(identifier, source_key) of everybody who has, or claims, an identifier on the list.

    In doubt about whom, all of them. A stand-in by its own digits is nobody's; a row's word for it is not
    taken.
    """
    on_list = claimed.join(lines, on="identifier", how="semi")
    return on_list.filter(kind(pl.col("identifier")).is_in(IDENTIFYING)).select(
        "identifier", source_key=pl.col("person_id").cast(pl.String)
    )


def _of(lines: pl.DataFrame, noted: pl.DataFrame) -> pl.DataFrame:
    """What is noted of the lines."""
    return noted.join(lines, on="identifier", how="semi").select(list(BOUND_SCHEMA))


def _person_keys(ledger: pl.DataFrame) -> pl.DataFrame:
    """(source_key, person_key): the key that each record of a person has now."""
    of_persons = current(ledger).filter(pl.col("entity") == Entity.PERSON.value)
    return of_persons.select("source_key", person_key="key")
