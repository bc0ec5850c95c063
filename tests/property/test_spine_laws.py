"""Laws of the spine: nobody is joined who is not one person, and a person's key outlives every number.

The worlds are random and small. What is true in them is kept beside them, and never read from the resolver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core import lookups, to_core
from pipeline.identity.spine import Resolved, resolve
from pipeline.identity.spine.ledger import current, empty
from pipeline.identity.spine.ledger_file import persons_of
from pipeline.identity.spine.rekeying import rekey
from schemas.case_system import Identifier, Person
from schemas.registers import EmploymentMonthly
from schemas.registers.identity import IdentifierLink
from tests.factories import a_duf, an_identifier, frame_of

pytestmark = pytest.mark.slow

A_NIGHT, FIRST_DAY = date(2025, 3, 1), date(2010, 1, 1)
MOST_PERSONS = 5
Rows = list[dict[str, Any]]


@dataclass
class World:
    """Rows of the three tables in the order they came about, and whose each record and number truly is."""

    persons: Rows = field(default_factory=list)
    claims: Rows = field(default_factory=list)
    links: Rows = field(default_factory=list)
    person_of_record: dict[int, int] = field(default_factory=dict)
    person_of_number: dict[str, int] = field(default_factory=dict)

    def resolved(self) -> Resolved:
        return resolve(
            frame_of(Identifier, *self.claims),
            frame_of(Person, *self.persons),
            frame_of(IdentifierLink, *self.links),
        )


def claim(record: int, number: str, day: int, *, registered: bool) -> dict[str, Any]:
    return {
        "person_id": record,
        "identifier": number,
        "identifier_type": "FNR",
        "valid_from": FIRST_DAY + timedelta(days=day),
        "valid_to": None,
        "evidence": "folkeregister" if registered else None,
        "is_valid": True,
    }


def link(number: str, replaced_by: str, cause: str = "tildelt_fnr") -> dict[str, Any]:
    return {"identifier": number, "replaced_by": replaced_by, "link_cause": cause}


def numbers_of(person: int) -> dict[str, str]:
    """The true numbers of a person; no two persons have one in common."""
    return {
        "duf": a_duf(person),
        "dnr": an_identifier(person, days=40),
        "fnr": an_identifier(person),
        "fnr_2": an_identifier(person + MOST_PERSONS),
    }


@st.composite
def honest_worlds(draw: st.DrawFn) -> World:
    """Persons with a record or two, and numbers that are truly theirs; sources link some of them."""
    world = World()
    twins = draw(st.booleans())
    for person in range(draw(st.integers(1, MOST_PERSONS))):
        numbers = numbers_of(person)
        world.person_of_number |= dict.fromkeys(numbers.values(), person)
        born = date(1980, 1, 1) if twins else date(1980, 1, 1 + person)
        for _ in range(draw(st.integers(1, 2))):
            record = len(world.persons) + 1
            world.person_of_record[record] = person
            name = draw(st.sampled_from([f"Ada{person}", f"Adda{person}"]))  # written in two ways
            world.persons.append(
                {"person_id": record, "sex": "1", "birth_date": born, "first_name": name, "last_name": "Holm"}
            )
            has = draw(st.sets(st.sampled_from(["duf", "dnr", "fnr", "fnr_2"])))
            world.claims += [
                claim(record, numbers[name], day, registered=draw(st.booleans()))
                for day, name in enumerate(sorted(has))
            ]
        chain = ["duf", "dnr", "fnr", "fnr_2"]
        for one, other in pairwise(chain):
            if draw(st.booleans()):
                world.links.append(link(numbers[one], numbers[other]))
    return world


@st.composite
def worlds_with_mix_ups(draw: st.DrawFn) -> World:
    """An honest world where some records also have somebody else's number, or a link leads astray.

    Whoever is mixed up has a record with the number, and a wrong row never carries the register's evidence.
    """
    world = draw(honest_worlds())
    claimed = [(c["person_id"], c["identifier"]) for c in world.claims]
    for _ in range(draw(st.integers(0, 4))):
        if not claimed:
            break
        _, number = draw(st.sampled_from(claimed))
        record = draw(st.sampled_from(sorted(world.person_of_record)))
        if world.person_of_record[record] != world.person_of_number[number]:
            world.claims.append(claim(record, number, 9, registered=False))
    by_person = defaultdict(list)
    for row in world.links:
        by_person[world.person_of_number[row["identifier"]]].append(row)
    for person, rows in sorted(by_person.items()):
        if len(world.person_of_record) > 1 and draw(st.integers(0, 4)) == 0:
            astray = numbers_of((person + 1) % MOST_PERSONS)["fnr"]
            world.links.append(link(rows[0]["identifier"], astray))
    return world


# --- precision ---------------------------------------------------------------------------------------------


def assert_precise(world: World, made: Resolved) -> None:
    """No two persons in one component, and no number that leads to another's record."""
    persons = defaultdict(set)
    for record, component in made.component.select("person_id", "component").rows():
        persons[component].add(world.person_of_record[record])
    assert all(len(found) == 1 for found in persons.values())
    for number, record in made.spine.filter(status="linked").select("identifier", "person_id").rows():
        assert world.person_of_number[number] == world.person_of_record[record]


