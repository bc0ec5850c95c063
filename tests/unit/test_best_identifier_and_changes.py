"""What kind of number somebody can be asked about by, and when a programme was last changed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.changes import programme_changes
from pipeline.identity.spine import SPINE_SCHEMA
from pipeline.identity.spine.best import best_identifiers
from pipeline.identity.spine.ledger import LEDGER_SCHEMA
from schemas.case_system.administration import ChangeLog
from schemas.variable import polars_schema


def spine(*rows: tuple[int, str, str]) -> pl.DataFrame:
    """Rows of (person, kind, status)."""
    full = [
        {"identifier": f"n{place}", "kind": kind, "person_id": person, "valid_from": None, "status": status}
        for place, (person, kind, status) in enumerate(rows)
    ]
    return pl.DataFrame(full, schema=SPINE_SCHEMA)


def ledger(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Rows of (entity, source key, key)."""
    full = [
        {"entity": e, "source_key": s, "key": k, "since": date(2024, 1, 1), "event": "mint"}
        for e, s, k in rows
    ]
    return pl.DataFrame(full, schema=LEDGER_SCHEMA)


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([("DUF", "review")], "NONE"),
        ([("DUF", "linked")], "DUF"),
        ([("DUF", "linked"), ("DNR", "linked")], "DNR"),
        ([("FNR", "linked"), ("DNR", "linked"), ("DUF", "linked")], "FNR"),
        ([("FNR", "ambiguous"), ("DUF", "linked")], "DUF"),
        ([("FNR", "invalid"), ("DUMMY", "dummy")], "NONE"),
    ],
)
def test_the_best_number_that_links_counts(rows: list[tuple[str, str]], best: str) -> None:
    made = best_identifiers(spine(*((7, *row) for row in rows)), ledger(("person", "7", 1)))
    assert made.rows() == [(1, best)]


def test_records_of_one_person_count_together() -> None:
    keys = ledger(("person", "7", 1), ("person", "8", 2), ("person", "8", 1), ("case", "9", 5))
    assert best_identifiers(spine((7, "DUF", "linked"), (8, "FNR", "linked")), keys).rows() == [(1, "FNR")]


def test_who_has_no_identifier_in_the_source_is_not_there() -> None:
    """Nobody, then, whom the ledger remembers and the source does not have any more."""
    keys = ledger(("person", "7", 1), ("person", "8", 2))
    assert best_identifiers(spine((7, "DUF", "linked")), keys).rows() == [(1, "DUF")]


def changed(*rows: tuple[str, str, date]) -> pl.DataFrame:
    names = ("changed_table", "row_key_id", "changed_on")
    schema = {name: polars_schema(ChangeLog)[name] for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_the_last_change_of_a_programme_or_its_result_counts() -> None:
    log = changed(
        ("program", "31", date(2012, 5, 1)),
        ("sluttresultat", "31", date(2012, 7, 2)),
        ("sak", "31", date(2019, 1, 1)),  # another table's number 31
        ("program", "99", date(2019, 1, 1)),  # a programme that was quarantined
    )
    keys = ledger(("programme", "31", 4), ("person", "31", 6))
    assert programme_changes(log, keys).rows() == [(4, date(2012, 7, 2))]
