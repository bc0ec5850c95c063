"""Who can be asked about in a register: by key, through whatever number of whichever record."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipeline import tables
from pipeline.identity.spine import SPINE_SCHEMA
from pipeline.identity.spine.ledger import LEDGER_SCHEMA
from pipeline.night import make_linkable
from tests.factories import a_duf, an_identifier, settings_at


def test_a_person_is_linkable_by_a_usable_fnr_or_d_number_of_any_of_their_records(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    spine = [
        (an_identifier(1), "FNR", 10, None, "linked"),
        (an_identifier(1), "FNR", 20, None, "linked"),  # registered twice
        (a_duf(2), "DUF", 30, None, "linked"),  # the registers of outcomes do not know it
        (an_identifier(3), "FNR", 40, None, "review"),
        (an_identifier(4), "FNR", 50, None, "ambiguous"),
        (an_identifier(5, days=40), "DNR", 60, None, "linked"),
        (an_identifier(6, days=40), "DNR", 70, None, "linked"),  # but registers may use the other number now
        (an_identifier(7), "FNR", 70, None, "review"),
        (an_identifier(8, days=40), "DNR", 80, None, "linked"),
        ("1234", "INVALID", 80, None, "invalid"),
        (an_identifier(9), "FNR", 90, None, "linked"),  # and another's number beside their own
        (an_identifier(1), "FNR", 90, None, "ambiguous"),
    ]
    ledger = [("person", str(p), p // 10, None, "mint") for p in range(10, 100, 10)]
    ledger.append(("person", "20", 1, None, "merge"))
    for name, rows, schema in (("spine", spine, SPINE_SCHEMA), ("ledger", ledger, LEDGER_SCHEMA)):
        tables.write(settings.restricted, name, pl.DataFrame(rows, schema=schema, orient="row"), key=name)
    assert tables.read(make_linkable(settings))["person_key"].to_list() == [1, 6, 9]