@settings(max_examples=60, deadline=None)
@given(world=worlds_with_mix_ups())
def test_no_two_persons_are_ever_one(world: World) -> None:
    made = world.resolved()
    assert_precise(world, made)
    wrong = {
        (c["person_id"], c["identifier"])
        for c in world.claims
        if world.person_of_record[c["person_id"]] != world.person_of_number[c["identifier"]]
    }
    listed = set(made.review.select("person_id", "identifier").rows())
    assert wrong <= listed  # every planted mix-up is there for somebody to look at


@settings(max_examples=40, deadline=None)
@given(world=honest_worlds())
def test_every_claim_links_or_is_on_the_review_list_and_never_both_in_an_honest_world(world: World) -> None:
    made = world.resolved()
    assert_precise(world, made)
    claims = {(c["person_id"], c["identifier"]) for c in world.claims}
    status = {(p, i): s for i, p, s in made.spine.select("identifier", "person_id", "status").rows()}
    listed = set(made.review.select("person_id", "identifier").rows())
    for at in claims:
        assert (status[at] == "linked") or at in listed
    one = dict(made.component.select("person_id", "component").rows())
    for number in {i for _, i in claims}:
        linked = [p for p, i in status if i == number and status[p, i] == "linked"]
        assert len({one[p] for p in linked}) <= 1


# --- keys --------------------------------------------------------------------------------------------------


def night(ledger: pl.DataFrame, world: World) -> tuple[pl.DataFrame, Resolved]:
    made = world.resolved()
    records = pl.Series("source_key", [str(record["person_id"]) for record in world.persons], pl.String)
    return rekey(ledger, persons_of(records, made.component), since=A_NIGHT), made


def keys(ledger: pl.DataFrame) -> dict[str, int]:
    return dict(current(ledger).select("source_key", "key").rows())


def blocks(keys: dict[Any, int]) -> set[frozenset[Any]]:
    """Who has a key in common: what is left of keys where their numbers do not count."""
    found = defaultdict(set)
    for who, key in keys.items():
        found[key].add(who)
    return {frozenset(who) for who in found.values()}


def arrivals(draw: st.DrawFn, world: World) -> Iterable[World]:
    """The world as it stands after each of some nights, everything arriving in a random order."""
    events = [("persons", row) for row in world.persons]
    events += [("claims", row) for row in world.claims] + [("links", row) for row in world.links]
    shuffled = draw(st.permutations(events))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled)), max_size=3)) | {len(shuffled)})
    for cut in cuts:
        so_far = World(person_of_record=world.person_of_record, person_of_number=world.person_of_number)
        for table, row in shuffled[:cut]:
            getattr(so_far, table).append(row)
        yield so_far


@settings(max_examples=30, deadline=None)
@given(data=st.data(), world=worlds_with_mix_ups())
def test_in_any_order_of_arrival_the_same_persons_have_keys_of_their_own(
    data: st.DataObject, world: World
) -> None:
    at_once, made = night(empty(), world)
    ledger = empty()
    for so_far in arrivals(data.draw, world):
        before = ledger
        ledger, _ = night(before, so_far)
        assert ledger.head(before.height).equals(before)
    assert blocks(keys(ledger)) == blocks(keys(at_once))
    assert blocks(keys(ledger)) == blocks(
        {str(r): c for r, c in made.component.select("person_id", "component").rows()}
    )
    again, _ = night(ledger, world)
    assert again.equals(ledger)


