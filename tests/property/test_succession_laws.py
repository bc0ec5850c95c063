"""Successions of keys: whatever merges and splits a ledger has seen, against a record-by-record reference."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.spine.ledger import LEDGER_SCHEMA
from pipeline.identity.spine.succession import succession
from schemas.variable import Entity

FIRST = date(2024, 1, 1)
# Which record got which key, in the order it was noted; a record's first line is when it was new.
histories = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 5)), max_size=14)
laws = settings(max_examples=200, derandomize=True, deadline=None)


def told(lines: list[tuple[str, int]]) -> list[tuple[int, int, str, date]]:
    rows = [
        (Entity.PERSON.value, record, key, FIRST + timedelta(days=night), "-")
        for night, (record, key) in enumerate(lines)
    ]
    return succession(pl.DataFrame(rows, schema=LEDGER_SCHEMA, orient="row")).rows()


def reference(lines: list[tuple[str, int]]) -> list[tuple[int, int, str, date]]:
    """By hand: follow every record, then ask of each former key who has come after it."""
    held: dict[str, list[tuple[int, date]]] = defaultdict(list)
    for night, (record, key) in enumerate(lines):
        held[record].append((key, FIRST + timedelta(days=night)))
    after: dict[int, set[int]] = defaultdict(set)
    since: dict[tuple[int, int], date] = {}
    for history in held.values():
        now, began = history[-1]
        for key, _ in history:
            after[key].add(now)
            if key != now:
                since[key, now] = min(began, since.get((key, now), began))
    return [
        (former, now, "split" if len(after[former]) > 1 else "merge", day)
        for (former, now), day in sorted(since.items())
    ]


@laws
@given(histories)
def test_successions_are_those_of_the_records(lines: list[tuple[str, int]]) -> None:
    assert told(lines) == reference(lines)


@laws
@given(histories)
def test_a_merged_key_leads_to_one_other_and_to_one_in_use(lines: list[tuple[str, int]]) -> None:
    in_use = {dict(lines)[record] for record, _ in lines}
    merged = [(former, now) for former, now, reason, _ in told(lines) if reason == "merge"]
    assert len({former for former, _ in merged}) == len(merged)
    assert all(former not in in_use and now in in_use for former, now in merged)
