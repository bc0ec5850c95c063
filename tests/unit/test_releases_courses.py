"""What a few known events give away in a pseudonymised release: counted by hand, told in rounded shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.disclosure.certificate import render
from pipeline.disclosure.coarsen import K
from pipeline.disclosure.evidence import Evidence
from pipeline.disclosure.trajectories.events import Step
from pipeline.identity.usable import OutputKind
from pipeline.releases import courses
from pipeline.releases.courses import Found, courses_in, courses_of, homes_of
from pipeline.requests.request import tables_of
from schemas.variable import columns

# Ten persons start in one month and one alone in the next; all end in the same year.
PROGRAMME = pl.DataFrame(
    {
        "pseudonym": [f"p{n:02}" for n in range(11)],
        "started_month": [date(2020, 1, 1)] * 10 + [date(2020, 2, 1)],
        "ended_month": [date(2021, 1, 1)] * 9 + [date(2021, 7, 1)] * 2,
        "programme_status": ["3"] * 11,
    }
)


def found(known: int, step: Step, **frames: pl.DataFrame) -> Found:
    return next(one for one in courses_in(frames) if (one.known, one.step) == (known, step))


def test_months_single_out_whom_years_do_not() -> None:
    # By one event: the one who started alone; with the two who ended in July, two are among fewer than five.
    assert found(1, Step.MONTH, programme=PROGRAMME) == Found(1, Step.MONTH, unique=1, exposed=2, persons=11)
    # By two: started in January and ended in July is the tenth alone.
    assert found(2, Step.MONTH, programme=PROGRAMME).unique == 2
    # By quarter all start in the same; by year they end in the same too.
    assert found(1, Step.QUARTER, programme=PROGRAMME) == Found(1, Step.QUARTER, 0, 2, 11)
    assert found(3, Step.YEAR, programme=PROGRAMME) == Found(3, Step.YEAR, 0, 0, 11)


def test_two_outcomes_that_look_at_one_month_are_one_event() -> None:
    twice = pl.DataFrame(
        {
            "pseudonym": ["a", "a", *"bcdef"],
            "outcome": ["y0", "baerum_0", *["y0"] * 5],
            "due_on": [date(2020, 1, 1)] * 7,
            "status": ["work"] * 7,
        }
    )
    # Were they two, a would be alone with the second.
    assert found(1, Step.MONTH, outcome=twice) == Found(1, Step.MONTH, 0, 0, 6)


def test_what_was_not_observed_is_no_event() -> None:
    outcome = pl.DataFrame(
        {"pseudonym": ["a", "b"], "due_on": [date(2020, 1, 1), date(2030, 1, 1)], "status": ["work", None]}
    )
    assert found(1, Step.MONTH, outcome=outcome).persons == 1


def test_spouses_do_not_hide_each_other() -> None:
    five = PROGRAMME.head(K)
    homes = pl.DataFrame({"pseudonym": ["p00", "p01"], "home": [1, 1]})
    assert {one.exposed for one in courses_in({"programme": five})} == {0}
    assert {one.exposed for one in courses_in({"programme": five}, homes)} == {K}


def test_spouses_have_one_home_whoever_named_the_other_last() -> None:
    family = pl.DataFrame(
        {
            "person_key": [2, 2, 3, 4],
            "spouse_key": [3, 1, None, 9],
            "registered_on": [date(2019, 1, 1), date(2020, 1, 1), date(2020, 1, 1), date(2020, 1, 1)],
        }
    )
    made = pl.DataFrame({"person_key": [1, 2, 3, 4], "pseudonym": list("abcd")})
    homes = homes_of(family, made)
    assert homes.sort("pseudonym").rows() == [(1, "a"), (1, "b"), (4, "d")]


def test_a_release_is_read_from_its_files(tmp_path: Path) -> None:
    assert courses_of(tmp_path) == ()
    (tmp_path / "data").mkdir()
    PROGRAMME.write_parquet(tmp_path / "data" / "programme.parquet")
    assert courses_of(tmp_path) == courses_in({"programme": PROGRAMME})


def test_what_was_not_asked_for_is_not_needed() -> None:
    assert found(1, Step.MONTH, programme=PROGRAMME.select("pseudonym", "started_month")).unique == 1
    assert courses_in({"programme": PROGRAMME.select("pseudonym", "programme_status")}) == ()


def test_shares_are_shown_and_no_count_is() -> None:
    lines = courses.rows([Found(2, Step.MONTH, unique=843, exposed=3, persons=1001)], "en")
    # 845 of 1,000, both rounded to 5; of 3 only that they are fewer than 5 of 1,000.
    assert lines == [("2 events and the month", "84.5%", "below 0.5%")]
    assert courses.rows([Found(1, Step.YEAR, 0, 0, 9)], "nb")[0][0] == "1 hendelse og året"


def test_every_day_that_a_pseudonymised_table_tells_is_an_event() -> None:
    days = {
        (name, column.name)
        for name, table in tables_of(OutputKind.PSEUDONYMISED).items()
        for column in columns(table)
        if column.dtype == pl.Date
    }
    assert days == {(name, day) for name, said in courses.SAID.items() for day in said}
    for name, said in courses.SAID.items():
        there = {column.name for column in columns(tables_of(OutputKind.PSEUDONYMISED)[name])}
        assert all(there.issuperset(told) for told in said.values())


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_heading_says_how_few(language: str) -> None:
    assert getattr(courses.HEADER[2], language).format(k=K).endswith(str(K))


def test_the_certificate_tells_it_once_of_all_pseudonymised_files() -> None:
    kind = OutputKind.PSEUDONYMISED
    told = courses_in({"programme": PROGRAMME})
    evidence = [Evidence(name="person", kind=kind, courses=told), Evidence(name="programme", kind=kind)]
    text = render(evidence, courses.TITLE, "en", "md").decode()
    assert text.count(courses.ABOUT.en) == text.count(courses.PERSONS.en) == 1
    assert "3 events and the year" in text
    with_homes = [replace(one, homes=True) for one in told]
    evidence = [Evidence(name="person", kind=kind, courses=tuple(with_homes))]
    assert courses.HOMES.nb in render(evidence, courses.TITLE, "nb", "html").decode()


def test_a_terminal_is_told_line_by_line() -> None:
    told = courses.in_words(courses_in({"programme": PROGRAMME}))
    assert len(told) == 1 + len(courses.STEPS) * courses.MOST_KNOWN
    assert courses.in_words(()) == []