@settings(max_examples=30, deadline=None)
@given(world=worlds_with_mix_ups(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(world: World, shuffle: Any) -> None:
    ledger, made = night(empty(), world)
    for rows in (world.persons, world.claims, world.links):
        shuffle.shuffle(rows)
    world.claims += world.claims[:2]  # and what is delivered twice is delivered once
    world.links += world.links[:1]
    again, same = night(empty(), world)
    assert again.equals(ledger)
    assert all(getattr(made, n).equals(getattr(same, n)) for n in ("spine", "component", "review"))


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_key_outlives_duf_number_d_number_and_fnr(data: st.DataObject) -> None:
    """Each person has one record, whose numbers come one after another, each linked to the one before."""
    chains = [list(numbers_of(person).values()) for person in range(data.draw(st.integers(1, 4)))]
    has = [sorted(data.draw(st.sets(st.integers(0, 3), min_size=1))) for _ in chains]
    world, ledger, first = World(), empty(), {}
    for person in range(len(chains)):
        world.persons.append({"person_id": person + 1, "birth_date": date(1980, 1, 1 + person)})
    for at in range(4):
        for person, chain in enumerate(chains):
            if at in has[person]:
                registered = data.draw(st.booleans())
                world.claims.append(claim(person + 1, chain[at], at, registered=registered))
                world.links += [link(chain[i], chain[i + 1]) for i in range(at)]
        if data.draw(st.booleans()) or at == 3:
            ledger, made = night(ledger, world)
            first = first or keys(ledger)
            assert keys(ledger) == first
            delivered = [(c["identifier"], first[str(c["person_id"])]) for c in world.claims]
            assert linked(ledger, made, [i for i, _ in delivered]) == [key for _, key in delivered]


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, tuple[str, date | None]]]:
    """Night by night: the person of each record there is, named by its lowest record, and the evidence."""
    nights = []
    for _ in range(draw(st.integers(2, 7))):
        there = draw(st.sets(st.sampled_from("abcde"), min_size=1))
        person = {record: draw(st.sampled_from("vwxyz")) for record in sorted(there)}
        oldest = {p: draw(st.sampled_from([None, A_NIGHT, FIRST_DAY])) for p in sorted(set(person.values()))}
        lowest = {p: min(r for r in there if person[r] == p) for p in oldest}
        nights.append({record: (lowest[p], oldest[p]) for record, p in person.items()})
    return nights


@settings(max_examples=150, deadline=None)
@given(history=histories())
def test_a_key_never_means_somebody_else_than_whom_it_was_minted_for(
    history: list[dict[str, tuple[str, date | None]]],
) -> None:
    schema = {"source_key": pl.String(), "component": pl.String(), "oldest": pl.Date()}
    ledger, minted = empty(), defaultdict(dict)  # key -> record -> the night it was minted with the key
    for at, there in enumerate(history):
        tonight = pl.DataFrame([(r, *found) for r, found in there.items()], schema=schema, orient="row")
        before, since = keys(ledger), A_NIGHT + timedelta(days=at)
        known = set(ledger["key"])
        ledger = rekey(ledger, tonight, since=since)
        assert rekey(ledger, tonight, since=since).equals(ledger)
        after = keys(ledger)
        assert {r: k for r, k in after.items() if r not in there} == {
            r: k for r, k in before.items() if r not in there
        }
        for record in there:
            if record not in before or after[record] not in known:
                minted[after[record]].setdefault(record, at)
        held = {record: after[record] for record in there}
        assert blocks(held) == blocks({record: component for record, (component, _) in there.items()})
        for key in set(held.values()):
            nights = {record: night for record, night in minted[key].items() if record in there}
            first = {record for record, night in nights.items() if night == min(nights.values())}
            assert not first or any(held[record] == key for record in first)


def linked(ledger: pl.DataFrame, made: Resolved, identifiers: list[str]) -> list[int | None]:
    """Whose row each becomes that a register delivers under these identifiers."""
    frame = frame_of(
        EmploymentMonthly,
        *({"person_identifier": i, "pay_month_kr": at} for at, i in enumerate(identifiers)),
    )
    result = to_core(EmploymentMonthly, frame, lookups(ledger, made.spine))
    found = dict(result.core.select("pay_month_kr", "person_key").rows())
    assert result.core.height + result.unlinked.height == len(identifiers)
    return [found.get(at) for at in range(len(identifiers))]


@settings(max_examples=40, deadline=None)
@given(world=worlds_with_mix_ups(), strangers=st.sets(st.integers(20, 24)))
def test_a_registers_rows_go_to_their_person_or_are_set_aside(world: World, strangers: set[int]) -> None:
    ledger, made = night(empty(), world)
    known = keys(ledger)
    delivered = sorted(world.person_of_number) + [an_identifier(number) for number in sorted(strangers)]
    person_of_key = {known[str(r)]: person for r, person in world.person_of_record.items()}
    for identifier, key in zip(delivered, linked(ledger, made, delivered), strict=True):
        assert key is None or person_of_key[key] == world.person_of_number[identifier]
