"""The spine: which identifiers lead to a person, which lead nowhere, and which records are one person.

For each rule of `pipeline.identity.spine`, a case that it decides, and the nearest case that it does not.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import tables
from pipeline.identity.spine import Resolved, no_links, resolve, spine, update_spine
from pipeline.identity.spine.review import review_counts
from schemas.case_system import Identifier, Person
from schemas.registers.identity import IdentifierLink
from tests.factories import a_duf, an_identifier, frame_of, settings_at

pytestmark = pytest.mark.slow

FNR, DNR, DUF = an_identifier(1), an_identifier(2, days=40), a_duf(3)
FNR_2, FNR_3, DNR_2, DUF_2 = an_identifier(4), an_identifier(5), an_identifier(6, days=40), a_duf(7)
THEN, LATER, A_DAY_LATER = date(2012, 5, 1), date(2014, 5, 1), date(2014, 5, 2)

# What differs between two records of the table of persons.
Person_ = dict[str, Any]


def claim(person: int, identifier: str, *, registered: bool = False, **changed: Any) -> dict[str, Any]:
    """A row of the case system, confirmed by the population register or not."""
    evidence = "folkeregister" if registered else None
    lasting = {"valid_to": None, "is_valid": True}
    return {"person_id": person, "identifier": identifier, "identifier_type": "FNR"} | (
        {"evidence": evidence} | lasting | changed
    )


def sure(person: int, identifier: str, **changed: Any) -> dict[str, Any]:
    """A row that the population register has confirmed, as what joins records has to be."""
    return claim(person, identifier, **{"registered": True} | changed)


NAMED = {"first_name": "Ada", "last_name": "Holm"}


def resolved(
    *claims: dict[str, Any],
    links: tuple[tuple[str, str], ...] = (),
    persons: tuple[Person_, ...] = ({}, {}, {}),
    cause: str = "tildelt_fnr",
) -> Resolved:
    """The spine of persons 1, 2, ..., alike but for what is said of them."""
    return resolve(
        frame_of(Identifier, *claims),
        frame_of(
            Person, *({"person_id": at, **NAMED, **person} for at, person in enumerate(persons, start=1))
        ),
        frame_of(
            IdentifierLink, *({"identifier": a, "replaced_by": b, "link_cause": cause} for a, b in links)
        ),
    )


def leads_to(made: pl.DataFrame | Resolved) -> dict[str, list[tuple[int, str]]]:
    rows = made.spine if isinstance(made, Resolved) else made
    found: dict[str, list[tuple[int, str]]] = {}
    for identifier, person, status in rows.select("identifier", "person_id", "status").rows():
        found.setdefault(identifier, []).append((person, status))
    return found


def one_person(made: Resolved) -> dict[int, int]:
    return dict(made.component.select("person_id", "component").rows())


def listed(made: Resolved) -> list[tuple[str, int | None, str]]:
    return made.review.select("kind", "person_id", "identifier").rows()


APART = {1: 1, 2: 2, 3: 3}
TOGETHER = {1: 1, 2: 1, 3: 3}
UNLIKE = ({}, {"birth_date": date(1990, 1, 1)}, {})


# --- what was always so ----------------------------------------------------------------------------------


def test_every_identifier_a_person_has_had_leads_to_the_person() -> None:
    made = resolved(*(claim(1, i) for i in (DUF, DNR, FNR)), claim(2, FNR_2, is_valid=False))
    assert leads_to(made) == {
        DUF: [(1, "linked")],
        DNR: [(1, "linked")],
        FNR: [(1, "linked")],
        FNR_2: [(2, "linked")],
    }
    assert dict(made.spine.select("identifier", "kind").rows())[DUF] == "DUF"  # by its digits, not as typed
    assert one_person(made) == APART
    assert made.review.height == 0


def test_one_identifier_written_in_two_ways_is_one_and_was_theirs_from_the_first_day() -> None:
    made = resolved(
        claim(1, FNR, valid_from=LATER),
        claim(1, f"{FNR[:6]} {FNR[6:]}", valid_from=THEN),
        claim(1, FNR[1:], valid_from=LATER),  # a spreadsheet ate its zero
    )
    assert made.spine.select("identifier", "valid_from", "status").rows() == [(FNR, THEN, "linked")]


def test_a_wrong_number_links_nobody() -> None:
    wrong = f"{FNR[:-1]}{(int(FNR[-1]) + 1) % 10}"
    assert leads_to(resolved(claim(1, wrong))) == {wrong: [(1, "invalid")]}


def test_a_stand_in_links_nobody_by_its_digits_or_by_what_the_case_system_says() -> None:
    made = resolved(
        claim(1, "01818000100"), claim(1, FNR, identifier_type="DUMMY"), claim(2, FNR), links=((DNR, FNR),)
    )
    assert leads_to(made) == {"01818000100": [(1, "dummy")], FNR: [(1, "dummy"), (2, "dummy")]}
    assert one_person(made) == APART


def test_an_identifier_of_a_person_we_do_not_have_is_not_in_the_spine() -> None:
    assert resolved(claim(7, FNR)).spine.height == 0


def test_the_order_of_rows_in_does_not_matter() -> None:
    rows = [claim(p, i) for p, i in ((2, FNR), (1, FNR), (1, DNR), (3, FNR_2), (3, FNR_3), (2, DUF))]
    links = ((DNR_2, FNR), (DUF, FNR), (FNR_2, DUF_2), (FNR_2, FNR_3))
    one, other = resolved(*rows, links=links), resolved(*reversed(rows), links=links[::-1])
    for name in ("spine", "component", "review"):
        assert getattr(one, name).equals(getattr(other, name))


# --- 1: what sources say -----------------------------------------------------------------------------------


def test_records_with_numbers_that_a_source_links_are_one_person() -> None:
    chain = ((DUF, DNR), (DNR, FNR))
    made = resolved(claim(1, DUF), claim(2, FNR), links=chain)
    assert one_person(made) == TOGETHER
    assert leads_to(made)[DNR] == [(1, "linked"), (2, "linked")]  # nobody's record has it
    assert one_person(resolved(claim(1, DUF), claim(2, FNR), links=chain[:1])) == APART


@pytest.mark.parametrize("damaged", ["1,23E+10", f"{FNR[:-1]}{(int(FNR[-1]) + 1) % 10}", "01818000100"])
def test_a_link_from_what_is_no_identifier_joins_nobody(damaged: str) -> None:
    links = ((damaged, FNR), (damaged, FNR_2))
    assert one_person(resolved(claim(1, FNR), claim(2, FNR_2), links=links)) == APART


def test_a_number_that_only_a_link_has_and_that_leads_to_nobody_is_not_in_the_spine() -> None:
    assert leads_to(resolved(claim(1, FNR), links=((DNR, FNR_2),))) == {FNR: [(1, "linked")]}


# --- 2: two successors -------------------------------------------------------------------------------------


def test_of_a_number_with_two_successors_no_link_is_used() -> None:
    made = resolved(
        claim(1, DUF), claim(2, FNR), claim(3, FNR_2), links=((DUF, DNR), (DNR, FNR), (DNR, FNR_2))
    )
    assert one_person(made) == APART
    assert leads_to(made)[DNR] == [(1, "review"), (2, "review"), (3, "review")]
    assert leads_to(made)[DUF] == [(1, "linked")]  # by its own record
    assert listed(made) == [
        ("two_successors", 2, FNR),
        ("two_successors", 3, FNR_2),
        ("two_successors", None, DNR),
    ]


def test_two_successors_that_another_link_joins_are_no_conflict() -> None:
    made = resolved(claim(1, DUF), claim(2, FNR), links=((DUF, DNR), (DUF, FNR), (DNR, FNR)))
    assert one_person(made) == TOGETHER
    assert made.review.height == 0


# --- 3: two numbers on one record --------------------------------------------------------------------------


def test_two_fnr_on_a_record_that_nobody_links_lead_nowhere() -> None:
    made = resolved(claim(1, FNR), claim(1, FNR_2), claim(1, DUF))
    assert leads_to(made) == {FNR: [(1, "review")], FNR_2: [(1, "review")], DUF: [(1, "linked")]}
    assert listed(made) == [("two_numbers", 1, FNR), ("two_numbers", 1, FNR_2)]


def test_the_one_that_alone_has_the_population_registers_evidence_links() -> None:
    made = resolved(claim(1, FNR), claim(1, FNR_2, registered=True))
    assert leads_to(made) == {FNR: [(1, "review")], FNR_2: [(1, "linked")]}
    assert listed(made) == [("two_numbers", 1, FNR), ("two_numbers", 1, FNR_2)]
    both = resolved(claim(1, FNR, registered=True), claim(1, FNR_2, registered=True))
    assert leads_to(both) == {FNR: [(1, "review")], FNR_2: [(1, "review")]}


def test_two_that_a_source_links_are_a_succession() -> None:
    for links in (((FNR, FNR_2),), ((FNR, FNR_3), (FNR_3, FNR_2))):
        made = resolved(claim(1, FNR), claim(1, FNR_2), links=links)
        assert (leads_to(made)[FNR], leads_to(made)[FNR_2]) == ([(1, "linked")], [(1, "linked")])
        assert made.review.height == 0


MEETING = {"valid_from": THEN, "valid_to": LATER}, {"valid_from": LATER, "valid_to": None}


def test_two_whose_rows_meet_with_the_registers_evidence_are_a_succession() -> None:
    def made(first: dict[str, Any], second: dict[str, Any], *, registered: bool = True) -> Resolved:
        return resolved(
            claim(1, FNR, registered=True, **first), claim(1, FNR_2, registered=registered, **second)
        )

    assert {s for rows in leads_to(made(*MEETING)).values() for s in rows} == {(1, "linked")}
    a_day_too_late = MEETING[1] | {"valid_from": date(2014, 5, 2)}
    assert {s for rows in leads_to(made(MEETING[0], a_day_too_late)).values() for s in rows} == {
        (1, "review")
    }
    assert leads_to(made(*MEETING, registered=False)) == {FNR: [(1, "linked")], FNR_2: [(1, "review")]}


def test_the_spouses_d_number_brings_the_spouses_fnr_and_so_a_conflict() -> None:
    made = resolved(claim(1, FNR, registered=True), claim(1, DNR), claim(2, FNR_2), links=((DNR, FNR_2),))
    assert one_person(made) == APART
    assert leads_to(made) == {
        FNR: [(1, "linked")],
        DNR: [(1, "review")],
        FNR_2: [(2, "linked")],
    }
    assert listed(made) == [("two_numbers", 1, FNR), ("two_numbers", 1, DNR)]


def test_two_d_numbers_or_two_duf_numbers_on_a_record_are_a_conflict_too() -> None:
    for one, other in ((DNR, DNR_2), (DUF, DUF_2)):
        made = resolved(claim(1, one), claim(1, other), claim(1, FNR))
        assert leads_to(made) == {one: [(1, "review")], other: [(1, "review")], FNR: [(1, "linked")]}


# --- 4: one number of several records ----------------------------------------------------------------------


@pytest.mark.parametrize("number", [FNR, DUF])
def test_records_alike_with_one_number_are_one_person_registered_twice(number: str) -> None:
    made = resolved(claim(1, number), claim(2, number), claim(2, DNR))
    assert one_person(made) == TOGETHER
    assert leads_to(made) == {number: [(1, "linked"), (2, "linked")], DNR: [(2, "linked")]}
    assert made.review.height == 0


@pytest.mark.parametrize(
    "persons",
    [
        UNLIKE,
        ({}, {"sex": "2"}),
        ({}, {"birth_date": None}),
        ({}, {"sex": None}),
        ({"birth_date": None}, {"birth_date": None}),
        ({"sex": "9"}, {"sex": "9"}),  # «ukjent» is not alike
    ],
)
def test_records_that_are_not_known_to_be_alike_share_a_number_that_links_neither(
    persons: tuple[Person_, ...],
) -> None:
    made = resolved(claim(1, FNR), claim(2, FNR), claim(2, DNR), persons=persons)
    assert set(one_person(made).values()) == set(one_person(made))
    assert leads_to(made) == {FNR: [(1, "ambiguous"), (2, "ambiguous")], DNR: [(2, "linked")]}
    assert listed(made) == [("shared", 1, FNR), ("shared", 2, FNR)]


def test_a_shared_duf_number_joins_nobody_with_fnr_of_their_own() -> None:
    made = resolved(claim(1, DUF), claim(1, FNR), claim(2, DUF), claim(2, FNR_2))
    assert one_person(made) == APART
    assert leads_to(made)[DUF] == [(1, "ambiguous"), (2, "ambiguous")]
    linked = resolved(
        claim(1, DUF),
        claim(1, FNR),
        claim(2, DUF),
        claim(2, FNR_2),
        links=((FNR, FNR_2),),
        cause="endret_kjonn",
    )
    assert one_person(linked) == TOGETHER


def test_a_shared_duf_number_joins_nobody_to_a_record_whose_own_fnr_nobody_can_tell() -> None:
    made = resolved(claim(1, DUF), claim(1, FNR), claim(1, FNR_2), claim(2, DUF), claim(2, FNR_3))
    assert one_person(made) == APART
    assert leads_to(made)[DUF] == [(1, "ambiguous"), (2, "ambiguous")]


def test_a_number_of_two_records_alike_joins_them_though_it_lost_on_a_third() -> None:
    third = claim(3, FNR), claim(3, FNR_2, registered=True)
    twice = claim(1, FNR, registered=True), claim(2, FNR)
    assert one_person(resolved(*twice, *third)) == TOGETHER


def test_a_shared_d_number_alone_joins_nobody_and_with_other_evidence_is_theirs() -> None:
    made = resolved(claim(1, DNR), claim(2, DNR))
    assert one_person(made) == APART
    assert leads_to(made) == {DNR: [(1, "ambiguous"), (2, "ambiguous")]}
    assert listed(made) == [("shared", 1, DNR), ("shared", 2, DNR)]
    both = resolved(claim(1, DNR), claim(2, DNR), claim(1, FNR), claim(2, FNR))
    assert one_person(both) == TOGETHER
    assert leads_to(both)[DNR] == [(1, "linked"), (2, "linked")]
    assert both.review.height == 0


def test_what_a_d_number_shared_by_one_person_is_linked_to_is_theirs_as_well() -> None:
    made = resolved(
        claim(1, DNR), claim(2, DNR), claim(1, DUF), claim(2, DUF), claim(3, FNR), links=((DNR, FNR),)
    )
    assert one_person(made) == {1: 1, 2: 1, 3: 1}


def test_a_number_that_lost_on_one_record_links_another_only_by_the_registers_evidence() -> None:
    won = claim(1, FNR, registered=True), claim(1, FNR_2)
    made = resolved(*won, claim(2, FNR_2, registered=True))
    assert leads_to(made) == {FNR: [(1, "linked")], FNR_2: [(1, "review"), (2, "linked")]}
    assert one_person(made) == APART
    doubtful = resolved(*won, claim(2, FNR_2))  # who says that the first record's two are not both true?
    assert leads_to(doubtful) == {FNR: [(1, "linked")], FNR_2: [(1, "review"), (2, "ambiguous")]}
    assert ("shared", 2, FNR_2) in listed(doubtful)


def test_a_number_that_is_undecided_on_one_record_links_no_other() -> None:
    made = resolved(claim(1, FNR), claim(1, FNR_2), claim(2, FNR_2))
    assert leads_to(made) == {FNR: [(1, "review")], FNR_2: [(1, "ambiguous"), (2, "ambiguous")]}
    assert listed(made) == [
        ("shared", 1, FNR_2),
        ("shared", 2, FNR_2),
        ("two_numbers", 1, FNR),
        ("two_numbers", 1, FNR_2),
    ]


# --- 5: what cannot be one person --------------------------------------------------------------------------


VOUCHED = claim(1, FNR, registered=True), claim(2, FNR_2, registered=True)


def test_a_link_between_records_of_two_birth_dates_joins_only_where_the_date_was_corrected() -> None:
    links = ((FNR, FNR_2),)
    made = resolved(*VOUCHED, links=links, persons=UNLIKE, cause="endret_kjonn")
    assert one_person(made) == APART
    assert leads_to(made) == {FNR: [(1, "review")], FNR_2: [(2, "review")]}
    assert listed(made) == [("link_disagrees", 1, FNR), ("link_disagrees", 2, FNR_2)]
    corrected = resolved(*VOUCHED, links=links, persons=UNLIKE, cause="endret_fodselsdato")
    assert one_person(corrected) == TOGETHER


def test_a_link_between_records_of_two_sexes_joins_only_where_the_sex_was_corrected() -> None:
    links, sexes = ((FNR, FNR_2),), ({"sex": "1"}, {"sex": "2"})
    assert one_person(resolved(*VOUCHED, links=links, persons=sexes)) == {1: 1, 2: 2}
    assert one_person(resolved(*VOUCHED, links=links, persons=sexes, cause="endret_kjonn")) == {1: 1, 2: 1}


@pytest.mark.parametrize("blank", [{"birth_date": None}, {"sex": None}, {"sex": "9"}])
@pytest.mark.parametrize("cause", ["tildelt_fnr", "endret_fodselsdato", "endret_kjonn"])
def test_a_link_joins_no_record_whose_birth_date_or_sex_is_not_known(blank: Person_, cause: str) -> None:
    for persons in (({}, blank), (blank, {}), (blank, blank)):
        made = resolved(*VOUCHED, links=((FNR, FNR_2),), persons=persons, cause=cause)
        assert one_person(made) == {1: 1, 2: 2}
        assert listed(made) == [("link_disagrees", 1, FNR), ("link_disagrees", 2, FNR_2)]


def test_a_corrected_date_excuses_nobody_whose_number_the_register_does_not_vouch_for() -> None:
    mothers, daughters = claim(1, FNR, registered=True), claim(2, FNR_2)  # by mix-up on the daughter's record
    for rows in ((mothers, daughters), (mothers | {"evidence": None}, VOUCHED[1])):
        made = resolved(*rows, links=((FNR, FNR_2),), persons=UNLIKE, cause="endret_fodselsdato")
        assert one_person(made) == APART
        assert listed(made) == [("link_disagrees", 1, FNR), ("link_disagrees", 2, FNR_2)]


def test_a_corrected_date_excuses_no_third_record() -> None:
    persons = ({}, {"birth_date": date(1990, 1, 1)}, {"birth_date": date(1990, 1, 1)})
    third = claim(3, DNR, registered=True)  # linked, but no number of the correction
    made = resolved(*VOUCHED, third, links=((FNR, FNR_2),), persons=persons, cause="endret_fodselsdato")
    assert one_person(made) == TOGETHER
    shared = claim(3, DUF), claim(2, DUF)
    made = resolved(*VOUCHED, *shared, links=((FNR, FNR_2),), persons=persons, cause="endret_fodselsdato")
    assert one_person(made) == APART
    assert {kind for kind, _, _ in listed(made)} == {"link_disagrees"}


def test_two_numbers_of_one_kind_with_one_successor_join_no_two_records() -> None:
    links = ((DNR, FNR), (DNR_2, FNR))
    made = resolved(claim(1, DNR, registered=True), claim(2, DNR_2, registered=True), links=links)
    assert one_person(made) == APART
    assert listed(made) == [("link_disagrees", 1, DNR), ("link_disagrees", 2, DNR_2)]
    one_record = resolved(claim(1, DNR), claim(1, DNR_2), claim(2, FNR), links=links)
    assert one_person(one_record) == TOGETHER
    one_after_the_other = resolved(claim(1, DNR), claim(2, DNR_2), links=(*links, (DNR, DNR_2)))
    assert one_person(one_after_the_other) == TOGETHER
    of_two_kinds = resolved(claim(1, DUF), claim(2, DNR), links=((DUF, FNR), (DNR, FNR)))
    assert one_person(of_two_kinds) == TOGETHER


def test_what_led_to_one_of_the_two_is_of_its_side() -> None:
    links = ((DUF, DNR), (DNR, FNR), (DNR_2, FNR))
    assert one_person(resolved(claim(1, DUF), claim(2, DNR_2), links=links)) == APART
    assert one_person(resolved(claim(1, DUF), claim(2, DNR), links=links)) == TOGETHER


def test_a_link_does_not_bring_two_unlinked_fnr_together() -> None:
    made = resolved(claim(1, DUF), claim(1, FNR), claim(2, DUF_2), claim(2, FNR_2), links=((DUF, DUF_2),))
    assert one_person(made) == APART
    assert leads_to(made) == {
        FNR: [(1, "linked")],
        FNR_2: [(2, "linked")],
        DUF: [(1, "review")],
        DUF_2: [(2, "review")],
    }
    assert listed(made) == [("link_disagrees", 1, DUF), ("link_disagrees", 2, DUF_2)]


def test_what_a_link_must_not_bring_together_does_not_part_those_who_share_a_fnr() -> None:
    strangers = claim(3, DUF_2), claim(3, FNR_2)
    made = resolved(claim(1, FNR), claim(2, FNR), claim(2, DUF), *strangers, links=((DUF, DUF_2),))
    assert one_person(made) == TOGETHER
    assert listed(made) == [("link_disagrees", 2, DUF), ("link_disagrees", 3, DUF_2)]


def test_not_even_through_a_third_record_between_them() -> None:
    made = resolved(
        *(claim(1, i) for i in (FNR, DUF)),
        *(claim(2, i) for i in (DUF, DNR)),
        *(claim(3, i) for i in (DNR_2, FNR_2)),
        links=((DNR, DNR_2),),
    )
    assert one_person(made) == APART
    assert leads_to(made)[FNR] == [(1, "linked")]
    assert leads_to(made)[FNR_2] == [(3, "linked")]
    assert {kind for kind, _, _ in listed(made)} == {"link_disagrees"}


@pytest.mark.parametrize(("one", "other"), [(DUF, DUF_2), (DNR, DNR_2), (FNR, FNR_2)])
def test_nothing_joins_two_records_with_numbers_of_one_kind_that_nobody_links(one: str, other: str) -> None:
    shared = DUF if one != DUF else FNR
    for first, second in ((shared, shared), (DNR if one != DNR else FNR, FNR_3)):
        rows = claim(1, one), claim(1, first), claim(2, other), claim(2, second)
        links = () if first == second else ((first, second),)
        if one == FNR and links:
            links, rows = ((DNR, DUF_2),), (*rows[:3], claim(2, DUF_2))
        assert one_person(resolved(*rows, links=links)) == APART
        assert resolved(*rows, links=links).review.height == 2
        assert one_person(resolved(*rows[:2], rows[3], links=links)) == TOGETHER


# --- 7: what may still speak -------------------------------------------------------------------------------

ENDED = {"valid_to": LATER, "valid_from": THEN}


@pytest.mark.parametrize(
    "silent", [{"is_valid": False}, ENDED, ENDED | {"evidence": "udi"}, ENDED | {"is_valid": False}]
)
@pytest.mark.parametrize("number", [FNR, DUF])
def test_a_row_that_has_ended_or_is_marked_invalid_shares_its_number_with_nobody(
    silent: dict[str, Any], number: str
) -> None:
    made = resolved(claim(1, number, registered=True), claim(2, number, **silent))
    assert one_person(made) == APART
    assert listed(made) == [("shared", 1, number), ("shared", 2, number)]
    lasting = resolved(claim(1, number, registered=True), claim(2, number, **silent), claim(2, number))
    assert one_person(lasting) == TOGETHER  # another row of the same number still speaks


def test_a_row_that_gave_way_to_another_number_still_speaks_if_it_has_evidence() -> None:
    given_way = ENDED | {"evidence": "udi"}
    successor = claim(2, FNR, valid_from=LATER)
    met = resolved(claim(1, DUF), claim(2, DUF, **given_way), successor)
    assert one_person(met) == TOGETHER
    a_day_later = resolved(claim(1, DUF), claim(2, DUF, **given_way), successor | {"valid_from": A_DAY_LATER})
    assert one_person(a_day_later) == APART
    assert one_person(resolved(claim(1, DUF), claim(2, DUF, **ENDED), successor)) == APART  # no evidence
    history = resolved(claim(1, DUF), claim(2, DUF, **given_way), links=((DUF, FNR),))
    assert one_person(history) == TOGETHER


def test_a_link_joins_no_record_by_a_row_that_is_marked_invalid() -> None:
    made = resolved(claim(1, DNR, is_valid=False), claim(2, FNR), links=((DNR, FNR),))
    assert one_person(made) == APART
    assert listed(made) == [("link_disagrees", 2, FNR), ("link_disagrees", 1, DNR)]
    ended = resolved(claim(1, DNR, **ENDED), claim(2, FNR), links=((DNR, FNR),))
    assert one_person(ended) == TOGETHER  # the history says that it gave way


def test_what_no_longer_speaks_is_theirs_where_others_make_them_one() -> None:
    made = resolved(claim(1, DUF), claim(2, DUF, **ENDED), claim(1, FNR), claim(2, FNR))
    assert one_person(made) == TOGETHER
    assert leads_to(made)[DUF] == [(1, "linked"), (2, "linked")]
    assert made.review.height == 0


# --- 8: twins ----------------------------------------------------------------------------------------------

TWINS = ({"first_name": "Ada"}, {"first_name": "Eva"}, {})  # of one day and one sex
NOT_BOTH = ("folkeregister", None), ("folkeregister", "udi"), (None, "folkeregister"), (None, None)


@pytest.mark.parametrize("evidence", NOT_BOTH)
@pytest.mark.parametrize("number", [FNR, DUF])
def test_twins_one_of_whom_has_the_others_number_are_two(
    number: str, evidence: tuple[str | None, ...]
) -> None:
    first, second = (claim(p, number, evidence=e) for p, e in zip((1, 2), evidence, strict=True))
    for others in ((), (sure(1, DNR),), (sure(2, DNR),)):
        made = resolved(first, second, *others, persons=TWINS)
        assert one_person(made) == APART
        assert leads_to(made)[number] == [(1, "ambiguous"), (2, "ambiguous")]
        assert listed(made) == [("shared", 1, number), ("shared", 2, number)]
    assert one_person(resolved(sure(1, number), sure(2, number), persons=TWINS)) == TOGETHER


@pytest.mark.parametrize("evidence", NOT_BOTH)
def test_twins_are_two_though_a_source_links_the_numbers_of_one(evidence: tuple[str | None, ...]) -> None:
    first, second = (claim(p, n, evidence=e) for p, n, e in zip((1, 2), (FNR, FNR_2), evidence, strict=True))
    made = resolved(first, second, links=((FNR, FNR_2),), persons=TWINS)
    assert one_person(made) == APART
    assert listed(made) == [("link_disagrees", 1, FNR), ("link_disagrees", 2, FNR_2)]
    assert one_person(resolved(*VOUCHED, links=((FNR, FNR_2),), persons=TWINS)) == TOGETHER


def test_the_register_vouches_for_a_number_by_any_that_sources_link_with_it() -> None:
    rows = claim(1, FNR), sure(1, DUF), sure(2, FNR)
    assert one_person(resolved(*rows, persons=TWINS)) == APART
    assert one_person(resolved(*rows, links=((DUF, FNR),), persons=TWINS)) == TOGETHER


def test_the_register_vouches_by_no_row_that_is_marked_invalid() -> None:
    withdrawn = sure(2, FNR, is_valid=False)
    assert one_person(resolved(sure(1, FNR), withdrawn, claim(2, FNR), persons=TWINS)) == APART
    assert one_person(resolved(sure(1, FNR), withdrawn, sure(2, FNR), persons=TWINS)) == TOGETHER


@pytest.mark.parametrize(
    ("first", "last", "same"),
    [
        ("Ada", "Holm", True),
        ("HOLM ", "ada", True),  # swapped, and written by somebody else
        ("Eva", "Holm", False),
        ("Ada", "Holm Berg", False),
        ("Ada 2", "Holm", False),  # how an office tells two of one name apart
        (None, "Holm", False),
        ("-", "Ada Holm", False),
    ],
)
def test_the_same_names_say_what_the_register_does_not(first: str | None, last: str, same: bool) -> None:
    persons = ({"first_name": "Ada", "last_name": "Holm"}, {"first_name": first, "last_name": last}, {})
    expected = TOGETHER if same else APART
    assert one_person(resolved(claim(1, DUF), claim(2, DUF), persons=persons)) == expected
    linked = resolved(claim(1, DUF), claim(2, FNR), links=((DUF, FNR),), persons=persons)
    assert one_person(linked) == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, None),
        ("Ukjent", "Ahmed"),
        ("NN", "Ahmed"),
        ("N. N.", "Ahmed"),
        ("A.", "Ali"),
        ("Ali", "Gutt 1"),
    ],
)
def test_names_that_nobody_knows_are_not_the_same(first: str | None, last: str | None) -> None:
    blank = {"first_name": first, "last_name": last}
    assert one_person(resolved(claim(1, DUF), claim(2, DUF), persons=(blank, blank, {}))) == APART


def test_the_same_words_in_other_names_are_other_names() -> None:
    one, other = (
        {"first_name": "Hassan", "last_name": "Hussein Ali"},
        {"first_name": "Hussein", "last_name": "Hassan Ali"},
    )
    assert one_person(resolved(claim(1, DUF), claim(2, DUF), persons=(one, other, {}))) == APART
    assert one_person(resolved(claim(1, DUF), claim(2, DUF), persons=(one, one, {}))) == TOGETHER


def test_the_same_names_join_nobody_of_another_day_or_sex_and_nobody_by_a_d_number() -> None:
    for persons in (UNLIKE, ({}, {"sex": "2"}, {})):
        assert one_person(resolved(claim(1, DUF), claim(2, DUF), persons=persons)) == APART
    assert one_person(resolved(claim(1, DNR), claim(2, DNR))) == APART


# --- who is oldest, and what is stored ---------------------------------------------------------------------


def test_a_person_is_as_old_as_the_first_day_of_what_links() -> None:
    made = resolved(
        claim(1, FNR, valid_from=LATER),
        claim(2, FNR, valid_from=THEN),
        claim(3, FNR_2, valid_from=THEN),
        claim(3, FNR_3, valid_from=THEN),
    )
    assert made.component["oldest"].to_list() == [THEN, THEN, None]


def test_without_an_identifier_history_the_spine_is_what_the_case_system_says() -> None:
    identifiers, persons = frame_of(Identifier, claim(1, FNR)), frame_of(Person, {"person_id": 1})
    assert spine(identifiers, persons).equals(resolve(identifiers, persons, no_links()).spine)


def test_the_stored_spine_is_made_again_only_for_other_rows(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)

    def stored(name: str, frame: pl.DataFrame, key: str) -> tables.Stored:
        return tables.write(settings.restricted / name, name, frame, key=key)

    person = stored("person", frame_of(Person, {"person_id": 1}), "a")
    first = update_spine(
        settings, stored("identifier", frame_of(Identifier, {"identifier": FNR}), "b"), person
    )
    assert leads_to(tables.read(first.spine)) == {FNR: [(1, "linked")]}
    stamp = first.spine.path.stat().st_mtime_ns
    same = stored("identifier", frame_of(Identifier, {"identifier": FNR}), "of another night")
    assert update_spine(settings, same, person) == first
    assert first.spine.path.stat().st_mtime_ns == stamp
    history = stored("2020", frame_of(IdentifierLink, {"identifier": DUF, "replaced_by": FNR}), "d")
    assert update_spine(settings, same, person, [history]).spine.key != first.spine.key
    assert update_spine(settings, stored("identifier", frame_of(Identifier), "c"), person).spine.rows == 0


def test_a_lost_review_list_is_made_again(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    frames = {
        "person": frame_of(Person, {"person_id": 1}),
        "identifier": frame_of(Identifier, claim(1, FNR), claim(1, FNR_2)),
    }
    made = {n: tables.write(settings.restricted / n, n, frame, key=n) for n, frame in frames.items()}
    first = update_spine(settings, made["identifier"], made["person"])
    first.review.path.unlink()
    assert update_spine(settings, made["identifier"], made["person"]) == first
    assert dict(review_counts(settings).rows()) == {
        "two_successors": 0,
        "two_numbers": 1,
        "shared": 0,
        "link_disagrees": 0,
    }
