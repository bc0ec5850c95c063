"""Merges and splits: which key survives, who gets which back, and what the ledger says of it."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.identity.spine.ledger import current, empty, mint
from pipeline.identity.spine.rekeying import rekey
from schemas.variable import Entity

OLD, NEW = date(2010, 1, 1), date(2015, 1, 1)
A_NIGHT = date(2025, 3, 1)


def night(ledger: pl.DataFrame, *persons: tuple[str, date | None], since: date = A_NIGHT) -> pl.DataFrame:
    """The ledger after a night; a person is the letters of its records, and the day of its evidence."""
    rows = [(record, min(records), oldest) for records, oldest in persons for record in records]
    schema = {"source_key": pl.String(), "component": pl.String(), "oldest": pl.Date()}
    after = rekey(ledger, pl.DataFrame(rows, schema=schema, orient="row"), since=since)
    assert after.head(ledger.height).equals(ledger)  # append-only, whatever happens
    return after


def keys(ledger: pl.DataFrame) -> dict[str, int]:
    return dict(current(ledger).select("source_key", "key").rows())


def events(ledger: pl.DataFrame) -> list[tuple[str, int, str]]:
    return ledger.select("source_key", "key", "event").rows()


def test_newcomers_are_numbered_in_the_order_of_their_lowest_record() -> None:
    ledger = night(empty(), ("c", OLD), ("bd", NEW), ("a", None))
    assert events(ledger) == [("a", 1, "mint"), ("b", 2, "mint"), ("d", 2, "mint"), ("c", 3, "mint")]


def test_a_new_record_of_somebody_known_gets_the_key_and_is_no_merge() -> None:
    ledger = night(night(empty(), ("a", OLD)), ("ab", OLD))
    assert events(ledger)[1:] == [("b", 1, "mint")]


def test_on_a_merge_the_older_key_survives_and_the_other_record_gets_a_row() -> None:
    ledger = night(night(empty(), ("a", NEW), ("b", OLD)), ("ab", OLD))
    assert events(ledger)[2:] == [("b", 1, "merge")]


def test_of_three_that_merge_the_lowest_key_survives() -> None:
    ledger = night(night(empty(), ("a", OLD), ("b", OLD), ("c", OLD)), ("bc", OLD), ("a", OLD))
    assert keys(ledger) == {"a": 1, "b": 2, "c": 2}
    ledger = night(ledger, ("abc", OLD))
    assert keys(ledger) == {"a": 1, "b": 1, "c": 1}
    assert events(ledger)[3:] == [("c", 2, "merge"), ("b", 1, "merge"), ("c", 1, "merge")]


def test_on_a_split_the_oldest_evidence_keeps_the_key_and_a_newcomer_gets_a_new_one() -> None:
    ledger = night(night(empty(), ("ab", OLD)), ("a", NEW), ("b", OLD))
    assert keys(ledger) == {"a": 2, "b": 1}
    assert events(ledger)[2:] == [("a", 2, "split")]


def test_with_evidence_of_one_day_or_none_the_lowest_record_keeps_the_key() -> None:
    for oldest in (OLD, None):
        ledger = night(night(empty(), ("ab", oldest)), ("a", oldest), ("b", oldest))
        assert keys(ledger) == {"a": 1, "b": 2}
    assert keys(night(night(empty(), ("ab", OLD)), ("a", None), ("b", NEW))) == {"a": 2, "b": 1}


def test_a_merge_taken_back_gives_each_the_key_it_had() -> None:
    ledger = night(empty(), ("a", OLD), ("b", NEW))
    ledger = night(night(ledger, ("ab", OLD)), ("a", OLD), ("b", NEW))
    assert keys(ledger) == {"a": 1, "b": 2}
    assert events(ledger)[2:] == [("b", 1, "merge"), ("b", 2, "split")]


def test_a_key_is_never_given_back_to_two() -> None:
    ledger = night(empty(), ("a", OLD), ("bc", OLD))
    ledger = night(night(ledger, ("abc", OLD)), ("a", OLD), ("b", NEW), ("c", NEW))
    assert keys(ledger) == {"a": 1, "b": 2, "c": 3}  # both once had 2; b is the lower of two alike


def test_a_key_that_somebody_gone_has_is_nobody_elses() -> None:
    ledger = night(empty(), ("a", OLD), ("bc", OLD))  # b and c are 2
    ledger = night(ledger, ("abc", OLD))
    ledger = night(ledger, ("ab", OLD))  # c is gone, and has 1
    ledger = night(ledger, ("b", OLD))  # a is gone too, and nobody there was minted with 1
    assert keys(ledger) == {"a": 1, "b": 1, "c": 1}
    ledger = night(ledger, ("b", OLD), ("d", OLD))
    assert keys(ledger) == {"a": 1, "b": 1, "c": 1, "d": 3}
    ledger = night(ledger, ("a", NEW), ("b", OLD), ("c", NEW))  # all are back: 1 was minted for a
    assert keys(ledger) == {"a": 1, "b": 2, "c": 4, "d": 3}


def test_a_key_that_somebody_gone_has_is_not_given_back() -> None:
    ledger = night(empty(), ("ab", OLD), ("c", OLD))
    ledger = night(ledger, ("a", OLD), ("b", NEW), ("c", OLD))  # a keeps 1
    assert keys(ledger) == {"a": 1, "b": 3, "c": 2}
    ledger = night(ledger, ("bc", OLD))  # a is gone; b was minted with 1 as well, and does not get it
    assert keys(ledger) == {"a": 1, "b": 2, "c": 2}
    ledger = night(ledger, ("b", OLD), ("c", NEW))
    assert keys(ledger) == {"a": 1, "b": 3, "c": 2}


def test_each_gets_back_the_key_it_was_minted_with_whatever_evidence_is_older() -> None:
    ledger = night(empty(), ("a", NEW), ("b", OLD))
    ledger = night(night(ledger, ("ab", OLD)), ("a", NEW), ("b", OLD))
    assert keys(ledger) == {"a": 1, "b": 2}


def test_of_several_minted_with_a_key_the_one_of_the_earlier_night_keeps_it() -> None:
    later = date(2025, 3, 2)
    ledger = night(night(empty(), ("a", NEW)), ("ab", NEW), since=later)
    assert keys(night(ledger, ("a", NEW), ("b", OLD), since=later)) == {"a": 1, "b": 2}
    both = night(empty(), ("ab", NEW))
    assert keys(night(both, ("a", NEW), ("b", OLD))) == {"a": 2, "b": 1}  # of one night: oldest evidence


def test_who_is_left_of_a_merge_keeps_its_key_until_the_one_it_was_minted_for_is_back() -> None:
    ledger = night(night(empty(), ("a", OLD), ("b", OLD)), ("ab", OLD))
    ledger = night(ledger, ("b", OLD))
    assert keys(ledger) == {"a": 1, "b": 1}
    ledger = night(ledger, ("a", NEW), ("b", OLD))
    assert keys(ledger) == {"a": 1, "b": 2}
    assert events(ledger)[-1] == ("b", 2, "split")


def test_of_what_is_left_of_a_merge_each_gets_its_own_key_back_before_anybody_gets_the_other() -> None:
    ledger = night(night(empty(), ("a", OLD), ("b", OLD), ("c", OLD)), ("abc", OLD))
    assert keys(night(ledger, ("b", OLD), ("c", NEW))) == {"a": 1, "b": 2, "c": 3}


def test_a_record_that_moves_from_one_person_to_another_leaves_both_their_keys() -> None:
    ledger = night(night(empty(), ("ab", OLD), ("c", OLD)), ("a", OLD), ("bc", OLD))
    assert keys(ledger) == {"a": 1, "b": 2, "c": 2}
    assert events(ledger)[3:] == [("b", 2, "split")]


def test_a_second_time_brings_no_news() -> None:
    ledger = night(night(empty(), ("a", OLD), ("bc", NEW)), ("ab", OLD), ("c", NEW))
    assert night(ledger, ("c", NEW), ("ab", OLD)).equals(ledger)


def test_other_kinds_of_keys_are_let_alone() -> None:
    cases = mint(empty(), Entity.CASE, pl.Series(["a", "b"]))
    ledger = night(night(cases, ("a", OLD), ("b", OLD)), ("ab", OLD))
    assert current(ledger).filter(entity="case").rows() == [("case", "a", 1), ("case", "b", 2)]
    assert current(ledger).filter(entity="person").rows() == [("person", "a", 1), ("person", "b", 1)]
