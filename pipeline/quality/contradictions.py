"""What contradicts another source, or itself: one frame of the faulty for each check, and out of how many.

A fault is a fact about two registrations; which of them is wrong nobody can tell from here, so nothing is
repaired. What does not belong here: the joins with NIR and the limits of the law (`linkage`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipeline.identity.disagreement import Warned, judged
from pipeline.quality import thresholds
from pipeline.quality.evidence import Evidence
from pipeline.quality.populations import latest, scan
from pipeline.quality.results import PERMILLE, counted
from pipeline.validate.rows import RULES
from schemas.codes.programme import RUNNING
from schemas.codes.quality import (
    ACTIVITY_DIFFERS,
    END_BEFORE_START,
    END_DIFFERS,
    NOT_DELIVERED,
    NOT_IDENTIFIED,
    ONLY_IN_CASE_SYSTEM,
    ONLY_IN_NIR,
    OVERLAP,
    REASON_DIFFERS,
    START_DIFFERS,
    TOO_LONG,
)
from schemas.rules import in_order
from schemas.variable import Entity, Population

# Who a fault is about; what a check does not know of it is null.
KEYS = ("person_key", "case_key", "programme_key")
_NOT_COMPARED = (NOT_DELIVERED, NOT_IDENTIFIED, ONLY_IN_NIR)
# What differs from NIR -> the field of the case system that says otherwise.
DIFFERS: dict[str, tuple[str, str | None]] = {
    ONLY_IN_CASE_SYSTEM: ("programme", None),
    ONLY_IN_NIR: ("programme", None),
    START_DIFFERS: ("programme", "started_on"),
    END_DIFFERS: ("programme", "ended_on"),
    REASON_DIFFERS: ("result", "nir_exit"),
    ACTIVITY_DIFFERS: ("activity", "activity"),
}
# The rule of the table that holds back what ends before it starts.
_ENDS_AFTER_START = in_order("started_on", "ended_on").name
# Check -> the flag of a programme that it counts.
_FLAGS = {"overlapping_programmes": OVERLAP, "end_before_start": END_BEFORE_START, "too_long": TOO_LONG}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The faulty of one check, one row each (KEYS), out of how many, and the field that is to be looked at.

    `rows` is None where what the check needs is not there.
    """

    check: str
    table: str
    column: str | None
    rows: pl.DataFrame | None
    out_of: int = 0
    against: str | None = None


def faults(evidence: Evidence) -> list[Fault]:
    """Every contradiction of the night, also those nobody has."""
    found = [*_programme_flags(evidence), *_against_nir(evidence), *_against_numbers(evidence)]
    single: tuple[Callable[[Evidence], Fault], ...] = (
        one_sided_spouses, duplicate_cases, claims_without_settlement, participants_without_claim,
    )  # fmt: skip
    return [*found, *(check(evidence) for check in single)]


