"""Laws of identity: keys are stable, links are exact, and nobody is linked who should not be."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.core import to_core
from pipeline.identity.identifiers import Kind, is_tenor, kind, normalise
from pipeline.identity.ledger import empty, mint
from pipeline.identity.spine import Status, spine
from schemas.case_system import Identifier, Person
from schemas.registers import EmploymentMonthly
from schemas.variable import Entity
from tests.factories import a_duf, an_identifier, check_digits, frame_of

POOL = [an_identifier(i) for i in range(4)] + [an_identifier(0, days=40), a_duf(1), "01818000100", "123"]


def one(expression: Any, text: str) -> Any:
    return pl.DataFrame({"i": [text]}).select(expression(pl.col("i"))).item()


@given(
    day=st.integers(1, 28),
    month=st.integers(1, 12),
    year=st.integers(0, 99),
    person=st.integers(0, 999),
    days=st.sampled_from([0, 40]),
    months=st.sampled_from([0, 80]),
    remainder=st.integers(0, 3),
)
def test_every_number_made_by_the_rule_is_accepted_for_what_it_is(
    day: int, month: int, year: int, person: int, days: int, months: int, remainder: int
) -> None:
    nine = f"{day + days:02}{month + months:02}{year:02}{person:03}"
    digits = check_digits(nine, remainder)
    assume(digits is not None)
    number = f"{nine}{digits}"
    assume(int(number[6:]) not in (100, 200, 99999, 55555))
    assert one(kind, number) == (Kind.DNR if days else Kind.FNR).value
    assert one(is_tenor, number) == (months == 80)


@given(st.text(alphabet="0123456789 -.\u00a0\u0660\u0661\u0669x", max_size=14))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = one(normalise, text)
    assert one(normalise, once) == once
    assert one(kind, once) in {k.value for k in Kind}


@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=5))
def test_no_night_ever_changes_a_key_or_gives_one_twice(nights: list[list[int]]) -> None:
    ledger, before = empty(), {}
    for night in nights:
        ledger = mint(ledger, Entity.PERSON, pl.Series(night, dtype=pl.Int64))
        keys = dict(ledger.select("source_key", "key").rows())
        assert before.items() <= keys.items()
        assert sorted(keys.values()) == list(range(1, len(keys) + 1))
        assert {str(n) for n in night} <= set(keys)
        before = keys


CLAIMS = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(POOL)), max_size=12)


@settings(max_examples=60)
@given(claims=CLAIMS)
def test_an_identifier_links_exactly_when_it_is_valid_and_of_one_person(
    claims: list[tuple[int, str]],
) -> None:
    made = spine(
        frame_of(Identifier, *({"person_id": p, "identifier": i} for p, i in claims)),
        frame_of(Person, *({"person_id": p} for p in range(1, 5))),
    )
    for identifier in {i for _, i in claims}:
        owners = {p for p, i in claims if i == identifier}
        expected = Status.LINKED if len(owners) == 1 else Status.AMBIGUOUS
        if identifier == "01818000100":
            expected = Status.DUMMY
        if identifier == "123":
            expected = Status.INVALID
        rows = made.filter(identifier=identifier)
        assert set(rows["person_id"]) == owners
        assert set(rows["status"]) == {expected.value}


@settings(max_examples=60)
@given(claims=CLAIMS, delivered=st.lists(st.sampled_from(POOL), max_size=10))
def test_core_partitions_a_registers_rows_and_links_only_the_one_owner(
    claims: list[tuple[int, str]], delivered: list[str]
) -> None:
    persons = frame_of(Person, *({"person_id": p} for p in range(1, 5)))
    ids = spine(frame_of(Identifier, *({"person_id": p, "identifier": i} for p, i in claims)), persons)
    ledger = mint(empty(), Entity.PERSON, pl.Series([1, 2, 3, 4]))  # person n has key n
    frame = frame_of(
        EmploymentMonthly,
        *({"person_identifier": i, "pay_month_kr": at} for at, i in enumerate(delivered)),
    )
    result = to_core(EmploymentMonthly, frame, ledger, ids)
    owners = {i: {p for p, j in claims if i == j} for i in POOL}
    linkable = {i: o for i, o in owners.items() if len(o) == 1 and i not in ("01818000100", "123")}
    expected = {at: min(linkable[i]) for at, i in enumerate(delivered) if i in linkable}
    assert dict(result.core.select("pay_month_kr", "person_key").rows()) == expected
    aside = dict(result.unlinked.select("pay_month_kr", "reason").rows())
    assert set(aside) == set(range(len(delivered))) - set(expected)
    for at, reason in aside.items():
        identifier = delivered[at]
        if identifier in ("01818000100", "123"):
            assert reason == ("dummy" if identifier == "01818000100" else "invalid")
        else:
            assert reason == ("ambiguous" if owners[identifier] else "not_in_population")