def contradictions(found: list[Fault]) -> pl.DataFrame:
    """COUNTED rows of the faults."""
    rows = [
        (f.check, f.table, f.column, f.against, None if f.rows is None else f.rows.height, f.out_of)
        for f in found
    ]
    frame = pl.DataFrame(
        rows,
        schema={
            "check": pl.String, "table": pl.String, "column": pl.String, "against": pl.String,
            "numerator": pl.Int64, "denominator": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    share = pl.col("numerator") / pl.col("denominator")
    judged_rows = frame.with_columns(
        effect=pl.when(pl.col("denominator") > 0).then(share),
        over=pl.col("numerator") * PERMILLE >= thresholds.CONTRADICTED_SHARE.value * pl.col("denominator"),
        reason=pl.when(pl.col("numerator").is_null())
        .then(pl.lit("source_not_delivered"))
        .when(pl.col("denominator") < thresholds.FEWEST_TO_JUDGE.value)
        .then(pl.lit("too_few")),
    )
    parts = judged_rows.partition_by("check", as_dict=True, maintain_order=True)
    return pl.concat([counted(str(name), part) for (name,), part in parts.items()])


def _keyed(rows: pl.DataFrame) -> pl.DataFrame:
    lacking = [pl.lit(None, pl.Int64).alias(key) for key in KEYS if key not in rows.columns]
    return rows.with_columns(lacking).select(KEYS).unique().sort(KEYS)


def _programme_flags(evidence: Evidence) -> list[Fault]:
    flags = evidence.linked.get("programme_flag")
    mine = None if flags is None else evidence.of_usable(flags)
    refused = evidence.refused.get("programme")
    programmes = evidence.who().programmes.height
    found = []
    for check, flag in _FLAGS.items():
        rows = None if mine is None else mine.filter(pl.col("flag") == flag).select(KEYS[0], KEYS[2])
        out_of = programmes
        column = "started_on" if check == "overlapping_programmes" else "ended_on"
        if check == "overlapping_programmes" and rows is not None:
            rows = pl.concat([rows, _beside_a_running_one(evidence)])
        if check == "end_before_start" and rows is not None and refused is not None:
            # A row that ends before it starts never comes to core: the rule of the table holds it back.
            mine_refused = evidence.of_usable(refused)
            reversed_dates = mine_refused.filter(pl.col(RULES).list.contains(_ENDS_AFTER_START))
            rows = pl.concat([rows, reversed_dates.select(KEYS[0], KEYS[2])])
            out_of += mine_refused.height
        found.append(
            Fault(
                check=check,
                table="programme",
                column=column,
                rows=None if rows is None else _keyed(rows),
                out_of=out_of,
            )
        )
    return found


def _beside_a_running_one(evidence: Evidence) -> pl.DataFrame:
    """Programmes that began after another of the person's that has no end because it is still running.

    To the cohorts an end that nobody registered overlaps nothing; to a steward two running programmes do.
    """
    columns = ("programme_key", "person_key", "started_on", "ended_on", "programme_status")
    known = evidence.of_usable(scan(evidence.cores, "programme").select(columns).collect())
    running = known.filter(pl.col("ended_on").is_null() & pl.col("programme_status").is_in(RUNNING))
    first = running.sort("started_on", "programme_key").unique(
        "person_key", keep="first", maintain_order=True
    )
    return (
        known.join(first, on="person_key", suffix="_running")
        .filter(
            (pl.col("started_on") >= pl.col("started_on_running"))
            & (pl.col("programme_key") != pl.col("programme_key_running"))
        )
        .select("person_key", "programme_key")
    )


def _against_nir(evidence: Evidence) -> list[Fault]:
    told = evidence.linked.get("reconciliation")
    if told is None:
        return [
            Fault(check="differs_from_nir", table=table, column=column, rows=None, against=kind)
            for kind, (table, column) in DIFFERS.items()
        ]
    mine = evidence.of_usable(told)
    compared = mine.filter(~pl.col("kind").is_in(_NOT_COMPARED))["programme_key"].n_unique()
    in_nir = mine.filter(pl.col("kind") == ONLY_IN_NIR).height
    return [
        Fault(
            check="differs_from_nir",
            table=table,
            column=column,
            rows=_keyed(mine.filter(pl.col("kind") == kind)),
            out_of=compared + (in_nir if kind == ONLY_IN_NIR else 0),
            against=kind,
        )
        for kind, (table, column) in DIFFERS.items()
    ]


def _against_numbers(evidence: Evidence) -> list[Fault]:
    identifiers, persons = (evidence.restricted.get(name) for name in ("identifier", "person"))
    checks = {
        "sex_against_number": (Warned.SEX, "sex"),
        "birth_date_against_number": (Warned.BIRTH_DATE, "birth_date"),
    }
    if identifiers is None or persons is None:
        return [
            Fault(check=check, table="person", column=column, rows=None)
            for check, (_, column) in checks.items()
        ]
    keys = evidence.keys_of(Entity.PERSON.value, "person_id", "person_key")
    told = evidence.of_usable(
        judged(identifiers, persons)
        .with_columns(pl.col("person_id").cast(pl.String))
        .join(keys, on="person_id")
    )
    return [
        Fault(
            check=check,
            table="person",
            column=column,
            rows=_keyed(told.filter(pl.col(warned.value).fill_null(False))),
            out_of=told.filter(pl.col(warned.value).is_not_null())["person_key"].n_unique(),
        )
        for check, (warned, column) in checks.items()
    ]


def one_sided_spouses(evidence: Evidence) -> Fault:
    """Persons whose registered spouse is registered with another, or with none, or whom another names."""
    rows = scan(evidence.cores, "family").join(evidence.usable.lazy(), on="person_key", how="semi")
    now = latest(rows.select("person_key", "spouse_key", "registered_on"), "person_key", "registered_on")
    told = now.select("person_key", "spouse_key").collect()
    married = told.drop_nulls("spouse_key")
    theirs = told.rename({"person_key": "spouse_key", "spouse_key": "spouse_of_spouse"})
    other_way = (
        married.join(theirs, on="spouse_key")
        .filter(pl.col("spouse_of_spouse").ne_missing(pl.col("person_key")))
        .select("person_key")
    )
    named = married.select(person_key="spouse_key", named_by="person_key")
    named_by_another = married.join(named, on="person_key").filter(pl.col("named_by") != pl.col("spouse_key"))
    return Fault(
        check="one_sided_spouse",
        table="family",
        column=None,
        rows=_keyed(pl.concat([other_way, named_by_another.select("person_key")])),
        out_of=married.height,
    )


def duplicate_cases(evidence: Evidence) -> Fault:
    """Cases opened while another of the same person was open in the same bydel, or in one nobody registered.

    A case that says it was transferred from the other is not a duplicate of it.
    """
    cases = (
        scan(evidence.cores, "case")
        .join(evidence.usable.lazy(), on="person_key", how="semi")
        .select("case_key", "person_key", "bydel", "opened_on", "closed_on", "transferred_from_case_key")
        .unique("case_key", keep="first", maintain_order=True)
        .collect()
    )
    several = cases.filter(pl.len().over("person_key") > 1)
    pairs = several.join(several, on="person_key", suffix="_first")
    later = (pl.col("opened_on") > pl.col("opened_on_first")) | (
        (pl.col("opened_on") == pl.col("opened_on_first")) & (pl.col("case_key") > pl.col("case_key_first"))
    )
    still_open = pl.col("closed_on_first").is_null() | (pl.col("closed_on_first") > pl.col("opened_on"))
    same = (pl.col("bydel") == pl.col("bydel_first")).fill_null(True)
    told = pl.col("transferred_from_case_key").ne_missing(pl.col("case_key_first"))
    return Fault(
        check="duplicate_case",
        table="case",
        column=None,
        rows=_keyed(pairs.filter(later & still_open & same & told)),
        out_of=cases.height,
    )


def claims_without_settlement(evidence: Evidence) -> Fault:
    """Persons for whom a grant is claimed, and no settlement is registered, not even a refused one."""
    claimed = _persons_in(evidence, "grant_claim")
    return Fault(
        check="claim_without_settlement",
        table="settlement",
        column=None,
        rows=_keyed(claimed.join(_persons_in(evidence, "settlement"), on="person_key", how="anti")),
        out_of=claimed.height,
    )


def participants_without_claim(evidence: Evidence) -> Fault:
    """Participants first settled since claims began, before this year, for whom none was ever made."""
    first_claim = scan(evidence.cores, "grant_claim").select(pl.col("calendar_year").min()).collect().item()
    settled = (
        evidence.who()
        .persons.lazy()
        .filter(pl.col("population") == Population.PARTICIPANTS.value)
        .filter(pl.col("year").is_between(first_claim or evidence.as_of.year, evidence.as_of.year - 1))
        .select("person_key")
        .collect()
    )
    return Fault(
        check="participant_without_claim",
        table="grant_claim",
        column=None,
        rows=_keyed(settled.join(_persons_in(evidence, "grant_claim"), on="person_key", how="anti")),
        out_of=settled.height,
    )


def _persons_in(evidence: Evidence, table: str) -> pl.DataFrame:
    """The usable persons with a row of the table, also one that was refused."""
    rows = scan(evidence.cores, table).select("person_key").collect()
    refused = evidence.refused.get(table)
    parts = [rows] if refused is None else [rows, refused.select("person_key")]
    return evidence.of_usable(pl.concat(parts)).unique()
